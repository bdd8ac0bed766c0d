#include "models/kubernetes/replicaset_index.h"

#include <algorithm>

namespace models::kubernetes {

namespace {

bool is_deployment(const OwnerRef& owner) { return owner.kind == Kind::Deployment && owner.row != kNoRow; }

std::vector<Row>& place_of(ReplicaSetIndex& index, const OwnerRef& owner) {
  if (!is_deployment(owner)) {
    return index.of_none;
  }
  if (owner.row >= index.of_deployment.size()) {
    index.of_deployment.resize(owner.row + std::size_t{1});
  }
  return index.of_deployment[owner.row];
}

}  // namespace

const std::vector<Row>& replicasets_of(const ReplicaSetIndex& index, const OwnerRef& owner) {
  static const std::vector<Row> none;
  if (!is_deployment(owner)) {
    return index.of_none;
  }
  return owner.row < index.of_deployment.size() ? index.of_deployment[owner.row] : none;
}

namespace detail {

void file_replicaset(ReplicaSetIndex& index, Row row, const OwnerRef& owner) {
  std::vector<Row>& rows = place_of(index, owner);
  const auto place = std::lower_bound(rows.begin(), rows.end(), row);
  if (place == rows.end() || *place != row) {
    rows.insert(place, row);
  }
}

void forget_filed_replicaset(ReplicaSetIndex& index, Row row, const OwnerRef& owner) {
  std::vector<Row>& rows = place_of(index, owner);
  const auto place = std::lower_bound(rows.begin(), rows.end(), row);
  if (place != rows.end() && *place == row) {
    rows.erase(place);
  }
}

}  // namespace detail

}  // namespace models::kubernetes
