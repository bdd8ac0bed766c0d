#pragma once
// The tables of `kubectl get`: what stands in the cells. Columns are padded elsewhere.

#include <span>
#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

struct Table {
  std::vector<std::string> columns;  ///< headers in capitals
  std::vector<std::vector<std::string>> rows;
  friend bool operator==(const Table&, const Table&) = default;
};

/// The columns of a kind in the cluster's version; `wide` adds those of `-o wide`.
std::vector<std::string> columns_of(const Features& features, Kind kind, bool wide);
/// The cells of one object. REQUIRES: the row exists, the kind is one of this folder.
std::vector<std::string> cells_of(const Cluster& cluster, Kind kind, Row row, bool wide, sim::Time now);
/// A table of the objects at `rows`, in that order. Addresses, images of nodes and such that a described
/// cluster does not have print as kubectl prints the absent. Source:
/// pkg/printers/internalversion/printers.go.
Table table_for(const Cluster& cluster, Kind kind, std::span<const Row> rows, bool wide, sim::Time now);

/// The word in a pod's STATUS column. Source: printers.go printPod.
std::string pod_status_word(const Cluster& cluster, const Pod& pod);
/// `Ready,SchedulingDisabled`. Source: printers.go printNode.
std::string node_status_word(const Node& node);

}  // namespace models::kubernetes
