#pragma once
// What stands in a recording: a header, then one line for each thing that happened. README.md documents the
// schema.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "scenarios/targets/programs/programs.h"
#include "scenarios/targets/recording/redaction.h"

namespace scenarios::targets {

/// Readers refuse another major; a higher minor only adds keys, which they pass over.
inline constexpr int kSchemaMajor = 1;
inline constexpr int kSchemaMinor = 0;

/// The longest line, so that a reader's memory is bounded.
inline constexpr std::size_t kLineBytesMax = std::size_t{64} << 20U;

struct RecordingHeader {
  int schema_major = kSchemaMajor;
  int schema_minor = kSchemaMinor;
  std::string tool;                             ///< The program that recorded, with its version.
  std::string started;                          ///< The calendar time of t = 0, RFC 3339.
  std::map<std::string, std::string> programs;  ///< name -> version, as far as known
  nlohmann::ordered_json cluster;               ///< what is known of the cluster: an object, or null
  std::string plan;                             ///< the text of the scenario; empty when only watched
  nlohmann::ordered_json redacted;  ///< rule -> how often it struck in this header; null: not said
};

struct RecordedStart {
  ProcessId process = 0;
  std::vector<std::string> arguments;
  std::string input;

  friend bool operator==(const RecordedStart&, const RecordedStart&) = default;
};

/// What the adapter did or decided itself, as one JSON value.
struct RecordedNote {
  std::string json;

  friend bool operator==(const RecordedNote&, const RecordedNote&) = default;
};

struct RecordedLine {
  std::uint64_t line = 0;  ///< 1-based, in the file; the header is line 1
  sim::Time at{};
  std::variant<RecordedStart, ProgramEvent, RecordedNote> what;

  friend bool operator==(const RecordedLine&, const RecordedLine&) = default;
};

}  // namespace scenarios::targets
