#include "models/kubernetes/job_backoff.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/unit/kubernetes/job_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

JobPod ended(sim::Time at, bool succeeded) {
  JobPod pod;
  pod.finished = at;
  pod.succeeded = succeeded;
  pod.failed = !succeeded;
  return pod;
}

struct RecordCase {
  const char* name;
  int failures_before;
  std::vector<int> succeeded;  ///< seconds
  std::vector<int> failed;
  int failures;
  int last_failure;
  friend std::ostream& operator<<(std::ostream& os, const RecordCase& c) { return os << c.name; }
};

std::vector<RecordCase> record_cases() {
  return {
      {"OneFailure", 0, {}, {9}, 1, 9},
      {"TwoFailuresAtOnceAddUp", 0, {}, {9, 8}, 2, 9},
      {"ASuccessAfterTwoFailuresForgetsThem", 0, {9}, {7, 8}, 0, 0},
      {"Row32_OnlyFailuresAfterTheSuccessCount", 0, {7}, {9, 5, 6, 8}, 2, 9},
      {"FailuresAreAddedToThoseBefore", 2, {}, {9}, 3, 9},
      {"AFailureAtTheMomentOfTheSuccessDoesNotCount", 0, {9}, {9}, 0, 0},
      {"NothingNew", 0, {}, {}, 0, 0},
      {"ASuccessForgetsEarlierFailures", 4, {9}, {}, 0, 0},
  };
}

class BackoffRecord : public testing::TestWithParam<RecordCase> {};

TEST_P(BackoffRecord, CountsFailuresSinceTheLastSuccess) {
  const RecordCase& c = GetParam();
  std::vector<JobPod> pods;
  for (const int at : c.succeeded) {
    pods.push_back(ended(std::chrono::seconds{at}, true));
  }
  for (const int at : c.failed) {
    pods.push_back(ended(std::chrono::seconds{at}, false));
  }
  const JobBackoff record = next_backoff({c.failures_before, sim::Time{}}, pods);
  EXPECT_EQ(record.failures, c.failures);
  EXPECT_EQ(record.last_failure, std::chrono::seconds{c.last_failure});
}

INSTANTIATE_TEST_SUITE_P(Cases, BackoffRecord, testing::ValuesIn(record_cases()),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(BackoffRecord, PodsThatWereCountedBeforeAreLeftOut) {
  std::vector<JobPod> pods{ended(1s, false), ended(2s, false), ended(3s, false)};
  pods[0].uncounted = true;
  pods[1].removal_requested = true;
  pods[2].in_range = false;
  EXPECT_EQ(next_backoff({}, pods), JobBackoff{});
}

struct RemainingCase {
  int failures;
  int now;  ///< seconds after the last failure
  int left;
  friend std::ostream& operator<<(std::ostream& os, const RemainingCase& c) {
    return os << c.failures << " failures, " << c.now << " s later: " << c.left << " s";
  }
};

const RemainingCase kRemaining[] = {
    {0, 0, 0},  {1, 0, 10},  {1, 4, 6},   {1, 10, 0},  {1, 11, 0},     {2, 0, 20},
    {3, 0, 40}, {6, 0, 320}, {7, 0, 600}, {8, 0, 600}, {2000, 0, 600}, {2, 5, 15},
};

class RemainingBackoff : public testing::TestWithParam<RemainingCase> {};

TEST_P(RemainingBackoff, DoublesFromTenSecondsToTenMinutes) {
  const RemainingCase& c = GetParam();
  const sim::Time failure = 100s;
  EXPECT_EQ(remaining_backoff(c.failures, failure, failure + std::chrono::seconds{c.now}),
            std::chrono::seconds{c.left});
}

INSTANTIATE_TEST_SUITE_P(Cases, RemainingBackoff, testing::ValuesIn(kRemaining));

TEST(RemainingBackoff, Row24_CountedAndIgnoredFailuresOfAnIndexBothLengthenItsBackoff) {
  JobPod held = ended(100s, false);
  held.failure_count = 1;
  held.ignored_failure_count = 1;
  EXPECT_EQ(remaining_backoff(held, 100s), 40s);
}

struct FinishCase {
  const char* name;
  void (*change)(Pod&);
  int finished;
  friend std::ostream& operator<<(std::ostream& os, const FinishCase& c) { return os << c.name; }
};

const FinishCase kFinishes[] = {
    {"LastContainerEnded", [](Pod& pod) { pod.finished_at = 50s; }, 50},
    {"NotReadySince",
     [](Pod& pod) {
       pod.ready = false;
       pod.ready_changed = 40s;
     },
     40},
    {"DeletionRequested",
     [](Pod& pod) {
       pod.ready = true;
       pod.ready_changed = 20s;
       pod.meta.deletion_timestamp = 60s;
       pod.grace_seconds = 30;
     },
     30},
    {"Created", [](Pod&) {}, 10},
};

class FinishTime : public testing::TestWithParam<FinishCase> {};

TEST_P(FinishTime, IsTheBestThatIsKnown) {
  Pod pod;
  pod.meta.created = 10s;
  GetParam().change(pod);
  EXPECT_EQ(finished_time(pod), std::chrono::seconds{GetParam().finished});
}

INSTANTIATE_TEST_SUITE_P(Cases, FinishTime, testing::ValuesIn(kFinishes),
                         [](const auto& tested) { return std::string(tested.param.name); });

/// Fails every pod `after` its creation until the Job has finished; the times at which pods were created.
std::vector<sim::Time> fail_all(JobWorld& world, sim::Duration after) {
  std::vector<sim::Time> creations;
  std::size_t seen = 0;
  for (int second = 0; second < 3000 && !world.status().finished(); ++second) {
    for (const Row row : world.pods()) {
      if (world.now() >= world.cluster.pods[row].meta.created + after &&
          !world.cluster.pods[row].terminal()) {
        world.fail(row);
      }
    }
    world.run_for(1s);
    const auto created = world.transitions(Field::Created, Writer::JobController);
    for (; seen < created.size(); ++seen) {
      creations.push_back(created[seen].at);
    }
  }
  return creations;
}

TEST(JobBackoffStory, Row33_PairsOfFailuresWaitTwentyEightyAndThreeHundredTwentySeconds) {
  JobWorld world;
  JobSpec spec = non_indexed(2, 8);
  spec.backoff_limit = 6;
  world.create(spec);
  const std::vector<sim::Time> creations = fail_all(world, 30s);
  ASSERT_EQ(creations.size(), 8U);
  // Each pair fails 30 s after it was created, within the second in which the test looks.
  const auto wait_before = [&](std::size_t pod) {
    return std::chrono::round<std::chrono::seconds>(creations[pod] - creations[pod - 2] - 30s).count();
  };
  EXPECT_NEAR(static_cast<double>(wait_before(2)), 20, 1);
  EXPECT_NEAR(static_cast<double>(wait_before(4)), 80, 1);
  EXPECT_NEAR(static_cast<double>(wait_before(6)), 320, 1);
  EXPECT_EQ(world.status().failed, 8);
  EXPECT_EQ(world.reason(JobConditionType::Failed), "BackoffLimitExceeded");
  EXPECT_NEAR(
      std::chrono::duration<double>(world.status().condition(JobConditionType::Failed).last_transition)
          .count(),
      540, 10);
}

TEST(JobBackoffStory, Row23_EveryIndexWaitsForItself) {
  JobWorld world;
  world.create(with_limit_per_index(indexed(2, 2), 2));
  world.work(2s);
  // Index 0 fails twice, index 1 twice while index 0 is in its second wait.
  world.fail_index(0);
  world.run_for(9s);
  EXPECT_EQ(world.active_indexes(), "1");
  world.work(3s);
  EXPECT_EQ(world.active_indexes(), "0,1");
  world.fail_index(0);
  world.fail_index(1);
  world.run_for(9s);
  EXPECT_EQ(world.active_indexes(), "");
  world.work(3s);
  EXPECT_EQ(world.active_indexes(), "1") << "index 0 waits 20 s by now";
  world.work(10s);
  EXPECT_EQ(world.active_indexes(), "0,1");
  world.fail_index(1);
  world.run_for(19s);
  EXPECT_EQ(world.active_indexes(), "0");
  world.work(4s);
  EXPECT_EQ(world.active_indexes(), "0,1");
}

TEST(JobBackoffStory, ARestartOfTheControllerForgetsTheJobsBackoffButNotThatOfAnIndex) {
  for (const bool per_index : {false, true}) {
    JobWorld world;
    world.create(per_index ? with_limit_per_index(indexed(1, 1), 5) : indexed(1, 1));
    world.work(2s);
    for (int i = 0; i < 3; ++i) {
      world.fail_index(0);
      world.work(60s);
    }
    world.fail_index(0);
    world.run_for(5s);
    Turn turn = world.turn();
    job_controller::restart(turn, sim::kNoTransition);
    world.run_for(5s);
    EXPECT_EQ(world.active_indexes(), per_index ? "" : "0");
  }
}

TEST(JobBackoffStory, TheWaitIsToldOnceWithItsEnd) {
  JobWorld world;
  world.create(indexed(1, 1));
  world.work(2s);
  world.fail_index(0);
  const sim::Time failure = world.now();
  world.run_for(5s);
  EXPECT_EQ(world.waits(), WaitReason::Backoff);
  EXPECT_EQ(world.status().active, 0);
  const auto waits = world.transitions(Field::Waits, Writer::JobController);
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_EQ(waits[0].from, std::chrono::floor<std::chrono::seconds>(failure + 10s).count());
  world.run_for(10s);
  EXPECT_EQ(world.waits(), WaitReason::None);
}

}  // namespace
}  // namespace models::kubernetes
