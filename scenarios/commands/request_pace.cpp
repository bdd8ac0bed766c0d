#include "scenarios/commands/request_pace.h"

#include "models/kubernetes/requests.h"

namespace scenarios::commands {

namespace kubernetes = models::kubernetes;

namespace {

sim::Subject subject_of(const Systems& systems, const ObjectRef& object) {
  if (object.kind == Kind::Pod) {
    return kubernetes::subject_of(systems.kubernetes.cluster.pods[object.row]);
  }
  const Meta& meta = meta_of(systems, object);
  return {static_cast<std::uint32_t>(object.kind), meta.name_space, meta.name, -1, 0};
}

}  // namespace

sim::Duration request_time(Systems& systems, const ObjectRef& object, kubernetes::Purpose purpose) {
  const std::uint32_t occurrence = kubernetes::kOfCommand | static_cast<std::uint32_t>(object.uid);
  return kubernetes::request_latency(systems.kubernetes, subject_of(systems, object), purpose, occurrence);
}

bool takes_effect(CommandState& state, Systems& systems, const ObjectRef& object,
                  kubernetes::Purpose purpose) {
  const kubernetes::Turn& turn = systems.kubernetes;
  if (state.deadline == sim::kNever) {
    state.deadline = turn.now() + request_time(systems, object, purpose);
  }
  if (turn.now() < state.deadline) {
    return false;
  }
  state.deadline = sim::kNever;
  return true;
}

}  // namespace scenarios::commands
