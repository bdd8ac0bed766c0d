#pragma once
// Meta servers: their quorum and their leader, whose pod carries the label iomesh.com/meta-leader.
//
// Source: IOMesh documentation, Scale Down Cluster (the label selects the leader's pod). Assumed: the running
// pod with the lowest ordinal is elected, the label's value is "true", and while there is no quorum data
// stays where it is.

#include "models/iomesh/state.h"

namespace models::iomesh::metas {

inline constexpr std::string_view kLeaderLabel = "iomesh.com/meta-leader";

void observe(Turn& turn, sim::TransitionId first);
void on_elect(Turn& turn, sim::TransitionId cause);

/// Whether `pod` is the leader's, and it runs.
bool leads(const State& state, const kubernetes::Cluster& cluster, kubernetes::Row pod);

}  // namespace models::iomesh::metas
