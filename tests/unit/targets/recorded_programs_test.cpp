// A recording answers as the programs did, and whoever drives it decides the same again.

#include "scenarios/targets/programs/recorded_programs.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "scenarios/targets/programs/processes.h"
#include "scenarios/targets/programs/recording_programs.h"
#include "tests/unit/targets/temporary_folder.h"

namespace scenarios::targets {
namespace {

using Kind = ProgramEvent::Kind;
using Arguments = std::vector<std::string>;

const std::string kHeader = R"({"recording":{"schema":[1,0],"tool":"t"}})"
                            "\n";

std::string start_line(int at, int process, const std::string& arguments) {
  return "{\"t\":" + std::to_string(at) + ",\"start\":{\"process\":" + std::to_string(process) +
         ",\"arguments\":[" + arguments + "],\"input\":\"\"}}\n";
}
std::string line(int at, int process, const std::string& what) {
  return "{\"t\":" + std::to_string(at) + ",\"process\":" + std::to_string(process) + "," + what + "}\n";
}

const std::string kTwo =
    kHeader + start_line(0, 1, R"("kubectl","get","pods")") + start_line(0, 2, R"("kubectl","get","nodes")") +
    line(10, 1, R"("output":"p1")") + line(20, 2, R"("output":"n1")") + line(30, 1, R"("output":"p2")") +
    line(40, 2, R"("exit":3)") + start_line(45, 3, R"("kubectl","get","pods")") + line(50, 1, R"("exit":0)") +
    line(60, 3, R"("output":"later")") + line(70, 3, R"("exit":0)") +
    "{\"t\":80,\"note\":{\"decision\":\"end\"}}\n{\"end\":{\"lines\":12}}\n";

std::string told(const std::optional<ProgramEvent>& event) {
  if (!event) {
    return "nothing";
  }
  const std::string what =
      event->kind == Kind::Exited ? "exit " + std::to_string(event->exit_code) : event->data;
  return std::to_string(event->process) + " " + what + " at " + std::to_string(event->at.count());
}

class Recorded : public testing::Test {
 protected:
  RecordedPrograms& open(const std::string& text, RecordedProgramsOptions options = {}) {
    programs_ = std::make_unique<RecordedPrograms>(folder_.write("a.jsonl", text), options);
    return *programs_;
  }
  TemporaryFolder folder_;
  std::unique_ptr<RecordedPrograms> programs_;
};

TEST_F(Recorded, eventsComeInRecordedOrderAndAtRecordedTimes) {
  RecordedPrograms& programs = open(kTwo);
  programs.start({"kubectl", "get", "pods"}, "");
  programs.start({"kubectl", "get", "nodes"}, "");
  for (const char* want : {"1 p1 at 10", "2 n1 at 20", "1 p2 at 30", "2 exit 3 at 40", "1 exit 0 at 50"}) {
    EXPECT_EQ(told(programs.next(sim::kNever)), want);
  }
  EXPECT_EQ(programs.now(), sim::Time(50));
}

TEST_F(Recorded, nothingComesBeforeItsTime) {
  RecordedPrograms& programs = open(kTwo);
  programs.start({"kubectl", "get", "pods"}, "");
  EXPECT_EQ(told(programs.next(sim::Time(9))), "nothing");
  EXPECT_EQ(programs.now(), sim::Time(9));
  EXPECT_EQ(told(programs.next(sim::Time(10))), "1 p1 at 10");
  EXPECT_EQ(told(programs.next(sim::Time(29))), "nothing");
}

TEST_F(Recorded, sameArgumentsTakeTheRunsInRecordedOrder) {
  RecordedPrograms& programs = open(kTwo);
  programs.start({"kubectl", "get", "pods"}, "");
  programs.start({"kubectl", "get", "pods"}, "");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 p1 at 10");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 p2 at 30");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 exit 0 at 50");
  EXPECT_EQ(told(programs.next(sim::kNever)), "2 later at 60");
}

TEST_F(Recorded, eventsOfAProcessThatStartsLateAreHeldBack) {
  RecordedPrograms& programs = open(kTwo);
  programs.start({"kubectl", "get", "pods"}, "");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 p1 at 10");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 p2 at 30");
  ASSERT_EQ(programs.not_started().size(), 1U);
  EXPECT_EQ(programs.not_started()[0].arguments, (Arguments{"kubectl", "get", "nodes"}));
  programs.start({"kubectl", "get", "nodes"}, "");
  EXPECT_EQ(told(programs.next(sim::kNever)), "2 n1 at 30");
  EXPECT_EQ(told(programs.next(sim::kNever)), "2 exit 3 at 40");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 exit 0 at 50");
  ASSERT_EQ(programs.not_started().size(), 1U) << "the second run of get pods was passed";
  EXPECT_EQ(programs.not_started()[0].process, 3U);
}

TEST_F(Recorded, killEndsTheEventsOfItsProcessOnly) {
  RecordedPrograms& programs = open(kTwo);
  const ProcessId pods = programs.start({"kubectl", "get", "pods"}, "");
  programs.start({"kubectl", "get", "nodes"}, "");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 p1 at 10");
  programs.kill(pods);
  EXPECT_EQ(told(programs.next(sim::kNever)), "2 n1 at 20");
  EXPECT_EQ(told(programs.next(sim::kNever)), "2 exit 3 at 40");
  EXPECT_EQ(told(programs.next(sim::kNever)), "nothing");
  EXPECT_TRUE(programs.exhausted());
}

TEST_F(Recorded, unrecordedProgramNamesTheNearest) {
  RecordedPrograms& programs = open(kTwo);
  programs.start({"kubectl", "get", "nodes", "-A"}, "");
  EXPECT_EQ(
      told(programs.next(sim::kNever)),
      "1 kubectl get nodes -A: not in the recording; the nearest that was recorded: kubectl get nodes at 0");
}

TEST_F(Recorded, takenProgramSaysThatItIsTaken) {
  RecordedPrograms& programs = open(kTwo);
  programs.start({"kubectl", "get", "nodes"}, "");
  programs.start({"kubectl", "get", "nodes"}, "");
  EXPECT_EQ(told(programs.next(sim::kNever)),
            "2 kubectl get nodes: recorded, but every recorded run of it was used already at 0");
}

TEST_F(Recorded, startFarAheadIsFoundWithoutReadingEverythingIntoMemory) {
  RecordedPrograms& programs = open(kTwo, {.ahead_bytes = 1});
  programs.start({"kubectl", "get", "pods"}, "");
  programs.start({"kubectl", "get", "pods"}, "");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 p1 at 10");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 p2 at 30");
  EXPECT_EQ(told(programs.next(sim::kNever)), "1 exit 0 at 50");
  EXPECT_EQ(told(programs.next(sim::kNever)), "2 later at 60");
}

TEST_F(Recorded, tooManyHeldEventsAreLetGo) {
  RecordedPrograms& programs = open(kTwo, {.held_bytes = 1});
  programs.start({"kubectl", "get", "pods"}, "");
  for (int i = 0; i < 3; ++i) {
    programs.next(sim::kNever);
  }
  programs.start({"kubectl", "get", "nodes"}, "");
  EXPECT_EQ(programs.next(sim::kNever)->kind, Kind::NotStarted);
}

TEST_F(Recorded, notesAndProblemsAreHandedOut) {
  RecordedPrograms& programs = open(kTwo);
  while (programs.next(sim::kNever)) {
  }
  const std::vector<RecordedLine> notes = programs.take_notes();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(std::get<RecordedNote>(notes[0].what).json, R"({"decision":"end"})");
  EXPECT_TRUE(programs.take_notes().empty());
  EXPECT_FALSE(programs.problem().has_value());

  EXPECT_TRUE(open("rubbish\n").problem().has_value());
  programs_->start({"kubectl"}, "");
  EXPECT_EQ(programs_->next(sim::kNever)->kind, Kind::NotStarted);
}

/// A driver whose decisions hang on times and outputs: reads two programs, starts a third on a word, kills on
/// a pause.
std::string drive(Programs& programs) {
  std::string decisions;
  const ProcessId ticker =
      programs.start({"sh", "-c", "for i in 1 2 3 4 5; do echo tick $i; done; exec sleep 1000"}, "");
  programs.start({"sh", "-c", "echo token: Planted >&2; echo OS_PASSWORD=Planted; exit 4"}, "");
  sim::Time deadline = programs.now() + std::chrono::milliseconds(50);
  int quiet = 0;
  std::map<ProcessId, std::string> seen;
  while (quiet < 3) {
    const std::optional<ProgramEvent> event = programs.next(deadline);
    decisions += std::to_string(programs.now().count()) + ": " + told(event) + "\n";
    if (!event) {
      ++quiet;
      deadline = programs.now() + std::chrono::milliseconds(20);
      continue;
    }
    seen[event->process] += event->data;
    if (event->process == ticker && seen[ticker].ends_with("tick 5\n")) {
      programs.start({"sh", "-c", "cat; exit 1"}, "password: Planted\n");
    }
  }
  programs.kill(ticker);
  decisions += told(programs.next(programs.now() + std::chrono::milliseconds(5))) + "\n";
  return decisions + std::to_string(programs.now().count());
}

TEST_F(Recorded, driverDecidesTheSameOnTheRecording) {
  const std::string path = folder_.file("real.jsonl.zst");
  std::string live;
  {
    Processes processes({.allowed = {"sh"}, .grace = std::chrono::milliseconds(20)});
    RecordingHeader header;
    header.started = processes.started();
    RecordingWriter writer(path, header);
    RecordingPrograms recording(processes, writer, std::chrono::milliseconds(2));
    live = drive(recording);
    recording.note({{"decision", "password=Planted"}});
    recording.finish();
    ASSERT_EQ(recording.problem(), "");
    EXPECT_GT(recording.redacted().of(RedactionRule::NamedKey), 0U);
  }
  RecordedPrograms recorded(path);
  EXPECT_EQ(drive(recorded), live);
  EXPECT_EQ(live.find("Planted"), std::string::npos) << live;
  while (recorded.next(sim::kNever)) {
  }
  EXPECT_FALSE(recorded.problem().has_value()) << recorded.problem()->text;
  EXPECT_EQ(recorded.torn_text(), "");
  RecordingReader reader(path);
  for (const RecordedLine& read : lines_of(reader)) {
    const auto* event = std::get_if<ProgramEvent>(&read.what);
    const auto* started = std::get_if<RecordedStart>(&read.what);
    const auto* note = std::get_if<RecordedNote>(&read.what);
    const std::string text = event != nullptr     ? event->data
                             : started != nullptr ? started->input
                                                  : note->json;
    // The script itself is an argument: its `echo token: Planted` goes as well.
    EXPECT_EQ(text.find("Planted"), std::string::npos) << text;
    if (started != nullptr) {
      for (const std::string& argument : started->arguments) {
        EXPECT_EQ(argument.find("Planted"), std::string::npos) << argument;
      }
    }
  }
}

TEST_F(Recorded, recordingThatIsNeverFinishedHoldsWhatWasDelivered) {
  const std::string path = folder_.file("real.jsonl.zst");
  {
    Processes processes({.allowed = {"sh"}});
    RecordingWriter writer(path, {});
    RecordingPrograms recording(processes, writer);
    recording.start({"sh", "-c", "echo a; exit 2"}, "");
    while (recording.next(sim::kNever)) {
    }
    RecordingReader reader(path);
    const std::vector<RecordedLine> lines = lines_of(reader);
    ASSERT_EQ(lines.size(), 3U) << "everything was quiet, so everything is synced";
    EXPECT_TRUE(reader.torn());
  }
}

}  // namespace
}  // namespace scenarios::targets
