#pragma once

#include <xxhash.h>

#include <compare>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sim {

/// 128 bits that stand for everything that was added.
struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

/// Collects plain words and hashes them (XXH3, 128 bits). What is added, and in which order, is the meaning
/// of the hash; structs are added field by field, for padding has no value.
class Hasher {
 public:
  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void add(T value) {
    words_.push_back(static_cast<std::uint64_t>(value));
  }
  void add(std::string_view text) {
    words_.push_back(text.size());
    words_.push_back(XXH3_64bits(text.data(), text.size()));
  }
  void add(const Digest& digest) {
    words_.push_back(digest.high);
    words_.push_back(digest.low);
  }

  [[nodiscard]] Digest digest() const {
    const XXH128_hash_t hash = XXH3_128bits(words_.data(), words_.size() * sizeof(std::uint64_t));
    return {hash.high64, hash.low64};
  }
  void clear() { words_.clear(); }

 private:
  std::vector<std::uint64_t> words_;
};

/// A stable 64-bit hash of a text, the same on every machine.
inline std::uint64_t text_hash(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

}  // namespace sim
