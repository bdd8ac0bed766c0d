#pragma once

#include <string>
#include <string_view>

namespace reports {

/// What a command printed, each line behind `margin`. A block of lines that comes again and again, as a drain
/// prints it that is refused every five seconds, stands once, with how often it came; of more than a person
/// reads the middle is left out. `whole`: every line as it came.
std::string folded_output(std::string_view output, std::string_view margin, bool whole);

}  // namespace reports
