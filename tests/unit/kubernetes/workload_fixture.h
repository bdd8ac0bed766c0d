#pragma once
// Deployments, ReplicaSets and DaemonSets in a test's hands.

#include <memory>
#include <string>
#include <utility>

#include "tests/unit/kubernetes/cluster_fixture.h"

namespace models::kubernetes::testing_support {

/// The selector of pods with the labels of that template.
inline std::shared_ptr<const LabelSelector> selector_for(const TestCluster& world, TemplateId pod_template) {
  LabelSelector selector;
  selector.match_labels = world.cluster.templates[pod_template]->labels;
  return std::make_shared<const LabelSelector>(std::move(selector));
}

template <class T>
T named(TestCluster& world, std::string_view name, decltype(T::spec) spec) {
  T object;
  object.meta.name = world.text(name);
  object.meta.name_space = world.text("default");
  object.spec = std::move(spec);
  if (object.spec.selector == nullptr) {
    object.spec.selector = selector_for(world, object.spec.pod_template);
  }
  return object;
}

inline Row add_replicaset(TestCluster& world, std::string_view name, ReplicaSetSpec spec) {
  Turn turn = world.turn();
  return create_replicaset(turn, named<ReplicaSet>(world, name, std::move(spec)), {Writer::User}).row;
}
inline Row add_deployment(TestCluster& world, std::string_view name, DeploymentSpec spec) {
  Turn turn = world.turn();
  return create_deployment(turn, named<Deployment>(world, name, std::move(spec)), {Writer::User}).row;
}
inline Row add_daemonset(TestCluster& world, std::string_view name, DaemonSetSpec spec) {
  Turn turn = world.turn();
  return create_daemonset(turn, named<DaemonSet>(world, name, std::move(spec)), {Writer::User}).row;
}

}  // namespace models::kubernetes::testing_support
