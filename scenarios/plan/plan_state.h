#pragma once
// The plan: a graph of steps, compiled at load, and how far its performance has come.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/commands/command.h"
#include "scenarios/language/plan_step.h"
#include "sim/result.h"

namespace scenarios::plan {

/// Kinds of pending events of the plan.
enum class Event : std::uint32_t {
  Begin = 200,  ///< the plan looks whether the cluster has settled
  StepDue,      ///< subject: the step
  StepWake,     ///< subject: the step; a deadline of its command, of `then` or of the step
  Fault,        ///< subject: position in the scenario's faults
};

/// Field codes of the plan's transitions; subject is the step's uid.
enum class Field : std::uint16_t {
  StepStarted = 2000,
  CommandFinished,  ///< to: exit code; detail: history text of the command
  StepFinished,     ///< to: sim::StepOutcome
  StepWaits,        ///< the command or `then` waits; detail: history text
  ThenHolds,        ///< what the step should leave behind is there
};

struct CompiledCommand {
  commands::CommandPointer command;
  std::string text;
  language::Location at;
  std::string capture;  ///< name of the variable that takes its output; empty for `run`
};

struct CompiledStep {
  std::string name;
  language::Location at;
  std::vector<std::uint32_t> needs;  ///< positions of steps
  std::optional<sim::Time> not_before;
  sim::Duration after{};
  std::optional<sim::Duration> timeout;
  std::optional<sim::Duration> wait;
  bool stop_on_error = true;
  std::vector<CompiledCommand> commands;
  language::Condition then;  ///< `given()` tells whether there is one
};

struct CompiledPlan {
  std::vector<CompiledStep> steps;
};

enum class StepPhase : std::uint8_t {
  Waiting,  ///< for the steps that it needs
  Due,      ///< starts at a time that is set
  Performing,
  Verifying,  ///< commands are done, `then` does not hold yet
  Done,
};

/// What a condition lacks.
struct Missing {
  std::string text;                    ///< in a few words; empty: nothing
  models::kubernetes::Uid object = 0;  ///< whose history explains it: the pod itself where it is unwell, else
                                       ///< the workload that should make it or take it away; 0: unknown
};

/// How a command of a step ended.
struct CommandOutcome {
  sim::Time started{};
  sim::Time finished{};
  int exit_code = 0;
  std::string output;
  std::string errors;
};

struct StepState {
  StepPhase phase = StepPhase::Waiting;
  sim::StepOutcome outcome = sim::StepOutcome::NotStarted;
  sim::Time started{};
  sim::Time finished{};
  sim::Time deadline = sim::kNever;                   ///< of the step, `then` included
  std::uint32_t command = 0;                          ///< the one under way
  int exit_code = 0;                                  ///< of the last command that ended
  models::kubernetes::Uid uid = 0;                    ///< subject of its transitions
  sim::TransitionId transition = sim::kNoTransition;  ///< StepStarted
  commands::CommandState command_state;
  sim::Time command_started{};        ///< of the one under way
  std::vector<CommandOutcome> ended;  ///< the commands before it
  Missing missing;                    ///< what `then` still waits for
};

struct PlanState {
  bool begun = false;
  std::vector<StepState> steps;
  commands::Variables variables;  ///< captures
  std::uint32_t open = 0;         ///< steps that are not Done
};

}  // namespace scenarios::plan
