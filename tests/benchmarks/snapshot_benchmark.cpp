// A snapshot of 5,000 nodes and 150,000 pods of real size, about 1 GB as kubectl prints it, read by the
// program itself as a person waits for it; and simdjson alone over the same file.

#include <fmt/core.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "scenarios/json_items.h"
#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/large_cluster.h"
#include "tests/benchmarks/program_run.h"
#include "tests/benchmarks/temporary_folder.h"

namespace {

constexpr double kSecondsGoal = 30;
constexpr double kBytesGoal = 3.0 * 1024 * 1024 * 1024;

const std::string& large_snapshot() {
  static const benchmarks::TemporaryFolder folder;
  static const std::string path = [] {
    std::string file = folder.file("cluster.json");
    benchmarks::write_snapshot({5'000, true}, file);
    return file;
  }();
  return path;
}

void load_snapshot(benchmark::State& state) {
  const std::string& snapshot = large_snapshot();
  const benchmarks::TemporaryFolder folder;
  const std::string plan = folder.file("plan.yaml");
  std::ofstream(plan) << "apiVersion: rehearsal/v1\nscenario: nothing is done\nuntil: 1ms\nplan:\n"
                         "  - {step: look, run: kubectl get node worker-0 -o name}\n";
  for (auto _ : state) {
    const auto run = benchmarks::run_program({REHEARSE_PROGRAM, "run", plan, "--cluster", snapshot});
    if (!run || run->exit_code == 2) {
      state.SkipWithError("the snapshot could not be loaded");
      break;
    }
    state.SetIterationTime(run->seconds);
    state.counters["processor_s"] = run->processor_seconds;
    state.counters["peak_bytes"] = run->peak_bytes;
  }
  state.counters["file_bytes"] = static_cast<double>(std::filesystem::file_size(snapshot));
}
BENCHMARK(load_snapshot)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond);

/// The items are found and parsed, and nothing is made of them.
void parse_snapshot(benchmark::State& state) {
  const std::string& snapshot = large_snapshot();
  for (auto _ : state) {
    simdjson::dom::parser parser;
    std::string rest;
    scenarios::JsonItems items(snapshot, 256);
    items.read(
        [&](const scenarios::JsonItem& item) {
          return parser.parse(item.text.data(), item.text.size(), false).error() == simdjson::SUCCESS;
        },
        rest);
  }
}
BENCHMARK(parse_snapshot)->Iterations(1)->Unit(benchmark::kSecond);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  const auto load = measurements.find("load_snapshot");
  const auto parse = measurements.find("parse_snapshot");
  if (load) {
    figures.push_back(
        {"a snapshot of 150,000 pods of real size loaded, processor time (baseline: parsed alone)",
         load->counters.at("processor_s"), "s", parse ? std::optional(parse->cpu) : std::nullopt,
         kSecondsGoal});
    figures.push_back(
        {"memory at the peak of that", load->counters.at("peak_bytes"), "bytes", std::nullopt, kBytesGoal});
    figures.push_back(
        {"size of that snapshot", load->counters.at("file_bytes"), "bytes", std::nullopt, std::nullopt});
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::run(argc, argv, judge); }
