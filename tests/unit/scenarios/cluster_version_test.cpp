// The release that is rehearsed on the files of a cluster, and what a verdict says of where it is from.

#include "scenarios/cluster_version.h"

#include <fmt/core.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "tests/unit/scenarios/files_of_a_cluster.h"

namespace scenarios {
namespace {

using testing_support::FilesOfACluster;

std::string nodes_with(const std::vector<std::string>& kubelets) {
  std::string items;
  for (std::size_t i = 0; i < kubelets.size(); ++i) {
    items += fmt::format(R"({}
{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"n{}","uid":"u{}"}},"status":{{
"allocatable":{{"cpu":"4","memory":"8Gi","pods":"110"}},"conditions":[{{"type":"Ready","status":"True"}}],
"nodeInfo":{{"kubeletVersion":"{}"}}}}}})",
                         i == 0 ? "" : ",", i, i, kubelets[i]);
  }
  return R"({"apiVersion":"v1","kind":"List","items":[)" + items + "]}";
}

constexpr const char* kPlan = "plan: [{step: look, run: kubectl get nodes}]\n";
constexpr const char* kSays128 = "cluster: {kubernetes: {version: \"1.28.0\"}}\n";
constexpr const char* kServer =
    R"({"clientVersion":{"gitVersion":"v1.35.0"},"serverVersion":{"major":"1","gitVersion":"v1.33.4-gke.1"}})";

struct VersionCase {
  const char* name;
  std::vector<std::string> kubelets;
  const char* version_file;  ///< `version.json`; empty: none
  const char* cluster;       ///< of the plan
  const char* release;       ///< that is rehearsed
  const char* basis;         ///< kind and text of the line that says where it is from; empty: none
  const char* told;          ///< part of what is told while it is loaded; empty: nothing is
  friend std::ostream& operator<<(std::ostream& os, const VersionCase& row) { return os << row.name; }
};

const VersionCase kCases[] = {
    {"that_of_the_kubelets",
     {"v1.29.3", "v1.29.3"},
     "",
     "",
     "1.29.3",
     "assumed: that of the kubelets (2 nodes); a control plane is at least as new as its kubelets",
     ""},
    {"that_of_the_newest_kubelet",
     {"v1.29.3", "v1.30.1", "v1.28.9"},
     "",
     "",
     "1.30.1",
     "assumed: that of the newest kubelet, on n1 (the oldest is v1.28.9); a control plane is at least as new "
     "as its "
     "kubelets",
     ""},
    {"numbers_are_no_texts",
     {"v1.29.9", "v1.29.10"},
     "",
     "",
     "1.29.10",
     "assumed: that of the newest kubelet, on n1",
     ""},
    {"a_vendors_suffix", {"v1.31.4+k3s1"}, "", "", "1.31.4", "assumed: that of the kubelets (1 node);", ""},
    {"what_is_no_version_is_passed_over",
     {"fake", "v1.31.4"},
     "",
     "",
     "1.31.4",
     "assumed: that of the kubelets (1 node);",
     ""},
    {"none_is_told", {"fake"}, "", "", "1.34.0", "assumed: the default: the files tell none", ""},
    {"the_api_servers",
     {"v1.31.4"},
     kServer,
     "",
     "1.33.4",
     "stated: version.json: the API server is v1.33.4-gke.1",
     ""},
    {"only_the_clients",
     {"v1.31.4"},
     R"({"clientVersion":{"gitVersion":"v1.35.0"}})",
     "",
     "1.31.4",
     "assumed: that of the kubelets",
     "version.json:1:1: warning: serverVersion.gitVersion: there is no version of the API server here"},
    {"the_plan_says_it", {"v1.28.4"}, kServer, kSays128, "1.28.0", "", ""},
    {"the_plan_says_an_older_one",
     {"v1.28.4", "v1.32.2"},
     "",
     kSays128,
     "1.28.0",
     "",
     "nodes.json:5:1: warning: status.nodeInfo.kubeletVersion: the kubelet of n1 is v1.32.2, newer than the "
     "1.28.0 "
     "that is rehearsed"},
};

class VersionOfFiles : public testing::TestWithParam<VersionCase> {};

TEST_P(VersionOfFiles, IsRehearsed) {
  const VersionCase& row = GetParam();
  std::map<std::string, std::string> files = {{"nodes.json", nodes_with(row.kubelets)}};
  if (*row.version_file != '\0') {
    files["version.json"] = row.version_file;
  }
  FilesOfACluster cluster(files);
  const std::optional<Rehearsal> rehearsal = cluster.load_plan(std::string(row.cluster) + kPlan);
  ASSERT_TRUE(rehearsal) << cluster.told;
  EXPECT_EQ(cluster.told.empty(), *row.told == '\0') << cluster.told;
  EXPECT_NE(cluster.told.find(row.told), std::string::npos) << cluster.told;
  EXPECT_EQ(rehearsal->basis.front().what, fmt::format("Kubernetes {} rules", row.release));
  const auto basis = std::find_if(
      rehearsal->basis.begin(), rehearsal->basis.end(),
      [&](const sim::Basis& one) { return one.what == fmt::format("Kubernetes version {}", row.release); });
  ASSERT_EQ(basis == rehearsal->basis.end(), *row.basis == '\0');
  if (basis != rehearsal->basis.end()) {
    EXPECT_TRUE((basis->kind + ": " + basis->text).starts_with(row.basis))
        << basis->kind << ": " << basis->text;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, VersionOfFiles, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(VersionsOfFiles, ThatAreNotModelledAreRefusedWithTheirPlace) {
  FilesOfACluster cluster({{"nodes.json", nodes_with({"v1.25.3"})}});
  EXPECT_FALSE(cluster.load_plan(kPlan));
  EXPECT_EQ(
      cluster.told,
      "nodes.json:2:1: error: status.nodeInfo.kubeletVersion: Kubernetes 1.25.3 is not supported\n  hint: "
      "supported: 1.26.0 to 1.35.x; cluster.kubernetes.version says which to rehearse\n");
}

TEST(VersionsOfFiles, DecideHowManifestsBesideThemAreTaken) {
  // backoffLimitPerIndex came with 1.28, behind a gate that is on since 1.29.
  constexpr const char* kJob =
      "apiVersion: batch/v1\nkind: Job\nmetadata: {name: work}\nspec:\n  completions: 2\n  completionMode: "
      "Indexed\n"
      "  backoffLimitPerIndex: 1\n  template:\n    spec:\n      restartPolicy: Never\n      containers: "
      "[{name: c, "
      "image: i}]\n";
  const auto limit_on = [&](const char* kubelet) {
    FilesOfACluster cluster({{"nodes.json", nodes_with({kubelet})}, {"job.yaml", kJob}});
    const std::optional<Rehearsal> rehearsal = cluster.load_plan(kPlan);
    EXPECT_TRUE(rehearsal) << cluster.told;
    const models::kubernetes::Cluster& built = rehearsal->world.cluster;
    return built.jobs[built.find_job("default", "work")].spec.backoff_limit_per_index;
  };
  EXPECT_EQ(limit_on("v1.27.3"), -1);
  EXPECT_EQ(limit_on("v1.29.3"), 1);
}

}  // namespace
}  // namespace scenarios
