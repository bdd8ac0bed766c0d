#pragma once
// What happened, kept beside the world: a world is copied and hashed without its past.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/time.h"

namespace sim {

/// Position of a transition in its run's history.
using TransitionId = std::uint32_t;
inline constexpr TransitionId kNoTransition = 0xffffffffU;

/// One thing that happened. The codes belong to the vocabulary of the models, which turns them into words.
struct Transition {
  Time at{};
  std::uint32_t subject = 0;  ///< uid of the object that changed
  std::uint16_t field = 0;    ///< which of its properties
  std::uint16_t writer = 0;   ///< who wrote it
  std::int32_t from = 0;      ///< old value: a number, a code or a text id, as the field says
  std::int32_t to = 0;
  std::uint32_t detail = 0;  ///< reason code or text id, as the field says; 0 is none
  TransitionId cause = kNoTransition;
};
static_assert(sizeof(Transition) == 32);

/// What a subject is called, in words of the models: enough to render its name after it is gone.
struct Subject {
  std::uint32_t kind = 0;
  std::uint32_t name_space = 0;
  std::uint32_t name = 0;
  std::int32_t index = -1;
  std::uint32_t suffix = 0;
};

/// The sequence of transitions of one run, with texts that they refer to.
///
/// A history that does not keep (explorer, benchmarks) holds only the transitions of the event under way; ids
/// go on counting, so that a run is the same either way.
class History {
 public:
  explicit History(bool keep = true) : keep_(keep) {}

  TransitionId emit(const Transition& transition) {
    transitions_.push_back(transition);
    return base_ + static_cast<TransitionId>(transitions_.size() - 1);
  }

  /// A collapsed key has one cause, the first write that queued it; the others are listed here.
  void also_because(TransitionId of, TransitionId cause) {
    if (keep_) {
      further_causes_.emplace_back(of, cause);
    }
  }

  /// Stores a text for a transition; 0 is the empty text.
  std::uint32_t text(std::string text) {
    if (text.empty()) {
      return 0;
    }
    texts_.push_back(std::move(text));
    return static_cast<std::uint32_t>(texts_.size());
  }
  [[nodiscard]] const std::string& text_at(std::uint32_t id) const {
    static const std::string empty;
    return id == 0 || id > texts_.size() ? empty : texts_[id - 1];
  }

  /// Says what the subject `uid` is called. Uids count from 1.
  void introduce(std::uint32_t uid, const Subject& subject) {
    if (keep_) {
      if (subjects_.size() <= uid) {
        subjects_.resize(uid + std::size_t{1});
      }
      subjects_[uid] = subject;
    }
  }
  [[nodiscard]] Subject subject(std::uint32_t uid) const {
    return uid < subjects_.size() ? subjects_[uid] : Subject{};
  }

  /// Called between events: forgets what is not kept.
  void end_event() {
    if (!keep_) {
      base_ += static_cast<TransitionId>(transitions_.size());
      transitions_.clear();
      texts_.clear();
    }
  }

  [[nodiscard]] bool keeps() const { return keep_; }
  [[nodiscard]] TransitionId next_id() const {
    return base_ + static_cast<TransitionId>(transitions_.size());
  }
  [[nodiscard]] TransitionId first_id() const { return base_; }
  [[nodiscard]] const Transition& at(TransitionId id) const { return transitions_[id - base_]; }
  [[nodiscard]] bool holds(TransitionId id) const { return id >= base_ && id - base_ < transitions_.size(); }
  [[nodiscard]] const std::vector<std::pair<TransitionId, TransitionId>>& further_causes() const {
    return further_causes_;
  }

 private:
  bool keep_;
  TransitionId base_ = 0;
  std::vector<Transition> transitions_;
  std::vector<std::pair<TransitionId, TransitionId>> further_causes_;
  std::vector<std::string> texts_;
  std::vector<Subject> subjects_;
};

}  // namespace sim
