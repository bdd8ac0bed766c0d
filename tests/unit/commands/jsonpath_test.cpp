#include "scenarios/commands/jsonpath.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ostream>
#include <string>

namespace scenarios::commands {
namespace {

/// Three pods as `kubectl get pods -o json` gives them, cut to what the templates ask for.
const Json& pods() {
  static const Json list = Json::parse(R"({
    "apiVersion": "v1", "kind": "List",
    "items": [
      {"kind": "Pod",
       "metadata": {"name": "web-0", "labels": {"app": "web", "kubernetes.io/hostname": "worker-1"}},
       "spec": {"containers": [{"name": "main", "ports": [80, 443]}, {"name": "log"}]},
       "status": {"phase": "Running", "ready": true, "restarts": 3, "load": 0.5}},
      {"kind": "Pod",
       "metadata": {"name": "web-1", "labels": {"app": "web"}},
       "spec": {"containers": [{"name": "main"}]},
       "status": {"phase": "Pending", "ready": false, "restarts": 0, "load": 2.5, "reason": null}},
      {"kind": "Pod",
       "metadata": {"name": "db-0"},
       "spec": {"containers": []},
       "status": {"phase": "Running", "ready": true, "restarts": 1, "load": 1.5}}
    ]})");
  return list;
}

std::string applied(std::string_view text, const Json& object = pods(), bool allow_missing_keys = true) {
  const JsonPathResult parsed = JsonPath::parse(text);
  if (!parsed.path) {
    return "does not parse: " + parsed.problem;
  }
  const JsonPathOutput output = parsed.path->execute(object, allow_missing_keys);
  return output ? output.text : "fails: " + output.problem;
}

struct PathCase {
  const char* name;
  const char* text;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const PathCase& c) { return os << c.text; }
};

class Path : public testing::TestWithParam<PathCase> {};

TEST_P(Path, GivesWhatKubectlPrints) { EXPECT_EQ(applied(GetParam().text), GetParam().want); }

const PathCase kFields[] = {
    {"field", "{.kind}", "List"},
    {"text_around", "kind: {.kind}!", "kind: List!"},
    {"no_braces_is_text", ".items[0].metadata.name", ".items[0].metadata.name"},
    {"dollar_and_at", "{$.kind}{@.kind}", "ListList"},
    {"blanks_inside", "{ .kind }", "List"},
    {"nested", "{.items[0].metadata.name}", "web-0"},
    {"bracket_key", "{.items[0]['metadata']['name']}", "web-0"},
    {"bracket_key_with_dots", "{.items[0]['metadata.name']}", "web-0"},
    {"escaped_dot", "{.items[0].metadata.labels.kubernetes\\.io/hostname}", "worker-1"},
    {"escaped_dot_in_brackets", "{.items[0].metadata.labels['kubernetes\\.io/hostname']}", "worker-1"},
    {"number", "{.items[0].status.restarts}", "3"},
    {"fraction", "{.items[0].status.load}", "0.5"},
    {"boolean", "{.items[0].status.ready}", "true"},
    {"null_is_told", "{.items[1].status.reason}", "null"},
    {"missing_is_empty", "{.items[0].nope.deeper}", ""},
    {"missing_among_others", "{.items[*].metadata.labels.app}", "web web"},
    {"object_is_json_with_sorted_keys", "{.items[2].status}",
     R"({"load":1.5,"phase":"Running","ready":true,"restarts":1})"},
    {"list_is_json", "{.items[0].spec.containers[0].ports}", "[80,443]"},
    {"wildcard_field", "{.items[2].metadata.*}", "db-0"},
    {"wildcard_list", "{.items[*].metadata.name}", "web-0 web-1 db-0"},
    {"recursive", "{..phase}", "Running Pending Running"},
    {"recursive_in_the_middle", "{.items[0]..name}", "web-0 main log"},
    {"quoted_text", R"({.kind}{"\t"}{'x'}{"\n"})", "List\tx\n"},
    {"quoted_brace", R"({"{"}{.kind}{"}"})", "{List}"},
    {"quoted_escapes", R"({"\x41\u00e9\101\\\""})", "A\u00e9A\\\""},
    {"union_of_keys", "{.items[0]['kind','metadata.name']}", "Pod web-0"},
    {"union_of_indexes", "{.items[0,2].metadata.name}", "web-0 db-0"},
    {"nothing", "", ""},
};

const PathCase kSlices[] = {
    {"index", "{.items[1].metadata.name}", "web-1"},
    {"from_the_end", "{.items[-1].metadata.name}", "db-0"},
    {"slice", "{.items[0:2].metadata.name}", "web-0 web-1"},
    {"slice_to", "{.items[:2].metadata.name}", "web-0 web-1"},
    {"slice_from", "{.items[1:].metadata.name}", "web-1 db-0"},
    {"slice_from_the_end", "{.items[-2:].metadata.name}", "web-1 db-0"},
    {"slice_to_the_end", "{.items[0:-1].metadata.name}", "web-0 web-1"},
    {"step", "{.items[::2].metadata.name}", "web-0 db-0"},
    {"empty_slice", "{.items[1:1].metadata.name}", ""},
    {"empty_slice_beyond", "{.items[5:5].metadata.name}", ""},
    {"no_number_is_the_first", "{.items[].metadata.name}", "web-0"},
    {"out_of_bounds", "{.items[9]}", "fails: array index out of bounds: index 9, length 3"},
    {"out_of_bounds_from_the_end", "{.items[-9]}", "fails: array index out of bounds: index -6, length 3"},
    {"slice_out_of_bounds", "{.items[0:9]}", "fails: array index out of bounds: index 8, length 3"},
    {"of_an_empty_list", "{.items[2].spec.containers[0]}",
     "fails: array index out of bounds: index 0, length 0"},
    {"reversed", "{.items[2:1]}", "fails: starting index 2 is greater than ending index 1"},
    {"step_zero", "{.items[0:3:0]}", "fails: step must be > 0"},
    {"of_an_object", "{.items[0].metadata[0]}", "fails: map[string]interface {} is not array or slice"},
    {"of_a_text", "{.kind[0]}", "fails: string is not array or slice"},
};

const PathCase kFilters[] = {
    {"equal_text", R"({.items[?(@.status.phase=="Running")].metadata.name})", "web-0 db-0"},
    {"equal_text_in_single_quotes", "{.items[?(@.status.phase=='Pending')].metadata.name}", "web-1"},
    {"without_at", R"({.items[?(.status.phase=="Pending")].metadata.name})", "web-1"},
    {"not_equal", R"({.items[?(@.status.phase!="Running")].metadata.name})", "web-1"},
    {"less", "{.items[?(@.status.restarts<1)].metadata.name}", "web-1"},
    {"greater", "{.items[?(@.status.restarts>1)].metadata.name}", "web-0"},
    {"at_most", "{.items[?(@.status.restarts<=1)].metadata.name}", "web-1 db-0"},
    {"at_least", "{.items[?(@.status.restarts>=1)].metadata.name}", "web-0 db-0"},
    {"truth_value", "{.items[?(@.status.ready==true)].metadata.name}", "web-0 db-0"},
    {"fraction", "{.items[?(@.status.load>1.0)].metadata.name}", "web-1 db-0"},
    {"exists", "{.items[?(@.metadata.labels)].metadata.name}", "web-0 web-1"},
    {"missing_on_the_left_is_no_match", R"({.items[?(@.metadata.labels.app=="web")].metadata.name})",
     "web-0 web-1"},
    {"equals_sign_in_the_text", R"({.items[?(@.metadata.name=="a=b")].metadata.name})", ""},
    {"parenthesis_in_the_text", R"({.items[?(@.metadata.name=="a)b")].metadata.name})", ""},
    {"of_plain_values", "{.items[0].spec.containers[0].ports[?(@>100)]}", "443"},
    {"escaped_dot", R"({.items[?(@.metadata.labels.kubernetes\.io/hostname=="worker-1")].metadata.name})",
     "web-0"},
    {"recursive_inside", R"({.items[?(@..ready==false)].metadata.name})", "web-1"},
    {"several_on_the_left", "{.items[?(@.spec.containers[*].name==\"main\")]}",
     "fails: can only compare one element at a time"},
    {"different_types", "{.items[?(@.status.restarts==\"3\")]}", "fails: incompatible types for comparison"},
    {"whole_number_and_fraction", "{.items[?(@.status.load>1)]}", "fails: incompatible types for comparison"},
    {"objects", "{.items[?(@.status==1)]}", "fails: invalid type for comparison"},
    {"order_of_truth_values", "{.items[?(@.status.ready<true)]}", "fails: invalid type for comparison"},
    {"unknown_operator", "{.items[?(@.status.restarts<>1)]}", "fails: unrecognized filter operator <>"},
    {"of_an_object", "{.items[0].metadata.labels[?(@.a)]}",
     "fails: map[app:web kubernetes.io/hostname:worker-1] is not array or slice and cannot be filtered"},
};

const PathCase kRanges[] = {
    {"range", R"({range .items[*]}{.metadata.name}{"\n"}{end})", "web-0\nweb-1\ndb-0\n"},
    {"text_in_a_range", "{range .items[*]}{.metadata.name}, {end}{.kind}", "web-0, web-1, db-0, List"},
    {"nested", R"({range .items[*]}{.metadata.name}:{range .spec.containers[*]}{.name},{end}{"\n"}{end})",
     "web-0:main,log,\nweb-1:main,\ndb-0:\n"},
    {"two_side_by_side", "{range .items[:2]}{.metadata.name} {end}{range .items[2:]}<{.metadata.name}>{end}",
     "web-0 web-1 <db-0>"},
    {"filtered", R"({range .items[?(.status.phase=="Running")]}{.metadata.name}{" is Running\n"}{end})",
     "web-0 is Running\ndb-0 is Running\n"},
    {"over_nothing", "{range .nope[*]}{.metadata.name}{end}done", "done"},
    {"nested_over_nothing", "{range .nope[*]}{range .a[*]}{.b}{end}+{end}done", "done"},
    // Without an end the rest is printed once more for the whole object.
    {"never_ended", "{range .items[*]}{.metadata.name} ", "web-0 web-1 db-0  "},
    {"ended_twice", "{range .items[*]}{@.metadata.name}{end}{end}", "fails: not in range, nothing to end"},
    {"end_alone", "{end}", "fails: not in range, nothing to end"},
    {"unknown_word", "{hello}", "fails: unrecognized identifier hello"},
};

const PathCase kRefused[] = {
    {"unclosed", "{.kind", "does not parse: unclosed action"},
    {"line_break_inside", "{.kind\n}", "does not parse: unclosed action"},
    {"unterminated_array", "{.items[0", "does not parse: unterminated array"},
    {"unterminated_quotes", "{\"x}", "does not parse: unterminated quoted string"},
    {"unterminated_filter", "{.items[?(@.a", "does not parse: unterminated filter"},
    {"unclosed_filter", "{.items[?(@.a)", "does not parse: unclosed array expect ]"},
    {"array_index", "{.items[a]}", "does not parse: invalid array index a"},
    {"array_key_in_double_quotes", "{.items[\"a\"]}", "does not parse: invalid array index \"a\""},
    {"array_minus", "{.items[-]}", "does not parse: array index - is not a number"},
    {"character", "{#}", "does not parse: unrecognized character in action: U+0023 '#'"},
    {"number", "{1.2.3}", "does not parse: cannot parse number 1.2.3"},
    {"two_recursions", "{....a}", "does not parse: invalid multiple recursive descent"},
    {"escape", R"({"\q"})", R"(does not parse: unquote string "\q" error invalid syntax)"},
};

const auto kName = [](const auto& tested) { return std::string(tested.param.name); };
INSTANTIATE_TEST_SUITE_P(Fields, Path, testing::ValuesIn(kFields), kName);
INSTANTIATE_TEST_SUITE_P(Slices, Path, testing::ValuesIn(kSlices), kName);
INSTANTIATE_TEST_SUITE_P(Filters, Path, testing::ValuesIn(kFilters), kName);
INSTANTIATE_TEST_SUITE_P(Ranges, Path, testing::ValuesIn(kRanges), kName);
INSTANTIATE_TEST_SUITE_P(Refused, Path, testing::ValuesIn(kRefused), kName);

TEST(PathMissingKeys, AreAProblemIfTheyMustBeThere) {
  EXPECT_EQ(applied("{.nope}", pods(), false), "fails: nope is not found");
  EXPECT_EQ(applied(R"({.items[?(@.metadata.labels.app=="web")].kind})", pods(), false),
            "fails: labels is not found");
  EXPECT_EQ(applied("{range .items[*]}{.metadata.labels.app}{end}", pods(), false),
            "fails: labels is not found");
}

TEST(PathText, HasNoHalfOfAnOutput) {
  const JsonPathOutput output = JsonPath::parse("{.kind}{.items[9]}").path->execute(pods());
  EXPECT_FALSE(output);
  EXPECT_EQ(output.text, "");
}

TEST(PathAsJson, PrintsAListForEachPiece) {
  EXPECT_EQ(JsonPath::parse("{.items[*].metadata.name}").path->execute_as_json(pods()).text,
            "[\n    \"web-0\",\n    \"web-1\",\n    \"db-0\"\n]\n");
}

struct RelaxedCase {
  const char* text;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const RelaxedCase& c) { return os << c.text; }
};

class RelaxedPath : public testing::TestWithParam<RelaxedCase> {};

TEST_P(RelaxedPath, NeedsNeitherBracesNorPoint) {
  EXPECT_EQ(relaxed_jsonpath(GetParam().text).text, GetParam().want);
}

const RelaxedCase kRelaxed[] = {
    {"status.phase", "{.status.phase}"},
    {".status.phase", "{.status.phase}"},
    {"{status.phase}", "{.status.phase}"},
    {"{.status.phase}", "{.status.phase}"},
    {"", ""},
};

INSTANTIATE_TEST_SUITE_P(Commands, RelaxedPath, testing::ValuesIn(kRelaxed));

TEST(RelaxedPathProblem, NamesTheForms) {
  for (const char* text : {"{.a", "a}", "{.a}{.b}", "{}"}) {
    EXPECT_EQ(relaxed_jsonpath(text).problem,
              "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or "
              "'{.name1.name2}'")
        << text;
  }
}

TEST(PathErrors, AreThoseOfKubectl) {
  EXPECT_EQ(jsonpath_parse_error("{.a", "unclosed action"), "error parsing jsonpath {.a, unclosed action");
  EXPECT_EQ(jsonpath_execute_error("{.items[0]}", "array index out of bounds: index 0, length 0",
                                   Json::parse(R"({"kind": "List", "items": []})")),
            "error executing jsonpath \"{.items[0]}\": Error executing template: array index out of bounds: "
            "index 0, "
            "length 0. Printing more information for debugging the template:\n"
            "\ttemplate was:\n\t\t{.items[0]}\n"
            "\tobject given to jsonpath engine was:\n"
            "\t\tmap[string]interface {}{\"items\":[]interface {}{}, \"kind\":\"List\"}\n\n\n");
}

struct ConditionCase {
  const char* name;
  const char* text;
  bool met;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const ConditionCase& c) { return os << c.text; }
};

class Condition : public testing::TestWithParam<ConditionCase> {};

TEST_P(Condition, IsJudgedAsWaitDoes) {
  const JsonPathConditionResult parsed = parse_jsonpath_condition(GetParam().text);
  ASSERT_TRUE(parsed.condition) << parsed.problem;
  const JsonPathCondition::Answer answer = parsed.condition->met_by(pods()["items"][0]);
  EXPECT_EQ(answer.met, GetParam().met);
  EXPECT_EQ(answer.problem, GetParam().problem);
}

const ConditionCase kConditions[] = {
    {"value", "{.status.phase}=Running", true, ""},
    {"other_value", "{.status.phase}=Pending", false, ""},
    {"number", "{.status.restarts}=3", true, ""},
    {"quoted_value", "{.status.phase}=\"Running\"", true, ""},
    {"relaxed", ".status.phase=Running", true, ""},
    {"any_value", "{.status.phase}", true, ""},
    {"not_there_yet", "{.status.podIP}", false, ""},
    {"not_there_yet_with_value", "{.status.podIP}=1", false, ""},
    {"filter", R"({.spec.containers[?(@.name=="log")].name}=log)", true, ""},
    {"several_values", "{.spec.containers[*].name}=main", false,
     "given jsonpath expression matches more than one value"},
    {"object", "{.metadata.labels}=x", false,
     "jsonpath leads to a nested object or list which is not supported"},
    {"any_object", "{.metadata.labels}", true, ""},
};

INSTANTIATE_TEST_SUITE_P(Commands, Condition, testing::ValuesIn(kConditions), kName);

TEST(ConditionProblem, SaysTheForm) {
  EXPECT_EQ(parse_jsonpath_condition("{.a}=1=2").problem,
            "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or "
            "--for=jsonpath='{.status.readyReplicas}'");
  EXPECT_EQ(
      parse_jsonpath_condition("{.a}=").problem,
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3");
  EXPECT_EQ(parse_jsonpath_condition("").problem, "jsonpath expression cannot be empty");
  EXPECT_EQ(parse_jsonpath_condition("{.a[}").problem, "unterminated array");
  EXPECT_TRUE(parse_jsonpath_condition("{a").problem.starts_with("unexpected path string"));
}

RC_GTEST_PROP(PathProperty, AnyTextIsParsedOrRefused, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::element<char>('{', '}', '[', ']', '(', ')', '?', '.', '@', '"', '\'', '\\', '*', ',', ':', '-',
                             '1', 'a', '=', '<', ' '));
  const JsonPathResult parsed = JsonPath::parse(text);
  RC_ASSERT(parsed.path.has_value() == parsed.problem.empty());
  if (parsed.path) {
    const JsonPathOutput output = parsed.path->execute(pods());
    RC_ASSERT(output.problem.empty() || output.text.empty());
  }
}

}  // namespace
}  // namespace scenarios::commands
