#pragma once
// The brokers of a MiniCluster: they start with their pods, find their parents, join, leave, are lost, and
// try again.
//
// Source: flux-operator templates/wait.sh (the worker's loop); flux-core src/broker/overlay.c and
// state_machine.c, src/modules/resource/monitor.c.

#include <cstdint>

#include "models/flux/state.h"
#include "models/kubernetes/watch.h"

namespace models::flux::brokers {

/// A watch event of a pod or a node: containers that started or ended, nodes that went silent.
void observe(FluxTurn& turn, const kubernetes::WatchEvent& event);

void on_process(FluxTurn& turn, Row minicluster, std::int32_t rank, sim::TransitionId cause);
void on_belief(FluxTurn& turn, Row minicluster, std::int32_t rank, sim::TransitionId cause);
void on_torpid(FluxTurn& turn, Row minicluster, std::int32_t rank, sim::TransitionId cause);
void on_quorum_warning(FluxTurn& turn, Row minicluster, sim::TransitionId cause);

/// SIGTERM to the broker of a rank (`flux exec -r RANK kill …`): it shuts down in order and exits with 0; on
/// rank 0 the whole instance. @return false when no broker runs there.
bool terminate(FluxTurn& turn, Row minicluster, std::int32_t rank, kubernetes::By by);

/// `flux overlay disconnect RANK`: the broker loses its parent and exits with 1. @return false when it is
/// rank 0 or has not joined.
bool disconnect(FluxTurn& turn, Row minicluster, std::int32_t rank, kubernetes::By by);

/// `flux shutdown`, or the end of rank 0's program: all brokers that have joined exit with 0. Assumed: at
/// once.
/// @return false when rank 0 does not answer.
bool shutdown(FluxTurn& turn, Row minicluster, kubernetes::By by);

/// The broker stays connected but says nothing any more (or speaks again): torpid after 30 s.
void freeze(FluxTurn& turn, Row minicluster, std::int32_t rank, bool frozen, kubernetes::By by);

/// Puts all brokers whose containers run where they would be in the end: joined and online. For worlds that
/// begin with a cluster at work, where nothing of this happened during the scenario.
void settle(FluxTurn& turn, Row minicluster);

/// Makes the brokers of a new instance, none of them running.
void prepare(Instance& instance);

}  // namespace models::flux::brokers
