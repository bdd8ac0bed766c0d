#include <gtest/gtest.h>

#include "scenarios/language/expectation.h"

namespace scenarios::language {
namespace {

constexpr const char* pattern =
    "NAME                  READY   STATUS    RESTARTS   AGE\n"
    "flux-sample-0-<suffix>   1/1     Running   0          <age>\n";

TEST(OutputPattern, MatchesWhateverSuffixAndAge) {
  EXPECT_TRUE(matches_output(pattern,
                             "NAME                  READY   STATUS    RESTARTS   AGE\n"
                             "flux-sample-0-9zsjw   1/1     Running   0          2m42s\n"));
}

struct PatternCase {
  const char* pattern;
  const char* output;
  int difference;  // first differing line, 0: matches
  friend std::ostream& operator<<(std::ostream& os, const PatternCase& c) {
    return os << c.pattern << " / " << c.output;
  }
};

const PatternCase cases[] = {
    {"a", "a\n", 0},
    {"a\n", "a", 0},
    {"a", "a \n", 1},
    {"a\nb", "a\nc", 2},
    {"a", "a\nb", 2},
    {"a\nb", "a", 2},
    {"x-<suffix>", "x-9zsjw", 0},
    {"x-<suffix>", "x-9zsj", 1},
    {"x-<suffix>", "x-9zsjW", 1},
    {"x-<suffix>", "x-9zsjwa", 1},
    {"<age>", "5h5m", 0},
    {"<age>", "90", 1},
    {"<age> end", "10s  end", 0},
    {"<age>   end", "10s end", 0},
    {"<age> end", "10send", 1},
    {"0 (<age> ago)", "0 (12s ago)", 0},
    {"id <any>", "id whatever it is", 0},
    {"", "", 0},
};

class OutputPattern : public testing::TestWithParam<PatternCase> {};
TEST_P(OutputPattern, NamesTheFirstLineThatDiffers) {
  EXPECT_EQ(first_difference(GetParam().pattern, GetParam().output), GetParam().difference);
}
INSTANTIATE_TEST_SUITE_P(Lines, OutputPattern, testing::ValuesIn(cases));

}  // namespace
}  // namespace scenarios::language
