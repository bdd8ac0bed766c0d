// Many nodes that are watched over: an hour in which nothing happens, and an hour in which some are lost. A
// healthy node must cost nothing but its creation, however long the rehearsal lasts.

#include <fmt/core.h>

#include <string>
#include <utility>
#include <vector>

#include "scenarios/run.h"
#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/rehearsals.h"

namespace {

constexpr int kFew = 500;
constexpr int kMany = 5'000;
constexpr double kPerNodeGoal = 1.5;  ///< a node of many, as a multiple of a node of few
constexpr double kEventsGoal = 1;     ///< events a node in an idle hour

std::string nodes_for_an_hour(std::int64_t nodes, const std::string& faults) {
  return fmt::format(R"(apiVersion: rehearsal/v1
scenario: nodes that are watched over
until: 1h
cluster: {{nodes: {{"worker-[0-{}]": {{cpu: 16, memory: 64Gi}}}}}}
faults: [{}]
plan:
  - {{step: look at the end, at: 59m, run: kubectl get node worker-0 -o name}}
)",
                     nodes - 1, faults);
}

void hour(benchmark::State& state, const std::string& faults) {
  const scenarios::Rehearsal rehearsal =
      benchmarks::load("nodes.yaml", nodes_for_an_hour(state.range(0), faults));
  std::uint64_t events = 0;
  for (auto _ : state) {
    scenarios::World world = rehearsal.world;
    sim::History history(false);
    sim::SeededChoices choices(1);
    sim::Context context{choices, history};
    scenarios::begin(world, context);
    events = 0;
    while (sim::step(world, context, world.program->until)) {
      ++events;
    }
    scenarios::end(world, context);
  }
  state.counters["events"] = static_cast<double>(events);
}

void an_idle_hour(benchmark::State& state) { hour(state, ""); }
BENCHMARK(an_idle_hour)->Arg(kFew)->Arg(kMany)->Repetitions(5)->Unit(benchmark::kMillisecond);

/// Twenty nodes are lost, one after the other: their taints wait for the limiter.
void an_hour_of_losses(benchmark::State& state) {
  hour(state, R"({at: 5m, node_dies: "worker-[0-9]"}, {at: 15m, node_dies: "worker-[10-19]"})");
}
BENCHMARK(an_hour_of_losses)->Arg(kFew)->Arg(kMany)->Repetitions(5)->Unit(benchmark::kMillisecond);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  for (const auto& [name, words] : {std::pair{"an_idle_hour", "an idle hour"},
                                    std::pair{"an_hour_of_losses", "an hour in which 20 nodes are lost"}}) {
    const auto few = measurements.find(fmt::format("{}/{}", name, kFew));
    const auto many = measurements.find(fmt::format("{}/{}", name, kMany));
    if (few && many) {
      figures.push_back({fmt::format("{}: time a node of {}, against one of {}", words, kMany, kFew),
                         many->cpu / kMany * 1e6, "us", few->cpu / kFew * 1e6, kPerNodeGoal});
    }
    if (many && std::string(name) == "an_idle_hour") {
      figures.push_back({fmt::format("{}: events a node of {}", words, kMany),
                         many->counters.at("events") / kMany, "", std::nullopt, kEventsGoal});
    }
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::run(argc, argv, judge); }
