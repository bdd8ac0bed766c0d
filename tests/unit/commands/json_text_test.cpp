#include "scenarios/commands/json_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ostream>
#include <string>

namespace scenarios::commands {
namespace {

TEST(IndentedJson, HasSortedKeysAndFourBlanks) {
  EXPECT_EQ(
      indented_json(Json::parse(R"({"kind": "Pod", "apiVersion": "v1", "spec": {"b": [1, {}], "a": []}})")),
      "{\n"
      "    \"apiVersion\": \"v1\",\n"
      "    \"kind\": \"Pod\",\n"
      "    \"spec\": {\n"
      "        \"a\": [],\n"
      "        \"b\": [\n"
      "            1,\n"
      "            {}\n"
      "        ]\n"
      "    }\n"
      "}\n");
}

struct TextCase {
  Json value;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const TextCase& c) { return os << c.want; }
};

class CompactJson : public testing::TestWithParam<TextCase> {};

TEST_P(CompactJson, IsEncodedAsGoDoes) { EXPECT_EQ(compact_json(GetParam().value), GetParam().want); }

const TextCase kTexts[] = {
    {"a<b>&c", R"("a\u003cb\u003e\u0026c")"},
    {"\"\\\n\t\r", R"("\"\\\n\t\r")"},
    {"\x01", R"("\u0001")"},
    {"\u2028", R"("\u2028")"},
    {"\u00e9", "\"\u00e9\""},
    {"\xff", R"("\ufffd")"},
    {1000000, "1000000"},
    {0.5, "0.5"},
    {1e21, "1e+21"},
    {1e20, "100000000000000000000"},
    {1e-7, "1e-7"},
    {nullptr, "null"},
    {true, "true"},
};

INSTANTIATE_TEST_SUITE_P(Commands, CompactJson, testing::ValuesIn(kTexts));

TEST(CompactJson, HasNoBlanks) {
  EXPECT_EQ(compact_json(Json::parse(R"({"b": [1, 2], "a": {}})")), R"({"a":{},"b":[1,2]})");
}

RC_GTEST_PROP(JsonText, IsReadBackByAParser, (std::vector<int> numbers)) {
  Json value = Json::object();
  for (const auto& key : *rc::gen::container<std::vector<std::string>>(
           rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127)))) {
    value[key] = numbers;
    value[key + "/nested"] = Json{{key, key}};
  }
  // The parser's other kind of object sorts its keys, so that only the contents count.
  const auto want = nlohmann::json::parse(value.dump());
  RC_ASSERT(nlohmann::json::parse(compact_json(value)) == want);
  RC_ASSERT(nlohmann::json::parse(indented_json(value)) == want);
}

struct MergeCase {
  const char* target;
  const char* patch;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const MergeCase& c) {
    return os << c.target << " + " << c.patch;
  }
};

class MergePatch : public testing::TestWithParam<MergeCase> {};

// The examples at the end of RFC 7386, and one of a MiniCluster.
TEST_P(MergePatch, FollowsTheRfc) {
  EXPECT_EQ(merge_patched(Json::parse(GetParam().target), Json::parse(GetParam().patch)),
            Json::parse(GetParam().want));
}

const MergeCase kMerges[] = {
    {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
    {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
    {R"({"a":"b"})", R"({"a":null})", R"({})"},
    {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
    {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
    {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
    {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
    {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
    {R"({"a":"foo"})", R"(null)", R"(null)"},
    {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
    {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
    {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
    {R"({"spec":{"size":4,"maxSize":10}})", R"({"spec":{"size":3}})", R"({"spec":{"size":3,"maxSize":10}})"},
};

INSTANTIATE_TEST_SUITE_P(Commands, MergePatch, testing::ValuesIn(kMerges));

}  // namespace
}  // namespace scenarios::commands
