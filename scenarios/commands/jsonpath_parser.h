#pragma once
// The tree of a template: what jsonpath_parser.cpp reads and jsonpath.cpp walks.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/go_text.h"

namespace scenarios::commands {

/// One number of a slice.
struct SliceBound {
  std::int64_t value = 0;
  bool known = false;
  bool derived = false;  ///< the end of a single index, one above it
};

/// A node of a template. `list` is an expression in braces: its nodes apply one after the other.
struct JsonPathNode {
  enum class Kind : std::uint8_t {
    list,
    literal,
    field,
    wildcard,
    recursive,
    slice,
    filter,
    united,
    identifier
  };
  Kind kind = Kind::list;
  std::string name;                    ///< field: the key; identifier: "range", "end"; filter: its operator
  Json literal;                        ///< literal: text or number
  bool constant_text = false;          ///< literal: text, which stands once however many values there are
  std::array<SliceBound, 3> bounds{};  ///< slice: first, end, step
  std::vector<JsonPathNode> children;  ///< list: its nodes; united: lists; filter: left and right list
};

struct JsonPathTree {
  std::vector<JsonPathNode> nodes;
  std::string problem;
};

JsonPathTree parse_jsonpath_tree(std::string_view text);

/// The operator of a filter that only asks whether something is there.
inline constexpr std::string_view kExists = "exists";

}  // namespace scenarios::commands
