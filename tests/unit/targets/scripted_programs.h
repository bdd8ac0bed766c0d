#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/targets/programs/programs.h"

namespace scenarios::targets {

/// Programs whose whole behaviour a test writes down, with times that pass as nobody waits.
class ScriptedPrograms final : public Programs {
 public:
  /// Told of every start; answers by `tell`.
  std::function<void(ProcessId process, const std::vector<std::string>& arguments)> on_start;

  void tell(ProcessId process, sim::Duration after, ProgramEvent::Kind kind, std::string data,
            int exit_code = 0) {
    const sim::Time at = now_ + after;
    events_.emplace(at, ProgramEvent{process, kind, std::move(data), exit_code, at});
  }
  void print(ProcessId process, std::string data, sim::Duration after = sim::Duration(1)) {
    tell(process, after, ProgramEvent::Kind::Output, std::move(data));
  }
  void exit(ProcessId process, int code, sim::Duration after = sim::Duration(1)) {
    tell(process, after, ProgramEvent::Kind::Exited, {}, code);
  }

  ProcessId start(const std::vector<std::string>& arguments, const std::string& input) override {
    started.push_back(arguments);
    inputs.push_back(input);
    const auto id = static_cast<ProcessId>(started.size());
    on_start(id, arguments);
    return id;
  }
  void kill(ProcessId process) override {
    killed.insert(process);
    std::erase_if(events_, [&](const auto& entry) { return entry.second.process == process; });
  }
  std::optional<ProgramEvent> next(sim::Time until) override {
    if (events_.empty() || events_.begin()->first > until) {
      now_ = until == sim::kNever ? now_ : std::max(now_, until);
      return std::nullopt;
    }
    ProgramEvent event = events_.begin()->second;
    events_.erase(events_.begin());
    now_ = event.at;
    return event;
  }
  sim::Time now() const override { return now_; }
  void reset() {
    started.clear();
    inputs.clear();
    killed.clear();
    events_.clear();
    now_ = {};
  }

  std::vector<std::vector<std::string>> started;
  std::vector<std::string> inputs;
  std::set<ProcessId> killed;

 private:
  sim::Time now_{};
  std::multimap<sim::Time, ProgramEvent> events_;
};

}  // namespace scenarios::targets
