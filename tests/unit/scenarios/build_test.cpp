#include "scenarios/build.h"

#include <gtest/gtest.h>

#include <map>

#include "scenarios/run.h"
#include "tests/unit/scenarios/files_of_a_cluster.h"

namespace scenarios {
namespace {

struct Loaded {
  std::optional<Rehearsal> rehearsal;
  std::string messages;
};

Loaded load_text(const std::string& body, std::vector<std::string> set = {}) {
  language::Diagnostics diagnostics;
  LoadRequest request{"a.yaml", "apiVersion: rehearsal/v1\nscenario: a test\n" + body, std::move(set), {}};
  Loaded loaded{load(request, diagnostics), {}};
  loaded.messages = language::render(diagnostics.sorted());
  return loaded;
}

constexpr const char* kCluster = R"(cluster:
  nodes: {worker-0: {cpu: 4, memory: 8Gi}}
  statefulsets: {web: {replicas: 2}}
)";

struct BadScenario {
  const char* name;
  const char* body;
  const char* message;
  friend std::ostream& operator<<(std::ostream& os, const BadScenario& bad) { return os << bad.name; }
};
const BadScenario kBad[] = {
    {"no_cluster", "plan: [{step: a, wait: 1s}]\n",
     "neither the scenario nor the command line says where to rehearse"},
    {"unknown_version", "cluster:\n  kubernetes: {version: \"1.99.0\"}\n", "a.yaml:4:"},
    {"unknown_gate",
     "cluster:\n  kubernetes: {version: \"1.30.0\", featureGates: {JobBackoffLimitPerIndx: true}}\n",
     "JobBackoffLimitPerIndx"},
    {"unknown_profile", "cluster:\n  kubernetes: {profile: kinf}\n", "kinf"},
    {"refused_by_admission",
     "cluster:\n  jobs: {x: {completions: 2, parallelism: 2, completionMode: Indexed, maxFailedIndexes: "
     "1}}\n",
     "maxFailedIndexes"},
    {"cyclic_plan",
     "cluster: {nodes: {a: {cpu: 1, memory: 1Gi}}}\nplan:\n  - {step: a, wait: 1s, needs: b}\n  - {step: b, "
     "wait: 1s, needs: a}\n",
     "the steps need each other in a circle: \"a\" -> \"b\" -> \"a\""},
    {"unknown_command",
     "cluster: {nodes: {a: {cpu: 1, memory: 1Gi}}}\nplan:\n  - {step: a, run: helm install x}\n",
     "a.yaml:5:"},
    {"a_cloud_that_is_not_there",
     "cluster: {nodes: {a: {cpu: 1, memory: 1Gi}}}\nplan:\n  - {step: a, run: openstack server shelve a}\n",
     "there is no cloud for openstack to ask"},
    {"unknown_flag",
     "cluster: {nodes: {a: {cpu: 1, memory: 1Gi}}}\nplan:\n  - {step: a, run: kubectl get pods "
     "--selectr=x}\n",
     "--selectr"},
};
class BadScenarios : public testing::TestWithParam<BadScenario> {};
TEST_P(BadScenarios, AreRefusedWithTheirPlace) {
  const Loaded loaded = load_text(GetParam().body);
  EXPECT_FALSE(loaded.rehearsal);
  EXPECT_NE(loaded.messages.find(GetParam().message), std::string::npos) << loaded.messages;
  EXPECT_NE(loaded.messages.find("a.yaml:"), std::string::npos) << loaded.messages;
}
INSTANTIATE_TEST_SUITE_P(All, BadScenarios, testing::ValuesIn(kBad),
                         [](const auto& bad) { return std::string(bad.param.name); });

TEST(Build, DescribedObjectsComeUpAndThePlanBeginsWhenTheyHave) {
  const Loaded loaded =
      load_text(std::string(kCluster) + "plan:\n  - {step: look, run: kubectl get pods -o name}\n");
  ASSERT_TRUE(loaded.rehearsal) << loaded.messages;
  sim::SeededChoices choices(1);
  const sim::ResultRecord record = perform(*loaded.rehearsal, choices, 1);
  ASSERT_EQ(record.steps.size(), 1U);
  EXPECT_EQ(record.steps[0].output(), "pod/web-0\npod/web-1\n");
  EXPECT_TRUE(record.passed);
}

TEST(Build, AnOverrideChangesOneValueAndTheHashOfTheInput) {
  const std::string body = std::string(kCluster) + "plan:\n  - {step: look, run: kubectl get pods -o name}\n";
  const Loaded plain = load_text(body);
  const Loaded changed = load_text(body, {"cluster.statefulsets.web.replicas=1"});
  ASSERT_TRUE(changed.rehearsal) << changed.messages;
  sim::SeededChoices choices(1);
  EXPECT_EQ(perform(*changed.rehearsal, choices, 1).steps[0].output(), "pod/web-0\n");
  EXPECT_NE(plain.rehearsal->hash, changed.rehearsal->hash);
}

TEST(Build, AssumedTimingsThatTheRunCouldUseAreListed) {
  const Loaded loaded = load_text(std::string(kCluster) + "plan:\n  - {step: look, run: kubectl get pods}\n");
  sim::SeededChoices choices(1);
  const sim::ResultRecord record = perform(*loaded.rehearsal, choices, 1);
  const auto lists = [&](const std::string& start) {
    return std::any_of(record.basis.begin(), record.basis.end(), [&](const sim::Basis& basis) {
      return basis.what.starts_with(start) && basis.kind == "assumed";
    });
  };
  EXPECT_TRUE(lists("pod.start"));
  EXPECT_TRUE(lists("watch.latency"));
  EXPECT_FALSE(lists("flux.init"));
}

TEST(Build, AStalledStepIsExplainedByItsWaitChain) {
  const Loaded loaded = load_text(std::string(kCluster) +
                                  "behaviour: {web: {indexes: {\"1\": {neverReady: true}}}}\n"
                                  "plan:\n"
                                  "  - {step: look, wait: 1s, at: 0s}\n"
                                  "  - {step: grow, run: kubectl scale sts web --replicas=3, then: {running: "
                                  "\"web-[0-2]\", within: 20m}}\n");
  ASSERT_TRUE(loaded.rehearsal) << loaded.messages;
  sim::SeededChoices choices(1);
  const sim::ResultRecord record = perform(*loaded.rehearsal, choices, 1);
  const auto stall = std::find_if(record.findings.begin(), record.findings.end(),
                                  [](const sim::Finding& finding) { return finding.check == "stalls"; });
  ASSERT_NE(stall, record.findings.end());
  EXPECT_EQ(stall->verdict, sim::Verdict::Violated);
  std::string chain;
  for (const sim::Because& link : stall->because) {
    chain += link.text + "\n";
  }
  EXPECT_NE(chain.find("waits for pod default/web-1 to become Ready"), std::string::npos) << chain;
}

sim::ResultRecord performed(const std::string& plan) {
  const Loaded loaded = load_text(std::string(kCluster) + plan);
  EXPECT_TRUE(loaded.rehearsal) << loaded.messages;
  sim::NominalChoices choices;
  return perform(*loaded.rehearsal, choices, 0);
}

const sim::Finding* finding_of(const sim::ResultRecord& record, const std::string& check) {
  const auto found = std::find_if(record.findings.begin(), record.findings.end(),
                                  [&](const sim::Finding& finding) { return finding.check == check; });
  return found == record.findings.end() ? nullptr : &*found;
}

TEST(PlanIsPerformed, IsViolatedByAStepThatFailsAndKeepsOthersBack) {
  const sim::ResultRecord record = performed(
      "plan:\n  - {step: look, run: kubectl get pod web-9}\n  - {step: then, run: kubectl get pods}\n");
  const sim::Finding* finding = finding_of(record, "plan-is-performed");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->verdict, sim::Verdict::Violated);
  EXPECT_EQ(finding->summary,
            "step \"look\" failed with exit code 1: Error from server (NotFound): pods \"web-9\" not found");
  ASSERT_FALSE(finding->because.empty());
  EXPECT_TRUE(finding->because.back().text.starts_with("step \"look\""));
  EXPECT_FALSE(record.passed);
  EXPECT_EQ(record.steps.back().outcome, sim::StepOutcome::Skipped);
}

TEST(PlanIsPerformed, HoldsWhereFailuresAreNoMatter) {
  const sim::ResultRecord record = performed(
      "plan:\n  - {step: look, run: kubectl get pod web-9, on_error: continue}\n  - {step: then, run: "
      "kubectl get "
      "pods}\n");
  EXPECT_EQ(finding_of(record, "plan-is-performed")->verdict, sim::Verdict::Held);
  EXPECT_TRUE(record.passed);
}

TEST(PlanIsPerformed, IsNotJudgedWhereTheScenarioSaysHowItEnds) {
  const sim::ResultRecord record =
      performed("plan:\n  - {step: look, run: kubectl get pod web-9}\nexpect: {exit: 1}\n");
  EXPECT_EQ(finding_of(record, "plan-is-performed"), nullptr);
  EXPECT_TRUE(record.as_expected);
}

/// A node as `kubectl get` prints it.
constexpr const char* kNode =
    R"({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n-1", "uid": "n", "resourceVersion": "1"},
            "status": {"allocatable": {"cpu": "7800m", "memory": "30Gi", "pods": "110"},
                       "addresses": [{"type": "InternalIP", "address": "10.0.0.7"}],
                       "nodeInfo": {"kubeletVersion": "v1.32.2+vendor"},
                       "conditions": [{"type": "Ready", "status": "True"}]}})";

/// The files of a cluster of one node, on which a plan alone is rehearsed, and a list of servers.
std::map<std::string, std::string> node_and(std::string servers) {
  return {{"node.json", kNode}, {"servers.json", std::move(servers)}};
}

bool rests_on(const sim::ResultRecord& record, const std::string& text) {
  return std::any_of(record.basis.begin(), record.basis.end(),
                     [&](const sim::Basis& basis) { return basis.what == text; });
}

TEST(ClusterOfFiles, HasTheCloudThatAListOfServersTellsOf) {
  testing_support::FilesOfACluster files(node_and(
      R"([{"ID": "77", "Name": "vm-of-n-1", "Status": "ACTIVE", "Flavor": "m3.medium",
             "Networks": {"net": ["10.0.0.7"]}},
            {"ID": "78", "Name": "bastion", "Status": "SHUTOFF", "Flavor": "m3.tiny", "Networks": {}}])"));
  const std::optional<Rehearsal> rehearsal = files.load_plan(
      "plan:\n  - {step: off, run: openstack server shelve vm-of-n-1, then: {servers: {SHELVED_OFFLOADED: "
      "vm-of-n-1}}}\n  - {step: silence, wait: 2m}\n  - {step: node, run: kubectl get nodes --no-headers}\n"
      "  - {step: list, run: openstack server list -f value -c Name -c Status}\n"
      "checks: [no-shelve-before-drained]\n");
  ASSERT_TRUE(rehearsal) << files.told;
  sim::NominalChoices choices;
  const sim::ResultRecord record = perform(*rehearsal, choices, 0);
  ASSERT_EQ(record.steps.size(), 4U);
  EXPECT_NE(record.steps[2].output().find("NotReady"), std::string::npos) << record.steps[2].output();
  EXPECT_NE(record.steps[3].output().find("bastion SHUTOFF"), std::string::npos) << record.steps[3].output();
  EXPECT_TRUE(rests_on(record, "openstack flavour m3.medium: 8 processors, 30 GiB"));
  EXPECT_TRUE(rests_on(record, "openstack flavour m3.tiny: 1 processors, 1 GiB"));
}

/// Lists that hold what no cloud prints.
struct ListCase {
  const char* name;
  const char* servers;
  const char* told;
  bool loads;
  friend std::ostream& operator<<(std::ostream& os, const ListCase& c) { return os << c.name; }
};
const ListCase kLists[] = {
    {"no_name", R"([{"Name": "", "Status": "ACTIVE"}])", "an entry of the list has no Name", true},
    {"no_servers", R"([{"Name": "n-1", "Status": "ACTIVE"}, 4, null])", "an entry of the list has no Name",
     true},
    {"status_is_a_number", R"([{"Name": "n-1", "Status": 5, "Flavor": {}, "Networks": "a"}])",
     "server n-1 has no Status", false},
    {"unknown_status", R"([{"Name": "n-1", "Status": "WEIRD"}])",
     "server n-1 is WEIRD, which no rehearsal begins with", false},
    {"addresses_that_are_none", R"([{"Name": "n-1", "Status": "ACTIVE", "Networks": {"n": ["a", 7, null]}}])",
     "", true},
};
class Lists : public testing::TestWithParam<ListCase> {};

TEST_P(Lists, AreToldWhatIsWrongWithThem) {
  testing_support::FilesOfACluster files(node_and(GetParam().servers));
  const bool loads = files.load_plan("plan: [{step: a, wait: 1s}]\n").has_value();
  EXPECT_EQ(loads, GetParam().loads) << files.told;
  EXPECT_NE(files.told.find(GetParam().told), std::string::npos) << files.told;
  EXPECT_EQ(files.told.empty(), *GetParam().told == '\0') << files.told;
}
INSTANTIATE_TEST_SUITE_P(OfServers, Lists, testing::ValuesIn(kLists),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ClusterOfFiles, LeavesOutManifestsOfKindsThatAreNotModelledAndTellsOfThem) {
  testing_support::FilesOfACluster files({
      {"node.json", kNode},
      {"shop.yaml",
       "# The shop.\n{apiVersion: v1, kind: Service, metadata: {name: a}}\n---\n"
       "{apiVersion: v1, kind: Service, metadata: {name: b}}\n---\n"
       "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {pods: 2}}}\n---\n"
       "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: m}}\n"},
  });
  const std::optional<Rehearsal> rehearsal = files.load_plan("plan: [{step: a, wait: 1s}]\n");
  ASSERT_TRUE(rehearsal) << files.told;
  EXPECT_EQ(rehearsal->warnings,
            (std::vector<std::string>{"1 object of kind ResourceQuota is not modelled and left out",
                                      "2 objects of kind Service are not modelled and left out",
                                      "1 object of kind ServiceMonitor is not modelled and left out"}));
}

TEST(ClusterOfFiles, RefusesAManifestOfAKindThatNobodyKnows) {
  testing_support::FilesOfACluster files({
      {"node.json", kNode},
      {"shop.yaml", "apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: a}\n"},
  });
  EXPECT_FALSE(files.load_plan("plan: [{step: a, wait: 1s}]\n"));
  EXPECT_NE(files.told.find("shop.yaml:1:1: error: no matches for kind \"Deploymnt\" in version \"apps/v1\""),
            std::string::npos)
      << files.told;
}

/// What is told of the fields of an object in a release.
std::vector<std::string> warnings_of(const std::string& release, const std::string& objects) {
  language::Diagnostics diagnostics;
  const std::optional<Rehearsal> rehearsal =
      load({"a.yaml",
            "apiVersion: rehearsal/v1\nscenario: a test\ncluster:\n  kubernetes: {version: \"" + release +
                "\"}\n  nodes: {n: {cpu: 4, memory: 8Gi}}\n  " + objects + "\nplan: [{step: a, wait: 1s}]\n",
            {},
            {}},
           diagnostics);
  EXPECT_TRUE(rehearsal) << language::render(diagnostics.sorted());
  return rehearsal ? rehearsal->warnings : std::vector<std::string>{};
}

TEST(Gates, OfFieldsThatAreOffAreTold) {
  const std::string budget =
      "podDisruptionBudgets: {a: {minAvailable: 1, unhealthyPodEvictionPolicy: AlwaysAllow}}";
  EXPECT_EQ(
      warnings_of("1.26.3", budget),
      (std::vector<std::string>{"spec.unhealthyPodEvictionPolicy: the cluster does not keep it, for its "
                                "feature gate is off"}));
  EXPECT_EQ(warnings_of("1.27.0", budget), (std::vector<std::string>{}));
  const std::string set = "statefulsets: {a: {maxUnavailable: 2}}";
  EXPECT_EQ(
      warnings_of("1.30.0", set),
      (std::vector<std::string>{"spec.updateStrategy.rollingUpdate.maxUnavailable: the cluster does not "
                                "keep it, for its feature gate is off"}));
  EXPECT_EQ(warnings_of("1.35.0", set), (std::vector<std::string>{}));
}

}  // namespace
}  // namespace scenarios
