#pragma once
// The faults of a scenario on the reference control plane, whose program control-plane can strike them:
// tests/conformance/control_plane/README.md, "Control".

#include <optional>
#include <string>
#include <vector>

#include "scenarios/language/diagnostic.h"
#include "scenarios/language/scenario.h"
#include "scenarios/targets/programs/programs.h"

namespace scenarios::targets {

/// The commands that strike a fault, one for each of its targets; empty for a kind that cannot be struck.
std::vector<std::vector<std::string>> strike_arguments(const language::Fault& fault);

/// Says which faults of a scenario cannot be struck. @return whether all can.
bool strikable(const language::Scenario& scenario, language::Diagnostics& diagnostics);

/// A fault as it was struck.
struct Strike {
  sim::Time due{};                  ///< when the scenario wants it
  std::optional<sim::Time> struck;  ///< when the last of its commands ended well; nothing: none did
  std::string problem;              ///< what a command of it said that ended otherwise
};

/// Strikes the faults of a scenario when they are due.
class Strikes {
 public:
  Strikes(const language::Scenario& scenario, Programs& programs);

  /// When the next fault is due; sim::kNever after the last.
  sim::Time next_due() const;
  /// Starts the commands of the fault that is due next.
  void strike_next();
  /// Takes an event of one of these commands. @return whether it is one.
  bool take(const ProgramEvent& event);
  /// One for each fault of the scenario, in its order.
  const std::vector<Strike>& all() const { return strikes_; }

 private:
  struct Running {
    ProcessId process = 0;
    std::size_t fault = 0;
    std::string text;  ///< the command, then what it printed
  };

  const language::Scenario& scenario_;
  Programs& programs_;
  std::vector<Strike> strikes_;
  std::vector<std::size_t> order_;  ///< faults, by when they are due
  std::size_t next_ = 0;            ///< position in `order_`
  std::vector<Running> running_;
};

}  // namespace scenarios::targets
