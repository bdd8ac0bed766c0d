#include "scenarios/checks/disruption_checks.h"

#include <fmt/core.h>

#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/disruption_controller.h"
#include "models/kubernetes/node_pods.h"
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

/// The pod that the transition is about; nullptr if it is about something else.
const Pod* pod_of(const Observed& observed, const sim::Transition& transition) {
  const Row row = observed.cluster.find_pod_or_removed(transition.subject);
  return row == kNoRow ? nullptr : &observed.cluster.pods[row];
}

const Pod* disrupted_pod(const Observed& observed, const sim::Transition& transition) {
  return is_disruption(transition.writer) ? pod_of(observed, transition) : nullptr;
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
            static_cast<std::uint16_t>(Field::PodPhaseChanged),
            static_cast<std::uint16_t>(Field::NodeKubelet)};
  }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::Held; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const Cluster& cluster = observed.cluster;
    const sim::Transition& transition = observed.history.at(id);
    if (transition.field == static_cast<std::uint16_t>(Field::NodeKubelet)) {
      judge_power_loss(state, observed, id);
      return;
    }
    const Pod* pod = ends_by_shutdown(observed, transition) ? pod_of(observed, transition)
                                                            : disrupted_pod(observed, transition);
    if (pod == nullptr || !takes_running(transition, *pod) || !is_asked_for(cluster, *pod)) {
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
  [[nodiscard]] bool is_asked_for(const Cluster& cluster, const Pod& pod) const {
    return object_.empty() || cluster.strings[pod.base_name] == object_ || cluster.name_of(pod) == object_;
  }

  /// The kubelet of a machine that shuts down ends its pods as failed. Source: pkg/kubelet/nodeshutdown
  /// nodeshutdown_manager.go, killPods.
  static bool ends_by_shutdown(const Observed& observed, const sim::Transition& transition) {
    if (transition.field != static_cast<std::uint16_t>(Field::PodPhaseChanged) ||
        transition.to != static_cast<std::int32_t>(kubernetes::PodPhase::Failed)) {
      return false;
    }
    const Pod* pod = pod_of(observed, transition);
    return pod != nullptr && pod->reason == kubernetes::PodReason::Terminated;
  }

  /// Containers end with their machine. When it is back the kubelet finds none of them: it begins them anew
  /// where the restart policy says so, and else the pod has failed. Source: pkg/kubelet/kuberuntime
  /// kuberuntime_manager.go, computePodActions; container/helpers.go, ShouldContainerBeRestarted.
  void judge_power_loss(State& state, const Observed& observed, sim::TransitionId id) const {
    const Cluster& cluster = observed.cluster;
    const kubernetes::Uid subject = observed.history.at(id).subject;
    const Row node = subject < cluster.row_of_uid.size() ? cluster.row_of_uid[subject] : kNoRow;
    if (!cluster.nodes.alive(node) || cluster.nodes[node].meta.uid != subject ||
        cluster.nodes[node].machine_on) {
      return;
    }
    for (const Row row : kubernetes::pods_on_node(cluster, node)) {
      const Pod& pod = cluster.pods[row];
      const kubernetes::RestartPolicy policy = cluster.template_of(pod).restart_policy;
      const bool works = pod.owner.kind == kubernetes::Kind::Job ||
                         (pod.owner.kind == kubernetes::Kind::None && !pod.static_pod &&
                          policy != kubernetes::RestartPolicy::Always);
      // One that was deleted before was judged then.
      if (!works || pod.phase != kubernetes::PodPhase::Running || pod.meta.deleting() ||
          !is_asked_for(cluster, pod)) {
        continue;
      }
      const std::string_view after = policy == kubernetes::RestartPolicy::OnFailure ? "it begins anew"
                                     : pod.owner.kind == kubernetes::Kind::Job ? "its successor begins anew"
                                                                               : "nothing makes it anew";
      violate(state, observed, id,
              fmt::format("{} had worked for {} when its machine went off: {}", cluster.name_of(pod),
                          models::timing::duration_text(observed.now - pod.started_at), after),
              pod.meta.uid);
      return;
    }
  }

  /// Pod garbage collection says that a pod has failed, and deletes it at once. One that was deleted before
  /// was judged then.
  static bool takes_running(const sim::Transition& transition, const Pod& pod) {
    if (transition.field == static_cast<std::uint16_t>(Field::DeletionRequested)) {
      return pod.phase == kubernetes::PodPhase::Running;
    }
    if (transition.from == static_cast<std::int64_t>(kubernetes::PodPhase::Running) &&
        transition.writer == static_cast<std::uint16_t>(Writer::Kubelet)) {
      return !pod.meta.deleting();
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
