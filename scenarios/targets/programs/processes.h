#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/targets/programs/allowed_programs.h"
#include "scenarios/targets/programs/programs.h"

namespace scenarios::targets {

struct ProcessesOptions {
  /// The only names that `start` accepts as first argument: names to be found on PATH, no paths.
  std::vector<std::string> allowed{kAllowedPrograms.begin(), kAllowedPrograms.end()};
  /// How long a killed program may take to end by itself (SIGTERM) before it is ended (SIGKILL).
  /// Assumed: programs that talk to an API server need no longer to close their connections.
  sim::Duration grace = std::chrono::seconds(5);
  /// A descriptor that becomes readable when all is to end (Interruption::descriptor); -1: none.
  int wake = -1;
};

/// Real processes of this machine.
///
/// Each runs in its own process group (so that a kill reaches what it started) with the environment of this
/// program, and is killed by the kernel when this program ends without having ended it. Output is read when
/// `next` is called, one piece of at most 64 KiB a stream: what nobody asks for stays in the pipe and holds
/// its program back, so that memory is bounded by 128 KiB a process. The destructor ends what is left.
class Processes final : public Programs {
 public:
  explicit Processes(ProcessesOptions options = {});
  ~Processes() override;

  ProcessId start(const std::vector<std::string>& arguments, const std::string& input) override;
  void kill(ProcessId process) override;
  std::optional<ProgramEvent> next(sim::Time until) override;
  std::string over() const override;
  sim::Time now() const override;

  /// The calendar time of the adapter's start, UTC, RFC 3339 with nanoseconds: for the header of a recording.
  const std::string& started() const { return started_; }

 private:
  struct Process;

  void push(ProcessId process, ProgramEvent::Kind kind, std::string data, int exit_code, sim::Time at);
  sim::Time stamp(sim::Time until) const;
  bool gather(sim::Time until, sim::Duration wait);
  void read_stream(ProcessId id, Process& process, bool errors, sim::Time at);
  void settle_exits(sim::Time until);
  void hasten_dying();
  sim::Duration longest_wait() const;

  ProcessesOptions options_;
  sim::Duration origin_;  ///< The monotonic clock at the start.
  std::string started_;
  sim::Time floor_{
      -1};  ///< Every event to come is later than this: `next` has said that nothing happened by then.
  sim::Time last_{};  ///< The time of the latest event.
  ProcessId last_id_ = 0;
  std::map<ProcessId, std::unique_ptr<Process>> running_;
  std::vector<std::unique_ptr<Process>> dying_;
  std::deque<ProgramEvent> events_;
  bool interrupted_ = false;
};

}  // namespace scenarios::targets
