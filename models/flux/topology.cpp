#include "models/flux/topology.h"

#include <charconv>
#include <limits>

namespace models::flux {

std::int32_t Topology::parent(std::int32_t rank) const {
  if (rank == 0) {
    return -1;
  }
  // A binomial tree: the parent lacks the lowest bit that is set.
  return shape == Shape::Kary ? (rank - 1) / fanout : rank & (rank - 1);
}

std::vector<std::int32_t> Topology::children(std::int32_t rank, std::int32_t size) const {
  std::vector<std::int32_t> ranks;
  if (shape == Shape::Kary) {
    const std::int64_t first = std::int64_t{rank} * fanout + 1;
    for (std::int64_t child = first; child < first + fanout && child < size; ++child) {
      ranks.push_back(static_cast<std::int32_t>(child));
    }
    return ranks;
  }
  for (std::int64_t bit = 1; rank + bit < size && (rank & bit) == 0; bit <<= 1U) {
    ranks.push_back(static_cast<std::int32_t>(rank + bit));
  }
  return ranks;
}

std::optional<Topology> parse_topology(std::string_view text) {
  if (text.empty()) {
    return Topology{};
  }
  if (text == "binomial") {
    return Topology{Topology::Shape::Binomial, 0};
  }
  if (!text.starts_with("kary:")) {
    return std::nullopt;
  }
  const std::string_view number = text.substr(5);
  std::int32_t fanout = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fanout);
  if (error != std::errc{} || end != number.data() + number.size() || fanout < 0) {
    return std::nullopt;
  }
  constexpr std::int32_t flat = std::numeric_limits<std::int32_t>::max();
  return Topology{Topology::Shape::Kary, fanout == 0 ? flat : fanout};
}

}  // namespace models::flux
