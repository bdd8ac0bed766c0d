#include "scenarios/explore.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "models/timing/distribution.h"
#include "scenarios/cli/command_line.h"
#include "scenarios/cli/files.h"

namespace scenarios::cli {

namespace {

namespace kubernetes = models::kubernetes;
using Exploration = sim::Exploration<kubernetes::Fault>;

/// The run again, with the finding's first fault, so that its causes can be told.
sim::ResultRecord perform_again(const Rehearsal& rehearsal, const sim::Found<kubernetes::Fault>& found) {
  sim::NominalChoices choices;
  if (found.placements.empty()) {
    return perform(rehearsal, choices, 0);
  }
  std::vector<FaultPlacement> placements;
  for (const auto& placement : found.placements) {
    placements.push_back({placement.after_event, placement.fault});
  }
  return perform(rehearsal, choices, 0, placements);
}

const sim::Finding* finding_named(const sim::ResultRecord& record, const std::string& name) {
  for (const sim::Finding& finding : record.findings) {
    const std::string full =
        finding.parameters.empty() ? finding.check : finding.check + " " + finding.parameters;
    if (full == name && finding.verdict == sim::Verdict::Violated) {
      return &finding;
    }
  }
  return nullptr;
}

std::string time_text(sim::Time at) { return models::timing::duration_text(at); }

void print_found(const Rehearsal& rehearsal, const sim::Found<kubernetes::Fault>& found) {
  fmt::print("\nVIOLATED     {}\n", found.finding);
  if (found.placements.empty()) {
    fmt::print("  without any fault\n");
  }
  for (const auto& placement : found.placements) {
    fmt::print("  fault      at {}: {}\n", time_text(placement.at), placement.text);
  }
  const sim::ResultRecord record = perform_again(rehearsal, found);
  if (const sim::Finding* finding = finding_named(record, found.finding)) {
    fmt::print("  {}\n", finding->summary);
    for (const sim::Because& link : finding->because) {
      const std::size_t colon = link.place.rfind(':');
      fmt::print("  because    {}  {}{}\n", time_text(link.at), link.text,
                 link.place.empty() ? "" : fmt::format(" (line {})", link.place.substr(colon + 1)));
    }
  }
}

nlohmann::ordered_json to_json(const Rehearsal& rehearsal, const Exploration& exploration) {
  auto findings = nlohmann::ordered_json::array();
  for (const auto& found : exploration.findings) {
    auto faults = nlohmann::ordered_json::array();
    for (const auto& placement : found.placements) {
      faults.push_back({{"after_event", placement.after_event},
                        {"at_ns", placement.at.count()},
                        {"fault", placement.text}});
    }
    findings.push_back({{"finding", found.finding}, {"faults", std::move(faults)}});
  }
  return {{"kind", "rehearsal/exploration"},      {"scenario", rehearsal.scenario.title.value},
          {"boundaries", exploration.boundaries}, {"worlds", exploration.worlds},
          {"merged", exploration.merged},         {"events", exploration.events},
          {"complete", exploration.complete},     {"findings", std::move(findings)}};
}

}  // namespace

void add_explore(CLI::App& app, ExploreOptions& options) {
  CLI::App* explore = app.add_subcommand("explore", "Perform a scenario with every fault at every moment");
  explore->add_option("SCENARIO", options.scenario, "The scenario file")->required();
  explore->add_option("--faults", options.faults, "At most so many faults in one run")
      ->check(CLI::Range(0, 4));
  explore->add_option("--worlds-max", options.worlds_max, "Stop, incomplete, after so many runs")
      ->check(CLI::PositiveNumber);
  explore->add_option("--cluster", options.cluster, "Manifests or snapshots, files or folders");
  explore->add_option("--set", options.set, "Change a value of the scenario: --set path=value")
      ->allow_extra_args(false);
  explore->add_option("--save", options.save, "Write what was found as JSON to this file");
  explore->add_flag("--no-merge", options.no_merge,
                    "Run every fork to its end, also where it comes to a world seen before");
  explore->add_flag("--json", options.json, "Print what was found as JSON");
}

int explore(const ExploreOptions& options) {
  language::Diagnostics diagnostics;
  const std::optional<Rehearsal> rehearsal =
      load({options.scenario, {}, options.set, options.cluster}, diagnostics);
  fmt::print(stderr, "{}", language::render(diagnostics.sorted()));
  if (!rehearsal) {
    return kBadInput;
  }
  sim::ExploreLimits limits;
  limits.faults = options.faults;
  limits.worlds_max = options.worlds_max;
  limits.merge = !options.no_merge;
  const Exploration exploration = scenarios::explore(*rehearsal, limits);
  const std::string json = to_json(*rehearsal, exploration).dump(1) + "\n";
  if (!options.save.empty() && !write_file(options.save, json)) {
    return kBadInput;
  }
  if (options.json) {
    fmt::print("{}", json);
    return exploration.findings.empty() ? kHeld : kFailed;
  }
  fmt::print("Explored: {}\n", rehearsal->scenario.title.value);
  fmt::print(
      "{} runs with up to {} fault{}, at each of {} event boundaries{}; {} merged into worlds seen before.\n",
      exploration.worlds, options.faults, options.faults == 1 ? "" : "s", exploration.boundaries,
      exploration.complete ? ", which is every placement" : "; NOT all placements: a limit was reached",
      exploration.merged);
  for (const auto& found : exploration.findings) {
    print_found(*rehearsal, found);
  }
  fmt::print("\n{}\n", exploration.findings.empty()
                           ? "All held."
                           : fmt::format("{} finding{}.", exploration.findings.size(),
                                         exploration.findings.size() == 1 ? "" : "s"));
  return exploration.findings.empty() ? kHeld : kFailed;
}

}  // namespace scenarios::cli
