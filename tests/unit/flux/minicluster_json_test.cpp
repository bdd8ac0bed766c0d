#include "models/flux/minicluster_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "models/flux/minicluster_schema.h"
#include "tests/unit/flux/flux_fixture.h"

namespace models::flux {
namespace {

using namespace std::chrono_literals;
using testing_support::downsize_manifest;

std::string first_error(const Json& object) {
  const MiniClusterReading reading = read_minicluster(object);
  return reading.manifest || reading.problems.errors.empty()
             ? ""
             : reading.problems.errors.front().field + ": " + reading.problems.errors.front().text;
}

TEST(MiniClusterJson, absent_fields_get_the_defaults_of_the_definition) {
  const MiniClusterReading reading = read_minicluster(Json::parse(
      R"({"apiVersion":"flux-framework.org/v1alpha2","kind":"MiniCluster","metadata":{"name":"a"},
          "spec":{"containers":[{"image":"i"}]}})"));
  ASSERT_TRUE(reading.manifest);
  EXPECT_EQ(reading.manifest->spec.size, 1);
  EXPECT_EQ(reading.manifest->spec.max_size, 0);
  EXPECT_EQ(reading.manifest->spec.deadline_seconds, 31'500'000);
  EXPECT_EQ(reading.manifest->spec.flux_runners, 1);
  EXPECT_EQ(reading.manifest->name_space, "default");
  ASSERT_EQ(reading.manifest->details->containers.size(), 2U);
  EXPECT_EQ(reading.manifest->details->containers[0].name, "flux-view");
  EXPECT_TRUE(reading.manifest->details->containers[0].init);
  EXPECT_EQ(reading.manifest->details->containers[1].name, "a");
  EXPECT_TRUE(reading.problems.unmodelled.empty());
}

TEST(MiniClusterJson, both_names_of_the_restart_switch_mean_the_same) {
  Json manifest = downsize_manifest();
  manifest["spec"].erase("suspendWorkers");
  EXPECT_FALSE(read_minicluster(manifest).manifest->spec.suspend_workers);
  manifest["spec"]["restartWorkers"] = false;
  EXPECT_TRUE(read_minicluster(manifest).manifest->spec.suspend_workers);
  manifest["spec"]["restartWorkers"] = true;
  EXPECT_FALSE(read_minicluster(manifest).manifest->spec.suspend_workers);
  manifest["spec"]["suspendWorkers"] = true;
  EXPECT_TRUE(read_minicluster(manifest).manifest->spec.suspend_workers);
}

TEST(MiniClusterJson, reads_flux_and_containers) {
  Json manifest = downsize_manifest();
  manifest["spec"]["flux"] = {{"completeWorkers", true}, {"connectTimeout", "1.5m"}, {"topology", "kary:2"}};
  manifest["spec"]["containers"][0]["commands"] = {{"workerPre", "sleep 5"}};
  manifest["spec"]["containers"][0]["resources"] = {{"limits", {{"cpu", "500m"}, {"memory", "1Gi"}}}};
  const MiniClusterReading reading = read_minicluster(manifest);
  ASSERT_TRUE(reading.manifest);
  EXPECT_TRUE(reading.manifest->spec.complete_workers);
  EXPECT_EQ(reading.manifest->spec.connect_timeout, 90s);
  EXPECT_EQ(reading.manifest->spec.worker_pre, 5s);
  EXPECT_EQ(reading.manifest->details->topology, "kary:2");
  EXPECT_EQ(reading.manifest->details->containers[1].cpu_millicores, 500);
  EXPECT_EQ(reading.manifest->details->containers[1].memory_bytes, std::int64_t{1} << 30U);
}

TEST(MiniClusterJson, types_are_checked_in_the_words_of_the_schema) {
  Json manifest = downsize_manifest();
  manifest["spec"]["size"] = "4";
  EXPECT_EQ(first_error(manifest),
            "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"");
  manifest["spec"]["size"] = 4;
  manifest["spec"]["containers"] = Json::object();
  EXPECT_EQ(first_error(manifest),
            "spec.containers: Invalid value: \"object\": spec.containers in body must be of type array: "
            "\"object\"");
  manifest["spec"]["containers"] = Json::array({{{"image", 7}}});
  EXPECT_EQ(first_error(manifest),
            "spec.containers[0].image: Invalid value: \"integer\": "
            "spec.containers[0].image in body must be of type string: \"integer\"");
}

TEST(MiniClusterJson, required_fields_and_other_versions_are_refused) {
  Json manifest = downsize_manifest();
  manifest["spec"].erase("containers");
  EXPECT_EQ(first_error(manifest), "spec.containers: Required value");
  manifest = downsize_manifest();
  manifest["metadata"].erase("name");
  EXPECT_EQ(first_error(manifest).substr(0, 14), "metadata.name:");
  manifest = downsize_manifest();
  manifest["apiVersion"] = "flux-framework.org/v1alpha1";
  EXPECT_EQ(
      first_error(manifest),
      "apiVersion: \"flux-framework.org/v1alpha1\" is not known here; known: flux-framework.org/v1alpha2");
  EXPECT_EQ(first_error(Json::array()), ": not an object");
}

TEST(MiniClusterJson, what_is_not_modelled_is_listed) {
  Json manifest = downsize_manifest();
  manifest["spec"]["sizes"] = 4;
  manifest["spec"]["interactive"] = false;
  manifest["spec"]["containers"][0]["command"] = "lmp";
  manifest["spec"]["flux"] = {{"topology", "mincrit"}, {"bursting", {{"hostlist", "a,b"}}}};
  const MiniClusterReading reading = read_minicluster(manifest);
  ASSERT_TRUE(reading.manifest);
  EXPECT_EQ(reading.problems.unknown, (std::vector<std::string>{"spec.sizes"}));
  std::vector<std::string> fields;
  for (const auto& problem : reading.problems.unmodelled) {
    fields.push_back(problem.field);
  }
  std::sort(fields.begin(), fields.end());
  EXPECT_EQ(fields, (std::vector<std::string>{"spec.containers[0].command", "spec.flux.bursting",
                                              "spec.flux.topology"}));
}

TEST(MiniClusterJson, a_status_is_read_and_printed) {
  testing_support::FluxWorld world;
  Json manifest = downsize_manifest();
  manifest["status"] = {{"size", 4}, {"maximumSize", 10}, {"selector", "hpa-selector=flux-sample"}};
  FluxTurn turn = world.turn();
  ASSERT_TRUE(create_minicluster(turn, manifest, {}, {kubernetes::Writer::Setup}).ok());
  const Json printed = minicluster_json(world.cluster, world.minicluster());
  EXPECT_EQ(printed["apiVersion"], kMiniClusterApiVersion);
  EXPECT_EQ(printed["spec"]["size"], 4);
  EXPECT_EQ(printed["spec"]["deadlineSeconds"], 31'500'000);
  EXPECT_EQ(printed["status"]["maximumSize"], 10);
  EXPECT_EQ(printed["status"]["selector"], "hpa-selector=flux-sample");
  EXPECT_EQ(read_minicluster(printed).manifest->spec, world.minicluster().spec);
}

TEST(FluxDuration, units_and_refusals) {
  EXPECT_EQ(parse_flux_duration("5s"), 5s);
  EXPECT_EQ(parse_flux_duration("30"), 30s);
  EXPECT_EQ(parse_flux_duration("500ms"), 500ms);
  EXPECT_EQ(parse_flux_duration("1.5m"), 90s);
  EXPECT_EQ(parse_flux_duration("2h"), 2h);
  EXPECT_EQ(parse_flux_duration("1d"), 24h);
  for (const char* text : {"", "s", "-1s", "5 s", "five", "1e3", "1e999", "99999999999"}) {
    EXPECT_FALSE(parse_flux_duration(text)) << text;
  }
}

}  // namespace
}  // namespace models::flux
