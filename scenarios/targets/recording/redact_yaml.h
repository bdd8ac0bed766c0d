#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/targets/recording/redaction.h"

namespace scenarios::targets {

/// Redacts YAML (and what reads like it: kubectl describe, Helm's manifests) line by line.
///
/// Knows of YAML what programs print: mappings and sequences by their indentation, scalars on one line or in
/// deeper ones. `data` of a mapping whose `kind` has not been read yet is kept back until it has. A redacted
/// scalar of several lines becomes one.
class YamlRedactor final : public StreamRedactor {
 public:
  explicit YamlRedactor(RedactionCounts& counts);

  std::string feed(std::string_view bytes) override;
  std::string finish() override;

 private:
  enum class Kind : std::uint8_t { Unknown, Secret, Other };
  enum class Region : std::uint8_t { None, Data, EnvironmentList, EnvironmentMap, Secrets };
  struct Level {
    std::size_t column = 0;
    Kind kind = Kind::Unknown;
    std::size_t id = 0;
  };
  /// A line that waits until the kind of its mapping is known, with what it would become in a Secret.
  struct Waiting {
    std::string text;
    std::string redacted;
    std::size_t owner = 0;  ///< 0: decided, `text` it is.
    bool secret_differs = false;
  };
  /// A line taken apart.
  struct Line {
    std::string_view all;
    std::size_t indent = 0;  ///< Of the first character that is no blank.
    std::size_t column = 0;  ///< Of the key or scalar behind all dashes.
    bool dashed = false;
    bool has_key = false;
    std::string_view key;
    std::size_t value = 0;  ///< Offset of the value; all.size() when there is none.
  };

  void line(std::string_view text);
  static Line parse(std::string_view text);
  bool swallow(const Line& line);
  void enter_levels(const Line& line);
  bool in_region(const Line& line);
  void keyed(const Line& line);
  void unkeyed(const Line& line);
  void judge_kind(const Line& line);
  void leave_levels(std::size_t column);
  void decide(std::size_t owner, bool secret);
  std::string judged(std::string_view text);
  void put(std::string_view text);
  void put_waiting(Waiting waiting);
  void put_redacted_value(const Line& line, RedactionRule rule);
  std::string with_placeholder(const Line& line) const;
  std::string release();

  RedactionCounts& counts_;
  std::string input_;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::vector<Level> levels_;
  std::size_t last_id_ = 0;

  Region region_ = Region::None;
  std::size_t region_column_ = 0;
  std::size_t region_owner_ = 0;  ///< Data: the level whose kind decides; 0 when it is a Secret for sure.
  std::size_t region_child_ = 0;  ///< The column of its first key, 0 until then.

  bool swallowing_ = false;  ///< Lines deeper than this belong to a scalar that was redacted.
  std::size_t swallow_column_ = 0;
  std::size_t swallow_owner_ = 0;
  bool scalar_below_ = false;        ///< The last key names a secret, and its value comes on deeper lines.
  bool secret_flag_before_ = false;  ///< The last item of a sequence was --token or alike.
  bool in_private_key_ = false;
  bool too_long_ = false;
};

}  // namespace scenarios::targets
