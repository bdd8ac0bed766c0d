#include "scenarios/targets/fidelity/observations.h"

#include <fmt/core.h>

#include <map>
#include <optional>

#include "models/kubernetes/describe.h"
#include "models/kubernetes/vocabulary.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;
using kubernetes::Kind;

class Namer {
 public:
  Namer(const sim::History& history, const kubernetes::Cluster& cluster)
      : history_(history), cluster_(cluster) {}

  /// The name of a subject that both clusters share.
  const std::string& subject(std::uint32_t uid) {
    const auto known = names_.find(uid);
    if (known != names_.end()) {
      return known->second;
    }
    const sim::Subject subject = history_.subject(uid);
    const std::string base = base_name(subject);
    const int count = ++counts_[base];
    return names_.emplace(uid, count == 1 ? base : fmt::format("{} #{}", base, count)).first->second;
  }

  /// A revision by the order in which its workload came to it: hashes differ between clusters.
  std::string revision(std::uint32_t subject, std::int32_t text) {
    std::vector<std::int32_t>& known = revisions_[subject];
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (known[i] == text) {
        return fmt::format("revision {}", i + 1);
      }
    }
    known.push_back(text);
    return fmt::format("revision {}", known.size());
  }

 private:
  [[nodiscard]] std::string base_name(const sim::Subject& subject) const {
    const auto kind = static_cast<Kind>(subject.kind);
    std::string name;
    if (kind == Kind::ControllerRevision) {
      const std::string& full = cluster_.strings[subject.name];
      name = full.substr(0, full.rfind('-'));
    } else if (subject.suffix != 0) {
      name = cluster_.strings[subject.name];
      if (subject.index >= 0) {
        name += fmt::format("-{}", subject.index);
      }
    } else {
      name = kubernetes::subject_name(subject, cluster_.strings);
    }
    return subject.name_space == 0 ? fmt::format("{} {}", kubernetes::to_text(kind), name)
                                   : fmt::format("{} {}/{}", kubernetes::to_text(kind),
                                                 cluster_.strings[subject.name_space], name);
  }

  const sim::History& history_;
  const kubernetes::Cluster& cluster_;
  std::map<std::uint32_t, std::string> names_;
  std::map<std::string, int> counts_;
  std::map<std::uint32_t, std::vector<std::int32_t>> revisions_;
};

/// What a field became; nullopt for what cannot be seen from outside.
std::optional<std::string> value_of(const sim::Transition& transition, const sim::History& history,
                                    const kubernetes::Cluster& cluster, Namer& namer) {
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
      return transition.to != 0 ? namer.subject(static_cast<std::uint32_t>(transition.to))
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
      return namer.revision(transition.subject, transition.to);
    case Field::SetTemplate:
      return std::string("changed");
    case Field::JobCondition:
      return fmt::format("{}={} {}", transition.from, transition.to, cluster.strings[transition.detail]);
    default:
      return std::to_string(transition.to);
  }
}

}  // namespace

std::vector<Observation> observations_of(const sim::History& history, const kubernetes::Cluster& cluster) {
  std::vector<Observation> observations;
  Namer namer(history, cluster);
  for (sim::TransitionId id = history.first_id(); id != history.next_id(); ++id) {
    const sim::Transition& transition = history.at(id);
    if (transition.subject == 0 || transition.field >= 1000) {
      continue;  // Flux, the plan, and what concerns no object
    }
    std::optional<std::string> value = value_of(transition, history, cluster, namer);
    if (!value) {
      continue;
    }
    observations.push_back({namer.subject(transition.subject), transition.field, *std::move(value),
                            kubernetes::describe_change(transition, history, cluster),
                            static_cast<kubernetes::Writer>(transition.writer), transition.at, id,
                            transition.cause});
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
    case kubernetes::Writer::NodeLifecycleController:
    case kubernetes::Writer::TaintEvictionController:
    case kubernetes::Writer::Scheduler:
      return true;
    default:
      return false;
  }
}

}  // namespace scenarios::targets
