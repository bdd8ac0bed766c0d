#include "scenarios/language/hostlist.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "scenarios/language/host_set.h"

namespace scenarios::language {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

struct ExpandCase {
  const char* text;
  const char* want;  // hosts with a blank between
  friend std::ostream& operator<<(std::ostream& os, const ExpandCase& c) { return os << c.text; }
};

const ExpandCase expand_cases[] = {
    {"worker-1", "worker-1"},
    {"worker-[0-2,5]", "worker-0 worker-1 worker-2 worker-5"},
    {"a[08-11]", "a08 a09 a10 a11"},
    {"a[1,01]", "a1 a01"},
    {"r[0-1]n[0-1]", "r0n0 r0n1 r1n0 r1n1"},
    {"n[0-1].example", "n0.example n1.example"},
    {"a-1,b-[2-3]", "a-1 b-2 b-3"},
    {"[3-4]", "3 4"},
};

class ExpandHostlist : public testing::TestWithParam<ExpandCase> {};
TEST_P(ExpandHostlist, NamesEveryHostInOrder) {
  const auto parsed = expand_hostlist(GetParam().text);
  ASSERT_TRUE(parsed.value.has_value()) << parsed.problem;
  EXPECT_EQ(joined(*parsed.value), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Good, ExpandHostlist, testing::ValuesIn(expand_cases));

struct RefusedCase {
  const char* text;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const RefusedCase& c) { return os << c.text; }
};

const RefusedCase refused_hostlists[] = {
    {"", "a name is missing"},
    {"a,,b", "\"a,,b\" holds an empty name"},
    {"a[", "the brackets in a[ do not match"},
    {"a]", "the brackets in a] do not match"},
    {"a[0-[1]]", "the brackets in a[0-[1]] do not match"},
    {"a[]", "[] is not a list of numbers and ranges"},
    {"a[x]", "[x] is not a list of numbers and ranges"},
    {"a[1-]", "[1-] is not a list of numbers and ranges"},
    {"a[5-2]", "the range 5-2 runs backwards"},
    {"a b", "\"a b\" is not a name: it holds a blank or a quote"},
    {"a[0-1000000]", "[0-1000000] names more than 1000000 hosts"},
    {"a[0-999][0-999][0-9]", "a[0-999][0-999][0-9] names more than 1000000 hosts"},
    {"a[1-999999999999999999999]", "[1-999999999999999999999] is not a list of numbers and ranges"},
};

class RefuseHostlist : public testing::TestWithParam<RefusedCase> {};
TEST_P(RefuseHostlist, SaysWhatIsWrong) {
  const auto parsed = expand_hostlist(GetParam().text);
  EXPECT_FALSE(parsed.value.has_value());
  EXPECT_EQ(parsed.problem, GetParam().problem);
  EXPECT_FALSE(parsed.hint.empty());
}
INSTANTIATE_TEST_SUITE_P(Bad, RefuseHostlist, testing::ValuesIn(refused_hostlists));

struct CompressCase {
  std::vector<std::string> hosts;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const CompressCase& c) { return os << c.want; }
};

const CompressCase compress_cases[] = {
    {{}, ""},
    {{"flux-sample-7"}, "flux-sample-7"},
    {{"f-0", "f-1"}, "f-[0-1]"},
    {{"f-0", "f-1", "f-3"}, "f-[0-1,3]"},
    {{"f-3", "f-1", "f-2"}, "f-[3,1-2]"},
    {{"a-0", "b-0"}, "a-0,b-0"},
    {{"a08", "a09", "a10"}, "a[08-10]"},
    {{"a9", "a10"}, "a[9-10]"},
    {{"a09", "a010"}, "a[09,010]"},
    {{"login", "login"}, "login,login"},
};

class CompressHostlist : public testing::TestWithParam<CompressCase> {};
TEST_P(CompressHostlist, JoinsNeighboursOfOnePrefix) {
  EXPECT_EQ(compress_hostlist(GetParam().hosts), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Lists, CompressHostlist, testing::ValuesIn(compress_cases));

/// Names with few prefixes and small numbers, so that neighbours, paddings and repeats are common.
rc::Gen<std::string> host_name() {
  return rc::gen::map(rc::gen::tuple(rc::gen::element<std::string>("a", "b-", "n0x", "flux-sample-"),
                                     rc::gen::inRange(0, 120), rc::gen::inRange(0, 5)),
                      [](const std::tuple<std::string, int, int>& parts) {
                        return fmt::format("{}{:0{}}", std::get<0>(parts), std::get<1>(parts),
                                           std::get<2>(parts));
                      });
}

RC_GTEST_PROP(Hostlist, ExpandingACompressedListGivesItBack, ()) {
  const auto hosts = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(host_name()));
  const auto parsed = expand_hostlist(compress_hostlist(hosts));
  RC_ASSERT(parsed.value.has_value());
  RC_ASSERT(*parsed.value == hosts);
}

RC_GTEST_PROP(Hostlist, NoTextCrashesTheParser, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::element('a', '[', ']', ',', '-', '0', '1', '9', ' '));
  const auto parsed = expand_hostlist(text);
  RC_ASSERT(parsed.value.has_value() != !parsed.problem.empty());
}

TEST(IndexSet, ReadsNumbersAndRanges) {
  const auto parsed = parse_index_set("0-1,5");
  ASSERT_TRUE(parsed.value.has_value());
  EXPECT_TRUE(parsed.value->contains(0));
  EXPECT_TRUE(parsed.value->contains(1));
  EXPECT_FALSE(parsed.value->contains(2));
  EXPECT_TRUE(parsed.value->contains(5));
}

TEST(IndexSet, RefusesWhatIsNone) {
  for (const char* text : {"", "a", "1-", "-1", "2-1", "1,,2", "99999999999"}) {
    EXPECT_FALSE(parse_index_set(text).value.has_value()) << text;
  }
}

TEST(Substitution, ReplacesEveryReferenceAndUnescapesDollars) {
  const Bindings bindings = {{"pod", "ingest-2"}, {"n", "3"}};
  EXPECT_EQ(substitute("delete ${pod} ${n}${n} $${pod} {$.items}", bindings).value.value_or("?"),
            "delete ingest-2 33 ${pod} {$.items}");
}

TEST(Substitution, RefusesANameWithoutValue) {
  const auto result = substitute("x ${pdo}", {{"pod", "a"}});
  EXPECT_FALSE(result.value.has_value());
  EXPECT_EQ(result.problem, "${pdo} has no value here");
  EXPECT_EQ(result.hint, "did you mean pod? known here: pod");
}

TEST(Substitution, AnOpenHostSetIsExpandedOnceItsValuesAreKnown) {
  HostSet set;
  set.open = true;
  set.written = {{"ingest-[0-${last}]", {}, {}}};
  EXPECT_EQ(joined(expand(set, {{"last", "2"}}).value.value()), "ingest-0 ingest-1 ingest-2");
  EXPECT_FALSE(expand(set, {}).value.has_value());
}

}  // namespace
}  // namespace scenarios::language
