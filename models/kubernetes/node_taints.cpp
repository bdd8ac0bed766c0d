#include "models/kubernetes/node_taints.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/kubernetes/node_zones.h"

namespace models::kubernetes::node_taints {

namespace {

constexpr const char* kUnschedulable = "node.kubernetes.io/unschedulable";

WriteResult set_taints(Turn& turn, Row row, std::vector<Taint> taints, sim::TransitionId cause) {
  const std::uint32_t taint_set = turn.cluster.add_taint_set(std::move(taints));
  return update<Node>(turn, row, {Writer::NodeLifecycleController, cause}, Verb::Update,
                      [&](Node& node) { node.taint_set = taint_set; });
}

}  // namespace

Ready ready_of(const Node& node) {
  return !node.reported       ? Ready::None
         : node.ready_unknown ? Ready::Unknown
         : node.ready         ? Ready::True
                              : Ready::False;
}

bool has_taint(const Cluster& cluster, Row row, std::string_view key, std::string_view effect) {
  const std::vector<Taint>& taints = cluster.taints_of(cluster.nodes[row]);
  return std::any_of(taints.begin(), taints.end(),
                     [&](const Taint& taint) { return taint.key == key && taint.effect == effect; });
}

bool has_no_execute_twin(const Cluster& cluster, Row row) {
  return has_taint(cluster, row, kUnreachable, "NoExecute") ||
         has_taint(cluster, row, kNotReady, "NoExecute");
}

bool swap_no_execute(Turn& turn, Row row, const char* add, const char* remove, sim::TransitionId cause) {
  std::vector<Taint> taints = turn.cluster.taints_of(turn.cluster.nodes[row]);
  const Taint wanted{add, "", "NoExecute"};
  std::erase(taints, Taint{remove, "", "NoExecute"});
  if (std::find(taints.begin(), taints.end(), wanted) == taints.end()) {
    taints.push_back(wanted);
  }
  return set_taints(turn, row, std::move(taints), cause).ok();
}

void mark_reachable(Turn& turn, Row row, sim::TransitionId cause) {
  std::vector<Taint> taints = turn.cluster.taints_of(turn.cluster.nodes[row]);
  std::erase(taints, Taint{kUnreachable, "", "NoExecute"});
  std::erase(taints, Taint{kNotReady, "", "NoExecute"});
  if (set_taints(turn, row, std::move(taints), cause).ok()) {
    node_zones::dequeue(turn.cluster, row);
  }
}

void taint_no_schedule(Turn& turn, Row row, sim::TransitionId cause) {
  const Node& node = turn.cluster.nodes[row];
  const Ready ready = ready_of(node);
  std::vector<Taint> taints = turn.cluster.taints_of(node);
  const auto settle = [&](const char* key, bool wanted) {
    const Taint twin{key, "", "NoSchedule"};
    const auto found = std::find_if(taints.begin(), taints.end(), [&](const Taint& taint) {
      return taint.key == twin.key && taint.effect == twin.effect;
    });
    if (wanted && found == taints.end()) {
      taints.push_back(twin);
    } else if (!wanted && found != taints.end()) {
      taints.erase(found);
    }
  };
  settle(kNotReady, ready == Ready::False);
  settle(kUnreachable, ready == Ready::Unknown);
  settle(kUnschedulable, node.unschedulable);
  if (taints != turn.cluster.taints_of(node)) {
    set_taints(turn, row, std::move(taints), cause);
  }
}

}  // namespace models::kubernetes::node_taints
