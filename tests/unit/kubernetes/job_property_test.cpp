#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "models/kubernetes/job_indexes.h"
#include "tests/unit/kubernetes/job_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

std::vector<int> indexes_below(int limit) {
  return *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, limit));
}

RC_GTEST_PROP(JobIndexesProperty, firstPendingIndexesAreThoseOfAPlainSearch, ()) {
  const int completions = *rc::gen::inRange(0, 80);
  const auto count = static_cast<std::size_t>(*rc::gen::inRange(0, 90));
  const std::vector<int> held = indexes_below(90);
  const std::vector<int> succeeded = indexes_below(80);
  const std::vector<int> failed = indexes_below(80);
  HeldIndexes occupied;
  for (const int index : held) {
    occupied.insert(index);
  }
  std::set<int> taken(held.begin(), held.end());
  taken.insert(succeeded.begin(), succeeded.end());
  taken.insert(failed.begin(), failed.end());
  std::vector<int> expected;
  for (int index = 0; index < completions && expected.size() < count; ++index) {
    if (!taken.contains(index)) {
      expected.push_back(index);
    }
  }
  RC_ASSERT(first_pending_indexes(occupied, IndexSet::of(succeeded), IndexSet::of(failed), count,
                                  completions) == expected);
}

RC_GTEST_PROP(JobIndexesProperty, removalLeavesOnePodForEveryIndexInRangeAndNoMoreThanWanted, ()) {
  const int completions = *rc::gen::inRange(0, 10);
  const std::vector<int> indexes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-1, 12));
  const auto at_least = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(indexes.size()) + 1));
  std::vector<Pod> pods(indexes.size());
  std::vector<ActivePod> active;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    pods[i].index = indexes[i];
    pods[i].meta.uid = static_cast<Uid>(i + 1);
    pods[i].ready = *rc::gen::arbitrary<bool>();
    active.push_back({static_cast<Row>(i), &pods[i]});
  }
  const std::vector<ActivePod> removed = pods_for_removal(active, completions, at_least);
  std::set<Row> rows;
  for (const ActivePod& pod : removed) {
    RC_ASSERT(rows.insert(pod.row).second);
  }
  RC_ASSERT(removed.size() >= at_least);
  std::set<int> left;
  for (const ActivePod& pod : active) {
    if (!rows.contains(pod.row)) {
      RC_ASSERT(pod.pod->index >= 0 && pod.pod->index < completions);
      RC_ASSERT(left.insert(pod.pod->index).second);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// A Job whose pods and spec change at random

/// What a test does next.
struct Action {
  enum What { Wait, Succeed, Fail, Delete, Stop, Resize, Parallelism, LoseWrites, RestartController } what;
  int number;
  friend std::ostream& operator<<(std::ostream& os, const Action& action) {
    constexpr const char* kNames[] = {"wait",        "succeed",     "fail",
                                      "delete",      "stop",        "resize",
                                      "parallelism", "lose writes", "restart controller"};
    return os << kNames[action.what] << ' ' << action.number;
  }
};

std::vector<Action> some_actions(std::initializer_list<Action::What> kinds) {
  const std::vector<Action::What> all(kinds);
  return *rc::gen::container<std::vector<Action>>(rc::gen::map(
      rc::gen::pair(rc::gen::elementOf(all), rc::gen::inRange(0, 12)),
      [](const std::pair<Action::What, int>& drawn) { return Action{drawn.first, drawn.second}; }));
}

/// A Job under random actions, with what must hold after each of them.
class Story {
 public:
  explicit Story(const JobSpec& spec) { world_.create(spec); }

  void act(const Action& action) {
    const std::vector<Row> active = active_pods();
    const Row chosen =
        active.empty() ? kNoRow : active[static_cast<std::size_t>(action.number) % active.size()];
    Turn turn = world_.turn();
    switch (action.what) {
      case Action::Succeed:
        if (chosen != kNoRow) {
          world_.succeed(chosen);
        }
        break;
      case Action::Fail:
        if (chosen != kNoRow) {
          failed_.insert(world_.cluster.pods[chosen].meta.uid);
          world_.fail(chosen);
        }
        break;
      case Action::Delete:
        if (chosen != kNoRow) {
          failed_.insert(world_.cluster.pods[chosen].meta.uid);
          delete_pod(turn, chosen, {Writer::User});
        }
        break;
      case Action::Stop:
        world_.stop_terminating();
        break;
      case Action::Resize:
        world_.resize(action.number);
        done_.clamp(action.number);
        break;
      case Action::Parallelism:
        world_.change([&](JobSpec& spec) { spec.parallelism = action.number; });
        break;
      case Action::LoseWrites:
        lose_a_write(action.number);
        break;
      case Action::RestartController:
        job_controller::restart(turn, sim::kNoTransition);
        break;
      default:
        break;
    }
    world_.work(std::chrono::milliseconds{700 * (1 + action.number)});
    check();
  }

  /// Lets everything come to rest: backoffs end, terminating pods stop.
  void rest() {
    for (int i = 0; i < 4; ++i) {
      world_.work(60s);
      world_.stop_terminating();
    }
    world_.run_for(1500s);
    world_.run_for(5s);
    check();
  }

  [[nodiscard]] const JobWorld& world() const { return world_; }
  [[nodiscard]] std::size_t failures() const { return failed_.size(); }

 private:
  std::vector<Row> active_pods() const {
    std::vector<Row> rows;
    for (const Row row : world_.pods()) {
      const Pod& pod = world_.cluster.pods[row];
      if (!pod.terminal() && !pod.meta.deleting()) {
        rows.push_back(row);
      }
    }
    return rows;
  }

  /// One of the controller's next writes fails; of a kind that the test itself does not make.
  void lose_a_write(int number) {
    const std::pair<Kind, Verb> writes[] = {
        {Kind::Pod, Verb::Create}, {Kind::Pod, Verb::Update}, {Kind::Job, Verb::UpdateStatus}};
    const auto& [kind, verb] = writes[number % 3];
    world_.cluster.write_faults.push_back(
        {kind, static_cast<std::uint8_t>(verb), 1, static_cast<std::uint32_t>(number) / 3});
  }

  /// What the controller has kept up with every watch event is what a fresh look at all pods gives.
  void check_memory() {
    const View view = view_of(world_.cluster, ObserverId::ControllerManager);
    const JobMemory fresh = remember_job(view, world_.job);
    const JobMemory& kept = world_.cluster.job_controller.memory.at(world_.job);
    if (kept.uid == 0) {
      return;  // the controller has just restarted
    }
    RC_ASSERT(kept.active == fresh.active);
    RC_ASSERT(kept.ready == fresh.ready);
    RC_ASSERT(kept.restarts == fresh.restarts);
    RC_ASSERT(kept.without_index == fresh.without_index);
    RC_ASSERT(kept.active_indexes == fresh.active_indexes);
    const auto to_look_at = [&](const JobMemory& memory) {
      std::vector<Uid> uids;
      for (const TrackedPod& pod : memory.ending) {
        if (!settled(view, world_.job, pod, false)) {
          uids.push_back(pod.uid);
        }
      }
      std::sort(uids.begin(), uids.end());
      return uids;
    };
    RC_ASSERT(to_look_at(kept) == to_look_at(fresh));
  }

  void check() {
    check_memory();
    const JobStatus& status = world_.status();
    RC_ASSERT(status.failed >= failed_before_);
    failed_before_ = status.failed;
    for (const sim::Transition& transition :
         world_.transitions(Field::Created, Writer::JobController, checked_)) {
      RC_ASSERT(!done_.contains(world_.history.subject(transition.subject).index));
    }
    checked_ = world_.history.next_id();
    IndexSet in_range = status.completed_indexes;
    in_range.clamp(world_.cluster.jobs[world_.job].spec.completions);
    done_ = done_.with(in_range);
    RC_ASSERT(status.succeeded == static_cast<std::int32_t>(status.completed_indexes.size()));
    if (!status.finished()) {
      const JobMemory memory =
          remember_job(view_of(world_.cluster, ObserverId::ControllerManager), world_.job);
      const JobPlan decided =
          plan(view_of(world_.cluster, ObserverId::ControllerManager), world_.job, memory, world_.now());
      RC_ASSERT(decided.creations.empty() || decided.removals.empty());
      RC_ASSERT(decided.creations.size() <= kPodWritesPerSync);
    } else {
      RC_ASSERT(status.is_true(JobConditionType::Complete) != status.is_true(JobConditionType::Failed));
    }
  }

  JobWorld world_;
  std::set<Uid> failed_;  ///< pods that failed or were deleted by the user
  std::int32_t failed_before_ = 0;
  IndexSet done_;  ///< indexes that have succeeded and stayed in range since
  sim::TransitionId checked_ = 0;
};

JobSpec patient(JobSpec spec) {
  spec.backoff_limit = 1'000'000;
  return spec;
}

RC_GTEST_PROP(JobProperty, failedNeverFallsAndWhatSucceededNeverRunsAgain, ()) {
  const int completions = *rc::gen::inRange(1, 12);
  JobSpec spec = patient(indexed(*rc::gen::inRange(0, 12), completions));
  const int limit = *rc::gen::inRange(-1, 3);
  if (limit >= 0) {
    spec = with_limit_per_index(spec, limit);
  }
  if (*rc::gen::arbitrary<bool>()) {
    spec.pod_replacement_policy = PodReplacementPolicy::Failed;
  }
  Story story(spec);
  for (const Action& action : some_actions({Action::Wait, Action::Succeed, Action::Succeed, Action::Fail,
                                            Action::Delete, Action::Stop, Action::Resize, Action::Parallelism,
                                            Action::LoseWrites, Action::RestartController})) {
    story.act(action);
  }
  story.rest();
}

RC_GTEST_PROP(JobProperty, everyFailureIsCountedExactlyOnce, ()) {
  Story story(patient(indexed(*rc::gen::inRange(1, 6), *rc::gen::inRange(1, 12))));
  for (const Action& action : some_actions(
           {Action::Wait, Action::Succeed, Action::Fail, Action::Delete, Action::Stop, Action::LoseWrites})) {
    story.act(action);
  }
  story.rest();
  const JobWorld& world = story.world();
  RC_ASSERT(world.status().failed == static_cast<std::int32_t>(story.failures()));
  RC_ASSERT(world.status().uncounted_failed.empty());
  // Whoever ended has lost the finalizer, and what is active is what the status says.
  std::int32_t active = 0;
  for (const Row row : world.pods()) {
    const Pod& pod = world.cluster.pods[row];
    RC_ASSERT(!pod.terminal() || !pod.job_tracking);
    active += pod.terminal() || pod.meta.deleting() ? 0 : 1;
  }
  RC_ASSERT(world.status().active == active);
}

}  // namespace
}  // namespace models::kubernetes
