#include "models/kubernetes/describe.h"

#include <fmt/core.h>

#include <array>

namespace models::kubernetes {

namespace {

std::string from_to(std::string_view name, std::string_view from, std::string_view to) {
  return name.empty() ? fmt::format("{} -> {}", from, to) : fmt::format("{} {} -> {}", name, from, to);
}

std::string number(std::string_view name, const sim::Transition& transition) {
  return fmt::format("{} {} -> {}", name, transition.from, transition.to);
}

std::string_view or_none(std::string_view text) { return text.empty() ? "none" : text; }

/// Names of the fields that are plain numbers.
std::string_view number_name(Field field) {
  switch (field) {
    case Field::SetReplicas:
      return "spec.replicas";
    case Field::SetStatusReplicas:
      return "status.replicas";
    case Field::SetStatusReady:
      return "status.readyReplicas";
    case Field::SetStatusAvailable:
      return "status.availableReplicas";
    case Field::SetStatusCurrent:
      return "status.currentReplicas";
    case Field::SetStatusUpdated:
      return "status.updatedReplicas";
    case Field::SetObservedGeneration:
      return "status.observedGeneration";
    case Field::WorkloadUnavailable:
      return "status.unavailable";
    case Field::WorkloadFullyLabeled:
      return "status.fullyLabeledReplicas";
    case Field::WorkloadTerminating:
      return "status.terminatingReplicas";
    case Field::WorkloadCollisions:
      return "status.collisionCount";
    case Field::WorkloadRevision:
      return "revision";
    case Field::DaemonDesired:
      return "status.desiredNumberScheduled";
    case Field::DaemonCurrent:
      return "status.currentNumberScheduled";
    case Field::DaemonMisscheduled:
      return "status.numberMisscheduled";
    case Field::DaemonReady:
      return "status.numberReady";
    case Field::DaemonUpdated:
      return "status.updatedNumberScheduled";
    case Field::DaemonAvailable:
      return "status.numberAvailable";
    case Field::BudgetAllowed:
      return "status.disruptionsAllowed";
    case Field::BudgetCurrentHealthy:
      return "status.currentHealthy";
    case Field::BudgetDesiredHealthy:
      return "status.desiredHealthy";
    case Field::BudgetExpectedPods:
      return "status.expectedPods";
    case Field::BudgetDisruptedPods:
      return "status.disruptedPods";
    case Field::BudgetObservedGeneration:
      return "status.observedGeneration";
    case Field::RevisionNumber:
      return "revision";
    case Field::JobParallelism:
      return "spec.parallelism";
    case Field::JobCompletions:
      return "spec.completions";
    case Field::JobActive:
      return "status.active";
    case Field::JobReady:
      return "status.ready";
    case Field::JobSucceeded:
      return "status.succeeded";
    case Field::JobFailed:
      return "status.failed";
    case Field::JobTerminating:
      return "status.terminating";
    case Field::JobUncounted:
      return "status.uncountedTerminatedPods";
    default:
      return {};
  }
}

std::string yes_no(std::string_view name, std::int32_t to) {
  return fmt::format("{} {}", name, to != 0 ? "True" : "False");
}

std::string describe_object(const sim::Transition& transition, const sim::History& history,
                            const Cluster& cluster) {
  switch (static_cast<Field>(transition.field)) {
    case Field::Created:
      return "created";
    case Field::Removed:
      return "removed";
    case Field::DeletionRequested:
      return fmt::format("deletion requested (grace {}s)", transition.to);
    case Field::Finalizer: {
      const std::string& name = cluster.strings[transition.detail];
      return name.empty() ? std::string("finalizer removed") : fmt::format("finalizer {} removed", name);
    }
    case Field::Owner:
      return transition.to != 0
                 ? fmt::format("adopted by {}",
                               describe_subject(static_cast<Uid>(transition.to), history, cluster))
                 : "released by its controller";
    case Field::Waits: {
      const auto reason = static_cast<WaitReason>(transition.to);
      if (reason == WaitReason::None) {
        return "waits no more";
      }
      const std::string_view text = to_text(reason);
      // A reason that begins with "to" says what the object must do; the others stand for themselves.
      return transition.detail == 0 || !text.starts_with("to ")
                 ? fmt::format("waits for {}", text)
                 : fmt::format("waits for {} {}", describe_subject(transition.detail, history, cluster),
                               text);
    }
    case Field::SyncFailed:
      return fmt::format("sync failed: {}", history.text_at(transition.detail));
    case Field::Warning:
      return fmt::format("warning: {}", history.text_at(transition.detail));
    case Field::Updated:
      return "updated";
    default:
      return {};
  }
}

std::string describe_pod(const sim::Transition& transition, const sim::History& history,
                         const Cluster& cluster) {
  switch (static_cast<Field>(transition.field)) {
    case Field::PodPhaseChanged:
      return from_to({}, to_text(static_cast<PodPhase>(transition.from)),
                     to_text(static_cast<PodPhase>(transition.to)));
    case Field::PodReady:
      return yes_no("Ready", transition.to);
    case Field::PodInitialized:
      return yes_no("Initialized", transition.to);
    case Field::PodBound:
      return fmt::format("bound to {}", describe_subject(static_cast<Uid>(transition.to), history, cluster));
    case Field::PodUnschedulable: {
      const std::string& message = history.text_at(transition.detail);
      return message.empty() ? std::string("unschedulable") : fmt::format("unschedulable: {}", message);
    }
    case Field::PodRestarted:
      return number("restarts", transition);
    case Field::PodWaiting:
      return from_to("container", or_none(to_text(static_cast<ContainerReason>(transition.from))),
                     or_none(to_text(static_cast<ContainerReason>(transition.to))));
    case Field::PodDisruptionTarget:
      return yes_no("DisruptionTarget", transition.to);
    case Field::PodLabels:
      return "labels changed";
    case Field::PodEvicted:
      return fmt::format("reason {}", or_none(to_text(static_cast<PodReason>(transition.to))));
    case Field::PodTerminated:
      return fmt::format("container ended with exit code {}", transition.to);
    default:
      return {};
  }
}

/// A condition that has come to be True, False or Unknown, or is gone, with its reason.
std::string condition_text(std::string_view name, const sim::Transition& transition, const Cluster& cluster) {
  if (transition.to == 0) {
    return fmt::format("condition {} is gone", name);
  }
  const std::string& reason = cluster.strings[transition.detail];
  return fmt::format("{} {}{}", name, to_text(static_cast<ConditionStatus>(transition.to - 1)),
                     reason.empty() ? "" : fmt::format(" ({})", reason));
}

std::string describe_workload(const sim::Transition& transition, const sim::History& history,
                              const Cluster& cluster) {
  switch (static_cast<Field>(transition.field)) {
    case Field::WorkloadPaused:
      return transition.to != 0 ? "paused" : "resumed";
    case Field::WorkloadReplicaFailure:
      return condition_text("ReplicaFailure", transition, cluster);
    case Field::DeploymentCondition:
      return condition_text(to_text(static_cast<DeploymentConditionType>(transition.from)), transition,
                            cluster);
    case Field::BudgetSpec:
      return fmt::format("{} changed", history.text_at(transition.detail));
    case Field::BudgetCondition:
      return condition_text("DisruptionAllowed", transition, cluster);
    default:
      return number(number_name(static_cast<Field>(transition.field)), transition);
  }
}

std::string describe_other(const sim::Transition& transition, const sim::History& history,
                           const Cluster& cluster) {
  constexpr std::array<std::string_view, 4> kReadiness = {"False", "True", "Unknown", "none"};
  const auto text = [&](std::string_view name) {
    const std::string& value = history.text_at(transition.detail);
    return fmt::format("{} -> {}", name, value.empty() ? std::string_view("\"\"") : std::string_view(value));
  };
  switch (static_cast<Field>(transition.field)) {
    case Field::NodeReady:
      return from_to("Ready", kReadiness[static_cast<std::size_t>(transition.from)],
                     kReadiness[static_cast<std::size_t>(transition.to)]);
    case Field::NodeUnschedulable:
      return transition.to != 0 ? "cordoned" : "uncordoned";
    case Field::NodeTaints:
      return text("taints");
    case Field::NodeKubelet:
      return transition.to != 0 ? "kubelet is back" : "kubelet went silent";
    case Field::SetTemplate:
      return "spec.template changed";
    case Field::SetSpec:
    case Field::JobSpec:
      return fmt::format("{} changed", history.text_at(transition.detail));
    case Field::SetCurrentRevision:
    case Field::SetUpdateRevision:
      return from_to(static_cast<Field>(transition.field) == Field::SetCurrentRevision
                         ? "status.currentRevision"
                         : "status.updateRevision",
                     or_none(cluster.strings[static_cast<Text>(transition.from)]),
                     or_none(cluster.strings[static_cast<Text>(transition.to)]));
    case Field::ClaimPhaseChanged:
      return from_to({}, to_text(static_cast<ClaimPhase>(transition.from)),
                     to_text(static_cast<ClaimPhase>(transition.to)));
    case Field::ClaimOwner:
      return transition.to != 0 ? fmt::format("owned by {}", describe_subject(static_cast<Uid>(transition.to),
                                                                              history, cluster))
                                : "owner reference removed";
    case Field::ClaimAttached:
      return fmt::format("volume attached to {}",
                         describe_subject(static_cast<Uid>(transition.to), history, cluster));
    case Field::ClaimDetached:
      return fmt::format("volume detached from {}{}",
                         describe_subject(static_cast<Uid>(transition.from), history, cluster),
                         transition.to != 0 ? " while still mounted there" : "");
    case Field::JobSuspend:
      return transition.to != 0 ? "suspended" : "resumed";
    case Field::JobCompletedIndexes:
      return text("status.completedIndexes");
    case Field::JobFailedIndexes:
      return text("status.failedIndexes");
    case Field::JobStartTime:
      return transition.to != 0 ? "status.startTime set" : "status.startTime cleared";
    case Field::JobCompletionTime:
      return "status.completionTime set";
    case Field::JobCondition: {
      const std::string& reason = cluster.strings[transition.detail];
      return fmt::format("{}{}",
                         yes_no(to_text(static_cast<JobConditionType>(transition.from)), transition.to),
                         reason.empty() ? "" : fmt::format(" ({})", reason));
    }
    default:
      break;
  }
  const std::string_view name = number_name(static_cast<Field>(transition.field));
  return name.empty() ? std::string() : number(name, transition);
}

}  // namespace

std::string describe_subject(Uid uid, const sim::History& history, const Cluster& cluster) {
  if (uid == 0) {
    return "cluster";  // what concerns no single object, such as the restart of the controller manager
  }
  const sim::Subject subject = history.subject(uid);
  const std::string_view kind = to_text(static_cast<Kind>(subject.kind));
  const std::string name = subject_name(subject, cluster.strings);
  return subject.name_space == 0 ? fmt::format("{} {}", kind, name)
                                 : fmt::format("{} {}/{}", kind, cluster.strings[subject.name_space], name);
}

std::string describe_change(const sim::Transition& transition, const sim::History& history,
                            const Cluster& cluster) {
  if (transition.field < static_cast<std::uint16_t>(Field::PodPhaseChanged)) {
    return describe_object(transition, history, cluster);
  }
  if (transition.field < static_cast<std::uint16_t>(Field::NodeReady)) {
    return describe_pod(transition, history, cluster);
  }
  if (transition.field >= static_cast<std::uint16_t>(Field::WorkloadUnavailable)) {
    return describe_workload(transition, history, cluster);
  }
  return describe_other(transition, history, cluster);
}

}  // namespace models::kubernetes
