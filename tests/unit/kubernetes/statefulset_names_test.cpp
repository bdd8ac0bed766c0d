// Names of the StatefulSet controller: ordinals in pod names, claims, revisions.

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "models/kubernetes/statefulset_claims.h"
#include "models/kubernetes/statefulset_members.h"
#include "models/kubernetes/statefulset_revisions.h"

namespace models::kubernetes {
namespace {

struct OrdinalCase {
  const char* name;
  const char* prefix;
  std::int32_t ordinal;  ///< -1: no member
  friend std::ostream& operator<<(std::ostream& os, const OrdinalCase& c) {
    return os << c.name << " in " << c.prefix;
  }
};

class OrdinalAfter : public testing::TestWithParam<OrdinalCase> {};

TEST_P(OrdinalAfter, ReadsTheDigitsBehindTheLastDash) {
  EXPECT_EQ(ordinal_after(GetParam().name, GetParam().prefix), GetParam().ordinal);
}

const OrdinalCase kOrdinals[] = {
    {"web-0", "web", 0},           {"web-12", "web", 12},  {"web-1-2", "web-1", 2},
    {"web-1-2", "web", -1},        {"web", "web", -1},     {"web-", "web", -1},
    {"web-x", "web", -1},          {"web-1x", "web", -1},  {"web--1", "web", -1},
    {"web2-1", "web", -1},         {"other-1", "web", -1}, {"web-2147483647", "web", 2147483647},
    {"web-2147483648", "web", -1},
};
INSTANTIATE_TEST_SUITE_P(Table, OrdinalAfter, testing::ValuesIn(kOrdinals));

TEST(EndsInOrdinal, NeedsADashAndDigits) {
  EXPECT_TRUE(ends_in_ordinal("web-0"));
  EXPECT_TRUE(ends_in_ordinal("web-x-10"));
  EXPECT_FALSE(ends_in_ordinal("web"));
  EXPECT_FALSE(ends_in_ordinal("web-"));
  EXPECT_FALSE(ends_in_ordinal("-1"));
  EXPECT_FALSE(ends_in_ordinal("web-1a"));
}

TEST(ClaimName, IsTemplateSetAndOrdinal) {
  EXPECT_EQ(claim_name("data", "iomesh-chunk", 4), "data-iomesh-chunk-4");
}

TEST(RevisionName, IsTheSetAndTenSafeCharacters) {
  PodTemplate pod_template;
  pod_template.manifest = R"({"spec":{}})";
  const std::string name = revision_name("web", pod_template);
  ASSERT_EQ(name.size(), 14U);
  EXPECT_EQ(name.substr(0, 4), "web-");
  EXPECT_EQ(name.find_first_not_of("bcdfghjklmnpqrstvwxz2456789", 4), std::string::npos);
}

TEST(RevisionName, DependsOnTheContentAlone) {
  PodTemplate pod_template;
  Container container;
  container.image = "app:1";
  pod_template.containers.push_back(container);
  PodTemplate same = pod_template;
  EXPECT_EQ(revision_name("web", pod_template), revision_name("web", same));
  same.containers.front().image = "app:2";
  EXPECT_NE(revision_name("web", pod_template), revision_name("web", same));
  EXPECT_NE(revision_name("web", pod_template), revision_name("web", pod_template, 1)) << "after a collision";
}

}  // namespace
}  // namespace models::kubernetes
