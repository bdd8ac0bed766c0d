#include "models/kubernetes/replicaset_index.h"

namespace models::kubernetes {

namespace {

Row deployment_of(const OwnerRef& owner) { return owner.kind == Kind::Deployment ? owner.row : kNoRow; }

}  // namespace

const std::vector<Row>& replicasets_of(const ReplicaSetIndex& index, const OwnerRef& owner) {
  return owned_rows(index.rows, deployment_of(owner));
}

namespace detail {

void file_replicaset(ReplicaSetIndex& index, Row row, const OwnerRef& owner) {
  file_under_owner(index.rows, row, deployment_of(owner));
}

void forget_filed_replicaset(ReplicaSetIndex& index, Row row, const OwnerRef& owner) {
  forget_under_owner(index.rows, row, deployment_of(owner));
}

}  // namespace detail

}  // namespace models::kubernetes
