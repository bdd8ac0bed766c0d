#include "models/kubernetes/json/schema.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "models/kubernetes/quantity.h"

namespace models::kubernetes::json {

std::string without_positions(std::string_view path) {
  std::string result;
  bool inside = false;
  for (const char c : path) {
    inside = c == '[' || (inside && c != ']');
    if (!inside && c != ']') {
      result += c;
    }
  }
  return result;
}

namespace {

/// What Go's decoder calls a JSON value that does not fit.
std::string value_name(const Json& value) { return value.is_boolean() ? "bool" : value.type_name(); }

/// A path that becomes text only where there is something to say of it: of most fields there is nothing.
class Path {
 public:
  explicit Path(std::string_view root) : name_(root) {}
  Path(const Path& parent, std::string_view name) : parent_(&parent), name_(name) {}
  Path(const Path& list, std::size_t item) : parent_(&list), item_(item), is_item_(true) {}

  [[nodiscard]] std::string text() const {
    return parent_ == nullptr ? std::string(name_)
           : is_item_         ? item_path(parent_->text(), item_)
                              : child_path(parent_->text(), name_);
  }

 private:
  const Path* parent_ = nullptr;
  std::string_view name_;
  std::size_t item_ = 0;
  bool is_item_ = false;
};

class Checker {
 public:
  explicit Checker(Problems& problems) : problems_(problems) {}

  void object(const Json& value, const Structure& structure, const Path& path) {
    for (auto it = value.begin(); it != value.end(); ++it) {
      const Path at(path, it.key());
      const auto row = std::find_if(structure.fields.begin(), structure.fields.end(),
                                    [&](const FieldRow& field) { return field.name == it.key(); });
      if (row == structure.fields.end()) {
        problems_.unknown.push_back(at.text());
      } else if (!it->is_null()) {
        field(*it, structure, *row, at);
      }
    }
  }

 private:
  void field(const Json& value, const Structure& structure, const FieldRow& row, const Path& path) {
    if (row.use == Use::NotModelled && matters(value, row)) {
      problems_.unmodelled.push_back({path.text(), fmt::format("{} is not modelled", row.name)});
    }
    switch (row.type) {
      case FieldType::Any:
        break;
      case FieldType::Bool:
        require(value.is_boolean(), value, structure, path, "bool");
        break;
      case FieldType::Int32:
        integer<std::int32_t>(value, structure, path, "int32");
        break;
      case FieldType::Int64:
        integer<std::int64_t>(value, structure, path, "int64");
        break;
      case FieldType::String:
        require(value.is_string(), value, structure, path, "string");
        break;
      case FieldType::Quantity:
        quantity(value, path);
        break;
      case FieldType::IntOrString:
        int_or_string(value, structure, path);
        break;
      case FieldType::Time:
        time(value, structure, path);
        break;
      case FieldType::Object:
        if (require(value.is_object(), value, structure, path, go_package_type(*row.structure))) {
          object(value, *row.structure, path);
        }
        break;
      case FieldType::List:
        list(value, structure, row, path);
        break;
      case FieldType::StringList:
        plain_list(value, structure, path, "[]string", &Json::is_string, "string");
        break;
      case FieldType::Int32List:
        plain_list(value, structure, path, "[]int32", &Json::is_number_integer, "int32");
        break;
      case FieldType::StringMap:
        string_map(value, structure, path);
        break;
      case FieldType::QuantityMap:
        quantity_map(value, structure, path);
        break;
    }
  }

  static bool matters(const Json& value, const FieldRow& row) {
    if (!row.harmless.empty() && value.dump() == row.harmless) {
      return false;
    }
    const bool empty = value.is_structured() && value.empty();
    return !empty && value != Json(false) && value != Json("");
  }

  static std::string go_package_type(const Structure& structure) {
    return fmt::format("v1.{}", structure.go_type);
  }

  bool require(bool right, const Json& value, const Structure& structure, const Path& path,
               std::string_view go_type) {
    if (!right) {
      problems_.errors.push_back({path.text(), decode_error(value, structure.go_type, path.text(), go_type)});
    }
    return right;
  }

  template <class Integer>
  void integer(const Json& value, const Structure& structure, const Path& path, std::string_view go_type) {
    if (!require(value.is_number(), value, structure, path, go_type)) {
      return;
    }
    const bool fits =
        value.is_number_integer() &&
        (!value.is_number_unsigned() ||
         value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<Integer>::max())) &&
        (value.is_number_unsigned() || (value.get<std::int64_t>() >= std::numeric_limits<Integer>::min() &&
                                        value.get<std::int64_t>() <= std::numeric_limits<Integer>::max()));
    if (!fits) {
      problems_.errors.push_back(
          {path.text(),
           fmt::format("json: cannot unmarshal number {} into Go struct field {}.{} of type {}", value.dump(),
                       structure.go_type, without_positions(path.text()), go_type)});
    }
  }

  void quantity(const Json& value, const Path& path) {
    const std::string text = quantity_text(value);
    if (!value.is_string() && !value.is_number()) {
      problems_.errors.push_back({path.text(), "unable to parse quantity's suffix"});
    } else if (!parse_quantity(text, 3) && !parse_quantity(text)) {
      // Source: apimachinery pkg/api/resource/quantity.go ErrFormatWrong.
      problems_.errors.push_back({path.text(),
                                  "quantities must match the regular expression "
                                  "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"});
    }
  }

  void int_or_string(const Json& value, const Structure& structure, const Path& path) {
    if (value.is_number()) {
      integer<std::int32_t>(value, structure, path, "int32");
    } else {
      require(value.is_string(), value, structure, path, "string");
    }
  }

  void time(const Json& value, const Structure& structure, const Path& path) {
    if (!require(value.is_string(), value, structure, path, "v1.Time")) {
      return;
    }
    const std::string& text = value.get_ref<const std::string&>();
    if (!parse_time(text)) {
      problems_.errors.push_back(
          {path.text(),
           fmt::format("parsing time \"{}\": it is not of the form 2006-01-02T15:04:05Z", text)});
    }
  }

  void list(const Json& value, const Structure& structure, const FieldRow& row, const Path& path) {
    if (!require(value.is_array(), value, structure, path, "[]" + go_package_type(*row.structure))) {
      return;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Path at(path, i);
      if (require(value[i].is_object(), value[i], structure, at, go_package_type(*row.structure))) {
        object(value[i], *row.structure, at);
      }
    }
  }

  void plain_list(const Json& value, const Structure& structure, const Path& path, std::string_view list_type,
                  bool (Json::*is_right)() const noexcept, std::string_view item_type) {
    if (!require(value.is_array(), value, structure, path, list_type)) {
      return;
    }
    for (const Json& item : value) {
      require((item.*is_right)(), item, structure, path, item_type);
    }
  }

  void string_map(const Json& value, const Structure& structure, const Path& path) {
    if (!require(value.is_object(), value, structure, path, "map[string]string")) {
      return;
    }
    for (const Json& item : value) {
      require(item.is_string() || item.is_null(), item, structure, path, "string");
    }
  }

  void quantity_map(const Json& value, const Structure& structure, const Path& path) {
    if (require(value.is_object(), value, structure, path, "v1.ResourceList")) {
      for (auto it = value.begin(); it != value.end(); ++it) {
        quantity(*it, Path(path, it.key()));
      }
    }
  }

  Problems& problems_;
};

}  // namespace

std::string decode_error(const Json& value, std::string_view go_struct, std::string_view path,
                         std::string_view go_type) {
  return fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}", value_name(value),
                     go_struct, without_positions(path), go_type);
}

void drop_unknown(Json& value, const Structure& structure) {
  std::vector<std::string> dropped;
  for (auto it = value.begin(); it != value.end(); ++it) {
    const auto row = std::find_if(structure.fields.begin(), structure.fields.end(),
                                  [&](const FieldRow& field) { return field.name == it.key(); });
    if (row == structure.fields.end()) {
      dropped.push_back(it.key());
    } else if (row->type == FieldType::Object && it->is_object()) {
      drop_unknown(*it, *row->structure);
    } else if (row->type == FieldType::List && it->is_array()) {
      for (Json& item : *it) {
        drop_unknown(item, *row->structure);
      }
    }
  }
  for (const std::string& name : dropped) {
    value.erase(name);
  }
}

void check_fields(const Json& value, const Structure& structure, std::string_view path, Problems& problems) {
  if (!value.is_object()) {
    problems.errors.push_back(
        {std::string(path), fmt::format("json: cannot unmarshal {} into Go value of type v1.{}",
                                        value_name(value), structure.go_type)});
    return;
  }
  Checker(problems).object(value, structure, Path(path));
}

}  // namespace models::kubernetes::json
