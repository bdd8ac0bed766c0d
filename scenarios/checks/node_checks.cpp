#include "scenarios/checks/node_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/node_zones.h"
#include "scenarios/checks/pods.h"

namespace scenarios::checks {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;

std::uint16_t code(Field field) { return static_cast<std::uint16_t>(field); }

std::string pod_name(const kubernetes::Cluster& cluster, const kubernetes::Pod& pod) {
  return fmt::format("{}/{}", cluster.strings[pod.meta.name_space], cluster.name_of(pod));
}

/// A state of pods that may last for a while, and is a finding once it has lasted for `settle` or when the
/// rehearsal ends with it. Remembers three numbers a pod: uid, since when, which transition began it.
class LastingState : public Check {
 public:
  explicit LastingState(const language::CheckUse& use) {
    const language::CheckArgument* settle = use.find("settle");
    settle_ =
        settle != nullptr && settle->given() ? settle->duration : sim::Duration{std::chrono::minutes{2}};
  }
  void begin(State& state, const Observed& observed) const override {
    state.verdict = sim::Verdict::Held;
    const kubernetes::Cluster& cluster = observed.cluster;
    for (kubernetes::Row row = 0; row < cluster.pods.extent(); ++row) {
      if (cluster.pods.exists(row)) {
        look_at(state, observed, row, sim::kNoTransition);
      }
    }
  }
  void end(State& state, const Observed& observed) const override {
    judge(state, observed, sim::Duration::zero());
  }
  void hash(const State& state, sim::Time now, sim::Hasher& hasher) const override {
    hasher.add(state.verdict);
    hasher.add(state.decided);
    for (std::size_t i = 0; i + kNumbers <= state.numbers.size(); i += kNumbers) {
      hasher.add(std::min(settle_.count(), now.count() - state.numbers[i + kSince]));
    }
  }

 protected:
  /// Since when the pod at `row` is in that state, which may lie ahead; nullopt: it is not.
  [[nodiscard]] virtual std::optional<sim::Time> since(const Observed& observed,
                                                       kubernetes::Row row) const = 0;
  /// What is wrong with the pod, for a summary.
  [[nodiscard]] virtual std::string words(const Observed& observed, kubernetes::Row row) const = 0;

  void look_at(State& state, const Observed& observed, kubernetes::Row row, sim::TransitionId id) const {
    const auto uid = static_cast<std::int64_t>(observed.cluster.pods[row].meta.uid);
    const std::optional<sim::Time> from = since(observed, row);
    std::size_t i = 0;
    while (i < state.numbers.size() && state.numbers[i] != uid) {
      i += kNumbers;
    }
    const bool known = i < state.numbers.size();
    if (from && !known) {
      state.numbers.insert(state.numbers.end(), {uid, from->count(), static_cast<std::int64_t>(id)});
    } else if (!from && known) {
      const auto first = state.numbers.begin() + static_cast<std::ptrdiff_t>(i);
      state.numbers.erase(first, first + kNumbersSigned);
    }
  }
  /// Reports what has lasted for at least `bound`; forgets pods that are gone.
  void judge(State& state, const Observed& observed, sim::Duration bound) const {
    for (std::size_t i = 0; i < state.numbers.size();) {
      const auto uid = static_cast<kubernetes::Uid>(state.numbers[i]);
      const sim::Time from{state.numbers[i + kSince]};
      const kubernetes::Row row = observed.cluster.find_pod_or_removed(uid);
      if (row != kubernetes::kNoRow && observed.now - from >= bound && !state.decided) {
        violate(state, observed, static_cast<sim::TransitionId>(state.numbers[i + kBecause]),
                words(observed, row), uid);
        // It is looked at when something happens, which may be long after it had lasted long enough.
        state.at = std::min(observed.now, from + settle_);
      }
      if (row == kubernetes::kNoRow || !observed.cluster.pods.exists(row)) {
        const auto first = state.numbers.begin() + static_cast<std::ptrdiff_t>(i);
        state.numbers.erase(first, first + kNumbersSigned);
      } else {
        i += kNumbers;
      }
    }
  }
  [[nodiscard]] sim::Duration settle() const { return settle_; }

 private:
  static constexpr std::size_t kSince = 1;
  static constexpr std::size_t kBecause = 2;
  static constexpr std::ptrdiff_t kNumbersSigned = 3;
  static constexpr std::size_t kNumbers = 3;
  sim::Duration settle_{};
};

/// No pod stays Terminating because nobody is there to end it.
class NoPodStranded : public LastingState {
 public:
  using LastingState::LastingState;
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::DeletionRequested), code(Field::Removed), code(Field::NodeKubelet),
            code(Field::NodeReady)};
  }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    judge(state, observed, settle());
    const kubernetes::Uid subject = observed.history.at(id).subject;
    if (const kubernetes::Row pod = observed.cluster.find_pod_by_uid(subject); pod != kubernetes::kNoRow) {
      look_at(state, observed, pod, id);
      return;
    }
    const kubernetes::Row node = subject < observed.cluster.row_of_uid.size()
                                     ? observed.cluster.row_of_uid[subject]
                                     : kubernetes::kNoRow;
    if (observed.cluster.nodes.alive(node) && observed.cluster.nodes[node].meta.uid == subject) {
      for (const kubernetes::Row pod : kubernetes::pods_on_node(observed.cluster, node)) {
        look_at(state, observed, pod, id);
      }
    }
  }

 protected:
  /// From when it should be gone: the end of its grace period.
  std::optional<sim::Time> since(const Observed& observed, kubernetes::Row row) const override {
    const kubernetes::Pod& pod = observed.cluster.pods[row];
    const bool lost = pod.meta.deleting() && pod.node != kubernetes::kNoRow &&
                      !observed.cluster.nodes[pod.node].kubelet_alive;
    return lost ? std::optional{std::max(observed.now, pod.meta.deletion_timestamp)} : std::nullopt;
  }
  std::string words(const Observed& observed, kubernetes::Row row) const override {
    const kubernetes::Pod& pod = observed.cluster.pods[row];
    return fmt::format("{} is Terminating on node {}, where no kubelet is there to end it",
                       pod_name(observed.cluster, pod),
                       observed.cluster.name_of(observed.cluster.nodes[pod.node].meta));
  }
};

/// Every pod finds a node.
class NoUnschedulablePods : public LastingState {
 public:
  using LastingState::LastingState;
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::PodUnschedulable), code(Field::PodBound), code(Field::Removed),
            code(Field::DeletionRequested)};
  }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    judge(state, observed, settle());
    const kubernetes::Row pod = observed.cluster.find_pod_by_uid(observed.history.at(id).subject);
    if (pod != kubernetes::kNoRow) {
      look_at(state, observed, pod, id);
    }
  }

 protected:
  std::optional<sim::Time> since(const Observed& observed, kubernetes::Row row) const override {
    const kubernetes::Pod& pod = observed.cluster.pods[row];
    const bool waits = pod.unschedulable && pod.node == kubernetes::kNoRow && !pod.meta.deleting();
    return waits ? std::optional{observed.now} : std::nullopt;
  }
  std::string words(const Observed& observed, kubernetes::Row row) const override {
    const kubernetes::Pod& pod = observed.cluster.pods[row];
    return fmt::format("{} finds no node: {}", pod_name(observed.cluster, pod),
                       observed.cluster.strings[pod.unschedulable_message]);
  }
};

/// So many nodes are not ready that the node lifecycle controller evicts nobody any more.
class EvictionsGoOn : public Check {
 public:
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::NodeReady), code(Field::Created), code(Field::Removed)};
  }
  void begin(State& state, const Observed& observed) const override {
    state.verdict = sim::Verdict::Held;
    if (const std::optional<std::string> summary = standstill(observed.cluster)) {
      violate(state, observed, sim::kNoTransition, *summary);
    }
  }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    const kubernetes::Row row = transition.subject < observed.cluster.row_of_uid.size()
                                    ? observed.cluster.row_of_uid[transition.subject]
                                    : kubernetes::kNoRow;
    if (!observed.cluster.nodes.alive(row) || observed.cluster.nodes[row].meta.uid != transition.subject) {
      return;
    }
    if (const std::optional<std::string> summary = standstill(observed.cluster)) {
      violate(state, observed, id, *summary, transition.subject);
    }
  }

 private:
  struct Tally {
    std::int32_t size = 0;
    std::int32_t not_ready = 0;
  };
  /// What stops evictions now.
  static std::optional<std::string> standstill(const kubernetes::Cluster& cluster) {
    std::map<std::string, Tally> zones;
    for (kubernetes::Row row = 0; row < cluster.nodes.extent(); ++row) {
      if (!cluster.nodes.exists(row)) {
        continue;
      }
      const kubernetes::LabelMap& labels = cluster.shape_of(cluster.nodes[row]).labels;
      if (kubernetes::find_label(labels, "node.kubernetes.io/exclude-disruption") == nullptr) {
        Tally& zone = zones[kubernetes::node_zones::zone_key(labels)];
        ++zone.size;
        zone.not_ready += cluster.nodes[row].ready ? 0 : 1;
      }
    }
    bool all_full = !zones.empty();
    for (const auto& [key, zone] : zones) {
      const kubernetes::ZoneState state =
          kubernetes::node_zones::compute_zone_state(zone.size - zone.not_ready, zone.not_ready);
      all_full = all_full && state == kubernetes::ZoneState::FullDisruption;
      if (kubernetes::node_zones::rate_of(state, zone.size) <= 0.0F) {
        return fmt::format("{} of {} nodes are not ready: pods of failed nodes are no longer evicted",
                           zone.not_ready, zone.size);
      }
    }
    return all_full
               ? std::optional<std::string>{"no node is ready: pods of failed nodes are no longer evicted"}
               : std::nullopt;
  }
};

/// A node takes pods again only once it can run them.
class NoUncordonBeforeReady : public Check {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(Field::NodeUnschedulable)}; }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::NotReached; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    const kubernetes::Row row = transition.subject < observed.cluster.row_of_uid.size()
                                    ? observed.cluster.row_of_uid[transition.subject]
                                    : kubernetes::kNoRow;
    if (transition.to != 0 || !observed.cluster.nodes.exists(row) ||
        observed.cluster.nodes[row].meta.uid != transition.subject) {
      return;
    }
    const kubernetes::Node& node = observed.cluster.nodes[row];
    if (node.ready) {
      state.verdict = sim::Verdict::Held;
    } else {
      violate(state, observed, id,
              fmt::format("node {} is uncordoned while it is not ready", observed.cluster.name_of(node.meta)),
              transition.subject);
    }
  }
};

}  // namespace

std::shared_ptr<const Check> no_pod_stranded(const language::CheckUse& use) {
  return std::make_shared<NoPodStranded>(use);
}
std::shared_ptr<const Check> evictions_go_on() { return std::make_shared<EvictionsGoOn>(); }
std::shared_ptr<const Check> no_uncordon_before_ready() { return std::make_shared<NoUncordonBeforeReady>(); }
std::shared_ptr<const Check> no_unschedulable_pods(const language::CheckUse& use) {
  return std::make_shared<NoUnschedulablePods>(use);
}

}  // namespace scenarios::checks
