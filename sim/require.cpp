#include "sim/require.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>

namespace sim {

void fail(std::string_view what, std::source_location where) {
  fmt::print(stderr, "{}:{}: internal error: {}\n", where.file_name(), where.line(), what);
  std::abort();
}

}  // namespace sim
