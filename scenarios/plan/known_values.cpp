#include "scenarios/plan/known_values.h"

#include <algorithm>
#include <cstddef>

#include "scenarios/commands/words.h"

namespace scenarios::plan {

namespace {

/// A reference `$name` or `${name}` outside single quotes.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string name;
};

std::vector<Place> references_in(const std::string& text) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::vector<Place> places;
  bool double_quotes = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\') {
      ++at;
    } else if (c == '"') {
      double_quotes = !double_quotes;
    } else if (c == '\'' && !double_quotes) {
      at = std::min(text.find('\'', at + 1), text.size());
    } else if (c == '$' && at + 1 < text.size()) {
      const bool braces = text[at + 1] == '{';
      std::size_t end = at + (braces ? 2 : 1);
      const std::size_t name = end;
      while (end < text.size() && is_name(text[end])) {
        ++end;
      }
      if (end > name && (!braces || (end < text.size() && text[end] == '}'))) {
        places.push_back({at, end + (braces ? 1 : 0), text.substr(name, end - name)});
        at = places.back().end - 1;
      }
    }
  }
  return places;
}

}  // namespace

bool is_plain(std::string_view value) { return !value.empty() && commands::quote_word(value) == value; }

runbook::Slice with_values(const runbook::Slice& text, const Known& known) {
  runbook::Slice result;
  result.end = text.end;
  std::size_t copied = 0;
  const auto copy_to = [&](std::size_t end) {
    for (; copied < end; ++copied) {
      result.append(text.text[copied], text.origin(copied));
    }
  };
  for (const Place& reference : references_in(text.text)) {
    const auto value = std::find_if(known.rbegin(), known.rend(),
                                    [&](const auto& entry) { return entry.first == reference.name; });
    if (value == known.rend()) {
      continue;
    }
    copy_to(reference.begin);
    for (const char c : value->second) {
      result.append(c, text.origin(reference.begin));
    }
    copied = reference.end;
  }
  copy_to(text.text.size());
  return runbook::expand_braces(result);
}

}  // namespace scenarios::plan
