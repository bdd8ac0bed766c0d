#pragma once
// `flux submit|run|jobs|cancel` as programs: what they change, print and return.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/flux/drain.h"
#include "models/flux/flux_jobs.h"

namespace models::flux {

/// A job as `flux submit` and `flux run` ask for it, its hosts by name.
struct JobOrder {
  flux_jobs::Request request;
  /// `--requires`: ranks or hosts, all of which a rank must fulfil.
  struct Constraint {
    bool by_rank = false;
    std::string list;  ///< an idset, or a hostlist
  };
  std::vector<Constraint> constraints;
};

/// Submits the job; `program` begins the messages. The id stands in `submitted`.
/// Source: flux-core python flux/cli/base.py; ids are printed in F58.
struct JobSubmission {
  ProgramResult printed;  ///< what `flux submit` prints
  flux_jobs::Submitted submitted;
};
JobSubmission submit_job(FluxTurn& turn, Row minicluster, const JobOrder& order, std::string_view program,
                         kubernetes::By by);

/// What `flux run` prints and returns when its job is over; nothing while it waits or runs.
/// Source: flux-core src/cmd/flux-job.c, attach_event_continuation; the shell ends with 128 + the signal that
/// its task died of: SIGTERM of a cancellation, SIGALRM of a time limit (src/modules/job-exec/job-exec.c).
/// Assumed: the exit code 1 without a further line for a job whose shell is lost, and the words where the
/// connection to rank 0 breaks.
std::optional<ProgramResult> attached_result(const MiniCluster& minicluster, std::uint64_t fluid);

/// What `flux jobs` was given.
struct JobsRequest {
  std::vector<std::uint64_t> ids;         ///< only these, in this order; empty: all
  std::vector<std::string> ids_as_given;  ///< the words of `ids`
  bool inactive = false;                  ///< -a
  bool no_header = false;                 ///< -n
  std::int64_t count = 1000;              ///< -c
};

/// The default table. Source: flux-core src/cmd/flux-jobs.py, the format "default", alike from 0.56 on;
/// src/modules/job-list (pending by id, running and inactive the latest first). The user is root, as in the
/// operator's images (assumed), which have no queues.
ProgramResult list_jobs(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                        const JobsRequest& request, sim::Time now);

/// What `flux cancel` was given.
struct CancelRequest {
  std::vector<std::uint64_t> ids;
  bool all = false;
  bool dry_run = false;
  bool quiet = false;
  std::string message;  ///< -m
};

/// Source: flux-core src/cmd/flux-cancel.py; src/modules/job-manager/raise.c.
ProgramResult cancel_jobs(FluxTurn& turn, Row minicluster, const CancelRequest& request, kubernetes::By by);

}  // namespace models::flux
