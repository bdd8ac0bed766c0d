#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "reports/text.h"
#include "scenarios/cli/command_line.h"
#include "scenarios/cli/files.h"
#include "scenarios/cli/terminal.h"
#include "scenarios/language/duration.h"
#include "scenarios/run.h"
#include "scenarios/targets/live/kubectl.h"
#include "scenarios/targets/live/live_target.h"
#include "scenarios/targets/live/program_arguments.h"
#include "scenarios/targets/programs/interruption.h"
#include "scenarios/targets/programs/processes.h"
#include "scenarios/targets/programs/recording_programs.h"

namespace scenarios::cli {

namespace {

constexpr std::size_t kPlanBytesMax = std::size_t{16} << 20U;
/// As long as anybody watches: a hundred years.
constexpr sim::Duration kForever = std::chrono::hours{24 * 36500};
/// The exit code of a program that signal n ended is 128 + n, as shells say it.
constexpr int kSignalled = 128;
/// A plan that does nothing: what --watch-only performs.
constexpr const char* kNoPlan = "apiVersion: rehearsal/v1\nscenario: watched, nothing performed\n";

/// What programs say may hold what nobody should read on a terminal.
int fail(const std::string& problem) {
  targets::RedactionCounts unused;
  fmt::print(stderr, "rehearse record: {}\n", targets::redact_text(problem, unused));
  return kBadInput;
}

/// Why no new file can be written there; empty if one can.
std::string cannot_create(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(path, ignored))) {
    return fmt::format("{}: exists already; a recording never replaces another one", path);
  }
  const std::string parent = fs::path(path).parent_path().string();
  const std::string folder = parent.empty() ? "." : parent;
  if (!fs::is_directory(folder, ignored)) {
    return fmt::format("{}: there is no folder {}", path, folder);
  }
  return ::access(folder.c_str(), W_OK | X_OK) == 0
             ? std::string()
             : fmt::format("{}: the folder {} cannot be written to: {}", path, folder, std::strerror(errno));
}

std::string name_of_signal(int number) {
  return number == SIGINT ? "Ctrl-C" : number == SIGHUP ? "the end of its terminal" : "SIGTERM";
}

/// Asks on the terminal. Without one, only --yes counts as agreement.
bool agreed(std::size_t steps, const std::string& context) {
  if (isatty(STDIN_FILENO) == 0) {
    fmt::print(stderr,
               "rehearse record: not on a terminal, so nobody can be asked: --yes agrees beforehand\n");
    return false;
  }
  fmt::print("Perform {} step{} on the cluster of context \"{}\"? [y/N] ", steps, steps == 1 ? "" : "s",
             context);
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

/// The flags of the control plane's parts, by part. @return nothing if one is written otherwise.
std::optional<nlohmann::ordered_json> flags_by_part(const std::vector<std::string>& flags) {
  nlohmann::ordered_json parts = nlohmann::ordered_json::object();
  for (const std::string& flag : flags) {
    const std::size_t equals = flag.find("=--");
    if (equals == std::string::npos || equals == 0) {
      fmt::print(stderr,
                 "rehearse record: --flag {}: write PART=FLAG, as in "
                 "kube-controller-manager=--node-monitor-grace-period=20s\n",
                 flag);
      return std::nullopt;
    }
    parts[flag.substr(0, equals)].push_back(flag.substr(equals + 1));
  }
  return parts;
}

/// Whether every fault of the plan was struck; tells of those that were not.
bool all_struck(const std::vector<targets::Strike>& strikes) {
  bool all = true;
  for (std::size_t i = 0; i < strikes.size(); ++i) {
    const targets::Strike& strike = strikes[i];
    if (!strike.struck || !strike.problem.empty()) {
      fmt::print(stderr, "rehearse record: faults[{}] was not struck: {}\n", i,
                 strike.problem.empty() ? "the plan was over before" : strike.problem);
      all = false;
    }
  }
  return all;
}

/// Objects that the first look showed were not created then. Nodes are not told of either way.
void tell_what_was_there(sim::ResultRecord& result, const targets::LiveRun& run) {
  const std::size_t shown =
      std::min<std::size_t>(run.begins - run.history.first_id(), result.transitions.size());
  for (std::size_t i = 0; i < shown; ++i) {
    sim::ToldTransition& told = result.transitions[i];
    if (told.change == "created" && !told.subject.starts_with("node ")) {
      told.change = "was there";
    }
  }
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

}  // namespace

void add_record(CLI::App& app, RecordOptions& options) {
  CLI::App* record = app.add_subcommand(
      "record", "Perform a plan on the cluster of the current kubectl context, and record all that it shows");
  CLI::Option* plan = record->add_option("PLAN", options.plan, "The plan: a scenario without cluster:");
  record->add_option("-o,--output", options.output, "The recording: a new file, NAME.jsonl.zst or NAME.jsonl")
      ->required();
  record->add_flag("--yes", options.yes, "Perform without asking");
  CLI::Option* watch =
      record->add_flag("--watch-only", options.watch_only, "Perform nothing, record what happens");
  record->add_option("--for", options.how_long, "With --watch-only: how long, as in 5m (else until Ctrl-C)")
      ->needs(watch);
  record
      ->add_option("--also-watch", options.also_watch,
                   "Further kinds to watch and record, as kubectl names them, comma-separated")
      ->delimiter(',');
  record->add_option(
      "--flag", options.flags,
      "PART=FLAG: a flag that a part of the control plane runs with, which kubectl cannot tell; "
      "it is written into the recording's header");
  record->add_flag("--strike-faults", options.strike_faults,
                   "Let the plan's faults strike; only the reference control plane can");
  record->add_flag("--unknown-commands", options.unknown_commands,
                   "Perform commands that the simulator does not know, too");
  record->add_flag("--json", options.json, "Print the result record as JSON");
  watch->excludes(plan);
}

int record(const RecordOptions& options) {
  if (options.plan.empty() && !options.watch_only) {
    return fail("which plan? give a file, or --watch-only");
  }
  std::string text = kNoPlan;
  targets::LiveOptions live;
  if (options.watch_only) {
    live.quiet = live.at_most = kForever;
    if (!options.how_long.empty()) {
      const auto how_long = language::parse_duration(options.how_long);
      if (!how_long.value) {
        return fail(fmt::format("--for {}: {}", options.how_long, how_long.problem));
      }
      live.quiet = live.at_most = *how_long.value;
    }
  } else {
    const std::optional<std::string> read = read_file(options.plan, kPlanBytesMax);
    if (!read) {
      return kBadInput;
    }
    text = *read;
  }

  for (const std::string& kind : options.also_watch) {
    if (std::find(live.kinds.begin(), live.kinds.end(), kind) == live.kinds.end()) {
      live.kinds.push_back(kind);
    }
  }
  const std::optional<nlohmann::ordered_json> flags = flags_by_part(options.flags);
  if (!flags) {
    return kBadInput;
  }
  // Nothing is asked of a cluster for a recording that cannot be written.
  std::string problem = cannot_create(options.output);
  if (!problem.empty()) {
    return fail(problem);
  }
  targets::Processes asking;
  const std::optional<targets::KubectlVersions> versions = targets::kubectl_versions(asking, problem);
  if (!versions) {
    return fail(problem);
  }
  const std::string context =
      trimmed(targets::output_of(asking, {"kubectl", "config", "current-context"}, problem).value_or("?"));

  targets::RecordingHeader header;
  header.tool = fmt::format("rehearse {}", tool_version());
  header.programs = {{"kubectl", versions->client}};
  if (targets::serves_miniclusters(asking)) {
    live.kinds.emplace_back(targets::kMiniClusters);
  }
  const std::vector<std::pair<std::string, bool>> gates = targets::feature_gates(asking);
  header.cluster = {{"version", versions->server}, {"featureGates", nlohmann::ordered_json::object()}};
  for (const auto& [gate, on] : gates) {
    header.cluster["featureGates"][gate] = on;
  }
  if (!flags->empty()) {
    header.cluster["flags"] = *flags;
  }
  header.cluster["kinds"] = live.kinds;
  header.plan = options.watch_only ? std::string() : text;
  // The plan is tried on what is there before anything is performed or written.
  const std::optional<targets::ClusterSnapshot> before = targets::take_snapshot(asking, live, problem);
  if (!before) {
    return fail(problem);
  }
  const std::string version = release_of(versions->server);
  const std::string name = options.watch_only ? "(watched)" : options.plan;
  const auto build = [&](const targets::ClusterSnapshot& snapshot, bool tell) -> std::optional<Rehearsal> {
    language::Diagnostics diagnostics;
    std::optional<Rehearsal> rehearsal =
        load({name, text, {}, {}, &snapshot.items, version, gates, options.unknown_commands}, diagnostics);
    const bool strikable =
        !rehearsal || !options.strike_faults || targets::strikable(rehearsal->scenario, diagnostics);
    if (rehearsal) {
      targets::judge_programs(*rehearsal, diagnostics);
      if (diagnostics.has_errors()) {
        rehearsal.reset();
      }
    }
    if (tell || !rehearsal) {
      fmt::print(stderr, "{}", language::render(diagnostics.sorted()));
    }
    if (rehearsal && rehearsal->scenario.cluster) {
      fmt::print(stderr, "{}: error: a plan for a real cluster describes none: take cluster: out\n", name);
      return std::nullopt;
    }
    if (rehearsal && !rehearsal->scenario.faults.empty() && !options.strike_faults) {
      fmt::print(stderr,
                 "{}: error: nobody strikes faults on a real cluster: take faults: out, or, on the reference "
                 "control plane, give --strike-faults\n",
                 name);
      return std::nullopt;
    }
    return strikable ? rehearsal : std::nullopt;
  };
  const std::optional<Rehearsal> tried = build(*before, true);
  if (!tried) {
    return kBadInput;
  }
  if (!options.watch_only && !options.yes && !agreed(tried->scenario.plan.size(), context)) {
    return kBadInput;
  }

  const targets::Interruption interruption;
  targets::ProcessesOptions with_signals;
  with_signals.wake = interruption.descriptor();
  if (options.strike_faults) {
    with_signals.allowed.emplace_back("control-plane");
  }
  targets::Processes processes(with_signals);
  header.started = processes.started();
  targets::RecordingWriter writer(options.output, header);
  if (!writer.problem().empty()) {
    return fail(writer.problem());  // nothing is performed that cannot be recorded
  }
  targets::RecordingPrograms programs(processes, writer);
  const std::optional<targets::ClusterSnapshot> snapshot = targets::take_snapshot(programs, live, problem);
  const std::optional<Rehearsal> rehearsal = snapshot ? build(*snapshot, false) : std::nullopt;
  if (!rehearsal) {
    programs.finish();
    std::remove(options.output.c_str());  // it holds nothing that was performed
    fail(problem.empty() ? "the cluster has changed, and the plan does not fit it any more" : problem);
    return interruption.signal() != 0 ? kSignalled + interruption.signal() : kBadInput;
  }
  const targets::LiveRun run = targets::perform_live(*rehearsal, *snapshot, programs, live);
  if (interruption.signal() != 0) {
    programs.note({{"interrupted", name_of_signal(interruption.signal())}});
  }
  programs.finish();
  if (!programs.problem().empty()) {
    return fail(programs.problem());
  }
  if (!all_struck(run.strikes)) {
    return kBadInput;
  }
  sim::ResultRecord result = tell_run(*rehearsal, run.world, run.history, 0);
  tell_what_was_there(result, run);
  // Who watches without --for says so that it is enough.
  const bool enough = options.watch_only && options.how_long.empty() && interruption.signal() != 0;
  for (const std::string& note : run.notes) {
    if (!enough || !note.starts_with("the run ends before its time")) {
      result.warnings.push_back(note);
    }
  }
  result.basis = {
      {fmt::format("Kubernetes {}", versions->server), "measured", "performed on a real cluster"}};
  // What was only watched has no plan that could be simulated.
  result.repeat = options.watch_only ? std::string() : fmt::format("rehearse replay {}", options.output);
  if (options.json) {
    fmt::print("{}\n", sim::to_json(result).dump(1));
  } else {
    fmt::print("{}", reports::text(result, {terminal_has_colour(), terminal_width(), false, false}));
  }
  if (interruption.signal() != 0) {
    fmt::print(stderr, "rehearse record: ended by {}; {} is whole up to there\n",
               name_of_signal(interruption.signal()), options.output);
    return enough ? kHeld : kSignalled + interruption.signal();
  }
  return result.passed || options.watch_only ? kHeld : kFailed;
}

}  // namespace scenarios::cli
