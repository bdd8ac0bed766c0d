// head and tail. Source: GNU coreutils manual.

#include <algorithm>

#include "scenarios/runbook/filters.h"
#include "scenarios/runbook/lines.h"

namespace scenarios::runbook {

namespace {

class LinesCut : public Filter {
 public:
  bool from_end = false;  // tail
  bool skips = false;     // tail -n +N: from line N on; head -n -N: all but the last N
  std::int64_t count = 10;

  [[nodiscard]] Result apply(std::string_view input) const override {
    const std::vector<std::string_view> lines = lines_of(input);
    const auto size = static_cast<std::int64_t>(lines.size());
    std::int64_t begin = 0;
    std::int64_t end = size;
    if (from_end) {
      begin = skips ? std::min(std::max<std::int64_t>(count - 1, 0), size)
                    : std::max<std::int64_t>(size - count, 0);
    } else {
      end = skips ? std::max<std::int64_t>(size - count, 0) : std::min(count, size);
    }
    Result result;
    for (std::int64_t i = begin; i < end; ++i) {
      result.output.append(lines[static_cast<std::size_t>(i)]);
      // The last line keeps what the input ended in.
      result.output += i + 1 == size && !input.ends_with('\n') ? "" : "\n";
    }
    return result;
  }
};

}  // namespace

FilterPointer compile_head_or_tail(FilterWords& words, bool from_end) {
  auto cut = std::make_shared<LinesCut>();
  cut->from_end = from_end;
  while (words.flag_follows()) {
    const commands::Argument& word = words.take();
    const std::string& text = word.text();
    std::size_t from = 1;
    if (text[1] == 'n') {
      from = 2;
    } else if (text.starts_with("--lines=")) {
      from = 8;
    } else if (text[1] < '0' || text[1] > '9') {
      words.refuse_flag(text[1], "-n N, -N", word);
      return nullptr;
    }
    // The sign of the number says what is skipped.
    const bool in_word = from < text.size();
    const std::string sign = in_word         ? text.substr(from, 1)
                             : words.empty() ? ""
                                             : words.front().text().substr(0, 1);
    const std::optional<std::int64_t> count = words.count(word, from);
    if (!count) {
      return nullptr;
    }
    cut->skips = from_end ? sign == "+" : sign == "-" && *count < 0;
    cut->count = *count < 0 ? -*count : *count;
  }
  words.refuse_rest("the filter reads the pipe here, no file");
  return cut;
}

}  // namespace scenarios::runbook
