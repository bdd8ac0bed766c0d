#pragma once
// A cluster with the Job controller (and the TTL controller) in it. The test plays scheduler, kubelet and
// user.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/job_controller.h"
#include "models/kubernetes/ttl_after_finished.h"
#include "tests/unit/kubernetes/cluster_fixture.h"

namespace models::kubernetes::testing_support {

/// An Indexed Job's spec with upstream's defaults.
inline JobSpec indexed(std::int32_t parallelism, std::int32_t completions) {
  JobSpec spec;
  spec.indexed = true;
  spec.parallelism = parallelism;
  spec.completions = completions;
  return spec;
}

inline JobSpec non_indexed(std::int32_t parallelism, std::int32_t completions) {
  JobSpec spec = indexed(parallelism, completions);
  spec.indexed = false;
  return spec;
}

/// backoffLimitPerIndex, with the backoffLimit that it brings by default.
inline JobSpec with_limit_per_index(JobSpec spec, std::int32_t limit, std::int32_t max_failed_indexes = -1) {
  spec.backoff_limit_per_index = limit;
  spec.max_failed_indexes = max_failed_indexes;
  spec.backoff_limit = std::numeric_limits<std::int32_t>::max();
  return spec;
}

inline JobSpec with_failure_policy(JobSpec spec, std::vector<PodFailureRule> rules) {
  spec.pod_failure_policy = std::make_shared<const std::vector<PodFailureRule>>(std::move(rules));
  spec.pod_replacement_policy = PodReplacementPolicy::Failed;
  return spec;
}

inline PodFailureRule on_exit_code(FailureAction action, std::vector<std::int32_t> codes) {
  PodFailureRule rule;
  rule.action = action;
  rule.on_exit_codes = true;
  rule.exit_codes = std::move(codes);
  return rule;
}

inline PodFailureRule on_disruption(FailureAction action) {
  PodFailureRule rule;
  rule.action = action;
  rule.conditions = {{"DisruptionTarget", "True"}};
  return rule;
}

inline JobSpec with_success_policy(JobSpec spec, std::vector<SuccessRule> rules) {
  spec.success_policy = std::make_shared<const std::vector<SuccessRule>>(std::move(rules));
  return spec;
}

inline std::string text_of(const std::vector<int>& indexes) {
  std::string text;
  for (const int index : indexes) {
    text += (text.empty() ? "" : ",") + std::to_string(index);
  }
  return text;
}

class JobWorld : public TestCluster {
 public:
  explicit JobWorld(std::string_view version = "1.34.0",
                    const std::vector<std::pair<std::string, bool>>& gates = {},
                    RestartPolicy restart_policy = RestartPolicy::Never)
      : TestCluster(version, gates) {
    receive(ObserverId::ControllerManager, job_controller::observe);
    receive(ObserverId::ControllerManager, ttl_after_finished::observe);
    handle(job_controller::on_event);
    handle(ttl_after_finished::on_event);
    node = add_node("node-0", 1'000'000);
    pod_template = add_template("work", "work:1", 100, restart_policy);
  }

  Row node = kNoRow;
  TemplateId pod_template = 0;
  Row job = kNoRow;

  /// A user creates the Job.
  void submit(JobSpec spec, std::string_view name = "job") {
    spec.pod_template = pod_template;
    job = add_job(name, std::move(spec));
  }
  /// A user creates the Job, and everything happens that follows without a pause.
  void create(JobSpec spec, std::string_view name = "job") {
    submit(std::move(spec), name);
    settle();
  }

  [[nodiscard]] const JobStatus& status() const { return cluster.jobs[job].status; }
  [[nodiscard]] std::string completed() const { return status().completed_indexes.to_text(); }
  [[nodiscard]] std::string failed_indexes() const { return status().failed_indexes.to_text(); }
  /// "reason" of a condition that is True; "" if it is not.
  [[nodiscard]] std::string reason(JobConditionType type) const {
    return status().is_true(type) ? cluster.strings[status().condition(type).reason] : std::string();
  }
  [[nodiscard]] bool is(JobConditionType type) const { return status().is_true(type); }

  // --- A state to start from, as if it had always been there

  /// An hour after the scenario's start: every backoff of pods that had ended by then is over.
  void put_job(JobSpec spec, JobStatus initial = {}) {
    run_until(1h);
    spec.pod_template = pod_template;
    Job object;
    object.meta.name = text("job");
    object.meta.name_space = text("default");
    object.spec = std::move(spec);
    object.status = std::move(initial);
    Turn current = turn();
    job = create_job(current, std::move(object), {Writer::Setup}).row;
  }

  /// A pod of the Job with the finalizer; a terminal one ended at the scenario's start.
  Row put_pod(std::int32_t index, PodPhase phase, std::int32_t failure_count = -1) {
    Pod pod;
    pod.meta.name_space = text("default");
    pod.base_name = cluster.jobs[job].meta.name;
    pod.index = index;
    pod.suffix = ++suffixes_;
    pod.owner = {Kind::Job, job, cluster.jobs[job].meta.uid};
    pod.pod_template = pod_template;
    pod.node = node;
    pod.phase = phase;
    pod.failure_count = failure_count;
    pod.job_tracking = true;
    if (pod.terminal()) {
      pod.finished_at = sim::Time{};
    }
    Turn current = turn();
    return create_pod(current, std::move(pod), {Writer::Setup}).row;
  }

  /// The controller observes all of it at once and syncs the Job, once: what pods do queues it after a
  /// second.
  void sync_once() { run_for(500ms); }

  // --- Playing scheduler, kubelet and user

  /// Every pod that is neither bound nor going away is bound and becomes ready.
  void run_new_pods() {
    for (const Row row : pods()) {
      const Pod& pod = cluster.pods[row];
      if (pod.node == kNoRow && !pod.meta.deleting() && !pod.terminal()) {
        bind(row, node);
        make_ready(row);
      }
    }
  }
  /// Time passes, and new pods run as soon as they are there (checked once a second).
  void work(sim::Duration duration) {
    const sim::Time end = now() + duration;
    while (now() < end) {
      run_new_pods();
      run_for(std::min<sim::Duration>(1s, end - now()));
    }
  }
  /// The active pod of an index; kNoRow if there is none.
  [[nodiscard]] Row active(std::int32_t index) const {
    for (const Row row : pods()) {
      const Pod& pod = cluster.pods[row];
      if (pod.index == index && !pod.terminal() && !pod.meta.deleting()) {
        return row;
      }
    }
    return kNoRow;
  }
  void fail_index(std::int32_t index, std::int32_t exit_code = 1) { fail(active(index), exit_code); }
  void succeed_index(std::int32_t index) { succeed(active(index)); }
  /// `kubectl delete pod`. @return the pod.
  Row delete_index(std::int32_t index) {
    const Row row = active(index);
    Turn current = turn();
    delete_pod(current, row, {Writer::User});
    return row;
  }
  /// Every pod whose deletion was requested is stopped and gone, unless a finalizer keeps it.
  void stop_terminating() {
    for (const Row row : pods()) {
      if (cluster.pods[row].meta.deleting()) {
        remove(row);
      }
    }
  }
  /// completions and parallelism in one patch, as elastic resize asks for.
  void resize(std::int32_t size) {
    change_spec<Job>(job, [&](JobSpec& spec) { spec.completions = spec.parallelism = size; });
  }
  void change(const std::function<void(JobSpec&)>& with) { change_spec<Job>(job, with); }

  // --- Looking

  /// Indexes of pods that are neither ended nor going away, ascending.
  [[nodiscard]] std::string active_indexes() const {
    std::vector<int> indexes;
    for (const Row row : pods()) {
      const Pod& pod = cluster.pods[row];
      if (!pod.terminal() && !pod.meta.deleting()) {
        indexes.push_back(pod.index);
      }
    }
    std::sort(indexes.begin(), indexes.end());
    return text_of(indexes);
  }
  /// Indexes of what the controller did to pods, in the order in which it did it.
  [[nodiscard]] std::string did(Field field, sim::TransitionId first = 0) const {
    std::vector<int> indexes;
    for (const sim::Transition& transition : transitions(field, Writer::JobController, first)) {
      const sim::Subject subject = history.subject(transition.subject);
      if (subject.kind == static_cast<std::uint32_t>(Kind::Pod)) {
        indexes.push_back(subject.index);
      }
    }
    return text_of(indexes);
  }
  [[nodiscard]] std::string created(sim::TransitionId first = 0) const { return did(Field::Created, first); }
  [[nodiscard]] std::string deleted(sim::TransitionId first = 0) const {
    return did(Field::DeletionRequested, first);
  }
  [[nodiscard]] WaitReason waits() const { return static_cast<WaitReason>(cluster.jobs[job].wait.reason); }

 private:
  std::uint32_t suffixes_ = 0;
};

}  // namespace models::kubernetes::testing_support
