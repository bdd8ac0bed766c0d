#include "models/kubernetes/scheduler_counts.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <optional>

#include "models/kubernetes/json/object_links.h"
#include "models/kubernetes/node_ranking.h"
#include "sim/hash.h"

namespace models::kubernetes::scheduler {

namespace {

constexpr std::string_view kZone = "topology.kubernetes.io/zone";

// ---------------------------------------------------------------------------------------------------------
// Counts by node

void add_to(NodeCounts& counts, Row node, std::int32_t all, std::int32_t living) {
  auto at = std::lower_bound(counts.begin(), counts.end(), node,
                             [](const NodeCount& count, Row row) { return count.node < row; });
  if (at == counts.end() || at->node != node) {
    at = counts.insert(at, {node, 0, 0});
  }
  at->all += all;
  at->living += living;
  if (at->all == 0) {
    counts.erase(at);
  }
}

void add_to(Tally& tally, Row node, std::int32_t all, std::int32_t living) {
  add_to(tally.on_node, node, all, living);
  tally.total += all;
}

// ---------------------------------------------------------------------------------------------------------
// Queries

/// Unlike in sibling_labels.h, siblings have one owner here: its uid is part of a class' key.
bool tells_siblings_apart(std::string_view key) {
  return key == "statefulset.kubernetes.io/pod-name" || key == "apps.kubernetes.io/pod-index" ||
         key == "batch.kubernetes.io/job-completion-index";
}

bool tells_siblings_apart(const LabelSelector& selector) {
  const auto tells = [](std::string_view key) { return tells_siblings_apart(key); };
  return std::any_of(selector.match_labels.begin(), selector.match_labels.end(),
                     [&](const auto& label) { return tells(label.first); }) ||
         std::any_of(selector.match_expressions.begin(), selector.match_expressions.end(),
                     [&](const SelectorRequirement& one) { return tells(one.key); });
}

const LabelMap& own_labels(const Cluster& cluster, const Pod& pod) {
  return pod.label_set != 0 ? *cluster.label_sets[pod.label_set - 1] : cluster.template_of(pod).labels;
}

/// The same as `matches` on all labels of the pod, which are not put together for it.
bool selects_pod(const Cluster& cluster, const LabelSelector& selector, const Pod& pod) {
  const LabelMap& own = own_labels(cluster, pod);
  const auto value_of = [&](const std::string& key) -> std::optional<std::string> {
    const std::string* value = find_label(own, key);
    return value != nullptr ? std::optional{*value} : cluster.label_of(pod, key);
  };
  return std::all_of(selector.match_labels.begin(), selector.match_labels.end(),
                     [&](const auto& wanted) {
                       const std::string* value = find_label(own, wanted.first);
                       return value != nullptr ? *value == wanted.second
                                               : value_of(wanted.first) == wanted.second;
                     }) &&
         std::all_of(selector.match_expressions.begin(), selector.match_expressions.end(),
                     [&](const SelectorRequirement& one) { return meets(one, value_of(one.key)); });
}

/// Source: framework/types.go AffinityTerm.Matches.
bool meets_query(const Cluster& cluster, const PodQuery& query, const Pod& pod) {
  return !query.nothing &&
         (query.namespaces.empty() ||
          std::binary_search(query.namespaces.begin(), query.namespaces.end(), pod.meta.name_space)) &&
         selects_pod(cluster, query.selector, pod);
}

bool meets_all(const Cluster& cluster, const std::vector<PodQuery>& queries, const Pod& pod) {
  return !queries.empty() && std::all_of(queries.begin(), queries.end(), [&](const PodQuery& query) {
    return meets_query(cluster, query, pod);
  });
}

PodQuery query_of(Cluster& cluster, const PodAffinityTerm& term, Text own_namespace) {
  PodQuery query;
  query.selector = term.selector;
  query.nothing = !term.has_selector;
  if (!term.every_namespace) {
    for (const std::string& name : term.namespaces) {
      query.namespaces.push_back(cluster.strings.intern(name));
    }
    if (query.namespaces.empty()) {
      query.namespaces.push_back(own_namespace);
    }
    std::sort(query.namespaces.begin(), query.namespaces.end());
  }
  return query;
}

// ---------------------------------------------------------------------------------------------------------
// Classes and tallies

/// Of what makes pods indistinguishable to selectors, see `is_of`.
std::uint64_t class_hash(const SchedulerState& state, const Pod& pod) {
  const std::array<std::uint32_t, 9> words{pod.meta.name_space,
                                           pod.pod_template,
                                           pod.label_set,
                                           pod.owner.uid,
                                           pod.base_name,
                                           pod.revision,
                                           static_cast<std::uint32_t>(pod.made_by()),
                                           pod.template_generation,
                                           state.siblings_differ ? static_cast<std::uint32_t>(pod.index) : 0};
  return XXH3_64bits(words.data(), sizeof(words));
}

/// Two bits of 64 that stand for a label.
std::uint64_t summary_of(std::string_view key, std::string_view value) {
  const std::uint64_t hash = XXH3_64bits_withSeed(value.data(), value.size(), sim::text_hash(key));
  return std::uint64_t{1} << (hash & 63U) | std::uint64_t{1} << (hash >> 6U & 63U);
}

std::uint64_t summary_of(const LabelMap& labels) {
  std::uint64_t summary = 0;
  for (const auto& [key, value] : labels) {
    summary |= summary_of(key, value);
  }
  return summary;
}

/// Bits that the labels have of each pod that all queries match.
std::uint64_t summary_of(const std::vector<PodQuery>& queries) {
  std::uint64_t summary = 0;
  for (const PodQuery& query : queries) {
    for (const auto& [key, value] : query.selector.match_labels) {
      summary |= json::is_derived(key) ? 0 : summary_of(key, value);
    }
  }
  return summary;
}

/// A pod that has the labels and the owner of all pods of the class.
Pod pod_like(const Pod& pod) {
  Pod like;
  like.meta.name_space = pod.meta.name_space;
  like.pod_template = pod.pod_template;
  like.label_set = pod.label_set;
  like.owner = pod.owner;
  like.base_name = pod.base_name;
  like.revision = pod.revision;
  like.index = pod.index;
  like.suffix = pod.suffix == 0 ? 0 : 1;
  like.made_for = pod.made_for;
  like.template_generation = pod.template_generation;
  return like;
}

void forget_classes(Cluster& cluster);

/// The classes of pods that the queries may match: those of one namespace where all ask for it alone, and
/// without the many that their labels rule out.
template <class Visit>
void each_class_for(SchedulerState& state, const std::vector<PodQuery>& queries, Visit&& visit) {
  if (queries.empty() || queries.front().namespaces.size() != 1) {
    for (PodClass& known : state.classes) {
      visit(known);
    }
    return;
  }
  const auto in_namespace = state.classes_in.find(queries.front().namespaces.front());
  if (in_namespace == state.classes_in.end()) {
    return;
  }
  const std::uint64_t wanted = summary_of(queries);
  for (const FiledClass& filed : in_namespace->second) {
    if ((wanted & ~filed.labels) == 0) {
      visit(state.classes[filed.pod_class]);
    }
  }
}

std::uint64_t tally_hash(TallyOf of, const std::vector<PodQuery>& queries, std::uint32_t topology,
                         std::int32_t weight) {
  sim::Hasher hasher;
  hasher.add(of);
  hasher.add(topology);
  hasher.add(weight);
  for (const PodQuery& query : queries) {
    hasher.add(query.nothing);
    for (const Text name_space : query.namespaces) {
      hasher.add(name_space);
    }
    for (const auto& [key, value] : query.selector.match_labels) {
      hasher.add(std::string_view(key));
      hasher.add(std::string_view(value));
    }
    hasher.add(query.selector.match_expressions.size());
  }
  return hasher.digest().low;
}

/// The tally of these pods, made if there is none.
std::uint32_t tally_of(Cluster& cluster, TallyOf of, std::vector<PodQuery> queries,
                       std::uint32_t topology = 0, std::int32_t weight = 0) {
  SchedulerState& state = cluster.scheduler;
  const std::uint64_t hash = tally_hash(of, queries, topology, weight);
  const std::uint32_t found = state.tally_of.find(hash, [&](std::uint32_t position) {
    const Tally& known = state.tallies[position];
    return known.of == of && known.topology == topology && known.weight == weight && known.queries == queries;
  });
  if (found != sim::HashSlots::kNone) {
    return found;
  }
  const auto id = static_cast<std::uint32_t>(state.tallies.size());
  state.tally_of.insert(hash, id);
  state.tallies.push_back({of, std::move(queries), topology, weight, {}, 0});
  Tally& tally = state.tallies.back();
  each_class_for(state, tally.queries, [&](PodClass& known) {
    if (!meets_all(cluster, tally.queries, known.like)) {
      return;
    }
    if (of == TallyOf::Matching) {
      known.counted_in.push_back(id);
      for (const NodeCount& count : known.on_node) {
        add_to(tally, count.node, count.all, count.living);
      }
    } else {
      (of == TallyOf::HoldingAntiAffinity ? known.avoided : known.preferences)
          .push_back({id, topology, weight});
    }
  });
  return id;
}

/// The rules that pods of a class lay upon others.
void add_held_terms(Cluster& cluster, std::uint32_t id) {
  // Source: interpodaffinity/scoring.go processExistingPod; apis/config/v1/defaults.go
  // DefaultHardPodAffinityWeight.
  constexpr std::int32_t kHardPodAffinityWeight = 1;
  const Pod like = cluster.scheduler.classes[id].like;
  const auto content = cluster.templates[like.pod_template];
  const auto hold = [&](TallyOf of, const PodAffinityTerm& term, std::int32_t weight) {
    const std::uint32_t topology = topology_of(cluster, term.topology_key);
    const std::uint32_t tally =
        tally_of(cluster, of, {query_of(cluster, term, like.meta.name_space)}, topology, weight);
    cluster.scheduler.classes[id].counted_in.push_back(tally);
  };
  for (const PodAffinityTerm& term : content->pod_anti_affinity) {
    if (term.weight == 0) {
      hold(TallyOf::HoldingAntiAffinity, term, 0);
    } else {
      hold(TallyOf::HoldingPreference, term, -term.weight);
    }
  }
  for (const PodAffinityTerm& term : content->pod_affinity) {
    hold(TallyOf::HoldingPreference, term, term.weight == 0 ? kHardPodAffinityWeight : term.weight);
  }
}

bool some_selector_tells_siblings_apart(const PodTemplate& content) {
  const auto tells = [](const auto& rule) { return tells_siblings_apart(rule.selector); };
  return std::any_of(content.pod_affinity.begin(), content.pod_affinity.end(), tells) ||
         std::any_of(content.pod_anti_affinity.begin(), content.pod_anti_affinity.end(), tells) ||
         std::any_of(content.topology_spread.begin(), content.topology_spread.end(), [](const auto& rule) {
           return tells_siblings_apart(rule.selector) ||
                  std::any_of(rule.match_label_keys.begin(), rule.match_label_keys.end(),
                              [](const std::string& key) { return tells_siblings_apart(key); });
         });
}

/// Counts all pods anew, by classes that tell siblings apart.
void forget_classes(Cluster& cluster) {
  SchedulerState& state = cluster.scheduler;
  state.siblings_differ = true;
  state.classes.clear();
  state.class_of.clear();
  state.classes_in.clear();
  state.tallies.clear();
  state.tally_of.clear();
  state.rankings.clear();
  for (Row row = 0; row < state.charges.size(); ++row) {
    if (state.charges[row].uid == 0) {
      continue;
    }
    const std::uint32_t id = class_of(cluster, cluster.pods[row]);
    Charge& charge = state.charges[row];
    charge.pod_class = id;
    const std::int32_t living = charge.ending ? 0 : 1;
    add_to(state.classes[id].on_node, charge.node, 1, living);
    for (const std::uint32_t tally : state.classes[id].counted_in) {
      add_to(state.tallies[tally], charge.node, 1, living);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// Rules of a class that is to be scheduled

/// Source: podtopologyspread/common.go filterTopologySpreadConstraints; matchLabelKeys join the selector.
SpreadRule spread_rule(Cluster& cluster, const Pod& like, const TopologySpreadConstraint& constraint) {
  PodQuery query;
  query.namespaces = {like.meta.name_space};
  query.selector = constraint.selector;
  query.nothing = !constraint.has_selector;
  const LabelMap labels = cluster.labels_of(like);
  if (!query.nothing) {
    for (const std::string& key : constraint.match_label_keys) {
      if (const std::string* value = find_label(labels, key)) {
        query.selector.match_expressions.push_back({key, SelectorOperator::In, {*value}});
      }
    }
  }
  SpreadRule rule;
  rule.matches_itself = meets_query(cluster, query, like);
  query.nothing = query.nothing || query.selector.empty();  // common.go countPodsMatchSelector
  rule.topology = topology_of(cluster, constraint.topology_key);
  rule.tally = tally_of(cluster, TallyOf::Matching, {std::move(query)});
  rule.max_skew = constraint.max_skew;
  rule.min_domains = constraint.min_domains;
  rule.honor_node_affinity = constraint.honor_node_affinity;
  rule.honor_node_taints = constraint.honor_node_taints;
  return rule;
}

/// The selector of the ReplicaSet or StatefulSet that controls the pod; empty if there is none.
/// Source: plugins/helper/spread.go DefaultSelector. Services, which are not modelled, would take part.
LabelSelector selector_of_owner(const Cluster& cluster, const Pod& pod) {
  const Row row = pod.owner.row;
  if (pod.owner.kind == Kind::StatefulSet && cluster.statefulsets.alive(row) &&
      cluster.statefulsets[row].meta.uid == pod.owner.uid) {
    return {*cluster.statefulsets[row].spec.selector, {}};
  }
  if (pod.owner.kind == Kind::ReplicaSet && cluster.replicasets.alive(row) &&
      cluster.replicasets[row].meta.uid == pod.owner.uid) {
    return *cluster.replicasets[row].spec.selector;
  }
  return {};
}

void add_spread_rules(Cluster& cluster, std::uint32_t id) {
  const Pod like = cluster.scheduler.classes[id].like;
  const auto content = cluster.templates[like.pod_template];
  std::vector<TopologySpreadConstraint> constraints = content->topology_spread;
  const bool defaults = constraints.empty();
  if (defaults) {
    // Source: podtopologyspread/plugin.go systemDefaultConstraints.
    TopologySpreadConstraint constraint;
    constraint.selector = selector_of_owner(cluster, like);
    constraint.has_selector = true;
    constraint.do_not_schedule = false;
    if (!constraint.selector.empty()) {
      constraint.topology_key = kHostName;
      constraint.max_skew = 3;
      constraints.push_back(constraint);
      constraint.topology_key = kZone;
      constraint.max_skew = 5;
      constraints.push_back(constraint);
    }
  }
  for (const TopologySpreadConstraint& constraint : constraints) {
    const SpreadRule rule = spread_rule(cluster, like, constraint);
    PodClass& pod_class = cluster.scheduler.classes[id];
    (constraint.do_not_schedule ? pod_class.spread : pod_class.soft_spread).push_back(rule);
  }
  cluster.scheduler.classes[id].default_spread = defaults;
}

void add_affinity_rules(Cluster& cluster, std::uint32_t id) {
  const Pod like = cluster.scheduler.classes[id].like;
  const auto content = cluster.templates[like.pod_template];
  std::vector<PodQuery> all;
  for (const PodAffinityTerm& term : content->pod_affinity) {
    if (term.weight == 0) {
      all.push_back(query_of(cluster, term, like.meta.name_space));
    }
  }
  const bool itself = meets_all(cluster, all, like);
  const std::uint32_t required = all.empty() ? 0 : tally_of(cluster, TallyOf::Matching, all);
  for (const PodAffinityTerm& term : content->pod_affinity) {
    const std::uint32_t topology = topology_of(cluster, term.topology_key);
    if (term.weight == 0) {
      cluster.scheduler.classes[id].required.push_back({required, topology, 0});
    } else {
      const std::uint32_t tally =
          tally_of(cluster, TallyOf::Matching, {query_of(cluster, term, like.meta.name_space)});
      cluster.scheduler.classes[id].preferred.push_back({tally, topology, term.weight});
    }
  }
  for (const PodAffinityTerm& term : content->pod_anti_affinity) {
    const std::uint32_t topology = topology_of(cluster, term.topology_key);
    const std::uint32_t tally =
        tally_of(cluster, TallyOf::Matching, {query_of(cluster, term, like.meta.name_space)});
    PodClass& pod_class = cluster.scheduler.classes[id];
    (term.weight == 0 ? pod_class.forbidden : pod_class.preferred).push_back({tally, topology, -term.weight});
  }
  cluster.scheduler.classes[id].affine_to_itself = itself;
}

bool same_demand(const PodTemplate& a, const PodRequests& ra, const PodTemplate& b, const PodRequests& rb) {
  return ra.cpu_millicores == rb.cpu_millicores && ra.memory_bytes == rb.memory_bytes &&
         ra.scored_cpu_millicores == rb.scored_cpu_millicores &&
         ra.scored_memory_bytes == rb.scored_memory_bytes && a.tolerations == b.tolerations &&
         a.node_selector == b.node_selector && a.node_affinity == b.node_affinity &&
         a.preferred_node_affinity == b.preferred_node_affinity && a.host_ports == b.host_ports;
}

void count_usage(Cluster& cluster, Row node, TemplateId pod_template, int by) {
  SchedulerState& state = cluster.scheduler;
  if (node >= state.usage.size()) {
    state.usage.resize(node + std::size_t{1});
  }
  const PodRequests& requests = requests_of(cluster, pod_template);
  NodeUsage& usage = state.usage[node];
  usage.cpu_millicores += by * requests.cpu_millicores;
  usage.memory_bytes += by * requests.memory_bytes;
  usage.scored_cpu_millicores += by * requests.scored_cpu_millicores;
  usage.scored_memory_bytes += by * requests.scored_memory_bytes;
  usage.pods += by;
  for (const HostPort& port : cluster.templates[pod_template]->host_ports) {
    const UsedPort used{node, port.port, cluster.strings.intern(port.protocol),
                        cluster.strings.intern(port.ip == "0.0.0.0" ? "" : port.ip)};
    const auto at = std::lower_bound(state.ports.begin(), state.ports.end(), used);
    if (by > 0) {
      state.ports.insert(at, used);
    } else {
      state.ports.erase(at);
    }
  }
}

void count(Cluster& cluster, const Charge& charge, int by) {
  SchedulerState& state = cluster.scheduler;
  ++state.changes;
  PodClass& pod_class = state.classes[charge.pod_class];
  const std::int32_t living = charge.ending ? 0 : by;
  add_to(pod_class.on_node, charge.node, by, living);
  for (const std::uint32_t tally : pod_class.counted_in) {
    add_to(state.tallies[tally], charge.node, by, living);
  }
  count_usage(cluster, charge.node, pod_class.like.pod_template, by);
  const std::uint32_t position = position_of(state, charge.node);
  if (position < state.nodes.size()) {
    for (NodeRanking& ranking : state.rankings) {
      refresh(cluster, ranking, position);
    }
  }
}

}  // namespace

const PodRequests& requests_of(Cluster& cluster, TemplateId id) {
  constexpr std::int64_t kDefaultCpu = 100;
  constexpr std::int64_t kDefaultMemory = std::int64_t{200} << 20U;
  std::vector<PodRequests>& known = cluster.scheduler.requests;
  if (id >= known.size()) {
    known.resize(id + std::size_t{1});
  }
  PodRequests& requests = known[id];
  if (requests.scored_cpu_millicores >= 0) {
    return requests;
  }
  const PodTemplate& pod_template = *cluster.templates[id];
  requests = {pod_template.cpu_millicores, pod_template.memory_bytes, 0, 0};
  std::int64_t init_cpu = 0;
  std::int64_t init_memory = 0;
  for (const Container& container : pod_template.containers) {
    const std::int64_t cpu = container.cpu_millicores == 0 ? kDefaultCpu : container.cpu_millicores;
    const std::int64_t memory = container.memory_bytes == 0 ? kDefaultMemory : container.memory_bytes;
    if (container.init && !container.restartable) {
      init_cpu = std::max(init_cpu, cpu);
      init_memory = std::max(init_memory, memory);
    } else {
      requests.scored_cpu_millicores += cpu;
      requests.scored_memory_bytes += memory;
    }
  }
  requests.scored_cpu_millicores = std::max(requests.scored_cpu_millicores, init_cpu);
  requests.scored_memory_bytes = std::max(requests.scored_memory_bytes, init_memory);
  return requests;
}

std::uint32_t demand_of(Cluster& cluster, TemplateId id) {
  SchedulerState& state = cluster.scheduler;
  if (id >= state.demand_of_template.size()) {
    state.demand_of_template.resize(id + std::size_t{1});
  }
  if (state.demand_of_template[id] != 0) {
    return state.demand_of_template[id] - 1;
  }
  const PodRequests requests = requests_of(cluster, id);
  std::size_t demand = 0;
  while (demand < state.demands.size() &&
         !same_demand(*cluster.templates[id], requests, *cluster.templates[state.demands[demand]],
                      requests_of(cluster, state.demands[demand]))) {
    ++demand;
  }
  if (demand == state.demands.size()) {
    state.demands.push_back(id);
  }
  state.demand_of_template[id] = static_cast<std::uint32_t>(demand) + 1;
  return static_cast<std::uint32_t>(demand);
}

std::uint32_t class_of(Cluster& cluster, const Pod& pod) {
  SchedulerState& state = cluster.scheduler;
  const std::uint64_t hash = class_hash(state, pod);
  const std::uint32_t found =
      state.class_of.find(hash, [&](std::uint32_t position) { return is_of(state, position, pod); });
  if (found != sim::HashSlots::kNone) {
    return found;
  }
  if (!state.siblings_differ && some_selector_tells_siblings_apart(*cluster.templates[pod.pod_template])) {
    forget_classes(cluster);
    return class_of(cluster, pod);
  }
  const auto id = static_cast<std::uint32_t>(state.classes.size());
  state.class_of.insert(hash, id);
  state.classes_in[pod.meta.name_space].push_back({id, summary_of(own_labels(cluster, pod))});
  state.classes.emplace_back();
  state.classes.back().like = pod_like(pod);
  state.classes.back().demand = demand_of(cluster, pod.pod_template);
  state.classes.back().priority = priority_of(cluster, pod);
  for (std::uint32_t tally = 0; tally < state.tallies.size(); ++tally) {
    const Tally& known = state.tallies[tally];
    if (!meets_all(cluster, known.queries, state.classes[id].like)) {
      continue;
    }
    if (known.of == TallyOf::Matching) {
      state.classes[id].counted_in.push_back(tally);
    } else {
      (known.of == TallyOf::HoldingAntiAffinity ? state.classes[id].avoided : state.classes[id].preferences)
          .push_back({tally, known.topology, known.weight});
    }
  }
  add_held_terms(cluster, id);
  return id;
}

bool is_of(const SchedulerState& state, std::uint32_t pod_class, const Pod& pod) {
  const Pod& like = state.classes[pod_class].like;
  return like.meta.name_space == pod.meta.name_space && like.pod_template == pod.pod_template &&
         like.label_set == pod.label_set && like.owner.uid == pod.owner.uid &&
         like.base_name == pod.base_name && like.revision == pod.revision &&
         like.made_by() == pod.made_by() && like.template_generation == pod.template_generation &&
         (!state.siblings_differ || like.index == pod.index);
}

void prepare(Cluster& cluster, std::uint32_t pod_class) {
  if (!cluster.scheduler.classes[pod_class].prepared) {
    cluster.scheduler.classes[pod_class].prepared = true;
    add_affinity_rules(cluster, pod_class);
    add_spread_rules(cluster, pod_class);
  }
}

bool charge(Cluster& cluster, Row row, const Pod& pod, Row node) {
  SchedulerState& state = cluster.scheduler;
  if (row >= state.charges.size()) {
    state.charges.resize(row + std::size_t{1});
  }
  if (state.charges[row].uid == pod.meta.uid) {
    return false;
  }
  const Charge charge{pod.meta.uid, node, class_of(cluster, pod), pod.meta.deleting()};
  state.charges[row] = charge;
  count(cluster, charge, 1);
  return true;
}

const Charge* charge_of(const SchedulerState& state, Row row, Uid uid) {
  return row < state.charges.size() && uid != 0 && state.charges[row].uid == uid ? &state.charges[row]
                                                                                 : nullptr;
}

bool release(Cluster& cluster, Row row, Uid uid) {
  SchedulerState& state = cluster.scheduler;
  if (charge_of(state, row, uid) == nullptr) {
    return false;
  }
  const Charge charge = state.charges[row];
  state.charges[row] = {};
  count(cluster, charge, -1);
  return true;
}

void note_ending(Cluster& cluster, Row row) {
  SchedulerState& state = cluster.scheduler;
  Charge& charge = state.charges[row];
  if (charge.ending) {
    return;
  }
  charge.ending = true;
  ++state.changes;
  PodClass& pod_class = state.classes[charge.pod_class];
  add_to(pod_class.on_node, charge.node, 0, -1);
  for (const std::uint32_t tally : pod_class.counted_in) {
    add_to(state.tallies[tally], charge.node, 0, -1);
  }
}

NodeCount count_at(const NodeCounts& counts, Row node) {
  const auto at = std::lower_bound(counts.begin(), counts.end(), node,
                                   [](const NodeCount& count, Row row) { return count.node < row; });
  return at != counts.end() && at->node == node ? *at : NodeCount{node, 0, 0};
}

std::uint32_t position_of(const SchedulerState& state, Row node) {
  if (node < state.nodes.size() && state.nodes[node].row == node) {
    return node;
  }
  const auto found = std::lower_bound(state.nodes.begin(), state.nodes.end(), node,
                                      [](const SchedulableNode& known, Row row) { return known.row < row; });
  return static_cast<std::uint32_t>(
      (found != state.nodes.end() && found->row == node ? found : state.nodes.end()) - state.nodes.begin());
}

}  // namespace models::kubernetes::scheduler
