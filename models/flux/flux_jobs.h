#pragma once
// Jobs of the Flux instance, as far as they occupy cores: who waits, who runs where, and when it ends.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/flux/state.h"

namespace models::flux::flux_jobs {

/// What a job asks for.
struct Request {
  std::int32_t nodes = 1;
  std::int32_t cores_per_node = 1;
  sim::Duration duration{};            ///< how long it runs
  std::vector<std::int32_t> on_ranks;  ///< only there; empty: anywhere
};

/// A job's id, or why it was refused.
struct Submitted {
  std::uint32_t id = 0;
  std::string problem;
  explicit operator bool() const { return id != 0; }
};

/// Queues a job; it starts at once if its resources are free. Refused: rank 0 does not answer, or the
/// instance can never satisfy it ("unsatisfiable request"). Source: flux-core job-manager and sched-simple,
/// policy fcfs: the first that waits holds up the others; ranks are taken in ascending order.
Submitted submit(FluxTurn& turn, Row minicluster, const Request& request, kubernetes::By by);

/// Ends a job early. @return whether there is one of that id.
bool cancel(FluxTurn& turn, Row minicluster, std::uint32_t id, kubernetes::By by);

/// Cores in use on a rank.
std::int32_t allocated_cores(const Instance& instance, std::int32_t rank);

/// Starts what can run now: called after resources came or were freed.
void schedule(FluxTurn& turn, Row minicluster, sim::TransitionId cause);
/// The node of `rank` is lost: jobs with a shell there get a node-failure exception.
void node_failure(FluxTurn& turn, Row minicluster, std::int32_t rank, sim::TransitionId cause);
/// Rank 0 is lost, and with it its queue.
void lose_all(FluxTurn& turn, Row minicluster, sim::TransitionId cause);
void on_end(FluxTurn& turn, Row minicluster, std::uint32_t id, sim::TransitionId cause);

}  // namespace models::flux::flux_jobs
