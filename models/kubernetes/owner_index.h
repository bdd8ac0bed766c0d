#pragma once
// Which objects of a kind an owner may control, so that they are not looked for among all.

#include <vector>

#include "models/kubernetes/objects.h"

namespace models::kubernetes {

/// A superset: an object stays where it was until its row is reused, because an observer that lags may still
/// see it there. Who looks something up asks the owner again.
struct OwnerIndex {
  std::vector<std::vector<Row>> of_owner;  ///< by row of the owner; each ascending
  std::vector<Row> of_none;                ///< without such an owner; ascending
};

/// The rows that the owner at `owner` may control; of those without one, if it is kNoRow.
const std::vector<Row>& owned_rows(const OwnerIndex& index, Row owner);
/// Those together with the ones that have no owner; ascending.
std::vector<Row> owned_or_free_rows(const OwnerIndex& index, Row owner);

namespace detail {
void file_under_owner(OwnerIndex& index, Row row, Row owner);
void forget_under_owner(OwnerIndex& index, Row row, Row owner);
}  // namespace detail

}  // namespace models::kubernetes
