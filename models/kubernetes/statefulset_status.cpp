#include "models/kubernetes/statefulset_status.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <chrono>
#include <utility>
#include <vector>

#include "models/kubernetes/upstream_rules.h"

namespace models::kubernetes {

PodHealth::PodHealth(const StatefulSetSpec& spec, const StatefulSetRules& rules, sim::Time at)
    : now(at),
      min_ready(std::chrono::seconds{spec.min_ready_seconds}),
      available_at_deadline(rules.available_at_deadline),
      unavailable_is_unhealthy(rules.unavailable_is_unhealthy) {}

bool update_is_complete(const StatefulSetSpec& spec, const StatefulSetRules& rules,
                        const StatefulSetStatus& status) {
  const std::int32_t replicas = rules.completes_at_spec_replicas ? spec.replicas : status.replicas;
  return (spec.update_strategy == UpdateStrategy::RollingUpdate ||
          !stands(Rule::OnDeleteKeepsTheCurrentRevision)) &&
         status.updated_replicas == replicas && status.ready_replicas == replicas &&
         status.replicas == replicas;
}

bool inconsistent(const StatefulSetStatus& stored, const StatefulSetStatus& wanted) {
  if (wanted.observed_generation > stored.observed_generation) {
    return true;
  }
  StatefulSetStatus same_generation = wanted;
  same_generation.observed_generation = stored.observed_generation;
  return same_generation != stored;
}

std::string status_refusal(std::string_view set_name, const StatefulSetStatus& status) {
  std::vector<std::string> errors;
  const auto refuse = [&](std::string_view field, std::int32_t value, std::string_view detail) {
    errors.push_back(fmt::format("status.{}: Invalid value: {}: {}", field, value, detail));
  };
  const std::pair<std::string_view, std::int32_t> counts[] = {
      {"replicas", status.replicas},
      {"readyReplicas", status.ready_replicas},
      {"currentReplicas", status.current_replicas},
      {"updatedReplicas", status.updated_replicas},
      {"availableReplicas", status.available_replicas},
  };
  for (const auto& [field, value] : counts) {
    if (value < 0) {
      refuse(field, value, "must be greater than or equal to 0");
    }
  }
  for (const auto& [field, value] : counts) {
    if (value > status.replicas) {
      refuse(field, value, "cannot be greater than status.replicas");
    }
  }
  if (status.available_replicas > status.ready_replicas) {
    refuse("availableReplicas", status.available_replicas, "cannot be greater than status.readyReplicas");
  }
  if (errors.empty()) {
    return {};
  }
  return errors.size() == 1
             ? fmt::format("StatefulSet.apps \"{}\" is invalid: {}", set_name, errors.front())
             : fmt::format("StatefulSet.apps \"{}\" is invalid: [{}]", set_name, fmt::join(errors, ", "));
}

}  // namespace models::kubernetes
