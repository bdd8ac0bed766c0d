#include "models/kubernetes/strategic_merge.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace models::kubernetes {

namespace {

using json::Json;

constexpr std::string_view kDirective = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kDeleteFrom = "$deleteFromPrimitiveList/";
constexpr std::string_view kOrder = "$setElementOrder/";

struct MergeKey {
  std::string_view list;
  std::string_view key;
};
/// Source: the patchMergeKey tags of k8s.io/api core/v1, apps/v1, batch/v1, policy/v1 and apimachinery
/// meta/v1 types. `ports` is that of containers. Taints and tolerations have none.
constexpr std::array<MergeKey, 17> kMergeKeys{{
    {"addresses", "type"},
    {"conditions", "type"},
    {"containers", "name"},
    {"env", "name"},
    {"ephemeralContainers", "name"},
    {"hostAliases", "ip"},
    {"imagePullSecrets", "name"},
    {"initContainers", "name"},
    {"ownerReferences", "uid"},
    {"podIPs", "ip"},
    {"ports", "containerPort"},
    {"resourceClaims", "name"},
    {"schedulingGates", "name"},
    {"topologySpreadConstraints", "topologyKey"},
    {"volumeDevices", "devicePath"},
    {"volumeMounts", "mountPath"},
    {"volumes", "name"},
}};
/// Lists of scalars with patchStrategy merge, among those that are held here.
constexpr std::array<std::string_view, 2> kSets{"finalizers", "podCIDRs"};

bool is_set(std::string_view list) { return std::find(kSets.begin(), kSets.end(), list) != kSets.end(); }

/// A value as Go's %v prints it.
std::string go_text(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_null()) {
    return "<nil>";
  }
  if (!value.is_structured()) {
    return value.dump();
  }
  std::string text;
  if (value.is_array()) {
    for (const Json& item : value) {
      text += (text.empty() ? "" : " ") + go_text(item);
    }
    return "[" + text + "]";
  }
  const Json sorted = json::canonical(value);
  for (auto it = sorted.begin(); it != sorted.end(); ++it) {
    text += (text.empty() ? "" : " ") + it.key() + ":" + go_text(*it);
  }
  return "map[" + text + "]";
}

StrategicMergeError plain(std::string text) { return {std::move(text), false}; }
StrategicMergeError bad_request(std::string_view text) { return {std::string(text), true}; }
StrategicMergeError no_merge_key(const Json& item, std::string_view key) {
  return plain(fmt::format("map: {} does not contain declared merge key: {}", go_text(item), key));
}
StrategicMergeError unknown_directive(const Json& item) {
  return plain(fmt::format("unknown patch type: {} in map: {}", go_text(item.at(std::string(kDirective))),
                           go_text(item)));
}

/// Takes directives out of what is stored as it stands. @return whether the value stays.
bool remove_directives(Json& value) {
  if (value.is_object()) {
    if (value.contains(kDirective)) {
      return false;
    }
    std::vector<std::string> gone;
    for (auto it = value.begin(); it != value.end(); ++it) {
      if (it->is_null() || !remove_directives(*it)) {
        gone.push_back(it.key());
      }
    }
    for (const std::string& key : gone) {
      value.erase(key);
    }
  } else if (value.is_array()) {
    Json kept = Json::array();
    for (Json& item : value) {
      if (remove_directives(item)) {
        kept.push_back(std::move(item));
      }
    }
    value = std::move(kept);
  }
  return true;
}

/// The position of the item that is the same as `item`: by the merge key, or as a value.
std::optional<std::size_t> position_of(const Json& list, const Json& item, std::string_view key) {
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    if (key.empty()) {
      if (list[i] == item) {
        return i;
      }
      continue;
    }
    const Json* wanted = json::member(item, key);
    const Json* value = json::member(list[i], key);
    if (wanted != nullptr && value != nullptr && *value == *wanted) {
      return i;
    }
  }
  return std::nullopt;
}

/// Items of the patch in its order, the others in theirs; what both orders leave open follows the live list,
/// and where that does not know an item, the patch's goes first.
/// Source: strategicpatch/patch.go normalizeElementOrder, mergeSortedSlice.
Json in_order(const Json& merged, const Json& order, const Json& live, std::string_view key) {
  std::vector<Json> mine;
  std::vector<Json> others;
  for (const Json& item : merged) {
    (position_of(order, item, key) ? mine : others).push_back(item);
  }
  const auto by = [&](const Json& list) {
    return [&, key](const Json& a, const Json& b) {
      const auto left = position_of(list, a, key);
      const auto right = position_of(list, b, key);
      return left && right && *left < *right;
    };
  };
  std::stable_sort(mine.begin(), mine.end(), by(order));
  std::stable_sort(others.begin(), others.end(), by(live));
  Json result = Json::array();
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < others.size() || j < mine.size()) {
    if (j == mine.size() || (i < others.size() && by(live)(others[i], mine[j]))) {
      result.push_back(others[i++]);
    } else {
      result.push_back(mine[j++]);
    }
  }
  return result;
}

StrategicMergeError merge_map(Json& target, Json patch);

/// What `$patch` in items of a list says. Source: mergeSliceWithSpecialElements.
StrategicMergeError perform_directives(Json& live, Json& patch, std::string_view key) {
  Json rest = Json::array();
  bool replace = false;
  for (const Json& item : patch) {
    if (!item.contains(kDirective)) {
      rest.push_back(item);
      continue;
    }
    const Json& directive = item.at(std::string(kDirective));
    if (directive == "replace") {
      replace = true;
    } else if (directive == "merge") {
      return plain("merging lists cannot yet be specified in the patch");
    } else if (directive != "delete") {
      return unknown_directive(item);
    } else if (json::member(item, key) == nullptr) {
      return no_merge_key(item, key);
    } else {
      while (const auto at = position_of(live, item, key)) {
        live.erase(*at);
      }
    }
  }
  patch = std::move(rest);
  if (replace) {
    live = std::move(patch);
    patch = Json::array();
  }
  return {};
}

StrategicMergeError merge_items(Json& live, Json patch, std::string_view key) {
  for (const Json& item : patch) {
    if (!item.is_object()) {
      return plain("list element types are not identical");
    }
  }
  if (StrategicMergeError error = perform_directives(live, patch, key)) {
    return error;
  }
  Json merged = live;
  for (const Json& item : patch) {
    if (json::member(item, key) == nullptr) {
      return no_merge_key(item, key);
    }
    if (const auto at = position_of(merged, item, key)) {
      if (StrategicMergeError error = merge_map(merged[*at], item)) {
        return error;
      }
    } else {
      Json added = item;
      if (remove_directives(added)) {
        merged.push_back(std::move(added));
      }
    }
  }
  for (const Json& item : merged) {
    if (json::member(item, key) == nullptr) {
      return no_merge_key(item, key);
    }
  }
  live = in_order(merged, patch, live, key);
  return {};
}

StrategicMergeError merge_list(Json& live, const Json& patch, std::string_view name) {
  if (const std::string_view key = patch_merge_key(name); !key.empty()) {
    return merge_items(live, patch, key);
  }
  if (!is_set(name)) {
    live = patch;
    return {};
  }
  Json merged = live;
  for (const Json& item : patch) {
    if (!position_of(merged, item, "")) {
      merged.push_back(item);
    }
  }
  live = in_order(merged, patch, live, "");
  return {};
}

/// Source: applyRetainKeysDirective.
StrategicMergeError retain_keys(Json& target, Json& patch) {
  const auto found = patch.find(kRetainKeys);
  if (found == patch.end()) {
    return {};
  }
  const Json keys = *found;
  patch.erase(std::string(kRetainKeys));
  constexpr std::string_view kBad = "invalid patch format of retainKeys";
  if (!keys.is_array()) {
    return bad_request(kBad);
  }
  for (auto it = patch.begin(); it != patch.end(); ++it) {
    const bool directive = it.key().starts_with(kDeleteFrom) || it.key().starts_with(kOrder);
    if (!it->is_null() && !directive && !position_of(keys, Json(it.key()), "")) {
      return bad_request(kBad);
    }
  }
  std::vector<std::string> gone;
  for (auto it = target.begin(); it != target.end(); ++it) {
    if (!position_of(keys, Json(it.key()), "")) {
      gone.push_back(it.key());
    }
  }
  for (const std::string& key : gone) {
    target.erase(key);
  }
  return {};
}

/// Source: mergePatchIntoOriginal: the list is merged, and takes the order that the directive gives.
StrategicMergeError set_order(Json& target, Json& patch) {
  std::vector<std::string> directives;
  for (auto it = patch.begin(); it != patch.end(); ++it) {
    if (it.key().starts_with(kOrder)) {
      directives.push_back(it.key());
    }
  }
  for (const std::string& directive : directives) {
    const Json order = patch.at(directive);
    patch.erase(directive);
    const std::string name = directive.substr(kOrder.size());
    if (!order.is_array()) {
      return bad_request("invalid patch format of setElementOrder list");
    }
    const auto changes = patch.find(name);
    if (changes != patch.end()) {
      Json& live = target.contains(name) ? target[name] : (target[name] = Json::array());
      const Json given = *changes;
      patch.erase(name);
      if (StrategicMergeError error = merge_list(live, given, name)) {
        return error;
      }
    }
    if (target.contains(name)) {
      const Json live = target.at(name);
      target[name] = in_order(live, order, live, patch_merge_key(name));
    }
  }
  return {};
}

StrategicMergeError merge_field(Json& target, const std::string& key, const Json& value) {
  if (value.is_null()) {
    target.erase(key);
    return {};
  }
  const auto live = target.find(key);
  const bool alike = live != target.end() &&
                     ((live->is_object() && value.is_object()) || (live->is_array() && value.is_array()));
  if (!alike) {
    Json stored = value;
    if (remove_directives(stored)) {
      target[key] = std::move(stored);
    } else {
      target.erase(key);
    }
    return {};
  }
  if (value.is_array()) {
    return merge_list(*live, value, key);
  }
  // Source: policy/v1 PodDisruptionBudgetSpec.Selector has patchStrategy replace; it alone has a selector
  // beside these two fields. Other selectors are immutable, so that merging them changes nothing.
  if (key == "selector" && (target.contains("minAvailable") || target.contains("maxUnavailable"))) {
    *live = value;
    return {};
  }
  return merge_map(*live, value);
}

StrategicMergeError merge_map(Json& target, Json patch) {
  if (const auto directive = patch.find(kDirective); directive != patch.end()) {
    if (*directive == "replace") {
      patch.erase(std::string(kDirective));
      target = std::move(patch);
      return {};
    }
    if (*directive == "delete") {
      target = Json::object();
      return {};
    }
    return unknown_directive(patch);
  }
  if (StrategicMergeError error = retain_keys(target, patch)) {
    return error;
  }
  if (StrategicMergeError error = set_order(target, patch)) {
    return error;
  }
  for (auto it = patch.begin(); it != patch.end(); ++it) {
    if (it.key().starts_with(kDeleteFrom)) {
      const std::string name = it.key().substr(kDeleteFrom.size());
      if (!it->is_array()) {
        return bad_request("invalid patch format of primitive list");
      }
      if (const auto live = target.find(name); live != target.end() && live->is_array()) {
        Json kept = Json::array();
        std::copy_if(live->begin(), live->end(), std::back_inserter(kept),
                     [&](const Json& item) { return !position_of(*it, item, ""); });
        *live = std::move(kept);
      }
      continue;
    }
    if (StrategicMergeError error = merge_field(target, it.key(), *it)) {
      return error;
    }
  }
  return {};
}

}  // namespace

std::string_view patch_merge_key(std::string_view list) {
  const auto* found = std::find_if(kMergeKeys.begin(), kMergeKeys.end(),
                                   [&](const MergeKey& key) { return key.list == list; });
  return found == kMergeKeys.end() ? std::string_view() : found->key;
}

StrategicMergeError apply_strategic_merge_patch(Json& target, const Json& patch) {
  if (!patch.is_object()) {
    return bad_request("invalid JSON document");
  }
  return merge_map(target, patch);
}

}  // namespace models::kubernetes
