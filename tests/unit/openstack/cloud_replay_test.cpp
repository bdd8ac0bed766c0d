// Every recording of a real Nova and the real client, replayed: a test each.

#include "scenarios/targets/openstack/cloud_replay.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace scenarios::targets {
namespace {

struct Recording {
  const char* test;
  const char* name;
  std::size_t told = 0;  ///< differences whose reason is known
  friend std::ostream& operator<<(std::ostream& os, const Recording& recording) {
    return os << recording.name;
  }
};

constexpr Recording kRecordings[] = {
    {"Create", "01-create"},
    {"CreateTheLastTwoAgain", "01b-create-the-last-two-again"},
    {"ListAndShowFormats", "02-list-and-show-formats"},
    {"ShelveUnshelveInstant", "03-shelve-unshelve-instant"},
    {"ShelveUnshelveSlow", "04-shelve-unshelve-slow"},
    {"Wait", "05-wait", 2},
    {"LoopOfNine", "06-loop-of-nine"},
    {"ErrorsWrongState", "07-errors-wrong-state"},
    {"ErrorsNames", "08-errors-names"},
    {"Locked", "09-locked"},
    {"OtherStates", "10-other-states"},
    {"NoValidHost", "11-no-valid-host"},
    {"RawDebug", "12-raw-debug"},
    {"UsageAndAuth", "13b-usage-and-auth", 6},
    {"OffloadTimeMinusOne", "20-offload-time-minus-one"},
    {"SpawnFails", "23-spawn-fails"},
    {"ComputeRestart", "25-compute-restart"},
    {"ComputeDown", "26-compute-down"},
    {"SnapshotFailsEvents", "28-snapshot-fails-events"},
    {"QuotaLegacy", "30-quota-legacy"},
};

class CloudReplay : public testing::TestWithParam<Recording> {};

TEST_P(CloudReplay, ReproducesTheRecording) {
  const Recording& recording = GetParam();
  std::string problem;
  const auto result =
      replay_cloud(std::string("scenarios/recordings/openstack/") + recording.name + ".jsonl.zst", problem);
  ASSERT_TRUE(result.has_value()) << problem;
  std::size_t told = 0;
  for (const CloudDifference& difference : result->differences) {
    if (difference.reason.empty()) {
      ADD_FAILURE() << difference.where << ": " << difference.what;
    } else {
      ++told;
    }
  }
  EXPECT_EQ(told, recording.told);
  EXPECT_EQ(result->all() - result->matched(), recording.told);
  EXPECT_GT(result->commands, 0U);
}

INSTANTIATE_TEST_SUITE_P(Recordings, CloudReplay, testing::ValuesIn(kRecordings),
                         [](const auto& row) { return std::string(row.param.test); });

}  // namespace
}  // namespace scenarios::targets
