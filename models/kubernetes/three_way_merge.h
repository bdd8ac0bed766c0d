#pragma once

#include "models/kubernetes/json/fields.h"

namespace models::kubernetes {

/// A JSON merge patch (RFC 7386) applied to `target`: null takes a field out, lists are replaced.
/// Source: kubectl patch --type=merge; evanphx/json-patch MergePatch.
void apply_merge_patch(json::Json& target, const json::Json& patch);

/// What `kubectl apply` makes of a stored object: fields of `modified` (the manifest) win; fields that the
/// manifest applied last (`original`) had and this one lacks are taken out; everything else of `current`
/// stays. Lists of containers, volumes, environment, ports, mounts, taints are merged by their keys, other
/// lists are replaced. Source: apimachinery pkg/util/strategicpatch CreateThreeWayMergePatch; merge keys of
/// k8s.io/api.
json::Json three_way_merge(const json::Json& original, const json::Json& modified, const json::Json& current);

}  // namespace models::kubernetes
