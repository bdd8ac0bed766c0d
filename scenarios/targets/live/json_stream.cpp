#include "scenarios/targets/live/json_stream.h"

#include <array>

namespace scenarios::targets {

namespace {

constexpr std::array<bool, 256> table_of(std::string_view characters) {
  std::array<bool, 256> table{};
  for (const char c : characters) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}

/// What matters between strings, and within one: JSON allows no newline there, so the string was cut.
constexpr std::array<bool, 256> kStructure = table_of("\"{}[]");
constexpr std::array<bool, 256> kStringEnd = table_of("\"\\\n");

/// An API server refuses objects above about 1.5 MiB (etcd's --max-request-bytes); kubectl's indentation and
/// an event around them stay far below this.
constexpr std::size_t kObjectMax = std::size_t{32} << 20U;

/// The next byte from `i` on that is in the table; the size if there is none.
std::size_t find(std::string_view bytes, std::size_t i, const std::array<bool, 256>& table) {
  while (i < bytes.size() && !table[static_cast<unsigned char>(bytes[i])]) {
    ++i;
  }
  return i;
}

}  // namespace

void JsonStream::feed(std::string_view bytes, const std::function<void(std::string_view object)>& receive) {
  std::size_t begin = 0;  // of what is not yet held or handed on
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (depth_ == 0) {
      const char c = bytes[i];
      if (c == '{') {
        depth_ = 1;
        begin = i;
      } else {
        rubbish_ += c == ' ' || c == '\n' || c == '\t' || c == '\r' ? 0 : 1;
      }
      continue;
    }
    if (escaped_) {
      escaped_ = false;
      continue;
    }
    i = find(bytes, i, in_string_ ? kStringEnd : kStructure);
    if (i == bytes.size()) {
      break;
    }
    const char c = bytes[i];
    if (c == '{' && !in_string_ && (i == 0 ? last_ : bytes[i - 1]) == '\n') {
      ++dropped_;
      held_.clear();
      depth_ = 1;
      begin = i;
    } else if (c == '\n') {
      in_string_ = false;
    } else if (c == '"') {
      in_string_ = !in_string_;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (--depth_ == 0) {
      const std::string_view part = bytes.substr(begin, i + 1 - begin);
      if (held_.empty()) {
        receive(part);
      } else {
        held_ += part;
        receive(held_);
        held_.clear();
      }
      begin = i + 1;
    }
  }
  if (depth_ > 0) {
    held_ += bytes.substr(begin);
  }
  if (held_.size() > kObjectMax) {
    ++dropped_;
    held_.clear();
    depth_ = 0;
    in_string_ = escaped_ = false;
  }
  last_ = bytes.empty() ? last_ : bytes.back();
}

}  // namespace scenarios::targets
