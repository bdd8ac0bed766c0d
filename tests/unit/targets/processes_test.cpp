// Real processes. Scripts of sh stand in for kubectl; only these tests allow it.

#include "scenarios/targets/programs/processes.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "tests/unit/targets/temporary_folder.h"

namespace scenarios::targets {
namespace {

using Kind = ProgramEvent::Kind;

ProcessesOptions only_sh(sim::Duration grace = std::chrono::seconds(20)) {
  return {.allowed = {"sh", "no-such-program-of-rehearsal", "cat"}, .grace = grace};
}

std::vector<std::string> script(const std::string& text) { return {"sh", "-c", text}; }

struct Seen {
  std::string output;
  std::string errors;
  std::vector<ProgramEvent> events;
};

/// Everything until nothing runs any more.
Seen everything(Programs& programs) {
  Seen seen;
  while (std::optional<ProgramEvent> event = programs.next(sim::kNever)) {
    (event->kind == Kind::Output ? seen.output : seen.errors) += event->data;
    seen.events.push_back(*std::move(event));
  }
  return seen;
}

TEST(Processes, outputErrorsAndExitCodeArrive) {
  Processes programs(only_sh());
  const ProcessId id = programs.start(script("echo out; echo err >&2; exit 7"), "");
  const Seen seen = everything(programs);
  EXPECT_EQ(seen.output, "out\n");
  EXPECT_EQ(seen.errors, "err\n");
  ASSERT_EQ(seen.events.back().kind, Kind::Exited);
  EXPECT_EQ(seen.events.back().exit_code, 7);
  EXPECT_EQ(seen.events.back().process, id);
}

TEST(Processes, timesNeverDecrease) {
  Processes programs(only_sh());
  for (int i = 0; i < 4; ++i) {
    programs.start(script("echo a; echo b >&2; echo c"), "");
  }
  sim::Time last{};
  for (const ProgramEvent& event : everything(programs).events) {
    EXPECT_GE(event.at, last);
    last = event.at;
  }
  EXPECT_GE(programs.now(), last);
}

TEST(Processes, argumentsReachTheProgramUntouchedByAnyShell) {
  Processes programs(only_sh());
  programs.start({"sh", "-c", "printf '%s|' \"$@\"", "sh", "$HOME", "a  b", "*", "'", ""}, "");
  EXPECT_EQ(everything(programs).output, "$HOME|a  b|*|'||");
}

TEST(Processes, inputReachesTheProgram) {
  Processes programs(only_sh());
  const std::string input(300'000, 'i');
  programs.start({"cat"}, input);
  EXPECT_EQ(everything(programs).output, input);
}

TEST(Processes, programThatReadsNothingDoesNotHang) {
  Processes programs(only_sh());
  programs.start(script("exec 0<&-; echo done"), std::string(3'000'000, 'i'));
  EXPECT_EQ(everything(programs).output, "done\n");
}

TEST(Processes, programThatLeavesItsInputUnreadDoesNotHang) {
  Processes programs(only_sh());
  programs.start(script("echo done; exit 3"), std::string(3'000'000, 'i'));
  const Seen seen = everything(programs);
  EXPECT_EQ(seen.output, "done\n");
  EXPECT_EQ(seen.events.back().exit_code, 3);
}

TEST(Processes, missingProgramSaysSo) {
  Processes programs(only_sh());
  const ProcessId id = programs.start({"no-such-program-of-rehearsal"}, "");
  const std::optional<ProgramEvent> event = programs.next(sim::kNever);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->process, id);
  EXPECT_EQ(event->kind, Kind::NotStarted);
  EXPECT_EQ(event->data,
            "no-such-program-of-rehearsal: not found in any folder of PATH; install "
            "no-such-program-of-rehearsal or "
            "add its folder to PATH");
  EXPECT_FALSE(programs.next(sim::kNever).has_value());
}

TEST(Processes, onlyAllowedNamesStart) {
  Processes programs;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"sh", "-c", "echo"}, {"/bin/sh"}, {"./kubectl"}, {""}, {}}) {
    programs.start(arguments, "");
    const std::optional<ProgramEvent> event = programs.next(sim::kNever);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->kind, Kind::NotStarted);
    EXPECT_NE(event->data.find("not a program that may be started; allowed are kubectl, helm, openstack"),
              std::string::npos);
  }
}

TEST(Processes, argumentWithAZeroByteIsRefused) {
  Processes programs(only_sh());
  programs.start({"sh", std::string("a\0b", 3)}, "");
  EXPECT_EQ(programs.next(sim::kNever)->kind, Kind::NotStarted);
}

TEST(Processes, killedHangingProgramTellsNothingMore) {
  Processes programs(only_sh());
  const ProcessId hanging = programs.start(script("echo here; exec sleep 1000"), "");
  ASSERT_EQ(programs.next(sim::kNever)->data, "here\n");
  EXPECT_FALSE(programs.next(programs.now() + std::chrono::milliseconds(5)).has_value());
  programs.kill(hanging);
  EXPECT_FALSE(programs.next(sim::kNever).has_value());
  programs.kill(hanging);
}

TEST(Processes, programThatIgnoresTermIsKilledAfterItsGrace) {
  Processes programs(only_sh(std::chrono::milliseconds(10)));
  const ProcessId stubborn =
      programs.start(script("trap '' TERM; echo $$; while :; do sleep 1000; done"), "");
  const std::string number = programs.next(sim::kNever)->data;
  programs.kill(stubborn);
  const pid_t pid = static_cast<pid_t>(std::stol(number));
  // Ends only when the process is gone; the time limit of the test is the other outcome.
  while (::kill(pid, 0) == 0) {
    programs.next(programs.now() + std::chrono::milliseconds(5));
  }
  EXPECT_EQ(errno, ESRCH);
}

TEST(Processes, killReachesWhatTheProgramStarted) {
  const TemporaryFolder folder;
  pid_t child = 0;
  {
    Processes programs(only_sh(std::chrono::milliseconds(10)));
    const ProcessId id = programs.start(
        script("trap '' TERM; sh -c 'trap \"\" TERM; echo $$; sleep 1000; :' & wait; wait"), "");
    child = static_cast<pid_t>(std::stol(programs.next(sim::kNever)->data));
    programs.kill(id);
  }
  // It is nobody's child of ours: init reaps it whenever it likes; a zombie has been killed as well. The
  // kernel may take its time to end it; the time limit of the test is the other outcome.
  const auto gone = [&] {
    const std::string status = bytes_of_file("/proc/" + std::to_string(child) + "/stat");
    return status.empty() || status.find(") Z") != std::string::npos ||
           status.find(") X") != std::string::npos;
  };
  while (!gone()) {
    ::usleep(1000);
  }
  EXPECT_TRUE(gone());
}

TEST(Processes, signalIsToldAsShellsDo) {
  Processes programs(only_sh());
  programs.start(script("kill -KILL $$"), "");
  EXPECT_EQ(everything(programs).events.back().exit_code, 128 + SIGKILL);
}

TEST(Processes, rubbishArrivesByteForByte) {
  Processes programs(only_sh());
  programs.start(script(R"(printf '\000\377\376{"\n\001')"), "");
  EXPECT_EQ(everything(programs).output, std::string("\0\xff\xfe{\"\n\1", 7));
}

TEST(Processes, largeOutputArrivesInPiecesAndIsNotBuffered) {
  Processes programs(only_sh());
  programs.start(script("head -c 10485760 /dev/zero"), "");
  std::size_t size = 0;
  std::size_t largest = 0;
  while (std::optional<ProgramEvent> event = programs.next(sim::kNever)) {
    size += event->data.size();
    largest = std::max(largest, event->data.size());
  }
  EXPECT_EQ(size, 10'485'760U);
  EXPECT_LE(largest, 65'536U);
}

TEST(Processes, whatIsLeftInTheBackgroundHoldsUpNoExit) {
  const TemporaryFolder folder;
  const std::string file = folder.file("pid");
  {
    Processes programs(only_sh());
    programs.start({"sh", "-c", "sleep 1000 & echo $! > \"$1\"; echo started", "sh", file}, "");
    const Seen seen = everything(programs);
    EXPECT_EQ(seen.output, "started\n");
    EXPECT_EQ(seen.events.back().kind, Kind::Exited);
  }
  ::kill(static_cast<pid_t>(std::stol(bytes_of_file(file))), SIGKILL);
}

TEST(Processes, eventsAfterAQuietTimeAreLaterThanIt) {
  Processes programs(only_sh());
  programs.start(script("echo a"), "");
  const sim::Time quiet = sim::Time(1);
  // Either it has printed by then, or all it prints is later.
  if (!programs.next(quiet).has_value()) {
    EXPECT_FALSE(programs.next(quiet).has_value());
    EXPECT_GT(programs.next(sim::kNever)->at, quiet);
  }
}

TEST(Processes, startIsACalendarTime) {
  const Processes programs(only_sh());
  EXPECT_EQ(programs.started().size(), std::string("2026-01-02T03:04:05.000000006Z").size());
  EXPECT_EQ(programs.started()[10], 'T');
  EXPECT_EQ(programs.started().back(), 'Z');
}

TEST(Processes, noDescriptorIsLeftBehindByStartsAndKills) {
  const auto open_descriptors = [] {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      ++count;
    }
    return count;
  };
  const std::size_t before = open_descriptors();
  {
    Processes programs(only_sh());
    for (int i = 0; i < 10; ++i) {
      programs.kill(programs.start(script("sleep 1000"), ""));
      programs.start(script("exit 0"), "");
    }
    everything(programs);
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace scenarios::targets
