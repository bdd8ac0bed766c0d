#include "scenarios/commands/manifest_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace scenarios::commands {

namespace {

using Json = nlohmann::ordered_json;
using language::Node;

std::optional<Json> number_of(std::string_view text) {
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto result = std::from_chars(begin, end, integer);
      result.ec == std::errc() && result.ptr == end) {
    // 0777 would be octal in YAML 1.1, and nobody means it: read as the decimal number that it looks like.
    return Json(integer);
  }
  if (text.find_first_of("0123456789") == std::string_view::npos ||
      text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) {
    return std::nullopt;
  }
  double real = 0;
  if (const auto result = std::from_chars(begin, end, real); result.ec == std::errc() && result.ptr == end) {
    return Json(real);
  }
  return std::nullopt;
}

Json scalar_of(const Node& node) {
  if (node.quoted) {
    return node.text;
  }
  constexpr std::array<std::string_view, 9> kTrue = {"true", "True", "TRUE", "yes", "Yes",
                                                     "YES",  "on",   "On",   "ON"};
  constexpr std::array<std::string_view, 9> kFalse = {"false", "False", "FALSE", "no", "No",
                                                      "NO",    "off",   "Off",   "OFF"};
  constexpr std::array<std::string_view, 4> kNull = {"~", "null", "Null", "NULL"};
  const auto among = [&](const auto& words) {
    return std::find(words.begin(), words.end(), node.text) != words.end();
  };
  if (among(kTrue) || among(kFalse)) {
    return among(kTrue);
  }
  if (among(kNull)) {
    return nullptr;
  }
  return number_of(node.text).value_or(Json(node.text));
}

/// JSON as such: its escapes are not all known to YAML. Nothing for text that is no JSON, or nested too deep.
std::optional<Json> strict_json(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || (text[first] != '{' && text[first] != '[')) {
    return std::nullopt;
  }
  bool deep = false;
  const int depth_max = language::manifest_limits().depth_max;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > depth_max;
    return !deep;
  };
  Json parsed = Json::parse(text, watch, false);
  return deep || parsed.is_discarded() ? std::nullopt : std::optional<Json>(std::move(parsed));
}

void flatten(const Json& object, std::vector<Json>& into) {
  const bool is_list = object.is_object() && object.contains("items") && object["items"].is_array() &&
                       object.contains("kind") && object["kind"].is_string() &&
                       object["kind"].get_ref<const std::string&>().ends_with("List");
  if (!is_list) {
    into.push_back(object);
    return;
  }
  for (const Json& item : object["items"]) {
    flatten(item, into);
  }
}

}  // namespace

Json json_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar:
      return scalar_of(node);
    case Node::Kind::sequence: {
      Json list = Json::array();
      for (const Node& item : node.items) {
        list.push_back(json_of(item));
      }
      return list;
    }
    case Node::Kind::mapping: {
      Json object = Json::object();
      for (const language::Member& member : node.members) {
        object[member.key] = json_of(member.value);
      }
      return object;
    }
  }
  return nullptr;
}

ManifestText read_manifest_text(const std::string& text) {
  ManifestText result;
  if (std::optional<Json> parsed = strict_json(text)) {
    result.documents.push_back(*std::move(parsed));
    return result;
  }
  language::Diagnostics diagnostics;
  const std::vector<language::Document> documents =
      language::load_documents(text, "-", language::manifest_limits(), diagnostics);
  if (diagnostics.has_errors()) {
    const language::Diagnostic& first = diagnostics.kept().front();
    result.problem = fmt::format("line {}, column {}: {}", first.at.line, first.at.column, first.problem);
    return result;
  }
  for (const language::Document& document : documents) {
    if (!document.root.is_null()) {
      result.documents.push_back(json_of(document.root));
    }
  }
  return result;
}

std::vector<Json> flatten_lists(const std::vector<Json>& documents) {
  std::vector<Json> objects;
  for (const Json& document : documents) {
    flatten(document, objects);
  }
  return objects;
}

}  // namespace scenarios::commands
