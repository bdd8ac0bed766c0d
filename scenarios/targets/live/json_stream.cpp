#include "scenarios/targets/live/json_stream.h"

namespace scenarios::targets {

void JsonStream::feed(std::string_view bytes, const std::function<void(std::string_view object)>& receive) {
  std::size_t begin = 0;  // of what is not yet held or handed on
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (depth_ == 0) {
      if (c == '{') {
        depth_ = 1;
        begin = i;
      } else {
        rubbish_ += c == ' ' || c == '\n' || c == '\t' || c == '\r' ? 0 : 1;
      }
      continue;
    }
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      continue;
    }
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && --depth_ == 0) {
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
}

}  // namespace scenarios::targets
