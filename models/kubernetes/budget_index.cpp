#include "models/kubernetes/budget_index.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/sibling_labels.h"

namespace models::kubernetes {

namespace {

PodKind kind_of(const Pod& pod) {
  return {pod.meta.name_space, pod.pod_template, pod.label_set,          pod.made_by(),
          pod.base_name,       pod.revision,     pod.template_generation};
}

/// A pod with the labels that all of the kind have.
Pod pod_like(const PodKind& kind) {
  Pod like;
  like.meta.name_space = kind.name_space;
  like.pod_template = kind.pod_template;
  like.label_set = kind.label_set;
  like.base_name = kind.base_name;
  like.revision = kind.revision;
  like.template_generation = kind.template_generation;
  like.suffix = kind.maker == Kind::Job ? 1 : 0;
  like.made_for = kind.maker == Kind::ReplicaSet || kind.maker == Kind::DaemonSet ? kind.maker : Kind::None;
  return like;
}

bool may_select(const Cluster& cluster, const PodDisruptionBudget& budget, const PodKind& kind) {
  if (budget.spec.selector == nullptr || budget.meta.name_space != kind.name_space) {
    return false;
  }
  return tells_siblings_apart(*budget.spec.selector) || selects(cluster, budget, pod_like(kind));
}

template <class T>
void insert_sorted(std::vector<T>& values, T value) {
  const auto place = std::lower_bound(values.begin(), values.end(), value);
  if (place == values.end() || *place != value) {
    values.insert(place, value);
  }
}

template <class T>
void erase_sorted(std::vector<T>& values, T value) {
  const auto place = std::lower_bound(values.begin(), values.end(), value);
  if (place != values.end() && *place == value) {
    values.erase(place);
  }
}

std::uint64_t hash_of(const PodKind& kind) {
  const std::array<std::uint32_t, 7> words{
      kind.name_space, kind.pod_template, kind.label_set,          static_cast<std::uint32_t>(kind.maker),
      kind.base_name,  kind.revision,     kind.template_generation};
  return XXH3_64bits(words.data(), sizeof(words));
}

/// The position of the pods of this kind among the entries; kNone if there are none.
std::uint32_t find_entry(const BudgetIndex& index, const PodKind& kind) {
  return index.entry_of.find(hash_of(kind),
                             [&](std::uint32_t entry) { return index.entries[entry].kind == kind; });
}

void join(BudgetIndex& index, std::uint32_t entry, Row budget) {
  insert_sorted(index.entries[entry].budgets, budget);
  insert_sorted(index.budgets[budget].entries, entry);
}

void file_budget(Cluster& cluster, Row row) {
  BudgetIndex& index = cluster.budget_index;
  if (index.budgets.size() <= row) {
    index.budgets.resize(row + std::size_t{1});
  }
  // Pods that an earlier selector may select stay where they are.
  const bool first = index.budgets[row].entries.empty();
  const PodDisruptionBudget& budget = cluster.budgets[row];
  for (std::uint32_t entry = 0; entry < index.entries.size(); ++entry) {
    if (may_select(cluster, budget, index.entries[entry].kind)) {
      join(index, entry, row);
    }
  }
  const bool certain =
      first && budget.spec.selector != nullptr && !tells_siblings_apart(*budget.spec.selector);
  index.budgets[row].selector = certain ? budget.spec.selector : nullptr;
}

void file_pod(Cluster& cluster, Row row) {
  BudgetIndex& index = cluster.budget_index;
  const PodKind kind = kind_of(cluster.pods[row]);
  std::uint32_t entry = find_entry(index, kind);
  if (entry == BudgetIndex::kNone) {
    entry = static_cast<std::uint32_t>(index.entries.size());
    index.entry_of.insert(hash_of(kind), entry);
    index.entries.push_back({kind, {}, {}});
    for (Row budget = 0; budget < index.budgets.size(); ++budget) {
      if (cluster.budgets.exists(budget) && may_select(cluster, cluster.budgets[budget], kind)) {
        join(index, entry, budget);
      }
    }
  }
  insert_sorted(index.entries[entry].pods, row);
  if (index.pods.size() <= row) {
    index.pods.resize(row + std::size_t{1});
  }
  BudgetIndex::FiledPod& filed = index.pods[row];
  filed.elsewhere_too = filed.elsewhere_too || (filed.entry != BudgetIndex::kNone && filed.entry != entry);
  filed.entry = entry;
}

/// Whether every version of the pod at `row` that is still kept is of the kind of `entry`.
bool stands_only_in(const BudgetIndex& index, Row row, std::uint32_t entry) {
  return index.pods[row].entry == entry && !index.pods[row].elsewhere_too;
}

/// Whether `budget` selects just the pods in its entries, as far as their labels go.
bool is_certain(const BudgetIndex& index, Row row, const PodDisruptionBudget& budget) {
  return budget.spec.selector != nullptr && budget.spec.selector == index.budgets[row].selector;
}

/// The entry of the pod as it was seen: mostly the one where it was filed last.
std::uint32_t entry_of_seen(const Cluster& cluster, const Pod& pod) {
  const BudgetIndex& index = cluster.budget_index;
  const Row row = pod.meta.uid < cluster.row_of_uid.size() ? cluster.row_of_uid[pod.meta.uid] : kNoRow;
  const std::uint32_t filed = row < index.pods.size() ? index.pods[row].entry : BudgetIndex::kNone;
  const PodKind kind = kind_of(pod);
  return filed != BudgetIndex::kNone && index.entries[filed].kind == kind ? filed : find_entry(index, kind);
}

/// How many pods ahead one is fetched, and its parts: a cluster of thousands of nodes is larger than caches,
/// and who asks for the pods of a budget reads all of them. Both numbers are assumed; no result depends on
/// them.
constexpr std::size_t kAhead = 8;
void prefetch(const Pod& pod) {
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t offset = 0; offset < sizeof(Pod); offset += kCacheLine) {
    __builtin_prefetch(reinterpret_cast<const char*>(&pod) + offset);
  }
}

/// With the first budget all pods are filed.
void begin_index(Cluster& cluster) {
  cluster.budget_index.kept = true;
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    if (cluster.pods.alive(row)) {
      file_pod(cluster, row);
      // An observer may still see it as it was before.
      const Meta& meta = cluster.pods[row].meta;
      cluster.budget_index.pods[row].elsewhere_too =
          meta.previous != 0 && meta.resource_version > cluster.trimmed;
    }
  }
}

}  // namespace

namespace detail {

void note_pod_written(Cluster& cluster, Row row, const Pod* before) {
  if (cluster.budget_index.kept && (before == nullptr || kind_of(*before) != kind_of(cluster.pods[row]))) {
    file_pod(cluster, row);
  }
}

void note_budget_written(Cluster& cluster, Row row, const PodDisruptionBudget* before) {
  if (!cluster.budget_index.kept) {
    begin_index(cluster);
  }
  if (before == nullptr || before->spec.selector != cluster.budgets[row].spec.selector) {
    file_budget(cluster, row);
  }
}

void forget_filed_pod(Cluster& cluster, Row row) {
  BudgetIndex& index = cluster.budget_index;
  if (!index.kept || row >= index.pods.size() || index.pods[row].entry == BudgetIndex::kNone) {
    return;
  }
  erase_sorted(index.entries[index.pods[row].entry].pods, row);
  index.pods[row].entry = BudgetIndex::kNone;
}

}  // namespace detail

std::vector<Row> pods_selected(const View& view, Row budget_row) {
  const Cluster& cluster = view.cluster();
  const BudgetIndex& index = cluster.budget_index;
  const PodDisruptionBudget* budget = view.budget(budget_row);
  std::vector<Row> selected;
  if (budget == nullptr || budget->spec.selector == nullptr || budget_row >= index.budgets.size()) {
    return selected;
  }
  const bool certain = is_certain(index, budget_row, *budget);
  const bool by_sibling = !certain && tells_siblings_apart(*budget->spec.selector);
  for (const std::uint32_t entry : index.budgets[budget_row].entries) {
    const BudgetIndex::Entry& filed = index.entries[entry];
    if (!certain && !by_sibling && !selects(cluster, *budget, pod_like(filed.kind))) {
      continue;
    }
    selected.reserve(selected.size() + filed.pods.size());
    for (std::size_t i = 0; i < filed.pods.size(); ++i) {
      if (i + kAhead < filed.pods.size()) {
        prefetch(cluster.pods[filed.pods[i + kAhead]]);
      }
      const Row row = filed.pods[i];
      const Pod* pod = view.pod(row);
      if (pod != nullptr && (stands_only_in(index, row, entry) || kind_of(*pod) == filed.kind) &&
          (!by_sibling || selects(cluster, *budget, *pod))) {
        selected.push_back(row);
      }
    }
  }
  if (!std::is_sorted(selected.begin(), selected.end())) {
    std::sort(selected.begin(), selected.end());
  }
  return selected;
}

std::vector<Row> budgets_selecting(const View& view, const Pod& pod) {
  const BudgetIndex& index = view.cluster().budget_index;
  std::vector<Row> found;
  const std::uint32_t entry = entry_of_seen(view.cluster(), pod);
  if (entry == BudgetIndex::kNone) {
    return found;
  }
  for (const Row row : index.entries[entry].budgets) {
    const PodDisruptionBudget* budget = view.budget(row);
    if (budget != nullptr && (is_certain(index, row, *budget) || selects(view.cluster(), *budget, pod))) {
      found.push_back(row);
    }
  }
  return found;
}

}  // namespace models::kubernetes
