#include "sim/explorer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sim {
namespace {

/// A machine that counts ticks; a fault that adds two makes it skip numbers.
struct Machine {
  Agenda agenda;
  int ticks = 0;
  int skipped = 0;

  void dispatch(const PendingEvent&, Context& context) {
    ++ticks;
    if (ticks < 6) {
      agenda.schedule(agenda.now + Duration{10}, 0, 0, 0, kNoTransition);
    }
    context.history.emit({agenda.now});
  }
  static bool finished() { return false; }
};

struct Model {
  int struck = 0;
  static std::vector<int> faults(const Machine& machine) {
    return machine.ticks == 5 ? std::vector<int>{} : std::vector<int>{1, 2};
  }
  static std::string describe(const Machine&, int fault) { return "adds " + std::to_string(fault); }
  void strike(Machine& machine, Context&, int fault) {
    ++struck;
    machine.ticks += fault;
    machine.skipped += fault > 1 ? 1 : 0;
  }
  static void finish(Machine&, Context&) {}
  static std::optional<Digest> hash(const Machine& machine) {
    Hasher hasher;
    hasher.add(machine.ticks);
    hasher.add(machine.skipped);
    hasher.add(machine.agenda.events.size());
    return hasher.digest();
  }
  static std::vector<std::string> findings(const Machine& machine) {
    std::vector<std::string> found;
    if (machine.skipped > 0) {
      found.push_back("skipped " + std::to_string(machine.skipped));
    }
    if (machine.ticks > 6) {
      found.push_back("too far");
    }
    return found;
  }
};

Exploration<int> explore(std::uint32_t faults, bool merge) {
  Machine machine;
  machine.agenda.schedule(Time{0}, 0, 0, 0, kNoTransition);
  Model model;
  ExploreLimits limits;
  limits.faults = faults;
  limits.merge = merge;
  return Explorer<int, Machine, Model>(model, limits).explore(machine);
}

std::vector<std::string> texts(const Exploration<int>& exploration) {
  std::vector<std::string> all;
  for (const Found<int>& found : exploration.findings) {
    all.push_back(found.finding);
  }
  return all;
}

TEST(Explorer, MergingEqualWorldsLosesNoFinding) {
  for (std::uint32_t faults = 0; faults <= 3; ++faults) {
    const Exploration<int> merged = explore(faults, true);
    const Exploration<int> plain = explore(faults, false);
    EXPECT_EQ(texts(merged), texts(plain)) << faults;
    EXPECT_LE(merged.events, plain.events);
    EXPECT_EQ(plain.merged, 0U);
  }
  EXPECT_GT(explore(2, true).merged, 0U);
}

TEST(Explorer, AFindingTellsWhereTheFaultsStruck) {
  const Exploration<int> exploration = explore(1, false);
  ASSERT_EQ(texts(exploration), (std::vector<std::string>{"skipped 1", "too far"}));
  ASSERT_EQ(exploration.findings[0].placements.size(), 1U);
  EXPECT_EQ(exploration.findings[0].placements[0].after_event, 0U);
  EXPECT_EQ(exploration.findings[0].placements[0].text, "adds 2");
  EXPECT_TRUE(exploration.complete);
}

TEST(Explorer, ALimitOnWorldsIsTold) {
  Machine machine;
  machine.agenda.schedule(Time{0}, 0, 0, 0, kNoTransition);
  Model model;
  ExploreLimits limits;
  limits.worlds_max = 3;
  const Exploration<int> exploration = Explorer<int, Machine, Model>(model, limits).explore(machine);
  EXPECT_FALSE(exploration.complete);
  EXPECT_EQ(exploration.worlds, 3U);
}

}  // namespace
}  // namespace sim
