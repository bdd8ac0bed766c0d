#include "models/kubernetes/garbage_collector.h"

#include <gtest/gtest.h>

#include "models/kubernetes/claim_controller.h"
#include "tests/unit/kubernetes/node_side_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

/// The garbage collector and the claim controllers act. A set `web` of three has a revision, pods that no
/// node has taken, and a claim for each ordinal.
struct OwnerWorld : TestCluster {
  OwnerWorld() : TestCluster("1.34.0", {}, round_profile()) {
    receive(ObserverId::ControllerManager, claim_controller::observe);
    receive(ObserverId::ControllerManager, garbage_collector::observe);
    handle(claim_controller::on_event);
    handle(garbage_collector::on_event);
    StatefulSetSpec spec;
    spec.replicas = 3;
    spec.pod_template = add_template("web");
    set = add_statefulset("web", spec);
    set_uid = cluster.statefulsets[set].meta.uid;
    Turn current = turn();
    ControllerRevision first;
    first.meta.name = text("web-a");
    first.meta.name_space = text("default");
    first.owner = {Kind::StatefulSet, set, set_uid};
    revision = create_revision(current, first, {Writer::StatefulSetController}).row;
    for (std::int32_t ordinal = 0; ordinal < 3; ++ordinal) {
      pods.push_back(add_pod_of_set(ordinal));
      claims.push_back(add_claim(ordinal));
    }
    run_until(100s);
  }
  Row add_pod_of_set(std::int32_t ordinal) {
    Pod pod;
    pod.meta.name_space = text("default");
    pod.base_name = text("web");
    pod.index = ordinal;
    pod.pod_template = cluster.statefulsets[set].spec.pod_template;
    pod.owner = {Kind::StatefulSet, set, set_uid};
    Turn current = turn();
    return create_pod(current, pod, {Writer::StatefulSetController}).row;
  }
  Row add_claim(std::int32_t ordinal) {
    PersistentVolumeClaim claim;
    claim.meta.name = text(fmt::format("data-web-{}", ordinal));
    claim.meta.name_space = text("default");
    claim.set_name = text("web");
    claim.ordinal = ordinal;
    Turn current = turn();
    return create_claim(current, claim, {Writer::StatefulSetController}).row;
  }
  void own(Row claim, Uid owner_set, Uid owner_pod) {
    Turn current = turn();
    update<PersistentVolumeClaim>(current, claim, {Writer::StatefulSetController}, Verb::Update,
                                  [&](PersistentVolumeClaim& changed) {
                                    changed.owner_set = owner_set;
                                    changed.owner_pod = owner_pod;
                                  });
    settle();
  }
  [[nodiscard]] int pods_left() const {
    int left = 0;
    for (const Row pod : pods) {
      left += cluster.pods.exists(pod) ? 1 : 0;
    }
    return left;
  }
  Row set = kNoRow;
  Uid set_uid = 0;
  Row revision = kNoRow;
  std::vector<Row> pods;
  std::vector<Row> claims;
};

TEST(GarbageCollector, InTheBackgroundDependentsFollowTheirOwner) {
  OwnerWorld world;
  Turn turn = world.turn();
  delete_statefulset(turn, world.set, {Writer::User});
  EXPECT_FALSE(world.cluster.statefulsets.exists(world.set));
  world.run_until(100s + 400ms);
  EXPECT_EQ(world.pods_left(), 3);
  world.run_until(101s);
  EXPECT_EQ(world.pods_left(), 0);
  EXPECT_FALSE(world.cluster.revisions.exists(world.revision));
  EXPECT_TRUE(world.cluster.claims.exists(world.claims[0])) << "claims without an owner stay";
  const std::vector<sim::Transition> removed = world.transitions(Field::Removed, Writer::GarbageCollector);
  ASSERT_FALSE(removed.empty());
  EXPECT_EQ(world.subject_of(removed.front()), "web-0");
}

TEST(GarbageCollector, InTheForegroundTheOwnerWaitsForItsDependents) {
  OwnerWorld world;
  world.change_pod(world.pods[1], [](Pod& pod) { pod.foreign_finalizer = true; }, Writer::User);
  Turn turn = world.turn();
  delete_statefulset(turn, world.set, {Writer::User}, Propagation::Foreground);
  world.run_until(200s);
  EXPECT_EQ(world.pods_left(), 1) << "one is kept by its finalizer";
  EXPECT_TRUE(world.cluster.statefulsets.exists(world.set));
  world.change_pod(world.pods[1], [](Pod& pod) { pod.foreign_finalizer = false; }, Writer::User);
  remove_pod_if_finalized(turn, world.pods[1], {Writer::User});
  world.run_until(201s);
  EXPECT_FALSE(world.cluster.statefulsets.exists(world.set));
}

TEST(GarbageCollector, WhatIsMadeWhileTheOwnerWaitsGoesWhenADependentWent) {
  OwnerWorld world;
  world.change_pod(world.pods[1], [](Pod& pod) { pod.foreign_finalizer = true; }, Writer::User);
  Turn turn = world.turn();
  delete_statefulset(turn, world.set, {Writer::User}, Propagation::Foreground);
  world.run_until(150s);
  ControllerRevision late;
  late.meta.name = world.text("web-b");
  late.meta.name_space = world.text("default");
  late.owner = {Kind::StatefulSet, world.set, world.set_uid};
  const Row row = create_revision(turn, late, {Writer::StatefulSetController}).row;
  world.run_until(160s);
  EXPECT_TRUE(world.cluster.revisions.exists(row)) << "nobody looks at the owner";
  world.change_pod(world.pods[1], [](Pod& pod) { pod.foreign_finalizer = false; }, Writer::User);
  remove_pod_if_finalized(turn, world.pods[1], {Writer::User});
  world.run_until(162s);
  EXPECT_FALSE(world.cluster.revisions.exists(row));
  EXPECT_FALSE(world.cluster.statefulsets.exists(world.set));
}

TEST(GarbageCollector, OrphansOutliveTheirOwner) {
  OwnerWorld world;
  Turn turn = world.turn();
  delete_statefulset(turn, world.set, {Writer::User}, Propagation::Orphan);
  world.run_until(200s);
  EXPECT_FALSE(world.cluster.statefulsets.exists(world.set));
  EXPECT_EQ(world.pods_left(), 3);
  EXPECT_EQ(world.cluster.pods[world.pods[0]].owner.kind, Kind::None);
  EXPECT_TRUE(world.cluster.revisions.exists(world.revision));
}

TEST(GarbageCollector, APodCreatedForAnOwnerThatIsGoneIsCollected) {
  OwnerWorld world;
  Turn turn = world.turn();
  delete_statefulset(turn, world.set, {Writer::User});
  const Row late = world.add_pod_of_set(7);
  world.run_until(200s);
  EXPECT_FALSE(world.cluster.pods.exists(late));
}

TEST(GarbageCollector, ClaimsFollowThePodThatOwnsThem) {
  OwnerWorld world;
  world.own(world.claims[2], 0, world.cluster.pods[world.pods[2]].meta.uid);
  Turn turn = world.turn();
  delete_pod(turn, world.pods[2], {Writer::User});
  world.run_until(200s);
  EXPECT_FALSE(world.cluster.claims.exists(world.claims[2]));
  EXPECT_TRUE(world.cluster.claims.exists(world.claims[1]));
}

TEST(GarbageCollector, AClaimWhosePodIsGoneAlreadyIsCollected) {
  OwnerWorld world;
  const Uid uid = world.cluster.pods[world.pods[2]].meta.uid;
  Turn turn = world.turn();
  delete_pod(turn, world.pods[2], {Writer::User});
  world.run_until(150s);
  world.own(world.claims[2], 0, uid);
  world.run_until(200s);
  EXPECT_FALSE(world.cluster.claims.exists(world.claims[2]));
}

TEST(GarbageCollector, ASecondOwnerHoldsAClaim) {
  OwnerWorld world;
  world.own(world.claims[2], world.set_uid, world.cluster.pods[world.pods[2]].meta.uid);
  Turn turn = world.turn();
  delete_pod(turn, world.pods[2], {Writer::User});
  world.run_until(200s);
  ASSERT_TRUE(world.cluster.claims.exists(world.claims[2]));
  EXPECT_EQ(world.cluster.claims[world.claims[2]].owner_pod, 0U);
  delete_statefulset(turn, world.set, {Writer::User});
  world.run_until(300s);
  EXPECT_FALSE(world.cluster.claims.exists(world.claims[2]));
}

TEST(GarbageCollector, DeletesTwentyObjectsASecondAfterABurst) {
  OwnerWorld world;
  for (std::int32_t ordinal = 3; ordinal < 203; ++ordinal) {
    world.pods.push_back(world.add_pod_of_set(ordinal));
  }
  world.run_until(200s);
  Turn turn = world.turn();
  delete_statefulset(turn, world.set, {Writer::User});
  world.run_until(200s + 500ms);
  EXPECT_EQ(203 - world.pods_left(), 15) << "thirty requests at once, two a deletion";
  world.run_until(205s + 500ms);
  EXPECT_EQ(203 - world.pods_left(), 115);
  world.run_until(300s);
  EXPECT_EQ(world.pods_left(), 0);
}

TEST(GarbageCollector, ARestartLosesNothing) {
  OwnerWorld world;
  Turn turn = world.turn();
  delete_statefulset(turn, world.set, {Writer::User});
  world.run_until(100s + 100ms);
  garbage_collector::restart(turn, sim::kNoTransition);
  world.run_until(200s);
  EXPECT_EQ(world.pods_left(), 0);
  EXPECT_FALSE(world.cluster.revisions.exists(world.revision));
}

// -----------------------------------------------------------------------------------------------------------
// Claims

TEST(ClaimController, BindsAClaimOnceAVolumeIsProvisioned) {
  OwnerWorld world;
  const Row claim = world.add_claim(9);
  world.run_until(100s + 900ms);
  EXPECT_EQ(world.cluster.claims[claim].phase, ClaimPhase::Pending);
  world.run_until(101s);
  EXPECT_EQ(world.cluster.claims[claim].phase, ClaimPhase::Bound);
  EXPECT_NE(world.cluster.claims[claim].volume, 0U);
}

TEST(ClaimController, AClaimInUseStaysTerminatingUntilItsPodIsGone) {
  OwnerWorld world;
  const Row node = world.add_node("worker-0");
  world.bind(world.pods[0], node);
  Turn turn = world.turn();
  delete_claim(turn, world.claims[0], {Writer::User});
  delete_claim(turn, world.claims[1], {Writer::User});
  world.run_until(200s);
  EXPECT_TRUE(world.cluster.claims.exists(world.claims[0]));
  EXPECT_FALSE(world.cluster.claims.exists(world.claims[1]))
      << "its pod has no node, so it does not use the claim";
  world.succeed(world.pods[0]);
  world.run_until(300s);
  EXPECT_TRUE(world.cluster.claims.exists(world.claims[0])) << "a finished pod still holds it";
  world.remove(world.pods[0]);
  world.run_until(301s);
  EXPECT_FALSE(world.cluster.claims.exists(world.claims[0]));
}

}  // namespace
}  // namespace models::kubernetes
