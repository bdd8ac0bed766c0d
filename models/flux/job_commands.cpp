#include "models/flux/job_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "models/flux/flux_job_id.h"
#include "models/flux/hostlist.h"
#include "models/flux/resource_commands.h"

namespace models::flux {

namespace {

constexpr std::int32_t kSignalAlarm = 14;
constexpr std::int32_t kSignalTerminate = 15;
constexpr std::int32_t kDiedOfSignal = 128;
/// A rank that no instance has: a constraint that nothing fulfils.
constexpr std::int32_t kNoRank = -1;

ProgramResult unreachable(std::string_view program) {
  return {{}, fmt::format("{}: ERROR: {}\n", program, kUnreachable), 1};
}

double seconds_of(sim::Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// A Flux standard duration. Source: flux-core python flux/util.py, fsd.
std::string standard_duration(sim::Duration duration) {
  constexpr double kMinute = 60;
  constexpr double kHour = 60 * kMinute;
  constexpr double kDay = 24 * kHour;
  const double seconds = seconds_of(duration);
  if (seconds < 1e-3) {
    return "0s";
  }
  return seconds < 10        ? fmt::format("{:.3f}s", seconds)
         : seconds < kMinute ? fmt::format("{:.4g}s", seconds)
         : seconds < kHour   ? fmt::format("{:.4g}m", seconds / kMinute)
         : seconds < kDay    ? fmt::format("{:.4g}h", seconds / kHour)
                             : fmt::format("{:.4g}d", seconds / kDay);
}

/// The ranks that one constraint allows.
std::vector<std::int32_t> ranks_of(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                                   const JobOrder::Constraint& constraint) {
  std::vector<std::int32_t> ranks;
  if (constraint.by_rank) {
    const IdsetResult ids = idset_parse(constraint.list);
    ranks.assign(ids.ids.begin(), ids.ids.end());
    return ranks;
  }
  const HostlistResult hosts = hostlist_expand(constraint.list);
  for (std::int32_t rank = 0; rank < minicluster.instance.size; ++rank) {
    if (std::find(hosts.hosts.begin(), hosts.hosts.end(), host_of(cluster, minicluster, rank)) !=
        hosts.hosts.end()) {
      ranks.push_back(rank);
    }
  }
  return ranks;
}

std::vector<std::int32_t> allowed_ranks(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                                        const std::vector<JobOrder::Constraint>& constraints) {
  std::vector<std::int32_t> allowed;
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const std::vector<std::int32_t> ranks = ranks_of(cluster, minicluster, constraints[i]);
    if (i == 0) {
      allowed = ranks;
    }
    std::erase_if(allowed, [&](std::int32_t rank) {
      return std::find(ranks.begin(), ranks.end(), rank) == ranks.end();
    });
  }
  return allowed.empty() && !constraints.empty() ? std::vector{kNoRank} : allowed;
}

/// Source: libjob/job.c, flux_job_statetostr and flux_job_resulttostr, the short forms.
std::string_view short_status(const FluxJob& job) {
  switch (job.state) {
    case FluxJobState::Pending:
      return "S";
    case FluxJobState::Running:
      return "R";
    case FluxJobState::Inactive:
      break;
  }
  switch (job.result) {
    case FluxJobResult::Completed:
      return "CD";
    case FluxJobResult::Canceled:
      return "CA";
    case FluxJobResult::Timeout:
      return "TO";
    case FluxJobResult::Failed:
    case FluxJobResult::None:
      break;
  }
  return "F";
}

std::string job_line(const kubernetes::Cluster& cluster, const MiniCluster& minicluster, const FluxJob& job,
                     sim::Time now) {
  const bool ran = job.started_at != sim::kNever;
  const auto nodes = ran ? static_cast<std::int32_t>(job.allocation.size()) : job.nodes;
  const sim::Duration time = job.state == FluxJobState::Pending   ? job.limit
                             : !ran                               ? sim::Duration::zero()
                             : job.state == FluxJobState::Running ? now - job.started_at
                                                                  : job.ends_at - job.started_at;
  const std::string shown = standard_duration(time);
  std::vector<std::string> hosts;
  for (const RankCores& cores : job.allocation) {
    hosts.push_back(host_of(cluster, minicluster, cores.rank));
  }
  // fmt counts the width in columns, as Python does in characters: ƒ is one of either.
  constexpr std::size_t kNameWidth = 10;
  const std::string name =
      job.name.size() <= kNameWidth ? job.name : job.name.substr(0, kNameWidth - 1) + '+';
  return fmt::format("{:>12} {:<8} {:<10} {:>2} {:>6} {:>6} {:>8} {}\n", to_f58(job.fluid), "root", name,
                     short_status(job), job.tasks, nodes == 0 ? "-" : std::to_string(nodes),
                     shown == "0s" ? "-" : shown, hostlist_compress(hosts));
}

/// The jobs that are asked for, in the order in which they are listed.
std::vector<const FluxJob*> chosen_jobs(const Instance& instance, const JobsRequest& request,
                                        std::string& errors) {
  std::vector<const FluxJob*> jobs;
  for (std::size_t i = 0; i < request.ids.size(); ++i) {
    if (const FluxJob* job = flux_jobs::find(instance, request.ids[i])) {
      jobs.push_back(job);
    } else {
      errors += fmt::format("JobID {} unknown\n", request.ids_as_given[i]);
    }
  }
  if (!request.ids.empty()) {
    return jobs;
  }
  for (const FluxJob& job : instance.jobs) {
    if (job.state == FluxJobState::Pending) {
      jobs.push_back(&job);
    }
  }
  std::vector<const FluxJob*> running;
  for (const FluxJob& job : instance.jobs) {
    if (job.state == FluxJobState::Running) {
      running.push_back(&job);
    }
  }
  std::sort(running.begin(), running.end(), [](const FluxJob* one, const FluxJob* other) {
    return one->started_at != other->started_at ? one->started_at > other->started_at : one->id > other->id;
  });
  jobs.insert(jobs.end(), running.begin(), running.end());
  if (request.inactive) {
    for (const FluxJob& job : std::views::reverse(instance.inactive_jobs)) {
      jobs.push_back(&job);
    }
  }
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(request.count, 0));
  jobs.resize(std::min(jobs.size(), most));
  return jobs;
}

std::string counted(std::size_t count) { return fmt::format("{} job{}", count, count == 1 ? "" : "s"); }

}  // namespace

JobSubmission submit_job(FluxTurn& turn, Row row, const JobOrder& order, std::string_view program,
                         kubernetes::By by) {
  const MiniCluster& minicluster = turn.at(row);
  if (!reachable(minicluster)) {
    return {unreachable(program), {}};
  }
  flux_jobs::Request request = order.request;
  request.on_ranks = allowed_ranks(turn.cluster(), minicluster, order.constraints);
  flux_jobs::Submitted submitted = flux_jobs::submit(turn, row, request, by);
  return {{to_f58(submitted.fluid) + '\n', {}, 0}, std::move(submitted)};
}

std::optional<ProgramResult> attached_result(const MiniCluster& minicluster, std::uint64_t fluid) {
  const FluxJob* job = flux_jobs::find(minicluster.instance, fluid);
  if (job == nullptr) {
    return ProgramResult{{}, "flux-job: flux_job_event_watch_get: Connection reset by peer\n", 1};
  }
  if (job->state != FluxJobState::Inactive) {
    return std::nullopt;
  }
  ProgramResult result;
  if (job->result == FluxJobResult::Completed) {
    return result;
  }
  result.exit_code = 1;
  result.errors =
      fmt::format("{:.3f}s: job.exception type={} severity=0 {}\n",
                  seconds_of(job->ends_at - job->submitted_at), job->exception_type, job->exception_note);
  const bool killed = job->result == FluxJobResult::Canceled || job->result == FluxJobResult::Timeout;
  if (killed && job->started_at != sim::kNever) {
    result.exit_code =
        kDiedOfSignal + (job->result == FluxJobResult::Timeout ? kSignalAlarm : kSignalTerminate);
    result.errors += fmt::format("flux-job: task(s) exited with exit code {}\n", result.exit_code);
  }
  return result;
}

ProgramResult list_jobs(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                        const JobsRequest& request, sim::Time now) {
  if (!reachable(minicluster)) {
    return unreachable("flux-jobs");
  }
  ProgramResult result;
  const std::vector<const FluxJob*> jobs = chosen_jobs(minicluster.instance, request, result.errors);
  if (!request.no_header) {
    result.output = fmt::format("{:>12} {:<8} {:<10} {:>2} {:>6} {:>6} {:>8} {}\n", "JOBID", "USER", "NAME",
                                "ST", "NTASKS", "NNODES", "TIME", "INFO");
  }
  for (const FluxJob* job : jobs) {
    result.output += job_line(cluster, minicluster, *job, now);
  }
  return result;
}

ProgramResult cancel_jobs(FluxTurn& turn, Row row, const CancelRequest& request, kubernetes::By by) {
  ProgramResult result;
  if (request.dry_run && !request.all) {
    result.errors = fmt::format("flux-cancel: Would cancel {}\n", counted(request.ids.size()));
    return result;
  }
  if (!reachable(turn.at(row))) {
    return unreachable("flux-cancel");
  }
  const Instance& instance = turn.at(row).instance;
  if (request.all) {
    const std::size_t count = instance.jobs.size();
    while (!request.dry_run && !instance.jobs.empty()) {
      // The last first, so that none that waits starts in between.
      flux_jobs::cancel(turn, row, instance.jobs.back().id, by, request.message);
    }
    if (count > 0) {
      result.errors = request.dry_run ? fmt::format("flux-cancel: Would cancel {}\n", counted(count))
                                      : fmt::format("flux-cancel: Canceled {} (0 errors)\n", counted(count));
    } else if (!request.quiet) {
      result.errors = "flux-cancel: Matched 0 jobs\n";
    }
    return result;
  }
  for (const std::uint64_t fluid : request.ids) {
    const FluxJob* job = flux_jobs::find(instance, fluid);
    if (job != nullptr && job->state != FluxJobState::Inactive) {
      flux_jobs::cancel(turn, row, job->id, by, request.message);
      continue;
    }
    result.errors += fmt::format("flux-cancel: ERROR: {}: {}\n", to_f58(fluid),
                                 job == nullptr ? "unknown job id" : "job is inactive");
    result.exit_code = 1;
  }
  return result;
}

}  // namespace models::flux
