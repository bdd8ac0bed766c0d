#include "models/kubernetes/cluster.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "models/kubernetes/json/metadata_json.h"
#include "sim/require.h"

namespace models::kubernetes {

namespace {

/// The position of an equal value among `values`, or where it was added. What was added last is asked for
/// most: pods of one kind come one after the other.
template <class T>
std::uint32_t intern_shared(std::vector<std::shared_ptr<const T>>& values, T value) {
  for (std::size_t i = values.size(); i > 0; --i) {
    if (*values[i - 1] == value) {
      return static_cast<std::uint32_t>(i - 1);
    }
  }
  values.push_back(std::make_shared<const T>(std::move(value)));
  return static_cast<std::uint32_t>(values.size() - 1);
}

/// Upstream keeps a Job pod's generated prefix within 58 characters by shortening the job's name.
/// Source: pkg/controller/job/indexed_job_utils.go podGenerateNameWithIndex.
std::string job_pod_prefix(const std::string& job, const std::string& tail) {
  constexpr std::size_t kMaxGeneratedNameLength = 58;
  const std::size_t room = kMaxGeneratedNameLength - std::min(kMaxGeneratedNameLength, tail.size());
  return job.substr(0, room) + tail;
}

template <class T>
Row find_named(const Store<T>& store, Text name_space, Text name) {
  if (name == 0) {
    return kNoRow;
  }
  for (Row row = 0; row < store.extent(); ++row) {
    if (store.exists(row) && store[row].meta.name == name && store[row].meta.name_space == name_space) {
      return row;
    }
  }
  return kNoRow;
}

}  // namespace

const std::string* find_label(const LabelMap& labels, std::string_view key) {
  const auto found = std::lower_bound(labels.begin(), labels.end(), key,
                                      [](const auto& label, std::string_view k) { return label.first < k; });
  return found != labels.end() && found->first == key ? &found->second : nullptr;
}

std::uint32_t ContainerPool::allocate(std::size_t count) {
  if (count >= free_.size()) {
    free_.resize(count + 1);
  }
  if (!free_[count].empty()) {
    const std::uint32_t first = free_[count].back();
    free_[count].pop_back();
    std::fill_n(statuses_.begin() + first, count, ContainerStatus{});
    return first;
  }
  const auto first = static_cast<std::uint32_t>(statuses_.size());
  statuses_.resize(statuses_.size() + count);
  return first;
}

void ContainerPool::release(std::uint32_t first, std::size_t count) { free_[count].push_back(first); }

TemplateId Cluster::add_template(PodTemplate pod_template) {
  pod_template.cpu_millicores = 0;
  pod_template.memory_bytes = 0;
  pod_template.init_containers = 0;
  // Source: k8s.io/component-helpers resource PodRequests: the larger of the sum of the regular containers
  // (and sidecars) and of each init container.
  std::int64_t init_cpu = 0;
  std::int64_t init_memory = 0;
  for (const Container& container : pod_template.containers) {
    if (container.init && !container.restartable) {
      init_cpu = std::max(init_cpu, container.cpu_millicores);
      init_memory = std::max(init_memory, container.memory_bytes);
    } else {
      pod_template.cpu_millicores += container.cpu_millicores;
      pod_template.memory_bytes += container.memory_bytes;
    }
    pod_template.init_containers =
        static_cast<std::uint8_t>(pod_template.init_containers + (container.init ? 1 : 0));
  }
  pod_template.cpu_millicores = std::max(pod_template.cpu_millicores, init_cpu);
  pod_template.memory_bytes = std::max(pod_template.memory_bytes, init_memory);
  return intern_shared(templates, std::move(pod_template));
}

std::uint32_t Cluster::add_label_set(LabelMap labels) {
  return labels.empty() ? 0 : intern_shared(label_sets, std::move(labels)) + 1;
}

std::uint32_t Cluster::add_taint_set(std::vector<Taint> taints) {
  return taints.empty() ? 0 : intern_shared(taint_sets, std::move(taints)) + 1;
}

std::uint32_t Cluster::add_node_shape(NodeShape shape) {
  return intern_shared(node_shapes, std::move(shape));
}

const std::vector<Taint>& Cluster::taints_of(const Node& node) const {
  static const std::vector<Taint> none;
  return node.taint_set == 0 ? none : *taint_sets[node.taint_set - 1];
}

std::string Cluster::name_of(const Pod& pod) const {
  if (pod.meta.name != 0) {
    return strings[pod.meta.name];
  }
  return subject_name(
      {static_cast<std::uint32_t>(Kind::Pod), pod.meta.name_space, pod.base_name, pod.index, pod.suffix},
      strings);
}

std::string Cluster::hostname_of(const Pod& pod) const {
  return pod.owner.kind == Kind::Job && pod.index >= 0 && pod.base_name != 0
             ? fmt::format("{}-{}", strings[pod.base_name], pod.index)
             : name_of(pod);
}

std::optional<std::string> Cluster::label_of(const Pod& pod, std::string_view key) const {
  const Kind maker = pod.made_by();
  if (maker == Kind::DaemonSet) {
    // Source: pkg/controller/daemon/util/daemonset_util.go CreatePodTemplate.
    if (key == "controller-revision-hash" && pod.revision != 0) {
      return strings[pod.revision];
    }
    if (key == "pod-template-generation") {
      return std::to_string(pod.template_generation);
    }
  } else if (maker == Kind::StatefulSet || maker == Kind::Job) {
    // A StatefulSet's pod: stateful_set_utils.go updateIdentity, setPodRevision. A Job's:
    // job/job_controller.go newPodTemplate via batch.JobNameLabel etc., addCompletionIndexLabel.
    if (maker == Kind::StatefulSet) {
      if (key == "statefulset.kubernetes.io/pod-name") {
        return name_of(pod);
      }
      if (key == "controller-revision-hash") {
        return strings[pod.revision];
      }
      if (key == "apps.kubernetes.io/pod-index" && features().has(Gate::PodIndexLabel)) {
        return std::to_string(pod.index);
      }
    } else {
      if (key == "job-name" || key == "batch.kubernetes.io/job-name") {
        return strings[pod.base_name];
      }
      if (key == "controller-uid" || key == "batch.kubernetes.io/controller-uid") {
        return json::uid_text(pod.owner.uid);
      }
      if (key == "batch.kubernetes.io/job-completion-index" && pod.index >= 0 &&
          features().has(Gate::PodIndexLabel)) {
        return std::to_string(pod.index);
      }
    }
  }
  const LabelMap& labels = pod.label_set != 0 ? *label_sets[pod.label_set - 1] : template_of(pod).labels;
  const std::string* value = find_label(labels, key);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

LabelMap Cluster::labels_of(const Pod& pod) const {
  LabelMap labels = pod.label_set != 0 ? *label_sets[pod.label_set - 1] : template_of(pod).labels;
  for (const char* key : {"apps.kubernetes.io/pod-index", "batch.kubernetes.io/controller-uid",
                          "batch.kubernetes.io/job-completion-index", "batch.kubernetes.io/job-name",
                          "controller-revision-hash", "controller-uid", "job-name", "pod-template-generation",
                          "statefulset.kubernetes.io/pod-name"}) {
    std::optional<std::string> value = label_of(pod, key);
    if (value && find_label(labels, key) == nullptr) {
      labels.emplace_back(key, *std::move(value));
      std::sort(labels.begin(), labels.end());
    }
  }
  return labels;
}

Row Cluster::find_pod(std::string_view name_space, std::string_view name) const {
  const Text space = strings.find(name_space);
  const Text whole = strings.find(name);
  for (Row row = 0; row < pods.extent(); ++row) {
    if (!pods.exists(row) || pods[row].meta.name_space != space) {
      continue;
    }
    const Pod& pod = pods[row];
    if (pod.meta.name != 0) {
      if (pod.meta.name == whole) {
        return row;
      }
      continue;
    }
    // Compare the tail before building the name: most pods of a large cluster differ there.
    if (name.starts_with(std::string_view(strings[pod.base_name]).substr(0, 40)) && name_of(pod) == name) {
      return row;
    }
  }
  return kNoRow;
}

Row Cluster::find_statefulset(std::string_view name_space, std::string_view name) const {
  return find_named(statefulsets, strings.find(name_space), strings.find(name));
}
Row Cluster::find_job(std::string_view name_space, std::string_view name) const {
  return find_named(jobs, strings.find(name_space), strings.find(name));
}
Row Cluster::find_replicaset(std::string_view name_space, std::string_view name) const {
  return find_named(replicasets, strings.find(name_space), strings.find(name));
}
Row Cluster::find_deployment(std::string_view name_space, std::string_view name) const {
  return find_named(deployments, strings.find(name_space), strings.find(name));
}
Row Cluster::find_daemonset(std::string_view name_space, std::string_view name) const {
  return find_named(daemonsets, strings.find(name_space), strings.find(name));
}
Row Cluster::find_budget(std::string_view name_space, std::string_view name) const {
  return find_named(budgets, strings.find(name_space), strings.find(name));
}
Row Cluster::find_claim(std::string_view name_space, std::string_view name) const {
  return find_named(claims, strings.find(name_space), strings.find(name));
}
Row Cluster::find_node(std::string_view name) const { return find_named(nodes, 0, strings.find(name)); }

Row Cluster::find_pod_or_removed(Uid uid) const {
  const Row row = uid < row_of_uid.size() ? row_of_uid[uid] : kNoRow;
  return row != kNoRow && pods.alive(row) && pods[row].meta.uid == uid ? row : kNoRow;
}

Row Cluster::find_pod_by_uid(Uid uid) const {
  const Row row = find_pod_or_removed(uid);
  return row != kNoRow && pods.exists(row) ? row : kNoRow;
}

std::uint32_t Cluster::restarts_of(const Pod& pod) const {
  std::uint32_t sum = 0;
  const std::size_t count = template_of(pod).containers.size();
  for (std::size_t i = 0; i < count; ++i) {
    sum += containers[pod.containers + i].restarts;
  }
  return sum;
}

std::string subject_name(const sim::Subject& subject, const Strings& strings) {
  const std::string& base = strings[subject.name];
  if (subject.kind != static_cast<std::uint32_t>(Kind::Pod) || (subject.index < 0 && subject.suffix == 0)) {
    return base;
  }
  if (subject.suffix == 0) {
    return fmt::format("{}-{}", base, subject.index);
  }
  if (subject.index < 0) {
    // Source: k8s.io/apiserver pkg/storage/names/generate.go: 58 characters of the prefix at most.
    return (base + "-").substr(0, 58) + suffix_text(subject.suffix);
  }
  const std::string tail = fmt::format("-{}-", subject.index);
  return job_pod_prefix(base, tail) + suffix_text(subject.suffix);
}

}  // namespace models::kubernetes
