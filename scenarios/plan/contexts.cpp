#include "scenarios/plan/contexts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "scenarios/commands/words.h"

namespace scenarios::plan {

namespace {

using language::Diagnostics;
using language::Entry;
using language::Text;

bool serves(std::string_view program) {
  return std::find(kProgramsInPods.begin(), kProgramsInPods.end(), program) != kProgramsInPods.end();
}

bool used(const CompiledPlan& plan, const std::string& program) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const CompiledStep& step) {
    return std::any_of(step.commands.begin(), step.commands.end(),
                       [&](const CompiledCommand& command) { return program_of(command) == program; });
  });
}

/// One entry of `contexts:`.
class Reader {
 public:
  Reader(const Entry<Text>& entry, Diagnostics& diagnostics)
      : entry_(entry), diagnostics_(diagnostics), field_("contexts." + entry.name.value) {}

  /// @return whether the entry can be used; `context` is set only then.
  bool read(const CompiledPlan& plan, Context& context) {
    const std::string& program = entry_.name.value;
    if (!serves(program)) {
      fail(entry_.name.at,
           fmt::format("no context serves {}", program.empty() ? "a program without a name" : program),
           fmt::format("through a context run {}", fmt::join(kProgramsInPods, " and ")));
    } else if (!used(plan, program)) {
      fail(entry_.name.at, fmt::format("no command of the plan runs {}", program), "leave it out");
    }
    const commands::WordsResult result = commands::split_words(entry_.value.value);
    for (const commands::CommandProblem& problem : result.problems) {
      fail(entry_.value.at_offset(problem.offset), problem.text, problem.hint);
    }
    if (result) {
      judge(result.words);
    }
    if (failed_) {
      return false;
    }
    context.program = program;
    for (const commands::Word& word : result.words) {
      context.arguments.push_back(commands::Argument::of(word).text());
    }
    return true;
  }

 private:
  /// Source of the form: kubectl pkg/cmd/exec/exec.go: POD or TYPE/NAME, flags, then the command after `--`.
  void judge(const std::vector<commands::Word>& words) {
    const std::string hint = fmt::format("kubectl exec POD -c CONTAINER -- {}", entry_.name.value);
    std::vector<std::string> texts;
    for (const commands::Word& word : words) {
      if (word.has_references()) {
        fail(entry_.value.at_offset(word.begin), "a context has no variables", "write the name of the pod");
        return;
      }
      texts.push_back(commands::Argument::of(word).text());
    }
    if (texts.empty() || texts.front() != "kubectl") {
      fail(entry_.value.at_offset(words.empty() ? 0 : words.front().begin),
           fmt::format("a context starts kubectl, not {}", texts.empty() ? "nothing" : texts.front()), hint);
      return;
    }
    const auto exec = std::find(texts.begin(), texts.end(), "exec");
    const auto dashes = std::find(exec, texts.end(), "--");
    if (dashes == texts.end() || dashes + 1 == texts.end()) {
      fail(entry_.value.at_offset(0), "a context reaches a program inside of a pod", hint);
    } else if (dashes - exec < 2) {
      fail(entry_.value.at_offset(0), "a context names the pod", hint);
    }
  }

  void fail(const language::Location& at, std::string problem, std::string hint) {
    failed_ = true;
    diagnostics_.error(at, field_, std::move(problem), std::move(hint));
  }

  const Entry<Text>& entry_;
  Diagnostics& diagnostics_;
  std::string field_;
  bool failed_ = false;
};

}  // namespace

std::string program_of(const CompiledCommand& command) {
  return command.builtin != Builtin::None || command.words.empty() || command.words.front().has_references()
             ? std::string()
             : commands::Argument::of(command.words.front()).text();
}

std::vector<Context> compile_contexts(const language::Scenario& scenario, const CompiledPlan& plan,
                                      Diagnostics& diagnostics) {
  std::vector<Context> contexts;
  for (const Entry<Text>& entry : scenario.contexts) {
    Context context;
    if (Reader(entry, diagnostics).read(plan, context)) {
      contexts.push_back(std::move(context));
    }
  }
  return contexts;
}

const Context* find_context(const std::vector<Context>& contexts, const std::string& program) {
  const auto found = std::find_if(contexts.begin(), contexts.end(),
                                  [&](const Context& context) { return context.program == program; });
  return found == contexts.end() ? nullptr : &*found;
}

}  // namespace scenarios::plan
