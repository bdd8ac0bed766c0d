#include "scenarios/commands/request_pace.h"

#include "models/kubernetes/requests.h"

namespace scenarios::commands {

namespace kubernetes = models::kubernetes;

namespace {

sim::Subject subject_of(const Systems& systems, const ObjectRef& object) {
  const Meta& meta = meta_of(systems, object);
  return {static_cast<std::uint32_t>(object.kind), meta.name_space, meta.name, -1, 0};
}

}  // namespace

sim::Duration request_time(Systems& systems, const ObjectRef& object, kubernetes::Purpose purpose) {
  kubernetes::Turn& turn = systems.kubernetes;
  const std::uint32_t occurrence = kubernetes::kOfCommand | static_cast<std::uint32_t>(object.uid);
  return object.kind == Kind::Pod
             ? kubernetes::pod_request_latency(turn, turn.cluster.pods[object.row], purpose, occurrence)
             : kubernetes::request_latency(turn, subject_of(systems, object), purpose, occurrence);
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
