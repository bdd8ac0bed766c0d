#include "scenarios/checks/plan_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "models/flux/vocabulary.h"
#include "models/timing/distribution.h"
#include "scenarios/checks/pods.h"

namespace scenarios::checks {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;
using kubernetes::Writer;

std::uint16_t code(Field field) { return static_cast<std::uint16_t>(field); }
std::uint16_t code(plan::Field field) { return static_cast<std::uint16_t>(field); }

/// Whether a pod belongs to the object of that name: its owner, or the MiniCluster whose Job it is.
bool belongs_to(const kubernetes::Cluster& cluster, const kubernetes::Pod& pod, const std::string& object) {
  return object.empty() || cluster.strings[pod.base_name] == object;
}

const kubernetes::Pod* pod_of(const Observed& observed, sim::TransitionId id) {
  const kubernetes::Row row = observed.cluster.find_pod_by_uid(observed.history.at(id).subject);
  return row == kubernetes::kNoRow ? nullptr : &observed.cluster.pods[row];
}

std::string text_argument(const language::CheckUse& use, std::string_view name) {
  const language::CheckArgument* argument = use.find(name);
  return argument == nullptr ? std::string() : argument->text.value;
}

/// Transitions after which the number of ready or running pods may be another.
std::vector<std::uint16_t> pod_fields() {
  return {code(Field::Created), code(Field::Removed), code(Field::DeletionRequested),
          code(Field::PodPhaseChanged), code(Field::PodReady)};
}

// ---------------------------------------------------------------------------------------------------------

/// One workload that declares a size.
struct Sized {
  kubernetes::Uid uid = 0;
  std::string name;
  std::int64_t declared = 0;
  std::int64_t actual = 0;
};

std::int64_t running_pods(const kubernetes::Cluster& cluster, kubernetes::Row head) {
  std::int64_t count = 0;
  for (kubernetes::Row row = head; row != kubernetes::kNoRow; row = cluster.pods[row].owner_next) {
    count += !cluster.pods[row].meta.removed && is_running(cluster.pods[row]) ? 1 : 0;
  }
  return count;
}

/// Every workload of that name (all, if empty) and its size. A Job of a MiniCluster stands under the
/// MiniCluster.
std::vector<Sized> sizes(const Observed& observed, const std::string& object) {
  const kubernetes::Cluster& cluster = observed.cluster;
  std::vector<Sized> all;
  for (kubernetes::Row row = 0; row < cluster.statefulsets.extent(); ++row) {
    if (cluster.statefulsets.exists(row)) {
      const kubernetes::StatefulSet& set = cluster.statefulsets[row];
      all.push_back({set.meta.uid, cluster.strings[set.meta.name], set.spec.replicas,
                     running_pods(cluster, set.pods_head)});
    }
  }
  for (kubernetes::Row row = 0; row < cluster.jobs.extent(); ++row) {
    if (!cluster.jobs.exists(row) || cluster.jobs[row].status.finished() || cluster.jobs[row].spec.suspend) {
      continue;
    }
    const kubernetes::Job& job = cluster.jobs[row];
    std::int64_t declared = job.spec.parallelism;
    if (job.spec.completions >= 0) {
      declared = std::min<std::int64_t>(declared, job.spec.completions - job.status.succeeded);
    }
    kubernetes::Uid uid = job.meta.uid;
    for (std::uint32_t i = 0; i < observed.flux.miniclusters.extent(); ++i) {
      if (observed.flux.miniclusters.alive(i) && observed.flux.miniclusters[i].meta.uid == job.owner.uid &&
          job.owner.uid != 0) {
        declared = observed.flux.miniclusters[i].spec.size;
        uid = job.owner.uid;
      }
    }
    all.push_back({uid, cluster.strings[job.meta.name], declared, running_pods(cluster, job.pods_head)});
  }
  std::erase_if(all, [&](const Sized& sized) { return !object.empty() && sized.name != object; });
  return all;
}

/// A size that is declared and not real misleads whoever plans by it. A difference is normal while pods start
/// and stop; it counts once it has lasted longer than `settle`, or when nothing happens any more.
class DeclaredSizeIsActualSize : public Check {
 public:
  explicit DeclaredSizeIsActualSize(const language::CheckUse& use) : object_(text_argument(use, "object")) {
    const language::CheckArgument* settle = use.find("settle");
    settle_ =
        settle != nullptr && settle->given() ? settle->duration : sim::Duration{std::chrono::minutes{2}};
  }
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::PodPhaseChanged), code(Field::DeletionRequested),
            code(Field::Removed),         code(Field::SetReplicas),
            code(Field::JobParallelism),  code(Field::JobSucceeded),
            code(Field::Created),         static_cast<std::uint16_t>(models::flux::Field::MiniClusterSize)};
  }
  /// numbers, four a workload: uid, since when it differs (-1: it does not), the transition that made it
  /// differ, 1 once both were equal.
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    for (const Sized& sized : sizes(observed, object_)) {
      std::int64_t* entry = entry_of(state, sized.uid);
      if (sized.actual == sized.declared) {
        if (entry[1] >= 0 && entry[3] == 1 && observed.now.count() - entry[1] >= settle_.count()) {
          report(state, observed, entry, sized, "for a while");
          return;
        }
        entry[1] = -1;
        entry[3] = 1;
        if (state.verdict != sim::Verdict::Violated) {
          state.verdict = sim::Verdict::Held;
        }
      } else if (entry[1] < 0) {
        entry[1] = observed.now.count();
        entry[2] = id;
      }
      if (sized.actual != sized.declared && (entry[4] != sized.declared || entry[5] != sized.actual)) {
        // The latest difference is what the summary tells, whatever is there when it is settled.
        entry[4] = sized.declared;
        entry[5] = sized.actual;
      }
    }
  }
  void end(State& state, const Observed& observed) const override {
    for (const Sized& sized : sizes(observed, object_)) {
      std::int64_t* entry = entry_of(state, sized.uid);
      if (sized.actual != sized.declared) {
        if (entry[1] < 0) {
          entry[1] = observed.now.count();
          entry[2] = sim::kNoTransition;
        }
        entry[4] = sized.declared;
        entry[5] = sized.actual;
        report(state, observed, entry, sized, "at the end");
      }
    }
  }
  void hash(const State& state, sim::Time now, sim::Hasher& hasher) const override {
    hasher.add(state.verdict);
    for (std::size_t i = 0; i + kNumbers <= state.numbers.size(); i += kNumbers) {
      hasher.add(state.numbers[i + 1] < 0 ? std::int64_t{-1}
                                          : std::min(settle_.count(), now.count() - state.numbers[i + 1]));
      hasher.add(state.numbers[i + 3]);
    }
  }

 private:
  static constexpr std::size_t kNumbers = 6;

  static std::int64_t* entry_of(State& state, kubernetes::Uid uid) {
    for (std::size_t i = 0; i + kNumbers <= state.numbers.size(); i += kNumbers) {
      if (state.numbers[i] == uid) {
        return &state.numbers[i];
      }
    }
    if (state.verdict == sim::Verdict::NotApplicable) {
      state.verdict = sim::Verdict::NotReached;
    }
    state.numbers.insert(state.numbers.end(), {uid, -1, sim::kNoTransition, 0, 0, 0});
    return &state.numbers[state.numbers.size() - kNumbers];
  }

  void report(State& state, const Observed& observed, const std::int64_t* entry, const Sized& sized,
              std::string_view when) const {
    violate(state, observed, static_cast<sim::TransitionId>(entry[2]),
            fmt::format("{} declares {}, {} {} {}", sized.name, entry[4], entry[5],
                        entry[5] == 1 ? "pod runs" : "pods run", when));
    // It became a finding when it had lasted for `settle`, though nothing happened at that moment.
    state.at = std::min(observed.now, sim::Time{entry[1]} + settle_);
  }

  std::string object_;
  sim::Duration settle_{};
};

// ---------------------------------------------------------------------------------------------------------

/// Pods of a numbered workload leave from the highest ordinal down.
class ReverseOrdinalOrder : public Check {
 public:
  explicit ReverseOrdinalOrder(const language::CheckUse& use) : object_(text_argument(use, "object")) {}
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
    for (kubernetes::Row row = 0; row < observed.cluster.pods.extent(); ++row) {
      if (!observed.cluster.pods.exists(row)) {
        continue;
      }
      const kubernetes::Pod& other = observed.cluster.pods[row];
      if (other.owner == pod->owner && other.index > pod->index && !other.meta.deleting() &&
          !other.terminal()) {
        violate(state, observed, id,
                fmt::format("{} leaves while {} stays", short_name(observed.cluster, *pod),
                            short_name(observed.cluster, other)));
        return;
      }
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
  explicit OneAtATime(const language::CheckUse& use) : object_(text_argument(use, "object")) {}
  std::vector<std::uint16_t> fields() const override { return {code(Field::DeletionRequested)}; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const kubernetes::Pod* pod = pod_of(observed, id);
    if (pod == nullptr || pod->owner.uid == 0 || !belongs_to(observed.cluster, *pod, object_)) {
      return;
    }
    state.verdict = sim::Verdict::Held;
    for (kubernetes::Row row = 0; row < observed.cluster.pods.extent(); ++row) {
      if (!observed.cluster.pods.exists(row)) {
        continue;
      }
      const kubernetes::Pod& other = observed.cluster.pods[row];
      if (&other != pod && other.owner == pod->owner && other.meta.deleting()) {
        violate(state, observed, id,
                fmt::format("{} leaves while {} is still leaving", short_name(observed.cluster, *pod),
                            short_name(observed.cluster, other)));
        return;
      }
    }
  }

 private:
  std::string object_;
};

/// Once so many pods were Ready, there are never fewer.
class NeverFewerReadyThan : public Check {
 public:
  explicit NeverFewerReadyThan(const language::CheckUse& use)
      : object_(text_argument(use, "object")), count_(use.find("count")->integer) {}
  std::vector<std::uint16_t> fields() const override { return pod_fields(); }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::NotReached; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    std::int64_t ready = 0;
    for (kubernetes::Row row = 0; row < observed.cluster.pods.extent(); ++row) {
      ready += observed.cluster.pods.exists(row) && observed.cluster.pods[row].ready &&
                       !observed.cluster.pods[row].meta.deleting() &&
                       belongs_to(observed.cluster, observed.cluster.pods[row], object_)
                   ? 1
                   : 0;
    }
    if (ready >= count_) {
      state.verdict = sim::Verdict::Held;
    } else if (state.verdict == sim::Verdict::Held) {
      violate(state, observed, id, fmt::format("{} pods are Ready, {} are asked for", ready, count_));
    }
  }

 private:
  std::string object_;
  std::int64_t count_;
};

// ---------------------------------------------------------------------------------------------------------

class OnCondition : public Check {
 public:
  explicit OnCondition(const language::CheckUse& use) : condition_(use.find("condition")->condition) {}
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::NotReached; }

 protected:
  bool holds_now(const Observed& observed, std::string& missing) const {
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
    std::string missing;
    if (holds_now(observed, missing)) {
      state.verdict = sim::Verdict::Held;
      state.decided = true;
      state.at = observed.now;
    }
  }
  void end(State& state, const Observed& observed) const override {
    std::string missing;
    if (!holds_now(observed, missing)) {
      violate(state, observed, sim::kNoTransition, fmt::format("it never came true; at the end {}", missing));
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
    std::string missing;
    if (holds_now(observed, missing)) {
      state.verdict = sim::Verdict::Held;
    } else if (state.verdict == sim::Verdict::Held) {
      violate(state, observed, id, missing);
    }
  }
};

/// The condition comes true not later than a given time.
class By : public OnCondition {
 public:
  explicit By(const language::CheckUse& use) : OnCondition(use), time_(use.find("time")->duration) {}
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    std::string missing;
    const bool now = holds_now(observed, missing);
    if (observed.now <= time_ && now) {
      state.verdict = sim::Verdict::Held;
      state.decided = true;
      state.at = observed.now;
    } else if (observed.now > time_) {
      violate(state, observed, id,
              now ? fmt::format("it came true only at {}", models::timing::duration_text(observed.now))
                  : fmt::format("it is not true yet: {}", missing));
      state.at = time_;
    }
  }
  void end(State& state, const Observed& observed) const override {
    std::string missing;
    if (holds_now(observed, missing)) {
      state.verdict = sim::Verdict::Held;
    } else {
      violate(state, observed, sim::kNoTransition, missing);
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
    const sim::TransitionId wait = open_wait(observed.history);
    violate(state, observed, wait != sim::kNoTransition ? wait : stalled.transition,
            fmt::format("step \"{}\" does not come to its end{}", observed.plan.steps[step].name,
                        stalled.missing.empty() ? std::string() : fmt::format(": {}", stalled.missing)));
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
    } else if (!step.missing.empty()) {
      violate(state, observed, id, step.missing);
    }
  }
  void end(State& state, const Observed& observed) const override {
    const plan::StepState& step = observed.plan_state.steps[step_];
    if (step.phase == plan::StepPhase::Verifying) {
      violate(state, observed, step.transition, step.missing);
    }
  }

 private:
  std::uint32_t step_;
};

}  // namespace

std::shared_ptr<const Check> declared_size_is_actual_size(const language::CheckUse& use) {
  return std::make_shared<DeclaredSizeIsActualSize>(use);
}
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
std::shared_ptr<const Check> then_of_step(std::uint32_t step) { return std::make_shared<ThenOfStep>(step); }

}  // namespace scenarios::checks
