#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/kubernetes/objects.h"

namespace models::kubernetes {

/// Interned strings of a world. What the scenario names is shared by all copies (`freeze`); what a run adds
/// is the world's own, or shared by copies that were made since. Ids depend only on the order of interning.
struct Strings {
  /// The id of `text`, interned now if need be; 0 is the empty text.
  Text intern(std::string_view text);
  /// The id of `text`, or 0 if it was never interned.
  [[nodiscard]] Text find(std::string_view text) const;
  [[nodiscard]] const std::string& operator[](Text id) const;
  /// Moves all strings to the parts that copies of the world share.
  void freeze();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  struct Part {
    std::vector<std::string> texts;
    std::unordered_map<std::string, Text, Hash, std::equal_to<>> ids;  // for look-up only, never iterated
  };
  struct Own {
    std::size_t hash;
    std::string text;
  };

  [[nodiscard]] static std::size_t size_of(const std::shared_ptr<const Part>& part) {
    return part == nullptr ? 0 : part->texts.size();
  }
  void move_own_to(std::shared_ptr<const Part>& part);

  // Ids count through these, one after the other.
  std::shared_ptr<const Part> shared_;
  std::shared_ptr<const Part> grown_;  // what came after others had come to share the first part
  std::vector<Own> own_;
};

}  // namespace models::kubernetes
