#include "scenarios/language/tables.h"

namespace scenarios::language {

template <>
const TableOf<PodDisruptionBudget>& table_of<PodDisruptionBudget>() {
  static const TableOf<PodDisruptionBudget> table(
      "PodDisruptionBudget", "How many pods evictions must leave.", [](auto& t) {
        t.field("namespace", &PodDisruptionBudget::name_space,
                {.fallback = "default",
                 .sentence = "Its namespace; it is about pods of this namespace only.",
                 .source = "core/v1 ObjectMeta.namespace"});
        t.field(
            "minAvailable", &PodDisruptionBudget::min_available,
            {.sentence = "How many pods must stay healthy; a percentage of what their controllers want is "
                         "rounded up.",
             .source = "policy/v1 PodDisruptionBudgetSpec.minAvailable"});
        t.field("maxUnavailable", &PodDisruptionBudget::max_unavailable,
                {.sentence = "How many pods may be away; not together with minAvailable.",
                 .source = "policy/v1 PodDisruptionBudgetSpec.maxUnavailable"});
        t.field("selector", &PodDisruptionBudget::selector,
                {.sentence = "Labels of the pods; `{}` is every pod of the namespace. Without it: `app` with "
                             "the budget's name, which the pods of a described workload of that name have.",
                 .source = "policy/v1 PodDisruptionBudgetSpec.selector"});
        t.field("unhealthyPodEvictionPolicy", &PodDisruptionBudget::unhealthy_pod_eviction_policy,
                {.fallback = "IfHealthyBudget",
                 .sentence = "When pods that are not Ready may be evicted; known since 1.27.",
                 .source = "policy/v1 PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy",
                 .words = {"IfHealthyBudget", "AlwaysAllow"}});
        t.rule([](Reader& reader, const Node& node, PodDisruptionBudget& budget) {
          if (budget.min_available.given() && budget.max_unavailable.given()) {
            reader.error(node, "minAvailable and maxUnavailable are both given", "keep one of them");
          }
        });
      });
  return table;
}

}  // namespace scenarios::language
