// Single syncs of the Job controller: rows of the case table that come from upstream's unit tests, with the
// pods and the status of a Job as they are given, and one look at them.

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "models/kubernetes/job_indexes.h"
#include "models/kubernetes/job_status.h"
#include "tests/unit/kubernetes/job_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

constexpr PodPhase kPending = PodPhase::Pending;
constexpr PodPhase kRunning = PodPhase::Running;
constexpr PodPhase kSucceeded = PodPhase::Succeeded;
constexpr PodPhase kFailed = PodPhase::Failed;

struct PodGiven {
  int index;
  PodPhase phase;
};

struct SyncCase {
  const char* name;
  int parallelism;
  int completions;
  std::vector<PodGiven> pods;
  const char* created;
  const char* deleted;
  const char* completed;
  int active;
  int failed;
  friend std::ostream& operator<<(std::ostream& os, const SyncCase& c) { return os << c.name; }
};

std::vector<SyncCase> sync_cases() {
  return {
      {"Row1_StartsTheLowestIndexes", 2, 5, {}, "0,1", "", "", 2, 0},
      {"Row2_FillsGapsBetweenRunningAndCompletedIndexes",
       8,
       20,
       {{0, kRunning},
        {2, kSucceeded},
        {3, kPending},
        {4, kSucceeded},
        {5, kSucceeded},
        {7, kSucceeded},
        {8, kSucceeded},
        {9, kSucceeded}},
       "1,6,10,11,12,13",
       "",
       "2,4,5,7-9",
       8,
       0},
      {"Row3_ReplacesFailedPodsUnderTheirIndex",
       3,
       4,
       {{0, kFailed}, {1, kPending}, {2, kFailed}},
       "0,2",
       "",
       "",
       3,
       2},
      {"Row4_CountsARepeatedIndexOnce",
       2,
       3,
       {{0, kSucceeded}, {1, kSucceeded}, {1, kSucceeded}},
       "2",
       "",
       "0,1",
       1,
       0},
      {"Row5_RemovesPodsWithoutAnIndexOfTheirOwn",
       5,
       5,
       {{-1, kRunning}, {0, kSucceeded}, {1, kRunning}, {2, kRunning}, {2, kPending}, {2, kPending}},
       "",
       "-1,2,2",
       "0",
       2,
       0},
      {"Row6_RemovesIndexesOutsideOfTheRange",
       2,
       5,
       {{0, kSucceeded}, {5, kRunning}, {6, kSucceeded}, {7, kPending}, {8, kFailed}},
       "",
       "5,7",
       "0",
       0,
       0},
      {"RemovesARepeatedIndexAlthoughThereAreTooFewPods",
       5,
       5,
       {{0, kRunning}, {1, kPending}, {1, kRunning}},
       "",
       "1",
       "",
       2,
       0},
      {"RemovesTheWorstOfTooMany", 1, 3, {{0, kPending}, {1, kRunning}}, "", "0", "", 1, 0},
      {"CreatesNothingWhenNothingIsLeft", 5, 2, {{0, kSucceeded}, {1, kRunning}}, "", "", "0", 1, 0},
  };
}

class JobSync : public testing::TestWithParam<SyncCase> {};

TEST_P(JobSync, DecidesOnceAndWritesTheStatus) {
  const SyncCase& c = GetParam();
  JobWorld world;
  world.put_job(indexed(c.parallelism, c.completions));
  for (const PodGiven& pod : c.pods) {
    world.put_pod(pod.index, pod.phase);
  }
  world.sync_once();
  EXPECT_EQ(world.created(), c.created);
  EXPECT_EQ(world.deleted(), c.deleted);
  EXPECT_EQ(world.completed(), c.completed);
  EXPECT_EQ(world.status().active, c.active);
  EXPECT_EQ(world.status().failed, c.failed);
}

INSTANTIATE_TEST_SUITE_P(Rows, JobSync, testing::ValuesIn(sync_cases()),
                         [](const auto& tested) { return std::string(tested.param.name); });

HeldIndexes held(std::initializer_list<int> indexes) {
  HeldIndexes result;
  for (const int index : indexes) {
    result.insert(index);
  }
  return result;
}

IndexSet set_of(std::initializer_list<int> indexes) { return IndexSet::of(std::vector<int>(indexes)); }

TEST(JobIndexes, Row7_FirstPendingIndexesSkipActiveSucceededAndFailed) {
  EXPECT_EQ(first_pending_indexes(held({3, 9}), set_of({1, 5, 9}), set_of({2, 6, 7}), 5, 20),
            (std::vector<int>{0, 4, 8, 10, 11}));
}

TEST(JobIndexes, Row8_StoredIndexesAreCutToTheCompletionsAndWrittenBack) {
  JobWorld world;
  JobStatus stored;
  stored.completed_indexes = IndexSet::parse("0-5,8-10", 11);
  stored.succeeded = 9;
  world.put_job(indexed(10, 10), stored);  // completions may only shrink together with parallelism
  world.sync_once();
  EXPECT_EQ(world.completed(), "0-5,8,9");
  EXPECT_EQ(world.status().succeeded, 8);
}

TEST(HeldIndexes, LargeIndexesAreHeldLikeSmallOnes) {
  for (const int base : {0, 60, 1 << 20, 2'000'000'000}) {
    HeldIndexes indexes = held({base + 3, base + 4, base + 4});
    EXPECT_TRUE(indexes.contains(base + 4));
    EXPECT_TRUE(indexes.repeated());
    EXPECT_EQ(indexes.next_free(base + 3), base + 5);
    EXPECT_TRUE(indexes.any_from(base + 4));
    EXPECT_FALSE(indexes.any_from(base + 5));
    indexes.erase(base + 4);
    EXPECT_FALSE(indexes.repeated());
    EXPECT_TRUE(indexes.contains(base + 4));
    indexes.erase(base + 4);
    EXPECT_FALSE(indexes.contains(base + 4));
    EXPECT_EQ(indexes, held({base + 3}));
  }
}

struct RankCase {
  const char* name;
  void (*change)(Pod& worse, Pod& better);
  friend std::ostream& operator<<(std::ostream& os, const RankCase& c) { return os << c.name; }
};

/// Two ready, running, bound pods that differ in one thing.
const RankCase kRanks[] = {
    {"UnscheduledFirst", [](Pod& worse, Pod&) { worse.node = kNoRow; }},
    {"PendingBeforeRunning", [](Pod& worse, Pod&) { worse.phase = PodPhase::Pending; }},
    {"UnknownBeforeRunning", [](Pod& worse, Pod&) { worse.phase = PodPhase::Unknown; }},
    {"PendingBeforeUnknown",
     [](Pod& worse, Pod& better) {
       worse.phase = PodPhase::Pending;
       better.phase = PodPhase::Unknown;
     }},
    {"NotReadyFirst", [](Pod& worse, Pod&) { worse.ready = false; }},
    {"ReadyMostRecentlyFirst", [](Pod& worse, Pod&) { worse.ready_changed = std::chrono::seconds{9}; }},
    {"MoreRestartsFirst", [](Pod& worse, Pod&) { worse.restarts = 1; }},
    {"NewerFirst", [](Pod& worse, Pod&) { worse.meta.created = std::chrono::seconds{9}; }},
    {"LaterUidFirst", [](Pod& worse, Pod&) { worse.meta.uid = 9; }},
};

class RemovalOrder : public testing::TestWithParam<RankCase> {};

TEST_P(RemovalOrder, OneDifferenceDecides) {
  Pod worse;
  worse.meta.uid = 1;
  worse.node = 0;
  worse.phase = PodPhase::Running;
  worse.ready = true;
  worse.ready_changed = std::chrono::seconds{1};
  Pod better = worse;
  GetParam().change(worse, better);
  EXPECT_TRUE(goes_first(worse, better));
  EXPECT_FALSE(goes_first(better, worse));
}

INSTANTIATE_TEST_SUITE_P(All, RemovalOrder, testing::ValuesIn(kRanks),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(JobSyncWithLimitPerIndex, Row21_TheFailureIsCountedOnceTheReplacementIsActive) {
  JobWorld world;
  world.put_job(with_limit_per_index(indexed(2, 2), 1));
  world.put_pod(0, kFailed, 0);
  world.put_pod(1, kRunning, 0);
  world.sync_once();
  EXPECT_EQ(world.created(), "0");
  EXPECT_EQ(world.status().failed, 0);
  EXPECT_EQ(world.cluster.pods[world.active(0)].failure_count, 1);
  world.run_for(2s);
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_EQ(world.failed_indexes(), "");
  EXPECT_EQ(world.created(), "0");
}

TEST(JobSyncWithSuccessPolicy, Row29_AStoredSuccessCriteriaMetIsNotUndoneByAFailedIndex) {
  JobWorld world;
  JobStatus stored;
  stored.completed_indexes = IndexSet::parse("1", 2);
  stored.succeeded = 1;
  stored.condition(JobConditionType::SuccessCriteriaMet) = {true, true, world.text("SuccessPolicy"),
                                                            world.text("Matched rules at index 0"), 1h};
  world.put_job(with_success_policy(with_limit_per_index(indexed(2, 2), 1), {{set_of({1}), -1}}), stored);
  world.put_pod(0, kFailed, 1);
  world.sync_once();
  EXPECT_EQ(world.failed_indexes(), "0");
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_EQ(world.reason(JobConditionType::Complete), "SuccessPolicy");
  EXPECT_FALSE(world.is(JobConditionType::Failed));
}

TEST(JobVerdicts, Row30_TheBackoffLimitIsLookedAtBeforeTheDeadline) {
  JobWorld world;
  JobSpec spec = indexed(1, 1);
  spec.backoff_limit = 0;
  spec.active_deadline_seconds = 10;
  JobStatus stored;
  stored.start_time = sim::Time{};
  world.put_job(spec, stored);
  world.put_pod(0, kFailed);
  world.sync_once();
  EXPECT_EQ(world.reason(JobConditionType::Failed), "BackoffLimitExceeded");
  EXPECT_EQ(world.cluster.strings[world.status().condition(JobConditionType::Failed).message],
            "Job has reached the specified backoff limit");
}

/// The accounting alone, which starts from the indexes that are stored, as upstream's test of it does.
TEST(JobAccounting, Row31_AccountsFiveHundredPodsASync) {
  Strings strings;
  JobPlan plan;
  plan.rules.indexed = true;
  plan.rules.completions = 501;
  for (int index = 500; index >= 0; --index) {
    JobPod pod;
    pod.row = pod.uid = static_cast<Uid>(1000 - index);
    pod.index = index;
    pod.succeeded = true;
    plan.finished.push_back(pod);
  }
  const JobAccount first = account_pods(plan, strings, 1s);
  EXPECT_EQ(first.status.completed_indexes.to_text(), "0-499");
  EXPECT_EQ(first.status.succeeded, 500);
  EXPECT_EQ(first.removals.size(), 500U);
  EXPECT_TRUE(first.cut);

  JobPlan rest = plan;
  rest.status = first.status;
  for (JobPod& pod : rest.finished) {
    pod.removal_requested = pod.recorded = first.status.completed_indexes.contains(pod.index);
  }
  const JobAccount second = account_pods(rest, strings, 2s);
  EXPECT_EQ(second.status.completed_indexes.to_text(), "0-500");
  EXPECT_EQ(second.removals.size(), 1U);
  EXPECT_FALSE(second.cut);
}

/// A whole sync records every index at once, since it reads the indexes off the pods before it accounts them;
/// what is limited is the number of finalizers that it removes.
TEST(JobAccounting, Row31_AWholeSyncRecordsAllIndexesAndFinishesInTheNext) {
  JobWorld world;
  world.put_job(indexed(501, 501));
  for (int index = 0; index <= 500; ++index) {
    world.put_pod(index, kSucceeded);
  }
  world.sync_once();
  EXPECT_EQ(world.completed(), "0-500");
  EXPECT_FALSE(world.is(JobConditionType::Complete));
  world.run_for(40s);
  EXPECT_TRUE(world.is(JobConditionType::Complete));
  EXPECT_EQ(world.transitions(Field::Finalizer, Writer::JobController).size(), 501U);
}

TEST(JobAccounting, AFailedPodThatIsListedAsUncountedIsNotCountedTwice) {
  JobWorld world;
  JobStatus stored;
  stored.failed = 3;
  world.put_job(indexed(1, 1), stored);
  const Row pod = world.put_pod(0, kFailed);
  world.cluster.jobs[world.job].status.uncounted_failed = {world.cluster.pods[pod].meta.uid};
  world.sync_once();
  EXPECT_EQ(world.status().failed, 4);
  EXPECT_TRUE(world.status().uncounted_failed.empty());
}

TEST(JobAccounting, AnUncountedPodThatIsGoneIsCounted) {
  JobWorld world;
  JobStatus stored;
  stored.uncounted_failed = {12345};
  world.put_job(indexed(1, 1), stored);
  world.put_pod(0, kRunning);
  world.sync_once();
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_TRUE(world.status().uncounted_failed.empty());
}

}  // namespace
}  // namespace models::kubernetes
