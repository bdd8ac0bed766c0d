#include "scenarios/commands/go_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <ostream>
#include <string>

namespace scenarios::commands {
namespace {

struct QuoteCase {
  std::string text;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const QuoteCase& c) { return os << c.want; }
};

class GoQuote : public testing::TestWithParam<QuoteCase> {};

TEST_P(GoQuote, EscapesAsPrintfDoes) { EXPECT_EQ(go_quote(GetParam().text), GetParam().want); }

const QuoteCase kQuotes[] = {
    {"abc", R"("abc")"},
    {"", R"("")"},
    {"a\"b\\c", R"("a\"b\\c")"},
    {"\a\b\f\n\r\t\v", R"("\a\b\f\n\r\t\v")"},
    {"a\u00e9\x01", "\"a\u00e9\\x01\""},
    {"\xff", R"("\xff")"},
    {"\u2028", R"("\u2028")"},
    {"\u00a0\u200b", R"("\u00a0\u200b")"},
    {"\U0001F600", "\"\U0001F600\""},
    {"it's", R"("it's")"},
};

INSTANTIATE_TEST_SUITE_P(Commands, GoQuote, testing::ValuesIn(kQuotes));

TEST(GoQuoteRune, IsInSingleQuotes) {
  EXPECT_EQ(go_quote_rune(U'x'), "'x'");
  EXPECT_EQ(go_quote_rune(U'\''), "'\\''");
  EXPECT_EQ(go_quote_rune(U'"'), "'\"'");
}

struct FloatCase {
  double number;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const FloatCase& c) { return os << c.want; }
};

class GoFloat : public testing::TestWithParam<FloatCase> {};

TEST_P(GoFloat, IsPrintedAsPrintlnDoes) { EXPECT_EQ(go_float_text(GetParam().number), GetParam().want); }

const FloatCase kFloats[] = {
    {1.0, "1"},
    {0.5, "0.5"},
    {100000.0, "100000"},
    {1000000.0, "1e+06"},
    {123456789.0, "1.23456789e+08"},
    {12345678.5, "1.23456785e+07"},
    {1e21, "1e+21"},
    {0.0001, "0.0001"},
    {0.00001, "1e-05"},
    {-2.5e-7, "-2.5e-07"},
    {std::numeric_limits<double>::infinity(), "+Inf"},
};

INSTANTIATE_TEST_SUITE_P(Commands, GoFloat, testing::ValuesIn(kFloats));

TEST(GoValue, MapsAndListsArePrintedWithSortedKeys) {
  const Json value = Json::parse(R"({"b": [1, "x", 2.5, true], "a": null, "m": {}})");
  EXPECT_EQ(go_value_text(value), "map[a:<nil> b:[1 x 2.5 true] m:map[]]");
  EXPECT_EQ(go_syntax_text(value),
            R"(map[string]interface {}{"a":interface {}(nil), "b":[]interface {}{1, "x", 2.5, true}, )"
            R"("m":map[string]interface {}{}})");
}

TEST(GoValue, TypesHaveTheirGoNames) {
  EXPECT_EQ(go_type_name(Json::object()), "map[string]interface {}");
  EXPECT_EQ(go_type_name(Json::array()), "[]interface {}");
  EXPECT_EQ(go_type_name("x"), "string");
  EXPECT_EQ(go_type_name(1), "int64");
  EXPECT_EQ(go_type_name(1.5), "float64");
  EXPECT_EQ(go_type_name(true), "bool");
}

RC_GTEST_PROP(Rune, IsReadBackAsItWasWritten, ()) {
  const auto rune =
      static_cast<char32_t>(*rc::gen::suchThat(rc::gen::inRange<std::uint32_t>(0, 0x110000),
                                               [](std::uint32_t r) { return r < 0xD800 || r > 0xDFFF; }));
  std::string text;
  append_rune(text, rune);
  const Rune read = rune_at(text, 0);
  RC_ASSERT(read.valid);
  RC_ASSERT(read.value == rune);
  RC_ASSERT(read.length == text.size());
}

TEST(Rune, BrokenTextIsTheReplacementCharacterByteByByte) {
  for (const std::string text :
       {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(rune_at(text, 0).valid) << text;
    EXPECT_EQ(rune_at(text, 0).length, 1U);
    EXPECT_EQ(rune_at(text, 0).value, char32_t{0xFFFD});
  }
}

}  // namespace
}  // namespace scenarios::commands
