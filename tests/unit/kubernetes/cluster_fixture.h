#pragma once
// A small cluster in a test's hands: objects are created through the API, and the test says who listens.
//
// Without receivers nobody acts. A test of one controller registers that controller's functions and plays all
// other parts itself, as upstream's unit tests do (`bind`, `make_ready`, `fail`, `remove`, …):
//
//     TestCluster world("1.28.0", {{"JobBackoffLimitPerIndex", true}});
//     world.receive(ObserverId::ControllerManager, job_controller::observe);
//     world.handle(job_controller::on_event);
//     const Row job = create_job(…).row;
//     world.settle();
//
// `use_whole_model()` lets `dispatch` do all of it instead: scheduler, kubelet and every controller.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/api.h"
#include "models/kubernetes/cluster.h"
#include "models/kubernetes/events.h"
#include "models/kubernetes/features.h"
#include "models/kubernetes/settings.h"
#include "sim/choices.h"
#include "sim/history.h"
#include "sim/kernel.h"

namespace models::kubernetes::testing_support {

using namespace std::chrono_literals;

inline constexpr std::int64_t kGibibyte = std::int64_t{1} << 30U;

/// The features of a version; a wrong version or gate is a mistake of the test.
inline Features features_of(std::string_view version,
                            const std::vector<std::pair<std::string, bool>>& gates = {}) {
  Features features;
  const std::vector<FeatureError> errors = resolve_features(version, gates, features);
  if (!errors.empty()) {
    throw std::invalid_argument(errors.front().word + ": " + errors.front().problem);
  }
  return features;
}

class TestCluster {
 public:
  using Receiver = void (*)(Turn&, const WatchEvent&);
  using Handler = bool (*)(Turn&, const sim::PendingEvent&);

  /// Keeps its history, runs on nominal durations of `profile` and `behaviours`.
  explicit TestCluster(std::string_view version = "1.34.0",
                       const std::vector<std::pair<std::string, bool>>& gates = {},
                       timing::Profile profile = timing::Profile{},
                       std::vector<BehaviourRule> behaviours = {})
      : receivers_(kObservers) {
    auto settings = std::make_shared<Settings>();
    settings->features = features_of(version, gates);
    settings->profile = std::move(profile);
    settings->behaviours = std::move(behaviours);
    cluster.settings = std::move(settings);
  }
  // The context refers to members.
  TestCluster(const TestCluster&) = delete;
  TestCluster& operator=(const TestCluster&) = delete;

  // What a test may look at and change.
  Cluster cluster;
  sim::Agenda agenda;
  sim::NominalChoices choices;
  sim::History history;
  sim::Context context{choices, history};

  [[nodiscard]] Turn turn() { return {cluster, agenda, context}; }
  [[nodiscard]] sim::Time now() const { return agenda.now; }

  // ---------------------------------------------------------------------------------------------------------
  // Who listens

  /// Hands the watch events of `observer` to `receiver`, after those that were registered before.
  void receive(ObserverId observer, Receiver receiver) {
    receivers_[static_cast<std::size_t>(observer)].push_back(receiver);
  }
  /// Offers pending events to `handler` until one says that it was its own.
  void handle(Handler handler) { handlers_.push_back(handler); }
  /// From now on everything happens as in a scenario.
  void use_whole_model() { whole_model_ = &models::kubernetes::dispatch; }

  // ---------------------------------------------------------------------------------------------------------
  // Running

  void dispatch(const sim::PendingEvent& event, sim::Context& with) {
    Turn current{cluster, agenda, with};
    if (whole_model_ != nullptr) {
      whole_model_(current, event);
      return;
    }
    if (static_cast<Event>(event.kind) == Event::Deliver) {
      const auto observer = static_cast<ObserverId>(event.subject);
      deliver(current, observer, [&](const WatchEvent& entry) {
        for (const Receiver receiver : receivers_[event.subject]) {
          receiver(current, entry);
        }
      });
      return;
    }
    for (const Handler handler : handlers_) {
      if (handler(current, event)) {
        return;
      }
    }
  }
  [[nodiscard]] bool finished() const { return false; }

  /// Performs the next pending event. @return false when there is none.
  bool step() { return sim::step(*this, context); }
  /// Performs what is pending up to `at`, and lets it be that late.
  void run_until(sim::Time at) {
    count(sim::run(*this, context, at, kEventsMax));
    agenda.now = std::max(agenda.now, at);
  }
  void run_for(sim::Duration duration) { run_until(agenda.now + duration); }
  /// Performs what is pending until nothing more happens within `quiet` of the last event: the watch events
  /// have arrived and the controllers have done what they can do now. Longer timers stay pending.
  void settle(sim::Duration quiet = 100ms) {
    std::uint64_t events = 0;
    while (!agenda.events.empty() && agenda.events.top().at <= agenda.now + quiet) {
      step();
      count(++events);
    }
  }

  // ---------------------------------------------------------------------------------------------------------
  // Setting up

  Text text(std::string_view words) { return cluster.strings.intern(words); }

  Row add_node(std::string_view name, std::int64_t cpu_millicores = 4000,
               std::int64_t memory_bytes = 16 * kGibibyte, LabelMap labels = {}) {
    NodeShape shape;
    shape.cpu_millicores = cpu_millicores;
    shape.memory_bytes = memory_bytes;
    shape.labels = std::move(labels);
    Node node;
    node.meta.name = text(name);
    node.shape = cluster.add_node_shape(std::move(shape));
    Turn current = turn();
    return create_node(current, std::move(node), {Writer::Setup}).row;
  }

  /// A template with one container `app`, told apart from others by its image; label `app` has the value
  /// `app`.
  TemplateId add_template(std::string_view app, std::string_view image = "app:A",
                          std::int64_t cpu_millicores = 100,
                          RestartPolicy restart_policy = RestartPolicy::Always) {
    PodTemplate pod_template;
    pod_template.labels = {{"app", std::string(app)}};
    Container container;
    container.name = "app";
    container.image = image;
    container.cpu_millicores = cpu_millicores;
    pod_template.containers.push_back(std::move(container));
    pod_template.restart_policy = restart_policy;
    return cluster.add_template(std::move(pod_template));
  }

  /// A set of that template whose selector is the template's labels, created by a user in namespace default.
  Row add_statefulset(std::string_view name, StatefulSetSpec spec) {
    StatefulSet set;
    set.meta.name = text(name);
    set.meta.name_space = text("default");
    set.spec = std::move(spec);
    if (set.spec.selector == nullptr) {
      set.spec.selector = std::make_shared<const LabelMap>(cluster.templates[set.spec.pod_template]->labels);
    }
    Turn current = turn();
    return create_statefulset(current, std::move(set), {Writer::User}).row;
  }

  /// A Job of that template, created by a user in namespace default.
  Row add_job(std::string_view name, JobSpec spec) {
    Job job;
    job.meta.name = text(name);
    job.meta.name_space = text("default");
    job.spec = std::move(spec);
    Turn current = turn();
    return create_job(current, std::move(job), {Writer::User}).row;
  }

  /// Changes the spec as a user does: `change(spec)`; the generation counts it.
  template <class T, class Change>
  void change_spec(Row row, Change&& change) {
    Turn current = turn();
    update<T>(current, row, {Writer::User}, Verb::Update, [&](T& object) {
      change(object.spec);
      ++object.meta.generation;
    });
  }

  // ---------------------------------------------------------------------------------------------------------
  // Playing scheduler and kubelet

  /// Changes a pod as `writer`: `change(pod)`.
  template <class Change>
  WriteResult change_pod(Row row, Change&& change, Writer writer = Writer::Kubelet) {
    Turn current = turn();
    return update<Pod>(current, row, {writer}, Verb::UpdateStatus, std::forward<Change>(change));
  }
  void bind(Row pod, Row node) {
    Turn current = turn();
    bind_pod(current, pod, node, {Writer::Scheduler});
  }
  /// Its containers run, but it is not ready.
  void start(Row pod) { run_containers(pod, false); }
  void make_ready(Row pod) { run_containers(pod, true); }
  void make_unready(Row pod) { run_containers(pod, false); }
  void fail(Row pod, std::int32_t exit_code = 1) { end_containers(pod, PodPhase::Failed, exit_code); }
  void succeed(Row pod) { end_containers(pod, PodPhase::Succeeded, 0); }
  /// The kubelet has stopped a pod whose deletion was requested (or it is deleted by force): it is gone.
  WriteResult remove(Row pod, Writer writer = Writer::Kubelet) {
    Turn current = turn();
    return delete_pod(current, pod, {writer}, 0);
  }

  // ---------------------------------------------------------------------------------------------------------
  // Looking

  [[nodiscard]] Row pod(std::string_view name) const { return cluster.find_pod("default", name); }
  /// All pods that the API serves, by row.
  [[nodiscard]] std::vector<Row> pods() const {
    std::vector<Row> rows;
    for (Row row = 0; row < cluster.pods.extent(); ++row) {
      if (cluster.pods.exists(row)) {
        rows.push_back(row);
      }
    }
    return rows;
  }
  /// Transitions from `first` on, of `field` by `writer`.
  [[nodiscard]] std::vector<sim::Transition> transitions(Field field, Writer writer,
                                                         sim::TransitionId first = 0) const {
    std::vector<sim::Transition> found;
    for (sim::TransitionId id = first; id < history.next_id(); ++id) {
      const sim::Transition& transition = history.at(id);
      if (transition.field == static_cast<std::uint16_t>(field) &&
          transition.writer == static_cast<std::uint16_t>(writer)) {
        found.push_back(transition);
      }
    }
    return found;
  }
  /// What the subject of a transition is called.
  [[nodiscard]] std::string subject_of(const sim::Transition& transition) const {
    return subject_name(history.subject(transition.subject), cluster.strings);
  }

 private:
  static constexpr std::uint64_t kEventsMax = 10'000'000;
  static void count(std::uint64_t events) {
    if (events >= kEventsMax) {
      throw std::runtime_error("the test cluster does not come to rest");
    }
  }

  void run_containers(Row row, bool ready) {
    const std::size_t containers = cluster.template_of(cluster.pods[row]).containers.size();
    for (std::size_t i = 0; i < containers; ++i) {
      ContainerStatus& status = cluster.containers[cluster.pods[row].containers + i];
      if (status.state != ContainerState::Running) {
        status.changed_at = now();
      }
      status.state = ContainerState::Running;
      status.reason = ContainerReason::None;
      status.ready = ready;
    }
    change_pod(row, [&](Pod& pod) {
      pod.phase = PodPhase::Running;
      pod.initialized = true;
      pod.containers_started = true;
      if (pod.ready != ready) {
        pod.ready = ready;
        pod.ready_changed = now();
      }
    });
  }

  void end_containers(Row row, PodPhase phase, std::int32_t exit_code) {
    const std::size_t containers = cluster.template_of(cluster.pods[row]).containers.size();
    for (std::size_t i = 0; i < containers; ++i) {
      ContainerStatus& status = cluster.containers[cluster.pods[row].containers + i];
      status.state = ContainerState::Terminated;
      status.reason = exit_code == 0 ? ContainerReason::Completed : ContainerReason::Error;
      status.exit_code = exit_code;
      status.ready = false;
      status.changed_at = now();
    }
    change_pod(row, [&](Pod& pod) {
      pod.phase = phase;
      pod.finished_at = now();
      if (pod.ready) {
        pod.ready = false;
        pod.ready_changed = now();
      }
    });
  }

  void (*whole_model_)(Turn&, const sim::PendingEvent&) = nullptr;
  std::vector<std::vector<Receiver>> receivers_;
  std::vector<Handler> handlers_;
};

/// A test with a cluster.
class ClusterTest : public testing::Test {
 protected:
  TestCluster world;
};

}  // namespace models::kubernetes::testing_support
