#include "models/kubernetes/scheduler_filters.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "models/kubernetes/scheduler_counts.h"
#include "models/kubernetes/scheduler_volumes.h"
#include "models/kubernetes/upstream_rules.h"

namespace models::kubernetes::scheduler {

namespace {

const Taint kUnschedulableTaint{"node.kubernetes.io/unschedulable", "", "NoSchedule"};

bool keeps_pods_away(const Taint& taint) {
  return taint.effect == "NoSchedule" || taint.effect == "NoExecute";
}

/// The first taint that keeps the pod away, or nullptr.
/// Source: component-helpers scheduling/corev1/helpers.go FindMatchingUntoleratedTaint.
const Taint* untolerated_taint(const Cluster& cluster, const SchedulableNode& node,
                               const PodTemplate& content) {
  if (node.taint_set == 0) {
    return nullptr;
  }
  for (const Taint& taint : *cluster.taint_sets[node.taint_set - 1]) {
    if (keeps_pods_away(taint) && !tolerates(content.tolerations, taint)) {
      return &taint;
    }
  }
  return nullptr;
}

bool cordoned_for(const SchedulableNode& node, const PodTemplate& content) {
  return node.unschedulable && !tolerates(content.tolerations, kUnschedulableTaint);
}

NodeUsage usage_of(const SchedulerState& state, Row node) {
  return node < state.usage.size() ? state.usage[node] : NodeUsage{};
}

/// Source: noderesources/fit.go fitsRequest: all that apply; what a pod does not ask for cannot lack.
std::uint8_t lacking(const SchedulableNode& node, const NodeUsage& usage, const PodRequests& requests) {
  std::uint8_t reasons = 0;
  if (usage.pods + 1 > node.pods) {
    reasons |= kTooManyPods;
  }
  if (requests.cpu_millicores > 0 && usage.cpu_millicores + requests.cpu_millicores > node.cpu_millicores) {
    reasons |= kInsufficientCpu;
  }
  if (requests.memory_bytes > 0 && usage.memory_bytes + requests.memory_bytes > node.memory_bytes) {
    reasons |= kInsufficientMemory;
  }
  return reasons;
}

/// Source: framework/types.go HostPortInfo.CheckConflict: the address 0.0.0.0 collides with every other.
bool collides(const UsedPort& used, const HostPort& wanted, Text protocol, Text ip) {
  return used.port == wanted.port && used.protocol == protocol && (used.ip == ip || used.ip == 0 || ip == 0);
}

/// The address of a host port as ports in use have it; 0 is every address.
Text address_of(const Cluster& cluster, const HostPort& port) {
  constexpr Text kUsedByNone = 0xffffffffU;
  if (port.ip.empty() || port.ip == "0.0.0.0") {
    return 0;
  }
  const Text known = cluster.strings.find(port.ip);
  return known != 0 ? known : kUsedByNone;
}

bool ports_free(const Cluster& cluster, Row node, const PodTemplate& content, const Supposed* supposed) {
  const SchedulerState& state = cluster.scheduler;
  for (const HostPort& wanted : content.host_ports) {
    const Text protocol = cluster.strings.find(wanted.protocol);
    const Text ip = address_of(cluster, wanted);
    const auto hits = [&](const UsedPort& used) { return collides(used, wanted, protocol, ip); };
    auto used = std::lower_bound(state.ports.begin(), state.ports.end(), UsedPort{node, wanted.port, 0, 0});
    std::ptrdiff_t there = 0;
    for (; used != state.ports.end() && used->node == node && used->port == wanted.port; ++used) {
      there += hits(*used) ? 1 : 0;
    }
    if (supposed != nullptr) {
      there += std::count_if(supposed->taken.begin(), supposed->taken.end(), hits);
      there -= std::count_if(supposed->freed.begin(), supposed->freed.end(), hits);
    }
    if (there > 0) {
      return false;
    }
  }
  return true;
}

// ---------------------------------------------------------------------------------------------------------
// Counts by domain

/// By how much the supposed pods change a tally on the node.
std::int64_t supposed_in(const SchedulerState& state, const Supposed* supposed, const Tally& tally,
                         bool living) {
  if (supposed == nullptr) {
    return 0;
  }
  std::int64_t change = 0;
  for (const auto& [pod_class, by] : living ? supposed->living : supposed->classes) {
    for (const std::uint32_t counted : state.classes[pod_class].counted_in) {
      change += &state.tallies[counted] == &tally ? by : 0;
    }
  }
  return change;
}

template <class TakesPart>
DomainCounts counts_of(const SchedulerState& state, std::uint32_t tally, std::uint32_t topology,
                       std::int32_t weight, bool living, TakesPart&& takes_part) {
  DomainCounts counts{&state.tallies[tally], &state.topologies[topology], weight, {}};
  if (counts.topology->host_name) {
    return counts;
  }
  counts.by_domain.assign(static_cast<std::size_t>(counts.topology->domains), 0);
  const std::vector<std::int32_t>& domain_of = counts.topology->domain_of;
  for (const NodeCount& count : counts.tally->on_node) {
    const std::int32_t domain = count.node < domain_of.size() ? domain_of[count.node] : -1;
    if (domain >= 0 && takes_part(count.node)) {
      counts.by_domain[static_cast<std::size_t>(domain)] += living ? count.living : count.all;
    }
  }
  return counts;
}

/// Whether pods on the node count for a constraint of the pod.
/// Source: podtopologyspread/common.go matchNodeInclusionPolicies, nodeLabelsMatchSpreadConstraints.
bool takes_part(const Search& search, const SpreadRule& rule, Row row) {
  const SchedulerState& state = search.cluster->scheduler;
  const std::uint32_t position = position_of(state, row);
  if (position >= state.nodes.size()) {
    return false;
  }
  for (const SpreadRule& other : state.classes[search.pod_class].spread) {
    if (domain_at(state.topologies[other.topology], row) < 0) {
      return false;
    }
  }
  const SchedulableNode& node = state.nodes[position];
  if (node.unschedulable && !stands(Rule::CordonedNodesCountForSpread)) {
    return false;
  }
  return (!rule.honor_node_affinity ||
          (selects(*search.cluster, node, *search.content) &&
           (search.pinned_node == 0 || search.cluster->nodes[row].meta.name == search.pinned_node))) &&
         (!rule.honor_node_taints || untolerated_taint(*search.cluster, node, *search.content) == nullptr);
}

/// How many domains take part; kept while no node changes.
std::int32_t domains_of(const Search& search, SpreadRule& rule) {
  const SchedulerState& state = search.cluster->scheduler;
  if (rule.domains_as_of == state.nodes_version && search.pinned_node == 0) {
    return rule.domains;
  }
  const Topology& topology = state.topologies[rule.topology];
  std::vector<bool> seen(static_cast<std::size_t>(topology.domains));
  std::int32_t domains = 0;
  for (const SchedulableNode& node : state.nodes) {
    const std::int32_t domain = domain_at(topology, node.row);
    if (domain >= 0 && !seen[static_cast<std::size_t>(domain)] && takes_part(search, rule, node.row)) {
      seen[static_cast<std::size_t>(domain)] = true;
      ++domains;
    }
  }
  rule.domains = domains;
  rule.domains_as_of = search.pinned_node == 0 ? state.nodes_version : 0;
  return domains;
}

/// The smallest count over the domains that take part, where the domain of `without` counts as `instead`.
std::int64_t minimum_of(const Search& search, const SpreadCounts& spread, Row without, std::int64_t instead) {
  const std::int32_t domains = spread.rule->domains;
  if (domains < spread.rule->min_domains) {
    return 0;  // filtering.go minMatchNum
  }
  std::int64_t least = std::numeric_limits<std::int32_t>::max();
  std::int32_t others = 0;
  const auto take = [&](std::int64_t count) {
    ++others;
    least = std::min(least, count);
  };
  const std::int32_t mine = without == kNoRow ? -1 : domain_at(*spread.counts.topology, without);
  if (spread.counts.topology->host_name) {
    for (const NodeCount& count : spread.counts.tally->on_node) {
      if (count.node != without && count.living > 0 && takes_part(search, *spread.rule, count.node)) {
        take(count.living);
      }
    }
  } else {
    for (std::size_t domain = 0; domain < spread.counts.by_domain.size(); ++domain) {
      if (static_cast<std::int32_t>(domain) != mine && spread.counts.by_domain[domain] > 0) {
        take(spread.counts.by_domain[domain]);
      }
    }
  }
  if (mine >= 0) {
    take(instead);
  }
  return others < domains ? std::min<std::int64_t>(least, 0) : least;
}

DomainCounts counts_of(const SchedulerState& state, const TopologyRule& rule) {
  return counts_of(state, rule.tally, rule.topology, rule.weight, false, [](Row) { return true; });
}

// ---------------------------------------------------------------------------------------------------------
// The filters that look beyond the node

/// Source: podtopologyspread/filtering.go Filter.
Verdict look_at_spread(const Search& search, Row node, const Supposed* supposed) {
  const SchedulerState& state = search.cluster->scheduler;
  for (const SpreadCounts& spread : search.spread) {
    if (domain_at(*spread.counts.topology, node) < 0) {
      return {Filter::PodTopologySpread, kMissingLabel, true};
    }
    std::int64_t here = 0;
    if (!spread.counts.topology->host_name) {
      here = spread.counts.at(node);
    } else if (takes_part(search, *spread.rule, node)) {
      here = count_at(spread.counts.tally->on_node, node).living;
    }
    std::int64_t least = spread.minimum;
    if (supposed != nullptr) {
      here += supposed_in(state, supposed, *spread.counts.tally, true);
      least = minimum_of(search, spread, node, here);
    }
    if (here + (spread.rule->matches_itself ? 1 : 0) - least > spread.rule->max_skew) {
      return {Filter::PodTopologySpread, 0, false};
    }
  }
  return {};
}

/// Source: interpodaffinity/filtering.go Filter.
Verdict look_at_affinity(const Search& search, Row node, const Supposed* supposed) {
  const SchedulerState& state = search.cluster->scheduler;
  const auto count = [&](const DomainCounts& counts) {
    return domain_at(*counts.topology, node) < 0
               ? std::int64_t{0}
               : counts.at(node) + supposed_in(state, supposed, *counts.tally, false);
  };
  bool there = true;
  for (const DomainCounts& counts : search.required) {
    if (domain_at(*counts.topology, node) < 0) {
      return {Filter::InterPodAffinity, kAffinity, true};
    }
    there = there && count(counts) > 0;
  }
  if (!there) {
    const std::int64_t anywhere =
        search.required_total + supposed_in(state, supposed, *search.required.front().tally, false);
    if (anywhere > 0 || !state.classes[search.pod_class].affine_to_itself) {
      return {Filter::InterPodAffinity, kAffinity, true};
    }
  }
  const auto any = [&](const std::vector<DomainCounts>& rules) {
    return std::any_of(rules.begin(), rules.end(), [&](const auto& rule) { return count(rule) > 0; });
  };
  if (any(search.forbidden)) {
    return {Filter::InterPodAffinity, kAntiAffinity, false};
  }
  if (any(search.avoided)) {
    return {Filter::InterPodAffinity, kExistingAntiAffinity, false};
  }
  return {};
}

bool on_pinned_node(const Search& search, const SchedulableNode& node) {
  return search.pinned_node == 0 || search.cluster->nodes[node.row].meta.name == search.pinned_node;
}

/// The filters that look beyond the node.
Verdict look_beyond(const Search& search, const SchedulableNode& node, const Supposed* supposed) {
  for (const std::vector<NodeSelectorTerm>* volume : search.volumes) {
    if (!meets_any_term(*search.cluster, node, *volume)) {
      return {Filter::VolumeBinding, kVolumeElsewhere, true};
    }
  }
  if (const Verdict verdict = look_at_spread(search, node.row, supposed); !verdict.passes()) {
    return verdict;
  }
  return look_at_affinity(search, node.row, supposed);
}

Verdict look_at_once(const Search& search, const SchedulableNode& node, const Supposed* supposed) {
  const Cluster& cluster = *search.cluster;
  if (cordoned_for(node, *search.content)) {
    return {Filter::NodeUnschedulable, 0, true};
  }
  if (untolerated_taint(cluster, node, *search.content) != nullptr) {
    return {Filter::TaintToleration, 0, true};
  }
  if (!selects(cluster, node, *search.content) || !on_pinned_node(search, node)) {
    return {Filter::NodeAffinity, 0, true};
  }
  if (!ports_free(cluster, node.row, *search.content, supposed)) {
    return {Filter::NodePorts, 0, false};
  }
  NodeUsage usage = usage_of(cluster.scheduler, node.row);
  if (supposed != nullptr) {
    usage.cpu_millicores += supposed->change.cpu_millicores;
    usage.memory_bytes += supposed->change.memory_bytes;
    usage.pods += supposed->change.pods;
  }
  if (const std::uint8_t reasons = lacking(node, usage, search.requests); reasons != 0) {
    // A request beyond the whole node cannot be helped by preemption: kubernetes pull request 131345, read in
    // 1.34.0 (noderesources/fit.go) and not in 1.33.0.
    const bool oversize =
        cluster.features().since(34) && (search.requests.cpu_millicores > node.cpu_millicores ||
                                         search.requests.memory_bytes > node.memory_bytes);
    return {Filter::NodeResourcesFit, reasons, oversize};
  }
  return look_beyond(search, node, supposed);
}

const char* reason_text(const Search& search, const Verdict& verdict) {
  switch (verdict.filter) {
    case Filter::NodeUnschedulable:
      return "node(s) were unschedulable";
    case Filter::NodeAffinity:
      return "node(s) didn't match Pod's node affinity/selector";
    case Filter::NodePorts:
      return "node(s) didn't have free ports for the requested pod ports";
    case Filter::VolumeBinding:
      // Source: volumebinding/binder.go ErrReasonNodeConflict, reworded in 1.33.
      return verdict.reasons == kNoVolume ? "node(s) didn't find available persistent volumes to bind"
             : search.cluster->features().since(33) ? "node(s) didn't match PersistentVolume's node affinity"
                                                    : "node(s) had volume node affinity conflict";
    case Filter::PodTopologySpread:
      return verdict.reasons == kMissingLabel
                 ? "node(s) didn't match pod topology spread constraints (missing required label)"
                 : "node(s) didn't match pod topology spread constraints";
    case Filter::InterPodAffinity:
      return verdict.reasons == kAffinity       ? "node(s) didn't match pod affinity rules"
             : verdict.reasons == kAntiAffinity ? "node(s) didn't match pod anti-affinity rules"
                                                : "node(s) didn't satisfy existing pods anti-affinity rules";
    default:
      return "";
  }
}

}  // namespace

std::int64_t DomainCounts::at(Row node) const {
  const std::int32_t domain = domain_at(*topology, node);
  if (domain < 0) {
    return 0;
  }
  return topology->host_name ? count_at(tally->on_node, node).all
                             : by_domain[static_cast<std::size_t>(domain)];
}

bool tolerates(const Toleration& toleration, const Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) {
    return false;
  }
  if (!toleration.key.empty() && toleration.key != taint.key) {
    return false;
  }
  return toleration.exists || (!toleration.key.empty() && toleration.value == taint.value);
}

bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint) {
  return std::any_of(tolerations.begin(), tolerations.end(),
                     [&](const Toleration& toleration) { return tolerates(toleration, taint); });
}

bool selects(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& content) {
  const bool selected =
      std::all_of(content.node_selector.begin(), content.node_selector.end(),
                  [&](const auto& wanted) { return label_of(cluster, node, wanted.first) == wanted.second; });
  if (!selected || !content.node_affinity) {
    return selected;
  }
  return meets_any_term(cluster, node, *content.node_affinity);
}

bool admits(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& content) {
  return !cordoned_for(node, content) && untolerated_taint(cluster, node, content) == nullptr &&
         selects(cluster, node, content);
}

bool has_untolerated_taint(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& content) {
  return untolerated_taint(cluster, node, content) != nullptr;
}

std::int32_t disliked_taints(const Cluster& cluster, const SchedulableNode& node,
                             const PodTemplate& content) {
  if (node.taint_set == 0) {
    return 0;
  }
  const std::vector<Taint>& taints = *cluster.taint_sets[node.taint_set - 1];
  return static_cast<std::int32_t>(std::count_if(taints.begin(), taints.end(), [&](const Taint& taint) {
    return taint.effect == "PreferNoSchedule" && !tolerates(content.tolerations, taint);
  }));
}

bool fits(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& content,
          const PodRequests& requests) {
  return lacking(node, usage_of(cluster.scheduler, node.row), requests) == 0 &&
         ports_free(cluster, node.row, content, nullptr);
}

bool keeps_apart(const SchedulerState& state, std::uint32_t pod_class, Row node) {
  const auto none = [&](const std::vector<TopologyRule>& rules) {
    return std::none_of(rules.begin(), rules.end(), [&](const TopologyRule& rule) {
      return state.topologies[rule.topology].host_name &&
             count_at(state.tallies[rule.tally].on_node, node).all > 0;
    });
  };
  return none(state.classes[pod_class].forbidden) && none(state.classes[pod_class].avoided);
}

bool has_host_rules(const SchedulerState& state, const PodClass& pod_class) {
  const auto any = [&](const std::vector<TopologyRule>& rules) {
    return std::any_of(rules.begin(), rules.end(),
                       [&](const TopologyRule& rule) { return state.topologies[rule.topology].host_name; });
  };
  return any(pod_class.forbidden) || any(pod_class.avoided);
}

void suppose(Cluster& cluster, Supposed& supposed, const Pod& pod, Row node, std::int32_t by) {
  const PodRequests& requests = requests_of(cluster, pod.pod_template);
  supposed.change.cpu_millicores += by * requests.cpu_millicores;
  supposed.change.memory_bytes += by * requests.memory_bytes;
  supposed.change.pods += by;
  const std::uint32_t pod_class = class_of(cluster, pod);
  supposed.classes.emplace_back(pod_class, by);
  if (!pod.meta.deleting()) {
    supposed.living.emplace_back(pod_class, by);
  }
  for (const HostPort& port : cluster.template_of(pod).host_ports) {
    (by > 0 ? supposed.taken : supposed.freed)
        .push_back({node, port.port, cluster.strings.intern(port.protocol),
                    cluster.strings.intern(port.ip == "0.0.0.0" ? "" : port.ip)});
  }
}

Verdict look_at(const Search& search, const SchedulableNode& node, const Supposed* supposed) {
  const bool expects = std::any_of(search.expected.begin(), search.expected.end(),
                                   [&](const Nomination& one) { return one.node == node.row; });
  if (expects) {
    Supposed with = supposed == nullptr ? Supposed{} : *supposed;
    for (const Nomination& one : search.expected) {
      if (one.node == node.row) {
        suppose(*search.cluster, with, search.cluster->pods[one.pod], node.row, 1);
      }
    }
    if (const Verdict verdict = look_at_once(search, node, &with); !verdict.passes()) {
      return verdict;
    }
  }
  return look_at_once(search, node, supposed);
}

bool passes_beyond(const Search& search, const SchedulableNode& node) {
  return search.expected.empty() ? look_beyond(search, node, nullptr).passes()
                                 : look_at(search, node).passes();
}

std::string Reasons::text() const {
  std::vector<std::string> entries;
  for (const auto& [reason, count] : counts_) {
    entries.push_back(fmt::format("{} {}", count, reason));
  }
  std::sort(entries.begin(), entries.end());
  return fmt::format("{}", fmt::join(entries, ", "));
}

void add_reasons(const Search& search, const SchedulableNode& node, const Verdict& verdict,
                 Reasons& reasons) {
  if (verdict.filter == Filter::TaintToleration) {
    const Taint* taint = untolerated_taint(*search.cluster, node, *search.content);
    // Kubernetes pull request 134740: 1.35 no longer names the taint.
    reasons.add(search.cluster->features().since(35) || taint == nullptr
                    ? std::string("node(s) had untolerated taint(s)")
                    : fmt::format("node(s) had untolerated taint {{{}: {}}}", taint->key, taint->value));
    return;
  }
  if (verdict.filter != Filter::NodeResourcesFit) {
    reasons.add(reason_text(search, verdict));
    return;
  }
  for (const auto& [reason, text] :
       {std::pair{kTooManyPods, "Too many pods"}, std::pair{kInsufficientCpu, "Insufficient cpu"},
        std::pair{kInsufficientMemory, "Insufficient memory"}}) {
    if ((verdict.reasons & reason) != 0) {
      reasons.add(text);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// PreFilter

namespace {

/// The nodes that required terms name by metadata.name; nullopt if some term names none.
/// Source: nodeaffinity/node_affinity.go PreFilter.
std::optional<std::vector<std::string>> named_nodes(const std::vector<NodeSelectorTerm>& terms) {
  std::vector<std::string> names;
  for (const NodeSelectorTerm& term : terms) {
    std::optional<std::vector<std::string>> of_term;
    for (const SelectorRequirement& field : term.match_fields) {
      if (field.key != "metadata.name" || field.op != SelectorOperator::In) {
        continue;
      }
      std::vector<std::string> values = field.values;
      if (of_term) {
        std::erase_if(values, [&](const std::string& name) {
          return std::find(of_term->begin(), of_term->end(), name) == of_term->end();
        });
      }
      of_term = std::move(values);
    }
    if (!of_term) {
      return std::nullopt;
    }
    names.insert(names.end(), of_term->begin(), of_term->end());
  }
  return names;
}

void narrow(Search& search) {
  const Cluster& cluster = *search.cluster;
  std::vector<std::string> names;
  if (search.pinned_node != 0) {
    names.push_back(cluster.strings[search.pinned_node]);
  } else if (search.content->node_affinity && !search.content->node_affinity->empty()) {
    std::optional<std::vector<std::string>> named = named_nodes(*search.content->node_affinity);
    if (!named) {
      return;
    }
    if (named->empty()) {
      search.rejection = "pod affinity terms conflict";
      search.rejected_by = Filter::NodeAffinity;
      return;
    }
    names = *std::move(named);
  } else {
    return;
  }
  search.narrowed = true;
  for (const std::string& name : names) {
    const Row row = cluster.find_node(name);
    if (row != kNoRow && position_of(cluster.scheduler, row) < cluster.scheduler.nodes.size()) {
      search.candidates.push_back(row);
    }
  }
  std::sort(search.candidates.begin(), search.candidates.end());
  search.candidates.erase(std::unique(search.candidates.begin(), search.candidates.end()),
                          search.candidates.end());
}

void count_domains(Search& search) {
  SchedulerState& state = search.cluster->scheduler;
  PodClass& pod_class = state.classes[search.pod_class];
  for (SpreadRule& rule : pod_class.spread) {
    domains_of(search, rule);
    search.spread.push_back({&rule,
                             counts_of(state, rule.tally, rule.topology, 0, true,
                                       [&](Row node) { return takes_part(search, rule, node); }),
                             0});
    search.spread.back().minimum = minimum_of(search, search.spread.back(), kNoRow, 0);
  }
  for (const TopologyRule& rule : pod_class.required) {
    search.required.push_back(counts_of(state, rule));
    for (const NodeCount& count : search.required.back().tally->on_node) {
      search.required_total += domain_at(*search.required.back().topology, count.node) >= 0 ? count.all : 0;
    }
  }
  bool wide = !search.spread.empty() || !search.required.empty();
  const auto add = [&](const std::vector<TopologyRule>& rules, std::vector<DomainCounts>& out) {
    for (const TopologyRule& rule : rules) {
      if (state.tallies[rule.tally].total > 0 || !search.expected.empty()) {
        out.push_back(counts_of(state, rule));
        wide = wide || !out.back().topology->host_name;
      }
    }
  };
  add(pod_class.forbidden, search.forbidden);
  add(pod_class.avoided, search.avoided);
  search.by_node_only = !wide && search.expected.empty() && search.volumes.empty();
}

}  // namespace

Search begin_search(Cluster& cluster, Row row) {
  Search search;
  const Pod& pod = cluster.pods[row];
  search.cluster = &cluster;
  search.pod = row;
  search.content = cluster.templates[pod.pod_template].get();
  search.requests = requests_of(cluster, pod.pod_template);
  search.pinned_node = pod.pinned_node;
  search.priority = priority_of(cluster, pod);
  search.pod_class = class_of(cluster, pod);
  prepare(cluster, search.pod_class);
  bring_topologies_up_to_date(cluster);
  search.demand = cluster.scheduler.classes[search.pod_class].demand;
  for (const Nomination& one : cluster.scheduler.nominations) {
    if (one.uid != pod.meta.uid && one.priority >= search.priority) {
      search.expected.push_back(one);
    }
  }
  narrow(search);
  if (search.rejection.empty()) {
    look_at_volumes(search);
    count_domains(search);
  }
  return search;
}

}  // namespace models::kubernetes::scheduler
