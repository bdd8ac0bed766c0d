#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "scenarios/language/duration.h"
#include "scenarios/language/host_set.h"
#include "scenarios/language/located.h"

namespace scenarios::language {

enum class FaultKind : std::uint8_t {
  none,
  pod_crash,
  delete_pod,
  lose_readiness,
  regain_readiness,
  never_ready,
  node_dies,
  node_returns,
  kubelet_silent,
  kubelet_returns,
  shut_down_node,
  delete_node,
  controller_restarts,
  fail_write,
  quota,
  compute_down,
  compute_killed,
  compute_up,
  hosts_full,
  hosts_free,
  lock_server,
  snapshot_fails,
  spawn_fails,
  image_service,
};

/// Whether the fault strikes the cloud below the cluster.
inline bool is_of_cloud(FaultKind kind) { return kind >= FaultKind::compute_down; }

/// The key under which the fault is written.
std::string_view to_text(FaultKind kind);
/// Whether it strikes nodes.
bool strikes_nodes(FaultKind kind);

struct PodCrash {
  HostSet pods;
  Located<std::int64_t> exit;
};

struct DeletePod {
  HostSet pods;
  Located<Duration> grace_period;  ///< Not given: the pod's own.
};

/// API writes that fail.
struct FailWrite {
  Text verb;
  Text kind;
  Located<std::int64_t> times;
  Located<std::int64_t> skip;
};

struct Quota {
  Text name_space;
  Located<std::int64_t> pods;
};

/// One entry of `faults`: something that goes wrong at a given time. `kind` says which member is set.
struct Fault {
  Location where;
  Located<Duration> at;
  FaultKind kind = FaultKind::none;
  std::optional<PodCrash> pod_crash;
  std::optional<DeletePod> delete_pod;
  HostSet lose_readiness;
  HostSet regain_readiness;
  HostSet never_ready;
  HostSet node_dies;
  HostSet node_returns;
  HostSet kubelet_silent;
  HostSet kubelet_returns;
  HostSet shut_down_node;
  HostSet delete_node;
  Text controller_restarts;
  std::optional<FailWrite> fail_write;
  std::optional<Quota> quota;
  HostSet compute_down;
  HostSet compute_killed;
  HostSet compute_up;
  HostSet hosts_full;
  HostSet hosts_free;
  HostSet lock_server;
  HostSet snapshot_fails;
  HostSet spawn_fails;
  Text image_service;

  /// The pods, nodes, servers or compute hosts that it strikes; empty for the kinds that strike none.
  const HostSet& targets() const;
};

}  // namespace scenarios::language
