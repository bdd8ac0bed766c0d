#pragma once
// spec.successPolicy. Source: kubernetes/kubernetes pkg/controller/job/success_policy.go.

#include <cstddef>
#include <optional>
#include <vector>

#include "models/kubernetes/objects.h"

namespace models::kubernetes {

/// The first rule that `succeeded` meets: all of its indexes, or that many of them; without indexes, that
/// many of any. Rule indexes at or above `completions` do not count. Source: matchSuccessPolicy.
std::optional<std::size_t> match_success_policy(const std::vector<SuccessRule>& policy,
                                                std::int32_t completions, const IndexSet& succeeded);

}  // namespace models::kubernetes
