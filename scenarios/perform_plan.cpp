#include "scenarios/perform_plan.h"

#include <algorithm>
#include <chrono>

#include "scenarios/step_threads.h"

namespace scenarios {

namespace {

using plan::CompiledStep;
using plan::StepPhase;
using plan::StepState;
using sim::StepOutcome;

/// How often the plan looks whether a described cluster has settled, and when it begins all the same.
/// Assumed: a person looks every second and does not wait longer than ten minutes.
constexpr sim::Duration kLook = std::chrono::seconds{1};
constexpr sim::Duration kPatience = std::chrono::minutes{10};

class Performer {
 public:
  Performer(World& world, sim::Context& context, CommandRunner& runner)
      : world_(world), context_(context), runner_(runner), plan_(world.program->plan), state_(world.plan) {}

  bool advance() {
    bool moved = false;
    for (bool again = true; again;) {
      again = false;
      for (std::uint32_t step = 0; step < plan_.steps.size(); ++step) {
        again = advance_step(step) || again;
      }
      moved = moved || again;
    }
    return moved;
  }

 private:
  sim::Time now() const { return world_.agenda.now; }

  sim::TransitionId emit(const StepState& state, plan::Field field, std::int32_t to, std::string text,
                         sim::TransitionId cause) {
    return context_.history.emit({now(), state.uid, static_cast<std::uint16_t>(field),
                                  static_cast<std::uint16_t>(models::kubernetes::Writer::Plan), 0, to,
                                  context_.history.text(std::move(text)), cause});
  }

  void wake(std::uint32_t step, sim::Time at, sim::TransitionId cause) {
    if (at != sim::kNever) {
      world_.agenda.schedule(at, static_cast<std::uint32_t>(plan::Event::StepWake), step, 0, cause);
    }
  }

  bool advance_step(std::uint32_t index) {
    StepState& state = state_.steps[index];
    switch (state.phase) {
      case StepPhase::Waiting:
        return look_at_needs(index);
      case StepPhase::Due:
        return false;  // its event starts it
      case StepPhase::Performing:
        return perform(index);
      case StepPhase::Verifying:
        return verify(index);
      case StepPhase::Done:
        return false;
    }
    return false;
  }

  bool look_at_needs(std::uint32_t index) {
    StepState& state = state_.steps[index];
    const CompiledStep& step = plan_.steps[index];
    if (!state_.begun) {
      return false;
    }
    sim::TransitionId cause = sim::kNoTransition;
    for (const std::uint32_t needed : step.needs) {
      const StepState& other = state_.steps[needed];
      if (other.phase != StepPhase::Done) {
        return false;
      }
      if (other.outcome == StepOutcome::Skipped || other.ends_plan ||
          (other.outcome != StepOutcome::Succeeded && plan_.steps[needed].stop_on_error)) {
        finish(index, StepOutcome::Skipped);
        return true;
      }
      cause = other.transition;
    }
    const sim::Time due = std::max(now(), step.not_before.value_or(sim::Time{})) + step.after;
    state.phase = StepPhase::Due;
    world_.agenda.schedule(due, static_cast<std::uint32_t>(plan::Event::StepDue), index, 0, cause);
    return true;
  }

  bool perform(std::uint32_t index) {
    StepState& state = state_.steps[index];
    const CompiledStep& step = plan_.steps[index];
    bool moved = false;
    while (state.phase == StepPhase::Performing) {
      const ThreadsMoved threads = StepThreads(world_, context_, runner_, index).advance();
      moved = moved || threads.moved;
      if (threads.failed) {
        finish(index, StepOutcome::Failed);
        return true;
      }
      if (threads.all_done) {
        if (step.wait && now() < state.started + *step.wait) {
          return moved;
        }
        state.phase = StepPhase::Verifying;
        return true;
      }
      if (now() >= state.deadline) {
        finish(index, StepOutcome::TimedOut);
        return true;
      }
      if (!threads.moved) {
        return moved;
      }
    }
    return moved;
  }

  bool verify(std::uint32_t index) {
    StepState& state = state_.steps[index];
    const CompiledStep& step = plan_.steps[index];
    const StepOutcome outcome =
        state.exit_code != 0 && !step.then.exit.given() ? StepOutcome::Failed : StepOutcome::Succeeded;
    if (!step.then.given()) {
      finish(index, outcome);
      return true;
    }
    plan::Missing missing;
    const checks::Observed observed{world_.cluster,    world_.flux,   plan_, state_, context_.history, now(),
                                    &world_.openstack, &world_.iomesh};
    if (checks::holds_for_step(step.then, index, observed, missing)) {
      state.missing = {};
      emit(state, plan::Field::ThenHolds, 0, {}, state.transition);
      finish(index, outcome);
      return true;
    }
    const bool first = state.missing.text.empty();
    if (first && step.then.within.given()) {
      state.deadline = std::min(state.deadline, now() + step.then.within.value);
      wake(index, state.deadline, state.transition);
    }
    state.missing = std::move(missing);
    // What a finished command printed or its exit code will not change any more.
    if (checks::never_holds(step.then, index, observed)) {
      finish(index, StepOutcome::Failed);
      return true;
    }
    if (now() >= state.deadline) {
      finish(index, StepOutcome::TimedOut);
      return true;
    }
    return false;
  }

  void finish(std::uint32_t index, StepOutcome outcome) {
    StepState& state = state_.steps[index];
    state.phase = StepPhase::Done;
    state.outcome = outcome;
    state.finished = now();
    --state_.open;
    if (outcome != StepOutcome::Skipped) {
      state.transition =
          emit(state, plan::Field::StepFinished, static_cast<std::int32_t>(outcome), {}, state.transition);
    }
  }

  World& world_;
  sim::Context& context_;
  CommandRunner& runner_;
  const plan::CompiledPlan& plan_;
  plan::PlanState& state_;
};

void look_whether_settled(World& world, sim::TransitionId cause) {
  if (world.program->starts_settled || settled(world) || world.agenda.now >= kPatience ||
      world.agenda.events.empty()) {
    world.plan.begun = true;  // the end of this event lets the plan go on
    return;
  }
  world.agenda.schedule(world.agenda.now + kLook, static_cast<std::uint32_t>(plan::Event::Begin), 0, 0,
                        cause);
}

class EmulatedCommands : public CommandRunner {
 public:
  void advance(const plan::CompiledCommand& command, commands::CommandState& state, World& world,
               sim::Context& context, models::kubernetes::By by) override {
    commands::Systems systems{
        {world.cluster, world.agenda, context}, world.flux, &world.openstack, &world.iomesh};
    commands::advance(*command.command, state, world.plan.variables, systems, by);
  }
};

}  // namespace

CommandRunner& emulated_commands() {
  static EmulatedCommands emulated;  // has no state
  return emulated;
}

void begin_plan(World& world, sim::Context&) {
  world.plan.open = static_cast<std::uint32_t>(world.program->plan.steps.size());
  if (!world.program->plan.steps.empty()) {
    world.agenda.schedule(world.agenda.now, static_cast<std::uint32_t>(plan::Event::Begin), 0, 0,
                          sim::kNoTransition);
  }
}

void on_plan_event(World& world, sim::Context& context, const sim::PendingEvent& event) {
  switch (static_cast<plan::Event>(event.kind)) {
    case plan::Event::Begin:
      look_whether_settled(world, event.cause);
      return;
    case plan::Event::StepDue: {
      StepState& state = world.plan.steps[event.subject];
      const CompiledStep& step = world.program->plan.steps[event.subject];
      state.phase = StepPhase::Performing;
      state.started = world.agenda.now;
      state.threads.assign(1, {});
      state.threads.front().end = static_cast<std::uint32_t>(step.program.size());
      state.transition = context.history.emit(
          {world.agenda.now, state.uid, static_cast<std::uint16_t>(plan::Field::StepStarted),
           static_cast<std::uint16_t>(models::kubernetes::Writer::Plan), 0, 0, 0, event.cause});
      if (step.timeout) {
        state.deadline = world.agenda.now + *step.timeout;
        world.agenda.schedule(state.deadline, static_cast<std::uint32_t>(plan::Event::StepWake),
                              event.subject, 0, state.transition);
      }
      if (step.wait) {
        world.agenda.schedule(world.agenda.now + *step.wait,
                              static_cast<std::uint32_t>(plan::Event::StepWake), event.subject, 0,
                              state.transition);
      }
      return;
    }
    case plan::Event::StepWake:
    case plan::Event::Fault:
      return;  // what it is about goes on in advance_plan
  }
}

bool advance_plan(World& world, sim::Context& context, CommandRunner& runner) {
  return world.plan.open > 0 && Performer(world, context, runner).advance();
}

}  // namespace scenarios
