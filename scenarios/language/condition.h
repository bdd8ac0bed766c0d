#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scenarios/language/duration.h"
#include "scenarios/language/host_set.h"
#include "scenarios/language/located.h"

namespace scenarios::language {

/// Nodes of a Flux resource state: how many, or exactly which.
struct FluxNodes {
  Location at;
  std::optional<std::int64_t> count;
  HostSet hosts;

  bool given() const { return at.known(); }
};

/// `flux:` of a condition: the rows of `flux resource list`.
struct FluxResources {
  Text minicluster;
  FluxNodes free;
  FluxNodes allocated;
  FluxNodes down;
};

/// How many pods an object has that are not terminating; an empty name counts those of all objects.
struct PodCount {
  Text object;
  Located<std::int64_t> count;
};

/// What should hold: of a step's `then`, and of checks such as `eventually`. Everything stated must hold at
/// the same moment.
struct Condition {
  Location at;
  HostSet running;
  HostSet ready;
  HostSet absent;
  std::optional<FluxResources> flux;
  std::vector<PodCount> pods;
  std::vector<Entry<HostSet>> servers;  ///< by status
  Located<std::int64_t> exit;
  std::vector<Text> prints;
  Located<Duration> within;

  bool given() const { return at.known(); }
};

}  // namespace scenarios::language
