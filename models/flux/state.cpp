#include "models/flux/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/flux/brokers.h"
#include "models/flux/flux_jobs.h"
#include "models/flux/operator.h"
#include "models/kubernetes/hash.h"

namespace models::flux {

Row State::find(const kubernetes::Strings& strings, std::string_view name_space,
                std::string_view name) const {
  for (Row row = 0; row < miniclusters.extent(); ++row) {
    if (miniclusters.alive(row) && strings[miniclusters[row].meta.name] == name &&
        strings[miniclusters[row].meta.name_space] == name_space) {
      return row;
    }
  }
  return kubernetes::kNoRow;
}

Row State::find_uid(Uid uid) const {
  for (Row row = 0; row < miniclusters.extent(); ++row) {
    if (miniclusters.alive(row) && miniclusters[row].meta.uid == uid) {
      return row;
    }
  }
  return kubernetes::kNoRow;
}

Row State::find_job(Uid job_uid) const {
  for (Row row = 0; row < miniclusters.extent(); ++row) {
    if (miniclusters.alive(row) && miniclusters[row].job_uid == job_uid) {
      return row;
    }
  }
  return kubernetes::kNoRow;
}

sim::TransitionId tell(FluxTurn& turn, Uid minicluster, Field field, kubernetes::By by, std::int32_t from,
                       std::int32_t to, std::string text) {
  sim::History& history = turn.kubernetes.context.history;
  return history.emit({turn.now(), minicluster, static_cast<std::uint16_t>(field),
                       static_cast<std::uint16_t>(by.writer), from, to, history.text(std::move(text)),
                       by.cause});
}

std::string host_of(const kubernetes::Cluster& cluster, const MiniCluster& minicluster, std::int32_t rank) {
  return fmt::format("{}-{}", cluster.name_of(minicluster.meta), rank);
}

void dispatch(FluxTurn& turn, const sim::PendingEvent& event) {
  const auto kind = static_cast<Event>(event.kind);
  const auto with_minicluster = [&](auto&& act) {
    if (const Row row = turn.state.find_uid(event.argument); row != kubernetes::kNoRow) {
      act(row);
    }
  };
  const auto rank = static_cast<std::int32_t>(event.subject);
  switch (kind) {
    case Event::OperatorRun:
      with_minicluster([&](Row row) { operate::on_run(turn, row); });
      return;
    case Event::BrokerProcess:
      with_minicluster([&](Row row) { brokers::on_process(turn, row, rank, event.cause); });
      return;
    case Event::BrokerBelief:
      with_minicluster([&](Row row) { brokers::on_belief(turn, row, rank, event.cause); });
      return;
    case Event::BrokerTorpid:
      with_minicluster([&](Row row) { brokers::on_torpid(turn, row, rank, event.cause); });
      return;
    case Event::QuorumWarning:
      with_minicluster([&](Row row) { brokers::on_quorum_warning(turn, row, event.cause); });
      return;
    case Event::FluxJobEnd:
      with_minicluster([&](Row row) { flux_jobs::on_end(turn, row, event.subject, event.cause); });
      return;
    case Event::CollectJob:
      operate::on_collect(turn, event.subject, event.argument, event.cause);
      return;
    case Event::kEnd:
      return;
  }
}

void on_delivery(FluxTurn& turn) {
  kubernetes::deliver(turn.kubernetes, kubernetes::ObserverId::FluxOperator,
                      [&](const kubernetes::WatchEvent& event) {
                        operate::observe(turn, event);
                        brokers::observe(turn, event);
                      });
}

namespace {

/// The time left, so that equal situations at different times are equal.
void add_left(sim::Hasher& hasher, sim::Time at, sim::Time now) {
  hasher.add(at == sim::kNever ? std::int64_t{-1} : (at - now).count());
}

void add_broker(const Broker& broker, const kubernetes::Cluster& cluster, sim::Time now,
                sim::Hasher& hasher) {
  hasher.add(broker.process);
  hasher.add(broker.online);
  hasher.add(broker.torpid);
  hasher.add(broker.frozen);
  hasher.add(broker.pod != 0 ? kubernetes::hashed_reference(cluster, broker.pod) : 0U);
  hasher.add(broker.restarts);
  add_left(hasher, broker.process_at, now);
  add_left(hasher, broker.belief_at, now);
  hasher.add(broker.belief_at != sim::kNever && broker.belief);
  add_left(hasher, broker.torpid_at, now);
  if (broker.process == Process::Connecting) {
    // Where it stands in its loop; how often it has gone round matters to nobody.
    const sim::Duration elapsed = now - broker.loop_start;
    const sim::Duration cycle = broker.attempt + broker.pause;
    hasher.add((elapsed.count() > 0 && cycle.count() > 0 ? elapsed % cycle : elapsed).count());
    hasher.add(broker.attempt.count());
    hasher.add(broker.pause.count());
  }
}

/// The printed id is hashed too: a command may name it.
void add_job(const FluxJob& job, sim::Time now, sim::Hasher& hasher) {
  hasher.add(job.fluid);
  hasher.add(job.state);
  hasher.add(job.nodes);
  hasher.add(job.cores_per_node);
  hasher.add(job.duration.count());
  hasher.add(job.tasks);
  hasher.add(job.exclusive);
  hasher.add(job.limit.count());
  hasher.add(std::string_view(job.name));
  if (job.state == FluxJobState::Inactive) {
    hasher.add(job.started_at == sim::kNever ? std::int64_t{-1} : (job.ends_at - job.started_at).count());
    hasher.add(job.result);
  } else {
    add_left(hasher, job.submitted_at, now);
    add_left(hasher, job.started_at, now);
    add_left(hasher, job.ends_at, now);
  }
  hasher.add(job.on_ranks.size());
  for (const std::int32_t rank : job.on_ranks) {
    hasher.add(rank);
  }
  hasher.add(job.allocation.size());
  for (const RankCores& cores : job.allocation) {
    hasher.add(cores.rank);
    hasher.add(cores.cores);
  }
}

void add_instance(const Instance& instance, const kubernetes::Cluster& cluster, sim::Time now,
                  sim::Hasher& hasher) {
  hasher.add(instance.size);
  hasher.add(instance.quorum);
  hasher.add(instance.serving);
  hasher.add(instance.quorum_reached);
  add_left(hasher, instance.quorum_warning_at, now);
  hasher.add(instance.cores);
  hasher.add(!instance.brokers.empty() && instance.state_pod == instance.brokers.front().pod);
  for (const Broker& broker : instance.brokers) {
    add_broker(broker, cluster, now, hasher);
  }
  hasher.add(instance.drains.size());
  for (const Drain& drain : instance.drains) {
    hasher.add(drain.rank);
    hasher.add(drain.has_reason);
    hasher.add(std::string_view(drain.reason));
  }
  hasher.add(instance.jobs.size());
  for (const FluxJob& job : instance.jobs) {
    add_job(job, now, hasher);
  }
  hasher.add(instance.inactive_jobs.size());
  for (const FluxJob& job : instance.inactive_jobs) {
    add_job(job, now, hasher);
  }
}

void add_minicluster(const MiniCluster& minicluster, const kubernetes::Cluster& cluster, sim::Time now,
                     sim::Hasher& hasher) {
  const MiniClusterSpec& spec = minicluster.spec;
  hasher.add(spec.size);
  hasher.add(spec.max_size);
  hasher.add(spec.min_size);
  hasher.add(spec.backoff_limit);
  hasher.add(spec.deadline_seconds);
  hasher.add(spec.flux_runners);
  hasher.add(spec.interactive);
  hasher.add(spec.cleanup);
  hasher.add(spec.suspend_workers);
  hasher.add(spec.complete_workers);
  hasher.add(spec.connect_timeout.count());
  hasher.add(spec.worker_pre.count());
  hasher.add(std::string_view(minicluster.details->manifest));
  hasher.add(minicluster.status.size);
  hasher.add(minicluster.status.maximum_size);
  hasher.add(minicluster.status.selector);
  hasher.add(minicluster.status.ready);
  hasher.add(minicluster.setting.cores);
  hasher.add(minicluster.setting.gpus);
  hasher.add(minicluster.setting.flux_minor);
  hasher.add(minicluster.setting.excluded.size());
  for (const std::int32_t rank : minicluster.setting.excluded) {
    hasher.add(rank);
  }
  hasher.add(minicluster.job_uid != 0 && cluster.jobs.exists(minicluster.job) &&
             cluster.jobs[minicluster.job].meta.uid == minicluster.job_uid);
  add_left(hasher, minicluster.reconcile_at, now);
  add_instance(minicluster.instance, cluster, now, hasher);
}

}  // namespace

void hash(const State& state, const kubernetes::Cluster& cluster, sim::Time now, sim::Hasher& hasher) {
  std::vector<std::pair<std::string, Row>> order;
  for (Row row = 0; row < state.miniclusters.extent(); ++row) {
    if (state.miniclusters.alive(row)) {
      const kubernetes::Meta& meta = state.miniclusters[row].meta;
      order.emplace_back(cluster.strings[meta.name_space] + '/' + cluster.strings[meta.name], row);
    }
  }
  std::sort(order.begin(), order.end());
  hasher.add(order.size());
  for (const auto& [name, row] : order) {
    hasher.add(std::string_view(name));
    add_minicluster(state.miniclusters[row], cluster, now, hasher);
  }
  std::vector<std::pair<std::string, sim::Time>> collections;
  for (const Collection& collection : state.collections) {
    if (cluster.jobs.exists(collection.job) && cluster.jobs[collection.job].meta.uid == collection.uid) {
      const kubernetes::Meta& meta = cluster.jobs[collection.job].meta;
      collections.emplace_back(cluster.strings[meta.name_space] + '/' + cluster.strings[meta.name],
                               collection.at);
    }
  }
  std::sort(collections.begin(), collections.end());
  hasher.add(collections.size());
  for (const auto& [name, at] : collections) {
    hasher.add(std::string_view(name));
    add_left(hasher, at, now);
  }
}

}  // namespace models::flux
