#include "scenarios/checks/check.h"

namespace scenarios::checks {

void violate(State& state, const Observed& observed, sim::TransitionId transition, std::string summary,
             models::kubernetes::Uid object) {
  if (state.decided) {
    return;
  }
  state.verdict = sim::Verdict::Violated;
  state.decided = true;
  state.at = observed.now;
  state.because = transition;
  state.summary = std::move(summary);
  state.object = object;
}

void Check::hash(const State& state, sim::Time, sim::Hasher& hasher) const {
  hasher.add(state.verdict);
  hasher.add(state.decided);
  for (const std::int64_t number : state.numbers) {
    hasher.add(number);
  }
}

}  // namespace scenarios::checks
