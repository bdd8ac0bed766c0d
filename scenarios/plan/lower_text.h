#pragma once
// What of a runbook's text is worked out rather than performed: words, what `$(…)` and its like put into
// them, here-documents. The commands and what leads from one to the next are lower.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/plan/known_values.h"
#include "scenarios/plan/lower.h"
#include "scenarios/plan/lower_builtins.h"
#include "scenarios/runbook/script.h"

namespace scenarios::plan {

class TextLowering {
 public:
  TextLowering(const TextLowering&) = delete;
  TextLowering& operator=(const TextLowering&) = delete;
  TextLowering(TextLowering&&) = delete;
  TextLowering& operator=(TextLowering&&) = delete;

 protected:
  TextLowering(const PlaceOf& place_of, commands::LoadContext& context, Session& session, CompiledStep& step,
               std::vector<commands::CompileProblem>& problems)
      : place_of_(place_of), context_(context), session_(session), step_(step), problems_(problems) {}
  virtual ~TextLowering() = default;
  /// What stands in a `$(…)`; jumps to its end are landed there.
  virtual void lower_captured_list(const runbook::Node& list) = 0;

  std::uint32_t here() const { return static_cast<std::uint32_t>(step_.program.size()); }
  std::uint32_t emit(Op op, std::uint32_t argument = 0, std::string name = {},
                     std::vector<commands::Word> words = {});
  /// Lets jumps lead to this place.
  void land(const std::vector<std::uint32_t>& jumps);
  /// In a function of an earlier text the place is that of its call.
  void refuse(std::string text, std::string hint, std::size_t at);
  std::size_t place(std::size_t at) const { return called_at_.value_or(at); }
  Refuse refusal(const runbook::Slice& text);

  bool is_variable(std::string_view name) const;
  /// The words of a text; none with problems.
  std::vector<commands::Word> words_of(const runbook::Slice& text);
  void lower_substitutions(const runbook::Node& node);
  /// The lines of a here-document with the values of its variables, which have to be known now.
  std::string document_of(const runbook::Node& node);
  static std::string trimmed(std::string_view text);

  const PlaceOf& place_of_;
  commands::LoadContext& context_;
  Session& session_;
  CompiledStep& step_;
  std::vector<commands::CompileProblem>& problems_;
  Known known_;
  std::vector<std::string> capture_;
  std::optional<std::size_t> called_at_;  ///< of a function of an earlier text

 private:
  void lower_captured(const runbook::Substitution& substitution);
  void lower_arithmetic(const runbook::Substitution& substitution);
  void lower_default(const runbook::Substitution& substitution);
  const std::string* known_value(std::string_view name) const;
};

}  // namespace scenarios::plan
