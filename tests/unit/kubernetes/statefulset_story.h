#pragma once
// Stories about one StatefulSet `web`, told in the notation of the table of cases: events, then the calls
// that the controller makes for them, then what must hold.
//
//     StatefulSetStory story("3");
//     EXPECT_EQ(story.play("->0: D2; rep 3 cur 2 | gone: D1 | gone: D0"), "");
//
// A story is a list of scenes, divided by `|`. A scene is `event, event: call call, call; check, check`:
//   calls   `C1` creates pod 1, `C1@B` at the revision of template B, `D1` requests its deletion; `C1!`,
//   `D1!` and
//           `error` fail. A space joins calls of one sync, a comma ends a sync, braces hold calls in any
//           order, `-` is none. A failed sync that is repeated without effect counts once.
//   events  of pods (`0 2 ready`; without numbers, all pods that it suits): ready, unready, failed,
//   succeeded, gone
//           (a terminating pod, its finalizer too), vanish (at once, whatever it was), evicted (deletion
//           requested by the taint eviction controller), finalizer (given one), unschedulable (never bound),
//           touched (a status update of no importance); of the set: `create 3`, `->5`, `template B`,
//           `partition 1`, `start 4`, `minReady 10`, `touched` without numbers; of others: `user deletes 1`,
//           `delete fails` (the next one), `quota 2`, `wait 10s`.
//   checks  `rep 3`, `rdy`, `avail`, `cur`, `upd` (status counts), `current=A`, `update=B` (status
//   revisions),
//           `present 0 1`, `waits PodNotReady 1` (the wait that was told), `waits none`.
//
// Pods are bound by nobody's scheduler as soon as they exist. Nothing else happens unless the story says so.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/kubernetes/cluster_fixture.h"

namespace models::kubernetes::testing_support {

class StatefulSetStory {
 public:
  /// @param start  `3`: three pods, all available at template A; `none`: no set yet. Options follow:
  /// parallel,
  ///               ondelete, noblock, partition=1, max=2, max=50%, start=2, minReady=10, claims,
  ///               scaled=Delete, deleted=Delete, history=1.
  explicit StatefulSetStory(std::string_view start, std::string_view version = "1.34.0",
                            const std::vector<std::pair<std::string, bool>>& gates = {});

  /// Plays the scenes. @return what differed from the story, a line each; empty if nothing did.
  std::string play(std::string_view scenes);

  TestCluster world;
  [[nodiscard]] Row set() const { return set_; }
  [[nodiscard]] const StatefulSetStatus& status() const { return world.cluster.statefulsets[set_].status; }
  /// Row of the pod that the API has under that ordinal; kNoRow if there is none.
  [[nodiscard]] Row pod(std::int32_t ordinal) const;
  [[nodiscard]] Row claim(std::int32_t ordinal) const;
  /// The texts of the errors with which syncs ended so far.
  [[nodiscard]] std::vector<std::string> errors() const;

 private:
  struct Call {
    sim::Time at{};
    std::string text;
  };

  void configure(std::string_view option);
  void create(std::int32_t replicas);
  void bring_up();
  void happen(const std::string& event);
  void happen_to_pods(const std::vector<std::int32_t>& ordinals, const std::string& what);
  bool happen_to_set(const std::string& event);
  void happen_to_pod(Row row, const std::string& what);
  [[nodiscard]] bool suits(const Pod& pod, const std::string& what) const;
  void settle();
  void collect_calls();
  [[nodiscard]] std::vector<std::vector<std::string>> calls_by_sync() const;
  [[nodiscard]] std::string check(const std::string& text) const;
  [[nodiscard]] std::string check_wait(const std::vector<std::string>& words) const;
  [[nodiscard]] std::string letter_of(TemplateId pod_template) const;
  [[nodiscard]] std::string letter_of_revision(Text name) const;
  TemplateId template_named(const std::string& letter);

  StatefulSetSpec spec_;
  Row set_ = kNoRow;
  Row node_ = kNoRow;
  std::map<std::string, TemplateId> templates_;
  std::vector<std::int32_t> unschedulable_;
  std::vector<Call> calls_;
  sim::TransitionId mark_ = 0;
};

}  // namespace models::kubernetes::testing_support
