#include "scenarios/targets/fidelity/environment.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/kubernetes/vocabulary.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;
using models::timing::Distribution;

Distribution recorded(sim::Duration duration) {
  return Distribution::fixed(std::max(duration, sim::Duration::zero()),
                             {models::timing::ProvenanceKind::measured, "the recording"});
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
    return known->second;
  }
  PodTimes times;
  times.name_space = cluster.strings[pod.meta.name_space];
  times.name = pod.base_name != 0 ? cluster.strings[pod.base_name] : cluster.name_of(pod);
  times.index = pod.index;
  times.attempt = attempts_[fmt::format("{}/{}/{}", times.name_space, times.name, times.index)]++;
  return pods_.emplace(pod.meta.uid, std::move(times)).first->second;
}

void Environment::note(const sim::Transition& transition, const kubernetes::Cluster& cluster) {
  const kubernetes::Row row = cluster.find_pod_or_removed(transition.subject);
  if (row == kubernetes::kNoRow) {
    return;
  }
  const kubernetes::Pod& pod = cluster.pods[row];
  PodTimes& times = times_of(pod, cluster);
  switch (static_cast<Field>(transition.field)) {
    case Field::PodBound:
      times.bound = transition.at;
      break;
    case Field::PodPhaseChanged: {
      const auto phase = static_cast<kubernetes::PodPhase>(transition.to);
      if (phase == kubernetes::PodPhase::Running) {
        times.running = transition.at;
      } else if (pod.terminal()) {
        if (times.deletion == sim::kNever) {
          times.ended = transition.at;
          times.exit_codes.push_back(exit_code(pod, cluster));
        } else {
          times.stopped = std::min(times.stopped, transition.at);
        }
      }
      break;
    }
    case Field::PodReady:
      if (transition.to != 0) {
        times.ready = std::min(times.ready, transition.at);
      }
      break;
    case Field::PodRestarted:
      times.ended = std::min(times.ended, transition.at);
      times.exit_codes.push_back(exit_code(pod, cluster));
      break;
    case Field::DeletionRequested:
      times.deletion = std::min(times.deletion, transition.at);
      break;
    case Field::Removed:
      times.stopped = std::min(times.stopped, transition.at);
      break;
    default:
      break;
  }
}

std::vector<kubernetes::BehaviourRule> Environment::rules(sim::Duration latency) const {
  std::vector<kubernetes::BehaviourRule> rules;
  for (const auto& [uid, times] : pods_) {
    kubernetes::BehaviourRule rule;
    rule.name_space = times.name_space;
    rule.name = times.name;
    rule.index = times.index;
    rule.attempt = times.attempt;
    kubernetes::Behaviour& behaviour = rule.behaviour;
    if (times.bound != sim::kNever && times.running != sim::kNever) {
      behaviour.start = recorded(times.running - times.bound - latency);
    }
    if (times.running != sim::kNever) {
      if (times.ready != sim::kNever) {
        behaviour.ready = recorded(times.ready - times.running);
      } else {
        behaviour.never_ready = true;
      }
      if (times.ended != sim::kNever) {
        behaviour.run = recorded(times.ended - times.running);
        behaviour.exit_codes = times.exit_codes;
      }
    }
    if (times.deletion != sim::kNever && times.stopped != sim::kNever) {
      behaviour.stop = recorded(times.stopped - times.deletion - latency);
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace scenarios::targets
