#pragma once
// A second, plain scheduler for tests: it looks at every node and at every pod on it, and counts nothing in
// advance. Written from the same upstream source; the scheduler of the model must decide the same.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::testing_support {

struct PlainDecision {
  std::optional<Row> node;  ///< where the search goes
  std::size_t ties = 0;     ///< how many nodes were equally good
  std::string reasons;      ///< without a node: the list of reasons
  std::uint32_t next_start = 0;
};

/// @param next_start  where among the nodes the search begins.
PlainDecision decide_plainly(const Cluster& cluster, const Pod& pod, std::uint32_t next_start);

}  // namespace models::kubernetes::testing_support
