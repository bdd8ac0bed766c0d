#pragma once

#include <algorithm>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

/// The pods that the API serves on the node at `node`, which may be gone itself; the oldest first.
inline std::vector<Row> pods_on_node(const Cluster& cluster, Row node) {
  std::vector<Row> rows;
  for (Row row = cluster.nodes[node].pods_head; row != kNoRow; row = cluster.pods[row].node_next) {
    if (cluster.pods.exists(row)) {
      rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end(),
            [&](Row a, Row b) { return cluster.pods[a].meta.uid < cluster.pods[b].meta.uid; });
  return rows;
}

}  // namespace models::kubernetes
