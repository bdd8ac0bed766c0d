#include "models/flux/brokers.h"

#include "models/flux/broker_fleet.h"

namespace models::flux::brokers {

namespace {

/// Source: flux-core src/broker/overlay.c: a peer without traffic for tbon.torpid_max (30 s) is torpid.
constexpr sim::Duration kTorpidAfter = std::chrono::seconds{30};

bool in_range(const FluxTurn& turn, Row row, std::int32_t rank) {
  return rank >= 0 && rank < static_cast<std::int32_t>(turn.at(row).instance.brokers.size());
}

/// Whether the broker of a rank has joined.
bool joined(const FluxTurn& turn, Row row, std::int32_t rank) {
  return in_range(turn, row, rank) &&
         turn.at(row).instance.brokers[static_cast<std::size_t>(rank)].process == Process::Running;
}

}  // namespace

void prepare(Instance& instance) {
  instance.brokers.assign(static_cast<std::size_t>(instance.size), Broker{});
}

void observe(FluxTurn& turn, const kubernetes::WatchEvent& event) {
  if (event.kind == kubernetes::Kind::Node) {
    for (Row row = 0; row < turn.state.miniclusters.extent(); ++row) {
      if (turn.state.miniclusters.alive(row)) {
        Fleet(turn, row).see_node(event.row, event.cause);
      }
    }
    return;
  }
  if (event.kind != kubernetes::Kind::Pod || turn.state.miniclusters.size() == 0) {
    return;
  }
  const kubernetes::Cluster& cluster = turn.cluster();
  const kubernetes::Pod* pod = cluster.pods.as_of(event.row, event.version);
  const bool removed = pod == nullptr;
  if (removed) {
    pod = cluster.pods.as_of(event.row, event.version - 1);
  }
  if (pod == nullptr || pod->owner.kind != kubernetes::Kind::Job) {
    return;
  }
  const Row row = turn.state.find_job(pod->owner.uid);
  if (row == kubernetes::kNoRow || !in_range(turn, row, pod->index)) {
    return;
  }
  const bool runs = !removed && container_runs(cluster, turn.at(row), event.row);
  Fleet(turn, row).see_pod(pod->index, event.row, pod->meta.uid, runs, event.cause);
}

void on_process(FluxTurn& turn, Row row, std::int32_t rank, sim::TransitionId cause) {
  if (!in_range(turn, row, rank)) {
    return;
  }
  Fleet fleet(turn, row);
  if (fleet.at(rank).process_at != turn.now()) {
    return;  // something came in between
  }
  switch (fleet.at(rank).process) {
    case Process::Preparing:
    case Process::Waiting:
      fleet.connect(rank, cause);
      return;
    case Process::Joining:
      fleet.joined(rank, cause);
      return;
    case Process::Connecting:
    case Process::ParentLost:
      fleet.exited(rank, 1, fleet.by(cause));
      return;
    case Process::None:
    case Process::Running:
    case Process::Exited:
      return;
  }
}

void on_belief(FluxTurn& turn, Row row, std::int32_t rank, sim::TransitionId cause) {
  if (!in_range(turn, row, rank)) {
    return;
  }
  Fleet fleet(turn, row);
  if (fleet.at(rank).belief_at == turn.now()) {
    fleet.show(rank, fleet.at(rank).belief, cause);
  }
}

void on_torpid(FluxTurn& turn, Row row, std::int32_t rank, sim::TransitionId cause) {
  if (!in_range(turn, row, rank)) {
    return;
  }
  Broker& broker = turn.at(row).instance.brokers[static_cast<std::size_t>(rank)];
  if (broker.torpid_at != turn.now()) {
    return;
  }
  broker.torpid_at = sim::kNever;
  if (broker.online) {
    broker.torpid = true;
    tell(turn, turn.at(row).meta.uid, Field::BrokerTorpid, {Writer::FluxBroker, cause}, rank, 1);
  }
}

void on_quorum_warning(FluxTurn& turn, Row row, sim::TransitionId cause) {
  Instance& instance = turn.at(row).instance;
  if (instance.quorum_warning_at == turn.now()) {
    instance.quorum_warning_at = sim::kNever;
    Fleet(turn, row).warn_of_quorum(cause);
  }
}

bool terminate(FluxTurn& turn, Row row, std::int32_t rank, By by) {
  if (rank == 0) {
    return shutdown(turn, row, by);
  }
  if (!joined(turn, row, rank)) {
    return false;
  }
  Fleet(turn, row).exited(rank, 0, by);
  return true;
}

bool disconnect(FluxTurn& turn, Row row, std::int32_t rank, By by) {
  if (rank == 0 || !joined(turn, row, rank)) {
    return false;
  }
  Fleet(turn, row).exited(rank, 1, by);
  return true;
}

bool shutdown(FluxTurn& turn, Row row, By by) {
  if (!joined(turn, row, 0)) {
    return false;
  }
  Fleet(turn, row).shut_down(by);
  return true;
}

void freeze(FluxTurn& turn, Row row, std::int32_t rank, bool frozen, By by) {
  if (!in_range(turn, row, rank)) {
    return;
  }
  Broker& broker = turn.at(row).instance.brokers[static_cast<std::size_t>(rank)];
  if (broker.frozen == frozen || broker.process != Process::Running) {
    return;
  }
  broker.frozen = frozen;
  broker.torpid_at = sim::kNever;
  if (frozen) {
    broker.torpid_at = turn.now() + kTorpidAfter;
    turn.kubernetes.agenda.schedule(broker.torpid_at, static_cast<std::uint32_t>(Event::BrokerTorpid),
                                    static_cast<std::uint32_t>(rank), turn.at(row).meta.uid, by.cause);
  } else if (broker.torpid) {
    broker.torpid = false;
    const sim::TransitionId told = tell(turn, turn.at(row).meta.uid, Field::BrokerTorpid, by, rank, 0);
    flux_jobs::schedule(turn, row, told);
  }
}

void settle(FluxTurn& turn, Row row) { Fleet(turn, row).settle(); }

}  // namespace models::flux::brokers
