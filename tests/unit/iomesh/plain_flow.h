#pragma once
// A second opinion on what fits where: slow and obvious, by the maximum flow of Boost.Graph.

#include <cstdint>
#include <span>
#include <vector>

#include "models/iomesh/move_plan.h"

namespace models::iomesh::testing_support {

/// The most bytes of `needs` that can be placed: a network from a source over needs and targets to a sink.
std::int64_t most_placed(std::span<const ExtentGroup> groups, std::span<const Need> needs,
                         std::span<const Target> targets);

}  // namespace models::iomesh::testing_support
