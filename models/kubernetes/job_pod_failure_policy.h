#pragma once
// spec.podFailurePolicy. Source: kubernetes/kubernetes pkg/controller/job/pod_failure_policy.go.

#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

/// What the first matching rule says about a failed pod.
struct PodFailureMatch {
  std::optional<FailureAction> action;  ///< none: no rule matched, the failure counts
  std::size_t rule = 0;                 ///< position of the rule
  std::uint32_t container = 0;  ///< position of the matching container in the template; exit-code rules
  std::string condition;        ///< the matching condition's type; condition rules

  /// Whether the failure counts towards backoffLimit and status.failed.
  [[nodiscard]] bool counts() const { return action != FailureAction::Ignore; }
};

/// Goes through the rules in order; the first match decides. Rules with FailIndex are passed over unless
/// `per_index`. Source: matchPodFailurePolicy.
PodFailureMatch match_pod_failure_policy(const Cluster& cluster, const std::vector<PodFailureRule>& policy,
                                         const Pod& pod, bool per_index);

/// The message of the condition when `match` says FailJob: which container of which pod ended with which code
/// (or which condition it has), and the rule. Source: matchPodFailurePolicy.
std::string fail_job_message(const Cluster& cluster, const Pod& pod, const PodFailureMatch& match);

}  // namespace models::kubernetes
