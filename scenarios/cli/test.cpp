#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "reports/junit.h"
#include "reports/text.h"
#include "scenarios/cli/command_line.h"
#include "scenarios/cli/files.h"
#include "scenarios/cli/terminal.h"
#include "scenarios/run.h"

namespace scenarios::cli {

namespace {

namespace fs = std::filesystem;

struct Outcome {
  std::string file;
  std::string title;
  bool readable = false;
  std::string diagnostics;
  sim::ResultRecord record;

  [[nodiscard]] bool passed() const { return readable && record.as_expected; }
};

/// Whether a file below a folder is a scenario: manifests and plans' files may lie beside them.
bool is_scenario(const fs::path& path) {
  if (path.extension() != ".yaml" && path.extension() != ".yml") {
    return false;
  }
  const std::optional<std::string> content = read_file(path.string(), std::size_t{16} << 20U);
  return content && (content->starts_with("scenario:") || content->find("\nscenario:") != std::string::npos);
}

/// All scenarios of a file or of a folder and what is below it, sorted by name.
bool collect(const std::string& path, std::vector<std::string>& files) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    files.push_back(path);
    return true;
  }
  if (!fs::is_directory(path, error)) {
    fmt::print(stderr, "{}: error: there is no such file or folder\n", path);
    return false;
  }
  const std::size_t before = files.size();
  for (auto entry = fs::recursive_directory_iterator(path, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_regular_file() && is_scenario(entry->path())) {
      files.push_back(entry->path().string());
    }
  }
  std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
  if (files.size() == before) {
    fmt::print(stderr, "{}: error: no scenario here (a .yaml file with the key scenario)\n", path);
    return false;
  }
  return true;
}

/// With several seeds the outcome is that of the first that fails, or of the last.
Outcome test_one(const std::string& file, const TestOptions& options) {
  Outcome outcome{file, {}, false, {}, {}};
  language::Diagnostics diagnostics;
  const std::optional<Rehearsal> rehearsal = load({file, {}, {}, {}}, diagnostics);
  outcome.diagnostics = language::render(diagnostics.sorted());
  if (rehearsal) {
    outcome.readable = true;
    outcome.title = rehearsal->scenario.title.value;
    const std::uint64_t first =
        options.seed.value_or(static_cast<std::uint64_t>(rehearsal->scenario.seed.value));
    for (std::uint64_t i = 0; i < options.seeds && (i == 0 || outcome.passed()); ++i) {
      sim::SeededChoices choices(first + i);
      outcome.record = perform(*rehearsal, choices, first + i);
    }
  }
  return outcome;
}

std::string why_not(const Outcome& outcome) {
  if (!outcome.readable) {
    return outcome.diagnostics;
  }
  std::string text;
  for (const sim::Expectation& expectation : outcome.record.expectations) {
    if (!expectation.met) {
      text +=
          fmt::format("{}: expected: {}; {}\n", expectation.place.empty() ? outcome.file : expectation.place,
                      expectation.text, expectation.detail);
    }
  }
  if (outcome.record.expectations.empty()) {
    for (const sim::Finding& finding : outcome.record.findings) {
      if (finding.verdict == sim::Verdict::Violated ||
          (finding.asked_for && finding.verdict != sim::Verdict::Held)) {
        text += fmt::format("{}: {} {}: {}\n", finding.place.empty() ? outcome.file : finding.place,
                            finding.check, sim::to_text(finding.verdict), finding.summary);
      }
    }
  }
  return text + fmt::format("repeat: {}\n", outcome.record.repeat);
}

}  // namespace

void add_test(CLI::App& app, TestOptions& options) {
  CLI::App* test = app.add_subcommand("test", "Perform scenarios and hold each against what it expects");
  test->add_option("PATH", options.paths, "Scenario files, or folders of them")->required();
  test->add_option("--junit", options.junit, "Write the results as JUnit XML to this file");
  test->add_option("--jobs", options.jobs, "Scenarios at once (default: the number of cores)")
      ->check(CLI::Range(1, 1024));
  test->add_option("--seed", options.seed, "Seed of all chance (default: each scenario's own)");
  test->add_option("--seeds", options.seeds, "Perform each with so many seeds, from its own or --seed on")
      ->check(CLI::Range(1, 1'000'000));
  test->add_flag("--json", options.json, "Print all result records as one JSON list");
}

int test(const TestOptions& options) {
  std::vector<std::string> files;
  for (const std::string& path : options.paths) {
    if (!collect(path, files)) {
      return kBadInput;
    }
  }
  std::vector<Outcome> outcomes(files.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      outcomes[i] = test_one(files[i], options);
    }
  };
  const std::size_t jobs = std::min<std::size_t>(
      files.size(), options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency()));
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < jobs; ++i) {
      threads.emplace_back(work);
    }
    work();
  }

  std::size_t failed = 0;
  bool unreadable = false;
  std::vector<reports::TestCase> cases;
  auto records = nlohmann::ordered_json::array();
  for (const Outcome& outcome : outcomes) {
    failed += outcome.passed() ? 0 : 1;
    unreadable = unreadable || !outcome.readable;
    const std::string problem = outcome.passed() ? std::string() : why_not(outcome);
    cases.push_back(
        {outcome.file, outcome.title, outcome.record.ended_at, outcome.passed(), !outcome.readable, problem});
    if (options.json) {
      records.push_back(sim::to_json(outcome.record));
    } else {
      fmt::print("{} {}{}\n", outcome.passed() ? "ok    " : "FAILED", outcome.file,
                 outcome.title.empty() ? "" : fmt::format(": {}", outcome.title));
      if (!outcome.passed()) {
        fmt::print("{}", reports::indent(problem, 7));
      }
    }
  }
  if (options.json) {
    fmt::print("{}\n", records.dump(1));
  } else {
    fmt::print("{} passed, {} failed\n", outcomes.size() - failed, failed);
  }
  if (!options.junit.empty() && !write_file(options.junit, reports::junit(cases))) {
    return kBadInput;
  }
  return unreadable ? kBadInput : failed > 0 ? kFailed : kHeld;
}

}  // namespace scenarios::cli
