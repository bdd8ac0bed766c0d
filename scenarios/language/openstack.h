#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scenarios/language/duration.h"
#include "scenarios/language/host_set.h"
#include "scenarios/language/located.h"

namespace scenarios::language {

/// One flavour of `cluster.openstack.flavors`; its name is the key.
struct OpenStackFlavor {
  Located<std::int64_t> vcpus;
  Located<std::int64_t> ram_gb;
  Located<std::int64_t> disk_gb;
  Located<std::int64_t> units_per_hour;
};

/// The compute hosts of one hostlist of `cluster.openstack.hosts`.
struct OpenStackHosts {
  Located<std::int64_t> vcpus;
  Located<std::int64_t> ram_gb;
  Located<std::int64_t> disk_gb;
  Located<Duration> shelved_offload_time;
  Located<bool> never_offload;
  Located<Duration> shelved_poll_interval;
};

/// The servers of one hostlist of `cluster.openstack.servers`.
struct OpenStackServers {
  Text flavor;
  Text image;
  Text status;
  Text host;
  Located<bool> locked;
  Located<bool> boot_from_volume;
  Located<std::int64_t> volumes;
  HostSet nodes;
};

/// The project's limits.
struct OpenStackQuota {
  Located<std::int64_t> instances;
  Located<std::int64_t> cores;
  Located<std::int64_t> ram_gb;
  Text counting;
};

struct OpenStackHostEntry {
  HostSet names;
  OpenStackHosts group;
};
struct OpenStackServerEntry {
  HostSet names;
  OpenStackServers group;
};

/// `cluster.openstack`: the cloud below the cluster.
struct OpenStack {
  Text role;
  Located<Duration> shutdown_timeout;
  std::vector<Entry<OpenStackFlavor>> flavors;
  std::vector<OpenStackHostEntry> hosts;
  OpenStackQuota quota;
  std::vector<OpenStackServerEntry> servers;
};

}  // namespace scenarios::language
