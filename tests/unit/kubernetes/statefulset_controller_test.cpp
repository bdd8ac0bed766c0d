// How the StatefulSet controller works its queue: throttling, back-off, waits, errors, adoption, restarts.

#include "models/kubernetes/statefulset_controller.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/kubernetes/statefulset_status.h"
#include "tests/unit/kubernetes/statefulset_story.h"

namespace models::kubernetes::testing_support {
namespace {

std::vector<sim::Transition> by_controller(const StatefulSetStory& story, Field field) {
  return story.world.transitions(field, Writer::StatefulSetController);
}

/// When the controller created pods, in milliseconds since `since`.
std::vector<std::int64_t> creation_ms(const StatefulSetStory& story, sim::Time since) {
  std::vector<std::int64_t> times;
  for (const sim::Transition& transition : by_controller(story, Field::Created)) {
    if (story.world.history.subject(transition.subject).kind == static_cast<std::uint32_t>(Kind::Pod)) {
      times.push_back((transition.at - since) / 1ms);
    }
  }
  return times;
}

TEST(StatefulSetController, ClientAllowsThirtyRequestsAndThenTwentyASecond) {
  StatefulSetStory story("none parallel");
  story.play("create 50: -");
  story.world.run_for(2s);
  const std::vector<std::int64_t> times = creation_ms(story, 0ns);
  ASSERT_EQ(times.size(), 50U);
  // The revision took one of the thirty; the sync begins when the set is seen, after 1 ms.
  EXPECT_EQ(times[28], 1);
  EXPECT_EQ(times[29], 51);
  EXPECT_EQ(times[30], 101);
  EXPECT_EQ(times[49], 1051);
}

TEST(StatefulSetController, EventsDuringASyncCollapseIntoOneMore) {
  StatefulSetStory story("none parallel");
  story.play("create 60: -");
  story.world.run_for(10s);
  const std::size_t writes = by_controller(story, Field::SetStatusReplicas).size();
  // Sixty creations are seen while the first sync goes on; only then is the status written, once, and once
  // more after the pods were seen.
  EXPECT_EQ(writes, 1U);
  EXPECT_EQ(story.status().replicas, 60);
}

TEST(StatefulSetController, BackOffDoublesWithEachFailure) {
  StatefulSetStory story("none");
  story.world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::Create), 6, 0});
  story.play("create 1: -");
  story.world.run_for(1s);
  std::vector<std::int64_t> at;
  for (const sim::Transition& transition : by_controller(story, Field::SyncFailed)) {
    at.push_back((transition.at - by_controller(story, Field::SyncFailed).front().at) / 1ms);
  }
  // The second sync follows from the first one's status write, and the first failure's timer (5 ms) wakes the
  // third; from there 20, 40, 80 ms.
  EXPECT_EQ(at, (std::vector<std::int64_t>{0, 1, 5, 25, 65, 145}));
  EXPECT_NE(story.pod(0), kNoRow);
}

TEST(StatefulSetController, ErrorNamesVerbPodAndSet) {
  StatefulSetStory story("none parallel");
  story.play("quota 1, create 2: -");
  ASSERT_FALSE(story.errors().empty());
  EXPECT_EQ(story.errors().front(),
            "create Pod web-1 in StatefulSet web failed error: pods \"web-1\" is forbidden: exceeded quota");
}

TEST(StatefulSetController, SeveralErrorsOfABatchAreOneAggregate) {
  StatefulSetStory story("none parallel");
  story.play("quota 1, create 3: -");
  ASSERT_FALSE(story.errors().empty());
  EXPECT_EQ(story.errors().front(),
            "[create Pod web-1 in StatefulSet web failed error: pods \"web-1\" is forbidden: exceeded quota, "
            "create Pod web-2 in StatefulSet web failed error: pods \"web-2\" is forbidden: exceeded quota]");
}

TEST(StatefulSetController, NegativeCurrentReplicasAreRefusedAndRetried) {
  StatefulSetStory story("1 parallel");
  EXPECT_EQ(story.play("template B: D0@A | gone: C0@B | template C: D0@B error; cur 0 | gone: C0@C"), "");
  EXPECT_EQ(story.errors().front(),
            "StatefulSet.apps \"web\" is invalid: status.currentReplicas: Invalid value: -1: must be greater "
            "than or "
            "equal to 0");
}

TEST(StatefulSetController, OldNameTooLongForALabelFailsItsPods) {
  TestCluster world;
  world.receive(ObserverId::ControllerManager, statefulset_controller::observe);
  world.handle(statefulset_controller::on_event);
  StatefulSetSpec spec;
  spec.pod_template = world.add_template("long");
  world.add_statefulset(std::string(53, 'x'), spec);
  world.settle();
  EXPECT_TRUE(world.pods().empty());
  EXPECT_FALSE(world.transitions(Field::SyncFailed, Writer::StatefulSetController).empty());
}

TEST(StatefulSetController, WaitIsToldOnlyWhenItChanges) {
  StatefulSetStory story("3");
  story.play("1 unready: - | ->4: - | 1 touched: - | 1 touched: - | 1 evicted: -");
  std::vector<std::pair<std::int32_t, std::uint32_t>> told;
  const Uid pod = story.world.cluster.pods[story.pod(1)].meta.uid;
  for (const sim::Transition& transition : by_controller(story, Field::Waits)) {
    if (transition.detail == pod || transition.detail == 0) {
      told.emplace_back(transition.to, transition.detail);
    }
  }
  const auto not_ready = static_cast<std::int32_t>(WaitReason::PodNotReady);
  const auto terminating = static_cast<std::int32_t>(WaitReason::PodTerminating);
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told[told.size() - 2], (std::pair<std::int32_t, std::uint32_t>{not_ready, pod}));
  EXPECT_EQ(told.back(), (std::pair<std::int32_t, std::uint32_t>{terminating, pod}));
  EXPECT_EQ(story.play("1 gone: C1 | 1 ready: C3 | ready: -; waits none"), "");
}

TEST(StatefulSetController, ASetThatIsBeingDeletedOnlyGetsItsStatus) {
  StatefulSetStory story("3");
  Turn turn = story.world.turn();
  delete_statefulset(turn, story.set(), {Writer::User}, Propagation::Foreground);
  EXPECT_EQ(story.play("touched: - | 1 failed: -; rdy 2 | 2 vanish: -; rep 2"), "");
}

TEST(StatefulSetController, StaleCacheMakesACreationCollide) {
  timing::Profile slow;
  slow.set(timing::Key::watch_latency, timing::Distribution::fixed(30ms));
  TestCluster world("1.34.0", {}, slow);
  world.receive(ObserverId::ControllerManager, statefulset_controller::observe);
  world.handle(statefulset_controller::on_event);
  StatefulSetSpec spec;
  spec.pod_template = world.add_template("web");
  const Row set = world.add_statefulset("web", spec);
  world.settle(25ms);
  world.run_for(31ms);  // the set was seen, its pod created, but that is under way
  Turn turn = world.turn();
  statefulset_controller::enqueue(turn, set, sim::kNoTransition);
  world.settle();
  EXPECT_EQ(world.pods().size(), 1U);
  const auto failures = world.transitions(Field::SyncFailed, Writer::StatefulSetController);
  ASSERT_FALSE(failures.empty());
  EXPECT_EQ(world.history.text_at(failures.front().detail),
            "create Pod web-0 in StatefulSet web failed error: pods \"web-0\" already exists");
}

TEST(StatefulSetController, StatusConflictsWhenTheCacheLagsByMoreThanTheRetries) {
  timing::Profile slow;
  slow.set(timing::Key::watch_latency, timing::Distribution::fixed(1s));
  TestCluster world("1.34.0", {}, slow);
  world.receive(ObserverId::ControllerManager, statefulset_controller::observe);
  world.handle(statefulset_controller::on_event);
  StatefulSetSpec spec;
  spec.pod_template = world.add_template("web");
  const Row set = world.add_statefulset("web", spec);
  world.run_for(500ms);
  world.change_spec<StatefulSet>(set, [](StatefulSetSpec& changed) { changed.replicas = 2; });
  world.run_for(600ms);
  const auto failures = world.transitions(Field::SyncFailed, Writer::StatefulSetController);
  ASSERT_FALSE(failures.empty());
  EXPECT_NE(world.history.text_at(failures.front().detail).find("the object has been modified"),
            std::string::npos);
}

TEST(StatefulSetController, AttemptCountsEarlierPodsOfTheOrdinal) {
  StatefulSetStory story("2");
  EXPECT_EQ(story.world.cluster.pods[story.pod(1)].attempt, 0U);
  EXPECT_EQ(story.play("1 failed: D1, C1 | 1 failed: D1, C1"), "");
  EXPECT_EQ(story.world.cluster.pods[story.pod(1)].attempt, 2U);
  EXPECT_EQ(story.world.cluster.pods[story.pod(0)].attempt, 0U);
}

TEST(StatefulSetController, RestartedControllerGoesOn) {
  StatefulSetStory story("2");
  story.play("1 unready: -");
  story.world.change_spec<StatefulSet>(story.set(), [](StatefulSetSpec& spec) { spec.replicas = 3; });
  Turn turn = story.world.turn();
  statefulset_controller::restart(turn, sim::kNoTransition);
  EXPECT_EQ(story.play("1 ready: C2"), "");
}

// Adoption and release
// ---------------------------------------------------------------------------------------

TEST(StatefulSetMembership, OrphanWithNameAndLabelsIsAdopted) {
  StatefulSetStory story("2");
  const Uid orphan = story.world.cluster.pods[story.pod(1)].meta.uid;
  Turn turn = story.world.turn();
  set_pod_owner(turn, story.pod(1), {}, {Writer::User});
  EXPECT_EQ(story.play("touched: -; rep 2"), "");
  EXPECT_EQ(story.world.cluster.pods[story.pod(1)].meta.uid, orphan);
  EXPECT_EQ(story.world.cluster.pods[story.pod(1)].owner.row, story.set());
}

TEST(StatefulSetMembership, BarePodWithTheNameIsAdoptedAndGetsItsLabel) {
  StatefulSetStory story("none");
  Pod pod;
  pod.meta.name = story.world.text("web-0");
  pod.meta.name_space = story.world.text("default");
  pod.pod_template = story.world.add_template("web", "app:A");
  Turn turn = story.world.turn();
  const Row row = create_pod(turn, pod, {Writer::User}).row;
  EXPECT_EQ(story.play("touched: -"), "") << "nobody there yet";
  // It has no revision, so the update replaces it; and it was no current replica, so that one fewer is -1.
  EXPECT_EQ(story.play("create 1: - | ready: D0 error"), "");
  EXPECT_EQ(story.world.cluster.pods[row].owner.kind, Kind::StatefulSet);
  EXPECT_EQ(story.world.cluster.label_of(story.world.cluster.pods[row], "statefulset.kubernetes.io/pod-name"),
            "web-0");
  EXPECT_EQ(story.play("gone: C0"), "");
}

TEST(StatefulSetMembership, PodThatMatchesNoMoreIsReleasedAndItsNameStaysTaken) {
  StatefulSetStory story("2");
  const Row row = story.pod(1);
  story.world.change_pod(
      row, [&](Pod& pod) { pod.label_set = story.world.cluster.add_label_set({{"app", "other"}}); },
      Writer::User);
  EXPECT_EQ(story.play("touched: C1!"), "");
  EXPECT_EQ(story.world.cluster.pods[row].owner.kind, Kind::None);
  EXPECT_EQ(story.errors().back(),
            "create Pod web-1 in StatefulSet web failed error: pods \"web-1\" already exists");
  EXPECT_EQ(story.play("1 vanish, wait 2s: C1"), "");
}

TEST(StatefulSetMembership, BarePodWithOtherLabelsTakesTheName) {
  StatefulSetStory story("1");
  Pod pod;
  pod.meta.name = story.world.text("web-1");
  pod.meta.name_space = story.world.text("default");
  pod.pod_template = story.world.add_template("other");
  Turn turn = story.world.turn();
  create_pod(turn, pod, {Writer::User});
  story.world.settle();
  EXPECT_EQ(story.play("->2: C1!"), "");
}

// Revisions
// --------------------------------------------------------------------------------------------------

std::vector<std::int64_t> revision_numbers(const StatefulSetStory& story) {
  std::vector<std::int64_t> numbers;
  for (Row row = 0; row < story.world.cluster.revisions.extent(); ++row) {
    if (story.world.cluster.revisions.exists(row)) {
      numbers.push_back(story.world.cluster.revisions[row].revision);
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

TEST(StatefulSetRevisions, RollbackRenumbersTheOldRevision) {
  StatefulSetStory story("1");
  const Text name = story.status().update_revision;
  EXPECT_EQ(story.play("template B: D0 | gone: C0@B | ready: -; current=B"), "");
  EXPECT_EQ(revision_numbers(story), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(story.play("template A: D0@B | gone: C0@A"), "");
  EXPECT_EQ(revision_numbers(story), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(story.status().update_revision, name);
}

TEST(StatefulSetRevisions, HistoryKeepsItsLimitOfRevisionsThatNobodyUses) {
  StatefulSetStory story("1 history=1");
  for (const char* letter : {"B", "C", "D", "E"}) {
    EXPECT_EQ(story.play(fmt::format("template {0}: D0 | gone: C0@{0} | ready: -; current={0}", letter)), "");
  }
  EXPECT_EQ(revision_numbers(story), (std::vector<std::int64_t>{4, 5}));
}

TEST(StatefulSetRevisions, RevisionOfAPodIsKeptWhateverTheLimit) {
  StatefulSetStory story("2 ondelete history=0");
  EXPECT_EQ(story.play("template B: - | template C: - | user deletes 1: - | gone: C1@C | ready: -"), "");
  EXPECT_EQ(revision_numbers(story), (std::vector<std::int64_t>{1, 3}));
}

// Status
// -----------------------------------------------------------------------------------------------------

struct RefusalCase {
  const char* name;
  StatefulSetStatus status;
  const char* refusal;  ///< what stands behind `is invalid: `; empty: accepted
  friend std::ostream& operator<<(std::ostream& os, const RefusalCase& c) { return os << c.name; }
};

StatefulSetStatus counts(std::int32_t replicas, std::int32_t ready, std::int32_t available,
                         std::int32_t current, std::int32_t updated) {
  StatefulSetStatus status;
  status.replicas = replicas;
  status.ready_replicas = ready;
  status.available_replicas = available;
  status.current_replicas = current;
  status.updated_replicas = updated;
  return status;
}

class StatefulSetStatusValidation : public testing::TestWithParam<RefusalCase> {};

TEST_P(StatefulSetStatusValidation, SaysWhatIsWrong) {
  const std::string refusal = status_refusal("web", GetParam().status);
  const std::string wanted(GetParam().refusal);
  EXPECT_EQ(refusal, wanted.empty() ? "" : "StatefulSet.apps \"web\" is invalid: " + wanted);
}

const RefusalCase kRefusals[] = {
    {"accepts_sound_counts", counts(3, 2, 1, 3, 0), ""},
    {"negative_count", counts(3, 0, 0, -1, 0),
     "status.currentReplicas: Invalid value: -1: must be greater than or equal to 0"},
    {"more_updated_than_there_are", counts(1, 0, 0, 0, 2),
     "status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas"},
    {"more_available_than_ready", counts(3, 1, 2, 0, 0),
     "status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas"},
    {"all_errors_at_once", counts(1, 2, 0, -1, 0),
     "[status.currentReplicas: Invalid value: -1: must be greater than or equal to 0, status.readyReplicas: "
     "Invalid "
     "value: 2: cannot be greater than status.replicas]"},
};

INSTANTIATE_TEST_SUITE_P(Table, StatefulSetStatusValidation, testing::ValuesIn(kRefusals),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace models::kubernetes::testing_support
