#include "scenarios/targets/replay.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/kubernetes/vocabulary.h"
#include "scenarios/cli/command_line.h"
#include "scenarios/targets/openstack/cloud_replay.h"

namespace scenarios::cli {

namespace {

using Json = nlohmann::ordered_json;
using targets::Comparison;
using targets::Disagreement;

constexpr std::size_t kDifferencesShown = 10;
/// Simulations by chance alone that durations are held against.
constexpr std::size_t kSeeds = 20;

std::string_view word(Disagreement kind) {
  switch (kind) {
    case Disagreement::Missing:
      return "missing";
    case Disagreement::Extra:
      return "extra";
    case Disagreement::OutOfOrder:
      return "out of order";
  }
  return "";
}

double seconds(sim::Time at) { return static_cast<double>(at.count()) / 1e9; }

Json tally_json(const targets::Tally& tally) {
  return {{"matched", tally.matched},
          {"missing", tally.missing},
          {"extra", tally.extra},
          {"out_of_order", tally.out_of_order},
          {"share", tally.share()}};
}

Json result_json(const std::string& path, const targets::ReplayResult& result) {
  const Comparison& comparison = result.comparison;
  Json controllers = Json::object();
  for (const auto& [controller, tally] : comparison.by_controller) {
    controllers[controller] = tally_json(tally);
  }
  Json differences = Json::array();
  for (const targets::Difference& one : comparison.differences) {
    differences.push_back({{"kind", word(one.kind)},
                           {"at_ns", one.observation.at.count()},
                           {"subject", one.observation.subject},
                           {"change", one.observation.change},
                           {"controller", one.controller},
                           {"cause", one.cause}});
  }
  Json commands = Json::array();
  for (const targets::CommandDifference& one : result.commands) {
    commands.push_back({{"command", one.command}, {"difference", one.what}});
  }
  Json outputs = Json::array();
  for (const targets::OutputDifference& one : result.outputs) {
    outputs.push_back(
        {{"command", one.command}, {"recorded", one.line.recorded}, {"simulated", one.line.simulated}});
  }
  Json durations = Json::array();
  for (const targets::StepDuration& one : result.durations.steps) {
    Json duration{{"step", one.step}, {"recorded_ns", one.recorded.count()}};
    if (one.low) {
      duration["p5_ns"] = one.low->count();
      duration["p95_ns"] = one.high->count();
    }
    duration["inside"] = one.inside();
    durations.push_back(std::move(duration));
  }
  Json kubectl = result.durations.kubectl ? Json(result.durations.kubectl->count()) : Json();
  return {{"recording", path},
          {"version", result.version},
          {"all", tally_json(comparison.all)},
          {"by_controller", std::move(controllers)},
          {"differences", std::move(differences)},
          {"commands_compared", result.commands_compared},
          {"command_differences", std::move(commands)},
          {"outputs_compared", result.outputs_compared},
          {"output_differences", std::move(outputs)},
          {"durations", std::move(durations)},
          {"kubectl_ns", std::move(kubectl)},
          {"processes_not_started", result.decisions_changed},
          {"notes", result.notes}};
}

void print_sides(const Comparison& comparison) {
  fmt::print("  the object of the first difference, recorded | simulated:\n");
  const std::size_t rows = std::max(comparison.first_recorded.size(), comparison.first_simulated.size());
  for (std::size_t i = 0; i < rows; ++i) {
    const auto side = [&](const std::vector<std::string>& lines) {
      return i < lines.size() ? lines[i] : std::string();
    };
    fmt::print("    {:<66.66} | {}\n", side(comparison.first_recorded), side(comparison.first_simulated));
  }
}

void print_outputs(const targets::ReplayResult& result) {
  fmt::print("  outputs: {} of {} commands print the same\n", result.outputs_compared - result.outputs.size(),
             result.outputs_compared);
  for (const targets::OutputDifference& one : result.outputs) {
    fmt::print("    {}\n      recorded:  {}\n      simulated: {}\n", one.command, one.line.recorded,
               one.line.simulated);
  }
}

/// The steps, and the band in which nine of ten simulations by chance alone lie.
void print_durations(const targets::ReplayResult& result) {
  if (result.durations.steps.empty()) {
    return;
  }
  const auto inside = std::count_if(result.durations.steps.begin(), result.durations.steps.end(),
                                    [](const targets::StepDuration& one) { return one.inside(); });
  fmt::print("  durations: {} of {} steps within what is predicted (5th to 95th percentile{})\n", inside,
             result.durations.steps.size(),
             result.durations.kubectl ? fmt::format("; kubectl itself took {:.3f} s here, the median",
                                                    seconds(*result.durations.kubectl))
                                      : std::string());
  for (const targets::StepDuration& one : result.durations.steps) {
    const std::string band =
        one.low ? fmt::format("predicted {:.3f} s to {:.3f} s", seconds(*one.low), seconds(*one.high))
                : std::string("predicted: does not end");
    fmt::print("    {:<40} {:>8.3f} s, {}{}\n", one.step, seconds(one.recorded), band,
               one.inside() ? "" : ": outside");
  }
}

void print_result(const std::string& path, const targets::ReplayResult& result) {
  const Comparison& comparison = result.comparison;
  fmt::print("{} (Kubernetes {}): {:.1f} % of {} transitions\n", path, result.version,
             100 * comparison.all.share(), comparison.all.all());
  for (const auto& [controller, tally] : comparison.by_controller) {
    fmt::print("  {:<36} {:>6.1f} %  {} matched, {} missing, {} extra, {} out of order\n", controller,
               100 * tally.share(), tally.matched, tally.missing, tally.extra, tally.out_of_order);
  }
  for (std::size_t i = 0; i < std::min(kDifferencesShown, comparison.differences.size()); ++i) {
    const targets::Difference& one = comparison.differences[i];
    fmt::print("  {:<12} {:>8.3f}s  {}: {} ({}){}\n", word(one.kind), seconds(one.observation.at),
               one.observation.subject, one.observation.change, one.controller,
               one.cause.empty() ? "" : ", recorded before its cause " + one.cause);
  }
  if (comparison.differences.size() > kDifferencesShown) {
    fmt::print("  … {} differences more; --json shows all\n",
               comparison.differences.size() - kDifferencesShown);
  }
  if (!comparison.differences.empty()) {
    print_sides(comparison);
  }
  for (const targets::CommandDifference& one : result.commands) {
    fmt::print("  command {}: {}\n", one.command, one.what);
  }
  print_outputs(result);
  print_durations(result);
  for (const std::string& note : result.notes) {
    fmt::print("  note: {}\n", note);
  }
  if (result.decisions_changed > 0) {
    fmt::print("  {} recorded programs were not started again: the adapter decides otherwise now\n",
               result.decisions_changed);
  }
}

Json cloud_json(const std::string& path, const targets::CloudReplayResult& result) {
  Json differences = Json::array();
  for (const targets::CloudDifference& one : result.differences) {
    differences.push_back({{"where", one.where}, {"what", one.what}, {"reason", one.reason}});
  }
  const auto part = [](std::size_t all, std::size_t matched) {
    return Json{{"all", all}, {"matched", matched}};
  };
  return {{"recording", path},
          {"openstack",
           {{"states", part(result.states, result.states_matched)},
            {"commands", part(result.commands, result.commands_matched)},
            {"requests", part(result.requests, result.requests_matched)}}},
          {"differences", std::move(differences)}};
}

void print_cloud(const std::string& path, const targets::CloudReplayResult& result) {
  fmt::print("{} (OpenStack): {} of {} states, {} of {} commands, {} of {} requests\n", path,
             result.states_matched, result.states, result.commands_matched, result.commands,
             result.requests_matched, result.requests);
  for (const targets::CloudDifference& one : result.differences) {
    fmt::print("  {}: {}{}\n", one.where, one.what, one.reason.empty() ? "" : " (" + one.reason + ")");
  }
}

/// Replays a recorded cloud. @return the exit code.
int replay_cloud(const std::string& path, const ReplayOptions& options, Json& all) {
  std::string problem;
  const std::optional<targets::CloudReplayResult> result = targets::replay_cloud(path, problem);
  if (!result) {
    fmt::print(stderr, "{}\n", problem);
    return kBadInput;
  }
  if (options.json) {
    all.push_back(cloud_json(path, *result));
  } else {
    print_cloud(path, *result);
  }
  const bool enough =
      100.0 * static_cast<double>(result->matched()) >= options.at_least * static_cast<double>(result->all());
  return enough ? kHeld : kFailed;
}

}  // namespace

void add_replay(CLI::App& app, ReplayOptions& options) {
  CLI::App* replay =
      app.add_subcommand("replay", "Hold the simulation of a recorded plan against its recording");
  replay->add_option("RECORDING", options.recordings, "Recordings, NAME.jsonl.zst or NAME.jsonl")->required();
  replay
      ->add_option("--at-least", options.at_least, "Exit with 1 if less than so many percent are reproduced")
      ->check(CLI::Range(0.0, 100.0));
  replay->add_flag("--json", options.json, "Print everything as JSON");
}

int replay(const ReplayOptions& options) {
  Json all = Json::array();
  int code = kHeld;
  targets::ReplayOptions replayed;
  replayed.seeds = kSeeds;
  for (const std::string& path : options.recordings) {
    if (targets::is_cloud_recording(path)) {
      code = std::max(code, replay_cloud(path, options, all));
      continue;
    }
    std::string problem;
    const std::optional<targets::ReplayResult> result = targets::replay(path, replayed, problem);
    if (!result) {
      fmt::print(stderr, "{}\n", problem);
      if (options.json) {
        all.push_back({{"recording", path}, {"problem", problem}});
      }
      code = kBadInput;
      continue;
    }
    if (options.json) {
      all.push_back(result_json(path, *result));
    } else {
      print_result(path, *result);
    }
    if (100 * result->comparison.all.share() < options.at_least && code == kHeld) {
      code = kFailed;
    }
  }
  if (options.json) {
    fmt::print("{}\n", all.dump(1));
  }
  return code;
}

}  // namespace scenarios::cli
