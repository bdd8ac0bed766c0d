// `rehearse run` of shipped scenarios from the start of the process to its exit, as a person waits for it.

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "tests/benchmarks/figures.h"

extern char** environ;

namespace {

/// What a person does not notice, with the terminal's own delay. Source: the repository's goals.
constexpr double kGoalMilliseconds = 15;
/// The whole library on two cores. Source: the repository's goals.
constexpr double kLibraryGoalSeconds = 30;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Runs a program with its output thrown away. @return its exit code, -1 if it could not run; `usage` is its
/// own.
int spawn(std::vector<std::string> arguments, rusage& usage) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int error = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (error != 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status)) {
    return -1;
  }
  return WEXITSTATUS(status);
}

/// The wall clock gives the benchmark's time; the processor time of the child is a counter.
void start_to_exit(benchmark::State& state, const std::vector<std::string>& arguments) {
  double processor = 0;
  for (auto _ : state) {
    rusage usage{};
    const auto begin = std::chrono::steady_clock::now();
    const int exit_code = spawn(arguments, usage);
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    if (exit_code != 0 && exit_code != 1) {
      state.SkipWithError("the program could not perform the scenario (is this the root of the repository?)");
      break;
    }
    processor += seconds(usage.ru_utime) + seconds(usage.ru_stime);
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
