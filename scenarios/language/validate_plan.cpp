#include "scenarios/language/validate_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/language/host_set.h"
#include "scenarios/language/nearest_word.h"

namespace scenarios::language {
namespace {

/// A capture or a variable of `for_each`.
struct Variable {
  std::string name;
  Location at;
  std::string field;
  bool is_capture = true;
  bool used = false;
  bool visible = true;
};

class PlanValidation {
 public:
  PlanValidation(const Scenario& scenario, Diagnostics& diagnostics)
      : scenario_(scenario), diagnostics_(diagnostics) {}

  void run() {
    judge_names();
    for (std::size_t i = 0; i < scenario_.plan.size(); ++i)
      judge_step(scenario_.plan[i], fmt::format("plan[{}]", i));
    for (const Variable& variable : variables_) {
      if (variable.used) continue;
      diagnostics_.error(variable.at, variable.field, fmt::format("{} is never used", variable.name),
                         fmt::format("use it as ${{{}}}, or leave it out", variable.name));
    }
    judge_files();
  }

 private:
  void judge_names() {
    for (std::size_t i = 0; i < scenario_.plan.size(); ++i) {
      const Text& name = scenario_.plan[i].name;
      for (std::size_t j = 0; j < i; ++j) {
        if (scenario_.plan[j].name.value != name.value) continue;
        diagnostics_.error(name.at, fmt::format("plan[{}].step", i),
                           fmt::format("there are two steps \"{}\", the first in line {}", name.value,
                                       scenario_.plan[j].name.at.line),
                           "give each step a name of its own");
        break;
      }
      names_.push_back(name.value);
    }
    for (std::size_t i = 0; i < scenario_.plan.size(); ++i) {
      for (const Text& need : scenario_.plan[i].needs) {
        if (std::find(names_.begin(), names_.end(), need.value) != names_.end()) continue;
        diagnostics_.error(need.at, fmt::format("plan[{}].needs", i),
                           fmt::format("the plan has no step \"{}\"", need.value),
                           did_you_mean(need.value, names_));
      }
    }
  }

  void judge_step(const Step& step, const std::string& field) {
    for (const auto& loop : step.for_each) {
      judge_set(loop.value, field + ".for_each." + loop.name.value);
    }
    const std::size_t first_loop = variables_.size();
    for (const auto& loop : step.for_each) declare(loop.name, field + ".for_each." + loop.name.value, false);
    for (const auto& capture : step.captures) {
      judge_script(capture.value);
      declare(capture.name, field + ".let." + capture.name.value, true);
    }
    for (const Text& run : step.run) judge_script(run);
    if (step.edit) {
      for (const auto& entry : step.edit->set)
        judge_text(entry.value, field + ".edit.set." + entry.name.value);
    }
    judge_text(step.standard_input, field + ".stdin");
    judge_condition(step.then, field + ".then");
    // A loop's variable ends with its step; a capture stays.
    for (std::size_t i = first_loop; i < variables_.size(); ++i) {
      if (!variables_[i].is_capture) variables_[i].visible = false;
    }
  }

  void declare(const Text& name, std::string field, bool is_capture) {
    const bool word = !name.value.empty() && references_in("${" + name.value + "}").size() == 1;
    if (!word) {
      diagnostics_.error(name.at, std::move(field), fmt::format("\"{}\" is not a name", name.value),
                         "letters, digits, _ and -");
      return;
    }
    for (const Variable& other : variables_) {
      if (!other.visible || other.name != name.value || (other.is_capture && is_capture)) continue;
      diagnostics_.error(
          name.at, field,
          fmt::format("{} already stands for something else, since line {}", name.value, other.at.line),
          "choose another name");
    }
    variables_.push_back({name.value, name.at, std::move(field), is_capture});
  }

  void judge_set(const HostSet& set, const std::string& field) {
    if (!set.open) return;
    for (const Text& text : set.written) judge_text(text, field);
  }

  void judge_condition(const Condition& condition, const std::string& field) {
    judge_set(condition.running, field + ".running");
    judge_set(condition.ready, field + ".ready");
    judge_set(condition.absent, field + ".absent");
    for (const PodCount& count : condition.pods) judge_text(count.object, field + ".pods");
    for (const Text& text : condition.prints) judge_text(text, field + ".prints");
    if (!condition.flux) return;
    judge_set(condition.flux->free.hosts, field + ".flux.free");
    judge_set(condition.flux->allocated.hosts, field + ".flux.allocated");
    judge_set(condition.flux->down.hosts, field + ".flux.down");
  }

  /// A runbook sets variables of its own: what has no value is told when it is compiled.
  void judge_script(const Text& text) {
    for (Variable& variable : variables_) {
      variable.used = variable.used || (variable.visible && mentions(text.value, variable.name));
    }
  }

  static bool mentions(const std::string& text, const std::string& name) {
    const auto is_name = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const std::size_t end = at + name.size();
      const bool braces =
          at >= 2 && text.compare(at - 2, 2, "${") == 0 && end < text.size() && text[end] == '}';
      const bool plain = at >= 1 && text[at - 1] == '$' && (end == text.size() || !is_name(text[end]));
      if (braces || plain) return true;
    }
    return false;
  }

  void judge_text(const Text& text, const std::string& field) {
    for (const Reference& reference : references_in(text.value)) {
      bool known = false;
      for (Variable& variable : variables_) {
        if (!variable.visible || variable.name != reference.name) continue;
        variable.used = true;
        known = true;
      }
      if (known) continue;
      std::vector<std::string> names;
      for (const Variable& variable : variables_) {
        if (variable.visible) names.push_back(variable.name);
      }
      std::string hint = did_you_mean(reference.name, names);
      if (hint.empty())
        hint =
            "captures (let) and variables (for_each) are defined in this step, captures also in earlier "
            "ones; $${ is a plain ${";
      diagnostics_.error(text.at_offset(reference.offset), field,
                         fmt::format("${{{}}} has no value here", reference.name), std::move(hint));
    }
  }

  void judge_files() {
    for (const auto& file : scenario_.files) {
      const auto mentions = [&](const Text& text) {
        return text.value.find(file.name.value) != std::string::npos;
      };
      const bool used = std::any_of(scenario_.plan.begin(), scenario_.plan.end(), [&](const Step& step) {
        return std::any_of(step.run.begin(), step.run.end(), mentions) ||
               std::any_of(step.captures.begin(), step.captures.end(),
                           [&](const auto& capture) { return mentions(capture.value); });
      });
      if (used) continue;
      diagnostics_.error(file.name.at, "files." + file.name.value,
                         fmt::format("no command of the plan reads {}", file.name.value),
                         "leave it out, or use it: kubectl apply -f " + file.name.value);
    }
  }

  const Scenario& scenario_;
  Diagnostics& diagnostics_;
  std::vector<std::string> names_;
  std::vector<Variable> variables_;
};

}  // namespace

void validate_plan(const Scenario& scenario, Diagnostics& diagnostics) {
  PlanValidation(scenario, diagnostics).run();
}

}  // namespace scenarios::language
