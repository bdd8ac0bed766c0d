#include "scenarios/targets/programs/recording_programs.h"

#include <algorithm>
#include <utility>

namespace scenarios::targets {

RecordingPrograms::RecordingPrograms(Programs& inner, RecordingWriter& writer, sim::Duration sync_every)
    : inner_(inner), writer_(writer), sync_every_(sync_every), synced_at_(inner.now()) {}

RecordingPrograms::~RecordingPrograms() {
  if (writer_.unsynced()) {
    writer_.sync();
  }
}

ProcessId RecordingPrograms::start(const std::vector<std::string>& arguments, const std::string& input) {
  const ProcessId process = inner_.start(arguments, input);
  const RecordedStart recorded{process, redact_arguments(arguments, counts_),
                               redact_input(arguments, input, counts_)};
  streams_[process] = {redactor_for(arguments, false, counts_), redactor_for(arguments, true, counts_)};
  writer_.start(now_, recorded);
  sync_when_due();
  return process;
}

void RecordingPrograms::kill(ProcessId process) {
  inner_.kill(process);
  std::erase_if(ready_, [&](const ProgramEvent& event) { return event.process == process; });
  if (streams_.erase(process) > 0) {
    note({{"kill", process}});
  }
}

void RecordingPrograms::note(const nlohmann::ordered_json& note) {
  const std::string text = note.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  // In a list, so that a note that is a mere text is judged as JSON too.
  const std::string listed = redact_input({}, "[" + text + "]", counts_);
  writer_.note(now_, std::string_view(listed).substr(1, listed.size() - 2));
  sync_when_due();
}

/// Redacts what came from a program into the events that the caller will get.
void RecordingPrograms::take(ProgramEvent event) {
  const auto found = streams_.find(event.process);
  if (found == streams_.end()) {
    return;
  }
  const auto put = [&](ProgramEvent::Kind kind, std::string data) {
    if (!data.empty()) {
      ready_.push_back({event.process, kind, std::move(data), 0, event.at});
    }
  };
  using Kind = ProgramEvent::Kind;
  switch (event.kind) {
    case Kind::Output:
      put(Kind::Output, found->second.output->feed(event.data));
      break;
    case Kind::Errors:
      put(Kind::Errors, found->second.errors->feed(event.data));
      break;
    case Kind::Exited:
    case Kind::NotStarted:
      put(Kind::Output, found->second.output->finish());
      put(Kind::Errors, found->second.errors->finish());
      event.data = redact_text(event.data, counts_);
      ready_.push_back(std::move(event));
      streams_.erase(found);
      break;
  }
}

void RecordingPrograms::sync() {
  synced_at_ = inner_.now();
  writer_.sync();
}

void RecordingPrograms::sync_when_due() {
  if (writer_.unsynced() && inner_.now() >= synced_at_ + sync_every_) {
    sync();
  }
}

std::optional<ProgramEvent> RecordingPrograms::next(sim::Time until) {
  while (true) {
    if (!writer_.problem().empty()) {
      return std::nullopt;
    }
    if (!ready_.empty()) {
      if (ready_.front().at > until) {
        now_ = std::max(now_, until);
        return std::nullopt;
      }
      ProgramEvent event = std::move(ready_.front());
      ready_.pop_front();
      now_ = event.at;
      writer_.event(event);
      sync_when_due();
      return event;
    }
    // While lines wait for the disk, a quiet time is interrupted to sync them.
    const sim::Time pause = writer_.unsynced() ? std::min(until, inner_.now() + sync_every_) : until;
    if (std::optional<ProgramEvent> event = inner_.next(pause)) {
      take(*std::move(event));
      continue;
    }
    if (!inner_.over().empty()) {
      now_ = std::max(now_, std::min(until, inner_.now()));
      return std::nullopt;
    }
    if (writer_.unsynced()) {
      sync();
    } else if (pause == sim::kNever) {
      return std::nullopt;
    }
    if (pause >= until) {
      now_ = std::max(now_, until == sim::kNever ? now_ : until);
      return std::nullopt;
    }
  }
}

void RecordingPrograms::finish() { writer_.finish(counts_); }

}  // namespace scenarios::targets
