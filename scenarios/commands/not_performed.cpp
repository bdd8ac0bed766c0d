#include "scenarios/commands/not_performed.h"

namespace scenarios::commands {

std::string not_performed_because(int exit_code, std::string_view errors) {
  constexpr std::string_view kOwn = "rehearse: ";
  std::string_view last;
  while (!errors.empty()) {
    const std::size_t end = errors.find('\n');
    const std::string_view line = errors.substr(0, end);
    errors.remove_prefix(end == std::string_view::npos ? errors.size() : end + 1);
    if (line.starts_with(kNotPerformed)) {
      return std::string(line.substr(kNotPerformed.size()));
    }
    if (exit_code != 0 && line.ends_with(" is not modelled")) {  // an answer of the API server
      constexpr std::string_view kError = "error: ";
      const std::string_view prefix = line.starts_with(kOwn) ? kOwn : line.starts_with(kError) ? kError : "";
      return std::string(line.substr(prefix.size()));
    }
    // kubectl exec tells of the exit code of what it ran behind it.
    if (!line.empty() && !line.starts_with("command terminated with exit code")) {
      last = line;
    }
  }
  // With exit code 0 these are warnings.
  return exit_code != 0 && last.starts_with(kOwn) ? std::string(last.substr(kOwn.size())) : std::string();
}

}  // namespace scenarios::commands
