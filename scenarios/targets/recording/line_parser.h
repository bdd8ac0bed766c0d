#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/targets/recording/recording.h"

namespace scenarios::targets {

/// Reads single lines of a recording. Keeps its memory from line to line.
class LineParser {
 public:
  LineParser();
  ~LineParser();
  LineParser(const LineParser&) = delete;
  LineParser& operator=(const LineParser&) = delete;

  struct Result {
    std::optional<RecordedLine> line;  ///< `line.line` is not set
    std::optional<std::uint64_t> end;  ///< of the closing line: how many lines stand before it
    std::string problem;               ///< when it is neither
  };
  /// `readable`: how many bytes may be read from the start of `text` on.
  Result parse(std::string_view text, std::size_t readable);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

struct ParsedHeader {
  enum class Fault : std::uint8_t { None, NoJson, Foreign, FutureSchema, Bad };
  Fault fault = Fault::None;
  std::string problem;
  RecordingHeader header;
};
ParsedHeader parse_header(std::string_view text);

}  // namespace scenarios::targets
