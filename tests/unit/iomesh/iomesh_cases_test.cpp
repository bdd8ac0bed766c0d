// The case table of IOMesh, a test a row: five chunks of 1000 GiB, 400 GiB on each, two replicas, thin, a
// ceiling of 95 %, 100 MiB/s a node, no client load. The chunk that leaves has id 5 and is behind ordinal 4.
#include "tests/unit/iomesh/iomesh_rehearsal.h"

namespace scenarios::testing_support {
namespace {

using sim::StepOutcome;
using sim::Verdict;

TEST_F(StorageCase, IM01_unregister_then_fewer_replicas) {
  rehearse(
      {.plan = unregister(5) + show("ids before helm", kIds) +
               "  - step: pods before helm\n    run: kubectl get pod -n iomesh-system -l app=iomesh-chunk -o "
               "name | wc -l\n" +
               resize("chunk", 4) + "  - step: settle\n    wait: 2m\n" + show("used", kUsed) +
               show("ids", kIds) +
               "  - step: pods\n    run: kubectl get pod -n iomesh-system -l app=iomesh-chunk -o name\n",
       .more =
           "checks: [redundancy-not-reduced, no-data-lost, unregister-before-shrinking, one-chunk-at-a-time, "
           "chunk-order-and-id, unregister-finishes]\n"});
  EXPECT_EQ(taken("unregister 5"), 4101s);
  EXPECT_EQ(time_of("active -> removing") - *step("unregister 5").started, 1s);
  EXPECT_EQ(printed("ids before helm"), "1 2 3 4");
  EXPECT_EQ(printed("pods before helm"), "5\n");
  EXPECT_EQ(printed("used"), "500GiB 500GiB 500GiB 500GiB");
  EXPECT_EQ(printed("ids"), "1 2 3 4");
  EXPECT_EQ(printed("pods"),
            "pod/iomesh-chunk-0\npod/iomesh-chunk-1\npod/iomesh-chunk-2\npod/iomesh-chunk-3\n");
  EXPECT_TRUE(record.passed);
}

TEST_F(StorageCase, IM02_legacy_speed) {
  rehearse({.storage = "{used: 400Gi, chunkReplicas: 5, parameters: {migrateLimit: 40Mi}}",
            .plan = unregister(5)});
  EXPECT_EQ(taken("unregister 5"), 10'240s + 5s);
}

TEST_F(StorageCase, IM03_no_room_is_refused) {
  rehearse({.storage = "{used: 850Gi, chunkReplicas: 5}",
            .plan = unregister(5, "    on_error: continue\n") + show("ids", kIds)});
  EXPECT_EQ(step("unregister 5").exit_code, 1);
  EXPECT_NE(step("unregister 5").errors().find("450GiB find no place: the other chunks have 400GiB"),
            std::string::npos)
      << step("unregister 5").errors();
  EXPECT_EQ(printed("ids"), "1 2 3 4 5");
}

TEST_F(StorageCase, IM03_no_room_stalls_when_nothing_is_checked) {
  rehearse({.storage = "{used: 850Gi, chunkReplicas: 5, parameters: {precheck: stall}}",
            .plan = unregister(5),
            .more = "checks: [no-data-lost, redundancy-not-reduced, unregister-finishes]\n"});
  EXPECT_EQ(time_of("migration done, 400GiB moved") - *step("unregister 5").started, 4096s + 5s);
  EXPECT_TRUE(told("migration stalls: 450GiB find no place"));
  EXPECT_EQ(step("unregister 5").outcome, StepOutcome::Running);
  EXPECT_EQ(verdict("no-data-lost"), Verdict::Held);
  EXPECT_EQ(verdict("redundancy-not-reduced"), Verdict::Held);
  EXPECT_EQ(verdict("unregister-finishes"), Verdict::Violated);
}

TEST_F(StorageCase, IM04_exactly_as_many_left_as_replicas) {
  rehearse({.nodes = "k8s-worker-[0-3]",
            .storage = "{used: 400Gi, chunkReplicas: 4, replicaFactor: 3}",
            .plan = unregister(4) + show("used", kUsed)});
  EXPECT_EQ(step("unregister 4").outcome, StepOutcome::Succeeded);
  EXPECT_EQ(printed("used"), "533.33GiB 533.33GiB 533.33GiB");
  EXPECT_TRUE(told("no chunk may fail afterwards"));
}

TEST_F(StorageCase, IM05_fewer_left_than_replicas) {
  rehearse({.nodes = "k8s-worker-[0-2]",
            .storage = "{used: 400Gi, chunkReplicas: 3, replicaFactor: 3}",
            .plan = unregister(3, "    on_error: continue\n")});
  EXPECT_EQ(step("unregister 3").exit_code, 1);
  EXPECT_NE(step("unregister 3").errors().find("remaining < replicaFactor"), std::string::npos);
}

TEST_F(StorageCase, IM06_three_to_two_as_in_the_document) {
  rehearse({.nodes = "k8s-worker-[0-2]",
            .storage = "{used: 400Gi, chunkReplicas: 3}",
            .plan = unregister(3) + show("used", kUsed)});
  EXPECT_TRUE(told("below-documented-minimum"));
  EXPECT_EQ(taken("unregister 3"), 4101s);
  EXPECT_EQ(printed("used"), "600GiB 600GiB");
}

TEST_F(StorageCase, IM07_two_at_once) {
  rehearse({.plan = unregister(5) + unregister(4, "    needs: []\n    after: 1m\n    on_error: continue\n"),
            .more = "checks: [one-chunk-at-a-time]\n"});
  EXPECT_EQ(step("unregister 4").exit_code, 1);
  EXPECT_NE(step("unregister 4").errors().find("chunk 5 is removing: one chunk at a time"),
            std::string::npos);
  EXPECT_EQ(verdict("one-chunk-at-a-time"), Verdict::Violated);
}

/// Lowers replicaCount first. Sessions end with their pods, as the case counts.
const char* const kSessionsEndAtOnce = "{used: 400Gi, chunkReplicas: 5, parameters: {sessionExpiry: 0s}}";

TEST_F(StorageCase, IM08_fewer_replicas_first) {
  rehearse({.storage = kSessionsEndAtOnce,
            .plan = resize("chunk", 4) + "  - step: a while\n    wait: 5m\n" + show("status", kStatus) +
                    show("used", kUsed) + "  - step: until protected\n    wait: 50m\n" + unregister(5) +
                    show("ids", kIds),
            .more = "checks: [redundancy-not-reduced, no-data-lost]\n"});
  const sim::Time deleted = time_of("deletion requested");
  const sim::Time gone = time_of("its server is gone");
  EXPECT_LT(gone - deleted - 30s, 2s);
  EXPECT_EQ(time_of("400GiB with fewer live replicas"), gone);
  EXPECT_EQ(time_of("recovery of 400GiB: at 200MiB/s"), gone + 600s);
  EXPECT_LT(time_of("all data has all its replicas") - deleted - 2682s, 2s);
  EXPECT_EQ(printed("status").substr(printed("status").rfind(' ') + 1), "CHUNK_STATUS_SESSION_EXPIRED");
  EXPECT_EQ(printed("used"), "400GiB 400GiB 400GiB 400GiB 0B");
  EXPECT_EQ(taken("unregister 5"), 1s);
  EXPECT_EQ(printed("ids"), "1 2 3 4");
  EXPECT_EQ(verdict("redundancy-not-reduced"), Verdict::Violated);
  EXPECT_EQ(verdict("no-data-lost"), Verdict::Held);
}

TEST_F(StorageCase, IM09_fewer_replicas_first_and_a_failure) {
  rehearse({.storage = kSessionsEndAtOnce,
            .plan = "  - step: begin\n    at: 5m\n    wait: 1s\n" + resize("chunk", 4),
            .more = "checks: [no-data-lost]\nfaults: [{at: 10m, node_dies: k8s-worker-3}]\n"});
  EXPECT_EQ(verdict("no-data-lost"), Verdict::Violated);
  EXPECT_EQ(summary("no-data-lost"), "100GiB lost: no live replica is left");
}

TEST_F(StorageCase, IM09_unregister_first_and_the_same_failure_at_any_time) {
  for (const char* at : {"6m", "20m", "40m", "1h", "73m"}) {
    rehearse({.storage = kSessionsEndAtOnce,
              .plan = "  - step: begin\n    at: 5m\n    wait: 1s\n" + unregister(5),
              .more = std::string("checks: [no-data-lost]\nfaults: [{at: ") + at +
                      ", node_dies: k8s-worker-3}]\n"});
    EXPECT_EQ(verdict("no-data-lost"), Verdict::Held) << at;
  }
}

TEST_F(StorageCase, IM10_too_few_workers) {
  rehearse(
      {.nodes = "k8s-worker-[0-2]",
       .storage = "{used: 400Gi, chunkReplicas: 3}",
       .plan =
           resize("chunk", 4) +
           "  - step: later\n    wait: 10m\n  - step: the fourth\n    run: kubectl get pod iomesh-chunk-3 -n "
           "iomesh-system -o jsonpath='{.status.phase}'\n" +
           show("status", kStatus),
       .more = "checks: [iomesh-limits]\n"});
  EXPECT_EQ(step("apply chunk 4").exit_code, 0);
  EXPECT_EQ(printed("the fourth"), "Pending");
  EXPECT_EQ(printed("status"),
            "CHUNK_STATUS_CONNECTED_HEALTHY CHUNK_STATUS_CONNECTED_HEALTHY CHUNK_STATUS_CONNECTED_HEALTHY");
  EXPECT_EQ(verdict("iomesh-limits"), Verdict::Violated);
}

TEST_F(StorageCase, IM11_community_edition) {
  rehearse({.storage = "{used: 400Gi, chunkReplicas: 3, edition: community}", .plan = resize("chunk", 5)});
  EXPECT_EQ(step("apply chunk 5").exit_code, 1);
  EXPECT_NE(step("apply chunk 5").errors().find("exceeds the limit of 3 (Community Edition)"),
            std::string::npos);
}

TEST_F(StorageCase, IM12_licence) {
  rehearse({.nodes = "k8s-worker-[0-5]",
            .storage = "{used: 400Gi, chunkReplicas: 4, maxChunkNum: 4}",
            .plan = resize("chunk", 5)});
  EXPECT_EQ(step("apply chunk 5").exit_code, 1);
  EXPECT_NE(step("apply chunk 5").errors().find("exceeds the limit of 4 (licence)"), std::string::npos);
}

TEST_F(StorageCase, IM13_meta_three_to_five) {
  rehearse(
      {.plan =
           resize("meta", 5) +
           "  - step: five\n    wait: 2m\n  - step: pods\n    run: kubectl get pod -n iomesh-system -l "
           "app=iomesh-meta -o jsonpath='{.items[*].spec.nodeName}'\n  - step: leader\n    run: kubectl get "
           "pod -n iomesh-system -l iomesh.com/meta-leader -o name\n"});
  std::string nodes = printed("pods");
  for (const char* node : {"k8s-worker-0", "k8s-worker-1", "k8s-worker-2", "k8s-worker-3", "k8s-worker-4"}) {
    EXPECT_NE(nodes.find(node), std::string::npos) << nodes;
  }
  EXPECT_EQ(printed("leader"), "pod/iomesh-meta-0\n");
}

TEST_F(StorageCase, IM13_meta_four_warns_seven_is_refused) {
  rehearse({.plan = resize("meta", 4) + resize("meta", 7)});
  EXPECT_EQ(step("apply meta 4").exit_code, 0);
  EXPECT_TRUE(told("there should be 3 or 5 meta servers"));
  EXPECT_EQ(step("apply meta 7").exit_code, 1);
}

TEST_F(StorageCase, IM13_meta_back_to_three_is_refused) {
  rehearse({.storage = "{used: 400Gi, chunkReplicas: 5, metaReplicas: 5}", .plan = resize("meta", 3)});
  EXPECT_EQ(step("apply meta 3").exit_code, 1);
  EXPECT_NE(step("apply meta 3").errors().find("cannot be scaled down"), std::string::npos);
}

TEST_F(StorageCase, IM13_five_meta_servers_on_four_workers) {
  rehearse(
      {.nodes = "k8s-worker-[0-3]",
       .storage = "{used: 400Gi, chunkReplicas: 4}",
       .plan =
           resize("meta", 5) +
           "  - step: later\n    wait: 10m\n  - step: the fifth\n    run: kubectl get pod iomesh-meta-4 -n "
           "iomesh-system -o jsonpath='{.status.phase}'\n"});
  EXPECT_EQ(printed("the fifth"), "Pending");
}

TEST_F(StorageCase, IM14_disk_swap_waits_for_the_counters) {
  const std::string counters =
      "    run: kubectl exec iomesh-meta-0 -n iomesh-system -c iomesh-meta -- /opt/iomesh/iomeshctl summary "
      "cluster\n";
  rehearse(
      {.plan = unregister(5) + "  - step: during\n    needs: []\n    after: 10m\n" + counters +
               "  - step: swap the disk\n    edit: {file: iomesh.yaml, set: {chunk.deviceMap: new-disk}}\n"
               "  - step: apply\n    run: helm upgrade -n iomesh-system iomesh iomesh/iomesh --values "
               "iomesh.yaml\n  - step: after\n    needs: [unregister 5, apply]\n" +
               counters,
       .more = "checks: [no-restart-during-migration]\n"});
  EXPECT_EQ(printed("during").find("num_ongoing_migrates: 0"), std::string::npos) << printed("during");
  EXPECT_NE(printed("after").find("num_ongoing_migrates: 0\nnum_pending_migrates: 0\n"), std::string::npos);
  EXPECT_GE(time_of("roll-out of new pods begins"), time_of("migration done"));
  EXPECT_EQ(verdict("no-restart-during-migration"), Verdict::Violated);
}

TEST_F(StorageCase, IM15_upgrade_waits_for_the_migration) {
  rehearse(
      {.plan =
           unregister(5) +
           "  - step: upgrade\n    needs: []\n    after: 10m\n    run: helm upgrade -n iomesh-system iomesh "
           "iomesh/iomesh --reuse-values --version 1.0.4\n"});
  EXPECT_TRUE(told("new pods wait for the end of migration and recovery"));
  EXPECT_EQ(time_of("roll-out of new pods begins"), time_of("drained -> gone"));
}

TEST_F(StorageCase, IM16_thick_volumes) {
  rehearse(
      {.storage =
           "{used: 400Gi, provisioned: 700Gi, chunkReplicas: 5, chunks: {iomesh-chunk-4: {used: 100Gi}}}",
       .plan = unregister(5) + show("provisioned", kProvisioned),
       .more = "checks: [storage-use-under]\n"});
  EXPECT_EQ(taken("unregister 5"), 1024s + 5s);
  EXPECT_EQ(printed("provisioned"), "875GiB 875GiB 875GiB 875GiB");
  EXPECT_EQ(verdict("storage-use-under"), Verdict::Violated);
  EXPECT_EQ(summary("storage-use-under"), "87.5 % of the data space in use, more than 80 %");
}

TEST_F(StorageCase, IM17_above_eighty_percent_afterwards) {
  rehearse({.storage = "{used: 648Gi, chunkReplicas: 5}",
            .plan = unregister(5),
            .more = "checks: [storage-use-under]\n"});
  EXPECT_EQ(summary("storage-use-under"), "81.0 % of the data space in use, more than 80 %");
}

TEST_F(StorageCase, IM17_below_eighty_percent_afterwards) {
  rehearse({.storage = "{used: 632Gi, chunkReplicas: 5}",
            .plan = unregister(5),
            .more = "checks: [storage-use-under]\n"});
  EXPECT_EQ(verdict("storage-use-under"), Verdict::Held);
}

}  // namespace
}  // namespace scenarios::testing_support
