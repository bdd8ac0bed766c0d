#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/require.h"

namespace sim {

/// A typed handle to a row of a `Table<T>`: the row's index and the generation that it was inserted with, so
/// that a handle to an erased row is recognised even after the row was used again.
template <class T>
struct Id {
  static constexpr std::uint32_t kNoIndex = 0xffffffffU;
  std::uint32_t index = kNoIndex;
  std::uint32_t generation = 0;

  [[nodiscard]] bool valid() const { return index != kNoIndex; }
  friend bool operator==(Id, Id) = default;
};

/// A flat array of values with generation-checked ids. Rows are visited in index order; the order depends
/// only on the sequence of inserts and erases, so that equal runs see equal orders. Copying is one
/// allocation.
template <class T>
class Table {
 public:
  Id<T> insert(T value) {
    ++live_;
    if (first_free_ != Id<T>::kNoIndex) {
      const std::uint32_t index = first_free_;
      Row& row = rows_[index];
      first_free_ = row.next_free;
      row.value = std::move(value);
      row.alive = true;
      return {index, row.generation};
    }
    rows_.push_back(Row{0, Id<T>::kNoIndex, true, std::move(value)});
    return {static_cast<std::uint32_t>(rows_.size() - 1), 0};
  }

  void erase(Id<T> id) {
    require(find(id) != nullptr, "erase of a row that is not there");
    Row& row = rows_[id.index];
    row.alive = false;
    ++row.generation;
    row.value = T{};
    row.next_free = first_free_;
    first_free_ = id.index;
    --live_;
  }

  [[nodiscard]] T* find(Id<T> id) {
    return id.index < rows_.size() && rows_[id.index].alive && rows_[id.index].generation == id.generation
               ? &rows_[id.index].value
               : nullptr;
  }
  [[nodiscard]] const T* find(Id<T> id) const { return const_cast<Table*>(this)->find(id); }

  /// The row at `index`. REQUIRES: alive.
  [[nodiscard]] T& operator[](std::uint32_t index) { return rows_[index].value; }
  [[nodiscard]] const T& operator[](std::uint32_t index) const { return rows_[index].value; }
  [[nodiscard]] bool alive(std::uint32_t index) const { return index < rows_.size() && rows_[index].alive; }
  [[nodiscard]] Id<T> id(std::uint32_t index) const { return {index, rows_[index].generation}; }

  /// Rows ever used at once; `alive` tells which of 0 … extent()-1 hold a value.
  [[nodiscard]] std::uint32_t extent() const { return static_cast<std::uint32_t>(rows_.size()); }
  [[nodiscard]] std::size_t size() const { return live_; }
  void reserve(std::size_t rows) { rows_.reserve(rows); }

 private:
  struct Row {  // what tells whether it is alive lies beside the value's first members
    std::uint32_t generation;
    std::uint32_t next_free;
    bool alive;
    T value;
  };
  std::vector<Row> rows_;
  std::uint32_t first_free_ = Id<T>::kNoIndex;
  std::size_t live_ = 0;
};

}  // namespace sim
