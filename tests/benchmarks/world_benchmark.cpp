// An event of a small plan, with checks on and the history kept, and a fork of a small world.

#include <chrono>
#include <string>
#include <vector>

#include "scenarios/run.h"
#include "tests/benchmarks/allocations.h"
#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/rehearsals.h"

namespace {

constexpr double kEventGoalNanoseconds = 300;
constexpr double kForkGoalMicroseconds = 5;

constexpr const char* kDownsize = "scenarios/library/flux/downsize.yaml";

/// A StatefulSet that grows and shrinks in order.
constexpr const char* kStatefulSet = R"(apiVersion: rehearsal/v1
scenario: a StatefulSet grows and shrinks
cluster:
  nodes: {"worker-[0-4]": {cpu: 8, memory: 32Gi}}
  statefulsets: {chunk: {replicas: 3, claims: {data: 10Gi}}}
plan:
  - step: grow
    run: kubectl scale statefulset chunk --replicas=5
    then: {ready: "chunk-[0-4]"}
  - step: look
    run: kubectl get pods
  - step: shrink
    run: kubectl scale statefulset chunk --replicas=4
    then: {absent: "chunk-4"}
checks: [reverse-ordinal-order, one-at-a-time, declared-size-is-actual-size]
)";

/// 10 nodes and 50 pods that run for ever, in the middle of a plan.
constexpr const char* kFifty = R"(apiVersion: rehearsal/v1
scenario: fifty pods
cluster:
  nodes: {"worker-[0-9]": {cpu: 8, memory: 32Gi}}
  statefulsets: {store: {replicas: 25, podManagementPolicy: Parallel}}
  jobs: {work: {completions: 25, parallelism: 25, completionMode: Indexed}}
behaviour: {work: {run: 10h}}
plan:
  - {step: rest, wait: 1h}
  - {step: grow, run: kubectl scale statefulset store --replicas=26}
checks: [declared-size-is-actual-size]
)";

/// `begin`, all events and `end`, as `rehearse run` performs them; the world's copy and the telling are not
/// counted.
void events_of(benchmark::State& state, const scenarios::Rehearsal& rehearsal) {
  std::uint64_t events = 0;
  std::uint64_t transitions = 0;
  for (auto _ : state) {
    state.PauseTiming();
    {
      scenarios::World world = rehearsal.world;
      sim::History history = rehearsal.history;
      sim::SeededChoices seeded(1);
      sim::RecordingChoices choices(seeded);
      sim::Context context{choices, history};
      const sim::TransitionId first = history.next_id();
      state.ResumeTiming();
      scenarios::begin(world, context);
      events = sim::run(world, context, world.program->until);
      scenarios::end(world, context);
      state.PauseTiming();
      transitions = history.next_id() - first;
    }
    state.ResumeTiming();
  }
  state.counters["events"] = static_cast<double>(events);
  state.counters["transitions"] = static_cast<double>(transitions);
}

void events_downsize(benchmark::State& state) { events_of(state, benchmarks::load(kDownsize)); }
void events_statefulset(benchmark::State& state) {
  events_of(state, benchmarks::load("statefulset.yaml", kStatefulSet));
}
BENCHMARK(events_downsize)->Repetitions(5)->MinTime(0.2)->Unit(benchmark::kMicrosecond);
BENCHMARK(events_statefulset)->Repetitions(5)->MinTime(0.2)->Unit(benchmark::kMicrosecond);

/// The same with the result record: every transition, step and finding told in words.
void perform_downsize(benchmark::State& state) {
  const scenarios::Rehearsal rehearsal = benchmarks::load(kDownsize);
  for (auto _ : state) {
    sim::SeededChoices choices(1);
    benchmark::DoNotOptimize(scenarios::perform(rehearsal, choices, 1));
  }
}
BENCHMARK(perform_downsize)->Repetitions(5)->MinTime(0.2)->Unit(benchmark::kMicrosecond);

void load_downsize(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(benchmarks::load(kDownsize));
  }
}
BENCHMARK(load_downsize)->Repetitions(5)->MinTime(0.2)->Unit(benchmark::kMicrosecond);

void fork_fifty_pods(benchmark::State& state) {
  const scenarios::Rehearsal rehearsal = benchmarks::load("fifty.yaml", kFifty);
  scenarios::World world = rehearsal.world;
  sim::History history(false);
  sim::NominalChoices choices;
  sim::Context context{choices, history};
  scenarios::begin(world, context);
  sim::run(world, context, sim::Time{} + std::chrono::minutes{30});
  if (world.cluster.pods.size() != 50) {
    state.SkipWithError("the world does not hold 50 pods");
    return;
  }
  for (auto _ : state) {
    scenarios::World fork = world;
    benchmark::DoNotOptimize(fork);
  }
  benchmarks::start_counting();
  {
    const scenarios::World fork = world;
    benchmark::DoNotOptimize(&fork);
    const benchmarks::Allocations held = benchmarks::stop_counting();
    state.counters["allocations"] = static_cast<double>(held.count);
    state.counters["bytes"] = static_cast<double>(held.live_bytes);
  }
}
BENCHMARK(fork_fifty_pods)->Repetitions(5)->MinTime(0.1)->Unit(benchmark::kMicrosecond);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  for (const auto& [benchmark, plan] :
       {std::pair{"events_downsize", "downsize"}, std::pair{"events_statefulset", "StatefulSet 3, 5, 4"}}) {
    if (const auto measured = measurements.find(benchmark)) {
      figures.push_back({std::string("an event of a small plan, ") + plan,
                         measured->cpu * 1e9 / measured->counters.at("events"), "ns", std::nullopt,
                         kEventGoalNanoseconds});
    }
  }
  if (const auto measured = measurements.find("perform_downsize")) {
    figures.push_back(
        {"performing and telling downsize", measured->cpu * 1e6, "us", std::nullopt, std::nullopt});
  }
  if (const auto measured = measurements.find("load_downsize")) {
    figures.push_back({"loading downsize", measured->cpu * 1e6, "us", std::nullopt, std::nullopt});
  }
  if (const auto measured = measurements.find("fork_fifty_pods")) {
    figures.push_back({"fork of a world of 10 nodes and 50 pods", measured->cpu * 1e6, "us", std::nullopt,
                       kForkGoalMicroseconds});
    figures.push_back(
        {"allocations of that fork", measured->counters.at("allocations"), "", std::nullopt, std::nullopt});
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::run(argc, argv, judge); }
