#pragma once
// Figures that the repository promises: measured by Google Benchmark, judged here, written as JSON for `./dev
// bench`.

#include <benchmark/benchmark.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace benchmarks {

/// What one benchmark came to.
struct Measured {
  double cpu = 0;   ///< processor time of one iteration in seconds, median of the repetitions
  double wall = 0;  ///< the same by the clock on the wall, or what the benchmark gave as its own time
  std::map<std::string, double> counters;  ///< of the last repetition
};

/// All that was measured, by the name of the benchmark (without repetitions and other suffixes).
class Measurements {
 public:
  void add(const std::string& name, double cpu, double wall, const benchmark::UserCounters& counters);
  /// nullopt where the benchmark did not run, e.g. because of --benchmark_filter.
  [[nodiscard]] std::optional<Measured> find(const std::string& name) const;

 private:
  struct Repetitions {
    std::vector<double> cpu;
    std::vector<double> wall;
    std::map<std::string, double> counters;
  };
  std::map<std::string, Repetitions> by_name_;
};

enum class Goal { AtMost, AtLeast };

/// One line of the table that `./dev bench` shows.
struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<double>
      baseline;  ///< in the same unit, measured in the same run; `ratio` is value / baseline
  std::optional<double> goal;
  Goal kind = Goal::AtMost;
};

/// The body of main(): takes `--json FILE`, leaves the other arguments to Google Benchmark, runs what was
/// registered, and writes what `judge` makes of it. Exit code 2 on bad arguments or an unwritable file.
int run(int argc, char** argv, const std::function<std::vector<Figure>(const Measurements&)>& judge);

}  // namespace benchmarks
