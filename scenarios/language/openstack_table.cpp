#include "scenarios/language/tables.h"

namespace scenarios::language {

template <>
const TableOf<OpenStackFlavor>& table_of<OpenStackFlavor>() {
  static const TableOf<OpenStackFlavor> table("OpenStackFlavor", "A flavour of servers.", [](auto& t) {
    t.field("vcpus", &OpenStackFlavor::vcpus,
            {.required = true,
             .sentence = "Its virtual processors.",
             .source = "`openstack flavor list`",
             .minimum = 1});
    t.field("ramGB", &OpenStackFlavor::ram_gb,
            {.required = true,
             .sentence = "Its memory in GiB.",
             .source = "`openstack flavor list`",
             .minimum = 1});
    t.field("diskGB", &OpenStackFlavor::disk_gb,
            {.fallback = "20", .sentence = "Its root disk in GiB.", .source = "`openstack flavor list`"});
    t.field("unitsPerHour", &OpenStackFlavor::units_per_hour,
            {.sentence = "Service units that a running server is charged an hour. Without it: its vcpus.",
             .source = "docs.jetstream-cloud.org, vmsizes"});
  });
  return table;
}

template <>
const TableOf<OpenStackHosts>& table_of<OpenStackHosts>() {
  static const TableOf<OpenStackHosts> table("OpenStackHost", "What compute hosts are like.", [](auto& t) {
    t.field("vcpus", &OpenStackHosts::vcpus,
            {.required = true,
             .sentence = "Processors; nothing is overcommitted.",
             .source = "placement inventory",
             .minimum = 1});
    t.field("ramGB", &OpenStackHosts::ram_gb,
            {.required = true, .sentence = "Memory in GiB.", .source = "placement inventory", .minimum = 1});
    t.field("diskGB", &OpenStackHosts::disk_gb,
            {.fallback = "100000", .sentence = "Disk in GiB.", .source = "placement inventory"});
    t.field("shelvedOffloadTime", &OpenStackHosts::shelved_offload_time,
            {.fallback = "0s",
             .sentence = "How long a shelved server stays on its host; `0s` offloads it at once.",
             .source = "nova/conf/compute.py shelved_offload_time",
             .zero_is_fine = true});
    t.field("neverOffload", &OpenStackHosts::never_offload,
            {.fallback = "false",
             .sentence = "Shelved servers stay for good.",
             .source = "shelved_offload_time below 0"});
    t.field("shelvedPollInterval", &OpenStackHosts::shelved_poll_interval,
            {.fallback = "1h",
             .sentence = "How often a host looks for shelved servers that are due.",
             .source = "nova/conf/compute.py shelved_poll_interval"});
  });
  return table;
}

template <>
const TableOf<OpenStackServers>& table_of<OpenStackServers>() {
  static const TableOf<OpenStackServers> table(
      "OpenStackServer", "What the servers of one hostlist are like.", [](auto& t) {
        t.field("flavor", &OpenStackServers::flavor,
                {.required = true, .sentence = "Their flavour.", .source = "`openstack server show`"});
        t.field("image", &OpenStackServers::image,
                {.fallback = "Ubuntu-22.04",
                 .sentence = "The image that they were made from.",
                 .source = "`openstack server show`"});
        t.field("status", &OpenStackServers::status,
                {.fallback = "ACTIVE",
                 .sentence = "What they are at the start.",
                 .source = "`openstack server list`",
                 .words = {"ACTIVE", "SHUTOFF", "SHELVED", "SHELVED_OFFLOADED"}});
        t.field("host", &OpenStackServers::host,
                {.sentence = "The host that they are on. Without it: whichever has room.",
                 .source = "`OS-EXT-SRV-ATTR:host`"});
        t.field("locked", &OpenStackServers::locked,
                {.fallback = "false",
                 .sentence = "Whether they are locked.",
                 .source = "`openstack server lock`"});
        t.field("bootFromVolume", &OpenStackServers::boot_from_volume,
                {.fallback = "false",
                 .sentence = "Whether their root disk is a volume.",
                 .source = "`N/A (booted from volume)`"});
        t.field("volumes", &OpenStackServers::volumes,
                {.fallback = "0",
                 .sentence = "How many further volumes are attached to each.",
                 .source = "Cinder",
                 .maximum = 26});
        t.field("nodes", &OpenStackServers::nodes,
                {.sentence = "The Kubernetes nodes that they carry, in the same order. Without it: those of "
                             "the same names.",
                 .source = "Rehearsal",
                 .type = "hostlist"});
      });
  return table;
}

template <>
const TableOf<OpenStackQuota>& table_of<OpenStackQuota>() {
  static const TableOf<OpenStackQuota> table("OpenStackQuota", "What the project may use.", [](auto& t) {
    t.field("instances", &OpenStackQuota::instances,
            {.sentence = "Servers.", .source = "`openstack quota show`"});
    t.field("cores", &OpenStackQuota::cores,
            {.sentence = "Virtual processors.", .source = "`openstack quota show`"});
    t.field("ramGB", &OpenStackQuota::ram_gb,
            {.sentence = "Memory in GiB.", .source = "`openstack quota show`"});
    t.field(
        "counting", &OpenStackQuota::counting,
        {.fallback = "legacy",
         .sentence = "Whether offloaded servers keep using cores and memory (`legacy`) or not (`placement`).",
         .source = "nova/conf/quota.py count_usage_from_placement",
         .words = {"legacy", "placement"}});
  });
  return table;
}

template <>
const TableOf<OpenStack>& table_of<OpenStack>() {
  static const TableOf<OpenStack> table("OpenStack", "The cloud whose servers the nodes are.", [](auto& t) {
    t.field("role", &OpenStack::role,
            {.fallback = "member",
             .sentence = "Who types the plan's `openstack` commands.",
             .source = "Keystone's default roles",
             .words = {"member", "admin"}});
    t.field("shutdownTimeout", &OpenStack::shutdown_timeout,
            {.fallback = "60s",
             .sentence = "How long a guest may take to shut down before it is switched off.",
             .source = "nova/conf/compute.py shutdown_timeout",
             .zero_is_fine = true});
    t.field("flavors", &OpenStack::flavors,
            {.required = true, .sentence = "Flavours by name.", .source = "`openstack flavor list`"});
    t.field("hosts", &OpenStack::hosts,
            {.required = true, .sentence = "Compute hosts, by hostlist.", .source = "Nova"});
    t.field("quota", &OpenStack::quota,
            {.sentence = "The project's limits; without one, none.",
             .source = "`openstack quota show`",
             .absent_is_empty = true});
    t.field("servers", &OpenStack::servers,
            {.sentence = "Servers, by hostlist.", .source = "`openstack server list`"});
  });
  return table;
}

}  // namespace scenarios::language
