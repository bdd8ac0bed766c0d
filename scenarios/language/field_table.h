#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/language/nearest_word.h"
#include "scenarios/language/reader.h"

namespace scenarios::language {

struct Table;

/// How a value is written, apart from the C++ type that it ends in: what messages, the reference page and
/// `--set` need to know.
struct Type {
  enum class Shape : std::uint8_t { scalar, object, map, list };

  std::string words;  ///< Of a scalar: "duration". Of the others: see `describe_type`.
  Shape shape = Shape::scalar;
  const Table* table = nullptr;              ///< Of an object: its fields.
  std::shared_ptr<const Type> element = {};  ///< Of a map or a list.
  std::string key_words = {};                ///< Of a map: what its keys are, such as "name".
};

/// "duration", "list of text", "mapping of name to [StatefulSet](#statefulset)".
std::string describe_type(const Type& type, bool with_links);

/// What the table says about one field besides its key and its C++ member.
struct FieldOptions {
  bool required = false;
  std::string fallback = {};  ///< The default, as a user would write it; empty: absent.
  std::string sentence = {};  ///< For the reference page.
  std::string source = {};    ///< Which upstream field it is, or "Rehearsal".
  std::string type = {};      ///< Replaces the words of the type.
  std::int64_t minimum = 0;   ///< Of integers.
  std::int64_t maximum = std::numeric_limits<std::int32_t>::max();
  bool zero_is_fine = false;     ///< Of durations: 0s earns no warning.
  bool whole_seconds = false;    ///< Of durations: Kubernetes keeps them in seconds.
  bool one_or_many = false;      ///< Of lists: a single value stands for a list of one.
  bool empty_is_fine = false;    ///< Of text: "" is accepted.
  bool absent_is_empty = false;  ///< Of objects: when the key is absent, the defaults of its fields hold.
  std::vector<std::string> words = {};  ///< Of text: nothing else is accepted.
};

struct FieldDescription {
  std::string key;
  Type type;
  FieldOptions options;
};

/// One kind of mapping: the part of the language that a C++ struct holds, described once. Parser, messages,
/// reference page and `--set` all read it.
struct Table {
  std::string title;      ///< "StatefulSet".
  std::string sentence;   ///< What it describes.
  std::string shorthand;  ///< A plain value instead of the mapping stands for this key; may be empty.
  std::deque<FieldDescription> fields;

  const FieldDescription* find(std::string_view key) const;
  std::vector<std::string> keys() const;
};

/// How a C++ type is read from a node. Specialised in codecs.h; the primary template reads a mapping by the
/// table of T.
template <class T>
struct Codec;

template <class T>
class TableOf : public Table {
 public:
  using Rule = std::function<void(Reader&, const Node&, T&)>;

  /// `describe` is given the new table and adds its fields, so that a table can be a constant.
  template <class Describe>
  TableOf(std::string table_title, std::string table_sentence, const Describe& describe) {
    title = std::move(table_title);
    sentence = std::move(table_sentence);
    describe(*this);
  }

  /// Describes one field and says where its value goes.
  template <class Member, class Owner>
  TableOf& field(std::string key, Member Owner::* member, FieldOptions options) {
    Type type = Codec<Member>::type();
    if (!options.words.empty()) {
      type.words.clear();
      for (const std::string& word : options.words) type.words += (type.words.empty() ? "" : ", ") + word;
    }
    if (!options.type.empty()) type.words = options.type;
    fields.push_back({std::move(key), std::move(type), std::move(options)});
    const FieldOptions& kept = fields.back().options;  // A deque's elements stay where they are.
    readers_.push_back([member, &kept](Reader& reader, const Node& node, T& into) {
      Codec<Member>::read(reader, node, into.*member, kept);
    });
    return *this;
  }

  TableOf& shorthand_for(std::string key) {
    shorthand = std::move(key);
    return *this;
  }

  /// A rule over several fields, judged after all are read.
  TableOf& rule(Rule rule) {
    rules_.push_back(std::move(rule));
    return *this;
  }

  /// Reads a mapping into `into`. Every problem is reported; what could not be read keeps its default.
  void read(Reader& reader, const Node& node, T& into) const;

  TableOf(const TableOf&) = delete;
  TableOf& operator=(const TableOf&) = delete;
  TableOf(TableOf&&) = delete;
  TableOf& operator=(TableOf&&) = delete;

 private:
  std::vector<Rule> readers_;
  std::vector<Rule> rules_;
};

/// The table of a struct of the language; one function-local constant each, defined beside the struct's
/// sentences in the *_table.cpp files.
template <class T>
const TableOf<T>& table_of();

template <class T>
void TableOf<T>::read(Reader& reader, const Node& given, T& into) const {
  Node expanded;
  const Node* node = &given;
  if (!shorthand.empty() && (given.is_scalar() || given.is_sequence())) {
    expanded.kind = Node::Kind::mapping;
    expanded.source = given.source;
    expanded.line = given.line;
    expanded.column = given.column;
    expanded.members.push_back({shorthand, given.source, given.line, given.column, given});
    node = &expanded;
  }
  if (!node->is_mapping() && !node->is_null()) {
    reader.error(
        given, describe(given) + " stands where a mapping is expected", "known here: " + [&] {
          std::string list;
          for (const std::string& key : keys()) list += (list.empty() ? "" : ", ") + key;
          return list;
        }());
    return;
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const FieldDescription& field = fields[i];
    const Node* value = node->find(field.key);
    if (value != nullptr) {
      const Reader::Below below(reader, field.key);
      readers_[i](reader, *value, into);
    } else if (field.options.required) {
      reader.error(*node, "the key " + field.key + " is missing", field.options.sentence);
    } else if (!field.options.fallback.empty()) {
      Node fallback;
      fallback.kind = Node::Kind::scalar;
      fallback.text = field.options.fallback;
      const Reader::Below below(reader, field.key);
      readers_[i](reader, fallback, into);
    } else if (field.options.absent_is_empty) {
      const Reader::Below below(reader, field.key);
      readers_[i](reader, Node{}, into);
    }
  }
  for (const Member& member : node->members) {
    if (find(member.key) != nullptr) continue;
    const std::vector<std::string> known = keys();
    const std::string path = reader.path().empty() ? member.key : reader.path() + "." + member.key;
    reader.diagnostics().error(reader.document().where(member), path, "unknown key " + member.key,
                               did_you_mean(member.key, known));
  }
  for (const Rule& rule : rules_) rule(reader, *node, into);
}

}  // namespace scenarios::language
