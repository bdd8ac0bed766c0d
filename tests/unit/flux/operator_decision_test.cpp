// What the operator decides about a spec and a requested size.

#include <gtest/gtest.h>

#include <ostream>

#include "models/flux/operator.h"

namespace models::flux::operate {
namespace {

struct ValidateCase {
  const char* name;
  std::int32_t size, max_size, min_size, backoff_limit, flux_runners;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const ValidateCase& c) { return os << c.name; }
};

const ValidateCase kValidateCases[] = {
    {"within_the_maximum", 4, 10, 0, 0, 1, ""},
    {"at_the_maximum", 10, 10, 0, 0, 1, ""},
    {"FX_09_above_the_explicit_maximum", 12, 10, 0, 0, 1, "MaxSize of cluster must be greater than size."},
    {"no_maximum", 12, 0, 0, 0, 1, ""},
    {"minimum_above_the_size", 3, 10, 4, 0, 1, "MinSize of cluster must be less than size."},
    {"minimum_above_the_maximum", 3, 3, 4, 0, 1, "MinSize of cluster must be less than MaxSize."},
    {"negative_backoff_limit", 3, 0, 0, -1, 1, "BackoffLimit of cluster must be greater than 0."},
    {"negative_size_passes_here", -1, 10, 0, 0, 1, ""},
    {"two_flux_runners", 3, 0, 0, 0, 2, "2 containers run Flux, one must"},
    {"no_flux_runner", 3, 0, 0, 0, 0, "0 containers run Flux, one must"},
};

class Validate : public testing::TestWithParam<ValidateCase> {};

TEST_P(Validate, SaysWhatIsWrong) {
  const ValidateCase& c = GetParam();
  MiniClusterSpec spec;
  spec.size = c.size;
  spec.max_size = c.max_size;
  spec.min_size = c.min_size;
  spec.backoff_limit = c.backoff_limit;
  spec.flux_runners = c.flux_runners;
  EXPECT_EQ(validate(spec), c.problem);
}

INSTANTIATE_TEST_SUITE_P(Cases, Validate, testing::ValuesIn(kValidateCases),
                         [](const auto& one) { return std::string(one.param.name); });

struct DecideCase {
  const char* name;
  std::int32_t requested, maximum, parallelism;
  Decision decision;
  friend std::ostream& operator<<(std::ostream& os, const DecideCase& c) { return os << c.name; }
};

const DecideCase kDecideCases[] = {
    {"the_same_size", 4, 10, 4, Decision::Nothing},
    {"smaller", 3, 10, 4, Decision::Accept},
    {"one", 1, 10, 4, Decision::Accept},
    {"the_maximum", 10, 10, 4, Decision::Accept},
    {"FX_10_above_the_maximum", 11, 10, 4, Decision::DenyAbove},
    {"negative", -1, 10, 4, Decision::DenyBelow},
};

class Decide : public testing::TestWithParam<DecideCase> {};

TEST_P(Decide, ComparesWithTheJobAndTheMaximum) {
  const DecideCase& c = GetParam();
  EXPECT_EQ(decide(c.requested, c.maximum, c.parallelism), c.decision);
}

INSTANTIATE_TEST_SUITE_P(Cases, Decide, testing::ValuesIn(kDecideCases),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace models::flux::operate
