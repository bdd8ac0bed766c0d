#pragma once
// The plan: a graph of steps, compiled at load, and how far its performance has come.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/commands/command.h"
#include "scenarios/commands/words.h"
#include "scenarios/language/plan_step.h"
#include "scenarios/runbook/arithmetic.h"
#include "scenarios/runbook/filter.h"
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

/// What a shell does by itself, without a program.
enum class Builtin : std::uint8_t { None, Echo, Printf, Date, Sequence, Sleep, Test, True, False };

/// A filter; one whose words name variables is read anew whenever it is used.
struct PlannedFilter {
  runbook::FilterPointer ready;       ///< null where `words` name variables
  std::vector<commands::Word> words;  ///< empty where it is ready
};

struct CompiledCommand {
  commands::CommandPointer command;  ///< null for a builtin
  std::string text;
  language::Location at;
  std::string capture;  ///< name of the variable that takes its output; empty where none does
  Builtin builtin = Builtin::None;
  std::vector<commands::Word> words;  ///< of `text`
  std::vector<PlannedFilter> filters;
  std::string filters_text;     ///< "| grep chunk | wc -l"
  bool fails_anywhere = false;  ///< set -o pipefail: the pipeline fails when any part of it does
  bool discards_output = false;
  bool discards_errors = false;
  bool errors_to_output = false;
  bool output_to_errors = false;
  std::string input;               ///< what it reads: a here-document; empty: none of its own
  std::int64_t epoch_seconds = 0;  ///< of the scenario's start, for `date`
};

/// What a step does, one after the other.
enum class Op : std::uint8_t {
  Command,          ///< performs commands[argument] and waits for its end
  Assign,           ///< `name` takes the value of `words`; argument 1: the exit code stays that of its `$(…)`
  AssignIfEmpty,    ///< the same where the variable `name` is empty; argument 1: only where it was never set
  BindArguments,    ///< the parameters of the function `name` take the values of `words`
  JumpIfFailed,     ///< to `argument`, when the last command failed
  JumpIfSucceeded,  ///< to `argument`
  Jump,             ///< to `argument`
  LoopBegin,        ///< a loop over `words`, or with a condition
  LoopNext,      ///< `name` takes the next word of the innermost loop, or it ends and goes on at `argument`
  LoopTurn,      ///< a turn of a loop with a condition is over; its exit code is kept
  LoopLeave,     ///< the innermost loop ends; argument 1: with the exit code of its last turn
  Succeed,       ///< the exit code is 0
  Code,          ///< the exit code is `argument`, or the number in `words`
  Negate,        ///< the exit code is 1 where it was 0, and 0 where it was not
  Compute,       ///< `name` takes the value of `expression`; argument 1: `name` takes the exit code
  BeginCapture,  ///< from here on output is kept for a variable
  EndCapture,    ///< … which is `name`
  Spawn,         ///< what follows up to `argument` runs beside the rest
  Wait,          ///< until all that was spawned has ended
  EndIfFailed,   ///< the thread ends when the last command failed, as a shell with set -e
  StopIfFailed,  ///< the step fails when the last command did, unless its `then` or `on_error` judges
  Exit,  ///< ends the plan with the exit code `argument`, the number in `words`, or that of the last command
};

/// As the argument of Exit: the exit code of the last command.
constexpr std::uint32_t kLastExitCode = 256;

struct Instruction {
  Op op = Op::Command;
  std::uint32_t argument = 0;
  std::string name;
  std::vector<commands::Word> words;
  runbook::ArithmeticPointer expression = nullptr;
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
  std::vector<CompiledCommand> commands;  ///< in the order of the text
  std::vector<Instruction> program;
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
  std::uint32_t command = 0;  ///< position in the step's commands; in a loop a command ends several times
  sim::Time started{};
  sim::Time finished{};
  int exit_code = 0;
  bool captured = false;  ///< a variable took its output
  std::string text;       ///< as it was performed: variables replaced
  std::string output;     ///< behind its filters
  std::string errors;
  commands::Variables values;  ///< of the variables in its text
};

/// A loop under way.
struct Loop {
  std::vector<std::string> words;  ///< none with a condition
  std::uint32_t next = 0;          ///< the next word; with a condition: turns in a row that took no time
  int exit_code = 0;               ///< of the last turn of a loop with a condition
  sim::Time turned{};              ///< when that was
};

/// Commands that follow each other; a step has one thread, and one more for each `&`.
struct Thread {
  std::uint32_t at = 0;   ///< position in the program
  std::uint32_t end = 0;  ///< one past its last instruction
  int exit_code = 0;      ///< of the last command that ended
  bool done = false;
  commands::CommandState command;  ///< the one under way
  sim::Time command_started{};
  std::vector<Loop> loops;            ///< innermost last
  std::vector<std::string> captures;  ///< output kept so far, innermost last
};

struct StepState {
  StepPhase phase = StepPhase::Waiting;
  sim::StepOutcome outcome = sim::StepOutcome::NotStarted;
  sim::Time started{};
  sim::Time finished{};
  sim::Time deadline = sim::kNever;                   ///< of the step, `then` included
  int exit_code = 0;                                  ///< of its commands: of the last one that ended
  models::kubernetes::Uid uid = 0;                    ///< subject of its transitions
  sim::TransitionId transition = sim::kNoTransition;  ///< StepStarted
  bool ends_plan = false;                             ///< `exit` was performed: no step that needs it follows
  std::vector<Thread> threads;                        ///< the first is the step's own; empty before it starts
  std::vector<CommandOutcome> ended;                  ///< commands, in the order of their ends
  Missing missing;                                    ///< what `then` still waits for
};

struct PlanState {
  bool begun = false;
  std::vector<StepState> steps;
  commands::Variables variables;  ///< captures
  std::uint32_t open = 0;         ///< steps that are not Done
};

}  // namespace scenarios::plan
