#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/language/behaviour.h"
#include "scenarios/language/check_use.h"
#include "scenarios/language/cluster.h"
#include "scenarios/language/expectation.h"
#include "scenarios/language/fault.h"
#include "scenarios/language/plan_step.h"

namespace scenarios::language {

/// One entry of `files`: what `kubectl apply -f NAME` reads in this scenario.
struct InlineFile {
  Text content;  ///< Inline.
  Text path;     ///< Or where it is, relative to the scenario's file.
};

/// A scenario as its author wrote it: typed, with the place of every value, nothing resolved.
struct Scenario {
  std::string file;
  Text api_version;
  Text title;
  Text source;
  Text description;
  Text date;
  Text profile;
  Located<std::int64_t> seed;
  Located<Duration> until;
  std::optional<Cluster> cluster;
  std::vector<Entry<Behaviour>> behaviour;
  std::vector<Entry<InlineFile>> files;
  std::vector<Entry<Text>> contexts;  ///< how programs inside pods are reached, by program
  std::vector<Fault> faults;
  std::vector<Step> plan;
  std::vector<CheckUse> checks;
  Expectation expect;
};

}  // namespace scenarios::language
