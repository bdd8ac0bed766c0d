#pragma once
// From the structure of a runbook's text to the instructions of a step. lower.cpp has its commands,
// lower_flow.cpp what leads from one to the next: functions, variables, choices and loops.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/plan/lower_text.h"

namespace scenarios::plan {

class Lowering final : public TextLowering {
 public:
  Lowering(const PlaceOf& place_of, commands::LoadContext& context, Session& session, CompiledStep& step,
           std::vector<commands::CompileProblem>& problems)
      : TextLowering(place_of, context, session, step, problems) {}

  void lower_list(const runbook::Node& list, bool may_assign);

 private:
  /// A loop whose body is being lowered, as `break` and `continue` see it.
  struct Around {
    bool runs = false;                     ///< it has a frame when the plan runs
    std::vector<std::uint32_t> breaks;     ///< jumps to its end
    std::vector<std::uint32_t> continues;  ///< jumps to the end of its turn
  };

  /// A function that is performed where it is called.
  struct Call {
    std::string name;
    std::size_t captures = 0;            ///< `$(…)` around the call
    std::vector<std::uint32_t> returns;  ///< jumps to its end
    std::vector<std::string> locals;
  };

  /// Whether a failure here ends the text, as `set -e` asks; what is made of commands leaves that to them.
  /// Source: bash manual, The Set Builtin, -e.
  [[nodiscard]] bool stops(runbook::NodeKind kind) const;

  void lower_captured_list(const runbook::Node& list) override;

  /// What is lowered meanwhile may fail without ending the text: it is a condition.
  void lower_spared(const runbook::Node& node, bool may_assign);

  void lower(const runbook::Node& node, bool may_assign);

  void lower_command(const runbook::Node& node, std::span<const runbook::Node> filters);

  void compile_program(CompiledCommand& command, const runbook::Slice& text);

  void add_filter(CompiledCommand& command, const runbook::Node& node);

  /// What changes how the plan goes on rather than what is done.
  bool lower_control(const std::string& program, const std::vector<commands::Word>& words,
                     const runbook::Slice& text);

  /// `exit` and `return`: with a number, with one that a variable holds, or with that of the last command.
  void lower_end(const std::string& program, const std::vector<commands::Word>& words,
                 const runbook::Slice& text);

  void lower_pipeline(const runbook::Node& node);

  static bool is_filter(const runbook::Node& node);

  /// `cat <<EOF` prints the lines.
  bool prints_document(const runbook::Node& node, CompiledCommand& command);

  /// A function is performed where it is called: its commands stand there once more. Parameters that are
  /// written words are put into them, as the turns of a loop are.
  void lower_call(const runbook::Node& node, const std::string& name,
                  const std::vector<commands::Word>& words, const runbook::Slice& text);

  void bind(const std::string& name, const std::vector<commands::Word>& words, const runbook::Slice& text);

  void add_parameter(const std::string& variable, const std::string& value, bool written);

  void lower_assignment(const runbook::Node& node, bool may_assign);

  /// The words of a loop, if they are all known now and plain.
  std::optional<std::vector<std::string>> written_words(const std::vector<commands::Word>& words) const;

  /// A loop over written words becomes its commands, each checked when the plan is loaded; another one runs.
  void lower_loop(const runbook::Node& node, bool may_assign);

  void unroll(const runbook::Node& node, const std::vector<std::string>& values, bool may_assign);

  void enter_loop();
  void leave_loop();

  /// Variables that a part sets which may not be performed are empty until then, as in a shell.
  void begin_empty(const runbook::Node& node);

  void lower_choice(const runbook::Node& node, bool may_assign);

  void lower_conditional_loop(const runbook::Node& node, bool may_assign);

  void lower_leap(const runbook::Node& node);

  bool stops_at_failure_ = false;
  bool pipefail_ = false;
  bool too_long_ = false;
  bool discards_output_ = false;  ///< of the call around what is lowered
  bool discards_errors_ = false;
  bool errors_to_output_ = false;
  bool output_to_errors_ = false;
  std::size_t spared_ = 0;         ///< conditions around what is lowered
  std::size_t uncertain_ = 0;      ///< whatever is performed not always, or not once, around it
  std::size_t beside_ = 0;         ///< `&` around it
  std::size_t capture_loops_ = 0;  ///< loops that run, in the innermost `$(…)`
  std::size_t call_loops_ = 0;     ///< in the innermost function
  std::vector<std::vector<std::uint32_t>> capture_ends_;  ///< jumps out of each `$(…)`
  std::vector<Around> around_;                            ///< loops around it, innermost last
  std::vector<Call> calls_;                               ///< functions around it, innermost last
};

}  // namespace scenarios::plan
