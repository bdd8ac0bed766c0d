#include "models/kubernetes/statefulset_members.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace models::kubernetes {

namespace {

/// Labels that differ from pod to pod of a template: a selector with one of them is asked for each pod.
bool has_label_of_a_single_pod(const LabelMap& selector) {
  return std::any_of(selector.begin(), selector.end(), [](const auto& label) {
    return label.first == "statefulset.kubernetes.io/pod-name" ||
           label.first == "apps.kubernetes.io/pod-index" || label.first == "controller-revision-hash";
  });
}

/// Answers for pods in a row with equal labels without looking at them again.
class Selection {
 public:
  Selection(const Cluster& cluster, const LabelMap& selector)
      : cluster_(cluster), selector_(selector), remembers_(!has_label_of_a_single_pod(selector)) {}

  bool selects_pod(const Pod& pod) {
    if (!remembers_ || !known_ || pod.pod_template != last_template_ || pod.label_set != last_labels_) {
      last_answer_ = selects(cluster_, selector_, pod);
      last_template_ = pod.pod_template;
      last_labels_ = pod.label_set;
      known_ = true;
    }
    return last_answer_;
  }

 private:
  const Cluster& cluster_;
  const LabelMap& selector_;
  bool remembers_;
  bool known_ = false;
  bool last_answer_ = false;
  TemplateId last_template_ = 0;
  std::uint32_t last_labels_ = 0;
};

}  // namespace

std::int32_t ordinal_after(std::string_view name, std::string_view prefix) {
  if (name.size() < prefix.size() + 2 || !name.starts_with(prefix) || name[prefix.size()] != '-') {
    return -1;
  }
  const char* const begin = name.data() + prefix.size() + 1;
  const char* const end = name.data() + name.size();
  if (*begin < '0' || *begin > '9') {
    return -1;
  }
  std::int32_t ordinal = -1;
  const auto [last, error] = std::from_chars(begin, end, ordinal);
  return error == std::errc() && last == end ? ordinal : -1;
}

bool ends_in_ordinal(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  return dash != std::string_view::npos && dash > 0 && dash + 1 < name.size() &&
         name.find_first_not_of("0123456789", dash + 1) == std::string_view::npos;
}

std::int32_t ordinal_in(const Cluster& cluster, const Pod& pod, Text set_name) {
  if (pod.meta.name != 0) {
    return ordinal_after(cluster.strings[pod.meta.name], cluster.strings[set_name]);
  }
  return pod.base_name == set_name && pod.suffix == 0 ? pod.index : -1;
}

bool selects(const Cluster& cluster, const LabelMap& selector, const Pod& pod) {
  return std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const std::optional<std::string> value = cluster.label_of(pod, wanted.first);
    return value && *value == wanted.second;
  });
}

SetMembers find_members(const View& view, Row set_row, const StatefulSet& set,
                        const std::vector<Row>& orphans) {
  const Cluster& cluster = view.cluster();
  SetMembers found;
  found.members.reserve(static_cast<std::size_t>(std::clamp(set.status.replicas, 0, 1 << 20)) + 1);
  Selection selection(cluster, *set.spec.selector);
  // The head of the list is not part of the object: the present one leads to every pod that may still be
  // seen.
  view.each_pod_of(cluster.statefulsets[set_row].pods_head, [&](Row row, const Pod& pod) {
    if (pod.owner.uid != set.meta.uid) {
      return;
    }
    const std::int32_t ordinal = ordinal_in(cluster, pod, set.meta.name);
    if (ordinal >= 0 && selection.selects_pod(pod)) {
      found.members.push_back({row, &pod, ordinal});
    } else if (!set.meta.deleting()) {
      found.release.push_back(row);
    }
  });
  if (set.meta.deleting()) {
    return found;
  }
  for (const Row row : orphans) {
    const Pod* pod = view.pod(row);
    if (pod == nullptr || pod->owner.kind != Kind::None || pod->meta.deleting() ||
        pod->meta.name_space != set.meta.name_space) {
      continue;
    }
    const std::int32_t ordinal = ordinal_in(cluster, *pod, set.meta.name);
    if (ordinal >= 0 && selection.selects_pod(*pod)) {
      found.members.push_back({row, pod, ordinal});
      found.adopt.push_back(row);
    }
  }
  return found;
}

}  // namespace models::kubernetes
