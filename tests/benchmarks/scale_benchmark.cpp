// An Indexed Job of 100,000 indexes and a Parallel StatefulSet of 10,000 replicas on 1,000 nodes, from the
// creation of the objects until the last pod is gone; and half of it, to see how time grows with the number
// of pods.

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "scenarios/run.h"
#include "tests/benchmarks/allocations.h"
#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/rehearsals.h"

namespace {

constexpr double kPodsPerSecondGoal = 200'000;
constexpr double kBytesPerPodGoal = 600;
constexpr double kDoublingGoal = 2.2;

/// The pods come and go as the controller manager's client lets them; only simulated time grows with that.
/// The built-in invariants are always judged; `checks` adds some that are asked for.
scenarios::Rehearsal large(std::int64_t indexes, const std::string& checks) {
  return benchmarks::load("large.yaml", fmt::format(R"(apiVersion: rehearsal/v1
scenario: a large cluster
until: 1000h
cluster:
  nodes: {{"worker-[0-999]": {{cpu: 64, memory: 256Gi, pods: 250}}}}
  statefulsets: {{store: {{replicas: {1}, podManagementPolicy: Parallel}}}}
  jobs: {{work: {{completions: {0}, parallelism: {0}, completionMode: Indexed}}}}
behaviour: {{work: {{run: 60s}}}}
plan:
  - {{step: all done, run: kubectl wait --for=condition=complete job/work --timeout=500h, timeout: 500h}}
  - {{step: nothing is left, run: [kubectl delete job work, kubectl scale statefulset store --replicas=0]}}
checks: [{2}]
)",
                                                    indexes, indexes / 10, checks));
}

struct Performed {
  std::uint64_t events = 0;
  std::uint64_t transitions = 0;
  std::size_t pods_at_peak = 0;
};

/// Performs all events without keeping the history, as explorer and sweeps do. With `watch` the number of
/// pods is looked at after every event.
Performed perform(const scenarios::Rehearsal& rehearsal, bool watch) {
  Performed performed;
  scenarios::World world = rehearsal.world;
  sim::History history(false);
  sim::SeededChoices choices(1);
  sim::Context context{choices, history};
  scenarios::begin(world, context);
  while (sim::step(world, context, world.program->until)) {
    ++performed.events;
    if (watch) {
      performed.pods_at_peak = std::max(performed.pods_at_peak, world.cluster.pods.size());
    }
  }
  scenarios::end(world, context);
  performed.transitions = history.next_id();
  const bool all_done = std::all_of(world.plan.steps.begin(), world.plan.steps.end(), [](const auto& step) {
    return step.phase == scenarios::plan::StepPhase::Done && step.outcome == sim::StepOutcome::Succeeded;
  });
  if (!all_done || world.cluster.pods.size() != 0) {
    fmt::print(stderr, "the large plan did not come to its end: {} pods are left\n",
               world.cluster.pods.size());
    std::exit(1);
  }
  return performed;
}

void life(benchmark::State& state, const std::string& checks) {
  const scenarios::Rehearsal rehearsal = large(state.range(0), checks);
  Performed performed;
  for (auto _ : state) {
    performed = perform(rehearsal, false);
  }
  state.counters["events"] = static_cast<double>(performed.events);
  state.counters["transitions"] = static_cast<double>(performed.transitions);
}

void life_of_pods(benchmark::State& state) { life(state, ""); }
BENCHMARK(life_of_pods)
    ->Arg(50'000)
    ->Arg(100'000)
    ->Iterations(1)
    ->Repetitions(5)
    ->Unit(benchmark::kMillisecond);

/// With a check that compares sizes after every change of a pod, at a size at which counting anew would still
/// end.
void life_of_pods_sizes_checked(benchmark::State& state) { life(state, "declared-size-is-actual-size"); }
BENCHMARK(life_of_pods_sizes_checked)
    ->Arg(5'000)
    ->Arg(10'000)
    ->Iterations(1)
    ->Repetitions(5)
    ->Unit(benchmark::kMillisecond);

void memory_of_pods(benchmark::State& state) {
  const scenarios::Rehearsal rehearsal = large(state.range(0), "");
  for (auto _ : state) {
    benchmarks::start_counting();
    const Performed performed = perform(rehearsal, true);
    const benchmarks::Allocations allocations = benchmarks::stop_counting();
    state.counters["pods"] = static_cast<double>(performed.pods_at_peak);
    state.counters["peak_bytes"] = static_cast<double>(allocations.peak_bytes);
    state.counters["allocations"] = static_cast<double>(allocations.count);
  }
}
BENCHMARK(memory_of_pods)->Arg(100'000)->Iterations(1)->Unit(benchmark::kMillisecond);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  const auto half = measurements.find("life_of_pods/50000");
  const auto whole = measurements.find("life_of_pods/100000");
  if (whole) {
    figures.push_back({"pods a second through their life, 110,000 pods", 110'000 / whole->cpu, "pods/s",
                       std::nullopt, kPodsPerSecondGoal, benchmarks::Goal::AtLeast});
    figures.push_back({"an event of the large plan", whole->cpu * 1e9 / whole->counters.at("events"), "ns",
                       std::nullopt, std::nullopt});
  }
  if (half && whole) {
    figures.push_back(
        {"time of twice the pods, as a multiple", whole->cpu / half->cpu, "", std::nullopt, kDoublingGoal});
  }
  const auto checked_half = measurements.find("life_of_pods_sizes_checked/5000");
  const auto checked_whole = measurements.find("life_of_pods_sizes_checked/10000");
  if (checked_half && checked_whole) {
    figures.push_back({"pods a second with declared-size-is-actual-size, 11,000 pods",
                       11'000 / checked_whole->cpu, "pods/s", std::nullopt, kPodsPerSecondGoal,
                       benchmarks::Goal::AtLeast});
    figures.push_back({"time of twice the pods with that check, as a multiple",
                       checked_whole->cpu / checked_half->cpu, "", std::nullopt, kDoublingGoal});
  }
  if (const auto memory = measurements.find("memory_of_pods/100000")) {
    figures.push_back({"bytes a pod at the peak of the large plan",
                       memory->counters.at("peak_bytes") / memory->counters.at("pods"), "bytes", std::nullopt,
                       kBytesPerPodGoal});
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::run(argc, argv, judge); }
