#pragma once
// The state machine behind brokers.h: one MiniCluster's brokers during one dispatch.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/flux/containers.h"
#include "models/flux/drain.h"
#include "models/flux/flux_jobs.h"
#include "models/flux/hostlist.h"
#include "models/flux/state.h"
#include "models/flux/topology.h"

namespace models::flux::brokers {

using kubernetes::By;
using kubernetes::Writer;

/// Source: flux-core overlay.c, default of tbon.tcp_user_timeout: a host that vanishes closes no connection.
inline constexpr sim::Duration kHostLostAfter = std::chrono::seconds{20};
/// Source: flux-core src/broker/state_machine.c, default of broker.quorum-warn.
inline constexpr sim::Duration kQuorumWarning = std::chrono::seconds{60};
/// A connect timeout of 0 never ends. Source: flux-core overlay.c, connect_timeout <= 0 sets no timer.
inline constexpr sim::Duration kNoTimeout = std::chrono::hours{24 * 365 * 100};
/// Where the purposes of this model's choices begin; the timing's number is added.
inline constexpr std::uint32_t kPurposes = 1000;

/// One MiniCluster's brokers during one dispatch. Every write of a broker's state is here.
class Fleet {
 public:
  Fleet(FluxTurn& turn, Row row)
      : turn_(turn),
        row_(row),
        minicluster_(turn.at(row)),
        instance_(minicluster_.instance),
        topology_(parse_topology(minicluster_.details->topology).value_or(Topology{})) {}

  [[nodiscard]] Broker& at(std::int32_t rank) { return instance_.brokers[static_cast<std::size_t>(rank)]; }
  [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(instance_.brokers.size()); }
  [[nodiscard]] By by(sim::TransitionId cause) const { return {Writer::FluxBroker, cause}; }

  // --- processes -------------------------------------------------------------------------------------------

  /// The container of `pod` runs: its start script begins.
  void start(std::int32_t rank, Row pod_row, sim::TransitionId cause) {
    const kubernetes::Pod& pod = turn_.cluster().pods[pod_row];
    Broker& broker = at(rank);
    broker.pod = pod.meta.uid;
    broker.pod_row = pod_row;
    broker.node = pod.node;
    broker.restarts = container_restarts(turn_.cluster(), minicluster_, pod_row);
    broker.frozen = false;
    if (rank == 0) {
      join(rank, cause);
    } else if (minicluster_.spec.worker_pre > sim::Duration::zero()) {
      set(rank, Process::Preparing, minicluster_.spec.worker_pre, cause);
    } else {
      connect(rank, cause);
    }
  }

  /// The broker starts and looks for its parent.
  void connect(std::int32_t rank, sim::TransitionId cause) {
    begin_loop(rank, turn_.now());
    if (at(topology_.parent(rank)).process == Process::Running) {
      join(rank, cause);
    } else if (minicluster_.spec.complete_workers) {
      set(rank, Process::Connecting, at(rank).attempt, cause);
    } else {
      at(rank).process = Process::Connecting;
      at(rank).process_at = sim::kNever;
    }
  }

  void join(std::int32_t rank, sim::TransitionId cause) {
    set(rank, Process::Joining, draw(rank, timing::Key::flux_broker_join), cause);
  }

  void joined(std::int32_t rank, sim::TransitionId cause) {
    Broker& broker = at(rank);
    broker.process = Process::Running;
    broker.process_at = sim::kNever;
    if (broker.online) {
      // Source: overlay.c, hello of a rank that was never seen to leave: the old connection is dropped.
      show(rank, false, cause);
    }
    if (rank == 0) {
      leader_up(cause);
    }
    believe(rank, true, draw(rank, timing::Key::flux_online_visible), cause);
    check_quorum(cause);
    for (const std::int32_t child : topology_.children(rank, size())) {
      parent_came(child, cause);
    }
  }

  /// The parent of a broker without one has joined: where in its loop of tries and pauses is it?
  void parent_came(std::int32_t rank, sim::TransitionId cause) {
    Broker& broker = at(rank);
    if (broker.process != Process::Connecting) {
      return;
    }
    const sim::Duration elapsed = turn_.now() - broker.loop_start;
    if (elapsed < sim::Duration::zero()) {
      set(rank, Process::Waiting, -elapsed, cause);
      return;
    }
    const sim::Duration cycle = broker.attempt + broker.pause;
    const sim::Duration phase = elapsed % cycle;
    if (phase < broker.attempt || minicluster_.spec.complete_workers) {
      join(rank, cause);
    } else {
      set(rank, Process::Waiting, cycle - phase, cause);
    }
  }

  /// The process is gone without a word; rank 0 learns of it after `unnoticed`.
  void died(std::int32_t rank, sim::Duration unnoticed, sim::TransitionId cause) {
    Broker& broker = at(rank);
    const bool was_there = broker.process == Process::Running || broker.process == Process::ParentLost;
    const bool had_left = broker.process == Process::Exited;
    broker.process = Process::None;
    broker.process_at = sim::kNever;
    broker.torpid_at = sim::kNever;
    if (had_left) {
      return;  // it said goodbye before
    }
    if (rank == 0) {
      leader_lost(cause);
    } else if (was_there || broker.online) {
      disbelieve_subtree(rank, unnoticed + draw(rank, timing::Key::flux_online_visible), cause);
    }
    if (was_there) {
      children_lose_parent(rank, cause);
    }
  }

  /// The broker has ended by itself with `code`; the script goes on.
  void exited(std::int32_t rank, std::int32_t code, By by_whom) {
    Broker& broker = at(rank);
    const bool was_there = broker.process == Process::Running || broker.process == Process::ParentLost;
    broker.process = Process::None;
    broker.process_at = sim::kNever;
    broker.torpid_at = sim::kNever;
    const sim::TransitionId told =
        tell(turn_, minicluster_.meta.uid, Field::BrokerExited, by_whom, rank, code);
    if (rank == 0) {
      leader_lost(told);
    } else if (broker.online || (broker.belief_at != sim::kNever && broker.belief)) {
      disbelieve_subtree(rank, draw(rank, timing::Key::flux_online_visible), told);
    }
    if (was_there) {
      children_lose_parent(rank, told);
    }
    // Source: wait.sh: rank 0's script ends after its broker, whatever the code; a worker's after code 0 or
    // with completeWorkers; otherwise it sleeps and starts again.
    if (rank == 0 || code == 0 || minicluster_.spec.complete_workers) {
      broker.process = Process::Exited;
      end_container(turn_, broker.pod_row, broker.pod, 0, by(told));
      return;
    }
    begin_loop(rank, turn_.now() + draw(rank, timing::Key::flux_worker_retry));
    if (at(topology_.parent(rank)).process == Process::Running) {
      set(rank, Process::Waiting, broker.loop_start - turn_.now(), told);
    } else {
      broker.process = Process::Connecting;
    }
  }

  void children_lose_parent(std::int32_t rank, sim::TransitionId cause) {
    for (const std::int32_t child : topology_.children(rank, size())) {
      const Process process = at(child).process;
      if (process == Process::Running || process == Process::Joining) {
        set(child, Process::ParentLost, draw(child, timing::Key::flux_lost_detection), cause);
      } else if (process == Process::Waiting) {
        // It sleeps on and then finds nobody.
        at(child).process = Process::Connecting;
        at(child).loop_start = at(child).process_at;
        at(child).process_at = sim::kNever;
      }
    }
  }

  // --- what rank 0 believes --------------------------------------------------------------------------------

  void believe(std::int32_t rank, bool online, sim::Duration in, sim::TransitionId cause) {
    Broker& broker = at(rank);
    broker.belief = online;
    broker.belief_at = turn_.now() + in;
    schedule(Event::BrokerBelief, rank, broker.belief_at, cause);
  }

  /// A rank takes all below it along. Source: overlay.c, a lost child's subtree is lost.
  void disbelieve_subtree(std::int32_t top, sim::Duration in, sim::TransitionId cause) {
    std::vector<std::int32_t> ranks{top};
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      const Broker& broker = at(ranks[i]);
      const bool known = broker.belief_at != sim::kNever && !broker.belief;
      if ((broker.online || broker.belief_at != sim::kNever) && !known) {
        believe(ranks[i], false, in, cause);
      }
      for (const std::int32_t child : topology_.children(ranks[i], size())) {
        ranks.push_back(child);
      }
    }
  }

  void show(std::int32_t rank, bool online, sim::TransitionId cause) {
    Broker& broker = at(rank);
    broker.belief_at = sim::kNever;
    if (broker.online == online) {
      return;
    }
    broker.online = online;
    const sim::TransitionId told =
        tell(turn_, minicluster_.meta.uid, Field::BrokerOnline, by(cause), rank, online ? 1 : 0);
    if (!online) {
      broker.torpid = false;
      flux_jobs::node_failure(turn_, row_, rank, told);
      return;
    }
    verify_cores(rank, told);
    flux_jobs::schedule(turn_, row_, told);
  }

  /// A rank with fewer cores than R gives it drains itself.
  /// Source: flux-core src/modules/resource/topo.c, topo_verify; librlist/rlist.c, rlist_verify.
  void verify_cores(std::int32_t rank, sim::TransitionId cause) {
    const std::int32_t real = node_cores(at(rank).node);
    if (real <= 0 || real >= instance_.cores) {
      return;
    }
    std::vector<int> missing;
    for (std::int32_t core = real; core < instance_.cores; ++core) {
      missing.push_back(core);
    }
    const std::string ids =
        missing.size() == 1 ? idset_compress(missing) : '[' + idset_compress(missing) + ']';
    drain_by_broker(turn_, row_, rank,
                    fmt::format("rank {} ({}) missing resources: core{}", rank,
                                host_of(turn_.cluster(), minicluster_, rank), ids),
                    cause);
  }

  /// Cores that a pod on `node` sees.
  [[nodiscard]] std::int32_t node_cores(Row node) const {
    if (minicluster_.setting.cores > 0) {
      return minicluster_.setting.cores;
    }
    const kubernetes::Cluster& cluster = turn_.cluster();
    return node != kubernetes::kNoRow && cluster.nodes.alive(node)
               ? static_cast<std::int32_t>(cluster.shape_of(cluster.nodes[node]).cpu_millicores / 1000)
               : 0;
  }

  // --- rank 0 ----------------------------------------------------------------------------------------------

  void leader_up(sim::TransitionId cause) {
    Broker& leader = at(0);
    if (instance_.state_pod != leader.pod) {
      // The state directory is an emptyDir: it outlives containers, not the pod.
      if (!instance_.drains.empty()) {
        tell(turn_, minicluster_.meta.uid, Field::DrainsLost, by(cause), 0,
             static_cast<std::int32_t>(instance_.drains.size()));
      }
      instance_.drains.clear();
      instance_.state_pod = leader.pod;
    }
    instance_.cores = node_cores(leader.node);
    instance_.serving = true;
    instance_.quorum_reached = false;
    tell(turn_, minicluster_.meta.uid, Field::LeaderServing, by(cause), 0, 1);
    instance_.quorum_warning_at = turn_.now() + kQuorumWarning;
    schedule(Event::QuorumWarning, 0, instance_.quorum_warning_at, cause);
  }

  void leader_lost(sim::TransitionId cause) {
    if (!instance_.serving) {
      return;
    }
    instance_.serving = false;
    instance_.quorum_reached = false;
    instance_.quorum_warning_at = sim::kNever;
    const sim::TransitionId told = tell(turn_, minicluster_.meta.uid, Field::LeaderServing, by(cause), 1, 0);
    for (Broker& broker : instance_.brokers) {
      broker.online = false;
      broker.torpid = false;
      broker.belief_at = sim::kNever;
      broker.torpid_at = sim::kNever;
    }
    flux_jobs::lose_all(turn_, row_, told);
  }

  void check_quorum(sim::TransitionId cause) {
    if (!instance_.serving || instance_.quorum_reached) {
      return;
    }
    const auto there = std::count_if(instance_.brokers.begin(), instance_.brokers.end(),
                                     [](const Broker& broker) { return broker.process == Process::Running; });
    if (there < instance_.quorum) {
      return;
    }
    instance_.quorum_reached = true;
    instance_.quorum_warning_at = sim::kNever;
    const sim::TransitionId told = tell(turn_, minicluster_.meta.uid, Field::QuorumReached, by(cause), 0,
                                        static_cast<std::int32_t>(there));
    flux_jobs::schedule(turn_, row_, told);
  }

  /// Upstream repeats the line every minute; it is told once, for the repetitions say nothing new.
  void warn_of_quorum(sim::TransitionId cause) {
    std::vector<std::string> hosts;
    std::vector<int> ranks;
    for (std::int32_t rank = 0; rank < size(); ++rank) {
      if (at(rank).process != Process::Running) {
        hosts.push_back(host_of(turn_.cluster(), minicluster_, rank));
        ranks.push_back(rank);
      }
    }
    tell(turn_, minicluster_.meta.uid, Field::QuorumDelayed, by(cause), 0, 0,
         fmt::format("quorum delayed: waiting for {} (rank {})", hostlist_compress(hosts),
                     idset_compress(ranks)));
  }

  // --- containers ------------------------------------------------------------------------------------------

  /// What a watch event of a pod of this MiniCluster's Job means.
  void see_pod(std::int32_t rank, Row pod_row, Uid uid, bool runs, sim::TransitionId cause) {
    Broker& broker = at(rank);
    if (broker.pod == uid && broker.process != Process::None) {
      if (!runs && broker.process != Process::Exited &&
          container_completed(turn_.cluster(), minicluster_, pod_row)) {
        left_in_order(rank, cause);
      } else if (!runs) {
        died(rank, draw(rank, timing::Key::flux_lost_detection), cause);
        take_successor(rank, uid, cause);
      } else if (container_restarts(turn_.cluster(), minicluster_, pod_row) != broker.restarts &&
                 broker.process != Process::Exited) {
        died(rank, draw(rank, timing::Key::flux_lost_detection), cause);
        start(rank, pod_row, cause);
      }
      return;
    }
    if (!runs || node_is_silent(turn_.cluster().pods[pod_row].node)) {
      return;
    }
    if (broker.pod == uid) {
      start(rank, pod_row, cause);  // its container was restarted in place
      return;
    }
    if (broker.process == Process::None || broker.process == Process::Exited) {
      start(rank, pod_row, cause);
    } else if (rank != 0) {
      // Two pods with one host name: the newer broker says hello under the rank of the old one, which still
      // stands in rank 0's books until then. Assumed: nobody talks to the old one any more.
      children_lose_parent(rank, cause);
      start(rank, pod_row, cause);
    }
    // A second rank 0 waits: the old one keeps its children until it dies. Assumed.
  }

  /// The container ended with 0 by itself: its broker shut down in order, rank 0's together with all others.
  void left_in_order(std::int32_t rank, sim::TransitionId cause) {
    if (rank == 0 && at(0).process == Process::Running) {
      shut_down(by(cause));
    } else if (at(rank).process == Process::Running) {
      exited(rank, 0, by(cause));
    } else {
      died(rank, sim::Duration::zero(), cause);
    }
    at(rank).process = Process::None;
  }

  /// All brokers that have joined exit, the leaves first: a parent waits for its children.
  void shut_down(By by_whom) {
    for (std::int32_t rank = size() - 1; rank >= 0; --rank) {
      if (at(rank).process == Process::Running) {
        exited(rank, 0, by_whom);
      }
    }
  }

  /// After the death of a rank's broker: another pod of the index may run already.
  void take_successor(std::int32_t rank, Uid dead, sim::TransitionId cause) {
    const kubernetes::Cluster& cluster = turn_.cluster();
    if (!cluster.jobs.alive(minicluster_.job) ||
        cluster.jobs[minicluster_.job].meta.uid != minicluster_.job_uid) {
      return;
    }
    Row successor = kubernetes::kNoRow;
    kubernetes::view_of(cluster, kubernetes::ObserverId::FluxOperator)
        .each_pod_of(cluster.jobs[minicluster_.job].pods_head, [&](Row pod_row, const kubernetes::Pod& pod) {
          if (pod.index == rank && pod.meta.uid != dead && container_runs(cluster, minicluster_, pod_row) &&
              (successor == kubernetes::kNoRow || pod.meta.uid > cluster.pods[successor].meta.uid)) {
            successor = pod_row;
          }
        });
    if (successor != kubernetes::kNoRow) {
      start(rank, successor, cause);
    }
  }

  [[nodiscard]] bool node_is_silent(Row node) const {
    const kubernetes::Cluster& cluster = turn_.cluster();
    return node == kubernetes::kNoRow || !cluster.nodes.alive(node) || !cluster.nodes[node].kubelet_alive;
  }

  /// A machine went off, or came back.
  void see_node(Row node, sim::TransitionId cause) {
    const bool silent = node_is_silent(node);
    for (std::int32_t rank = 0; rank < size(); ++rank) {
      Broker& broker = at(rank);
      if (broker.node != node || broker.pod == 0) {
        continue;
      }
      const bool gone = broker.process == Process::None;
      if (silent && !gone && broker.process != Process::Exited) {
        died(rank, kHostLostAfter, cause);
      } else if (!silent && gone &&
                 container_runs(turn_.cluster(), minicluster_, broker.pod_row, broker.pod)) {
        start(rank, broker.pod_row, cause);
      }
    }
  }

  /// Everybody whose container runs has joined long ago.
  void settle() {
    const kubernetes::Cluster& cluster = turn_.cluster();
    if (!cluster.jobs.alive(minicluster_.job)) {
      return;
    }
    for (Row pod_row = cluster.jobs[minicluster_.job].pods_head; pod_row != kubernetes::kNoRow;
         pod_row = cluster.pods[pod_row].owner_next) {
      const kubernetes::Pod& pod = cluster.pods[pod_row];
      if (pod.index < 0 || pod.index >= size() || !container_runs(cluster, minicluster_, pod_row) ||
          node_is_silent(pod.node)) {
        continue;
      }
      Broker& broker = at(pod.index);
      broker.pod = pod.meta.uid;
      broker.pod_row = pod_row;
      broker.node = pod.node;
      broker.restarts = container_restarts(cluster, minicluster_, pod_row);
    }
    settle_rank(0);
    instance_.serving = at(0).process == Process::Running;
    instance_.state_pod = at(0).pod;
    instance_.cores = node_cores(at(0).node);
    const auto there = std::count_if(instance_.brokers.begin(), instance_.brokers.end(),
                                     [](const Broker& broker) { return broker.process == Process::Running; });
    instance_.quorum_reached = instance_.serving && there >= instance_.quorum;
  }

 private:
  void settle_rank(std::int32_t rank) {
    std::vector<std::int32_t> ranks{rank};
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      Broker& broker = at(ranks[i]);
      const bool parent_there = ranks[i] == 0 || at(topology_.parent(ranks[i])).process == Process::Running;
      if (broker.pod != 0 && parent_there) {
        broker.process = Process::Running;
        broker.process_at = sim::kNever;
        broker.belief_at = sim::kNever;
        broker.online = true;
      } else if (broker.pod != 0) {
        begin_loop(ranks[i], turn_.now());
        broker.process = Process::Connecting;
      }
      for (const std::int32_t child : topology_.children(ranks[i], size())) {
        ranks.push_back(child);
      }
    }
  }

  void set(std::int32_t rank, Process process, sim::Duration in, sim::TransitionId cause) {
    Broker& broker = at(rank);
    broker.process = process;
    broker.process_at = turn_.now() + in;
    schedule(Event::BrokerProcess, rank, broker.process_at, cause);
  }

  void begin_loop(std::int32_t rank, sim::Time start) {
    Broker& broker = at(rank);
    broker.process_at = sim::kNever;
    broker.loop_start = start;
    const sim::Duration given = minicluster_.spec.connect_timeout;
    broker.attempt = given < sim::Duration::zero()    ? draw(rank, timing::Key::flux_broker_connect)
                     : given == sim::Duration::zero() ? kNoTimeout
                                                      : given;
    broker.pause = draw(rank, timing::Key::flux_worker_retry);
  }

  void schedule(Event event, std::int32_t rank, sim::Time at_time, sim::TransitionId cause) {
    turn_.kubernetes.agenda.schedule(at_time, static_cast<std::uint32_t>(event),
                                     static_cast<std::uint32_t>(rank), minicluster_.meta.uid, cause);
  }

  /// A duration of the profile for this rank, the same luck whatever else happens in the world.
  sim::Duration draw(std::int32_t rank, timing::Key key) {
    const timing::Distribution& distribution = turn_.cluster().settings->profile.at(key);
    if (distribution.is_fixed()) {
      return distribution.nominal();
    }
    const std::string entity = turn_.cluster().strings[minicluster_.meta.name_space] + '/' +
                               host_of(turn_.cluster(), minicluster_, rank);
    return turn_.kubernetes.context.choices.duration(
        {sim::text_hash(entity), kPurposes + static_cast<std::uint32_t>(key), at(rank).draws++},
        distribution);
  }

  FluxTurn& turn_;
  Row row_;
  MiniCluster& minicluster_;
  Instance& instance_;
  Topology topology_;
};

}  // namespace models::flux::brokers
