#include "models/kubernetes/hash.h"

#include <algorithm>
#include <array>

#include "scenarios/world.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;

/// Pending events in the order in which they will be performed. Their objects count by where they stand;
/// events of objects that are gone do nothing.
void add_events(const World& world, sim::Hasher& hasher) {
  std::vector<sim::PendingEvent> events = world.agenda.events.unordered();
  std::sort(events.begin(), events.end(), [](const sim::PendingEvent& a, const sim::PendingEvent& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
  });
  for (const sim::PendingEvent& event : events) {
    std::uint64_t argument = event.argument;
    // Up to the codes of Flux, an argument is the uid of the object at the subject's row, where there is one.
    if (event.kind < static_cast<std::uint32_t>(kubernetes::Event::kEnd) && event.argument != 0) {
      argument = kubernetes::hashed_reference(world.cluster, event.argument);
    }
    hasher.add((event.at - world.agenda.now).count());
    hasher.add(event.kind);
    hasher.add(event.subject);
    hasher.add(argument);
  }
}

void hash(const plan::Thread& thread, const World& world, sim::Hasher& hasher) {
  hasher.add(thread.at);
  hasher.add(thread.exit_code);
  hasher.add(thread.done);
  commands::hash(thread.command, world.agenda.now, hasher);
  for (const plan::Loop& loop : thread.loops) {
    const bool idle = loop.turned == world.agenda.now;
    hasher.add(!loop.words.empty() ? loop.words.size() - loop.next : idle ? loop.next : std::size_t{0});
    hasher.add(loop.exit_code);
    for (std::size_t i = loop.next; i < loop.words.size(); ++i) {
      hasher.add(std::string_view(loop.words[i]));
    }
  }
  for (const std::string& capture : thread.captures) {
    hasher.add(std::string_view(capture));
  }
}

void add_plan(const World& world, sim::Hasher& hasher) {
  hasher.add(world.plan.begun);
  for (std::size_t i = 0; i < world.plan.steps.size(); ++i) {
    const plan::StepState& step = world.plan.steps[i];
    const plan::CompiledStep& compiled = world.program->plan.steps[i];
    hasher.add(step.phase);
    hasher.add(step.outcome);
    hasher.add(step.ends_plan);
    if (step.phase == plan::StepPhase::Waiting && compiled.not_before) {
      hasher.add(std::max<std::int64_t>(0, (*compiled.not_before - world.agenda.now).count()));
    }
    if (step.phase == plan::StepPhase::Performing || step.phase == plan::StepPhase::Verifying) {
      hasher.add(step.exit_code);
      hasher.add(kubernetes::hashed_moment(world.cluster, step.started, world.agenda.now));
      hasher.add(kubernetes::hashed_moment(world.cluster, step.deadline, world.agenda.now));
      for (const plan::CommandOutcome& ended : step.ended) {
        hasher.add(std::string_view(ended.output));
        hasher.add(std::string_view(ended.errors));
      }
      hasher.add(step.missing.text.empty());
      for (const plan::Thread& thread : step.threads) {
        hash(thread, world, hasher);
      }
    }
  }
  for (const auto& [name, value] : world.plan.variables) {
    hasher.add(std::string_view(name));
    hasher.add(std::string_view(value));
  }
}

}  // namespace

std::optional<sim::Digest> hash(const World& world) {
  if (!kubernetes::at_rest(world.cluster)) {
    return std::nullopt;
  }
  sim::Hasher hasher;
  kubernetes::hash(world.cluster, world.agenda.now, hasher);
  models::flux::hash(world.flux, world.cluster, world.agenda.now, hasher);
  if (world.openstack.given()) {
    models::openstack::hash(world.openstack, world.agenda.now, hasher);
  }
  if (world.iomesh.given()) {
    models::iomesh::hash(world.iomesh, world.cluster, world.agenda.now, hasher);
  }
  add_events(world, hasher);
  add_plan(world, hasher);
  for (std::size_t i = 0; i < world.checks.size(); ++i) {
    world.program->checks[i].check->hash(world.checks[i], world.agenda.now, hasher);
  }
  return hasher.digest();
}

}  // namespace scenarios
