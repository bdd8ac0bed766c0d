#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/parsed.h"

namespace scenarios::language {

/// A hostlist may name this many hosts.
inline constexpr std::size_t hosts_max = 1'000'000;

/// Expands hostlist notation as in Flux and Slurm: `worker-[0-9,12]`, `a[01-10]`, `r[0-1]n[0-3]`, `a-1,b-2`.
/// Order is kept; a leading zero fixes the width of its range. Errors: unbalanced brackets, an empty or
/// reversed range, more than `hosts_max` hosts, an empty name.
Parsed<std::vector<std::string>> expand_hostlist(std::string_view text);

/// The inverse: neighbours with one prefix share a bracket, runs are written a-b, the order is kept.
/// {flux-0, flux-1, flux-3} gives `flux-[0-1,3]`, a single host no bracket.
/// Source: flux-core src/common/libhostlist, hostlist_encode (layout as seen in `flux resource list`).
std::string compress_hostlist(std::span<const std::string> hosts);

/// A set of indexes, written `2`, `0-3` or `0-1,5`: inclusive ranges in the order given.
struct IndexSet {
  struct Range {
    int first = 0;
    int last = 0;
    friend bool operator==(const Range&, const Range&) = default;
  };
  std::vector<Range> ranges;

  bool contains(int index) const;
  friend bool operator==(const IndexSet&, const IndexSet&) = default;
};

Parsed<IndexSet> parse_index_set(std::string_view text);

}  // namespace scenarios::language
