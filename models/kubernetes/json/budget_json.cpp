#include "models/kubernetes/json/budget_json.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/json/selector_json.h"

namespace models::kubernetes::json {

namespace {

/// A number, or a text with a percentage; a text of another form counts as 0 %: validation has refused it.
std::optional<IntOrPercent> int_or_percent_at(const Json& object, std::string_view name) {
  const Json* value = member(object, name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->is_string()) {
    const std::string& text = value->get_ref<const std::string&>();
    const bool digits = text.size() > 1 && text.size() < 9 && text.back() == '%' &&
                        text.find_first_not_of("0123456789") == text.size() - 1;
    return IntOrPercent{digits ? std::stoi(text) : 0, true};
  }
  return IntOrPercent{value->get<std::int32_t>(), false};
}

Json to_json(const IntOrPercent& value) {
  return value.percent ? Json(int_or_percent_text(value)) : Json(value.value);
}

UnhealthyPodEvictionPolicy policy_of(const Json& spec) {
  const std::string word = text_or(spec, "unhealthyPodEvictionPolicy");
  return word == "AlwaysAllow"       ? UnhealthyPodEvictionPolicy::AlwaysAllow
         : word == "IfHealthyBudget" ? UnhealthyPodEvictionPolicy::IfHealthyBudget
                                     : UnhealthyPodEvictionPolicy::NotGiven;
}

void read_condition(Cluster& cluster, const Json& status, UnixSeconds epoch, ObjectCondition& out) {
  const Json* conditions = member(status, "conditions");
  for (std::size_t i = 0; conditions != nullptr && i < conditions->size(); ++i) {
    const Json& condition = (*conditions)[i];
    if (text_or(condition, "type") != "DisruptionAllowed") {
      continue;
    }
    const std::string word = text_or(condition, "status");
    out.present = true;
    out.status = word == "True"    ? ConditionStatus::True
                 : word == "False" ? ConditionStatus::False
                                   : ConditionStatus::Unknown;
    out.reason = cluster.strings.intern(text_or(condition, "reason"));
    out.message = cluster.strings.intern(text_or(condition, "message"));
    out.observed_generation = static_cast<std::uint32_t>(int_or(condition, "observedGeneration", 0));
    out.last_transition = time_at(condition, "lastTransitionTime", epoch).value_or(sim::Time{});
  }
}

Json condition_json(const Cluster& cluster, const ObjectCondition& condition, UnixSeconds epoch) {
  Json json = {{"lastTransitionTime", time_text(condition.last_transition, epoch)},
               {"message", cluster.strings[condition.message]}};
  if (condition.observed_generation != 0) {  // omitempty
    json["observedGeneration"] = condition.observed_generation;
  }
  json["reason"] = cluster.strings[condition.reason];
  json["status"] = condition.status == ConditionStatus::True    ? "True"
                   : condition.status == ConditionStatus::False ? "False"
                                                                : "Unknown";
  json["type"] = "DisruptionAllowed";
  return json;
}

Json status_json(const Cluster& cluster, const PodDisruptionBudgetStatus& from, UnixSeconds epoch) {
  Json status = Json::object();
  if (from.disruption_allowed.present) {
    status["conditions"].push_back(condition_json(cluster, from.disruption_allowed, epoch));
  }
  status["currentHealthy"] = from.current_healthy;
  status["desiredHealthy"] = from.desired_healthy;
  for (const DisruptedPod& entry : from.disrupted_pods) {
    status["disruptedPods"][cluster.strings[entry.pod]] = time_text(entry.at, epoch);
  }
  status["disruptionsAllowed"] = from.disruptions_allowed;
  status["expectedPods"] = from.expected_pods;
  if (from.observed_generation != 0) {
    status["observedGeneration"] = from.observed_generation;
  }
  return status;
}

}  // namespace

std::string int_or_percent_text(const IntOrPercent& value) {
  return std::to_string(value.value) + (value.percent ? "%" : "");
}

void budget_from(Cluster& cluster, const Json& budget, PodDisruptionBudget& out) {
  static const Json nothing = Json::object();
  const Json* found = member(budget, "spec");
  const Json& spec = found == nullptr ? nothing : *found;
  out.spec.min_available = int_or_percent_at(spec, "minAvailable");
  out.spec.max_unavailable = int_or_percent_at(spec, "maxUnavailable");
  const Json* selector = member(spec, "selector");
  out.spec.selector =
      selector == nullptr ? nullptr : std::make_shared<const LabelSelector>(label_selector_from(*selector));
  // The gate PDBUnhealthyPodEvictionPolicy is off in 1.26: the field is dropped.
  out.spec.unhealthy_pod_eviction_policy =
      cluster.features().since(27) ? policy_of(spec) : UnhealthyPodEvictionPolicy::NotGiven;
  Json kept = Json::object();
  if (const Json* annotations = at_path(budget, "metadata.annotations");
      annotations != nullptr && !annotations->empty()) {
    kept["metadata"]["annotations"] = *annotations;
  }
  out.manifest = kept.empty() ? 0 : cluster.strings.intern(canonical(kept).dump());
  const Json* labels = at_path(budget, "metadata.labels");
  out.labels_json =
      labels == nullptr || labels->empty() ? 0 : cluster.strings.intern(canonical(*labels).dump());
}

bool read_budget(Cluster& cluster, const Json& manifest, PodDisruptionBudget& out, Problems& problems) {
  check_fields(manifest, budget_structure(), "", problems);
  if (!problems.ok()) {
    return false;
  }
  read_metadata(cluster, manifest, true, 0, out.meta);
  out.meta.created = {};
  out.meta.deletion_timestamp = sim::kNever;
  budget_from(cluster, manifest, out);
  return true;
}

void read_budget_status(Cluster& cluster, const Json& object, UnixSeconds epoch, PodDisruptionBudget& out) {
  const Json* status = member(object, "status");
  if (status == nullptr) {
    return;
  }
  const auto number = [&](const char* name) { return static_cast<std::int32_t>(int_or(*status, name, 0)); };
  PodDisruptionBudgetStatus& into = out.status;
  into.observed_generation = static_cast<std::uint32_t>(number("observedGeneration"));
  into.disruptions_allowed = number("disruptionsAllowed");
  into.current_healthy = number("currentHealthy");
  into.desired_healthy = number("desiredHealthy");
  into.expected_pods = number("expectedPods");
  into.disrupted_pods.clear();
  if (const Json* pods = member(*status, "disruptedPods")) {
    for (auto it = pods->begin(); it != pods->end(); ++it) {
      note_disrupted(cluster.strings, into, cluster.strings.intern(it.key()),
                     time_at(*pods, it.key(), epoch).value_or(sim::Time{}));
    }
  }
  read_condition(cluster, *status, epoch, into.disruption_allowed);
}

Json budget_json(const Cluster& cluster, const PodDisruptionBudget& budget, UnixSeconds epoch) {
  Json metadata = metadata_json(cluster, budget.meta, cluster.strings[budget.meta.name], epoch);
  metadata["generation"] = budget.meta.generation;
  if (budget.manifest != 0) {
    metadata.update(Json::parse(cluster.strings[budget.manifest])["metadata"]);
  }
  if (budget.labels_json != 0) {
    metadata["labels"] = Json::parse(cluster.strings[budget.labels_json]);
  }
  Json spec = Json::object();
  if (budget.spec.max_unavailable) {
    spec["maxUnavailable"] = to_json(*budget.spec.max_unavailable);
  }
  if (budget.spec.min_available) {
    spec["minAvailable"] = to_json(*budget.spec.min_available);
  }
  if (budget.spec.selector != nullptr) {
    spec["selector"] = to_json(*budget.spec.selector);
  }
  if (budget.spec.unhealthy_pod_eviction_policy != UnhealthyPodEvictionPolicy::NotGiven) {
    spec["unhealthyPodEvictionPolicy"] =
        budget.spec.unhealthy_pod_eviction_policy == UnhealthyPodEvictionPolicy::AlwaysAllow
            ? "AlwaysAllow"
            : "IfHealthyBudget";
  }
  return canonical(Json{{"apiVersion", "policy/v1"},
                        {"kind", "PodDisruptionBudget"},
                        {"metadata", std::move(metadata)},
                        {"spec", std::move(spec)},
                        {"status", status_json(cluster, budget.status, epoch)}});
}

}  // namespace models::kubernetes::json
