// grep. Source: POSIX grep; GNU grep manual for -o, -w.

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/runbook/filters.h"
#include "scenarios/runbook/lines.h"
#include "scenarios/runbook/pattern.h"

namespace scenarios::runbook {

namespace {

class Grep : public Filter {
 public:
  bool inverts = false;
  bool counts = false;
  bool quiet = false;
  bool only_matching = false;
  std::int64_t most = -1;  // -m; -1: no limit
  std::vector<Pattern> patterns;

  [[nodiscard]] Result apply(std::string_view input) const override {
    Result result{{}, 1};
    std::int64_t selected = 0;
    for (const std::string_view line : lines_of(input)) {
      if (most >= 0 && selected >= most) {
        break;
      }
      const bool matches = std::any_of(patterns.begin(), patterns.end(),
                                       [&](const Pattern& pattern) { return pattern.matches(line); });
      if (matches == inverts) {
        continue;
      }
      ++selected;
      if (quiet || counts) {
        continue;
      }
      if (!only_matching) {
        result.output.append(line).push_back('\n');
        continue;
      }
      for (const Pattern& pattern : patterns) {
        for (const std::string_view found : pattern.all(line)) {
          result.output.append(found).push_back('\n');
        }
      }
    }
    if (counts && !quiet) {
      result.output = fmt::format("{}\n", selected);
    }
    result.exit_code = selected > 0 ? 0 : 1;
    return result;
  }
};

constexpr std::string_view kGrepFlags = "-E -F -i -v -w -x -c -q -o -m N -e PATTERN";

}  // namespace

FilterPointer compile_grep(FilterWords& words, bool extended) {
  auto grep = std::make_shared<Grep>();
  PatternOptions options;
  options.extended = extended;
  std::vector<std::pair<std::string, std::size_t>> texts;
  while (words.flag_follows()) {
    const commands::Argument& word = words.take();
    if (word.text() == "--") {
      break;
    }
    for (std::size_t i = 1; i < word.text().size(); ++i) {
      const char flag = word.text()[i];
      bool ends_word = false;
      switch (flag) {
        case 'E':
          options.extended = true;
          break;
        case 'F':
          options.fixed = true;
          break;
        case 'i':
          options.ignore_case = true;
          break;
        case 'v':
          grep->inverts = true;
          break;
        case 'w':
          options.whole_words = true;
          break;
        case 'x':
          options.whole_lines = true;
          break;
        case 'c':
          grep->counts = true;
          break;
        case 'q':
          grep->quiet = true;
          break;
        case 'o':
          grep->only_matching = true;
          break;
        case 'm':
          if (const auto most = words.count(word, i + 1)) {
            grep->most = *most;
          }
          ends_word = true;
          break;
        case 'e':
          if (const auto text = words.value(word, i + 1)) {
            texts.emplace_back(*text, word.origin(0));
          }
          ends_word = true;
          break;
        default:
          words.refuse_flag(flag, kGrepFlags, word);
          return nullptr;
      }
      if (ends_word) {
        break;
      }
    }
  }
  if (texts.empty()) {
    if (words.empty()) {
      words.refuse("grep: the pattern is missing", "write grep PATTERN", words.place());
      return nullptr;
    }
    const commands::Argument& pattern = words.take();
    texts.emplace_back(pattern.text(), pattern.origin(0));
  }
  words.refuse_rest("grep reads the pipe here, no file");
  for (const auto& [text, at] : texts) {
    std::string problem;
    std::optional<Pattern> pattern = Pattern::compile(text, options, problem);
    if (!pattern) {
      words.refuse(fmt::format("grep: \"{}\" is no pattern: {}", text, problem),
                   "escape what is meant literally", at);
      return nullptr;
    }
    grep->patterns.push_back(std::move(*pattern));
  }
  return grep;
}

}  // namespace scenarios::runbook
