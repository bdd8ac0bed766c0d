// What the checks on IOMesh judge, and where their rules come from.

#include "scenarios/checks/iomesh_checks.h"

namespace scenarios::checks {

namespace {

using language::ParameterType;

template <std::shared_ptr<const Check> (*make)()>
std::shared_ptr<const Check> without_parameters(const language::CheckUse&) {
  return make();
}

}  // namespace

std::vector<StorageEntry> storage_entries() {
  return {
      {{"no-data-lost",
        "all data keeps a live replica",
        "A replica lives while its chunk's session does. Data whose last live replica is gone cannot be "
        "read, and is "
        "lost\n"
        "unless one of its chunks comes back with its disks: judged at the end of the rehearsal, and dated "
        "from the\n"
        "moment at which the last replica went. Losing one replica of several is another check, "
        "redundancy-not-reduced.",
        "IOMesh documentation, StorageClass (replica factor); a chunk's disks are local to its node",
        false,
        {}},
       without_parameters<no_data_lost>},
      {{"redundancy-not-reduced",
        "no data lacks a replica for longer than a time",
        "Lowering chunk.replicaCount before the chunk is unregistered leaves all data of that chunk with one "
        "replica "
        "fewer\n"
        "until it was recovered; a second failure meanwhile loses data. It says how much lacked a replica at "
        "most, and "
        "for\n"
        "how long. A chunk that is unregistered first keeps all replicas while its data moves.",
        "IOMesh documentation, Scale Down Cluster: unregister first; SmartX, data recovery policy",
        false,
        {{"time", ParameterType::duration, false, "0s", "How long data may lack a replica."}}},
       redundancy_not_reduced},
      {{"one-chunk-at-a-time",
        "no chunk is removed while another is on its way out or away",
        "Judged at every unregister, accepted or refused, and at every request to delete a chunk pod: no "
        "other chunk "
        "may be\n"
        "in removal, expired or without its server.",
        "IOMesh documentation, Scale Down Cluster: \"You can only remove one chunk pod at a time\"",
        false,
        {}},
       without_parameters<one_chunk_at_a_time>},
      {{"chunk-order-and-id",
        "the chunk that is unregistered is the one whose pod leaves next",
        "A chunk's id is given at its registration and is not the ordinal of its pod, but the StatefulSet "
        "gives up its "
        "highest\n"
        "ordinal. The pod of the id must be the one with ordinal replicaCount - 1; otherwise the data of one "
        "chunk is "
        "moved,\n"
        "and the pod of another, full one is deleted.",
        "IOMesh documentation, Scale Down Cluster: reverse creation order; find the id by the IP of the node",
        false,
        {}},
       without_parameters<chunk_order_and_id>},
      {{"unregister-before-shrinking",
        "a chunk pod leaves only once its chunk is unregistered",
        "Judged at the deletion of a chunk pod above chunk.replicaCount: the record of its chunk must be "
        "deleted by "
        "then.",
        "IOMesh documentation, Scale Down Cluster, steps 5 to 7",
        false,
        {}},
       without_parameters<unregister_before_shrinking>},
      {{"unregister-finishes",
        "every unregister is accepted and comes to its end",
        "Violated when the meta leader refuses it, when its data finds no place on the other chunks, and "
        "when a chunk "
        "is\n"
        "still in removal at the end. Whether the data fits is the largest flow from the groups of the "
        "chunk's data to "
        "the\n"
        "chunks that do not hold them yet, within the room below the ceiling.",
        "IOMesh documentation, Scale Down Cluster; zbs_cluster_chunks_unsafe_failure_space; what a failed "
        "precheck does "
        "is\n"
        "assumed (parameter precheck)",
        false,
        {}},
       without_parameters<unregister_finishes>},
      {{"iomesh-limits",
        "counts of chunk and meta servers are what documents, licence and workers allow",
        "Judged at every change of the release: at least `minimum` chunk servers, three or five meta "
        "servers, never "
        "fewer of\n"
        "these, no more chunks than the licence and 255, three of each in the Community Edition, and a "
        "worker for each.",
        "IOMesh documentation, Scale Out Cluster, License",
        false,
        {{"minimum", ParameterType::integer, false, "3", "How many chunk servers there must be."}}},
       iomesh_limits},
      {{"meta-quorum-kept",
        "more than half of the meta servers run",
        "Without a quorum there is no leader: nothing can be unregistered, registered or recovered. Judged "
        "once a "
        "quorum was\n"
        "there.",
        "IOMesh documentation, Basic Concepts: meta servers elect a leader",
        false,
        {}},
       without_parameters<meta_quorum_kept>},
      {{"storage-use-under",
        "the use of the data space stays under a share",
        "The larger of written and provisioned bytes against the capacity of the chunks that are in use. "
        "Judged when "
        "a chunk\n"
        "comes or goes, when data has moved, and at the end.",
        "IOMesh documentation, Scale Cluster: add chunks when usage exceeds 80 %; Metrics, "
        "data_space_use_rate",
        false,
        {{"percent", ParameterType::integer, false, "80", "Percentage that must not be exceeded."}}},
       storage_use_under},
      {{"io-stalls-at-most",
        "input and output stall no longer than a time",
        "Data of a chunk whose server is gone stalls until it is back or its session has expired; data "
        "without a live "
        "replica\n"
        "stalls until one is back.",
        "IOMesh 1.0.0 release notes: a failed node interrupts I/O for up to 22 s",
        false,
        {{"time", ParameterType::duration, true, "", "How long it may stall."}}},
       io_stalls_at_most},
      {{"no-restart-during-migration",
        "no server is upgraded, restarted or given other disks while data moves",
        "Judged when a change of the pods is asked for, and at every deletion of a chunk pod, while a "
        "migration or "
        "recovery is\n"
        "under way. The operator makes an upgrade wait; a person who deletes pods is not held back.",
        "IOMesh documentation, Upgrade, Replace Failed Disk: all recover and migrate counters must be 0",
        false,
        {}},
       without_parameters<no_restart_during_migration>},
  };
}

}  // namespace scenarios::checks
