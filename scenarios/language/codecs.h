#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/timing/distribution.h"
#include "scenarios/language/behaviour.h"
#include "scenarios/language/check_use.h"
#include "scenarios/language/cluster.h"
#include "scenarios/language/condition.h"
#include "scenarios/language/field_table.h"
#include "scenarios/language/host_set.h"
#include "scenarios/language/located.h"

// How each C++ type of the language is read. Every codec reports its problems to the reader and leaves the
// target as it was when the value is wrong.

namespace scenarios::language {

/// How a single scalar is read; specialised for what may stand in a Located<T>.
template <class T>
struct Scalar;

#define SCENARIOS_LANGUAGE_SCALAR(T)                                       \
  template <>                                                              \
  struct Scalar<T> {                                                       \
    static std::string words();                                            \
    static Parsed<T> parse(const Node& node, const FieldOptions& options); \
  }
SCENARIOS_LANGUAGE_SCALAR(bool);
SCENARIOS_LANGUAGE_SCALAR(std::int64_t);
SCENARIOS_LANGUAGE_SCALAR(Duration);
SCENARIOS_LANGUAGE_SCALAR(MilliCpu);
SCENARIOS_LANGUAGE_SCALAR(Bytes);
SCENARIOS_LANGUAGE_SCALAR(Version);
SCENARIOS_LANGUAGE_SCALAR(IndexSet);
SCENARIOS_LANGUAGE_SCALAR(CountOrPercent);
#undef SCENARIOS_LANGUAGE_SCALAR

/// A mapping, read by the table of T.
template <class T>
struct Codec {
  static Type type() {
    const TableOf<T>& table = table_of<T>();
    Type out{.words = {}, .shape = Type::Shape::object, .table = &table};
    if (!table.shorthand.empty()) out.words = describe_type(table.find(table.shorthand)->type, false);
    return out;
  }
  static void read(Reader& reader, const Node& node, T& into, const FieldOptions&) {
    if constexpr (requires { into.where = Location{}; }) into.where = reader.where(node);
    if constexpr (requires { into.at = Location{}; }) into.at = reader.where(node);
    table_of<T>().read(reader, node, into);
  }
};

template <class T>
struct Codec<Located<T>> {
  static Type type() { return {.words = Scalar<T>::words()}; }
  static void read(Reader& reader, const Node& node, Located<T>& into, const FieldOptions& options) {
    if (!node.is_scalar()) {
      reader.error(node, describe(node) + " stands where a value is expected",
                   "expected: " + Scalar<T>::words());
      return;
    }
    Parsed<T> parsed = Scalar<T>::parse(node, options);
    if (!parsed.value) {
      reader.error(node, parsed.problem, parsed.hint);
      return;
    }
    into = {std::move(*parsed.value), reader.where(node)};
    if (!parsed.warning.empty() && into.given()) reader.warning(node, parsed.warning, parsed.hint);
  }
};

template <>
struct Codec<Text> {
  static Type type() { return {.words = "text"}; }
  static void read(Reader& reader, const Node& node, Text& into, const FieldOptions& options);
};

template <>
struct Codec<HostSet> {
  static Type type() { return {.words = "hostlist, or list of them"}; }
  static void read(Reader& reader, const Node& node, HostSet& into, const FieldOptions& options);
};

template <>
struct Codec<Located<models::timing::Distribution>> {
  static Type type() { return {.words = "distribution"}; }
  static void read(Reader& reader, const Node& node, Located<models::timing::Distribution>& into,
                   const FieldOptions& options);
};

template <class T>
struct Codec<std::optional<T>> {
  static Type type() { return Codec<T>::type(); }
  static void read(Reader& reader, const Node& node, std::optional<T>& into, const FieldOptions& options) {
    into.emplace();
    Codec<T>::read(reader, node, *into, options);
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static Type type() {
    Type element = Codec<T>::type();
    return {
        .words = {}, .shape = Type::Shape::list, .element = std::make_shared<const Type>(std::move(element))};
  }
  static void read(Reader& reader, const Node& node, std::vector<T>& into, const FieldOptions& options) {
    into.clear();
    if (!node.is_sequence()) {
      if (options.one_or_many && !node.is_null()) {
        Codec<T>::read(reader, node, into.emplace_back(), options);
      } else {
        reader.error(node, describe(node) + " stands where a list is expected",
                     "a list is written [a, b], or with a dash a line");
      }
      return;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Reader::Below below(reader, i);
      Codec<T>::read(reader, node.items[i], into.emplace_back(), options);
    }
  }
};

/// Calls `read` for each member of a mapping, with the path set; reports what is no mapping.
template <class Read>
void for_each_member(Reader& reader, const Node& node, const Read& read) {
  if (!node.is_mapping() && !node.is_null()) {
    reader.error(node, describe(node) + " stands where a mapping is expected",
                 "a mapping is written {name: value}, or name: value a line");
    return;
  }
  for (const Member& member : node.members) {
    const Reader::Below below(reader, member.key);
    read(member);
  }
}

template <class T>
Type map_type(const std::string& key_words) {
  return {.words = {},
          .shape = Type::Shape::map,
          .element = std::make_shared<const Type>(Codec<T>::type()),
          .key_words = key_words};
}

template <class T>
struct Codec<std::vector<Entry<T>>> {
  static Type type() { return map_type<T>("name"); }
  static void read(Reader& reader, const Node& node, std::vector<Entry<T>>& into,
                   const FieldOptions& options);
};

// A type cannot stand in parentheses as the check asks. NOLINTBEGIN(bugprone-macro-parentheses)
#define SCENARIOS_LANGUAGE_MAP(T, KEY, ELEMENT)                                                            \
  template <>                                                                                              \
  struct Codec<std::vector<T>> {                                                                           \
    static Type type() { return map_type<ELEMENT>(KEY); }                                                  \
    static void read(Reader& reader, const Node& node, std::vector<T>& into, const FieldOptions& options); \
  }
SCENARIOS_LANGUAGE_MAP(NodeEntry, "hostlist", NodeGroup);
SCENARIOS_LANGUAGE_MAP(OpenStackHostEntry, "hostlist", OpenStackHosts);
SCENARIOS_LANGUAGE_MAP(OpenStackServerEntry, "hostlist", OpenStackServers);
SCENARIOS_LANGUAGE_MAP(IOMeshChunkEntry, "hostlist", IOMeshChunks);
SCENARIOS_LANGUAGE_MAP(AttemptRow, "set of attempts", AttemptRow);
SCENARIOS_LANGUAGE_MAP(IndexRow, "set of indexes", IndexRow);
#undef SCENARIOS_LANGUAGE_MAP
// NOLINTEND(bugprone-macro-parentheses)

template <>
struct Codec<FluxNodes> {
  static Type type() { return {.words = "integer, hostlist, or list of hostlists"}; }
  static void read(Reader& reader, const Node& node, FluxNodes& into, const FieldOptions& options);
};

template <>
struct Codec<std::vector<PodCount>> {
  static Type type() { return {.words = "integer, or mapping of name to integer"}; }
  static void read(Reader& reader, const Node& node, std::vector<PodCount>& into,
                   const FieldOptions& options);
};

template <>
struct Codec<CheckUse> {
  static Type type() { return {.words = "name of a check, or mapping of it to its parameters"}; }
  static void read(Reader& reader, const Node& node, CheckUse& into, const FieldOptions& options);
};

template <class T>
void Codec<std::vector<Entry<T>>>::read(Reader& reader, const Node& node, std::vector<Entry<T>>& into,
                                        const FieldOptions& options) {
  into.clear();
  for_each_member(reader, node, [&](const Member& member) {
    Entry<T>& entry = into.emplace_back();
    entry.name = {member.key, reader.document().where(member), {}};
    if (member.key.empty()) {
      reader.diagnostics().error(entry.name.at, reader.path(), "a name is empty", "");
      return;
    }
    Codec<T>::read(reader, member.value, entry.value, options);
  });
}

}  // namespace scenarios::language
