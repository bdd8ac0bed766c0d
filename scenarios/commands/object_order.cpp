#include "scenarios/commands/object_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "models/kubernetes/quantity.h"

namespace scenarios::commands {

namespace {

using Value = std::optional<Json>;

/// Source: sorter.go isLess: quantities by their amount, other texts by their bytes. Places after the point
/// down to thousandths tell quantities apart.
bool text_less(const std::string& a, const std::string& b) {
  constexpr int kDecimals = 3;
  const auto one = models::kubernetes::parse_quantity(a, kDecimals);
  const auto other = models::kubernetes::parse_quantity(b, kDecimals);
  return one && other ? *one < *other : a < b;
}

/// Whether one stands before the other; `problem` where they cannot be compared.
bool is_less(const Json& a, const Json& b, std::string& problem) {
  if (a.is_null() || b.is_null()) {
    return a.is_null() && !b.is_null();
  }
  if (a.is_string() && b.is_string()) {
    return text_less(a.get_ref<const std::string&>(), b.get_ref<const std::string&>());
  }
  if (a.is_number() && b.is_number()) {
    return a < b;
  }
  problem = fmt::format("unsortable type: {}", go_type_name(a));
  return false;
}

/// Source: sorter.go TableSorter.Less, RuntimeSort.Less.
bool stands_before(const Value& a, const Value& b, std::string& problem) {
  if (!a || !b) {
    return !a;
  }
  return is_less(*a, *b, problem);
}

}  // namespace

ObjectOrder order_by(const JsonPath& path, std::string_view text, const std::vector<Json>& objects) {
  ObjectOrder order;
  std::vector<Value> values;
  for (const Json& object : objects) {
    JsonPathFindings found = path.find(object);
    if (!found.problem.empty()) {
      order.problem = std::move(found.problem);
      return order;
    }
    const bool has_one = !found.groups.empty() && !found.groups.front().empty();
    values.push_back(has_one ? Value(std::move(found.groups.front().front())) : std::nullopt);
  }
  if (!objects.empty() && std::none_of(values.begin(), values.end(), [](const Value& v) { return !!v; })) {
    order.problem =
        fmt::format("couldn't find any field with path {} in the list of objects", go_quote(text));
    return order;
  }
  order.positions.resize(objects.size());
  std::iota(order.positions.begin(), order.positions.end(), std::size_t{0});
  // Go's sort.Sort inserts where there are few, and then every object without a value passes the others.
  constexpr std::size_t kFew = 12;
  std::string& problem = order.problem;
  if (objects.size() <= kFew) {
    for (std::size_t i = 1; i < order.positions.size(); ++i) {
      for (std::size_t j = i;
           j > 0 && stands_before(values[order.positions[j]], values[order.positions[j - 1]], problem); --j) {
        std::swap(order.positions[j], order.positions[j - 1]);
      }
    }
  } else {
    std::stable_sort(order.positions.begin(), order.positions.end(), [&](std::size_t a, std::size_t b) {
      return (values[a] || values[b]) && stands_before(values[a], values[b], problem);
    });
  }
  return order;
}

}  // namespace scenarios::commands
