// The "Downsize" story with another name and other sizes. What must come out is computed by a second, obvious
// rule: the pods are the indexes below the size, less those that were killed while they were in range.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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

// Where upstream contradicts the story's summary: an index comes back once completions dipped to or below it.
TEST(FluxSeed, ASizeBelowTheKilledIndexForgetsItsFailure) {
  Story story{"flux-sample", 10, 10, {4, 2, 4}, 2};
  const sim::ResultRecord record = property::perform(property::load(scenario_text(story)), 1);
  EXPECT_EQ(step(record, "list 1").output(), table(story, {0, 1}, true));
  // Index 2 runs again; Flux still has it drained.
  EXPECT_EQ(step(record, "list 2").output(), table(story, {0, 1, 2, 3}, true));
}

}  // namespace
