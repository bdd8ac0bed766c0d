#include "reports/junit.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>

namespace reports {
namespace {

TEST(JUnit, CountsFailuresAndErrorsAndKeepsEveryByteOfAProblem) {
  const std::string xml =
      junit({{"a.yaml", "holds", sim::Time{1'500'000'000}, true, false, ""},
             {"b.yaml", "fails <&> \"quoted\"", sim::Time{0}, false, false, "first\nsecond <b>"},
             {"c.yaml", "", sim::Time{0}, false, true, "c.yaml:1:1: error: no"}});
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(xml.c_str()));
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  EXPECT_EQ(suite.attribute("tests").as_int(), 3);
  EXPECT_EQ(suite.attribute("failures").as_int(), 1);
  EXPECT_EQ(suite.attribute("errors").as_int(), 1);
  EXPECT_STREQ(suite.attribute("time").value(), "1.500");
  const pugi::xml_node failed = suite.child("testcase").next_sibling();
  EXPECT_STREQ(failed.attribute("name").value(), "fails <&> \"quoted\"");
  EXPECT_STREQ(failed.child("failure").attribute("message").value(), "first");
  EXPECT_STREQ(failed.child("failure").text().get(), "first\nsecond <b>");
  EXPECT_STREQ(failed.next_sibling().attribute("name").value(), "c.yaml");
  EXPECT_TRUE(failed.next_sibling().child("error"));
}

}  // namespace
}  // namespace reports
