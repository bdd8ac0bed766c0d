#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/kubernetes/objects.h"

namespace models::kubernetes {

/// Interned strings of a world. What the scenario names is shared by all copies (`freeze`); what a run adds
/// is the world's own. Ids depend only on the order of interning.
struct Strings {
  /// The id of `text`, interned now if need be; 0 is the empty text.
  Text intern(std::string_view text);
  /// The id of `text`, or 0 if it was never interned.
  [[nodiscard]] Text find(std::string_view text) const;
  [[nodiscard]] const std::string& operator[](Text id) const;
  /// Moves all strings to the part that copies of the world share.
  void freeze();

 private:
  struct Shared {
    std::vector<std::string> texts;
    std::unordered_map<std::string, Text> ids;  // for look-up only, never iterated
  };
  std::shared_ptr<const Shared> shared_;
  std::vector<std::string> own_;
};

}  // namespace models::kubernetes
