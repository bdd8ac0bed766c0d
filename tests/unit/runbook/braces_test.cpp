#include <gtest/gtest.h>

#include <string>

#include "scenarios/runbook/script.h"
#include "tests/unit/runbook/real_programs.h"

namespace scenarios::runbook {
namespace {

std::string expanded(const std::string& text) {
  Slice slice;
  for (std::size_t i = 0; i < text.size(); ++i) {
    slice.append(text[i], i);
  }
  slice.end = text.size();
  return expand_braces(slice).text;
}

class Braces : public testing::TestWithParam<const char*> {};

TEST_P(Braces, ExpandAsInBash) {
  // echo shows what bash makes of them; quotes are taken off by both in the same way.
  EXPECT_EQ(run_bash("echo " + expanded(GetParam())).output,
            run_bash(std::string("echo ") + GetParam()).output);
}

INSTANTIATE_TEST_SUITE_P(Table, Braces,
                         testing::Values("{2..10}", "{10..2}", "{01..03}", "{1..9..3}", "{a..e}",
                                         "node-{1..3}.local", "{a,b}{1,2}", "x{a,b{1..3},c}y", "{a}", "{}",
                                         "{a,}", "a{,b}", "'{a,b}'", "\"{a,b}\"", "\\{a,b}", "${HOME_}{a,b}",
                                         "{-1..1}", "{1..a}", "{.items[0]}",
                                         "jsonpath={.items[*].metadata.name}", "{a,b} {c,d}", "{1..3}{a,b}",
                                         "pre-{1..2}-mid-{x,y}-post", "{a..}", "{..a}", "{,}", "{a,'b c'}"));

TEST(BracesOrigins, LeadBackToTheText) {
  Slice slice;
  const std::string text = "get node-{1..2}";
  for (std::size_t i = 0; i < text.size(); ++i) {
    slice.append(text[i], 100 + i);
  }
  const Slice result = expand_braces(slice);
  EXPECT_EQ(result.text, "get node-1 node-2");
  EXPECT_EQ(result.origin(result.text.find("node-2")), 104U);
  EXPECT_EQ(result.origin(result.text.size() - 1), 109U);  // the brace
}

TEST(BraceLimits, AreThoseOfNumbers) {
  EXPECT_EQ(expanded("{9223372036854775806..9223372036854775807}"),
            "9223372036854775806 9223372036854775807");
  EXPECT_EQ(expanded("{-9223372036854775808..-9223372036854775807}"),
            "-9223372036854775808 -9223372036854775807");
  EXPECT_EQ(expanded("{1..2..-9223372036854775808}"), "1");
}

TEST(BraceLimits, KeepWhatWouldFillTheMemoryAsItIs) {
  std::string many;
  for (int i = 0; i < 800; ++i) {
    many += "{a,b}";
  }
  EXPECT_EQ(expanded(many), many);
  const std::string wide = std::string(4000, 'x') + "{1..10000}";
  EXPECT_EQ(expanded(wide), wide);
  const std::string open(60'000, '{');
  EXPECT_EQ(expanded(open), open);
  const std::string digits = "{" + std::string(200, '0') + "1..2}";
  EXPECT_EQ(expanded(digits), digits);
}

}  // namespace
}  // namespace scenarios::runbook
