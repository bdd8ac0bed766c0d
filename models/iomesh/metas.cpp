#include "models/iomesh/metas.h"

#include <algorithm>

#include "models/iomesh/chunks.h"
#include "models/iomesh/data_moves.h"
#include "models/kubernetes/object_writes.h"

namespace models::iomesh::metas {

namespace {

struct Running {
  std::vector<kubernetes::Row> pods;  ///< by rising ordinal
  std::int32_t members = 0;
};

Running running(const Turn& turn) {
  const kubernetes::Cluster& cluster = turn.cluster();
  const kubernetes::Row set = cluster.find_statefulset(cluster.strings[turn.state.name_space], kMetaSet);
  Running found;
  if (set == kubernetes::kNoRow) {
    return found;
  }
  found.members = cluster.statefulsets[set].spec.replicas;
  for (kubernetes::Row row = cluster.statefulsets[set].pods_head; row != kubernetes::kNoRow;
       row = cluster.pods[row].owner_next) {
    if (!cluster.pods[row].meta.removed && serves(cluster, row)) {
      found.pods.push_back(row);
    }
  }
  std::sort(found.pods.begin(), found.pods.end(), [&](kubernetes::Row a, kubernetes::Row b) {
    return cluster.pods[a].index < cluster.pods[b].index;
  });
  return found;
}

void label(Turn& turn, kubernetes::Row pod, bool leads, sim::TransitionId cause) {
  kubernetes::json::Json patch;
  kubernetes::json::Json& value = patch["metadata"]["labels"][std::string(kLeaderLabel)];
  value = leads ? kubernetes::json::Json("true") : kubernetes::json::Json(nullptr);
  kubernetes::ApiError error;
  kubernetes::WriteNotes notes;
  const auto writer = static_cast<kubernetes::Writer>(Writer::MetaServer);
  kubernetes::patch_object(turn.kubernetes, kubernetes::Kind::Pod, pod, patch, {writer, cause}, error, notes);
}

sim::TransitionId latest(const Turn& turn, sim::TransitionId first) {
  const sim::TransitionId next = turn.kubernetes.context.history.next_id();
  return first < next ? next - 1 : sim::kNoTransition;
}

}  // namespace

bool leads(const State& state, const kubernetes::Cluster& cluster, kubernetes::Row pod) {
  return state.leader != 0 && cluster.pods[pod].meta.uid == state.leader && serves(cluster, pod);
}

void observe(Turn& turn, sim::TransitionId first) {
  State& state = turn.state;
  const Running now = running(turn);
  const bool leader_runs = std::any_of(now.pods.begin(), now.pods.end(), [&](kubernetes::Row row) {
    return turn.cluster().pods[row].meta.uid == state.leader;
  });
  const bool quorum = static_cast<std::int32_t>(now.pods.size()) * 2 > now.members;
  sim::TransitionId cause = latest(turn, first);
  const bool changed = quorum != state.quorum || (state.leader != 0 && !leader_runs);
  const bool returned = quorum && !state.quorum && leader_runs;
  if (quorum != state.quorum) {
    state.quorum = quorum;
    state.quorum_seen = state.quorum_seen || quorum;
    cause = tell(turn, state.uid, Field::MetaQuorum, by(Writer::MetaServer, cause), quorum ? 0 : 1,
                 quorum ? 1 : 0);
  }
  if (state.leader != 0 && !leader_runs) {
    state.leader = 0;
    cause = tell(turn, state.uid, Field::MetaLeader, by(Writer::MetaServer, cause));
  }
  if (state.leader == 0 && quorum && state.election_at == sim::kNever) {
    state.election_at = turn.now() + state.parameters.election;
    schedule(turn, state.election_at, Event::Elect, 0, cause);
  }
  if (returned) {
    moves::replan(turn, cause);  // the old leader goes on with what the loss of the quorum had ended
  } else if (changed) {
    moves::replan_if_under_way(turn, cause);
  }
}

void on_elect(Turn& turn, sim::TransitionId cause) {
  State& state = turn.state;
  if (state.election_at != turn.now()) {
    return;
  }
  state.election_at = sim::kNever;
  const Running now = running(turn);
  if (!state.quorum || now.pods.empty() || state.leader != 0) {
    return;
  }
  const kubernetes::Row chosen = now.pods.front();
  const kubernetes::Cluster& cluster = turn.cluster();
  for (kubernetes::Row row = 0; row < cluster.pods.extent(); ++row) {
    if (row != chosen && cluster.pods.exists(row) && cluster.label_of(cluster.pods[row], kLeaderLabel)) {
      label(turn, row, false, cause);
    }
  }
  state.leader = cluster.pods[chosen].meta.uid;
  const sim::TransitionId told = tell(turn, state.uid, Field::MetaLeader, by(Writer::MetaServer, cause), 0, 1,
                                      cluster.name_of(cluster.pods[chosen]));
  label(turn, chosen, true, told);
  chunks::observe(turn, told);
  moves::replan(turn, told);
}

}  // namespace models::iomesh::metas
