#pragma once
// The zones of the node lifecycle controller: how much of each is not ready, and how fast its nodes get the
// taint that evicts. Source: pkg/controller/nodelifecycle/node_lifecycle_controller.go ComputeZoneState,
// ReducedQPSFunc, setLimiterInZone; scheduler/rate_limited_queue.go.
//
// Left out: a zone of which every node is labelled node.kubernetes.io/exclude-disruption gets a new limiter
// in each pass upstream (classifyNodes); here it keeps the one that it has.

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::node_zones {

inline constexpr float kEvictionRate = 0.1F;            // --node-eviction-rate
inline constexpr float kSecondaryEvictionRate = 0.01F;  // --secondary-node-eviction-rate
inline constexpr std::int32_t kLargeCluster = 50;       // --large-cluster-size-threshold
inline constexpr float kUnhealthyZone = 0.55F;          // --unhealthy-zone-threshold

/// Source: ComputeZoneState; the share is compared in single precision, as upstream does.
ZoneState compute_zone_state(std::int32_t ready, std::int32_t not_ready);
/// Source: ReducedQPSFunc.
float reduced_rate(std::int32_t nodes);
/// The rate of NoExecute taints in a zone of that size.
float rate_of(ZoneState state, std::int32_t nodes);

/// "region:\x00:zone" of a node's labels; empty without them.
/// Source: k8s.io/component-helpers node/topology GetZoneKey.
std::string zone_key(const LabelMap& labels);

/// Counts the node at `row` as it is now, or no longer where it is gone. Does nothing where nothing changed.
void count(Cluster& cluster, Row row, bool not_ready);
/// The zone that the node at `row` was counted in last; nullptr if it was not.
DisruptionZone* zone_of(Cluster& cluster, Row row);
/// Whether a pass would find a zone in another state than it is in.
bool any_zone_changes(const NodeLifecycleState& state);

/// Whether the limiter lets one through now; it uses the token up. Source: RateLimiter.TryAccept, burst 1.
bool accept(DisruptionZone& zone, sim::Time now);
/// Source: SwapLimiter: a limiter that was waited for is replaced by an empty one.
void swap_limiter(DisruptionZone& zone, float rate, sim::Time now);

bool queued(const DisruptionZone& zone, Row row);
/// Nodes wait in the order of their rows: each pass takes all out and puts them in again, in an order that is
/// chance upstream (workers in parallel over a map). Source: markNodeForTainting.
void enqueue(DisruptionZone& zone, Row row);
void dequeue(Cluster& cluster, Row row);

}  // namespace models::kubernetes::node_zones
