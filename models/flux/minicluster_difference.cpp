#include "models/flux/minicluster_difference.h"

namespace models::flux {

sim::TransitionId tell_spec_difference(FluxTurn& turn, Uid uid, const MiniClusterSpec& before,
                                       const MiniClusterSpec& after, bool details_differ, kubernetes::By by) {
  sim::TransitionId first = sim::kNoTransition;
  const auto remember = [&](sim::TransitionId told) { first = first == sim::kNoTransition ? told : first; };
  if (before.size != after.size) {
    remember(tell(turn, uid, Field::MiniClusterSize, by, before.size, after.size));
  }
  const auto compare = [&](const char* path, auto from, auto to) {
    if (from != to) {
      remember(tell(turn, uid, Field::MiniClusterSpecField, by, 0, 0, path));
    }
  };
  compare("spec.maxSize", before.max_size, after.max_size);
  compare("spec.minSize", before.min_size, after.min_size);
  compare("spec.backoffLimit", before.backoff_limit, after.backoff_limit);
  compare("spec.deadlineSeconds", before.deadline_seconds, after.deadline_seconds);
  compare("spec.interactive", before.interactive, after.interactive);
  compare("spec.cleanup", before.cleanup, after.cleanup);
  compare("spec.suspendWorkers", before.suspend_workers, after.suspend_workers);
  compare("spec.flux.completeWorkers", before.complete_workers, after.complete_workers);
  compare("spec.flux.connectTimeout", before.connect_timeout, after.connect_timeout);
  compare("spec.containers", before.flux_runners, after.flux_runners);
  compare("spec.containers", before.worker_pre, after.worker_pre);
  if (first == sim::kNoTransition && details_differ) {
    remember(tell(turn, uid, Field::MiniClusterSpecField, by, 0, 0, "an unmodelled field"));
  }
  return first;
}

sim::TransitionId tell_status_difference(FluxTurn& turn, Uid uid, const MiniClusterStatus& before,
                                         const MiniClusterStatus& after, kubernetes::By by) {
  sim::TransitionId first = sim::kNoTransition;
  const auto compare = [&](Field field, std::int32_t from, std::int32_t to) {
    if (from != to) {
      const sim::TransitionId told = tell(turn, uid, field, by, from, to);
      first = first == sim::kNoTransition ? told : first;
    }
  };
  compare(Field::MiniClusterStatusSize, before.size, after.size);
  compare(Field::MiniClusterMaximumSize, before.maximum_size, after.maximum_size);
  compare(Field::MiniClusterReady, before.ready ? 1 : 0, after.ready ? 1 : 0);
  return first;
}

}  // namespace models::flux
