#include "models/kubernetes/workload_pods.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <iterator>

#include "models/kubernetes/purposes.h"
#include "models/kubernetes/sibling_labels.h"
#include "models/kubernetes/workload_attempts.h"
#include "sim/hash.h"

namespace models::kubernetes::workloads {

namespace {

/// Source: pkg/controller/controller_utils.go ExpectationsTimeout.
constexpr sim::Duration kExpectationsTimeout = std::chrono::minutes{5};

/// The expectations of the owner at `row`, which begin anew for another owner.
Expectations& of(std::vector<Expectations>& all, Row row, Uid uid) {
  if (row >= all.size()) {
    all.resize(row + std::size_t{1});
  }
  if (all[row].uid != uid) {
    all[row] = {};
    all[row].uid = uid;
  }
  return all[row];
}

Expectations* known(std::vector<Expectations>& all, Row row, Uid uid) {
  return row < all.size() && all[row].uid == uid ? &all[row] : nullptr;
}

JobAttempts& attempts_of(Cluster& cluster, const OwnerRef& owner) {
  std::vector<JobAttempts>& all =
      owner.kind == Kind::DaemonSet ? cluster.daemonset_attempts : cluster.replicaset_attempts;
  if (owner.row >= all.size()) {
    all.resize(owner.row + std::size_t{1});
  }
  if (all[owner.row].uid != owner.uid) {
    all[owner.row] = {owner.uid, {}, 0};
  }
  return all[owner.row];
}

/// Where an owner counts attempts: a DaemonSet by node, a ReplicaSet at one place, where it notes the highest
/// number of its Deployment's pods that it has seen.
std::size_t place_of_attempts(const OwnerRef& owner, Row node) {
  return owner.kind == Kind::DaemonSet ? std::size_t{node} : 0;
}

std::uint16_t attempts_at(const Cluster& cluster, const OwnerRef& owner, Row node) {
  const std::vector<JobAttempts>& all =
      owner.kind == Kind::DaemonSet ? cluster.daemonset_attempts : cluster.replicaset_attempts;
  if (owner.row >= all.size() || all[owner.row].uid != owner.uid) {
    return 0;
  }
  const std::vector<std::uint16_t>& counts = all[owner.row].by_index;
  const std::size_t place = place_of_attempts(owner, node);
  return place < counts.size() ? counts[place] : std::uint16_t{0};
}

/// Asks a selector of pods in a row; those that have the same labels as the one before are not asked again.
class Selection {
 public:
  Selection(const Cluster& cluster, const LabelSelector& selector)
      : cluster_(cluster), selector_(selector), remembers_(!tells_siblings_apart(selector)) {}

  bool selects_pod(const Pod& pod) {
    if (!remembers_ || last_ == nullptr || !has_labels_of_last(pod)) {
      answer_ = selects(cluster_, selector_, pod);
      last_ = &pod;
    }
    return answer_;
  }

 private:
  [[nodiscard]] bool has_labels_of_last(const Pod& pod) const {
    return pod.pod_template == last_->pod_template && pod.label_set == last_->label_set &&
           pod.revision == last_->revision && pod.template_generation == last_->template_generation &&
           pod.base_name == last_->base_name && pod.made_by() == last_->made_by();
  }

  const Cluster& cluster_;
  const LabelSelector& selector_;
  bool remembers_;
  bool answer_ = false;
  const Pod* last_ = nullptr;
};

}  // namespace

std::uint16_t attempts_before(const Cluster& cluster, const OwnerRef& owner, Row node) {
  std::uint16_t most = attempts_at(cluster, owner, node);
  if (owner.kind != Kind::ReplicaSet || !cluster.replicasets.alive(owner.row) ||
      cluster.replicasets[owner.row].owner.kind != Kind::Deployment) {
    return most;
  }
  const OwnerRef& deployment = cluster.replicasets[owner.row].owner;
  for (const Row row : replicasets_of(cluster.replicaset_index, deployment)) {
    if (cluster.replicasets.exists(row) && cluster.replicasets[row].owner.uid == deployment.uid) {
      most = std::max(
          most, attempts_at(cluster, {Kind::ReplicaSet, row, cluster.replicasets[row].meta.uid}, kNoRow));
    }
  }
  return most;
}

void count_attempt(Cluster& cluster, const OwnerRef& owner, Row node, std::uint32_t pods) {
  constexpr std::uint32_t kMost = 65535;
  if (owner.kind == Kind::DaemonSet && node == kNoRow) {
    return;
  }
  const std::uint32_t count = std::min(attempts_before(cluster, owner, node) + pods, kMost);
  std::vector<std::uint16_t>& counts = attempts_of(cluster, owner).by_index;
  const std::size_t place = place_of_attempts(owner, node);
  if (place >= counts.size()) {
    counts.resize(place + 1);
  }
  counts[place] = static_cast<std::uint16_t>(count);
}

bool is_available(const Pod& pod, std::int32_t min_ready_seconds, sim::Time now) {
  if (!pod.ready) {
    return false;
  }
  return min_ready_seconds == 0 ||
         whole_seconds(pod.ready_changed) + std::chrono::seconds{min_ready_seconds} <= now;
}

sim::Duration next_availability(const std::vector<const Pod*>& pods, std::int32_t min_ready_seconds,
                                sim::Time now) {
  sim::Duration next{};
  for (const Pod* pod : pods) {
    if (pod->ready && !is_available(*pod, min_ready_seconds, now)) {
      const sim::Duration left =
          whole_seconds(pod->ready_changed) + std::chrono::seconds{min_ready_seconds} - now;
      next = next == sim::Duration::zero() ? left : std::min(next, left);
    }
  }
  return next;
}

bool selects(const Cluster& cluster, const LabelSelector& selector, const Pod& pod) {
  return !selector.empty() &&
         std::all_of(selector.match_labels.begin(), selector.match_labels.end(),
                     [&](const auto& wanted) {
                       const std::optional<std::string> value = cluster.label_of(pod, wanted.first);
                       return value && *value == wanted.second;
                     }) &&
         std::all_of(selector.match_expressions.begin(), selector.match_expressions.end(),
                     [&](const SelectorRequirement& requirement) {
                       return meets(requirement, cluster.label_of(pod, requirement.key));
                     });
}

ClaimedPods claim_pods(const View& view, const Claimant& claimant, const std::vector<Row>& orphans,
                       bool active_only) {
  const Cluster& cluster = view.cluster();
  ClaimedPods claimed;
  Selection selection(cluster, *claimant.selector);
  view.each_pod_of(claimant.pods_head, [&](Row row, const Pod& pod) {
    if (pod.owner.uid != claimant.uid || (active_only && !workloads::is_active(pod))) {
      return;
    }
    if (selection.selects_pod(pod)) {
      claimed.members.push_back(row);
    } else if (!claimant.deleting) {
      claimed.release.push_back(row);
    }
  });
  std::reverse(claimed.members.begin(), claimed.members.end());  // the list begins with the newest
  std::reverse(claimed.release.begin(), claimed.release.end());
  if (claimant.deleting) {
    return claimed;
  }
  for (const Row row : orphans) {
    const Pod* pod = view.pod(row);
    if (pod != nullptr && pod->owner.kind == Kind::None && !pod->meta.deleting() &&
        (!active_only || workloads::is_active(*pod)) && pod->meta.name_space == claimant.name_space &&
        selects(cluster, *claimant.selector, *pod)) {
      claimed.members.push_back(row);
      claimed.adopt.push_back(row);
    }
  }
  return claimed;
}

Outcome adopt_pod(Turn& turn, Row pod, OwnerRef owner, bool owner_may_adopt, By by) {
  if (!turn.cluster.pods.exists(pod)) {
    return Outcome::Ok;
  }
  if (!owner_may_adopt || turn.cluster.pods[pod].owner.kind != Kind::None) {
    return Outcome::Invalid;
  }
  return set_pod_owner(turn, pod, owner, by).outcome;
}

Outcome release_pod(Turn& turn, Row pod, Uid owner, By by) {
  return turn.cluster.pods.exists(pod) && turn.cluster.pods[pod].owner.uid == owner
             ? set_pod_owner(turn, pod, {}, by).outcome
             : Outcome::Ok;
}

void note_orphan(std::vector<Row>& orphans, Row row, const Pod* pod) {
  // A mirror pod is controlled by its node.
  const bool orphan = pod != nullptr && pod->owner.kind == Kind::None && !pod->static_pod;
  const auto place = std::lower_bound(orphans.begin(), orphans.end(), row);
  const bool kept = place != orphans.end() && *place == row;
  if (orphan && !kept) {
    orphans.insert(place, row);
  } else if (!orphan && kept) {
    orphans.erase(place);
  }
}

std::vector<Row> list_orphans(const View& view) {
  std::vector<Row> orphans;
  for (Row row = 0; row < view.cluster().pods.extent(); ++row) {
    note_orphan(orphans, row, view.pod(row));
  }
  return orphans;
}

bool satisfied(const std::vector<Expectations>& all, Row row, Uid uid, sim::Time now) {
  if (row >= all.size() || all[row].uid != uid) {
    return true;
  }
  const Expectations& expected = all[row];
  return (expected.creations <= 0 && expected.deletions.empty()) ||
         now - expected.set_at > kExpectationsTimeout;
}

void expect_creations(std::vector<Expectations>& all, Row row, Uid uid, std::int32_t count, sim::Time now) {
  expect_both(all, row, uid, count, {}, now);
}

void expect_deletions(std::vector<Expectations>& all, Row row, Uid uid, std::vector<Uid> pods,
                      sim::Time now) {
  expect_both(all, row, uid, 0, std::move(pods), now);
}

void expect_both(std::vector<Expectations>& all, Row row, Uid uid, std::int32_t creations,
                 std::vector<Uid> deletions, sim::Time now) {
  std::sort(deletions.begin(), deletions.end());
  of(all, row, uid) = {uid, creations, std::move(deletions), now};
}

void creation_observed(std::vector<Expectations>& all, Row row, Uid uid) {
  if (Expectations* expected = known(all, row, uid); expected != nullptr && expected->creations > 0) {
    --expected->creations;
  }
}

void deletion_observed(std::vector<Expectations>& all, Row row, Uid uid, Uid pod) {
  if (Expectations* expected = known(all, row, uid)) {
    std::erase(expected->deletions, pod);
  }
}

void forget_expectations(std::vector<Expectations>& all, Row row) {
  if (row < all.size()) {
    all[row] = {};
  }
}

Pod new_pod(Turn& turn, OwnerRef owner, Text owner_name, Text name_space) {
  // The pods of an owner are moved on by a step that has no factor in common with the number of suffixes: no
  // two pods of an owner have the same name, whatever chance says.
  constexpr std::uint64_t kStep = 5'700'641;
  Cluster& cluster = turn.cluster;
  Pod pod;
  pod.meta.name_space = name_space;
  pod.base_name = owner_name;
  pod.made_for = owner.kind;
  pod.owner = owner;
  pod.attempt = owner.kind == Kind::ReplicaSet ? attempts_before(cluster, owner, kNoRow) : std::uint16_t{0};
  const std::uint64_t number = attempts_of(cluster, owner).without_index;
  fmt::memory_buffer entity;
  fmt::format_to(std::back_inserter(entity), "{}/{}/{}", cluster.strings[name_space],
                 cluster.strings[owner_name], to_text(owner.kind));
  const sim::ChoiceKey key{sim::text_hash({entity.data(), entity.size()}),
                           static_cast<std::uint32_t>(Purpose::PodSuffix), 0};
  const std::uint64_t drawn = turn.context.choices.pick(key, kSuffixes);
  pod.suffix = static_cast<std::uint32_t>((drawn + number * kStep) % kSuffixes) + 1;
  return pod;
}

void count_new_pod(Cluster& cluster, const OwnerRef& owner) { count_known_pods(cluster, owner, 1); }

void count_known_pods(Cluster& cluster, const OwnerRef& owner, std::uint32_t pods) {
  attempts_of(cluster, owner).without_index += pods;
  if (owner.kind == Kind::ReplicaSet && pods > 0) {
    count_attempt(cluster, owner, kNoRow, pods);
  }
}

sim::Duration retry_delay(ClientThrottle& retries, sim::Time now, std::uint32_t failures) {
  constexpr sim::Duration kBase = std::chrono::milliseconds{5};
  constexpr sim::Duration kMost = std::chrono::seconds{1000};
  constexpr std::uint32_t kDoublingsMax = 18;  // 5 ms times 2^18 is more than the most
  const std::uint32_t doublings = std::min(failures - 1, kDoublingsMax);
  const sim::Duration exponential = std::min(kBase * (std::int64_t{1} << doublings), kMost);
  return std::max(exponential, retries.reserve(now, 10, 100) - now);
}

std::string api_error(Outcome outcome, std::string_view resource, std::string_view name) {
  switch (outcome) {
    case Outcome::NotFound:
      return fmt::format("{} \"{}\" not found", resource, name);
    case Outcome::AlreadyExists:
      return fmt::format("{} \"{}\" already exists", resource, name);
    case Outcome::Conflict:
      return fmt::format(
          "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your "
          "changes to the latest version and try again",
          resource, name);
    case Outcome::Forbidden:
      return fmt::format("{} \"{}\" is forbidden: exceeded quota", resource, name);
    case Outcome::Invalid:
      return fmt::format("{} \"{}\" is invalid", resource, name);
    case Outcome::Ok:
    case Outcome::Skipped:
    case Outcome::Pending:
    case Outcome::Error:
      break;
  }
  return "Internal error occurred: injected failure";
}

std::uint32_t slow_start_batch(std::uint32_t position) {
  return static_cast<std::uint32_t>(std::bit_width(position + 1U)) - 1U;
}

}  // namespace models::kubernetes::workloads
