#include "scenarios/language/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "scenarios/language/tables.h"

namespace scenarios::language {
namespace {

/// Relative to the root of the repository, where tests are started.
constexpr const char* page = "docs/scenario-reference.md";

TEST(Reference, TheCommittedPageIsWhatTheParserReads) {
  const std::string rendered = render_reference();
  const char* accept = std::getenv("REHEARSAL_ACCEPT");
  if (accept != nullptr && std::string(accept) == "1") std::ofstream(page, std::ios::binary) << rendered;
  std::ifstream in(page, std::ios::binary);
  ASSERT_TRUE(in.good()) << page << " is missing; run the test with REHEARSAL_ACCEPT=1";
  const std::string committed{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(committed == rendered)
      << page << " is out of date; run the test with REHEARSAL_ACCEPT=1 and read the difference";
}

TEST(Reference, EveryFieldHasASentenceAndASource) {
  for (const Table* table : all_tables()) {
    EXPECT_FALSE(table->sentence.empty()) << table->title;
    for (const FieldDescription& field : table->fields) {
      const std::string name = table->title + "." + field.key;
      EXPECT_FALSE(field.options.source.empty()) << name;
      ASSERT_FALSE(field.options.sentence.empty()) << name;
      EXPECT_EQ(field.options.sentence.back(), '.') << name;
      EXPECT_FALSE(field.options.required && !field.options.fallback.empty())
          << name << " is required and has a default";
    }
  }
}

/// The tables that a type leads to.
void collect(const Type& type, std::set<std::string>& into) {
  if (type.shape == Type::Shape::object) into.insert(type.table->title);
  if (type.element != nullptr) collect(*type.element, into);
}

TEST(Reference, EveryTableThatAFieldLeadsToIsOnThePage) {
  std::set<std::string> listed, reached;
  for (const Table* table : all_tables()) {
    EXPECT_TRUE(listed.insert(table->title).second) << table->title << " is listed twice";
    for (const FieldDescription& field : table->fields) collect(field.type, reached);
  }
  for (const std::string& title : reached) EXPECT_TRUE(listed.contains(title)) << title;
}

TEST(Reference, ChecksAreAddedWhenTheyAreGiven) {
  const std::vector<CheckDeclaration> checks = {
      {"one-at-a-time",
       "At most one pod is missing.",
       false,
       {{"count", ParameterType::integer, false, "1", "How many."}}}};
  const std::string rendered = render_reference(checks);
  EXPECT_NE(rendered.find("### one-at-a-time\n\nAt most one pod is missing.\n"), std::string::npos);
  EXPECT_NE(rendered.find("| `count` | integer | `1` | How many. |"), std::string::npos);
}

}  // namespace
}  // namespace scenarios::language
