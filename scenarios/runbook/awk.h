#pragma once
// The part of awk that runbooks use to pick columns.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/runbook/pattern.h"

namespace scenarios::runbook {

inline constexpr std::string_view kAwkGrammar =
    "taken here: [CONDITION] {print [$N, \"text\", NR, NF, $NF, $0 …]}, where CONDITION joins with && or || "
    "comparisons such as NR>1, /text/, !/text/, $2==\"Ready\", $2 ~ /text/";

class AwkProgram {
 public:
  /// Reads one rule. `separator`: one character between fields; empty: runs of blanks.
  /// @return nothing, with what is wrong and where in the text.
  static std::optional<AwkProgram> compile(std::string_view text, const std::string& separator,
                                           std::string& problem, std::size_t& at);
  /// What the program prints for `input`.
  [[nodiscard]] std::string run(std::string_view input) const;

 private:
  friend class AwkReader;
  struct Value {
    enum class Kind : std::uint8_t { Field, LastField, Record, LineNumber, FieldCount, Text, Number };
    Kind kind = Kind::Text;
    std::size_t field = 0;
    std::string text;
    double number = 0;
  };
  struct Test {
    enum class Operator : std::uint8_t {
      Matches,
      MatchesNot,
      Equal,
      NotEqual,
      Less,
      LessEqual,
      Greater,
      GreaterEqual
    };
    Value left;
    Operator op = Operator::Matches;
    Value right;
    std::optional<Pattern> pattern;
  };
  struct Item {
    bool separated = false;  // a comma stands before it: a blank is printed
    Value value;
  };
  struct Record;

  [[nodiscard]] bool holds(const Test& test, const Record& record) const;
  static std::string text_of(const Value& value, const Record& record);

  std::string separator_;
  std::vector<std::vector<Test>> any_of_;  // alternatives, each of tests that must all hold; empty: always
  std::vector<Item> prints_;               // empty: the whole line
};

}  // namespace scenarios::runbook
