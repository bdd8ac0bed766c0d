#pragma once
// What the tests of kubelets, scheduler, node lifecycle and garbage collection share: a cluster in which
// things take round times, and the story of a pod as one line of text.

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/vocabulary.h"
#include "tests/unit/kubernetes/cluster_fixture.h"

namespace models::kubernetes::testing_support {

/// Everything at once, except: init 5 s, start 2 s, ready (with a probe) 3 s, run 60 s, stop 1 s,
/// provisioning 1 s, garbage collection 500 ms.
inline timing::Profile round_profile() {
  timing::Profile profile;
  const auto set = [&](timing::Key key, sim::Duration duration) {
    profile.set(key, timing::Distribution::fixed(duration));
  };
  set(timing::Key::watch_latency, 0s);
  set(timing::Key::kubelet_status, 0s);
  set(timing::Key::pod_schedule, 0s);
  set(timing::Key::pod_init, 5s);
  set(timing::Key::pod_start, 2s);
  set(timing::Key::pod_ready, 3s);
  set(timing::Key::pod_stop, 1s);
  set(timing::Key::container_run, 60s);
  set(timing::Key::volume_provision, 1s);
  set(timing::Key::garbage_collector_delete, 500ms);
  return profile;
}

/// "2s", "150.001s".
inline std::string seconds_text(sim::Time time) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  return milliseconds % 1000 == 0 ? fmt::format("{}s", milliseconds / 1000)
                                  : fmt::format("{}.{:03}s", milliseconds / 1000, milliseconds % 1000);
}

/// Names a case of a table after its `name`.
template <class Case>
std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

/// What a transition says, in a word; empty for those that a story leaves out.
inline std::string word_of(const sim::Transition& transition) {
  switch (static_cast<Field>(transition.field)) {
    case Field::PodPhaseChanged:
      return std::string(to_text(static_cast<PodPhase>(transition.to)));
    case Field::PodReady:
      return transition.to == 1 ? "ready" : "unready";
    case Field::PodRestarted:
      return fmt::format("restart {}", transition.to);
    case Field::PodTerminated:
      return fmt::format("exit {}", transition.to);
    case Field::PodWaiting:
      return std::string(to_text(static_cast<ContainerReason>(transition.to)));
    case Field::Removed:
      return "gone";
    default:
      return {};
  }
}

/// The story of an object since transition `first`: "2s Running ready, 7s exit 1 unready".
inline std::string story(const TestCluster& world, Uid uid, sim::TransitionId first = 0) {
  std::string text;
  sim::Time last{-1};
  for (sim::TransitionId id = first; id < world.history.next_id(); ++id) {
    const sim::Transition& transition = world.history.at(id);
    const std::string word = transition.subject == uid ? word_of(transition) : std::string();
    if (word.empty()) {
      continue;
    }
    text += last == transition.at ? " " : (text.empty() ? "" : ", ") + seconds_text(transition.at) + " ";
    text += word;
    last = transition.at;
  }
  return text;
}

/// A pod of its own, created by a user; on `node` at once if one is given.
inline Row add_pod(TestCluster& world, std::string_view name, TemplateId pod_template, Row node = kNoRow) {
  Pod pod;
  pod.meta.name = world.text(name);
  pod.meta.name_space = world.text("default");
  pod.pod_template = pod_template;
  pod.node = node;
  Turn turn = world.turn();
  return create_pod(turn, std::move(pod), {Writer::User}).row;
}

inline Container container(std::int64_t cpu_millicores = 0, std::int64_t memory_bytes = 0,
                           bool init = false) {
  Container made;
  made.name = "app";
  made.image = "app:A";
  made.cpu_millicores = cpu_millicores;
  made.memory_bytes = memory_bytes;
  made.init = init;
  return made;
}

}  // namespace models::kubernetes::testing_support
