#include "scenarios/language/tables.h"

namespace scenarios::language {

template <>
const TableOf<IOMeshChunks>& table_of<IOMeshChunks>() {
  static const TableOf<IOMeshChunks> table(
      "IOMeshChunk", "What the chunks of one hostlist are like.", [](auto& t) {
        t.field("id", &IOMeshChunks::id,
                {.sentence =
                     "The id that it registered with, where the entry is one chunk. Without it: its ordinal "
                     "plus 1.",
                 .source = "IOMesh resource, chunks.id",
                 .minimum = 1});
        t.field("node", &IOMeshChunks::node,
                {.sentence =
                     "The node that holds its disks, where the entry is one chunk. Without it: the worker of "
                     "the same position.",
                 .source = "Rehearsal"});
        t.field("capacity", &IOMeshChunks::capacity,
                {.sentence = "Its data space. Without it: that of the section.",
                 .source = "IOMesh resource, totalDataCapacity"});
        t.field("used", &IOMeshChunks::used,
                {.sentence = "What is written on it. Without it: that of the section.",
                 .source = "IOMesh resource, usedDataSpace"});
        t.field("provisioned", &IOMeshChunks::provisioned,
                {.sentence = "What its volumes claim. Without it: that of the section, or `used`.",
                 .source = "IOMesh resource, provisionedDataSpace"});
      });
  return table;
}

template <>
const TableOf<IOMeshParameters>& table_of<IOMeshParameters>() {
  static const TableOf<IOMeshParameters> table(
      "IOMeshParameters", "What the public record of IOMesh does not settle, or not for every release.",
      [](auto& t) {
        t.field(
            "precheck", &IOMeshParameters::precheck,
            {.fallback = "refuse",
             .sentence = "Whether an unregister without room fails, or moves what fits and waits for ever.",
             .source = "assumed",
             .words = {"refuse", "stall"}});
        t.field("moveProvisioned", &IOMeshParameters::move_provisioned,
                {.fallback = "false",
                 .sentence = "Whether provisioned space that is not written is copied as well.",
                 .source = "assumed"});
        t.field("ceilingPercent", &IOMeshParameters::ceiling_percent,
                {.fallback = "95",
                 .sentence = "How full a chunk may become.",
                 .source = "assumed, as Ceph mon_osd_full_ratio",
                 .minimum = 1,
                 .maximum = 100});
        t.field("warnPercent", &IOMeshParameters::warn_percent,
                {.fallback = "80",
                 .sentence = "From which use on capacity should be added.",
                 .source = "IOMesh documentation, Scale Cluster",
                 .minimum = 1,
                 .maximum = 100});
        t.field(
            "rebalancePercent", &IOMeshParameters::rebalance_percent,
            {.fallback = "10",
             .sentence =
                 "A chunk whose use is so much below the average is given data of the others; 100: never.",
             .source = "assumed",
             .minimum = 1,
             .maximum = 100});
        t.field("extentSize", &IOMeshParameters::extent_size,
                {.fallback = "256Mi", .sentence = "The unit of placement.", .source = "assumed"});
        t.field("migrateLimit", &IOMeshParameters::migrate_limit,
                {.fallback = "100Mi",
                 .sentence = "What a node migrates in a second.",
                 .source = "SmartX, data recovery policy"});
        t.field("recoverLimit", &IOMeshParameters::recover_limit,
                {.fallback = "100Mi",
                 .sentence = "What a node recovers in a second.",
                 .source = "SmartX, data recovery policy"});
        t.field("networkLimit", &IOMeshParameters::network_limit,
                {.fallback = "1250M",
                 .sentence = "What the storage network of a node carries in a second.",
                 .source = "IOMesh documentation, Prerequisites: 10 GbE"});
        t.field("applicationLoad", &IOMeshParameters::application_load,
                {.fallback = "0",
                 .sentence = "Percentage of these limits that applications take.",
                 .source = "assumed, mode AUTO",
                 .maximum = 99});
        t.field("clientWrites", &IOMeshParameters::client_writes,
                {.fallback = "0",
                 .sentence =
                     "New data that clients write in a second, further replicas not counted: it takes room "
                     "while an unregister is under way.",
                 .source = "assumed"});
        t.field("commandTime", &IOMeshParameters::command_time,
                {.fallback = "1s",
                 .sentence = "What iomeshctl takes to ask.",
                 .source = "assumed",
                 .zero_is_fine = true});
        t.field("scanTime", &IOMeshParameters::scan_time,
                {.fallback = "4s",
                 .sentence = "What the meta leader takes before data moves.",
                 .source = "assumed",
                 .zero_is_fine = true});
        t.field("sessionExpiry", &IOMeshParameters::session_expiry,
                {.fallback = "22s",
                 .sentence = "How long a silent chunk counts as connected; I/O to it stalls as long.",
                 .source = "release notes of 1.0.0: up to 22 s; that it is the session is assumed",
                 .zero_is_fine = true});
        t.field("recoveryDelay", &IOMeshParameters::recovery_delay,
                {.fallback = "600s",
                 .sentence = "From the loss of a chunk to the start of recovery.",
                 .source = "assumed, as Ceph mon_osd_down_out_interval",
                 .zero_is_fine = true});
        t.field("connectTime", &IOMeshParameters::connect_time,
                {.fallback = "5s",
                 .sentence = "From the start of a chunk server to its session.",
                 .source = "assumed",
                 .zero_is_fine = true});
        t.field("deviceClaim", &IOMeshParameters::device_claim,
                {.fallback = "30s",
                 .sentence = "The same for a chunk whose disks are new.",
                 .source = "assumed",
                 .zero_is_fine = true});
        t.field("leaderElection", &IOMeshParameters::leader_election,
                {.fallback = "5s",
                 .sentence = "From the loss of the meta leader to the next.",
                 .source = "assumed",
                 .zero_is_fine = true});
        t.field("operatorSync", &IOMeshParameters::operator_sync,
                {.fallback = "1s",
                 .sentence = "From a change of the IOMesh resource to its StatefulSets.",
                 .source = "assumed",
                 .zero_is_fine = true});
        t.field("helmTime", &IOMeshParameters::helm_time,
                {.fallback = "3s",
                 .sentence = "What helm upgrade takes.",
                 .source = "assumed",
                 .zero_is_fine = true});
      });
  return table;
}

template <>
const TableOf<IOMesh>& table_of<IOMesh>() {
  static const TableOf<IOMesh> table(
      "IOMesh",
      "The storage whose chunk and meta servers run in the cluster, as StatefulSets iomesh-chunk and "
      "iomesh-meta.",
      [](auto& t) {
        t.field("namespace", &IOMesh::name_space,
                {.fallback = "iomesh-system",
                 .sentence = "Its namespace.",
                 .source = "IOMesh documentation, Install"});
        t.field("edition", &IOMesh::edition,
                {.fallback = "enterprise",
                 .sentence = "Community allows three chunk and three meta servers.",
                 .source = "IOMesh documentation, License",
                 .words = {"community", "enterprise"}});
        t.field("maxChunkNum", &IOMesh::max_chunk_num,
                {.fallback = "255",
                 .sentence = "How many chunks the licence allows.",
                 .source = "IOMesh documentation, License, Max Chunk Num",
                 .minimum = 1,
                 .maximum = 255});
        t.field(
            "chunkReplicas", &IOMesh::chunk_replicas,
            {.sentence = "`chunk.replicaCount` of the release. Without it: as many as `chunks` names, or 3.",
             .source = "iomesh.yaml, chunk.replicaCount",
             .minimum = 1,
             .maximum = 255});
        t.field("metaReplicas", &IOMesh::meta_replicas,
                {.fallback = "3",
                 .sentence = "`meta.replicaCount` of the release.",
                 .source = "iomesh.yaml, meta.replicaCount",
                 .minimum = 1,
                 .maximum = 5});
        t.field("replicaFactor", &IOMesh::replica_factor,
                {.fallback = "2",
                 .sentence = "How many replicas its volumes have.",
                 .source = "IOMesh documentation, StorageClass, replicaFactor",
                 .minimum = 2,
                 .maximum = 3});
        t.field("capacity", &IOMesh::capacity,
                {.fallback = "1000Gi",
                 .sentence = "Data space of each chunk.",
                 .source = "IOMesh resource, totalDataCapacity"});
        t.field("cache", &IOMesh::cache,
                {.fallback = "100Gi",
                 .sentence = "Cache of each chunk; only printed.",
                 .source = "IOMesh resource, totalCacheCapacity"});
        t.field("used", &IOMesh::used,
                {.fallback = "0",
                 .sentence = "What is written on each chunk.",
                 .source = "IOMesh resource, usedDataSpace"});
        t.field(
            "provisioned", &IOMesh::provisioned,
            {.sentence = "What the volumes claim on each chunk, where they are thick. Without it: `used`.",
             .source = "IOMesh resource, provisionedDataSpace"});
        t.field(
            "extentGroups", &IOMesh::extent_groups,
            {.sentence =
                 "Into how many groups with the same holders the data of each chunk falls. Without it: one "
                 "for each set of holders.",
             .source = "Rehearsal",
             .minimum = 1,
             .maximum = 100'000});
        t.field("dataAddress", &IOMesh::data_address,
                {.fallback = "192.168.29.21",
                 .sentence = "The data address of the first worker; the others follow.",
                 .source = "IOMesh documentation, Scale Down Cluster, data CIDR"});
        t.field(
            "chunks", &IOMesh::chunks,
            {.sentence =
                 "What differs from chunk to chunk, by hostlist of their pods: `{iomesh-chunk-2: {id: 7}}`.",
             .source = "Rehearsal"});
        t.field("parameters", &IOMesh::parameters,
                {.sentence = "What the public record does not settle.",
                 .source = "Rehearsal",
                 .absent_is_empty = true});
      });
  return table;
}

}  // namespace scenarios::language
