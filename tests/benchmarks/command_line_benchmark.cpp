// `rehearse run` of shipped scenarios from the start of the process to its exit, as a person waits for it.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/program_run.h"

namespace {

/// What a person does not notice, with the terminal's own delay. Source: the repository's goals.
constexpr double kGoalMilliseconds = 15;
/// The whole library on two cores. Source: the repository's goals.
constexpr double kLibraryGoalSeconds = 30;

/// The wall clock gives the benchmark's time; the processor time of the child is a counter.
void start_to_exit(benchmark::State& state, const std::vector<std::string>& arguments) {
  double processor = 0;
  for (auto _ : state) {
    const std::optional<benchmarks::ProgramRun> run = benchmarks::run_program(arguments);
    if (!run || (run->exit_code != 0 && run->exit_code != 1)) {
      state.SkipWithError("the program could not perform the scenario (is this the root of the repository?)");
      break;
    }
    state.SetIterationTime(run->seconds);
    processor += run->processor_seconds;
  }
  state.counters["processor_ms"] = benchmark::Counter(
      processor * 1e3 / static_cast<double>(std::max<std::int64_t>(1, state.iterations())));
}

void rehearse_help(benchmark::State& state) { start_to_exit(state, {REHEARSE_PROGRAM, "--version"}); }
void rehearse_downsize(benchmark::State& state) {
  start_to_exit(state, {REHEARSE_PROGRAM, "run", "scenarios/library/flux/downsize.yaml"});
}
void rehearse_library(benchmark::State& state) {
  start_to_exit(state, {REHEARSE_PROGRAM, "test", "--jobs", "2", "scenarios/library"});
}
// One start an iteration and repetition, so that the median is over starts and a disturbed one does not
// count.
BENCHMARK(rehearse_help)->UseManualTime()->Iterations(1)->Repetitions(41)->Unit(benchmark::kMillisecond);
BENCHMARK(rehearse_downsize)->UseManualTime()->Iterations(1)->Repetitions(41)->Unit(benchmark::kMillisecond);
BENCHMARK(rehearse_library)->UseManualTime()->Iterations(1)->Repetitions(3)->Unit(benchmark::kMillisecond);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  const auto nothing = measurements.find("rehearse_help");
  const auto downsize = measurements.find("rehearse_downsize");
  if (nothing && downsize) {
    figures.push_back({"rehearse run downsize, start to exit (baseline: --version)", downsize->wall * 1e3,
                       "ms", nothing->wall * 1e3, kGoalMilliseconds});
    figures.push_back({"rehearse run downsize, processor time", downsize->counters.at("processor_ms"), "ms",
                       nothing->counters.at("processor_ms"), std::nullopt});
  }
  if (const auto library = measurements.find("rehearse_library")) {
    figures.push_back({"rehearse test scenarios/library, two scenarios at once", library->wall, "s",
                       std::nullopt, kLibraryGoalSeconds});
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::run(argc, argv, judge); }
