#include "scenarios/checks/pods.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "models/flux/hostlist.h"
#include "models/flux/resource_view.h"
#include "models/kubernetes/printers.h"

namespace scenarios::checks {

namespace kubernetes = models::kubernetes;

std::string short_name(const kubernetes::Cluster& cluster, const kubernetes::Pod& pod) {
  return pod.suffix != 0 && pod.index >= 0 ? cluster.hostname_of(pod) : cluster.name_of(pod);
}

namespace {

enum class Match : std::uint8_t { No, Yes, Unknown };

/// Compares a derived name without building it: conditions are looked at after every event, for many pods.
Match compare_derived(std::string_view name, std::string_view base, const kubernetes::Pod& pod) {
  constexpr std::size_t kNeverCut = 40;  // longer bases may be cut to make room for the suffix
  if (pod.meta.name != 0 || pod.index < 0 || base.size() > kNeverCut) {
    return Match::Unknown;
  }
  if (!name.starts_with(base) || name.size() <= base.size() || name[base.size()] != '-') {
    return Match::No;
  }
  std::array<char, 12> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), pod.index);
  const std::string_view index(digits.data(), static_cast<std::size_t>(written.ptr - digits.data()));
  name.remove_prefix(base.size() + 1);
  if (!name.starts_with(index)) {
    return Match::No;
  }
  name.remove_prefix(index.size());
  if (name.empty()) {
    return pod.suffix == 0 || pod.owner.kind == kubernetes::Kind::Job ? Match::Yes : Match::Unknown;
  }
  return name.front() == '-' && pod.suffix != 0 ? Match::Unknown : Match::No;
}

}  // namespace

std::vector<kubernetes::Row> pods_named(const kubernetes::Cluster& cluster, std::string_view name) {
  std::vector<kubernetes::Row> rows;
  for (kubernetes::Row row = 0; row < cluster.pods.extent(); ++row) {
    if (!cluster.pods.exists(row)) {
      continue;
    }
    const kubernetes::Pod& pod = cluster.pods[row];
    const std::string& base = cluster.strings[pod.meta.name != 0 ? pod.meta.name : pod.base_name];
    const Match match = compare_derived(name, base, pod);
    if (match != Match::Unknown) {
      if (match == Match::Yes) {
        rows.push_back(row);
      }
      continue;
    }
    if (name.starts_with(std::string_view(base).substr(0, 40)) &&
        (short_name(cluster, pod) == name || cluster.name_of(pod) == name)) {
      rows.push_back(row);
    }
  }
  return rows;
}

bool is_running(const kubernetes::Pod& pod) {
  return pod.phase == kubernetes::PodPhase::Running && !pod.meta.deleting();
}

std::string status_word(const kubernetes::Cluster& cluster, kubernetes::Row row) {
  return kubernetes::pod_status_word(cluster, cluster.pods[row]);
}

namespace {

/// The uid of the workload whose pods are called `<name>-…`.
template <class T>
kubernetes::Uid workload_of(const kubernetes::Cluster& cluster, const kubernetes::Store<T>& store,
                            std::string_view pod_name) {
  for (kubernetes::Row row = 0; row < store.extent(); ++row) {
    if (store.exists(row)) {
      const std::string& name = cluster.strings[store[row].meta.name];
      if (pod_name == name || (pod_name.starts_with(name) && pod_name[name.size()] == '-' &&
                               pod_name.find('-', name.size() + 1) == std::string_view::npos)) {
        return store[row].meta.uid;
      }
    }
  }
  return 0;
}

}  // namespace

kubernetes::Uid explained_by(const kubernetes::Cluster& cluster, kubernetes::Row row, std::string_view name) {
  if (row != kubernetes::kNoRow) {
    const kubernetes::Pod& pod = cluster.pods[row];
    return pod.ready && !pod.meta.deleting() && pod.owner.uid != 0 ? pod.owner.uid : pod.meta.uid;
  }
  const kubernetes::Uid set = workload_of(cluster, cluster.statefulsets, name);
  return set != 0 ? set : workload_of(cluster, cluster.jobs, name);
}

namespace {

/// The MiniCluster that a condition means: the one named, or the only one.
const models::flux::MiniCluster* minicluster_of(const language::FluxResources& resources,
                                                const Observed& observed) {
  const models::flux::MiniCluster* found = nullptr;
  for (std::uint32_t row = 0; row < observed.flux.miniclusters.extent(); ++row) {
    if (!observed.flux.miniclusters.alive(row)) {
      continue;
    }
    const models::flux::MiniCluster& minicluster = observed.flux.miniclusters[row];
    if (!resources.minicluster.given() ||
        observed.cluster.strings[minicluster.meta.name] == resources.minicluster.value) {
      found = &minicluster;
    }
  }
  return found;
}

bool nodes_hold(std::string_view state, const language::FluxNodes& wanted, const models::flux::ListRow& row,
                const models::flux::ResourceView& view, const Observed& observed, plan::Missing& missing) {
  if (!wanted.given()) {
    return true;
  }
  const std::string shown = models::flux::hostlist_of(view, row.ranks);
  if (wanted.count) {
    if (*wanted.count != static_cast<std::int64_t>(row.ranks.size())) {
      missing.text = fmt::format("Flux shows {} nodes {}, not {}", row.ranks.size(), state, *wanted.count);
      return false;
    }
    return true;
  }
  std::vector<std::string> hosts = wanted.hosts.hosts;
  if (wanted.hosts.open) {
    hosts = language::expand(wanted.hosts, observed.plan_state.variables)
                .value.value_or(std::vector<std::string>{});
  }
  std::vector<std::string> listed;
  for (const std::int32_t rank : row.ranks) {
    listed.push_back(view[static_cast<std::size_t>(rank)].host);
  }
  std::sort(hosts.begin(), hosts.end());
  std::sort(listed.begin(), listed.end());
  if (hosts != listed) {
    missing.text = fmt::format("Flux shows {} {}", shown.empty() ? "no node" : shown, state);
    return false;
  }
  return true;
}

}  // namespace

bool flux_holds(const language::FluxResources& resources, const Observed& observed, plan::Missing& missing) {
  using models::flux::ListState;
  const models::flux::MiniCluster* minicluster = minicluster_of(resources, observed);
  if (minicluster == nullptr) {
    missing.text = "there is no such MiniCluster";
    return false;
  }
  if (!minicluster->instance.serving) {
    missing.text = "rank 0 of the Flux instance does not answer";
    return false;
  }
  const models::flux::ResourceView view = models::flux::resource_view(observed.cluster, *minicluster);
  const auto rows = models::flux::list_rows(view, {ListState::Free, ListState::Allocated, ListState::Down});
  return nodes_hold("free", resources.free, rows[0], view, observed, missing) &&
         nodes_hold("allocated", resources.allocated, rows[1], view, observed, missing) &&
         nodes_hold("down", resources.down, rows[2], view, observed, missing);
}

}  // namespace scenarios::checks
