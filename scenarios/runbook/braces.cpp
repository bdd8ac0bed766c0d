// Source: bash manual 5.2, section 3.5.1 Brace Expansion.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "scenarios/runbook/script.h"

namespace scenarios::runbook {

namespace {

/// So many words one expression may become; a slip such as {1..100000000} must not fill the memory.
constexpr std::size_t kWordsMax = 10'000;
/// So many characters they may have together, and so many digits a number. What is beyond it stays as it is,
/// and is refused as a brace that would need a shell.
constexpr std::size_t kCharactersMax = std::size_t{1} << 20U;
constexpr std::size_t kWordMax = 4096;
constexpr std::size_t kDigitsMax = 100;

using Alternatives = std::vector<Slice>;

void append(Slice& to, const Slice& from) {
  to.text += from.text;
  to.origins.insert(to.origins.end(), from.origins.begin(), from.origins.end());
}

Slice part(const Slice& whole, std::size_t begin, std::size_t end) {
  Slice result;
  result.text = whole.text.substr(begin, end - begin);
  result.origins.assign(whole.origins.begin() + static_cast<std::ptrdiff_t>(begin),
                        whole.origins.begin() + static_cast<std::ptrdiff_t>(end));
  result.end = whole.origin(end);
  return result;
}

/// One past the quoted or escaped text, or the `${…}`, that begins at `at`; `at` itself where none does.
std::size_t past_quoted(const std::string& text, std::size_t at) {
  const auto past = [&](std::size_t found) { return found == std::string::npos ? text.size() : found + 1; };
  if (text[at] == '\\') {
    return std::min(at + 2, text.size());
  }
  if (text[at] == '\'') {
    return past(text.find('\'', at + 1));
  }
  if (text[at] == '$' && at + 1 < text.size() && text[at + 1] == '{') {
    return past(text.find('}', at));
  }
  if (text[at] == '"') {
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != '"') {
      end += text[end] == '\\' ? 2 : 1;
    }
    return std::min(end + 1, text.size());
  }
  return at;
}

struct Brace {
  std::size_t open = 0;
  std::size_t close = 0;
  std::vector<std::size_t> commas;  // at its own level
};

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole ? std::optional(value) : std::nullopt;
}

std::size_t digits_of(std::string_view text) { return text.size() - (text.starts_with('-') ? 1 : 0); }

std::string padded(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value).substr(value < 0 ? 1 : 0);
  if (text.size() < width) {
    text.insert(0, width - text.size(), '0');
  }
  return value < 0 ? "-" + text : text;
}

/// The texts of `1..3`, `03..01`, `a..e`, `1..9..2`; none for what is no range.
std::vector<std::string> range(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t dots = text.find(".."); dots != std::string_view::npos; dots = text.find("..")) {
    parts.push_back(text.substr(0, dots));
    text.remove_prefix(dots + 2);
  }
  parts.push_back(text);
  if (parts.size() < 2 || parts.size() > 3) {
    return {};
  }
  const std::optional<std::int64_t> given =
      parts.size() == 3 ? number(parts[2]) : std::optional<std::int64_t>(1);
  if (!given) {
    return {};
  }
  const auto letter = [](std::string_view one) {
    return one.size() == 1 && ((one[0] >= 'a' && one[0] <= 'z') || (one[0] >= 'A' && one[0] <= 'Z'));
  };
  const bool letters = letter(parts[0]) && letter(parts[1]);
  const std::optional<std::int64_t> first =
      letters ? std::optional<std::int64_t>(parts[0][0]) : number(parts[0]);
  const std::optional<std::int64_t> last =
      letters ? std::optional<std::int64_t>(parts[1][0]) : number(parts[1]);
  if (!first || !last) {
    return {};
  }
  const bool pads =
      !letters && ((parts[0].find('0') == (parts[0].starts_with('-') ? 1U : 0U) && digits_of(parts[0]) > 1) ||
                   (parts[1].find('0') == (parts[1].starts_with('-') ? 1U : 0U) && digits_of(parts[1]) > 1));
  const std::size_t width = pads ? std::max(digits_of(parts[0]), digits_of(parts[1])) : 0;
  if (width > kDigitsMax) {
    return {};
  }
  // Without a sign there is nothing to overflow.
  const auto size = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  const std::uint64_t step = std::max<std::uint64_t>(*given < 0 ? 0 - size(*given) : size(*given), 1);
  const std::uint64_t distance = *first <= *last ? size(*last) - size(*first) : size(*first) - size(*last);
  std::vector<std::string> texts;
  for (std::uint64_t turn = 0; turn <= distance / step && texts.size() <= kWordsMax; ++turn) {
    const std::uint64_t away = turn * step;
    const auto value = static_cast<std::int64_t>(*first <= *last ? size(*first) + away : size(*first) - away);
    texts.push_back(letters ? std::string(1, static_cast<char>(value)) : padded(value, width));
  }
  return texts;
}

/// The first brace from `from` on that expands.
std::optional<Brace> find_brace(const std::string& text, std::size_t from) {
  for (std::size_t open = from; open < text.size();) {
    const std::size_t past = past_quoted(text, open);
    if (past != open) {
      open = past;
      continue;
    }
    if (text[open] != '{') {
      ++open;
      continue;
    }
    Brace brace{open, 0, {}};
    int depth = 0;
    std::size_t at = open;
    while (at < text.size() && text[at] != ' ' && text[at] != '\t' && text[at] != '\n') {
      const std::size_t quoted_end = past_quoted(text, at);
      if (quoted_end != at) {
        at = quoted_end;
        continue;
      }
      depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
      if (depth == 0) {
        brace.close = at;
        break;
      }
      if (depth == 1 && text[at] == ',') {
        brace.commas.push_back(at);
      }
      ++at;
    }
    if (brace.close != 0 &&
        (!brace.commas.empty() ||
         !range(std::string_view(text).substr(open + 1, brace.close - open - 1)).empty())) {
      return brace;
    }
    ++open;
  }
  return std::nullopt;
}

/// All that a word becomes; `left`: how many more characters that may be. With none left the result says
/// nothing.
Alternatives expand_word(const Slice& word, std::size_t& left) {
  const std::optional<Brace> brace = left == 0 ? std::nullopt : find_brace(word.text, 0);
  if (!brace) {
    return {word};
  }
  const Slice before = part(word, 0, brace->open);
  const Slice after = part(word, brace->close + 1, word.text.size());
  Alternatives middles;
  if (brace->commas.empty()) {
    const auto inside = std::string_view(word.text).substr(brace->open + 1, brace->close - brace->open - 1);
    for (const std::string& text : range(inside)) {
      Slice one;
      for (const char c : text) {
        one.append(c, word.origin(brace->open));
      }
      middles.push_back(std::move(one));
    }
  } else {
    std::vector<std::size_t> cuts = brace->commas;
    cuts.push_back(brace->close);
    std::size_t begin = brace->open + 1;
    for (const std::size_t cut : cuts) {
      for (Slice& one : expand_word(part(word, begin, cut), left)) {
        middles.push_back(std::move(one));
      }
      begin = cut + 1;
    }
  }
  Alternatives words;
  const Alternatives tails = expand_word(after, left);
  for (const Slice& middle : middles) {
    for (const Slice& tail : tails) {
      if (words.size() == kWordsMax) {
        return words;
      }
      const std::size_t size = before.text.size() + middle.text.size() + tail.text.size() + 1;
      left -= std::min(left, size);
      if (left == 0) {
        return {word};
      }
      Slice one = before;
      append(one, middle);
      append(one, tail);
      one.end = word.end;
      words.push_back(std::move(one));
    }
  }
  return words;
}

}  // namespace

Slice expand_braces(const Slice& words) {
  Slice expanded;
  expanded.end = words.end;
  const std::string& text = words.text;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r') {
      expanded.append(text[at], words.origin(at));
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && text[end] != ' ' && text[end] != '\t' && text[end] != '\n' &&
           text[end] != '\r') {
      const std::size_t past = past_quoted(text, end);
      end = past == end ? end + 1 : past;
    }
    bool first = true;
    const Slice word = part(words, at, end);
    std::size_t left = word.text.size() > kWordMax ? 0 : kCharactersMax;
    const Alternatives alternatives = expand_word(word, left);
    for (const Slice& one : left == 0 ? Alternatives{word} : alternatives) {
      if (!first) {
        expanded.append(' ', words.origin(at));
      }
      append(expanded, one);
      first = false;
    }
    at = end;
  }
  return expanded;
}

}  // namespace scenarios::runbook
