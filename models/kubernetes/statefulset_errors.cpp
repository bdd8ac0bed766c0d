// What the StatefulSet controller says of writes that failed.

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "models/kubernetes/statefulset_claims.h"
#include "models/kubernetes/statefulset_status.h"
#include "models/kubernetes/statefulset_writes.h"

namespace models::kubernetes::statefulset_controller {

namespace {

/// What the API answers about an object.
std::string api_error(Outcome outcome, std::string_view resource, std::string_view kind,
                      std::string_view name) {
  switch (outcome) {
    case Outcome::NotFound:
      return fmt::format("{} \"{}\" not found", resource, name);
    case Outcome::AlreadyExists:
      return fmt::format("{} \"{}\" already exists", resource, name);
    case Outcome::Conflict:
      return fmt::format(
          "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your "
          "changes to "
          "the latest version and try again",
          resource, name);
    case Outcome::Forbidden:
      return fmt::format("{} \"{}\" is forbidden: exceeded quota", resource, name);
    case Outcome::Invalid:
      return fmt::format("{} \"{}\" is invalid", kind, name);
    case Outcome::Ok:
    case Outcome::Skipped:
    case Outcome::Pending:
    case Outcome::Error:
      break;
  }
  return "Internal error occurred: injected failure";
}

std::string pod_error(const Cluster& cluster, const SetSync& sync, const Write& write, Outcome outcome,
                      const std::string& pod) {
  if (write.kind == WriteKind::CreatePod && outcome == Outcome::Invalid) {
    const StatefulSetStatus& status = sync.payload.status;
    return fmt::format(
        "Pod \"{}\" is invalid: metadata.labels: Invalid value: \"{}\": must be no more than {} "
        "characters",
        pod, cluster.strings[write.number != 0 ? status.update_revision : status.current_revision],
        kLabelValueMax);
  }
  return api_error(outcome, "pods", "Pod", pod);
}

std::string claim_error(const SetSync& sync, const StatefulSet& set, const Write& write, Outcome outcome,
                        const std::string& set_name, const std::string& pod) {
  const std::string claim = claim_name((*set.spec.claims)[write.argument].name, set_name, write.index);
  const std::string problem =
      write.row != kNoRow
          ? fmt::format("pvc {} is being deleted", claim)
          : fmt::format("failed to create PVC {}: {}", claim,
                        api_error(outcome, "persistentvolumeclaims", "PersistentVolumeClaim", claim));
  const bool for_new_pod = std::any_of(sync.writes.begin(), sync.writes.end(), [&](const Write& other) {
    return other.kind == WriteKind::CreatePod && other.index == write.index;
  });
  return for_new_pod ? fmt::format("create Pod {} in StatefulSet {} failed error: {}", pod, set_name, problem)
                     : problem;
}

std::string write_error(const Cluster& cluster, const SetSync& sync, const StatefulSet& set,
                        const Write& write, Outcome outcome) {
  const std::string& set_name = cluster.strings[set.meta.name];
  const std::string pod = fmt::format("{}-{}", set_name, write.index);
  const auto about_pod = [&](std::string_view verb) {
    return fmt::format("{} Pod {} in StatefulSet {} failed error: {}", verb, pod, set_name,
                       pod_error(cluster, sync, write, outcome, pod));
  };
  switch (write.kind) {
    case WriteKind::CreatePod:
      return about_pod("create");
    case WriteKind::DeletePod:
      return about_pod("delete");
    case WriteKind::RepairPod:
      return about_pod("update");
    case WriteKind::CreateClaim:
      return claim_error(sync, set, write, outcome, set_name, pod);
    case WriteKind::UpdateClaimOwners: {
      const std::string claim = cluster.strings[cluster.claims[write.row].meta.name];
      return fmt::format("could not update claim {} for delete policy ownerRefs: {}", claim,
                         api_error(outcome, "persistentvolumeclaims", "PersistentVolumeClaim", claim));
    }
    case WriteKind::UpdateStatus: {
      const std::string refusal = status_refusal(set_name, sync.payload.status);
      return outcome == Outcome::Invalid
                 ? refusal
                 : api_error(outcome, "statefulsets.apps", "StatefulSet.apps", set_name);
    }
    case WriteKind::AdoptPod:
    case WriteKind::ReleasePod:
      return api_error(outcome, "pods", "Pod", cluster.name_of(cluster.pods[write.row]));
    case WriteKind::CreateRevision:
      return api_error(outcome, "controllerrevisions.apps", "ControllerRevision.apps",
                       cluster.strings[sync.payload.status.update_revision]);
    case WriteKind::AdoptRevision:
    case WriteKind::RenumberRevision:
    case WriteKind::DeleteRevision:
      return api_error(outcome, "controllerrevisions.apps", "ControllerRevision.apps",
                       cluster.strings[cluster.revisions[write.row].meta.name]);
    default:
      break;
  }
  return {};
}

}  // namespace

std::string failure_text(const Cluster& cluster, const SetSync& sync) {
  const StatefulSet* set = set_of(cluster, sync);
  if (set == nullptr) {
    return "the StatefulSet is gone";
  }
  // An aggregate prints each of its different errors once; a large batch that failed as one is cut short
  // here.
  constexpr std::size_t kTextsMax = 5;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < sync.outcomes.size() && texts.size() < kTextsMax; ++i) {
    if (sync.outcomes[i] == Outcome::Ok || sync.outcomes[i] == Outcome::Skipped) {
      continue;
    }
    std::string text = write_error(cluster, sync, *set, sync.writes[i], sync.outcomes[i]);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) {
      texts.push_back(std::move(text));
    }
  }
  if (texts.empty()) {
    return {};
  }
  return texts.size() == 1 ? texts.front() : fmt::format("[{}]", fmt::join(texts, ", "));
}

}  // namespace models::kubernetes::statefulset_controller
