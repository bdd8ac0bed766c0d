#pragma once
// The few pods that a pass of the pod garbage collector is about, so that they are not looked for among all.

#include "models/kubernetes/row_set.h"

namespace models::kubernetes {

/// Supersets: who looks something up asks the pod again.
struct PodIndex {
  RowSet ended;            ///< phase Succeeded or Failed
  RowSet leaving_unbound;  ///< deletion requested, and bound to no node
};

namespace detail {
/// Files the pod at `row` after a write; `exists`: the API serves it.
inline void file_pod_state(PodIndex& index, Row row, const Pod& pod, bool exists) {
  index.ended.set(row, exists && pod.terminal());
  index.leaving_unbound.set(row, exists && pod.meta.deleting() && pod.node == kNoRow);
}
}  // namespace detail

}  // namespace models::kubernetes
