#pragma once

namespace scenarios::cli {

/// Whether standard output is a terminal that shows colours and the user did not forbid them (NO_COLOR, see
/// no-color.org; TERM=dumb).
bool terminal_has_colour();

/// Columns of the terminal on standard output; 80 where it is none, at least 60, at most 120.
int terminal_width();

/// Whether long work may show its progress on standard error.
bool shows_progress();

}  // namespace scenarios::cli
