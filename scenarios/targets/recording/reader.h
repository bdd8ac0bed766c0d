#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/targets/recording/line_source.h"
#include "scenarios/targets/recording/recording.h"

namespace scenarios::targets {

/// What makes a file unusable as a recording.
enum class RecordingFault : std::uint8_t {
  Unreadable,       ///< the file cannot be opened or read
  Empty,            ///< no byte in it
  TruncatedHeader,  ///< ends before its header does
  Foreign,          ///< something else: no header
  FutureSchema,     ///< written by a later program
  Corrupt           ///< a line that cannot be what a recorder wrote
};

struct RecordingProblem {
  RecordingFault fault = RecordingFault::Corrupt;
  std::string text;  ///< `file: …` or `file:line: …`, for a person
};

class LineParser;

/// Streams a recording, compressed or not. Memory is bounded by its longest line.
class RecordingReader {
 public:
  /// Reads the header. `problem` says when it is none.
  explicit RecordingReader(const std::string& path);
  ~RecordingReader();
  RecordingReader(const RecordingReader&) = delete;
  RecordingReader& operator=(const RecordingReader&) = delete;

  const RecordingHeader& header() const { return header_; }

  /// The next line; none at the end, at a torn tail and at a problem.
  std::optional<RecordedLine> next();

  /// What is wrong with the file; known once `next` has returned none.
  const std::optional<RecordingProblem>& problem() const { return problem_; }
  /// Whether the recording broke off without its closing line; what had begun of a line is dropped.
  bool torn() const { return torn_; }
  /// `file: torn after line n: …`; empty when it is not torn.
  std::string torn_text() const;
  /// The number of the last whole line.
  std::uint64_t lines() const { return lines_; }

 private:
  struct Known {
    bool ended = false;
  };

  void read_header();
  std::string check(const RecordedLine& line);
  void fail(RecordingFault fault, std::string_view text, bool with_line = true);
  std::optional<RecordedLine> closing(std::uint64_t counted);

  std::string path_;
  LineSource source_;
  std::unique_ptr<LineParser> parser_;
  RecordingHeader header_;
  std::uint64_t lines_ = 0;
  sim::Time last_{};
  std::map<ProcessId, Known> processes_;
  std::optional<RecordingProblem> problem_;
  bool done_ = false;
  bool torn_ = false;
};

}  // namespace scenarios::targets
