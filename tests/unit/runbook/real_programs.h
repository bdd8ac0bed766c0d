#pragma once
// The judge of these tests: bash and the programs of a Debian base system, in the C locale.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace scenarios::runbook {

struct RealResult {
  std::string output;
  int exit_code = 0;
};

/// Runs `script` in bash with `input` as its standard input; errors are not shown.
inline RealResult run_bash(const std::string& script, const std::string& input = {}) {
  char folder[] = "/tmp/runbook-test-XXXXXX";
  if (mkdtemp(folder) == nullptr) {
    std::abort();
  }
  const std::filesystem::path path(folder);
  std::ofstream(path / "script") << script;
  std::ofstream(path / "input") << input;
  // By a pipe, as the programs would get it: wc pads its columns by what it reads from.
  const std::string command =
      "cat " + (path / "input").string() + " | LC_ALL=C bash " + (path / "script").string() + " 2>/dev/null";
  RealResult result;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t count = 0; (count = fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    result.output.append(buffer, count);
  }
  result.exit_code = WEXITSTATUS(pclose(pipe));
  std::filesystem::remove_all(path);
  return result;
}

}  // namespace scenarios::runbook
