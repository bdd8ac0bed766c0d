#include "tests/benchmarks/figures.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace benchmarks {

namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Prints as usual and remembers every repetition.
class Reporter : public benchmark::ConsoleReporter {
 public:
  explicit Reporter(Measurements& measurements) : ConsoleReporter(OO_Tabular), measurements_(measurements) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& one : runs) {
      if (one.error_occurred) {
        failed_ = true;
      } else if (one.run_type == Run::RT_Iteration && one.iterations > 0) {
        const double iterations = static_cast<double>(one.iterations);
        const std::string name = one.run_name.args.empty()
                                     ? one.run_name.function_name
                                     : one.run_name.function_name + "/" + one.run_name.args;
        measurements_.add(name, one.cpu_accumulated_time / iterations, one.real_accumulated_time / iterations,
                          one.counters);
      }
    }
    ConsoleReporter::ReportRuns(runs);
  }

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  Measurements& measurements_;
  bool failed_ = false;
};

nlohmann::ordered_json to_json(const Figure& figure) {
  nlohmann::ordered_json json;
  json["name"] = figure.name;
  json["value"] = figure.value;
  json["unit"] = figure.unit;
  json["baseline"] = nullptr;
  json["ratio"] = nullptr;
  json["goal"] = nullptr;
  json["reached"] = nullptr;
  if (figure.baseline) {
    json["baseline"] = *figure.baseline;
    json["ratio"] = figure.value / *figure.baseline;
  }
  if (figure.goal) {
    json["goal"] = *figure.goal;
    json["reached"] =
        figure.kind == Goal::AtMost ? figure.value <= *figure.goal : figure.value >= *figure.goal;
  }
  return json;
}

}  // namespace

void Measurements::add(const std::string& name, double cpu, double wall,
                       const benchmark::UserCounters& counters) {
  Repetitions& repetitions = by_name_[name];
  repetitions.cpu.push_back(cpu);
  repetitions.wall.push_back(wall);
  for (const auto& [counter, value] : counters) {
    repetitions.counters[counter] = value.value;
  }
}

std::optional<Measured> Measurements::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    return std::nullopt;
  }
  return Measured{median(found->second.cpu), median(found->second.wall), found->second.counters};
}

int run(int argc, char** argv, const std::function<std::vector<Figure>(const Measurements&)>& judge) {
  std::string json_file;
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    if (std::string(argv[i]) == "--json" && i + 1 < argc) {
      json_file = argv[++i];
    } else {
      rest.push_back(argv[i]);
    }
  }
  int rest_count = static_cast<int>(rest.size());
  benchmark::Initialize(&rest_count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(rest_count, rest.data())) {
    return 2;
  }
  Measurements measurements;
  Reporter reporter(measurements);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();

  nlohmann::ordered_json figures = nlohmann::ordered_json::array();
  for (const Figure& figure : judge(measurements)) {
    figures.push_back(to_json(figure));
  }
  if (json_file.empty()) {
    std::cout << figures.dump(1) << '\n';
  } else if (std::ofstream out(json_file); !(out << figures.dump(1) << '\n')) {
    std::cerr << json_file << ": cannot be written\n";
    return 2;
  }
  return reporter.failed() ? 1 : 0;
}

}  // namespace benchmarks
