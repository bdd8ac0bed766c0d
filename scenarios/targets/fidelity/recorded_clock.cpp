#include "scenarios/targets/fidelity/recorded_clock.h"

#include <algorithm>
#include <chrono>

namespace scenarios::targets {

namespace {

/// Between two writes that arrived at once: enough for an observer to see the one and not the other.
constexpr sim::Duration kMoment = std::chrono::microseconds{20};

}  // namespace

std::vector<sim::Time> times_of_writes(const sim::History& arrivals, sim::TransitionId begins,
                                       const std::vector<std::uint64_t>& versions) {
  std::vector<sim::Time> times(arrivals.next_id());
  std::vector<sim::TransitionId> ordered;
  for (sim::TransitionId id = arrivals.first_id(); id != arrivals.next_id(); ++id) {
    times[id] = arrivals.at(id).at;
    if (id >= begins && id < versions.size() && versions[id] != 0) {
      ordered.push_back(id);
    }
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](sim::TransitionId a, sim::TransitionId b) { return versions[a] < versions[b]; });
  sim::Time earliest = sim::kNever;
  for (std::size_t i = ordered.size(); i-- > 0;) {
    earliest = std::min(earliest, times[ordered[i]]);
    times[ordered[i]] = earliest;
  }
  for (std::size_t i = 1; i < ordered.size(); ++i) {
    const bool same = versions[ordered[i]] == versions[ordered[i - 1]];
    const sim::Time before = times[ordered[i - 1]];
    times[ordered[i]] = same ? before : std::max(times[ordered[i]], before + kMoment);
  }
  return times;
}

}  // namespace scenarios::targets
