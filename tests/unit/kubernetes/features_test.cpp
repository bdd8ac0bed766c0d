#include "models/kubernetes/features.h"

#include <gtest/gtest.h>

#include <ostream>

namespace models::kubernetes {
namespace {

using Gates = std::vector<std::pair<std::string, bool>>;

struct DefaultCase {
  const char* version;
  Gate gate;
  bool on;
  friend std::ostream& operator<<(std::ostream& os, const DefaultCase& c) { return os << c.version; }
};

// statefulset.md section 9 and indexed-job.md section 7, one version before and one at each change.
const DefaultCase kDefaults[] = {
    {"1.26.0", Gate::StatefulSetStartOrdinal, false},
    {"1.27.0", Gate::StatefulSetStartOrdinal, true},
    {"1.35.0", Gate::StatefulSetStartOrdinal, true},
    {"1.26.0", Gate::StatefulSetAutoDeletePVC, false},
    {"1.27.0", Gate::StatefulSetAutoDeletePVC, true},
    {"1.35.0", Gate::StatefulSetAutoDeletePVC, true},
    {"1.34.9", Gate::MaxUnavailableStatefulSet, false},
    {"1.35.0", Gate::MaxUnavailableStatefulSet, true},
    {"1.35.3", Gate::MaxUnavailableStatefulSet, true},
    {"1.35.4", Gate::MaxUnavailableStatefulSet, false},
    {"1.27.0", Gate::PodIndexLabel, false},
    {"1.28.0", Gate::PodIndexLabel, true},
    {"1.26.0", Gate::JobPodFailurePolicy, true},
    {"1.34.0", Gate::JobPodFailurePolicy, true},
    {"1.26.0", Gate::ElasticIndexedJob, false},
    {"1.27.0", Gate::ElasticIndexedJob, true},
    {"1.34.0", Gate::ElasticIndexedJob, true},
    {"1.28.0", Gate::JobBackoffLimitPerIndex, false},
    {"1.29.0", Gate::JobBackoffLimitPerIndex, true},
    {"1.28.0", Gate::JobPodReplacementPolicy, false},
    {"1.29.0", Gate::JobPodReplacementPolicy, true},
    {"1.30.0", Gate::JobSuccessPolicy, false},
    {"1.31.0", Gate::JobSuccessPolicy, true},
    {"1.31.0", Gate::JobManagedBy, false},
    {"1.32.0", Gate::JobManagedBy, true},
    {"1.26.0", Gate::NodeOutOfServiceVolumeDetach, true},
};

class FeatureDefaults : public testing::TestWithParam<DefaultCase> {};

TEST_P(FeatureDefaults, FollowTheVersionTable) {
  Features features;
  ASSERT_TRUE(resolve_features(GetParam().version, {}, features).empty());
  EXPECT_EQ(features.has(GetParam().gate), GetParam().on);
}
INSTANTIATE_TEST_SUITE_P(Versions, FeatureDefaults, testing::ValuesIn(kDefaults));

struct RefusedCase {
  const char* name;
  const char* version;
  Gates gates;
  const char* problem;
  const char* hint;  ///< a part of it
  friend std::ostream& operator<<(std::ostream& os, const RefusedCase& c) { return os << c.name; }
};

const RefusedCase kRefused[] = {
    {"too_old", "1.25.0", {}, "Kubernetes 1.25.0 is not supported", "1.26.0 to 1.35.x"},
    {"too_new", "1.36.0", {}, "Kubernetes 1.36.0 is not supported", "1.26.0 to 1.35.x"},
    {"patch_that_never_was", "1.28.99", {}, "Kubernetes 1.28.99 is not supported", "1.26.0"},
    {"no_version", "latest", {}, "\"latest\" is not a Kubernetes version", "1.28.0"},
    {"huge_number", "1.99999999999.0", {}, "\"1.99999999999.0\" is not a Kubernetes version", "1.28.0"},
    {"locked_when_generally_available",
     "1.33.0",
     {{"JobBackoffLimitPerIndex", false}},
     "cannot set feature gate JobBackoffLimitPerIndex to false, feature is locked to true",
     "since 1.33"},
    {"unknown_gate_names_the_nearest",
     "1.28.0",
     {{"JobBackoffLimitPerIndx", true}},
     "unrecognized feature gate: JobBackoffLimitPerIndx",
     "did you mean JobBackoffLimitPerIndex?"},
    {"gate_of_a_later_version",
     "1.27.0",
     {{"JobBackoffLimitPerIndex", true}},
     "unrecognized feature gate: JobBackoffLimitPerIndex (Kubernetes 1.27 does not have it)",
     "first appears in 1.28"},
    {"gate_that_was_removed",
     "1.35.0",
     {{"ElasticIndexedJob", true}},
     "unrecognized feature gate: ElasticIndexedJob (Kubernetes 1.35 does not have it)",
     "always on"},
    {"gate_that_selects_nothing_modelled",
     "1.30.0",
     {{"NodeSwap", true}},
     "feature gate NodeSwap selects nothing that is modelled",
     "leave it out"},
};

class FeatureRefusals : public testing::TestWithParam<RefusedCase> {};

TEST_P(FeatureRefusals, SayWhatIsWrongAndWhatIsRight) {
  Features features;
  const Features before = features;
  const std::vector<FeatureError> errors = resolve_features(GetParam().version, GetParam().gates, features);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].problem, GetParam().problem);
  EXPECT_NE(errors[0].hint.find(GetParam().hint), std::string::npos) << errors[0].hint;
  EXPECT_EQ(features, before);
}
INSTANTIATE_TEST_SUITE_P(Words, FeatureRefusals, testing::ValuesIn(kRefused),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Features, TakeGatesThatTheVersionLeavesOpen) {
  Features features;
  ASSERT_TRUE(
      resolve_features("1.28", {{"JobBackoffLimitPerIndex", true}, {"ElasticIndexedJob", false}}, features)
          .empty());
  EXPECT_TRUE(features.has(Gate::JobBackoffLimitPerIndex));
  EXPECT_FALSE(features.has(Gate::ElasticIndexedJob));
}

TEST(Features, ReadVersionsAsPeopleWriteThem) {
  for (const char* version : {"v1.28.3", "1.28.3", "1.28.3+k3s1"}) {
    Features features;
    ASSERT_TRUE(resolve_features(version, {}, features).empty()) << version;
    EXPECT_EQ(features.minor, 28);
    EXPECT_EQ(features.patch, 3);
  }
}

TEST(Features, TellAllWrongGatesAtOnce) {
  Features features;
  EXPECT_EQ(resolve_features("1.33.0", {{"Foo", true}, {"JobSuccessPolicy", false}}, features).size(), 2U);
}

TEST(Features, AcceptTheValueThatAGateIsLockedTo) {
  Features features;
  EXPECT_TRUE(resolve_features("1.33.0", {{"JobSuccessPolicy", true}}, features).empty());
}

}  // namespace
}  // namespace models::kubernetes
