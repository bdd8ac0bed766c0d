#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "scenarios/targets/recording/redaction.h"

namespace scenarios::targets {

/// A longer line of text is not held in memory to be judged. Assumed: no program's text has one.
inline constexpr std::size_t kTextLineMax = std::size_t{4} << 20U;

/// Appends `bytes` to `pending` and hands each complete line, with its newline, to `use`; the rest stays
/// pending. A line that is too long becomes a placeholder; `too_long` remembers that its end is still to
/// come.
template <typename Use>
void for_each_line(std::string& pending, std::string_view bytes, bool& too_long, RedactionCounts& counts,
                   Use use) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const bool complete = newline != std::string_view::npos;
    const std::string_view piece = bytes.substr(0, complete ? newline + 1 : bytes.size());
    bytes.remove_prefix(piece.size());
    if (too_long) {
      too_long = !complete;
      if (complete) {
        use(std::string_view("\n"));
      }
      continue;
    }
    if (pending.size() + piece.size() > kTextLineMax) {
      counts.add(RedactionRule::Unreadable);
      pending.clear();
      use(std::string(kRedacted) + (complete ? "\n" : ""));
      too_long = !complete;
    } else if (pending.empty() && complete) {
      use(piece);
    } else {
      pending.append(piece);
      if (complete) {
        const std::string line = std::move(pending);
        pending.clear();
        use(std::string_view(line));
      }
    }
  }
}

}  // namespace scenarios::targets
