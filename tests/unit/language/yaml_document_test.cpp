#include "scenarios/language/yaml_document.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenarios/language/text_encoding.h"

namespace scenarios::language {
namespace {

std::string problems_of(const std::string& text, LoadLimits limits = {}) {
  Diagnostics diagnostics;
  load_documents(text, "f", limits, diagnostics);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.sorted()) out += render(diagnostic) + "\n";
  return out;
}

TEST(YamlDocument, KeepsOrderQuotingAndPlace) {
  Diagnostics diagnostics;
  const auto documents = load_documents("b: 1\na:\n  - \"2\"\n  - {c: d}\n", "f", {}, diagnostics);
  ASSERT_EQ(documents.size(), 1U);
  const Node& root = documents[0].root;
  ASSERT_EQ(root.members.size(), 2U);
  EXPECT_EQ(root.members[0].key, "b");
  EXPECT_FALSE(root.find("b")->quoted);
  const Node& list = *root.find("a");
  ASSERT_TRUE(list.is_sequence());
  EXPECT_TRUE(list.items[0].quoted);
  EXPECT_EQ(documents[0].where(list.items[0]), (Location{"f", 3, 5}));
  EXPECT_EQ(documents[0].where(*list.items[1].find("c")), (Location{"f", 4, 9}));
  EXPECT_EQ(documents[0].where(root.members[1]), (Location{"f", 2, 1}));
}

TEST(YamlDocument, ReadsSeveralDocumentsWhereTheyAreAllowed) {
  Diagnostics diagnostics;
  const auto documents = load_documents("a: 1\n---\nb: 2\n---\n", "f", manifest_limits(), diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  ASSERT_GE(documents.size(), 2U);
  EXPECT_EQ(documents[1].where(*documents[1].root.find("b")), (Location{"f", 3, 4}));
}

TEST(YamlDocument, UnderstandsByteOrderMarksAndWindowsLines) {
  Diagnostics diagnostics;
  const auto documents = load_documents(
      "\xEF\xBB\xBF"
      "a: b\r\nc: d\r\n",
      "f", {}, diagnostics);
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_EQ(documents[0].root.find("a")->text, "b");
  EXPECT_EQ(documents[0].root.find("c")->text, "d");
}

TEST(YamlDocument, ExpandsAliasesToCopies) {
  Diagnostics diagnostics;
  const auto documents = load_documents("a: &x [1, 2]\nb: *x\n", "f", {}, diagnostics);
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_EQ(documents[0].root.find("b")->items.size(), 2U);
}

TEST(YamlDocument, RefusesABillionLaughs) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 30; ++i) {
    std::string line = "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) line += (j > 0 ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += line + "]\n";
  }
  EXPECT_NE(problems_of(bomb).find("the file holds more than 500000 values, aliases expanded"),
            std::string::npos);
}

TEST(YamlDocument, RefusesDeepNesting) {
  EXPECT_NE(problems_of(std::string(65, '-').replace(0, 65,
                                                     [] {
                                                       std::string deep;
                                                       for (int i = 0; i < 65; ++i) deep += "- ";
                                                       return deep;
                                                     }()))
                .find("nested deeper than 64 levels"),
            std::string::npos);
  EXPECT_FALSE(problems_of("a: " + std::string(100'000, '[')).empty());
  EXPECT_FALSE(problems_of(std::string(100'000, '{')).empty());
}

TEST(YamlDocument, RefusesLargeFiles) {
  EXPECT_EQ(problems_of("a: b\n", {.bytes_max = 4}),
            "f:1:1: error: the file is larger than 4 bytes\n  hint: split the file\n");
}

TEST(YamlDocument, TheLastOfManyDuplicateKeysIsFoundInReasonableTime) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(problems_of(text), "");
  EXPECT_NE(
      problems_of(text + "k0: 2\n").find("f:20001:1: error: k0: the key k0 is given twice, first in line 1"),
      std::string::npos);
}

struct MalformedCase {
  const char* name;
  std::string text;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const MalformedCase& c) { return os << c.name; }
};

const MalformedCase malformed[] = {
    {"nul", std::string("a: \0b", 5),
     "f:1:4: error: the file is not text: it contains the byte 0x00\n  hint: a scenario is YAML text in "
     "UTF-8\n"},
    {"control", "a: b\nc: \x1b[0m\n",
     "f:2:4: error: the file is not text: it contains the byte 0x1b\n  hint: a scenario is YAML text in "
     "UTF-8\n"},
    {"latin1", "a: caf\xe9\n",
     "f:1:7: error: the file is not valid UTF-8: unexpected byte 0xe9\n  hint: save the file as UTF-8\n"},
    {"overlong", "a: \xc0\xaf\n",
     "f:1:4: error: the file is not valid UTF-8: unexpected byte 0xc0\n  hint: save the file as UTF-8\n"},
    {"surrogate", "a: \xed\xa0\x80\n",
     "f:1:4: error: the file is not valid UTF-8: unexpected byte 0xed\n  hint: save the file as UTF-8\n"},
    {"cut_character", "a: \xe4\xb8",
     "f:1:4: error: the file is not valid UTF-8: unexpected byte 0xe4\n  hint: save the file as UTF-8\n"},
    {"utf16",
     std::string("\xff\xfe"
                 "a\0",
                 4),
     "f:1:1: error: the file is not valid UTF-8: unexpected byte 0xff\n  hint: save the file as UTF-8\n"},
    {"cut_in_list", "plan: [a, b",
     "f:1:11: error: this is not well-formed YAML: end of sequence flow not found\n  hint: the file ends in "
     "the middle of a value: is it cut off, or a bracket not closed?\n"},
    {"cut_in_quote", "a: b\nc: \"d",
     "f:2:5: error: this is not well-formed YAML: illegal EOF in scalar\n  hint: the file ends inside a "
     "quoted text: is it cut off, or a quote not closed?\n"},
    {"cut_after_line_in_quote", "a: b\nc: \"d\n",
     "f:2:4: error: the quote that opens here is not closed\n  hint: is the file cut off?\n"},
    {"cut_after_line_in_single_quote", "c: 'it''s\n",
     "f:1:4: error: the quote that opens here is not closed\n  hint: is the file cut off?\n"},
    {"cut_after_escape", "c: \"d\\\"\n",
     "f:1:4: error: the quote that opens here is not closed\n  hint: is the file cut off?\n"},
    {"colon_in_text", "run: echo a: b\nx: y\n",
     "f:1:12: error: this is not well-formed YAML: illegal map value\n  hint: quote a text that contains ': "
     "' or ' #' or begins with one of [ ] { } & * ! | > % @ `\n"},
    {"backquote", "a: `b`\nc: d\n",
     "f:1:4: error: this is not well-formed YAML: unknown token\n  hint: quote a text that contains ': ' or "
     "' #' or begins with one of [ ] { } & * ! | > % @ `\n"},
    {"indentation", "a:\n  - b\n - c\nd: e\n",
     "f:3:2: error: this is not well-formed YAML: end of map not found\n  hint: is a line indented "
     "differently from those above, or a bracket not closed?\n"},
    {"undefined_alias", "a: *x\n",
     "f:1:4: error: this is not well-formed YAML: the referenced anchor is not defined\n  hint: quote a text "
     "that begins with *\n"},
    {"alias_in_itself", "a: &x [*x]\n", "f:1:8: error: an alias refers to a value that contains it\n"},
    {"tag", "a: !secret b\n",
     "f:1:4: error: the YAML tag !secret is not known here\n  hint: remove the tag\n"},
    {"merge_key", "a:\n  <<: {b: c}\n",
     "f:2:3: error: merge keys (<<) are not known here\n  hint: write the keys out\n"},
    {"list_as_key", "{[a]: b}\n",
     "f:1:2: error: a key must be plain text, not a list or a mapping\n  hint: put quotes around a text that "
     "begins with [ or {; or is a bracket not closed?\n"},
    {"two_documents", "a: b\n---\nc: d\n",
     "f:3:1: error: the file holds more than 1 YAML document\n  hint: one file, one scenario: is this line "
     "indented differently from those above, or preceded by ---?\n"},
    {"duplicate_key", "a: {b: 1, c: 2, b: 3}\n",
     "f:1:17: error: a.b: the key b is given twice, first in line 1\n  hint: keep one of them\n"},
    {"duplicate_key_in_list", "a:\n  - {x: 1}\n  - x: 1\n    x: 2\n",
     "f:4:5: error: a[1].x: the key x is given twice, first in line 3\n  hint: keep one of them\n"},
};

class MalformedYaml : public testing::TestWithParam<MalformedCase> {};
TEST_P(MalformedYaml, GetsOneClearMessage) { EXPECT_EQ(problems_of(GetParam().text), GetParam().want); }
INSTANTIATE_TEST_SUITE_P(Files, MalformedYaml, testing::ValuesIn(malformed),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Encoding, AcceptsEveryLengthOfCharacter) {
  EXPECT_FALSE(find_encoding_problem("a \xc3\xa9 \xe4\xb8\xad \xf0\x9f\x90\x99\t\r\n").has_value());
}

TEST(Encoding, OffsetsPastTheEndGiveTheLastPlace) {
  EXPECT_EQ(line_column("ab\ncd", 99).line, 2);
  EXPECT_EQ(line_column("ab\ncd", 99).column, 2);
  EXPECT_EQ(line_column("", 99).line, 1);
}

TEST(ReadTextFile, SaysWhyItCannot) {
  Diagnostics diagnostics;
  EXPECT_EQ(read_text_file("no/such/file.yaml", 100, diagnostics), "");
  ASSERT_EQ(diagnostics.kept().size(), 1U);
  EXPECT_EQ(diagnostics.kept()[0].problem, "the file cannot be opened");
}

}  // namespace
}  // namespace scenarios::language
