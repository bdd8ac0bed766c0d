#pragma once
// Tells what differs between two versions of an object.

#include <string>
#include <utility>

#include "models/kubernetes/api.h"

namespace models::kubernetes {

/// Emits the differences of one object and remembers the first.
class Teller {
 public:
  Teller(Turn& turn, Uid subject, By by) : turn_(turn), subject_(subject), by_(by) {}

  void tell(Field field, std::int32_t from, std::int32_t to, std::uint32_t detail = 0) {
    const sim::TransitionId id = emit(turn_, subject_, field, by_, from, to, detail);
    if (first_ == sim::kNoTransition) {
      first_ = id;
    }
  }
  template <class T>
  void compare(Field field, const T& from, const T& to) {
    if (from != to) {
      tell(field, static_cast<std::int32_t>(from), static_cast<std::int32_t>(to));
    }
  }
  void tell_text(Field field, std::string text) {
    tell(field, 0, 0, turn_.context.history.text(std::move(text)));
  }
  void deletion(const Meta& from, const Meta& to, std::int32_t grace) {
    if (from.deletion_timestamp != to.deletion_timestamp) {
      tell(Field::DeletionRequested, 0, grace);
    }
  }
  /// For what has no code of its own.
  sim::TransitionId first_or_updated(bool equal) {
    if (first_ == sim::kNoTransition && !equal) {
      tell(Field::Updated, 0, 0);
    }
    return first_;
  }
  [[nodiscard]] sim::TransitionId first() const { return first_; }
  [[nodiscard]] Text intern(const char* text) const { return turn_.cluster.strings.intern(text); }

 private:
  Turn& turn_;
  Uid subject_;
  By by_;
  sim::TransitionId first_ = sim::kNoTransition;
};

}  // namespace models::kubernetes
