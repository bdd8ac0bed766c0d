// An unregister, from its request to the deletion of the record: 1 TiB over 20 chunks, and the largest
// cluster that a licence allows.

#include <fmt/core.h>

#include <string>
#include <utility>
#include <vector>

#include "models/iomesh/unregister.h"
#include "scenarios/run.h"
#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/rehearsals.h"

namespace {

constexpr double kMediumSecondsMost = 0.010;
constexpr double kLargeSecondsMost = 2;

std::string cluster_of(int chunks, const std::string& storage) {
  return fmt::format(R"(apiVersion: rehearsal/v1
scenario: a storage cluster
until: 48h
cluster:
  nodes: {{"worker-[0-{}]": {{cpu: 16, memory: 64Gi}}}}
  iomesh: {{chunkReplicas: {}, {}}}
plan: [{{step: nothing, wait: 1s}}]
)",
                     chunks - 1, chunks, storage);
}

/// The unregister alone: the cluster has settled before the clock starts.
void unregister(benchmark::State& state, int chunks, const std::string& storage) {
  const scenarios::Rehearsal rehearsal = benchmarks::load("storage.yaml", cluster_of(chunks, storage));
  scenarios::World settled = rehearsal.world;
  sim::History history(false);
  sim::NominalChoices choices;
  sim::Context context{choices, history};
  scenarios::begin(settled, context);
  while (!(settled.plan.begun && settled.plan.open == 0) &&
         sim::step(settled, context, settled.program->until)) {
  }
  bool gone = false;
  for (auto _ : state) {
    scenarios::World world = settled;
    const std::int32_t id = world.iomesh.chunks.back().id;
    models::iomesh::Turn turn{world.iomesh, {world.cluster, world.agenda, context}};
    models::iomesh::unregister::request(turn, id, {});
    while (world.iomesh.find_id(id) != models::iomesh::kNone &&
           sim::step(world, context, world.program->until)) {
    }
    gone = world.iomesh.find_id(id) == models::iomesh::kNone;
  }
  state.counters["gone"] = gone ? 1 : 0;
}

void tebibyte_over_20(benchmark::State& state) { unregister(state, 20, "capacity: 4Ti, used: 1Ti"); }
BENCHMARK(tebibyte_over_20)->Repetitions(5)->Unit(benchmark::kMillisecond);

void chunks_255(benchmark::State& state) {
  unregister(state, 255, "capacity: 10Ti, used: 2500Gi, extentGroups: 10000");
}
BENCHMARK(chunks_255)->Repetitions(3)->Unit(benchmark::kMillisecond);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  const auto add = [&](const char* name, const char* words, double most) {
    const auto measured = measurements.find(name);
    if (measured && measured->counters.at("gone") > 0) {
      figures.push_back({words, measured->cpu, "s", std::nullopt, most});
    }
  };
  add("tebibyte_over_20", "an unregister of 1 TiB over 20 chunks", kMediumSecondsMost);
  add("chunks_255", "an unregister among 255 chunks with 10,000 extent groups each", kLargeSecondsMost);
  return figures;
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::run(argc, argv, judge); }
