#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/build.h"
#include "scenarios/perform_plan.h"
#include "scenarios/plan_dictation.h"
#include "scenarios/targets/live/program_arguments.h"
#include "scenarios/targets/programs/programs.h"

namespace scenarios::targets {

/// The commands of a plan as programs that run: argument vectors, no shell.
class LiveCommands : public CommandRunner {
 public:
  LiveCommands(const Rehearsal& rehearsal, Programs& programs);

  void advance(const plan::CompiledCommand& command, commands::CommandState& state, World& world,
               sim::Context& context, models::kubernetes::By by) override;

  /// Takes what a program did. @return whether a command of the plan ended.
  bool take(const ProgramEvent& event, World& world);
  /// Ends the programs of steps that are over, timed out for example.
  void kill_abandoned(const World& world);
  /// When commands first printed something, in that order.
  [[nodiscard]] const std::vector<FirstOutput>& first_outputs() const { return first_outputs_; }

 private:
  const Rehearsal& rehearsal_;
  Programs& programs_;
  std::vector<plan::Context> contexts_;
  std::vector<ProcessId> running_;
  std::map<ProcessId, FirstOutput> silent_;  ///< that have printed nothing yet
  std::vector<FirstOutput> first_outputs_;
};

}  // namespace scenarios::targets
