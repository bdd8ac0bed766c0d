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

}  // namespace
}  // namespace scenarios::targets
