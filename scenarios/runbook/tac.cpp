// tac: the lines from the last to the first.

#include <algorithm>

#include "scenarios/runbook/filters.h"
#include "scenarios/runbook/lines.h"

namespace scenarios::runbook {

namespace {

class Reverse : public Filter {
 public:
  [[nodiscard]] Result apply(std::string_view input) const override {
    std::vector<std::string_view> lines = lines_of(input);
    std::reverse(lines.begin(), lines.end());
    return {joined(lines), 0};
  }
};

}  // namespace

FilterPointer compile_tac(FilterWords& words) {
  words.refuse_rest("it reads the pipe here, no file");
  return std::make_shared<Reverse>();
}

}  // namespace scenarios::runbook
