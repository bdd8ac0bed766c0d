// How long a node holds a volume of the cloud, and whom it refuses meanwhile. A volume that is attached to
// two nodes, or taken from one that writes to it, is lost data; one that is held too long is a stall.

#include <gtest/gtest.h>

#include <ostream>

#include "tests/unit/nodes/volume_world.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

void remove_claim(VolumeWorld& world) {
  Turn turn = world.turn();
  ASSERT_TRUE(delete_claim(turn, world.claim_row, {Writer::User}).ok());
  ASSERT_TRUE(remove_claim_protection(turn, world.claim_row, {Writer::User}).ok());
  ASSERT_FALSE(world.cluster.claims.exists(world.claim_row));
}

// Source: pkg/volume/util/util.go IsPodTerminated, notRunning: a deleted pod none of whose
// containers runs wants no volume, though its object stays.
TEST(VolumeHold, OfADeletedPodThatNeverRanEndsSixMinutesLater) {
  VolumeWorld world;
  world.run_until(world.start + 11s);
  ASSERT_EQ(world.attached_to(), "worker-1");
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  Turn turn = world.turn();
  ASSERT_TRUE(delete_pod(turn, world.db, {Writer::User}).ok());
  world.run_for(6min);
  EXPECT_EQ(world.attached_to(), "worker-1");
  world.run_for(10s);
  ASSERT_TRUE(world.cluster.pods.exists(world.db)) << "Terminating";
  EXPECT_EQ(world.attached_to(), "");
}

TEST(VolumeHold, OfAPodThatHasEndedIsOver) {
  VolumeWorld world;
  world.run_for(20s);
  world.fail(world.db);
  world.run_for(10s);
  ASSERT_TRUE(world.cluster.pods.exists(world.db));
  EXPECT_EQ(world.attached_to(), "");
}

TEST(VolumeHold, OnALostNodeBeginsAnewWhenAPodWantedItMeanwhile) {
  VolumeWorld world;
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.run_for(10min);
  world.remove_now(world.db);
  world.run_for(3min);
  const Row again = world.add("again", world.nodes[1]);
  world.run_for(2min);
  world.remove_now(again);
  world.run_for(5min);
  EXPECT_EQ(world.attached_to(), "worker-1") << "ten minutes after the first, five after the second";
  world.run_for(70s);
  EXPECT_EQ(world.attached_to(), "");
}

// Source: reconciler.go nodeIsHealthy: a node that the lister does not know is not healthy.
TEST(VolumeHold, OfANodeThatWasDeletedWhileItWasReadyEndsSixMinutesLater) {
  VolumeWorld world;
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.strike(FaultKind::NodeDeleted, world.nodes[1]);
  ASSERT_TRUE(world.cluster.nodes[world.nodes[1]].ready) << "as it was last";
  world.run_for(2min);
  ASSERT_FALSE(world.cluster.pods.exists(world.db)) << "PodGC";
  EXPECT_EQ(world.attached_to(), "worker-1");
  world.run_for(6min);
  EXPECT_EQ(world.attached_to(), "");
}

// Source: reconciler.go hasOutOfServiceTaint: the taint of a node that is gone does not count.
TEST(VolumeHold, ATaintWentWithItsNode) {
  VolumeWorld world;
  world.run_for(20s);
  world.set_taints({{kOutOfService.key, "", "NoSchedule"}}, world.nodes[1]);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.strike(FaultKind::NodeDeleted, world.nodes[1]);
  world.run_for(3min);
  ASSERT_FALSE(world.cluster.pods.exists(world.db));
  EXPECT_EQ(world.attached_to(), "worker-1");
  world.run_for(6min);
  EXPECT_EQ(world.attached_to(), "");
}

struct ModeCase {
  const char* name;
  const char* mode;
  bool shared;
  friend std::ostream& operator<<(std::ostream& os, const ModeCase& row) { return os << row.name; }
};

// Source: pkg/volume/util/util.go IsMultiAttachAllowed.
const ModeCase kModes[] = {
    {"read_write_once", "ReadWriteOnce", false},
    {"read_write_once_pod", "ReadWriteOncePod", false},
    {"read_write_many", "ReadWriteMany", true},
    {"read_only_many", "ReadOnlyMany", true},
};

class AccessModes : public testing::TestWithParam<ModeCase> {};

TEST_P(AccessModes, SayWhetherTwoNodesMayHaveTheVolume) {
  VolumeWorld world;
  world.run_for(20s);
  world.remove_now(world.db);
  world.run_for(10s);
  remove_claim(world);
  world.add_claim("data", ClaimPhase::Bound, GetParam().mode);
  world.add("one", world.nodes[1]);
  world.run_for(20s);
  const Row two = world.add("two", world.nodes[2]);
  world.run_for(20s);
  EXPECT_EQ(world.runs(two), GetParam().shared);
  EXPECT_EQ(world.attached_to(), GetParam().shared ? "worker-1 worker-2" : "worker-1");
}

INSTANTIATE_TEST_SUITE_P(VolumeHold, AccessModes, testing::ValuesIn(kModes), name_of_case<ModeCase>);

TEST(VolumeHold, OfTwoPodsThatComeAtOnceOnlyOneGetsIt) {
  VolumeWorld world;
  const Row other = world.add("other", world.nodes[2]);
  const Row beside = world.add("beside", world.nodes[1]);
  world.run_for(10min);
  EXPECT_EQ(world.attached_to(), "worker-1");
  EXPECT_TRUE(world.runs(world.db));
  EXPECT_TRUE(world.runs(beside));
  EXPECT_FALSE(world.runs(other));
}

TEST(VolumeHold, IsToldOnceAPodThoughManyPassesMeetIt) {
  VolumeWorld world;
  world.run_for(20s);
  const Row other = world.add("other", world.nodes[2]);
  for (int i = 0; i < 3; ++i) {
    world.run_for(10s);
    world.add("beside-" + std::to_string(i), world.nodes[1]);
  }
  world.run_for(1min);
  EXPECT_EQ(world.warnings(other, "Multi-Attach"), 1);
  Turn turn = world.turn();
  attach_detach_controller::restart(turn, sim::kNoTransition);
  world.run_for(10s);
  EXPECT_EQ(world.warnings(other, "Multi-Attach"), 2) << "a new manager does not know who was told";
}

// Source: reconciler.go attachDesiredVolumes: while a request about the volume is pending nothing is
// reported.
TEST(VolumeHold, IsNotToldWhileTheVolumeIsBeingDetached) {
  VolumeWorld world;
  world.run_for(20s);
  world.remove_now(world.db);
  world.run_for(1s);
  const Row next = world.add("next", world.nodes[2]);
  world.run_for(30s);
  EXPECT_TRUE(world.runs(next));
  EXPECT_EQ(world.warnings(next, "Multi-Attach"), 0);
}

TEST(VolumeHold, OfAClaimThatIsMadeAnewBelongsToItsPredecessor) {
  VolumeWorld world;
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.run_for(1min);
  world.remove_now(world.db);
  remove_claim(world);
  world.run_for(1s);
  world.add_claim("data", ClaimPhase::Bound);
  const Row next = world.add("next", world.nodes[2]);
  world.run_for(20s);
  EXPECT_TRUE(world.runs(next)) << "its volume is another";
  EXPECT_EQ(world.attached_to(), "worker-1 worker-2");
}

TEST(VolumeHold, BeginsWhenTheClaimIsBound) {
  VolumeWorld world;
  world.run_for(20s);
  world.remove_now(world.db);
  world.run_for(10s);
  remove_claim(world);
  const Row claim = world.add_claim("data", ClaimPhase::Pending);
  const Row next = world.add("next", world.nodes[2]);
  world.run_for(1min);
  EXPECT_EQ(world.attached_to(), "") << "there is no volume yet";
  EXPECT_FALSE(world.runs(next));
  Turn turn = world.turn();
  update<PersistentVolumeClaim>(turn, claim, {Writer::User}, Verb::UpdateStatus,
                                [](PersistentVolumeClaim& changed) { changed.phase = ClaimPhase::Bound; });
  world.run_for(13s);
  EXPECT_EQ(world.attached_to(), "worker-2");
  EXPECT_TRUE(world.runs(next));
}

TEST(VolumeHold, OfAPodThatIsFoundRunningIsThereAlready) {
  VolumeWorld world;
  world.run_for(20s);
  world.cluster.attach_detach.attachments.clear();  // as when a cluster is loaded
  Turn turn = world.turn();
  attach_detach_controller::restart(turn, sim::kNoTransition);
  world.run_for(1s);
  ASSERT_EQ(world.attached_to(), "worker-1");
  EXPECT_EQ(world.cluster.attach_detach.attachments.front().stage, VolumeAttachment::Stage::Attached);
}

// Source: reconciler.go: attachments are kept by the name of the node.
TEST(VolumeHold, GoesOnWhenTheNodeRegistersAnew) {
  VolumeWorld world;
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.strike(FaultKind::NodeDeleted, world.nodes[1]);
  world.run_for(5s);
  world.strike(FaultKind::NodeReturns, world.nodes[1]);
  const Row anew = world.cluster.find_node("worker-1");
  ASSERT_NE(anew, kNoRow);
  const Row beside = world.add("beside", anew);  // its kubelet waits until the attachment is the new Node's
  world.run_for(5s);
  ASSERT_EQ(world.cluster.attach_detach.attachments.size(), 1U);
  EXPECT_EQ(world.cluster.attach_detach.attachments.front().node, anew);
  EXPECT_TRUE(world.runs(world.db));
  EXPECT_TRUE(world.runs(beside));
}

TEST(VolumeHold, OfAClaimThatIsMadeAnewEndsThoughANewPodIsThere) {
  VolumeWorld world;
  world.run_for(20s);
  world.remove_now(world.db);
  remove_claim(world);
  const Row claim = world.add_claim("data", ClaimPhase::Bound);
  const Row next = world.add("next", world.nodes[1]);
  world.run_for(20s);
  EXPECT_TRUE(world.runs(next));
  ASSERT_EQ(world.attached_to(), "worker-1");
  EXPECT_EQ(world.cluster.attach_detach.attachments.front().uid, world.cluster.claims[claim].meta.uid);
}

// Source: reconciler.go reconcile, MarkDesireToDetach: told as forced where the node has not said that it is
// unmounted.
TEST(VolumeHold, ThatEndsByForceIsToldAsSuch) {
  for (const bool lost : {false, true}) {
    VolumeWorld world;
    world.run_for(20s);
    if (lost) {
      world.strike(FaultKind::NodeDies, world.nodes[1]);
    }
    world.run_for(2min);
    world.remove_now(world.db);
    world.run_for(7min);
    const auto detached = world.transitions(Field::ClaimDetached, Writer::AttachDetachController);
    ASSERT_EQ(detached.size(), 1U);
    EXPECT_EQ(detached.front().to, lost ? 1 : 0);
  }
}

}  // namespace
}  // namespace models::kubernetes
