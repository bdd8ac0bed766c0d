#include "models/flux/flux_jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/flux/hostlist.h"
#include "models/flux/resource_view.h"

namespace models::flux::flux_jobs {

namespace {

constexpr std::int32_t kPending = 0;
constexpr std::int32_t kRunning = 1;
constexpr std::int32_t kEnded = 2;
constexpr std::int32_t kFailed = 3;

std::string hosts_of(const kubernetes::Cluster& cluster, const MiniCluster& minicluster, const FluxJob& job) {
  std::vector<std::string> hosts;
  for (const RankCores& cores : job.allocation) {
    hosts.push_back(host_of(cluster, minicluster, cores.rank));
  }
  return hostlist_compress(hosts);
}

bool may_use(const FluxJob& job, std::int32_t rank) {
  return job.on_ranks.empty() ||
         std::find(job.on_ranks.begin(), job.on_ranks.end(), rank) != job.on_ranks.end();
}

/// The ranks that the job would get now; empty if they are too few.
std::vector<RankCores> place(const MiniCluster& minicluster, const FluxJob& job) {
  const Instance& instance = minicluster.instance;
  std::vector<RankCores> allocation;
  for (std::int32_t rank = 0; rank < instance.size; ++rank) {
    if (!may_use(job, rank) || is_down(minicluster, rank) || is_excluded(minicluster, rank) ||
        instance.cores - allocated_cores(instance, rank) < job.cores_per_node) {
      continue;
    }
    allocation.push_back({rank, job.cores_per_node});
    if (static_cast<std::int32_t>(allocation.size()) == job.nodes) {
      return allocation;
    }
  }
  return {};
}

bool satisfiable(const MiniCluster& minicluster, const Request& request) {
  const std::int32_t size = minicluster.instance.size;
  std::int32_t candidates = 0;
  for (std::int32_t rank = 0; rank < size; ++rank) {
    const bool wanted =
        request.on_ranks.empty() ||
        std::find(request.on_ranks.begin(), request.on_ranks.end(), rank) != request.on_ranks.end();
    candidates += wanted && !is_excluded(minicluster, rank) ? 1 : 0;
  }
  return request.nodes >= 1 && request.cores_per_node >= 1 && request.nodes <= candidates &&
         request.cores_per_node <= minicluster.instance.cores;
}

/// Forgets the job at `position` and says why.
void finish(FluxTurn& turn, Row row, std::size_t position, std::int32_t how, std::string text,
            kubernetes::By by) {
  Instance& instance = turn.at(row).instance;
  const std::uint32_t id = instance.jobs[position].id;
  instance.jobs.erase(instance.jobs.begin() + static_cast<std::ptrdiff_t>(position));
  tell(turn, turn.at(row).meta.uid, Field::FluxJobState, by, static_cast<std::int32_t>(id), how,
       std::move(text));
}

}  // namespace

std::int32_t allocated_cores(const Instance& instance, std::int32_t rank) {
  std::int32_t cores = 0;
  for (const FluxJob& job : instance.jobs) {
    for (const RankCores& part : job.allocation) {
      cores += part.rank == rank ? part.cores : 0;
    }
  }
  return cores;
}

Submitted submit(FluxTurn& turn, Row row, const Request& request, kubernetes::By by) {
  MiniCluster& minicluster = turn.at(row);
  if (!minicluster.instance.serving) {
    return {0, "rank 0 does not answer"};
  }
  if (!satisfiable(minicluster, request)) {
    return {0, "unsatisfiable request"};
  }
  FluxJob job;
  job.id = minicluster.instance.next_job++;
  job.nodes = request.nodes;
  job.cores_per_node = request.cores_per_node;
  job.duration = request.duration;
  job.on_ranks = request.on_ranks;
  minicluster.instance.jobs.push_back(job);
  const sim::TransitionId queued =
      tell(turn, minicluster.meta.uid, Field::FluxJobState, by, static_cast<std::int32_t>(job.id), kPending,
           fmt::format("{} node{} with {} core{}", job.nodes, job.nodes == 1 ? "" : "s", job.cores_per_node,
                       job.cores_per_node == 1 ? "" : "s"));
  schedule(turn, row, queued);
  return {job.id, {}};
}

bool cancel(FluxTurn& turn, Row row, std::uint32_t id, kubernetes::By by) {
  const std::vector<FluxJob>& jobs = turn.at(row).instance.jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].id == id) {
      finish(turn, row, i, kFailed, "canceled", by);
      schedule(turn, row, by.cause);
      return true;
    }
  }
  return false;
}

void schedule(FluxTurn& turn, Row row, sim::TransitionId cause) {
  MiniCluster& minicluster = turn.at(row);
  if (!minicluster.instance.serving || !minicluster.instance.quorum_reached) {
    return;
  }
  for (FluxJob& job : minicluster.instance.jobs) {
    if (job.state != FluxJobState::Pending) {
      continue;
    }
    job.allocation = place(minicluster, job);
    if (job.allocation.empty()) {
      return;
    }
    job.state = FluxJobState::Running;
    job.ends_at = turn.now() + job.duration;
    const sim::TransitionId started =
        tell(turn, minicluster.meta.uid, Field::FluxJobState, {kubernetes::Writer::FluxBroker, cause},
             static_cast<std::int32_t>(job.id), kRunning, hosts_of(turn.cluster(), minicluster, job));
    turn.kubernetes.agenda.schedule(job.ends_at, static_cast<std::uint32_t>(Event::FluxJobEnd), job.id,
                                    minicluster.meta.uid, started);
  }
}

void node_failure(FluxTurn& turn, Row row, std::int32_t rank, sim::TransitionId cause) {
  const std::vector<FluxJob>& jobs = turn.at(row).instance.jobs;
  bool freed = false;
  for (std::size_t i = 0; i < jobs.size();) {
    const std::vector<RankCores>& allocation = jobs[i].allocation;
    const bool there = std::any_of(allocation.begin(), allocation.end(),
                                   [&](const RankCores& cores) { return cores.rank == rank; });
    if (!there) {
      ++i;
      continue;
    }
    finish(turn, row, i, kFailed,
           fmt::format("node-failure on {} (rank {})", host_of(turn.cluster(), turn.at(row), rank), rank),
           {kubernetes::Writer::FluxBroker, cause});
    freed = true;
  }
  if (freed) {
    schedule(turn, row, cause);
  }
}

void lose_all(FluxTurn& turn, Row row, sim::TransitionId cause) {
  while (!turn.at(row).instance.jobs.empty()) {
    finish(turn, row, 0, kFailed, "lost with rank 0", {kubernetes::Writer::FluxBroker, cause});
  }
}

void on_end(FluxTurn& turn, Row row, std::uint32_t id, sim::TransitionId cause) {
  const std::vector<FluxJob>& jobs = turn.at(row).instance.jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].id == id && jobs[i].ends_at == turn.now()) {
      finish(turn, row, i, kEnded, {}, {kubernetes::Writer::FluxBroker, cause});
      schedule(turn, row, cause);
      return;
    }
  }
}

}  // namespace models::flux::flux_jobs
