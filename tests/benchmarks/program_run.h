#pragma once
// The program itself, as a person starts it.

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

extern char** environ;

namespace benchmarks {

/// What a run of a program took.
struct ProgramRun {
  int exit_code = 0;
  double seconds = 0;  ///< by the clock on the wall
  double processor_seconds = 0;
  double peak_bytes = 0;
};

/// Runs a program with its output thrown away; nullopt where it cannot be started or is ended by a signal.
inline std::optional<ProgramRun> run_program(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  rusage usage{};
  int status = 0;
  const auto begin = std::chrono::steady_clock::now();
  const int error = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0 || ::wait4(child, &status, 0, &usage) != child || !WIFEXITED(status)) {
    return std::nullopt;
  }
  ProgramRun run;
  run.exit_code = WEXITSTATUS(status);
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  run.processor_seconds = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                          static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  run.peak_bytes = static_cast<double>(usage.ru_maxrss) * 1024;
  return run;
}

}  // namespace benchmarks
