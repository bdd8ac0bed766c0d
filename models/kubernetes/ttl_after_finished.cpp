#include "models/kubernetes/ttl_after_finished.h"

#include "models/kubernetes/api.h"

namespace models::kubernetes::ttl_after_finished {
namespace {

/// Source: kube-controller-manager --kube-api-qps, --kube-api-burst.
constexpr std::int64_t kQps = 20;
constexpr std::int64_t kBurst = 30;
/// After a failed deletion. Source: client-go workqueue DefaultControllerRateLimiter, its first delay.
constexpr sim::Duration kRetry = std::chrono::milliseconds{5};

void schedule(Turn& turn, Event event, sim::Time at, Row row, Uid uid, sim::TransitionId cause) {
  turn.agenda.schedule(at, static_cast<std::uint32_t>(event), row, uid, cause);
}

/// The time has come: reads the Job again, which takes a request, and then deletes it, which takes another.
void expire(Turn& turn, const sim::PendingEvent& event) {
  const Job* job = view_of(turn.cluster, ObserverId::ControllerManager).job(event.subject);
  if (job == nullptr || job->meta.uid != event.argument) {
    return;
  }
  const std::optional<sim::Time> at = expires_at(*job);
  if (!at || *at > turn.now()) {
    return;  // a later event was scheduled when the TTL changed
  }
  ClientThrottle& client = turn.cluster.ttl_controller.client;
  client.reserve(turn.now(), kQps, kBurst);
  schedule(turn, Event::JobTtlDelete, client.reserve(turn.now(), kQps, kBurst), event.subject, event.argument,
           event.cause);
}

/// Deletes the Job unless its TTL was extended meanwhile, as the API has it now. Source: processJob.
void remove(Turn& turn, const sim::PendingEvent& event) {
  Cluster& cluster = turn.cluster;
  if (!cluster.jobs.exists(event.subject) || cluster.jobs[event.subject].meta.uid != event.argument) {
    return;
  }
  const std::optional<sim::Time> at = expires_at(cluster.jobs[event.subject]);
  if (!at) {
    return;
  }
  if (*at > turn.now()) {
    schedule(turn, Event::JobTtlExpired, *at, event.subject, event.argument, event.cause);
    return;
  }
  const WriteResult result = delete_job(
      turn, event.subject, {Writer::TtlAfterFinishedController, event.cause}, Propagation::Foreground);
  if (result.outcome == Outcome::Error) {
    schedule(turn, Event::JobTtlExpired, turn.now() + kRetry, event.subject, event.argument, event.cause);
  }
}

}  // namespace

std::optional<sim::Time> expires_at(const Job& job) {
  if (job.meta.deleting() || job.spec.ttl_seconds_after_finished < 0 || !job.status.finished()) {
    return std::nullopt;
  }
  const JobConditionType type =
      job.status.is_true(JobConditionType::Complete) ? JobConditionType::Complete : JobConditionType::Failed;
  return job.status.condition(type).last_transition +
         std::chrono::seconds{job.spec.ttl_seconds_after_finished};
}

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind != Kind::Job || event.type == WatchType::Deleted) {
    return;
  }
  const Job* job = turn.cluster.jobs.as_of(event.row, event.version);
  const std::optional<sim::Time> at = job != nullptr ? expires_at(*job) : std::nullopt;
  if (!at) {
    return;
  }
  if (event.type == WatchType::Modified) {
    const Job* before = turn.cluster.jobs.as_of(event.row, event.version - 1);
    if (before != nullptr && expires_at(*before) == at) {
      return;
    }
  }
  schedule(turn, Event::JobTtlExpired, *at, event.row, job->meta.uid, event.cause);
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  switch (static_cast<Event>(event.kind)) {
    case Event::JobTtlExpired:
      expire(turn, event);
      return true;
    case Event::JobTtlDelete:
      remove(turn, event);
      return true;
    default:
      return false;
  }
}

void restart(Turn& turn, sim::TransitionId cause) {
  turn.cluster.ttl_controller = {};
  const View view = view_of(turn.cluster, ObserverId::ControllerManager);
  for (Row row = 0; row < turn.cluster.jobs.extent(); ++row) {
    const Job* job = view.job(row);
    if (const auto at = job != nullptr ? expires_at(*job) : std::nullopt) {
      schedule(turn, Event::JobTtlExpired, *at, row, job->meta.uid, cause);
    }
  }
}

}  // namespace models::kubernetes::ttl_after_finished
