#pragma once
// Files of a cluster in a folder of their own, and a plan on them.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "scenarios/run.h"

namespace scenarios::testing_support {

/// Files that are gone with the test.
class FilesOfACluster {
 public:
  explicit FilesOfACluster(const std::map<std::string, std::string>& files) {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(test->test_suite_name()) + "." + test->name();
    std::replace(name.begin(), name.end(), '/', '.');
    folder_ = std::filesystem::path(testing::TempDir()) / name;
    std::filesystem::create_directories(folder_);
    for (const auto& [file, content] : files) {
      std::ofstream(folder_ / file, std::ios::binary) << content;
    }
  }
  ~FilesOfACluster() { std::filesystem::remove_all(folder_); }
  FilesOfACluster(const FilesOfACluster&) = delete;
  FilesOfACluster& operator=(const FilesOfACluster&) = delete;

  /// The plan on these files; `told` is all that is said of them.
  std::optional<Rehearsal> load_plan(const std::string& plan) {
    language::Diagnostics diagnostics;
    std::optional<Rehearsal> rehearsal =
        load({"plan.yaml", "apiVersion: rehearsal/v1\nscenario: on files\n" + plan, {}, {folder_.string()}},
             diagnostics);
    told = language::render(diagnostics.sorted());
    for (std::size_t at = told.find(folder_.string()); at != std::string::npos;
         at = told.find(folder_.string())) {
      told.erase(at, folder_.string().size() + 1);
    }
    return rehearsal;
  }

  std::string told;  ///< without the folder

 private:
  std::filesystem::path folder_;
};

}  // namespace scenarios::testing_support
