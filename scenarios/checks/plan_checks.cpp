#include "scenarios/checks/plan_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <ranges>

#include "models/flux/vocabulary.h"
#include "models/timing/distribution.h"
#include "scenarios/checks/pods.h"
#include "scenarios/commands/not_performed.h"

namespace scenarios::checks {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;
using kubernetes::Writer;

std::uint16_t code(Field field) { return static_cast<std::uint16_t>(field); }
std::uint16_t code(plan::Field field) { return static_cast<std::uint16_t>(field); }

/// Whether a pod belongs to the object of that name: its owner, or the MiniCluster whose Job it is.
bool belongs_to(const kubernetes::Cluster& cluster, const kubernetes::Pod& pod, const std::string& object) {
  const std::string& base = cluster.strings[pod.base_name];
  if (object.empty() || base == object) {
    return true;
  }
  // A Deployment's pod is called after its ReplicaSet, `<deployment>-<hash>`.
  if (pod.made_for != kubernetes::Kind::ReplicaSet || !base.starts_with(object + "-")) {
    return false;
  }
  const std::string* hash = kubernetes::find_label(cluster.template_of(pod).labels, "pod-template-hash");
  return hash != nullptr && base.size() == object.size() + 1 + hash->size() && base.ends_with(*hash);
}

const kubernetes::Pod* pod_of(const Observed& observed, sim::TransitionId id) {
  const kubernetes::Row row = observed.cluster.find_pod_by_uid(observed.history.at(id).subject);
  return row == kubernetes::kNoRow ? nullptr : &observed.cluster.pods[row];
}

/// A pod of the same owner, not this one, that `wanted` accepts; nullptr if there is none.
template <class Wanted>
const kubernetes::Pod* sibling(const kubernetes::Cluster& cluster, const kubernetes::Pod& pod,
                               Wanted&& wanted) {
  if (pod.owner.kind != kubernetes::Kind::StatefulSet && pod.owner.kind != kubernetes::Kind::Job) {
    for (kubernetes::Row row = 0; row < cluster.pods.extent(); ++row) {
      if (cluster.pods.exists(row) && &cluster.pods[row] != &pod && cluster.pods[row].owner == pod.owner &&
          wanted(cluster.pods[row])) {
        return &cluster.pods[row];
      }
    }
    return nullptr;
  }
  // Along the list that such owners keep, in both directions: no look at the pods of others.
  for (const auto link : {&kubernetes::Pod::owner_next, &kubernetes::Pod::owner_previous}) {
    for (kubernetes::Row row = pod.*link; row != kubernetes::kNoRow; row = cluster.pods[row].*link) {
      if (!cluster.pods[row].meta.removed && wanted(cluster.pods[row])) {
        return &cluster.pods[row];
      }
    }
  }
  return nullptr;
}

/// Transitions after which the number of ready or running pods may be another.
std::vector<std::uint16_t> pod_fields() {
  return {code(Field::Created), code(Field::Removed), code(Field::DeletionRequested),
          code(Field::PodPhaseChanged), code(Field::PodReady)};
}

// ---------------------------------------------------------------------------------------------------------

/// The last line of what a command printed, without empty lines behind it.
std::string_view last_line(std::string_view text) {
  while (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  return text.substr(text.rfind('\n') + 1);  // npos + 1 is 0
}

/// Pods of a numbered workload leave from the highest ordinal down.
class ReverseOrdinalOrder : public Check {
 public:
  explicit ReverseOrdinalOrder(const language::CheckUse& use) : object_(use.text("object")) {}
  std::vector<std::uint16_t> fields() const override { return {code(Field::DeletionRequested)}; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const kubernetes::Pod* pod = pod_of(observed, id);
    if (pod == nullptr || pod->index < 0 || !belongs_to(observed.cluster, *pod, object_)) {
      return;
    }
    // A controller that replaces a pod within the range takes none away.
    const bool replaced =
        observed.history.at(id).writer == static_cast<std::uint16_t>(Writer::StatefulSetController) &&
        in_range(observed, *pod);
    if (replaced) {
      return;
    }
    state.verdict = sim::Verdict::Held;
    if (const kubernetes::Pod* other = sibling(observed.cluster, *pod, [&](const kubernetes::Pod& candidate) {
          return candidate.index > pod->index && !candidate.meta.deleting() && !candidate.terminal();
        })) {
      violate(state, observed, id,
              fmt::format("{} leaves while {} stays", short_name(observed.cluster, *pod),
                          short_name(observed.cluster, *other)));
    }
  }

 private:
  static bool in_range(const Observed& observed, const kubernetes::Pod& pod) {
    if (pod.owner.kind != kubernetes::Kind::StatefulSet ||
        !observed.cluster.statefulsets.exists(pod.owner.row)) {
      return false;
    }
    const kubernetes::StatefulSetSpec& spec = observed.cluster.statefulsets[pod.owner.row].spec;
    return pod.index >= spec.start && pod.index < spec.start + spec.replicas;
  }

  std::string object_;
};

/// No second pod of a workload begins to leave before the first is gone.
class OneAtATime : public Check {
 public:
  explicit OneAtATime(const language::CheckUse& use) : object_(use.text("object")) {}
  std::vector<std::uint16_t> fields() const override { return {code(Field::DeletionRequested)}; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const kubernetes::Pod* pod = pod_of(observed, id);
    if (pod == nullptr || pod->owner.uid == 0 || !belongs_to(observed.cluster, *pod, object_)) {
      return;
    }
    state.verdict = sim::Verdict::Held;
    if (const kubernetes::Pod* other = sibling(observed.cluster, *pod, [](const kubernetes::Pod& candidate) {
          return candidate.meta.deleting();
        })) {
      violate(state, observed, id,
              fmt::format("{} leaves while {} is still leaving", short_name(observed.cluster, *pod),
                          short_name(observed.cluster, *other)));
    }
  }

 private:
  std::string object_;
};

/// Once so many pods were Ready, there are never fewer.
class NeverFewerReadyThan : public Check {
 public:
  explicit NeverFewerReadyThan(const language::CheckUse& use)
      : object_(use.text("object")), count_(use.find("count")->integer) {}
  std::vector<std::uint16_t> fields() const override { return pod_fields(); }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::NotReached; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const std::int64_t ready = ready_pods(observed.cluster);
    if (ready >= count_) {
      state.verdict = sim::Verdict::Held;
    } else if (state.verdict == sim::Verdict::Held) {
      violate(state, observed, id, fmt::format("{} pods are Ready, {} are asked for", ready, count_));
    }
  }

 private:
  [[nodiscard]] std::int64_t ready_pods(const kubernetes::Cluster& cluster) const {
    // The workload of that name has counted its pods; only without one are the cluster's gone through.
    for (kubernetes::Row row = 0; !object_.empty() && row < cluster.statefulsets.extent(); ++row) {
      if (cluster.statefulsets.exists(row) &&
          cluster.strings[cluster.statefulsets[row].meta.name] == object_) {
        return cluster.statefulsets[row].pod_counts.ready;
      }
    }
    for (kubernetes::Row row = 0; !object_.empty() && row < cluster.jobs.extent(); ++row) {
      if (cluster.jobs.exists(row) && cluster.strings[cluster.jobs[row].meta.name] == object_) {
        return cluster.jobs[row].pod_counts.ready;
      }
    }
    std::int64_t ready = 0;
    for (kubernetes::Row row = 0; row < cluster.pods.extent(); ++row) {
      ready += cluster.pods.exists(row) && belongs_to(cluster, cluster.pods[row], object_)
                   ? kubernetes::counts_of(cluster.pods[row]).ready
                   : 0;
    }
    return ready;
  }

  std::string object_;
  std::int64_t count_;
};

// ---------------------------------------------------------------------------------------------------------

class OnCondition : public Check {
 public:
  explicit OnCondition(const language::CheckUse& use) : condition_(use.find("condition")->condition) {}
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::NotReached; }

 protected:
  bool holds_now(const Observed& observed, plan::Missing& missing) const {
    return checks::holds(condition_, observed, missing);
  }

 private:
  language::Condition condition_;
};

/// The condition comes true at some moment.
class Eventually : public OnCondition {
 public:
  using OnCondition::OnCondition;
  void on_transition(State& state, const Observed& observed, sim::TransitionId) const override {
    plan::Missing missing;
    if (holds_now(observed, missing)) {
      state.verdict = sim::Verdict::Held;
      state.decided = true;
      state.at = observed.now;
    }
  }
  void end(State& state, const Observed& observed) const override {
    plan::Missing missing;
    if (!holds_now(observed, missing)) {
      violate(state, observed, sim::kNoTransition,
              fmt::format("it never came true; at the end {}", missing.text), missing.object);
    } else {
      state.verdict = sim::Verdict::Held;
    }
  }
};

/// Once the condition is true, it stays true.
class Always : public OnCondition {
 public:
  using OnCondition::OnCondition;
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    plan::Missing missing;
    if (holds_now(observed, missing)) {
      state.verdict = sim::Verdict::Held;
    } else if (state.verdict == sim::Verdict::Held) {
      violate(state, observed, id, missing.text, missing.object);
    }
  }
};

/// The condition comes true not later than a given time.
class By : public OnCondition {
 public:
  explicit By(const language::CheckUse& use) : OnCondition(use), time_(use.find("time")->duration) {}
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    plan::Missing missing;
    const bool now = holds_now(observed, missing);
    if (observed.now <= time_ && now) {
      state.verdict = sim::Verdict::Held;
      state.decided = true;
      state.at = observed.now;
    } else if (observed.now > time_) {
      violate(state, observed, id,
              now ? fmt::format("it came true only at {}", models::timing::duration_text(observed.now))
                  : fmt::format("it is not true yet: {}", missing.text),
              missing.object);
      state.at = time_;
    }
  }
  void end(State& state, const Observed& observed) const override {
    plan::Missing missing;
    if (holds_now(observed, missing)) {
      state.verdict = sim::Verdict::Held;
    } else {
      violate(state, observed, sim::kNoTransition, missing.text, missing.object);
    }
  }
  void hash(const State& state, sim::Time now, sim::Hasher& hasher) const override {
    hasher.add(state.verdict);
    hasher.add(state.decided ? std::int64_t{0} : std::max<std::int64_t>(0, (time_ - now).count()));
  }

 private:
  sim::Time time_;
};

// ---------------------------------------------------------------------------------------------------------

/// The latest controller that still waits: where a stall comes from.
sim::TransitionId open_wait(const sim::History& history) {
  for (sim::TransitionId id = history.next_id(); id != history.first_id();) {
    --id;
    const sim::Transition& transition = history.at(id);
    if (transition.field == code(Field::Waits)) {
      return transition.to != 0 ? id : sim::kNoTransition;
    }
  }
  return sim::kNoTransition;
}

/// Every step comes to its end.
class NoStall : public Check {
 public:
  std::vector<std::uint16_t> fields() const override {
    return {code(plan::Field::StepStarted), code(plan::Field::StepFinished)};
  }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    state.verdict = sim::Verdict::Held;
    const sim::Transition& transition = observed.history.at(id);
    if (transition.field == code(plan::Field::StepFinished) &&
        transition.to == static_cast<std::int32_t>(sim::StepOutcome::TimedOut)) {
      for (std::size_t i = 0; i < observed.plan_state.steps.size(); ++i) {
        if (observed.plan_state.steps[i].uid == transition.subject) {
          report(state, observed, i);
        }
      }
    }
  }
  void end(State& state, const Observed& observed) const override {
    for (std::size_t i = 0; i < observed.plan_state.steps.size(); ++i) {
      const plan::StepPhase phase = observed.plan_state.steps[i].phase;
      if (phase == plan::StepPhase::Performing || phase == plan::StepPhase::Verifying) {
        report(state, observed, i);
        return;
      }
    }
  }

 private:
  static void report(State& state, const Observed& observed, std::size_t step) {
    const plan::StepState& stalled = observed.plan_state.steps[step];
    // A command that waits names no object: then the controller that waits last tells why.
    const sim::TransitionId wait =
        stalled.missing.object == 0 ? open_wait(observed.history) : sim::kNoTransition;
    violate(state, observed, wait != sim::kNoTransition ? wait : stalled.transition,
            fmt::format("step \"{}\" does not come to its end{}", observed.plan.steps[step].name,
                        stalled.missing.text.empty() ? told_by_command(stalled)
                                                     : fmt::format(": {}", stalled.missing.text)),
            stalled.missing.object);
  }

  /// What the command under way said last of why it goes on: an eviction that is refused again and again.
  static std::string told_by_command(const plan::StepState& step) {
    for (const plan::Thread& thread : step.threads) {
      if (const std::string_view last = last_line(thread.command.errors); !last.empty()) {
        return fmt::format(": {}", last);
      }
    }
    return {};
  }
};

/// No step fails in a way that keeps others from being performed, and no command is beyond the model.
class PlanIsPerformed : public Check {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(plan::Field::StepFinished)}; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    const auto outcome = static_cast<sim::StepOutcome>(transition.to);
    state.verdict = sim::Verdict::Held;
    for (std::size_t i = 0; i < observed.plan_state.steps.size(); ++i) {
      const plan::StepState& step = observed.plan_state.steps[i];
      if (step.uid == transition.subject && report_not_performed(state, observed, i)) {
        return;
      }
      if (outcome != sim::StepOutcome::Failed) {
        continue;  // a step that takes too long stalls
      }
      const bool ends_plan = observed.plan.steps[i].stop_on_error || step.ends_plan;
      if (step.uid == transition.subject && ends_plan && step.missing.text.empty()) {  // or else `then` tells
        violate(state, observed, step.transition,
                fmt::format("step \"{}\" failed with exit code {}{}", observed.plan.steps[i].name,
                            step.exit_code, last_error(step)));
      }
    }
  }

  void end(State& state, const Observed& observed) const override {
    for (std::size_t i = 0; i < observed.plan_state.steps.size() && state.verdict != sim::Verdict::Violated;
         ++i) {
      report_not_performed(state, observed, i);
    }
  }

 private:
  /// A command that the model does not perform says nothing of the cluster, whatever on_error makes of it.
  static bool report_not_performed(State& state, const Observed& observed, std::size_t position) {
    const plan::StepState& step = observed.plan_state.steps[position];
    for (const plan::CommandOutcome& ended : step.ended) {
      const std::string because = commands::not_performed_because(ended.exit_code, ended.errors);
      if (!because.empty()) {
        violate(
            state, observed, step.transition,
            fmt::format("step \"{}\" was not performed: {}", observed.plan.steps[position].name, because));
        return true;
      }
    }
    return false;
  }

  /// What the last command that failed said last.
  static std::string last_error(const plan::StepState& step) {
    for (const plan::CommandOutcome& ended : std::views::reverse(step.ended)) {
      // kubectl exec tells of the exit code last, and the program of the reason before it. Others try again
      // and warn before they say why they end.
      const std::string_view errors = ended.errors;
      const std::string_view last = last_line(errors);
      const std::string_view reason =
          last.starts_with("command terminated with exit code") ? errors.substr(0, errors.find('\n')) : last;
      if (ended.exit_code != 0 && !reason.empty()) {
        return fmt::format(": {}", reason);
      }
    }
    return {};
  }
};

/// What a step should leave behind comes true.
class ThenOfStep : public Check {
 public:
  explicit ThenOfStep(std::uint32_t step) : step_(step) {}
  std::vector<std::uint16_t> fields() const override {
    return {code(plan::Field::ThenHolds), code(plan::Field::StepFinished)};
  }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::NotReached; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    const plan::StepState& step = observed.plan_state.steps[step_];
    if (transition.subject != step.uid) {
      return;
    }
    if (transition.field == code(plan::Field::ThenHolds)) {
      state.verdict = sim::Verdict::Held;
      state.decided = true;
      state.at = observed.now;
    } else if (!step.missing.text.empty()) {
      violate(state, observed, id, step.missing.text, step.missing.object);
    }
  }
  void end(State& state, const Observed& observed) const override {
    const plan::StepState& step = observed.plan_state.steps[step_];
    if (step.phase == plan::StepPhase::Verifying) {
      violate(state, observed, step.transition, step.missing.text, step.missing.object);
    }
  }

 private:
  std::uint32_t step_;
};

}  // namespace

std::shared_ptr<const Check> reverse_ordinal_order(const language::CheckUse& use) {
  return std::make_shared<ReverseOrdinalOrder>(use);
}
std::shared_ptr<const Check> one_at_a_time(const language::CheckUse& use) {
  return std::make_shared<OneAtATime>(use);
}
std::shared_ptr<const Check> never_fewer_ready_than(const language::CheckUse& use) {
  return std::make_shared<NeverFewerReadyThan>(use);
}
std::shared_ptr<const Check> eventually(const language::CheckUse& use) {
  return std::make_shared<Eventually>(use);
}
std::shared_ptr<const Check> always(const language::CheckUse& use) { return std::make_shared<Always>(use); }
std::shared_ptr<const Check> by(const language::CheckUse& use) { return std::make_shared<By>(use); }
std::shared_ptr<const Check> no_stall() { return std::make_shared<NoStall>(); }
std::shared_ptr<const Check> plan_is_performed() { return std::make_shared<PlanIsPerformed>(); }
std::shared_ptr<const Check> then_of_step(std::uint32_t step) { return std::make_shared<ThenOfStep>(step); }

}  // namespace scenarios::checks
