#include "models/kubernetes/job_controller.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/kubernetes/api.h"
#include "models/kubernetes/controller_runtime.h"
#include "models/kubernetes/job_orphans.h"
#include "models/kubernetes/job_pod_creation.h"
#include "models/kubernetes/job_status.h"
#include "models/kubernetes/job_validation.h"
#include "sim/hash.h"

namespace models::kubernetes::job_controller {
namespace {

using JobSync = Sync<JobSyncPayload>;

/// Where a sync stands; each stage ends when its writes are through.
enum class Stage : std::uint8_t { Pods, FirstStatus, Finalizers, SecondStatus };

By by_controller(const JobSync& sync) { return {Writer::JobController, sync.cause}; }

JobMemory& memory_of(Cluster& cluster, Row row) {
  std::vector<JobMemory>& memory = cluster.job_controller.memory;
  if (row >= memory.size()) {
    memory.resize(row + std::size_t{1});
  }
  return memory[row];
}

/// The memory that the sync works with; nullptr once another Job has taken the row.
JobMemory* memory_of(Cluster& cluster, const JobSync& sync) {
  JobMemory& memory = memory_of(cluster, sync.row);
  return memory.uid == sync.uid ? &memory : nullptr;
}

// ---------------------------------------------------------------------------------------------------------
// The stages of a sync

void begin_stage(JobSync& sync, Stage stage) {
  sync.stage = static_cast<std::uint8_t>(stage);
  sync.writes.clear();
  sync.outcomes.clear();
  sync.rows.clear();
  sync.next = 0;
  sync.batch_failed = false;
}

Write write_of(WriteKind kind, Row row, Uid uid, std::uint32_t batch) {
  Write write;
  write.kind = kind;
  write.row = row;
  write.argument = uid;
  write.batch = batch;
  // Goroutines side by side: manageJob, deleteJobPods, removeTrackingFinalizerFromPods.
  write.concurrent =
      kind == WriteKind::CreatePod || kind == WriteKind::DeletePod || kind == WriteKind::RemoveJobFinalizer;
  return write;
}

/// Adoption first, then the deletes, or the creates in batches of 1, 2, 4, 8 …
/// Source: deleteJobPods, deleteActivePods, and the slow start in manageJob.
void request_pod_writes(JobSync& sync) {
  const JobPlan& plan = sync.payload.plan;
  std::uint32_t batch = 0;
  for (const TrackedPod& pod : plan.adopt) {
    sync.writes.push_back(write_of(WriteKind::AdoptPod, pod.row, pod.uid, batch));
  }
  for (const TrackedPod& pod : plan.release) {
    sync.writes.push_back(write_of(WriteKind::ReleasePod, pod.row, pod.uid, batch));
  }
  ++batch;
  for (const JobPodRemoval& pod : plan.removals) {
    const bool strip = plan.strip_finalizers && pod.finalizer;
    if (strip) {
      sync.writes.push_back(write_of(WriteKind::RemoveJobFinalizer, pod.row, pod.uid, batch));
    }
    sync.writes.push_back(write_of(WriteKind::DeletePod, pod.row, pod.uid, batch));
    sync.writes.back().needs_previous = strip;
  }
  std::size_t size = 1;
  std::size_t in_batch = 0;
  for (const JobPodCreation& creation : plan.creations) {
    if (in_batch == size) {
      ++batch;
      size *= 2;
      in_batch = 0;
    }
    ++in_batch;
    Write write = write_of(WriteKind::CreatePod, kNoRow, 0, batch);
    write.index = creation.index;
    write.number = creation.failure_count;
    write.further_number = creation.ignored_failure_count;
    sync.writes.push_back(write);
  }
}

/// What the controller will wait to observe. Deletes of a verdict are not awaited: their finalizers are.
void set_expectations(Turn& turn, JobMemory& memory, const JobPlan& plan) {
  const bool deletes = plan.strip_finalizers;
  if (deletes || !plan.creations.empty()) {
    memory.creates_expected = static_cast<std::int32_t>(plan.creations.size());
    memory.deletes_expected = deletes ? static_cast<std::int32_t>(plan.removals.size()) : 0;
    memory.expectations_set = turn.now();
  }
}

void lower(std::int32_t& expected) { expected = std::max(0, expected - 1); }

/// A write that failed will not be observed.
void forget_expectation(Turn& turn, const JobSync& sync, const Write& write) {
  JobMemory* memory = memory_of(turn.cluster, sync);
  if (memory == nullptr) {
    return;
  }
  if (static_cast<Stage>(sync.stage) == Stage::Finalizers) {
    const auto place = std::lower_bound(memory->finalizers_removed.begin(), memory->finalizers_removed.end(),
                                        write.argument);
    if (place != memory->finalizers_removed.end() && *place == write.argument) {
      memory->finalizers_removed.erase(place);
    }
  } else if (write.kind == WriteKind::CreatePod) {
    lower(memory->creates_expected);
  } else if (sync.payload.plan.strip_finalizers) {
    lower(memory->deletes_expected);
  }
}

void fail_sync(Turn& turn, JobSync& sync, std::string why) {
  sync.failed = true;
  emit_text(turn, sync.uid, Field::SyncFailed, by_controller(sync), std::move(why));
}

std::string failure_text(const JobSync& sync, const Strings& strings, Outcome outcome) {
  switch (outcome) {
    case Outcome::Conflict:
      return fmt::format(
          "Operation cannot be fulfilled on jobs.batch \"{}\": the object has been modified; please apply "
          "your "
          "changes to the latest version and try again",
          strings[sync.payload.name]);
    case Outcome::NotFound:
      return fmt::format("jobs.batch \"{}\" not found", strings[sync.payload.name]);
    case Outcome::Forbidden:
      return "forbidden: exceeded quota";
    default:
      return "an error on the server has prevented the request from succeeding";
  }
}

/// What became of the creates or deletes; expectations for skipped ones are dropped.
ManageOutcome tally_pod_writes(Turn& turn, JobSync& sync) {
  ManageOutcome result;
  const JobPlan& plan = sync.payload.plan;
  Outcome error = Outcome::Ok;
  std::size_t removal = 0;
  for (std::size_t i = 0; i < sync.writes.size(); ++i) {
    const Write& write = sync.writes[i];
    const Outcome outcome = sync.outcomes[i];
    const bool gone = outcome == Outcome::NotFound;
    if (outcome != Outcome::Ok && outcome != Outcome::Skipped &&
        !(gone && write.kind != WriteKind::CreatePod)) {
      result.error = true;
      error = outcome;
    }
    if (write.kind == WriteKind::CreatePod) {
      result.created += outcome == Outcome::Ok ? 1 : 0;
      if (outcome == Outcome::Skipped) {
        forget_expectation(turn, sync, write);
      }
    } else if (write.kind == WriteKind::DeletePod) {
      const JobPodRemoval& pod = plan.removals[removal++];
      const bool stripped_gone = write.needs_previous && sync.outcomes[i - 1] == Outcome::NotFound;
      result.removed += outcome == Outcome::Ok || gone || stripped_gone ? 1 : 0;
      // Deleted pods are taken off the ready ones in 1.32.2 (deleteJobPods, deleteActivePods), not
      // in 1.28.15; assumed: from 1.32 on, with the check that no more pods are ready than active.
      const bool counted = turn.cluster.features().since(32);
      result.removed_ready += counted && pod.ready && outcome != Outcome::Skipped ? 1 : 0;
    }
  }
  if (result.error) {
    const std::string text = failure_text(sync, turn.cluster.strings, error);
    if (!plan.creations.empty()) {
      emit_text(turn, sync.uid, Field::Warning, by_controller(sync), "FailedCreate: Error creating: " + text);
    } else if (!plan.removals.empty()) {
      emit_text(turn, sync.uid, Field::Warning, by_controller(sync), "FailedDelete: Error deleting: " + text);
    }
    fail_sync(turn, sync, text);
  }
  return result;
}

void request_status_write(JobSync& sync, Stage stage) {
  begin_stage(sync, stage);
  sync.writes.push_back(write_of(WriteKind::UpdateStatus, sync.row, sync.uid, 0));
}

void request_finalizer_removals(Turn& turn, JobSync& sync) {
  begin_stage(sync, Stage::Finalizers);
  const std::vector<TrackedPod>& removals = sync.payload.account.removals;
  sync.writes.reserve(removals.size());
  std::vector<Uid> uids;
  uids.reserve(removals.size());
  for (const TrackedPod& pod : removals) {
    sync.writes.push_back(write_of(WriteKind::RemoveJobFinalizer, pod.row, pod.uid, 0));
    uids.push_back(pod.uid);
  }
  JobMemory* memory = memory_of(turn.cluster, sync);
  if (memory != nullptr && !uids.empty()) {
    std::sort(uids.begin(), uids.end());
    std::vector<Uid> all;
    all.reserve(uids.size() + memory->finalizers_removed.size());
    std::set_union(uids.begin(), uids.end(), memory->finalizers_removed.begin(),
                   memory->finalizers_removed.end(), std::back_inserter(all));
    memory->finalizers_removed = std::move(all);
  }
}

/// @return whether further writes are wanted.
bool after_pods(Turn& turn, JobSync& sync) {
  JobSyncPayload& payload = sync.payload;
  const bool claiming = !payload.plan.adopt.empty() || !payload.plan.release.empty();
  const ManageOutcome outcome = tally_pod_writes(turn, sync);
  if (claiming && outcome.error) {
    return false;  // without its pods the Job cannot be judged
  }
  conclude_management(payload.plan, outcome, turn.cluster.strings, turn.now());
  payload.account = account_pods(payload.plan, turn.cluster.strings, turn.now());
  if (payload.account.write) {
    request_status_write(sync, Stage::FirstStatus);
  } else {
    request_finalizer_removals(turn, sync);
  }
  return true;
}

bool after_first_status(Turn& turn, JobSync& sync) {
  if (sync.outcomes.front() != Outcome::Ok) {
    fail_sync(turn, sync, failure_text(sync, turn.cluster.strings, sync.outcomes.front()));
    return false;
  }
  if (JobMemory* memory = memory_of(turn.cluster, sync)) {
    memory->backoff = sync.payload.plan.backoff;
  }
  request_finalizer_removals(turn, sync);
  return true;
}

bool after_finalizers(Turn& turn, JobSync& sync) {
  JobAccount& account = sync.payload.account;
  std::vector<Uid> gone;
  gone.reserve(sync.writes.size());
  Outcome error = Outcome::Ok;
  for (std::size_t i = 0; i < sync.writes.size(); ++i) {
    if (sync.outcomes[i] == Outcome::Ok || sync.outcomes[i] == Outcome::NotFound) {
      gone.push_back(sync.writes[i].argument);
    } else {
      error = sync.outcomes[i];
    }
  }
  std::sort(gone.begin(), gone.end());
  bool write = count_uncounted(account.status, gone);
  if (error != Outcome::Ok) {
    fail_sync(turn, sync, failure_text(sync, turn.cluster.strings, error));
    account.finishing = false;
  }
  if (enact_finished(account, sync.payload.plan.rules.delay_terminal, turn.now())) {
    write = true;
  } else {
    account.finishing = false;
  }
  if (!write) {
    return false;
  }
  request_status_write(sync, Stage::SecondStatus);
  return true;
}

/// The events of a finished Job. Source: recordJobFinished.
void after_second_status(Turn& turn, JobSync& sync) {
  const JobAccount& account = sync.payload.account;
  if (sync.outcomes.front() != Outcome::Ok) {
    fail_sync(turn, sync, failure_text(sync, turn.cluster.strings, sync.outcomes.front()));
  } else if (account.finishing && account.terminal == JobConditionType::Failed) {
    emit_text(
        turn, sync.uid, Field::Warning, by_controller(sync),
        fmt::format("{}: {}", turn.cluster.strings[account.reason], turn.cluster.strings[account.message]));
  } else if (account.finishing && sync.payload.plan.rules.completions >= 0 &&
             account.status.succeeded > sync.payload.plan.rules.completions) {
    emit_text(turn, sync.uid, Field::Warning, by_controller(sync),
              "TooManySucceededPods: Too many succeeded pods running after completion count reached");
  }
}

Outcome create(Turn& turn, const JobSync& sync, const Write& write, Row& row_written) {
  const JobSyncPayload& payload = sync.payload;
  const WriteResult result =
      create_job_pod(turn, {sync.row, sync.uid, payload.name, payload.name_space, payload.pod_template},
                     {write.index, write.number, write.further_number}, by_controller(sync));
  row_written = result.row;
  return result.outcome;
}

Outcome write_status(Turn& turn, JobSync& sync) {
  Cluster& cluster = turn.cluster;
  if (!cluster.jobs.exists(sync.row) || cluster.jobs[sync.row].meta.uid != sync.uid) {
    return Outcome::NotFound;
  }
  if (cluster.jobs[sync.row].meta.resource_version != sync.payload.version) {
    return Outcome::Conflict;
  }
  if (!status_valid(cluster.jobs[sync.row], sync.payload.account.status, cluster.features())) {
    return Outcome::Invalid;  // strategy.go jobStatusStrategy.ValidateUpdate
  }
  const WriteResult result = update<Job>(turn, sync.row, by_controller(sync), Verb::UpdateStatus,
                                         [&](Job& job) { job.status = sync.payload.account.status; });
  sync.payload.version = cluster.jobs[sync.row].meta.resource_version;
  return result.outcome;
}

Outcome adopt(Turn& turn, const TrackedPod& pod, OwnerRef owner, By by) {
  if (!turn.cluster.pods.exists(pod.row) || turn.cluster.pods[pod.row].meta.uid != pod.uid) {
    return Outcome::NotFound;
  }
  const WriteResult result = set_pod_owner(turn, pod.row, owner, by);
  if (result.ok()) {
    update<Pod>(turn, pod.row, by, Verb::Update, [&](Pod& p) { p.job_tracking = owner.kind == Kind::Job; });
  }
  return result.outcome;
}

// ---------------------------------------------------------------------------------------------------------
// Beginning a sync

/// Says what the Job waits for, when that has changed.
void tell_wait(Turn& turn, const JobSync& sync, const Wait& wait, sim::Time until) {
  Job& job = turn.cluster.jobs[sync.row];
  if (job.meta.uid != sync.uid || job.wait == wait) {
    return;
  }
  job.wait = wait;
  if (wait.reason != 0) {
    const std::int64_t seconds = std::chrono::ceil<std::chrono::seconds>(until).count();
    emit(turn, sync.uid, Field::Waits, by_controller(sync), static_cast<std::int32_t>(seconds), wait.reason,
         wait.on);
  }
}

/// Drops the pods that no sync needs to look at, once they are a quarter of those in mind.
void forget_settled(const View& view, Row row, JobMemory& memory, const JobPlan& plan) {
  if (plan.settled * 4 > memory.ending.size()) {
    std::erase_if(memory.ending,
                  [&](const TrackedPod& pod) { return settled(view, row, pod, plan.rules.failure_policy); });
  }
}

/// Lists the pods without a controller, when the controller has not followed them from the start.
void know_ownerless(Cluster& cluster, const View& view) {
  JobControllerState& state = cluster.job_controller;
  if (state.ownerless_known) {
    std::erase_if(state.ownerless, [&](const TrackedPod& tracked) {
      const Pod* pod = view.pod(tracked.row);
      return pod == nullptr || pod->meta.uid != tracked.uid || pod->owner.kind != Kind::None;
    });
    return;
  }
  state.ownerless.clear();
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    const Pod* pod = view.pod(row);
    if (pod != nullptr && pod->owner.kind == Kind::None) {
      state.ownerless.push_back({row, pod->meta.uid});
    }
  }
  state.ownerless_known = true;
}

/// Which of equally ranked pods go: by a rank that chance gives to each, then as they are.
void settle_equal_ranks(Turn& turn, JobPlan& plan) {
  if (plan.spared.empty()) {
    return;
  }
  constexpr std::uint32_t kRanks = 1U << 20U;
  std::vector<std::pair<std::uint32_t, JobPodRemoval>> ranked;
  const auto rank = [&](const JobPodRemoval& pod) {
    const Pod& object = turn.cluster.pods[pod.row];
    ranked.emplace_back(
        turn.context.choices.pick({sim::text_hash(lasting_name(subject_of(object), turn.cluster.strings)),
                                   static_cast<std::uint32_t>(Purpose::EqualPods), occurrence_of(object)},
                                  kRanks),
        pod);
  };
  std::for_each(plan.removals.begin() + plan.equal_from, plan.removals.end(), rank);
  std::for_each(plan.spared.begin(), plan.spared.end(), rank);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = plan.equal_from; i < plan.removals.size(); ++i) {
    plan.removals[i] = ranked[i - plan.equal_from].second;
  }
}

/// The Job controller as a controller of the runtime.
struct Traits : ControllerOf<&Cluster::jobs, Kind::Job> {
  using State = JobControllerState;
  static State& state(Cluster& cluster) { return cluster.job_controller; }
  static constexpr Event kQueueRun = Event::JobQueueRun;
  static constexpr Event kWake = Event::JobWake;
  static constexpr Event kResume = Event::JobResume;
  /// Source: kube-controller-manager --concurrent-job-syncs.
  static constexpr std::size_t kWorkers = 5;

  static sim::Duration retry_delay(Turn& turn, std::uint32_t failures) {
    return job_controller::retry_delay(turn.cluster.features(), failures);
  }

  static bool begin(Turn& turn, JobSync& sync) {
    Cluster& cluster = turn.cluster;
    const View view = view_of(cluster, ObserverId::ControllerManager);
    const Job& job = *view.job(sync.row);
    JobMemory& memory = memory_of(cluster, sync.row);
    if (job_rules(cluster.features(), job.spec).managed_by_other) {
      return false;
    }
    if (job.status.finished()) {
      memory.backoff = {};
      tell_wait(turn, sync, {}, {});
      return false;
    }
    if (memory.uid != sync.uid) {
      memory = remember_job(view, sync.row);
    }
    if (job.spec.selector != nullptr) {
      know_ownerless(cluster, view);
    }
    JobSyncPayload& payload = sync.payload;
    payload.version = job.meta.resource_version;
    payload.name = job.meta.name;
    payload.name_space = job.meta.name_space;
    payload.pod_template = job.spec.pod_template;
    payload.plan = plan(view, sync.row, memory, turn.now());
    settle_equal_ranks(turn, payload.plan);
    const JobPlan& plan = payload.plan;
    forget_settled(view, sync.row, memory, plan);
    set_expectations(turn, memory, plan);
    if (plan.managed || plan.verdict.present) {
      tell_wait(turn, sync, plan.wait, plan.wait_until);
    }
    if (plan.deadline_after > sim::Duration::zero()) {
      enqueue_after(turn, sync.row, plan.deadline_after, sync.cause);
    }
    if (plan.retry_after > sim::Duration::zero()) {
      enqueue_after(turn, sync.row, plan.retry_after, sync.cause);
    }
    begin_stage(sync, Stage::Pods);
    request_pod_writes(sync);
    return true;
  }

  static Outcome perform(Turn& turn, JobSync& sync, const Write& write, Row& row_written) {
    const TrackedPod pod{write.row, write.argument};
    Outcome outcome = Outcome::Invalid;
    switch (write.kind) {
      case WriteKind::CreatePod:
        outcome = create(turn, sync, write, row_written);
        break;
      case WriteKind::DeletePod:
        outcome = turn.cluster.pods.exists(pod.row) && turn.cluster.pods[pod.row].meta.uid == pod.uid
                      ? delete_pod(turn, pod.row, by_controller(sync)).outcome
                      : Outcome::NotFound;
        break;
      case WriteKind::RemoveJobFinalizer:
        outcome = remove_finalizer(turn, pod, by_controller(sync));
        break;
      case WriteKind::AdoptPod:
        outcome = adopt(turn, pod, {Kind::Job, sync.row, sync.uid}, by_controller(sync));
        break;
      case WriteKind::ReleasePod:
        outcome = adopt(turn, pod, {}, by_controller(sync));
        break;
      case WriteKind::UpdateStatus:
        return write_status(turn, sync);
      default:
        break;
    }
    if (outcome != Outcome::Ok) {
      forget_expectation(turn, sync, write);
    }
    return outcome;
  }

  static bool next_stage(Turn& turn, JobSync& sync) {
    switch (static_cast<Stage>(sync.stage)) {
      case Stage::Pods:
        return after_pods(turn, sync);
      case Stage::FirstStatus:
        return after_first_status(turn, sync);
      case Stage::Finalizers:
        return after_finalizers(turn, sync);
      case Stage::SecondStatus:
        after_second_status(turn, sync);
        return false;
    }
    return false;
  }
};

using Runtime = ControllerRuntime<Traits>;

}  // namespace

sim::Duration retry_delay(const Features& features, std::uint32_t failures) {
  const bool short_delays = features.since(28);
  sim::Duration delay = short_delays ? std::chrono::seconds{1} : std::chrono::seconds{10};
  const sim::Duration longest = short_delays ? std::chrono::seconds{60} : std::chrono::seconds{360};
  for (std::uint32_t i = 1; i < failures && delay < longest; ++i) {
    delay *= 2;
  }
  return std::min(delay, longest);
}

Outcome remove_finalizer(Turn& turn, const TrackedPod& pod, const By& by) {
  if (!turn.cluster.pods.exists(pod.row) || turn.cluster.pods[pod.row].meta.uid != pod.uid) {
    return Outcome::NotFound;
  }
  const WriteResult result =
      update<Pod>(turn, pod.row, by, Verb::Update, [](Pod& stored) { stored.job_tracking = false; });
  if (result.ok()) {
    remove_pod_if_finalized(
        turn, pod.row, {by.writer, result.transition != sim::kNoTransition ? result.transition : by.cause});
  }
  return result.outcome;
}

void enqueue(Turn& turn, Row job, sim::TransitionId cause) { Runtime::enqueue(turn, job, cause); }

void enqueue_after(Turn& turn, Row job, sim::Duration delay, sim::TransitionId cause) {
  Runtime::enqueue_after(turn, job, delay, cause);
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  if (static_cast<Event>(event.kind) == Event::JobOrphan) {
    work_on_orphans(turn);
    return true;
  }
  return Runtime::on_event(turn, event);
}

void restart(Turn& turn, sim::TransitionId cause) {
  Runtime::restart(turn, cause);
  const View view = view_of(turn.cluster, ObserverId::ControllerManager);
  // Like a fresh list of all pods: those on their way out whose Job is gone or finished are orphans.
  for (Row row = 0; row < turn.cluster.pods.extent(); ++row) {
    const Pod* pod = view.pod(row);
    if (pod == nullptr || !pod->job_tracking || (pod->owner.kind != Kind::None && !pod->meta.deleting())) {
      continue;
    }
    const Job* job = pod->owner.kind == Kind::Job ? view.job(pod->owner.row) : nullptr;
    if (job == nullptr || job->meta.uid != pod->owner.uid || job->status.finished()) {
      queue_orphan(turn, {row, pod->meta.uid}, cause);
    }
  }
}

}  // namespace models::kubernetes::job_controller
