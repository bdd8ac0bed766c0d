#pragma once
// Checks: what is judged after every transition. A check is an immutable definition; what it has seen so far
// is a plain value in the world.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/flux/state.h"
#include "models/iomesh/state.h"
#include "models/kubernetes/cluster.h"
#include "models/openstack/state.h"
#include "scenarios/language/check_declaration.h"
#include "scenarios/language/check_use.h"
#include "scenarios/plan/plan_state.h"
#include "sim/hash.h"
#include "sim/result.h"

namespace scenarios::checks {

/// What a check may look at: the systems and the plan, as they are after the event.
struct Observed {
  const models::kubernetes::Cluster& cluster;
  const models::flux::State& flux;
  const plan::CompiledPlan& plan;
  const plan::PlanState& plan_state;
  const sim::History& history;
  sim::Time now;
  const models::openstack::State* openstack = nullptr;  ///< the cloud below, where there is one
  const models::iomesh::State* iomesh = nullptr;        ///< the storage inside; not given: there is none
};

/// What one check has seen so far.
struct State {
  sim::Verdict verdict = sim::Verdict::NotApplicable;
  bool decided = false;                            ///< the verdict will not change any more
  sim::Time at{};                                  ///< when the verdict was decided
  sim::TransitionId because = sim::kNoTransition;  ///< the transition that decided it
  models::kubernetes::Uid object = 0;              ///< whose history explains it as well; 0: none
  std::string summary;
  std::vector<std::int64_t> numbers;  ///< the check's own memory
};

/// Marks a check as violated now, because of `transition` and of what happened to `object`; the first
/// violation stays.
void violate(State& state, const Observed& observed, sim::TransitionId transition, std::string summary,
             models::kubernetes::Uid object = 0);

class Check {
 public:
  virtual ~Check() = default;

  /// Field codes of the transitions that it wants to see (see the vocabularies); empty: every one.
  [[nodiscard]] virtual std::vector<std::uint16_t> fields() const { return {}; }
  /// Called once before the first event.
  virtual void begin(State&, const Observed&) const {}
  /// Called for each transition that it asked for, in order, after the event that made it.
  virtual void on_transition(State& state, const Observed& observed, sim::TransitionId id) const = 0;
  /// Called when the run is over: settles what is open.
  virtual void end(State&, const Observed&) const {}
  /// Adds what the rest of its judgement depends on. The default adds verdict, decided and numbers.
  virtual void hash(const State& state, sim::Time now, sim::Hasher& hasher) const;
};

/// A check as used in a scenario.
struct CompiledCheck {
  std::string name;
  std::string parameters;  ///< as text, for reports
  bool asked_for = false;
  language::Location at;
  std::shared_ptr<const Check> check;
};

/// All checks that there are: for the parser, for `rehearse explain` and for documentation.
struct Explanation {
  std::string name;
  std::string sentence;     ///< one line
  std::string explanation;  ///< why it matters, what violates it, how it is measured
  std::string source;       ///< where the rule comes from
  bool invariant = false;
  std::vector<language::ParameterDeclaration> parameters;
};
const std::vector<Explanation>& registry();
std::vector<language::CheckDeclaration> declarations();

/// Builds the checks of a scenario: those asked for, `then` of each step (named "then"), and the built-in
/// invariants that were not asked for; where the scenario does not say how it ends, also that its plan is
/// performed to the end. Problems with arguments are diagnostics.
std::vector<CompiledCheck> compile(const std::vector<language::CheckUse>& uses,
                                   const plan::CompiledPlan& plan, language::Diagnostics& diagnostics,
                                   bool end_is_expected);

/// Whether a condition holds now; if not, `missing` says what is missing.
bool holds(const language::Condition& condition, const Observed& observed, plan::Missing& missing);
/// The same for the `then` of a step, which may also ask for its exit code and its output.
bool holds_for_step(const language::Condition& condition, std::uint32_t step, const Observed& observed,
                    plan::Missing& missing);
/// Whether a step's `then` asks for an exit code or an output that its finished commands did not give.
bool never_holds(const language::Condition& condition, std::uint32_t step, const Observed& observed);

}  // namespace scenarios::checks
