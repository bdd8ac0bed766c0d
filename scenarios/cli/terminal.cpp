#include "scenarios/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace scenarios::cli {

bool terminal_has_colour() {
  const char* forbidden = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && (forbidden == nullptr || *forbidden == '\0') &&
         (kind == nullptr || std::string_view(kind) != "dumb");
}

int terminal_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return 80;
  }
  return std::clamp(static_cast<int>(size.ws_col), 60, 120);
}

bool shows_progress() { return isatty(STDERR_FILENO) == 1; }

}  // namespace scenarios::cli
