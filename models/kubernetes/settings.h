#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/cluster_classes.h"
#include "models/kubernetes/features.h"
#include "models/timing/profile.h"

namespace models::kubernetes {

/// What is fixed for a whole scenario and shared by all copies of its world.
struct Settings {
  Features features;
  timing::Profile profile;
  std::vector<BehaviourRule> behaviours;
  ClusterClasses classes;
  bool adverse_ties = false;  ///< of equally good nodes the scheduler takes those with most siblings
};

}  // namespace models::kubernetes
