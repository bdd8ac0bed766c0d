#include "scenarios/plan/lower_builtins.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "scenarios/plan/lower.h"
#include "scenarios/runbook/test_words.h"

namespace scenarios::plan {

using commands::Argument;
using commands::Word;

SetFlags read_set(const std::vector<Word>& words, const Refuse& refuse) {
  SetFlags flags;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string flag = Argument::of(words[i]).text();
    std::string letters = flag.starts_with('-') ? flag.substr(1) : std::string();
    bool good = !letters.empty();
    if (good && letters.back() == 'o') {
      letters.pop_back();
      const std::string option = ++i < words.size() ? Argument::of(words[i]).text() : std::string();
      flags.pipefail = flags.pipefail || option == "pipefail";
      flags.errexit = flags.errexit || option == "errexit";
      good = option == "pipefail" || option == "errexit" || option == "nounset" || option == "xtrace";
    }
    for (const char letter : letters) {
      flags.errexit = flags.errexit || letter == 'e';
      good = good && (letter == 'e' || letter == 'u' || letter == 'x');
    }
    if (!good) {
      refuse(fmt::format("set {} is beyond the grammar of runbooks", flag),
             "taken: set -e, -u, -x, -o pipefail", words[std::min(i, words.size() - 1)].begin);
    }
  }
  return flags;
}

Builtin builtin_named(std::string_view program) {
  static constexpr std::pair<std::string_view, Builtin> kBuiltins[] = {
      {"echo", Builtin::Echo}, {"seq", Builtin::Sequence}, {"sleep", Builtin::Sleep},
      {"[", Builtin::Test},    {"[[", Builtin::Test},      {"test", Builtin::Test},
      {"true", Builtin::True}, {":", Builtin::True},       {"false", Builtin::False}};
  const auto* found = std::find_if(std::begin(kBuiltins), std::end(kBuiltins),
                                   [&](const auto& one) { return one.first == program; });
  return found == std::end(kBuiltins) ? Builtin::None : found->second;
}

void check_builtin(Builtin builtin, const std::vector<Word>& words, const Refuse& refuse) {
  if (builtin == Builtin::Sleep) {
    if (words.size() != 2) {
      refuse("sleep takes one time", "write sleep 30 or sleep 5m", words.front().begin);
    } else if (!words[1].has_references() && !sleep_time(Argument::of(words[1]).text())) {
      refuse(fmt::format("\"{}\" is no time to sleep", Argument::of(words[1]).text()),
             "write a number of seconds, or one with s, m, h or d", words[1].begin);
    }
  }
  if (builtin == Builtin::Sequence && (words.size() < 2 || words.size() > 4)) {
    refuse("seq takes one to three whole numbers", "write seq LAST, seq FIRST LAST or seq FIRST STEP LAST",
           words.front().begin);
  }
  if (builtin == Builtin::Test) {
    std::vector<commands::CommandProblem> problems;
    runbook::check_test_words(words, problems);
    for (const commands::CommandProblem& problem : problems) {
      refuse(problem.text, problem.hint, problem.offset);
    }
  }
}

std::optional<sim::Duration> sleep_time(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  const auto* found =
      std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& one) { return one.first == unit; });
  constexpr double kSecondsMax = 1e9;
  if (error != std::errc() || found == std::end(kUnits) || number < 0 || number > kSecondsMax) {
    return std::nullopt;
  }
  return sim::Duration{static_cast<std::int64_t>(number * 1e6) * found->second * 1000};
}

}  // namespace scenarios::plan
