#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "models/kubernetes/objects.h"
#include "sim/table.h"

namespace models::kubernetes {

/// All objects of a kind, with the old versions that a lagging observer may still read.
///
/// Every write keeps the version that it replaces. An observer that has seen the cluster up to a
/// resourceVersion reads each object as it was then (`as_of`). Versions leave in the order in which they were
/// replaced, once no observer needs them.
template <class T>
class Store {
 public:
  Row insert(T object) { return rows_.insert(std::move(object)).index; }

  [[nodiscard]] bool alive(Row row) const { return rows_.alive(row); }
  [[nodiscard]] T& operator[](Row row) { return rows_[row]; }
  [[nodiscard]] const T& operator[](Row row) const { return rows_[row]; }
  /// Rows 0 … extent()-1 may be alive; a row that is alive may hold an object that is `removed` but still
  /// observed.
  [[nodiscard]] Row extent() const { return rows_.extent(); }
  /// Whether the API serves an object at `row`.
  [[nodiscard]] bool exists(Row row) const { return rows_.alive(row) && !rows_[row].meta.removed; }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  void reserve(std::size_t rows) { rows_.reserve(rows); }

  /// Keeps the present version for observers that lag and gives the object the new version.
  /// @return the object to change, and the version kept, which stays valid until the next write of this kind.
  T& begin_write(Row row, Version version) {
    T& object = rows_[row];
    versions_.push_back({object, version});
    object.meta.previous = base_ + static_cast<std::uint32_t>(versions_.size());
    object.meta.resource_version = version;
    return object;
  }
  [[nodiscard]] const T& last_kept() const { return versions_.back().object; }
  /// Takes the last begun write back: nothing had changed.
  void cancel_write(Row row) {
    rows_[row] = std::move(versions_.back().object);
    versions_.pop_back();
  }

  /// The object at `row` as an observer sees it that has seen everything up to `seen`; nullptr if it saw
  /// none.
  [[nodiscard]] const T* as_of(Row row, Version seen) const {
    if (!rows_.alive(row)) {
      return nullptr;
    }
    const T* object = &rows_[row];
    while (object->meta.resource_version > seen) {
      const std::uint32_t previous = object->meta.previous;
      if (previous <= base_ + head_) {
        return nullptr;
      }
      object = &versions_[previous - base_ - 1].object;
    }
    return object->meta.removed ? nullptr : object;
  }

  /// Forgets the versions that were replaced at or before `seen`, which every observer has seen by now, and
  /// the objects removed by then, of which `forget(row)` is told first.
  template <class Forget>
  void trim(Version seen, Forget&& forget) {
    while (head_ < versions_.size() && versions_[head_].replaced_at <= seen) {
      ++head_;
    }
    if (head_ == versions_.size()) {
      base_ += head_;
      head_ = 0;
      versions_.clear();
    } else if (head_ > 64 && head_ * std::size_t{2} > versions_.size()) {
      versions_.erase(versions_.begin(), versions_.begin() + head_);
      base_ += head_;
      head_ = 0;
    }
    while (!tombstones_.empty() && rows_[tombstones_[buried_]].meta.resource_version <= seen) {
      forget(tombstones_[buried_]);
      rows_.erase(rows_.id(tombstones_[buried_]));
      if (++buried_ == tombstones_.size()) {
        tombstones_.clear();
        buried_ = 0;
      }
    }
  }

  /// Notes that the object at `row` was removed by its last write; the row is reused after `trim`.
  void bury(Row row) { tombstones_.push_back(row); }

  [[nodiscard]] std::size_t versions_kept() const { return versions_.size() - head_; }

 private:
  struct Kept {
    T object;
    Version replaced_at;
  };

  sim::Table<T> rows_;
  std::vector<Kept> versions_;
  std::uint32_t base_ = 0;
  std::uint32_t head_ = 0;
  std::vector<Row> tombstones_;
  std::size_t buried_ = 0;
};

}  // namespace models::kubernetes
