#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/kubernetes/objects.h"

namespace models::kubernetes {

/// A set of rows, one bit each.
class RowSet {
 public:
  void set(Row row, bool in) {
    const std::size_t word = row / kBits;
    if (word >= words_.size()) {
      if (!in) {
        return;
      }
      words_.resize(word + 1);
    }
    const std::uint64_t bit = std::uint64_t{1} << (row % kBits);
    words_[word] = in ? words_[word] | bit : words_[word] & ~bit;
  }
  [[nodiscard]] bool has(Row row) const {
    return row / kBits < words_.size() && (words_[row / kBits] >> (row % kBits) & 1U) != 0;
  }
  /// The rows, ascending.
  [[nodiscard]] std::vector<Row> rows() const {
    std::vector<Row> found;
    for (std::size_t word = 0; word < words_.size(); ++word) {
      for (std::uint64_t left = words_[word]; left != 0; left &= left - 1) {
        found.push_back(static_cast<Row>(word * kBits) + static_cast<Row>(std::countr_zero(left)));
      }
    }
    return found;
  }

 private:
  static constexpr Row kBits = 64;
  std::vector<std::uint64_t> words_;
};

}  // namespace models::kubernetes
