#include "scenarios/runbook/pattern.h"

#include <regex.h>

#include <algorithm>

namespace scenarios::runbook {

struct Pattern::Expression {
  regex_t compiled{};
  bool valid = false;

  Expression() = default;
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  ~Expression() {
    if (valid) {
      regfree(&compiled);
    }
  }
};

namespace {

std::string escaped(const std::string& text, bool extended) {
  std::string result;
  for (const char c : text) {
    const std::string_view special = extended ? "\\.[]*^$+?(){}|" : "\\.[]*^$";
    result += special.find(c) != std::string_view::npos ? std::string("\\") + c : std::string(1, c);
  }
  return result;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::optional<Pattern> Pattern::compile(const std::string& text, const PatternOptions& options,
                                        std::string& problem) {
  auto expression = std::make_shared<Expression>();
  const std::string source = options.fixed ? escaped(text, options.extended) : text;
  const int flags = (options.extended ? REG_EXTENDED : 0) | (options.ignore_case ? REG_ICASE : 0);
  const int error = regcomp(&expression->compiled, source.c_str(), flags);
  if (error != 0) {
    char message[200];
    regerror(error, &expression->compiled, message, sizeof message);
    problem = message;
    return std::nullopt;
  }
  expression->valid = true;
  Pattern pattern;
  pattern.expression_ = std::move(expression);
  pattern.options_ = options;
  return pattern;
}

bool Pattern::fits(std::string_view line, std::size_t begin, std::size_t end) const {
  if (options_.whole_lines && (begin != 0 || end != line.size())) {
    return false;
  }
  return !options_.whole_words ||
         ((begin == 0 || !is_word(line[begin - 1])) && (end == line.size() || !is_word(line[end])));
}

std::vector<std::string_view> Pattern::all(std::string_view line, bool first_only) const {
  std::vector<std::string_view> found;
  const std::string text(line);  // the C library wants an end
  for (std::size_t at = 0; at <= text.size();) {
    regmatch_t match{};
    if (regexec(&expression_->compiled, text.c_str() + at, 1, &match, at == 0 ? 0 : REG_NOTBOL) != 0) {
      break;
    }
    const std::size_t begin = at + static_cast<std::size_t>(match.rm_so);
    const std::size_t end = at + static_cast<std::size_t>(match.rm_eo);
    if (fits(line, begin, end) && (first_only || end > begin)) {
      found.push_back(line.substr(begin, end - begin));
      if (first_only) {
        break;
      }
      at = end;
    } else {
      at = begin + 1;
      continue;
    }
    at = std::max(at, begin + (end == begin ? 1 : 0));
  }
  return found;
}

}  // namespace scenarios::runbook
