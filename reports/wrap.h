#pragma once

#include <string>
#include <string_view>

#include "sim/time.h"

namespace reports {

/// Breaks `text` at blanks into lines of at most `width` columns. The first line begins with `first`, the
/// others with as many blanks as `hanging`. Words that are longer than a line stay whole.
std::string wrap(std::string_view text, int width, std::string_view first, int hanging);

/// A moment as people read it: "0s", "4.5s", "1m02s", "2h05m".
std::string moment(sim::Time at);

}  // namespace reports
