#include "scenarios/cluster_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace scenarios {
namespace {

/// Tests run side by side: each has a file of its own.
std::string unique_name(const std::string& name) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string unique = std::string(test->test_suite_name()) + "." + test->name() + "." + name;
  std::replace(unique.begin(), unique.end(), '/', '.');
  return unique;
}

/// A file that is gone with the test.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& content)
      : path_(std::filesystem::path(testing::TempDir()) / (unique_name(name))) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::vector<std::string> kinds_in(const std::string& path, language::Diagnostics& diagnostics) {
  std::vector<std::string> kinds;
  read_objects(path, [&](FileObject&& object) { kinds.push_back(object.object["kind"]); }, diagnostics);
  return kinds;
}

struct GoodFile {
  const char* name;
  const char* content;
  std::vector<std::string> kinds;
  friend std::ostream& operator<<(std::ostream& os, const GoodFile& file) { return os << file.name; }
};
const GoodFile kGood[] = {
    {"one.json", R"({"apiVersion": "v1", "kind": "Node"})", {"Node"}},
    {"list.json",
     R"({"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Pod"},{"apiVersion":"v1","kind":"Node"}],"kind":"List"})",
     {"Pod", "Node"}},
    {"empty_list.json", R"({"apiVersion":"v1","kind":"List","items":[]})", {}},
    {"documents.yaml", "apiVersion: v1\nkind: Node\n---\napiVersion: v1\nkind: Pod\n", {"Node", "Pod"}},
    {"flow.yaml",
     "{apiVersion: v1, kind: Node, metadata: {name: a}}\n---\n{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}\n",
     {"Node", "Pod"}},
    {"flow_list.yml", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod}]}", {"Pod"}},
    {"two_of_json.yaml",
     "{\"apiVersion\": \"v1\", \"kind\": \"Node\"}\n---\n{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}\n",
     {"Node", "Pod"}},
    {"list.yaml", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n", {"Pod"}},
};
class GoodFiles : public testing::TestWithParam<GoodFile> {};
TEST_P(GoodFiles, AreTakenApartInOrder) {
  const TemporaryFile file(GetParam().name, GetParam().content);
  language::Diagnostics diagnostics;
  EXPECT_EQ(kinds_in(file.path(), diagnostics), GetParam().kinds);
  EXPECT_FALSE(diagnostics.has_errors()) << language::render(diagnostics.sorted());
}
INSTANTIATE_TEST_SUITE_P(All, GoodFiles, testing::ValuesIn(kGood));

struct BadFile {
  const char* name;
  const char* content;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const BadFile& file) { return os << file.name; }
};
const BadFile kBadFiles[] = {
    {"cut.json", "{\"apiVersion\": \"v1\",\n \"items\": [{\"kind\": ", ":2:21: error: this is not JSON"},
    {"flow.json", "{apiVersion: v1, kind: Node}", ":1:2: error: this is not JSON"},
    {"cut_flow.yaml", "{apiVersion: v1, kind: Node", "error: "},
    {"template.yaml", "{{ if .Values.on }}\napiVersion: v1\n{{ end }}\n", "error: "},
    {"foreign.json", R"({"rows": [1, 2]})", "this is no Kubernetes object"},
    {"text.yaml", "just words\n", "this is no Kubernetes object"},
    {"nothing.yaml", "", "there is no Kubernetes object in this file"},
    {"cut.yaml", "apiVersion: [v1\n", "error"},
};
class BadFiles : public testing::TestWithParam<BadFile> {};
TEST_P(BadFiles, AreRefusedWithTheirPlace) {
  const TemporaryFile file(GetParam().name, GetParam().content);
  language::Diagnostics diagnostics;
  kinds_in(file.path(), diagnostics);
  const std::string rendered = language::render(diagnostics.sorted());
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_NE(rendered.find(GetParam().problem), std::string::npos) << rendered;
}
INSTANTIATE_TEST_SUITE_P(All, BadFiles, testing::ValuesIn(kBadFiles));

TEST(ClusterFiles, DeepNestingIsRefused) {
  const TemporaryFile file("deep.json", std::string(100'000, '[') + std::string(100'000, ']'));
  language::Diagnostics diagnostics;
  kinds_in(file.path(), diagnostics);
  EXPECT_NE(language::render(diagnostics.sorted()).find("nested deeper than"), std::string::npos);
}

TEST(ClusterFiles, PlainWordsOfYamlHaveTheTypesThatKubectlGivesThem) {
  const TemporaryFile file(
      "types.yaml", "apiVersion: v1\nkind: X\na: 1\nb: \"1\"\nc: yes\nd: 1.5\ne: ~\nf: 1Gi\ng: 2001-01-01\n");
  language::Diagnostics diagnostics;
  Json seen;
  read_objects(file.path(), [&](FileObject&& object) { seen = object.object; }, diagnostics);
  EXPECT_TRUE(seen["a"].is_number_integer());
  EXPECT_TRUE(seen["b"].is_string());
  EXPECT_EQ(seen["c"], true);
  EXPECT_TRUE(seen["d"].is_number_float());
  EXPECT_TRUE(seen["e"].is_null());
  EXPECT_EQ(seen["f"], "1Gi");
  EXPECT_EQ(seen["g"], "2001-01-01");
}

}  // namespace
}  // namespace scenarios
