#pragma once
// How a command of a plan becomes the arguments of a program: no shell, programs inside of pods through their
// context, files by standard input.

#include <string>
#include <vector>

#include "scenarios/build.h"
#include "scenarios/commands/command.h"
#include "scenarios/plan/contexts.h"

namespace scenarios::targets {

struct ProgramCall {
  std::vector<std::string> arguments;
  std::string text;   ///< the arguments as a person would type them
  std::string input;  ///< all of its standard input
};

/// The program that a command of step `step` starts; no arguments where its words vanish.
ProgramCall call_of(const Rehearsal& rehearsal, const std::vector<plan::Context>& contexts, std::size_t step,
                    const plan::CompiledCommand& command, const commands::Variables& variables);

/// Errors for the commands of a plan that cannot be performed on a real cluster: other programs than those
/// that are allowed, and standard input that differs from one turn of a loop to the next.
void judge_programs(const Rehearsal& rehearsal, language::Diagnostics& diagnostics);

}  // namespace scenarios::targets
