// Whole lives of StatefulSets under random events: what must hold at every moment, and what must come in the
// end.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/kubernetes/statefulset_story.h"

namespace models::kubernetes::testing_support {
namespace {

/// The ordinals of the pods that the API has, sorted.
std::vector<std::int32_t> ordinals(const StatefulSetStory& story) {
  std::vector<std::int32_t> found;
  for (const Row row : story.world.pods()) {
    found.push_back(story.world.cluster.pods[row].index);
  }
  std::sort(found.begin(), found.end());
  return found;
}

void check_one_pod_per_ordinal(const StatefulSetStory& story) {
  const std::vector<std::int32_t> found = ordinals(story);
  RC_ASSERT(std::adjacent_find(found.begin(), found.end()) == found.end());
}

/// One random thing that happens to the set or to one of its pods.
std::string random_event(const StatefulSetStory& story) {
  const int what = *rc::gen::inRange(0, 12);
  if (what == 0) {
    return fmt::format("->{}", *rc::gen::inRange(0, 5));
  }
  if (what == 1) {
    return *rc::gen::element<std::string>("template A", "template B", "template C");
  }
  if (what == 2) {
    return fmt::format("partition {}", *rc::gen::inRange(0, 4));
  }
  if (what == 3) {
    return fmt::format("start {}", *rc::gen::inRange(0, 3));
  }
  if (what == 4) {
    return "delete fails";
  }
  const std::vector<std::int32_t> found = ordinals(story);
  if (found.empty()) {
    return "touched";
  }
  const std::int32_t ordinal = *rc::gen::elementOf(found);
  const Pod& pod = story.world.cluster.pods[story.pod(ordinal)];
  std::vector<std::string> possible = {"touched", "vanish", "deleted"};
  if (!pod.terminal()) {
    possible.insert(possible.end(), {"ready", "ready", "ready", "unready", "failed", "succeeded"});
  }
  if (pod.meta.deleting()) {
    possible.insert(possible.end(), {"gone", "gone", "gone"});
  }
  const std::string happening = *rc::gen::elementOf(possible);
  return happening == "deleted" ? fmt::format("user deletes {}", ordinal)
                                : fmt::format("{} {}", ordinal, happening);
}

/// Makes every pod ready and lets every terminating pod go, until nothing changes any more. Terminal pods
/// beyond the spec block each other for ever: a person deletes them.
void let_everything_heal(StatefulSetStory& story) {
  story.world.cluster.write_faults.clear();
  for (int round = 0; round < 60; ++round) {
    for (const Row row : story.world.pods()) {
      if (story.world.cluster.pods[row].terminal()) {
        story.world.remove(row, Writer::User);
      }
    }
    story.play("ready: - | gone: - | wait 2s: -");
    check_one_pod_per_ordinal(story);
  }
}

void live(const std::string& start) {
  StatefulSetStory story(start);
  const int events = *rc::gen::inRange(1, 25);
  for (int i = 0; i < events; ++i) {
    // What the calls are is not this property's business: the differences from "-" are not looked at.
    story.play(random_event(story) + ": -");
    check_one_pod_per_ordinal(story);
  }
  let_everything_heal(story);
  const StatefulSet& set = story.world.cluster.statefulsets[story.set()];
  std::vector<std::int32_t> wanted;
  for (std::int32_t i = 0; i < set.spec.replicas; ++i) {
    wanted.push_back(set.spec.start + i);
  }
  RC_ASSERT(ordinals(story) == wanted);
  for (const std::int32_t ordinal : wanted) {
    if (ordinal >= set.spec.start + set.spec.partition) {
      RC_ASSERT(story.world.cluster.pods[story.pod(ordinal)].pod_template == set.spec.pod_template);
    }
  }
  RC_ASSERT(story.status().replicas == set.spec.replicas);
  RC_ASSERT(story.status().ready_replicas == set.spec.replicas);
  RC_ASSERT(story.status().observed_generation == set.meta.generation);
}

RC_GTEST_PROP(StatefulSetLife, OrderedReadyComesToItsSpecWithOnePodPerOrdinal, ()) { live("2"); }

RC_GTEST_PROP(StatefulSetLife, ParallelComesToItsSpecWithOnePodPerOrdinal, ()) { live("2 parallel"); }

RC_GTEST_PROP(StatefulSetLife, ClaimsAreOneForEachOrdinalAndTemplate, ()) {
  StatefulSetStory story(*rc::gen::element<std::string>("2 claims", "2 parallel claims"));
  const int events = *rc::gen::inRange(1, 15);
  for (int i = 0; i < events; ++i) {
    story.play(random_event(story) + ": -");
  }
  let_everything_heal(story);
  std::vector<std::string> names;
  for (Row row = 0; row < story.world.cluster.claims.extent(); ++row) {
    names.push_back(story.world.cluster.name_of(story.world.cluster.claims[row].meta));
  }
  std::sort(names.begin(), names.end());
  RC_ASSERT(std::adjacent_find(names.begin(), names.end()) == names.end());
  for (const std::int32_t ordinal : ordinals(story)) {
    RC_ASSERT(story.claim(ordinal) != kNoRow);
  }
}

/// A copy of the cluster taken at any moment goes on as the original does.
RC_GTEST_PROP(StatefulSetLife, ACopiedClusterGoesOnAsTheOriginal, ()) {
  StatefulSetStory story(*rc::gen::element<std::string>("3", "3 parallel"));
  story.world.change_spec<StatefulSet>(story.set(), [](StatefulSetSpec& spec) { spec.replicas = 60; });
  const int steps = *rc::gen::inRange(0, 80);
  for (int i = 0; i < steps; ++i) {
    story.world.step();
  }
  const Cluster cluster = story.world.cluster;
  const sim::Agenda agenda = story.world.agenda;
  const sim::TransitionId from = story.world.history.next_id();
  const auto go_on = [&] {
    story.world.run_for(10s);
    std::vector<std::int64_t> words;
    for (sim::TransitionId id = from; id < story.world.history.next_id(); ++id) {
      const sim::Transition& transition = story.world.history.at(id);
      words.insert(words.end(), {transition.at.count(), transition.subject, transition.field, transition.to});
    }
    return words;
  };
  const std::vector<std::int64_t> first = go_on();
  const sim::TransitionId between = story.world.history.next_id();
  story.world.cluster = cluster;
  story.world.agenda = agenda;
  const std::vector<std::int64_t> both = go_on();
  RC_ASSERT(story.world.history.next_id() - between == between - from);
  const std::vector<std::int64_t> second(both.begin() + static_cast<std::ptrdiff_t>(first.size()),
                                         both.end());
  RC_ASSERT(first == second);
}

}  // namespace
}  // namespace models::kubernetes::testing_support
