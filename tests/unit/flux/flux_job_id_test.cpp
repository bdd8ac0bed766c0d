// Ids of Flux jobs in and out of their forms.

#include "models/flux/flux_job_id.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <ostream>

namespace models::flux {
namespace {

struct IdCase {
  const char* name;
  const char* text;
  std::uint64_t id;
  friend std::ostream& operator<<(std::ostream& os, const IdCase& c) { return os << c.text; }
};

// Rows of flux-core src/common/libutil/test/fluid.c and RFC 19.
const IdCase kIds[] = {
    {"zero", "ƒ1", 0},
    {"one", "ƒ2", 1},
    {"last_of_one_digit", "ƒz", 57},
    {"two_digits", "ƒ21", 58},
    {"ascii_prefix", "f21", 58},
    {"millionth", "ƒ7Kze", 1'234'567},
    {"largest", "ƒjpXCZedGfVQ", ~std::uint64_t{0}},
    {"decimal", "1234", 1234},
    {"hexadecimal", "0x4d2", 1234},
    {"dotted", "0000.0000.0000.04d2", 1234},
    {"kvs", "job.0000.0000.0001.0000", 65536},
};

class JobId : public testing::TestWithParam<IdCase> {};

TEST_P(JobId, IsRead) { EXPECT_EQ(parse_job_id(GetParam().text), GetParam().id); }

INSTANTIATE_TEST_SUITE_P(Rows, JobId, testing::ValuesIn(kIds),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(JobIdText, OtherTextsAreNone) {
  for (const char* text :
       {"", "f", "ƒ", "ƒ0", "fIl", "12a", "0x", "0xg", "-1", "0000.0000.0000", "0000.0000.0000.0000.0000",
        "10000.0000.0000.0000", "ƒjpXCZedGfVR", "academy-acid"}) {
    EXPECT_EQ(parse_job_id(text), std::nullopt) << text;
  }
}

TEST(JobIdText, PartsHaveTheirBits) { EXPECT_EQ(make_fluid(1, 2, 3), (1U << 24U) + (2U << 10U) + 3U); }

RC_GTEST_PROP(JobIdText, whatIsPrintedIsReadAgain, (std::uint64_t id)) {
  RC_ASSERT(parse_job_id(to_f58(id)) == id);
}

}  // namespace
}  // namespace models::flux
