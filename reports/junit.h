#pragma once

#include <string>
#include <vector>

#include "sim/time.h"

namespace reports {

struct TestCase {
  std::string file;
  std::string title;
  sim::Time simulated{};  ///< how long the run lasted, in simulated time
  bool passed = false;
  bool error = false;  ///< the scenario could not be read: an error, not a failure
  std::string problem;
};

/// JUnit XML, one test suite, a test case a scenario. Times are simulated seconds, so that the file is the
/// same on every machine.
std::string junit(const std::vector<TestCase>& cases);

}  // namespace reports
