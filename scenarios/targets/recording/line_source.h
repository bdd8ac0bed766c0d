#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace scenarios::targets {

/// The lines of a file, which may be compressed with zstd, one at a time. Memory is bounded by the longest
/// line.
class LineSource {
 public:
  enum class Outcome : std::uint8_t {
    Line,     ///< a line that its newline ended
    Partial,  ///< the last bytes of the file, which no newline ended
    End,      ///< nothing more
    Problem   ///< `problem` says what
  };

  explicit LineSource(const std::string& path);
  ~LineSource();
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  /// Reads on. After Line and Partial, `line` holds the text without its newline until the next call, and at
  /// least 64 readable bytes follow it, which the JSON parser may look at.
  Outcome next();
  std::string_view line() const;
  /// The bytes that may be read from the start of `line` on.
  std::size_t readable() const { return size_of_buffer() - begin_; }

  const std::string& problem() const { return problem_; }
  /// Whether the file is compressed. Known after the first `next`.
  bool compressed() const { return compressed_; }
  /// Whether the compressed data broke off before its end. Known at End.
  bool broke_off() const { return broke_off_; }
  bool empty() const { return empty_; }

 private:
  class Input;

  bool fill();
  Outcome fail(std::string what);
  std::size_t size_of_buffer() const { return buffer_.size(); }

  std::unique_ptr<Input> input_;
  std::string buffer_;
  std::size_t begin_ = 0;  ///< Of the line that was given out.
  std::size_t line_end_ = 0;
  std::size_t next_ = 0;  ///< Where the line after it begins.
  std::size_t filled_ = 0;
  bool at_end_ = false;
  bool compressed_ = false;
  bool broke_off_ = false;
  bool empty_ = false;
  std::string problem_;
};

}  // namespace scenarios::targets
