#include "scenarios/commands/words.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace scenarios::commands {
namespace {

using Texts = std::vector<std::string>;

/// The words of a command with references still as `${name}`.
Texts texts(std::string_view command) {
  Texts result;
  for (const Word& word : split_words(command).words) {
    result.push_back(Argument::of(word).text());
  }
  return result;
}

struct WordsCase {
  const char* name;
  const char* command;
  Texts want;
  friend std::ostream& operator<<(std::ostream& os, const WordsCase& c) { return os << c.command; }
};

class Words : public testing::TestWithParam<WordsCase> {};

TEST_P(Words, AreThoseOfAShell) {
  EXPECT_TRUE(split_words(GetParam().command)) << split_words(GetParam().command).problems[0].text;
  EXPECT_EQ(texts(GetParam().command), GetParam().want);
}

const WordsCase kWords[] = {
    {"plain", "kubectl get pods", {"kubectl", "get", "pods"}},
    {"blanks_around", "  kubectl\t get  \n", {"kubectl", "get"}},
    {"nothing", "", {}},
    {"only_blanks", " \n ", {}},
    {"single_quotes",
     R"(kubectl patch -p '{"spec":{"size":3}}')",
     {"kubectl", "patch", "-p", R"({"spec":{"size":3}})"}},
    {"double_quotes",
     R"(flux resource drain 2 "I am a bad person")",
     {"flux", "resource", "drain", "2", "I am a bad person"}},
    {"empty_word", "a '' \"\"", {"a", "", ""}},
    {"quotes_touch", R"(a'b c'"d e"f)", {"ab cd ef"}},
    {"backslash", R"(a\ b \'c\\)", {"a b", "'c\\"}},
    {"backslash_in_double_quotes", R"("a\"b\\c\$d\n")", {R"(a"b\c$d\n)"}},
    {"backslash_in_single_quotes", R"('a\b')", {R"(a\b)"}},
    {"line_goes_on", "kubectl \\\n  get\\\n pods", {"kubectl", "get", "pods"}},
    {"comment", "kubectl get pods # the table", {"kubectl", "get", "pods"}},
    {"comment_only_at_a_word", "a#b #c", {"a#b"}},
    {"hostlist",
     "flux resource drain flux-sample-[0-1,3]",
     {"flux", "resource", "drain", "flux-sample-[0-1,3]"}},
    {"jsonpath_unquoted",
     "-o jsonpath={.items[0].metadata.name}",
     {"-o", "jsonpath={.items[0].metadata.name}"}},
    {"jsonpath_with_dots", "-o jsonpath={..name} {.a..b}", {"-o", "jsonpath={..name}", "{.a..b}"}},
    {"json_without_quotes_loses_them", R"({"a":3})", {"{a:3}"}},
    {"assignment_after_the_program", "make A=1", {"make", "A=1"}},
    {"tilde_inside", "a~b", {"a~b"}},
    {"exclamation_inside", "get -l !a", {"get", "-l", "!a"}},
    {"lone_dollar", "a$ $", {"a$", "$"}},
    {"quoted_operators", R"('a|b;c' "<>&()*?")", {"a|b;c", "<>&()*?"}},
    {"reference", "delete pod $pod", {"delete", "pod", "${pod}"}},
    {"braced_reference", "pod/${pod}-x", {"pod/${pod}-x"}},
    {"reference_in_double_quotes", R"("pod $pod")", {"pod ${pod}"}},
    {"no_reference_in_single_quotes", "'$pod'", {"$pod"}},
    {"what_stands_for_a_secret", "--token=**redacted** x", {"--token=**redacted**", "x"}},
};

INSTANTIATE_TEST_SUITE_P(Commands, Words, testing::ValuesIn(kWords),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct RefusedCase {
  const char* name;
  const char* command;
  const char* problem;
  const char* hint;
  std::size_t offset;
  friend std::ostream& operator<<(std::ostream& os, const RefusedCase& c) { return os << c.command; }
};

class NeedsAShell : public testing::TestWithParam<RefusedCase> {};

TEST_P(NeedsAShell, IsRefusedWithItsPlace) {
  const WordsResult result = split_words(GetParam().command);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].text, GetParam().problem);
  EXPECT_EQ(result.problems[0].hint, GetParam().hint);
  EXPECT_EQ(result.problems[0].offset, GetParam().offset);
  EXPECT_TRUE(result.words.empty());
}

constexpr const char* kQuoteIt = "put it into single quotes if the program is to see it";
constexpr const char* kStep = "make it a step of its own";
constexpr const char* kCapture = "capture output with let: and write $name";

const RefusedCase kRefused[] = {
    {"pipe", "get pods | wc", "a pipe needs a shell", "a step runs one program", 9},
    {"or", "a || b", "\"||\" needs a shell", "make it a step of its own with on_error: continue before it",
     2},
    {"list", "a; b", "\";\" needs a shell", kStep, 1},
    {"and", "a && b", "\"&&\" needs a shell", kStep, 2},
    {"background", "a &", "\"&\" needs a shell", "steps that do not need each other run side by side", 2},
    {"output", "a > b", "a redirection needs a shell", "capture output with let:", 2},
    {"input", "a <b", "a redirection needs a shell", "capture output with let:", 2},
    {"errors", "a 2>b", "a redirection needs a shell", "capture output with let:", 3},
    {"substitution", "a $(b)", "a command substitution needs a shell", kCapture, 2},
    {"quoted_substitution", "a \"x$(b)\"", "a command substitution needs a shell", kCapture, 4},
    {"backquotes", "a `b`", "a command substitution needs a shell", kCapture, 2},
    {"quoted_backquotes", "\"`b`\"", "a command substitution needs a shell", kCapture, 1},
    {"star", "a b*", "the pattern character \"*\" needs a shell", kQuoteIt, 3},
    {"question_mark", "a b?", "the pattern character \"?\" needs a shell", kQuoteIt, 3},
    {"subshell", "(a)", "\"(\" needs a shell", kQuoteIt, 0},
    {"closing_parenthesis", "a)", "\")\" needs a shell", kQuoteIt, 1},
    {"brace_list", "a {b,c}", "a brace expansion needs a shell", kQuoteIt, 2},
    {"brace_range", "a x{1..3}y", "a brace expansion needs a shell", kQuoteIt, 3},
    {"brace_range_of_letters", "{a..e}", "a brace expansion needs a shell", kQuoteIt, 0},
    {"home", "a ~/b", "\"~\" needs a shell", "write the folder out", 2},
    {"assignment", "A=1 b", "setting an environment variable needs a shell", "begin with the program's name",
     0},
    {"not", "! a", "\"!\" needs a shell", "say what the step should leave behind with then:", 0},
    {"special_parameter", "a $1", "the special parameter \"$1\" needs a shell", kQuoteIt, 2},
    {"exit_code", "a $?", "the special parameter \"$?\" needs a shell", kQuoteIt, 2},
    {"dollar_quotes", "a $'b'", "\"$'\" needs a shell", "write the characters themselves", 2},
    {"default_value", "a ${b:-c}", "\"${\" is not followed by a name and \"}\"",
     "write ${name}, or single quotes around the text", 2},
    {"unclosed_reference", "a ${b", "\"${\" is not followed by a name and \"}\"",
     "write ${name}, or single quotes around the text", 2},
    {"unclosed_single_quote", "a 'b", "the single quote that opens here is never closed",
     "add a ' at the end of the word", 2},
    {"unclosed_double_quote", "a \"b", "the double quote that opens here is never closed",
     "add a \" at the end of the word", 2},
    {"backslash_at_the_end", "a \\", "nothing follows the backslash", "write '\\' for the character itself",
     2},
    {"second_line", "a b\nc", "a second command on a new line",
     "a step runs one command: end the line with \\ to go on, or add a step", 4},
};

INSTANTIATE_TEST_SUITE_P(Commands, NeedsAShell, testing::ValuesIn(kRefused),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(WordPlaces, CountBytesOfTheCommandQuotesIncluded) {
  const std::string command = R"(get 'p q'  "x\"y"z)";
  const WordsResult result = split_words(command);
  ASSERT_EQ(result.words.size(), 3U);
  EXPECT_EQ(result.words[1].begin, 4U);
  EXPECT_EQ(result.words[1].end, 9U);
  const Argument last = Argument::of(result.words[2]);
  ASSERT_EQ(last.text(), "x\"yz");
  EXPECT_EQ(last.origin(0), command.find('x'));
  EXPECT_EQ(last.origin(2), command.find('y'));
  EXPECT_EQ(last.origin(3), command.find('z'));
  EXPECT_EQ(last.origin(4), command.size());
}

TEST(References, TakeTheirValueAsOneWord) {
  const WordsResult result = split_words("delete pod/$pod --reason=\"gone: ${why}\"");
  ASSERT_EQ(result.words.size(), 3U);
  EXPECT_FALSE(result.words[0].has_references());
  EXPECT_TRUE(result.words[1].has_references());
  const auto value_of = [](std::string_view name) {
    return name == "pod" ? std::optional<std::string>("a b") : std::nullopt;
  };
  const Argument pod = Argument::of(result.words[1], value_of);
  EXPECT_EQ(pod.text(), "pod/a b");
  EXPECT_FALSE(pod.open_from(0));
  EXPECT_EQ(pod.origin(5), 11U) << "every byte of a value stands where its reference does";
  const Argument reason = Argument::of(result.words[2], value_of);
  EXPECT_EQ(reason.text(), "--reason=gone: ${why}");
  EXPECT_TRUE(reason.open_from(0));
  EXPECT_EQ(reason.from(9).text(), "gone: ${why}");
  EXPECT_TRUE(reason.from(9).open_from(0));
}

RC_GTEST_PROP(WordsProperty, QuotedWordsAreSplitBackIntoThemselves, (std::vector<std::string> words)) {
  std::string command = "program";
  Texts want = {"program"};
  for (const std::string& word : words) {
    command += " " + quote_word(word);
    want.push_back(word);
  }
  RC_ASSERT(texts(command) == want);
}

RC_GTEST_PROP(WordsProperty, ShellLikeTextIsEitherSplitOrRefusedWithAPlaceInside, ()) {
  const auto command = *rc::gen::container<std::string>(rc::gen::element<char>(
      'a', 'b', ' ', '\'', '"', '\\', '$', '{', '}', '(', ',', '.', '#', '\n', '|', '[', '='));
  const WordsResult result = split_words(command);
  for (const CommandProblem& problem : result.problems) {
    RC_ASSERT(problem.offset < command.size());
  }
  std::size_t end = 0;
  for (const Word& word : result.words) {
    RC_ASSERT(word.begin >= end);
    RC_ASSERT(word.end <= command.size());
    RC_ASSERT(word.begin < word.end);
    end = word.end;
  }
}

TEST(QuoteWord, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(quote_word("--replicas=3"), "--replicas=3");
  EXPECT_EQ(quote_word("A=1"), "'A=1'") << "it would be an assignment";
  EXPECT_EQ(quote_word("flux-sample-[0-1,3]"), "flux-sample-[0-1,3]");
  EXPECT_EQ(quote_word("it's"), "'it'\\''s'");
  EXPECT_EQ(quote_word(""), "''");
  EXPECT_EQ(quote_word("a b"), "'a b'");
}

}  // namespace
}  // namespace scenarios::commands
