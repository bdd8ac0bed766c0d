#pragma once
// The MiniCluster, the Flux Operator's custom resource, and what grows from it: the brokers of its Flux
// instance.

#include <chrono>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/objects.h"
#include "sim/history.h"
#include "sim/time.h"

namespace models::flux {

using kubernetes::Row;
using kubernetes::Uid;

/// The ranks of one instance are fewer than this: a Job has at most 100,000 indexes at once.
inline constexpr std::int32_t kRanksMax = 100'000;

/// The parts of a manifest that do not change by themselves; copies of the world share them.
struct MiniClusterDetails {
  std::shared_ptr<const nlohmann::ordered_json> object;  ///< as stored, without status; never null
  std::string manifest;                                  ///< `object` as text: what is hashed
  std::string topology;  ///< spec.flux.topology; empty is the operator's default
  std::vector<kubernetes::Container>
      containers;                    ///< the init container that copies the Flux view, then the others
  std::uint32_t flux_container = 0;  ///< which of the regular containers runs Flux
  kubernetes::LabelMap pod_labels;   ///< spec.pod.labels, without the operator's own
  kubernetes::LabelMap pod_annotations;
  kubernetes::LabelMap job_labels;
  kubernetes::LabelMap node_selector;
  std::vector<kubernetes::Toleration> tolerations;
  kubernetes::RestartPolicy restart_policy = kubernetes::RestartPolicy::OnFailure;
};

/// spec, as far as a rule reads it. Source: flux-operator api/v1alpha2/minicluster_types.go, MiniClusterSpec.
struct MiniClusterSpec {
  std::int32_t size = 1;
  std::int32_t max_size = 0;       ///< 0: not given
  std::int32_t min_size = 0;       ///< 0: not given
  std::int32_t backoff_limit = 0;  ///< 0: not given, the operator takes 100
  std::int64_t deadline_seconds = 31'500'000;
  std::int32_t flux_runners = 1;  ///< containers that run Flux: validation asks for exactly one
  bool interactive = false;
  bool cleanup = false;
  /// `suspendWorkers: true` or `restartWorkers: false`: backoffLimitPerIndex 0, as in the branch of the
  /// "Downsize" example (flux-operator commit f4f64d64).
  bool suspend_workers = false;
  bool complete_workers = false;      ///< spec.flux.completeWorkers
  sim::Duration connect_timeout{-1};  ///< spec.flux.connectTimeout; negative: as the profile says
  sim::Duration worker_pre{};         ///< `sleep N` in the Flux container's commands.workerPre
  friend bool operator==(const MiniClusterSpec&, const MiniClusterSpec&) = default;
};

/// status, as far as it is modelled.
struct MiniClusterStatus {
  std::int32_t size = 0;          ///< written by a resize only, as upstream does
  std::int32_t maximum_size = 0;  ///< 0 until the first reconcile, then fixed
  bool selector = false;          ///< `hpa-selector=<name>` is set
  bool ready = false;             ///< condition JobMiniClusterReady is True
  friend bool operator==(const MiniClusterStatus&, const MiniClusterStatus&) = default;
};

/// What a scenario says of a MiniCluster that no manifest can: the machines, and which Flux is in the image.
struct MiniClusterSetting {
  std::int32_t cores = 0;        ///< cores that each pod sees; 0: those of the node that it runs on
  std::int32_t gpus = 0;         ///< likewise, per node
  std::int32_t flux_minor = 58;  ///< version 0.N of flux-core; the "Downsize" example is of January 2024
  std::vector<std::int32_t> excluded;  ///< ranks under resource.exclude, ascending
  friend bool operator==(const MiniClusterSetting&, const MiniClusterSetting&) = default;
};

/// What a rank's start script does at the moment.
enum class Process : std::uint8_t {
  None,        ///< no container runs
  Preparing,   ///< commands before the broker; until process_at
  Connecting,  ///< the broker tries to reach its parent, or sleeps between two tries (see Broker::loop_start)
  Waiting,     ///< sleeps; tries again at process_at, the parent is there
  Joining,     ///< the parent answers; joined at process_at
  Running,     ///< joined: counts for the quorum and serves as a parent
  ParentLost,  ///< the parent is gone; noticed, and left with exit code 1, at process_at
  Exited,      ///< the script has left its loop; the container ends with code 0
};

/// The broker of one rank: what its process does, and what rank 0 believes of it.
struct Broker {
  Uid pod = 0;  ///< whose container runs it; 0: none
  Row pod_row = kubernetes::kNoRow;
  Row node = kubernetes::kNoRow;
  std::uint32_t restarts = 0;  ///< of that pod's containers when the process started
  Process process = Process::None;
  bool online = false;  ///< as `flux resource` shows it
  bool belief = false;  ///< what `online` becomes at belief_at
  bool torpid = false;
  bool frozen = false;  ///< connected, but silent
  sim::Time process_at = sim::kNever;
  sim::Time belief_at = sim::kNever;
  sim::Time torpid_at = sim::kNever;
  /// Connecting: the tries start at loop_start and every attempt + pause after; each lasts `attempt`. So a
  /// broker without a parent needs no events: where it stands in its loop is computed when the parent comes.
  sim::Time loop_start{};
  sim::Duration attempt{};
  sim::Duration pause{};
  std::uint32_t draws = 0;  ///< how many durations were drawn for this rank
};

/// An entry of rank 0's drain log.
struct Drain {
  std::int32_t rank = 0;
  sim::Time since{};
  bool has_reason = false;
  std::string reason;
  friend bool operator==(const Drain&, const Drain&) = default;
};

/// Cores that a Flux job has on one rank.
struct RankCores {
  std::int32_t rank = 0;
  std::int32_t cores = 0;
  friend bool operator==(const RankCores&, const RankCores&) = default;
};

enum class FluxJobState : std::uint8_t { Pending, Running, Inactive };
enum class FluxJobResult : std::uint8_t { None, Completed, Failed, Canceled, Timeout };

/// A Flux job: it waits, runs, or is over.
struct FluxJob {
  std::uint32_t id = 0;     ///< counts from 1
  std::uint64_t fluid = 0;  ///< the id that programs print and read
  FluxJobState state = FluxJobState::Pending;
  std::int32_t nodes = 1;              ///< asked for; 0: wherever its tasks find room
  std::int32_t cores_per_node = 1;     ///< asked for; where `nodes` is 0, for each task
  sim::Duration duration{};            ///< how long it runs
  std::vector<std::int32_t> on_ranks;  ///< only there (`--requires=host:…`); empty: anywhere
  std::int32_t tasks = 1;
  bool exclusive = false;  ///< whole nodes
  sim::Duration limit{};   ///< `-t`; 0: none
  std::string name;
  sim::Time submitted_at{};
  sim::Time started_at = sim::kNever;
  sim::Time ends_at = sim::kNever;    ///< by itself or by its limit; of an inactive job, when it ended
  std::vector<RankCores> allocation;  ///< by rank, ascending; empty if it has not run
  FluxJobResult result = FluxJobResult::None;
  std::string exception_type;  ///< what ended an inactive job; empty: nothing but its program
  std::string exception_note;
};

/// The Flux instance of a MiniCluster: what the ConfigMap fixed, its brokers, and what rank 0 holds.
struct Instance {
  std::int32_t size = 0;        ///< hosts in the generated hostlist; 0 until the ConfigMap is written
  std::int32_t quorum = 0;      ///< brokers that must be online before rank 0 starts work
  std::vector<Broker> brokers;  ///< by rank
  bool serving = false;         ///< rank 0's broker answers
  bool quorum_reached = false;
  sim::Time quorum_warning_at = sim::kNever;
  Uid state_pod = 0;          ///< whose volume holds rank 0's state; another pod starts with an empty one
  std::int32_t cores = 0;     ///< per rank in R, as rank 0's node had them
  std::vector<Drain> drains;  ///< by rank, ascending
  std::vector<FluxJob> jobs;  ///< that wait or run, by id, ascending
  std::vector<FluxJob> inactive_jobs;  ///< in the order in which they ended
  std::uint32_t next_job = 1;
};

/// One MiniCluster with all that belongs to it.
struct MiniCluster {
  kubernetes::Meta meta;
  MiniClusterSpec spec;
  MiniClusterStatus status;
  MiniClusterSetting setting;
  std::shared_ptr<const MiniClusterDetails> details;  ///< never null in a stored object
  Row job = kubernetes::kNoRow;  ///< of the operator's Job; valid while its uid is `job_uid`
  Uid job_uid = 0;
  sim::Time reconcile_at = sim::kNever;  ///< the operator's queued key
  sim::TransitionId reconcile_cause = sim::kNoTransition;
  Instance instance;
};

}  // namespace models::flux
