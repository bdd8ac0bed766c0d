#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/kubernetes/statefulset_story.h"

namespace models::kubernetes::testing_support {

/// A row of a table of stories: where it starts, what happens and which calls that makes
/// (statefulset_story.h).
struct StatefulSetCase {
  const char* name;
  const char* start;
  const char* scenes;
  const char* version = "1.34.0";
  bool max_unavailable = false;  ///< gate MaxUnavailableStatefulSet
  friend std::ostream& operator<<(std::ostream& os, const StatefulSetCase& c) {
    return os << c.version << " from " << c.start << ": " << c.scenes;
  }
};

inline std::string differences(const StatefulSetCase& c) {
  std::vector<std::pair<std::string, bool>> gates;
  if (c.max_unavailable) {
    gates.emplace_back("MaxUnavailableStatefulSet", true);
  }
  StatefulSetStory story(c.start, c.version, gates);
  return story.play(c.scenes);
}

inline std::string case_name(const testing::TestParamInfo<StatefulSetCase>& info) { return info.param.name; }

}  // namespace models::kubernetes::testing_support
