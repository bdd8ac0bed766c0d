#include "scenarios/plan/compile.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/commands/iomeshctl.h"
#include "scenarios/plan/graph.h"
#include "scenarios/plan/lower.h"

namespace scenarios::plan {

namespace {

using language::Bindings;
using language::Diagnostics;
using language::Step;
using language::Text;

/// A text in which the variables of `for_each` are replaced, and where its parts come from.
struct Expanded {
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>>
      origins;  ///< (offset here, offset in the original), rising

  [[nodiscard]] std::size_t origin(std::size_t offset) const {
    std::size_t result = offset;
    for (const auto& [here, there] : origins) {
      if (here > offset) {
        break;
      }
      result = there + (offset - here);
    }
    return result;
  }
};

/// Replaces what `bindings` knows; captures stay for the run.
Expanded expand(const std::string& text, const Bindings& bindings) {
  Expanded expanded;
  std::size_t copied = 0;
  expanded.origins.emplace_back(0, 0);
  for (const language::Reference& reference : language::references_in(text)) {
    const auto binding = std::find_if(bindings.begin(), bindings.end(),
                                      [&](const auto& entry) { return entry.first == reference.name; });
    if (binding == bindings.end()) {
      continue;
    }
    expanded.text.append(text, copied, reference.offset - copied);
    expanded.text += binding->second;
    copied = reference.offset + reference.length;
    expanded.origins.emplace_back(expanded.text.size(), copied);
  }
  expanded.text.append(text, copied);
  return expanded;
}

/// All combinations of the values of `for_each`, the last variable fastest; one empty one without it.
std::vector<Bindings> iterations(const Step& step) {
  std::vector<Bindings> all = {{}};
  for (const auto& loop : step.for_each) {
    std::vector<Bindings> longer;
    for (const Bindings& bindings : all) {
      for (const std::string& host : loop.value.hosts) {
        longer.push_back(bindings);
        longer.back().emplace_back(loop.name.value, host);
      }
    }
    all = std::move(longer);
  }
  return all;
}

class Compiler {
 public:
  Compiler(const language::Scenario& scenario, commands::LoadContext context, Diagnostics& diagnostics,
           bool unknown_commands)
      : scenario_(scenario), context_(std::move(context)), diagnostics_(diagnostics) {
    context_.unknown_commands = unknown_commands;
  }

  CompiledPlan compile() {
    CompiledPlan plan;
    for (std::size_t i = 0; i < scenario_.plan.size(); ++i) {
      plan.steps.push_back(compile_step(i));
    }
    report_cycle(plan);
    return plan;
  }

 private:
  CompiledStep compile_step(std::size_t index) {
    const Step& step = scenario_.plan[index];
    path_ = fmt::format("plan[{}]", index);
    CompiledStep compiled;
    compiled.name = step.name.value;
    compiled.at = step.where;
    compiled.needs = positions_of_needs(step, index);
    if (step.at.given()) {
      compiled.not_before = step.at.value;
    }
    compiled.after = step.after.value;
    if (step.timeout.given()) {
      compiled.timeout = step.timeout.value;
    }
    if (step.wait.given()) {
      compiled.wait = step.wait.value;
    }
    compiled.stop_on_error = step.on_error == language::OnError::stop;
    compiled.then = step.then;
    for (const Bindings& bindings : iterations(step)) {
      for (const auto& capture : step.captures) {
        compiled.program.push_back({Op::BeginCapture, 0, {}, {}});
        add_text(compiled, capture.value, bindings, capture.name.value,
                 fmt::format("{}.let.{}", path_, capture.name.value), step);
        compiled.program.push_back({Op::EndCapture, 0, capture.name.value, {}});
        compiled.program.push_back({Op::StopIfFailed, 0, {}, {}});
        context_.variables.push_back(capture.name.value);
        session_.forget(capture.name.value);
      }
      if (step.edit) {
        add_text(compiled, edit_text(*step.edit), bindings, {}, path_ + ".edit", step);
        edit_manifest(*step.edit);
        compiled.program.push_back({Op::StopIfFailed, 0, {}, {}});
      }
      for (std::size_t i = 0; i < step.run.size(); ++i) {
        add_text(compiled, step.run[i], bindings, {},
                 step.run.size() == 1 ? path_ + ".run" : fmt::format("{}.run[{}]", path_, i), step);
        compiled.program.push_back({Op::StopIfFailed, 0, {}, {}});
      }
    }
    return compiled;
  }

  /// An edit as the command that performs it; `${…}` in it stays.
  static Text edit_text(const language::FileEdit& edit) {
    Text text{"edit " + commands::quote_word(edit.file.value), edit.where, {}};
    for (const auto& entry : edit.set) {
      const std::string assignment = entry.name.value + "=" + entry.value.value;
      text.value += " " + (assignment.find("${") == std::string::npos ? commands::quote_word(assignment)
                                                                      : fmt::format("\"{}\"", assignment));
    }
    return text;
  }

  /// What is written into a manifest is there for the steps that are written later: `kubectl apply -f` reads
  /// its file when the plan is loaded.
  void edit_manifest(const language::FileEdit& edit) {
    const auto file = std::find_if(context_.files.begin(), context_.files.end(),
                                   [&](const auto& one) { return one.name == edit.file.value; });
    if (file == context_.files.end() || !commands::is_manifest(*file)) {
      return;
    }
    for (const auto& entry : edit.set) {
      const std::string path = fmt::format("{}.edit.set.{}", path_, entry.name.value);
      if (entry.value.value.find("${") != std::string::npos) {
        diagnostics_.error(entry.value.at, path,
                           "a manifest is edited when the plan is loaded: no variable has a value",
                           "write the value, or use kubectl patch");
      } else if (!commands::set_field(file->documents.front(), entry.name.value, entry.value.value)) {
        diagnostics_.error(entry.name.at, path,
                           fmt::format("{} leads into something that is no mapping", entry.name.value),
                           "write the names of mappings, with dots between them");
      }
    }
  }

  void add_text(CompiledStep& compiled, const Text& text, const Bindings& bindings,
                const std::string& capture, const std::string& path, const Step& step) {
    const Expanded expanded = expand(text.value, bindings);
    context_.standard_input =
        step.standard_input.given() ? expand(step.standard_input.value, bindings).text : std::string();
    const std::size_t before = compiled.commands.size();
    std::vector<commands::CompileProblem> problems;
    lower(
        expanded.text, [&](std::size_t offset) { return text.at_offset(expanded.origin(offset)); }, context_,
        session_, compiled, problems);
    for (std::size_t i = before; i < compiled.commands.size() && !capture.empty(); ++i) {
      CompiledCommand& command = compiled.commands[i];
      command.capture = command.capture.empty() ? capture : command.capture;
    }
    for (const commands::CompileProblem& problem : problems) {
      diagnostics_.error(text.at_offset(expanded.origin(problem.offset)), path, problem.problem,
                         problem.hint);
    }
  }

  std::vector<std::uint32_t> positions_of_needs(const Step& step, std::size_t index) {
    std::vector<std::uint32_t> positions;
    if (!step.needs_given && index > 0) {
      positions.push_back(static_cast<std::uint32_t>(index - 1));
    }
    for (const Text& need : step.needs) {
      for (std::size_t i = 0; i < scenario_.plan.size(); ++i) {
        if (scenario_.plan[i].name.value == need.value) {
          positions.push_back(static_cast<std::uint32_t>(i));
        }
      }
    }
    return positions;
  }

  void report_cycle(const CompiledPlan& plan) {
    std::vector<std::vector<std::uint32_t>> needs;
    for (const CompiledStep& step : plan.steps) {
      needs.push_back(step.needs);
    }
    const auto cycle = find_cycle(needs);
    if (!cycle) {
      return;
    }
    std::string names;
    for (const std::uint32_t step : *cycle) {
      names += fmt::format("\"{}\" -> ", plan.steps[step].name);
    }
    names += fmt::format("\"{}\"", plan.steps[cycle->front()].name);
    const std::uint32_t first = *std::min_element(cycle->begin(), cycle->end());
    diagnostics_.error(plan.steps[first].at, fmt::format("plan[{}].needs", first),
                       fmt::format("the steps need each other in a circle: {}", names),
                       "take one of these needs away");
  }

  const language::Scenario& scenario_;
  commands::LoadContext context_;
  Session session_;
  Diagnostics& diagnostics_;
  std::string path_;
};

}  // namespace

CompiledPlan compile(const language::Scenario& scenario, const commands::LoadContext& context,
                     Diagnostics& diagnostics, bool unknown_commands) {
  return Compiler(scenario, context, diagnostics, unknown_commands).compile();
}

}  // namespace scenarios::plan
