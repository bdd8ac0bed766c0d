// Rows of the table of StatefulSet cases that are about PersistentVolumeClaims. The garbage collector's part
// is played by hand.

#include <gtest/gtest.h>

#include "models/kubernetes/statefulset_claims.h"
#include "tests/unit/kubernetes/statefulset_case.h"

namespace models::kubernetes::testing_support {
namespace {

const PersistentVolumeClaim& claim_at(const StatefulSetStory& story, std::int32_t ordinal) {
  return story.world.cluster.claims[story.claim(ordinal)];
}

Uid uid_of_pod(const StatefulSetStory& story, std::int32_t ordinal) {
  return story.world.cluster.pods[story.pod(ordinal)].meta.uid;
}

Uid uid_of_set(const StatefulSetStory& story) {
  return story.world.cluster.statefulsets[story.set()].meta.uid;
}

/// As the garbage collector and the claim protection do once the pod that owns a claim is gone.
void collect_claim(StatefulSetStory& story, std::int32_t ordinal) {
  Turn turn = story.world.turn();
  const Row row = story.claim(ordinal);
  delete_claim(turn, row, {Writer::GarbageCollector});
  remove_claim_protection(turn, row, {Writer::PersistentVolumeClaimProtection});
}

TEST(StatefulSetClaims, Row32_RetainedClaimsAreReused) {
  StatefulSetStory story("3 claims");
  const Uid first = claim_at(story, 1).meta.uid;
  EXPECT_EQ(story.play("->1: D2 | gone: D1 | gone: -"), "");
  ASSERT_NE(story.claim(1), kNoRow);
  ASSERT_NE(story.claim(2), kNoRow);
  EXPECT_EQ(story.play("->3: C1 | ready: C2 | ready: -"), "");
  EXPECT_EQ(claim_at(story, 1).meta.uid, first);
  EXPECT_EQ(claim_at(story, 1).owner_set, 0U);
  EXPECT_EQ(claim_at(story, 1).owner_pod, 0U);
}

TEST(StatefulSetClaims, Row33_ScaledDeleteTakesTheClaimsAlong) {
  StatefulSetStory story("3 claims scaled=Delete");
  EXPECT_EQ(story.play("->1: D2"), "");
  EXPECT_EQ(claim_at(story, 0).owner_pod, 0U);
  EXPECT_EQ(claim_at(story, 1).owner_pod, uid_of_pod(story, 1));
  EXPECT_EQ(claim_at(story, 2).owner_pod, uid_of_pod(story, 2));
  EXPECT_EQ(story.play("2 gone: D1"), "");
  collect_claim(story, 2);
  EXPECT_EQ(story.play("1 gone: -"), "");
  collect_claim(story, 1);
  story.world.settle();
  EXPECT_NE(story.claim(0), kNoRow);
  EXPECT_EQ(story.claim(1), kNoRow);
  EXPECT_EQ(story.claim(2), kNoRow);
}

TEST(StatefulSetClaims, Row34_ClaimOfAPendingPodIsRecreated) {
  StatefulSetStory story("none claims");
  EXPECT_EQ(story.play("create 1: C0"), "");
  const Uid pod = uid_of_pod(story, 0);
  collect_claim(story, 0);
  story.world.settle();
  ASSERT_EQ(story.claim(0), kNoRow) << "claims do not wake the controller";
  EXPECT_EQ(story.play("0 touched: -"), "");
  EXPECT_NE(story.claim(0), kNoRow);
  EXPECT_EQ(uid_of_pod(story, 0), pod);
}

TEST(StatefulSetClaims, ClaimsAreCreatedBeforeTheirPod) {
  StatefulSetStory story("1 claims");
  EXPECT_LT(claim_at(story, 0).meta.resource_version, 0xffffffffU);
  EXPECT_LT(claim_at(story, 0).meta.uid, uid_of_pod(story, 0));
  EXPECT_EQ(story.world.cluster.strings[claim_at(story, 0).meta.name], "data-web-0");
}

TEST(StatefulSetClaims, FailedClaimMeansNoPod) {
  StatefulSetStory story("none claims");
  story.world.cluster.write_faults.push_back(
      {Kind::PersistentVolumeClaim, static_cast<std::uint8_t>(Verb::Create), 1, 0});
  EXPECT_EQ(story.play("create 1: C0!, C0"), "");
  ASSERT_FALSE(story.errors().empty());
  EXPECT_EQ(
      story.errors().front(),
      "create Pod web-0 in StatefulSet web failed error: failed to create PVC data-web-0: Internal error "
      "occurred: injected failure");
}

TEST(StatefulSetClaims, ClaimThatIsBeingDeletedBlocksItsPod) {
  StatefulSetStory story("1 claims");
  Turn turn = story.world.turn();
  delete_claim(turn, story.claim(0), {Writer::User});
  EXPECT_EQ(story.play("0 vanish: C0!"), "");
  EXPECT_EQ(story.errors().back(),
            "create Pod web-0 in StatefulSet web failed error: pvc data-web-0 is being deleted");
  remove_claim_protection(turn, story.claim(0), {Writer::PersistentVolumeClaimProtection});
  EXPECT_EQ(story.play("wait 1s: C0"), "");
}

TEST(StatefulSetClaims, StaleClaimIsAwaitedWithoutErrorOrTimer) {
  StatefulSetStory story("2 claims scaled=Delete");
  EXPECT_EQ(story.play("->1: D1 | ->2: - | 1 gone: -; waits ClaimStale"), "");
  EXPECT_TRUE(story.errors().empty());
  EXPECT_EQ(story.play("wait 1h: -"), "");
  collect_claim(story, 1);
  EXPECT_EQ(story.play("wait 1h: - | touched: C1"), "");
}

TEST(StatefulSetClaims, ParallelTakesItsClaimBackWhileThePodTerminates) {
  StatefulSetStory story("2 parallel claims scaled=Delete");
  EXPECT_EQ(story.play("->1: D1"), "");
  EXPECT_NE(claim_at(story, 1).owner_pod, 0U);
  EXPECT_EQ(story.play("->2: -; waits PodTerminating 1"), "");
  EXPECT_EQ(claim_at(story, 1).owner_pod, 0U);
  EXPECT_EQ(story.play("1 gone: C1"), "");
}

TEST(StatefulSetClaims, ReplacedPodKeepsItsClaim) {
  StatefulSetStory story("2 claims scaled=Delete deleted=Delete");
  const Uid claim = claim_at(story, 1).meta.uid;
  EXPECT_EQ(story.play("1 failed: D1, C1 | ready: -"), "");
  EXPECT_EQ(claim_at(story, 1).meta.uid, claim);
  EXPECT_EQ(claim_at(story, 1).owner_set, uid_of_set(story));
}

TEST(StatefulSetClaims, GateThatIsOffKeepsClaimsWithoutOwners) {
  StatefulSetStory story("2 claims scaled=Delete deleted=Delete", "1.26.0");
  EXPECT_EQ(story.play("->1: D1 | gone: -"), "");
  EXPECT_EQ(claim_at(story, 0).owner_set, 0U);
  EXPECT_EQ(claim_at(story, 1).owner_pod, 0U);
}

// The owners that the policy wants
// -----------------------------------------------------------------------------

struct OwnersCase {
  ClaimRetention when_scaled;
  ClaimRetention when_deleted;
  ClaimOwners in_range;
  ClaimOwners condemned;
  friend std::ostream& operator<<(std::ostream& os, const OwnersCase& c) {
    return os << (c.when_scaled == ClaimRetention::Delete ? "Delete" : "Retain") << "/"
              << (c.when_deleted == ClaimRetention::Delete ? "Delete" : "Retain");
  }
};

class ClaimOwnersTable : public testing::TestWithParam<OwnersCase> {};

TEST_P(ClaimOwnersTable, FollowsThePolicy) {
  const OwnersCase& c = GetParam();
  StatefulSetSpec spec;
  spec.when_scaled = c.when_scaled;
  spec.when_deleted = c.when_deleted;
  constexpr Uid kSet = 1;
  constexpr Uid kPod = 2;
  EXPECT_EQ(wanted_owners(spec, kSet, true, kPod), c.in_range);
  EXPECT_EQ(wanted_owners(spec, kSet, false, kPod), c.condemned);
}

constexpr auto kRetain = ClaimRetention::Retain;
constexpr auto kDelete = ClaimRetention::Delete;
const OwnersCase kOwners[] = {
    {kRetain, kRetain, {0, 0}, {0, 0}},
    {kRetain, kDelete, {1, 0}, {1, 0}},
    {kDelete, kRetain, {0, 0}, {0, 2}},
    {kDelete, kDelete, {1, 0}, {0, 2}},
};
INSTANTIATE_TEST_SUITE_P(Table, ClaimOwnersTable, testing::ValuesIn(kOwners));

TEST(ClaimOwners, ClaimsOfOthersAreLeftAlone) {
  StatefulSetSpec spec;
  spec.when_scaled = kDelete;
  PersistentVolumeClaim claim;
  claim.owner_set = 7;  // an earlier set of the same name
  EXPECT_TRUE(owners_up_to_date(claim, spec, 1, false, 2));
  claim = {};
  claim.owner_pod = 7;  // an earlier pod of the same name
  EXPECT_TRUE(owners_up_to_date(claim, spec, 1, false, 2));
  claim = {};
  claim.foreign_controller = true;
  EXPECT_TRUE(owners_up_to_date(claim, spec, 1, false, 2));
  claim.owner_pod = 2;  // beside another controller, the set's own reference goes
  EXPECT_FALSE(owners_up_to_date(claim, spec, 1, false, 2));
  EXPECT_EQ(corrected_owners(claim, spec, 1, false, 2), ClaimOwners{});
}

}  // namespace
}  // namespace models::kubernetes::testing_support
