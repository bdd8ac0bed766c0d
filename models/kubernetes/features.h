#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace models::kubernetes {

/// Feature gates that select modelled behaviour. Names are upstream's.
enum class Gate : std::uint8_t {
  StatefulSetStartOrdinal,
  StatefulSetAutoDeletePVC,
  MaxUnavailableStatefulSet,
  PodIndexLabel,
  JobPodFailurePolicy,
  ElasticIndexedJob,
  JobBackoffLimitPerIndex,
  JobPodReplacementPolicy,
  JobSuccessPolicy,
  JobManagedBy,
  NodeOutOfServiceVolumeDetach,
};
inline constexpr std::size_t kGates = 11;

/// The version of a cluster and the gates that are on.
struct Features {
  int minor = 34;
  int patch = 0;
  std::uint32_t gates = 0;

  [[nodiscard]] bool has(Gate gate) const { return ((gates >> static_cast<unsigned>(gate)) & 1U) != 0; }
  /// Whether the version is 1.`minor` or later.
  [[nodiscard]] bool since(int at_minor, int at_patch = 0) const {
    return minor != at_minor ? minor > at_minor : patch >= at_patch;
  }
  friend bool operator==(const Features&, const Features&) = default;
};

/// What `resolve_features` found wrong: the offending word and a sentence.
struct FeatureError {
  std::string word;
  std::string problem;
  std::string hint;
};

/// The features of Kubernetes `version` ("1.28.0", "1.28", "v1.28.3") with `gates` set as given.
/// Supported: 1.26.0 to 1.35.x. Unknown versions and gates, gates that the version does not have, and gates
/// that are locked to another value are errors. A gate that upstream has but that selects nothing modelled is
/// an error that says so. Source: the version tables of pkg/features/kube_features.go, by release.
std::vector<FeatureError> resolve_features(std::string_view version,
                                           const std::vector<std::pair<std::string, bool>>& gates,
                                           Features& features);

}  // namespace models::kubernetes
