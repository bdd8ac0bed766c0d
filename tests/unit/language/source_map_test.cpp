#include "scenarios/language/source_map.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scenarios::language {
namespace {

struct PlaceCase {
  const char* name;
  std::string yaml;  // the text under test is the value of `run`
  std::string word;  // a word of the value
  int line;
  int column;
  friend std::ostream& operator<<(std::ostream& os, const PlaceCase& c) { return os << c.name; }
};

const PlaceCase places[] = {
    {"plain", "run: kubectl scale --replica=3\n", "--replica", 1, 20},
    {"double_quoted", "run: \"kubectl scale --replica\"\n", "--replica", 1, 21},
    {"single_quoted", "run: 'kubectl scale --replica'\n", "--replica", 1, 21},
    {"escape_before", "run: \"a \\\"b\\\" --replica\"\n", "--replica", 1, 15},
    {"doubled_quote_before", "run: 'a ''b'' --replica'\n", "--replica", 1, 15},
    {"literal_block", "run: |\n  kubectl get pods\n  kubectl scale --replica\n", "--replica", 3, 17},
    {"literal_block_with_blank_line", "run: |\n  one\n\n  two --replica\n", "--replica", 4, 7},
    {"literal_block_with_deeper_line", "run: |\n  one\n    two --replica\n", "--replica", 3, 9},
    {"folded_block", "run: >\n  kubectl scale\n  --replica\n", "--replica", 3, 3},
    {"plain_over_two_lines", "run: kubectl scale\n  web --replica\n", "--replica", 2, 7},
    {"plain_with_blank_line", "run: one\n\n\n  two --replica\n", "--replica", 4, 7},
    {"quoted_over_two_lines", "run: \"kubectl scale\n  web --replica\"\n", "--replica", 2, 7},
    {"after_tag", "run: !!str kubectl --replica\n", "--replica", 1, 20},
    {"in_flow_mapping", "{a: b, run: kubectl --replica}\n", "--replica", 1, 21},
    {"after_other_lines", "a: b\nc:\n  - d\nrun: x --replica\n", "--replica", 4, 8},
};

class PlaceOfAWord : public testing::TestWithParam<PlaceCase> {};
TEST_P(PlaceOfAWord, IsWhereItStandsInTheFile) {
  Diagnostics diagnostics;
  const auto documents = load_documents(GetParam().yaml, "f", {}, diagnostics);
  ASSERT_EQ(documents.size(), 1U);
  const Text text = text_of(documents[0], *documents[0].root.find("run"));
  const std::size_t offset = text.value.find(GetParam().word);
  ASSERT_NE(offset, std::string::npos) << text.value;
  EXPECT_EQ(text.at_offset(offset), (Location{"f", GetParam().line, GetParam().column}));
}
INSTANTIATE_TEST_SUITE_P(Scalars, PlaceOfAWord, testing::ValuesIn(places),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Text, WithoutStretchesEverythingStandsAtItsPlace) {
  const Text text{"abc", {"f", 4, 2}, {}};
  EXPECT_EQ(text.at_offset(2), (Location{"f", 4, 2}));
}

}  // namespace
}  // namespace scenarios::language
