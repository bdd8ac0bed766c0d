#include "scenarios/checks/invariants.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/checks/pods.h"

namespace scenarios::checks {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;
using kubernetes::Writer;

std::uint16_t code(Field field) { return static_cast<std::uint16_t>(field); }

/// The first transition about its subject makes an invariant applicable, and held until the contrary.
void applies(State& state) {
  if (state.verdict == sim::Verdict::NotApplicable) {
    state.verdict = sim::Verdict::Held;
  }
}

kubernetes::Row pod_row(const kubernetes::Cluster& cluster, kubernetes::Uid uid) {
  return cluster.find_pod_by_uid(uid);
}

/// At most one pod of a StatefulSet's ordinal may run. The API sees to that by unique names; a forced
/// deletion on a node that has gone silent breaks it, for the containers there run on while the successor
/// starts.
class AtMostOnePodPerOrdinal : public Check {
 public:
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::Removed), code(Field::PodPhaseChanged), code(Field::NodeKubelet)};
  }
  /// numbers: (base name, ordinal, node row) of containers that still run although their pod object is gone.
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    const auto field = static_cast<Field>(transition.field);
    if (field == Field::NodeKubelet) {
      if (transition.to == 1) {
        forget_node(state, observed, transition.subject);
      }
      return;
    }
    const kubernetes::Row row = observed.cluster.find_pod_or_removed(transition.subject);
    if (row == kubernetes::kNoRow) {
      return;
    }
    const kubernetes::Pod& pod = observed.cluster.pods[row];
    if (pod.owner.kind != kubernetes::Kind::StatefulSet || pod.index < 0) {
      return;
    }
    applies(state);
    if (field == Field::Removed) {
      const bool silent = pod.node != kubernetes::kNoRow && observed.cluster.nodes.exists(pod.node) &&
                          !observed.cluster.nodes[pod.node].kubelet_alive;
      if (silent && pod.phase == kubernetes::PodPhase::Running) {
        state.numbers.insert(state.numbers.end(), {pod.base_name, pod.index, pod.node});
      }
      return;
    }
    if (pod.phase != kubernetes::PodPhase::Running) {
      return;
    }
    for (std::size_t i = 0; i + 2 < state.numbers.size(); i += 3) {
      if (state.numbers[i] == pod.base_name && state.numbers[i + 1] == pod.index) {
        violate(
            state, observed, id,
            fmt::format(
                "two pods {} may run: one on {}, and one that was removed by force while its node {} was "
                "silent",
                observed.cluster.name_of(pod),
                observed.cluster.strings[observed.cluster.nodes[pod.node].meta.name],
                observed.cluster.strings
                    [observed.cluster.nodes[static_cast<kubernetes::Row>(state.numbers[i + 2])].meta.name]));
        return;
      }
    }
  }

 private:
  static void forget_node(State& state, const Observed& observed, kubernetes::Uid node) {
    for (std::size_t i = 0; i + 2 < state.numbers.size();) {
      const auto row = static_cast<kubernetes::Row>(state.numbers[i + 2]);
      if (observed.cluster.nodes.alive(row) && observed.cluster.nodes[row].meta.uid == node) {
        state.numbers.erase(state.numbers.begin() + static_cast<std::ptrdiff_t>(i),
                            state.numbers.begin() + static_cast<std::ptrdiff_t>(i + 3));
      } else {
        i += 3;
      }
    }
  }
};

/// Scaling in removes the highest ordinal only.
class StatefulSetRemovesOnlyTheHighest : public Check {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(Field::DeletionRequested)}; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    if (transition.writer != static_cast<std::uint16_t>(Writer::StatefulSetController)) {
      return;
    }
    const kubernetes::Row row = pod_row(observed.cluster, transition.subject);
    if (row == kubernetes::kNoRow) {
      return;
    }
    const kubernetes::Pod& pod = observed.cluster.pods[row];
    const kubernetes::OwnerRef& owner = pod.owner;
    if (owner.kind != kubernetes::Kind::StatefulSet || !observed.cluster.statefulsets.exists(owner.row)) {
      return;
    }
    applies(state);
    const kubernetes::StatefulSet& set = observed.cluster.statefulsets[owner.row];
    if (set.spec.pod_management_policy == kubernetes::PodManagementPolicy::Parallel ||
        pod.index < set.spec.start + set.spec.replicas) {
      return;  // several at once are right there; within the range it is a replacement
    }
    for (kubernetes::Row other = set.pods_head; other != kubernetes::kNoRow;
         other = observed.cluster.pods[other].owner_next) {
      const kubernetes::Pod& higher = observed.cluster.pods[other];
      if (!higher.meta.removed && !higher.meta.deleting() && higher.index > pod.index) {
        violate(state, observed, id,
                fmt::format("{} was removed while {} was still there", observed.cluster.name_of(pod),
                            observed.cluster.name_of(higher)));
        return;
      }
    }
  }
};

/// With backoffLimitPerIndex, an index that has failed for good gets no pod while it is in range.
class FailedIndexStaysDead : public Check {
 public:
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::Created), code(Field::JobFailedIndexes), code(Field::JobCompletions)};
  }
  /// numbers: (job uid, index) of every index that has failed since it last came into range.
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    const auto field = static_cast<Field>(transition.field);
    if (field == Field::Created) {
      if (transition.writer == static_cast<std::uint16_t>(Writer::JobController)) {
        on_created(state, observed, id, transition.subject);
      }
      return;
    }
    if (field == Field::JobFailedIndexes) {
      for (kubernetes::Row row = 0; row < observed.cluster.jobs.extent(); ++row) {
        if (observed.cluster.jobs.exists(row) && observed.cluster.jobs[row].meta.uid == transition.subject) {
          remember(state, observed.cluster.jobs[row]);
        }
      }
    }
  }

 private:
  static void remember(State& state, const kubernetes::Job& job) {
    if (job.spec.backoff_limit_per_index < 0) {
      return;
    }
    applies(state);
    // What the status no longer lists has left the range, and may come back (see indexed_job_utils.go).
    for (std::size_t i = 0; i + 1 < state.numbers.size();) {
      if (state.numbers[i] == job.meta.uid) {
        state.numbers.erase(state.numbers.begin() + static_cast<std::ptrdiff_t>(i),
                            state.numbers.begin() + static_cast<std::ptrdiff_t>(i + 2));
      } else {
        i += 2;
      }
    }
    for (const int index : job.status.failed_indexes.indexes()) {
      state.numbers.insert(state.numbers.end(), {job.meta.uid, index});
    }
  }

  static void on_created(State& state, const Observed& observed, sim::TransitionId id, kubernetes::Uid uid) {
    if (state.numbers.empty()) {
      return;
    }
    const kubernetes::Row row = pod_row(observed.cluster, uid);
    if (row == kubernetes::kNoRow) {
      return;
    }
    const kubernetes::Pod& pod = observed.cluster.pods[row];
    for (std::size_t i = 0; i + 1 < state.numbers.size(); i += 2) {
      if (state.numbers[i] == pod.owner.uid && state.numbers[i + 1] == pod.index) {
        violate(state, observed, id,
                fmt::format("index {} of job {} had failed for good, and got a pod again", pod.index,
                            observed.cluster.strings[pod.base_name]));
        return;
      }
    }
  }
};

/// An index that has succeeded stays succeeded: its work is not done again.
class NoCompletedWorkLost : public Check {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(Field::JobSucceeded)}; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    applies(state);
    const sim::Transition& transition = observed.history.at(id);
    if (transition.to < transition.from) {
      violate(
          state, observed, id,
          fmt::format("the success of {} {} was forgotten; what was done runs again if the job grows over it",
                      transition.from - transition.to,
                      transition.from - transition.to == 1 ? "index" : "indexes"));
    }
  }
};

class JobFailuresNeverFall : public Check {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(Field::JobFailed)}; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    applies(state);
    const sim::Transition& transition = observed.history.at(id);
    if (transition.to < transition.from) {
      violate(state, observed, id,
              fmt::format("status.failed fell from {} to {}", transition.from, transition.to));
    }
  }
};

}  // namespace

std::shared_ptr<const Check> at_most_one_pod_per_ordinal() {
  return std::make_shared<AtMostOnePodPerOrdinal>();
}
std::shared_ptr<const Check> statefulset_removes_only_the_highest() {
  return std::make_shared<StatefulSetRemovesOnlyTheHighest>();
}
std::shared_ptr<const Check> failed_index_stays_dead() { return std::make_shared<FailedIndexStaysDead>(); }
std::shared_ptr<const Check> no_completed_work_lost() { return std::make_shared<NoCompletedWorkLost>(); }
std::shared_ptr<const Check> job_failures_never_fall() { return std::make_shared<JobFailuresNeverFall>(); }

}  // namespace scenarios::checks
