#pragma once

#include <cstdint>
#include <vector>

#include "models/timing/distribution.h"
#include "scenarios/language/hostlist.h"
#include "scenarios/language/located.h"

namespace scenarios::language {

/// How the containers of some pods behave: what a manifest cannot tell. Everything is optional; what is not
/// given comes from a wider row, and at last from the timing profile.
struct BehaviourRow {
  Located<models::timing::Distribution> init;
  Located<models::timing::Distribution> start;
  Located<models::timing::Distribution> ready;
  Located<models::timing::Distribution> run;
  Located<models::timing::Distribution> stop;
  std::vector<Located<std::int64_t>> exit;  ///< By attempt; the last one repeats.
  Located<bool> ignores_termination;
  Located<bool> never_ready;
};

/// A row for the attempts of a set (1 is the first pod of its index).
struct AttemptRow : BehaviourRow {
  Text name;
  IndexSet attempts;
};

/// A row for the pods of some indexes, narrowed further by attempt.
struct IndexRow : BehaviourRow {
  Text name;
  IndexSet indexes;
  std::vector<AttemptRow> by_attempt;
};

/// One entry of `behaviour`, for the object or the pods that its key names.
struct Behaviour : BehaviourRow {
  std::vector<AttemptRow> by_attempt;
  std::vector<IndexRow> by_index;
};

/// A row and the pods that it is for.
struct FlatBehaviour {
  int index = -1;    ///< Ordinal or completion index; -1: any.
  int attempt = -1;  ///< 1 is the first; -1: any.
  const BehaviourRow* row = nullptr;
};

/// All rows of an entry with their sets written out, the widest first, so that a later row overrides an
/// earlier one in what it states. The pointers lead into `behaviour`.
std::vector<FlatBehaviour> flatten(const Behaviour& behaviour);

}  // namespace scenarios::language
