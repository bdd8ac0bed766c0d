#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/targets/programs/programs.h"
#include "scenarios/targets/recording/reader.h"

namespace scenarios::targets {

struct RecordedProgramsOptions {
  /// How much of the recording may be read ahead of its time to find a start, and how much may be held for
  /// processes that nobody has started yet, before it is let go.
  std::size_t ahead_bytes = std::size_t{32} << 20U;
  std::size_t held_bytes = std::size_t{256} << 20U;
};

/// Answers from a recording, as fast as possible: the recorded time passes, not the real one.
///
/// A start takes the next recorded process with the same (redacted) arguments that was not taken yet. Events
/// keep the recorded order and times, except those of a process that is started later than it was recorded:
/// they come as soon as it is started, with a time no earlier than `now`.
class RecordedPrograms final : public Programs {
 public:
  explicit RecordedPrograms(const std::string& path, RecordedProgramsOptions options = {});
  ~RecordedPrograms() override;

  ProcessId start(const std::vector<std::string>& arguments, const std::string& input) override;
  void kill(ProcessId process) override;
  std::optional<ProgramEvent> next(sim::Time until) override;
  std::string over() const override {
    return exhausted() && due_.empty() ? "the recording ends here" : std::string();
  }
  sim::Time now() const override { return now_; }

  const RecordingHeader& header() const { return reader_.header(); }
  /// What is wrong with the recording; once set, nothing more comes of it.
  const std::optional<RecordingProblem>& problem() const { return reader_.problem(); }
  /// The reader's word on a torn tail; empty while it has not come to it.
  std::string torn_text() const { return reader_.torn_text(); }
  /// The notes that were passed since the last call.
  std::vector<RecordedLine> take_notes();
  /// Whether every line was passed: nothing more can happen to what was started.
  bool exhausted() const { return ended_ && ahead_.empty(); }
  /// The recorded processes that were passed and that nobody has started.
  std::vector<RecordedStart> not_started() const;

 private:
  struct Untaken {
    RecordedStart start;
    bool lost = false;  ///< Its events were let go, there were too many.
  };

  bool read_line(RecordedLine& line);
  bool read_ahead();
  void let_go();
  std::optional<ProcessId> take_recorded(const std::vector<std::string>& arguments);
  bool recorded_later(const std::vector<std::string>& arguments, ProcessId& recorded);
  std::string nearest_text(const std::vector<std::string>& arguments);
  std::optional<ProgramEvent> deliver(ProgramEvent event);
  void pass(RecordedLine line);
  void read_all_starts();

  std::string path_;
  RecordedProgramsOptions options_;
  RecordingReader reader_;
  bool ended_ = false;
  sim::Time now_{};
  ProcessId last_id_ = 0;
  std::deque<RecordedLine> ahead_;  ///< Read, but not come to yet.
  std::size_t ahead_bytes_ = 0;
  std::map<ProcessId, Untaken> untaken_;     ///< Recorded starts that were read, by recorded number.
  std::map<ProcessId, ProcessId> taken_;     ///< recorded number -> the caller's number
  std::map<ProcessId, ProcessId> recorded_;  ///< the caller's number -> recorded number
  std::map<ProcessId, std::deque<ProgramEvent>>
      held_;  ///< Events that were passed before their process was started.
  std::size_t held_bytes_ = 0;
  std::deque<ProgramEvent> due_;  ///< Events to be delivered before all others.
  std::vector<RecordedLine> notes_;
  std::optional<std::vector<RecordedStart>> all_starts_;
};

}  // namespace scenarios::targets
