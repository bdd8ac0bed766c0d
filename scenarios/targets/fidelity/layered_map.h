#pragma once

#include <map>

namespace scenarios::targets {

/// A map that may lie on top of another: what was written since is its own, the rest is read from below. So
/// that a copy that lives shortly costs what it changes.
template <class Key, class Value>
class LayeredMap {
 public:
  /// An empty layer on this one. REQUIRES: this one neither changes nor goes away while that is in use.
  [[nodiscard]] LayeredMap on_top() const {
    LayeredMap layer;
    layer.below_ = this;
    return layer;
  }

  [[nodiscard]] const Value* find(const Key& key) const {
    for (const LayeredMap* layer = this; layer != nullptr; layer = layer->below_) {
      if (const auto found = layer->own_.find(key); found != layer->own_.end()) {
        return &found->second;
      }
    }
    return nullptr;
  }

  /// The value to be changed in this layer: a copy of the one below, else an empty one.
  Value& operator[](const Key& key) {
    if (const auto found = own_.find(key); found != own_.end()) {
      return found->second;
    }
    const Value* below = find(key);
    return own_.emplace(key, below == nullptr ? Value{} : *below).first->second;
  }

 private:
  const LayeredMap* below_ = nullptr;
  std::map<Key, Value> own_;
};

}  // namespace scenarios::targets
