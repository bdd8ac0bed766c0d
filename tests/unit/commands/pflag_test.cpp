#include "scenarios/commands/pflag.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <ostream>
#include <string>
#include <vector>

namespace scenarios::commands {
namespace {

using namespace std::chrono_literals;

constexpr std::array<FlagSpec, 9> kModelled = {{
    {"namespace", 'n', FlagType::text},
    {"filename", 'f', FlagType::text_list},
    {"replicas", 0, FlagType::integer},
    {"timeout", 0, FlagType::duration},
    {"wait", 0, FlagType::boolean},
    {"all", 'a', FlagType::boolean},
    {"tty", 't', FlagType::boolean},
    {"cascade", 0, FlagType::text, "background"},
    {"labels", 'l', FlagType::comma_list},
}};
constexpr std::array<FlagSpec, 2> kNotModelled = {{
    {"dry-run", 0, FlagType::text, "unchanged"},
    {"output", 'o', FlagType::text},
}};
constexpr FlagTable kTable{"kubectl scale", kModelled, kNotModelled};

ParsedFlags parse(std::string_view command) {
  const WordsResult words = split_words(command);
  EXPECT_TRUE(words);
  std::vector<Argument> arguments;
  for (const Word& word : words.words) {
    arguments.push_back(Argument::of(word));
  }
  return parse_flags(arguments, kTable);
}

/// "name=value name=value | argument argument", in the order given.
std::string told(const ParsedFlags& flags) {
  std::string text;
  for (const GivenFlag& flag : flags.given) {
    text += std::string(flag.spec->name) + "=" + flag.value + " ";
  }
  text += "|";
  for (const Argument& argument : flags.arguments) {
    text += " " + argument.text();
  }
  return text;
}

struct FlagCase {
  const char* name;
  const char* command;
  const char* want;  // flags, then arguments
  friend std::ostream& operator<<(std::ostream& os, const FlagCase& c) { return os << c.command; }
};

class Flags : public testing::TestWithParam<FlagCase> {};

TEST_P(Flags, AreReadByPflagsGrammar) {
  const ParsedFlags flags = parse(GetParam().command);
  EXPECT_TRUE(flags) << flags.problems[0].text;
  EXPECT_EQ(told(flags), GetParam().want);
}

const FlagCase kFlags[] = {
    {"shorthand_and_word", "-n ns pod", "namespace=ns | pod"},
    {"shorthand_with_value", "-nns pod", "namespace=ns | pod"},
    {"shorthand_with_equals", "-n=ns pod", "namespace=ns | pod"},
    {"shorthand_with_lone_equals", "-n= pod", "namespace== | pod"},
    {"long_and_word", "--namespace ns pod", "namespace=ns | pod"},
    {"long_with_equals", "--namespace=ns pod", "namespace=ns | pod"},
    {"long_with_empty_value", "--namespace= pod", "namespace= | pod"},
    {"value_keeps_later_equals", "--namespace=a=b", "namespace=a=b |"},
    {"value_may_look_like_a_flag", "--namespace --all", "namespace=--all |"},
    {"between_arguments", "a --replicas=3 b -n c d", "replicas=3 namespace=c | a b d"},
    {"bare_boolean_takes_no_word", "--wait false", "wait=true | false"},
    {"boolean_with_value", "--wait=false", "wait=false |"},
    {"boolean_forms", "--wait=T --wait=0", "wait=T wait=0 |"},
    {"cluster_of_booleans", "-at x", "all=true tty=true | x"},
    {"cluster_ends_with_a_value", "-atn ns", "all=true tty=true namespace=ns |"},
    {"cluster_ends_with_its_value", "-atnns", "all=true tty=true namespace=ns |"},
    {"boolean_shorthand_with_value", "-a=false", "all=false |"},
    {"bare_flag_with_optional_value", "--cascade orphan", "cascade=background | orphan"},
    {"optional_value_with_equals", "--cascade=orphan", "cascade=orphan |"},
    {"dashes_end_flags", "a -- --wait -n", "| a --wait -n"},
    {"lone_dash_is_an_argument", "-f - x", "filename=- | x"},
    {"repeated", "-n a -n b", "namespace=a namespace=b |"},
    {"negative_number", "--replicas -1", "replicas=-1 |"},
    {"open_value_is_not_checked", "--replicas=$n", "replicas=${n} |"},
};

INSTANTIATE_TEST_SUITE_P(Commands, Flags, testing::ValuesIn(kFlags),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct ProblemCase {
  const char* name;
  const char* command;
  const char* problem;
  std::size_t offset;
  friend std::ostream& operator<<(std::ostream& os, const ProblemCase& c) { return os << c.command; }
};

class FlagProblems : public testing::TestWithParam<ProblemCase> {};

TEST_P(FlagProblems, AreToldInPflagsWordsWithTheirPlace) {
  const ParsedFlags flags = parse(GetParam().command);
  ASSERT_FALSE(flags);
  EXPECT_EQ(flags.problems[0].text, GetParam().problem);
  EXPECT_EQ(flags.problems[0].offset, GetParam().offset);
}

const ProblemCase kProblems[] = {
    {"unknown", "pod --x", "unknown flag: --x", 4},
    {"unknown_with_value", "pod --x=1", "unknown flag: --x", 4},
    {"underscore", "--dry_run", "unknown flag: --dry_run", 0},
    {"unknown_shorthand", "pod -x", "unknown shorthand flag: 'x' in -x", 5},
    {"unknown_in_a_cluster", "-axt", "unknown shorthand flag: 'x' in -xt", 2},
    {"boolean_shorthand_with_lone_equals", "-a=", "unknown shorthand flag: '=' in -=", 2},
    {"no_value", "pod --namespace", "flag needs an argument: --namespace", 4},
    {"no_value_for_a_shorthand", "pod -n", "flag needs an argument: 'n' in -n", 5},
    {"no_value_in_a_cluster", "-an", "flag needs an argument: 'n' in -n", 2},
    {"not_a_number", "--replicas=abc",
     R"(invalid argument "abc" for "--replicas" flag: strconv.ParseInt: parsing "abc": invalid syntax)", 11},
    {"not_a_number_in_the_next_word", "--replicas 'a c'",
     R"(invalid argument "a c" for "--replicas" flag: strconv.ParseInt: parsing "a c": invalid syntax)", 12},
    {"empty_number", "--replicas=",
     R"(invalid argument "" for "--replicas" flag: strconv.ParseInt: parsing "": invalid syntax)", 11},
    {"number_too_large", "--replicas=9223372036854775808",
     R"(invalid argument "9223372036854775808" for "--replicas" flag: strconv.ParseInt: parsing )"
     R"("9223372036854775808": value out of range)",
     11},
    {"not_a_truth_value", "--wait=maybe",
     R"(invalid argument "maybe" for "--wait" flag: strconv.ParseBool: parsing "maybe": invalid syntax)", 7},
    {"not_a_truth_value_with_shorthand", "-a=no",
     R"(invalid argument "no" for "-a, --all" flag: strconv.ParseBool: parsing "no": invalid syntax)", 3},
    {"not_a_duration", "--timeout=60",
     R"(invalid argument "60" for "--timeout" flag: time: missing unit in duration "60")", 10},
    {"bad_syntax", "--=x", "bad flag syntax: --=x", 0},
    {"three_dashes", "---wait", "bad flag syntax: ---wait", 0},
    {"not_modelled", "pod --dry-run", "kubectl scale --dry-run is not modelled", 4},
    {"not_modelled_with_value", "--output yaml", "kubectl scale --output is not modelled", 0},
    {"not_modelled_shorthand", "-oyaml", "kubectl scale -o is not modelled", 1},
    {"help", "--help", "kubectl scale --help is not modelled", 0},
    {"help_shorthand", "-h", "kubectl scale -h is not modelled", 1},
};

INSTANTIATE_TEST_SUITE_P(Commands, FlagProblems, testing::ValuesIn(kProblems),
                         [](const auto& tested) { return std::string(tested.param.name); });

constexpr const char* kKnown =
    "known here: --namespace, --filename, --replicas, --timeout, --wait, --all, --tty, --cascade, --labels";

TEST(FlagHints, NameTheNearestFlagAndAllKnownOnes) {
  EXPECT_EQ(parse("--replica=3").problems[0].hint, std::string("did you mean --replicas? ") + kKnown);
  EXPECT_EQ(parse("--name-space=x").problems[0].hint, std::string("did you mean --namespace? ") + kKnown);
  EXPECT_EQ(parse("--overwrite").problems[0].hint, kKnown);
  EXPECT_EQ(parse("--dry-run").problems[0].hint, kKnown);
}

TEST(FlagHints, SayHowAValueIsWritten) {
  EXPECT_EQ(parse("--replicas=x").problems[0].hint, "write a whole number: --replicas=3");
  EXPECT_EQ(parse("--timeout=5").problems[0].hint, "write a number and its unit: --timeout=60s");
  EXPECT_EQ(parse("--wait=x").problems[0].hint, "write --wait or --wait=false");
  EXPECT_EQ(parse("-x").problems[0].hint,
            "known here: -n (--namespace), -f (--filename), -a (--all), -t (--tty), -l (--labels)");
  EXPECT_EQ(parse("--namespace").problems[0].hint, "write --namespace=value");
}

TEST(FlagProblemsAll, AreToldTogether) {
  const ParsedFlags flags = parse("--x --replicas=y -z");
  ASSERT_EQ(flags.problems.size(), 3U);
  EXPECT_EQ(flags.problems[2].text, "unknown shorthand flag: 'z' in -z");
}

TEST(FlagProblemsAll, ValueOfAFlagThatIsNotModelledIsNoArgument) {
  EXPECT_TRUE(parse("--output yaml").arguments.empty());
  EXPECT_TRUE(parse("-o yaml").arguments.empty());
}

TEST(FlagValues, AreTyped) {
  const ParsedFlags flags =
      parse("--replicas=0x10 --timeout 1m30s --wait=false -f a -f b,c -l x,y -l 'z' -n one -n two");
  EXPECT_EQ(flags.integer("replicas"), 16);
  EXPECT_EQ(flags.duration("timeout"), 90s);
  EXPECT_FALSE(flags.boolean("wait", true));
  EXPECT_TRUE(flags.boolean("all", true)) << "not given";
  EXPECT_EQ(flags.list("filename"), (std::vector<std::string>{"a", "b,c"}));
  EXPECT_EQ(flags.list("labels"), (std::vector<std::string>{"x", "y", "z"}));
  EXPECT_EQ(flags.text("namespace"), "two") << "the last one counts";
  EXPECT_EQ(flags.text("cascade", "none"), "none");
  EXPECT_FALSE(flags.has("cascade"));
  EXPECT_EQ(flags.integer("timeout-missing"), std::nullopt);
}

TEST(FlagValues, CommasInQuotesDoNotCut) {
  EXPECT_EQ(parse(R"(-l '"a,b",c')").list("labels"), (std::vector<std::string>{"a,b", "c"}));
  EXPECT_TRUE(parse("--labels=").list("labels").empty());
}

TEST(FlagValues, KnowTheirPlaces) {
  const ParsedFlags flags = parse("pod --replicas=3 -n 'my ns' -at");
  EXPECT_EQ(flags.find("replicas")->offset, 4U);
  EXPECT_EQ(flags.find("replicas")->value_offset, 15U);
  EXPECT_EQ(flags.find("namespace")->offset, 18U);
  EXPECT_EQ(flags.find("namespace")->value_offset, 21U);
  EXPECT_EQ(flags.find("tty")->offset, 30U);
  EXPECT_TRUE(parse("--replicas=$n").find("replicas")->open);
  EXPECT_FALSE(parse("--replicas=3").find("replicas")->open);
}

TEST(FlagValues, CountArgumentsBeforeDashes) {
  EXPECT_EQ(parse("a b -- c").arguments_before_dashes, 2U);
  EXPECT_EQ(parse("a b c").arguments_before_dashes, std::nullopt);
}

TEST(FlagErrorOutput, IsWhatKubectlPrints) {
  EXPECT_EQ(flag_error_output(parse("--x").problems[0], kTable),
            "error: unknown flag: --x\nSee 'kubectl scale --help' for usage.\n");
}

struct IntegerCase {
  const char* text;
  std::optional<std::int64_t> want;
  friend std::ostream& operator<<(std::ostream& os, const IntegerCase& c) { return os << c.text; }
};

class GoInteger : public testing::TestWithParam<IntegerCase> {};

TEST_P(GoInteger, IsReadWithItsPrefix) {
  std::string problem;
  EXPECT_EQ(parse_go_integer(GetParam().text, problem), GetParam().want);
  EXPECT_EQ(problem.empty(), GetParam().want.has_value());
}

const IntegerCase kIntegers[] = {
    {"3", 3},
    {"-3", -3},
    {"+3", 3},
    {"0x10", 16},
    {"010", 8},
    {"0b11", 3},
    {"0o7", 7},
    {"1_000", 1000},
    {"0x_1", 1},
    {"0_7", 7},
    {"_1", std::nullopt},
    {"1_", std::nullopt},
    {"1__0", std::nullopt},
    {"0x", std::nullopt},
    {"", std::nullopt},
    {"-", std::nullopt},
    {"08", std::nullopt},
    {"3.5", std::nullopt},
    {"1e3", std::nullopt},
    {" 3", std::nullopt},
    {"9223372036854775807", 9223372036854775807},
    {"9223372036854775808", std::nullopt},
    {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
    {"99999999999999999999999", std::nullopt},
};

INSTANTIATE_TEST_SUITE_P(Commands, GoInteger, testing::ValuesIn(kIntegers));

}  // namespace
}  // namespace scenarios::commands
