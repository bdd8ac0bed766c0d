// cut. Source: POSIX cut.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "scenarios/runbook/filters.h"
#include "scenarios/runbook/lines.h"

namespace scenarios::runbook {

namespace {

class Fields : public Filter {
 public:
  char delimiter = '\t';
  std::vector<std::size_t> fields;  // 1-based, rising

  [[nodiscard]] Result apply(std::string_view input) const override {
    Result result;
    for (const std::string_view line : lines_of(input)) {
      const std::vector<std::string_view> parts = split(line, delimiter);
      if (parts.size() == 1) {
        result.output.append(line).push_back('\n');  // POSIX: a line without delimiter passes whole
        continue;
      }
      std::string text;
      bool first = true;
      for (const std::size_t field : fields) {
        if (field <= parts.size()) {
          text += first ? "" : std::string(1, delimiter);
          text += parts[field - 1];
          first = false;
        }
      }
      result.output += text + "\n";
    }
    return result;
  }
};

}  // namespace

FilterPointer compile_cut(FilterWords& words) {
  auto fields = std::make_shared<Fields>();
  while (words.flag_follows()) {
    const commands::Argument& word = words.take();
    const char flag = word.text()[1];
    const std::optional<std::string> value = flag == 'd' || flag == 'f' ? words.value(word, 2) : std::nullopt;
    if (flag == 'd' && value && value->size() == 1) {
      fields->delimiter = value->front();
    } else if (flag == 'f' && value) {
      for (const std::string_view part : split(*value, ',')) {
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (error != std::errc() || end != part.data() + part.size() || number == 0) {
          words.refuse(fmt::format("cut: \"{}\" is no list of fields", *value), "write -f 1 or -f 1,3",
                       word.origin(0));
          return nullptr;
        }
        fields->fields.push_back(number);
      }
      std::sort(fields->fields.begin(), fields->fields.end());
    } else {
      words.refuse_flag(flag, "-d CHARACTER -f LIST", word);
      return nullptr;
    }
  }
  words.refuse_rest("cut reads the pipe here, no file");
  if (fields->fields.empty()) {
    words.refuse("cut: no fields are named", "write cut -d CHARACTER -f LIST", words.place());
    return nullptr;
  }
  return fields;
}

}  // namespace scenarios::runbook
