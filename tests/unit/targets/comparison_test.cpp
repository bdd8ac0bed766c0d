#include "scenarios/targets/fidelity/comparison.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "models/kubernetes/vocabulary.h"
#include "scenarios/targets/replay.h"

namespace scenarios::targets {
namespace {

using models::kubernetes::Field;
using models::kubernetes::Writer;

Observation change(sim::TransitionId id, const char* subject, Field field, const char* value,
                   Writer writer = Writer::StatefulSetController,
                   sim::TransitionId cause = sim::kNoTransition) {
  return {subject, static_cast<std::uint16_t>(field), value, value, writer, sim::Time{id}, id, cause, {}};
}

std::vector<std::uint64_t> in_order(std::size_t count) {
  std::vector<std::uint64_t> order(count);
  for (std::size_t i = 0; i < count; ++i) {
    order[i] = i;
  }
  return order;
}

TEST(Comparison, MatchesTheLongestCommonSequenceOfEachObject) {
  const std::vector<Observation> recorded = {change(0, "set", Field::SetStatusReady, "1"),
                                             change(1, "set", Field::SetStatusReady, "2"),
                                             change(2, "set", Field::SetStatusReady, "3")};
  const std::vector<Observation> simulated = {change(0, "set", Field::SetStatusReady, "1"),
                                              change(1, "set", Field::SetStatusReady, "3"),
                                              change(2, "set", Field::SetStatusReplicas, "3")};
  const Comparison comparison = compare(recorded, simulated, in_order(3));
  EXPECT_EQ(comparison.all.matched, 2U);
  EXPECT_EQ(comparison.all.missing, 1U);
  EXPECT_EQ(comparison.all.extra, 1U);
  EXPECT_EQ(comparison.by_controller.at("statefulset-controller").matched, 2U);
  ASSERT_EQ(comparison.differences.size(), 2U);
  EXPECT_EQ(comparison.differences[0].kind, Disagreement::Missing);
  EXPECT_EQ(comparison.differences[0].observation.value, "2");
  EXPECT_EQ(comparison.first_recorded.size(), 3U);
}

TEST(Comparison, CountsNothingThatKubeletsAndUsersWrote) {
  const std::vector<Observation> recorded = {change(0, "pod", Field::PodReady, "1", Writer::Kubelet),
                                             change(1, "set", Field::SetReplicas, "3", Writer::User)};
  const Comparison comparison = compare(recorded, {}, in_order(2));
  EXPECT_EQ(comparison.all.all(), 0U);
  EXPECT_EQ(comparison.all.share(), 1.0);
}

TEST(Comparison, WhatWasRecordedBeforeItsCauseIsOutOfOrder) {
  const std::vector<Observation> recorded = {change(0, "pod web-1", Field::Created, ""),
                                             change(1, "pod web-0", Field::PodReady, "1", Writer::Kubelet)};
  const std::vector<Observation> simulated = {
      change(0, "pod web-0", Field::PodReady, "1", Writer::Kubelet),
      change(1, "pod web-1", Field::Created, "", Writer::StatefulSetController, 0)};
  const Comparison comparison = compare(recorded, simulated, in_order(2));
  EXPECT_EQ(comparison.all.matched, 1U);
  EXPECT_EQ(comparison.all.out_of_order, 1U);
  EXPECT_EQ(comparison.all.share(), 0.0);
  ASSERT_EQ(comparison.differences.size(), 1U);
  EXPECT_EQ(comparison.differences[0].observation.subject, "pod web-1");
}

TEST(Comparison, ACauseThatWasSeenOnlyTogetherWithLaterWritesHasNoOrder) {
  const std::vector<Observation> recorded = {
      change(0, "pod task-0", Field::Created, "", Writer::JobController),
      change(1, "job task", Field::Created, "", Writer::User)};
  const std::vector<Observation> simulated = {
      change(0, "job task", Field::Created, "", Writer::User),
      change(1, "pod task-0", Field::Created, "", Writer::JobController, 0)};
  EXPECT_EQ(compare(recorded, simulated, {0, 1}).all.out_of_order, 1U);
  EXPECT_EQ(compare(recorded, simulated, {0, kUnknownOrder}).all.out_of_order, 0U);
}

/// A recording that the models reproduce as it is.
constexpr const char* kRecording = "scenarios/recordings/1.32/flux_downsize_4_3_4_6.jsonl.zst";

TEST(Replay, ReproducesTheFluxSeed) {
  std::string problem;
  const std::optional<ReplayResult> result = replay(kRecording, {}, problem);
  ASSERT_TRUE(result) << problem;
  EXPECT_EQ(result->version, "1.32.2");
  EXPECT_GT(result->comparison.all.matched, 30U);
  EXPECT_EQ(result->comparison.all.share(), 1.0);
  EXPECT_TRUE(result->commands.empty());
  EXPECT_EQ(result->decisions_changed, 0U);
}

TEST(Replay, OfAModelMadeWrongNamesTheControllerAndItsFirstWrongTransition) {
  ReplayOptions options;
  options.spoil = [](models::kubernetes::Settings& settings) {
    // A Job controller that knows nothing of terminating pods.
    settings.features.gates &=
        ~(1U << static_cast<unsigned>(models::kubernetes::Gate::JobPodReplacementPolicy));
  };
  std::string problem;
  const std::optional<ReplayResult> result = replay(kRecording, options, problem);
  ASSERT_TRUE(result) << problem;
  EXPECT_LT(result->comparison.all.share(), 1.0);
  ASSERT_FALSE(result->comparison.differences.empty());
  const Difference& first = result->comparison.differences.front();
  EXPECT_EQ(first.controller, "job-controller");
  EXPECT_EQ(first.observation.change, "status.terminating -1 -> 0");
}

TEST(Replay, ComparesOutputsAndDurations) {
  ReplayOptions options;
  options.seeds = 5;
  std::string problem;
  const std::optional<ReplayResult> result = replay(kRecording, options, problem);
  ASSERT_TRUE(result) << problem;
  EXPECT_GT(result->outputs_compared, 3U);
  EXPECT_TRUE(result->outputs.empty());
  ASSERT_FALSE(result->durations.steps.empty());
  ASSERT_TRUE(result->durations.kubectl);
  EXPECT_GT(*result->durations.kubectl, sim::Duration::zero());
  for (const StepDuration& one : result->durations.steps) {
    EXPECT_GT(one.recorded, sim::Duration::zero()) << one.step;
    ASSERT_TRUE(one.low && one.high) << one.step;
    EXPECT_GT(*one.low, sim::Duration::zero()) << one.step << ": kubectl takes its time";
    EXPECT_LE(*one.low, *one.high) << one.step;
  }
}

double share_with(void (*meddle)(models::kubernetes::Cluster&), const char* recording = kRecording) {
  ReplayOptions options;
  options.meddle = meddle;
  std::string problem;
  const std::optional<ReplayResult> result = replay(recording, options, problem);
  EXPECT_TRUE(result) << problem;
  return result ? result->comparison.all.share() : 1.0;
}

TEST(Replay, NoTimingMakesUpForAJobStatusThatCountsWrong) {
  EXPECT_LT(share_with([](models::kubernetes::Cluster& cluster) {
              for (auto& sync : cluster.job_controller.active) {
                sync.payload.account.status.ready = 0;
              }
            }),
            share_with(nullptr));
}

TEST(Replay, NoTimingMakesUpForAJobControllerThatWantsAPodTooMany) {
  EXPECT_LT(share_with([](models::kubernetes::Cluster& cluster) {
              for (models::kubernetes::Row row = 0; row < cluster.jobs.extent(); ++row) {
                cluster.jobs[row].spec.parallelism = 1;
              }
            }),
            share_with(nullptr));
}

/// A StatefulSet that shrinks and grows, in order.
constexpr const char* kSet = "scenarios/recordings/1.32/iomesh_chunks_3_5_4.jsonl.zst";

TEST(Replay, NoTimingMakesUpForAStatefulSetControllerThatCountsWrong) {
  EXPECT_LT(share_with(
                [](models::kubernetes::Cluster& cluster) {
                  for (auto& sync : cluster.statefulset_controller.active) {
                    sync.payload.status.current_replicas = 0;
                  }
                },
                kSet),
            share_with(nullptr, kSet));
}

TEST(Replay, NoTimingMakesUpForAStatefulSetControllerThatStartsAllPodsAtOnce) {
  EXPECT_LT(share_with(
                [](models::kubernetes::Cluster& cluster) {
                  for (models::kubernetes::Row row = 0; row < cluster.statefulsets.extent(); ++row) {
                    cluster.statefulsets[row].spec.pod_management_policy =
                        models::kubernetes::PodManagementPolicy::Parallel;
                  }
                },
                kSet),
            share_with(nullptr, kSet));
}

TEST(Replay, RefusesWhatIsNoRecording) {
  std::string problem;
  EXPECT_FALSE(replay("README.md", {}, problem));
  EXPECT_NE(problem.find("README.md"), std::string::npos) << problem;
  EXPECT_FALSE(replay("scenarios/recordings/none.jsonl.zst", {}, problem));
  EXPECT_NE(problem.find("none.jsonl.zst"), std::string::npos) << problem;
}

}  // namespace
}  // namespace scenarios::targets
