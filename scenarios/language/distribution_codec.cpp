#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "scenarios/language/codecs.h"

// How long something takes, as people know it: one duration, a range, two percentiles, or what was measured.

namespace scenarios::language {
namespace {

using models::timing::Distribution;
using models::timing::DistributionResult;
using models::timing::Provenance;
using models::timing::ProvenanceKind;

constexpr const char* how =
    "write 4s, {fixed: 4s}, {uniform: [2s, 5s]}, {p50: 20s, p95: 45s} or {empirical: [1s, 2s, 4s]}";

std::optional<Duration> read_duration(Reader& reader, const Node& node) {
  if (!node.is_scalar()) {
    reader.error(node, describe(node) + " stands where a duration is expected", how);
    return std::nullopt;
  }
  const auto parsed = parse_duration(node.text);
  if (!parsed.value) reader.error(node, parsed.problem, parsed.hint);
  return parsed.value;
}

/// All durations of a list; nothing when one of them is wrong.
std::optional<std::vector<Duration>> read_durations(Reader& reader, const Node& node) {
  if (!node.is_sequence()) {
    reader.error(node, describe(node) + " stands where a list of durations is expected", how);
    return std::nullopt;
  }
  std::vector<Duration> out;
  bool good = true;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Reader::Below below(reader, i);
    const auto duration = read_duration(reader, node.items[i]);
    good = good && duration.has_value();
    if (duration) out.push_back(*duration);
  }
  if (!good) return std::nullopt;
  return out;
}

/// Reads the value of one of the keys `fixed`, `uniform` and `empirical`.
std::optional<DistributionResult> read_single(Reader& reader, const Member& member,
                                              const Provenance& provenance) {
  const Reader::Below below(reader, member.key);
  if (member.key == "fixed") {
    const auto duration = read_duration(reader, member.value);
    if (!duration) return std::nullopt;
    return Distribution::fixed(*duration, provenance);
  }
  auto durations = read_durations(reader, member.value);
  if (!durations) return std::nullopt;
  if (member.key == "empirical") return Distribution::empirical(std::move(*durations), provenance);
  if (durations->size() != 2) {
    reader.error(member.value, fmt::format("uniform takes two durations, not {}", durations->size()),
                 "write {uniform: [2s, 5s]}");
    return std::nullopt;
  }
  return Distribution::uniform((*durations)[0], (*durations)[1], provenance);
}

std::optional<DistributionResult> read_percentiles(Reader& reader, const Node& node,
                                                   const Provenance& provenance) {
  std::optional<Duration> found[2];
  const char* keys[2] = {"p50", "p95"};
  bool good = true;
  for (int i = 0; i < 2; ++i) {
    const Node* value = node.find(keys[i]);
    if (value == nullptr) {
      reader.error(node, fmt::format("{} is missing", keys[i]), how);
      good = false;
      continue;
    }
    const Reader::Below below(reader, keys[i]);
    found[i] = read_duration(reader, *value);
    good = good && found[i].has_value();
  }
  if (!good) return std::nullopt;
  return Distribution::percentiles(*found[0], *found[1], provenance);
}

std::optional<DistributionResult> read_mapping(Reader& reader, const Node& node,
                                               const Provenance& provenance) {
  const std::vector<std::string> known = {"fixed", "uniform", "p50", "p95", "empirical"};
  bool good = true;
  for (const Member& member : node.members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    reader.diagnostics().error(reader.document().where(member), reader.path() + "." + member.key,
                               "unknown key " + member.key, did_you_mean(member.key, known));
    good = false;
  }
  if (!good) return std::nullopt;
  if (node.find("p50") != nullptr || node.find("p95") != nullptr) {
    if (node.members.size() <= 2 && node.find("fixed") == nullptr && node.find("uniform") == nullptr &&
        node.find("empirical") == nullptr) {
      return read_percentiles(reader, node, provenance);
    }
  } else if (node.members.size() == 1) {
    return read_single(reader, node.members.front(), provenance);
  }
  reader.error(
      node,
      node.members.empty() ? "the distribution is empty" : "a distribution is given in more than one way",
      how);
  return std::nullopt;
}

}  // namespace

void Codec<Located<Distribution>>::read(Reader& reader, const Node& node, Located<Distribution>& into,
                                        const FieldOptions& options) {
  const Provenance provenance{ProvenanceKind::source,
                              fmt::format("stated in the scenario, line {}", node.line)};
  std::optional<DistributionResult> result;
  if (node.is_mapping()) {
    result = read_mapping(reader, node, provenance);
  } else if (const auto duration = read_duration(reader, node)) {
    result = Distribution::fixed(*duration, provenance);
    if (duration->count() == 0 && !options.zero_is_fine) {
      reader.warning(node, "0s takes no time at all: is that meant?",
                     "leave the key out to get what the profile says");
    }
  }
  if (!result) return;
  if (!*result) {
    reader.error(node, result->problem(), how);
    return;
  }
  into = {result->value(), reader.where(node)};
}

}  // namespace scenarios::language
