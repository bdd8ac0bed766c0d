#include "scenarios/targets/fidelity/observations.h"

#include <fmt/core.h>

#include <optional>

#include "models/kubernetes/describe.h"
#include "models/kubernetes/requests.h"
#include "models/kubernetes/vocabulary.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;

/// The node of a binding.
std::string node_of(const sim::Transition& transition, const kubernetes::Cluster& cluster) {
  if (static_cast<Field>(transition.field) != Field::PodBound) {
    return {};
  }
  for (kubernetes::Row row = 0; row < cluster.nodes.extent(); ++row) {
    if (cluster.nodes.alive(row) &&
        cluster.nodes[row].meta.uid == static_cast<kubernetes::Uid>(transition.to)) {
      return cluster.name_of(cluster.nodes[row].meta);
    }
  }
  return {};
}

}  // namespace

/// The name of a subject that both clusters share.
const std::string& ObservationStream::name(std::uint32_t uid, const sim::History& history,
                                           const kubernetes::Cluster& cluster) {
  if (const std::string* known = names_.find(uid)) {
    return *known;
  }
  const std::string base = kubernetes::lasting_name(history.subject(uid), cluster.strings);
  const int count = ++counts_[base];
  return names_[uid] = count == 1 ? base : fmt::format("{} #{}", base, count);
}

ObservationStream ObservationStream::fork() const {
  ObservationStream copy;
  copy.names_ = names_.on_top();
  copy.counts_ = counts_.on_top();
  copy.revisions_ = revisions_.on_top();
  return copy;
}

/// A revision by the order in which its workload came to it: hashes differ between clusters.
std::string ObservationStream::revision(std::uint32_t subject, std::int32_t text) {
  std::vector<std::int32_t>& known = revisions_[subject];
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i] == text) {
      return fmt::format("revision {}", i + 1);
    }
  }
  known.push_back(text);
  return fmt::format("revision {}", known.size());
}

/// What a field became; nullopt for what cannot be seen from outside.
std::optional<std::string> ObservationStream::value_of(const sim::Transition& transition,
                                                       const sim::History& history,
                                                       const kubernetes::Cluster& cluster) {
  switch (static_cast<Field>(transition.field)) {
    case Field::Waits:
    case Field::SyncFailed:
    case Field::Warning:
    case Field::Updated:
    case Field::PodWaiting:
    case Field::PodTerminated:
    case Field::NodeKubelet:
    case Field::JobUncounted:  // a list that is emptied as it is filled: how much at once is a matter of
                               // timing
      return std::nullopt;
    case Field::Created:
    case Field::Removed:
    case Field::PodBound:  // to which of equal nodes is chance
    case Field::PodLabels:
      return std::string();
    case Field::Owner:
    case Field::ClaimOwner:
      return transition.to != 0 ? name(static_cast<std::uint32_t>(transition.to), history, cluster)
                                : std::string("none");
    case Field::Finalizer:
      return cluster.strings[transition.detail];
    case Field::PodUnschedulable:
    case Field::NodeTaints:
    case Field::SetSpec:
    case Field::JobSpec:
    case Field::JobCompletedIndexes:
    case Field::JobFailedIndexes:
      return history.text_at(transition.detail);
    case Field::SetCurrentRevision:
    case Field::SetUpdateRevision:
      return revision(transition.subject, transition.to);
    case Field::SetTemplate:
      return std::string("changed");
    case Field::JobCondition:
      return fmt::format("{}={} {}", transition.from, transition.to, cluster.strings[transition.detail]);
    default:
      return std::to_string(transition.to);
  }
}

std::optional<Observation> ObservationStream::observe(sim::TransitionId id, const sim::History& history,
                                                      const kubernetes::Cluster& cluster, bool in_words) {
  const sim::Transition& transition = history.at(id);
  if (transition.subject == 0 || transition.field >= 1000) {
    return std::nullopt;  // Flux, the plan, and what concerns no object
  }
  std::optional<std::string> value = value_of(transition, history, cluster);
  if (!value) {
    return std::nullopt;
  }
  return Observation{name(transition.subject, history, cluster),
                     transition.field,
                     *std::move(value),
                     in_words ? kubernetes::describe_change(transition, history, cluster) : std::string(),
                     static_cast<kubernetes::Writer>(transition.writer),
                     transition.at,
                     id,
                     transition.cause,
                     node_of(transition, cluster)};
}

std::vector<Observation> observations_of(const sim::History& history, const kubernetes::Cluster& cluster) {
  std::vector<Observation> observations;
  ObservationStream stream;
  for (sim::TransitionId id = history.first_id(); id != history.next_id(); ++id) {
    if (std::optional<Observation> one = stream.observe(id, history, cluster)) {
      observations.push_back(*std::move(one));
    }
  }
  return observations;
}

bool of_control_plane(kubernetes::Writer writer) {
  switch (writer) {
    case kubernetes::Writer::StatefulSetController:
    case kubernetes::Writer::JobController:
    case kubernetes::Writer::GarbageCollector:
    case kubernetes::Writer::PodGarbageCollector:
    case kubernetes::Writer::TtlAfterFinishedController:
    case kubernetes::Writer::PersistentVolumeClaimProtection:
    case kubernetes::Writer::PersistentVolumeController:
    case kubernetes::Writer::ReplicaSetController:
    case kubernetes::Writer::DeploymentController:
    case kubernetes::Writer::DaemonSetController:
    case kubernetes::Writer::DisruptionController:
    case kubernetes::Writer::NodeLifecycleController:
    case kubernetes::Writer::CloudNodeLifecycleController:
    case kubernetes::Writer::TaintEvictionController:
    case kubernetes::Writer::Scheduler:
      return true;
    default:
      return false;
  }
}

}  // namespace scenarios::targets
