#include "scenarios/language/field_table.h"

#include <fmt/format.h>

namespace scenarios::language {
namespace {

/// GitHub's anchor of a heading: lower case, blanks to dashes.
std::string anchor_of(std::string_view title) {
  std::string out;
  for (const char c : title) {
    if (c == ' ') {
      out += '-';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

}  // namespace

std::string describe_type(const Type& type, bool with_links) {
  switch (type.shape) {
    case Type::Shape::scalar:
      return type.words;
    case Type::Shape::object: {
      const std::string link = with_links
                                   ? fmt::format("[{}](#{})", type.table->title, anchor_of(type.table->title))
                                   : type.table->title;
      return type.words.empty() ? link : fmt::format("{}, or {}", type.words, link);
    }
    case Type::Shape::map:
      return fmt::format("mapping of {} to {}", type.key_words, describe_type(*type.element, with_links));
    case Type::Shape::list:
      return fmt::format("list of {}", describe_type(*type.element, with_links));
  }
  return type.words;
}

const FieldDescription* Table::find(std::string_view key) const {
  for (const FieldDescription& field : fields) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

std::vector<std::string> Table::keys() const {
  std::vector<std::string> out;
  for (const FieldDescription& field : fields) out.push_back(field.key);
  return out;
}

}  // namespace scenarios::language
