#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/cluster_classes.h"
#include "models/kubernetes/features.h"
#include "models/timing/profile.h"
#include "sim/time.h"

namespace models::kubernetes {

/// What components were started with, where a rule reads it.
struct ComponentSettings {
  sim::Duration shutdown_grace{};           ///< kubelet shutdownGracePeriod; 0: it does not see to a shutdown
  sim::Duration shutdown_grace_critical{};  ///< kubelet shutdownGracePeriodCriticalPods, part of the above
  std::int64_t terminated_pod_threshold = 12500;  ///< kube-controller-manager --terminated-pod-gc-threshold
  sim::Duration node_monitor_grace{};             ///< … --node-monitor-grace-period; 0: the version's default
  bool force_detach_on_timeout = true;            ///< not … --disable-force-detach-on-timeout
};

/// What is fixed for a whole scenario and shared by all copies of its world.
struct Settings {
  Features features;
  timing::Profile profile;
  std::vector<BehaviourRule> behaviours;
  ClusterClasses classes;
  bool adverse_ties = false;  ///< of equally good nodes the scheduler takes those with most siblings
  ComponentSettings components;
};

}  // namespace models::kubernetes
