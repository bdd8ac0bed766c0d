#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/targets/recording/recording.h"

namespace scenarios::targets {

struct WriterOptions {
  int compression_level = 6;
  /// So many bytes of lines are synced at once, however little time has passed.
  std::size_t batch_bytes = std::size_t{1} << 20U;
};

/// Appends to a new recording: JSON Lines, compressed with zstd; plain when the name ends in `.jsonl`.
///
/// A line has reached the disk when `sync` has returned. After the first failure nothing more is written, and
/// `problem` says what it was. Redacts the header; everything else was redacted by whoever hands it in.
class RecordingWriter {
 public:
  /// Creates the file, which must not exist yet, and syncs the header.
  RecordingWriter(const std::string& path, RecordingHeader header, WriterOptions options = {});
  ~RecordingWriter();
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

  void start(sim::Time at, const RecordedStart& start);
  void event(const ProgramEvent& event);
  /// `json` is one JSON value without newlines.
  void note(sim::Time at, std::string_view json);

  /// Whether lines wait for `sync`.
  bool unsynced() const { return unsynced_bytes_ > 0; }
  /// Compresses and writes what waits and has the disk confirm it.
  void sync();
  /// Writes the closing line and closes the file. Without it the recording reads as torn.
  void finish(const RedactionCounts& redacted);

  /// Empty while all went well; else `file: what went wrong`.
  const std::string& problem() const { return problem_; }

 private:
  class File;

  void append(std::string line);
  void fail(std::string_view what);

  std::string path_;
  WriterOptions options_;
  std::unique_ptr<File> file_;
  std::uint64_t lines_ = 0;
  std::size_t unsynced_bytes_ = 0;
  std::string problem_;
};

/// The line, without its newline, as it stands in a recording.
std::string text_of(sim::Time at, const RecordedStart& start);
std::string text_of(const ProgramEvent& event);
std::string text_of(const RecordingHeader& header);

}  // namespace scenarios::targets
