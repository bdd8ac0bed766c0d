#include "scenarios/commands/openstack_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace scenarios::commands {

namespace {

using Json = nlohmann::ordered_json;

std::string python_repr(const Json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const bool single = text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
    return single ? fmt::format("\"{}\"", text) : fmt::format("'{}'", text);
  }
  return python_text(value);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  lines.push_back(text.substr(begin));
  return lines;
}

/// Characters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

/// A table with a border, as prettytable draws it.
std::string table(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows,
                  const std::vector<bool>& right) {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < titles.size(); ++column) {
    std::size_t width = width_of(titles[column]);
    for (const auto& row : rows) {
      for (const std::string& line : lines_of(row[column])) {
        width = std::max(width, width_of(line));
      }
    }
    widths.push_back(width);
  }
  std::string rule = "+";
  for (const std::size_t width : widths) {
    rule += std::string(width + 2, '-') + "+";
  }
  rule += "\n";
  std::string out = rule;
  const auto add = [&](const std::vector<std::string>& cells) {
    std::size_t height = 1;
    std::vector<std::vector<std::string>> lines;
    for (const std::string& cell : cells) {
      lines.push_back(lines_of(cell));
      height = std::max(height, lines.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      out += "|";
      for (std::size_t column = 0; column < cells.size(); ++column) {
        const std::string text = line < lines[column].size() ? lines[column][line] : std::string();
        const std::string pad(widths[column] - width_of(text), ' ');
        out += right[column] ? " " + pad + text + " |" : " " + text + pad + " |";
      }
      out += "\n";
    }
  };
  add(titles);
  out += rule;
  for (const auto& row : rows) {
    add(row);
  }
  return out + rule;
}

bool looks_like_something_else(const std::string& text) {
  static const std::vector<std::string> kWords = {"null", "Null",  "NULL",  "~",     "true", "True",
                                                  "TRUE", "false", "False", "FALSE", "yes",  "Yes",
                                                  "no",   "No",    "on",    "off"};
  if (text.empty() || std::find(kWords.begin(), kWords.end(), text) != kWords.end()) {
    return true;
  }
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos || text.back() == ':' ||
      std::string_view("-?:,[]{}#&*!|>'\"%@`<").find(text.front()) != std::string_view::npos) {
    return true;
  }
  // Numbers and dates.
  return std::isdigit(static_cast<unsigned char>(text.front())) != 0 &&
         text.find_first_not_of("0123456789.:-TZ") == std::string::npos;
}

/// As PyYAML's safe_dump writes a scalar or an empty collection.
std::string yaml_scalar_of(const Json& value) {
  if (value.is_null()) {
    return "null";
  }
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!looks_like_something_else(text)) {
      return text;
    }
    std::string quoted = "'";
    for (const char c : text) {
      quoted += c == '\'' ? "''" : std::string(1, c);
    }
    return quoted + "'";
  }
  return value.dump();
}

void yaml_block(const Json& value, const std::string& indent, std::string& out);

void yaml_entry(const Json& value, const std::string& indent, std::string& out) {
  if (value.is_structured() && !value.empty()) {
    out += "\n";
    yaml_block(value, value.is_array() ? indent : indent + "  ", out);
  } else {
    out += " " + yaml_scalar_of(value) + "\n";
  }
}

void yaml_block(const Json& value, const std::string& indent, std::string& out) {
  if (value.is_array()) {
    for (const Json& item : value) {
      std::string inner;
      if (item.is_structured() && !item.empty()) {
        yaml_block(item, indent + "  ", inner);
        out += indent + "- " + inner.substr(indent.size() + 2);
      } else {
        out += indent + "- " + yaml_scalar_of(item) + "\n";
      }
    }
    return;
  }
  std::vector<std::string> keys;
  for (const auto& [key, unused] : value.items()) {
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) {
    out += indent + yaml_scalar_of(Json(key)) + ":";
    yaml_entry(value[key], indent, out);
  }
}

std::string yaml(const Json& value) {
  if (value.empty()) {
    return value.is_array() ? "[]\n" : "{}\n";
  }
  std::string out;
  yaml_block(value, "", out);
  return out;
}

std::string json(const Json& value) { return value.dump(2, ' ', true) + "\n"; }

std::string shell_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    out += std::isalnum(byte) != 0 || c == '_' ? static_cast<char>(std::tolower(byte)) : '_';
  }
  return out;
}

std::string csv_cell(const Json& value) {
  if (value.is_number()) {
    return value.dump();
  }
  std::string out = "\"";
  for (const char c : python_text(value)) {
    out += c == '"' ? "\"\"" : std::string(1, c);
  }
  return out + "\"";
}

bool wanted(const std::vector<std::string>& columns, const std::string& name) {
  return columns.empty() || std::find(columns.begin(), columns.end(), name) != columns.end();
}

}  // namespace

std::string python_text(const Json& value) {
  if (value.is_null()) {
    return "None";
  }
  if (value.is_boolean()) {
    return value.get<bool>() ? "True" : "False";
  }
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_array() || value.is_object()) {
    std::string out = value.is_array() ? "[" : "{";
    bool first = true;
    for (const auto& [key, item] : value.items()) {
      out += first ? "" : ", ";
      first = false;
      out += value.is_array() ? python_repr(item) : fmt::format("'{}': {}", key, python_repr(item));
    }
    return out + (value.is_array() ? "]" : "}");
  }
  return value.dump();
}

std::string column_problem(const std::vector<std::string>& names, const std::vector<std::string>& columns) {
  if (std::any_of(names.begin(), names.end(),
                  [&](const std::string& name) { return wanted(columns, name); })) {
    return {};
  }
  const auto joined = [](const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
      text += (text.empty() ? "" : ", ") + python_repr(Json(word));
    }
    return text;
  };
  return fmt::format("No recognized column names in [{}]. Recognized columns are ({}{}).", joined(columns),
                     joined(names), names.size() == 1 ? "," : "");
}

ClientValue::ClientValue(Json value) : machine(std::move(value)), people(python_text(machine)) {}

std::string print_one(const std::vector<ClientField>& fields, std::string_view format,
                      const std::vector<std::string>& columns) {
  Json object = Json::object();
  std::vector<std::vector<std::string>> rows;
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!wanted(columns, name)) {
      continue;
    }
    object[name] = value.machine;
    rows.push_back({name, value.people});
    if (format == "value") {
      out += python_text(value.machine) + "\n";
    } else if (format == "shell") {
      std::string text = python_text(value.machine);
      for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at + 2)) {
        text.insert(at, 1, '\\');
      }
      out += fmt::format("{}=\"{}\"\n", shell_name(name), text);
    }
  }
  if (format == "json") {
    return json(object);
  }
  if (format == "yaml") {
    return yaml(object);
  }
  if (format == "table") {
    return table({"Field", "Value"}, rows, {false, false});
  }
  return out;
}

std::string print_list(const std::vector<std::string>& titles,
                       const std::vector<std::vector<ClientValue>>& rows, std::string_view format,
                       const std::vector<std::string>& columns) {
  std::vector<std::size_t> chosen;
  if (columns.empty()) {
    for (std::size_t i = 0; i < titles.size(); ++i) {
      chosen.push_back(i);
    }
  }
  for (std::size_t i = 0; i < titles.size() && !columns.empty(); ++i) {
    if (wanted(columns, titles[i])) {
      chosen.push_back(i);
    }
  }
  Json list = Json::array();
  std::vector<std::vector<std::string>> cells;
  std::vector<std::string> names;
  std::vector<bool> right;
  for (const std::size_t column : chosen) {
    names.push_back(titles[column]);
    const bool number = !rows.empty() && rows.front()[column].machine.is_number();
    // A number that is shown as a word is no number to the table.
    right.push_back(number && rows.front()[column].people == python_text(rows.front()[column].machine));
  }
  std::string lines;
  if (format == "csv") {
    for (std::size_t i = 0; i < names.size(); ++i) {
      lines += (i == 0 ? "" : ",") + csv_cell(Json(names[i]));
    }
    lines += "\n";
  }
  for (const auto& row : rows) {
    Json object = Json::object();
    std::vector<std::string> shown;
    std::string line;
    for (const std::size_t column : chosen) {
      const ClientValue& value = row[column];
      object[titles[column]] = value.machine;
      shown.push_back(value.people);
      const bool first = column == chosen.front();
      line += format == "csv" ? (first ? "" : ",") + csv_cell(value.machine)
                              : (first ? "" : " ") + python_text(value.machine);
    }
    list.push_back(std::move(object));
    cells.push_back(std::move(shown));
    lines += line + "\n";
  }
  if (format == "json") {
    return json(list);
  }
  if (format == "yaml") {
    return yaml(list);
  }
  if (format == "table") {
    return rows.empty() ? "\n" : table(names, cells, right);
  }
  return lines;
}

}  // namespace scenarios::commands
