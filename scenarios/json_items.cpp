#include "scenarios/json_items.h"

#include <algorithm>
#include <array>

namespace scenarios {

namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20U;
constexpr int kEnd = -1;

/// What the scanner stops at: outside strings quotes and brackets, inside them quotes and backslashes.
enum Stop : std::uint8_t { none = 0, outside = 1, inside = 2 };
constexpr std::array<std::uint8_t, 256> kStops = [] {
  std::array<std::uint8_t, 256> stops{};
  for (const char c : {'{', '}', '[', ']'}) {
    stops[static_cast<unsigned char>(c)] = outside;
  }
  stops[static_cast<unsigned char>('"')] = outside | inside;
  stops[static_cast<unsigned char>('\\')] = inside;
  return stops;
}();

bool ends_scalar(int c) {
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == kEnd;
}

}  // namespace

JsonItems::JsonItems(const std::string& file, int depth_max)
    : stream_(file, std::ios::binary), depth_max_(depth_max), buffer_(kJsonPadding, '\0') {}

/// Reads another block; what is before `keep_` is forgotten.
bool JsonItems::more() {
  count_lines(keep_);
  buffer_.erase(0, keep_);
  filled_ -= keep_;
  at_ -= keep_;
  counted_ -= keep_;
  keep_ = 0;
  buffer_.resize(filled_ + kBlock + kJsonPadding);
  stream_.read(buffer_.data() + filled_, static_cast<std::streamsize>(kBlock));
  const auto got = static_cast<std::size_t>(stream_.gcount());
  filled_ += got;
  std::fill(buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.end(), '\0');
  return got > 0;
}

int JsonItems::peek() {
  if (at_ == filled_ && !more()) {
    return kEnd;
  }
  return static_cast<unsigned char>(buffer_[at_]);
}

int JsonItems::next() {
  const int c = peek();
  at_ += c == kEnd ? 0 : 1;
  return c;
}

void JsonItems::skip_blanks() {
  for (int c = peek(); c == ' ' || c == '\n' || c == '\t' || c == '\r'; c = peek()) {
    ++at_;
  }
}

/// Behind the opening quote.
bool JsonItems::skip_string() {
  while (true) {
    while (at_ < filled_ && (kStops[static_cast<unsigned char>(buffer_[at_])] & inside) == 0) {
      ++at_;
    }
    const int c = next();
    if (c == kEnd) {
      return false;
    }
    if (c == '"') {
      return true;
    }
    if (c == '\\' && next() == kEnd) {
      return false;
    }
  }
}

/// A whole value; inside it brackets alone are counted.
bool JsonItems::skip_value() {
  const int first = next();
  if (first == '"') {
    return skip_string();
  }
  if (first != '{' && first != '[') {
    while (!ends_scalar(peek())) {
      ++at_;
    }
    return first != kEnd && !ends_scalar(first);
  }
  int depth = 1;
  while (depth > 0) {
    while (at_ < filled_ && (kStops[static_cast<unsigned char>(buffer_[at_])] & outside) == 0) {
      ++at_;
    }
    const int c = next();
    if (c == kEnd || (c == '"' && !skip_string())) {
      return false;
    }
    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    if (depth > depth_max_) {
      too_deep_ = true;
      return false;
    }
  }
  return true;
}

void JsonItems::count_lines(std::size_t end) {
  const std::string_view passed = std::string_view(buffer_).substr(counted_, end - counted_);
  const auto lines = static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
  line_ += lines;
  column_ = lines == 0 ? column_ + passed.size() : passed.size() - passed.rfind('\n');
  counted_ = end;
}

bool JsonItems::read_items(const std::function<bool(const JsonItem&)>& receive) {
  ++at_;  // the bracket
  skip_blanks();
  if (peek() == ']') {
    ++at_;
    return true;
  }
  while (true) {
    skip_blanks();
    keep_ = at_;
    if (!skip_value()) {
      return false;
    }
    count_lines(keep_);
    if (!receive({text_since(keep_), line_, column_})) {
      return false;
    }
    skip_blanks();
    const int c = next();
    if (c == ']') {
      return true;
    }
    if (c != ',') {
      return false;
    }
  }
}

JsonItems::Outcome JsonItems::read_object(const std::function<bool(const JsonItem&)>& receive,
                                          std::string& rest) {
  const auto failed = [&] { return too_deep_ ? Outcome::too_deep : Outcome::not_json; };
  ++at_;  // the brace
  rest = "{";
  skip_blanks();
  if (peek() == '}') {
    ++at_;
    rest += "}";
    return Outcome::complete;
  }
  while (true) {
    skip_blanks();
    keep_ = at_;
    if (next() != '"' || !skip_string()) {
      return failed();
    }
    const std::string key(text_since(keep_));
    skip_blanks();
    if (next() != ':') {
      return failed();
    }
    skip_blanks();
    rest += (rest.size() == 1 ? "" : ",") + key + ":";
    keep_ = at_;
    if (key == "\"items\"" && peek() == '[') {
      if (!read_items(receive)) {
        return failed();
      }
      rest += "[]";
    } else if (!skip_value()) {
      return failed();
    } else {
      rest += text_since(keep_);
    }
    skip_blanks();
    const int c = next();
    if (c == '}') {
      rest += "}";
      return Outcome::complete;
    }
    if (c != ',') {
      return failed();
    }
  }
}

JsonItems::Outcome JsonItems::read(const std::function<bool(const JsonItem&)>& receive, std::string& rest) {
  skip_blanks();
  Outcome outcome = Outcome::complete;
  if (peek() == '{') {
    outcome = read_object(receive, rest);
  } else {
    keep_ = at_;
    if (!skip_value()) {
      return too_deep_ ? Outcome::too_deep : Outcome::not_json;
    }
    rest = text_since(keep_);
  }
  skip_blanks();
  return outcome == Outcome::complete && peek() != kEnd ? Outcome::not_json : outcome;
}

}  // namespace scenarios
