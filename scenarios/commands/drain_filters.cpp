#include "scenarios/commands/drain_filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Pod;

/// What a filter says of a pod. Source: filters.go PodDeleteStatus.
struct Verdict {
  enum class Reason : std::uint8_t { okay, skip, warning, error };
  bool remove = true;
  Reason reason = Reason::okay;
  std::string message;
};

Verdict okay() { return {}; }
Verdict skip() { return {false, Verdict::Reason::skip, {}}; }
Verdict warning(bool remove, std::string message) {
  return {remove, Verdict::Reason::warning, std::move(message)};
}
Verdict error(std::string message) { return {false, Verdict::Reason::error, std::move(message)}; }

constexpr const char* kDaemonSetFatal = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)";
constexpr const char* kLocalStorageFatal = "Pods with local storage (use --delete-emptydir-data to override)";

/// Source: filters.go unmanagedFatal; reworded in 1.30 (#120159), with the verb that the message has anyway.
const char* unmanaged_fatal(const kubernetes::Features& features) {
  return features.since(30) ? "cannot delete Pods that declare no controller (use --force to override)"
                            : "Pods declare no controller (use --force to override)";
}

/// The name that the pod's controller reference holds.
std::string daemonset_name(const kubernetes::Cluster& cluster, const Pod& pod) {
  if (pod.base_name != 0) {
    return cluster.strings[pod.base_name];
  }
  return cluster.daemonsets.alive(pod.owner.row) ? cluster.name_of(cluster.daemonsets[pod.owner.row].meta)
                                                 : std::string();
}

class Filter {
 public:
  Filter(const Systems& systems, const DrainFilters& filters) : systems_(systems), filters_(filters) {}

  /// The first verdict that keeps the pod, else the last one. Source: drain.go filterPods.
  [[nodiscard]] Verdict judge(Row row) const {
    const Pod& pod = cluster().pods[row];
    Verdict verdict = is_skipped(systems_, row, filters_.skip_seconds) ? skip() : okay();
    for (const auto filter :
         {&Filter::daemonset, &Filter::mirror, &Filter::local_storage, &Filter::unreplicated}) {
      if (!verdict.remove) {
        break;
      }
      verdict = (this->*filter)(pod);
    }
    return verdict;
  }

 private:
  [[nodiscard]] const kubernetes::Cluster& cluster() const { return systems_.kubernetes.cluster; }

  [[nodiscard]] Verdict daemonset(const Pod& pod) const {
    if (pod.owner.kind != Kind::DaemonSet || pod.terminal()) {
      return okay();
    }
    const std::string name = daemonset_name(cluster(), pod);
    if (cluster().find_daemonset(cluster().strings[pod.meta.name_space], name) == kubernetes::kNoRow) {
      std::string message = fmt::format("daemonsets.apps \"{}\" not found", name);
      return filters_.force ? warning(true, std::move(message)) : error(std::move(message));
    }
    return filters_.ignore_daemonsets ? warning(false, "ignoring DaemonSet-managed Pods")
                                      : error(kDaemonSetFatal);
  }

  [[nodiscard]] Verdict mirror(const Pod& pod) const { return pod.static_pod ? skip() : okay(); }

  [[nodiscard]] Verdict local_storage(const Pod& pod) const {
    if (!cluster().template_of(pod).volumes.empty_dir || pod.terminal()) {
      return okay();
    }
    return filters_.delete_emptydir_data ? warning(true, "deleting Pods with local storage")
                                         : error(kLocalStorageFatal);
  }

  [[nodiscard]] Verdict unreplicated(const Pod& pod) const {
    if (pod.terminal() || pod.owner.kind != Kind::None) {
      return okay();
    }
    return filters_.force ? warning(true, "deleting Pods that declare no controller")
                          : error(unmanaged_fatal(cluster().features()));
  }

  const Systems& systems_;
  const DrainFilters& filters_;
};

/// Pods by the message that they share.
using Groups = std::vector<std::pair<std::string, std::string>>;

void add_to(Groups& groups, std::string message, const std::string& pod) {
  const auto found =
      std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == message; });
  if (found == groups.end()) {
    groups.emplace_back(std::move(message), pod);
  } else {
    found->second += ", " + pod;
  }
}

/// The pods of a node in the order of etcd's keys.
std::vector<ObjectRef> pods_on(const Systems& systems, Row node) {
  const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
  std::vector<std::pair<std::string, ObjectRef>> keyed;
  for (Row row = cluster.nodes[node].pods_head; row != kubernetes::kNoRow;
       row = cluster.pods[row].node_next) {
    if (cluster.pods.exists(row)) {
      const ObjectRef pod{Kind::Pod, row, cluster.pods[row].meta.uid};
      keyed.emplace_back(namespace_of(systems, pod) + "/" + name_of(systems, pod), pod);
    }
  }
  std::sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<ObjectRef> pods;
  pods.reserve(keyed.size());
  for (const auto& [key, pod] : keyed) {
    pods.push_back(pod);
  }
  return pods;
}

}  // namespace

bool is_skipped(const Systems& systems, Row row, std::int64_t skip_seconds) {
  const Pod& pod = systems.kubernetes.cluster.pods[row];
  if (skip_seconds <= 0 || !pod.meta.deleting()) {
    return false;
  }
  // The API holds whole seconds, and kubectl counts whole ones.
  const auto since = std::chrono::floor<std::chrono::seconds>(pod.meta.deletion_timestamp);
  const auto older = std::chrono::duration_cast<std::chrono::seconds>(systems.kubernetes.now() - since);
  return older.count() > skip_seconds;
}

PodsToDrain pods_to_drain(const Systems& systems, Row node, const DrainFilters& filters) {
  PodsToDrain result;
  Groups failed;
  Groups warned;
  const Filter filter(systems, filters);
  for (const ObjectRef& pod : pods_on(systems, node)) {
    if (filters.pod_selector && !matches(systems, pod, *filters.pod_selector)) {
      continue;
    }
    Verdict verdict = filter.judge(pod.row);
    const std::string name = namespace_of(systems, pod) + "/" + name_of(systems, pod);
    if (verdict.reason == Verdict::Reason::error) {
      add_to(failed, std::move(verdict.message), name);
    } else if (verdict.reason == Verdict::Reason::warning) {
      add_to(warned, std::move(verdict.message), name);
    }
    if (verdict.remove) {
      result.pods.push_back(pod);
    }
  }
  for (const auto& [message, pods] : failed) {
    result.errors.push_back(fmt::format("cannot delete {}: {}", message, pods));
  }
  for (const auto& [message, pods] : warned) {
    result.warnings += fmt::format("{}{}: {}", result.warnings.empty() ? "" : "; ", message, pods);
  }
  return result;
}

}  // namespace scenarios::commands
