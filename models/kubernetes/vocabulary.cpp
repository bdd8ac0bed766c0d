#include "models/kubernetes/vocabulary.h"

#include <algorithm>

#include "models/kubernetes/strings.h"

namespace models::kubernetes {

namespace {
// Source: k8s.io/apimachinery pkg/util/rand/rand.go: vowels and look-alikes are left out.
constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
static_assert(kAlphabet.size() == 27);
}  // namespace

std::string_view to_text(Writer writer) {
  switch (writer) {
    case Writer::None:
      return "unknown";
    case Writer::Setup:
      return "setup";
    case Writer::User:
      return "step";
    case Writer::Fault:
      return "fault";
    case Writer::StatefulSetController:
      return "statefulset-controller";
    case Writer::JobController:
      return "job-controller";
    case Writer::GarbageCollector:
      return "garbage-collector";
    case Writer::PodGarbageCollector:
      return "pod-garbage-collector";
    case Writer::TtlAfterFinishedController:
      return "ttl-after-finished-controller";
    case Writer::PersistentVolumeClaimProtection:
      return "pvc-protection-controller";
    case Writer::PersistentVolumeController:
      return "persistentvolume-controller";
    case Writer::NodeLifecycleController:
      return "node-lifecycle-controller";
    case Writer::TaintEvictionController:
      return "taint-eviction-controller";
    case Writer::Scheduler:
      return "scheduler";
    case Writer::Kubelet:
      return "kubelet";
    case Writer::FluxOperator:
      return "flux-operator";
    case Writer::FluxBroker:
      return "flux-broker";
    case Writer::Plan:
      return "plan";
    case Writer::Check:
      return "check";
    case Writer::ReplicaSetController:
      return "replicaset-controller";
    case Writer::DeploymentController:
      return "deployment-controller";
    case Writer::DaemonSetController:
      return "daemonset-controller";
    case Writer::DisruptionController:
      return "disruption-controller";
    case Writer::CloudNodeLifecycleController:
      return "cloud-node-lifecycle-controller";
    case Writer::AttachDetachController:
      return "attachdetach-controller";
  }
  return "unknown";
}

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::None:
      return "";
    case Kind::Node:
      return "node";
    case Kind::Pod:
      return "pod";
    case Kind::StatefulSet:
      return "statefulset";
    case Kind::Job:
      return "job";
    case Kind::PersistentVolumeClaim:
      return "persistentvolumeclaim";
    case Kind::ControllerRevision:
      return "controllerrevision";
    case Kind::MiniCluster:
      return "minicluster";
    case Kind::Other:
      return "object";
    case Kind::ReplicaSet:
      return "replicaset";
    case Kind::Deployment:
      return "deployment";
    case Kind::DaemonSet:
      return "daemonset";
    case Kind::PodDisruptionBudget:
      return "poddisruptionbudget";
  }
  return "";
}

std::string_view to_text(PodPhase phase) {
  switch (phase) {
    case PodPhase::Pending:
      return "Pending";
    case PodPhase::Running:
      return "Running";
    case PodPhase::Succeeded:
      return "Succeeded";
    case PodPhase::Failed:
      return "Failed";
    case PodPhase::Unknown:
      return "Unknown";
  }
  return "";
}

std::string_view to_text(ContainerReason reason) {
  switch (reason) {
    case ContainerReason::None:
      return "";
    case ContainerReason::ContainerCreating:
      return "ContainerCreating";
    case ContainerReason::PodInitializing:
      return "PodInitializing";
    case ContainerReason::CrashLoopBackOff:
      return "CrashLoopBackOff";
    case ContainerReason::ImagePullBackOff:
      return "ImagePullBackOff";
    case ContainerReason::ErrImagePull:
      return "ErrImagePull";
    case ContainerReason::Completed:
      return "Completed";
    case ContainerReason::Error:
      return "Error";
    case ContainerReason::OOMKilled:
      return "OOMKilled";
    case ContainerReason::Other:
      return "Unknown";
  }
  return "";
}

std::string_view to_text(PodReason reason) {
  switch (reason) {
    case PodReason::None:
      return "";
    case PodReason::Evicted:
      return "Evicted";
    case PodReason::NodeLost:
      return "NodeLost";
    case PodReason::NodeShutdown:
      return "NodeShutdown";
    case PodReason::Terminated:
      return "Terminated";
    case PodReason::DeadlineExceeded:
      return "DeadlineExceeded";
    case PodReason::UnexpectedAdmissionError:
      return "UnexpectedAdmissionError";
  }
  return "";
}

std::string_view to_text(JobConditionType type) {
  switch (type) {
    case JobConditionType::Suspended:
      return "Suspended";
    case JobConditionType::FailureTarget:
      return "FailureTarget";
    case JobConditionType::SuccessCriteriaMet:
      return "SuccessCriteriaMet";
    case JobConditionType::Failed:
      return "Failed";
    case JobConditionType::Complete:
      return "Complete";
  }
  return "";
}

std::string_view to_text(ClaimPhase phase) {
  switch (phase) {
    case ClaimPhase::Pending:
      return "Pending";
    case ClaimPhase::Bound:
      return "Bound";
    case ClaimPhase::Lost:
      return "Lost";
  }
  return "";
}

std::string_view to_text(DisruptionReason reason) {
  switch (reason) {
    case DisruptionReason::None:
      return "";
    case DisruptionReason::EvictionByEvictionAPI:
      return "EvictionByEvictionAPI";
    case DisruptionReason::DeletionByTaintManager:
      return "DeletionByTaintManager";
    case DisruptionReason::DeletionByPodGC:
      return "DeletionByPodGC";
    case DisruptionReason::PreemptionByScheduler:
      return "PreemptionByScheduler";
    case DisruptionReason::TerminationByKubelet:
      return "TerminationByKubelet";
  }
  return "";
}

std::string_view to_text(DeploymentConditionType type) {
  switch (type) {
    case DeploymentConditionType::Available:
      return "Available";
    case DeploymentConditionType::Progressing:
      return "Progressing";
    case DeploymentConditionType::ReplicaFailure:
      return "ReplicaFailure";
  }
  return "";
}

std::string_view to_text(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::False:
      return "False";
    case ConditionStatus::True:
      return "True";
    case ConditionStatus::Unknown:
      return "Unknown";
  }
  return "";
}

std::string_view to_text(WaitReason reason) {
  switch (reason) {
    case WaitReason::None:
      return "nothing";
    case WaitReason::PodNotReady:
      return "to become Ready";
    case WaitReason::PodNotAvailable:
      return "to stay Ready for minReadySeconds";
    case WaitReason::PodTerminating:
      return "to be gone";
    case WaitReason::PodTerminal:
      return "to be deleted and gone";
    case WaitReason::ClaimStale:
      return "to be released by its previous pod";
    case WaitReason::UpdatePaused:
      return "the partition to be lowered";
    case WaitReason::MaxUnavailable:
      return "to become available, no more may be unavailable";
    case WaitReason::Backoff:
      return "the pod back-off to be over";
    case WaitReason::FailedIndexes:
      return "indexes that have failed for good and get no pod";
    case WaitReason::TerminatingPods:
      return "terminating pods to be gone";
    case WaitReason::Expectations:
      return "to observe its own writes";
    case WaitReason::Suspended:
      return "to be resumed";
    case WaitReason::ClientThrottled:
      return "its API client, which is throttled";
    case WaitReason::RolloutPaused:
      return "its roll-out to be resumed";
    case WaitReason::DeadlineExceeded:
      return "progress, which has not come within the deadline";
  }
  return "";
}

std::string suffix_text(std::uint32_t suffix) {
  std::string text(5, 'b');
  std::uint32_t rest = suffix == 0 ? 0 : suffix - 1;
  for (std::size_t i = 5; i-- > 0;) {
    text[i] = kAlphabet[rest % kAlphabet.size()];
    rest /= static_cast<std::uint32_t>(kAlphabet.size());
  }
  return text;
}

std::uint32_t parse_suffix(std::string_view text) {
  if (text.size() != 5) {
    return 0;
  }
  std::uint32_t packed = 0;
  for (const char c : text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) {
      return 0;
    }
    packed = packed * static_cast<std::uint32_t>(kAlphabet.size()) + static_cast<std::uint32_t>(digit);
  }
  return packed + 1;
}

}  // namespace models::kubernetes
