#include "scenarios/commands/selector.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <ostream>
#include <string>

namespace scenarios::commands {
namespace {

using Labels = std::map<std::string, std::string, std::less<>>;

bool matches(const Selector& selector, const Labels& labels) {
  return selector.matches([&](std::string_view key) -> std::optional<std::string_view> {
    const auto found = labels.find(key);
    return found == labels.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  });
}

struct MatchCase {
  const char* selector;
  Labels labels;
  bool want;
  friend std::ostream& operator<<(std::ostream& os, const MatchCase& c) {
    os << c.selector << (c.want ? " matches" : " does not match");
    for (const auto& [key, value] : c.labels) {
      os << " " << key << "=" << value;
    }
    return os;
  }
};

class SelectorMatch : public testing::TestWithParam<MatchCase> {};

TEST_P(SelectorMatch, IsUpstreams) {
  const SelectorResult result = parse_selector(GetParam().selector);
  ASSERT_TRUE(result.selector) << result.problem;
  EXPECT_EQ(matches(*result.selector, GetParam().labels), GetParam().want);
}

const MatchCase kMatches[] = {
    {"", {{"x", "y"}}, true},
    {"x=y", {{"x", "y"}}, true},
    {"x=y", {{"x", "z"}}, false},
    {"x=y", {}, false},
    {"x==y", {{"x", "y"}}, true},
    {"x=y,z=w", {{"x", "y"}, {"z", "w"}}, true},
    {"x=y,z=w", {{"x", "w"}, {"z", "w"}}, false},
    {"x!=y", {{"x", "z"}}, true},
    {"x!=y", {{"x", "y"}}, false},
    {"x!=y", {}, true},
    {"notin=in", {{"notin", "in"}}, true},
    {"x", {{"x", "z"}}, true},
    {"x", {{"y", "z"}}, false},
    {"!x", {{"y", "z"}}, true},
    {"!x", {{"x", "z"}}, false},
    {"! x", {{"y", "z"}}, true},
    {"x>1", {{"x", "2"}}, true},
    {"x>1", {{"x", "1"}}, false},
    {"x>1", {{"x", "many"}}, false},
    {"x>1", {}, false},
    {"x<1", {{"x", "0"}}, true},
    {"x<1", {{"x", "2"}}, false},
    {"x in (a,b)", {{"x", "b"}}, true},
    {"x in (a,b)", {{"x", "c"}}, false},
    {"x in (a,b)", {}, false},
    {"x notin (a,b)", {{"x", "c"}}, true},
    {"x notin (a,b)", {{"x", "a"}}, false},
    {"x notin (a,b)", {}, true},
    {"x in (in,notin)", {{"x", "in"}}, true},
    {"x in ()", {{"x", ""}}, true},
    {"x in (a,)", {{"x", ""}}, true},
    {"x in (,a)", {{"x", ""}}, true},
    {"x in (a,,b)", {{"x", ""}}, true},
    {"x=", {{"x", ""}}, true},
    {"x= ,z=w", {{"x", ""}, {"z", "w"}}, true},
    {" x = y , z ", {{"x", "y"}, {"z", ""}}, true},
    {"iomesh.com/meta-leader", {{"iomesh.com/meta-leader", ""}}, true},
    {"iomesh.com/meta-leader", {{"iomesh.com/meta", ""}}, false},
    {"batch.kubernetes.io/job-completion-index=2", {{"batch.kubernetes.io/job-completion-index", "2"}}, true},
};

INSTANTIATE_TEST_SUITE_P(Commands, SelectorMatch, testing::ValuesIn(kMatches));

struct RefusedCase {
  const char* selector;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const RefusedCase& c) { return os << c.selector; }
};

class SelectorRefused : public testing::TestWithParam<RefusedCase> {};

TEST_P(SelectorRefused, SaysWhyInUpstreamsWords) {
  const SelectorResult result = parse_selector(GetParam().selector);
  EXPECT_FALSE(result.selector);
  EXPECT_EQ(result.problem, GetParam().problem);
}

const RefusedCase kRefused[] = {
    {"a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
    {"x==a==b", "found '==', expected: ',' or 'end of string'"},
    {"!x=a", "found '=', expected: ',' or 'end of string'"},
    {",a", "found ',', expected: !, identifier, or 'end of string'"},
    {"a,", "found '', expected: identifier after ','"},
    {"a,,b", "found ',', expected: identifier after ','"},
    {"!", "unable to parse requirement: found '', expected: identifier"},
    {"x=(", "unable to parse requirement: found '(', expected: identifier"},
    {"x in a", "unable to parse requirement: found 'a' expected: '('"},
    {"x in (a", "unable to parse requirement: found '', expected: ',' or ')'"},
    {"x in (a,", "unable to parse requirement: found '', expected: ',', or identifier"},
    {"x in (a b)", "unable to parse requirement: found 'b', expected: ',' or ')'"},
    {"x in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"},
    {"x<a",
     "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must "
     "be an "
     "integer"},
    {"x=a||y",
     "unable to parse requirement: values[0][x]: Invalid value: \"a||y\": a valid label must be an empty "
     "string or "
     "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
     "character (e.g. "
     "'MyValue',  or 'my_value',  or '12345', regex used for validation is "
     "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
    {"-x",
     "unable to parse requirement: <nil>: Invalid value: \"-x\": name part must consist of alphanumeric "
     "characters, "
     "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  "
     "or "
     "'123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
    {"/x", "unable to parse requirement: <nil>: Invalid value: \"/x\": prefix part must be non-empty"},
    {"a/b/c",
     "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key must consist of "
     "alphanumeric "
     "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
     "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') "
     "with an "
     "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"},
    {"A.b/c",
     "unable to parse requirement: <nil>: Invalid value: \"A.b/c\": prefix part a lowercase RFC 1123 "
     "subdomain must "
     "consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric "
     "character "
     "(e.g. 'example.com', regex used for validation is "
     "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
};

INSTANTIATE_TEST_SUITE_P(Commands, SelectorRefused, testing::ValuesIn(kRefused));

TEST(LabelProblems, NameTheLongestLength) {
  EXPECT_EQ(label_value_problems(std::string(64, 'a')),
            (std::vector<std::string>{"must be no more than 63 bytes"}));
  EXPECT_TRUE(label_value_problems(std::string(63, 'a')).empty());
  EXPECT_EQ(label_key_problems(std::string(64, 'a')),
            (std::vector<std::string>{"name part must be no more than 63 bytes"}));
  EXPECT_EQ(label_key_problems(std::string(254, 'a') + "/x"),
            (std::vector<std::string>{"prefix part must be no more than 253 bytes"}));
  EXPECT_EQ(label_key_problems("a/").front(), "name part must be non-empty");
}

TEST(SelectorText, IsSortedByKey) {
  const SelectorResult result = parse_selector("z notin (b,a),!y,x in (q),w!=1,v==2,u=3,t,s>4,r<5");
  ASSERT_TRUE(result.selector);
  EXPECT_EQ(result.selector->to_text(), "r<5,s>4,t,u=3,v==2,w!=1,x in (q),!y,z notin (a,b)");
}

RC_GTEST_PROP(SelectorText, IsParsedBackToTheSameSelector, ()) {
  std::string text;
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "a=b", "a", "!a", "b in (x,y)", "b notin (,x)", "c!=1", "d>3", "e<4", "k8s.io/x==y", "f="));
  for (const std::string& piece : pieces) {
    text += (text.empty() ? "" : ",") + piece;
  }
  const SelectorResult first = parse_selector(text);
  RC_ASSERT(first.selector.has_value());
  const SelectorResult second = parse_selector(first.selector->to_text());
  RC_ASSERT(second.selector.has_value());
  RC_ASSERT(first.selector->requirements == second.selector->requirements);
}

}  // namespace
}  // namespace scenarios::commands
