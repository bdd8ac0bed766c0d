#include "models/kubernetes/json/placement_json.h"

#include <utility>

#include "models/kubernetes/json/selector_json.h"

namespace models::kubernetes::json {

namespace {

constexpr const char* kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

template <class Visit>
void each_item(const Json& object, const char* list, Visit&& visit) {
  const Json* items = member(object, list);
  for (std::size_t i = 0; items != nullptr && items->is_array() && i < items->size(); ++i) {
    visit((*items)[i], i);
  }
}

std::vector<std::string> texts_at(const Json& object, const char* list) {
  std::vector<std::string> texts;
  each_item(object, list, [&](const Json& item, std::size_t) {
    if (item.is_string()) {
      texts.push_back(item.get<std::string>());
    }
  });
  return texts;
}

NodeSelectorTerm node_term_of(const Json& term) {
  return {requirements_at(term, "matchExpressions"), requirements_at(term, "matchFields")};
}

/// Namespaces have no labels here but their names.
void read_namespace_selector(const Json& term, const std::string& path, PodAffinityTerm& out,
                             Problems& problems) {
  const Json* selector = member(term, "namespaceSelector");
  if (selector == nullptr) {
    return;
  }
  const LabelSelector wanted = label_selector_from(*selector);
  if (wanted.empty()) {
    out.every_namespace = true;
    return;
  }
  const bool by_name = wanted.match_labels.empty() && wanted.match_expressions.size() == 1 &&
                       wanted.match_expressions[0].key == "kubernetes.io/metadata.name" &&
                       wanted.match_expressions[0].op == SelectorOperator::In;
  const std::string* name = find_label(wanted.match_labels, "kubernetes.io/metadata.name");
  if (by_name) {
    const std::vector<std::string>& names = wanted.match_expressions[0].values;
    out.namespaces.insert(out.namespaces.end(), names.begin(), names.end());
  } else if (name != nullptr && wanted.match_labels.size() == 1 && wanted.match_expressions.empty()) {
    out.namespaces.push_back(*name);
  } else {
    problems.unmodelled.push_back({child_path(path, "namespaceSelector"),
                                   "only the label kubernetes.io/metadata.name of namespaces is modelled"});
  }
}

PodAffinityTerm pod_term_of(const Json& term, const std::string& path, std::int64_t weight,
                            Problems& problems) {
  PodAffinityTerm out;
  if (const Json* selector = member(term, "labelSelector")) {
    out.selector = label_selector_from(*selector);
    out.has_selector = true;
  }
  out.topology_key = text_or(term, "topologyKey");
  out.namespaces = texts_at(term, "namespaces");
  out.weight = static_cast<std::int32_t>(weight);
  read_namespace_selector(term, path, out, problems);
  for (const char* keys : {"matchLabelKeys", "mismatchLabelKeys"}) {
    if (const Json* given = member(term, keys); given != nullptr && !given->empty()) {
      problems.unmodelled.push_back({child_path(path, keys), "label keys of pod affinity are not modelled"});
    }
  }
  return out;
}

void read_pod_terms(const Json& affinity, const char* name, const std::string& path,
                    std::vector<PodAffinityTerm>& out, Problems& problems) {
  const Json* rules = member(affinity, name);
  if (rules == nullptr) {
    return;
  }
  const std::string at = child_path(path, name);
  each_item(*rules, kRequired, [&](const Json& term, std::size_t i) {
    out.push_back(pod_term_of(term, item_path(child_path(at, kRequired), i), 0, problems));
  });
  each_item(*rules, kPreferred, [&](const Json& weighted, std::size_t i) {
    if (const Json* term = member(weighted, "podAffinityTerm")) {
      out.push_back(pod_term_of(*term, item_path(child_path(at, kPreferred), i) + ".podAffinityTerm",
                                int_or(weighted, "weight", 1), problems));
    }
  });
}

void read_affinity(const Json& spec, const std::string& path, PodTemplate& out, Problems& problems) {
  const Json* affinity = member(spec, "affinity");
  if (affinity == nullptr) {
    return;
  }
  const std::string at = child_path(path, "affinity");
  if (const Json* rules = member(*affinity, "nodeAffinity")) {
    if (const Json* required = member(*rules, kRequired)) {
      out.node_affinity = node_selector_terms(*required);
    }
    each_item(*rules, kPreferred, [&](const Json& weighted, std::size_t) {
      if (const Json* term = member(weighted, "preference")) {
        out.preferred_node_affinity.push_back(
            {static_cast<std::int32_t>(int_or(weighted, "weight", 1)), node_term_of(*term)});
      }
    });
  }
  read_pod_terms(*affinity, "podAffinity", at, out.pod_affinity, problems);
  read_pod_terms(*affinity, "podAntiAffinity", at, out.pod_anti_affinity, problems);
}

void read_topology_spread(const Json& spec, PodTemplate& out) {
  each_item(spec, "topologySpreadConstraints", [&](const Json& item, std::size_t) {
    TopologySpreadConstraint constraint;
    constraint.max_skew = static_cast<std::int32_t>(int_or(item, "maxSkew", 1));
    constraint.min_domains = static_cast<std::int32_t>(int_or(item, "minDomains", 1));
    constraint.topology_key = text_or(item, "topologyKey");
    constraint.do_not_schedule = text_or(item, "whenUnsatisfiable") != "ScheduleAnyway";
    if (const Json* selector = member(item, "labelSelector")) {
      constraint.selector = label_selector_from(*selector);
      constraint.has_selector = true;
    }
    constraint.honor_node_affinity = text_or(item, "nodeAffinityPolicy") != "Ignore";
    constraint.honor_node_taints = text_or(item, "nodeTaintsPolicy") == "Honor";
    constraint.match_label_keys = texts_at(item, "matchLabelKeys");
    out.topology_spread.push_back(std::move(constraint));
  });
}

/// Source: pkg/scheduler/util/utils.go GetHostPorts; with hostNetwork, admission sets each host port to the
/// container's (pkg/apis/core/v1/defaults.go defaultHostNetworkPorts).
void read_host_ports(const Json& spec, PodTemplate& out) {
  out.host_network = bool_or(spec, "hostNetwork", false);
  each_item(spec, "containers", [&](const Json& container, std::size_t) {
    each_item(container, "ports", [&](const Json& port, std::size_t) {
      const std::int64_t given = int_or(port, "hostPort", 0);
      const std::int64_t number = given == 0 && out.host_network ? int_or(port, "containerPort", 0) : given;
      if (number > 0) {
        out.host_ports.push_back(
            {static_cast<std::int32_t>(number), text_or(port, "protocol", "TCP"), text_or(port, "hostIP")});
      }
    });
  });
}

void read_volumes(const Json& spec, PodTemplate& out) {
  each_item(spec, "volumes", [&](const Json& volume, std::size_t) {
    out.volumes.empty_dir = out.volumes.empty_dir || member(volume, "emptyDir") != nullptr;
    out.volumes.host_path = out.volumes.host_path || member(volume, "hostPath") != nullptr;
    if (const Json* claim = member(volume, "persistentVolumeClaim")) {
      out.volumes.claims.push_back(text_or(*claim, "claimName"));
    }
  });
}

// ---------------------------------------------------------------------------------------------------------
// Writing

/// The requirements as a selector has them.
Json json_of(const std::vector<SelectorRequirement>& requirements) {
  return to_json(LabelSelector{{}, requirements}).at("matchExpressions");
}

Json json_of(const NodeSelectorTerm& term) {
  Json object = Json::object();
  if (!term.match_expressions.empty()) {
    object["matchExpressions"] = json_of(term.match_expressions);
  }
  if (!term.match_fields.empty()) {
    object["matchFields"] = json_of(term.match_fields);
  }
  return object;
}

void write_pod_terms(const std::vector<PodAffinityTerm>& terms, const char* name, Json& spec) {
  for (const PodAffinityTerm& term : terms) {
    Json object = Json::object();
    if (term.has_selector) {
      object["labelSelector"] = to_json(term.selector);
    }
    if (term.every_namespace) {
      object["namespaceSelector"] = Json::object();
    }
    if (!term.namespaces.empty()) {
      object["namespaces"] = term.namespaces;
    }
    object["topologyKey"] = term.topology_key;
    Json& rules = make_path(spec, std::string("affinity.") + name);
    if (term.weight == 0) {
      rules[kRequired].push_back(std::move(object));
    } else {
      rules[kPreferred].push_back({{"podAffinityTerm", std::move(object)}, {"weight", term.weight}});
    }
  }
}

void write_node_affinity(const PodTemplate& pod_template, Json& spec) {
  if (pod_template.node_affinity) {
    Json terms = Json::array();
    for (const NodeSelectorTerm& term : *pod_template.node_affinity) {
      terms.push_back(json_of(term));
    }
    make_path(spec, "affinity.nodeAffinity")[kRequired]["nodeSelectorTerms"] = std::move(terms);
  }
  for (const PreferredNodeTerm& preferred : pod_template.preferred_node_affinity) {
    make_path(spec, "affinity.nodeAffinity")[kPreferred].push_back(
        {{"preference", json_of(preferred.term)}, {"weight", preferred.weight}});
  }
}

void write_topology_spread(const PodTemplate& pod_template, Json& spec) {
  for (const TopologySpreadConstraint& constraint : pod_template.topology_spread) {
    Json item = Json::object();
    if (constraint.has_selector) {
      item["labelSelector"] = to_json(constraint.selector);
    }
    if (!constraint.match_label_keys.empty()) {
      item["matchLabelKeys"] = constraint.match_label_keys;
    }
    item["maxSkew"] = constraint.max_skew;
    if (constraint.min_domains != 1) {
      item["minDomains"] = constraint.min_domains;
    }
    if (!constraint.honor_node_affinity) {
      item["nodeAffinityPolicy"] = "Ignore";
    }
    if (constraint.honor_node_taints) {
      item["nodeTaintsPolicy"] = "Honor";
    }
    item["topologyKey"] = constraint.topology_key;
    item["whenUnsatisfiable"] = constraint.do_not_schedule ? "DoNotSchedule" : "ScheduleAnyway";
    spec["topologySpreadConstraints"].push_back(std::move(item));
  }
}

}  // namespace

std::vector<NodeSelectorTerm> node_selector_terms(const Json& selector) {
  std::vector<NodeSelectorTerm> terms;
  each_item(selector, "nodeSelectorTerms",
            [&](const Json& term, std::size_t) { terms.push_back(node_term_of(term)); });
  return terms;
}

void read_placement(const Json& spec, const std::string& path, PodTemplate& out, Problems& problems) {
  read_affinity(spec, path, out, problems);
  read_topology_spread(spec, out);
  read_host_ports(spec, out);
  read_volumes(spec, out);
  out.priority = static_cast<std::int32_t>(int_or(spec, "priority", 0));
  out.priority_class = text_or(spec, "priorityClassName");
  out.preempts = text_or(spec, "preemptionPolicy") != "Never";
}

void write_placement(const PodTemplate& pod_template, Json& spec) {
  write_node_affinity(pod_template, spec);
  write_pod_terms(pod_template.pod_affinity, "podAffinity", spec);
  write_pod_terms(pod_template.pod_anti_affinity, "podAntiAffinity", spec);
  write_topology_spread(pod_template, spec);
  if (!pod_template.priority_class.empty()) {
    spec["priorityClassName"] = pod_template.priority_class;
  }
  if (pod_template.priority != 0) {
    spec["priority"] = pod_template.priority;
  }
  if (!pod_template.preempts) {
    spec["preemptionPolicy"] = "Never";
  }
  for (std::size_t i = 0; i < pod_template.volumes.claims.size(); ++i) {
    const std::string name = "volume-" + std::to_string(i);
    spec["volumes"].push_back(
        {{"name", name}, {"persistentVolumeClaim", {{"claimName", pod_template.volumes.claims[i]}}}});
  }
}

}  // namespace models::kubernetes::json
