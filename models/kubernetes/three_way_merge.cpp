#include "models/kubernetes/three_way_merge.h"

#include <string_view>

#include "models/kubernetes/strategic_merge.h"

namespace models::kubernetes {

namespace {

using json::Json;

/// The item of `list` with the same key as `item`; nullptr if there is none.
const Json* find_item(const Json& list, const Json& item, std::string_view key) {
  const Json* wanted = json::member(item, key);
  if (wanted == nullptr || !list.is_array()) {
    return nullptr;
  }
  for (const Json& candidate : list) {
    const Json* value = json::member(candidate, key);
    if (value != nullptr && *value == *wanted) {
      return &candidate;
    }
  }
  return nullptr;
}

Json merge(const Json& original, const Json& modified, const Json& current, std::string_view name);

/// Items in the order of the manifest, then those that somebody else has added.
Json merge_list(const Json& original, const Json& modified, const Json& current, std::string_view key) {
  Json result = Json::array();
  for (const Json& item : modified) {
    const Json* before = find_item(original, item, key);
    const Json* live = find_item(current, item, key);
    result.push_back(live == nullptr ? item : merge(before == nullptr ? Json() : *before, item, *live, ""));
  }
  for (const Json& item : current) {
    if (find_item(modified, item, key) == nullptr && find_item(original, item, key) == nullptr) {
      result.push_back(item);
    }
  }
  return result;
}

Json merge(const Json& original, const Json& modified, const Json& current, std::string_view name) {
  if (modified.is_array() && current.is_array()) {
    const std::string_view key = patch_merge_key(name);
    return key.empty() ? modified : merge_list(original, modified, current, key);
  }
  if (!modified.is_object() || !current.is_object()) {
    return modified;
  }
  Json result = current;
  for (auto it = modified.begin(); it != modified.end(); ++it) {
    if (it->is_null()) {
      result.erase(it.key());
      continue;
    }
    const Json* live = json::member(current, it.key());
    const Json* before = json::member(original, it.key());
    result[it.key()] =
        live == nullptr ? *it : merge(before == nullptr ? Json() : *before, *it, *live, it.key());
  }
  if (original.is_object()) {
    for (auto it = original.begin(); it != original.end(); ++it) {
      if (!modified.contains(it.key())) {
        result.erase(it.key());
      }
    }
  }
  return result;
}

}  // namespace

void apply_merge_patch(Json& target, const Json& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) {
    target = Json::object();
  }
  for (auto it = patch.begin(); it != patch.end(); ++it) {
    if (it->is_null()) {
      target.erase(it.key());
    } else {
      apply_merge_patch(target[it.key()], *it);
    }
  }
}

Json three_way_merge(const Json& original, const Json& modified, const Json& current) {
  return merge(original, modified, current, "");
}

}  // namespace models::kubernetes
