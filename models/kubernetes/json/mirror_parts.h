#pragma once
// What the workloads of a mirror have in common.

#include <cstdint>
#include <functional>
#include <string>

#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json::mirror_parts {

/// A hash of what is kept of the metadata and may change without a new generation.
inline std::uint64_t hash_of_metadata(const Json& metadata) {
  std::string text;
  for (const char* name : {"annotations", "labels", "finalizers", "deletionTimestamp"}) {
    const Json* value = member(metadata, name);
    text += value == nullptr ? "null" : value->dump();
    text += '\n';
  }
  return std::hash<std::string>{}(text);
}

/// The spec as it was read, with the identity and the lists of what is stored.
template <class T>
void take_spec(const T& from, T& to) {
  to.spec = from.spec;
  to.manifest = from.manifest;
  to.labels_json = from.labels_json;
  to.propagation = from.propagation;
  to.meta.generation = from.meta.generation;
  to.meta.deletion_timestamp = from.meta.deletion_timestamp;
}

}  // namespace models::kubernetes::json::mirror_parts
