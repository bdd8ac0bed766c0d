#pragma once
// A large JSON file as a stream: the elements of its top level's `items` one after the other, so that no more
// than one of them is in memory.

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

namespace scenarios {

/// An element of `items`.
struct JsonItem {
  std::string_view text;  ///< as it stands in the file; `kJsonPadding` more bytes may be read behind it
  std::size_t line = 1;
  std::size_t column = 1;
};

/// How many bytes behind a text a parser may read.
inline constexpr std::size_t kJsonPadding = 64;

class JsonItems {
 public:
  enum class Outcome : std::uint8_t { complete, not_json, too_deep };

  /// Values nested deeper than `depth_max` end the reading.
  JsonItems(const std::string& file, int depth_max);

  /// Hands out the items; where `receive` returns false the reading ends as `not_json`. `rest` becomes the
  /// top-level value without its items (`"items": []`), as text. What lies inside a value is not looked at:
  /// who parses it finds what is wrong there.
  Outcome read(const std::function<bool(const JsonItem&)>& receive, std::string& rest);

 private:
  [[nodiscard]] bool more();
  [[nodiscard]] int peek();
  int next();
  void skip_blanks();
  [[nodiscard]] bool skip_string();
  [[nodiscard]] bool skip_value();
  void count_lines(std::size_t end);
  Outcome read_object(const std::function<bool(const JsonItem&)>& receive, std::string& rest);
  [[nodiscard]] bool read_items(const std::function<bool(const JsonItem&)>& receive);
  [[nodiscard]] std::string_view text_since(std::size_t begin) const {
    return std::string_view(buffer_).substr(begin, at_ - begin);
  }

  std::ifstream stream_;
  int depth_max_;
  bool too_deep_ = false;
  std::string buffer_;       // what was read and is still needed, and the padding
  std::size_t filled_ = 0;   // bytes of it that are of the file
  std::size_t at_ = 0;       // the next byte
  std::size_t keep_ = 0;     // bytes before this one are no longer needed
  std::size_t counted_ = 0;  // line and column are those of this byte
  std::size_t line_ = 1;
  std::size_t column_ = 1;
};

}  // namespace scenarios
