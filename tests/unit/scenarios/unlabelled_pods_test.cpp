// Pods without controller-revision-hash are replaced when the rehearsal begins, and loading them says so and
// what to add; with that added they stay.

#include "scenarios/unlabelled_pods.h"

#include <fmt/core.h>

#include <ostream>

#include "tests/unit/scenarios/files_of_a_cluster.h"

namespace scenarios {
namespace {

using testing_support::FilesOfACluster;

constexpr const char* kOfSet =
    ", ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: web, controller: true}]";
constexpr const char* kOfDaemons =
    ", ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: web, controller: true}]";
constexpr const char* kOfOthers =
    ", ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, controller: true}]";

struct UnlabelledCase {
  const char* name;
  const char* kind;      ///< of the set `web`
  const char* strategy;  ///< its updateStrategy
  const char* status;    ///< its status
  const char* owner;     ///< of the pods web-0 and web-1
  const char* label;     ///< a further one of the pods
  bool replaced;
  const char* told;  ///< of the place, the problem and the hint; empty: nothing is told
  friend std::ostream& operator<<(std::ostream& os, const UnlabelledCase& row) { return os << row.name; }
};

const UnlabelledCase kCases[] = {
    {"pods_of_a_set", "StatefulSet", "{}", "", kOfSet, "", true,
     "cluster.yaml:22:1: warning: metadata.labels: pod default/web-0 and 1 more have no label "
     "controller-revision-hash: "
     "StatefulSet web takes them for pods of an older template and replaces them when the rehearsal begins\n"
     "  hint: if they have its present template, add status: {currentRevision: web-1, updateRevision: web-1} "
     "to the "
     "set, and the label controller-revision-hash: web-1 to the pods\n"},
    {"what_is_to_be_added_keeps_them", "StatefulSet", "{}", ", currentRevision: web-1, updateRevision: web-1",
     kOfSet, ", controller-revision-hash: web-1", false, ""},
    {"the_revision_is_told", "StatefulSet", "{}", ", currentRevision: web-5d9, updateRevision: web-5d9",
     kOfSet, "", true,
     "hint: if they have its present template, add the label controller-revision-hash: web-5d9 (its "
     "status.updateRevision) to the pods\n"},
    {"pods_above_the_partition", "StatefulSet", "{rollingUpdate: {partition: 1}}", "", kOfSet, "", true,
     "cluster.yaml:38:1: warning: metadata.labels: pod default/web-1 has no label controller-revision-hash: "
     "StatefulSet "
     "web takes it for one of an older template and replaces it when the rehearsal begins\n"},
    {"pods_below_the_partition", "StatefulSet", "{rollingUpdate: {partition: 2}}", "", kOfSet, "", false, ""},
    {"on_delete", "StatefulSet", "{type: OnDelete}", "", kOfSet, "", false, ""},
    {"pods_that_the_set_adopts", "StatefulSet", "{}", "", "", "", true,
     "StatefulSet web takes them for pods of"},
    {"pods_of_another", "StatefulSet", "{}", "", kOfOthers, "", false, ""},
    {"daemons", "DaemonSet", "{}", "", kOfDaemons, "", true,
     "DaemonSet web takes them for pods of an older template and replaces them when the rehearsal begins\n"
     "  hint: if they have its present template, add the label pod-template-generation: \"1\" to the pods\n"},
    {"daemons_with_the_generation", "DaemonSet", "{}", "", kOfDaemons, ", pod-template-generation: \"1\"",
     false, ""},
    {"daemons_on_delete", "DaemonSet", "{type: OnDelete}", "", kOfDaemons, "", false, ""},
};

std::string node_text(int i) {
  return fmt::format(
      "apiVersion: v1\nkind: Node\nmetadata: {{name: n{0}, uid: n{0}}}\nstatus: {{allocatable: {{cpu: \"4\", "
      "memory: "
      "8Gi, pods: \"110\"}}, conditions: [{{type: Ready, status: \"True\"}}]}}\n---\n",
      i);
}

std::string pod_text(int i, const UnlabelledCase& row) {
  return fmt::format(
      "apiVersion: v1\nkind: Pod\nmetadata:\n  {{name: web-{0}, namespace: default, uid: p{0}, labels: "
      "{{app: "
      "web{1}}}{2}}}\nspec:\n  nodeName: n{0}\n  containers: [{{name: web, image: web}}]\nstatus:\n  phase: "
      "Running\n"
      "  startTime: \"2024-05-01T10:00:01Z\"\n  conditions: [{{type: Ready, status: \"True\"}}]\n"
      "  containerStatuses:\n  - name: web\n    ready: true\n    state: {{running: {{startedAt: "
      "\"2024-05-01T10:00:04Z\"}}}}\n---\n",
      i, row.label, row.owner);
}

std::string cluster_text(const UnlabelledCase& row) {
  const bool daemons = std::string(row.kind) == "DaemonSet";
  return node_text(0) + node_text(1) +
         fmt::format(
             "apiVersion: apps/v1\nkind: {}\nmetadata: {{name: web, namespace: default, uid: set, "
             "generation: 1}}\n"
             "spec:\n{}  updateStrategy: {}\n  selector: {{matchLabels: {{app: web}}}}\n  template: "
             "{{metadata: "
             "{{labels: {{app: web}}}}, spec: {{containers: [{{name: web, image: web}}]}}}}\n"
             "status: {{observedGeneration: 1{}{}}}\n---\n",
             row.kind, daemons ? "" : "  replicas: 2\n  serviceName: web\n", row.strategy,
             daemons ? "" : ", replicas: 2", row.status) +
         pod_text(0, row) + pod_text(1, row);
}

class Unlabelled : public testing::TestWithParam<UnlabelledCase> {};

TEST_P(Unlabelled, AreWarnedOfWhereTheyAreReplaced) {
  FilesOfACluster cluster({{"cluster.yaml", cluster_text(GetParam())}});
  const std::optional<Rehearsal> rehearsal = cluster.load_plan(
      "until: 10m\nplan: [{step: later, wait: 5m}, {step: who, run: kubectl get pods -o name}]\n");
  ASSERT_TRUE(rehearsal) << cluster.told;
  EXPECT_EQ(cluster.told.empty(), *GetParam().told == '\0') << cluster.told;
  EXPECT_NE(cluster.told.find(GetParam().told), std::string::npos) << cluster.told;
  sim::NominalChoices choices;
  const sim::ResultRecord record = perform(*rehearsal, choices, 1);
  const bool replaced =
      std::any_of(record.transitions.begin(), record.transitions.end(), [](const sim::ToldTransition& one) {
        return one.subject.starts_with("pod default/web-") &&
               one.change.find("deletion requested") != std::string::npos;
      });
  EXPECT_EQ(replaced, GetParam().replaced);
}

INSTANTIATE_TEST_SUITE_P(Cases, Unlabelled, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

/// A pod with such a name is none of the set's, and no reason to fail.
class StrangeName : public testing::TestWithParam<const char*> {};

TEST_P(StrangeName, IsNoOrdinal) {
  for (const char* owner : {kOfSet, ""}) {
    UnlabelledCase row = kCases[0];
    row.owner = owner;
    std::string text = cluster_text(row);
    for (std::size_t at = text.find("name: web-1,"); at != std::string::npos;
         at = text.find("name: web-1,")) {
      text.replace(at, std::string("name: web-1").size(), std::string("name: ") + GetParam());
    }
    FilesOfACluster cluster({{"cluster.yaml", text}});
    ASSERT_TRUE(cluster.load_plan("plan: [{step: later, wait: 5m}]\n")) << cluster.told;
    EXPECT_NE(cluster.told.find("pod default/web-0 has no label"), std::string::npos) << cluster.told;
  }
}

INSTANTIATE_TEST_SUITE_P(Names, StrangeName, testing::Values("web-99999999999", "web", "w-1", "web-1x"),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace scenarios
