#include "models/kubernetes/ordinal_names.h"

#include <algorithm>
#include <utility>

namespace models::kubernetes {

namespace {

/// The names are kept in the order of the ids of their texts: the first that is not before these.
template <class Names>
auto place_of(Names& names, Text name_space, Text base_name) {
  return std::lower_bound(names.begin(), names.end(), std::pair{name_space, base_name},
                          [](const OrdinalNames& one, const std::pair<Text, Text>& wanted) {
                            return std::pair{one.name_space, one.base_name} < wanted;
                          });
}

bool is_of(const OrdinalNames& names, Text name_space, Text base_name) {
  return names.name_space == name_space && names.base_name == base_name;
}

}  // namespace

Row pod_with_ordinal_name(const Cluster& cluster, Text name_space, Text base_name, std::int32_t ordinal) {
  const auto place = place_of(cluster.ordinal_names, name_space, base_name);
  if (ordinal < 0 || place == cluster.ordinal_names.end() || !is_of(*place, name_space, base_name) ||
      static_cast<std::size_t>(ordinal) >= place->rows.size()) {
    return kNoRow;
  }
  return place->rows[static_cast<std::size_t>(ordinal)];
}

Row& ordinal_name(Cluster& cluster, Text name_space, Text base_name, std::int32_t ordinal) {
  auto place = place_of(cluster.ordinal_names, name_space, base_name);
  if (place == cluster.ordinal_names.end() || !is_of(*place, name_space, base_name)) {
    place = cluster.ordinal_names.insert(place, {name_space, base_name, {}});
  }
  const auto position = static_cast<std::size_t>(ordinal);
  if (place->rows.size() <= position) {
    place->rows.resize(position + 1, kNoRow);
  }
  return place->rows[position];
}

}  // namespace models::kubernetes
