#include "models/flux/flux_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "models/flux/flux_job_id.h"
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

bool may_use(const std::vector<std::int32_t>& on_ranks, std::int32_t rank) {
  return on_ranks.empty() || std::find(on_ranks.begin(), on_ranks.end(), rank) != on_ranks.end();
}

/// Collects what a job gets, rank by rank, of the cores that are free there.
class Placement {
 public:
  Placement(std::int32_t cores, std::int32_t nodes, std::int32_t cores_per_node, std::int32_t tasks,
            bool exclusive)
      : per_node_(exclusive ? cores : cores_per_node), by_node_(nodes > 0), left_(by_node_ ? nodes : tasks) {}

  void offer(std::int32_t rank, std::int32_t free_cores) {
    if (done() || per_node_ < 1 || free_cores < per_node_) {
      return;
    }
    const std::int32_t taken = by_node_ ? 1 : std::min(left_, free_cores / per_node_);
    allocation_.push_back({rank, taken * per_node_});
    left_ -= taken;
  }
  [[nodiscard]] bool done() const { return left_ <= 0; }
  [[nodiscard]] const std::vector<RankCores>& allocation() const { return allocation_; }

 private:
  std::int32_t per_node_;
  bool by_node_;
  std::int32_t left_;
  std::vector<RankCores> allocation_;
};

/// What the job would get now; nothing if there is too little.
std::vector<RankCores> place(const MiniCluster& minicluster, const FluxJob& job) {
  const Instance& instance = minicluster.instance;
  Placement placement(instance.cores, job.nodes, job.cores_per_node, job.tasks, job.exclusive);
  for (std::int32_t rank = 0; rank < instance.size && !placement.done(); ++rank) {
    if (may_use(job.on_ranks, rank) && !is_down(minicluster, rank) && !is_excluded(minicluster, rank)) {
      placement.offer(rank, instance.cores - allocated_cores(instance, rank));
    }
  }
  return placement.done() ? placement.allocation() : std::vector<RankCores>{};
}

bool satisfiable(const MiniCluster& minicluster, const Request& request) {
  const Instance& instance = minicluster.instance;
  Placement placement(instance.cores, request.nodes, request.cores_per_node, request.tasks,
                      request.exclusive);
  for (std::int32_t rank = 0; rank < instance.size; ++rank) {
    if (may_use(request.on_ranks, rank) && !is_excluded(minicluster, rank)) {
      placement.offer(rank, instance.cores);
    }
  }
  return placement.done() && !placement.allocation().empty();
}

/// The next free printed id. Source: flux-core src/common/libutil/fluid.c, fluid_generate.
std::uint64_t next_fluid(const Instance& instance, sim::Time now, std::int32_t rank) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  for (auto at = static_cast<std::uint64_t>(milliseconds);; ++at) {
    for (std::uint32_t sequence = 0; sequence < kFluidSequences - 1; ++sequence) {
      const std::uint64_t fluid = make_fluid(at, static_cast<std::uint32_t>(rank), sequence);
      if (find(instance, fluid) == nullptr) {
        return fluid;
      }
    }
  }
}

std::string plural(std::int32_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// "1 node with 10 cores", "3 tasks with 1 core each".
std::string wish_of(const FluxJob& job) {
  if (job.nodes == 0) {
    return fmt::format("{} with {}{}", plural(job.tasks, "task"), plural(job.cores_per_node, "core"),
                       job.tasks == 1 ? "" : " each");
  }
  return job.exclusive
             ? fmt::format("{} as a whole", plural(job.nodes, "node"))
             : fmt::format("{} with {}", plural(job.nodes, "node"), plural(job.cores_per_node, "core"));
}

/// How a job ended.
struct Ending {
  FluxJobResult result = FluxJobResult::Completed;
  std::string exception_type;
  std::string exception_note;
  std::string text;  ///< as the transition tells it
};

/// The job at `position` is over.
void finish(FluxTurn& turn, Row row, std::size_t position, Ending ending, kubernetes::By by) {
  Instance& instance = turn.at(row).instance;
  FluxJob job = std::move(instance.jobs[position]);
  instance.jobs.erase(instance.jobs.begin() + static_cast<std::ptrdiff_t>(position));
  job.state = FluxJobState::Inactive;
  job.ends_at = turn.now();
  job.result = ending.result;
  job.exception_type = std::move(ending.exception_type);
  job.exception_note = std::move(ending.exception_note);
  const std::int32_t how = job.result == FluxJobResult::Completed ? kEnded : kFailed;
  tell(turn, turn.at(row).meta.uid, Field::FluxJobState, by, static_cast<std::int32_t>(job.id), how,
       std::move(ending.text));
  instance.inactive_jobs.push_back(std::move(job));
}

/// When a job that starts now ends: by itself, or by its limit. Source: job-exec.c, timelimit_cb.
sim::Time end_of(const FluxJob& job, sim::Time now) {
  const sim::Duration runs =
      job.limit > sim::Duration::zero() ? std::min(job.duration, job.limit) : job.duration;
  return runs >= sim::kNever - now ? sim::kNever : now + runs;
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

const FluxJob* find(const Instance& instance, std::uint64_t fluid) {
  for (const std::vector<FluxJob>* jobs : {&instance.jobs, &instance.inactive_jobs}) {
    const auto found =
        std::find_if(jobs->begin(), jobs->end(), [&](const FluxJob& job) { return job.fluid == fluid; });
    if (found != jobs->end()) {
      return &*found;
    }
  }
  return nullptr;
}

Submitted submit(FluxTurn& turn, Row row, const Request& request, kubernetes::By by) {
  MiniCluster& minicluster = turn.at(row);
  Instance& instance = minicluster.instance;
  if (!instance.serving) {
    return {0, "rank 0 does not answer"};
  }
  FluxJob job;
  job.id = instance.next_job++;
  job.fluid = next_fluid(instance, turn.now(), request.from_rank);
  job.nodes = request.nodes;
  job.cores_per_node = request.cores_per_node;
  job.duration = request.duration;
  job.on_ranks = request.on_ranks;
  job.tasks = request.tasks;
  job.exclusive = request.exclusive;
  job.limit = request.limit;
  job.name = request.name;
  job.submitted_at = turn.now();
  Submitted submitted{job.id, {}, job.fluid};
  const std::string wish = fmt::format("{}, {}", to_f58(job.fluid), wish_of(job));
  instance.jobs.push_back(std::move(job));
  const sim::TransitionId queued = tell(turn, minicluster.meta.uid, Field::FluxJobState, by,
                                        static_cast<std::int32_t>(submitted.id), kPending, wish);
  if (!satisfiable(minicluster, request)) {
    const char* const why = "unsatisfiable request";
    finish(turn, row, instance.jobs.size() - 1, {FluxJobResult::Failed, "alloc", why, why},
           {kubernetes::Writer::FluxBroker, queued});
    return {submitted.id, why, submitted.fluid};
  }
  schedule(turn, row, queued);
  return submitted;
}

bool cancel(FluxTurn& turn, Row row, std::uint32_t id, kubernetes::By by, std::string note) {
  const std::vector<FluxJob>& jobs = turn.at(row).instance.jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].id == id) {
      finish(turn, row, i, {FluxJobResult::Canceled, "cancel", std::move(note), "canceled"}, by);
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
    job.started_at = turn.now();
    job.ends_at = end_of(job, turn.now());
    const sim::TransitionId started =
        tell(turn, minicluster.meta.uid, Field::FluxJobState, {kubernetes::Writer::FluxBroker, cause},
             static_cast<std::int32_t>(job.id), kRunning, hosts_of(turn.cluster(), minicluster, job));
    if (job.ends_at != sim::kNever) {
      turn.kubernetes.agenda.schedule(job.ends_at, static_cast<std::uint32_t>(Event::FluxJobEnd), job.id,
                                      minicluster.meta.uid, started);
    }
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
    const std::string where = fmt::format("{} (rank {})", host_of(turn.cluster(), turn.at(row), rank), rank);
    finish(turn, row, i,
           {FluxJobResult::Failed, "exec", "lost contact with job shell on broker " + where,
            "node-failure on " + where},
           {kubernetes::Writer::FluxBroker, cause});
    freed = true;
  }
  if (freed) {
    schedule(turn, row, cause);
  }
}

void lose_all(FluxTurn& turn, Row row, sim::TransitionId cause) {
  while (!turn.at(row).instance.jobs.empty()) {
    finish(turn, row, 0, {FluxJobResult::Failed, {}, {}, "lost with rank 0"},
           {kubernetes::Writer::FluxBroker, cause});
  }
  turn.at(row).instance.inactive_jobs.clear();
}

void on_end(FluxTurn& turn, Row row, std::uint32_t id, sim::TransitionId cause) {
  const std::vector<FluxJob>& jobs = turn.at(row).instance.jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].id == id && jobs[i].ends_at == turn.now()) {
      const bool limited = jobs[i].limit > sim::Duration::zero() && jobs[i].limit < jobs[i].duration;
      finish(turn, row, i,
             limited ? Ending{FluxJobResult::Timeout, "timeout", "resource allocation expired", "time limit"}
                     : Ending{},
             {kubernetes::Writer::FluxBroker, cause});
      schedule(turn, row, cause);
      return;
    }
  }
}

}  // namespace models::flux::flux_jobs
