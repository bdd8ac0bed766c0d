// Each check on storage says what it judges and where its rule is from, and the library has a way to violate
// it.
#include "scenarios/checks/iomesh_checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "scenarios/language/load.h"

namespace scenarios::checks {
namespace {

/// What the scenarios of a folder expect to be violated.
std::set<std::string> violated_in(const char* folder) {
  std::set<std::string> violated;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") {
      const auto loaded = language::load_scenario(entry.path().string());
      EXPECT_TRUE(loaded.scenario) << entry.path();
      for (const language::Text& check : loaded.scenario->expect.violates) {
        violated.insert(check.value);
      }
    }
  }
  return violated;
}

TEST(StorageChecks, EachIsExplainedAndViolatedSomewhere) {
  const std::set<std::string> violated = violated_in("scenarios/library/iomesh");
  std::set<std::string> names;
  for (const StorageEntry& entry : storage_entries()) {
    const auto& explained = entry.explanation;
    EXPECT_GT(explained.explanation.size(), 60U) << explained.name;
    EXPECT_FALSE(explained.source.empty()) << explained.name;
    EXPECT_TRUE(violated.contains(explained.name)) << "no scenario violates " << explained.name;
    names.insert(explained.name);
  }
  for (const char* asked_for :
       {"no-data-lost", "redundancy-not-reduced", "one-chunk-at-a-time", "chunk-order-and-id",
        "iomesh-limits", "meta-quorum-kept", "storage-use-under", "unregister-finishes", "io-stalls-at-most",
        "no-restart-during-migration"}) {
    EXPECT_TRUE(names.contains(asked_for)) << asked_for;
  }
}

}  // namespace
}  // namespace scenarios::checks
