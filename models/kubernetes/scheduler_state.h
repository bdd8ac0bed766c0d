#pragma once
// The scheduler's memory: what it has counted on nodes, the pods that wait, and the indexes by which it finds
// a node without looking at all of them. All of it but the queue follows from what it has observed.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/objects.h"
#include "sim/hash_slots.h"
#include "sim/history.h"

namespace models::kubernetes {

/// What the scheduler has counted on a node: the requests of the pods that it knows to be there. Like
/// upstream's NodeInfo it keeps two sums: real requests, which must fit, and requests with defaults for
/// containers that state none, which only the score looks at.
struct NodeUsage {
  std::int64_t cpu_millicores = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t scored_cpu_millicores = 0;
  std::int64_t scored_memory_bytes = 0;
  std::int32_t pods = 0;
  friend bool operator==(const NodeUsage&, const NodeUsage&) = default;
};

/// What a pod counts for, see NodeUsage.
struct PodRequests {
  std::int64_t cpu_millicores = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t scored_cpu_millicores = -1;  ///< -1: not computed yet
  std::int64_t scored_memory_bytes = 0;
};

/// Where a pod is counted.
struct Charge {
  Uid uid = 0;  ///< of the pod at this row; 0 is none
  Row node = kNoRow;
  std::uint32_t pod_class = 0;  ///< position in `classes`
  bool ending = false;          ///< its deletion was requested
  bool assumed = false;         ///< bound by the scheduler, and not yet seen on the node
};

/// A node as the scheduler knows it.
struct SchedulableNode {
  Row row = kNoRow;
  std::uint32_t shape = 0;
  std::uint32_t taint_set = 0;
  std::int64_t cpu_millicores = 0;  ///< allocatable
  std::int64_t memory_bytes = 0;
  std::int32_t pods = 0;
  bool unschedulable = false;
};

/// How many pods of some kind are on a node.
struct NodeCount {
  Row node = kNoRow;
  std::int32_t all = 0;
  std::int32_t living = 0;  ///< those whose deletion was not requested
};
using NodeCounts = std::vector<NodeCount>;  ///< sorted by node; no entry counts nothing

/// Pods that match the selector in one of the namespaces.
struct PodQuery {
  std::vector<Text> namespaces;  ///< sorted; empty: every namespace
  LabelSelector selector;
  bool nothing = false;  ///< a missing selector: no pod matches
  friend bool operator==(const PodQuery&, const PodQuery&) = default;
};

enum class TallyOf : std::uint8_t {
  Matching,             ///< the pods that all queries match
  HoldingAntiAffinity,  ///< the pods with a required anti-affinity term of this query and topology
  HoldingPreference,    ///< … with a preferred term of this query, topology and weight
};

/// How many pods of some kind are on each node, kept up to date as pods come and go.
struct Tally {
  TallyOf of = TallyOf::Matching;
  std::vector<PodQuery> queries;
  std::uint32_t topology = 0;  ///< of the holders' term; position in `topologies`
  std::int32_t weight = 0;     ///< of the holders' term; negative for anti-affinity
  NodeCounts on_node;
  std::int64_t total = 0;
};

/// A tally seen through a topology, as a rule of a pod's class.
struct TopologyRule {
  std::uint32_t tally = 0;
  std::uint32_t topology = 0;
  std::int32_t weight = 0;
};

/// A topology spread constraint of a pod's class.
struct SpreadRule {
  std::uint32_t tally = 0;
  std::uint32_t topology = 0;
  std::int32_t max_skew = 1;
  std::int32_t min_domains = 1;
  bool honor_node_affinity = true;
  bool honor_node_taints = false;
  bool matches_itself = false;
  std::int32_t domains = 0;         ///< how many domains count, as of `domains_as_of`
  std::uint32_t domains_as_of = 0;  ///< `SchedulerState::nodes_version`
};

/// A class and a summary of its labels, by which most classes that a selector does not match are passed over.
struct FiledClass {
  std::uint32_t pod_class = 0;  ///< position in `classes`
  std::uint64_t labels = 0;     ///< some bits for each label that it does not owe to its maker
};

/// Pods that no rule can tell apart.
struct PodClass {
  Pod like;  ///< has the labels and the owner of all pods of the class
  NodeCounts on_node;
  std::vector<std::uint32_t> counted_in;  ///< the tallies in which its pods count
  std::vector<TopologyRule> avoided;      ///< pods there keep it away: existing pods' anti-affinity
  std::vector<TopologyRule> preferences;  ///< existing pods' preferences
  std::uint32_t demand = 0;               ///< position in `demands`
  std::int32_t priority = 0;

  // Set once a pod of the class is to be scheduled.
  bool prepared = false;
  bool affine_to_itself = false;        ///< it matches all of its own required affinity terms
  std::vector<TopologyRule> required;   ///< required affinity; all of one tally
  std::vector<TopologyRule> forbidden;  ///< required anti-affinity
  std::vector<TopologyRule> preferred;  ///< own preferences
  std::vector<SpreadRule> spread;       ///< DoNotSchedule
  std::vector<SpreadRule> soft_spread;  ///< ScheduleAnyway
  bool default_spread = false;          ///< `soft_spread` are the built-in defaults

  // Why its pods found no node last time; holds while `SchedulerState::changes` stays the same.
  std::uint64_t failed_at = 0;
  Text failure = 0;
  std::uint16_t rejected_by = 0;
};

/// The nodes by the value of a label.
struct Topology {
  std::string key;
  bool host_name = false;   ///< kubernetes.io/hostname: every node is a domain of its own
  std::uint32_t as_of = 0;  ///< `SchedulerState::nodes_version`
  std::int32_t domains = 0;
  bool on_every_node = false;
  std::vector<std::int32_t> domain_of;  ///< by row of the node; -1: no such label
};

/// One node of a tree over the nodes of the cluster in their order.
struct RankedNodes {
  std::int32_t feasible = 0;
  std::int32_t best = -1;  ///< the highest score among the feasible ones
  std::int32_t best_count = 0;
};

/// Feasibility and score of every node as far as they depend on nothing but the node and what is counted on
/// it, kept up to date as pods come and go.
struct NodeRanking {
  std::uint32_t demand = 0;
  std::uint32_t pod_class = 0;  ///< position in `classes` + 1 where rules by host name take part; else 0
  std::uint64_t last_used = 0;
  std::vector<bool> admits;            ///< by position: neither cordon, taints nor labels keep the pod away
  std::vector<std::int32_t> disliked;  ///< by position: PreferNoSchedule taints that it does not tolerate
  std::int64_t disliked_total = 0;
  std::vector<RankedNodes> tree;  ///< leaves in the second half
};

/// A host port in use on a node.
struct UsedPort {
  Row node = kNoRow;
  std::int32_t port = 0;
  Text protocol = 0;
  Text ip = 0;  ///< 0: every address
  friend auto operator<=>(const UsedPort&, const UsedPort&) = default;
};

/// Where a pod is in the queue while it waits. Source: backend/queue.
enum class Parked : std::uint8_t {
  Unschedulable,  ///< until an event that may help, or the flush
  Backoff,        ///< helped, but its back-off is not over
  ErrorBackoff,   ///< after a failed binding
};

/// A pod in the scheduler's queue.
struct QueuedPod {
  Row row = kNoRow;
  Uid uid = 0;
  std::uint32_t attempts = 0;
  sim::Time since{};  ///< when it came, or failed last
  sim::Time backoff_until{};
  sim::TransitionId cause = sim::kNoTransition;
  Parked parked = Parked::Unschedulable;
  bool stale = false;  ///< something changed that did not wake it: the flush may find otherwise
  std::int32_t priority = 0;
  std::uint16_t rejected_by = 0;  ///< bits of the filters that rejected it
};

/// A pod that has preempted others and is expected on a node.
struct Nomination {
  Row pod = kNoRow;
  Uid uid = 0;
  Row node = kNoRow;
  std::int32_t priority = 0;
};

/// A binding that was asked for and has not yet taken effect. The node is charged already.
/// Source: pkg/scheduler/schedule_one.go: assume, then bindingCycle beside the next pods.
struct PendingBinding {
  QueuedPod pod;
  Row node = kNoRow;
  std::uint32_t pod_class = 0;
};

struct SchedulerState {
  std::vector<NodeUsage> usage;        ///< by row of the node
  std::vector<Charge> charges;         ///< by row of the pod
  std::vector<UsedPort> ports;         ///< sorted
  std::vector<SchedulableNode> nodes;  ///< in the order in which they were added
  std::uint32_t nodes_version = 1;     ///< counts changes of nodes
  std::uint64_t changes = 1;           ///< counts changes of anything that a decision rests on

  std::vector<PodRequests> requests;              ///< by template
  std::vector<std::uint32_t> demand_of_template;  ///< position in `demands` + 1; 0: not known yet
  std::vector<TemplateId> demands;                ///< a template for each kind of demand
  std::vector<PodClass> classes;
  sim::HashSlots class_of;  ///< position in `classes`, by what makes pods indistinguishable
  std::map<Text, std::vector<FiledClass>> classes_in;  ///< by namespace
  std::vector<Tally> tallies;
  sim::HashSlots tally_of;  ///< position in `tallies`, by what is counted
  std::vector<Topology> topologies;
  bool siblings_differ = false;  ///< some selector asks for labels that tell siblings apart

  std::vector<NodeRanking> rankings;  ///< of the demands used last
  std::uint64_t uses = 0;             ///< of rankings; tells which was used last

  std::vector<QueuedPod> active;  ///< in order of arrival
  std::uint32_t head = 0;
  std::vector<PendingBinding> bindings;  ///< asked for, where requests take time; in order
  std::vector<QueuedPod> parked;
  std::vector<Nomination> nominations;
  bool run_scheduled = false;
  sim::Time flush_at = sim::kNever;  ///< when a parked pod is to be looked at again
  std::uint32_t next_start = 0;      ///< where among `nodes` the next search begins
};

}  // namespace models::kubernetes
