#include "models/kubernetes/budget_index.h"

#include <algorithm>

#include "models/kubernetes/disruption_budgets.h"

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

/// Labels that differ among the pods of a kind, see Cluster::label_of.
bool tells_siblings_apart(std::string_view key) {
  return key == "statefulset.kubernetes.io/pod-name" || key == "apps.kubernetes.io/pod-index" ||
         key == "batch.kubernetes.io/job-completion-index" || key == "controller-uid" ||
         key == "batch.kubernetes.io/controller-uid";
}

bool tells_siblings_apart(const LabelSelector& selector) {
  return std::any_of(selector.match_labels.begin(), selector.match_labels.end(),
                     [](const auto& wanted) { return tells_siblings_apart(wanted.first); }) ||
         std::any_of(
             selector.match_expressions.begin(), selector.match_expressions.end(),
             [](const SelectorRequirement& requirement) { return tells_siblings_apart(requirement.key); });
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

void join(BudgetIndex& index, std::uint32_t entry, Row budget) {
  insert_sorted(index.entries[entry].budgets, budget);
  insert_sorted(index.entries_of_budget[budget], entry);
}

void file_budget(Cluster& cluster, Row row) {
  BudgetIndex& index = cluster.budget_index;
  if (index.entries_of_budget.size() <= row) {
    index.entries_of_budget.resize(row + std::size_t{1});
  }
  for (std::uint32_t entry = 0; entry < index.entries.size(); ++entry) {
    if (may_select(cluster, cluster.budgets[row], index.entries[entry].kind)) {
      join(index, entry, row);
    }
  }
}

void file_pod(Cluster& cluster, Row row) {
  BudgetIndex& index = cluster.budget_index;
  const PodKind kind = kind_of(cluster.pods[row]);
  const auto [place, added] = index.entry_of.emplace(kind, static_cast<std::uint32_t>(index.entries.size()));
  if (added) {
    index.entries.push_back({kind, {}, {}});
    for (Row budget = 0; budget < index.entries_of_budget.size(); ++budget) {
      if (cluster.budgets.exists(budget) && may_select(cluster, cluster.budgets[budget], kind)) {
        join(index, place->second, budget);
      }
    }
  }
  insert_sorted(index.entries[place->second].pods, row);
}

/// With the first budget all pods are filed.
void begin_index(Cluster& cluster) {
  cluster.budget_index.kept = true;
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    if (cluster.pods.alive(row)) {
      file_pod(cluster, row);
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
  if (!index.kept) {
    return;
  }
  if (const auto found = index.entry_of.find(kind_of(cluster.pods[row])); found != index.entry_of.end()) {
    erase_sorted(index.entries[found->second].pods, row);
  }
}

}  // namespace detail

std::vector<Row> pods_selected(const View& view, Row budget_row) {
  const Cluster& cluster = view.cluster();
  const PodDisruptionBudget* budget = view.budget(budget_row);
  std::vector<Row> selected;
  if (budget == nullptr || budget->spec.selector == nullptr ||
      budget_row >= cluster.budget_index.entries_of_budget.size()) {
    return selected;
  }
  const bool by_sibling = tells_siblings_apart(*budget->spec.selector);
  for (const std::uint32_t entry : cluster.budget_index.entries_of_budget[budget_row]) {
    const BudgetIndex::Entry& filed = cluster.budget_index.entries[entry];
    if (!by_sibling && !selects(cluster, *budget, pod_like(filed.kind))) {
      continue;
    }
    for (const Row row : filed.pods) {
      const Pod* pod = view.pod(row);
      if (pod != nullptr && kind_of(*pod) == filed.kind && (!by_sibling || selects(cluster, *budget, *pod))) {
        selected.push_back(row);
      }
    }
  }
  std::sort(selected.begin(), selected.end());
  return selected;
}

std::vector<Row> budgets_selecting(const View& view, const Pod& pod) {
  const BudgetIndex& index = view.cluster().budget_index;
  std::vector<Row> found;
  const auto entry = index.entry_of.find(kind_of(pod));
  if (entry == index.entry_of.end()) {
    return found;
  }
  for (const Row row : index.entries[entry->second].budgets) {
    const PodDisruptionBudget* budget = view.budget(row);
    if (budget != nullptr && selects(view.cluster(), *budget, pod)) {
      found.push_back(row);
    }
  }
  return found;
}

}  // namespace models::kubernetes
