// awk as a filter; its programs are awk.h.

#include <utility>

#include "scenarios/runbook/awk.h"
#include "scenarios/runbook/filters.h"

namespace scenarios::runbook {

namespace {

class Awk : public Filter {
 public:
  explicit Awk(AwkProgram program) : program_(std::move(program)) {}
  [[nodiscard]] Result apply(std::string_view input) const override { return {program_.run(input), 0}; }

 private:
  AwkProgram program_;
};

}  // namespace

FilterPointer compile_awk(FilterWords& words) {
  std::string separator;
  while (words.flag_follows()) {
    const commands::Argument& word = words.take();
    if (!word.text().starts_with("-F")) {
      words.refuse_flag(word.text()[1], "-F CHARACTER", word);
      return nullptr;
    }
    const std::optional<std::string> value = words.value(word, 2);
    if (!value || value->size() != 1) {
      words.refuse("awk: -F takes one character here", "write -F:", word.origin(0));
      return nullptr;
    }
    separator = *value;
  }
  if (words.empty()) {
    words.refuse("awk: the program is missing", "write awk '{print $N}'", words.place());
    return nullptr;
  }
  const commands::Argument& text = words.take();
  words.refuse_rest("awk reads the pipe here, no file");
  std::size_t at = 0;
  std::string problem;
  std::optional<AwkProgram> program = AwkProgram::compile(text.text(), separator, problem, at);
  if (!program) {
    words.refuse("awk: " + problem, std::string(kAwkGrammar), text.origin(at));
    return nullptr;
  }
  return std::make_shared<Awk>(std::move(*program));
}

}  // namespace scenarios::runbook
