// Every single fault at every moment of the two ways to remove a chunk.
#include <gtest/gtest.h>

#include "scenarios/explore.h"
#include "tests/unit/iomesh/iomesh_rehearsal.h"

namespace scenarios::testing_support {
namespace {

/// What one fault more makes of a plan for five chunks.
class StorageExploration : public StorageCase {
 protected:
  void explore_with_one_fault(const std::string& plan) {
    language::Diagnostics diagnostics;
    rehearsal_ = load(
        {"case.yaml", text_of({.plan = plan, .more = "checks: [no-data-lost]\n", .until = "4h"}), {}, {}},
        diagnostics);
    ASSERT_TRUE(rehearsal_) << language::render(diagnostics.sorted());
    sim::ExploreLimits limits;
    limits.faults = 1;
    found_ = scenarios::explore(*rehearsal_, limits);
  }
  const sim::Found<models::kubernetes::Fault>* finding(const std::string& check) const {
    for (const auto& one : found_.findings) {
      if (one.finding == check) {
        return &one;
      }
    }
    return nullptr;
  }

  std::optional<Rehearsal> rehearsal_;
  sim::Exploration<models::kubernetes::Fault> found_;
};

TEST_F(StorageExploration, OneFaultAfterFewerReplicasLosesATenthOfTheData) {
  explore_with_one_fault(resize("chunk", 4) + "  - step: until protected\n    wait: 1h\n" + unregister(5));
  EXPECT_TRUE(found_.complete);
  const auto* lost = finding("no-data-lost");
  ASSERT_NE(lost, nullptr);
  ASSERT_EQ(lost->placements.size(), 1U);
  sim::NominalChoices choices;
  record = perform(*rehearsal_, choices, 0,
                   std::vector<FaultPlacement>{{lost->placements[0].after_event, lost->placements[0].fault}});
  // Of five chunks with two replicas each pair shares a tenth of the 1000 GiB.
  EXPECT_EQ(summary("no-data-lost"), "100GiB lost: no live replica is left");
}

TEST_F(StorageExploration, NoFaultLosesDataWhenTheChunkIsUnregisteredFirst) {
  explore_with_one_fault(unregister(5) + resize("chunk", 4));
  EXPECT_TRUE(found_.complete);
  EXPECT_EQ(finding("no-data-lost"), nullptr);
}

}  // namespace
}  // namespace scenarios::testing_support
