#include "scenarios/targets/recording/reader.h"

#include <fmt/format.h>

#include <utility>

#include "scenarios/targets/recording/line_parser.h"

namespace scenarios::targets {

RecordingReader::RecordingReader(const std::string& path)
    : path_(path), source_(path), parser_(std::make_unique<LineParser>()) {
  read_header();
}

RecordingReader::~RecordingReader() = default;

void RecordingReader::fail(RecordingFault fault, std::string_view text, bool with_line) {
  done_ = true;
  problem_ = RecordingProblem{fault, with_line ? fmt::format("{}:{}: {}", path_, lines_ + 1, text)
                                               : fmt::format("{}: {}", path_, text)};
}

std::string RecordingReader::torn_text() const {
  if (!torn_) {
    return {};
  }
  return fmt::format("{}: torn after line {}: it has no closing line, so the recorder did not end by itself",
                     path_, lines_);
}

void RecordingReader::read_header() {
  if (!source_.problem().empty()) {
    fail(RecordingFault::Unreadable, fmt::format("cannot be read: {}", source_.problem()), false);
    return;
  }
  if (source_.empty()) {
    fail(RecordingFault::Empty, "is empty, not a recording", false);
    return;
  }
  const LineSource::Outcome outcome = source_.next();
  const std::string_view text =
      outcome == LineSource::Outcome::Line || outcome == LineSource::Outcome::Partial ? source_.line()
                                                                                      : std::string_view();
  if (outcome == LineSource::Outcome::Problem) {
    fail(RecordingFault::Corrupt, source_.problem());
    return;
  }
  constexpr std::string_view kBegin = "{\"recording\"";
  const bool begins = text.starts_with(kBegin) || kBegin.starts_with(text);
  ParsedHeader parsed = parse_header(text);
  const bool incomplete = outcome != LineSource::Outcome::Line && parsed.fault == ParsedHeader::Fault::NoJson;
  if (incomplete && begins) {
    fail(RecordingFault::TruncatedHeader, "ends inside its header: nothing was recorded", false);
    return;
  }
  switch (parsed.fault) {
    case ParsedHeader::Fault::None:
      header_ = std::move(parsed.header);
      lines_ = 1;
      return;
    case ParsedHeader::Fault::NoJson:
      if (begins) {
        fail(RecordingFault::Corrupt, parsed.problem);
        return;
      }
      [[fallthrough]];
    case ParsedHeader::Fault::Foreign:
      fail(RecordingFault::Foreign,
           "is not a recording: its first line has no \"recording\"; rehearse record writes them", false);
      return;
    case ParsedHeader::Fault::FutureSchema:
      fail(RecordingFault::FutureSchema, parsed.problem + "; use the version of rehearse that recorded it",
           false);
      return;
    case ParsedHeader::Fault::Bad:
      fail(RecordingFault::Corrupt, parsed.problem);
      return;
  }
}

/// What the lines before say about this one; empty when they agree.
std::string RecordingReader::check(const RecordedLine& line) {
  if (line.at < last_) {
    return fmt::format("the time goes backwards: {} ns after {} ns", line.at.count(), last_.count());
  }
  last_ = line.at;
  if (const auto* start = std::get_if<RecordedStart>(&line.what)) {
    if (!processes_.emplace(start->process, Known{}).second) {
      return fmt::format("process {} is started a second time", start->process);
    }
  } else if (const auto* event = std::get_if<ProgramEvent>(&line.what)) {
    const auto known = processes_.find(event->process);
    if (known == processes_.end()) {
      return fmt::format("process {} was never started", event->process);
    }
    if (known->second.ended) {
      return fmt::format("process {} has ended already", event->process);
    }
    known->second.ended =
        event->kind == ProgramEvent::Kind::Exited || event->kind == ProgramEvent::Kind::NotStarted;
  }
  return {};
}

std::optional<RecordedLine> RecordingReader::closing(std::uint64_t counted) {
  if (counted != lines_) {
    fail(RecordingFault::Corrupt,
         fmt::format("the closing line counts {} lines before it, but there are {}", counted, lines_));
    return std::nullopt;
  }
  ++lines_;
  done_ = true;
  const LineSource::Outcome outcome = source_.next();
  if (outcome == LineSource::Outcome::Line || outcome == LineSource::Outcome::Partial) {
    fail(RecordingFault::Corrupt, "something stands behind the closing line");
  } else if (outcome == LineSource::Outcome::Problem) {
    fail(RecordingFault::Corrupt, source_.problem());
  } else {
    torn_ = source_.broke_off();
  }
  return std::nullopt;
}

std::optional<RecordedLine> RecordingReader::next() {
  if (done_) {
    return std::nullopt;
  }
  const LineSource::Outcome outcome = source_.next();
  if (outcome == LineSource::Outcome::Problem) {
    fail(RecordingFault::Corrupt, source_.problem());
    return std::nullopt;
  }
  const std::string_view text = source_.line();
  // A line without its newline is whole when its object is closed, as in a recording written by hand.
  if (outcome == LineSource::Outcome::End ||
      (outcome == LineSource::Outcome::Partial && !text.ends_with('}'))) {
    done_ = torn_ = true;
    return std::nullopt;
  }
  LineParser::Result result = parser_->parse(text, source_.readable());
  if (!result.problem.empty()) {
    if (outcome == LineSource::Outcome::Partial) {
      done_ = torn_ = true;
    } else {
      fail(RecordingFault::Corrupt, result.problem);
    }
    return std::nullopt;
  }
  if (result.end) {
    return closing(*result.end);
  }
  if (const std::string disagreement = check(*result.line); !disagreement.empty()) {
    fail(RecordingFault::Corrupt, disagreement);
    return std::nullopt;
  }
  ++lines_;
  result.line->line = lines_;
  return std::move(result.line);
}

}  // namespace scenarios::targets
