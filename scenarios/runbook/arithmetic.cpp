#include "scenarios/runbook/arithmetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace scenarios::runbook {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c); }

/// Numbers wrap around, as upstream's do; signed overflow is left to unsigned arithmetic.
std::uint64_t bits(std::int64_t number) { return static_cast<std::uint64_t>(number); }
std::int64_t number(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }

/// Digits in the base that their beginning names.
std::optional<std::int64_t> digits(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number(value);
}

/// The operators with two sides, the weakest first.
constexpr std::array<std::string_view, 2> kOr = {"||", ""};
constexpr std::array<std::string_view, 2> kAnd = {"&&", ""};
constexpr std::array<std::string_view, 2> kBitOr = {"|", ""};
constexpr std::array<std::string_view, 2> kBitXor = {"^", ""};
constexpr std::array<std::string_view, 2> kBitAnd = {"&", ""};
constexpr std::array<std::string_view, 2> kEqual = {"==", "!="};
constexpr std::array<std::string_view, 4> kOrder = {"<=", ">=", "<", ">"};
constexpr std::array<std::string_view, 2> kShift = {"<<", ">>"};
constexpr std::array<std::string_view, 2> kSum = {"+", "-"};
constexpr std::array<std::string_view, 3> kProduct = {"*", "/", "%"};
constexpr std::array<std::span<const std::string_view>, 10> kLevels = {
    kOr, kAnd, kBitOr, kBitXor, kBitAnd, kEqual, kOrder, kShift, kSum, kProduct};

/// What looks like the beginning of an operator but is another one.
constexpr std::array<std::string_view, 14> kAssigning = {
    "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "++", "--", "=", "<<=", ">>=", ","};

/// An expression may nest so deep.
constexpr int kDepthMax = 200;

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  const std::optional<std::int64_t> value = digits(text);
  return value && negative ? number(0 - bits(*value)) : value;
}

class ArithmeticParser {
 public:
  ArithmeticParser(std::string_view text, Arithmetic::Problem& problem) : text_(text), problem_(problem) {}

  std::shared_ptr<const Arithmetic> parse() {
    result_->root_ = choice();
    skip();
    if (good_ && at_ < text_.size()) {
      fail(fmt::format("\"{}\" stands where the expression should have ended", text_.substr(at_, 1)));
    }
    return good_ ? result_ : nullptr;
  }

 private:
  void skip() {
    while (at_ < text_.size() && is_space(text_[at_])) {
      ++at_;
    }
  }
  void fail(std::string text) {
    if (good_) {
      problem_ = {std::move(text), at_};
    }
    good_ = false;
    at_ = text_.size();
  }
  std::size_t add(Arithmetic::Node node) {
    result_->nodes_.push_back(std::move(node));
    return result_->nodes_.size() - 1;
  }

  /// Takes the operator if it stands here, and no longer one.
  bool take(std::string_view op) {
    skip();
    const std::string_view rest = text_.substr(at_);
    if (op.empty() || !rest.starts_with(op)) {
      return false;
    }
    const std::string_view more = rest.substr(0, op.size() + 1);
    for (const std::string_view longer : {"||", "&&", "**", "<<", ">>", "<=", ">=", "=="}) {
      if (longer.size() > op.size() && more == longer) {
        return false;
      }
    }
    at_ += op.size();
    return true;
  }

  std::size_t choice() {
    const std::size_t condition = level(0);
    if (!take("?")) {
      return condition;
    }
    const std::size_t left = choice();
    if (!take(":")) {
      fail("\"?\" has no \":\"");
      return 0;
    }
    const std::size_t right = choice();
    return add({"?:", 0, 0, condition, left, right});
  }

  std::size_t level(std::size_t depth) {
    if (depth == kLevels.size()) {
      return power();
    }
    std::size_t left = level(depth + 1);
    for (bool found = true; found && good_;) {
      found = false;
      refuse_assignments();
      for (const std::string_view op : kLevels[depth]) {
        if (good_ && take(op)) {
          const std::size_t right = level(depth + 1);
          left = add({std::string(op), 0, 0, left, right, 0});
          found = true;
          break;
        }
      }
    }
    return left;
  }

  void refuse_assignments() {
    skip();
    const std::string_view rest = text_.substr(at_);
    for (const std::string_view op : kAssigning) {
      if (rest.starts_with(op) && !rest.starts_with("==")) {
        const bool signs = (op == "++" || op == "--") && rest.size() > 2;
        if (!signs) {
          fail(fmt::format("\"{}\" is beyond the expressions of runbooks: write NAME=$((…))", op));
        }
        return;
      }
    }
  }

  std::size_t power() {
    const std::size_t base = sign();
    if (good_ && take("**")) {
      const std::size_t exponent = power();
      return add({"**", 0, 0, base, exponent, 0});
    }
    return base;
  }

  std::size_t sign() {
    if (++depth_ > kDepthMax) {
      fail("this is nested too deep");
    }
    std::size_t result = 0;
    skip();
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (good_ && std::string_view("+-!~").find(c) != std::string_view::npos && c != '\0') {
      if ((c == '+' || c == '-') && text_.substr(at_ + 1).starts_with(c)) {
        fail(fmt::format("\"{0}{0}\" is beyond the expressions of runbooks", c));
      } else {
        ++at_;
        const std::size_t operand = sign();
        result = add({fmt::format("u{}", c), 0, 0, operand, 0, 0});
      }
    } else if (good_) {
      result = operand();
    }
    --depth_;
    return result;
  }

  std::size_t operand() {
    if (take("(")) {
      const std::size_t inside = choice();
      if (good_ && !take(")")) {
        fail("a \")\" is missing");
      }
      return inside;
    }
    const std::size_t begin = at_;
    const bool dollar = at_ < text_.size() && text_[at_] == '$';
    const bool braces = dollar && text_.substr(at_).starts_with("${");
    at_ += braces ? 2 : dollar ? 1 : 0;
    const std::size_t from = at_;
    while (at_ < text_.size() && is_word(text_[at_])) {
      ++at_;
    }
    const std::string_view word = text_.substr(from, at_ - from);
    if (braces && !take("}")) {
      fail("a \"}\" is missing");
      return 0;
    }
    if (word.empty()) {
      fail(at_ >= text_.size() ? std::string("a number is missing at the end")
                               : fmt::format("a number is missing before \"{}\"", text_.substr(at_, 1)));
      return 0;
    }
    if (!is_digit(word.front())) {
      result_->variables_.push_back({std::string(word), begin});
      return add({"variable", 0, result_->variables_.size() - 1, 0, 0, 0});
    }
    const std::optional<std::int64_t> value = dollar ? std::nullopt : digits(word);
    if (!value) {
      fail(fmt::format("\"{}\" is no number", word));
      return 0;
    }
    return add({"number", *value, 0, 0, 0, 0});
  }

  std::string_view text_;
  Arithmetic::Problem& problem_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool good_ = true;
  std::shared_ptr<Arithmetic> result_ = std::make_shared<Arithmetic>();
};

/// One evaluation.
class ArithmeticRun {
 public:
  ArithmeticRun(const Arithmetic& expression, const Arithmetic::ValueOf& value_of, std::string& problem)
      : expression_(expression), value_of_(value_of), problem_(problem) {}

  std::int64_t value(std::size_t index) {
    const Arithmetic::Node& node = expression_.nodes_[index];
    if (node.op == "number") {
      return node.number;
    }
    if (node.op == "variable") {
      return value_of_variable(expression_.variables_[node.variable].name);
    }
    if (node.op == "?:") {
      return value(value(node.left) != 0 ? node.right : node.otherwise);
    }
    const std::int64_t left = value(node.left);
    if (node.op.front() == 'u') {
      return with_one_side(node.op, left);
    }
    // What decides by its left side does not look at the right one.
    if (node.op == "&&") {
      return left != 0 && value(node.right) != 0 ? 1 : 0;
    }
    if (node.op == "||") {
      return left != 0 || value(node.right) != 0 ? 1 : 0;
    }
    const std::int64_t right = value(node.right);
    return problem_.empty() ? with_two_sides(node.op, left, right) : 0;
  }

 private:
  std::int64_t fail(std::string text) {
    problem_ = problem_.empty() ? std::move(text) : problem_;
    return 0;
  }

  std::int64_t value_of_variable(const std::string& name) {
    const std::string text = value_of_(name);
    if (std::all_of(text.begin(), text.end(), is_space)) {
      return 0;
    }
    const std::optional<std::int64_t> value = whole_number(text);
    return value ? *value : fail(fmt::format("the value of {}, \"{}\", is no number", name, text));
  }

  static std::int64_t with_one_side(std::string_view op, std::int64_t value) {
    return op == "u-"   ? number(0 - bits(value))
           : op == "u!" ? (value == 0 ? 1 : 0)
           : op == "u~" ? number(~bits(value))
                        : value;
  }

  std::int64_t with_two_sides(std::string_view op, std::int64_t a, std::int64_t b) {
    if (op == "+") return number(bits(a) + bits(b));
    if (op == "-") return number(bits(a) - bits(b));
    if (op == "*") return number(bits(a) * bits(b));
    if (op == "/" || op == "%") return divide(op, a, b);
    if (op == "**") return raise(a, b);
    if (op == "==") return a == b ? 1 : 0;
    if (op == "!=") return a != b ? 1 : 0;
    if (op == "<") return a < b ? 1 : 0;
    if (op == "<=") return a <= b ? 1 : 0;
    if (op == ">") return a > b ? 1 : 0;
    if (op == ">=") return a >= b ? 1 : 0;
    if (op == "&") return number(bits(a) & bits(b));
    if (op == "|") return number(bits(a) | bits(b));
    if (op == "^") return number(bits(a) ^ bits(b));
    if (op == "<<") return number(bits(a) << (bits(b) & 63U));
    return a >> (bits(b) & 63U);
  }

  std::int64_t divide(std::string_view op, std::int64_t a, std::int64_t b) {
    if (b == 0) {
      return fail("division by 0");
    }
    if (b == -1) {
      return op == "/" ? number(0 - bits(a)) : 0;
    }
    return op == "/" ? a / b : a % b;
  }

  std::int64_t raise(std::int64_t base, std::int64_t exponent) {
    if (exponent < 0) {
      return fail("exponent less than 0");
    }
    std::uint64_t result = 1;
    std::uint64_t factor = bits(base);
    for (std::uint64_t left = bits(exponent); left != 0; left >>= 1U) {
      result *= (left & 1U) != 0 ? factor : 1;
      factor *= factor;
    }
    return number(result);
  }

  const Arithmetic& expression_;
  const Arithmetic::ValueOf& value_of_;
  std::string& problem_;
};

std::shared_ptr<const Arithmetic> Arithmetic::compile(std::string_view text, Problem& problem) {
  return ArithmeticParser(text, problem).parse();
}

std::optional<std::int64_t> Arithmetic::value(const ValueOf& value_of, std::string& problem) const {
  problem.clear();
  const std::int64_t result = ArithmeticRun(*this, value_of, problem).value(root_);
  return problem.empty() ? std::optional(result) : std::nullopt;
}

}  // namespace scenarios::runbook
