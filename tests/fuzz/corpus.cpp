// Writes what the fuzz targets begin with, from the files of this repository:
//
//     fuzz_corpus FOLDER      FOLDER/scenario, FOLDER/snapshot, FOLDER/runbook, FOLDER/recording

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "scenarios/language/load.h"
#include "scenarios/language/scenario.h"
#include "scenarios/targets/recording/line_source.h"

namespace {

namespace fs = std::filesystem;

/// So many lines of a recording are enough to show what lines there are.
constexpr int kLines = 40;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Corpus {
 public:
  explicit Corpus(fs::path folder) : folder_(std::move(folder)) {
    for (const char* target : {"scenario", "snapshot", "runbook", "recording"}) {
      fs::create_directories(folder_ / target);
    }
  }

  void add(const char* target, const std::string& content) {
    std::ofstream(folder_ / target / fmt::format("seed-{:05}", ++count_), std::ios::binary) << content;
  }

  /// A scenario, and the text of each of its steps as a runbook.
  void add_scenario(const fs::path& path) {
    const std::string text = text_of(path);
    const auto scenario = scenarios::language::load_scenario_text(text, path.string()).scenario;
    if (!scenario) {
      add("snapshot", "\2" + text);  // a manifest beside the scenarios
      return;
    }
    add("scenario", text);
    for (const auto& step : scenario->plan) {
      for (const auto& run : step.run) {
        add("runbook", run.value);
      }
    }
  }

  void add_recording(const fs::path& path) {
    scenarios::targets::LineSource source(path.string());
    std::string text;
    for (int i = 0; i < kLines && source.next() == scenarios::targets::LineSource::Outcome::Line; ++i) {
      text += std::string(source.line()) + "\n";
    }
    add("recording", text);
  }

 private:
  fs::path folder_;
  int count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: fuzz_corpus FOLDER (from the root of the repository)\n");
    return 2;
  }
  Corpus corpus(argv[1]);
  for (const auto& entry : fs::recursive_directory_iterator("scenarios/library")) {
    if (entry.path().extension() == ".yaml") {
      corpus.add_scenario(entry.path());
    } else if (entry.path().extension() == ".json") {
      corpus.add("snapshot", "\1" + text_of(entry.path()));
    }
  }
  for (const auto& entry : fs::recursive_directory_iterator("scenarios/recordings")) {
    if (entry.path().filename().string().ends_with(".jsonl.zst")) {
      corpus.add_recording(entry.path());
    }
  }
  return 0;
}
