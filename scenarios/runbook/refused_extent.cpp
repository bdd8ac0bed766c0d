#include "scenarios/runbook/refused_extent.h"

#include <algorithm>
#include <array>
#include <string>

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

/// The word that ends the here-document which a line begins; empty: it begins none.
std::string document_end_word(std::string_view line) {
  const std::size_t begin = line.find("<<");
  if (begin == std::string_view::npos || line.substr(begin).starts_with("<<<")) {
    return {};
  }
  std::size_t at = begin + 2;
  at += at < line.size() && line[at] == '-' ? 1 : 0;
  at = std::min(line.find_first_not_of(" \t", at), line.size());
  const std::size_t end = std::min(line.find_first_of(" \t\r;&|()<>", at), line.size());
  std::string word(line.substr(at, end - at));
  std::erase_if(word, [](char c) { return c == '\'' || c == '"' || c == '\\'; });
  return word;
}

/// The end of the line that is `word` alone, blanks around it aside; npos: there is none from `at` on.
std::size_t end_of_document(std::string_view script, std::size_t at, std::string_view word) {
  while (at < script.size()) {
    const std::size_t end = std::min(script.find('\n', at), script.size());
    std::string_view line = script.substr(at, end - at);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.substr(0, line.find_last_not_of(" \t\r") + 1) == word) {
      return end;
    }
    at = end + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::size_t refused_extent(std::string_view script, std::size_t begin) {
  const std::size_t first_line = std::min(script.find('\n', begin), script.size());
  int open = 0;
  for (std::size_t at = begin; at < script.size();) {
    std::size_t end = std::min(script.find('\n', at), script.size());
    const std::string_view line = script.substr(at, end - at);
    open += opened_by(line);
    const std::string word = document_end_word(line);
    const std::size_t document =
        word.empty() ? std::string_view::npos : end_of_document(script, end + 1, word);
    end = document == std::string_view::npos ? end : document;
    if (open <= 0) {
      return end;
    }
    at = end + 1;
  }
  return first_line;
}

}  // namespace scenarios::runbook
