#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace models::flux {

/// Why a list could not be read, and where.
struct ListProblem {
  std::string text;        ///< what is wrong, with the part in question
  std::size_t offset = 0;  ///< byte position in the list
};

/// The names in a hostlist, in its order; empty with a problem.
struct HostlistResult {
  std::vector<std::string> hosts;
  std::vector<ListProblem> problems;
  explicit operator bool() const { return problems.empty(); }
};

/// "flux-sample-[0-1,3]" of flux-sample-0, flux-sample-1, flux-sample-3.
///
/// The order of the input stays. Neighbours with the same prefix share a bracket; numbers that ascend by one
/// are a run there; a prefix with one number has no bracket; zero padding is part of a number. No hosts give
/// "". Source: flux-core src/common/libhostlist, hostlist_encode.
std::string hostlist_compress(std::span<const std::string> hosts);

/// The names of a hostlist: "a[0-2,5],b7". A bracket may be followed by more of the name ("n[1-2]-ib").
/// Refused: an unclosed or empty bracket, a second bracket in one name, a descending range, more than `most`
/// names. Source: flux-core src/common/libhostlist, hostlist_decode.
HostlistResult hostlist_expand(std::string_view text, std::size_t most = 1'000'000);

/// "0-3,5" of the ranks, ascending and without repeats; two neighbours are "0-1", unlike a Job's indexes.
/// Source: flux-core src/common/libidset, idset_encode with IDSET_FLAG_RANGE.
std::string idset_compress(std::span<const int> ids);

/// The ranks of an idset, ascending; empty with a problem.
struct IdsetResult {
  std::vector<int> ids;
  std::vector<ListProblem> problems;
  explicit operator bool() const { return problems.empty(); }
};

/// Reads "0-3,5" or "[0-3,5]"; the empty text is the empty set. Refused: what is no number, a descending
/// range, numbers that repeat or descend, as in flux-core (idset_decode), and more than `most` ids.
IdsetResult idset_parse(std::string_view text, std::size_t most = 1'000'000);

}  // namespace models::flux
