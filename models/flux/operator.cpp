#include "models/flux/operator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/flux/brokers.h"
#include "models/flux/job_template.h"
#include "models/flux/minicluster_api.h"
#include "models/kubernetes/admission.h"

namespace models::flux::operate {

using kubernetes::By;
using kubernetes::Gate;
using kubernetes::Job;
using kubernetes::Kind;
using kubernetes::Verb;
using kubernetes::Writer;

void enqueue(FluxTurn& turn, Row row, sim::TransitionId cause) {
  MiniCluster& minicluster = turn.at(row);
  if (minicluster.reconcile_at != sim::kNever) {
    if (minicluster.reconcile_cause == sim::kNoTransition) {
      minicluster.reconcile_cause = cause;
    }
    return;
  }
  const timing::Profile& profile = turn.cluster().settings->profile;
  minicluster.reconcile_at = turn.now() + kubernetes::watch_latency(turn.cluster()) +
                             profile.at(timing::Key::flux_operator_sync).nominal();
  minicluster.reconcile_cause = cause;
  turn.kubernetes.agenda.schedule(minicluster.reconcile_at, static_cast<std::uint32_t>(Event::OperatorRun),
                                  row, minicluster.meta.uid, cause);
}

void observe(FluxTurn& turn, const kubernetes::WatchEvent& event) {
  if (event.kind != Kind::Job || turn.state.miniclusters.size() == 0) {
    return;
  }
  const Job* job = turn.cluster().jobs.as_of(event.row, event.version);
  const bool removed = job == nullptr;
  if (removed) {
    job = turn.cluster().jobs.as_of(event.row, event.version - 1);
  }
  const Row row = job != nullptr ? turn.state.find_job(job->meta.uid) : kubernetes::kNoRow;
  if (row == kubernetes::kNoRow) {
    return;
  }
  if (removed) {
    turn.at(row).job = kubernetes::kNoRow;
    turn.at(row).job_uid = 0;
    if (turn.at(row).meta.deleting()) {
      remove_minicluster(turn, row, {Writer::GarbageCollector, event.cause});
      return;
    }
  }
  enqueue(turn, row, event.cause);
}

std::string validate(const MiniClusterSpec& spec) {
  if (spec.max_size != 0 && spec.max_size < spec.size) {
    return "MaxSize of cluster must be greater than size.";
  }
  if (spec.backoff_limit < 0) {
    return "BackoffLimit of cluster must be greater than 0.";
  }
  if (spec.min_size != 0 && spec.max_size != 0 && spec.min_size > spec.max_size) {
    return "MinSize of cluster must be less than MaxSize.";
  }
  if (spec.min_size != 0 && spec.min_size > spec.size) {
    return "MinSize of cluster must be less than size.";
  }
  if (spec.flux_runners != 1) {
    return fmt::format("{} containers run Flux, one must", spec.flux_runners);
  }
  return {};
}

Decision decide(std::int32_t requested, std::int32_t maximum, std::int32_t parallelism) {
  if (requested == parallelism) {
    return Decision::Nothing;
  }
  if (requested < 1) {
    return Decision::DenyBelow;
  }
  return requested > maximum ? Decision::DenyAbove : Decision::Accept;
}

bool find_job(FluxTurn& turn, Row row) {
  MiniCluster& minicluster = turn.at(row);
  const kubernetes::Cluster& cluster = turn.cluster();
  const Row job =
      cluster.find_job(cluster.strings[minicluster.meta.name_space], cluster.strings[minicluster.meta.name]);
  minicluster.job = job;
  minicluster.job_uid = job != kubernetes::kNoRow ? cluster.jobs[job].meta.uid : 0;
  return job != kubernetes::kNoRow;
}

void write_config(FluxTurn& turn, Row row) {
  MiniCluster& minicluster = turn.at(row);
  if (minicluster.instance.size != 0) {
    return;
  }
  const MiniClusterSpec& spec = minicluster.spec;
  const std::int32_t max_size = spec.max_size != 0 ? spec.max_size : spec.size;
  // A snapshot's spec.size may have changed since the ConfigMap was written; the maximum has not (assumed
  // where maxSize was changed by hand).
  minicluster.instance.size = std::max({max_size, minicluster.status.maximum_size, 1});
  minicluster.instance.quorum = spec.min_size != 0      ? spec.min_size
                                : max_size == spec.size ? minicluster.instance.size
                                                        : spec.size;
  brokers::prepare(minicluster.instance);
}

namespace {

/// One reconcile. Each step may end it.
class Reconcile {
 public:
  Reconcile(FluxTurn& turn, Row row, sim::TransitionId cause)
      : turn_(turn), row_(row), by_{Writer::FluxOperator, cause} {}

  void run() {
    if (minicluster().meta.deleting()) {
      return;
    }
    if (minicluster().spec.size == 0) {
      log("size 0: nothing is done");
      return;
    }
    if (std::string problem = validate(minicluster().spec); !problem.empty()) {
      tell(turn_, minicluster().meta.uid, Field::ValidationFailed, by_, 0, 0, std::move(problem));
      return;
    }
    write_config(turn_, row_);
    if (!find_job(turn_, row_) && !create()) {
      return;
    }
    if (!resize()) {
      return;
    }
    write_status();
    if (minicluster().spec.cleanup) {
      clean_up();
    }
  }

 private:
  [[nodiscard]] MiniCluster& minicluster() { return turn_.at(row_); }
  [[nodiscard]] Job& job() { return turn_.cluster().jobs[minicluster().job]; }

  void log(std::string line) {
    tell(turn_, minicluster().meta.uid, Field::OperatorLog, by_, 0, 0, std::move(line));
  }

  /// status.maximumSize as validation would set it: fixed the first time, then never raised.
  std::int32_t maximum() {
    const MiniClusterSpec& spec = minicluster().spec;
    return minicluster().status.maximum_size != 0 ? minicluster().status.maximum_size
                                                  : std::max(spec.size, spec.max_size);
  }

  bool create() {
    // Source: batch validation.go: the host name of the last index must be a DNS label. Upstream tries again
    // and again with the same end.
    const std::string host = host_of(turn_.cluster(), minicluster(), minicluster().spec.size - 1);
    if (!kubernetes::dns_label_problems(host).empty()) {
      tell(turn_, minicluster().meta.uid, Field::ResizeFailed, by_, 0, 0,
           fmt::format(
               "Job.batch \"{}\" is invalid: metadata.name: Invalid value: \"{}\": will not able to create "
               "pod with invalid DNS label: {}",
               turn_.cluster().name_of(minicluster().meta), turn_.cluster().name_of(minicluster().meta),
               host));
      return false;
    }
    const kubernetes::WriteResult result =
        kubernetes::create_job(turn_.kubernetes, job_of(turn_.cluster(), minicluster(), row_), by_);
    if (!result.ok()) {
      enqueue(turn_, row_, by_.cause);
      return false;
    }
    minicluster().job = result.row;
    minicluster().job_uid = job().meta.uid;
    return true;
  }

  /// Source: scale.go. @return false when the Job's patch failed, which ends the reconcile.
  bool resize() {
    const std::int32_t requested = minicluster().spec.size;
    const std::int32_t parallelism = job().spec.parallelism;
    switch (decide(requested, maximum(), parallelism)) {
      case Decision::Nothing:
        return true;
      case Decision::DenyAbove:
        deny(requested, maximum());
        return true;
      case Decision::DenyBelow:
        deny(requested, parallelism);
        return true;
      case Decision::Accept:
        break;
    }
    const sim::TransitionId accepted =
        tell(turn_, minicluster().meta.uid, Field::SizeAccepted, by_, parallelism, requested,
             fmt::format("MiniCluster {{\"PatchSize\": {}, \"Status\": \"Accepted\"}}", requested));
    const bool patched = patch_job(requested, accepted);
    write_status_size(requested, accepted);
    return patched;
  }

  void deny(std::int32_t requested, std::int32_t allowed) {
    const sim::TransitionId denied =
        tell(turn_, minicluster().meta.uid, Field::SizeDenied, by_, requested, allowed,
             fmt::format("MiniCluster {{\"PatchSize\": {}, \"Status\": \"Denied\"}}", requested));
    write_size(turn_, row_, allowed, {Writer::FluxOperator, denied});
    write_status_size(allowed, denied);
  }

  bool patch_job(std::int32_t size, sim::TransitionId cause) {
    const kubernetes::Features& features = turn_.cluster().features();
    if (!features.has(Gate::ElasticIndexedJob) && job().spec.completions != size) {
      // Source: batch validation.go before 1.27, or without the gate.
      tell(turn_, minicluster().meta.uid, Field::ResizeFailed, {Writer::FluxOperator, cause}, 0, 0,
           fmt::format("Job.batch \"{}\" is invalid: spec.completions: Invalid value: {}: field is immutable",
                       turn_.cluster().name_of(minicluster().meta), size));
      return false;
    }
    const kubernetes::WriteResult result = kubernetes::update<Job>(
        turn_.kubernetes, minicluster().job, {Writer::FluxOperator, cause}, Verb::Update, [&](Job& object) {
          object.spec.parallelism = size;
          object.spec.completions = size;
          ++object.meta.generation;
        });
    if (!result.ok()) {
      enqueue(turn_, row_, cause);
    }
    return result.ok();
  }

  void write_status_size(std::int32_t size, sim::TransitionId cause) {
    const std::int32_t before = std::exchange(minicluster().status.size, size);
    if (before != size) {
      ++turn_.cluster().resource_version;
      tell(turn_, minicluster().meta.uid, Field::MiniClusterStatusSize, {Writer::FluxOperator, cause}, before,
           size);
    }
  }

  /// Source: scale.go, addScaleSelector; minicluster.go, the condition at the end of ensureMiniCluster.
  void write_status() {
    MiniClusterStatus& status = minicluster().status;
    const std::int32_t fixed = maximum();
    if (status.maximum_size != fixed) {
      tell(turn_, minicluster().meta.uid, Field::MiniClusterMaximumSize, by_, status.maximum_size, fixed);
      status.maximum_size = fixed;
    }
    status.selector = true;
    if (!status.ready) {
      status.ready = true;
      tell(turn_, minicluster().meta.uid, Field::MiniClusterReady, by_, 0, 1);
    }
    minicluster().meta.resource_version = turn_.cluster().resource_version;
  }

  /// `cleanup: true`: the MiniCluster goes when the pod of index 0 has ended.
  void clean_up() {
    const kubernetes::Cluster& cluster = turn_.cluster();
    bool completed = false;
    kubernetes::view_of(cluster, kubernetes::ObserverId::FluxOperator)
        .each_pod_of(job().pods_head, [&](Row, const kubernetes::Pod& pod) {
          completed = completed || (pod.index == 0 && pod.terminal());
        });
    if (completed) {
      delete_minicluster(turn_, row_, by_);
    }
  }

  FluxTurn& turn_;
  Row row_;
  By by_;
};

}  // namespace

void on_run(FluxTurn& turn, Row row) {
  MiniCluster& minicluster = turn.at(row);
  if (minicluster.reconcile_at != turn.now()) {
    return;
  }
  minicluster.reconcile_at = sim::kNever;
  const sim::TransitionId cause = std::exchange(minicluster.reconcile_cause, sim::kNoTransition);
  Reconcile(turn, row, cause).run();
}

void collect_later(FluxTurn& turn, Row job, Uid uid, sim::TransitionId cause) {
  const sim::Duration takes =
      turn.cluster().settings->profile.at(timing::Key::garbage_collector_delete).nominal();
  turn.state.collections.push_back({job, uid, turn.now() + takes});
  turn.kubernetes.agenda.schedule(turn.now() + takes, static_cast<std::uint32_t>(Event::CollectJob), job, uid,
                                  cause);
}

void on_collect(FluxTurn& turn, Row job, Uid uid, sim::TransitionId cause) {
  std::erase_if(turn.state.collections,
                [&](const Collection& one) { return one.job == job && one.uid == uid; });
  const kubernetes::Cluster& cluster = turn.cluster();
  if (cluster.jobs.exists(job) && cluster.jobs[job].meta.uid == uid) {
    kubernetes::delete_job(turn.kubernetes, job, {Writer::GarbageCollector, cause});
  }
}

}  // namespace models::flux::operate
