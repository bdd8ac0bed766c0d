#pragma once
// Text as lines, as the programs of a pipe see it.

#include <string>
#include <string_view>
#include <vector>

namespace scenarios::runbook {

/// The lines without their newlines; a last line without one counts.
std::vector<std::string_view> lines_of(std::string_view text);
/// Each line with a newline.
std::string joined(const std::vector<std::string_view>& lines);
/// The parts between `delimiter`s, empty ones included.
std::vector<std::string_view> split(std::string_view text, char delimiter);
/// The parts between runs of blanks and tabs.
std::vector<std::string_view> fields_of(std::string_view text);
/// The number that a text begins with, blanks before it passed over; 0 where there is none.
double leading_number(std::string_view text);

}  // namespace scenarios::runbook
