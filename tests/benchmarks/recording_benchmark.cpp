// A large recording replayed by the program itself, as a person waits for it; and the live adapter behind a
// program that prints as fast as it can, with and without a recording being written.

#include <fmt/core.h>
#include <simdjson.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "scenarios/targets/live/live_target.h"
#include "scenarios/targets/programs/processes.h"
#include "scenarios/targets/programs/recording_programs.h"
#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/program_run.h"
#include "tests/benchmarks/temporary_folder.h"
#include "tests/benchmarks/watched_job.h"

namespace {

namespace fs = std::filesystem;
namespace targets = scenarios::targets;
using benchmarks::WatchedJob;
using Folder = benchmarks::TemporaryFolder;

/// The goals of the repository: an hour of a busy cluster is replayed while a person waits, on any machine;
/// and no watch falls behind a cluster of 1,000 writes a second.
constexpr double kReplaySeconds = 20;
constexpr double kReplayBytes = 1024.0 * 1024 * 1024;
constexpr double kEventsPerSecond = 1000;

constexpr std::uint32_t kReplayedPods = 25'000;  // 150,000 events
constexpr std::uint32_t kWatchedPods = 2'500;    // 15,000 events

void replay_large_recording(benchmark::State& state) {
  const Folder folder;
  const std::string path = folder.file("large.jsonl.zst");
  benchmarks::record(WatchedJob(kReplayedPods), path);
  for (auto _ : state) {
    const auto run = benchmarks::run_program({REHEARSE_PROGRAM, "replay", path, "--json"});
    if (!run || run->exit_code != 0) {
      state.SkipWithError("the recording could not be replayed");
      break;
    }
    state.SetIterationTime(run->seconds);
    state.counters["processor_s"] = run->processor_seconds;
    state.counters["peak_bytes"] = run->peak_bytes;
  }
  state.counters["file_bytes"] = static_cast<double>(fs::file_size(path));
}

/// simdjson alone over the bytes of the same events.
void parse_large_recording(benchmark::State& state) {
  const WatchedJob job(kReplayedPods);
  for (auto _ : state) {
    simdjson::dom::parser parser;
    double seconds = 0;
    std::uint64_t bytes = 0;
    job.events([&](bool, std::string_view event) {
      const simdjson::padded_string padded(event);
      const auto begin = std::chrono::steady_clock::now();
      benchmark::DoNotOptimize(parser.parse(padded).error());
      seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      bytes += event.size();
    });
    state.SetIterationTime(seconds);
    state.counters["event_bytes"] = static_cast<double>(bytes) / static_cast<double>(job.pod_events());
  }
}

/// A program called kubectl that prints the events of the Job from a file as fast as they are read.
void write_kubectl(const Folder& folder, const WatchedJob& job) {
  std::ofstream(folder.file("snapshot")) << job.snapshot();
  std::ofstream(folder.file("nodes")) << job.nodes();
  std::ofstream pods(folder.file("pods"));
  std::ofstream jobs(folder.file("jobs"));
  job.events([&](bool of_pod, std::string_view event) { (of_pod ? pods : jobs) << event; });
  const std::string path = folder.file("kubectl");
  std::ofstream(path) << fmt::format(
      "#!/bin/sh\ncase \"$*\" in\n"
      "  *,*) exec cat {0}/snapshot ;;\n"
      "  'get pods '*|'get jobs '*|'get nodes '*) cat {0}/$2 ;;\nesac\nexec sleep 1000\n",
      fs::path(path).parent_path().string());
  ::chmod(path.c_str(), 0755);
}

void watch(benchmark::State& state, bool recorded) {
  const Folder folder;
  const WatchedJob job(kWatchedPods);
  write_kubectl(folder, job);
  const std::string before = std::getenv("PATH") == nullptr ? "" : std::getenv("PATH");
  ::setenv("PATH", (fs::path(folder.file("x")).parent_path().string() + ":" + before).c_str(), 1);
  int number = 0;
  for (auto _ : state) {
    targets::Processes processes;
    targets::RecordingWriter writer(folder.file(fmt::format("{}.jsonl.zst", ++number)), {});
    targets::RecordingPrograms recording(processes, writer);
    targets::Programs& programs = recorded ? static_cast<targets::Programs&>(recording) : processes;
    targets::LiveOptions options;
    options.quiet = std::chrono::seconds{1};
    std::string problem;
    const auto snapshot = targets::take_snapshot(programs, options, problem);
    scenarios::language::Diagnostics diagnostics;
    const auto rehearsal = snapshot ? scenarios::load({"watch.yaml",
                                                       "apiVersion: rehearsal/v1\nscenario: watched\n",
                                                       {},
                                                       {},
                                                       &snapshot->items,
                                                       "1.32.2",
                                                       {}},
                                                      diagnostics)
                                    : std::nullopt;
    if (!rehearsal) {
      state.SkipWithError(problem.c_str());
      break;
    }
    const targets::LiveRun run = targets::perform_live(*rehearsal, *snapshot, programs, options);
    recording.finish();
    if (run.history.next_id() < job.pod_events()) {
      state.SkipWithError("events were lost");
      break;
    }
    const sim::Time first = run.history.at(run.begins).at;
    const sim::Time last = run.history.at(run.history.next_id() - 1).at;
    state.SetIterationTime(std::chrono::duration<double>(last - first).count());
  }
  ::setenv("PATH", before.c_str(), 1);
}

void watch_events(benchmark::State& state) { watch(state, false); }
void record_events(benchmark::State& state) { watch(state, true); }

BENCHMARK(parse_large_recording)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(replay_large_recording)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(watch_events)->UseManualTime()->Iterations(1)->Repetitions(3)->Unit(benchmark::kSecond);
BENCHMARK(record_events)->UseManualTime()->Iterations(1)->Repetitions(3)->Unit(benchmark::kSecond);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  const auto parse = measurements.find("parse_large_recording");
  const auto replay = measurements.find("replay_large_recording");
  std::optional<double> alone;
  std::optional<double> alone_rate;
  if (parse) {
    alone = parse->wall;
    alone_rate = kReplayedPods * WatchedJob::kStages / parse->wall;
  }
  if (replay) {
    figures.push_back({"replay 150,000 events of 13 KB (baseline: simdjson alone)", replay->wall, "s", alone,
                       kReplaySeconds});
    figures.push_back({"replay 150,000 events of 13 KB, processor time", replay->counters.at("processor_s"),
                       "s", alone, kReplaySeconds});
    figures.push_back({"replay 150,000 events of 13 KB, memory at peak", replay->counters.at("peak_bytes"),
                       "bytes", std::nullopt, kReplayBytes});
  }
  for (const auto& [name, text] :
       {std::pair{"watch_events", "watcher, events a second (baseline: simdjson alone)"},
        std::pair{"record_events", "watcher that records, events a second (baseline: simdjson alone)"}}) {
    if (const auto measured = measurements.find(name)) {
      figures.push_back({text, kWatchedPods * WatchedJob::kStages / measured->wall, "/s", alone_rate,
                         kEventsPerSecond, benchmarks::Goal::AtLeast});
    }
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::run(argc, argv, judge); }
