#include "scenarios/profiles.h"

#include <gtest/gtest.h>

namespace scenarios {
namespace {

TEST(Profiles, TheShippedOnesAreReadable) {
  for (const std::string& name : profile_names()) {
    language::Diagnostics diagnostics;
    language::Text text;
    text.value = name;
    text.at = {"a.yaml", 1, 1};
    EXPECT_TRUE(load_profile(text, "a.yaml", diagnostics)) << language::render(diagnostics.sorted());
  }
}

struct BadProfile {
  const char* name;
  const char* text;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const BadProfile& bad) { return os << bad.name; }
};
const BadProfile kBad[] = {
    {"no_origin", "profile: x\ntimings:\n  pod.start: {fixed: 2s}\n",
     "x.yaml:3:14: error: timings.pod.start: nothing says where this number is from"},
    {"no_unit", "profile: x\ntimings:\n  pod.start: {fixed: 2, assumed: why}\n", "2 has no unit"},
    {"unknown_timing", "profile: x\ntimings:\n  pod.strat: {fixed: 2s, assumed: why}\n",
     "unknown timing pod.strat"},
    {"unknown_key", "profile: x\nspeed: 2\ntimings: {}\n", "unknown key speed"},
    {"no_profile", "a: b\n", "this is not a timing profile"},
};
class BadProfiles : public testing::TestWithParam<BadProfile> {};
TEST_P(BadProfiles, AreRefusedWithTheirPlace) {
  language::Diagnostics diagnostics;
  EXPECT_FALSE(read_profile(GetParam().text, "x.yaml", diagnostics));
  EXPECT_NE(language::render(diagnostics.sorted()).find(GetParam().problem), std::string::npos)
      << language::render(diagnostics.sorted());
}
INSTANTIATE_TEST_SUITE_P(All, BadProfiles, testing::ValuesIn(kBad),
                         [](const auto& bad) { return std::string(bad.param.name); });

TEST(Profiles, AnUnknownNameSuggestsTheNearest) {
  language::Diagnostics diagnostics;
  language::Text text;
  text.value = "kinf";
  text.at = {"a.yaml", 3, 5};
  EXPECT_FALSE(load_profile(text, "a.yaml", diagnostics));
  EXPECT_NE(language::render(diagnostics.sorted()).find("did you mean kind?"), std::string::npos);
}

}  // namespace
}  // namespace scenarios
