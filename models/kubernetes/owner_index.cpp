#include "models/kubernetes/owner_index.h"

#include <algorithm>
#include <iterator>

namespace models::kubernetes {

namespace {

std::vector<Row>& place_of(OwnerIndex& index, Row owner) {
  if (owner == kNoRow) {
    return index.of_none;
  }
  if (owner >= index.of_owner.size()) {
    index.of_owner.resize(owner + std::size_t{1});
  }
  return index.of_owner[owner];
}

}  // namespace

const std::vector<Row>& owned_rows(const OwnerIndex& index, Row owner) {
  static const std::vector<Row> none;
  if (owner == kNoRow) {
    return index.of_none;
  }
  return owner < index.of_owner.size() ? index.of_owner[owner] : none;
}

std::vector<Row> owned_or_free_rows(const OwnerIndex& index, Row owner) {
  const std::vector<Row>& own = owned_rows(index, owner);
  std::vector<Row> rows;
  rows.reserve(own.size() + index.of_none.size());
  std::set_union(own.begin(), own.end(), index.of_none.begin(), index.of_none.end(),
                 std::back_inserter(rows));
  return rows;
}

namespace detail {

void file_under_owner(OwnerIndex& index, Row row, Row owner) {
  std::vector<Row>& rows = place_of(index, owner);
  const auto place = std::lower_bound(rows.begin(), rows.end(), row);
  if (place == rows.end() || *place != row) {
    rows.insert(place, row);
  }
}

void forget_under_owner(OwnerIndex& index, Row row, Row owner) {
  std::vector<Row>& rows = place_of(index, owner);
  const auto place = std::lower_bound(rows.begin(), rows.end(), row);
  if (place != rows.end() && *place == row) {
    rows.erase(place);
  }
}

}  // namespace detail

}  // namespace models::kubernetes
