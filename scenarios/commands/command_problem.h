#pragma once

#include <cstddef>
#include <string>

namespace scenarios::commands {

/// What is wrong with the text of a command.
struct CommandProblem {
  std::string text;        ///< what is wrong; the real program's words where it has any, without "error: "
  std::string hint;        ///< what to write instead; may be empty
  std::size_t offset = 0;  ///< byte position in the command's text
  friend bool operator==(const CommandProblem&, const CommandProblem&) = default;
};

}  // namespace scenarios::commands
