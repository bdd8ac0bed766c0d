#pragma once
// Commands in a test's hands: typed at a small cluster in which the test plays scheduler and kubelet, or
// performed in a world that lives by itself.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/flux/brokers.h"
#include "models/flux/minicluster_api.h"
#include "models/flux/state.h"
#include "models/flux/vocabulary.h"
#include "models/kubernetes/object_writes.h"
#include "scenarios/commands/command.h"
#include "tests/unit/kubernetes/cluster_fixture.h"

namespace scenarios::commands::testing_support {

using namespace std::chrono_literals;
namespace kubernetes = models::kubernetes;
namespace flux = models::flux;
using Json = nlohmann::ordered_json;
using kubernetes::Row;
using kubernetes::Writer;
using kubernetes::testing_support::TestCluster;

/// What a command printed and returned.
struct Printed {
  std::string output;
  std::string errors;
  int exit_code = 0;
  friend bool operator==(const Printed&, const Printed&) = default;
  friend std::ostream& operator<<(std::ostream& os, const Printed& printed) {
    return os << "exit " << printed.exit_code << "\n--- output\n"
              << printed.output << "--- errors\n"
              << printed.errors;
  }
};

inline Printed printed(const CommandState& state) { return {state.output, state.errors, state.exit_code}; }

/// A command that must compile.
inline CommandPointer compiled(std::string_view text, const LoadContext& context = {}) {
  std::vector<CompileProblem> problems;
  CommandPointer command = compile(text, context, problems);
  for (const CompileProblem& problem : problems) {
    ADD_FAILURE() << text << "\n" << std::string(problem.offset, ' ') << "^ " << problem.problem;
  }
  return command;
}

/// The first problem of a command that must not compile.
inline CompileProblem problem_of(std::string_view text, const LoadContext& context = {}) {
  std::vector<CompileProblem> problems;
  const CommandPointer command = compile(text, context, problems);
  EXPECT_EQ(command, nullptr) << text;
  return problems.empty() ? CompileProblem{} : problems.front();
}

/// A command under way in a TestCluster.
class Typed {
 public:
  Typed(TestCluster& world, flux::State& flux_state, std::string_view text, const LoadContext& context = {},
        Variables variables = {})
      : world_(&world),
        flux_(&flux_state),
        command_(compiled(text, context)),
        variables_(std::move(variables)) {
    look();
  }
  /// What the plan does after every event.
  Typed& look() {
    if (command_ != nullptr) {
      Systems systems{world_->turn(), *flux_};
      advance(*command_, state, variables_, systems, {Writer::User});
    }
    return *this;
  }
  CommandState state;

 private:
  TestCluster* world_;
  flux::State* flux_;
  CommandPointer command_;
  Variables variables_;
};

/// A test that types commands at a cluster without controllers.
class CommandTest : public testing::Test {
 protected:
  explicit CommandTest(std::string_view version = "1.28.0") : world(version) {}

  Typed typed(std::string_view text, Variables variables = {}) {
    for (const auto& [name, value] : variables) {
      context.variables.push_back(name);
    }
    return {world, state, text, context, std::move(variables)};
  }
  Printed run(std::string_view text) {
    const Typed command = typed(text);
    EXPECT_TRUE(command.state.done) << text << " still waits";
    return printed(command.state);
  }
  std::string output(std::string_view text) {
    const Printed result = run(text);
    EXPECT_EQ(result.exit_code, 0) << text << "\n" << result.errors;
    return result.output;
  }

  /// A set of one-container pods with its pods, all ready; created by a person.
  Row add_set(std::string_view name, std::int32_t replicas) {
    kubernetes::StatefulSetSpec spec;
    spec.replicas = replicas;
    spec.pod_template = world.add_template(name);
    const Row set = world.add_statefulset(name, spec);
    for (std::int32_t ordinal = 0; ordinal < replicas; ++ordinal) {
      add_set_pod(set, ordinal);
    }
    return set;
  }
  Row add_set_pod(Row set, std::int32_t ordinal) {
    const kubernetes::StatefulSet& owner = world.cluster.statefulsets[set];
    kubernetes::Pod pod;
    pod.base_name = owner.meta.name;
    pod.meta.name_space = owner.meta.name_space;
    pod.index = ordinal;
    pod.owner = {kubernetes::Kind::StatefulSet, set, owner.meta.uid};
    pod.pod_template = owner.spec.pod_template;
    return create(pod);
  }
  /// A bare pod of that template in a namespace.
  Row add_pod(std::string_view name, kubernetes::TemplateId pod_template,
              std::string_view name_space = "default") {
    kubernetes::Pod pod;
    pod.meta.name = world.text(name);
    pod.meta.name_space = world.text(name_space);
    pod.pod_template = pod_template;
    return create(pod);
  }
  Row create(const kubernetes::Pod& pod) {
    kubernetes::Turn turn = world.turn();
    return kubernetes::create_pod(turn, pod, {Writer::User}).row;
  }
  /// Bound and running since now, ready.
  Row run_pod(Row pod, Row node) {
    world.bind(pod, node);
    world.change_pod(pod, [&](kubernetes::Pod& object) { object.started_at = world.now() + 1ns; });
    world.make_ready(pod);
    return pod;
  }

  TestCluster world;
  flux::State state;
  LoadContext context;
};

/// A world that lives by itself and performs one command, as the plan does: a plain value.
struct LivingWorld {
  sim::Agenda agenda;
  kubernetes::Cluster cluster;
  flux::State flux;
  CommandPointer command;
  CommandState state;
  Variables variables;

  explicit LivingWorld(std::string_view version = "1.28.0", int machines = 1) {
    auto settings = std::make_shared<kubernetes::Settings>();
    settings->features = kubernetes::testing_support::features_of(
        version, version.starts_with("1.28")
                     ? std::vector<std::pair<std::string, bool>>{{"JobBackoffLimitPerIndex", true}}
                     : std::vector<std::pair<std::string, bool>>{});
    cluster.settings = std::move(settings);
    sim::NominalChoices choices;
    sim::History history(false);
    sim::Context context{choices, history};
    for (int i = 0; i < machines; ++i) {
      kubernetes::NodeShape shape;
      shape.cpu_millicores = 10'000;
      shape.memory_bytes = std::int64_t{64} << 30U;
      kubernetes::Node node;
      node.meta.name = cluster.strings.intern("worker-" + std::to_string(i));
      node.shape = cluster.add_node_shape(std::move(shape));
      kubernetes::Turn turn{cluster, agenda, context};
      kubernetes::create_node(turn, std::move(node), {Writer::Setup});
    }
  }

  void dispatch(const sim::PendingEvent& event, sim::Context& context) {
    kubernetes::Turn turn{cluster, agenda, context};
    flux::FluxTurn flux_turn{flux, turn};
    if (event.kind >= kWake) {
      // Nothing but a time at which the command looks again.
    } else if (event.kind >= static_cast<std::uint32_t>(flux::Event::OperatorRun)) {
      flux::dispatch(flux_turn, event);
    } else if (event.kind == static_cast<std::uint32_t>(kubernetes::Event::Deliver) &&
               event.subject == static_cast<std::uint32_t>(kubernetes::ObserverId::FluxOperator)) {
      flux::on_delivery(flux_turn);
    } else {
      kubernetes::dispatch(turn, event);
    }
    look(context);
  }
  [[nodiscard]] bool finished() const { return command != nullptr && state.done; }

  /// Advances the command and has the agenda wake it at its deadline.
  void look(sim::Context& context) {
    if (command == nullptr || state.done) {
      return;
    }
    const sim::Time deadline = state.deadline;
    Systems systems{{cluster, agenda, context}, flux};
    advance(*command, state, variables, systems, {Writer::User});
    if (state.deadline != deadline && state.deadline != sim::kNever) {
      agenda.schedule(state.deadline, kWake, 0, 0, sim::kNoTransition);
    }
  }

  static constexpr std::uint32_t kWake = 1000;
};

/// Starts a command without running on.
inline void start(LivingWorld& world, sim::Context& context, std::string_view text,
                  const LoadContext& load = {}) {
  world.command = compiled(text, load);
  world.state = {};
  world.look(context);
}

/// Types a command and runs the world until it has ended, at most for a day.
inline Printed perform(LivingWorld& world, std::string_view text, const LoadContext& load = {}) {
  sim::NominalChoices choices;
  sim::History history(false);
  sim::Context context{choices, history};
  start(world, context, text, load);
  sim::run(world, context, world.agenda.now + 24h);
  EXPECT_TRUE(world.state.done) << text << " still waits";
  world.command = nullptr;
  return printed(world.state);
}

/// Lets the world go on by itself.
inline void rest(LivingWorld& world, sim::Duration duration) {
  sim::NominalChoices choices;
  sim::History history(false);
  sim::Context context{choices, history};
  const sim::Time until = world.agenda.now + duration;
  world.command = nullptr;
  sim::run(world, context, until);
  world.agenda.now = std::max(world.agenda.now, until);
}

}  // namespace scenarios::commands::testing_support
