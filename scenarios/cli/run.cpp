#include "scenarios/run.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "reports/text.h"
#include "scenarios/cli/command_line.h"
#include "scenarios/cli/files.h"
#include "scenarios/cli/terminal.h"

namespace scenarios::cli {

namespace {

constexpr std::size_t kChoicesBytesMax = std::size_t{256} << 20U;

/// The choices of a saved run: a result record, or a bare list.
std::optional<std::vector<sim::Choice>> read_choices(const std::string& path) {
  const std::optional<std::string> content = read_file(path, kChoicesBytesMax);
  if (!content) {
    return std::nullopt;
  }
  const auto json = nlohmann::ordered_json::parse(*content, nullptr, false);
  std::string problem = "this is not JSON";
  std::optional<std::vector<sim::Choice>> choices;
  if (json.is_array()) {
    choices = sim::choices_from_json(json, problem);
  } else if (json.is_object()) {
    std::optional<sim::ResultRecord> record = sim::result_from_json(json, problem);
    if (record) {
      choices = std::move(record->choices);
    }
  }
  if (!choices) {
    fmt::print(stderr, "{}:1:1: error: {}\n  hint: write a file with rehearse run SCENARIO --save FILE\n",
               path, problem);
  }
  return choices;
}

}  // namespace

void add_run(CLI::App& app, RunOptions& options) {
  CLI::App* run = app.add_subcommand("run", "Perform a scenario once: timeline, verdict, exit code");
  run->add_option("SCENARIO", options.scenarios, "Scenario files, or plans together with --cluster")
      ->required();
  run->add_option("--cluster", options.cluster,
                  "Where the plan is rehearsed: manifests or snapshots (kubectl get … -A -o json|yaml), "
                  "files or folders");
  run->add_option("--seed", options.seed, "Seed of all chance (default: the scenario's, else 1)");
  run->add_option("--choices", options.choices, "Repeat a saved run bit by bit: a file written by --save");
  run->add_option("--save", options.save, "Write the result record, choices included, to this file");
  run->add_option("--set", options.set,
                  "Change a value of the scenario: --set cluster.miniclusters.flux-sample.size=6")
      ->allow_extra_args(false);
  run->add_flag("--json", options.json, "Print the result record as JSON");
  run->add_flag("--verbose", options.verbose,
                "Show every transition in the timeline, and all that commands print");
}

int run(const RunOptions& options) {
  int code = kHeld;
  for (const std::string& file : options.scenarios) {
    language::Diagnostics diagnostics;
    const std::optional<Rehearsal> rehearsal = load({file, {}, options.set, options.cluster}, diagnostics);
    fmt::print(stderr, "{}", language::render(diagnostics.sorted()));
    if (!rehearsal) {
      code = kBadInput;
      continue;
    }
    const std::uint64_t seed =
        options.seed.value_or(static_cast<std::uint64_t>(rehearsal->scenario.seed.value));
    sim::SeededChoices seeded(seed);
    std::optional<sim::ScriptedChoices> scripted;
    if (!options.choices.empty()) {
      const std::optional<std::vector<sim::Choice>> script = read_choices(options.choices);
      if (!script) {
        return kBadInput;
      }
      scripted.emplace(*script, seeded);
    }
    sim::ResultRecord record =
        perform(*rehearsal, scripted ? static_cast<sim::Choices&>(*scripted) : seeded, seed);
    if (!options.choices.empty()) {
      record.repeat += fmt::format(" --choices {}", options.choices);
      if (scripted->unsettled() > 0) {
        record.warnings.push_back(
            fmt::format("{} does not settle {} choices of this run; they were drawn by the seed",
                        options.choices, scripted->unsettled()));
      }
    }
    if (!options.save.empty() && !write_file(options.save, sim::to_json(record).dump(1) + "\n")) {
      return kBadInput;
    }
    if (options.json) {
      fmt::print("{}\n", sim::to_json(record).dump(1));
    } else {
      fmt::print("{}", reports::text(record, {terminal_has_colour(), terminal_width(), options.verbose}));
    }
    if (!record.passed && code == kHeld) {
      code = kFailed;
    }
  }
  return code;
}

}  // namespace scenarios::cli
