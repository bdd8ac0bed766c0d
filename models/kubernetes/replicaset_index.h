#pragma once
// Which ReplicaSets a Deployment may control, so that they are not looked for among all.

#include <vector>

#include "models/kubernetes/owner_index.h"

namespace models::kubernetes {

/// By row of the Deployment.
struct ReplicaSetIndex {
  OwnerIndex rows;
};

/// The rows of the ReplicaSets that `owner` may control; of those without a Deployment, if it is none.
const std::vector<Row>& replicasets_of(const ReplicaSetIndex& index, const OwnerRef& owner);
inline const std::vector<Row>& replicasets_of(const ReplicaSetIndex& index, Row deployment, Uid uid) {
  return replicasets_of(index, {Kind::Deployment, deployment, uid});
}

namespace detail {
/// Files the ReplicaSet at `row` under its owner.
void file_replicaset(ReplicaSetIndex& index, Row row, const OwnerRef& owner);
/// The row of a ReplicaSet that is gone is about to be reused.
void forget_filed_replicaset(ReplicaSetIndex& index, Row row, const OwnerRef& owner);
}  // namespace detail

}  // namespace models::kubernetes
