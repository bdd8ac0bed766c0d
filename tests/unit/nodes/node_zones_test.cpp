// Cases of upstream's node_lifecycle_controller_test.go and rate_limited_queue_test.go.

#include "models/kubernetes/node_zones.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>

#include "tests/unit/kubernetes/node_side_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

struct ZoneCase {
  const char* name;
  std::int32_t ready;
  std::int32_t not_ready;
  ZoneState state;
  friend std::ostream& operator<<(std::ostream& os, const ZoneCase& c) { return os << c.name; }
};

const ZoneCase kZones[] = {
    {"no_nodes_are_normal", 0, 0, ZoneState::Normal},
    {"all_ready", 4, 0, ZoneState::Normal},
    {"one_that_is_not_ready_is_full", 0, 1, ZoneState::FullDisruption},
    {"two_of_three_are_too_few_to_be_partial", 1, 2, ZoneState::Normal},
    {"three_of_five", 2, 3, ZoneState::PartialDisruption},
    {"three_of_six_are_half", 3, 3, ZoneState::Normal},
    {"Row24_six_of_eleven", 5, 6, ZoneState::Normal},
    {"Row24_seven_of_eleven", 4, 7, ZoneState::PartialDisruption},
    {"Row25_eleven_of_twenty_are_the_threshold_in_single_precision", 9, 11, ZoneState::PartialDisruption},
    {"all_of_many", 0, 40, ZoneState::FullDisruption},
};

class ZoneStates : public testing::TestWithParam<ZoneCase> {};

TEST_P(ZoneStates, FollowFromTheNumbers) {
  EXPECT_EQ(node_zones::compute_zone_state(GetParam().ready, GetParam().not_ready), GetParam().state);
}

INSTANTIATE_TEST_SUITE_P(NodeZones, ZoneStates, testing::ValuesIn(kZones), name_of_case<ZoneCase>);

TEST(NodeZones, TestReducedQPS_OnlyLargeZonesGoOnWhenHalfOfThemIsGone) {
  EXPECT_EQ(node_zones::reduced_rate(50), 0.0F);
  EXPECT_EQ(node_zones::reduced_rate(51), 0.01F);
  EXPECT_EQ(node_zones::rate_of(ZoneState::Normal, 5), 0.1F);
  EXPECT_EQ(node_zones::rate_of(ZoneState::FullDisruption, 5), 0.1F);
}

struct KeyCase {
  const char* name;
  LabelMap labels;
  std::string key;
  friend std::ostream& operator<<(std::ostream& os, const KeyCase& c) { return os << c.name; }
};

const KeyCase kKeys[] = {
    {"without_labels_there_is_one_zone", {{"disk", "ssd"}}, ""},
    {"region_and_zone",
     {{"topology.kubernetes.io/region", "r"}, {"topology.kubernetes.io/zone", "z"}},
     std::string("r:\0:z", 5)},
    {"a_zone_alone", {{"topology.kubernetes.io/zone", "z"}}, std::string(":\0:z", 4)},
    {"older_labels",
     {{"failure-domain.beta.kubernetes.io/region", "r"}, {"failure-domain.beta.kubernetes.io/zone", "z"}},
     std::string("r:\0:z", 5)},
    {"the_newer_ones_win",
     {{"failure-domain.beta.kubernetes.io/zone", "old"}, {"topology.kubernetes.io/zone", "z"}},
     std::string(":\0:z", 4)},
};

class ZoneKeys : public testing::TestWithParam<KeyCase> {};

TEST_P(ZoneKeys, FollowFromTheLabels) { EXPECT_EQ(node_zones::zone_key(GetParam().labels), GetParam().key); }

INSTANTIATE_TEST_SUITE_P(NodeZones, ZoneKeys, testing::ValuesIn(kKeys), name_of_case<KeyCase>);

DisruptionZone zone_with(float rate) {
  DisruptionZone zone;
  zone.qps = rate;
  return zone;
}

TEST(RateLimiter, LetsOneThroughAndThenOneInTenSeconds) {
  DisruptionZone zone = zone_with(0.1F);
  EXPECT_TRUE(node_zones::accept(zone, 100s));
  EXPECT_FALSE(node_zones::accept(zone, 100s));
  EXPECT_FALSE(node_zones::accept(zone, 109900ms));
  EXPECT_TRUE(node_zones::accept(zone, 110s));
}

TEST(RateLimiter, TokensAreNotSaved) {
  DisruptionZone zone = zone_with(0.1F);
  EXPECT_TRUE(node_zones::accept(zone, 1000s));
  EXPECT_FALSE(node_zones::accept(zone, 1000s)) << "the burst is one";
}

TEST(RateLimiter, ARateOfSinglePrecisionTakesABitLongerThanAHundredSeconds) {
  DisruptionZone zone = zone_with(0.01F);
  EXPECT_TRUE(node_zones::accept(zone, 0s));
  EXPECT_FALSE(node_zones::accept(zone, 100s));
  EXPECT_TRUE(node_zones::accept(zone, 100100ms));
}

TEST(RateLimiter, OneThatNeverLetsThroughIsReplacedByAnEmptyOne) {
  DisruptionZone zone = zone_with(0.1F);
  node_zones::swap_limiter(zone, 0.0F, 50s);
  EXPECT_FALSE(node_zones::accept(zone, 1h));
  node_zones::swap_limiter(zone, 0.1F, 1h);
  EXPECT_FALSE(node_zones::accept(zone, 1h));
  EXPECT_TRUE(node_zones::accept(zone, 1h + 10s));
}

TEST(RateLimiter, AFullOneIsReplacedByAFullOne) {
  DisruptionZone zone = zone_with(0.1F);
  node_zones::swap_limiter(zone, 0.01F, 50s);
  EXPECT_TRUE(node_zones::accept(zone, 50s));
}

TEST(RateLimiter, AnEqualRateChangesNothing) {
  DisruptionZone zone = zone_with(0.1F);
  EXPECT_TRUE(node_zones::accept(zone, 50s));
  node_zones::swap_limiter(zone, 0.1F, 55s);
  EXPECT_TRUE(node_zones::accept(zone, 60s));
}

}  // namespace
}  // namespace models::kubernetes
