// The "Downsize" story with another name and other sizes. What must come out is computed by a second, obvious
// rule: the pods are the indexes below the size, less those that were killed while they were in range.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "tests/property/rehearsals.h"

namespace {

/// Hostlist notation, written anew: names that share a prefix, runs as a-b.
std::string hosts(const std::string& name, const std::set<int>& ranks) {
  if (ranks.empty()) {
    return "";
  }
  if (ranks.size() == 1) {
    return fmt::format("{}-{}", name, *ranks.begin());
  }
  std::string text;
  for (auto rank = ranks.begin(); rank != ranks.end();) {
    int last = *rank;
    const int first = *rank;
    for (++rank; rank != ranks.end() && *rank == last + 1; ++rank) {
      ++last;
    }
    text += fmt::format("{}{}", text.empty() ? "" : ",",
                        first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last));
  }
  return fmt::format("{}-[{}]", name, text);
}

struct Story {
  std::string name;
  int max = 10;
  int cores = 10;
  std::vector<int> sizes;  // the first one is the start
  int victim = 2;
};

std::ostream& operator<<(std::ostream& os, const Story& story) {
  os << story.name << " max " << story.max << " victim " << story.victim << " sizes";
  for (const int size : story.sizes) {
    os << ' ' << size;
  }
  return os;
}

std::string scenario_text(const Story& story) {
  std::string text =
      fmt::format(R"(
apiVersion: rehearsal/v1
scenario: the story with other sizes
cluster:
  kubernetes: {{version: "1.28.0", featureGates: {{JobBackoffLimitPerIndex: true}}, profile: kind}}
  nodes: {{control-plane: {{cpu: 10, memory: 32Gi}}}}
  miniclusters:
    {}: {{size: {}, maxSize: {}, restartWorkers: false, interactive: true, cores: {}}}
plan:
  - {{step: start, run: flux resource list}}
  - {{step: drain, run: flux resource drain {}-{} "bad"}}
  - {{step: drained, run: flux resource list}}
  - {{step: kill, run: kubectl delete pod -l batch.kubernetes.io/job-completion-index={}}}
  - {{step: killed, after: 3m, run: flux resource list}}
)",
                  story.name, story.sizes[0], story.max, story.cores, story.name, story.victim, story.victim);
  for (std::size_t i = 1; i < story.sizes.size(); ++i) {
    text += fmt::format(
        R"(  - {{step: resize {}, run: "kubectl patch minicluster {} --type=merge -p '{{\"spec\":{{\"size\":{}}}}}'"}}
  - {{step: list {}, after: 5m, run: flux resource list}}
)",
        i, story.name, story.sizes[i], i);
  }
  return text;
}

std::string table(const Story& story, const std::set<int>& running, bool victim_down) {
  std::set<int> free;
  std::set<int> down;
  for (int rank = 0; rank < story.max; ++rank) {
    const bool up = running.contains(rank) && !(victim_down && rank == story.victim);
    (up ? free : down).insert(rank);
  }
  const auto row = [&](const char* state, const std::set<int>& ranks) {
    return fmt::format("{:>10} {:>6} {:>8} {:>8} {}\n", state, ranks.size(),
                       ranks.size() * static_cast<std::size_t>(story.cores), 0, hosts(story.name, ranks));
  };
  return fmt::format("{:>10} {:>6} {:>8} {:>8} {}\n", "STATE", "NNODES", "NCORES", "NGPUS", "NODELIST") +
         row("free", free) + row("allocated", {}) + row("down", down);
}

const sim::StepRecord& step(const sim::ResultRecord& record, const std::string& name) {
  for (const sim::StepRecord& candidate : record.steps) {
    if (candidate.name == name) {
      return candidate;
    }
  }
  throw std::invalid_argument("no step " + name);
}

Story draw_story() {
  Story story;
  story.name = *rc::gen::element<std::string>("flux-sample", "lammps", "a", "mc-7", "osu-bench-2");
  story.max = *rc::gen::inRange(4, 14);
  story.cores = *rc::gen::inRange(1, 65);
  story.sizes.push_back(*rc::gen::inRange(3, story.max + 1));
  story.victim = *rc::gen::inRange(1, story.sizes[0]);
  const int resizes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < resizes; ++i) {
    // The size stays above the killed index: below it, upstream forgets the failure (see the test after this
    // one).
    story.sizes.push_back(*rc::gen::inRange(story.victim + 1, story.max + 1));
  }
  return story;
}

RC_GTEST_PROP(FluxSeed, EveryTableComesOutWithOtherNamesAndSizes, ()) {
  const Story story = draw_story();
  RC_LOG() << story;
  const sim::ResultRecord record =
      property::perform(property::load(scenario_text(story)), *rc::gen::arbitrary<std::uint64_t>());
  std::set<int> running;
  for (int rank = 0; rank < story.sizes[0]; ++rank) {
    running.insert(rank);
  }
  RC_ASSERT(step(record, "start").output() == table(story, running, false));
  RC_ASSERT(step(record, "drained").output() == table(story, running, true));
  running.erase(story.victim);
  RC_ASSERT(step(record, "killed").output() == table(story, running, true));
  for (std::size_t i = 1; i < story.sizes.size(); ++i) {
    running.clear();
    for (int rank = 0; rank < story.sizes[i]; ++rank) {
      if (rank != story.victim) {
        running.insert(rank);
      }
    }
    RC_ASSERT(step(record, fmt::format("list {}", i)).output() == table(story, running, true));
  }
}

// ---------------------------------------------------------------------------------------------------------
// The story as it is typed: the file that is edited and applied, pods by their names, the screens of kubectl.

struct TypedStory {
  Story story;
  std::string node = "kind-control-plane";
  int nodes = 1;
  std::string reason = "I am a bad person";
};

std::ostream& operator<<(std::ostream& os, const TypedStory& typed) {
  return os << typed.story << " on " << typed.nodes << " of " << typed.node << ", because " << typed.reason;
}

std::string nodes_of(const TypedStory& typed) {
  return typed.nodes == 1 ? typed.node : fmt::format("\"{}-[0-{}]\"", typed.node, typed.nodes - 1);
}

std::string typed_text(const TypedStory& typed) {
  const Story& story = typed.story;
  std::string text = fmt::format(R"(
apiVersion: rehearsal/v1
scenario: the story as it is typed
cluster:
  kubernetes: {{version: "1.28.0", featureGates: {{JobBackoffLimitPerIndex: true}}, profile: kind}}
  nodes: {{{}: {{cpu: {}, memory: 32Gi}}}}
files:
)",
                                 nodes_of(typed), story.cores);
  for (std::size_t i = 0; i < story.sizes.size(); ++i) {
    text += fmt::format(R"(  minicluster-{}.yaml: |
    apiVersion: flux-framework.org/v1alpha2
    kind: MiniCluster
    metadata: {{name: {}}}
    spec:
      size: {}
      maxSize: {}
      interactive: true
      suspendWorkers: true
      containers: [{{image: "rocky:9"}}]
)",
                        i, story.name, story.sizes[i], story.max);
  }
  text += fmt::format(R"(plan:
  - step: create
    run: |
      kind create cluster --config kind-config.yaml
      kubectl apply -f minicluster-0.yaml
  - {{step: pods, after: 5m, run: kubectl get pods}}
  - step: look inside
    let:
      leader: "kubectl get pods -l batch.kubernetes.io/job-completion-index=0 -o jsonpath='{{.items[0].metadata.name}}'"
      victim: "kubectl get pods -l batch.kubernetes.io/job-completion-index={} -o jsonpath='{{.items[0].metadata.name}}'"
    run: kubectl exec -q -it ${{leader}} -- flux resource list
  - {{step: drain, run: 'flux resource drain {}-{} "{}"'}}
  - {{step: drained, run: flux resource list}}
  - {{step: delete, run: "kubectl delete pod ${{victim}}"}}
  - {{step: deleted, after: 2m, run: kubectl get pods}}
)",
                      story.victim, story.name, story.victim, typed.reason);
  for (std::size_t i = 1; i < story.sizes.size(); ++i) {
    text += fmt::format(R"(  - {{step: apply {}, after: 1m, run: kubectl apply -f minicluster-{}.yaml}}
  - {{step: at once {}, after: 2s, run: kubectl get pods}}
  - {{step: in the end {}, after: 5m, run: kubectl get pods}}
  - {{step: inside {}, run: "kubectl exec -q -it ${{leader}} -- flux resource list"}}
)",
                        i, i, i, i, i);
  }
  return text + "  - {step: clean up, run: kind delete cluster}\n";
}

/// `kubectl get pods` without the random part of the names and the ages.
std::string screen(const std::string& output) {
  return std::regex_replace(std::regex_replace(output, std::regex("-[a-z0-9]{5}(   +)"), "-<sfx>$1"),
                            std::regex("[0-9dhms]+\n"), "<age>\n");
}

/// The same screen by its own layout: columns as wide as their longest text, three blanks between them.
std::string expected_screen(const std::string& name, const std::map<int, std::string>& pods) {
  std::vector<std::vector<std::string>> rows = {{"NAME", "READY", "STATUS", "RESTARTS"}};
  for (const auto& [index, status] : pods) {
    rows.push_back(
        {fmt::format("{}-{}-<sfx>", name, index), status == "Init:0/1" ? "0/1" : "1/1", status, "0"});
  }
  std::sort(rows.begin() + 1, rows.end());  // the API lists by name: 10 comes before 3
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::size_t width = 0;
      for (const std::vector<std::string>& other : rows) {
        width = std::max(width, other[column].size());
      }
      text += fmt::format("{:<{}}", row[column], width + 3);
    }
    text += &row == &rows.front() ? "AGE\n" : "<age>\n";
  }
  return text;
}

std::map<int, std::string> all_running(const std::set<int>& indexes) {
  std::map<int, std::string> pods;
  for (const int index : indexes) {
    pods[index] = "Running";
  }
  return pods;
}

std::set<int> below(int size, int victim) {
  std::set<int> indexes;
  for (int index = 0; index < size; ++index) {
    if (index != victim) {
      indexes.insert(index);
    }
  }
  return indexes;
}

RC_GTEST_PROP(FluxSeed, EveryScreenComesOutWithOtherNamesSizesAndNodes, ()) {
  TypedStory typed;
  typed.story = draw_story();
  typed.nodes = *rc::gen::inRange(1, 9);
  typed.node = *rc::gen::element<std::string>("kind-control-plane", "worker", "n");
  typed.reason = *rc::gen::element<std::string>("I am a bad person", "broken", "to be removed, 2 of 3");
  RC_LOG() << typed;
  const Story& story = typed.story;
  const sim::ResultRecord record =
      property::perform(property::load(typed_text(typed)), *rc::gen::arbitrary<std::uint64_t>());
  std::set<int> running = below(story.sizes[0], -1);
  RC_ASSERT(screen(step(record, "pods").output()) == expected_screen(story.name, all_running(running)));
  RC_ASSERT(step(record, "look inside").commands.back().output == table(story, running, false));
  RC_ASSERT(step(record, "drain").output() == "");
  RC_ASSERT(step(record, "drained").output() == table(story, running, true));
  running = below(story.sizes[0], story.victim);
  RC_ASSERT(screen(step(record, "deleted").output()) == expected_screen(story.name, all_running(running)));
  for (std::size_t i = 1; i < story.sizes.size(); ++i) {
    const std::set<int> before = running;
    running = below(story.sizes[i], story.victim);
    std::map<int, std::string> at_once = all_running(running);
    for (auto& [index, status] : at_once) {
      status = before.contains(index) ? "Running" : "Init:0/1";
    }
    for (const int index : before) {
      at_once.try_emplace(index, "Terminating");
    }
    RC_ASSERT(step(record, fmt::format("apply {}", i))
                  .output()
                  .starts_with(fmt::format("minicluster.flux-framework.org/{} ", story.name)));
    RC_ASSERT(screen(step(record, fmt::format("at once {}", i)).output()) ==
              expected_screen(story.name, at_once));
    RC_ASSERT(screen(step(record, fmt::format("in the end {}", i)).output()) ==
              expected_screen(story.name, all_running(running)));
    RC_ASSERT(step(record, fmt::format("inside {}", i)).output() == table(story, running, true));
  }
}

// Where upstream contradicts the story's summary: an index comes back once completions dipped to or below it.
TEST(FluxSeed, ASizeBelowTheKilledIndexForgetsItsFailure) {
  Story story{"flux-sample", 10, 10, {4, 2, 4}, 2};
  const sim::ResultRecord record = property::perform(property::load(scenario_text(story)), 1);
  EXPECT_EQ(step(record, "list 1").output(), table(story, {0, 1}, true));
  // Index 2 runs again; Flux still has it drained.
  EXPECT_EQ(step(record, "list 2").output(), table(story, {0, 1, 2, 3}, true));
}

}  // namespace
