#pragma once
// A program's output as a stream of JSON objects, cut anywhere.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace scenarios::targets {

/// Cuts a stream into its top-level JSON objects. Holds at most one object in memory; what stands between
/// objects and is no blank is rubbish, skipped and counted. An object that is cut short is recognised by a
/// line that begins with `{`, as every event of kubectl and nothing inside of one does; it is dropped.
class JsonStream {
 public:
  /// Takes the next bytes and hands on every object that is complete by now.
  void feed(std::string_view bytes, const std::function<void(std::string_view object)>& receive);
  /// Bytes of an object that has begun and not ended.
  [[nodiscard]] std::size_t pending() const { return held_.size(); }
  [[nodiscard]] std::size_t rubbish() const { return rubbish_; }
  /// How many objects were dropped: cut short, or longer than any object that an API server stores.
  [[nodiscard]] std::size_t dropped() const { return dropped_; }

 private:
  std::string held_;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  char last_ = '\n';
  std::size_t rubbish_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace scenarios::targets
