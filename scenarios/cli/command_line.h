#pragma once
// The program `rehearse`: an options struct and a run function per subcommand.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace scenarios::cli {

/// Exit codes of the program.
enum ExitCode : int {
  kHeld = 0,      ///< all held
  kFailed = 1,    ///< a check or an expectation failed
  kBadInput = 2,  ///< the input or the command line is wrong
};

struct RunOptions {
  std::vector<std::string> scenarios;
  std::vector<std::string> cluster;
  std::vector<std::string> set;
  std::optional<std::uint64_t> seed;
  std::string choices;
  std::string save;
  bool json = false;
  bool verbose = false;
};
void add_run(CLI::App& app, RunOptions& options);
int run(const RunOptions& options);

struct ExploreOptions {
  std::string scenario;
  std::vector<std::string> cluster;
  std::vector<std::string> set;
  std::uint32_t faults = 1;
  std::uint64_t worlds_max = 1'000'000;
  bool no_merge = false;
  bool json = false;
  std::string save;
};
void add_explore(CLI::App& app, ExploreOptions& options);
int explore(const ExploreOptions& options);

struct TestOptions {
  std::vector<std::string> paths;
  std::string junit;
  std::uint32_t jobs = 0;  ///< 0: as many as there are cores
  std::optional<std::uint64_t> seed;
  std::uint64_t seeds = 1;  ///< so many, one after the other from the first
  bool json = false;
};
void add_test(CLI::App& app, TestOptions& options);
int test(const TestOptions& options);

struct ExplainOptions {
  std::string check;
};
void add_explain(CLI::App& app, ExplainOptions& options);
int explain(const ExplainOptions& options);

struct ImportOptions {
  std::string script;
  std::string output;  ///< empty: standard output
  std::string version;
};
void add_import(CLI::App& app, ImportOptions& options);
int import_script(const ImportOptions& options);

struct RecordOptions {
  std::string plan;
  std::string output;
  bool yes = false;
  bool watch_only = false;
  std::string how_long;  ///< of --watch-only, as a duration
  std::vector<std::string> also_watch;
  std::vector<std::string> flags;  ///< PART=FLAG
  bool strike_faults = false;
  bool unknown_commands = false;
  bool json = false;
};
void add_record(CLI::App& app, RecordOptions& options);
int record(const RecordOptions& options);

struct SnapshotOptions {
  std::string folder;
};
void add_snapshot(CLI::App& app, SnapshotOptions& options);
int snapshot(const SnapshotOptions& options);

struct ReplayOptions {
  std::vector<std::string> recordings;
  double at_least = 0;  ///< percent
  bool json = false;
};
void add_replay(CLI::App& app, ReplayOptions& options);
int replay(const ReplayOptions& options);

/// The whole program. @return its exit code.
int main(int argc, char** argv);

}  // namespace scenarios::cli
