// The decision of the StatefulSet controller against a slow and obvious second rule, for random sets and
// pods.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "models/kubernetes/statefulset_plan.h"
#include "tests/unit/kubernetes/cluster_fixture.h"

namespace models::kubernetes::testing_support {
namespace {

using statefulset_controller::Pass;
using statefulset_controller::StatefulSetPlan;

/// What a pod of an ordinal is like.
enum class Shape { Absent, Pending, Unready, Ready, Terminating, Failed, Succeeded, FailedTerminating };

struct PodSketch {
  Shape shape = Shape::Absent;
  bool old = false;  ///< at the current revision; else at the update revision
};

struct Sketch {
  bool parallel = false;
  bool on_delete = false;
  int replicas = 0;
  int start = 0;
  int partition = 0;
  std::vector<PodSketch> pods;  ///< by ordinal
};

std::ostream& operator<<(std::ostream& os, const Sketch& sketch) {
  os << (sketch.parallel ? "Parallel " : "OrderedReady ") << (sketch.on_delete ? "OnDelete " : "")
     << sketch.start << "+" << sketch.replicas << " partition " << sketch.partition << ":";
  for (const PodSketch& pod : sketch.pods) {
    os << " " << ".pur~FSt"[static_cast<int>(pod.shape)] << (pod.old ? "A" : "B");
  }
  return os;
}

rc::Gen<Sketch> sketches() {
  return rc::gen::exec([] {
    Sketch sketch;
    sketch.parallel = *rc::gen::arbitrary<bool>();
    sketch.on_delete = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
    sketch.replicas = *rc::gen::inRange(0, 6);
    sketch.start = *rc::gen::inRange(0, 3);
    sketch.partition = sketch.on_delete ? 0 : *rc::gen::inRange(0, 4);
    const int pods = *rc::gen::inRange(0, 9);
    // Mostly ready, or OrderedReady would hardly ever get beyond the first pod.
    const auto shapes = rc::gen::weightedElement<Shape>({{12, Shape::Ready},
                                                         {1, Shape::Absent},
                                                         {1, Shape::Pending},
                                                         {1, Shape::Unready},
                                                         {1, Shape::Terminating},
                                                         {1, Shape::Failed},
                                                         {1, Shape::Succeeded},
                                                         {1, Shape::FailedTerminating}});
    for (int i = 0; i < pods; ++i) {
      const Shape shape = *shapes;
      sketch.pods.push_back({shape, *rc::gen::arbitrary<bool>()});
    }
    return sketch;
  });
}

/// The decision as a list of calls: C3, D1, in their order.
std::vector<std::string> calls_of(const StatefulSetPlan& plan) {
  std::vector<std::string> calls;
  for (const Write& write : plan.writes) {
    if (write.kind == WriteKind::CreatePod || write.kind == WriteKind::DeletePod) {
      const bool creation = write.kind == WriteKind::CreatePod;
      calls.push_back((creation ? "C" : "D") + std::to_string(write.index) +
                      (creation ? write.number == 0 ? "@A" : "@B" : ""));
    }
  }
  return calls;
}

StatefulSetPlan decide(const Sketch& sketch) {
  TestCluster world;
  const TemplateId old_template = world.add_template("web", "app:A");
  const TemplateId new_template = world.add_template("web", "app:B");
  StatefulSetSpec spec;
  spec.replicas = sketch.replicas;
  spec.start = sketch.start;
  spec.partition = sketch.partition;
  spec.rolling_update_block = !sketch.on_delete;
  spec.update_strategy = sketch.on_delete ? UpdateStrategy::OnDelete : UpdateStrategy::RollingUpdate;
  spec.pod_management_policy =
      sketch.parallel ? PodManagementPolicy::Parallel : PodManagementPolicy::OrderedReady;
  spec.pod_template = new_template;
  const Row set = world.add_statefulset("web", spec);
  const OwnerRef owner{Kind::StatefulSet, set, world.cluster.statefulsets[set].meta.uid};
  Turn turn = world.turn();
  for (const TemplateId id : {old_template, new_template}) {
    ControllerRevision revision;
    revision.meta.name = world.text(id == old_template ? "web-a" : "web-b");
    revision.meta.name_space = world.text("default");
    revision.owner = owner;
    revision.revision = id == old_template ? 1 : 2;
    revision.pod_template = id;
    create_revision(turn, revision, {Writer::Setup});
  }
  update<StatefulSet>(turn, set, {Writer::Setup}, Verb::UpdateStatus,
                      [&](StatefulSet& object) { object.status.current_revision = world.text("web-a"); });
  for (std::size_t ordinal = 0; ordinal < sketch.pods.size(); ++ordinal) {
    const PodSketch& wanted = sketch.pods[ordinal];
    if (wanted.shape == Shape::Absent) {
      continue;
    }
    Pod pod;
    pod.meta.name_space = world.text("default");
    pod.base_name = world.text("web");
    pod.index = static_cast<std::int32_t>(ordinal);
    pod.owner = owner;
    pod.pod_template = wanted.old ? old_template : new_template;
    pod.revision = world.text(wanted.old ? "web-a" : "web-b");
    const bool terminal = wanted.shape == Shape::Failed || wanted.shape == Shape::FailedTerminating;
    pod.phase = terminal                           ? PodPhase::Failed
                : wanted.shape == Shape::Succeeded ? PodPhase::Succeeded
                : wanted.shape == Shape::Pending   ? PodPhase::Pending
                                                   : PodPhase::Running;
    // A terminating pod may well be ready still.
    pod.ready = wanted.shape == Shape::Ready || wanted.shape == Shape::Terminating;
    if (wanted.shape == Shape::Terminating || wanted.shape == Shape::FailedTerminating) {
      pod.meta.deletion_timestamp = 30s;
    }
    create_pod(turn, pod, {Writer::Setup});
  }
  world.settle();
  return statefulset_controller::plan(view_of(world.cluster, ObserverId::ControllerManager), set,
                                      world.now());
}

// The obvious rule
// -------------------------------------------------------------------------------------------

struct Obvious {
  const Sketch& sketch;
  std::vector<std::string> calls;

  [[nodiscard]] PodSketch at(int ordinal) const {
    const bool known = ordinal < static_cast<int>(sketch.pods.size());
    return known ? sketch.pods[static_cast<std::size_t>(ordinal)] : PodSketch{};
  }
  [[nodiscard]] int end() const { return sketch.start + sketch.replicas; }
  [[nodiscard]] bool in_range(int ordinal) const { return ordinal >= sketch.start && ordinal < end(); }
  [[nodiscard]] bool terminating(int ordinal) const {
    return at(ordinal).shape == Shape::Terminating || at(ordinal).shape == Shape::FailedTerminating;
  }
  [[nodiscard]] bool terminal(int ordinal) const {
    const Shape shape = at(ordinal).shape;
    return shape == Shape::Failed || shape == Shape::Succeeded || shape == Shape::FailedTerminating;
  }
  [[nodiscard]] bool healthy(int ordinal) const { return at(ordinal).shape == Shape::Ready; }
  [[nodiscard]] std::vector<int> condemned_from_the_highest() const {
    std::vector<int> ordinals;
    for (int ordinal = static_cast<int>(sketch.pods.size()) - 1; ordinal >= 0; --ordinal) {
      if (!in_range(ordinal) && at(ordinal).shape != Shape::Absent) {
        ordinals.push_back(ordinal);
      }
    }
    return ordinals;
  }
  [[nodiscard]] bool created_old(int ordinal) const {
    return !sketch.on_delete && ordinal < sketch.start + sketch.partition;
  }
  void create(int ordinal) {
    calls.push_back("C" + std::to_string(ordinal) + (created_old(ordinal) ? "@A" : "@B"));
  }
  void remove(int ordinal) { calls.push_back("D" + std::to_string(ordinal)); }

  void update_the_highest() {
    if (sketch.on_delete) {
      return;
    }
    for (int ordinal = end() - 1; ordinal >= sketch.start + sketch.partition; --ordinal) {
      const bool absent = at(ordinal).shape == Shape::Absent;
      if (!absent && at(ordinal).old && !terminating(ordinal)) {
        remove(ordinal);
        return;
      }
      if (!healthy(ordinal)) {
        return;
      }
    }
  }

  void parallel() {
    for (int ordinal = sketch.start; ordinal < end(); ++ordinal) {
      if (at(ordinal).shape == Shape::Absent) {
        create(ordinal);
      } else if (terminal(ordinal) && !terminating(ordinal)) {
        remove(ordinal);
      }
    }
    for (const int ordinal : condemned_from_the_highest()) {
      if (!terminating(ordinal)) {
        remove(ordinal);
      }
    }
    update_the_highest();
  }

  void ordered() {
    for (int ordinal = sketch.start; ordinal < end(); ++ordinal) {
      if (healthy(ordinal)) {
        continue;
      }
      if (at(ordinal).shape == Shape::Absent) {
        create(ordinal);
      } else if (terminal(ordinal) && !terminating(ordinal)) {
        remove(ordinal);
      }
      return;  // nothing else moves while a wanted pod is not available
    }
    const std::vector<int> condemned = condemned_from_the_highest();
    if (!condemned.empty()) {
      const int highest = condemned.front();
      const bool lower_is_unhealthy =
          std::any_of(condemned.begin() + 1, condemned.end(), [&](int ordinal) { return !healthy(ordinal); });
      if (!terminating(highest) && (healthy(highest) || !lower_is_unhealthy)) {
        remove(highest);
      }
      return;  // scaling comes before updating
    }
    update_the_highest();
  }
};

RC_GTEST_PROP(StatefulSetPlan, MakesTheCallsOfTheObviousRule, ()) {
  const Sketch sketch = *sketches();
  Obvious obvious{sketch, {}};
  if (sketch.parallel) {
    obvious.parallel();
  } else {
    obvious.ordered();
  }
  RC_TAG(sketch.parallel ? "Parallel" : "OrderedReady", obvious.calls.size());
  RC_ASSERT(calls_of(decide(sketch)) == obvious.calls);
}

RC_GTEST_PROP(StatefulSetPlan, OrderedReadyMakesAtMostOneCallAndTakesOnlyTheHighest, ()) {
  Sketch sketch = *sketches();
  sketch.parallel = false;
  const StatefulSetPlan plan = decide(sketch);
  RC_ASSERT(calls_of(plan).size() <= 1U);
  const Obvious obvious{sketch, {}};
  for (const Write& write : plan.writes) {
    if (write.kind == WriteKind::DeletePod && write.pass == static_cast<std::uint16_t>(Pass::Condemned)) {
      RC_ASSERT(write.index == obvious.condemned_from_the_highest().front());
    }
  }
}

RC_GTEST_PROP(StatefulSetPlan, OrderedReadyEitherActsOrSaysWhatItWaitsForOrIsDone, ()) {
  Sketch sketch = *sketches();
  sketch.parallel = false;
  const StatefulSetPlan plan = decide(sketch);
  const Obvious obvious{sketch, {}};
  bool done = obvious.condemned_from_the_highest().empty();
  for (int ordinal = sketch.start; ordinal < obvious.end(); ++ordinal) {
    done = done && obvious.healthy(ordinal) && !obvious.at(ordinal).old;
  }
  const bool acts = !calls_of(plan).empty();
  RC_ASSERT(acts || done || plan.wait.reason != 0);
  RC_ASSERT(!(done && plan.wait.reason != 0));
}

RC_GTEST_PROP(StatefulSetPlan, StatusCountsEveryPodThatExists, ()) {
  const Sketch sketch = *sketches();
  const StatefulSetPlan plan = decide(sketch);
  int pods = 0;
  int ready = 0;
  int old = 0;
  int updated = 0;
  const Obvious obvious{sketch, {}};
  for (int ordinal = 0; ordinal < static_cast<int>(sketch.pods.size()); ++ordinal) {
    const PodSketch pod = obvious.at(ordinal);
    const bool exists = pod.shape != Shape::Absent;
    pods += exists ? 1 : 0;
    ready += pod.shape == Shape::Ready || pod.shape == Shape::Terminating ? 1 : 0;
    old += exists && !obvious.terminating(ordinal) && pod.old ? 1 : 0;
    updated += exists && !obvious.terminating(ordinal) && !pod.old ? 1 : 0;
  }
  RC_ASSERT(plan.status.replicas == pods);
  RC_ASSERT(plan.status.ready_replicas == ready);
  RC_ASSERT(plan.status.available_replicas == ready);
  RC_ASSERT(plan.status.current_replicas == old);
  RC_ASSERT(plan.status.updated_replicas == updated);
}

}  // namespace
}  // namespace models::kubernetes::testing_support
