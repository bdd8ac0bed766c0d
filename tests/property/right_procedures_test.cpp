// The right procedures of the library: scenarios whose head says `# right procedure`. They end as they expect
// with every seed; and exploring them with every single fault finds the same whether equal worlds are merged
// or not.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios/explore.h"
#include "tests/property/rehearsals.h"

namespace {

// Explorations of more worlds than this, in all their runs, are left out: the shorter ones show the same.
// Without optimisation and under the sanitizers a tenth of the seeds and worlds takes as long.
#ifdef NDEBUG
constexpr std::uint64_t kSeeds = 1000;
constexpr std::uint64_t kWorldsMax = 6000;
#else
constexpr std::uint64_t kSeeds = 100;
constexpr std::uint64_t kWorldsMax = 600;
#endif

std::vector<std::string> right_procedures() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("scenarios/library")) {
    std::ifstream file(entry.path());
    std::string first;
    if (entry.path().extension() == ".yaml" && std::getline(file, first) && first == "# right procedure") {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

class RightProcedure : public testing::TestWithParam<std::string> {};

TEST_P(RightProcedure, HoldsWithEverySeed) {
  const scenarios::Rehearsal rehearsal = property::load_file(GetParam());
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const sim::ResultRecord record = property::perform(rehearsal, seed);
    if (!record.as_expected) {
      for (const sim::Expectation& expectation : record.expectations) {
        EXPECT_TRUE(expectation.met) << expectation.text << ": " << expectation.detail;
      }
      FAIL() << "with seed " << seed;
    }
  }
}

TEST_P(RightProcedure, IsExploredTheSameWithAndWithoutMerging) {
  const scenarios::Rehearsal rehearsal = property::load_file(GetParam());
  const auto names = [&](std::uint32_t faults, bool merge, bool& complete) {
    sim::ExploreLimits limits;
    limits.faults = faults;
    limits.merge = merge;
    limits.worlds_max = kWorldsMax;
    std::vector<std::string> found;
    const auto exploration = scenarios::explore(rehearsal, limits);
    for (const auto& one : exploration.findings) {
      found.push_back(one.finding);
    }
    complete = exploration.complete;
    return found;
  };
  bool complete = true;
  EXPECT_EQ(names(0, false, complete), std::vector<std::string>());
  EXPECT_EQ(names(0, true, complete), std::vector<std::string>());
  const std::vector<std::string> merged = names(1, true, complete);
  if (complete) {
    EXPECT_EQ(names(1, false, complete), merged);
  }
}

std::string name_of(const testing::TestParamInfo<std::string>& file) {
  return std::filesystem::path(file.param).parent_path().stem().string() + "_" +
         std::filesystem::path(file.param).stem().string();
}

INSTANTIATE_TEST_SUITE_P(Library, RightProcedure, testing::ValuesIn(right_procedures()), name_of);

TEST(RightProcedures, AreThereForEveryModel) {
  std::string folders;
  for (const std::string& file : right_procedures()) {
    folders += std::filesystem::path(file).parent_path().stem().string() + " ";
  }
  for (const char* folder :
       {"flux", "iomesh", "jetstream", "nodes", "statefulset", "deployment", "daemonset", "job"}) {
    EXPECT_NE(folders.find(folder), std::string::npos) << folder;
  }
}

}  // namespace
