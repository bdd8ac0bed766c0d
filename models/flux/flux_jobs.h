#pragma once
// Jobs of the Flux instance, as far as they occupy cores: who waits, who runs where, and when it ends.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/flux/state.h"

namespace models::flux::flux_jobs {

/// The duration of a job that never ends by itself.
inline constexpr sim::Duration kForever = sim::Duration::max();

/// What a job asks for.
struct Request {
  std::int32_t nodes = 1;                ///< 0: wherever the tasks find room
  std::int32_t cores_per_node = 1;       ///< where `nodes` is 0, for each task
  sim::Duration duration{};              ///< how long it runs
  std::vector<std::int32_t> on_ranks{};  ///< only there; empty: anywhere
  std::int32_t tasks = 1;
  bool exclusive = false;  ///< whole nodes, whatever cores_per_node says
  sim::Duration limit{};   ///< it is ended after this time; 0: no limit
  std::string name{"sleep"};
  std::int32_t from_rank = 0;  ///< where it is submitted: a part of its printed id
};

/// A job's id, and why the job cannot run.
struct Submitted {
  std::uint32_t id = 0;
  std::string problem;
  std::uint64_t fluid = 0;  ///< the printed id
  explicit operator bool() const { return problem.empty(); }
};

/// Queues a job; it starts at once if its resources are free. One that the instance can never satisfy gets an
/// id and fails ("unsatisfiable request"). Refused without an id: rank 0 does not answer.
/// Source: flux-core job-manager and sched-simple, policy fcfs: the first that waits holds up the others;
/// ranks are taken in ascending order. Printed ids count milliseconds of the scenario (assumed: upstream's
/// count from the start of rank 0's broker).
Submitted submit(FluxTurn& turn, Row minicluster, const Request& request, kubernetes::By by);

/// Ends a job early. @return whether an active one has that id.
bool cancel(FluxTurn& turn, Row minicluster, std::uint32_t id, kubernetes::By by, std::string note = {});

/// The job with that printed id, active or not; nullptr if there is none.
const FluxJob* find(const Instance& instance, std::uint64_t fluid);

/// Cores in use on a rank.
std::int32_t allocated_cores(const Instance& instance, std::int32_t rank);

/// Starts what can run now: called after resources came or were freed.
void schedule(FluxTurn& turn, Row minicluster, sim::TransitionId cause);
/// The node of `rank` is lost: jobs with a shell there get a fatal exception.
/// Source: flux-core src/modules/job-exec/exec.c, error_cb.
void node_failure(FluxTurn& turn, Row minicluster, std::int32_t rank, sim::TransitionId cause);
/// Rank 0 is lost, and with it its queue and all that it remembers of jobs (assumed also where its state
/// directory outlives it).
void lose_all(FluxTurn& turn, Row minicluster, sim::TransitionId cause);
void on_end(FluxTurn& turn, Row minicluster, std::uint32_t id, sim::TransitionId cause);

}  // namespace models::flux::flux_jobs
