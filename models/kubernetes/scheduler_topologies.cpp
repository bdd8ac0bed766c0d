// Labels of nodes as the scheduler reads them, the domains that they make, and the priority of pods.

#include <algorithm>
#include <map>

#include "models/kubernetes/scheduler_counts.h"

namespace models::kubernetes::scheduler {

std::optional<std::string> label_of(const Cluster& cluster, const SchedulableNode& node,
                                    std::string_view key) {
  if (const std::string* value = find_label(cluster.node_shapes[node.shape]->labels, key)) {
    return *value;
  }
  return key == kHostName ? std::optional{cluster.name_of(cluster.nodes[node.row].meta)} : std::nullopt;
}

bool meets_any_term(const Cluster& cluster, const SchedulableNode& node,
                    const std::vector<NodeSelectorTerm>& terms) {
  const auto meets_term = [&](const NodeSelectorTerm& term) {
    const auto by_label = [&](const SelectorRequirement& one) {
      return meets(one, label_of(cluster, node, one.key));
    };
    const auto by_field = [&](const SelectorRequirement& one) {
      return meets(one, one.key == "metadata.name"
                            ? std::optional{cluster.name_of(cluster.nodes[node.row].meta)}
                            : std::nullopt);
    };
    return !(term.match_expressions.empty() && term.match_fields.empty()) &&
           std::all_of(term.match_expressions.begin(), term.match_expressions.end(), by_label) &&
           std::all_of(term.match_fields.begin(), term.match_fields.end(), by_field);
  };
  return std::any_of(terms.begin(), terms.end(), meets_term);
}

namespace {

void bring_up_to_date(Cluster& cluster, Topology& topology) {
  const SchedulerState& state = cluster.scheduler;
  if (topology.as_of == state.nodes_version) {
    return;
  }
  topology.as_of = state.nodes_version;
  topology.domain_of.assign(state.nodes.empty() ? 0 : state.nodes.back().row + std::size_t{1}, -1);
  topology.on_every_node = true;
  std::map<std::string, std::int32_t> domains;
  for (const SchedulableNode& node : state.nodes) {
    if (topology.host_name) {
      topology.domain_of[node.row] = static_cast<std::int32_t>(node.row);
      continue;
    }
    const std::optional<std::string> value = label_of(cluster, node, topology.key);
    topology.on_every_node = topology.on_every_node && value.has_value();
    if (value) {
      topology.domain_of[node.row] =
          domains.try_emplace(*value, static_cast<std::int32_t>(domains.size())).first->second;
    }
  }
  topology.domains =
      static_cast<std::int32_t>(topology.host_name ? topology.domain_of.size() : domains.size());
}

}  // namespace

std::uint32_t topology_of(Cluster& cluster, std::string_view key) {
  std::vector<Topology>& topologies = cluster.scheduler.topologies;
  std::size_t id = 0;
  while (id < topologies.size() && topologies[id].key != key) {
    ++id;
  }
  if (id == topologies.size()) {
    topologies.emplace_back();
    topologies.back().key = key;
    topologies.back().host_name = key == kHostName;
  }
  return static_cast<std::uint32_t>(id);
}

void bring_topologies_up_to_date(Cluster& cluster) {
  for (Topology& topology : cluster.scheduler.topologies) {
    bring_up_to_date(cluster, topology);
  }
}

namespace {

const PriorityClass* class_of(const Cluster& cluster, const PodTemplate& content) {
  // Source: pkg/apis/scheduling/types.go SystemCriticalPriority, v1/helpers.go systemPriorityClasses.
  constexpr std::int32_t kSystemCriticalPriority = 2'000'000'000;
  static const PriorityClass cluster_critical{"system-cluster-critical", kSystemCriticalPriority, false,
                                              true};
  static const PriorityClass node_critical{"system-node-critical", kSystemCriticalPriority + 1000, false,
                                           true};
  if (content.priority_class == cluster_critical.name) {
    return &cluster_critical;
  }
  if (content.priority_class == node_critical.name) {
    return &node_critical;
  }
  const std::vector<PriorityClass>& classes = cluster.settings->classes.priorities;
  const auto found = std::find_if(classes.begin(), classes.end(), [&](const PriorityClass& one) {
    return content.priority_class.empty() ? one.global_default : one.name == content.priority_class;
  });
  return found == classes.end() ? nullptr : &*found;
}

}  // namespace

std::int32_t priority_of(const Cluster& cluster, const Pod& pod) {
  const PodTemplate& content = cluster.template_of(pod);
  const PriorityClass* of_class = content.priority == 0 ? class_of(cluster, content) : nullptr;
  return of_class == nullptr ? content.priority : of_class->value;
}

bool may_preempt(const Cluster& cluster, const Pod& pod) {
  const PodTemplate& content = cluster.template_of(pod);
  const PriorityClass* of_class = class_of(cluster, content);
  return content.preempts && (of_class == nullptr || of_class->preempts);
}

}  // namespace models::kubernetes::scheduler
