#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "models/flux/vocabulary.h"
#include "scenarios/checks/plan_checks.h"

namespace scenarios::checks {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;

std::uint16_t code(Field field) { return static_cast<std::uint16_t>(field); }

/// One workload that declares a size.
struct Sized {
  kubernetes::Uid uid = 0;
  kubernetes::Text name = 0;
  std::int64_t declared = 0;
  std::int64_t actual = 0;
};

Sized sized(const kubernetes::StatefulSet& set) {
  return {set.meta.uid, set.meta.name, set.spec.replicas, set.pod_counts.running};
}

/// A Job of a MiniCluster stands under the MiniCluster. Nothing for one that has no size to keep any more.
std::optional<Sized> sized(const Observed& observed, const kubernetes::Job& job) {
  if (job.status.finished() || job.spec.suspend) {
    return std::nullopt;
  }
  Sized sized{job.meta.uid, job.meta.name, job.spec.parallelism, job.pod_counts.running};
  if (job.spec.completions >= 0) {
    sized.declared = std::min<std::int64_t>(sized.declared, job.spec.completions - job.status.succeeded);
  }
  if (job.owner.uid != 0) {
    if (const kubernetes::Row row = observed.flux.find_uid(job.owner.uid); row != kubernetes::kNoRow) {
      sized.declared = observed.flux.miniclusters[row].spec.size;
      sized.uid = job.owner.uid;
    }
  }
  return sized;
}

/// A Deployment's pods are those of all its ReplicaSets.
Sized sized_deployment(const kubernetes::Cluster& cluster, kubernetes::Row at) {
  const kubernetes::Deployment& deployment = cluster.deployments[at];
  Sized sized{deployment.meta.uid, deployment.meta.name, deployment.spec.replicas, 0};
  for (const kubernetes::Row row :
       kubernetes::replicasets_of(cluster.replicaset_index, at, deployment.meta.uid)) {
    if (cluster.replicasets.exists(row) && cluster.replicasets[row].owner.uid == deployment.meta.uid) {
      sized.actual += cluster.replicasets[row].pod_counts.running;
    }
  }
  return sized;
}

/// A ReplicaSet of a Deployment stands under the Deployment.
Sized sized(const kubernetes::Cluster& cluster, const kubernetes::ReplicaSet& set) {
  const kubernetes::OwnerRef& owner = set.owner;
  if (owner.kind == kubernetes::Kind::Deployment && cluster.deployments.exists(owner.row) &&
      cluster.deployments[owner.row].meta.uid == owner.uid) {
    return sized_deployment(cluster, owner.row);
  }
  return {set.meta.uid, set.meta.name, set.spec.replicas, set.pod_counts.running};
}

/// A DaemonSet wants a pod on each node that is eligible; those that run elsewhere are counted apart.
Sized sized(const kubernetes::DaemonSet& set) {
  return {set.meta.uid, set.meta.name, set.status.desired, set.pod_counts.running - set.status.misscheduled};
}

/// The workload that a transition about `subject` concerns: itself, or the owner of the pod.
std::optional<Sized> sized_at(const Observed& observed, kubernetes::Uid subject) {
  const kubernetes::Cluster& cluster = observed.cluster;
  const auto at = [&](kubernetes::Kind kind, kubernetes::Row row,
                      kubernetes::Uid uid) -> std::optional<Sized> {
    if (kind == kubernetes::Kind::StatefulSet && cluster.statefulsets.exists(row) &&
        cluster.statefulsets[row].meta.uid == uid) {
      return sized(cluster.statefulsets[row]);
    }
    if (kind == kubernetes::Kind::Job && cluster.jobs.exists(row) && cluster.jobs[row].meta.uid == uid) {
      return sized(observed, cluster.jobs[row]);
    }
    if (kind == kubernetes::Kind::Deployment && cluster.deployments.exists(row) &&
        cluster.deployments[row].meta.uid == uid) {
      return sized_deployment(cluster, row);
    }
    if (kind == kubernetes::Kind::ReplicaSet && cluster.replicasets.exists(row) &&
        cluster.replicasets[row].meta.uid == uid) {
      return sized(cluster, cluster.replicasets[row]);
    }
    if (kind == kubernetes::Kind::DaemonSet && cluster.daemonsets.exists(row) &&
        cluster.daemonsets[row].meta.uid == uid) {
      return sized(cluster.daemonsets[row]);
    }
    return std::nullopt;
  };
  if (const kubernetes::Row pod = cluster.find_pod_or_removed(subject); pod != kubernetes::kNoRow) {
    const kubernetes::OwnerRef& owner = cluster.pods[pod].owner;
    return at(owner.kind, owner.row, owner.uid);
  }
  if (const kubernetes::Row row = observed.flux.find_uid(subject); row != kubernetes::kNoRow) {
    const models::flux::MiniCluster& minicluster = observed.flux.miniclusters[row];
    return at(kubernetes::Kind::Job, minicluster.job, minicluster.job_uid);
  }
  const kubernetes::Row row =
      subject < cluster.row_of_uid.size() ? cluster.row_of_uid[subject] : kubernetes::kNoRow;
  for (const kubernetes::Kind kind :
       {kubernetes::Kind::StatefulSet, kubernetes::Kind::Job, kubernetes::Kind::Deployment,
        kubernetes::Kind::ReplicaSet, kubernetes::Kind::DaemonSet}) {
    if (const std::optional<Sized> workload = at(kind, row, subject)) {
      return workload;
    }
  }
  return std::nullopt;
}

/// Visits every workload that declares a size.
template <class Visit>
void each_sized(const Observed& observed, Visit&& visit) {
  const kubernetes::Cluster& cluster = observed.cluster;
  for (kubernetes::Row row = 0; row < cluster.statefulsets.extent(); ++row) {
    if (cluster.statefulsets.exists(row)) {
      visit(sized(cluster.statefulsets[row]));
    }
  }
  for (kubernetes::Row row = 0; row < cluster.jobs.extent(); ++row) {
    if (!cluster.jobs.exists(row)) {
      continue;
    }
    if (const std::optional<Sized> job = sized(observed, cluster.jobs[row])) {
      visit(*job);
    }
  }
  for (kubernetes::Row row = 0; row < cluster.deployments.extent(); ++row) {
    if (cluster.deployments.exists(row)) {
      visit(sized_deployment(cluster, row));
    }
  }
  for (kubernetes::Row row = 0; row < cluster.replicasets.extent(); ++row) {
    if (cluster.replicasets.exists(row)) {
      const Sized set = sized(cluster, cluster.replicasets[row]);
      if (set.uid == cluster.replicasets[row].meta.uid) {  // else its Deployment was visited
        visit(set);
      }
    }
  }
  for (kubernetes::Row row = 0; row < cluster.daemonsets.extent(); ++row) {
    if (cluster.daemonsets.exists(row)) {
      visit(sized(cluster.daemonsets[row]));
    }
  }
}

/// A size that is declared and not real misleads whoever plans by it. A difference is normal while pods start
/// and stop; it counts once it has lasted longer than `settle`, or when nothing happens any more.
class DeclaredSizeIsActualSize : public Check {
 public:
  explicit DeclaredSizeIsActualSize(const language::CheckUse& use) : object_(use.text("object")) {
    const language::CheckArgument* settle = use.find("settle");
    settle_ =
        settle != nullptr && settle->given() ? settle->duration : sim::Duration{std::chrono::minutes{2}};
  }
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::PodPhaseChanged),
            code(Field::DeletionRequested),
            code(Field::Removed),
            code(Field::SetReplicas),
            code(Field::JobParallelism),
            code(Field::JobSucceeded),
            code(Field::Created),
            code(Field::DaemonDesired),
            code(Field::DaemonMisscheduled),
            static_cast<std::uint16_t>(models::flux::Field::MiniClusterSize)};
  }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const std::optional<Sized> sized = sized_at(observed, observed.history.at(id).subject);
    if (!sized || !asked_for(observed, *sized)) {
      return;
    }
    std::int64_t* entry = entry_of(state, sized->uid);
    if (sized->actual != sized->declared) {
      differs(entry, *sized, observed.now, id);
      return;
    }
    if (entry[kSince] >= 0 && entry[kWasEqual] == 1 &&
        observed.now.count() - entry[kSince] >= settle_.count()) {
      report(state, observed, entry, *sized, "for a while");
      return;
    }
    equals(state, entry);
  }
  void end(State& state, const Observed& observed) const override {
    each_sized(observed, [&](const Sized& sized) {
      if (!asked_for(observed, sized)) {
        return;
      }
      std::int64_t* entry = entry_of(state, sized.uid);
      if (sized.actual == sized.declared) {
        equals(state, entry);
      } else {
        differs(entry, sized, observed.now, sim::kNoTransition);
        report(state, observed, entry, sized, "at the end");
      }
    });
  }
  void hash(const State& state, sim::Time now, sim::Hasher& hasher) const override {
    hasher.add(state.verdict);
    for (std::size_t i = 0; i + kNumbers <= state.numbers.size(); i += kNumbers) {
      const std::int64_t since = state.numbers[i + kSince];
      hasher.add(since < 0 ? std::int64_t{-1} : std::min(settle_.count(), now.count() - since));
      hasher.add(state.numbers[i + kWasEqual]);
    }
  }

 private:
  /// What the check keeps of a workload, in `State::numbers`.
  enum Number : std::size_t {
    kUid,
    kSince,     ///< since when it differs; -1: it does not
    kBecause,   ///< the transition that made it differ
    kWasEqual,  ///< 1 once both were equal
    kDeclared,  ///< the latest difference, which the summary tells whatever is there when it is settled
    kActual,
    kNumbers
  };

  bool asked_for(const Observed& observed, const Sized& sized) const {
    return object_.empty() || observed.cluster.strings[sized.name] == object_;
  }

  static void differs(std::int64_t* entry, const Sized& sized, sim::Time now, sim::TransitionId id) {
    if (entry[kSince] < 0) {
      entry[kSince] = now.count();
      entry[kBecause] = id;
    }
    entry[kDeclared] = sized.declared;
    entry[kActual] = sized.actual;
  }

  static void equals(State& state, std::int64_t* entry) {
    entry[kSince] = -1;
    entry[kWasEqual] = 1;
    if (state.verdict != sim::Verdict::Violated) {
      state.verdict = sim::Verdict::Held;
    }
  }

  /// Entries stand in the order of their uids.
  static std::int64_t* entry_of(State& state, kubernetes::Uid uid) {
    std::size_t first = 0;
    std::size_t end = state.numbers.size() / kNumbers;
    while (first < end) {
      const std::size_t middle = (first + end) / 2;
      if (state.numbers[middle * kNumbers + kUid] < uid) {
        first = middle + 1;
      } else {
        end = middle;
      }
    }
    const std::size_t place = first * kNumbers;
    if (place == state.numbers.size() || state.numbers[place + kUid] != uid) {
      if (state.verdict == sim::Verdict::NotApplicable) {
        state.verdict = sim::Verdict::NotReached;
      }
      state.numbers.insert(state.numbers.begin() + static_cast<std::ptrdiff_t>(place),
                           {uid, -1, sim::kNoTransition, 0, 0, 0});
    }
    return &state.numbers[place];
  }

  void report(State& state, const Observed& observed, const std::int64_t* entry, const Sized& sized,
              std::string_view when) const {
    violate(state, observed, static_cast<sim::TransitionId>(entry[kBecause]),
            fmt::format("{} declares {}, {} {} {}", observed.cluster.strings[sized.name], entry[kDeclared],
                        entry[kActual], entry[kActual] == 1 ? "pod runs" : "pods run", when));
    // It became a finding when it had lasted for `settle`, though nothing happened at that moment.
    state.at = std::min(observed.now, sim::Time{entry[kSince]} + settle_);
  }

  std::string object_;
  sim::Duration settle_{};
};

}  // namespace

std::shared_ptr<const Check> declared_size_is_actual_size(const language::CheckUse& use) {
  return std::make_shared<DeclaredSizeIsActualSize>(use);
}

}  // namespace scenarios::checks
