#include "scenarios/runbook/test_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "scenarios/runbook/arithmetic.h"

namespace scenarios::runbook {

namespace {

constexpr std::array<std::string_view, 3> kOfTexts = {"=", "==", "!="};
constexpr std::array<std::string_view, 6> kOfNumbers = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge"};
constexpr std::array<std::string_view, 2> kOfOne = {"-n", "-z"};
constexpr std::string_view kTaken = "taken: -n -z = == != -eq -ne -lt -le -gt -ge and !";

template <std::size_t N>
bool among(const std::array<std::string_view, N>& known, std::string_view word) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

TestResult told(bool holds) { return {holds ? 0 : 1, {}}; }
TestResult unknown(std::string problem) { return {2, std::move(problem)}; }

class Condition {
 public:
  Condition(std::span<const std::string> words, bool double_brackets)
      : words_(words), double_brackets_(double_brackets) {}

  /// Source: POSIX test: the number of words decides what they mean.
  [[nodiscard]] TestResult result() const { return of(words_); }

 private:
  [[nodiscard]] TestResult of(std::span<const std::string> words) const {
    switch (words.size()) {
      case 0:
        return told(false);
      case 1:
        return told(!words[0].empty());
      case 2:
        if (words[0] == "!") {
          return negated(of(words.subspan(1)));
        }
        return of_one(words[0], words[1]);
      case 3:
        if (among(kOfTexts, words[1]) || among(kOfNumbers, words[1])) {
          return of_two(words[0], words[1], words[2]);
        }
        if (words[0] == "!") {
          return negated(of(words.subspan(1)));
        }
        return unknown(fmt::format("{}: binary operator expected", words[1]));
      case 4:
        if (words[0] == "!") {
          return negated(of(words.subspan(1)));
        }
        [[fallthrough]];
      default:
        return unknown("too many arguments");
    }
  }

  static TestResult negated(TestResult result) {
    result.exit_code = result.exit_code == 2 ? 2 : 1 - result.exit_code;
    return result;
  }

  static TestResult of_one(const std::string& op, const std::string& word) {
    if (op == "-n") {
      return told(!word.empty());
    }
    return op == "-z" ? told(word.empty()) : unknown(fmt::format("{}: unary operator expected", op));
  }

  [[nodiscard]] TestResult of_two(const std::string& left, const std::string& op,
                                  const std::string& right) const {
    if (op == "=" || op == "==") {
      return told(left == right);
    }
    if (op == "!=") {
      return told(left != right);
    }
    const std::optional<std::int64_t> a = number_of(left);
    const std::optional<std::int64_t> b = number_of(right);
    if (!a || !b) {
      return unknown(fmt::format("{}: integer expression expected", a ? right : left));
    }
    return told(op == "-eq"   ? *a == *b
                : op == "-ne" ? *a != *b
                : op == "-lt" ? *a < *b
                : op == "-le" ? *a <= *b
                : op == "-gt" ? *a > *b
                              : *a >= *b);
  }

  /// Between double brackets a number is an expression, and nothing counts 0; otherwise it is decimal.
  [[nodiscard]] std::optional<std::int64_t> number_of(std::string_view text) const {
    if (double_brackets_) {
      const bool blank = text.find_first_not_of(" \t\n") == std::string_view::npos;
      return blank ? std::optional<std::int64_t>(0) : whole_number(text);
    }
    // Leading zeros are no sign of octal numbers here.
    const std::size_t begin = std::min(text.find_first_not_of(" \t\n"), text.size());
    std::string decimal(text.substr(begin));
    const std::size_t digits = decimal.starts_with('-') || decimal.starts_with('+') ? 1 : 0;
    const std::size_t zeros = std::min(decimal.find_first_not_of('0', digits), decimal.size()) - digits;
    const bool only_zeros = digits + zeros == decimal.size() ||
                            !(decimal[digits + zeros] >= '0' && decimal[digits + zeros] <= '9');
    decimal.erase(digits, only_zeros && zeros > 0 ? zeros - 1 : zeros);
    return decimal.size() > digits && decimal[digits] >= '0' && decimal[digits] <= '9' &&
                   decimal.find_first_of("xX") == std::string::npos
               ? whole_number(decimal)
               : std::nullopt;
  }

  std::span<const std::string> words_;
  bool double_brackets_;
};

std::string_view closing(std::string_view program) {
  return program == "[" ? "]" : program == "[[" ? "]]" : "";
}

}  // namespace

TestResult test_words(std::span<const std::string> words) {
  const std::string_view close = closing(words.front());
  std::span<const std::string> inside = words.subspan(1);
  if (!close.empty()) {
    if (inside.empty() || inside.back() != close) {
      return unknown(fmt::format("missing `{}'", close));
    }
    inside = inside.first(inside.size() - 1);
  }
  return Condition(inside, words.front() == "[[").result();
}

void check_test_words(const std::vector<commands::Word>& words,
                      std::vector<commands::CommandProblem>& problems) {
  const auto text = [&](std::size_t i) { return commands::Argument::of(words[i]).text(); };
  const std::string program = text(0);
  const std::string_view close = closing(program);
  std::size_t end = words.size();
  if (!close.empty()) {
    if (text(end - 1) != close || end < 2) {
      problems.push_back({fmt::format("the {} that opens here has no {}", program, close),
                          fmt::format("write {} before ; or && or ||", close), words.front().begin});
      return;
    }
    --end;
  }
  std::size_t first = 1;
  while (first < end && text(first) == "!") {
    ++first;
  }
  const bool split =
      program != "[[" && std::any_of(words.begin(), words.end(), [](const commands::Word& word) {
        return std::any_of(word.parts.begin(), word.parts.end(),
                           [](const auto& part) { return part.reference && !part.quoted; });
      });
  if (first == end || split) {
    return;  // how many words there are is known only when it runs
  }
  const std::size_t count = end - first;
  const std::size_t at = count == 2 ? first : std::min(first + 1, end - 1);
  const bool good = count == 1 || (count == 2 && among(kOfOne, text(first))) ||
                    (count == 3 && (among(kOfTexts, text(first + 1)) || among(kOfNumbers, text(first + 1))));
  if (!good) {
    problems.push_back({count > 3
                            ? fmt::format("{} takes one comparison here", program)
                            : fmt::format("{}: \"{}\" is no comparison that is taken", program, text(at)),
                        count > 3 ? std::string("join conditions with && and ||, each in brackets of its own")
                                  : std::string(kTaken),
                        words[at].begin});
  }
}

}  // namespace scenarios::runbook
