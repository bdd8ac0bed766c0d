#pragma once
// Which ControllerRevisions a StatefulSet or a DaemonSet may control, so that they are not looked for among
// all.

#include <vector>

#include "models/kubernetes/owner_index.h"

namespace models::kubernetes {

struct RevisionIndex {
  OwnerIndex of_statefulsets;  ///< by row of the StatefulSet; none: also what other kinds own
  OwnerIndex of_daemonsets;    ///< by row of the DaemonSet
};

/// The rows of the revisions that the StatefulSet at `set` controls or may adopt; ascending, as a superset.
std::vector<Row> revisions_for_statefulset(const RevisionIndex& index, Row set);
/// The rows of the revisions that the DaemonSet at `set` may control; ascending, as a superset.
const std::vector<Row>& revisions_of_daemonset(const RevisionIndex& index, Row set);

namespace detail {
/// Files the revision at `row` under its owner.
void file_revision(RevisionIndex& index, Row row, const OwnerRef& owner);
/// The row of a revision that is gone is about to be reused.
void forget_filed_revision(RevisionIndex& index, Row row, const OwnerRef& owner);
}  // namespace detail

}  // namespace models::kubernetes
