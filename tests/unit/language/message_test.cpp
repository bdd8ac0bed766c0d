#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scenarios/language/load.h"

// What the author of a file reads when a single value is wrong. Each row is the part of a scenario from line
// 3 on.

namespace scenarios::language {
namespace {

struct MessageCase {
  const char* name;
  const char* yaml;
  const char*
      want;  // "line:column: severity: field: problem | hint"; rows of several lines: several messages
  friend std::ostream& operator<<(std::ostream& os, const MessageCase& c) { return os << c.name; }
};

std::string shown(const Diagnostic& diagnostic) {
  std::string hint = diagnostic.hint;
  const std::size_t known = hint.find("known here: ");
  // Lists of all keys of a table are not repeated here; the reference page has them.
  if (known != std::string::npos && hint.size() - known > 60)
    hint = hint.substr(0, known) + "known here: ...";
  return std::to_string(diagnostic.at.line) + ":" + std::to_string(diagnostic.at.column) + ": " +
         (diagnostic.severity == Severity::error ? "error: " : "warning: ") + diagnostic.field + ": " +
         diagnostic.problem + (hint.empty() ? "" : " | " + hint) + "\n";
}

constexpr const char* distribution_hint =
    "write 4s, {fixed: 4s}, {uniform: [2s, 5s]}, {p50: 20s, p95: 45s} or {empirical: [1s, 2s, 4s]}";

const MessageCase messages[] = {
    // Keys
    {"unknown_key", "sed: 3\n", "3:1: error: sed: unknown key sed | did you mean seed? known here: ...\n"},
    {"unknown_nested_key", "cluster: {statefulsets: {a: {replcas: 3}}}\n",
     "3:30: error: cluster.statefulsets.a.replcas: unknown key replcas | did you mean replicas? known here: "
     "...\n"},
    {"kubernetes_name_with_unit", "cluster: {jobs: {a: {activeDeadlineSeconds: 3}}}\n",
     "3:22: error: cluster.jobs.a.activeDeadlineSeconds: unknown key activeDeadlineSeconds | did you mean "
     "activeDeadline? known here: ...\n"},
    {"duplicate_key", "seed: 3\nseed: 4\n",
     "4:1: error: seed: the key seed is given twice, first in line 3 | keep one of them\n"},
    {"missing_key", "plan: [{run: a}]\n",
     "3:8: error: plan[0]: the key step is missing | Its name, which no other step has.\n"},
    {"all_at_once", "seed: x\nuntil: 3\n",
     "3:7: error: seed: \"x\" is not a whole number | write a whole number from 0 to 2147483647\n"
     "4:8: error: until: 3 has no unit | write 3s\n"},
    // Shapes
    {"text_for_mapping", "cluster: here\n",
     "3:10: error: cluster: \"here\" stands where a mapping is expected | known here: ...\n"},
    {"mapping_for_list", "plan: {step: a}\n",
     "3:7: error: plan: a mapping stands where a list is expected | a list is written [a, b], or with a dash "
     "a line\n"},
    {"nothing_for_list", "plan:\n",
     "3:1: error: plan: nothing stands where a list is expected | a list is written [a, b], or with a dash a "
     "line\n"},
    {"list_for_text", "source: [a]\n", "3:9: error: source: a list stands where text is expected\n"},
    {"list_for_value", "seed: [1]\n",
     "3:7: error: seed: a list stands where a value is expected | expected: integer\n"},
    {"list_for_map", "behaviour: [a]\n",
     "3:12: error: behaviour: a list stands where a mapping is expected | a mapping is written {name: "
     "value}, or name: value a line\n"},
    {"empty_text", "source: \"\"\n", "3:9: error: source: the text is empty\n"},
    {"empty_condition", "plan: [{step: a, run: b, then: {}}]\n",
     "3:32: error: plan[0].then: the condition is empty\n"},
    {"empty_expectation", "expect: {}\n",
     "3:9: error: expect: the expectation is empty | write expect: {holds: all}\n"},
    // Values
    {"unitless_duration", "until: 90\n", "3:8: error: until: 90 has no unit | write 90s\n"},
    {"fractional_seconds_for_kubernetes", "cluster: {jobs: {a: {activeDeadline: 1500ms}}}\n",
     "3:38: error: cluster.jobs.a.activeDeadline: 1500ms is not a whole number of seconds | Kubernetes keeps "
     "it in seconds\n"},
    {"out_of_range", "cluster: {miniclusters: {a: {size: 0}}}\n",
     "3:36: error: cluster.miniclusters.a.size: 0 is out of range | write a whole number from 1 to 100000\n"},
    {"impossible_size", "cluster: {miniclusters: {a: {size: 99999999999999999999}}}\n",
     "3:36: error: cluster.miniclusters.a.size: 99999999999999999999 is out of range | write a whole number "
     "from 1 to 100000\n"},
    {"negative_replicas", "cluster: {statefulsets: {a: {replicas: -1}}}\n",
     "3:40: error: cluster.statefulsets.a.replicas: -1 is out of range | write a whole number from 0 to "
     "2147483647\n"},
    {"yes_for_true", "cluster: {miniclusters: {a: {cleanup: yes}}}\n",
     "3:39: error: cluster.miniclusters.a.cleanup: \"yes\" is neither true nor false | write true or false, "
     "without quotes\n"},
    {"quoted_true", "cluster: {miniclusters: {a: {cleanup: \"true\"}}}\n",
     "3:39: error: cluster.miniclusters.a.cleanup: \"true\" is neither true nor false | write true or false, "
     "without quotes\n"},
    {"word_of_a_list", "cluster: {statefulsets: {a: {podManagementPolicy: ordered}}}\n",
     "3:51: error: cluster.statefulsets.a.podManagementPolicy: \"ordered\" is not known here | did you mean "
     "OrderedReady? known here: OrderedReady, Parallel\n"},
    {"version_without_patch", "cluster: {kubernetes: {version: 1.28}}\n",
     "3:33: error: cluster.kubernetes.version: 1.28 does not say which patch release | write \"1.28.0\", or "
     "the patch release that you run\n"},
    {"quantity", "cluster: {nodes: {a: {cpu: 4, memory: 32GB}}}\n",
     "3:39: error: cluster.nodes.a.memory: GB in 32GB is not a suffix of quantities | known suffixes: n, u, "
     "m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei\n"},
    {"hostlist_key", "cluster: {nodes: {\"a[\": {cpu: 4, memory: 32Gi}}}\n",
     "3:19: error: cluster.nodes.a[: the brackets in a[ do not match | write names as worker-[0-9,12], "
     "a[01-10] or a-1,b-2\n"},
    {"percentage", "cluster: {statefulsets: {a: {maxUnavailable: 130%}}}\n",
     "3:46: error: cluster.statefulsets.a.maxUnavailable: 130 is out of range | write a whole number from 1 "
     "to 100\n"},
    {"index_set", "behaviour: {a: {indexes: {x: {exit: 1}}}}\n",
     "3:27: error: behaviour.a.indexes.x: \"x\" is not a set of indexes | write 2, 0-3 or 0-1,5\n"},
    {"attempt_zero", "behaviour: {a: {attempts: {\"0\": {exit: 1}}}}\n",
     "3:28: error: behaviour.a.attempts.0: 0 is below 1 | attempts count from 1: the first pod of an index "
     "is attempt 1\n"},
    {"date", "date: 2024-02-30T00:00:00Z\n",
     "3:7: error: date: 2024-02-30T00:00:00Z is not a date | write it in UTC, as 2024-01-09T19:50:00Z\n"},
    {"regular_expression", "plan: [{step: a, run: b, then: {prints: '/(/'}}]\n",
     "3:41: error: plan[0].then.prints: /(/ is not a regular expression | the syntax is that of "
     "ECMAScript\n"},
    // Distributions
    {"unitless_distribution", "behaviour: {a: {start: 4}}\n",
     "3:24: error: behaviour.a.start: 4 has no unit | write 4s\n"},
    {"percentile_missing", "behaviour: {a: {start: {p50: 4s}}}\n",
     "3:24: error: behaviour.a.start: p95 is missing | write 4s, "},
    {"percentiles_reversed", "behaviour: {a: {start: {p50: 4s, p95: 2s}}}\n",
     "3:24: error: behaviour.a.start: "},
    {"uniform_of_one", "behaviour: {a: {start: {uniform: [4s]}}}\n",
     "3:34: error: behaviour.a.start.uniform: uniform takes two durations, not 1 | write {uniform: [2s, "
     "5s]}\n"},
    {"unknown_distribution", "behaviour: {a: {start: {normal: 4s}}}\n",
     "3:25: error: behaviour.a.start.normal: unknown key normal | known here: fixed, uniform, p50, p95, "
     "empirical\n"},
    {"two_distributions", "behaviour: {a: {start: {fixed: 4s, p50: 3s}}}\n",
     "3:24: error: behaviour.a.start: a distribution is given in more than one way | write 4s, "},
    {"empty_samples", "behaviour: {a: {start: {empirical: []}}}\n", "3:24: error: behaviour.a.start: "},
    // Rules over several fields
    {"run_and_wait", "plan: [{step: a, run: b, wait: 3s}]\n",
     "3:8: error: plan[0]: the step has both run and wait | a step runs commands, waits for a time or edits "
     "a file\n"},
    {"neither_run_nor_wait", "plan: [{step: a}]\n",
     "3:8: error: plan[0]: the step has neither run nor wait | a step runs commands, waits for a time or "
     "edits a file\n"},
    {"fault_without_kind", "faults: [{at: 3s}]\n",
     "3:10: error: faults[0]: the entry does not say what goes wrong | one fault an entry, such as {at: 60s, "
     "delete_pod: ingest-0}\n"},
    {"two_faults", "faults: [{at: 3s, delete_pod: a-0, node_dies: b}]\n",
     "3:10: error: faults[0]: the entry holds more than one fault | one fault an entry, such as {at: 60s, "
     "delete_pod: ingest-0}\n"},
    {"fault_without_unit", "faults: [{at: 60, delete_pod: a-0}]\n",
     "3:15: error: faults[0].at: 60 has no unit | write 60s\n"},
    {"size_above_max", "cluster: {miniclusters: {a: {size: 4, maxSize: 3}}}\n",
     "3:29: error: cluster.miniclusters.a: size is larger than maxSize | the operator refuses such a "
     "MiniCluster\n"},
    {"size_below_min", "cluster: {miniclusters: {a: {size: 4, minSize: 5}}}\n",
     "3:29: error: cluster.miniclusters.a: minSize is larger than size | the operator refuses such a "
     "MiniCluster\n"},
    {"two_names_of_one_switch",
     "cluster: {miniclusters: {a: {restartWorkers: false, suspendWorkers: true}}}\n",
     "3:29: error: cluster.miniclusters.a: restartWorkers and suspendWorkers are both given | they are two "
     "names of one switch: keep one\n"},
    {"failure_rule_without_match", "cluster: {jobs: {a: {podFailurePolicy: {rules: [{action: Count}]}}}}\n",
     "3:49: error: cluster.jobs.a.podFailurePolicy.rules[0]: a rule needs either onExitCodes or "
     "onPodConditions\n"},
    {"success_rule_without_match", "cluster: {jobs: {a: {successPolicy: {rules: [{}]}}}}\n",
     "3:46: error: cluster.jobs.a.successPolicy.rules[0]: a rule needs succeededIndexes or succeededCount\n"},
    {"file_without_content", "files: {a.yaml: {}}\n",
     "3:17: error: files.a.yaml: a file needs either content or path\n"},
    {"waiting_without_stall", "expect: {waiting_on: a-0}\n",
     "3:9: error: expect: waiting_on is given without stalls | name the step that stalls\n"},
    {"causes_without_a_finding", "expect: {because_of: a}\n",
     "3:9: error: expect: because_of is given without violates | name the check that finds the step\n"},
    {"profile_twice", "profile: kind\ncluster: {kubernetes: {profile: kind}}\n",
     "3:10: error: profile: the profile is given twice, here and in cluster.kubernetes.profile | keep one of "
     "them\n"},
    {"check_of_two", "checks: [{a: 1, b: 2}]\n",
     "3:10: error: checks[0]: a mapping stands where a check is expected | write - name, or - name: "
     "{parameter: value}\n"},
    // Warnings
    {"tiny_cpu", "cluster: {nodes: {a: {cpu: 0.01, memory: 32Gi}}}\n",
     "3:28: warning: cluster.nodes.a.cpu: 0.01 is 10 thousandths of one core: is that meant? | a whole core "
     "is 1, half a core 500m\n"},
    {"tiny_memory", "cluster: {nodes: {a: {cpu: 1, memory: 32}}}\n",
     "3:39: warning: cluster.nodes.a.memory: 32 is 32 bytes: is that meant? | m is a thousandth; a mebibyte "
     "is 1Mi, a gibibyte 1Gi\n"},
    {"no_time", "plan: [{step: a, run: kubectl get pods, timeout: 0s}]\n",
     "3:50: warning: plan[0].timeout: 0s leaves no time at all: is that meant? | leave the key out to get "
     "the default\n"},
    {"no_time_to_start", "cluster: {statefulsets: {a: {}}}\nbehaviour: {a: {start: 0s}}\n",
     "4:24: warning: behaviour.a.start: 0s takes no time at all: is that meant? | leave the key out to get "
     "what the profile says\n"},
    {"zero_that_makes_sense",
     "cluster: {statefulsets: {a: {}}}\nbehaviour: {a: {stop: 0s}}\nplan: [{step: a, run: kubectl get pods, "
     "at: 0s}]\n",
     ""},
};

class Message : public testing::TestWithParam<MessageCase> {};
TEST_P(Message, NamesPlaceFieldProblemAndRemedy) {
  const LoadResult result =
      load_scenario_text(std::string("apiVersion: rehearsal/v1\nscenario: t\n") + GetParam().yaml, "s.yaml");
  std::string all;
  for (const Diagnostic& diagnostic : result.diagnostics) all += shown(diagnostic);
  const std::string want = GetParam().want;
  if (want.empty() || want.ends_with('\n')) {
    EXPECT_EQ(all, want);
  } else {
    EXPECT_TRUE(all.starts_with(want)) << all;
    EXPECT_NE(all.find(distribution_hint), std::string::npos) << all;
  }
}
INSTANTIATE_TEST_SUITE_P(Scenarios, Message, testing::ValuesIn(messages),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Message, TheVersionOfTheLanguageIsChecked) {
  const LoadResult result = load_scenario_text("apiVersion: rehearsal/v2\nscenario: t\n", "s.yaml");
  EXPECT_EQ(render(result.diagnostics),
            "s.yaml:1:13: error: apiVersion: \"rehearsal/v2\" is not known here\n  hint: did you mean "
            "rehearsal/v1? known here: rehearsal/v1\n");
}

TEST(Message, ALongValueIsCutBetweenCharacters) {
  std::string yaml = "apiVersion: rehearsal/v1\nscenario: t\ncluster: ";
  for (int i = 0; i < 50; ++i) yaml += "\xe4\xb8\xad";
  const LoadResult result = load_scenario_text(yaml, "s.yaml");
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_LT(result.diagnostics[0].problem.size(), 100U);
  EXPECT_NE(result.diagnostics[0].problem.find("\xe4\xb8\xad...\""), std::string::npos);
}

}  // namespace
}  // namespace scenarios::language
