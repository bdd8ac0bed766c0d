#pragma once
// The tree in which the brokers of an instance hang together.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace models::flux {

/// How ranks are arranged below rank 0.
struct Topology {
  enum class Shape : std::uint8_t { Kary, Binomial } shape = Shape::Kary;
  std::int32_t fanout = 256;

  /// The parent of `rank`; -1 for rank 0. REQUIRES: 0 <= rank.
  [[nodiscard]] std::int32_t parent(std::int32_t rank) const;
  /// The children of `rank` in an instance of `size`, ascending.
  [[nodiscard]] std::vector<std::int32_t> children(std::int32_t rank, std::int32_t size) const;
  friend bool operator==(const Topology&, const Topology&) = default;
};

/// Reads spec.flux.topology: "kary:2", "kary:0" (flat), "binomial"; empty is the operator's
/// `tbon.fanout=256`. Left out: "custom:" and "mincrit", which are refused. Source: flux-operator
/// templates/wait.sh; flux-core src/broker/topology.c, kary_plugin_init, binomial_generate.
std::optional<Topology> parse_topology(std::string_view text);

}  // namespace models::flux
