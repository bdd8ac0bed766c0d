#pragma once
// The Flux part of a world: a plain value beside the Kubernetes cluster.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/flux/minicluster.h"
#include "models/flux/vocabulary.h"
#include "models/kubernetes/api.h"
#include "sim/hash.h"
#include "sim/table.h"

namespace models::flux {

/// A Job whose MiniCluster is gone: the garbage collector deletes it at `at`.
struct Collection {
  Row job = kubernetes::kNoRow;
  Uid uid = 0;
  sim::Time at{};
};

/// All MiniClusters. The operator reads them directly, after the latency of its watch and its queue.
struct State {
  sim::Table<MiniCluster> miniclusters;
  std::vector<Collection> collections;

  /// The row of a MiniCluster, or kubernetes::kNoRow.
  [[nodiscard]] Row find(const kubernetes::Strings& strings, std::string_view name_space,
                         std::string_view name) const;
  [[nodiscard]] Row find_uid(Uid uid) const;
  /// The MiniCluster whose Job has that uid.
  [[nodiscard]] Row find_job(Uid job_uid) const;
};

/// One dispatch: the Flux state beside a turn of the cluster.
struct FluxTurn {
  State& state;
  kubernetes::Turn kubernetes;

  [[nodiscard]] sim::Time now() const { return kubernetes.now(); }
  [[nodiscard]] kubernetes::Cluster& cluster() const { return kubernetes.cluster; }
  [[nodiscard]] MiniCluster& at(Row row) const { return state.miniclusters[row]; }
};

/// Performs a pending event of this model, codes of `Event`.
void dispatch(FluxTurn& turn, const sim::PendingEvent& event);

/// Delivers what the operator and the brokers see of the cluster: for kubernetes::Event::Deliver with subject
/// ObserverId::FluxOperator.
void on_delivery(FluxTurn& turn);

/// Adds everything that a rule, a command or a choice can still read. Times count from `now`; what is only
/// history is left out. Pending events of `Event` need not be hashed, for the state holds what is due.
/// Objects are named by namespace, name, rank and job index, never by uid or row.
void hash(const State& state, const kubernetes::Cluster& cluster, sim::Time now, sim::Hasher& hasher);

/// Emits a transition about a MiniCluster now.
sim::TransitionId tell(FluxTurn& turn, Uid minicluster, Field field, kubernetes::By by, std::int32_t from = 0,
                       std::int32_t to = 0, std::string text = {});

/// The name of a rank's host: `<minicluster>-<rank>`.
std::string host_of(const kubernetes::Cluster& cluster, const MiniCluster& minicluster, std::int32_t rank);

}  // namespace models::flux
