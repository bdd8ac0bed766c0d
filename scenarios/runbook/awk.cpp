#include "scenarios/runbook/awk.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "scenarios/runbook/lines.h"

namespace scenarios::runbook {

struct AwkProgram::Record {
  std::string_view line;
  std::vector<std::string_view> fields;
  std::size_t number = 0;  // NR
};

/// Reads a program from left to right.
class AwkReader {
 public:
  using Value = AwkProgram::Value;
  using Test = AwkProgram::Test;

  AwkReader(std::string_view text, std::string& problem, std::size_t& at)
      : text_(text), problem_(problem), at_(at) {}

  bool read(AwkProgram& program) {
    at_ = 0;
    blanks();
    if (here() != '{' && !ended() && !read_condition(program)) {
      return false;
    }
    blanks();
    if (!ended() && !read_action(program)) {
      return false;
    }
    blanks();
    return ended() || fail("one rule is all that is taken");
  }

 private:
  bool ended() const { return at_ >= text_.size(); }
  char here() const { return ended() ? '\0' : text_[at_]; }
  bool take(std::string_view what) {
    if (!text_.substr(std::min(at_, text_.size())).starts_with(what)) {
      return false;
    }
    at_ += what.size();
    return true;
  }
  void blanks() {
    while (here() == ' ' || here() == '\t' || here() == '\n') {
      ++at_;
    }
  }
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool read_condition(AwkProgram& program) {
    program.any_of_.emplace_back();
    for (;;) {
      Test test;
      if (!read_test(test)) {
        return false;
      }
      program.any_of_.back().push_back(std::move(test));
      blanks();
      if (take("&&")) {
        continue;
      }
      if (!take("||")) {
        return true;
      }
      program.any_of_.emplace_back();
    }
  }

  bool read_test(Test& test) {
    blanks();
    const bool negated = here() == '!' && at_ + 1 < text_.size() && text_[at_ + 1] == '/';
    if (negated) {
      ++at_;
    }
    if (here() == '/') {
      test.left.kind = Value::Kind::Record;
      test.op = negated ? Test::Operator::MatchesNot : Test::Operator::Matches;
      return read_pattern(test);
    }
    if (!read_value(test.left)) {
      return false;
    }
    blanks();
    using Operator = Test::Operator;
    static constexpr std::pair<std::string_view, Operator> kOperators[] = {
        {"==", Operator::Equal},      {"!=", Operator::NotEqual},     {"<=", Operator::LessEqual},
        {"<", Operator::Less},        {">=", Operator::GreaterEqual}, {">", Operator::Greater},
        {"!~", Operator::MatchesNot}, {"~", Operator::Matches}};
    const auto* found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                     [&](const auto& one) { return take(one.first); });
    if (found == std::end(kOperators)) {
      return fail("a comparison is missing");
    }
    test.op = found->second;
    blanks();
    if (test.op == Operator::Matches || test.op == Operator::MatchesNot) {
      return read_pattern(test);
    }
    return read_value(test.right);
  }

  bool read_pattern(Test& test) {
    if (here() != '/') {
      return fail("a pattern between slashes is missing");
    }
    std::string text;
    for (++at_; !ended() && here() != '/'; ++at_) {
      if (here() == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') {
        ++at_;
      }
      text += here();
    }
    if (!take("/")) {
      return fail("the pattern has no end");
    }
    PatternOptions options;
    options.extended = true;
    std::string problem;
    test.pattern = Pattern::compile(text, options, problem);
    return test.pattern.has_value() || fail(fmt::format("/{}/ is no pattern: {}", text, problem));
  }

  bool read_value(Value& value) {
    if (take("$0")) {
      value.kind = Value::Kind::Record;
    } else if (take("$NF")) {
      value.kind = Value::Kind::LastField;
    } else if (take("NR")) {
      value.kind = Value::Kind::LineNumber;
    } else if (take("NF")) {
      value.kind = Value::Kind::FieldCount;
    } else if (take("$")) {
      value.kind = Value::Kind::Field;
      return read_number(value.field) || fail("the number of a field must follow $");
    } else if (here() == '"') {
      return read_text(value);
    } else {
      value.kind = Value::Kind::Number;
      const std::string_view rest = text_.substr(std::min(at_, text_.size()));
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value.number);
      if (error != std::errc()) {
        return fail("a field, a text or a number is missing");
      }
      at_ += static_cast<std::size_t>(end - rest.data());
    }
    return true;
  }

  bool read_number(std::size_t& number) {
    const std::string_view rest = text_.substr(std::min(at_, text_.size()));
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    at_ += static_cast<std::size_t>(end - rest.data());
    return error == std::errc();
  }

  bool read_text(Value& value) {
    for (++at_; !ended() && here() != '"'; ++at_) {
      if (here() == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        value.text += here() == 'n' ? '\n' : here() == 't' ? '\t' : here();
      } else {
        value.text += here();
      }
    }
    return take("\"") || fail("the text has no end");
  }

  bool read_action(AwkProgram& program) {
    if (!take("{")) {
      return fail("{print …} is missing");
    }
    blanks();
    if (!take("print") || here() == 'f') {
      return fail("only print is taken");
    }
    for (bool first = true;; first = false) {
      blanks();
      if (take(";")) {
        blanks();
      }
      if (take("}")) {
        return true;
      }
      const bool comma = !first && take(",");
      blanks();
      AwkProgram::Item item;
      item.separated = comma;
      if (!read_value(item.value)) {
        return false;
      }
      program.prints_.push_back(std::move(item));
    }
  }

  std::string_view text_;
  std::string& problem_;
  std::size_t& at_;
};

std::optional<AwkProgram> AwkProgram::compile(std::string_view text, const std::string& separator,
                                              std::string& problem, std::size_t& at) {
  AwkProgram program;
  program.separator_ = separator;
  if (!AwkReader(text, problem, at).read(program)) {
    return std::nullopt;
  }
  return program;
}

std::string AwkProgram::text_of(const Value& value, const Record& record) {
  switch (value.kind) {
    case Value::Kind::Field:
      return value.field >= 1 && value.field <= record.fields.size()
                 ? std::string(record.fields[value.field - 1])
                 : std::string();
    case Value::Kind::LastField:
      return record.fields.empty() ? std::string() : std::string(record.fields.back());
    case Value::Kind::Record:
      return std::string(record.line);
    case Value::Kind::LineNumber:
      return std::to_string(record.number);
    case Value::Kind::FieldCount:
      return std::to_string(record.fields.size());
    case Value::Kind::Text:
      return value.text;
    case Value::Kind::Number:
      return fmt::format("{}", value.number);
  }
  return {};
}

bool AwkProgram::holds(const Test& test, const Record& record) const {
  const std::string left = text_of(test.left, record);
  if (test.pattern) {
    return test.pattern->matches(left) == (test.op == Test::Operator::Matches);
  }
  const std::string right = text_of(test.right, record);
  // Texts compare as texts, everything else by value where both look like numbers, as in awk.
  const auto looks_numeric = [](const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
  };
  const bool texts = test.left.kind == Value::Kind::Text || test.right.kind == Value::Kind::Text;
  int order = 0;
  if (!texts && looks_numeric(left) && looks_numeric(right)) {
    const double difference = leading_number(left) - leading_number(right);
    order = difference < 0 ? -1 : difference > 0 ? 1 : 0;
  } else {
    order = left.compare(right);
  }
  switch (test.op) {
    case Test::Operator::Equal:
      return order == 0;
    case Test::Operator::NotEqual:
      return order != 0;
    case Test::Operator::Less:
      return order < 0;
    case Test::Operator::LessEqual:
      return order <= 0;
    case Test::Operator::Greater:
      return order > 0;
    case Test::Operator::GreaterEqual:
      return order >= 0;
    case Test::Operator::Matches:
    case Test::Operator::MatchesNot:
      break;
  }
  return false;
}

std::string AwkProgram::run(std::string_view input) const {
  std::string output;
  Record record;
  for (const std::string_view line : lines_of(input)) {
    record.line = line;
    record.fields = separator_.empty() ? fields_of(line)
                    : line.empty()     ? std::vector<std::string_view>()
                                       : split(line, separator_.front());
    ++record.number;
    const bool selected =
        any_of_.empty() || std::any_of(any_of_.begin(), any_of_.end(), [&](const std::vector<Test>& all) {
          return std::all_of(all.begin(), all.end(), [&](const Test& test) { return holds(test, record); });
        });
    if (!selected) {
      continue;
    }
    if (prints_.empty()) {
      output.append(line).push_back('\n');
      continue;
    }
    for (const Item& item : prints_) {
      output += (item.separated ? " " : "") + text_of(item.value, record);
    }
    output += '\n';
  }
  return output;
}

}  // namespace scenarios::runbook
