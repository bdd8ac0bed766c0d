#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/diagnostic.h"
#include "scenarios/language/scenario.h"
#include "scenarios/plan/plan_state.h"

namespace scenarios::plan {

/// The programs that contexts may reach: those that run inside pods.
inline constexpr std::array<std::string_view, 2> kProgramsInPods = {"flux", "iomeshctl"};

/// How a program that runs inside a pod is reached from this machine.
struct Context {
  std::string program;                 ///< the first word of the commands that it serves
  std::vector<std::string> arguments;  ///< what stands in its place
};

/// Reads `contexts:`. Programs that no context may serve, other ways than `kubectl exec`, and contexts that
/// no command of the plan uses are diagnostics at the very word.
std::vector<Context> compile_contexts(const language::Scenario& scenario, const CompiledPlan& plan,
                                      language::Diagnostics& diagnostics);

/// The context that serves `program`; nullptr if there is none.
const Context* find_context(const std::vector<Context>& contexts, const std::string& program);

/// The program that a command starts, as far as its text tells; empty where a variable stands for it.
std::string program_of(const CompiledCommand& command);

}  // namespace scenarios::plan
