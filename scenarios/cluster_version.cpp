#include "scenarios/cluster_version.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace scenarios {

namespace {

using Json = nlohmann::ordered_json;
using language::Version;

/// What kubectl prints of two versions is far smaller.
constexpr std::size_t kVersionFileMax = std::size_t{64} << 10U;

constexpr std::string_view kKubeletField = "status.nodeInfo.kubeletVersion";

std::string text_at(const Json& object, const char* pointer) {
  const Json::json_pointer at(pointer);
  return object.is_object() && object.contains(at) && object[at].is_string() ? object[at].get<std::string>()
                                                                             : std::string();
}

std::optional<Version> read_version(const std::string& told) {
  return language::parse_version(release_of(told)).value;
}

}  // namespace

std::string release_of(std::string version) {
  if (version.starts_with('v')) {
    version.erase(0, 1);
  }
  return version.substr(0, version.find_first_of("-+"));
}

bool ClusterVersion::take_file(const std::string& file, language::Diagnostics& diagnostics) {
  std::error_code error;
  if (!file.ends_with(".json") || std::filesystem::file_size(file, error) > kVersionFileMax || error) {
    return false;
  }
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.contains("kind") ||
      !(json.contains("serverVersion") || json.contains("clientVersion"))) {
    return false;
  }
  const std::string told = text_at(json, "/serverVersion/gitVersion");
  if (const std::optional<Version> release = read_version(told)) {
    server_ = Place{*release, {file, 1, 1}, std::filesystem::path(file).filename().string(), told};
  } else {
    diagnostics.warning({file, 1, 1}, "serverVersion.gitVersion",
                        told.empty() ? "there is no version of the API server here"
                                     : fmt::format("\"{}\" is not a Kubernetes version", told),
                        "save what kubectl version -o json prints while the cluster answers");
  }
  return true;
}

void ClusterVersion::take_object(const Json& object, const language::Location& at) {
  if (text_at(object, "/kind") != "Node") {
    return;
  }
  const std::string told = text_at(object, "/status/nodeInfo/kubeletVersion");
  const std::optional<Version> release = read_version(told);
  if (!release) {
    return;
  }
  const Place kubelet{*release, at, text_at(object, "/metadata/name"), told};
  ++kubelets_;
  if (!newest_ || newest_->release < *release) {
    newest_ = kubelet;
  }
  if (!oldest_ || *release < oldest_->release) {
    oldest_ = kubelet;
  }
}

std::optional<ToldVersion> ClusterVersion::told() const {
  const auto what = [](const Version& release) {
    return fmt::format("Kubernetes version {}", language::format_version(release));
  };
  if (server_) {
    return ToldVersion{server_->release,
                       server_->at,
                       "serverVersion.gitVersion",
                       {what(server_->release), "stated",
                        fmt::format("{}: the API server is {}", server_->name, server_->as_told)}};
  }
  if (!newest_) {
    return std::nullopt;
  }
  const std::string which =
      oldest_->release == newest_->release
          ? fmt::format("that of the kubelets ({} {})", kubelets_, kubelets_ == 1 ? "node" : "nodes")
          : fmt::format("that of the newest kubelet, on {} (the oldest is {})", newest_->name,
                        oldest_->as_told);
  return ToldVersion{
      newest_->release,
      newest_->at,
      std::string(kKubeletField),
      {what(newest_->release), "assumed", which + "; a control plane is at least as new as its kubelets"}};
}

void ClusterVersion::warn_of_newer_kubelets(const Version& release,
                                            language::Diagnostics& diagnostics) const {
  const bool newer = newest_ && (newest_->release.major_number > release.major_number ||
                                 (newest_->release.major_number == release.major_number &&
                                  newest_->release.minor_number > release.minor_number));
  if (newer) {
    diagnostics.warning(
        newest_->at, std::string(kKubeletField),
        fmt::format("the kubelet of {} is {}, newer than the {} that is rehearsed", newest_->name,
                    newest_->as_told, language::format_version(release)),
        "a control plane is at least as new as its kubelets: is cluster.kubernetes.version right?");
  }
}

}  // namespace scenarios
