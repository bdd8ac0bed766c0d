// The live adapter when its programs end, hang, print rubbish or are missing.

#include "scenarios/targets/live/live_target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/vocabulary.h"
#include "tests/unit/targets/scripted_programs.h"

namespace scenarios::targets {
namespace {

using namespace std::chrono_literals;
using Kind = ProgramEvent::Kind;
namespace kubernetes = models::kubernetes;

std::string node() {
  return R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n0","uid":"node-0","resourceVersion":"1",
    "creationTimestamp":"2026-01-01T00:00:00Z"},"status":{"allocatable":{"cpu":"8","memory":"16Gi","pods":"110"},
    "conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}]}})";
}

/// A bare pod as the API server shows it; `second` of its creation, after 01:00:00.
std::string pod(int number, int version, const std::string& phase, int second = 10) {
  const std::string time = fmt::format("2026-01-01T01:{:02}:{:02}Z", second / 60, second % 60);
  const std::string status =
      phase == "Pending"
          ? std::string(R"("phase":"Pending")")
          : fmt::format(
                R"("phase":"{0}","startTime":"{1}","conditions":[{{"type":"PodScheduled","status":"True","lastTransitionTime":"{1}"}},
                  {{"type":"Ready","status":"True","lastTransitionTime":"{1}"}}],"containerStatuses":[{{"name":"c","ready":true,
                  "restartCount":0,"image":"i","imageID":"","state":{{"running":{{"startedAt":"{1}"}}}}}}])",
                phase, time);
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p{0}","namespace":"default","uid":"pod-{0}","resourceVersion":"{1}",
        "creationTimestamp":"{2}"}},"spec":{{{3}"containers":[{{"name":"c","image":"i"}}]}},"status":{{{4}}}}})",
      number, version, time, phase == "Pending" ? "" : R"("nodeName":"n0",)", status);
}

std::string event(const std::string& type, const std::string& object) {
  return "{\"type\":\"" + type + "\",\"object\":" + object + "}\n";
}

std::string list(const std::vector<std::string>& objects, const std::string& version = "") {
  return fmt::format(R"({{"kind":"List","metadata":{{"resourceVersion":"{}"}},"items":[{}]}})", version,
                     fmt::join(objects, ","));
}

/// The adapter on scripted programs, with a plan of one command that takes ten seconds.
class Live : public testing::Test {
 protected:
  /// What the first watch of pods, the second … does.
  std::vector<std::function<void(ProcessId)>> pod_watches;
  /// What a list of pods shows when a watch ended.
  std::function<void(ProcessId)> pod_list = [this](ProcessId process) {
    programs.print(process, list({}));
    programs.exit(process, 0);
  };
  ScriptedPrograms programs;
  std::string scenario_head;
  std::string plan = "plan: [{step: wait, run: kubectl get pods}]\n";

  void begin(ProcessId process, const std::vector<std::string>& arguments) {
    const std::string what = fmt::format("{}", fmt::join(arguments, " "));
    const bool watch = std::find(arguments.begin(), arguments.end(), "--watch") != arguments.end();
    if (watch && arguments[2] == "nodes") {
      programs.print(process, event("ADDED", node()));
    } else if (watch && arguments[2] == "pods") {
      const std::size_t number = std::min(watches_started_++, pod_watches.size() - 1);
      pod_watches[number](process);
    } else if (what.find(',') != std::string::npos) {
      programs.print(process, list({node()}));
      programs.exit(process, 0);
    } else if (what.find("-o json") != std::string::npos) {
      if (!watch) {
        pod_list(process);
      }
    } else {
      programs.print(process, "done\n");
      programs.exit(process, 0, command_takes);
    }
  }

  LiveRun run() {
    programs.on_start = [this](ProcessId process, const std::vector<std::string>& arguments) {
      begin(process, arguments);
    };
    std::string problem;
    const auto snapshot = take_snapshot(programs, LiveOptions{}, problem);
    EXPECT_TRUE(snapshot.has_value()) << problem;
    language::Diagnostics diagnostics;
    rehearsal = load({"live.yaml",
                      "apiVersion: rehearsal/v1\nscenario: live\n" + scenario_head + plan,
                      {},
                      {},
                      &snapshot->items,
                      "1.32.2",
                      {}},
                     diagnostics);
    EXPECT_TRUE(rehearsal.has_value()) << language::render(diagnostics.sorted());
    return perform_live(*rehearsal, *snapshot, programs, LiveOptions{});
  }

  static std::size_t count(const LiveRun& run, kubernetes::Field field) {
    std::size_t found = 0;
    for (sim::TransitionId id = run.begins; id != run.history.next_id(); ++id) {
      found += run.history.at(id).field == static_cast<std::uint16_t>(field) ? 1 : 0;
    }
    return found;
  }
  static bool noted(const LiveRun& run, const std::string& words) {
    return std::any_of(run.notes.begin(), run.notes.end(),
                       [&](const std::string& note) { return note.find(words) != std::string::npos; });
  }
  static std::string notes_of(const LiveRun& run) { return fmt::format("{}", fmt::join(run.notes, "\n")); }

  void restart() { watches_started_ = 0; }

  sim::Duration command_takes = 10s;
  std::optional<Rehearsal> rehearsal;

 private:
  std::size_t watches_started_ = 0;
};

TEST_F(Live, aWatchShowsWhatHappens) {
  pod_watches = {[&](ProcessId process) {
    programs.print(process, event("ADDED", pod(0, 10, "Pending")), 1s);
    programs.print(process, event("MODIFIED", pod(0, 11, "Running")), 2s);
  }};
  const LiveRun result = run();
  EXPECT_EQ(count(result, kubernetes::Field::Created), 1U);
  EXPECT_EQ(count(result, kubernetes::Field::PodPhaseChanged), 1U) << notes_of(result);
  EXPECT_TRUE(result.notes.empty()) << notes_of(result);
}

/// What the list shows is told once, whatever the watch has shown before and shows again.
class LiveRelist : public Live {
 protected:
  void expect_one_of_each(std::function<void(ProcessId)> first) {
    pod_list = [this](ProcessId process) {
      programs.print(process, list({pod(0, 11, "Running"), pod(1, 12, "Pending")}));
      programs.exit(process, 0);
    };
    pod_watches = {std::move(first), [this](ProcessId process) {
                     programs.print(process, event("ADDED", pod(0, 11, "Running")));
                     programs.print(process, event("ADDED", pod(1, 12, "Pending")));
                     programs.print(process, event("MODIFIED", pod(1, 13, "Running")), 1s);
                   }};
    result = run();
    EXPECT_EQ(count(result, kubernetes::Field::Created), 2U) << notes_of(result);
    EXPECT_EQ(count(result, kubernetes::Field::PodPhaseChanged), 2U) << notes_of(result);
    EXPECT_TRUE(noted(result, "pods were listed anew")) << notes_of(result);
  }
  LiveRun result;
};

TEST_F(LiveRelist, aWatchThatEnds) {
  expect_one_of_each([this](ProcessId process) {
    programs.print(process, event("ADDED", pod(0, 10, "Pending")), 1s);
    programs.exit(process, 0, 2s);
  });
  EXPECT_TRUE(noted(result, "the watch of pods ended")) << notes_of(result);
}

TEST_F(LiveRelist, aWatchThatIsKilledInTheMiddleOfAnEvent) {
  expect_one_of_each([this](ProcessId process) {
    programs.print(process, event("ADDED", pod(0, 10, "Pending")) + R"({"type":"MODIFIED","obj)", 1s);
    programs.exit(process, 137, 2s);
  });
}

TEST_F(LiveRelist, aResourceVersionThatExpired) {
  expect_one_of_each([this](ProcessId process) {
    programs.print(process, event("ADDED", pod(0, 10, "Pending")), 1s);
    programs.print(process,
                   event("ERROR", R"J({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
                     "message":"too old resource version: 10 (900)","reason":"Expired","code":410})J"),
                   2s);
  });
  EXPECT_TRUE(noted(result, "the watch of pods failed: too old resource version: 10 (900)"))
      << notes_of(result);
  EXPECT_TRUE(programs.killed.contains(3)) << "kubectl waits on after such an event";
}

TEST_F(LiveRelist, anEventThatIsCutShort) {
  expect_one_of_each([this](ProcessId process) {
    programs.print(process, event("ADDED", pod(0, 10, "Pending")), 1s);
    programs.print(process, R"({"type":"MODIFIED","object":{"kind":"Pod","metadata":{"na)", 2s);
    programs.print(process, "\n" + event("ADDED", pod(1, 12, "Pending")), 2500ms);
  });
  EXPECT_TRUE(noted(result, "cut short")) << notes_of(result);
}

TEST_F(LiveRelist, rubbishInsideAnEvent) {
  expect_one_of_each([this](ProcessId process) {
    programs.print(process, event("ADDED", pod(0, 10, "Pending")), 1s);
    programs.print(process, "{\"type\":\"MODIFIED\",\"object\":{E1125 dial tcp: timeout}}\n", 2s);
  });
}

TEST_F(Live, rubbishBetweenEventsIsToldAndSkipped) {
  pod_watches = {[&](ProcessId process) {
    programs.print(process, "Warning: v1 is deprecated\n" + event("ADDED", pod(0, 10, "Pending")), 1s);
  }};
  const LiveRun result = run();
  EXPECT_EQ(count(result, kubernetes::Field::Created), 1U);
  EXPECT_TRUE(noted(result, "that are no JSON")) << notes_of(result);
}

TEST_F(Live, aProgramThatIsMissingIsTriedLessAndLessOften) {
  pod_watches = {[&](ProcessId process) {
    programs.tell(process, 1ns, Kind::NotStarted, "kubectl: not found in any folder of PATH");
  }};
  command_takes = 2min;
  const LiveRun result = run();
  EXPECT_TRUE(noted(result, "kubectl: not found")) << notes_of(result);
  const auto tries =
      std::count_if(programs.started.begin(), programs.started.end(), [](const auto& arguments) {
        return arguments.size() > 5 && arguments[2] == "pods" && arguments[4] == "--watch";
      });
  EXPECT_GE(tries, 4);
  EXPECT_LE(tries, 12) << "after 1, 2, 4, 8, 16, 30, 30 … seconds";
}

TEST_F(Live, aWatchThatHangsFromTheStartIsReplaced) {
  plan.clear();
  pod_watches = {[](ProcessId) {}};
  std::size_t node_watches = 0;
  ScriptedPrograms& scripted = programs;
  programs.on_start = {};
  const auto usual = [this](ProcessId process, const std::vector<std::string>& arguments) {
    begin(process, arguments);
  };
  std::string problem;
  scripted.on_start = [&](ProcessId process, const std::vector<std::string>& arguments) {
    const bool nodes = arguments.size() > 4 && arguments[2] == "nodes" && arguments[4] == "--watch";
    if (nodes && node_watches++ == 0) {
      return;  // hangs
    }
    if (arguments.size() > 2 && arguments[2] == "nodes" && !nodes) {
      scripted.print(process, list({node()}));
      scripted.exit(process, 0);
      return;
    }
    usual(process, arguments);
  };
  const auto snapshot = take_snapshot(scripted, LiveOptions{}, problem);
  ASSERT_TRUE(snapshot.has_value()) << problem;
  language::Diagnostics diagnostics;
  rehearsal = load(
      {"live.yaml", "apiVersion: rehearsal/v1\nscenario: live\n", {}, {}, &snapshot->items, "1.32.2", {}},
      diagnostics);
  ASSERT_TRUE(rehearsal.has_value());
  const LiveRun result = perform_live(*rehearsal, *snapshot, scripted, LiveOptions{});
  EXPECT_TRUE(noted(result, "the watch of nodes shows nothing of what there is")) << notes_of(result);
  EXPECT_EQ(result.world.cluster.nodes.size(), 1U);
  EXPECT_EQ(node_watches, 2U);
}

TEST_F(Live, aListThatHangsIsGivenUpAndTriedAgain) {
  std::size_t lists = 0;
  pod_list = [&](ProcessId process) {
    if (lists++ > 0) {
      programs.print(process, list({pod(0, 11, "Running")}));
      programs.exit(process, 0);
    }
  };
  pod_watches = {[&](ProcessId process) { programs.exit(process, 1, 1s); },
                 [&](ProcessId process) { programs.print(process, event("ADDED", pod(0, 11, "Running"))); }};
  command_takes = 3min;
  const LiveRun result = run();
  EXPECT_TRUE(noted(result, "did not answer within 60 s")) << notes_of(result);
  EXPECT_EQ(count(result, kubernetes::Field::Created), 1U);
}

/// What kubelets say of the time is theirs: neither a clock that is fast nor one that is slow loses or adds a
/// transition.
TEST_F(Live, clocksOfOtherMachinesChangeNoTransition) {
  std::vector<std::string> told;
  for (const char* hour : {"01", "00", "03"}) {  // kubelet on time, an hour slow, two hours fast
    programs.reset();
    restart();
    pod_watches = {[&](ProcessId process) {
      std::string running = pod(0, 11, "Running");
      const std::size_t status = running.find("\"status\"");
      for (std::size_t at = running.find("T01:", status); at != std::string::npos;
           at = running.find("T01:", at)) {
        running.replace(at + 1, 2, hour);
        ++at;
      }
      programs.print(process, event("ADDED", pod(0, 10, "Pending")), 1s);
      programs.print(process, event("MODIFIED", running), 2s);
    }};
    const LiveRun result = run();
    std::string text;
    for (sim::TransitionId id = result.begins; id != result.history.next_id(); ++id) {
      const sim::Transition& one = result.history.at(id);
      text += fmt::format("{} {} {} {}\n", one.at.count(), one.field, one.from, one.to);
    }
    told.push_back(text);
  }
  EXPECT_EQ(told[1], told[0]);
  EXPECT_EQ(told[2], told[0]);
}

TEST_F(Live, aProgramInsideOfAPodIsReachedByItsContext) {
  scenario_head = "contexts: {flux: \"kubectl exec -i flux-sample-0 -c 'flux sample' -- /usr/bin/flux\"}\n";
  plan = "plan: [{step: look, run: 'flux resource list'}]\n";
  pod_watches = {[](ProcessId) {}};
  run();
  const std::vector<std::string> expected = {"kubectl",  "exec",        "-i", "flux-sample-0",
                                             "-c",       "flux sample", "--", "/usr/bin/flux",
                                             "resource", "list"};
  EXPECT_NE(std::find(programs.started.begin(), programs.started.end(), expected), programs.started.end());
}

}  // namespace
}  // namespace scenarios::targets
