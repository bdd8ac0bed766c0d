#include "scenarios/targets/recording/line_parser.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <limits>
#include <string>
#include <utility>

#include "scenarios/targets/recording/json_line.h"

namespace scenarios::targets {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using Json = nlohmann::ordered_json;

/// A value of the wrong type or range; caught where the line is read.
struct Bad {
  std::string text;
};

std::int64_t integer(const element& value, std::string_view name, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) != simdjson::SUCCESS || number < least || number > most) {
    throw Bad{fmt::format("\"{}\" is {}, not a whole number from {} to {}", name,
                          std::string(simdjson::minify(value)).substr(0, 40), least, most)};
  }
  return number;
}

std::string text(const element& value, std::string_view name) {
  std::string_view read;
  if (value.get_string().get(read) != simdjson::SUCCESS) {
    throw Bad{fmt::format("\"{}\" is no text", name)};
  }
  return std::string(read);
}

std::string bytes(const element& value, std::string_view name) {
  std::optional<std::string> decoded = from_base64(text(value, name));
  if (!decoded) {
    throw Bad{fmt::format("\"{}\" is no base64", name)};
  }
  return *std::move(decoded);
}

ProcessId process_of(const element& value) {
  return static_cast<ProcessId>(integer(value, "process", 1, std::numeric_limits<ProcessId>::max()));
}

RecordedStart start_of(const element& value) {
  RecordedStart start;
  object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) {
    throw Bad{"\"start\" is no object"};
  }
  bool has_arguments = false;
  for (const auto& [key, member] : members) {
    if (key == "process") {
      start.process = process_of(member);
    } else if (key == "arguments") {
      simdjson::dom::array arguments;
      if (member.get_array().get(arguments) != simdjson::SUCCESS) {
        throw Bad{"\"arguments\" is no list"};
      }
      for (const element& argument : arguments) {
        start.arguments.push_back(text(argument, "arguments"));
      }
      has_arguments = true;
    } else if (key == "input") {
      start.input = text(member, key);
    } else if (key == "input64") {
      start.input = bytes(member, key);
    }
  }
  if (start.process == 0 || !has_arguments) {
    throw Bad{"\"start\" needs \"process\" and \"arguments\""};
  }
  return start;
}

/// The members of a line while they are read, in any order.
struct Members {
  std::optional<sim::Time> at;
  std::optional<ProcessId> process;
  std::optional<ProgramEvent> event;
  std::optional<RecordedStart> start;
  std::optional<RecordedNote> note;
  std::optional<std::uint64_t> end;

  void set_event(ProgramEvent::Kind kind, std::string data, int exit_code = 0) {
    if (event) {
      throw Bad{"the line tells two things at once"};
    }
    event = ProgramEvent{0, kind, std::move(data), exit_code, {}};
  }
};

void read_member(Members& members, std::string_view key, const element& value) {
  using Kind = ProgramEvent::Kind;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() - 1;
  if (key == "t") {
    members.at = sim::Time(integer(value, key, 0, kMost));
  } else if (key == "process") {
    members.process = process_of(value);
  } else if (key == "output" || key == "errors" || key == "not_started") {
    const Kind kind = key == "output" ? Kind::Output : key == "errors" ? Kind::Errors : Kind::NotStarted;
    members.set_event(kind, text(value, key));
  } else if (key == "output64" || key == "errors64" || key == "not_started64") {
    const Kind kind = key == "output64" ? Kind::Output : key == "errors64" ? Kind::Errors : Kind::NotStarted;
    members.set_event(kind, bytes(value, key));
  } else if (key == "exit") {
    members.set_event(Kind::Exited, {}, static_cast<int>(integer(value, key, 0, 255)));
  } else if (key == "start") {
    members.start = start_of(value);
  } else if (key == "note") {
    members.note = RecordedNote{simdjson::minify(value)};
  } else if (key == "end") {
    element lines;
    if (value["lines"].get(lines) != simdjson::SUCCESS) {
      throw Bad{"\"end\" does not say its \"lines\""};
    }
    members.end = static_cast<std::uint64_t>(integer(lines, "lines", 0, kMost));
  }
}

LineParser::Result result_of(Members members) {
  LineParser::Result result;
  const int told = int{members.event.has_value()} + int{members.start.has_value()} +
                   int{members.note.has_value()} + int{members.end.has_value()};
  if (told == 0) {
    throw Bad{"the line tells nothing: none of start, output, errors, exit, not_started, note, end"};
  }
  if (told > 1) {
    throw Bad{"the line tells two things at once"};
  }
  if (members.end) {
    result.end = members.end;
    return result;
  }
  if (!members.at) {
    throw Bad{"the line has no time \"t\""};
  }
  RecordedLine line;
  line.at = *members.at;
  if (members.event) {
    if (!members.process) {
      throw Bad{"the line does not say its \"process\""};
    }
    members.event->process = *members.process;
    members.event->at = line.at;
    line.what = *std::move(members.event);
  } else if (members.start) {
    line.what = *std::move(members.start);
  } else {
    line.what = *std::move(members.note);
  }
  result.line = std::move(line);
  return result;
}

}  // namespace

struct LineParser::Memory {
  simdjson::dom::parser parser{kLineBytesMax + 1};
};

LineParser::LineParser() : memory_(std::make_unique<Memory>()) {}
LineParser::~LineParser() = default;

LineParser::Result LineParser::parse(std::string_view text, std::size_t readable) {
  Result result;
  element root;
  const bool padded = readable >= text.size() + simdjson::SIMDJSON_PADDING;
  const auto error =
      memory_->parser.parse(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), !padded)
          .get(root);
  if (error != simdjson::SUCCESS) {
    result.problem = fmt::format("not JSON: {}", simdjson::error_message(error));
    return result;
  }
  object object_;
  if (root.get_object().get(object_) != simdjson::SUCCESS) {
    result.problem = "not a JSON object";
    return result;
  }
  try {
    Members members;
    for (const auto& [key, value] : object_) {
      read_member(members, key, value);
    }
    return result_of(std::move(members));
  } catch (const Bad& bad) {
    result.problem = bad.text;
    return result;
  }
}

ParsedHeader parse_header(std::string_view text) {
  using Fault = ParsedHeader::Fault;
  ParsedHeader parsed;
  const auto fail = [&](Fault fault, std::string problem) {
    parsed.fault = fault;
    parsed.problem = std::move(problem);
    return parsed;
  };
  const Json line = Json::parse(text, nullptr, false);
  if (line.is_discarded()) {
    return fail(Fault::NoJson, "the header is not JSON");
  }
  if (!line.is_object() || !line.contains("recording") || !line["recording"].is_object()) {
    return fail(Fault::Foreign, "its first line has no \"recording\"");
  }
  const Json& inside = line["recording"];
  const Json schema = inside.value("schema", Json());
  if (!schema.is_array() || schema.size() != 2 || !schema[0].is_number_unsigned() ||
      !schema[1].is_number_unsigned()) {
    return fail(Fault::Bad, "\"schema\" is not a pair of numbers such as [1,0]");
  }
  RecordingHeader& header = parsed.header;
  const auto major = schema[0].get<std::uint64_t>();
  if (major != static_cast<std::uint64_t>(kSchemaMajor)) {
    return fail(Fault::FutureSchema, fmt::format("has schema {}.{}, and this program reads {}.x only", major,
                                                 schema[1].get<std::uint64_t>(), kSchemaMajor));
  }
  header.schema_minor = static_cast<int>(std::min<std::uint64_t>(schema[1].get<std::uint64_t>(), 1'000'000));
  for (const auto& [name, to] : {std::pair<const char*, std::string*>{"tool", &header.tool},
                                 {"started", &header.started},
                                 {"plan", &header.plan}}) {
    const Json value = inside.value(name, Json(""));
    if (!value.is_string()) {
      return fail(Fault::Bad, fmt::format("\"{}\" is no text", name));
    }
    *to = value.get<std::string>();
  }
  const Json programs = inside.value("programs", Json::object());
  if (!programs.is_object()) {
    return fail(Fault::Bad, "\"programs\" is no object");
  }
  for (const auto& [name, version] : programs.items()) {
    header.programs[name] = version.is_string() ? version.get<std::string>() : version.dump();
  }
  header.cluster = inside.value("cluster", Json());
  header.redacted = inside.value("redacted", Json());
  return parsed;
}

}  // namespace scenarios::targets
