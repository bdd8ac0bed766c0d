#include "scenarios/explore.h"

#include <fmt/core.h>

#include "scenarios/strike_fault.h"

namespace scenarios {

namespace {

struct WorldModel {
  static std::vector<models::kubernetes::Fault> faults(const World& world) {
    return models::kubernetes::possible_faults(world.cluster);
  }
  static std::string describe(const World& world, const models::kubernetes::Fault& fault) {
    return models::kubernetes::to_text(world.cluster, fault);
  }
  static void strike(World& world, sim::Context& context, const models::kubernetes::Fault& fault) {
    strike_now(world, context, fault);
  }
  static void finish(World& world, sim::Context& context) { end(world, context); }
  static std::optional<sim::Digest> hash(const World& world) { return scenarios::hash(world); }
  static std::vector<std::string> findings(const World& world) {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < world.checks.size(); ++i) {
      if (world.checks[i].verdict == sim::Verdict::Violated) {
        const checks::CompiledCheck& check = world.program->checks[i];
        found.push_back(check.parameters.empty() ? check.name
                                                 : fmt::format("{} {}", check.name, check.parameters));
      }
    }
    return found;
  }
};

}  // namespace

sim::Exploration<models::kubernetes::Fault> explore(const Rehearsal& rehearsal, sim::ExploreLimits limits) {
  World world = rehearsal.world;
  sim::NominalChoices choices;
  sim::History history(false);
  sim::Context context{choices, history};
  begin(world, context);
  limits.until = world.program->until;
  WorldModel model;
  return sim::Explorer<models::kubernetes::Fault, World, WorldModel>(model, limits).explore(world);
}

}  // namespace scenarios
