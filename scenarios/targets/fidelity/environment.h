#pragma once
// What a recording shows of the surroundings of the control plane: how long the kubelets took and how
// containers ended. Dictated to the simulation, so that only controllers and the scheduler are judged.

#include <map>
#include <string>
#include <vector>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/cluster.h"
#include "sim/history.h"

namespace scenarios::targets {

/// Collects it transition by transition, as they are observed.
class Environment {
 public:
  /// Takes note of a transition that was just observed; `cluster` is as it is after it.
  void note(const sim::Transition& transition, const models::kubernetes::Cluster& cluster);
  /// One rule for each pod that was seen, most specific: by namespace, owner, index and attempt. `latency`:
  /// what the simulated kubelet takes to see its pods, part of every recorded start and stop.
  [[nodiscard]] std::vector<models::kubernetes::BehaviourRule> rules(sim::Duration latency) const;

 private:
  struct PodTimes {
    std::string name_space;
    std::string name;  ///< of the owner, or of the pod itself
    std::int32_t index = -1;
    std::int32_t attempt = -1;
    sim::Time bound = sim::kNever;
    sim::Time running = sim::kNever;
    sim::Time ready = sim::kNever;
    sim::Time ended = sim::kNever;
    sim::Time deletion = sim::kNever;
    sim::Time stopped = sim::kNever;
    std::vector<std::int32_t> exit_codes;
  };

  PodTimes& times_of(const models::kubernetes::Pod& pod, const models::kubernetes::Cluster& cluster);

  std::map<models::kubernetes::Uid, PodTimes> pods_;
  std::map<std::string, std::int32_t> attempts_;
};

}  // namespace scenarios::targets
