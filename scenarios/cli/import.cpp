#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "models/kubernetes/features.h"
#include "scenarios/cli/command_line.h"
#include "scenarios/cli/files.h"
#include "scenarios/import_runbook.h"

namespace scenarios::cli {

namespace {

/// A runbook is written by people; one of more than a MiB is something else.
constexpr std::size_t kScriptBytesMax = std::size_t{1} << 20U;

}  // namespace

void add_import(CLI::App& app, ImportOptions& options) {
  CLI::App* import = app.add_subcommand("import", "Turn a runbook script into a plan, a step a command");
  import->add_option("SCRIPT", options.script, "The script, as a person would give it to bash")->required();
  import->add_option("-o,--output", options.output, "The plan's file; without it, standard output");
  import->add_option("--kubernetes-version", options.version, "Of the cluster that it is for")
      ->default_val("1.35");
  import->footer(
      "Exit codes: 0 every command was taken, 1 some were not (they stay as comments), 2 bad input.");
}

int import_script(const ImportOptions& options) {
  models::kubernetes::Features features;
  for (const models::kubernetes::FeatureError& error :
       models::kubernetes::resolve_features(options.version, {}, features)) {
    fmt::print(stderr, "rehearse import: error: {}\n  hint: {}\n", error.problem, error.hint);
    return kBadInput;
  }
  const std::optional<std::string> script = read_file(options.script, kScriptBytesMax);
  if (!script) {
    return kBadInput;
  }
  if (script->find('\0') != std::string::npos) {
    fmt::print(stderr, "{}: error: this is no text\n  hint: give the script that bash would run\n",
               options.script);
    return kBadInput;
  }
  const ImportedPlan plan = import_runbook(*script, options.script, options.version);
  fmt::print(stderr, "{}", language::render(plan.not_taken.sorted()));
  if (plan.steps == 0) {
    fmt::print(stderr, "{}: error: no command of it can be rehearsed\n", options.script);
    return kBadInput;
  }
  if (options.output.empty()) {
    fmt::print("{}", plan.yaml);
  } else if (!write_file(options.output, plan.yaml)) {
    return kBadInput;
  } else {
    fmt::print("{}: {} steps. To rehearse it: rehearse run {} --cluster CLUSTER\n", options.output,
               plan.steps, options.output);
  }
  return plan.not_taken.has_errors() ? kFailed : kHeld;
}

}  // namespace scenarios::cli
