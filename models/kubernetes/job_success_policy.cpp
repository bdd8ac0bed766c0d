#include "models/kubernetes/job_success_policy.h"

#include <algorithm>

namespace models::kubernetes {
namespace {

/// How many indexes are in both sets. Source: matchSucceededIndexesRule.
std::size_t common(const IndexSet& a, const IndexSet& b) {
  std::size_t count = 0;
  auto left = a.intervals().begin();
  auto right = b.intervals().begin();
  while (left != a.intervals().end() && right != b.intervals().end()) {
    const int first = std::max(left->first, right->first);
    const int last = std::min(left->last, right->last);
    if (first <= last) {
      count += static_cast<std::size_t>(last - first) + 1;
    }
    if (left->last <= right->last) {
      ++left;
    } else {
      ++right;
    }
  }
  return count;
}

bool meets(const SuccessRule& rule, std::int32_t completions, const IndexSet& succeeded) {
  const bool counted = rule.succeeded_count >= 0;
  const auto count = static_cast<std::size_t>(std::max(rule.succeeded_count, 0));
  if (!rule.succeeded_indexes) {
    return counted && succeeded.size() >= count;
  }
  IndexSet required = *rule.succeeded_indexes;
  required.clamp(completions);
  if (required.empty()) {
    return false;
  }
  const std::size_t reached = common(required, succeeded);
  return reached == required.size() || (counted && reached >= count);
}

}  // namespace

std::optional<std::size_t> match_success_policy(const std::vector<SuccessRule>& policy,
                                                std::int32_t completions, const IndexSet& succeeded) {
  if (succeeded.empty()) {
    return std::nullopt;
  }
  for (std::size_t rule = 0; rule < policy.size(); ++rule) {
    if (meets(policy[rule], completions, succeeded)) {
      return rule;
    }
  }
  return std::nullopt;
}

}  // namespace models::kubernetes
