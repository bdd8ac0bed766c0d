#include "models/kubernetes/revision_index.h"

namespace models::kubernetes {

std::vector<Row> revisions_for_statefulset(const RevisionIndex& index, Row set) {
  return owned_or_free_rows(index.of_statefulsets, set);
}

const std::vector<Row>& revisions_of_daemonset(const RevisionIndex& index, Row set) {
  return owned_rows(index.of_daemonsets, set);
}

namespace detail {

void file_revision(RevisionIndex& index, Row row, const OwnerRef& owner) {
  if (owner.kind == Kind::DaemonSet) {
    file_under_owner(index.of_daemonsets, row, owner.row);
  } else {
    file_under_owner(index.of_statefulsets, row, owner.kind == Kind::StatefulSet ? owner.row : kNoRow);
  }
}

void forget_filed_revision(RevisionIndex& index, Row row, const OwnerRef& owner) {
  if (owner.kind == Kind::DaemonSet) {
    forget_under_owner(index.of_daemonsets, row, owner.row);
  } else {
    forget_under_owner(index.of_statefulsets, row, owner.kind == Kind::StatefulSet ? owner.row : kNoRow);
  }
}

}  // namespace detail

}  // namespace models::kubernetes
