#include "scenarios/runbook/refused_extent.h"

#include <algorithm>
#include <array>

namespace scenarios::runbook {

namespace {

constexpr std::array<std::string_view, 7> kOpen = {"if", "for", "while", "until", "case", "select", "{"};
constexpr std::array<std::string_view, 4> kClose = {"fi", "done", "esac", "}"};
/// Words after which another command begins.
constexpr std::array<std::string_view, 9> kGoesOn = {"do",    "then",  "else", "elif", "!",
                                                     "while", "until", "if",   "{"};

template <std::size_t size>
bool among(const std::array<std::string_view, size>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// How many more things a line opens than it closes.
int opened_by(std::string_view line) {
  int open = 0;
  bool command_begins = true;
  char quote = '\0';
  for (std::size_t at = 0; at < line.size();) {
    const char c = line[at];
    if (quote != '\0') {
      quote = c == quote ? '\0' : quote;
      ++at;
    } else if (c == '\'' || c == '"') {
      quote = c;
      command_begins = false;
      ++at;
    } else if (c == '#' && (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t')) {
      break;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at;
    } else if (c == ';' || c == '&' || c == '|' || c == '(' || c == ')') {
      command_begins = true;
      ++at;
    } else {
      const std::size_t end = std::min(line.find_first_of(" \t\r;&|()'\"", at), line.size());
      const std::string_view word = line.substr(at, end - at);
      if (command_begins) {
        open += among(kOpen, word) ? 1 : 0;
        open -= among(kClose, word) ? 1 : 0;
      }
      command_begins = command_begins && among(kGoesOn, word);
      at = end;
    }
  }
  return open;
}

}  // namespace

std::size_t refused_extent(std::string_view script, std::size_t begin) {
  const std::size_t first_line = std::min(script.find('\n', begin), script.size());
  int open = 0;
  for (std::size_t at = begin; at < script.size();) {
    const std::size_t end = std::min(script.find('\n', at), script.size());
    open += opened_by(script.substr(at, end - at));
    if (open <= 0) {
      return end;
    }
    at = end + 1;
  }
  return first_line;
}

}  // namespace scenarios::runbook
