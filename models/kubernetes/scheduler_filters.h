#pragma once
// Which nodes can take a pod, and in upstream's words why the others cannot.
// Source: pkg/scheduler/framework/plugins; framework/types.go FitError.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::scheduler {

/// The filters, in the order in which they are asked; the first that rejects a node speaks for it. NodeName
/// is missing: a pod with spec.nodeName never comes here. Source: apis/config/v1/default_plugins.go, in the
/// order of their registration.
enum class Filter : std::uint8_t {
  NodeUnschedulable,
  TaintToleration,
  NodeAffinity,
  NodePorts,
  NodeResourcesFit,
  VolumeBinding,
  PodTopologySpread,
  InterPodAffinity,
  None,  ///< no filter rejects
};
constexpr std::uint16_t bit(Filter filter) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(filter));
}

/// Why a filter rejects a node: bits, several of NodeResourcesFit at once.
enum Reason : std::uint8_t {
  kTooManyPods = 1,
  kInsufficientCpu = 2,
  kInsufficientMemory = 4,
  kMissingLabel = 1,  ///< PodTopologySpread: the node lacks a topology key
  kAffinity = 1,      ///< InterPodAffinity: required affinity
  kAntiAffinity = 2,  ///< … its own required anti-affinity
  kExistingAntiAffinity = 4,
  kVolumeElsewhere = 1,  ///< VolumeBinding: a bound volume is not reachable from the node
  kNoVolume = 2,         ///< … no volume can be made there
};

/// What the filters say of a node.
struct Verdict {
  Filter filter = Filter::None;
  std::uint8_t reasons = 0;
  bool unresolvable = false;  ///< preemption cannot help

  [[nodiscard]] bool passes() const { return filter == Filter::None; }
};

/// Source: k8s.io/api core/v1 toleration.go ToleratesTaint.
bool tolerates(const Toleration& toleration, const Taint& taint);
bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint);

/// What is supposed to be otherwise on the node that is looked at: pods added or taken away.
struct Supposed {
  NodeUsage change;
  std::vector<std::pair<std::uint32_t, std::int32_t>> classes;  ///< class and by how much
  std::vector<std::pair<std::uint32_t, std::int32_t>> living;   ///< … of those not being deleted
  std::vector<UsedPort> freed;
  std::vector<UsedPort> taken;
};
/// Supposes a pod on the node (`by` 1) or away from it (-1).
void suppose(Cluster& cluster, Supposed& supposed, const Pod& pod, Row node, std::int32_t by);

/// How many pods that a rule asks for are in each domain.
struct DomainCounts {
  const Tally* tally = nullptr;
  const Topology* topology = nullptr;
  std::int32_t weight = 0;
  std::vector<std::int64_t> by_domain;  ///< empty for the host name: the tally itself

  [[nodiscard]] std::int64_t at(Row node) const;
};

/// A topology spread constraint during a search.
struct SpreadCounts {
  const SpreadRule* rule = nullptr;
  DomainCounts counts;       ///< on nodes that take part
  std::int64_t minimum = 0;  ///< over all domains that take part
};

/// What a search for a pod knows before it looks at nodes. Upstream: the CycleState after PreFilter.
struct Search {
  Cluster* cluster = nullptr;
  Row pod = kNoRow;
  const PodTemplate* content = nullptr;
  PodRequests requests;
  std::uint32_t pod_class = 0;
  std::uint32_t demand = 0;
  std::int32_t priority = 0;
  Text pinned_node = 0;  ///< a DaemonSet's pod: the node that its affinity names; 0: none

  std::string rejection;  ///< PreFilter rejects the pod outright, in these words
  Filter rejected_by = Filter::None;
  bool narrowed = false;  ///< only `candidates` are looked at
  Filter narrowed_by = Filter::NodeAffinity;
  std::vector<Row> candidates;                                ///< ascending
  std::vector<const std::vector<NodeSelectorTerm>*> volumes;  ///< bound volumes are reachable from there
  std::vector<SpreadCounts> spread;
  std::vector<DomainCounts> required;
  std::int64_t required_total = 0;  ///< pods that the required affinity asks for, wherever they are
  std::vector<DomainCounts> forbidden;
  std::vector<DomainCounts> avoided;
  std::vector<Nomination> expected;  ///< pods of the same or a higher priority that are expected on a node
  bool by_node_only = true;          ///< the ranking alone says which nodes are feasible
};
/// Prepares the search. Upstream: PreFilter.
Search begin_search(Cluster& cluster, Row pod);

/// Whether neither cordon, taints nor labels keep pods of `content` from `node`.
bool admits(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& content);
/// Whether the required node affinity and the node selector select the node.
bool selects(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& content);
/// Whether a taint keeps the pod away that it does not tolerate.
bool has_untolerated_taint(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& content);
/// How many PreferNoSchedule taints of the node are not tolerated.
std::int32_t disliked_taints(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& content);
/// Whether requests and host ports fit beside what is counted on the node.
bool fits(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& content,
          const PodRequests& requests);
/// Whether rules of the class by host name let its pods onto the node: required anti-affinity both ways.
bool keeps_apart(const SchedulerState& state, std::uint32_t pod_class, Row node);
/// Whether the class has such rules.
bool has_host_rules(const SchedulerState& state, const PodClass& pod_class);

/// What the filters say of a node, with and without the pods that are expected there.
/// Source: runtime/framework.go RunFilterPluginsWithNominatedPods.
Verdict look_at(const Search& search, const SchedulableNode& node, const Supposed* supposed = nullptr);

/// Whether a node that a ranking thinks feasible is: the filters that look beyond the node.
bool passes_beyond(const Search& search, const SchedulableNode& node);

/// `count reason` entries, sorted as strings. Source: framework/types.go FitError.Error.
class Reasons {
 public:
  void add(const std::string& reason, int count = 1) { counts_[reason] += count; }
  [[nodiscard]] std::string text() const;

 private:
  std::map<std::string, int> counts_;
};
/// Adds what a verdict says in words.
void add_reasons(const Search& search, const SchedulableNode& node, const Verdict& verdict, Reasons& reasons);

}  // namespace models::kubernetes::scheduler
