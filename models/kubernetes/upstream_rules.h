#pragma once
// Rules of upstream that tests turn round one at a time, to show that a scenario which cites a rule fails in
// a model without it. Outside tests all of them stand.

#include <cstdint>
#include <optional>
#include <string_view>

namespace models::kubernetes {

/// A rule that a known trap of upstream rests on; its name is how a scenario of the library cites it.
enum class Rule : std::uint8_t {
  None,
  OrderedSetsWaitForUnreadyPods,
  ScaleInWaitsForUnreadyPods,
  ScaleInKeepsClaims,
  ScaleInTakesTheHighestOrdinals,
  ParallelSetsUpdatePastUnreadyPods,
  MaxUnavailableCountsOldPods,
  OnDeleteKeepsTheCurrentRevision,
  LostPodsKeepTheirName,
  BackoffLimitEndsJobs,
  BackoffLimitCountsRestarts,
  EndedJobsRemoveTheirPods,
  SuccessClearsTheBackoff,
  FailuresSeenTogetherAllCount,
  DeletionRequestsAreFailures,
  SucceededIndexesAreRemembered,
  JobsHaveNoScale,
  TwoBudgetsForbidEvictions,
  SpentBudgetsRefuseEvictions,
  BudgetsProtectUnreadyPods,
  EvictionsNameNoUid,
  CordonedNodesCountForSpread,
  ReplicaSetsShrinkAtOnce,
  DeletionCostRanksPods,
  UnreadyPodsGoFirst,
  RollOutsWaitForNewPods,
};

/// The rule that is turned round; only `InvertedRule` writes it.
inline constinit Rule inverted_rule = Rule::None;

/// Whether the model follows `rule`.
inline bool stands(Rule rule) { return inverted_rule != rule; }

/// Turns a rule round for as long as it lives. For tests, which do so while nothing is performed.
class InvertedRule {
 public:
  explicit InvertedRule(Rule rule) { inverted_rule = rule; }
  ~InvertedRule() { inverted_rule = Rule::None; }
  InvertedRule(const InvertedRule&) = delete;
  InvertedRule& operator=(const InvertedRule&) = delete;
  InvertedRule(InvertedRule&&) = delete;
  InvertedRule& operator=(InvertedRule&&) = delete;
};

/// The rule of this name, `ScaleInKeepsClaims`; nothing if there is none.
std::optional<Rule> rule_named(std::string_view name);

}  // namespace models::kubernetes
