#include "scenarios/checks/disruption_checks.h"

#include <fmt/core.h>

#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/disruption_controller.h"
#include "models/timing/distribution.h"
#include "scenarios/checks/pods.h"

namespace scenarios::checks {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Cluster;
using kubernetes::Field;
using kubernetes::kNoRow;
using kubernetes::Pod;
using kubernetes::PodDisruptionBudget;
using kubernetes::Row;
using kubernetes::Writer;

/// Whether the pod is taken away from its controller: controllers that shrink or replace ask no budget, and
/// know what they do.
bool is_disruption(std::uint16_t writer) {
  switch (static_cast<Writer>(writer)) {
    case Writer::User:
    case Writer::TaintEvictionController:
    case Writer::Scheduler:
    case Writer::PodGarbageCollector:  // somebody deleted the Node under it
      return true;
    default:
      return false;
  }
}

const Pod* disrupted_pod(const Observed& observed, const sim::Transition& transition) {
  if (!is_disruption(transition.writer)) {
    return nullptr;
  }
  const Row row = observed.cluster.find_pod_or_removed(transition.subject);
  return row == kNoRow ? nullptr : &observed.cluster.pods[row];
}

/// What a budget asks for, and what is left.
struct Left {
  std::int32_t desired = 0;
  std::int32_t healthy = 0;
  bool known = false;  ///< it can be computed, and expects pods
};

Left left_under(const Cluster& cluster, Row row) {
  const kubernetes::View now(cluster, cluster.resource_version);
  const PodDisruptionBudget& budget = cluster.budgets[row];
  const std::vector<Row> pods = kubernetes::pods_selected(now, row);
  Left left;
  for (const Row pod : pods) {
    left.healthy += kubernetes::counts_of(cluster.pods[pod]).ready;
  }
  const auto count = kubernetes::disruption_controller::count_expected(now, budget, pods);
  left.desired = count.desired_healthy;
  left.known = count.error.empty() && count.expected > 0;
  return left;
}

/// No pod is taken away below what its disruption budget wants.
class DisruptionBudgetsRespected : public Check {
 public:
  std::vector<std::uint16_t> fields() const override {
    return {static_cast<std::uint16_t>(Field::DeletionRequested)};
  }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const Cluster& cluster = observed.cluster;
    if (cluster.budgets.size() == 0) {
      return;
    }
    const sim::Transition& transition = observed.history.at(id);
    const Pod* pod = disrupted_pod(observed, transition);
    // An unready pod is no part of what the budget counts on. A first request counts, later ones shorten it.
    if (pod == nullptr || !pod->ready) {
      return;
    }
    for (const Row row : kubernetes::budgets_of(cluster, *pod)) {
      const PodDisruptionBudget& budget = cluster.budgets[row];
      const Left left = left_under(cluster, row);
      if (!left.known) {
        continue;
      }
      if (state.verdict == sim::Verdict::NotApplicable) {
        state.verdict = sim::Verdict::Held;
      }
      if (left.healthy < left.desired) {
        violate(state, observed, id,
                fmt::format("{} is taken away: budget {} wants {} healthy pods, {} {} left",
                            cluster.name_of(*pod), cluster.name_of(budget.meta), left.desired, left.healthy,
                            left.healthy == 1 ? "is" : "are"),
                pod->meta.uid);
        return;
      }
    }
  }
};

/// No pod is taken away in the middle of work that nobody goes on with.
class NoRunningWorkLost : public Check {
 public:
  explicit NoRunningWorkLost(const language::CheckUse& use) : object_(use.text("object")) {}
  std::vector<std::uint16_t> fields() const override {
    return {static_cast<std::uint16_t>(Field::DeletionRequested),
            static_cast<std::uint16_t>(Field::PodPhaseChanged)};
  }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::Held; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const Cluster& cluster = observed.cluster;
    const sim::Transition& transition = observed.history.at(id);
    const Pod* pod = disrupted_pod(observed, transition);
    if (pod == nullptr || !takes_running(transition, *pod) ||
        (!object_.empty() && cluster.strings[pod->base_name] != object_ &&
         cluster.name_of(*pod) != object_)) {
      return;
    }
    const std::string ran = models::timing::duration_text(observed.now - pod->started_at);
    if (pod->owner.kind == kubernetes::Kind::None) {
      violate(
          state, observed, id,
          fmt::format("bare pod {} had run for {}, and nothing makes it anew", cluster.name_of(*pod), ran),
          pod->meta.uid);
    } else if (pod->owner.kind == kubernetes::Kind::Job) {
      violate(state, observed, id,
              fmt::format("{} had worked for {}: its successor begins anew", cluster.name_of(*pod), ran),
              pod->meta.uid);
    }
  }

 private:
  /// Pod garbage collection says that a pod has failed, and deletes it at once. One that was deleted before
  /// was judged then.
  static bool takes_running(const sim::Transition& transition, const Pod& pod) {
    if (transition.field == static_cast<std::uint16_t>(Field::DeletionRequested)) {
      return pod.phase == kubernetes::PodPhase::Running;
    }
    return transition.writer == static_cast<std::uint16_t>(Writer::PodGarbageCollector) &&
           transition.from == static_cast<std::int64_t>(kubernetes::PodPhase::Running) &&
           !(pod.meta.deleting() && pod.meta.deletion_timestamp < transition.at);
  }

  std::string object_;
};

}  // namespace

std::shared_ptr<const Check> disruption_budgets_respected() {
  return std::make_shared<DisruptionBudgetsRespected>();
}
std::shared_ptr<const Check> no_running_work_lost(const language::CheckUse& use) {
  return std::make_shared<NoRunningWorkLost>(use);
}

}  // namespace scenarios::checks
