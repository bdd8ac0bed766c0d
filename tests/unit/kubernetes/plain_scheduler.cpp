#include "tests/unit/kubernetes/plain_scheduler.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace models::kubernetes::testing_support {

namespace {

using Labels = std::map<std::string, std::string>;

Labels labels_of(const Cluster& cluster, const Node& node) {
  const LabelMap& labels = cluster.shape_of(node).labels;
  Labels all(labels.begin(), labels.end());
  all.emplace("kubernetes.io/hostname", cluster.name_of(node.meta));
  return all;
}

std::vector<Row> pods_on(const Cluster& cluster, Row node) {
  std::vector<Row> rows;
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    if (cluster.pods.exists(row) && cluster.pods[row].node == node && !cluster.pods[row].terminal()) {
      rows.push_back(row);
    }
  }
  return rows;
}

bool tolerated(const PodTemplate& content, const Taint& taint) {
  for (const Toleration& one : content.tolerations) {
    const bool effect = one.effect.empty() || one.effect == taint.effect;
    const bool key = one.key.empty() ? one.exists : one.key == taint.key;
    if (effect && key && (one.exists || one.value == taint.value)) {
      return true;
    }
  }
  return false;
}

const Taint* first_untolerated(const Cluster& cluster, const Node& node, const PodTemplate& content) {
  for (const Taint& taint : cluster.taints_of(node)) {
    if (taint.effect != "PreferNoSchedule" && !tolerated(content, taint)) {
      return &taint;
    }
  }
  return nullptr;
}

bool meets_all(const std::vector<SelectorRequirement>& requirements, const Labels& labels) {
  for (const SelectorRequirement& one : requirements) {
    const auto label = labels.find(one.key);
    if (!meets(one, label == labels.end() ? std::nullopt : std::optional{label->second})) {
      return false;
    }
  }
  return true;
}

bool meets_term(const NodeSelectorTerm& term, const Labels& labels, const std::string& name) {
  return !(term.match_expressions.empty() && term.match_fields.empty()) &&
         meets_all(term.match_expressions, labels) && meets_all(term.match_fields, {{"metadata.name", name}});
}

bool selected(const Cluster& cluster, const Node& node, const PodTemplate& content) {
  const Labels labels = labels_of(cluster, node);
  for (const auto& [key, value] : content.node_selector) {
    if (!labels.contains(key) || labels.at(key) != value) {
      return false;
    }
  }
  if (!content.node_affinity) {
    return true;
  }
  return std::any_of(content.node_affinity->begin(), content.node_affinity->end(),
                     [&](const auto& term) { return meets_term(term, labels, cluster.name_of(node.meta)); });
}

bool meets_pod_term(const Cluster& cluster, const PodAffinityTerm& term, const Pod& owner, const Pod& other) {
  const std::string& space = cluster.strings[other.meta.name_space];
  const bool in_space =
      term.every_namespace ||
      (term.namespaces.empty() ? owner.meta.name_space == other.meta.name_space
                               : std::count(term.namespaces.begin(), term.namespaces.end(), space) > 0);
  return in_space && term.has_selector && matches(term.selector, cluster.labels_of(other));
}

/// Pods by domain of a topology, as pairs of key and value.
using Domains = std::map<std::pair<std::string, std::string>, std::int64_t>;

struct Snapshot {
  const Cluster& cluster;
  const Pod& pod;
  const PodTemplate& content;
  std::vector<Row> nodes;
  std::vector<std::vector<Row>> pods;  // by node
  std::vector<Labels> labels;          // by node
};

bool counts_for(const Snapshot& world, const TopologySpreadConstraint& constraint, std::size_t node) {
  const Node& object = world.cluster.nodes[world.nodes[node]];
  return (!constraint.honor_node_affinity || selected(world.cluster, object, world.content)) &&
         (!constraint.honor_node_taints ||
          first_untolerated(world.cluster, object, world.content) == nullptr);
}

LabelSelector selector_of(const Snapshot& world, const TopologySpreadConstraint& constraint) {
  LabelSelector selector = constraint.selector;
  const LabelMap labels = world.cluster.labels_of(world.pod);
  for (const std::string& key : constraint.match_label_keys) {
    if (const std::string* value = find_label(labels, key)) {
      selector.match_expressions.push_back({key, SelectorOperator::In, {*value}});
    }
  }
  return selector;
}

std::int64_t matching_on(const Snapshot& world, const TopologySpreadConstraint& constraint,
                         std::size_t node) {
  const LabelSelector selector = selector_of(world, constraint);
  if (!constraint.has_selector || selector.empty()) {
    return 0;
  }
  return std::count_if(world.pods[node].begin(), world.pods[node].end(), [&](Row row) {
    const Pod& other = world.cluster.pods[row];
    return !other.meta.deleting() && other.meta.name_space == world.pod.meta.name_space &&
           matches(selector, world.cluster.labels_of(other));
  });
}

std::vector<TopologySpreadConstraint> constraints_of(const Snapshot& world, bool hard) {
  std::vector<TopologySpreadConstraint> wanted;
  for (const TopologySpreadConstraint& one : world.content.topology_spread) {
    if (one.do_not_schedule == hard) {
      wanted.push_back(one);
    }
  }
  if (hard || !world.content.topology_spread.empty() || world.pod.owner.kind != Kind::StatefulSet) {
    return wanted;
  }
  TopologySpreadConstraint by_default;
  by_default.selector.match_labels = *world.cluster.statefulsets[world.pod.owner.row].spec.selector;
  by_default.has_selector = true;
  by_default.topology_key = "kubernetes.io/hostname";
  by_default.max_skew = 3;
  wanted.push_back(by_default);
  by_default.topology_key = "topology.kubernetes.io/zone";
  by_default.max_skew = 5;
  wanted.push_back(by_default);
  return wanted;
}

bool has_all_keys(const Labels& labels, const std::vector<TopologySpreadConstraint>& constraints) {
  return std::all_of(constraints.begin(), constraints.end(),
                     [&](const auto& one) { return labels.contains(one.topology_key); });
}

std::string spread_reason(const Snapshot& world, std::size_t node) {
  const std::vector<TopologySpreadConstraint> constraints = constraints_of(world, true);
  for (const TopologySpreadConstraint& constraint : constraints) {
    if (!world.labels[node].contains(constraint.topology_key)) {
      return "node(s) didn't match pod topology spread constraints (missing required label)";
    }
    std::map<std::string, std::int64_t> counts;
    for (std::size_t other = 0; other < world.nodes.size(); ++other) {
      if (has_all_keys(world.labels[other], constraints) && counts_for(world, constraint, other)) {
        counts[world.labels[other].at(constraint.topology_key)] += matching_on(world, constraint, other);
      }
    }
    std::int64_t least = std::numeric_limits<std::int32_t>::max();
    for (const auto& [value, count] : counts) {
      least = std::min(least, count);
    }
    if (static_cast<std::int32_t>(counts.size()) < constraint.min_domains) {
      least = 0;
    }
    const bool itself = constraint.has_selector &&
                        matches(selector_of(world, constraint), world.cluster.labels_of(world.pod));
    if (counts[world.labels[node].at(constraint.topology_key)] + (itself ? 1 : 0) - least >
        constraint.max_skew) {
      return "node(s) didn't match pod topology spread constraints";
    }
  }
  return "";
}

std::string affinity_reason(const Snapshot& world, std::size_t node) {
  Domains affine;
  Domains anti;
  Domains existing;
  const auto add = [&](Domains& domains, std::size_t at, const std::string& key) {
    if (world.labels[at].contains(key)) {
      ++domains[{key, world.labels[at].at(key)}];
    }
  };
  std::vector<PodAffinityTerm> required;
  for (const PodAffinityTerm& term : world.content.pod_affinity) {
    if (term.weight == 0) {
      required.push_back(term);
    }
  }
  const auto meets_required = [&](const Pod& other) {
    return !required.empty() && std::all_of(required.begin(), required.end(), [&](const auto& term) {
      return meets_pod_term(world.cluster, term, world.pod, other);
    });
  };
  for (std::size_t at = 0; at < world.nodes.size(); ++at) {
    for (const Row row : world.pods[at]) {
      const Pod& other = world.cluster.pods[row];
      if (meets_required(other)) {
        for (const PodAffinityTerm& term : required) {
          add(affine, at, term.topology_key);
        }
      }
      for (const PodAffinityTerm& term : world.content.pod_anti_affinity) {
        if (term.weight == 0 && meets_pod_term(world.cluster, term, world.pod, other)) {
          add(anti, at, term.topology_key);
        }
      }
      for (const PodAffinityTerm& term : world.cluster.template_of(other).pod_anti_affinity) {
        if (term.weight == 0 && meets_pod_term(world.cluster, term, other, world.pod)) {
          add(existing, at, term.topology_key);
        }
      }
    }
  }
  const Labels& here = world.labels[node];
  bool there = true;
  for (const PodAffinityTerm& term : required) {
    if (!here.contains(term.topology_key)) {
      return "node(s) didn't match pod affinity rules";
    }
    there = there && affine.contains({term.topology_key, here.at(term.topology_key)});
  }
  if (!there && !(affine.empty() && meets_required(world.pod))) {
    return "node(s) didn't match pod affinity rules";
  }
  for (const PodAffinityTerm& term : world.content.pod_anti_affinity) {
    if (term.weight == 0 && here.contains(term.topology_key) &&
        anti.contains({term.topology_key, here.at(term.topology_key)})) {
      return "node(s) didn't match pod anti-affinity rules";
    }
  }
  for (const auto& [key, value] : here) {
    if (existing.contains({key, value})) {
      return "node(s) didn't satisfy existing pods anti-affinity rules";
    }
  }
  return "";
}

bool ports_clash(const HostPort& a, const HostPort& b) {
  const auto every = [](const HostPort& port) { return port.ip.empty() || port.ip == "0.0.0.0"; };
  return a.port == b.port && a.protocol == b.protocol && (every(a) || every(b) || a.ip == b.ip);
}

/// Why the node cannot take the pod; empty: it can.
std::vector<std::string> reasons_at(const Snapshot& world, std::size_t node) {
  const Cluster& cluster = world.cluster;
  const Node& object = cluster.nodes[world.nodes[node]];
  if (object.unschedulable &&
      !tolerated(world.content, {"node.kubernetes.io/unschedulable", "", "NoSchedule"})) {
    return {"node(s) were unschedulable"};
  }
  if (const Taint* taint = first_untolerated(cluster, object, world.content)) {
    return {cluster.features().since(35)
                ? std::string("node(s) had untolerated taint(s)")
                : fmt::format("node(s) had untolerated taint {{{}: {}}}", taint->key, taint->value)};
  }
  if (!selected(cluster, object, world.content)) {
    return {"node(s) didn't match Pod's node affinity/selector"};
  }
  std::int64_t cpu = world.content.cpu_millicores;
  std::int64_t memory = world.content.memory_bytes;
  for (const Row row : world.pods[node]) {
    const PodTemplate& other = cluster.template_of(cluster.pods[row]);
    cpu += other.cpu_millicores;
    memory += other.memory_bytes;
    for (const HostPort& wanted : world.content.host_ports) {
      for (const HostPort& used : other.host_ports) {
        if (ports_clash(wanted, used)) {
          return {"node(s) didn't have free ports for the requested pod ports"};
        }
      }
    }
  }
  const NodeShape& shape = cluster.shape_of(object);
  std::vector<std::string> lacking;
  if (static_cast<std::int32_t>(world.pods[node].size()) + 1 > shape.pods) {
    lacking.emplace_back("Too many pods");
  }
  if (world.content.cpu_millicores > 0 && cpu > shape.cpu_millicores) {
    lacking.emplace_back("Insufficient cpu");
  }
  if (world.content.memory_bytes > 0 && memory > shape.memory_bytes) {
    lacking.emplace_back("Insufficient memory");
  }
  if (!lacking.empty()) {
    return lacking;
  }
  for (const std::string& reason : {spread_reason(world, node), affinity_reason(world, node)}) {
    if (!reason.empty()) {
      return {reason};
    }
  }
  return {};
}

// ---------------------------------------------------------------------------------------------------------
// Scores

using Scores = std::vector<std::int64_t>;

std::pair<std::int64_t, std::int64_t> scored_requests(const PodTemplate& content) {
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  for (const Container& one : content.containers) {
    cpu += one.cpu_millicores == 0 ? 100 : one.cpu_millicores;
    memory += one.memory_bytes == 0 ? std::int64_t{200} * 1024 * 1024 : one.memory_bytes;
  }
  return {cpu, memory};
}

std::int64_t resource_score(const Snapshot& world, std::size_t node) {
  const NodeShape& shape = world.cluster.shape_of(world.cluster.nodes[world.nodes[node]]);
  auto [scored_cpu, scored_memory] = scored_requests(world.content);
  std::int64_t cpu = world.content.cpu_millicores;
  std::int64_t memory = world.content.memory_bytes;
  for (const Row row : world.pods[node]) {
    const PodTemplate& other = world.cluster.template_of(world.cluster.pods[row]);
    const auto [more_cpu, more_memory] = scored_requests(other);
    scored_cpu += more_cpu;
    scored_memory += more_memory;
    cpu += other.cpu_millicores;
    memory += other.memory_bytes;
  }
  const auto free_of = [](std::int64_t capacity, std::int64_t used) {
    return capacity == 0 || used > capacity ? 0 : (capacity - used) * 100 / capacity;
  };
  const std::int64_t least =
      (free_of(shape.cpu_millicores, scored_cpu) + free_of(shape.memory_bytes, scored_memory)) / 2;
  if (world.cluster.features().since(33) && world.content.cpu_millicores == 0 &&
      world.content.memory_bytes == 0) {
    return least;
  }
  const auto share = [](std::int64_t capacity, std::int64_t used) {
    return std::min(1.0, static_cast<double>(used) / static_cast<double>(capacity));
  };
  const double off = std::abs(share(shape.cpu_millicores, cpu) - share(shape.memory_bytes, memory)) / 2;
  return least + static_cast<std::int64_t>((1 - off) * 100);
}

void normalise(Scores& scores, bool reverse) {
  const std::int64_t highest = *std::max_element(scores.begin(), scores.end());
  for (std::int64_t& score : scores) {
    score = highest == 0 ? (reverse ? 100 : 0)
            : reverse    ? 100 - 100 * score / highest
                         : 100 * score / highest;
  }
}

Scores spread_scores(const Snapshot& world, const std::vector<std::size_t>& feasible) {
  const std::vector<TopologySpreadConstraint> constraints = constraints_of(world, false);
  const bool strict = !world.content.topology_spread.empty();
  std::set<std::size_t> ignored;
  for (const std::size_t node : feasible) {
    if (strict && !has_all_keys(world.labels[node], constraints)) {
      ignored.insert(node);
    }
  }
  std::vector<double> raw(feasible.size(), 0);
  for (const TopologySpreadConstraint& constraint : constraints) {
    const std::string& key = constraint.topology_key;
    const bool by_host = key == "kubernetes.io/hostname";
    std::map<std::string, std::int64_t> counts;
    for (const std::size_t node : feasible) {
      if (!ignored.contains(node)) {
        counts[world.labels[node].contains(key) ? world.labels[node].at(key) : ""];
      }
    }
    const double weight = std::log(static_cast<double>(counts.size()) + 2);
    for (std::size_t other = 0; other < world.nodes.size(); ++other) {
      const std::string value = world.labels[other].contains(key) ? world.labels[other].at(key) : "";
      if ((!strict || has_all_keys(world.labels[other], constraints)) && counts.contains(value) &&
          (by_host || counts_for(world, constraint, other))) {
        counts[value] += matching_on(world, constraint, other);
      }
    }
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (world.labels[feasible[i]].contains(key)) {
        raw[i] += static_cast<double>(counts[world.labels[feasible[i]].at(key)]) * weight +
                  static_cast<double>(constraint.max_skew - 1);
      }
    }
  }
  Scores scores;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = 0;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    scores.push_back(static_cast<std::int64_t>(std::round(raw[i])));
    if (!ignored.contains(feasible[i])) {
      least = std::min(least, scores[i]);
      most = std::max(most, scores[i]);
    }
  }
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    scores[i] = ignored.contains(feasible[i]) ? 0 : most == 0 ? 100 : 100 * (most + least - scores[i]) / most;
  }
  return scores;
}

Scores affinity_scores(const Snapshot& world, const std::vector<std::size_t>& feasible) {
  Domains domains;
  const auto add = [&](std::size_t at, const std::string& key, std::int64_t weight) {
    if (world.labels[at].contains(key)) {
      domains[{key, world.labels[at].at(key)}] += weight;
    }
  };
  for (std::size_t at = 0; at < world.nodes.size(); ++at) {
    for (const Row row : world.pods[at]) {
      const Pod& other = world.cluster.pods[row];
      const PodTemplate& theirs = world.cluster.template_of(other);
      for (const PodAffinityTerm& term : world.content.pod_affinity) {
        add(at, term.topology_key, meets_pod_term(world.cluster, term, world.pod, other) ? term.weight : 0);
      }
      for (const PodAffinityTerm& term : world.content.pod_anti_affinity) {
        add(at, term.topology_key, meets_pod_term(world.cluster, term, world.pod, other) ? -term.weight : 0);
      }
      for (const PodAffinityTerm& term : theirs.pod_affinity) {
        const std::int64_t weight = term.weight == 0 ? 1 : term.weight;
        add(at, term.topology_key, meets_pod_term(world.cluster, term, other, world.pod) ? weight : 0);
      }
      for (const PodAffinityTerm& term : theirs.pod_anti_affinity) {
        add(at, term.topology_key, meets_pod_term(world.cluster, term, other, world.pod) ? -term.weight : 0);
      }
    }
  }
  Scores scores;
  for (const std::size_t node : feasible) {
    std::int64_t score = 0;
    for (const auto& [key, value] : world.labels[node]) {
      const auto found = domains.find({key, value});
      score += found == domains.end() ? 0 : found->second;
    }
    scores.push_back(score);
  }
  const std::int64_t least = *std::min_element(scores.begin(), scores.end());
  const std::int64_t most = *std::max_element(scores.begin(), scores.end());
  for (std::int64_t& score : scores) {
    score = most == least ? 0
                          : static_cast<std::int64_t>(100 * (static_cast<double>(score - least) /
                                                             static_cast<double>(most - least)));
  }
  return scores;
}

Scores total_scores(const Snapshot& world, const std::vector<std::size_t>& feasible) {
  Scores taints;
  Scores preferred;
  for (const std::size_t node : feasible) {
    const Node& object = world.cluster.nodes[world.nodes[node]];
    const std::vector<Taint>& all = world.cluster.taints_of(object);
    taints.push_back(std::count_if(all.begin(), all.end(), [&](const Taint& taint) {
      return taint.effect == "PreferNoSchedule" && !tolerated(world.content, taint);
    }));
    std::int64_t score = 0;
    for (const PreferredNodeTerm& term : world.content.preferred_node_affinity) {
      score +=
          meets_term(term.term, world.labels[node], world.cluster.name_of(object.meta)) ? term.weight : 0;
    }
    preferred.push_back(score);
  }
  normalise(taints, true);
  normalise(preferred, false);
  const Scores spread =
      constraints_of(world, false).empty() ? Scores(feasible.size()) : spread_scores(world, feasible);
  const Scores affinity = affinity_scores(world, feasible);
  Scores total;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    total.push_back(resource_score(world, feasible[i]) + 3 * taints[i] + 2 * preferred[i] + 2 * spread[i] +
                    2 * affinity[i]);
  }
  return total;
}

std::size_t nodes_wanted(std::size_t nodes) {
  if (nodes < 100) {
    return nodes;
  }
  const auto percentage = std::max<std::int64_t>(50 - static_cast<std::int64_t>(nodes) / 125, 5);
  return std::max<std::size_t>(nodes * static_cast<std::size_t>(percentage) / 100, 100);
}

}  // namespace

PlainDecision decide_plainly(const Cluster& cluster, const Pod& pod, std::uint32_t next_start) {
  Snapshot world{cluster, pod, cluster.template_of(pod), {}, {}, {}};
  for (Row row = 0; row < cluster.nodes.extent(); ++row) {
    if (cluster.nodes.exists(row)) {
      world.nodes.push_back(row);
      world.pods.push_back(pods_on(cluster, row));
      world.labels.push_back(labels_of(cluster, cluster.nodes[row]));
    }
  }
  const std::size_t count = world.nodes.size();
  PlainDecision decision;
  std::map<std::string, int> reasons;
  std::vector<std::size_t> feasible;
  std::size_t looked_at = 0;
  for (; looked_at < count; ++looked_at) {
    const std::size_t node = (next_start + looked_at) % count;
    const std::vector<std::string> against = reasons_at(world, node);
    for (const std::string& reason : against) {
      ++reasons[reason];
    }
    if (against.empty()) {
      if (feasible.size() == nodes_wanted(count)) {
        break;
      }
      feasible.push_back(node);
    }
  }
  decision.next_start = count == 0 ? 0 : static_cast<std::uint32_t>((next_start + looked_at) % count);
  if (feasible.empty()) {
    std::vector<std::string> entries;
    for (const auto& [reason, times] : reasons) {
      entries.push_back(fmt::format("{} {}", times, reason));
    }
    std::sort(entries.begin(), entries.end());
    decision.reasons = fmt::format("{}", fmt::join(entries, ", "));
    return decision;
  }
  const Scores scores = total_scores(world, feasible);
  const std::int64_t highest = *std::max_element(scores.begin(), scores.end());
  std::vector<Row> best;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    if (scores[i] == highest) {
      best.push_back(world.nodes[feasible[i]]);
    }
  }
  decision.ties = best.size();
  decision.node = best[best.size() / 2];  // what nominal choices pick
  return decision;
}

}  // namespace models::kubernetes::testing_support
