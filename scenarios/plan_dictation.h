#pragma once

#include <string>
#include <vector>

#include "scenarios/world.h"

namespace scenarios {

/// A write that a user may have made, as it was observed.
struct UserWrite {
  sim::Time at{};
  std::string subject;    ///< "statefulset default/web"
  bool deletion = false;  ///< which may be a controller's as well: deletions do not tell
};

/// When a command that was performed first printed something.
struct FirstOutput {
  std::string text;     ///< of the command
  sim::Time started{};  ///< when it was
  sim::Time at{};
};

/// Makes the plan of `world` what was performed elsewhere: each command that ended there becomes a step of
/// its own that starts when the command took effect there, whatever came before it; conditions are left out.
/// For a world before `begin`. Names new steps in `history`.
///
/// @param written  writes of users, ascending by time: a command took effect at the first one while it ran
/// that
///                 may be its own. Where none was seen, a command that waits for nothing read or wrote just
///                 before it ended.
/// @param printed  `kubectl rollout status` tells at once what it sees: it looked just before that.
void dictate_plan(World& world, sim::History& history, const plan::PlanState& performed,
                  const std::vector<UserWrite>& written, const std::vector<FirstOutput>& printed);

}  // namespace scenarios
