#include "models/kubernetes/behaviour.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <tuple>
#include <utility>

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/rule_names.h"
#include "sim/hash.h"

namespace models::kubernetes {

namespace {

/// The number after `owner-` in `name`, or -1: names of a StatefulSet's pods and host names of an Indexed
/// Job's.
std::int32_t index_in_name(std::string_view name, std::string_view owner) {
  if (name.size() <= owner.size() + 1 || !name.starts_with(owner) || name[owner.size()] != '-') {
    return -1;
  }
  const std::string_view digits = name.substr(owner.size() + 1);
  std::int32_t index = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  return error == std::errc{} && end == digits.data() + digits.size() ? index : -1;
}

/// How specific a rule is; of equals the later wins.
int rank(const RuleOfOwner& rule, const BehaviourRule& stated) {
  return (rule.index >= 0 ? 4 : 0) + (rule.attempt >= 0 ? 2 : 0) + (stated.name_space.empty() ? 0 : 1);
}

std::vector<RuleOfOwner> find_rules(const std::vector<BehaviourRule>& stated, std::string_view name_space,
                                    std::string_view name) {
  std::vector<RuleOfOwner> rules;
  for (std::size_t i = 0; i < stated.size(); ++i) {
    const BehaviourRule& rule = stated[i];
    if (!rule.name_space.empty() && rule.name_space != name_space) {
      continue;
    }
    if (rule.name == name) {
      rules.push_back({rule.index, rule.attempt, static_cast<std::uint32_t>(i)});
    } else if (const std::int32_t index = index_in_name(rule.name, name);
               index >= 0 && (rule.index < 0 || rule.index == index)) {
      rules.push_back({index, rule.attempt, static_cast<std::uint32_t>(i)});
    }
  }
  std::sort(rules.begin(), rules.end(), [&](const RuleOfOwner& a, const RuleOfOwner& b) {
    return std::pair(rank(a, stated[a.rule]), a.rule) < std::pair(rank(b, stated[b.rule]), b.rule);
  });
  return rules;
}

Text behaviour_name(const Pod& pod) { return pod.base_name != 0 ? pod.base_name : pod.meta.name; }

/// How many characters of the text `behaviour_name` the rules' name for the pod has.
std::size_t length_of_rule_name(const Cluster& cluster, const Pod& pod) {
  const std::string* hash = pod.made_for == Kind::ReplicaSet
                                ? find_label(cluster.template_of(pod).labels, "pod-template-hash")
                                : nullptr;
  const std::string& text = cluster.strings[behaviour_name(pod)];
  const bool cut = hash != nullptr && text.size() > hash->size() + 1 && text.ends_with("-" + *hash);
  return cut ? text.size() - hash->size() - 1 : text.size();
}

/// The name that rules have for a pod, as a text of the cluster.
Text rule_name(Cluster& cluster, const Pod& pod) {
  const Text name = behaviour_name(pod);
  const std::size_t length = length_of_rule_name(cluster, pod);
  const std::string& text = cluster.strings[name];
  return length < text.size() ? cluster.strings.intern(text.substr(0, length)) : name;
}

const std::vector<RuleOfOwner>& rules_of(Cluster& cluster, Text name_space, Text name) {
  std::vector<OwnerRules>& known = cluster.kubelet.owner_rules;
  const auto found = std::lower_bound(
      known.begin(), known.end(), std::tie(name_space, name),
      [](const OwnerRules& rules, const auto& key) { return std::tie(rules.name_space, rules.name) < key; });
  if (found != known.end() && found->name_space == name_space && found->name == name) {
    return *found->rules;
  }
  auto rules = std::make_shared<const std::vector<RuleOfOwner>>(
      find_rules(cluster.settings->behaviours, cluster.strings[name_space], cluster.strings[name]));
  return *known.insert(found, OwnerRules{name_space, name, std::move(rules)})->rules;
}

void take(PodBehaviour& into, const Behaviour& stated, bool of_attempt) {
  const auto take_one = [](const timing::Distribution*& where,
                           const std::optional<timing::Distribution>& from) {
    if (from) {
      where = &*from;
    }
  };
  take_one(into.init, stated.init);
  take_one(into.start, stated.start);
  take_one(into.ready, stated.ready);
  take_one(into.run, stated.run);
  take_one(into.stop, stated.stop);
  if (!stated.exit_codes.empty()) {
    into.exit_codes = &stated.exit_codes;
    into.exit_codes_of_attempt = of_attempt;
  }
  into.never_ready = stated.never_ready.value_or(into.never_ready);
  into.ignores_termination = stated.ignores_termination.value_or(into.ignores_termination);
}

/// The properties that the rules for every pod of an owner state.
PodBehaviour behaviour_of_all(const Cluster& cluster, Text name_space, Text name) {
  PodBehaviour behaviour;
  const std::vector<BehaviourRule>& stated = cluster.settings->behaviours;
  for (const RuleOfOwner& rule : find_rules(stated, cluster.strings[name_space], cluster.strings[name])) {
    if (rule.index < 0 && rule.attempt < 0) {
      take(behaviour, stated[rule.rule].behaviour, false);
    }
  }
  return behaviour;
}

using Keys = std::bitset<timing::kKeys>;

void add(Keys& keys, timing::Key key) { keys.set(static_cast<std::size_t>(key)); }

/// The keys that pods of one owner may fall back to.
void add_keys_of(Keys& keys, const Cluster& cluster, Text name_space, Text name,
                 const PodTemplate& pod_template, bool of_mini_cluster, bool with_claims) {
  using timing::Key;
  const PodBehaviour behaviour = behaviour_of_all(cluster, name_space, name);
  add(keys, Key::pod_schedule);
  add(keys, Key::kubelet_delete);
  add(keys, Key::kubelet_status);
  if (pod_template.init_containers > 0 && behaviour.init == nullptr) {
    add(keys, of_mini_cluster ? Key::flux_init : Key::pod_init);
  }
  if (behaviour.start == nullptr) {
    add(keys, Key::pod_start);
    add(keys, Key::pod_image_pull);
    if (with_claims) {
      add(keys, Key::volume_attach);
    }
  }
  if (with_claims) {
    add(keys, Key::volume_provision);
  }
  if (behaviour.ready == nullptr && pod_template.readiness_probe) {
    add(keys, Key::pod_ready);
  }
  if (behaviour.run == nullptr && behaviour.exit_codes != nullptr) {
    add(keys, Key::container_run);
  }
  if (behaviour.stop == nullptr && !behaviour.ignores_termination) {
    add(keys, of_mini_cluster ? Key::flux_stop : Key::pod_stop);
  }
}

}  // namespace

std::string name_for_rules(const Cluster& cluster, const Pod& pod) {
  return cluster.strings[behaviour_name(pod)].substr(0, length_of_rule_name(cluster, pod));
}

PodBehaviour behaviour_of(Cluster& cluster, const Pod& pod) {
  PodBehaviour behaviour;
  const std::vector<BehaviourRule>& stated = cluster.settings->behaviours;
  if (stated.empty()) {
    return behaviour;
  }
  for (const RuleOfOwner& rule : rules_of(cluster, pod.meta.name_space, rule_name(cluster, pod))) {
    if ((rule.index < 0 || rule.index == pod.index) &&
        (rule.attempt < 0 || static_cast<std::uint32_t>(rule.attempt) == pod.attempt)) {
      take(behaviour, stated[rule.rule].behaviour, rule.attempt >= 0);
    }
  }
  return behaviour;
}

std::int32_t exit_code_of(const PodBehaviour& behaviour, const Pod& pod, std::uint32_t restarts) {
  if (behaviour.exit_codes == nullptr) {
    return 0;
  }
  const std::size_t time = (behaviour.exit_codes_of_attempt ? 0 : std::size_t{pod.attempt}) + restarts;
  return (*behaviour.exit_codes)[std::min(time, behaviour.exit_codes->size() - 1)];
}

std::uint64_t entity_of(const Cluster& cluster, const Pod& pod) {
  constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15ULL;  // 2^64 / golden ratio: spreads neighbouring numbers
  const std::string_view name = cluster.strings[behaviour_name(pod)];
  std::uint64_t entity = sim::text_hash(name.substr(0, length_of_rule_name(cluster, pod)));
  if (pod.pinned_node != 0) {
    entity = (entity ^ (entity >> 29U)) * kMix + sim::text_hash(cluster.strings[pod.pinned_node]);
  }
  entity = (entity ^ (entity >> 29U)) * kMix + sim::text_hash(cluster.strings[pod.meta.name_space]);
  entity =
      (entity ^ (entity >> 29U)) * kMix + static_cast<std::uint64_t>(static_cast<std::int64_t>(pod.index));
  return entity;
}

std::uint32_t occurrence_of(const Pod& pod, std::uint32_t restarts) {
  return (pod.attempt << 12U) + restarts;
}

std::vector<timing::Key> timings_used(const Cluster& cluster) {
  Keys keys;
  add(keys, timing::Key::watch_latency);
  for (const timing::Key key : {timing::Key::api_latency, timing::Key::controller_sync_start}) {
    if (const timing::Distribution& takes = cluster.settings->profile.at(key);
        !takes.is_fixed() || takes.nominal() > sim::Duration::zero()) {
      add(keys, key);
    }
  }
  const auto& sets = cluster.statefulsets;
  for (Row row = 0; row < sets.extent(); ++row) {
    if (sets.exists(row)) {
      const StatefulSet& set = sets[row];
      add(keys, timing::Key::garbage_collector_delete);
      add_keys_of(keys, cluster, set.meta.name_space, set.meta.name,
                  *cluster.templates[set.spec.pod_template], false,
                  set.spec.claims != nullptr && !set.spec.claims->empty());
    }
  }
  const auto add_workloads = [&](const auto& store) {
    for (Row row = 0; row < store.extent(); ++row) {
      if (store.exists(row)) {
        add(keys, timing::Key::garbage_collector_delete);
        add_keys_of(keys, cluster, store[row].meta.name_space, store[row].meta.name,
                    *cluster.templates[store[row].spec.pod_template], false, false);
      }
    }
  };
  add_workloads(cluster.deployments);
  add_workloads(cluster.daemonsets);
  for (Row row = 0; row < cluster.replicasets.extent(); ++row) {
    if (cluster.replicasets.exists(row) && cluster.replicasets[row].owner.kind == Kind::None) {
      const ReplicaSet& set = cluster.replicasets[row];
      add(keys, timing::Key::garbage_collector_delete);
      add_keys_of(keys, cluster, set.meta.name_space, set.meta.name,
                  *cluster.templates[set.spec.pod_template], false, false);
    }
  }
  for (Row row = 0; row < cluster.jobs.extent(); ++row) {
    if (cluster.jobs.exists(row)) {
      const Job& job = cluster.jobs[row];
      add(keys, timing::Key::garbage_collector_delete);
      add_keys_of(keys, cluster, job.meta.name_space, job.meta.name,
                  *cluster.templates[job.spec.pod_template], job.owner.kind == Kind::MiniCluster, false);
    }
  }
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    if (cluster.pods.exists(row) && cluster.pods[row].meta.name != 0 && !cluster.pods[row].terminal()) {
      const Pod& pod = cluster.pods[row];
      add_keys_of(keys, cluster, pod.meta.name_space, pod.meta.name, cluster.template_of(pod), false, false);
    }
  }
  std::vector<timing::Key> used;
  for (std::size_t i = 0; i < timing::kKeys; ++i) {
    if (keys.test(i)) {
      used.push_back(static_cast<timing::Key>(i));
    }
  }
  return used;
}

}  // namespace models::kubernetes
