// A plan on IOMesh as kubectl shows it: the resource of the storage beside the nodes, sets and pods.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "tests/unit/iomesh/iomesh_rehearsal.h"

namespace scenarios::testing_support {
namespace {

using Json = nlohmann::ordered_json;

class StorageSnapshot : public StorageCase {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("storage-") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    rehearse({.storage = "{used: 400Gi, chunkReplicas: 5, chunks: {iomesh-chunk-4: {id: 7}}}",
              .plan = "  - step: cluster\n    run: kubectl get nodes,statefulsets,pods -A -o json\n"
                      "  - step: storage\n    run: kubectl get iomesh iomesh -n iomesh-system -o json\n"});
    cluster = Json::parse(printed("cluster"));
    storage = Json::parse(printed("storage"));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// The plan on the files; what is wrong with them, if it cannot be performed.
  std::string rehearse_files(const std::string& plan, const std::string& more = {}) {
    std::ofstream(folder_ / "cluster.json") << cluster;
    std::ofstream(folder_ / "iomesh.json") << storage;
    language::Diagnostics diagnostics;
    const std::optional<Rehearsal> rehearsal = load({"plan.yaml",
                                                     "apiVersion: rehearsal/v1\nscenario: on files\nuntil: "
                                                     "24h\nbehaviour:\n  iomesh-chunk: {stop: 30s}\n" +
                                                         more + "plan:\n" + plan,
                                                     {},
                                                     {folder_.string()}},
                                                    diagnostics);
    if (!rehearsal) {
      return language::render(diagnostics.sorted());
    }
    sim::NominalChoices choices;
    record = perform(*rehearsal, choices, 0);
    return {};
  }
  bool rests_on(const std::string& text) const {
    return std::any_of(record.basis.begin(), record.basis.end(),
                       [&](const sim::Basis& basis) { return basis.what.find(text) != std::string::npos; });
  }
  Json& chunk(std::size_t i) { return storage["status"]["summary"]["chunkSummary"]["chunks"][i]; }

  Json cluster;
  Json storage;

 private:
  std::filesystem::path folder_;
};

TEST_F(StorageSnapshot, Is_rehearsed_as_the_cluster_that_it_was_taken_from) {
  ASSERT_EQ(
      rehearse_files(unregister(7) + resize("chunk", 4) + "  - step: settle\n    wait: 2m\n" +
                         show("used", kUsed) + show("ids", kIds) +
                         "  - step: pods\n    run: kubectl get pod -n iomesh-system -l app=iomesh-chunk -o "
                         "name\n",
                     "checks: [redundancy-not-reduced, no-data-lost, chunk-order-and-id, "
                     "unregister-before-shrinking, unregister-finishes]\n"),
      "");
  EXPECT_EQ(taken("unregister 7"), 4101s);
  EXPECT_EQ(printed("used"), "500GiB 500GiB 500GiB 500GiB");
  EXPECT_EQ(printed("ids"), "1 2 3 4");
  EXPECT_EQ(printed("pods"),
            "pod/iomesh-chunk-0\npod/iomesh-chunk-1\npod/iomesh-chunk-2\npod/iomesh-chunk-3\n");
  EXPECT_TRUE(record.passed);
  EXPECT_TRUE(rests_on("iomesh.replicaFactor 2"));
  EXPECT_TRUE(rests_on("data is spread evenly"));
}

TEST_F(StorageSnapshot, Keeps_the_data_addresses) {
  for (std::size_t i = 0; i < 5; ++i) {
    chunk(i)["ip"] = "10.7.0." + std::to_string(200 - i);  // against the order of the nodes
  }
  ASSERT_EQ(rehearse_files("  - step: address\n    run: ssh k8s-worker-4 ip a\n"), "");
  EXPECT_NE(printed("address").find("inet 10.7.0.200/24"), std::string::npos) << printed("address");
  EXPECT_TRUE(rests_on("chunk 1 on k8s-worker-4"));
}

TEST_F(StorageSnapshot, Knows_a_node_by_its_address) {
  for (Json& item : cluster["items"]) {
    if (item["kind"] == "Node" && item["metadata"]["name"] == "k8s-worker-0") {
      item["status"]["addresses"] = {{{"type", "InternalIP"}, {"address", "192.168.29.25"}}};
    }
  }
  ASSERT_EQ(rehearse_files("  - step: address\n    run: ssh k8s-worker-0 ip a\n"), "");
  EXPECT_NE(printed("address").find("inet 192.168.29.25/24"), std::string::npos) << printed("address");
  EXPECT_FALSE(rests_on("chunk 7 on"));
}

TEST_F(StorageSnapshot, Takes_what_the_scenario_says_of_the_storage) {
  ASSERT_EQ(rehearse_files(unregister(7),
                           "cluster:\n  iomesh: {replicaFactor: 3, parameters: {migrateLimit: 40Mi}}\n"),
            "");
  EXPECT_LT(10'240s + 5s - taken("unregister 7"), 1ms);  // bytes that three replicas do not divide
  EXPECT_LE(taken("unregister 7"), 10'240s + 5s);
  EXPECT_FALSE(rests_on("iomesh.replicaFactor"));
}

TEST_F(StorageSnapshot, Of_an_expired_chunk_lets_its_record_be_deleted) {
  chunk(4)["status"] = "CHUNK_STATUS_SESSION_EXPIRED";
  for (auto& [name, size] : chunk(4)["spaceInfo"].items()) {
    size = "0B";
  }
  auto& items = cluster["items"];
  items.erase(std::remove_if(items.begin(), items.end(),
                             [](const Json& item) { return item["metadata"]["name"] == "iomesh-chunk-4"; }),
              items.end());
  storage["spec"]["chunk"]["replicaCount"] = 4;
  for (Json& item : items) {
    if (item["kind"] == "StatefulSet" && item["metadata"]["name"] == "iomesh-chunk") {
      item["spec"]["replicas"] = 4;
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    chunk(i)["spaceInfo"]["usedDataSpace"] = "1.50TiB";
    chunk(i)["spaceInfo"]["provisionedDataSpace"] = "1.50TiB";
    chunk(i)["spaceInfo"]["totalDataCapacity"] = "4TiB";
  }
  ASSERT_EQ(rehearse_files(unregister(7) + show("ids", kIds) + show("used", kUsed)), "");
  EXPECT_EQ(taken("unregister 7"), 1s);
  EXPECT_EQ(printed("ids"), "1 2 3 4");
  EXPECT_EQ(printed("used"), "1.50TiB 1.50TiB 1.50TiB 1.50TiB");
  EXPECT_TRUE(rests_on("what lay on chunk 7 has been recovered"));
}

struct WrongResource {
  const char* name;
  void (*spoil)(Json& cluster, Json& storage);
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const WrongResource& c) { return os << c.name; }
};

class WrongStorageSnapshot : public StorageSnapshot, public testing::WithParamInterface<WrongResource> {};

TEST_P(WrongStorageSnapshot, IsRefused) {
  GetParam().spoil(cluster, storage);
  const std::string told = rehearse_files("  - step: a\n    wait: 1s\n");
  EXPECT_NE(told.find(GetParam().problem), std::string::npos) << told;
  EXPECT_NE(told.find("iomesh.json:1:1"), std::string::npos) << told;
}

Json& first_chunk(Json& storage) { return storage["status"]["summary"]["chunkSummary"]["chunks"][0]; }

const WrongResource kWrong[] = {
    {"without_sets", [](Json& cluster, Json&) { cluster["items"].clear(); },
     "no StatefulSet iomesh-chunk in iomesh-system"},
    {"without_chunks", [](Json&, Json& storage) { storage.erase("status"); }, "lists no chunks"},
    {"two_with_one_id", [](Json&, Json& storage) { first_chunk(storage)["id"] = 2; }, "two chunks have id 2"},
    {"without_id", [](Json&, Json& storage) { first_chunk(storage).erase("id"); }, "the chunk has no id"},
    {"no_address", [](Json&, Json& storage) { first_chunk(storage)["ip"] = "here"; },
     "\"here\" is no IPv4 address"},
    {"no_size", [](Json&, Json& storage) { first_chunk(storage)["spaceInfo"]["usedDataSpace"] = "much"; },
     "\"much\" is no size"},
    {"unknown_status", [](Json&, Json& storage) { first_chunk(storage)["status"] = "CHUNK_STATUS_WELL"; },
     "\"CHUNK_STATUS_WELL\" is no status of a chunk"},
    {"no_placement",
     [](Json&, Json& storage) { first_chunk(storage)["spaceInfo"]["usedDataSpace"] = "9TiB"; },
     "no placement of 2 replicas"},
    {"a_chunk_without_pod",
     [](Json& cluster, Json&) {
       auto& items = cluster["items"];
       items.erase(
           std::remove_if(items.begin(), items.end(),
                          [](const Json& item) { return item["metadata"]["name"] == "iomesh-chunk-4"; }),
           items.end());
     },
     "no pod of iomesh-chunk is left that serves it"},
};
INSTANTIATE_TEST_SUITE_P(Files, WrongStorageSnapshot, testing::ValuesIn(kWrong),
                         [](const auto& one) { return std::string(one.param.name); });

struct SizeCase {
  const char* text;
  std::int64_t bytes;  ///< -1: none
  friend std::ostream& operator<<(std::ostream& os, const SizeCase& c) { return os << c.text; }
};
class StorageSizes : public testing::TestWithParam<SizeCase> {};
TEST_P(StorageSizes, AreRead) {
  EXPECT_EQ(models::iomesh::parse_size(GetParam().text).value_or(-1), GetParam().bytes);
}
constexpr std::int64_t kGiB = std::int64_t{1} << 30U;
INSTANTIATE_TEST_SUITE_P(Texts, StorageSizes,
                         testing::Values(SizeCase{"0B", 0}, SizeCase{"400GiB", 400 * kGiB},
                                         SizeCase{"1.50TiB", 1536 * kGiB}, SizeCase{"400Gi", 400 * kGiB},
                                         SizeCase{"1.5GiB", kGiB / 2 * 3}, SizeCase{"123", 123},
                                         SizeCase{"", -1}, SizeCase{"GiB", -1}, SizeCase{".", -1},
                                         SizeCase{"1GB", -1}, SizeCase{"1.2.3GiB", -1}, SizeCase{"-1GiB", -1},
                                         SizeCase{"99999999PiB", -1},
                                         SizeCase{"9999999999999999999999", -1}));

}  // namespace
}  // namespace scenarios::testing_support
