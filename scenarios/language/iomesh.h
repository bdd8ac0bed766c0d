#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/language/duration.h"
#include "scenarios/language/host_set.h"
#include "scenarios/language/located.h"
#include "scenarios/language/quantity.h"

namespace scenarios::language {

/// The chunks of one hostlist of `cluster.iomesh.chunks`.
struct IOMeshChunks {
  Located<std::int64_t> id;
  Text node;
  Located<Bytes> capacity;
  Located<Bytes> used;
  Located<Bytes> provisioned;
};

struct IOMeshChunkEntry {
  HostSet names;
  IOMeshChunks group;
};

/// `cluster.iomesh.parameters`: what the public record does not settle.
struct IOMeshParameters {
  Text precheck;
  Located<bool> move_provisioned;
  Located<std::int64_t> ceiling_percent;
  Located<std::int64_t> warn_percent;
  Located<std::int64_t> rebalance_percent;
  Located<Bytes> extent_size;
  Located<Bytes> migrate_limit;
  Located<Bytes> recover_limit;
  Located<Bytes> network_limit;
  Located<std::int64_t> application_load;
  Located<Bytes> client_writes;
  Located<Duration> command_time;
  Located<Duration> scan_time;
  Located<Duration> session_expiry;
  Located<Duration> recovery_delay;
  Located<Duration> connect_time;
  Located<Duration> device_claim;
  Located<Duration> leader_election;
  Located<Duration> operator_sync;
  Located<Duration> helm_time;
};

/// `cluster.iomesh`: the storage whose servers run in the cluster.
struct IOMesh {
  Location where;
  Text name_space;
  Text edition;
  Located<std::int64_t> max_chunk_num;
  Located<std::int64_t> chunk_replicas;
  Located<std::int64_t> meta_replicas;
  Located<std::int64_t> replica_factor;
  Located<Bytes> capacity;
  Located<Bytes> cache;
  Located<Bytes> used;
  Located<Bytes> provisioned;
  Located<std::int64_t> extent_groups;
  Text data_address;
  std::vector<IOMeshChunkEntry> chunks;
  IOMeshParameters parameters;
};

}  // namespace scenarios::language
