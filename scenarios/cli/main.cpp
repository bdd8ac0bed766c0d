#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "scenarios/cli/command_line.h"
#include "scenarios/run.h"

namespace scenarios::cli {

int main(int argc, char** argv) {
  CLI::App app{"Rehearse a scaling plan before you perform it.", "rehearse"};
  app.set_version_flag("--version", fmt::format("rehearse {}", tool_version()));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 all held, 1 a check or expectation failed, 2 bad input.\n"
      "A scenario to begin with: rehearse run scenarios/library/flux/downsize.yaml");
  RunOptions run_options;
  ExploreOptions explore_options;
  TestOptions test_options;
  ExplainOptions explain_options;
  ImportOptions import_options;
  RecordOptions record_options;
  SnapshotOptions snapshot_options;
  ReplayOptions replay_options;
  add_run(app, run_options);
  add_explore(app, explore_options);
  add_test(app, test_options);
  add_explain(app, explain_options);
  add_import(app, import_options);
  add_snapshot(app, snapshot_options);
  add_record(app, record_options);
  add_replay(app, replay_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kHeld : kBadInput;
  }
  if (app.got_subcommand("run")) {
    return run(run_options);
  }
  if (app.got_subcommand("explore")) {
    return explore(explore_options);
  }
  if (app.got_subcommand("test")) {
    return test(test_options);
  }
  if (app.got_subcommand("import")) {
    return import_script(import_options);
  }
  if (app.got_subcommand("snapshot")) {
    return snapshot(snapshot_options);
  }
  if (app.got_subcommand("record")) {
    return record(record_options);
  }
  if (app.got_subcommand("replay")) {
    return replay(replay_options);
  }
  return explain(explain_options);
}

}  // namespace scenarios::cli

int main(int argc, char** argv) {
  try {
    return scenarios::cli::main(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "rehearse: internal error: {}\n", error.what());
    return 70;
  }
}
