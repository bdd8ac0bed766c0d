#pragma once
// How the containers of a pod behave: what a manifest cannot tell and a scenario states, or a profile
// assumes.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/timing/distribution.h"
#include "models/timing/profile.h"
#include "sim/time.h"

namespace models::kubernetes {

struct Cluster;
struct Pod;

/// How the containers of a pod behave. The regular containers of a pod start, end and restart together.
struct Behaviour {
  std::optional<timing::Distribution> init;  ///< all init containers together
  std::optional<timing::Distribution>
      start;  ///< from bound (init done) to containers running: pull and start
  std::optional<timing::Distribution> ready;  ///< from running to Ready
  std::optional<timing::Distribution> run;    ///< from running until the container exits; absent: for ever
  std::optional<timing::Distribution>
      stop;                              ///< from SIGTERM until the container ends, at most the grace period
  std::vector<std::int32_t> exit_codes;  ///< by attempt, the last one repeats; absent: 0
  std::optional<bool> never_ready;
  std::optional<bool> ignores_termination;  ///< runs on after SIGTERM until it is killed
  friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

/// A behaviour and the pods that it is for. The most specific rule that states a property wins, then the
/// later one. A rule for an index is more specific than one for an attempt, a rule for a namespace more than
/// one for any.
struct BehaviourRule {
  std::string name_space;     ///< empty: any
  std::string name;           ///< of the owner or of the pod itself
  std::int32_t index = -1;    ///< ordinal or completion index; -1: any
  std::int32_t attempt = -1;  ///< 0-based count of earlier pods of this index; -1: any
  Behaviour behaviour;
};

/// A rule that names an owner or one of its pods, ready to be compared with a pod by numbers alone.
struct RuleOfOwner {
  std::int32_t index = -1;
  std::int32_t attempt = -1;
  std::uint32_t rule = 0;  ///< position in `Settings::behaviours`
};

/// The rules that can be for pods of one name, the least specific first. Found once, then shared by all
/// copies of a world; says nothing that the settings do not say.
struct OwnerRules {
  std::uint32_t name_space = 0;  ///< a Text
  std::uint32_t name = 0;        ///< a Text: of the owner where pods' names derive from it, else of the pod
  std::shared_ptr<const std::vector<RuleOfOwner>> rules;
};

/// What holds for one pod: each property from the most specific rule that states it; nullptr where none does.
struct PodBehaviour {
  const timing::Distribution* init = nullptr;
  const timing::Distribution* start = nullptr;
  const timing::Distribution* ready = nullptr;
  const timing::Distribution* run = nullptr;
  const timing::Distribution* stop = nullptr;
  const std::vector<std::int32_t>* exit_codes = nullptr;
  bool exit_codes_of_attempt = false;  ///< the rule is for one attempt: its codes go by restarts alone
  bool never_ready = false;
  bool ignores_termination = false;
};

/// Resolves the behaviour of `pod`. The pointers lead into the settings.
PodBehaviour behaviour_of(Cluster& cluster, const Pod& pod);

/// The exit code of the pod's containers after `restarts` restarts; 0 where nothing is stated.
std::int32_t exit_code_of(const PodBehaviour& behaviour, const Pod& pod, std::uint32_t restarts);

/// Who asks when chance decides about `pod`: a hash of namespace, owner (or own name) and index, the same
/// whatever else the cluster holds.
std::uint64_t entity_of(const Cluster& cluster, const Pod& pod);
/// The occurrence for a pod's choices: its attempt, and how often its containers were restarted.
std::uint32_t occurrence_of(const Pod& pod, std::uint32_t restarts = 0);

/// The profile's timings that a run of this cluster may draw on, in the order of their names: the workloads
/// and pods that are there, less what the behaviour rules state for all of their pods. A report lists those
/// among them that are assumed.
std::vector<timing::Key> timings_used(const Cluster& cluster);

}  // namespace models::kubernetes
