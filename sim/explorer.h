#pragma once
// Every placement of up to k faults at every event boundary of a run, by forking the world.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/hash.h"
#include "sim/kernel.h"

namespace sim {

struct ExploreLimits {
  std::uint32_t faults = 1;                      ///< at most so many in one run
  std::uint64_t worlds_max = ~std::uint64_t{0};  ///< stop, incomplete, after so many forks
  Time until = kNever;                           ///< runs end here
  std::uint64_t events_max = ~std::uint64_t{0};  ///< of one run; longer ones are cut and counted
  bool merge = true;                             ///< skip worlds that were seen before
};

/// A fault and the boundary at which it struck: when so many events of the run had been performed.
template <class Fault>
struct Placement {
  std::uint64_t after_event = 0;
  Time at{};
  Fault fault;
  std::string text;  ///< the fault in words, with the names that its target had then
};

/// A finding and the first placement of faults (in the order of exploration) that led to it.
template <class Fault>
struct Found {
  std::string finding;
  std::vector<Placement<Fault>> placements;
};

template <class Fault>
struct Exploration {
  std::uint64_t worlds = 0;            ///< forks made, the undisturbed run included
  std::uint64_t events = 0;            ///< performed in all
  std::uint64_t boundaries = 0;        ///< of the undisturbed run
  std::uint64_t merged = 0;            ///< forks that came to a world seen before
  std::uint64_t cut = 0;               ///< runs that reached `events_max`
  bool complete = true;                ///< every placement was covered
  std::vector<Found<Fault>> findings;  ///< sorted by text, each once
};

/// Explores from `start`.
///
/// Durations are nominal. Merging is sound when `hash` covers all that the rest of a run and its findings can
/// depend on: a fork that comes to a world seen before, with at least as many faults left then, can show
/// nothing new.
///
/// @param model  describe(const World&, const Fault&) -> std::string; faults(const World&) ->
/// std::vector<Fault>, every single fault that could strike now, in a fixed
///               order; strike(World&, Context&, const Fault&); finish(World&, Context&); hash(const World&)
///               -> std::optional<Digest>, nullopt where the world cannot be merged now; findings(const
///               World&) -> std::vector<std::string>.
template <class Fault, class World, class Model>
class Explorer {
 public:
  Explorer(Model& model, const ExploreLimits& limits) : model_(model), limits_(limits) {}

  Exploration<Fault> explore(const World& start) {
    run_from(start, limits_.faults, 0, {}, true);
    std::sort(result_.findings.begin(), result_.findings.end(),
              [](const Found<Fault>& a, const Found<Fault>& b) { return a.finding < b.finding; });
    return std::move(result_);
  }

 private:
  /// Runs a world to its end, and forks it at each boundary while faults are left.
  void run_from(World world, std::uint32_t faults_left, std::uint64_t events,
                std::vector<Placement<Fault>> placements, bool undisturbed) {
    ++result_.worlds;
    NominalChoices choices;
    History history(false);
    Context context{choices, history};
    while (true) {
      if (limits_.merge && !undisturbed && !first_visit(world, faults_left)) {
        ++result_.merged;
        return;
      }
      if (limits_.merge && undisturbed) {
        first_visit(world, faults_left);
      }
      if (faults_left > 0) {
        fork_with_each_fault(world, faults_left, events, placements);
      }
      if (undisturbed) {
        ++result_.boundaries;
      }
      if (world.finished() || !step(world, context, limits_.until)) {
        break;
      }
      ++events;
      ++result_.events;
      if (events >= limits_.events_max) {
        ++result_.cut;
        result_.complete = false;
        break;
      }
    }
    model_.finish(world, context);
    for (std::string& finding : model_.findings(world)) {
      note(std::move(finding), placements);
    }
  }

  void fork_with_each_fault(const World& world, std::uint32_t faults_left, std::uint64_t events,
                            const std::vector<Placement<Fault>>& placements) {
    for (const Fault& fault : model_.faults(world)) {
      if (result_.worlds >= limits_.worlds_max) {
        result_.complete = false;
        return;
      }
      World fork = world;
      NominalChoices choices;
      History history(false);
      Context context{choices, history};
      model_.strike(fork, context, fault);
      std::vector<Placement<Fault>> with = placements;
      with.push_back({events, fork.agenda.now, fault, model_.describe(world, fault)});
      run_from(std::move(fork), faults_left - 1, events, std::move(with), false);
    }
  }

  /// Whether the world was not yet seen with at least so many faults left.
  bool first_visit(const World& world, std::uint32_t faults_left) {
    const std::optional<Digest> digest = model_.hash(world);
    if (!digest) {
      return true;
    }
    for (std::uint32_t more = faults_left; more <= limits_.faults; ++more) {
      if (seen_.contains({*digest, more})) {
        return false;
      }
    }
    seen_.emplace(*digest, faults_left);
    return true;
  }

  void note(std::string finding, const std::vector<Placement<Fault>>& placements) {
    for (const Found<Fault>& found : result_.findings) {
      if (found.finding == finding) {
        return;
      }
    }
    result_.findings.push_back({std::move(finding), placements});
  }

  Model& model_;
  ExploreLimits limits_;
  Exploration<Fault> result_;
  std::set<std::pair<Digest, std::uint32_t>> seen_;
};

}  // namespace sim
