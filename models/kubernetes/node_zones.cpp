#include "models/kubernetes/node_zones.h"

#include <algorithm>
#include <chrono>

namespace models::kubernetes::node_zones {

namespace {

const std::string* first_of(const LabelMap& labels, const char* key, const char* older_key) {
  const std::string* value = find_label(labels, key);
  return value != nullptr ? value : find_label(labels, older_key);
}

std::uint32_t zone_number(Cluster& cluster, const Node& node) {
  const Text key = cluster.strings.intern(zone_key(cluster.shape_of(node).labels));
  std::vector<DisruptionZone>& zones = cluster.node_lifecycle.zones;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    if (zones[i].key == key) {
      return static_cast<std::uint32_t>(i);
    }
  }
  DisruptionZone zone;
  zone.key = key;
  zone.qps = kEvictionRate;
  zones.push_back(zone);
  return static_cast<std::uint32_t>(zones.size() - 1);
}

/// How long a token takes: Limit.durationFromTokens of golang.org/x/time/rate on a rate of single precision.
sim::Duration interval(float rate) {
  return sim::Duration{static_cast<sim::Duration::rep>(1e9 / static_cast<double>(rate))};
}

}  // namespace

ZoneState compute_zone_state(std::int32_t ready, std::int32_t not_ready) {
  if (ready == 0 && not_ready > 0) {
    return ZoneState::FullDisruption;
  }
  const float share = static_cast<float>(not_ready) / static_cast<float>(not_ready + ready);
  return not_ready > 2 && share >= kUnhealthyZone ? ZoneState::PartialDisruption : ZoneState::Normal;
}

float reduced_rate(std::int32_t nodes) { return nodes > kLargeCluster ? kSecondaryEvictionRate : 0.0F; }

float rate_of(ZoneState state, std::int32_t nodes) {
  return state == ZoneState::PartialDisruption ? reduced_rate(nodes) : kEvictionRate;
}

std::string zone_key(const LabelMap& labels) {
  const std::string* zone =
      first_of(labels, "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone");
  const std::string* region =
      first_of(labels, "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region");
  if ((zone == nullptr || zone->empty()) && (region == nullptr || region->empty())) {
    return {};
  }
  std::string key = region == nullptr ? std::string() : *region;
  key.append(":\0:", 3);
  return key + (zone == nullptr ? std::string() : *zone);
}

void count(Cluster& cluster, Row row, bool not_ready) {
  NodeLifecycleState& state = cluster.node_lifecycle;
  if (row >= state.records.size()) {
    state.records.resize(row + std::size_t{1});
  }
  NodeRecord next;
  if (cluster.nodes.exists(row)) {
    next.zone = zone_number(cluster, cluster.nodes[row]);
    next.counted = find_label(cluster.shape_of(cluster.nodes[row]).labels,
                              "node.kubernetes.io/exclude-disruption") == nullptr;
    next.not_ready = not_ready;
  }
  NodeRecord& known = state.records[row];
  if (known.zone != next.zone) {
    dequeue(cluster, row);
  }
  if (known.counted) {
    --state.zones[known.zone].size;
    state.zones[known.zone].not_ready -= known.not_ready ? 1 : 0;
  }
  known = next;
  if (known.counted) {
    ++state.zones[known.zone].size;
    state.zones[known.zone].not_ready += known.not_ready ? 1 : 0;
  }
}

DisruptionZone* zone_of(Cluster& cluster, Row row) {
  NodeLifecycleState& state = cluster.node_lifecycle;
  return row < state.records.size() && state.records[row].zone != kNoZone
             ? &state.zones[state.records[row].zone]
             : nullptr;
}

bool any_zone_changes(const NodeLifecycleState& state) {
  return std::any_of(state.zones.begin(), state.zones.end(), [](const DisruptionZone& zone) {
    // A zone that has never been judged works like a normal one.
    const ZoneState judged = zone.state == ZoneState::Initial ? ZoneState::Normal : zone.state;
    return zone.size > 0 && compute_zone_state(zone.size - zone.not_ready, zone.not_ready) != judged;
  });
}

bool accept(DisruptionZone& zone, sim::Time now) {
  if (zone.qps <= 0.0F || zone.token_at > now) {
    return false;
  }
  zone.token_at = now + interval(zone.qps);
  return true;
}

void swap_limiter(DisruptionZone& zone, float rate, sim::Time now) {
  if (zone.qps == rate) {
    return;
  }
  const bool open = accept(zone, now);
  zone.qps = rate;
  if (rate > 0.0F) {
    zone.token_at = open ? now : now + interval(rate);
  }
}

bool queued(const DisruptionZone& zone, Row row) {
  return std::binary_search(zone.queue.begin(), zone.queue.end(), row);
}

void enqueue(DisruptionZone& zone, Row row) {
  const auto place = std::lower_bound(zone.queue.begin(), zone.queue.end(), row);
  if (place == zone.queue.end() || *place != row) {
    zone.queue.insert(place, row);
  }
}

void dequeue(Cluster& cluster, Row row) {
  if (DisruptionZone* zone = zone_of(cluster, row)) {
    std::erase(zone->queue, row);
  }
}

}  // namespace models::kubernetes::node_zones
