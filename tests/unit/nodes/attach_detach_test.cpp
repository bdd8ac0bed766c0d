// Volumes of the cloud: attached before a pod starts, detached when no pod of the node wants them.

#include <gtest/gtest.h>

#include "tests/unit/nodes/volume_world.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

TEST(AttachDetach, APodStartsOnceItsVolumeIsAttached) {
  VolumeWorld world;
  world.run_until(world.start + 11s);
  EXPECT_FALSE(world.runs(world.db));
  EXPECT_EQ(world.attached_to(), "worker-1");
  world.run_until(world.start + 13s);
  EXPECT_TRUE(world.runs(world.db));
}

struct ProvisionerCase {
  const char* name;
  const char* provisioner;
  std::vector<StorageDriver> drivers;
  bool attaches;
  friend std::ostream& operator<<(std::ostream& os, const ProvisionerCase& row) { return os << row.name; }
};

const ProvisionerCase kProvisioners[] = {
    {"local_paths", "rancher.io/local-path", {}, false},
    {"local_volumes", "kubernetes.io/no-provisioner", {}, false},
    {"file_shares", "k8s-sigs.io/nfs-subdir-external-provisioner", {}, false},
    {"csi_without_a_driver_object", "ebs.csi.aws.com", {}, true},
    {"csi_first", "csi.vsphere.vmware.com", {}, true},
    {"csi_with_a_dash", "com.iomesh.csi-driver", {}, true},
    {"csi_only_as_a_whole_word", "scsi.example.com", {}, false},
    {"nor_as_the_beginning_of_one", "csinfs.example.com", {}, false},
    {"in_tree_disks", "kubernetes.io/gce-pd", {}, true},
    {"in_tree_file_shares", "kubernetes.io/azure-file", {}, false},
    {"a_driver_that_needs_none", "nfs.csi.k8s.io", {{"nfs.csi.k8s.io", false}}, false},
    {"a_driver_that_needs_it", "driver.longhorn.io", {{"driver.longhorn.io", true}}, true},
    {"the_driver_of_another", "driver.longhorn.io", {{"ebs.csi.aws.com", true}}, false},
    {"the_first_that_is_told_counts", "x.csi.io", {{"x.csi.io", false}, {"x.csi.io", true}}, false},
};

class Provisioners : public testing::TestWithParam<ProvisionerCase> {};

TEST_P(Provisioners, AttachTheirVolumesOrHoldNothingUp) {
  VolumeWorld world(GetParam().provisioner, true, GetParam().drivers);
  world.run_until(world.start + 3s);
  EXPECT_EQ(world.runs(world.db), !GetParam().attaches);
  EXPECT_EQ(world.attached_to(), GetParam().attaches ? "worker-1" : "");
  world.run_until(world.start + 13s);
  EXPECT_TRUE(world.runs(world.db));
}

INSTANTIATE_TEST_SUITE_P(Cases, Provisioners, testing::ValuesIn(kProvisioners),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(AttachDetach, AVolumeFollowsItsPodFromAHealthyNode) {
  VolumeWorld world;
  world.run_for(20s);
  Turn turn = world.turn();
  ASSERT_TRUE(delete_pod(turn, world.db, {Writer::User}).ok());
  world.run_for(2s);
  const Row next = world.add("next", world.nodes[2]);
  world.run_for(16s);
  EXPECT_FALSE(world.runs(next));
  world.run_for(3s);
  EXPECT_TRUE(world.runs(next)) << "5 s to detach, 10 s to attach, 2 s to start";
  EXPECT_EQ(world.attached_to(), "worker-2");
}

TEST(AttachDetach, TheVolumeOfARunningPodIsRefusedToOthersAndThatIsToldOnce) {
  VolumeWorld world;
  world.run_for(20s);
  const Row other = world.add("other", world.nodes[2]);
  world.run_for(10min);
  EXPECT_FALSE(world.runs(other));
  EXPECT_EQ(
      world.warnings(other, "Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) db"),
      1);
}

TEST(AttachDetach, APodOnTheSameNodeNeedsNoSecondAttachment) {
  VolumeWorld world;
  world.run_for(20s);
  const Row other = world.add("other", world.nodes[1]);
  world.run_for(3s);
  EXPECT_TRUE(world.runs(other));
}

TEST(AttachDetach, WhileThePodIsTerminatingOnALostNodeItsVolumeStays) {
  VolumeWorld world;
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.run_for(30min);
  ASSERT_TRUE(world.cluster.pods.exists(world.db));
  EXPECT_TRUE(world.cluster.pods[world.db].meta.deleting());
  EXPECT_EQ(world.attached_to(), "worker-1");
}

TEST(AttachDetach, OnceThePodIsGoneFromALostNodeSixMinutesPass) {
  VolumeWorld world;
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.run_for(10min);
  world.remove_now(world.db);
  const Row next = world.add("next", world.nodes[2]);
  world.run_for(6min);
  EXPECT_EQ(world.attached_to(), "worker-1");
  EXPECT_EQ(world.warnings(next, "already exclusively attached to one node"), 1);
  world.run_for(20s);
  EXPECT_EQ(world.attached_to(), "worker-2");
  EXPECT_TRUE(world.runs(next));
}

TEST(AttachDetach, WithTheFlagAMountedVolumeStaysForEver) {
  VolumeWorld world("cinder.csi.openstack.org", false);
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.run_for(10min);
  world.remove_now(world.db);
  world.run_for(60min);
  EXPECT_EQ(world.attached_to(), "worker-1");
}

TEST(AttachDetach, TheOutOfServiceTaintDetachesAtOnce) {
  VolumeWorld world;
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.run_for(2min);
  world.set_taints({kOutOfService}, world.nodes[1]);
  world.run_for(30s);
  EXPECT_FALSE(world.cluster.pods.exists(world.db));
  EXPECT_EQ(world.attached_to(), "");
}

TEST(AttachDetach, AKubeletThatComesBackUnmountsWhatNobodyUses) {
  VolumeWorld world;
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.run_for(10min);
  world.remove_now(world.db);
  world.run_for(1min);
  EXPECT_EQ(world.attached_to(), "worker-1");
  Turn turn = world.turn();
  ASSERT_TRUE(node_power::power_on(turn, world.nodes[1], {Writer::User}));
  world.run_for(10s);
  EXPECT_EQ(world.attached_to(), "");
}

TEST(AttachDetach, ARestartOfTheControllerManagerBeginsTheWaitAnew) {
  VolumeWorld world;
  world.run_for(20s);
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.run_for(10min);
  world.remove_now(world.db);
  world.run_for(5min);
  Turn turn = world.turn();
  attach_detach_controller::restart(turn, sim::kNoTransition);
  world.run_for(5min);
  EXPECT_EQ(world.attached_to(), "worker-1");
  world.run_for(70s);
  EXPECT_EQ(world.attached_to(), "");
}

}  // namespace
}  // namespace models::kubernetes
