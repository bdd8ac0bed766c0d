#include "models/kubernetes/upstream_rules.h"

#include <array>
#include <utility>

namespace models::kubernetes {

namespace {

constexpr auto kRules = std::to_array<std::pair<std::string_view, Rule>>({
    {"OrderedSetsWaitForUnreadyPods", Rule::OrderedSetsWaitForUnreadyPods},
    {"ScaleInWaitsForUnreadyPods", Rule::ScaleInWaitsForUnreadyPods},
    {"ScaleInKeepsClaims", Rule::ScaleInKeepsClaims},
    {"ScaleInTakesTheHighestOrdinals", Rule::ScaleInTakesTheHighestOrdinals},
    {"ParallelSetsUpdatePastUnreadyPods", Rule::ParallelSetsUpdatePastUnreadyPods},
    {"MaxUnavailableCountsOldPods", Rule::MaxUnavailableCountsOldPods},
    {"OnDeleteKeepsTheCurrentRevision", Rule::OnDeleteKeepsTheCurrentRevision},
    {"LostPodsKeepTheirName", Rule::LostPodsKeepTheirName},
    {"BackoffLimitEndsJobs", Rule::BackoffLimitEndsJobs},
    {"BackoffLimitCountsRestarts", Rule::BackoffLimitCountsRestarts},
    {"EndedJobsRemoveTheirPods", Rule::EndedJobsRemoveTheirPods},
    {"SuccessClearsTheBackoff", Rule::SuccessClearsTheBackoff},
    {"FailuresSeenTogetherAllCount", Rule::FailuresSeenTogetherAllCount},
    {"DeletionRequestsAreFailures", Rule::DeletionRequestsAreFailures},
    {"SucceededIndexesAreRemembered", Rule::SucceededIndexesAreRemembered},
    {"JobsHaveNoScale", Rule::JobsHaveNoScale},
    {"TwoBudgetsForbidEvictions", Rule::TwoBudgetsForbidEvictions},
    {"SpentBudgetsRefuseEvictions", Rule::SpentBudgetsRefuseEvictions},
    {"BudgetsProtectUnreadyPods", Rule::BudgetsProtectUnreadyPods},
    {"EvictionsNameNoUid", Rule::EvictionsNameNoUid},
    {"CordonedNodesCountForSpread", Rule::CordonedNodesCountForSpread},
    {"ReplicaSetsShrinkAtOnce", Rule::ReplicaSetsShrinkAtOnce},
    {"DeletionCostRanksPods", Rule::DeletionCostRanksPods},
    {"UnreadyPodsGoFirst", Rule::UnreadyPodsGoFirst},
    {"RollOutsWaitForNewPods", Rule::RollOutsWaitForNewPods},
});

}  // namespace

std::optional<Rule> rule_named(std::string_view name) {
  for (const auto& [known, rule] : kRules) {
    if (known == name) {
      return rule;
    }
  }
  return std::nullopt;
}

}  // namespace models::kubernetes
