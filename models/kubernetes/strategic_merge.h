#pragma once
// Strategic merge patches: JSON merge patches that know which lists are merged item by item.

#include <string>

#include "models/kubernetes/json/fields.h"

namespace models::kubernetes {

/// Why a strategic merge patch cannot be applied.
struct StrategicMergeError {
  std::string text;          ///< empty: no error
  bool bad_request = false;  ///< the API answers 400; otherwise 500, as of an error that it does not know
  explicit operator bool() const { return !text.empty(); }
};

/// Applies a strategic merge patch to `target`, which is left in any state on an error. Lists with a
/// patchMergeKey are merged by it, those with patchStrategy merge as sets, all others are replaced;
/// `$patch`, `$deleteFromPrimitiveList`, `$setElementOrder` and `$retainKeys` do what upstream says.
/// Source: apimachinery pkg/util/strategicpatch/patch.go mergeMap, mergeSlice, normalizeElementOrder; the
/// patchStrategy and patchMergeKey tags of k8s.io/api.
StrategicMergeError apply_strategic_merge_patch(json::Json& target, const json::Json& patch);

/// The key by which the items of a list of that name are merged; empty: the list is replaced as a whole.
std::string_view patch_merge_key(std::string_view list);

}  // namespace models::kubernetes
