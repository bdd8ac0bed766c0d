// Nodes of a cluster drained, ten at a time: 50 of 500 with 15,000 pods, and 50 and 500 of 5,000 with
// 150,000. The cluster is read from a snapshot as a person's own is; what is measured begins when it is
// loaded.

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "scenarios/run.h"
#include "tests/benchmarks/allocations.h"
#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/large_cluster.h"
#include "tests/benchmarks/rehearsals.h"
#include "tests/benchmarks/temporary_folder.h"

namespace {

constexpr int kFew = 500;
constexpr int kMany = 5'000;
constexpr double kSecondsGoal = 5;
constexpr double kBytesGoal = 2.0 * 1024 * 1024 * 1024;
constexpr double kGrowthGoal = 12;

scenarios::Rehearsal loaded(std::int64_t nodes, std::int64_t drained) {
  const benchmarks::TemporaryFolder folder;
  const benchmarks::LargeCluster cluster{nodes};
  const std::string path = folder.file("cluster.json");
  benchmarks::write_snapshot(cluster, path);
  scenarios::LoadRequest request{"drains.yaml", benchmarks::plan_of_drains(drained), {}, {path}};
  scenarios::language::Diagnostics diagnostics;
  std::optional<scenarios::Rehearsal> rehearsal = scenarios::load(request, diagnostics);
  if (!rehearsal) {
    fmt::print(stderr, "{}", scenarios::language::render(diagnostics.sorted()));
    std::exit(2);
  }
  return *std::move(rehearsal);
}

/// The plan performed without history, as explorer and sweeps do.
std::uint64_t perform(const scenarios::Rehearsal& rehearsal) {
  scenarios::World world = rehearsal.world;
  sim::History history(false);
  sim::SeededChoices choices(1);
  sim::Context context{choices, history};
  scenarios::begin(world, context);
  std::uint64_t events = 0;
  while (sim::step(world, context, world.program->until)) {
    ++events;
  }
  scenarios::end(world, context);
  const auto done = std::count_if(world.plan.steps.begin(), world.plan.steps.end(), [](const auto& step) {
    return step.phase == scenarios::plan::StepPhase::Done && step.outcome == sim::StepOutcome::Succeeded;
  });
  if (static_cast<std::size_t>(done) != world.plan.steps.size()) {
    fmt::print(stderr, "{} of {} steps succeeded\n", done, world.plan.steps.size());
    std::exit(1);
  }
  return events;
}

void drain(benchmark::State& state) {
  const scenarios::Rehearsal rehearsal = loaded(state.range(0), state.range(1));
  std::uint64_t events = 0;
  for (auto _ : state) {
    events = perform(rehearsal);
  }
  state.counters["events"] = static_cast<double>(events);
}
BENCHMARK(drain)
    ->Args({kFew, kFew / 10})
    ->Args({kMany, kMany / 10})
    ->Args({kMany, kFew / 10})
    ->Iterations(1)
    ->Repetitions(5)
    ->Unit(benchmark::kMillisecond);

/// All that the loaded cluster, the world under way and its events hold.
void memory_of_drains(benchmark::State& state) {
  for (auto _ : state) {
    benchmarks::start_counting();
    const scenarios::Rehearsal rehearsal = loaded(state.range(0), state.range(0) / 10);
    const std::int64_t after_loading = benchmarks::stop_counting().live_bytes;
    benchmarks::start_counting();
    perform(rehearsal);
    state.counters["peak_bytes"] =
        static_cast<double>(after_loading + benchmarks::stop_counting().peak_bytes);
  }
}
BENCHMARK(memory_of_drains)->Arg(kMany)->Iterations(1)->Unit(benchmark::kMillisecond);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  const auto few = measurements.find(fmt::format("drain/{}/{}", kFew, kFew / 10));
  const auto many = measurements.find(fmt::format("drain/{}/{}", kMany, kMany / 10));
  const auto few_of_many = measurements.find(fmt::format("drain/{}/{}", kMany, kFew / 10));
  if (many) {
    figures.push_back({"500 of 5,000 nodes with 150,000 pods drained, ten at a time", many->cpu, "s",
                       std::nullopt, kSecondsGoal});
  }
  if (few && many) {
    figures.push_back({"time of a tenth drained of ten times the nodes, as a multiple", many->cpu / few->cpu,
                       "", std::nullopt, kGrowthGoal});
  }
  if (many && few_of_many) {
    figures.push_back({"time of ten times the nodes drained of as many, as a multiple",
                       many->cpu / few_of_many->cpu, "", std::nullopt, kGrowthGoal});
  }
  if (const auto memory = measurements.find(fmt::format("memory_of_drains/{}", kMany))) {
    figures.push_back({"memory at the peak of these drains", memory->counters.at("peak_bytes"), "bytes",
                       std::nullopt, kBytesGoal});
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) {
  // By turns: what slows the machine down for a while slows all.
  std::string by_turns = "--benchmark_enable_random_interleaving=true";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.push_back(by_turns.data());
  return benchmarks::run(static_cast<int>(arguments.size()), arguments.data(), judge);
}
