#include "models/kubernetes/deployment_rules.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <tuple>

#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/workload_pods.h"
#include "sim/hash.h"

namespace models::kubernetes::deployments {

namespace {

constexpr std::string_view kHashLabel = "pod-template-hash";

struct Fenceposts {
  std::int32_t surge = 0;
  std::int32_t unavailable = 0;
};

Fenceposts resolve(const DeploymentSpec& spec) {
  Fenceposts posts{scaled_value(spec.max_surge, spec.replicas, true),
                   scaled_value(spec.max_unavailable, spec.replicas, false)};
  if (posts.surge == 0 && posts.unavailable == 0) {
    posts.unavailable = 1;
  }
  return posts;
}

/// Takes `"pod-template-hash":"…"` out of a template's JSON text, whose keys are sorted and which has no
/// blanks.
std::string without_hash_text(const std::string& manifest) {
  const std::string key = fmt::format("\"{}\":\"", kHashLabel);
  std::size_t begin = manifest.find(key);
  if (begin == std::string::npos) {
    return manifest;
  }
  std::size_t end = manifest.find('"', begin + key.size()) + 1;
  if (manifest[end] == ',') {
    ++end;
  } else if (begin > 0 && manifest[begin - 1] == ',') {
    --begin;
  }
  return manifest.substr(0, begin) + manifest.substr(end);
}

/// Whether the JSON text of a map of labels, without blanks, has this one. Neither key nor value of a label
/// holds a quote; another spelling of the same JSON may go unrecognised.
bool has_label_text(std::string_view text, std::string_view key, std::string_view value) {
  const std::size_t length = key.size() + value.size() + 5;  // "key":"value"
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    if (at < 2 || text[at - 1] != '"' || (text[at - 2] != '{' && text[at - 2] != ',') ||
        at - 1 + length >= text.size()) {
      continue;
    }
    const std::string_view rest = text.substr(at + key.size());
    if (rest.starts_with("\":\"") && rest.substr(3).starts_with(value) && rest[3 + value.size()] == '"' &&
        (rest[4 + value.size()] == ',' || rest[4 + value.size()] == '}')) {
      return true;
    }
  }
  return false;
}

std::int32_t rounded(double value) {
  return static_cast<std::int32_t>(value < 0 ? value - 0.5 : value + 0.5);
}

std::int32_t fraction(const ReplicaSet& set, const Deployment& deployment) {
  if (deployment.spec.replicas == 0) {
    return -set.spec.replicas;
  }
  const std::int32_t before = set.max_replicas > 0 ? set.max_replicas : deployment.status.replicas;
  if (before == 0) {
    return 0;
  }
  const std::int64_t size =
      std::int64_t{set.spec.replicas} * (std::int64_t{deployment.spec.replicas} + max_surge(deployment.spec));
  return rounded(static_cast<double>(size) / static_cast<double>(before)) - set.spec.replicas;
}

}  // namespace

std::int32_t scaled_value(const IntOrPercent& value, std::int32_t total, bool round_up) {
  if (!value.percent) {
    return value.value;
  }
  const std::int64_t product = std::int64_t{value.value} * total;
  return static_cast<std::int32_t>((product + (round_up ? 99 : 0)) / 100);
}

std::int32_t max_surge(const DeploymentSpec& spec) { return spec.recreate ? 0 : resolve(spec).surge; }

std::int32_t max_unavailable(const DeploymentSpec& spec) {
  return spec.recreate || spec.replicas == 0 ? 0 : std::min(resolve(spec).unavailable, spec.replicas);
}

bool has_progress_deadline(const DeploymentSpec& spec) {
  return spec.progress_deadline_seconds != std::numeric_limits<std::int32_t>::max();
}

std::int32_t new_replicas(const DeploymentSpec& spec, std::int32_t total, std::int32_t current) {
  if (spec.recreate) {
    return spec.replicas;
  }
  const std::int32_t most = spec.replicas + scaled_value(spec.max_surge, spec.replicas, true);
  if (total >= most) {
    return current;
  }
  return current + std::min(most - total, spec.replicas - current);
}

std::int32_t proportion(const ReplicaSet& set, const Deployment& deployment, std::int32_t to_add,
                        std::int32_t added) {
  if (set.spec.replicas == 0 || to_add == 0 || to_add == added) {
    return 0;
  }
  const std::int32_t allowed = to_add - added;
  return to_add > 0 ? std::min(fraction(set, deployment), allowed)
                    : std::max(fraction(set, deployment), allowed);
}

bool is_saturated(const Deployment& deployment, const ReplicaSet& set) {
  return set.desired_replicas == deployment.spec.replicas && set.spec.replicas == deployment.spec.replicas &&
         set.status.available_replicas == deployment.spec.replicas;
}

bool is_complete(const Deployment& deployment, const DeploymentStatus& status) {
  return status.updated_replicas == deployment.spec.replicas && status.replicas == deployment.spec.replicas &&
         status.available_replicas == deployment.spec.replicas &&
         status.observed_generation >= deployment.meta.generation;
}

bool is_progressing(const DeploymentStatus& before, const DeploymentStatus& status) {
  return status.updated_replicas > before.updated_replicas ||
         status.replicas - status.updated_replicas < before.replicas - before.updated_replicas ||
         status.ready_replicas > before.ready_replicas ||
         status.available_replicas > before.available_replicas;
}

bool has_timed_out(const Deployment& deployment, const DeploymentStatus& status, const Strings& strings,
                   sim::Time now) {
  const ObjectCondition& progressing = status.condition(DeploymentConditionType::Progressing);
  if (!has_progress_deadline(deployment.spec) || !progressing.present ||
      strings[progressing.reason] == "NewReplicaSetAvailable") {
    return false;
  }
  return strings[progressing.reason] == "ProgressDeadlineExceeded" ||
         progressing.last_update + std::chrono::seconds{deployment.spec.progress_deadline_seconds} < now;
}

ObjectCondition condition(Strings& strings, ConditionStatus status, std::string_view reason,
                          std::string message, sim::Time now) {
  ObjectCondition result;
  result.present = true;
  result.status = status;
  result.reason = strings.intern(reason);
  result.message = strings.intern(message);
  result.last_update = result.last_transition = workloads::whole_seconds(now);
  return result;
}

void set_condition(DeploymentStatus& status, DeploymentConditionType type, ObjectCondition wanted) {
  ObjectCondition& current = status.condition(type);
  if (current.present && current.status == wanted.status) {
    if (current.reason == wanted.reason) {
      return;
    }
    wanted.last_transition = current.last_transition;
  }
  current = wanted;
}

PodTemplate without_hash(const PodTemplate& pod_template) {
  PodTemplate copy = pod_template;
  std::erase_if(copy.labels, [](const auto& label) { return label.first == kHashLabel; });
  copy.manifest = without_hash_text(copy.manifest);
  return copy;
}

bool labels_match(const Cluster& cluster, const LabelSelector& selector, Text labels_json) {
  const std::string_view text = cluster.strings[labels_json];
  const bool all_there =
      std::all_of(selector.match_labels.begin(), selector.match_labels.end(),
                  [&](const auto& label) { return has_label_text(text, label.first, label.second); });
  return all_there && selector.match_expressions.empty()
             ? true
             : matches(selector, json::labels_from(cluster, labels_json));
}

bool equal_but_for_hash(const PodTemplate& of_set, const PodTemplate& of_deployment) {
  return without_hash(of_set) == without_hash(of_deployment);
}

PodTemplate with_hash(const PodTemplate& pod_template, const std::string& hash) {
  PodTemplate copy = without_hash(pod_template);
  copy.labels.emplace_back(kHashLabel, hash);
  std::sort(copy.labels.begin(), copy.labels.end());
  if (!copy.manifest.empty()) {
    json::Json manifest = json::Json::parse(copy.manifest);
    manifest["metadata"]["labels"][std::string(kHashLabel)] = hash;
    copy.manifest = json::canonical(manifest).dump();
  }
  return copy;
}

std::string template_hash(const PodTemplate& pod_template, std::int32_t collisions) {
  // Source: k8s.io/apimachinery pkg/util/rand SafeEncodeString over the decimal digits of 32 bits.
  static constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string content = json::canonical(json::template_json(pod_template)).dump();
  if (collisions > 0) {
    content += std::to_string(collisions);
  }
  std::string hash = std::to_string(static_cast<std::uint32_t>(sim::text_hash(content)));
  for (char& character : hash) {
    character = kAlphabet[static_cast<unsigned char>(character) % kAlphabet.size()];
  }
  return hash;
}

bool older(const KnownReplicaSet& a, const KnownReplicaSet& b, const Strings& strings) {
  const sim::Time first = workloads::whole_seconds(a.set.meta.created);
  const sim::Time second = workloads::whole_seconds(b.set.meta.created);
  return std::tie(first, strings[a.set.meta.name]) < std::tie(second, strings[b.set.meta.name]);
}

}  // namespace models::kubernetes::deployments
