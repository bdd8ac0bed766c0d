#include "scenarios/targets/fidelity/dictation.h"

#include <gtest/gtest.h>

#include <chrono>

#include "models/kubernetes/requests.h"
#include "models/kubernetes/vocabulary.h"
#include "scenarios/targets/fidelity/recorded_clock.h"
#include "sim/hash.h"

namespace scenarios::targets {
namespace {

using namespace std::chrono_literals;
using models::kubernetes::Field;
using models::kubernetes::Purpose;
using models::kubernetes::Writer;

sim::History arrivals(std::initializer_list<sim::Time> times) {
  sim::History history;
  for (const sim::Time at : times) {
    sim::Transition transition;
    transition.at = at;
    history.emit(transition);
  }
  return history;
}

TEST(RecordedClock, NoWriteHappensAfterTheArrivalOfALaterOne) {
  const std::vector<sim::Time> times = times_of_writes(arrivals({30ms, 10ms, 40ms}), 0, {7, 8, 9});
  EXPECT_EQ(times[0], 10ms);
  EXPECT_GT(times[1], times[0]);
  EXPECT_LT(times[1], 11ms);
  EXPECT_EQ(times[2], 40ms);
}

TEST(RecordedClock, ChangesOfOneWriteHappenTogether) {
  const std::vector<sim::Time> times = times_of_writes(arrivals({10ms, 10ms}), 0, {7, 7});
  EXPECT_EQ(times[0], times[1]);
}

Observation change(std::string subject, Field field, std::string value, sim::Time at) {
  Observation one;
  one.subject = std::move(subject);
  one.field = static_cast<std::uint16_t>(field);
  one.value = std::move(value);
  one.writer = Writer::StatefulSetController;
  one.at = at;
  return one;
}

class Dictation : public testing::Test {
 protected:
  sim::Duration asked(const std::string& name, Purpose purpose) {
    const auto any = models::timing::Distribution::uniform(0ms, 1h).value();
    return choices_.duration({sim::text_hash(name), static_cast<std::uint32_t>(purpose), 0}, any);
  }

  RecordedChanges recorded_{{change("pod default/web-0", Field::Created, "", 30ms),
                             change("statefulset default/web", Field::SetStatusReplicas, "1", 40ms),
                             change("statefulset default/web", Field::SetStatusReady, "1", 2s)},
                            {1, 2, 3},
                            {},
                            {}};
  Progress progress_;
  sim::Agenda agenda_;
  DictatedChoices choices_{recorded_, progress_, agenda_};
};

TEST_F(Dictation, ARequestTakesEffectWhenTheRecordingShowsSuchAWrite) {
  EXPECT_EQ(asked("pod default/web-0", Purpose::RequestCreate), 30ms);
  EXPECT_EQ(asked("statefulset default/web", Purpose::RequestStatus), 40ms);
  agenda_.now = 25ms;
  EXPECT_EQ(asked("pod default/web-0", Purpose::RequestCreate), 5ms);
}

TEST_F(Dictation, ARequestThatTheRecordingDoesNotShowInTimeTakesTheUsualTime) {
  EXPECT_EQ(asked("pod default/web-1", Purpose::RequestCreate), DictationBounds{}.otherwise);
  agenda_.now = 1s;
  EXPECT_EQ(asked("statefulset default/web", Purpose::RequestStatus), DictationBounds{}.otherwise);
  agenda_.now = 1900ms;
  EXPECT_EQ(asked("statefulset default/web", Purpose::RequestStatus), 100ms);
}

TEST(DictationOfDepartures, ThoseThatTheRecordingShowsAreServedFirst) {
  const RecordedChanges recorded({change("pod default/web-0", Field::PodReady, "1", 10ms),
                                  change("pod default/web-1", Field::PodReady, "1", 11ms),
                                  change("pod default/web-1", Field::PodDisruptionTarget, "1", 140ms),
                                  change("pod default/web-1", Field::DeletionRequested, "30", 150ms)},
                                 {1, 2, 3, 4}, {}, {});
  const Progress progress;
  sim::Agenda agenda;
  agenda.now = 100ms;
  DictatedChoices choices(recorded, progress, agenda);
  const auto asked = [&](const char* name) {
    const auto any = models::timing::Distribution::uniform(0ms, 1h).value();
    return choices.duration({sim::text_hash(name), static_cast<std::uint32_t>(Purpose::RequestDelete),
                             models::kubernetes::kOfCommand},
                            any);
  };
  EXPECT_EQ(asked("pod default/web-1"), 40ms);
  EXPECT_GT(asked("pod default/web-0"), 40ms) << "its eviction was refused, for the other came before it";
  EXPECT_LT(asked("pod default/web-0"), 50ms);
}

TEST(DictationOfStatuses, OneThatTheRecordingDoesNotShowFoundTheObjectGone) {
  const RecordedChanges recorded({change("statefulset default/web", Field::SetStatusReplicas, "1", 10ms),
                                  change("statefulset default/web", Field::Removed, "", 120ms)},
                                 {1, 2}, {}, {});
  const Progress progress;
  sim::Agenda agenda;
  agenda.now = 100ms;
  DictatedChoices choices(recorded, progress, agenda);
  const auto any = models::timing::Distribution::uniform(0ms, 1h).value();
  EXPECT_GT(choices.duration({sim::text_hash("statefulset default/web"),
                              static_cast<std::uint32_t>(Purpose::RequestStatus), 0},
                             any),
            20ms);
}

TEST_F(Dictation, AStartThatNobodySettledIsToldAndComesAtOnce) {
  EXPECT_EQ(asked("statefulset default/web", Purpose::SyncStart), 0ms);
  ASSERT_EQ(choices_.open_starts.size(), 1U);
  choices_.starts[choices_.open_starts.front()] = 5ms;
  EXPECT_EQ(asked("statefulset default/web", Purpose::SyncStart), 5ms);
  EXPECT_EQ(choices_.open_starts.size(), 1U);
}

// Pods of a ReplicaSet have one name but for random characters.
class DictationOfPods : public testing::Test {
 protected:
  sim::Duration asked(Purpose purpose, std::uint32_t which, std::uint32_t occurrence = 0) {
    const auto any = models::timing::Distribution::uniform(0ms, 1h).value();
    return choices_.duration({sim::text_hash("pod default/web"), static_cast<std::uint32_t>(purpose),
                              (which << models::kubernetes::kWhichShift) | occurrence},
                             any);
  }
  std::uint32_t rank(std::uint32_t attempt) {
    return choices_.pick(
        {sim::text_hash("pod default/web"), static_cast<std::uint32_t>(Purpose::PodDeletionOrder), attempt},
        1U << 20U);
  }

  RecordedChanges recorded_{{change("pod default/web", Field::PodReady, "0", 10ms),
                             change("pod default/web", Field::DeletionRequested, "30", 60ms),
                             change("pod default/web #2", Field::DeletionRequested, "30", 50ms),
                             change("pod default/web #3", Field::Created, "", 20ms),
                             change("pod default/web #4", Field::Created, "", 30ms)},
                            {1, 2, 3, 4, 5},
                            {},
                            {}};
  Progress progress_;
  sim::Agenda agenda_;
  DictatedChoices choices_{recorded_, progress_, agenda_};
};

TEST_F(DictationOfPods, EachRequestIsAboutOneOfThem) {
  EXPECT_EQ(asked(Purpose::RequestDelete, 1), 60ms);
  EXPECT_EQ(asked(Purpose::RequestDelete, 2), 50ms);
  EXPECT_EQ(asked(Purpose::RequestDelete, 0), 50ms) << "of any";
  EXPECT_EQ(asked(Purpose::RequestStatus, 1), 10ms);
}

TEST_F(DictationOfPods, CreationsOfABatchComeOneAfterTheOther) {
  EXPECT_EQ(asked(Purpose::RequestCreate, 1), 20ms);
  EXPECT_EQ(asked(Purpose::RequestCreate, 2), 30ms);
  EXPECT_EQ(asked(Purpose::RequestCreate, 3), DictationBounds{}.otherwise);
}

TEST_F(DictationOfPods, ThoseGoThatTheRecordingShowsGoing) {
  EXPECT_LT(rank(1), rank(0));
  EXPECT_LT(rank(0), rank(2));
}

// Found silent at 63.2 s, 40 s after the look in which the last sign of life was seen.
TEST(DictationOfNodes, TheControllerLooksWhenTheRecordingShowsThatItDid) {
  Observation found = change("node worker-1", Field::NodeReady, "2", 63200ms);
  found.writer = Writer::NodeLifecycleController;
  const RecordedChanges recorded({found}, {1}, {}, {});
  const Progress progress;
  sim::Agenda agenda;
  agenda.now = 20s;
  DictatedChoices choices{recorded, progress, agenda};
  const auto any = models::timing::Distribution::uniform(0ms, 1h).value();
  const auto asked = [&](std::uint64_t entity, Purpose purpose) {
    return choices.duration({entity, static_cast<std::uint32_t>(purpose), 0}, any);
  };
  EXPECT_EQ(asked(0, Purpose::NodePassPhase), 3199ms);
  // Between the looks at 18.2 and at 23.2 s, in the second of which it is seen.
  EXPECT_EQ(agenda.now - asked(sim::text_hash("worker-1"), Purpose::HeartbeatAge), 20700ms);
  EXPECT_EQ(asked(sim::text_hash("worker-2"), Purpose::HeartbeatAge), 30min) << "as chance has it";
}

}  // namespace
}  // namespace scenarios::targets
