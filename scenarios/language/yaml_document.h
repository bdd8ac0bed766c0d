#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/diagnostic.h"

namespace scenarios::language {

struct Member;

/// One value of a YAML document, with its place. A plain value: it can be copied, changed and compared.
struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, mapping };

  Kind kind = Kind::null;
  bool quoted = false;  ///< A scalar written in quotes, as a block or with `!!str`: never a number or a bool.
  std::uint16_t source = 0;     ///< Which of Document::sources it comes from; 0 is the file itself.
  int line = 0;                 ///< 1-based.
  int column = 0;               ///< 1-based, in bytes.
  std::string text;             ///< Of a scalar.
  std::vector<Node> items;      ///< Of a sequence.
  std::vector<Member> members;  ///< Of a mapping, in the order of the file.

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_mapping() const { return kind == Kind::mapping; }

  /// The value of a key of a mapping, or nullptr.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
};

/// A key of a mapping and its value.
struct Member {
  std::string key;
  std::uint16_t source = 0;
  int line = 0;
  int column = 0;
  Node value;
};

/// A text that nodes come from: a file, or an argument of the command line.
struct Source {
  std::string file;
  std::string text;
};

struct Document {
  std::vector<std::shared_ptr<const Source>> sources;
  Node root;

  Location where(const Node& node) const;
  Location where(const Member& member) const;
};

/// How much an input may ask of us. Whatever exceeds a limit is refused with a diagnostic.
struct LoadLimits {
  std::size_t bytes_max = std::size_t{4} << 20;
  /// Values after aliases are expanded: what makes a "billion laughs" file harmless.
  std::size_t nodes_max = 500'000;
  /// Nested lists and mappings. yaml-cpp itself gives up at 500.
  int depth_max = 64;
  std::size_t documents_max = 1;
};

/// For manifests and snapshots: many documents in one file, and much larger ones.
LoadLimits manifest_limits();

/// Parses YAML text. `file` is the name that the diagnostics show.
///
/// Refused with a diagnostic each: text over the limits, NUL and other control characters, invalid UTF-8,
/// malformed or truncated YAML, keys that are not scalars, duplicate keys, merge keys (`<<`) and tags other
/// than `!!str`. After an error some documents may be missing; look at `diagnostics.has_errors()`.
std::vector<Document> load_documents(std::string text, std::string file, const LoadLimits& limits,
                                     Diagnostics& diagnostics);

/// Reads a file of at most `bytes_max` bytes. A missing, unreadable or too large file is a diagnostic and an
/// empty text.
std::string read_text_file(const std::string& file, std::size_t bytes_max, Diagnostics& diagnostics);

/// Reports keys that a mapping gives twice. `load_documents` has done so already.
void report_duplicate_keys(const Document& document, Diagnostics& diagnostics);

}  // namespace scenarios::language
