#include "scenarios/targets/programs/recorded_programs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "scenarios/targets/recording/redaction.h"

namespace scenarios::targets {
namespace {

/// What a line keeps of memory, about.
std::size_t bytes_of(const RecordedLine& line) {
  constexpr std::size_t kOverhead = 128;
  const auto* event = std::get_if<ProgramEvent>(&line.what);
  return kOverhead + (event == nullptr ? 0 : event->data.size());
}

/// How many words must be put in, taken out or replaced to make one command of the other.
std::size_t distance(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, above + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

RecordedPrograms::RecordedPrograms(const std::string& path, RecordedProgramsOptions options)
    : path_(path), options_(options), reader_(path) {
  ended_ = reader_.problem().has_value();
}

RecordedPrograms::~RecordedPrograms() = default;

bool RecordedPrograms::read_line(RecordedLine& line) {
  if (ended_) {
    return false;
  }
  std::optional<RecordedLine> read = reader_.next();
  if (!read) {
    ended_ = true;
    return false;
  }
  if (const auto* start = std::get_if<RecordedStart>(&read->what)) {
    if (!taken_.contains(start->process)) {
      untaken_.emplace(start->process, Untaken{*start, false});
    }
  }
  line = *std::move(read);
  return true;
}

/// Reads one more line ahead; false at the end, and when enough was read.
bool RecordedPrograms::read_ahead() {
  RecordedLine line;
  if (ahead_bytes_ > options_.ahead_bytes || !read_line(line)) {
    return false;
  }
  ahead_bytes_ += bytes_of(line);
  ahead_.push_back(std::move(line));
  return true;
}

void RecordedPrograms::read_all_starts() {
  if (all_starts_) {
    return;
  }
  all_starts_.emplace();
  RecordingReader reader(path_);
  while (std::optional<RecordedLine> line = reader.next()) {
    if (auto* start = std::get_if<RecordedStart>(&line->what)) {
      all_starts_->push_back(std::move(*start));
    }
  }
}

/// A start that stands further on than what may be read ahead: found in a second pass that keeps starts only.
bool RecordedPrograms::recorded_later(const std::vector<std::string>& arguments, ProcessId& recorded) {
  read_all_starts();
  for (const RecordedStart& start : *all_starts_) {
    if (start.arguments == arguments && !taken_.contains(start.process) &&
        !untaken_.contains(start.process)) {
      recorded = start.process;
      return true;
    }
  }
  return false;
}

std::optional<ProcessId> RecordedPrograms::take_recorded(const std::vector<std::string>& arguments) {
  const auto fits = [&](const auto& entry) { return entry.second.start.arguments == arguments; };
  auto found = std::find_if(untaken_.begin(), untaken_.end(), fits);
  while (found == untaken_.end() && read_ahead()) {
    if (const auto* start = std::get_if<RecordedStart>(&ahead_.back().what)) {
      const auto entry = untaken_.find(start->process);
      found = entry != untaken_.end() && fits(*entry) ? entry : untaken_.end();
    }
  }
  if (found != untaken_.end()) {
    if (found->second.lost) {
      return std::nullopt;
    }
    const ProcessId recorded = found->first;
    untaken_.erase(found);
    return recorded;
  }
  ProcessId recorded = 0;
  if (!ended_ && recorded_later(arguments, recorded)) {
    return recorded;
  }
  return std::nullopt;
}

std::string RecordedPrograms::nearest_text(const std::vector<std::string>& arguments) {
  read_all_starts();
  const RecordedStart* nearest = nullptr;
  std::size_t least = 0;
  bool taken_all = false;
  for (const RecordedStart& start : *all_starts_) {
    taken_all = taken_all || start.arguments == arguments;
    const std::size_t words = distance(arguments, start.arguments);
    if (nearest == nullptr || words < least) {
      nearest = &start;
      least = words;
    }
  }
  std::string text = fmt::format("{}: not in the recording", fmt::join(arguments, " "));
  if (taken_all) {
    text =
        fmt::format("{}: recorded, but every recorded run of it was used already", fmt::join(arguments, " "));
  } else if (nearest != nullptr) {
    text += fmt::format("; the nearest that was recorded: {}", fmt::join(nearest->arguments, " "));
  } else {
    text += ", which holds no program at all";
  }
  return text;
}

ProcessId RecordedPrograms::start(const std::vector<std::string>& arguments, const std::string& /*input*/) {
  const ProcessId id = ++last_id_;
  RedactionCounts unused;
  const std::vector<std::string> redacted = redact_arguments(arguments, unused);
  const std::optional<ProcessId> recorded = take_recorded(redacted);
  if (!recorded) {
    due_.push_back({id, ProgramEvent::Kind::NotStarted, nearest_text(redacted), 0, now_});
    return id;
  }
  taken_[*recorded] = id;
  recorded_[id] = *recorded;
  if (const auto held = held_.find(*recorded); held != held_.end()) {
    for (ProgramEvent& event : held->second) {
      held_bytes_ -= event.data.size();
      event.process = id;
      due_.push_back(std::move(event));
    }
    held_.erase(held);
  }
  return id;
}

void RecordedPrograms::kill(ProcessId process) {
  std::erase_if(due_, [&](const ProgramEvent& event) { return event.process == process; });
  if (const auto found = recorded_.find(process); found != recorded_.end()) {
    taken_[found->second] = 0;  // Its further events are nobody's.
    recorded_.erase(found);
  }
}

std::vector<RecordedLine> RecordedPrograms::take_notes() { return std::exchange(notes_, {}); }

std::vector<RecordedStart> RecordedPrograms::not_started() const {
  std::vector<RecordedStart> starts;
  for (const auto& [recorded, untaken] : untaken_) {
    starts.push_back(untaken.start);
  }
  return starts;
}

std::optional<ProgramEvent> RecordedPrograms::deliver(ProgramEvent event) {
  now_ = std::max(now_, event.at);
  event.at = now_;
  return event;
}

/// Lets go the events of the processes that wait longest, when too much is held.
void RecordedPrograms::let_go() {
  while (held_bytes_ > options_.held_bytes && !held_.empty()) {
    const auto oldest = held_.begin();
    for (const ProgramEvent& event : oldest->second) {
      held_bytes_ -= event.data.size();
    }
    if (const auto untaken = untaken_.find(oldest->first); untaken != untaken_.end()) {
      untaken->second.lost = true;
    }
    held_.erase(oldest);
  }
}

/// Passes a line that is no event of a started process: a note is kept, a start is known already, an event
/// waits.
void RecordedPrograms::pass(RecordedLine line) {
  if (std::holds_alternative<RecordedNote>(line.what)) {
    notes_.push_back(std::move(line));
    return;
  }
  auto* event = std::get_if<ProgramEvent>(&line.what);
  if (event == nullptr) {
    return;
  }
  const auto untaken = untaken_.find(event->process);
  if (untaken == untaken_.end() || untaken->second.lost) {
    return;  // Its process was killed, or too much of it was let go.
  }
  held_bytes_ += event->data.size();
  held_[event->process].push_back(std::move(*event));
  let_go();
}

std::optional<ProgramEvent> RecordedPrograms::next(sim::Time until) {
  if (!due_.empty()) {
    if (std::max(due_.front().at, now_) > until) {
      now_ = std::max(now_, until);
      return std::nullopt;
    }
    ProgramEvent event = std::move(due_.front());
    due_.pop_front();
    return deliver(std::move(event));
  }
  while (true) {
    if (ahead_.empty()) {
      RecordedLine line;
      if (!read_line(line)) {
        break;
      }
      ahead_bytes_ += bytes_of(line);
      ahead_.push_back(std::move(line));
    }
    if (ahead_.front().at > until) {
      break;
    }
    RecordedLine line = std::move(ahead_.front());
    ahead_.pop_front();
    ahead_bytes_ -= bytes_of(line);
    auto* event = std::get_if<ProgramEvent>(&line.what);
    const auto taken = event == nullptr ? taken_.end() : taken_.find(event->process);
    if (taken == taken_.end()) {
      pass(std::move(line));
    } else if (taken->second != 0) {
      event->process = taken->second;
      return deliver(std::move(*event));
    }
  }
  if (until != sim::kNever) {
    now_ = std::max(now_, until);
  }
  return std::nullopt;
}

}  // namespace scenarios::targets
