#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "scenarios/cli/command_line.h"
#include "scenarios/cli/files.h"
#include "scenarios/targets/live/kubectl.h"
#include "scenarios/targets/live/live_target.h"
#include "scenarios/targets/live/surroundings.h"
#include "scenarios/targets/programs/processes.h"
#include "scenarios/targets/recording/redaction.h"

namespace scenarios::cli {

void add_snapshot(CLI::App& app, SnapshotOptions& options) {
  CLI::App* snapshot = app.add_subcommand(
      "snapshot", "Save the cluster of the current kubectl context as files for --cluster");
  snapshot->add_option("-o,--output", options.folder, "The folder to write to; it must not exist or be empty")
      ->required();
  snapshot->footer(
      "It holds the objects that are modelled, MiniClusters and the resource of IOMesh where the cluster "
      "serves "
      "them, and,\nwhere OS_CLOUD or OS_AUTH_URL names a cloud, its servers.\n"
      "Exit codes: 0 saved, 2 the cluster does not answer, or the folder cannot be written.");
}

namespace {

/// Writes what a program printed, without the secrets in it. @return false: it cannot be written.
bool save(const std::string& path, const std::string& json) {
  targets::RedactionCounts redacted;
  const auto redactor = targets::redactor_for(targets::OutputForm::Json, redacted);
  std::string text = redactor->feed(json);
  text += redactor->finish() + "\n";
  return write_file(path, text);
}

/// The servers below the cluster; a cloud that does not answer is told, and the rest of the snapshot stands.
bool save_servers(targets::Processes& processes, const std::string& folder) {
  std::string problem;
  const std::optional<std::string> servers = targets::server_list(processes, problem);
  if (!servers) {
    targets::RedactionCounts unused;
    fmt::print(stderr, "rehearse snapshot: warning: the servers of the cloud are left out: {}\n",
               targets::redact_text(problem, unused));
    return true;
  }
  const auto list = nlohmann::ordered_json::parse(*servers);
  const std::string path = fmt::format("{}/servers.json", folder);
  if (!save(path, list.dump(1))) {
    return false;
  }
  fmt::print("{}: {} servers\n", path, list.size());
  return true;
}

}  // namespace

int snapshot(const SnapshotOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(options.folder, error) && !fs::is_empty(options.folder, error)) {
    fmt::print(stderr, "rehearse snapshot: {} exists and is not empty; name a new folder\n", options.folder);
    return kBadInput;
  }
  targets::Processes processes;
  targets::LiveOptions live;
  // What fixes where pods can run, and which volumes are attached; a recording needs none of it.
  live.kinds.insert(live.kinds.end(),
                    {"persistentvolumes", "storageclasses", "csidrivers", "priorityclasses"});
  std::string problem;
  const std::optional<targets::KubectlVersions> versions = targets::kubectl_versions(processes, problem);
  if (versions && targets::serves_miniclusters(processes)) {
    live.kinds.emplace_back(targets::kMiniClusters);
  }
  if (const std::string storage = versions ? targets::iomesh_resource(processes) : ""; !storage.empty()) {
    live.kinds.push_back(storage);
  }
  const std::optional<targets::ClusterSnapshot> taken =
      versions ? targets::take_snapshot(processes, live, problem) : std::nullopt;
  if (!taken) {
    targets::RedactionCounts unused;
    fmt::print(stderr, "rehearse snapshot: {}\n", targets::redact_text(problem, unused));
    return kBadInput;
  }
  std::map<std::string, nlohmann::ordered_json> by_kind;
  for (const nlohmann::ordered_json& item : taken->items) {
    by_kind[item.value("kind", "Object")].push_back(item);
  }
  fs::create_directories(options.folder, error);
  if (!fs::is_directory(options.folder)) {
    fmt::print(stderr, "rehearse snapshot: {} cannot be made: {}\n", options.folder, error.message());
    return kBadInput;
  }
  for (auto& [kind, items] : by_kind) {
    const std::size_t count = items.size();
    nlohmann::ordered_json list = {{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}};
    const std::string path = fmt::format("{}/{}.json", options.folder, kind);
    if (!save(path, list.dump(1))) {
      return kBadInput;
    }
    fmt::print("{}: {} objects\n", path, count);
  }
  if (targets::cloud_is_named() && !save_servers(processes, options.folder)) {
    return kBadInput;
  }
  // As kubectl version -o json prints it; --cluster takes the release from it.
  const nlohmann::ordered_json version = {{"serverVersion", {{"gitVersion", versions->server}}}};
  if (!write_file(options.folder + "/version.json", version.dump(1) + "\n")) {
    return kBadInput;
  }
  fmt::print("Kubernetes {}. To rehearse a plan on it: rehearse run PLAN --cluster {}\n", versions->server,
             options.folder);
  return kHeld;
}

}  // namespace scenarios::cli
