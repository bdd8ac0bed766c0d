// PodDisruptionBudgets as objects: read, validated, patched, printed, taken from snapshots and watches.

#include "models/kubernetes/json/mirror.h"
#include "models/kubernetes/json/object_json.h"
#include "models/kubernetes/json/snapshot.h"
#include "models/kubernetes/object_writes.h"
#include "models/kubernetes/printers.h"
#include "tests/unit/kubernetes/budget_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;
using json::Json;

constexpr json::UnixSeconds kEpoch = 1709294400;  // 2024-03-01T12:00:00Z

Json budget_manifest(const char* spec) {
  return {{"apiVersion", "policy/v1"},
          {"kind", "PodDisruptionBudget"},
          {"metadata", {{"name", "web"}}},
          {"spec", Json::parse(spec)}};
}

class BudgetObjects : public ClusterTest {
 protected:
  Row create(const char* spec) {
    Turn turn = world.turn();
    WriteNotes notes;
    const WriteResult result =
        create_object(turn, budget_manifest(spec), "default", {Writer::User}, error, notes);
    return result.ok() ? result.row : kNoRow;
  }
  bool patch(Row row, const char* text, PatchType type = PatchType::Strategic) {
    Turn turn = world.turn();
    WriteNotes notes;
    error = {};
    return patch_object(turn, Kind::PodDisruptionBudget, row, Json::parse(text), type, {Writer::User}, error,
                        notes)
        .ok();
  }
  Json shown(Row row) { return json::to_json(world.cluster, Kind::PodDisruptionBudget, row, kEpoch); }

  ApiError error;
};

TEST_F(BudgetObjects, PrintedAsKubectlDoes) {
  const Row count = create(R"({"minAvailable":2,"selector":{"matchLabels":{"app":"web"}}})");
  ASSERT_NE(count, kNoRow) << error.message;
  world.run_for(90s);
  const Row rows[] = {count};
  EXPECT_EQ(table_for(world.cluster, Kind::PodDisruptionBudget, rows, false, world.now()),
            (Table{{"NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"},
                   {{"web", "2", "N/A", "0", "90s"}}}));
  EXPECT_TRUE(patch(count, R"({"spec":{"minAvailable":null,"maxUnavailable":"30%"}})"));
  EXPECT_EQ(cells_of(world.cluster, Kind::PodDisruptionBudget, count, false, world.now()),
            (std::vector<std::string>{"web", "N/A", "30%", "0", "90s"}));
}

TEST_F(BudgetObjects, TheSpecCountsInTheGenerationAndAStrategicPatchReplacesTheSelector) {
  const Row row = create(R"({"minAvailable":2,"selector":{"matchLabels":{"app":"web"}}})");
  EXPECT_TRUE(patch(row, R"({"spec":{"selector":{"matchLabels":{"tier":"front"}}}})"));
  EXPECT_EQ(shown(row)["spec"]["selector"], (Json{{"matchLabels", {{"tier", "front"}}}}));
  EXPECT_EQ(world.cluster.budgets[row].meta.generation, 2U);
  EXPECT_TRUE(patch(row, R"({"metadata":{"labels":{"a":"b"},"annotations":{"note":"x"}}})"));
  EXPECT_EQ(world.cluster.budgets[row].meta.generation, 2U);
  EXPECT_EQ(shown(row)["metadata"]["labels"], (Json{{"a", "b"}}));
  EXPECT_EQ(shown(row)["metadata"]["annotations"], (Json{{"note", "x"}}));
}

struct RefusedBudget {
  const char* name;
  const char* spec;
  const char* message;
  friend std::ostream& operator<<(std::ostream& os, const RefusedBudget& c) { return os << c.name; }
};
class BudgetValidation : public BudgetObjects, public testing::WithParamInterface<RefusedBudget> {};

TEST_P(BudgetValidation, Refuses) {
  EXPECT_EQ(create(GetParam().spec), kNoRow);
  EXPECT_EQ(error.message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BudgetValidation,
    testing::Values(
        RefusedBudget{
            "Negative", R"({"minAvailable":-1})",
            "PodDisruptionBudget.policy \"web\" is invalid: spec.minAvailable: Invalid value: -1: must "
            "be greater than or equal to 0"},
        RefusedBudget{"TooMuch", R"({"maxUnavailable":"101%"})",
                      "PodDisruptionBudget.policy \"web\" is invalid: spec.maxUnavailable: Invalid value: "
                      "\"101%\": must not be greater than 100%"},
        RefusedBudget{
            "NoPercentage", R"({"maxUnavailable":"half"})",
            "PodDisruptionBudget.policy \"web\" is invalid: spec.maxUnavailable: Invalid value: "
            "\"half\": a valid percent string must be a numeric string followed by an ending '%' (e.g. "
            "'1%',  or '93%', regex used for validation is '[0-9]+%')"},
        RefusedBudget{
            "Both", R"({"maxUnavailable":1,"minAvailable":1})",
            "PodDisruptionBudget.policy \"web\" is invalid: spec: Invalid value: "
            "{\"maxUnavailable\":1,\"minAvailable\":1}: minAvailable and maxUnavailable cannot be both "
            "set"},
        RefusedBudget{
            "Policy", R"({"unhealthyPodEvictionPolicy":"Never"})",
            "PodDisruptionBudget.policy \"web\" is invalid: spec.unhealthyPodEvictionPolicy: "
            "Unsupported value: \"Never\": supported values: \"AlwaysAllow\", \"IfHealthyBudget\""}),
    [](const testing::TestParamInfo<RefusedBudget>& tested) { return std::string(tested.param.name); });

Json observed() {
  return Json::parse(R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget",
    "metadata":{"name":"web","namespace":"default","uid":"budget-uid","generation":3,"resourceVersion":"7",
      "creationTimestamp":"2024-03-01T11:00:00Z"},
    "spec":{"maxUnavailable":"30%","selector":{"matchExpressions":[{"key":"app","operator":"In","values":["a","b"]}]},
      "unhealthyPodEvictionPolicy":"AlwaysAllow"},
    "status":{"currentHealthy":5,"desiredHealthy":4,"disruptionsAllowed":1,"expectedPods":6,"observedGeneration":3,
      "disruptedPods":{"web-1":"2024-03-01T12:00:10Z"},
      "conditions":[{"type":"DisruptionAllowed","status":"True","reason":"SufficientPods","message":"",
        "observedGeneration":3,"lastTransitionTime":"2024-03-01T11:30:00Z"}]}})");
}

void expect_observed(const TestCluster& world, Row row) {
  Json shown = json::to_json(world.cluster, Kind::PodDisruptionBudget, row, kEpoch);
  Json wanted = observed();
  for (const char* field : {"uid", "resourceVersion"}) {
    shown["metadata"].erase(field);
    wanted["metadata"].erase(field);
  }
  EXPECT_EQ(shown.dump(2), json::canonical(wanted).dump(2));
}

TEST_F(BudgetObjects, ComesBackAsASnapshotHasIt) {
  json::SnapshotLinker linker(kEpoch);
  linker.add(observed());
  Turn turn = world.turn();
  const json::SnapshotResult result = linker.finish(turn);
  EXPECT_TRUE(result.errors.empty());
  EXPECT_TRUE(result.warnings.empty());
  const Row row = world.cluster.find_budget("default", "web");
  ASSERT_NE(row, kNoRow);
  expect_observed(world, row);
}

TEST_F(BudgetObjects, AConditionWithoutAGenerationShowsNone) {
  json::SnapshotLinker linker(kEpoch);
  Json object = observed();
  object["status"]["conditions"][0].erase("observedGeneration");
  linker.add(object);
  Turn turn = world.turn();
  linker.finish(turn);
  const Row row = world.cluster.find_budget("default", "web");
  ASSERT_NE(row, kNoRow);
  const Json shown = json::to_json(world.cluster, Kind::PodDisruptionBudget, row, kEpoch);
  EXPECT_FALSE(shown["status"]["conditions"][0].contains("observedGeneration")) << shown.dump(2);
}

TEST_F(BudgetObjects, IsMirrored) {
  json::Mirror mirror(kEpoch);
  Turn turn = world.turn();
  mirror.observe(turn, WatchType::Added, observed());
  const Row row = world.cluster.find_budget("default", "web");
  ASSERT_NE(row, kNoRow);
  expect_observed(world, row);
  Json next = observed();
  next["metadata"]["resourceVersion"] = "8";
  next["status"]["disruptionsAllowed"] = 0;
  mirror.observe(turn, WatchType::Modified, next);
  EXPECT_EQ(world.cluster.budgets[row].status.disruptions_allowed, 0);
  mirror.observe(turn, WatchType::Deleted, next);
  EXPECT_EQ(world.cluster.find_budget("default", "web"), kNoRow);
}

}  // namespace
}  // namespace models::kubernetes
