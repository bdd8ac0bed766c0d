#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scenarios/language/load.h"
#include "scenarios/language/text_encoding.h"
#include "tests/unit/language/design_example.h"

// Whatever becomes of a file on its way here, the parser answers with a scenario or with diagnostics that
// point into the file.

namespace scenarios::language {
namespace {

bool points_into(const Diagnostic& diagnostic, const std::string& text) {
  const int lines = 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  if (diagnostic.at.line < 1 || diagnostic.at.line > lines || diagnostic.at.column < 1) return false;
  std::size_t start = 0;
  for (int line = 1; line < diagnostic.at.line; ++line) start = text.find('\n', start) + 1;
  const std::size_t end = std::min(text.find('\n', start), text.size());
  return static_cast<std::size_t>(diagnostic.at.column) <= end - start + 1;
}

void judge(const std::string& text) {
  const LoadResult result = load_scenario_text(text, "f.yaml");
  bool errors = false;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    errors = errors || diagnostic.severity == Severity::error;
    RC_ASSERT(!diagnostic.problem.empty());
    RC_ASSERT(points_into(diagnostic, text));
    RC_ASSERT(!find_encoding_problem(render(diagnostic)).has_value());
  }
  RC_ASSERT(result.scenario.has_value() == !errors);
}

RC_GTEST_PROP(MutatedScenario, TruncatedAnywhereGivesAScenarioOrDiagnosticsInsideTheFile, ()) {
  const std::string whole = design_example;
  judge(whole.substr(0, *rc::gen::inRange<std::size_t>(0, whole.size())));
}

RC_GTEST_PROP(MutatedScenario, WithOtherBytesGivesAScenarioOrDiagnosticsInsideTheFile, ()) {
  std::string text = design_example;
  const int changes = *rc::gen::inRange(1, 6);
  for (int i = 0; i < changes; ++i) {
    const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
    const char byte = *rc::gen::oneOf(rc::gen::arbitrary<char>(),
                                      rc::gen::element('[', ']', '{', '}', ':', '-', '"', '\'', '&', '*', '!',
                                                       '|', '>', '#', ',', ' ', '\n', '\t', '?', '%', '0'));
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text[place] = byte;
        break;
      case 1:
        text.insert(place, 1, byte);
        break;
      default:
        text.erase(place, *rc::gen::inRange<std::size_t>(1, 20));
        break;
    }
  }
  judge(text);
}

RC_GTEST_PROP(MutatedScenario, WithLinesMovedGivesAScenarioOrDiagnosticsInsideTheFile, ()) {
  const std::string whole = design_example;
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < whole.size();) {
    const std::size_t end = whole.find('\n', start);
    lines.push_back(whole.substr(start, end - start + 1));
    start = end + 1;
  }
  const int changes = *rc::gen::inRange(1, 5);
  for (int i = 0; i < changes; ++i) {
    const auto from = *rc::gen::inRange<std::size_t>(0, lines.size());
    const auto to = *rc::gen::inRange<std::size_t>(0, lines.size());
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(to), lines[from]);
  }
  std::string text;
  for (const std::string& line : lines) text += line;
  judge(text);
}

RC_GTEST_PROP(MutatedScenario, RandomStructureGivesDiagnosticsInsideTheFile, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "apiVersion: rehearsal/v1\n", "scenario: x\n", "plan:\n", "  - step: a\n", "    run: b\n", "cluster:\n",
      "  nodes:\n", "  jobs: {j: {completions: 3}}\n", "[", "{", "a: ", "}", "]", "- ", "\n", "  ", "\"", "'",
      "|\n", "&x ", "*x", "checks: [", "expect: {holds: all}\n", "faults: [{at: 3s, ", "behaviour: {",
      "seed: 3", "until: ", "1", "\t", "# c\n", "---\n"));
  std::string text;
  for (const std::string& word : words) text += word;
  judge(text);
}

}  // namespace
}  // namespace scenarios::language
