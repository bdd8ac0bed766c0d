#pragma once
// What people and operators write: objects as JSON go through decoding, defaults, admission, and become
// writes of the API. Kinds of other folders are "unknown" here.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/admission.h"
#include "models/kubernetes/api.h"

namespace models::kubernetes {

/// What else a write has to say.
struct WriteNotes {
  std::vector<std::string> warnings;      ///< of the API server, as kubectl prints them after `Warning: `
  std::vector<json::Problem> unmodelled;  ///< fields that were stored and that no rule here reads
};

/// The kind of a manifest, by `apiVersion` and `kind`; Kind::None with `error` set (NoMatch, or BadRequest
/// where they are missing) for one that the cluster does not serve.
Kind manifest_kind(const json::Json& manifest, ApiError& error);

/// Whether the API can decode the object: types as upstream's decoder checks them, no unknown field.
/// @return false with `error` set (BadRequest).
bool decode_strictly(Kind kind, const json::Json& object, ApiError& error, WriteNotes& notes);

/// Creates an object from its manifest. `name_space` is used where the manifest names none. Unknown fields
/// are refused, as kubectl asks for (`--validate=strict`).
/// @return the outcome; when it is not Ok, `error` says why: Invalid, AlreadyExists, BadRequest …
WriteResult create_object(Turn& turn, const json::Json& manifest, std::string_view name_space, By by,
                          ApiError& error, WriteNotes& notes);

/// Applies a JSON merge patch (`kubectl patch --type=merge`) to a stored object. Unknown fields are dropped
/// with a warning. A patch that changes nothing writes nothing (no transition). generation + 1 when the spec
/// changes.
WriteResult patch_object(Turn& turn, Kind kind, Row row, const json::Json& merge_patch, By by,
                         ApiError& error, WriteNotes& notes);

/// The media types of a patch.
enum class PatchType : std::uint8_t { Json, Merge, Strategic };
/// The same for a patch of that type: RFC 6902 operations, an RFC 7386 merge patch, a strategic merge patch.
/// Source: apiserver endpoints/handlers/patch.go jsonPatcher.applyJSPatch, smpPatcher.
WriteResult patch_object(Turn& turn, Kind kind, Row row, const json::Json& patch, PatchType type, By by,
                         ApiError& error, WriteNotes& notes);

/// Writes status.phase of a pod, as its status subresource takes it from whoever asks; the rest of the status
/// stays. Source: pkg/registry/core/pod/strategy.go, podStatusStrategy. Assumed: the pod's kubelet leaves the
/// phase as it is (upstream's would write its own after at most 10 s, if the pod still exists then).
/// REQUIRES: `phase` is Failed or Succeeded.
WriteResult write_pod_phase(Turn& turn, Row row, PodPhase phase, By by, ApiError& error);

/// Stores `changed` (the whole object as JSON) in place of what is stored at `row`: the end of every patch
/// and apply.
WriteResult replace_object(Turn& turn, Kind kind, Row row, json::Json changed, By by, ApiError& error,
                           WriteNotes& notes);

enum class Applied : std::uint8_t { Created, Configured, Unchanged };
struct ApplyOutcome {
  Applied applied = Applied::Unchanged;
  Kind kind = Kind::None;
  Row row = kNoRow;
};
/// `kubectl apply` of one manifest: creates the object, or merges three ways with what was applied last.
WriteResult apply_object(Turn& turn, const json::Json& manifest, std::string_view name_space, By by,
                         ApiError& error, ApplyOutcome& outcome, WriteNotes& notes);

/// The scale subresource, which StatefulSets, ReplicaSets and Deployments have here. Source:
/// pkg/registry/apps/{statefulset,replicaset,deployment}/storage ScaleREST.
WriteResult scale_object(Turn& turn, Kind kind, Row row, std::int32_t replicas, By by, ApiError& error);

}  // namespace models::kubernetes
