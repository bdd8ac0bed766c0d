#pragma once
// A program's output as a stream of JSON objects, cut anywhere.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace scenarios::targets {

/// Cuts a stream into its top-level JSON objects. Holds at most one object in memory; what stands between
/// objects and is no blank is rubbish, skipped and counted.
class JsonStream {
 public:
  /// Takes the next bytes and hands on every object that is complete by now.
  void feed(std::string_view bytes, const std::function<void(std::string_view object)>& receive);
  /// Bytes of an object that has begun and not ended.
  [[nodiscard]] std::size_t pending() const { return held_.size(); }
  [[nodiscard]] std::size_t rubbish() const { return rubbish_; }

 private:
  std::string held_;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  std::size_t rubbish_ = 0;
};

}  // namespace scenarios::targets
