#include "scenarios/world.h"

#include "models/flux/state.h"
#include "scenarios/perform_plan.h"
#include "scenarios/server_power.h"
#include "scenarios/strike_fault.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;

constexpr std::uint32_t kFirstFluxEvent = 100;
constexpr std::uint32_t kFirstPlanEvent = 200;

checks::Observed observed_by_checks(const World& world, const sim::Context& context) {
  return {world.cluster,   world.flux,       world.program->plan, world.plan,
          context.history, world.agenda.now, &world.openstack,    &world.iomesh};
}

/// Shows the transitions from `first` on to the checks that want to see them.
void judge(World& world, sim::Context& context, sim::TransitionId first) {
  const auto& by_field = world.program->checks_by_field;
  const checks::Observed observed = observed_by_checks(world, context);
  for (sim::TransitionId id = first; id != context.history.next_id(); ++id) {
    const std::uint16_t field = context.history.at(id).field;
    if (field >= by_field.size()) {
      continue;
    }
    for (const std::uint32_t check : by_field[field]) {
      checks::State& state = world.checks[check];
      if (!state.decided) {
        world.program->checks[check].check->on_transition(state, observed, id);
      }
    }
  }
}

}  // namespace

void World::dispatch(const sim::PendingEvent& event, sim::Context& context) {
  const sim::TransitionId first = context.history.next_id();
  kubernetes::Turn turn{cluster, agenda, context};
  const bool of_plan = event.kind >= kFirstPlanEvent;
  if (of_plan) {
    if (event.kind == static_cast<std::uint32_t>(plan::Event::Fault)) {
      strike(*this, context, program->faults[event.subject]);
    } else {
      on_plan_event(*this, context, event);
    }
  } else if (event.kind >= models::iomesh::kEventBegin && event.kind < models::iomesh::kEventEnd) {
    models::iomesh::Turn storage{iomesh, turn};
    models::iomesh::dispatch(storage, event);
  } else if (event.kind >= models::openstack::kEventBegin) {
    on_openstack_event(*this, context, event);
  } else if (event.kind >= kFirstFluxEvent ||
             (event.kind == static_cast<std::uint32_t>(kubernetes::Event::Deliver) &&
              event.subject == static_cast<std::uint32_t>(kubernetes::ObserverId::FluxOperator))) {
    models::flux::FluxTurn flux_turn{flux, turn};
    if (event.kind >= kFirstFluxEvent) {
      models::flux::dispatch(flux_turn, event);
    } else {
      models::flux::on_delivery(flux_turn);
    }
  } else {
    kubernetes::dispatch(turn, event);
  }
  // What the plan waits for changes by transitions and at its own events; most other events change nothing of
  // it.
  if (of_plan || context.history.next_id() != first) {
    settle_event(*this, context, first);
  }
}

void settle_event(World& world, sim::Context& context, sim::TransitionId first) {
  settle_event(world, context, first, emulated_commands());
}

void settle_event(World& world, sim::Context& context, sim::TransitionId first, CommandRunner& runner) {
  sim::TransitionId judged = first;
  bool again = true;
  sim::TransitionId observed = first;
  while (again) {
    // What IOMesh's servers do in their containers shows at once, whatever moved the containers.
    if (world.iomesh.given()) {
      models::iomesh::Turn storage{world.iomesh, {world.cluster, world.agenda, context}};
      models::iomesh::observe(storage, observed);
      observed = context.history.next_id();
    }
    const sim::TransitionId up_to = context.history.next_id();
    judge(world, context, judged);
    judged = up_to;
    again = advance_plan(world, context, runner) || judged != context.history.next_id();
  }
}

void begin(World& world, sim::Context& context) {
  for (std::uint32_t i = 0; i < world.program->faults.size(); ++i) {
    world.agenda.schedule(world.program->faults[i].at.value, static_cast<std::uint32_t>(plan::Event::Fault),
                          i, 0, sim::kNoTransition);
  }
  models::openstack::Turn cloud{world.openstack, world.cluster.settings->profile, world.agenda, context,
                                world.cluster.next_uid};
  models::openstack::begin(cloud);
  world.checks.resize(world.program->checks.size());
  const checks::Observed observed = observed_by_checks(world, context);
  for (std::size_t i = 0; i < world.checks.size(); ++i) {
    world.program->checks[i].check->begin(world.checks[i], observed);
  }
  begin_plan(world, context);
}

void end(World& world, sim::Context& context) {
  const checks::Observed observed = observed_by_checks(world, context);
  for (std::size_t i = 0; i < world.checks.size(); ++i) {
    if (!world.checks[i].decided) {
      world.program->checks[i].check->end(world.checks[i], observed);
    }
  }
}

}  // namespace scenarios
