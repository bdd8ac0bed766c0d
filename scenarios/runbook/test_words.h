#pragma once
// The conditions `[ … ]`, `test …` and `[[ … ]]`. Source: POSIX test; bash manual, Conditional Constructs.

#include <span>
#include <string>
#include <vector>

#include "scenarios/commands/command_problem.h"
#include "scenarios/commands/words.h"

namespace scenarios::runbook {

struct TestResult {
  int exit_code = 0;    ///< 0 it holds, 1 it does not, 2 it cannot be told
  std::string problem;  ///< with exit code 2
};

/// Whether a condition holds. `words` begin with `[`, `test` or `[[`.
TestResult test_words(std::span<const std::string> words);

/// What of a condition is wrong whatever its variables hold.
void check_test_words(const std::vector<commands::Word>& words,
                      std::vector<commands::CommandProblem>& problems);

}  // namespace scenarios::runbook
