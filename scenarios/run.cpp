#include "scenarios/run.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "models/flux/vocabulary.h"
#include "models/kubernetes/describe.h"
#include "models/openstack/vocabulary.h"
#include "scenarios/judge_expectations.h"
#include "scenarios/plan/graph.h"
#include "scenarios/strike_fault.h"

#ifndef REHEARSAL_VERSION
#error "the build gives REHEARSAL_VERSION"
#endif

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;

bool tells_state(const sim::Transition& transition);

/// How many links of a chain of causes are told: longer ones repeat themselves (crash loops, retries).
constexpr std::size_t kChainMax = 24;

std::string place_of(const language::Location& at) {
  return at.known() ? fmt::format("{}:{}", at.file, at.line) : "";
}

const plan::CompiledStep* step_of(std::uint32_t uid, const World& world) {
  for (std::size_t i = 0; i < world.plan.steps.size(); ++i) {
    if (world.plan.steps[i].uid == uid) {
      return &world.program->plan.steps[i];
    }
  }
  return nullptr;
}

std::string describe_step_change(const sim::Transition& transition, const sim::History& history) {
  switch (static_cast<plan::Field>(transition.field)) {
    case plan::Field::StepStarted:
      return "started";
    case plan::Field::CommandFinished:
      return fmt::format("{} (exit code {})", history.text_at(transition.detail), transition.to);
    case plan::Field::StepFinished:
      return transition.to == static_cast<std::int32_t>(sim::StepOutcome::TimedOut)
                 ? "timed out"
                 : std::string(sim::to_text(static_cast<sim::StepOutcome>(transition.to)));
    case plan::Field::StepWaits:
      return fmt::format("waits: {}", history.text_at(transition.detail));
    case plan::Field::ThenHolds:
      return "what it should leave behind is there";
  }
  return {};
}

std::string told(const plan::CompiledCommand& command, const std::string& text) {
  if (command.capture.empty()) {
    return text;
  }
  // A hidden variable is one of `$(…)`, which the command that uses it shows.
  return fmt::format("{}$({})", command.capture.front() == '_' ? "" : command.capture + "=", text);
}

/// Commands that ended in the order of their ends, then those under way, then those that never began.
std::vector<sim::CommandRecord> tell_commands(const plan::CompiledStep& step, const plan::StepState& state) {
  std::vector<sim::CommandRecord> records;
  std::vector<bool> begun(step.commands.size(), false);
  for (const plan::CommandOutcome& ended : state.ended) {
    begun[ended.command] = true;
    records.push_back({told(step.commands[ended.command], ended.text), ended.captured, ended.started,
                       ended.finished, ended.exit_code, ended.output, ended.errors});
  }
  for (const plan::Thread& thread : state.threads) {
    if (!thread.command.begun() || thread.at >= thread.end) {
      continue;
    }
    const std::uint32_t position = step.program[thread.at].argument;
    const plan::CompiledCommand& command = step.commands[position];
    begun[position] = true;
    const std::string& text = thread.command.text.empty() ? command.text : thread.command.text;
    records.push_back({told(command, text + command.filters_text),
                       !command.capture.empty(),
                       thread.command_started,
                       {},
                       0,
                       thread.command.output,
                       thread.command.errors});
  }
  for (std::size_t i = 0; i < step.commands.size(); ++i) {
    const plan::CompiledCommand& command = step.commands[i];
    if (!begun[i]) {
      records.push_back(
          {told(command, command.text + command.filters_text), !command.capture.empty(), {}, {}, 0, {}, {}});
    }
  }
  if (step.wait) {
    records.push_back(
        {fmt::format("wait {}", models::timing::duration_text(*step.wait)), false, {}, {}, 0, {}, {}});
  }
  return records;
}

std::vector<sim::StepRecord> tell_steps(const World& world) {
  std::vector<sim::StepRecord> records;
  std::vector<std::vector<std::uint32_t>> needs;
  std::vector<sim::Duration> durations;
  for (std::size_t i = 0; i < world.plan.steps.size(); ++i) {
    const plan::CompiledStep& step = world.program->plan.steps[i];
    const plan::StepState& state = world.plan.steps[i];
    sim::StepRecord record;
    record.name = step.name;
    record.commands = tell_commands(step, state);
    record.place = place_of(step.commands.empty() ? step.at : step.commands.back().at);
    for (const std::uint32_t needed : step.needs) {
      record.needs.push_back(world.program->plan.steps[needed].name);
    }
    const bool started = state.phase == plan::StepPhase::Performing ||
                         state.phase == plan::StepPhase::Verifying ||
                         (state.phase == plan::StepPhase::Done && state.outcome != sim::StepOutcome::Skipped);
    if (started) {
      record.started = state.started;
    }
    if (started && state.phase == plan::StepPhase::Done) {
      record.finished = state.finished;
    }
    record.outcome = state.phase == plan::StepPhase::Done ? state.outcome
                     : started                            ? sim::StepOutcome::Running
                                                          : sim::StepOutcome::NotStarted;
    record.exit_code = state.exit_code;
    records.push_back(std::move(record));
    needs.push_back(step.needs);
    durations.push_back(started ? (state.phase == plan::StepPhase::Done ? state.finished : world.agenda.now) -
                                      state.started
                                : sim::Duration{});
  }
  const std::vector<plan::Slack> slack = plan::slack_of(needs, durations);
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].critical = slack[i].critical;
    records[i].slack = slack[i].slack;
  }
  return records;
}

/// The end of what had happened by `at`: nothing that a finding is explained by came later.
sim::TransitionId last_by(const sim::History& history, sim::Time at) {
  sim::TransitionId end = history.next_id();
  while (end != history.first_id() && history.at(end - 1).at > at) {
    --end;
  }
  return end;
}

/// Where the history of an object begins to explain what is wrong with it, before `before`: at a wait that
/// has not ended, of its controller or for the object; else at the latest transition that tells of its state.
sim::TransitionId explains(std::uint32_t object, const sim::History& history, sim::TransitionId before) {
  sim::TransitionId latest = sim::kNoTransition;
  std::vector<std::uint32_t> judged;  // controllers' objects whose latest wait was looked at
  for (sim::TransitionId id = before; id != history.first_id();) {
    --id;
    const sim::Transition& transition = history.at(id);
    if (transition.field == static_cast<std::uint16_t>(kubernetes::Field::Waits)) {
      const bool seen = std::find(judged.begin(), judged.end(), transition.subject) != judged.end();
      const bool concerns = transition.subject == object || transition.detail == object;
      if (!seen && concerns && transition.to != 0) {
        return id;
      }
      judged.push_back(transition.subject);
    } else if (latest == sim::kNoTransition && transition.subject == object && tells_state(transition)) {
      latest = id;
    }
  }
  return latest;
}

/// Why the object of a finding is as it is belongs to the chain.
void add_object_chain(std::uint32_t object, std::vector<sim::Because>& chain, const World& world,
                      const sim::History& history, sim::TransitionId before) {
  const sim::TransitionId id = object == 0 ? sim::kNoTransition : explains(object, history, before);
  if (id == sim::kNoTransition) {
    return;
  }
  for (sim::Because& link : chain_of(id, world, history, before)) {
    const bool known =
        std::any_of(chain.begin(), chain.end(), [&](const sim::Because& other) { return other == link; });
    if (!known && chain.size() < kChainMax) {
      chain.push_back(std::move(link));
    }
  }
}

/// The command that a step performs now; nullptr: none.
const plan::CompiledCommand* command_under_way(const plan::CompiledStep& step, const plan::StepState& state) {
  for (const plan::Thread& thread : state.threads) {
    if (!thread.done && thread.command.started && thread.at < step.program.size() &&
        step.program[thread.at].op == plan::Op::Command) {
      return &step.commands[step.program[thread.at].argument];
    }
  }
  return nullptr;
}

/// The command of a step that brought about a transition, if it has ended: the next of them to end.
const plan::CommandOutcome* ended_after(sim::TransitionId effect, const plan::StepState& state,
                                        const sim::History& history) {
  std::size_t ended = 0;
  for (sim::TransitionId id = history.first_id(); id != history.next_id() && ended < state.ended.size();
       ++id) {
    const sim::Transition& transition = history.at(id);
    if (transition.subject == state.uid &&
        transition.field == static_cast<std::uint16_t>(plan::Field::CommandFinished)) {
      if (id >= effect) {
        return &state.ended[ended];
      }
      ++ended;
    }
  }
  return nullptr;
}

/// The step as the guilty one of a transition: by which of its commands.
sim::Because blame(const plan::CompiledStep& step, const World& world, sim::TransitionId effect,
                   const sim::History& history) {
  const plan::StepState& state =
      world.plan.steps[static_cast<std::size_t>(&step - world.program->plan.steps.data())];
  if (step.commands.empty()) {
    return {state.started, fmt::format("step \"{}\"", step.name), place_of(step.at)};
  }
  const auto at_command = [&](const std::string& text, const plan::CompiledCommand& command) {
    return sim::Because{state.started, fmt::format("step \"{}\": {}", step.name, text), place_of(command.at)};
  };
  const plan::CommandOutcome* ended = ended_after(effect, state, history);
  if (const plan::CompiledCommand* command = command_under_way(step, state); ended == nullptr && command) {
    return at_command(command->text, *command);
  }
  if (ended == nullptr && !state.ended.empty()) {
    ended = &state.ended.back();
  }
  if (ended != nullptr && step.commands.size() > 1) {
    return at_command(ended->text, step.commands[ended->command]);
  }
  return at_command(step.commands.front().text, step.commands.front());
}

/// A finding while a step is under way belongs to that step, even where the chain of causes went another way.
void add_step_under_way(sim::Finding& finding, const World& world, const sim::History& history) {
  const bool has_step = std::any_of(finding.because.begin(), finding.because.end(),
                                    [](const sim::Because& link) { return !link.place.empty(); });
  if (has_step || !finding.at) {
    return;
  }
  for (std::size_t i = world.plan.steps.size(); i-- > 0;) {
    const plan::StepState& state = world.plan.steps[i];
    const plan::CompiledStep& step = world.program->plan.steps[i];
    if (state.uid != 0 && state.transition != sim::kNoTransition && state.started <= *finding.at) {
      finding.because.push_back(blame(step, world, last_by(history, *finding.at), history));
      return;
    }
  }
}

std::vector<sim::Finding> tell_findings(const World& world, const sim::History& history) {
  std::vector<sim::Finding> findings;
  for (std::size_t i = 0; i < world.checks.size(); ++i) {
    const checks::CompiledCheck& check = world.program->checks[i];
    const checks::State& state = world.checks[i];
    sim::Finding finding;
    finding.check = check.name;
    finding.parameters = check.parameters;
    finding.asked_for = check.asked_for;
    finding.verdict = state.verdict;
    finding.summary = state.summary;
    finding.place = place_of(check.at);
    if (state.decided || state.verdict == sim::Verdict::Violated) {
      finding.at = state.at;
    }
    if (state.because != sim::kNoTransition) {
      finding.because = chain_of(state.because, world, history, last_by(history, state.at));
    }
    if (state.verdict == sim::Verdict::Violated) {
      add_object_chain(state.object, finding.because, world, history, last_by(history, state.at));
    }
    if (state.verdict == sim::Verdict::Violated) {
      add_step_under_way(finding, world, history);
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

/// The timings of the profile that the run could draw on.
void tell_timings(const World& world, std::vector<sim::Basis>& basis) {
  const models::timing::Profile& profile = world.cluster.settings->profile;
  std::vector<models::timing::Key> keys = kubernetes::timings_used(world.cluster);
  if (world.flux.miniclusters.size() > 0) {
    for (const models::timing::KnownKey& known : models::timing::known_keys()) {
      if (known.name.starts_with("flux.")) {
        keys.push_back(known.key);
      }
    }
  }
  if (world.openstack.given()) {
    for (const models::timing::KnownKey& known : models::timing::known_keys()) {
      if (known.name.starts_with("openstack.")) {
        keys.push_back(known.key);
      }
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  for (const models::timing::Key key : keys) {
    const models::timing::Distribution& timing = profile.at(key);
    basis.push_back({fmt::format("{} {}", models::timing::name_of(key), timing.to_text()),
                     std::string(models::timing::to_text(timing.provenance().kind)),
                     timing.provenance().text});
  }
}

/// A check that was asked for passes only when it held; a built-in invariant also when it has no subject.
bool fails(const sim::Finding& finding) {
  return finding.verdict == sim::Verdict::Violated ||
         (finding.asked_for && finding.verdict != sim::Verdict::Held);
}

}  // namespace

std::string_view tool_version() { return REHEARSAL_VERSION; }

/// The server of a uid, deleted or not; the cloud itself for 0.
namespace {
std::string server_named(std::uint32_t uid, const World& world) {
  for (const models::openstack::Server& server : world.openstack.servers) {
    if (server.uid == uid) {
      return fmt::format("server {}", server.name);
    }
  }
  return "the cloud";
}

/// The chunk of a uid, registered or not; IOMesh as a whole for its own.
std::string chunk_named(std::uint32_t uid, const World& world) {
  const std::int32_t found = world.iomesh.find_uid(uid);
  if (found == models::iomesh::kNone) {
    return "iomesh";
  }
  const models::iomesh::Chunk& chunk = world.iomesh.chunks[static_cast<std::size_t>(found)];
  return fmt::format("chunk {} ({}-{})", chunk.id, models::iomesh::kChunkSet, chunk.ordinal);
}
}  // namespace

sim::ToldTransition tell(const sim::Transition& transition, const World& world, const sim::History& history) {
  sim::ToldTransition told;
  told.at = transition.at;
  told.writer = kubernetes::to_text(static_cast<kubernetes::Writer>(transition.writer));
  told.cause = transition.cause;
  if (transition.field >= static_cast<std::uint16_t>(plan::Field::StepStarted)) {
    const plan::CompiledStep* step = step_of(transition.subject, world);
    told.subject = fmt::format("step \"{}\"", step == nullptr ? "" : step->name);
    told.change = describe_step_change(transition, history);
    return told;
  }
  if (models::openstack::is_openstack_writer(transition.writer)) {
    told.writer = models::openstack::to_text(static_cast<models::openstack::Writer>(transition.writer));
  }
  if (models::iomesh::is_iomesh_writer(transition.writer)) {
    told.writer = models::iomesh::to_text(static_cast<models::iomesh::Writer>(transition.writer));
  }
  if (models::iomesh::is_iomesh_field(transition.field)) {
    told.subject = chunk_named(transition.subject, world);
    told.change = models::iomesh::describe(transition, history);
    return told;
  }
  if (models::openstack::is_openstack_field(transition.field)) {
    told.subject = server_named(transition.subject, world);
    told.change = models::openstack::describe(transition, history);
    return told;
  }
  told.subject = kubernetes::describe_subject(transition.subject, history, world.cluster);
  told.change = kubernetes::describe_change(transition, history, world.cluster);
  if (models::flux::is_flux_field(transition.field)) {
    told.change = models::flux::describe(transition, history);
  }
  return told;
}

namespace {

/// Whether a transition tells of the state of an object, and not only of its bookkeeping.
bool tells_state(const sim::Transition& transition) {
  switch (static_cast<kubernetes::Field>(transition.field)) {
    case kubernetes::Field::Created:
    case kubernetes::Field::Removed:
    case kubernetes::Field::DeletionRequested:
    case kubernetes::Field::Warning:
    case kubernetes::Field::PodPhaseChanged:
    case kubernetes::Field::PodReady:
    case kubernetes::Field::PodUnschedulable:
    case kubernetes::Field::PodRestarted:
    case kubernetes::Field::PodTerminated:
    case kubernetes::Field::NodeReady:
    case kubernetes::Field::NodeKubelet:
      return true;
    default:
      return transition.writer == static_cast<std::uint16_t>(kubernetes::Writer::Fault);
  }
}

/// What comes next in a chain: for a wait, the latest that happened to the object waited for; else the cause.
sim::TransitionId next_link(sim::TransitionId id, const sim::Transition& transition,
                            const sim::History& history, sim::TransitionId before) {
  if (transition.field != static_cast<std::uint16_t>(kubernetes::Field::Waits) || transition.detail == 0) {
    return transition.cause;
  }
  for (sim::TransitionId other = before; other != history.first_id();) {
    --other;
    const sim::Transition& candidate = history.at(other);
    if (candidate.subject == transition.detail && other != id && tells_state(candidate)) {
      return other;
    }
  }
  return transition.cause;
}

}  // namespace

std::vector<sim::Because> chain_of(sim::TransitionId id, const World& world, const sim::History& history,
                                   sim::TransitionId before) {
  std::vector<sim::Because> chain;
  sim::TransitionId effect = id;
  while (id != sim::kNoTransition && history.holds(id) && chain.size() < kChainMax) {
    const sim::Transition& transition = history.at(id);
    const sim::ToldTransition told = tell(transition, world, history);
    sim::Because link{transition.at, fmt::format("{}: {}", told.subject, told.change), {}};
    if (transition.field >= static_cast<std::uint16_t>(plan::Field::StepStarted)) {
      if (const plan::CompiledStep* step = step_of(transition.subject, world)) {
        sim::Because guilty = blame(*step, world, effect, history);
        if (transition.field == static_cast<std::uint16_t>(plan::Field::StepStarted)) {
          link.text = std::move(guilty.text);
        }
        link.place = std::move(guilty.place);
      }
    } else if (transition.writer != static_cast<std::uint16_t>(kubernetes::Writer::None)) {
      link.text += fmt::format(", by {}", told.writer);
    }
    chain.push_back(std::move(link));
    effect = id;
    if (transition.field == static_cast<std::uint16_t>(plan::Field::StepStarted)) {
      break;  // the step is the guilty one; what came before it is the plan's order
    }
    id = next_link(id, transition, history, before);
  }
  return chain;
}

sim::ResultRecord tell_run(const Rehearsal& rehearsal, const World& world, const sim::History& history,
                           std::uint64_t seed) {
  sim::ResultRecord record;
  record.tool_version = tool_version();
  record.scenario = rehearsal.scenario.title.value;
  record.file = rehearsal.scenario.file;
  record.scenario_hash = rehearsal.hash;
  record.source = rehearsal.scenario.source.value;
  record.seed = seed;
  record.repeat = fmt::format("rehearse run {} --seed {}", rehearsal.arguments, seed);
  record.ended_at = world.agenda.now;
  record.steps = tell_steps(world);
  for (sim::TransitionId id = history.first_id(); id != history.next_id(); ++id) {
    record.transitions.push_back(tell(history.at(id), world, history));
  }
  for (const auto& [of, cause] : history.further_causes()) {
    record.transitions[of - history.first_id()].further_causes.push_back(cause);
  }
  record.findings = tell_findings(world, history);
  record.warnings = rehearsal.warnings;
  record.basis = rehearsal.basis;
  tell_timings(world, record.basis);
  record.expectations = judge_expectations(rehearsal, record);
  const bool all_held = std::none_of(record.findings.begin(), record.findings.end(), fails);
  const bool all_met = std::all_of(record.expectations.begin(), record.expectations.end(),
                                   [](const sim::Expectation& expectation) { return expectation.met; });
  record.passed = all_held && all_met;
  record.as_expected = record.expectations.empty() ? all_held : all_met;
  return record;
}

sim::ResultRecord perform(const Rehearsal& rehearsal, sim::Choices& choices, std::uint64_t seed,
                          const std::vector<FaultPlacement>& placements) {
  World world = rehearsal.world;
  sim::History history = rehearsal.history;
  sim::RecordingChoices recorded(choices);
  sim::Context context{recorded, history};
  begin(world, context);
  std::uint64_t events = 0;
  for (const FaultPlacement& placement : placements) {
    events += sim::run(world, context, world.program->until, placement.after_event - events);
    strike_now(world, context, placement.fault);
  }
  events += sim::run(world, context, world.program->until);
  end(world, context);

  sim::ResultRecord record = tell_run(rehearsal, world, history, seed);
  record.events = events;
  record.choices = recorded.answers();
  return record;
}

}  // namespace scenarios
