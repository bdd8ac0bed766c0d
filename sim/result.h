#pragma once
// The result record: all that a run showed, in words. Every report is a function of it alone.
// The JSON form is described in docs/result-record.md.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/choices.h"
#include "sim/history.h"
#include "sim/time.h"

namespace sim {

/// The version of the record's form. Readers refuse records of a later major version.
inline constexpr int kResultSchemaMajor = 1;
inline constexpr int kResultSchemaMinor = 0;

/// A transition in words.
struct ToldTransition {
  Time at{};
  std::string subject;  ///< kind and name: "pod default/web-1"
  std::string change;   ///< "Running -> Terminating (grace 30s)"
  std::string writer;
  TransitionId cause = kNoTransition;
  std::vector<TransitionId> further_causes;
  friend bool operator==(const ToldTransition&, const ToldTransition&) = default;
};

enum class StepOutcome : std::uint8_t { NotStarted, Running, Succeeded, Failed, TimedOut, Skipped };
std::string_view to_text(StepOutcome outcome);

/// One command of a step.
struct CommandRecord {
  std::string
      command;  ///< as written, `name=$(…)` where its output is captured; "wait 5m" for a step that waits
  bool captured = false;
  std::optional<Time> started;
  std::optional<Time> finished;
  int exit_code = 0;
  std::string output;  ///< standard output
  std::string errors;  ///< standard error
  friend bool operator==(const CommandRecord&, const CommandRecord&) = default;
};

/// One step of the plan.
struct StepRecord {
  std::string name;
  std::vector<CommandRecord> commands;
  std::string place;  ///< file:line of the command
  std::vector<std::string> needs;
  std::optional<Time> started;
  std::optional<Time> finished;
  StepOutcome outcome = StepOutcome::NotStarted;
  int exit_code = 0;
  bool critical = false;  ///< on the critical path: a delay here delays the end
  Duration slack{};       ///< how much later it could have ended

  [[nodiscard]] std::string output() const;  ///< what its commands printed, without what was captured
  [[nodiscard]] std::string errors() const;  ///< what they printed on standard error
  friend bool operator==(const StepRecord&, const StepRecord&) = default;
};

enum class Verdict : std::uint8_t { Held, Violated, NotReached, NotApplicable };
std::string_view to_text(Verdict verdict);

/// One link of a chain of causes: because …
struct Because {
  Time at{};
  std::string text;
  std::string place;  ///< file:line where a step is the cause; else empty
  friend bool operator==(const Because&, const Because&) = default;
};

/// How one check ended.
struct Finding {
  std::string check;
  std::string parameters;  ///< as text; empty where it has none
  bool asked_for = false;  ///< by the scenario; else a built-in invariant
  Verdict verdict = Verdict::NotApplicable;
  std::string summary;  ///< what is wrong, or what was measured
  std::optional<Time> at;
  std::string place;
  std::vector<Because> because;
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A rule or a duration that the verdict rests on.
struct Basis {
  std::string what;
  std::string kind;  ///< source, measured, fitted, assumed, or stated (by the scenario)
  std::string text;
  friend bool operator==(const Basis&, const Basis&) = default;
};

/// What the scenario expected of the run.
struct Expectation {
  std::string text;
  bool met = false;
  std::string detail;
  std::string place;
  friend bool operator==(const Expectation&, const Expectation&) = default;
};

struct ResultRecord {
  std::string tool_version;
  std::string scenario;       ///< title
  std::string file;           ///< as given on the command line
  std::string scenario_hash;  ///< of everything that was read, hexadecimal
  std::string source;
  std::uint64_t seed = 0;
  std::string repeat;  ///< the command that repeats the run
  Time ended_at{};
  std::uint64_t events = 0;
  bool passed = false;       ///< every check held and every expectation was met
  bool as_expected = false;  ///< every expectation was met; without expectations, every check held
  std::vector<StepRecord> steps;
  std::vector<ToldTransition> transitions;
  std::vector<Finding> findings;
  std::vector<Expectation> expectations;
  std::vector<Basis> basis;
  std::vector<std::string> warnings;
  std::vector<Choice> choices;
  friend bool operator==(const ResultRecord&, const ResultRecord&) = default;
};

/// The record as JSON, keys in a fixed order.
nlohmann::ordered_json to_json(const ResultRecord& record);
/// Reads a record back. @return nullopt, and in `problem` why: not a record, or of a later version.
std::optional<ResultRecord> result_from_json(const nlohmann::ordered_json& json, std::string& problem);

/// A list of choices as JSON, and back.
nlohmann::ordered_json choices_to_json(const std::vector<Choice>& choices);
std::optional<std::vector<Choice>> choices_from_json(const nlohmann::ordered_json& json,
                                                     std::string& problem);

}  // namespace sim
