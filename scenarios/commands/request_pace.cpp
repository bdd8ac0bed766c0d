#include "scenarios/commands/request_pace.h"

#include "models/kubernetes/requests.h"

namespace scenarios::commands {

namespace kubernetes = models::kubernetes;

namespace {

/// Choices of commands are told from those of controllers about the same object by their occurrence.
constexpr std::uint32_t kOfCommand = 0x80000000U;

sim::Subject subject_of(const Systems& systems, const ObjectRef& object) {
  if (object.kind == Kind::Pod) {
    return kubernetes::subject_of(systems.kubernetes.cluster.pods[object.row]);
  }
  const Meta& meta = meta_of(systems, object);
  return {static_cast<std::uint32_t>(object.kind), meta.name_space, meta.name, -1, 0};
}

}  // namespace

bool takes_effect(CommandState& state, Systems& systems, const ObjectRef& object,
                  kubernetes::Purpose purpose) {
  kubernetes::Turn& turn = systems.kubernetes;
  if (state.deadline == sim::kNever) {
    const std::uint32_t occurrence = kOfCommand | static_cast<std::uint32_t>(object.uid);
    state.deadline =
        turn.now() + kubernetes::request_latency(turn, subject_of(systems, object), purpose, occurrence);
  }
  if (turn.now() < state.deadline) {
    return false;
  }
  state.deadline = sim::kNever;
  return true;
}

}  // namespace scenarios::commands
