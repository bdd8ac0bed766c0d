#pragma once
// The transitions of a run in a form in which those of two clusters can be held against each other.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"
#include "scenarios/targets/fidelity/layered_map.h"
#include "sim/history.h"

namespace scenarios::targets {

/// One transition, with names in place of what differs between two clusters: a pod of a Job is called by its
/// index and not by its random suffix, an object by how many of its name came before, a revision by its
/// number.
struct Observation {
  std::string subject;  ///< "pod default/web-1 #2": the second pod of that name
  std::uint16_t field = 0;
  std::string value;   ///< what the field became
  std::string change;  ///< in words, for people
  models::kubernetes::Writer writer = models::kubernetes::Writer::None;
  sim::Time at{};
  sim::TransitionId id = sim::kNoTransition;
  sim::TransitionId cause = sim::kNoTransition;
  std::string
      where;  ///< of a binding: the node. Which of equal ones is chance, so it is no part of the value
};

/// Makes observations of the transitions of one run, in their order. A value: a copy goes on by itself.
class ObservationStream {
 public:
  /// What the transition shows; nothing for what cannot be seen from outside. `in_words`: with `change`.
  std::optional<Observation> observe(sim::TransitionId id, const sim::History& history,
                                     const models::kubernetes::Cluster& cluster, bool in_words = true);
  /// One that goes on with a copy of the run. REQUIRES: this one neither goes on nor goes away before it.
  [[nodiscard]] ObservationStream fork() const;

 private:
  const std::string& name(std::uint32_t uid, const sim::History& history,
                          const models::kubernetes::Cluster& cluster);
  std::string revision(std::uint32_t subject, std::int32_t text);
  std::optional<std::string> value_of(const sim::Transition& transition, const sim::History& history,
                                      const models::kubernetes::Cluster& cluster);

  LayeredMap<std::uint32_t, std::string> names_;
  LayeredMap<std::string, int> counts_;
  LayeredMap<std::uint32_t, std::vector<std::int32_t>> revisions_;
};

/// What can be seen from outside: creations, removals and changes of fields, in the order of the history.
/// Waits, failed syncs and events are told by the simulator alone and left out, as are changes that have no
/// field of their own.
std::vector<Observation> observations_of(const sim::History& history,
                                         const models::kubernetes::Cluster& cluster);

/// Whether a controller or the scheduler wrote it: what the figure is about.
bool of_control_plane(models::kubernetes::Writer writer);

}  // namespace scenarios::targets
