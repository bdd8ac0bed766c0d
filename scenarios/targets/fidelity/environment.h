#pragma once
// What a recording shows of the surroundings of the control plane: how long the kubelets took and how
// containers ended. Dictated to the simulation, so that only controllers and the scheduler are judged.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/cluster.h"
#include "sim/choices.h"
#include "sim/history.h"

namespace scenarios::targets {

/// When something that the control plane does not decide happened, by the question that a simulation asks;
/// ascending, for an object that is made again under its old name asks the same questions again.
using Moments = std::map<sim::ChoiceKey, std::vector<sim::Time>>;

/// Collects it transition by transition, as they are observed.
class Environment {
 public:
  /// Takes note of a transition that was just observed; `cluster` is as it is after it.
  void note(sim::TransitionId id, const sim::Transition& transition,
            const models::kubernetes::Cluster& cluster);
  /// One rule for each pod that was seen, most specific: by namespace, owner, index and attempt. It says what
  /// the pod's containers do; when they do it is for `moments` to say.
  [[nodiscard]] std::vector<models::kubernetes::BehaviourRule> rules(
      const std::vector<sim::Time>& times) const;
  /// When the kubelets and the provisioner of volumes did what they did. `times`: of each transition, by id.
  [[nodiscard]] Moments moments(const std::vector<sim::Time>& times) const;

 private:
  /// From one start of a pod's containers to the next; kNoTransition: was not seen.
  struct Cycle {
    sim::TransitionId running = sim::kNoTransition;
    sim::TransitionId ready = sim::kNoTransition;
    sim::TransitionId ended = sim::kNoTransition;
  };
  struct PodTimes {
    std::string name_space;
    std::string name;  ///< of the owner, or of the pod itself
    std::int32_t index = -1;
    std::string node;                   ///< a DaemonSet made it for
    models::kubernetes::Uid owner = 0;  ///< the first controller that it was seen with
    models::kubernetes::Kind owner_kind = models::kubernetes::Kind::None;
    std::uint64_t entity = 0;
    sim::TransitionId bound = sim::kNoTransition;
    sim::TransitionId deletion = sim::kNoTransition;
    sim::TransitionId stopped = sim::kNoTransition;
    sim::TransitionId removed = sim::kNoTransition;
    sim::TransitionId deleted =
        sim::kNoTransition;      ///< the kubelet's request, where a finalizer held the pod
    bool ran = false;            ///< containers ran when the deletion was requested
    std::uint32_t restarts = 0;  ///< … and so often they had been restarted
    std::vector<Cycle> cycles;   ///< by restarts
    std::vector<std::int32_t> exit_codes;
  };

  PodTimes& times_of(const models::kubernetes::Pod& pod, const models::kubernetes::Cluster& cluster);
  void note_pod(sim::TransitionId id, const sim::Transition& transition, const models::kubernetes::Pod& pod,
                const models::kubernetes::Cluster& cluster);
  static Cycle& cycle_of(PodTimes& times, std::size_t restarts);
  /// For each pod, by uid: how many of its owner and index came before it.
  [[nodiscard]] std::map<models::kubernetes::Uid, std::int32_t> attempts() const;

  std::map<models::kubernetes::Uid, PodTimes> pods_;
  std::map<std::uint64_t, sim::TransitionId> bound_claims_;  ///< by the entity of the claim's choices
};

}  // namespace scenarios::targets
