#include "scenarios/targets/fidelity/environment.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/kubernetes/claim_controller.h"
#include "models/kubernetes/purposes.h"
#include "models/kubernetes/rule_names.h"
#include "models/kubernetes/vocabulary.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;
using models::timing::Distribution;

/// A first restart comes at once; later ones after a back-off, which is the kubelet's rule and no chance.
constexpr sim::Duration kWithoutBackOff = std::chrono::seconds{1};

/// Later than any recording, and early enough that times can still be added to it.
constexpr sim::Time kAfterAll = std::chrono::hours{24 * 365 * 10};

/// A duration of which `Moments` says the rest; never fixed, so that it is asked for.
Distribution recorded(sim::Duration duration) {
  const sim::Duration at_least = std::max(duration, sim::Duration::zero());
  return Distribution::uniform(at_least, at_least + sim::Duration{1},
                               {models::timing::ProvenanceKind::measured, "the recording"})
      .value();
}

/// The first exit code that is not 0 among a pod's containers, or 0.
std::int32_t exit_code(const kubernetes::Pod& pod, const kubernetes::Cluster& cluster) {
  const std::size_t count = cluster.template_of(pod).containers.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t code = cluster.containers[pod.containers + i].exit_code;
    if (code > 0) {
      return code;
    }
  }
  return 0;
}

}  // namespace

Environment::PodTimes& Environment::times_of(const kubernetes::Pod& pod, const kubernetes::Cluster& cluster) {
  const auto known = pods_.find(pod.meta.uid);
  if (known != pods_.end()) {
    if (known->second.owner == 0) {  // a pod may be seen before its owner
      known->second.owner = pod.owner.uid;
      known->second.owner_kind = pod.owner.kind;
    }
    return known->second;
  }
  PodTimes times;
  times.name_space = cluster.strings[pod.meta.name_space];
  times.name = kubernetes::name_for_rules(cluster, pod);
  times.index = pod.index;
  times.node = cluster.strings[pod.pinned_node];
  times.owner = pod.owner.uid;
  times.owner_kind = pod.owner.kind;
  times.entity = kubernetes::entity_of(cluster, pod);
  return pods_.emplace(pod.meta.uid, std::move(times)).first->second;
}

Environment::Cycle& Environment::cycle_of(PodTimes& times, std::size_t restarts) {
  if (restarts >= times.cycles.size()) {
    times.cycles.resize(restarts + 1);
  }
  return times.cycles[restarts];
}

void Environment::note(sim::TransitionId id, const sim::Transition& transition,
                       const kubernetes::Cluster& cluster) {
  const auto field = static_cast<Field>(transition.field);
  if (field == Field::ClaimPhaseChanged &&
      transition.to == static_cast<std::int32_t>(kubernetes::ClaimPhase::Bound)) {
    for (kubernetes::Row row = 0; row < cluster.claims.extent(); ++row) {
      if (cluster.claims.alive(row) && cluster.claims[row].meta.uid == transition.subject) {
        bound_claims_.emplace(kubernetes::claim_controller::entity_of(cluster, cluster.claims[row]), id);
      }
    }
    return;
  }
  if (field == Field::Removed) {  // the object is gone
    if (const auto known = pods_.find(transition.subject); known != pods_.end()) {
      known->second.stopped = std::min(known->second.stopped, id);
      known->second.removed = std::min(known->second.removed, id);
    }
    return;
  }
  if (const kubernetes::Row row = cluster.find_pod_or_removed(transition.subject);
      row != kubernetes::kNoRow) {
    note_pod(id, transition, cluster.pods[row], cluster);
  }
}

std::map<kubernetes::Uid, std::int32_t> Environment::attempts() const {
  std::map<std::string, std::int32_t> counts;
  std::map<kubernetes::Uid, std::int32_t> attempts;
  for (const auto& [uid, pod] : pods_) {
    // Only controllers count the pods that they make, and a Deployment those of all its ReplicaSets.
    const kubernetes::Uid owner = pod.owner_kind == kubernetes::Kind::ReplicaSet ? 0 : pod.owner;
    attempts[uid] =
        pod.owner == 0
            ? 0
            : counts[fmt::format("{}/{}/{}/{}/{}", pod.name_space, pod.name, pod.index, pod.node, owner)]++;
  }
  return attempts;
}

void Environment::note_pod(sim::TransitionId id, const sim::Transition& transition,
                           const kubernetes::Pod& pod, const kubernetes::Cluster& cluster) {
  PodTimes& times = times_of(pod, cluster);
  const auto first = [&](sim::TransitionId& place) { place = std::min(place, id); };
  cycle_of(times, pod.restarts + std::size_t{1});  // so that a reference to this one stays
  Cycle& cycle = cycle_of(times, pod.restarts);
  switch (static_cast<Field>(transition.field)) {
    case Field::PodBound:
      first(times.bound);
      break;
    case Field::PodPhaseChanged: {
      const auto phase = static_cast<kubernetes::PodPhase>(transition.to);
      if (phase == kubernetes::PodPhase::Running) {
        first(cycle.running);
      } else if (pod.terminal()) {
        if (times.deletion == sim::kNoTransition) {
          first(cycle.ended);
          times.exit_codes.push_back(exit_code(pod, cluster));
        } else {
          first(times.stopped);
        }
      }
      break;
    }
    case Field::PodReady:
      if (transition.to != 0) {
        first(cycle.ready);
      }
      break;
    case Field::PodTerminated:
      if (times.deletion == sim::kNoTransition) {
        first(cycle.ended);
      }
      break;
    case Field::PodRestarted:
      first(cycle.running);
      first(cycle_of(times, pod.restarts > 0 ? pod.restarts - 1 : 0).ended);
      times.exit_codes.push_back(exit_code(pod, cluster));
      break;
    case Field::DeletionRequested:
      if (times.deletion == sim::kNoTransition) {
        times.deletion = id;
        times.ran = cycle.running != sim::kNoTransition && cycle.ended == sim::kNoTransition;
        times.restarts = pod.restarts;
      } else if (transition.to == 0 && pod.job_tracking) {
        first(times.deleted);
      }
      break;
    default:
      break;
  }
}

std::vector<kubernetes::BehaviourRule> Environment::rules(const std::vector<sim::Time>& times) const {
  std::vector<kubernetes::BehaviourRule> rules;
  const auto between = [&](sim::TransitionId from, sim::TransitionId to) {
    return recorded(times[to] - times[from]);
  };
  const std::map<kubernetes::Uid, std::int32_t> attempt_of = attempts();
  for (const auto& [uid, pod] : pods_) {
    kubernetes::BehaviourRule rule;
    rule.name_space = pod.name_space;
    rule.name = pod.name;
    rule.index = pod.index;
    rule.attempt = attempt_of.at(uid);
    kubernetes::Behaviour& behaviour = rule.behaviour;
    const Cycle cycle = pod.cycles.empty() ? Cycle{} : pod.cycles.front();
    if (pod.bound != sim::kNoTransition && cycle.running != sim::kNoTransition) {
      behaviour.start = between(pod.bound, cycle.running);
    } else if (pod.bound != sim::kNoTransition) {
      behaviour.start = recorded(kAfterAll);  // it was never seen running
    }
    if (cycle.running != sim::kNoTransition) {
      if (cycle.ready != sim::kNoTransition) {
        behaviour.ready = between(cycle.running, cycle.ready);
      } else {
        behaviour.never_ready = true;
      }
      if (cycle.ended != sim::kNoTransition) {
        behaviour.run = between(cycle.running, cycle.ended);
        behaviour.exit_codes = pod.exit_codes;
      }
    }
    if (pod.deletion != sim::kNoTransition && pod.stopped != sim::kNoTransition) {
      behaviour.stop = between(pod.deletion, pod.stopped);
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

Moments Environment::moments(const std::vector<sim::Time>& times) const {
  Moments moments;
  const std::map<kubernetes::Uid, std::int32_t> attempt_of = attempts();
  for (const auto& [uid, pod] : pods_) {
    const std::uint32_t attempt = static_cast<std::uint32_t>(attempt_of.at(uid)) << 12U;
    const auto say = [&](kubernetes::Purpose purpose, std::uint32_t occurrence, sim::Time at) {
      moments[{pod.entity, static_cast<std::uint32_t>(purpose), occurrence}].push_back(at);
    };
    const auto at = [&](kubernetes::Purpose purpose, std::size_t restarts, sim::TransitionId id) {
      if (id != sim::kNoTransition) {
        say(purpose, attempt + static_cast<std::uint32_t>(restarts), times[id]);
      }
    };
    const auto status = [&](std::size_t restarts, kubernetes::PodStage stage) {
      return ((attempt + static_cast<std::uint32_t>(restarts)) << 3U) + static_cast<std::uint32_t>(stage);
    };
    const bool waits = pod.bound != sim::kNoTransition && !pod.cycles.empty() &&
                       pod.cycles.front().running == sim::kNoTransition &&
                       pod.cycles.front().ended == sim::kNoTransition;
    if (waits) {  // to the recording's end, or until it is deleted
      say(kubernetes::Purpose::PodStart, attempt, kAfterAll);
    }
    for (std::size_t i = 0; i < pod.cycles.size(); ++i) {
      at(kubernetes::Purpose::PodStart, i, pod.cycles[i].running);
      at(kubernetes::Purpose::PodReady, i, pod.cycles[i].ready);
      at(kubernetes::Purpose::PodRun, i, pod.cycles[i].ended);
      if (pod.cycles[i].ended == sim::kNoTransition) {
        say(kubernetes::Purpose::PodRun, attempt + static_cast<std::uint32_t>(i), kAfterAll);
      } else if (i + 1 < pod.cycles.size() && pod.cycles[i + 1].running != sim::kNoTransition &&
                 times[pod.cycles[i + 1].running] - times[pod.cycles[i].ended] < kWithoutBackOff) {
        say(kubernetes::Purpose::KubeletStatus, status(i, kubernetes::PodStage::BackOff),
            times[pod.cycles[i + 1].running]);
      }
    }
    at(kubernetes::Purpose::PodStop, 0, pod.stopped);
    if (pod.stopped != sim::kNoTransition && pod.deletion != sim::kNoTransition && !pod.ran) {
      say(kubernetes::Purpose::KubeletStatus, status(pod.restarts, kubernetes::PodStage::Stopping),
          times[pod.stopped]);
    }
    at(kubernetes::Purpose::KubeletDelete, 0, pod.deleted != sim::kNoTransition ? pod.deleted : pod.removed);
  }
  for (const auto& [entity, id] : bound_claims_) {
    moments[{entity, static_cast<std::uint32_t>(kubernetes::Purpose::VolumeProvision), 0}].push_back(
        times[id]);
  }
  for (auto& [key, at] : moments) {
    std::sort(at.begin(), at.end());
  }
  return moments;
}

}  // namespace scenarios::targets
