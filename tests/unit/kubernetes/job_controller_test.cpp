// Stories of whole Jobs: rows of the case table that come from upstream's integration and end-to-end tests
// and from the Flux example. The test moves pods by hand; controller, API and watch log are the real ones.
// Upstream's tests shorten the pod backoff; here it is 10 s, and time is cheap.

#include "models/kubernetes/job_controller.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/unit/kubernetes/job_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

IndexSet set_of(std::initializer_list<int> indexes) { return IndexSet::of(std::vector<int>(indexes)); }

TEST(IndexedJob, Row9_RunsEveryIndexToSuccess) {
  JobWorld world;
  world.create(indexed(3, 4));
  EXPECT_EQ(world.active_indexes(), "0,1,2");
  world.work(2s);
  world.succeed_index(1);
  world.work(5s);
  EXPECT_EQ(world.active_indexes(), "0,2,3");
  EXPECT_EQ(world.completed(), "1");
  world.fail_index(2);
  world.work(20s);
  EXPECT_EQ(world.active_indexes(), "0,2,3");
  EXPECT_EQ(world.status().failed, 1);
  for (const int index : {0, 2, 3}) {
    world.succeed_index(index);
  }
  world.work(5s);
  EXPECT_EQ(world.completed(), "0-3");
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_EQ(world.status().succeeded, 4);
  EXPECT_TRUE(world.is(JobConditionType::Complete));
  EXPECT_NE(world.status().completion_time, sim::kNever);
}

TEST(ElasticIndexedJob, Row10_GrowsByTheNextIndex) {
  JobWorld world;
  world.create(indexed(3, 3));
  world.work(2s);
  world.resize(4);
  world.work(3s);
  EXPECT_EQ(world.active_indexes(), "0,1,2,3");
  for (const int index : {0, 1, 2, 3}) {
    world.succeed_index(index);
  }
  world.work(5s);
  EXPECT_EQ(world.completed(), "0-3");
  EXPECT_TRUE(world.is(JobConditionType::Complete));
}

TEST(ElasticIndexedJob, Row11_ShrinkKeepsWhatSucceededAndFailedWithinTheRange) {
  JobWorld world;
  world.create(indexed(3, 3));
  world.work(2s);
  world.succeed_index(1);
  world.fail_index(2);
  world.work(5s);
  EXPECT_EQ(world.completed(), "1");
  world.resize(1);
  world.work(3s);
  EXPECT_EQ(world.completed(), "") << "index 1 is out of range now";
  EXPECT_EQ(world.active_indexes(), "0");
  world.stop_terminating();
  world.succeed_index(0);
  world.work(5s);
  EXPECT_EQ(world.completed(), "0");
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_TRUE(world.is(JobConditionType::Complete));
}

TEST(ElasticIndexedJob, Row12_ShrinkBelowASucceededIndexForgetsIt) {
  JobWorld world;
  world.create(indexed(3, 3));
  world.work(2s);
  world.succeed_index(2);
  world.work(3s);
  EXPECT_EQ(world.completed(), "2");
  world.resize(2);
  world.work(3s);
  EXPECT_EQ(world.completed(), "");
  EXPECT_EQ(world.status().succeeded, 0);
  world.resize(3);
  world.work(3s);
  EXPECT_EQ(world.active_indexes(), "0,1,2");
  for (const int index : {0, 1, 2}) {
    world.succeed_index(index);
  }
  world.work(5s);
  EXPECT_EQ(world.completed(), "0-2");
  EXPECT_TRUE(world.is(JobConditionType::Complete));
}

TEST(ElasticIndexedJob, Row13_ShrinkToNothingCompletes) {
  JobWorld world;
  world.create(indexed(3, 3));
  world.work(2s);
  world.resize(0);
  world.run_for(2s);
  EXPECT_EQ(world.active_indexes(), "");
  world.stop_terminating();
  world.run_for(3s);
  EXPECT_TRUE(world.is(JobConditionType::Complete));
  EXPECT_EQ(world.status().failed, 0);
}

TEST(ElasticIndexedJob, Row14_CompleteWaitsForTheTerminatingPod) {
  JobWorld world;
  world.create(indexed(2, 2));
  world.work(2s);
  world.succeed_index(0);
  world.work(3s);
  world.resize(1);
  world.run_for(3s);
  EXPECT_EQ(world.reason(JobConditionType::SuccessCriteriaMet), "CompletionsReached");
  EXPECT_FALSE(world.is(JobConditionType::Complete));
  EXPECT_EQ(world.status().terminating, 1);
  EXPECT_EQ(world.status().completion_time, sim::kNever);
  world.stop_terminating();
  world.run_for(3s);
  EXPECT_TRUE(world.is(JobConditionType::Complete));
  EXPECT_EQ(world.status().terminating, 0);
  EXPECT_EQ(world.status().failed, 0);
}

TEST(BackoffLimitPerIndex, Row15_AnIndexFailsAfterItsLimit) {
  JobWorld world;
  world.create(with_limit_per_index(indexed(2, 2), 2));
  world.work(2s);
  std::vector<int> counters;
  for (int i = 0; i < 3; ++i) {
    counters.push_back(world.cluster.pods[world.active(0)].failure_count);
    world.fail_index(0);
    world.work(60s);
  }
  EXPECT_EQ(counters, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(world.failed_indexes(), "0");
  EXPECT_EQ(world.status().failed, 3);
  EXPECT_FALSE(world.is(JobConditionType::FailureTarget));
  world.succeed_index(1);
  world.work(5s);
  EXPECT_EQ(world.failed_indexes(), "0");
  EXPECT_EQ(world.completed(), "1");
  EXPECT_EQ(world.reason(JobConditionType::Failed), "FailedIndexes");
}

TEST(BackoffLimitPerIndex, Row16_TheLimitOfTheWholeJobStillHolds) {
  JobWorld world;
  JobSpec spec = with_limit_per_index(indexed(3, 3), 1);
  spec.backoff_limit = 2;
  world.create(spec);
  world.work(2s);
  for (const int index : {0, 1, 2}) {
    world.fail_index(index);
    world.work(index < 2 ? 15s : 3s);
  }
  EXPECT_EQ(world.failed_indexes(), "");
  EXPECT_EQ(world.status().failed, 5);
  EXPECT_EQ(world.status().terminating, 2);
  EXPECT_EQ(world.reason(JobConditionType::FailureTarget), "BackoffLimitExceeded");
  EXPECT_FALSE(world.is(JobConditionType::Failed));
  world.stop_terminating();
  world.run_for(3s);
  EXPECT_EQ(world.reason(JobConditionType::Failed), "BackoffLimitExceeded");
  EXPECT_EQ(world.status().failed, 5);
}

TEST(BackoffLimitPerIndex, Row17_TooManyFailedIndexesFailTheJob) {
  JobWorld world;
  world.create(with_limit_per_index(indexed(3, 3), 0, 1));
  world.work(2s);
  world.fail_index(0);
  world.work(5s);
  EXPECT_EQ(world.failed_indexes(), "0");
  EXPECT_FALSE(world.is(JobConditionType::FailureTarget));
  world.fail_index(1);
  world.work(5s);
  world.stop_terminating();
  world.run_for(3s);
  EXPECT_EQ(world.failed_indexes(), "0,1");
  EXPECT_EQ(world.status().failed, 3);
  EXPECT_EQ(world.reason(JobConditionType::Failed), "MaxFailedIndexesExceeded");
}

TEST(BackoffLimitPerIndex, Row18_FailIndexFailsTheIndexAtOnce) {
  JobWorld world;
  world.create(with_failure_policy(with_limit_per_index(indexed(2, 2), 1),
                                   {on_exit_code(FailureAction::FailIndex, {13})}));
  world.work(2s);
  world.fail_index(0, 13);
  world.work(5s);
  EXPECT_EQ(world.failed_indexes(), "0");
  EXPECT_EQ(world.active_indexes(), "1");
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_FALSE(world.status().finished());
}

/// Ends every active pod once a second, odd indexes with a failure, until the Job has finished.
void odd_indexes_fail(JobWorld& world, bool all_fail = false) {
  for (int i = 0; i < 300 && !world.status().finished(); ++i) {
    world.work(1s);
    for (const Row row : world.pods()) {
      const Pod& pod = world.cluster.pods[row];
      if (pod.phase == PodPhase::Running && !pod.meta.deleting()) {
        if (all_fail || pod.index % 2 == 1) {
          world.fail(row);
        } else {
          world.succeed(row);
        }
      }
    }
  }
}

TEST(BackoffLimitPerIndex, Row19_AllIndexesAreExecutedDespiteFailedOnes) {
  JobWorld world;
  world.create(with_limit_per_index(indexed(2, 4), 1));
  odd_indexes_fail(world);
  EXPECT_EQ(world.failed_indexes(), "1,3");
  EXPECT_EQ(world.completed(), "0,2");
  EXPECT_EQ(world.status().failed, 4);
  EXPECT_EQ(world.status().succeeded, 2);
  EXPECT_EQ(world.reason(JobConditionType::Failed), "FailedIndexes");
}

TEST(BackoffLimitPerIndex, Row20_NoFurtherIndexStartsAboveMaxFailedIndexes) {
  JobWorld world;
  world.create(with_limit_per_index(indexed(1, 4), 0, 0));
  odd_indexes_fail(world, true);
  EXPECT_EQ(world.failed_indexes(), "0");
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_EQ(world.created(), "0");
  EXPECT_EQ(world.reason(JobConditionType::Failed), "MaxFailedIndexesExceeded");
}

TEST(BackoffLimitPerIndex, Row22_ADeletedFailedPodIsKeptForItsCount) {
  JobWorld world;
  world.create(with_limit_per_index(indexed(1, 1), 1));
  world.work(2s);
  const Row pod = world.active(0);
  world.fail_index(0);
  world.remove(pod, Writer::User);
  world.run_for(5s);
  EXPECT_TRUE(world.cluster.pods.exists(pod));
  EXPECT_TRUE(world.cluster.pods[pod].job_tracking);
  world.work(15s);
  ASSERT_NE(world.active(0), kNoRow);
  EXPECT_EQ(world.cluster.pods[world.active(0)].failure_count, 1);
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_EQ(world.pods().size(), 1U) << "the failed pod goes once its successor is active";
}

TEST(PodReplacementPolicyOfAJob, Row25_TerminatingPodsAreReplacedByDefault) {
  JobWorld world;
  world.create(indexed(2, 2));
  world.work(2s);
  world.delete_index(0);
  world.delete_index(1);
  world.run_for(25s);
  EXPECT_EQ(world.status().active, 2);
  EXPECT_EQ(world.status().failed, 2);
  EXPECT_EQ(world.status().terminating, 2);
}

TEST(PodReplacementPolicyOfAJob, Row26_OnlyFailedPodsAreReplacedUnderFailed) {
  JobWorld world;
  JobSpec spec = indexed(2, 2);
  spec.pod_replacement_policy = PodReplacementPolicy::Failed;
  world.create(spec);
  world.work(2s);
  const Row first = world.delete_index(0);
  const Row second = world.delete_index(1);
  world.run_for(25s);
  EXPECT_EQ(world.status().active, 0);
  EXPECT_EQ(world.status().failed, 0);
  EXPECT_EQ(world.status().terminating, 2);
  EXPECT_EQ(world.waits(), WaitReason::TerminatingPods);
  world.fail(first);
  world.fail(second);
  world.run_for(25s);
  EXPECT_EQ(world.status().active, 2);
  EXPECT_EQ(world.status().failed, 2);
  EXPECT_EQ(world.status().terminating, 0);
}

JobSpec replacing_only_failed(JobSpec spec) {
  spec.pod_replacement_policy = PodReplacementPolicy::Failed;
  return spec;
}

TEST(PodReplacementPolicyOfAJob, UnderFailedATerminatingPodTakesThePlaceOfAnyOther) {
  JobWorld world;
  world.create(replacing_only_failed(indexed(2, 4)));
  world.work(2s);
  world.delete_index(0);
  world.delete_index(1);
  world.run_for(25s);
  EXPECT_EQ(world.active_indexes(), "") << "indexes 2 and 3 are free, but two pods are terminating";
}

TEST(PodReplacementPolicyOfAJob, UnderFailedTheIndexOfATerminatingPodIsNotGivenAgain) {
  JobWorld world;
  world.create(replacing_only_failed(indexed(3, 3)));
  world.work(2s);
  world.delete_index(0);
  world.fail_index(1);
  world.run_for(25s);
  EXPECT_EQ(world.active_indexes(), "1,2");
}

TEST(SuccessPolicyOfAJob, Row27_AMatchedRuleEndsTheJobAndTheOtherPods) {
  JobWorld world;
  world.create(with_success_policy(indexed(2, 2), {{set_of({1}), -1}}));
  world.work(2s);
  world.succeed_index(1);
  world.run_for(3s);
  EXPECT_EQ(world.status().active, 0);
  EXPECT_EQ(world.status().terminating, 1);
  EXPECT_EQ(world.status().failed, 0);
  EXPECT_EQ(world.reason(JobConditionType::SuccessCriteriaMet), "SuccessPolicy");
  EXPECT_EQ(world.cluster.strings[world.status().condition(JobConditionType::SuccessCriteriaMet).message],
            "Matched rules at index 0");
  world.stop_terminating();
  world.run_for(3s);
  EXPECT_TRUE(world.is(JobConditionType::Complete));
  EXPECT_EQ(world.completed(), "1");
  EXPECT_EQ(world.status().failed, 0);
}

TEST(SuccessPolicyOfAJob, Row28_FailedIndexesWinOverTheSuccessPolicy) {
  JobWorld world;
  world.create(with_success_policy(with_limit_per_index(indexed(2, 2), 0), {{std::nullopt, 1}}));
  world.work(2s);
  world.fail_index(0);
  world.succeed_index(1);
  world.work(5s);
  EXPECT_EQ(world.reason(JobConditionType::Failed), "FailedIndexes");
  EXPECT_FALSE(world.is(JobConditionType::SuccessCriteriaMet));
}

// ---------------------------------------------------------------------------------------------------------
// The Flux example "Downsize": Kubernetes 1.28.0 with the gate on, backoffLimitPerIndex 0.

class FluxDownsize : public testing::Test {
 protected:
  JobWorld world{"1.28.0", {{"JobBackoffLimitPerIndex", true}}, RestartPolicy::OnFailure};

  void SetUp() override {
    JobSpec spec = with_limit_per_index(indexed(4, 4), 0);
    spec.backoff_limit = 100;
    world.create(spec);
    world.work(3s);
    ASSERT_EQ(world.active_indexes(), "0,1,2,3");
  }
  void delete_pod_2() {
    world.delete_index(2);
    world.work(1s);
    world.stop_terminating();
    world.work(5s);
  }
  void resize(std::int32_t size) {
    world.resize(size);
    world.work(3s);
    world.stop_terminating();
    world.work(10s);
  }
};

TEST_F(FluxDownsize, Row34_ADeletedPodNeverComesBack) {
  delete_pod_2();
  world.work(100s);
  EXPECT_EQ(world.active_indexes(), "0,1,3");
  EXPECT_EQ(world.failed_indexes(), "2");
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_EQ(world.waits(), WaitReason::FailedIndexes);
  EXPECT_EQ(world.transitions(Field::Waits, Writer::JobController).size(), 1U);
}

TEST_F(FluxDownsize, Row35_AShrinkByOneLeavesTwoPods) {
  delete_pod_2();
  resize(3);
  EXPECT_EQ(world.active_indexes(), "0,1");
  EXPECT_EQ(world.failed_indexes(), "2");
  EXPECT_EQ(world.status().failed, 1);
}

TEST_F(FluxDownsize, Row36_GrowingBringsHigherIndexesNotTheFailedOne) {
  delete_pod_2();
  resize(3);
  resize(4);
  EXPECT_EQ(world.active_indexes(), "0,1,3");
  resize(6);
  EXPECT_EQ(world.active_indexes(), "0,1,3,4,5");
  EXPECT_EQ(world.failed_indexes(), "2");
  EXPECT_EQ(world.status().failed, 1);
}

TEST_F(FluxDownsize, Row37_AnIndexThatExitedWithZeroDoesNotComeBackEither) {
  world.succeed_index(2);
  world.work(5s);
  EXPECT_EQ(world.completed(), "2");
  resize(3);
  EXPECT_EQ(world.active_indexes(), "0,1");
  resize(4);
  EXPECT_EQ(world.active_indexes(), "0,1,3");
  resize(6);
  EXPECT_EQ(world.active_indexes(), "0,1,3,4,5");
  EXPECT_EQ(world.completed(), "2");
}

TEST_F(FluxDownsize, AFailedIndexComesBackOnceASyncHasSeenItOutOfRange) {
  delete_pod_2();
  resize(2);
  EXPECT_EQ(world.failed_indexes(), "");
  resize(4);
  EXPECT_EQ(world.active_indexes(), "0,1,2,3");
}

TEST_F(FluxDownsize, TwoResizesBeforeTheSyncLeaveTheFailedIndexDead) {
  delete_pod_2();
  world.resize(2);
  world.resize(4);
  world.work(10s);
  EXPECT_EQ(world.active_indexes(), "0,1,3");
  EXPECT_EQ(world.failed_indexes(), "2");
}

}  // namespace
}  // namespace models::kubernetes
