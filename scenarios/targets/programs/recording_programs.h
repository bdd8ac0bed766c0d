#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/targets/programs/programs.h"
#include "scenarios/targets/recording/writer.h"

namespace scenarios::targets {

/// Passes everything through to other programs, redacted, and records it.
///
/// The caller gets exactly what is recorded, at the recorded times, and `now` is the recorded time that has
/// passed for it: that of the last event, or of the last `until` by which nothing happened. So whatever it
/// decides from events and `now` it decides again when the recording is played to it by RecordedPrograms.
class RecordingPrograms final : public Programs {
 public:
  /// Both must outlive it. `sync_every`: a line is on the disk no later than this after it was delivered.
  RecordingPrograms(Programs& inner, RecordingWriter& writer,
                    sim::Duration sync_every = std::chrono::milliseconds(200));
  ~RecordingPrograms() override;

  ProcessId start(const std::vector<std::string>& arguments, const std::string& input) override;
  void kill(ProcessId process) override;
  std::optional<ProgramEvent> next(sim::Time until) override;
  /// Also when recording has failed: nothing is performed that cannot be recorded.
  std::string over() const override { return problem().empty() ? inner_.over() : problem(); }
  sim::Time now() const override { return now_; }

  /// Records what the adapter did or decided itself: `note` is one JSON value; secrets in it are redacted.
  void note(const nlohmann::ordered_json& note);
  /// Ends the recording. Nothing may be started after it.
  void finish();

  const RedactionCounts& redacted() const { return counts_; }
  /// Why recording failed, for a person; empty while it works.
  const std::string& problem() const { return writer_.problem(); }

 private:
  struct Streams {
    std::unique_ptr<StreamRedactor> output;
    std::unique_ptr<StreamRedactor> errors;
  };

  void take(ProgramEvent event);
  void sync_when_due();
  void sync();

  Programs& inner_;
  RecordingWriter& writer_;
  sim::Duration sync_every_;
  sim::Time synced_at_{};  ///< By the clock of the inner programs.
  sim::Time now_{};
  RedactionCounts counts_;
  std::map<ProcessId, Streams> streams_;
  std::deque<ProgramEvent> ready_;  ///< Redacted, not delivered and not recorded yet.
};

}  // namespace scenarios::targets
