#include "scenarios/commands/yaml_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "scenarios/commands/yaml_scalar.h"

namespace scenarios::commands {
namespace {

TEST(YamlText, PodIsPrintedAsKubectlDoes) {
  const Json pod = Json::parse(R"({
    "kind": "Pod", "apiVersion": "v1",
    "metadata": {"name": "web-0", "creationTimestamp": "2024-01-09T19:51:00Z", "labels": {}, "annotations": {"index": "0"}},
    "spec": {"containers": [{"name": "main", "args": ["-c", "sleep 1\nexit 0\n"], "ports": [{"containerPort": 80}]},
                            {"name": "log"}],
             "nodeName": null, "hosts": []}})");
  EXPECT_EQ(yaml_text(pod),
            "apiVersion: v1\n"
            "kind: Pod\n"
            "metadata:\n"
            "  annotations:\n"
            "    index: \"0\"\n"
            "  creationTimestamp: \"2024-01-09T19:51:00Z\"\n"
            "  labels: {}\n"
            "  name: web-0\n"
            "spec:\n"
            "  containers:\n"
            "  - args:\n"
            "    - -c\n"
            "    - |\n"
            "      sleep 1\n"
            "      exit 0\n"
            "    name: main\n"
            "    ports:\n"
            "    - containerPort: 80\n"
            "  - name: log\n"
            "  hosts: []\n"
            "  nodeName: null\n");
}

TEST(YamlText, ListInAListStandsBehindTheHyphen) {
  EXPECT_EQ(yaml_text(Json::parse(R"({"a": [[1, 2], [], {"b": [3]}]})")),
            "a:\n- - 1\n  - 2\n- []\n- b:\n  - 3\n");
}

TEST(YamlText, TopCanBeAnything) {
  EXPECT_EQ(yaml_text(Json::parse("[1, {}]")), "- 1\n- {}\n");
  EXPECT_EQ(yaml_text(Json::object()), "{}\n");
  EXPECT_EQ(yaml_text("yes"), "\"yes\"\n");
  EXPECT_EQ(yaml_text(1.5), "1.5\n");
}

TEST(YamlText, LongPlainTextFoldsAtTheFirstBlankBehindColumn80) {
  const std::string message =
      "0/4 nodes are available: 1 node(s) had untolerated taint, 3 Insufficient cpu and so on and so on.";
  EXPECT_EQ(yaml_text(Json{{"conditions", Json::array({Json{{"message", message + " more"}}})}}),
            "conditions:\n"
            "- message: '0/4 nodes are available: 1 node(s) had untolerated taint, 3 Insufficient\n"
            "    cpu and so on and so on. more'\n");
  EXPECT_EQ(yaml_text(Json{{"a", std::string(78, 'x') + " y z"}}),
            "a: " + std::string(78, 'x') + "\n  y z\n");
  EXPECT_EQ(yaml_text(Json{{"a", "yes \n" + std::string(78, 'x') + " y z"}}),
            "a: \"yes \\n" + std::string(78, 'x') + "\n  y z\"\n");
}

TEST(YamlText, KeyOfMoreThan128CharactersStandsBehindAQuestionMark) {
  const std::string longest(128, 'k');
  EXPECT_EQ(yaml_text(Json{{longest, 1}}), longest + ": 1\n");
  EXPECT_EQ(yaml_text(Json{{longest + "k", Json::array({1, 2})}}), "? " + longest + "k\n: - 1\n  - 2\n");
}

struct ScalarCase {
  std::string text;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const ScalarCase& c) { return os << c.want; }
};

class YamlScalar : public testing::TestWithParam<ScalarCase> {};

TEST_P(YamlScalar, IsQuotedOnlyIfItMustBe) {
  EXPECT_EQ(yaml_text(GetParam().text), GetParam().want + std::string("\n"));
}

const ScalarCase kScalars[] = {
    // Plain.
    {"web-0", "web-0"},
    {"registry/image:v1.2.3@sha256:abc", "registry/image:v1.2.3@sha256:abc"},
    {"a:b", "a:b"},
    {"a#b", "a#b"},
    {"10m", "10m"},
    {"100Mi", "100Mi"},
    {"1.2.3", "1.2.3"},
    {"-c", "-c"},
    {"?q", "?q"},
    {"a, b", "a, b"},
    {"2024-13-01", "2024-13-01"},
    {"tRue", "tRue"},
    {"NaN", "NaN"},
    {"<<", "<<"},
    {"=", "="},
    {"\u00e9", "\u00e9"},
    {"0o8", "0o8"},
    {"_1", "_1"},
    {"x'y", "x'y"},
    // What would be read as something else.
    {"", "\"\""},
    {"true", "\"true\""},
    {"yes", "\"yes\""},
    {"n", "\"n\""},
    {"Off", "\"Off\""},
    {"~", "\"~\""},
    {"null", "\"null\""},
    {"0", "\"0\""},
    {"-1", "\"-1\""},
    {"+1", "\"+1\""},
    {"007", "\"007\""},
    {"0x1F", "\"0x1F\""},
    {"0b11", "\"0b11\""},
    {"0o17", "\"0o17\""},
    {"1_000", "\"1_000\""},
    {"18446744073709551615", "\"18446744073709551615\""},
    {"1.5", "\"1.5\""},
    {".5", "\".5\""},
    {"1e3", "\"1e3\""},
    {".inf", "\".inf\""},
    {"-.INF", "\"-.INF\""},
    {".nan", "\".nan\""},
    {"1:30", "\"1:30\""},
    {"190:20:30.15", "\"190:20:30.15\""},
    {"2024-01-31", "\"2024-01-31\""},
    {"2024-02-29 10:00:00", "\"2024-02-29 10:00:00\""},
    {"2023-02-29", "2023-02-29"},
    {"2024-01-31T10:00:00Z", "\"2024-01-31T10:00:00Z\""},
    {"2001-1-1t1:1:1.5+01:00", "\"2001-1-1t1:1:1.5+01:00\""},
    // What would be read as YAML.
    {"- a", "'- a'"},
    {"-", "'-'"},
    {"a: b", "'a: b'"},
    {"a:", "'a:'"},
    {"a #b", "'a #b'"},
    {"#x", "'#x'"},
    {"{x}", "'{x}'"},
    {"[x]", "'[x]'"},
    {"*a", "'*a'"},
    {"&a", "'&a'"},
    {"!t", "'!t'"},
    {"%p", "'%p'"},
    {"@at", "'@at'"},
    {"`b`", "'`b`'"},
    {"'q'", "'''q'''"},
    {"\"q\"", "'\"q\"'"},
    {"---", "'---'"},
    {"? q", "'? q'"},
    {" lead", "' lead'"},
    {"trail ", "'trail '"},
    // What no other style can hold.
    {"tab\there", "\"tab\\there\""},
    {"\x01", "\"\\x01\""},
    {"x \ny", "\"x \\ny\""},
    {"\u0085", "\"\\N\""},
    {"\U0001F600", "\"\\U0001F600\""},
    // Lines.
    {"line\nbreak", "|-\n  line\n  break"},
    {"line\nbreak\n", "|\n  line\n  break"},
    {"two\n\n", "|+\n  two\n"},
    {" lead\nx", "|2-\n   lead\n  x"},
    {"\n", "|2+\n"},
};

INSTANTIATE_TEST_SUITE_P(Commands, YamlScalar, testing::ValuesIn(kScalars));

TEST(YamlKeys, AreSortedWithNumbersByValueAndLettersLast) {
  std::vector<std::string> keys = {"a10", "a9", "b", "B", "a", "a-1", "1", "a.b", "k8s-app", "a01", "a1"};
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return key_before(a, b); });
  EXPECT_EQ(keys, (std::vector<std::string>{"1", "B", "a", "a-1", "a.b", "a1", "a01", "a9", "a10", "b",
                                            "k8s-app"}));
}

RC_GTEST_PROP(YamlKeys, OrderIsNeverBothWays, (std::string a, std::string b)) {
  RC_ASSERT(!(key_before(a, b) && key_before(b, a)));
  RC_ASSERT(!key_before(a, a));
}

}  // namespace
}  // namespace scenarios::commands
