#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "scenarios/cli/command_line.h"
#include "scenarios/cli/files.h"
#include "scenarios/targets/live/kubectl.h"
#include "scenarios/targets/live/live_target.h"
#include "scenarios/targets/programs/processes.h"
#include "scenarios/targets/recording/redaction.h"

namespace scenarios::cli {

void add_snapshot(CLI::App& app, SnapshotOptions& options) {
  CLI::App* snapshot = app.add_subcommand(
      "snapshot", "Save the cluster of the current kubectl context as files for --cluster");
  snapshot->add_option("-o,--output", options.folder, "The folder to write to; it must not exist or be empty")
      ->required();
}

int snapshot(const SnapshotOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(options.folder, error) && !fs::is_empty(options.folder, error)) {
    fmt::print(stderr, "rehearse snapshot: {} exists and is not empty; name a new folder\n", options.folder);
    return kBadInput;
  }
  targets::Processes processes;
  targets::LiveOptions live;
  // What fixes where pods can run; a recording needs none of it.
  live.kinds.insert(live.kinds.end(), {"persistentvolumes", "storageclasses", "priorityclasses"});
  std::string problem;
  const std::optional<targets::KubectlVersions> versions = targets::kubectl_versions(processes, problem);
  if (versions && targets::serves_miniclusters(processes)) {
    live.kinds.emplace_back(targets::kMiniClusters);
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
    targets::RedactionCounts redacted;
    const auto redactor = targets::redactor_for(targets::OutputForm::Json, redacted);
    std::string text = redactor->feed(list.dump(1));
    text += redactor->finish() + "\n";
    const std::string path = fmt::format("{}/{}.json", options.folder, kind);
    if (!write_file(path, text)) {
      return kBadInput;
    }
    fmt::print("{}: {} objects\n", path, count);
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
