#include "scenarios/targets/fidelity/command_outputs.h"

#include <gtest/gtest.h>

#include <ostream>

namespace scenarios::targets {
namespace {

const std::vector<std::string> kNodes = {"worker-0", "worker-1"};

struct OutputCase {
  const char* name;
  const char* output;
  const char* normalised;
  friend std::ostream& operator<<(std::ostream& os, const OutputCase& c) { return os << c.output; }
};

const OutputCase kCases[] = {
    {"AgesAndWidths", "NAME    READY   AGE\nweb-0   1/1     5m10s\n", "NAME READY AGE\nweb-0 1/1 <age>\n"},
    {"AgeInBrackets", "x   1 (3s ago)   27h\n", "x 1 (<age> ago) <age>\n"},
    {"CountsAreNoAges", "web   3   10\n", "web 3 10\n"},
    {"RandomSuffix", "task-0-x7k2p task-0-abcde\n", "task-0-<random> task-0-abcde\n"},
    {"Hash", "web-68cb7985bb\n", "web-<random>\n"},
    {"RandomSuffixAfterAHash", "web-5756d88c98-x7k2p\n", "web-<hash>-<random>\n"},
    {"NoHashInAName", "web-lettuce-x7k2p\n", "web-lettuce-<random>\n"},
    {"AddressesInATableOfPods", "NAME IP NODE\nweb-0 10.0.0.7 worker-1\nweb-1 <none> worker-1\n",
     "NAME IP NODE\nweb-0 <none> <node>\nweb-1 <none> <node>\n"},
    {"Addresses", "10.0.0.7 10.0.0.7:6443 1.28.15\n", "<address> <address> 1.28.15\n"},
    {"Times", "startTime: \"2026-11-22T15:34:27Z\"\n", "startTime: \"<time>\"\n"},
    {"Uids", "uid: 0b9b1f0e-1c2d-4e5f-8a9b-0123456789ab\n", "uid: <uid>\n"},
    {"ResourceVersions", "\"resourceVersion\": \"42\",\n", "\"resourceVersion\": \"<version>\",\n"},
    {"NodesInATableOfPods", "NAME NODE\nweb-0 worker-1\n", "NAME NODE\nweb-0 <node>\n"},
    {"NodesByThemselves", "worker-1 Ready\n", "worker-1 Ready\n"},
};

class Normalised : public testing::TestWithParam<OutputCase> {};

TEST_P(Normalised, LeavesOutWhatDiffersBetweenClusters) {
  EXPECT_EQ(normalised(GetParam().output, kNodes), GetParam().normalised);
}

INSTANTIATE_TEST_SUITE_P(Outputs, Normalised, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(CompareOutputs, TellsTheFirstLineThatDiffers) {
  const LineDifference same = compare_outputs("web  1/2  5s\n", "web   1/2  7s\n", kNodes);
  EXPECT_EQ(same.recorded, same.simulated);
  const LineDifference count = compare_outputs("a\nweb 1/2 5s\n", "a\nweb 2/2 5s\n", kNodes);
  EXPECT_EQ(count.recorded, "web 1/2 <age>");
  EXPECT_EQ(count.simulated, "web 2/2 <age>");
  const LineDifference more = compare_outputs("a\nb\n", "a\n", kNodes);
  EXPECT_EQ(more.recorded, "b");
  EXPECT_EQ(more.simulated, "(nothing more)");
}

TEST(CompareOutputs, LinesWithRandomNamesStandInAnyOrder) {
  const LineDifference same = compare_outputs("NAME READY\nweb-x7k2p 1/1\nweb-zzzzz 0/1\n",
                                              "NAME READY\nweb-bbbbb 0/1\nweb-ccccc 1/1\n", kNodes);
  EXPECT_EQ(same.recorded, same.simulated);
  const LineDifference other =
      compare_outputs("web-x7k2p 1/1\nweb-zzzzz 0/1\n", "web-bbbbb 1/1\nweb-ccccc 1/1\n", kNodes);
  EXPECT_NE(other.recorded, other.simulated);
  const LineDifference fixed = compare_outputs("web-0 1/1\nweb-1 0/1\n", "web-1 0/1\nweb-0 1/1\n", kNodes);
  EXPECT_NE(fixed.recorded, fixed.simulated);
}

TEST(CompareOutputs, EvictionsStandInAnyOrder) {
  const LineDifference same =
      compare_outputs("evicting pod default/a\nevicting pod default/b\npod/a evicted\n",
                      "evicting pod default/b\nevicting pod default/a\npod/a evicted\n", kNodes);
  EXPECT_EQ(same.recorded, same.simulated);
}

}  // namespace
}  // namespace scenarios::targets
