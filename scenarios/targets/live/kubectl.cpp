#include "scenarios/targets/live/kubectl.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

namespace scenarios::targets {

namespace {

using Json = nlohmann::ordered_json;

/// How long kubectl may take to answer. Assumed: a person would look into it by then.
constexpr sim::Duration kAnswer = std::chrono::seconds{60};

/// 32 of "v1.32.2"; -1 of anything else.
int minor_of(const std::string& version) {
  constexpr std::string_view kMajor = "v1.";
  int minor = -1;
  if (version.starts_with(kMajor)) {
    std::from_chars(version.data() + kMajor.size(), version.data() + version.size(), minor);
  }
  return minor;
}

}  // namespace

std::optional<std::string> output_of(Programs& programs, const std::vector<std::string>& arguments,
                                     std::string& problem, std::deque<ProgramEvent>* others) {
  const ProcessId process = programs.start(arguments, {});
  const sim::Time deadline = programs.now() + kAnswer;
  std::string output;
  std::string errors;
  while (const std::optional<ProgramEvent> event = programs.next(deadline)) {
    if (event->process != process) {
      if (others != nullptr) {
        others->push_back(*event);
      }
      continue;
    }
    switch (event->kind) {
      case ProgramEvent::Kind::Output:
        output += event->data;
        break;
      case ProgramEvent::Kind::Errors:
        errors += event->data;
        break;
      case ProgramEvent::Kind::NotStarted:
        problem = event->data;
        return std::nullopt;
      case ProgramEvent::Kind::Exited:
        if (event->exit_code == 0) {
          return output;
        }
        problem = fmt::format("{} exited with {}: {}", fmt::join(arguments, " "), event->exit_code, errors);
        return std::nullopt;
    }
  }
  programs.kill(process);
  if (problem = programs.over(); !problem.empty()) {
    return std::nullopt;
  }
  problem = fmt::format("{} did not answer within {} s", fmt::join(arguments, " "),
                        std::chrono::duration_cast<std::chrono::seconds>(kAnswer).count());
  return std::nullopt;
}

std::string kubeconfig_problem() {
  namespace fs = std::filesystem;
  const char* given = std::getenv("KUBECONFIG");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  std::error_code ignored;
  if (given == nullptr || *given == '\0') {
    return {};  // ~/.kube/config, or the service account of a pod
  }
  // Several files, as in PATH; those that are missing are passed over. Source: client-go
  // tools/clientcmd/loader.go.
  std::istringstream files(given);
  for (std::string file; std::getline(files, file, ':');) {
    if (!file.empty() && fs::exists(file, ignored)) {
      return {};
    }
  }
  return fmt::format("KUBECONFIG names {}, which does not exist", given);
}

std::optional<KubectlVersions> kubectl_versions(Programs& programs, std::string& problem) {
  if (problem = kubeconfig_problem(); !problem.empty()) {
    return std::nullopt;
  }
  const std::optional<std::string> text = output_of(programs, {"kubectl", "version", "-o", "json"}, problem);
  if (!text) {
    return std::nullopt;
  }
  const Json json = Json::parse(*text, nullptr, false);
  const auto version = [&](const char* side) {
    return json.is_object() && json.contains(side) && json[side].is_object()
               ? json[side].value("gitVersion", std::string())
               : std::string();
  };
  KubectlVersions versions{version("clientVersion"), version("serverVersion")};
  if (versions.client.empty() || versions.server.empty()) {
    problem = fmt::format("kubectl version names no {}: is KUBECONFIG right, and does the cluster answer?",
                          versions.client.empty() ? "client" : "server");
    return std::nullopt;
  }
  // --output-watch-events came with 1.17, --show-managed-fields with 1.21.
  const int minor = minor_of(versions.client);
  if (minor >= 0 && minor < 21) {
    problem = fmt::format("this kubectl is {}; 1.21 or later is needed (get --show-managed-fields)",
                          versions.client);
    return std::nullopt;
  }
  // Source: kubernetes.io/releases/version-skew-policy, kubectl.
  if (minor >= 0 && minor_of(versions.server) > minor + 1) {
    problem = fmt::format(
        "this kubectl is {} and the cluster {}: kubectl supports clusters that are one minor version newer; "
        "install kubectl {}",
        versions.client, versions.server, release_of(versions.server));
    return std::nullopt;
  }
  return versions;
}

std::vector<std::pair<std::string, bool>> feature_gates(Programs& programs) {
  // kubernetes_feature_enabled{name="ElasticIndexedJob",stage="BETA"} 1
  // Source: component-base/metrics/prometheus/feature/metrics.go.
  constexpr std::string_view kMetric = "kubernetes_feature_enabled{name=\"";
  std::string problem;
  const std::string text = output_of(programs, {"kubectl", "get", "--raw", "/metrics"}, problem).value_or("");
  std::vector<std::pair<std::string, bool>> gates;
  for (std::size_t at = text.find(kMetric); at != std::string::npos; at = text.find(kMetric, at + 1)) {
    const std::size_t begin = at + kMetric.size();
    const std::size_t end = text.find('"', begin);
    const std::size_t line_end = text.find('\n', begin);
    if (end == std::string::npos || line_end == std::string::npos || end > line_end) {
      break;
    }
    gates.emplace_back(text.substr(begin, end - begin), text[line_end - 1] == '1');
  }
  return gates;
}

}  // namespace scenarios::targets
