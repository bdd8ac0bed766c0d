#pragma once
// What every filter is compiled with: its words, and where to say what is wrong with them.

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/runbook/filter.h"

namespace scenarios::runbook {

/// The words of one filter, taken from left to right.
class FilterWords {
 public:
  FilterWords(std::span<const commands::Argument> words, std::vector<commands::CommandProblem>& problems)
      : program_(words.front().text()),
        program_at_(words.front().origin(0)),
        words_(words.subspan(1)),
        problems_(problems) {}

  void refuse(std::string text, std::string hint, std::size_t at) {
    problems_.push_back({std::move(text), std::move(hint), at});
  }
  void refuse_flag(char flag, std::string_view known, const commands::Argument& word) {
    refuse(fmt::format("{}: the flag -{} is not taken", program_, flag),
           fmt::format("flags that are: {}", known), word.origin(0));
  }
  void refuse_rest(std::string_view hint) {
    if (!words_.empty()) {
      refuse(fmt::format("{}: \"{}\" is one word too many", program_, words_.front().text()),
             std::string(hint), words_.front().origin(0));
    }
  }

  [[nodiscard]] bool empty() const { return words_.empty(); }
  [[nodiscard]] const commands::Argument& front() const { return words_.front(); }
  [[nodiscard]] bool flag_follows() const {
    return !words_.empty() && words_.front().text().size() > 1 && words_.front().text().front() == '-';
  }
  const commands::Argument& take() {
    const commands::Argument& word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }
  /// The value of a flag: the rest of its word, or the next one.
  std::optional<std::string> value(const commands::Argument& word, std::size_t from) {
    if (from < word.text().size()) {
      return word.text().substr(from);
    }
    if (words_.empty()) {
      refuse(fmt::format("{}: {} needs a value", program_, word.text()), "write it after the flag",
             word.origin(0));
      return std::nullopt;
    }
    return take().text();
  }
  std::optional<std::int64_t> count(const commands::Argument& word, std::size_t from) {
    const std::optional<std::string> text = value(word, from);
    if (!text) {
      return std::nullopt;
    }
    std::int64_t number = 0;
    const bool plus = text->starts_with('+');
    const auto [end, error] =
        std::from_chars(text->data() + (plus ? 1 : 0), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) {
      refuse(fmt::format("{}: \"{}\" is no number of lines", program_, *text), "write a whole number",
             word.origin(0));
      return std::nullopt;
    }
    return number;
  }
  [[nodiscard]] std::size_t place() const { return program_at_; }
  std::vector<commands::CommandProblem>& problems() { return problems_; }

 private:
  std::string program_;
  std::size_t program_at_;
  std::span<const commands::Argument> words_;
  std::vector<commands::CommandProblem>& problems_;
};

}  // namespace scenarios::runbook
