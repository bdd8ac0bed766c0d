#include "scenarios/language/codecs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>

#include "scenarios/language/source_map.h"

namespace scenarios::language {
namespace {

Parsed<std::int64_t> parse_integer(std::string_view text, std::int64_t minimum, std::int64_t maximum) {
  using Result = Parsed<std::int64_t>;
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string how = fmt::format("write a whole number from {} to {}", minimum, maximum);
  if (failure == std::errc::result_out_of_range)
    return Result::bad(fmt::format("{} is out of range", text), how);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return Result::bad(fmt::format("\"{}\" is not a whole number", text), how);
  }
  if (value < minimum || value > maximum) return Result::bad(fmt::format("{} is out of range", text), how);
  return Result::good(value);
}

/// Adds one hostlist to a set; false when it is wrong.
bool add_hosts(Reader& reader, const Node& node, HostSet& into) {
  if (!node.is_scalar()) {
    reader.error(node, describe(node) + " stands where a hostlist is expected",
                 "write worker-[0-9] or a list of names");
    return false;
  }
  into.written.push_back(text_of(reader.document(), node));
  if (!references_in(node.text).empty()) {
    into.open = true;
    return true;
  }
  auto expanded = expand_hostlist(node.text);
  if (!expanded.value) {
    reader.error(node, expanded.problem, expanded.hint);
    return false;
  }
  std::move(expanded.value->begin(), expanded.value->end(), std::back_inserter(into.hosts));
  return true;
}

}  // namespace

std::string Scalar<bool>::words() { return "true or false"; }
Parsed<bool> Scalar<bool>::parse(const Node& node, const FieldOptions&) {
  if (!node.quoted && node.text == "true") return Parsed<bool>::good(true);
  if (!node.quoted && node.text == "false") return Parsed<bool>::good(false);
  return Parsed<bool>::bad(fmt::format("{} is neither true nor false", describe(node)),
                           "write true or false, without quotes");
}

std::string Scalar<std::int64_t>::words() { return "integer"; }
Parsed<std::int64_t> Scalar<std::int64_t>::parse(const Node& node, const FieldOptions& options) {
  return parse_integer(node.text, options.minimum, options.maximum);
}

std::string Scalar<Duration>::words() { return "duration"; }
Parsed<Duration> Scalar<Duration>::parse(const Node& node, const FieldOptions& options) {
  auto parsed = parse_duration(node.text);
  if (parsed.value && options.whole_seconds && *parsed.value % std::chrono::seconds(1) != Duration::zero()) {
    return Parsed<Duration>::bad(fmt::format("{} is not a whole number of seconds", node.text),
                                 "Kubernetes keeps it in seconds");
  }
  if (parsed.value && parsed.value->count() == 0 && !options.zero_is_fine) {
    parsed.warning = "0s leaves no time at all: is that meant?";
    parsed.hint = "leave the key out to get the default";
  }
  return parsed;
}

std::string Scalar<MilliCpu>::words() { return "CPU quantity"; }
Parsed<MilliCpu> Scalar<MilliCpu>::parse(const Node& node, const FieldOptions&) {
  return parse_cpu(node.text);
}

std::string Scalar<Bytes>::words() { return "memory quantity"; }
Parsed<Bytes> Scalar<Bytes>::parse(const Node& node, const FieldOptions&) { return parse_bytes(node.text); }

std::string Scalar<Version>::words() { return "version"; }
Parsed<Version> Scalar<Version>::parse(const Node& node, const FieldOptions&) {
  return parse_version(node.text);
}

std::string Scalar<IndexSet>::words() { return "set of indexes"; }
Parsed<IndexSet> Scalar<IndexSet>::parse(const Node& node, const FieldOptions&) {
  return parse_index_set(node.text);
}

std::string Scalar<CountOrPercent>::words() { return "integer or percentage"; }
Parsed<CountOrPercent> Scalar<CountOrPercent>::parse(const Node& node, const FieldOptions& options) {
  using Result = Parsed<CountOrPercent>;
  const bool percent = node.text.ends_with('%');
  const std::string_view digits = std::string_view(node.text).substr(0, node.text.size() - (percent ? 1 : 0));
  const auto parsed = parse_integer(digits, options.minimum, percent ? 100 : options.maximum);
  if (!parsed.value) return Result::bad(parsed.problem, parsed.hint);
  return Result::good({*parsed.value, percent});
}

void Codec<Text>::read(Reader& reader, const Node& node, Text& into, const FieldOptions& options) {
  if (!node.is_scalar()) {
    const bool empty_text = node.is_null() && options.empty_is_fine;
    if (!empty_text) {
      reader.error(node, describe(node) + " stands where text is expected", "");
      return;
    }
  }
  if (node.is_scalar() && node.text.empty() && !options.empty_is_fine) {
    reader.error(node, "the text is empty", "");
    return;
  }
  if (!options.words.empty() &&
      std::find(options.words.begin(), options.words.end(), node.text) == options.words.end()) {
    reader.error(node, fmt::format("{} is not known here", describe(node)),
                 did_you_mean(node.text, options.words));
    return;
  }
  into = text_of(reader.document(), node);
}

void Codec<HostSet>::read(Reader& reader, const Node& node, HostSet& into, const FieldOptions&) {
  HostSet out;
  out.at = reader.where(node);
  bool good = true;
  if (node.is_sequence()) {
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Reader::Below below(reader, i);
      good = add_hosts(reader, node.items[i], out) && good;
    }
  } else {
    good = add_hosts(reader, node, out);
  }
  if (out.open) out.hosts.clear();
  if (good) into = std::move(out);
}

namespace {

/// Reads a mapping whose keys are hostlists.
template <class Group, class HostEntry>
void read_host_groups(Reader& reader, const Node& node, std::vector<HostEntry>& into,
                      const FieldOptions& options) {
  into.clear();
  for_each_member(reader, node, [&](const Member& member) {
    HostEntry& entry = into.emplace_back();
    entry.names.at = reader.document().where(member);
    entry.names.written.push_back(text_of(reader.document(), member));
    auto hosts = expand_hostlist(member.key);
    if (hosts.value) {
      entry.names.hosts = std::move(*hosts.value);
    } else {
      reader.diagnostics().error(entry.names.at, reader.path(), hosts.problem, hosts.hint);
    }
    Codec<Group>::read(reader, member.value, entry.group, options);
  });
}

}  // namespace

void Codec<std::vector<NodeEntry>>::read(Reader& reader, const Node& node, std::vector<NodeEntry>& into,
                                         const FieldOptions& options) {
  read_host_groups<NodeGroup>(reader, node, into, options);
}

void Codec<std::vector<OpenStackHostEntry>>::read(Reader& reader, const Node& node,
                                                  std::vector<OpenStackHostEntry>& into,
                                                  const FieldOptions& options) {
  read_host_groups<OpenStackHosts>(reader, node, into, options);
}

void Codec<std::vector<IOMeshChunkEntry>>::read(Reader& reader, const Node& node,
                                                std::vector<IOMeshChunkEntry>& into,
                                                const FieldOptions& options) {
  read_host_groups<IOMeshChunks>(reader, node, into, options);
}

void Codec<std::vector<OpenStackServerEntry>>::read(Reader& reader, const Node& node,
                                                    std::vector<OpenStackServerEntry>& into,
                                                    const FieldOptions& options) {
  read_host_groups<OpenStackServers>(reader, node, into, options);
}

namespace {

/// Reads a mapping whose keys are sets of indexes.
template <class Row>
void read_rows(Reader& reader, const Node& node, std::vector<Row>& into, IndexSet Row::* set, int lowest,
               const FieldOptions& options) {
  into.clear();
  for_each_member(reader, node, [&](const Member& member) {
    Row& row = into.emplace_back();
    row.name = text_of(reader.document(), member);
    auto indexes = parse_index_set(member.key);
    if (!indexes.value) {
      reader.diagnostics().error(row.name.at, reader.path(), indexes.problem, indexes.hint);
    } else {
      row.*set = std::move(*indexes.value);
      std::int64_t total = 0;
      for (const IndexSet::Range& range : (row.*set).ranges) {
        total += std::int64_t{range.last} - range.first + 1;
        if (range.first < lowest) {
          reader.diagnostics().error(row.name.at, reader.path(),
                                     fmt::format("{} is below {}", range.first, lowest),
                                     "attempts count from 1: the first pod of an index is attempt 1");
        }
      }
      if (total > static_cast<std::int64_t>(hosts_max)) {
        reader.diagnostics().error(row.name.at, reader.path(),
                                   fmt::format("{} names more than {} numbers", member.key, hosts_max), "");
      }
    }
    Codec<Row>::read(reader, member.value, row, options);
  });
}

}  // namespace

void Codec<std::vector<AttemptRow>>::read(Reader& reader, const Node& node, std::vector<AttemptRow>& into,
                                          const FieldOptions& options) {
  read_rows(reader, node, into, &AttemptRow::attempts, 1, options);
}

void Codec<std::vector<IndexRow>>::read(Reader& reader, const Node& node, std::vector<IndexRow>& into,
                                        const FieldOptions& options) {
  read_rows(reader, node, into, &IndexRow::indexes, 0, options);
}

void Codec<FluxNodes>::read(Reader& reader, const Node& node, FluxNodes& into, const FieldOptions& options) {
  if (node.is_scalar() && !node.quoted && !node.text.empty() && node.text.front() >= '0' &&
      node.text.front() <= '9') {
    const auto parsed = parse_integer(node.text, 0, options.maximum);
    if (!parsed.value) {
      reader.error(node, parsed.problem, parsed.hint);
      return;
    }
    into.at = reader.where(node);
    into.count = parsed.value;
    return;
  }
  Codec<HostSet>::read(reader, node, into.hosts, options);
  into.at = into.hosts.at;
}

void Codec<std::vector<PodCount>>::read(Reader& reader, const Node& node, std::vector<PodCount>& into,
                                        const FieldOptions& options) {
  into.clear();
  if (node.is_scalar()) {
    Codec<Located<std::int64_t>>::read(reader, node, into.emplace_back().count, options);
    return;
  }
  for_each_member(reader, node, [&](const Member& member) {
    PodCount& count = into.emplace_back();
    count.object = text_of(reader.document(), member);
    Codec<Located<std::int64_t>>::read(reader, member.value, count.count, options);
  });
}

}  // namespace scenarios::language
