// wc. Source: GNU coreutils wc.c.

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/runbook/filters.h"

namespace scenarios::runbook {

namespace {

class Count : public Filter {
 public:
  bool lines = false, words = false, bytes = false;

  [[nodiscard]] Result apply(std::string_view input) const override {
    std::size_t word_count = 0;
    bool inside = false;
    for (const char c : input) {
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
      word_count += !blank && !inside ? 1 : 0;
      inside = !blank;
    }
    const auto line_count = static_cast<std::size_t>(std::count(input.begin(), input.end(), '\n'));
    std::vector<std::size_t> numbers;
    if (lines) numbers.push_back(line_count);
    if (words) numbers.push_back(word_count);
    if (bytes) numbers.push_back(input.size());
    // Source: coreutils wc.c: one number alone has no padding; several have 7 columns when reading a pipe.
    if (numbers.size() == 1) {
      return {fmt::format("{}\n", numbers.front()), 0};
    }
    std::string text;
    for (const std::size_t number : numbers) {
      text += fmt::format("{}{:7}", text.empty() ? "" : " ", number);
    }
    return {text + "\n", 0};
  }
};

}  // namespace

FilterPointer compile_wc(FilterWords& words) {
  auto count = std::make_shared<Count>();
  while (words.flag_follows()) {
    const commands::Argument& word = words.take();
    for (const char flag : word.text().substr(1)) {
      switch (flag) {
        case 'l':
          count->lines = true;
          break;
        case 'w':
          count->words = true;
          break;
        case 'c':
          count->bytes = true;
          break;
        default:
          words.refuse_flag(flag, "-l -w -c", word);
          return nullptr;
      }
    }
  }
  words.refuse_rest("wc reads the pipe here, no file");
  if (!count->lines && !count->words && !count->bytes) {
    count->lines = count->words = count->bytes = true;
  }
  return count;
}

}  // namespace scenarios::runbook
