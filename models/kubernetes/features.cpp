#include "models/kubernetes/features.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace models::kubernetes {

namespace {

constexpr int kOldestMinor = 26;
constexpr int kNewestMinor = 35;
/// No release of these lines has come near to this many patches (assumed to stay so).
constexpr int kPatchMax = 40;

/// A point from which a gate has another default or lock. Source: pkg/features/kube_features.go, by release.
struct Stage {
  int minor;
  int patch;
  bool on;
  bool locked;
};

struct GateHistory {
  Gate gate;
  std::string_view name;
  std::array<Stage, 3> stages;  ///< by version; a minor of 0 is none
  int removed;                  ///< the minor version that no longer knows the gate; 0: none yet
};

/// What the releases say of each gate. Removals: where upstream only announces one ("remove in"), the first
/// release whose table was seen without the gate; the exact release in between is assumed.
constexpr std::array<GateHistory, kGates> kHistories{{
    {Gate::StatefulSetStartOrdinal,
     "StatefulSetStartOrdinal",
     {{{26, 0, false, false}, {27, 0, true, false}, {31, 0, true, true}}},
     34},
    {Gate::StatefulSetAutoDeletePVC,
     "StatefulSetAutoDeletePVC",
     {{{23, 0, false, false}, {27, 0, true, false}, {32, 0, true, true}}},
     35},
    // On by default in 1.35.0 and off again from 1.35.4. Source: kubernetes PRs 137904 and 137926.
    {Gate::MaxUnavailableStatefulSet,
     "MaxUnavailableStatefulSet",
     {{{24, 0, false, false}, {35, 0, true, false}, {35, 4, false, false}}},
     0},
    {Gate::PodIndexLabel, "PodIndexLabel", {{{28, 0, true, false}, {32, 0, true, true}, {}}}, 35},
    {Gate::JobPodFailurePolicy,
     "JobPodFailurePolicy",
     {{{25, 0, false, false}, {26, 0, true, false}, {31, 0, true, true}}},
     34},
    {Gate::ElasticIndexedJob, "ElasticIndexedJob", {{{27, 0, true, false}, {31, 0, true, true}, {}}}, 34},
    {Gate::JobBackoffLimitPerIndex,
     "JobBackoffLimitPerIndex",
     {{{28, 0, false, false}, {29, 0, true, false}, {33, 0, true, true}}},
     0},
    {Gate::JobPodReplacementPolicy,
     "JobPodReplacementPolicy",
     {{{28, 0, false, false}, {29, 0, true, false}, {34, 0, true, true}}},
     0},
    {Gate::JobSuccessPolicy,
     "JobSuccessPolicy",
     {{{30, 0, false, false}, {31, 0, true, false}, {33, 0, true, true}}},
     0},
    {Gate::JobManagedBy,
     "JobManagedBy",
     {{{30, 0, false, false}, {32, 0, true, false}, {35, 0, true, true}}},
     0},
    {Gate::NodeOutOfServiceVolumeDetach,
     "NodeOutOfServiceVolumeDetach",
     {{{24, 0, false, false}, {26, 0, true, false}, {28, 0, true, true}}},
     32},
}};

/// Gates that upstream has and that select nothing modelled here.
constexpr std::string_view kUpstreamOnly[] = {
    "APIPriorityAndFairness",
    "AnyVolumeDataSource",
    "CPUManager",
    "CSIMigration",
    "ContainerRestartRules",
    "ContextualLogging",
    "CronJobTimeZone",
    "DeploymentReplicaSetTerminatingReplicas",
    "DynamicResourceAllocation",
    "EventedPLEG",
    "GangScheduling",
    "GracefulNodeShutdown",
    "GracefulNodeShutdownBasedOnPodPriority",
    "HPAScaleToZero",
    "ImageVolume",
    "InPlacePodVerticalScaling",
    "JobMutableNodeSchedulingDirectives",
    "JobReadyPods",
    "JobTrackingWithFinalizers",
    "KubeletCrashLoopBackOffMax",
    "LocalStorageCapacityIsolation",
    "LogarithmicScaleDown",
    "MatchLabelKeysInPodAffinity",
    "MatchLabelKeysInPodTopologySpread",
    "MemoryManager",
    "MemoryQoS",
    "MinDomainsInPodTopologySpread",
    "MutablePodResourcesForSuspendedJobs",
    "MutableSchedulingDirectivesForSuspendedJobs",
    "NodeInclusionPolicyInPodTopologySpread",
    "NodeLogQuery",
    "NodeSwap",
    "PDBUnhealthyPodEvictionPolicy",
    "PodDeletionCost",
    "PodDisruptionConditions",
    "PodLevelResources",
    "PodLifecycleSleepAction",
    "PodReadyToStartContainersCondition",
    "PodSchedulingReadiness",
    "ProcMountType",
    "ReadWriteOncePod",
    "RecoverVolumeExpansionFailure",
    "ReduceDefaultCrashLoopBackOffDecay",
    "SchedulerPopFromBackoffQ",
    "SchedulerQueueingHints",
    "SELinuxMount",
    "SeparateTaintEvictionController",
    "ServerSideApply",
    "SidecarContainers",
    "StatefulSetMinReadySeconds",
    "StatefulSetSemanticRevisionComparison",
    "TaintTolerationComparisonOperators",
    "TopologyAwareHints",
    "TopologyManager",
    "UserNamespacesSupport",
    "VolumeAttributesClass",
    "WindowsHostNetwork",
};

std::optional<int> parse_part(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (error != std::errc{} || end != text.data() + text.size() || value < 0 || leading_zero || text.empty()) {
    return std::nullopt;
  }
  return value;
}

/// "1.28.3", "1.28", "v1.28.3+k3s1" as minor and patch.
bool parse_version(std::string_view text, Features& features) {
  if (text.starts_with('v')) {
    text.remove_prefix(1);
  }
  text = text.substr(0, text.find_first_of("+-"));
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos || text.substr(0, first) != "1") {
    return false;
  }
  const std::string_view rest = text.substr(first + 1);
  const std::size_t second = rest.find('.');
  const std::optional<int> minor = parse_part(rest.substr(0, second));
  const std::optional<int> patch =
      second == std::string_view::npos ? std::optional<int>{0} : parse_part(rest.substr(second + 1));
  if (!minor || !patch) {
    return false;
  }
  features.minor = *minor;
  features.patch = *patch;
  return true;
}

/// The stage of `history` that the version is in; nullptr where the version does not know the gate.
const Stage* stage_of(const GateHistory& history, const Features& version) {
  if (history.removed != 0 && version.minor >= history.removed) {
    return nullptr;
  }
  const Stage* found = nullptr;
  for (const Stage& stage : history.stages) {
    if (stage.minor != 0 && version.since(stage.minor, stage.patch)) {
      found = &stage;
    }
  }
  return found;
}

/// Whether the behaviour is there although the gate is gone: a gate that graduated stays on.
bool on_after_removal(const GateHistory& history, const Features& version) {
  return history.removed != 0 && version.minor >= history.removed;
}

/// Levenshtein distance, letters of either case counted as equal.
std::size_t distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::string known_gates(const Features& version) {
  std::string names;
  for (const GateHistory& history : kHistories) {
    if (stage_of(history, version) != nullptr) {
      names += (names.empty() ? "" : ", ") + std::string(history.name);
    }
  }
  return names;
}

/// `did you mean X? known in 1.28: …`, the question only when something is near.
std::string gate_hint(std::string_view word, const Features& version) {
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const GateHistory& history : kHistories) {
    if (const std::size_t d = distance(word, history.name); d < least) {
      least = d;
      nearest = history.name;
    }
  }
  std::string hint = nearest.empty() ? std::string() : fmt::format("did you mean {}? ", nearest);
  return hint +
         fmt::format("gates that select something modelled in 1.{}: {}", version.minor, known_gates(version));
}

void set_gate(Features& features, Gate gate, bool on) {
  const std::uint32_t bit = 1U << static_cast<unsigned>(gate);
  features.gates = on ? features.gates | bit : features.gates & ~bit;
}

const GateHistory* find_history(std::string_view name) {
  const auto* found = std::find_if(kHistories.begin(), kHistories.end(),
                                   [&](const GateHistory& history) { return history.name == name; });
  return found == kHistories.end() ? nullptr : found;
}

/// Sets one gate as the scenario asks. Source of the texts: k8s.io/component-base featuregate.SetFromMap.
std::optional<FeatureError> apply_gate(const std::string& name, bool on, Features& features) {
  const GateHistory* history = find_history(name);
  if (history == nullptr) {
    const auto* known = std::find(std::begin(kUpstreamOnly), std::end(kUpstreamOnly), name);
    if (known != std::end(kUpstreamOnly)) {
      return FeatureError{
          name, fmt::format("feature gate {} selects nothing that is modelled", name),
          fmt::format("leave it out; gates that count in 1.{}: {}", features.minor, known_gates(features))};
    }
    return FeatureError{name, fmt::format("unrecognized feature gate: {}", name), gate_hint(name, features)};
  }
  const Stage* stage = stage_of(*history, features);
  if (stage == nullptr) {
    const std::string hint =
        on_after_removal(*history, features)
            ? fmt::format("it was removed in 1.{} after it had graduated: the behaviour is always on",
                          history->removed)
            : fmt::format("it first appears in 1.{}", history->stages[0].minor);
    return FeatureError{
        name,
        fmt::format("unrecognized feature gate: {} (Kubernetes 1.{} does not have it)", name, features.minor),
        hint};
  }
  if (stage->locked && on != stage->on) {
    return FeatureError{
        name, fmt::format("cannot set feature gate {} to {}, feature is locked to {}", name, on, stage->on),
        fmt::format("it is generally available since 1.{}; leave it out", stage->minor)};
  }
  set_gate(features, history->gate, on);
  return std::nullopt;
}

}  // namespace

std::vector<FeatureError> resolve_features(std::string_view version,
                                           const std::vector<std::pair<std::string, bool>>& gates,
                                           Features& features) {
  Features resolved;
  if (!parse_version(version, resolved)) {
    return {{std::string(version), fmt::format("\"{}\" is not a Kubernetes version", version),
             fmt::format("write one like \"1.28.0\", from 1.{}.0 to 1.{}.x", kOldestMinor, kNewestMinor)}};
  }
  if (resolved.minor < kOldestMinor || resolved.minor > kNewestMinor || resolved.patch > kPatchMax) {
    return {{std::string(version), fmt::format("Kubernetes {} is not supported", version),
             fmt::format("supported: 1.{}.0 to 1.{}.x", kOldestMinor, kNewestMinor)}};
  }
  for (const GateHistory& history : kHistories) {
    const Stage* stage = stage_of(history, resolved);
    set_gate(resolved, history.gate, stage != nullptr ? stage->on : on_after_removal(history, resolved));
  }
  std::vector<FeatureError> errors;
  for (const auto& [name, on] : gates) {
    if (std::optional<FeatureError> error = apply_gate(name, on, resolved)) {
      errors.push_back(*std::move(error));
    }
  }
  if (errors.empty()) {
    features = resolved;
  }
  return errors;
}

}  // namespace models::kubernetes
