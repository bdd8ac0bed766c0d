#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/go_text.h"

namespace scenarios::commands {

struct JsonPathNode;

/// What a template gave, or why it gave nothing.
struct JsonPathOutput {
  std::string text;     ///< empty with a problem: kubectl prints all or nothing
  std::string problem;  ///< upstream's words, without a program's prefix; empty if all is well
  explicit operator bool() const { return problem.empty(); }
};

/// The values that each piece of a template found.
struct JsonPathFindings {
  std::vector<std::vector<Json>> groups;
  std::string problem;
};

struct JsonPathResult;

/// A template in kubectl's dialect of JSONPath: text with expressions in braces.
///
/// Fields `.a`, `['a']`, `.a\.b`; indexes and slices `[0]`, `[-1]`, `[1:3:2]`, `[*]`; `.*`, `..`; filters
/// `[?(@.x=="y")]` with == != < > <= >= or mere existence; unions `['a','b']`, `[0,2]`;
/// `{range …}…{end}`; quoted text `{"\n"}`. Where Go visits the keys of an object in random order, here they
/// are visited in the order of their bytes. Source: client-go util/jsonpath (parser.go, jsonpath.go).
class JsonPath {
 public:
  static JsonPathResult parse(std::string_view text);

  /// Applies the template. With `allow_missing_keys` a field that is not there is empty, as `kubectl get` has
  /// it.
  [[nodiscard]] JsonPathOutput execute(const Json& object, bool allow_missing_keys = true) const;

  /// The same as a JSON array of all values (`-o jsonpath-as-json`), one array for each piece of the
  /// template.
  [[nodiscard]] JsonPathOutput execute_as_json(const Json& object, bool allow_missing_keys = true) const;

  /// The values themselves, for `kubectl wait --for=jsonpath=`.
  [[nodiscard]] JsonPathFindings find(const Json& object, bool allow_missing_keys = true) const;

 private:
  friend struct JsonPathResult;
  std::shared_ptr<const std::vector<JsonPathNode>> nodes_;
};

struct JsonPathResult {
  std::optional<JsonPath> path;
  std::string problem;  ///< upstream's words if there is none: "unclosed action"
};

/// `{.a.b}` of `a.b`, `.a.b`, `{a.b}` or `{.a.b}`: the forms that `wait --for=jsonpath` and `--sort-by` take.
/// Source: kubectl pkg/cmd/get/customcolumn.go, RelaxedJSONPathExpression.
struct RelaxedJsonPath {
  std::string text;
  std::string problem;
};
RelaxedJsonPath relaxed_jsonpath(std::string_view text);

/// What kubectl prints after "error: " for a template that does not parse.
/// Source: cli-runtime pkg/genericclioptions/jsonpath_flags.go.
std::string jsonpath_parse_error(std::string_view text, std::string_view problem);

/// What kubectl prints after "error: " for one that failed on `object`, which it shows in full.
/// Source: cli-runtime pkg/printers/jsonpath.go.
std::string jsonpath_execute_error(std::string_view text, std::string_view problem, const Json& object);

/// `kubectl wait --for=jsonpath=…`: a value is waited for, or any value at all.
struct JsonPathCondition {
  JsonPath path;
  std::optional<std::string> value;  ///< nothing: any value will do

  struct Answer {
    bool met = false;
    std::string problem;  ///< ends the wait with an error; empty if all is well
  };
  /// Source: kubectl pkg/cmd/wait/json.go, checkCondition.
  [[nodiscard]] Answer met_by(const Json& object) const;
};

struct JsonPathConditionResult {
  std::optional<JsonPathCondition> condition;
  std::string problem;
};

/// Reads what follows `--for=jsonpath=`: `'{.status.readyReplicas}'=3` or `.status.podIP`.
/// Source: kubectl pkg/cmd/wait/wait.go, processJSONPathInput.
JsonPathConditionResult parse_jsonpath_condition(std::string_view text);

}  // namespace scenarios::commands
