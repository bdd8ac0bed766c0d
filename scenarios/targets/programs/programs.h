#pragma once
// The one door through which the live adapter reaches programs: real ones, recorded ones, or real ones that
// are being recorded. The adapter never learns which.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/time.h"

namespace scenarios::targets {

/// Numbers the processes of one adapter run from 1, in the order of their starts.
using ProcessId = std::uint32_t;

/// One thing that a program did.
struct ProgramEvent {
  enum class Kind : std::uint8_t { Output, Errors, Exited, NotStarted };

  ProcessId process = 0;
  Kind kind = Kind::Output;
  std::string data;   ///< Output, Errors: the bytes, cut anywhere. NotStarted: why not, for a person.
  int exit_code = 0;  ///< Exited only; 128 + n when signal n ended the program, as shells say it.
  sim::Time at{};     ///< Since the adapter's start; never decreases from one event to the next.

  friend bool operator==(const ProgramEvent&, const ProgramEvent&) = default;
};

/// Starts programs and hands out what they do, in one order.
class Programs {
 public:
  Programs() = default;
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  virtual ~Programs() = default;

  /// Starts `arguments[0]` with the rest as its arguments, never through a shell; `input` is all of its
  /// standard input. Does not wait. What cannot be started is told by a NotStarted event.
  virtual ProcessId start(const std::vector<std::string>& arguments, const std::string& input) = 0;

  /// Ends a process. No further event of it comes, not even its exit. Unknown and ended ones are left alone.
  virtual void kill(ProcessId process) = 0;

  /// The next event not later than `until`, waiting for it; none when nothing happened by then, after which
  /// every event is later than `until`. With sim::kNever: none only when no process is left that could do
  /// anything.
  virtual std::optional<ProgramEvent> next(sim::Time until) = 0;

  /// Why nothing more will be told, for a person: interrupted, or at the end of a recording. Empty while
  /// something may. `next` then gives nothing at once, whatever `until` is.
  virtual std::string over() const { return {}; }

  /// The time since the adapter's start.
  virtual sim::Time now() const = 0;
};

}  // namespace scenarios::targets
