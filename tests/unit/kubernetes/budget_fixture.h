#pragma once
// Pods, budgets and what their status says, for the tests of the disruption controller and of evictions.

#include <fmt/core.h>

#include <memory>
#include <string>
#include <string_view>

#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/disruption_controller.h"
#include "models/kubernetes/eviction.h"
#include "tests/unit/kubernetes/cluster_fixture.h"

namespace models::kubernetes::testing_support {

inline IntOrPercent count_of(std::int32_t value) { return {value, false}; }
inline IntOrPercent percent_of(std::int32_t value) { return {value, true}; }

/// A cluster in which only the disruption controller acts.
class BudgetWorld : public TestCluster {
 public:
  explicit BudgetWorld(std::string_view version = "1.35.0") : TestCluster(version) {
    receive(ObserverId::ControllerManager, disruption_controller::observe);
    handle(disruption_controller::on_event);
  }

  /// A budget over the pods with the label app=web; `change(spec)` fills the rest in.
  template <class Change>
  Row add_budget(std::string_view name, Change&& change) {
    PodDisruptionBudget budget;
    budget.meta.name = text(name);
    budget.meta.name_space = text("default");
    LabelSelector selector;
    selector.match_labels = {{"app", "web"}};
    budget.spec.selector = std::make_shared<const LabelSelector>(selector);
    change(budget.spec);
    Turn current = turn();
    return create_budget(current, std::move(budget), {Writer::User}).row;
  }
  Row min_available(IntOrPercent value) {
    return add_budget("web", [&](PodDisruptionBudgetSpec& spec) { spec.min_available = value; });
  }
  Row max_unavailable(IntOrPercent value) {
    return add_budget("web", [&](PodDisruptionBudgetSpec& spec) { spec.max_unavailable = value; });
  }

  Row add_replicaset(std::string_view name, std::int32_t replicas, OwnerRef owner = {}) {
    ReplicaSet set;
    set.meta.name = text(name);
    set.meta.name_space = text("default");
    set.owner = owner;
    set.spec.replicas = replicas;
    set.spec.pod_template = add_template("web");
    set.spec.selector = std::make_shared<const LabelSelector>();
    Turn current = turn();
    return create_replicaset(current, std::move(set), {Writer::User}).row;
  }
  OwnerRef owner_of_replicaset(Row row) { return {Kind::ReplicaSet, row, cluster.replicasets[row].meta.uid}; }

  /// A running pod with the label app=web, ready or not.
  Row add_pod(std::string_view name, OwnerRef owner = {}, bool ready = true) {
    Pod pod;
    pod.meta.name = text(name);
    pod.meta.name_space = text("default");
    pod.owner = owner;
    pod.pod_template = add_template("web");
    Turn current = turn();
    const Row row = create_pod(current, pod, {Writer::User}).row;
    bind(row, node());
    ready ? make_ready(row) : start(row);
    return row;
  }
  Row node() {
    if (node_ == kNoRow) {
      node_ = add_node("worker-0");
    }
    return node_;
  }

  PodDisruptionBudgetStatus& status(Row budget) { return cluster.budgets[budget].status; }
  /// "allowed healthy/desired of expected", after everything has come to rest.
  std::string shown(Row budget) {
    settle();
    const PodDisruptionBudgetStatus& s = status(budget);
    return fmt::format("{} {}/{} of {}", s.disruptions_allowed, s.current_healthy, s.desired_healthy,
                       s.expected_pods);
  }
  std::string reason(Row budget) { return cluster.strings[status(budget).disruption_allowed.reason]; }
  /// Warnings about the budget that begin like that.
  std::size_t warnings(std::string_view begin) const {
    std::size_t count = 0;
    for (const sim::Transition& transition : transitions(Field::Warning, Writer::DisruptionController)) {
      count += std::string_view(history.text_at(transition.detail)).starts_with(begin) ? 1U : 0U;
    }
    return count;
  }
  EvictionAnswer evict(Row pod, std::int64_t grace_seconds = -1, bool dry_run = false) {
    Turn current = turn();
    return evict_pod(current, pod, {Writer::User}, grace_seconds, dry_run);
  }

 private:
  Row node_ = kNoRow;
};

}  // namespace models::kubernetes::testing_support
