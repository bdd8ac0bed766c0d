// What a Job goes through besides its pods' successes and failures: suspension, deadlines, deletion, errors
// of the API, the limits of a sync, and the differences between releases.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/kubernetes/job_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

TEST(SuspendedJob, RemovesPodsWithoutCountingThemAndResumesWithANewStart) {
  JobWorld world{"1.34.2"};
  world.create(indexed(2, 4));
  world.work(2s);
  world.succeed_index(0);
  world.work(3s);
  world.change([](JobSpec& spec) { spec.suspend = true; });
  world.run_for(2s);
  EXPECT_EQ(world.active_indexes(), "");
  EXPECT_EQ(world.reason(JobConditionType::Suspended), "JobSuspended");
  EXPECT_EQ(world.waits(), WaitReason::Suspended);
  world.stop_terminating();
  world.run_for(60s);
  EXPECT_EQ(world.status().failed, 0);
  EXPECT_EQ(world.completed(), "0");
  EXPECT_EQ(world.pods().size(), 1U) << "the succeeded pod";
  world.change([](JobSpec& spec) { spec.suspend = false; });
  world.run_for(500ms);
  EXPECT_FALSE(world.is(JobConditionType::Suspended));
  EXPECT_EQ(world.cluster.strings[world.status().condition(JobConditionType::Suspended).reason],
            "JobResumed");
  EXPECT_EQ(world.active_indexes(), "1,2");
  EXPECT_GT(world.status().start_time, 60s);
  EXPECT_EQ(world.waits(), WaitReason::None);
}

TEST(SuspendedJob, NoStatusIsWrittenAfterAResumeBeforeThatWasMended) {
  // kubernetes issue 134521: until 1.32.10, 1.33.6 and 1.34.2 the API server refuses the new start time.
  JobWorld world{"1.34.1"};
  world.create(indexed(2, 4));
  world.work(2s);
  world.change([](JobSpec& spec) { spec.suspend = true; });
  world.run_for(2s);
  world.stop_terminating();
  world.run_for(60s);
  world.change([](JobSpec& spec) { spec.suspend = false; });
  world.run_for(500ms);
  EXPECT_EQ(world.reason(JobConditionType::Suspended), "JobSuspended");
  EXPECT_EQ(world.status().active, 0);
  EXPECT_EQ(world.active_indexes(), "0,1") << "the pods are created all the same";
}

TEST(SuspendedJob, CreatedSuspendedHasNoStartTime) {
  JobWorld world;
  JobSpec spec = indexed(2, 2);
  spec.suspend = true;
  spec.active_deadline_seconds = 10;
  world.create(spec);
  world.run_for(60s);
  EXPECT_EQ(world.status().start_time, sim::kNever);
  EXPECT_EQ(world.created(), "");
  EXPECT_FALSE(world.is(JobConditionType::FailureTarget));
}

TEST(SuspendedJob, AResumeAfterTheOldDeadlineFailsTheJob) {
  // The verdict is looked for with the old start time, which the resume would have replaced.
  JobWorld world;
  JobSpec spec = indexed(1, 1);
  spec.active_deadline_seconds = 30;
  world.create(spec);
  world.run_for(5s);
  world.change([](JobSpec& changed) { changed.suspend = true; });
  world.run_for(60s);
  EXPECT_FALSE(world.is(JobConditionType::FailureTarget));
  world.change([](JobSpec& changed) { changed.suspend = false; });
  world.run_for(5s);
  EXPECT_EQ(world.reason(JobConditionType::FailureTarget), "DeadlineExceeded");
}

TEST(JobDeadline, FailsTheJobAtThatInstant) {
  JobWorld world;
  JobSpec spec = indexed(2, 2);
  spec.active_deadline_seconds = 30;
  world.create(spec);
  world.work(29s);
  EXPECT_FALSE(world.is(JobConditionType::FailureTarget));
  world.work(2s);
  EXPECT_EQ(world.reason(JobConditionType::FailureTarget), "DeadlineExceeded");
  EXPECT_EQ(world.status().terminating, 2);
  EXPECT_EQ(world.status().failed, 2);
  world.stop_terminating();
  world.run_for(3s);
  EXPECT_EQ(world.reason(JobConditionType::Failed), "DeadlineExceeded");
  EXPECT_FALSE(world.is(JobConditionType::Complete));
  EXPECT_EQ(world.status().completion_time, sim::kNever);
  const auto warnings = world.transitions(Field::Warning, Writer::JobController);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(world.history.text_at(warnings[0].detail),
            "DeadlineExceeded: Job was active longer than specified deadline");
}

TEST(JobDeadline, CountsFromTheStartInWholeSecondsOnceThatIsStored) {
  JobWorld world;
  world.run_for(700ms);
  JobSpec spec = indexed(2, 2);
  spec.active_deadline_seconds = 30;
  world.create(spec);
  world.work(29s);
  EXPECT_FALSE(world.is(JobConditionType::FailureTarget));
  world.work(500ms);  // 30.2 s: the start time is served as 0 s
  EXPECT_EQ(world.reason(JobConditionType::FailureTarget), "DeadlineExceeded");
}

TEST(JobDeadline, AShorterDeadlineTakesEffect) {
  JobWorld world;
  JobSpec spec = indexed(1, 1);
  spec.active_deadline_seconds = 3600;
  world.create(spec);
  world.run_for(20s);
  world.change([](JobSpec& changed) { changed.active_deadline_seconds = 30; });
  world.run_for(11s);
  EXPECT_EQ(world.reason(JobConditionType::FailureTarget), "DeadlineExceeded");
}

TEST(JobRestarts, ContainerRestartsReachTheBackoffLimit) {
  JobWorld world("1.34.0", {}, RestartPolicy::OnFailure);
  JobSpec spec = indexed(2, 2);
  spec.backoff_limit = 3;
  world.create(spec);
  world.work(2s);
  world.change_pod(world.active(0), [](Pod& pod) { pod.restarts = 2; });
  world.run_for(2s);
  EXPECT_FALSE(world.is(JobConditionType::FailureTarget));
  world.change_pod(world.active(1), [](Pod& pod) { pod.restarts = 1; });
  world.run_for(2s);
  EXPECT_EQ(world.reason(JobConditionType::FailureTarget), "BackoffLimitExceeded");
}

TEST(NonIndexedJob, RunsUntilEnoughPodsHaveSucceeded) {
  JobWorld world;
  world.create(non_indexed(2, 3));
  for (int i = 0; i < 20 && !world.status().finished(); ++i) {
    world.work(1s);
    for (const Row row : world.pods()) {
      if (world.cluster.pods[row].phase == PodPhase::Running) {
        world.succeed(row);
        break;
      }
    }
  }
  world.run_for(3s);
  EXPECT_TRUE(world.is(JobConditionType::Complete));
  EXPECT_EQ(world.status().succeeded, 3);
  EXPECT_EQ(world.created(), "-1,-1,-1");
  EXPECT_TRUE(world.status().uncounted_succeeded.empty());
  EXPECT_EQ(world.completed(), "");
}

TEST(NonIndexedJob, WithoutCompletionsTheFirstSuccessEndsCreation) {
  JobWorld world;
  world.create(non_indexed(3, -1));
  world.work(2s);
  const std::vector<Row> pods = world.pods();
  ASSERT_EQ(pods.size(), 3U);
  world.succeed(pods[1]);
  world.work(3s);
  world.fail(pods[0]);
  world.work(30s);
  EXPECT_EQ(world.pods().size(), 3U) << "no replacement once a pod has succeeded";
  EXPECT_FALSE(world.status().finished());
  world.succeed(pods[2]);
  world.work(3s);
  EXPECT_TRUE(world.is(JobConditionType::Complete));
  EXPECT_EQ(world.status().succeeded, 2);
  EXPECT_EQ(world.status().failed, 1);
}

TEST(PodIdentity, PodsOfANameNeverShareASuffix) {
  JobWorld world;  // chance gives the same answer every time here
  world.create(non_indexed(20, 20));
  world.run_for(2s);
  std::vector<std::string> names;
  for (const Row row : world.pods()) {
    names.push_back(world.cluster.name_of(world.cluster.pods[row]));
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names.size(), 20U);
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

TEST(PodIdentity, AttemptsOfAnIndexAreCounted) {
  JobWorld world;
  world.create(indexed(1, 1));
  std::vector<std::uint32_t> attempts;
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    world.work(60s);
    attempts.push_back(world.cluster.pods[world.active(0)].attempt);
    names.push_back(world.cluster.name_of(world.cluster.pods[world.active(0)]));
    world.fail_index(0);
  }
  EXPECT_EQ(attempts, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_NE(names[0], names[1]);
  EXPECT_NE(names[1], names[2]);
  EXPECT_EQ(names[0].substr(0, 6), "job-0-");
}

TEST(JobLimits, CreatesFiveHundredPodsASyncAtTwentyASecond) {
  JobWorld world;
  world.submit(indexed(600, 600));
  const sim::Time begin = 10ms;  // when the controller receives the Job
  world.run_until(begin + 1ms);
  EXPECT_EQ(world.pods().size(), 30U) << "the burst";
  world.run_until(begin + 1001ms);
  EXPECT_EQ(world.pods().size(), 50U) << "twenty a second";
  world.run_until(begin + 23501ms);
  EXPECT_EQ(world.pods().size(), 500U);
  EXPECT_EQ(world.status().active, 0) << "the status is written after the creates";
  world.run_until(begin + 23551ms);
  EXPECT_EQ(world.status().active, 500);
  world.run_until(begin + 60s);
  EXPECT_EQ(world.status().active, 600);
}

TEST(JobErrors, AFailedBatchOfCreatesSkipsTheRestAndIsRetried) {
  JobWorld world;
  // Batches of 1, 2, 4 …: the third create fails, so its batch of two is the last.
  world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::Create), 1, 2});
  world.create(indexed(8, 8));
  EXPECT_EQ(world.created(), "0,1");
  EXPECT_EQ(world.status().active, 2);
  EXPECT_EQ(world.transitions(Field::SyncFailed, Writer::JobController).size(), 1U);
  EXPECT_EQ(world.transitions(Field::Warning, Writer::JobController).size(), 1U);
  world.run_for(5s);
  EXPECT_EQ(world.active_indexes(), "0,1,2,3,4,5,6,7");
}

TEST(JobErrors, AQuotaLetsTheJobRetryWithGrowingDelays) {
  JobWorld world;
  world.cluster.pod_quotas.push_back({world.text("default"), 1});
  world.create(indexed(2, 2));
  world.run_for(30s);
  EXPECT_EQ(world.active_indexes(), "0");
  const auto failures = world.transitions(Field::SyncFailed, Writer::JobController);
  ASSERT_GE(failures.size(), 4U);
  EXPECT_LE(failures.size(), 7U);
  world.cluster.pod_quotas.clear();
  world.run_for(60s);
  EXPECT_EQ(world.active_indexes(), "0,1");
}

TEST(JobErrors, AStatusWriteOnAChangedJobConflictsAndIsRetried) {
  JobWorld world;
  world.submit(indexed(40, 40));
  world.run_for(100ms);  // thirty pods are there, ten creates wait for the client
  world.change([](JobSpec& spec) { spec.backoff_limit = 7; });
  world.run_for(700ms);
  const auto failures = world.transitions(Field::SyncFailed, Writer::JobController);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_NE(world.history.text_at(failures[0].detail).find("the object has been modified"),
            std::string::npos);
  world.run_for(5s);
  EXPECT_EQ(world.status().active, 40);
}

TEST(JobErrors, AFailureIsCountedOnceAlthoughItsFinalizerCouldNotBeRemovedAtFirst) {
  JobWorld world;
  world.create(indexed(1, 1));
  world.work(2s);
  world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::Update), 2, 0});
  const Row pod = world.active(0);
  world.fail_index(0);
  world.run_for(1500ms);
  EXPECT_EQ(world.status().failed, 0);
  EXPECT_EQ(world.status().uncounted_failed.size(), 1U);
  EXPECT_TRUE(world.cluster.pods[pod].job_tracking);
  world.work(30s);
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_TRUE(world.status().uncounted_failed.empty());
  EXPECT_FALSE(world.cluster.pods[pod].job_tracking);
}

TEST(JobErrors, TheVerdictWaitsUntilEveryPodIsDeleted) {
  JobWorld world;
  JobSpec spec = indexed(2, 2);
  spec.backoff_limit = 0;
  world.create(spec);
  world.work(5s);
  world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::Delete), 1, 0});
  world.fail_index(0);
  world.run_for(1200ms);
  EXPECT_EQ(world.transitions(Field::SyncFailed, Writer::JobController).size(), 1U);
  EXPECT_FALSE(world.is(JobConditionType::FailureTarget));
  world.run_for(3s);
  EXPECT_EQ(world.reason(JobConditionType::FailureTarget), "BackoffLimitExceeded");
}

TEST(RetryDelay, DoublesToAMinuteAndBeforeOneTwentyEightFromTenSecondsToSixMinutes) {
  const auto seconds = [](const char* version, std::uint32_t failures) {
    return std::chrono::duration_cast<std::chrono::seconds>(
               job_controller::retry_delay(features_of(version), failures))
        .count();
  };
  EXPECT_EQ(seconds("1.28.0", 1), 1);
  EXPECT_EQ(seconds("1.28.0", 2), 2);
  EXPECT_EQ(seconds("1.28.0", 6), 32);
  EXPECT_EQ(seconds("1.28.0", 7), 60);
  EXPECT_EQ(seconds("1.28.0", 100), 60);
  EXPECT_EQ(seconds("1.27.0", 1), 10);
  EXPECT_EQ(seconds("1.27.0", 6), 320);
  EXPECT_EQ(seconds("1.27.0", 7), 360);
}

TEST(DeletedJob, InTheBackgroundItsPodsLoseTheirFinalizersOnceTheyAreDeleted) {
  JobWorld world;
  world.create(indexed(2, 2));
  world.work(2s);
  Turn turn = world.turn();
  delete_job(turn, world.job, {Writer::User});
  world.run_for(1s);
  // Every pod was queued as an orphan when the Job went.
  for (const Row row : world.pods()) {
    EXPECT_FALSE(world.cluster.pods[row].job_tracking);
    delete_pod(turn, row, {Writer::GarbageCollector});
  }
  world.run_for(1s);
  world.stop_terminating();
  world.run_for(1s);
  EXPECT_TRUE(world.pods().empty());
}

TEST(DeletedJob, WhatItsKeyWaitsForWakesItsSuccessor) {
  // A key is a name: its delayed wake-up is that of whoever has the name then, and a later one is not kept
  // beside it (client-go delaying_queue.go insert).
  JobWorld world;
  world.create(indexed(2, 2));
  world.work(5s);
  for (const Row pod : world.pods()) {
    world.make_unready(pod);  // the sync that counts it is batched: a second later
  }
  world.settle();
  Turn turn = world.turn();
  const Row row = world.job;
  delete_job(turn, world.job, {Writer::User});
  world.settle();
  world.create(indexed(2, 2));
  ASSERT_EQ(world.job, row) << "the successor takes the row";
  for (const Row pod : world.pods()) {
    if (world.cluster.pods[pod].owner.uid == world.cluster.jobs[row].meta.uid) {
      world.bind(pod, world.node);
      world.make_ready(pod);
    }
  }
  world.run_for(5s);
  EXPECT_EQ(world.status().ready, 2);
}

TEST(DeletedJob, InTheForegroundNothingIsCreatedAndFinalizersGo) {
  JobWorld world;
  world.create(indexed(2, 4));
  world.work(2s);
  Turn turn = world.turn();
  delete_job(turn, world.job, {Writer::User}, Propagation::Foreground);
  world.run_for(1s);
  for (const Row row : world.pods()) {
    EXPECT_FALSE(world.cluster.pods[row].job_tracking);
  }
  world.succeed_index(0);
  world.run_for(5s);
  EXPECT_EQ(world.created(), "0,1");
}

TEST(Adoption, AJobWithItsOwnSelectorAdoptsMatchingPods) {
  JobWorld world;
  Pod pod;
  pod.meta.name = world.text("stray");
  pod.meta.name_space = world.text("default");
  pod.pod_template = world.pod_template;
  Turn turn = world.turn();
  const Row stray = create_pod(turn, pod, {Writer::User}).row;
  world.settle();
  JobSpec spec = non_indexed(2, 2);
  spec.selector = std::make_shared<const LabelMap>(LabelMap{{"app", "work"}});
  world.create(spec);
  EXPECT_EQ(world.cluster.pods[stray].owner.uid, world.cluster.jobs[world.job].meta.uid);
  EXPECT_TRUE(world.cluster.pods[stray].job_tracking);
  EXPECT_EQ(world.created(), "-1") << "one more beside the adopted pod";
  EXPECT_EQ(world.status().active, 2);
}

TEST(Adoption, APodWhoseLabelsMatchNoLongerIsReleasedAndReplaced) {
  JobWorld world;
  JobSpec spec = non_indexed(2, 2);
  spec.selector = std::make_shared<const LabelMap>(LabelMap{{"app", "work"}});
  world.create(spec);
  world.work(3s);
  const Row pod = world.active(-1);
  const std::uint32_t labels = world.cluster.add_label_set({{"app", "other"}});
  world.change_pod(pod, [&](Pod& changed) { changed.label_set = labels; }, Writer::User);
  world.work(5s);
  EXPECT_EQ(world.cluster.pods[pod].owner, OwnerRef{});
  EXPECT_FALSE(world.cluster.pods[pod].job_tracking);
  EXPECT_EQ(world.created(), "-1,-1,-1");
  EXPECT_EQ(world.deleted(), "");
  EXPECT_EQ(world.status().active, 2);
  EXPECT_EQ(world.cluster.job_controller.memory[world.job].active, 2);
  EXPECT_EQ(world.status().failed, 0);
}

TEST(ManagedBy, AJobOfAnotherControllerIsLeftAlone) {
  JobWorld world;
  JobSpec spec = indexed(2, 2);
  spec.managed_by_other = true;
  world.create(spec);
  world.run_for(5s);
  EXPECT_EQ(world.created(), "");
  EXPECT_EQ(world.status().start_time, sim::kNever);
}

struct VersionCase {
  const char* version;
  bool gate;   ///< JobPodReplacementPolicy
  bool waits;  ///< Complete waits for the terminating pod
  int terminating;
  friend std::ostream& operator<<(std::ostream& os, const VersionCase& c) {
    return os << c.version << ' ' << c.gate;
  }
};

class TerminalCondition : public testing::TestWithParam<VersionCase> {};

TEST_P(TerminalCondition, WaitsForTerminatingPodsFromOneThirtyOne) {
  const VersionCase& c = GetParam();
  JobWorld world(c.version,
                 c.gate ? std::vector<std::pair<std::string, bool>>{}
                        : std::vector<std::pair<std::string, bool>>{{"JobPodReplacementPolicy", false}});
  world.create(indexed(2, 2));
  world.work(2s);
  world.succeed_index(0);
  world.work(3s);
  world.resize(1);
  world.run_for(3s);
  EXPECT_EQ(world.is(JobConditionType::Complete), !c.waits);
  EXPECT_EQ(world.is(JobConditionType::SuccessCriteriaMet), c.waits);
  EXPECT_EQ(world.status().terminating, c.terminating);
}

const VersionCase kVersions[] = {
    {"1.30.0", true, false, 1},   {"1.30.0", false, false, -1}, {"1.31.0", true, true, 1},
    {"1.31.0", false, false, -1}, {"1.34.0", true, true, 1},
};

INSTANTIATE_TEST_SUITE_P(Releases, TerminalCondition, testing::ValuesIn(kVersions));

TEST(TtlAfterFinished, DeletesTheJobThatLongAfterItsEnd) {
  JobWorld world;
  JobSpec spec = indexed(1, 1);
  spec.ttl_seconds_after_finished = 100;
  world.create(spec);
  world.work(2s);
  world.succeed_index(0);
  world.work(3s);
  ASSERT_TRUE(world.is(JobConditionType::Complete));
  const sim::Time end = world.status().condition(JobConditionType::Complete).last_transition;
  world.run_until(end + 99s);
  EXPECT_FALSE(world.cluster.jobs[world.job].meta.deleting());
  world.run_until(end + 101s);
  EXPECT_TRUE(world.cluster.jobs[world.job].meta.deleting());
  EXPECT_EQ(world.transitions(Field::DeletionRequested, Writer::TtlAfterFinishedController).size(), 1U);
}

TEST(TtlAfterFinished, ALaterTtlIsReadAgainBeforeTheDeletion) {
  JobWorld world;
  JobSpec spec = indexed(1, 1);
  spec.ttl_seconds_after_finished = 10;
  world.create(spec);
  world.work(2s);
  world.succeed_index(0);
  world.work(3s);
  world.change([](JobSpec& changed) { changed.ttl_seconds_after_finished = 60; });
  world.run_for(30s);
  EXPECT_FALSE(world.cluster.jobs[world.job].meta.deleting());
  world.run_for(31s);
  EXPECT_TRUE(world.cluster.jobs[world.job].meta.deleting());
}

TEST(TtlAfterFinished, AJobThatRunsIsNeverDeleted) {
  JobWorld world;
  JobSpec spec = indexed(1, 1);
  spec.ttl_seconds_after_finished = 0;
  world.create(spec);
  world.work(60s);
  EXPECT_FALSE(world.cluster.jobs[world.job].meta.deleting());
}

}  // namespace
}  // namespace models::kubernetes
