#include "scenarios/runbook/arithmetic.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "tests/unit/runbook/real_programs.h"

namespace scenarios::runbook {
namespace {

std::string value_of(const std::string& text) {
  Arithmetic::Problem problem;
  const ArithmeticPointer expression = Arithmetic::compile(text, problem);
  if (expression == nullptr) {
    return fmt::format("{} at {}", problem.text, problem.at);
  }
  std::string failed;
  const auto value = expression->value(
      [](std::string_view name) { return name == "x"     ? "12"
                                         : name == "bad" ? "a b"
                                                         : ""; }, failed);
  return value ? fmt::format("{}", *value) : failed;
}

TEST(Arithmetic, SaysWhatItDoesNotTake) {
  EXPECT_EQ(value_of(""), "a number is missing at the end at 0");
  EXPECT_EQ(value_of("1 +"), "a number is missing at the end at 3");
  EXPECT_EQ(value_of("1 2"), "\"2\" stands where the expression should have ended at 2");
  EXPECT_EQ(value_of("(1"), "a \")\" is missing at 2");
  EXPECT_EQ(value_of("x = 1"), "\"=\" is beyond the expressions of runbooks: write NAME=$((…)) at 2");
  EXPECT_EQ(value_of("x += 1"), "\"+=\" is beyond the expressions of runbooks: write NAME=$((…)) at 2");
  EXPECT_EQ(value_of("x++"), "\"++\" is beyond the expressions of runbooks: write NAME=$((…)) at 1");
  EXPECT_EQ(value_of("08"), "\"08\" is no number at 2");
  EXPECT_EQ(value_of("1 ? 2"), "\"?\" has no \":\" at 5");
  EXPECT_EQ(value_of(std::string(1000, '(') + "1"), "this is nested too deep at 200");
}

TEST(Arithmetic, SaysWhatHasNoValue) {
  EXPECT_EQ(value_of("1 / (x - 12)"), "division by 0");
  EXPECT_EQ(value_of("2 ** -1"), "exponent less than 0");
  EXPECT_EQ(value_of("bad + 1"), "the value of bad, \"a b\", is no number");
  EXPECT_EQ(value_of("0 && 1 / 0"), "0");
  EXPECT_EQ(value_of("1 || 1 / 0"), "1");
}

/// Expressions without division by what may be 0.
rc::Gen<std::string> expressions(int depth) {
  using rc::gen::element;
  const auto leaf =
      rc::gen::oneOf(rc::gen::map(rc::gen::inRange(0, 1000), [](int n) { return fmt::format("{}", n); }),
                     element<std::string>("x", "$x", "0x1F", "017", "9223372036854775807"));
  if (depth == 0) {
    return leaf;
  }
  const auto inner = expressions(depth - 1);
  const auto binary = rc::gen::map(
      rc::gen::tuple(inner,
                     element<std::string>(" + ", "-", " * ", " == ", " != ", " < ", "<=", " > ", ">=", " && ",
                                          " || ", " & ", " | ", "^", " << ", " >> "),
                     inner),
      [](const auto& t) { return std::get<0>(t) + std::get<1>(t) + std::get<2>(t); });
  const auto division =
      rc::gen::map(rc::gen::tuple(inner, element<std::string>(" / 7", " % 5", " / -3", " ** 2")),
                   [](const auto& t) { return "(" + std::get<0>(t) + ")" + std::get<1>(t); });
  const auto unary = rc::gen::map(rc::gen::tuple(element<std::string>("-", "!", "~", "+ "), leaf),
                                  [](const auto& t) { return " " + std::get<0>(t) + std::get<1>(t); });
  const auto brackets = rc::gen::map(inner, [](const std::string& text) { return "(" + text + ")"; });
  const auto choice = rc::gen::map(rc::gen::tuple(inner, inner, inner), [](const auto& t) {
    return "(" + std::get<0>(t) + " ? " + std::get<1>(t) + " : " + std::get<2>(t) + ")";
  });
  return rc::gen::oneOf(leaf, binary, binary, division, unary, brackets, choice);
}

RC_GTEST_PROP(ArithmeticProperty, is_what_bash_computes, ()) {
  const std::string text = *expressions(3);
  RC_LOG() << text;
  RC_ASSERT(value_of(text) + "\n" == run_bash("x=12\necho $((" + text + "))\n").output);
}

}  // namespace
}  // namespace scenarios::runbook
