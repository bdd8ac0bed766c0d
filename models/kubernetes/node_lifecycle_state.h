#pragma once
// The memory of the controllers that watch over nodes: node lifecycle, taint eviction, the cloud's, and the
// kubelets' shutdown managers.

#include <cstdint>
#include <vector>

#include "models/kubernetes/objects.h"
#include "sim/history.h"

namespace models::kubernetes {

/// How much of a zone is not ready. Source: node_lifecycle_controller.go ZoneState.
enum class ZoneState : std::uint8_t { Initial, Normal, PartialDisruption, FullDisruption };

inline constexpr std::uint32_t kNoZone = 0xffffffffU;

/// What the node lifecycle controller counts of one node, by row; follows from the nodes.
struct NodeRecord {
  std::uint32_t zone = kNoZone;
  bool counted = false;    ///< counts in its zone: not labelled node.kubernetes.io/exclude-disruption
  bool not_ready = false;  ///< as counted
};

/// A zone: the nodes with the same labels of region and zone; without such labels the whole cluster.
struct DisruptionZone {
  Text key = 0;
  std::int32_t size = 0;       ///< nodes that count; follows from the records
  std::int32_t not_ready = 0;  ///< of these, how many are not Ready; likewise
  ZoneState state = ZoneState::Initial;
  float qps = 0.0F;                    ///< of the limiter of NoExecute taints; 0: it lets none through
  sim::Time token_at{};                ///< when the limiter lets the next one through
  sim::Time next_drain = sim::kNever;  ///< the pending look at the queue; an event for another time is stale
  std::vector<Row> queue;              ///< nodes that wait for their NoExecute taint, by row
};

/// A node that is not plainly healthy: silent, not Ready, or with a NoExecute taint of the controller.
struct NodeHealth {
  Row row = kNoRow;
  Uid uid = 0;
  sim::Time probe = sim::kNever;  ///< the last sign of life that the controller saw; kNever: they go on
  bool retry_pods = false;        ///< not all of its pods could be marked as not ready
};

struct NodeLifecycleState {
  std::vector<NodeHealth> attended;  ///< by row; healthy nodes are not in here
  std::vector<NodeRecord> records;   ///< by row of the node
  std::vector<DisruptionZone> zones;
  sim::Time next_pass = sim::kNever;  ///< the pending pass; an event for another time is stale
  bool restarted = false;             ///< the next pass takes all nodes for new ones
};

/// A node with NoExecute taints, as the taint eviction controller knows it.
struct TaintedNode {
  Row row = kNoRow;
  std::uint32_t taint_set = 0;  ///< its NoExecute taints
};

/// A pod that will be evicted unless its node's taints go.
struct EvictionTimer {
  Row pod = kNoRow;
  Uid uid = 0;
  sim::Time at = sim::kNever;
};

struct TaintEvictionState {
  std::vector<TaintedNode> nodes;     ///< by row
  std::vector<EvictionTimer> timers;  ///< sorted by pod
};

/// What the cloud says of the server that a node runs on.
enum class CloudServer : std::uint8_t {
  Active,
  Shutoff,  ///< stopped
  Shelved,  ///< SHELVED or SHELVED_OFFLOADED
  Gone,     ///< the cloud knows no such server
};

struct CloudNode {
  Row row = kNoRow;
  Uid uid = 0;
  CloudServer server = CloudServer::Active;
};

struct CloudNodeState {
  std::vector<CloudNode> nodes;       ///< whose server is not Active or was not, by row
  sim::Time next_pass = sim::kNever;  ///< an event for another time is stale
};

/// A machine that shuts down in an orderly way: which group of pods is being ended.
struct NodeShutdown {
  Row row = kNoRow;
  Uid uid = 0;
  std::uint8_t group = 0;        ///< 0: the next step ends regular pods, 1: critical ones, 2: the machine
  sim::Time next = sim::kNever;  ///< an event for another time is stale
  sim::TransitionId cause = sim::kNoTransition;
};

struct NodeShutdownState {
  std::vector<NodeShutdown> under_way;  ///< by row
};

}  // namespace models::kubernetes
