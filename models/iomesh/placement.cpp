#include "models/iomesh/placement.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "sim/require.h"

namespace models::iomesh {

namespace {

auto key_of(const ExtentGroup& group) {
  return std::tie(group.holders[0], group.holders[1], group.holders[2], group.copies);
}

/// Holders rising; there are two or three.
void put_in_order(ExtentGroup& group) {
  const auto exchange = [&](std::size_t lower, std::size_t higher) {
    if (group.holders[higher] < group.holders[lower]) {
      std::swap(group.holders[lower], group.holders[higher]);
    }
  };
  exchange(0, 1);
  if (group.copies == kCopiesMax) {
    exchange(1, 2);
    exchange(0, 1);
  }
}

/// All sets of `copies` of `chunks`, in lexical order.
void each_set(std::span<const std::int32_t> chunks, std::size_t copies, auto&& visit) {
  std::vector<std::size_t> at(copies);
  for (std::size_t i = 0; i < copies; ++i) {
    at[i] = i;
  }
  for (bool more = chunks.size() >= copies; more;) {
    visit(std::span<const std::size_t>(at));
    more = false;
    for (std::size_t digit = copies; digit-- > 0 && !more;) {
      if (at[digit] + (copies - digit) < chunks.size()) {
        ++at[digit];
        for (std::size_t next = digit + 1; next < copies; ++next) {
          at[next] = at[next - 1] + 1;
        }
        more = true;
      }
    }
  }
}

std::int64_t sets_of(std::int64_t chunks, std::size_t copies) {
  return copies == 2 ? chunks * (chunks - 1) / 2 : chunks * (chunks - 1) * (chunks - 2) / 6;
}

/// Bytes for each holder set in the order of `each_set`; what does not divide goes to the first sets, whose
/// further holders get some bytes less or more than asked for.
struct Layer {
  std::vector<std::int32_t> chunks;
  std::int64_t each = 0;  ///< what the layer puts on every one of them
};

/// The layers of one kind of amount: the least first. nullopt: the rest fits on too few chunks.
std::optional<std::vector<Layer>> layers_of(std::vector<std::int64_t> wanted, std::size_t copies) {
  std::vector<Layer> layers;
  while (true) {
    Layer layer;
    layer.each = std::int64_t{0};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i] > 0) {
        layer.chunks.push_back(static_cast<std::int32_t>(i));
        layer.each = layer.chunks.size() == 1 ? wanted[i] : std::min(layer.each, wanted[i]);
      }
    }
    if (layer.chunks.empty()) {
      return layers;
    }
    if (layer.chunks.size() < copies) {
      return std::nullopt;
    }
    for (const std::int32_t chunk : layer.chunks) {
      wanted[static_cast<std::size_t>(chunk)] -= layer.each;
    }
    layers.push_back(std::move(layer));
  }
}

ExtentGroup group_of(std::span<const std::int32_t> chunks, std::span<const std::size_t> at) {
  ExtentGroup group;
  group.copies = static_cast<std::uint8_t>(at.size());
  for (std::size_t i = 0; i < at.size(); ++i) {
    group.holders[i] = static_cast<std::int16_t>(chunks[at[i]]);
  }
  return group;
}

}  // namespace

ExtentGroup with_holder(const ExtentGroup& group, std::int32_t from, std::int32_t to) {
  ExtentGroup moved = group;
  for (std::int16_t& holder : moved.holders) {
    holder = holder == from ? static_cast<std::int16_t>(to) : holder;
  }
  put_in_order(moved);
  return moved;
}

void merge_equal(std::vector<ExtentGroup>& groups) {
  std::sort(groups.begin(), groups.end(),
            [](const ExtentGroup& a, const ExtentGroup& b) { return key_of(a) < key_of(b); });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (kept > 0 && key_of(groups[kept - 1]) == key_of(groups[i])) {
      groups[kept - 1].amount.used += groups[i].amount.used;
      groups[kept - 1].amount.claimed += groups[i].amount.claimed;
    } else {
      groups[kept++] = groups[i];
    }
  }
  groups.resize(kept);
  std::erase_if(groups, [](const ExtentGroup& group) { return group.amount == Amount{}; });
}

std::vector<Amount> amounts_of(std::span<const ExtentGroup> groups, std::size_t chunks) {
  std::vector<Amount> amounts(chunks);
  for (const ExtentGroup& group : groups) {
    for (std::size_t i = 0; i < group.copies; ++i) {
      Amount& amount = amounts[static_cast<std::size_t>(group.holders[i])];
      amount.used += group.amount.used;
      amount.claimed += group.amount.claimed;
    }
  }
  return amounts;
}

std::optional<std::vector<ExtentGroup>> spread_evenly(std::span<const Amount> wanted, std::size_t copies) {
  sim::require(copies == 2 || copies == kCopiesMax, "two or three copies");
  std::vector<ExtentGroup> groups;
  for (const auto part : {&Amount::used, &Amount::claimed}) {
    std::vector<std::int64_t> amounts;
    for (const Amount& amount : wanted) {
      amounts.push_back(amount.*part);
    }
    const auto layers = layers_of(std::move(amounts), copies);
    if (!layers) {
      return std::nullopt;
    }
    for (const Layer& layer : *layers) {
      const auto size = static_cast<std::int64_t>(layer.chunks.size());
      const std::int64_t unique = layer.each * size / static_cast<std::int64_t>(copies);
      const std::int64_t sets = sets_of(size, copies);
      std::int64_t number = 0;
      each_set(layer.chunks, copies, [&](std::span<const std::size_t> at) {
        ExtentGroup group = group_of(layer.chunks, at);
        group.amount.*part = unique / sets + (number < unique % sets ? 1 : 0);
        ++number;
        groups.push_back(group);
      });
    }
  }
  merge_equal(groups);
  return groups;
}

std::vector<ExtentGroup> spread_in_groups(Amount each, std::size_t chunks, std::size_t copies,
                                          std::int64_t groups) {
  sim::require(chunks > copies && groups > 0, "more chunks than copies");
  std::vector<ExtentGroup> made;
  const auto count = static_cast<std::int64_t>(chunks);
  // Each chunk is the first holder of a share of its groups; at the others it is a further one.
  const std::int64_t own = std::max<std::int64_t>(1, groups / static_cast<std::int64_t>(copies));
  for (std::int64_t chunk = 0; chunk < count; ++chunk) {
    for (std::int64_t g = 0; g < own; ++g) {
      ExtentGroup group;
      group.copies = static_cast<std::uint8_t>(copies);
      group.holders[0] = static_cast<std::int16_t>(chunk);
      std::int64_t distance = 1 + g % (count - 1);
      group.holders[1] = static_cast<std::int16_t>((chunk + distance) % count);
      if (copies == kCopiesMax) {
        std::int64_t further = 1 + (g / (count - 1) + distance) % (count - 1);
        further = further == distance ? 1 + further % (count - 1) : further;
        group.holders[2] = static_cast<std::int16_t>((chunk + further) % count);
      }
      put_in_order(group);
      const auto of_each = [&](std::int64_t bytes) {
        return bytes / (own * static_cast<std::int64_t>(copies)) +
               (g < bytes / static_cast<std::int64_t>(copies) % own ? 1 : 0);
      };
      group.amount = {of_each(each.used), of_each(each.claimed)};
      made.push_back(group);
    }
  }
  return made;
}

}  // namespace models::iomesh
