#include "scenarios/targets/replay.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "models/kubernetes/node_lifecycle.h"
#include "scenarios/plan_dictation.h"
#include "scenarios/run.h"
#include "scenarios/targets/fidelity/guided_run.h"
#include "scenarios/targets/fidelity/observations.h"
#include "scenarios/targets/fidelity/recorded_clock.h"
#include "scenarios/targets/fidelity/recorded_flags.h"
#include "scenarios/targets/live/kubectl.h"
#include "scenarios/targets/programs/recorded_programs.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
namespace timing = models::timing;
using namespace std::chrono_literals;

/// Whatever takes time is asked of the recording; what nobody is asked for takes none. A write is seen at
/// once: how long a controller takes to see it is part of when its sync starts.
timing::Profile replay_profile() {
  timing::Profile profile("replay");
  const auto fixed = [&](timing::Key key, sim::Duration duration) {
    profile.set(key, timing::Distribution::fixed(
                         duration, {timing::ProvenanceKind::assumed, "part of what the recording dictates"}));
  };
  const auto asked = [&](timing::Key key, sim::Duration duration) {
    profile.set(key, timing::Distribution::uniform(duration, duration + sim::Duration{1},
                                                   {timing::ProvenanceKind::measured, "the recording"})
                         .value());
  };
  fixed(timing::Key::watch_latency, 10us);
  fixed(timing::Key::pod_schedule, 1us);
  fixed(timing::Key::pod_image_pull, 0s);
  fixed(timing::Key::volume_attach, 0s);
  fixed(timing::Key::garbage_collector_delete, 0s);
  asked(timing::Key::api_latency, 2ms);
  asked(timing::Key::controller_sync_start, 0s);
  asked(timing::Key::kubelet_delete, 15ms);
  asked(timing::Key::kubelet_status, 0s);
  asked(timing::Key::volume_provision, 500ms);
  return profile;
}

std::string version_of(const RecordingHeader& header) {
  const bool known = header.cluster.is_object() && header.cluster.contains("version") &&
                     header.cluster["version"].is_string();
  return known ? release_of(header.cluster["version"].get<std::string>()) : std::string();
}

/// How far into a second of the calendar the recording began: times that the API serves are whole seconds of
/// it. A scenario begins on a full second, so a simulation begins so much earlier than its recording.
sim::Duration phase_of(const RecordingHeader& header) {
  const std::size_t point = header.started.find('.');
  sim::Duration::rep nanoseconds = 0;
  sim::Duration::rep digit = 100'000'000;
  for (std::size_t i = point == std::string::npos ? header.started.size() : point + 1;
       i < header.started.size() && header.started[i] >= '0' && header.started[i] <= '9'; ++i, digit /= 10) {
    nanoseconds += (header.started[i] - '0') * digit;
  }
  return sim::Duration{nanoseconds};
}

/// The same plan, performed so much later.
plan::PlanState later(plan::PlanState performed, sim::Duration by) {
  for (plan::StepState& step : performed.steps) {
    for (plan::CommandOutcome& command : step.ended) {
      command.started += by;
      command.finished += by;
    }
  }
  return performed;
}

std::vector<FirstOutput> later(std::vector<FirstOutput> outputs, sim::Duration by) {
  for (FirstOutput& output : outputs) {
    output.started += by;
    output.at += by;
  }
  return outputs;
}

/// The simulation of what was recorded: the same snapshot and commands at the same times, the recorded
/// surroundings.
struct Simulation {
  World world;
  sim::History history;
  sim::TransitionId begins = 0;
};

std::vector<std::pair<std::string, bool>> gates_of(const RecordingHeader& header) {
  std::vector<std::pair<std::string, bool>> gates;
  if (header.cluster.is_object() && header.cluster.contains("featureGates") &&
      header.cluster["featureGates"].is_object()) {
    for (const auto& [gate, on] : header.cluster["featureGates"].items()) {
      gates.emplace_back(gate, on.is_boolean() && on.get<bool>());
    }
  }
  return gates;
}

/// Lets the simulation run with the flags of the recorded components.
void apply_flags(const RecordingHeader& header, World& world, std::vector<std::string>& notes) {
  if (!header.cluster.is_object() || !header.cluster.contains("flags")) {
    return;
  }
  auto settings = std::make_shared<kubernetes::Settings>(*world.cluster.settings);
  for (const std::string& flag : take_flags(header.cluster["flags"], settings->components)) {
    notes.push_back(fmt::format("recorded with {}, which no model reads", flag));
  }
  world.cluster.settings = std::move(settings);
}

/// The kinds that were watched: those of the header. Where it names none these were the usual ones.
std::vector<std::string> kinds_of(const RecordingHeader& header) {
  if (!header.cluster.is_object() || !header.cluster.contains("kinds") ||
      !header.cluster["kinds"].is_array()) {
    return {"nodes", "pods", "statefulsets", "jobs", "persistentvolumeclaims", "controllerrevisions"};
  }
  std::vector<std::string> kinds;
  for (const auto& kind : header.cluster["kinds"]) {
    kinds.push_back(kind.is_string() ? kind.get<std::string>() : std::string());
  }
  return kinds;
}

/// Lets the scenario's faults strike when they struck in the recording; one that did not strike there never.
void dictate_faults(World& world, const std::vector<Strike>& strikes, sim::Duration by) {
  auto program = std::make_shared<Program>(*world.program);
  program->faults.clear();
  for (std::size_t i = 0; i < strikes.size(); ++i) {
    if (strikes[i].struck) {
      program->faults.push_back(world.program->faults[i]);
      program->faults.back().at.value = *strikes[i].struck + by;
    }
  }
  world.program = std::move(program);
}

/// Whether a user made a change, as far as a recording tells: by the manager of the fields; by the field, for
/// only users change specs here; or a deletion that nobody can be told of, for deletions leave no manager.
bool of_user(const sim::Transition& transition) {
  using kubernetes::Field;
  using kubernetes::Writer;
  const auto writer = static_cast<Writer>(transition.writer);
  switch (static_cast<Field>(transition.field)) {
    case Field::SetReplicas:
    case Field::SetSpec:
    case Field::SetTemplate:
    case Field::JobParallelism:
    case Field::JobCompletions:
    case Field::JobSuspend:
    case Field::JobSpec:
    case Field::NodeUnschedulable:
      return true;
    case Field::DeletionRequested:
    case Field::Removed:
      return writer == Writer::None || writer == Writer::User;
    default:
      return writer == Writer::User;
  }
}

/// What users wrote, by time; of `recorded`.
std::vector<UserWrite> user_writes(const LiveRun& live, const std::vector<Observation>& recorded) {
  std::vector<UserWrite> writes;
  for (const Observation& one : recorded) {
    const sim::Transition& transition = live.history.at(one.id);
    if (of_user(transition)) {
      const auto field = static_cast<kubernetes::Field>(transition.field);
      writes.push_back(
          {one.at, one.subject,
           field == kubernetes::Field::DeletionRequested || field == kubernetes::Field::Removed});
    }
  }
  std::stable_sort(writes.begin(), writes.end(),
                   [](const UserWrite& a, const UserWrite& b) { return a.at < b.at; });
  return writes;
}

Simulation simulate(const Rehearsal& rehearsal, const LiveRun& live, const std::vector<sim::Time>& times,
                    const std::vector<Observation>& observed, const RecordedChanges& recorded,
                    sim::Duration phase, const ReplayOptions& options) {
  Simulation simulation{rehearsal.world, rehearsal.history, 0};
  auto settings = std::make_shared<kubernetes::Settings>(*rehearsal.world.cluster.settings);
  settings->profile = replay_profile();
  settings->behaviours = live.environment.rules(times);
  if (options.spoil != nullptr) {
    options.spoil(*settings);
  }
  simulation.world.cluster.settings = std::move(settings);
  dictate_plan(simulation.world, simulation.history, later(live.world.plan, phase),
               user_writes(live, observed), later(live.first_outputs, phase));
  dictate_faults(simulation.world, live.strikes, phase);
  simulation.begins = simulation.history.next_id();
  sim::NominalChoices choices;
  sim::Context context{choices, simulation.history};
  begin(simulation.world, context);
  run_guided(simulation.world, simulation.history, recorded, live.world.agenda.now + phase, options.meddle);
  end(simulation.world, context);
  return simulation;
}

/// From `begins` on; what was there before is the same on both sides by construction.
std::vector<Observation> since(std::vector<Observation> observations, sim::TransitionId begins) {
  std::erase_if(observations, [&](const Observation& one) { return one.id < begins; });
  return observations;
}

/// A watch that began after an object was made, or fell behind, shows its creation together with what others
/// wrote later: the resource version is that of the last write.
std::vector<std::uint64_t> orders_known(const std::vector<Observation>& recorded,
                                        std::vector<std::uint64_t> order) {
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    if (recorded[i].field != static_cast<std::uint16_t>(kubernetes::Field::Created)) {
      continue;
    }
    for (std::size_t j = i + 1; j < recorded.size() && order[j] == order[i]; ++j) {
      if (recorded[j].subject == recorded[i].subject && recorded[j].writer != recorded[i].writer) {
        order[i] = kUnknownOrder;
        break;
      }
    }
  }
  return order;
}

std::vector<std::string> node_names(const kubernetes::Cluster& cluster) {
  std::vector<std::string> names;
  for (kubernetes::Row row = 0; row < cluster.nodes.extent(); ++row) {
    if (cluster.nodes.exists(row)) {
      names.push_back(cluster.name_of(cluster.nodes[row].meta));
    }
  }
  return names;
}

void compare_commands(const World& live, const World& simulated, ReplayResult& result) {
  const std::vector<std::string> nodes = node_names(live.cluster);
  std::size_t at = 0;  // of the dictated plan: a step for each recorded command
  for (std::size_t i = 0; i < live.plan.steps.size(); ++i) {
    const std::vector<plan::CommandOutcome>& recorded = live.plan.steps[i].ended;
    for (std::size_t j = 0; j < recorded.size(); ++j) {
      const plan::CompiledCommand& command = live.program->plan.steps[i].commands[recorded[j].command];
      if (command.builtin != plan::Builtin::None || command.command == nullptr) {
        continue;
      }
      ++result.commands_compared;
      const std::string& text = recorded[j].text;
      const std::vector<plan::CommandOutcome>& ended = simulated.plan.steps[at++].ended;
      if (ended.empty()) {
        result.commands.push_back(
            {text, fmt::format("exit code {}, simulated: does not end", recorded[j].exit_code)});
      } else if (ended.front().exit_code != recorded[j].exit_code) {
        result.commands.push_back({text, fmt::format("exit code {}, simulated {}: {}", recorded[j].exit_code,
                                                     ended.front().exit_code, ended.front().errors)});
      } else {
        ++result.outputs_compared;
        LineDifference line = compare_outputs(recorded[j].output, ended.front().output, nodes);
        if (line.recorded != line.simulated) {
          result.outputs.push_back({text, std::move(line)});
        }
      }
    }
  }
}

/// Whether the commands that the simulator does not know do nothing but look: what they print is not
/// compared.
bool only_looks(const Rehearsal& rehearsal) {
  for (const plan::CompiledStep& step : rehearsal.world.program->plan.steps) {
    for (const plan::CompiledCommand& command : step.commands) {
      if (command.builtin == plan::Builtin::None && command.command == nullptr &&
          !command.text.starts_with("kubectl describe ")) {
        return false;
      }
    }
  }
  return true;
}

/// The recorded plan on the recorded cluster; commands that look and are not known are left out.
std::optional<Rehearsal> load_recorded(LoadRequest request, language::Diagnostics& diagnostics) {
  std::optional<Rehearsal> rehearsal = load(request, diagnostics);
  if (!rehearsal) {
    language::Diagnostics told_already;
    request.unknown_commands = true;
    rehearsal = load(request, told_already);
    if (rehearsal && !only_looks(*rehearsal)) {
      rehearsal.reset();
    }
  }
  return rehearsal;
}

}  // namespace

std::optional<ReplayResult> replay(const std::string& path, const ReplayOptions& options,
                                   std::string& problem) {
  RecordedPrograms programs(path);
  const auto fail = [&](std::string text) {
    problem = std::move(text);
    return std::nullopt;
  };
  if (programs.problem()) {
    return fail(programs.problem()->text);
  }
  if (programs.header().plan.empty()) {
    return fail(fmt::format("{}: holds no plan; it was recorded with --watch-only", path));
  }
  LiveOptions live_options;
  live_options.kinds = kinds_of(programs.header());
  std::string why;
  const std::optional<ClusterSnapshot> snapshot = take_snapshot(programs, live_options, why);
  if (!snapshot) {
    return fail(programs.problem() ? programs.problem()->text
                                   : fmt::format("{}: no snapshot in it: {}", path, why));
  }
  ReplayResult result;
  result.version = version_of(programs.header());
  language::Diagnostics diagnostics;
  LoadRequest request{"plan",         programs.header().plan,     {}, {}, &snapshot->items,
                      result.version, gates_of(programs.header())};
  std::optional<Rehearsal> rehearsal = load_recorded(std::move(request), diagnostics);
  if (!rehearsal) {
    return fail(fmt::format("{}: its plan cannot be loaded on its cluster:\n{}", path,
                            language::render(diagnostics.sorted())));
  }
  std::vector<std::string> flag_notes;
  apply_flags(programs.header(), rehearsal->world, flag_notes);
  const LiveRun live = perform_live(*rehearsal, *snapshot, programs, live_options);
  if (programs.problem()) {
    return fail(programs.problem()->text);
  }
  const sim::Duration phase = phase_of(programs.header());
  std::vector<sim::Time> times = times_of_writes(live.history, live.begins, live.versions);
  for (sim::Time& at : times) {
    at += phase;
  }
  std::vector<Observation> recorded = since(observations_of(live.history, live.world.cluster), live.begins);
  for (Observation& one : recorded) {
    one.at = times[one.id];
  }
  std::vector<std::uint64_t> order;
  order.reserve(recorded.size());
  for (const Observation& one : recorded) {
    order.push_back(live.versions[one.id]);
  }
  DictationBounds bounds;
  bounds.node_grace = kubernetes::node_lifecycle::monitor_grace_period(*rehearsal->world.cluster.settings);
  const RecordedChanges changes(recorded, order, live.environment.moments(times), bounds);
  const Simulation simulation = simulate(*rehearsal, live, times, recorded, changes, phase, options);
  std::vector<Observation> simulated =
      since(observations_of(simulation.history, simulation.world.cluster), simulation.begins);
  for (std::vector<Observation>* side : {&recorded, &simulated}) {
    for (Observation& one : *side) {
      one.at -= phase;
    }
  }
  result.comparison = compare(recorded, simulated, orders_known(recorded, std::move(order)));
  compare_commands(live.world, simulation.world, result);
  result.durations = predict_durations(*rehearsal, live.world.plan, options.seeds);
  result.notes = live.notes;
  result.notes.insert(result.notes.end(), flag_notes.begin(), flag_notes.end());
  if (!programs.torn_text().empty()) {
    result.notes.push_back(programs.torn_text());
  }
  result.decisions_changed = programs.not_started().size();
  return result;
}

}  // namespace scenarios::targets
