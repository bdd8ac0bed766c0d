#pragma once

#include <cstdint>
#include <vector>

#include "models/kubernetes/objects.h"
#include "sim/history.h"

namespace models::kubernetes {

enum class WatchType : std::uint8_t { Added, Modified, Deleted };

/// One entry of the log of watch events.
struct WatchEvent {
  sim::Time at{};  ///< when it was written
  Version version = 0;
  Row row = kNoRow;
  sim::TransitionId cause = sim::kNoTransition;  ///< the transition that the write made
  Kind kind = Kind::None;
  WatchType type = WatchType::Added;
};

/// Everything that was written and not yet seen by all observers. Positions count from the run's start.
class WatchLog {
 public:
  void append(const WatchEvent& event) { events_.push_back(event); }
  [[nodiscard]] std::uint64_t end() const { return base_ + events_.size(); }
  [[nodiscard]] const WatchEvent& operator[](std::uint64_t position) const {
    return events_[position - base_];
  }
  /// Forgets everything before `position`.
  void trim(std::uint64_t position) {
    const std::uint64_t seen = position - base_;
    if (seen == events_.size()) {
      base_ += seen;
      events_.clear();
    } else if (seen > 1024 && seen * 2 > events_.size()) {
      events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(seen));
      base_ += seen;
    }
  }
  [[nodiscard]] std::size_t size() const { return events_.size(); }

 private:
  std::vector<WatchEvent> events_;
  std::uint64_t base_ = 0;
};

/// Who watches. Controllers of the controller manager share one set of informers.
enum class ObserverId : std::uint8_t { ControllerManager, Scheduler, Kubelets, FluxOperator };
inline constexpr std::size_t kObservers = 4;

/// A cursor on the log: everything up to it was received, the rest is still under way.
struct Observer {
  std::uint64_t position = 0;  ///< the next entry of the log
  Version seen = 0;
  bool scheduled = false;  ///< a delivery is pending
};

}  // namespace models::kubernetes
