#include "scenarios/plan/lower_builtins.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "scenarios/plan/lower.h"
#include "scenarios/runbook/printed_words.h"
#include "scenarios/runbook/test_words.h"

namespace scenarios::plan {

using commands::Argument;
using commands::Word;

SetFlags read_set(const std::vector<Word>& words, const Refuse& refuse) {
  SetFlags flags;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string flag = Argument::of(words[i]).text();
    const bool on = flag.starts_with('-');
    std::string letters = on || flag.starts_with('+') ? flag.substr(1) : std::string();
    bool good = !letters.empty();
    if (good && letters.back() == 'o') {
      letters.pop_back();
      const std::string option = ++i < words.size() ? Argument::of(words[i]).text() : std::string();
      flags.pipefail = option == "pipefail" ? std::optional(on) : flags.pipefail;
      flags.errexit = option == "errexit" ? std::optional(on) : flags.errexit;
      good = option == "pipefail" || option == "errexit" || option == "nounset" || option == "xtrace" ||
             option == "errtrace";
    }
    for (const char letter : letters) {
      flags.errexit = letter == 'e' ? std::optional(on) : flags.errexit;
      good = good && std::string_view("euxE").find(letter) != std::string_view::npos;
    }
    if (!good) {
      refuse(fmt::format("set {} is beyond the grammar of runbooks", flag),
             "taken: set -e, -u, -x, -E, -o pipefail, and + for -",
             words[std::min(i, words.size() - 1)].begin);
    }
  }
  return flags;
}

Builtin builtin_named(std::string_view program) {
  static constexpr std::pair<std::string_view, Builtin> kBuiltins[] = {
      {"echo", Builtin::Echo},    {"printf", Builtin::Printf}, {"date", Builtin::Date},
      {"seq", Builtin::Sequence}, {"sleep", Builtin::Sleep},   {"[", Builtin::Test},
      {"[[", Builtin::Test},      {"test", Builtin::Test},     {"true", Builtin::True},
      {":", Builtin::True},       {"false", Builtin::False}};
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
  if (builtin == Builtin::Printf || builtin == Builtin::Date) {
    std::vector<std::string> texts;
    for (const Word& word : words) {
      texts.push_back(Argument::of(word).text());
    }
    const bool written =
        std::none_of(words.begin(), words.end(), [](const Word& word) { return word.has_references(); });
    const runbook::Printed printed =
        builtin == Builtin::Printf ? runbook::print_formatted(texts) : runbook::print_date(texts, 0);
    if (!printed.problem.empty() && (written || builtin == Builtin::Date)) {
      refuse(printed.problem, printed.hint, words.front().begin);
    }
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
