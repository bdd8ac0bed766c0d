// uniq. Source: GNU coreutils manual.

#include <fmt/format.h>

#include "scenarios/runbook/filters.h"
#include "scenarios/runbook/lines.h"

namespace scenarios::runbook {

namespace {

class Unique : public Filter {
 public:
  bool counts = false;
  [[nodiscard]] Result apply(std::string_view input) const override {
    const std::vector<std::string_view> lines = lines_of(input);
    Result result;
    for (std::size_t i = 0; i < lines.size();) {
      std::size_t same = i;
      while (same < lines.size() && lines[same] == lines[i]) {
        ++same;
      }
      result.output += counts ? fmt::format("{:7} {}\n", same - i, lines[i]) : fmt::format("{}\n", lines[i]);
      i = same;
    }
    return result;
  }
};

}  // namespace

FilterPointer compile_uniq(FilterWords& words) {
  auto unique = std::make_shared<Unique>();
  while (words.flag_follows()) {
    const commands::Argument& word = words.take();
    if (word.text() != "-c") {
      words.refuse_flag(word.text()[1], "-c", word);
      return nullptr;
    }
    unique->counts = true;
  }
  words.refuse_rest("uniq reads the pipe here, no file");
  return unique;
}

}  // namespace scenarios::runbook
