#include "scenarios/cluster_files.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/snapshot.h"
#include "scenarios/commands/manifest_text.h"
#include "scenarios/json_items.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;
using language::Diagnostics;
using language::Location;
using language::Node;

/// The text at a JSON pointer; empty where there is none.
std::string text_in(simdjson::dom::element element, const char* pointer) {
  std::string_view text;
  return element.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

/// The value as the rest of the program has it. Of members with the same name the last one counts.
Json built(simdjson::dom::element element) {
  switch (element.type()) {
    case simdjson::dom::element_type::OBJECT: {
      const simdjson::dom::object from = element;
      Json object = Json::object();
      auto& members = *object.get_ptr<Json::object_t*>();
      members.reserve(from.size());  // growing copies every member: their names cannot be moved
      for (const auto& [key, value] : from) {
        members[std::string(key)] = built(value);
      }
      return object;
    }
    case simdjson::dom::element_type::ARRAY: {
      const simdjson::dom::array from = element;
      Json array = Json::array();
      array.get_ptr<Json::array_t*>()->reserve(from.size());
      for (const simdjson::dom::element item : from) {
        array.push_back(built(item));
      }
      return array;
    }
    case simdjson::dom::element_type::INT64: {
      const std::int64_t number = element;
      return number < 0 ? Json(number) : Json(static_cast<std::uint64_t>(number));
    }
    case simdjson::dom::element_type::UINT64:
      return std::uint64_t(element);
    case simdjson::dom::element_type::DOUBLE:
      return double(element);
    case simdjson::dom::element_type::STRING:
      return std::string(std::string_view(element));
    case simdjson::dom::element_type::BOOL:
      return bool(element);
    case simdjson::dom::element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

/// See models::kubernetes::json::latest_time.
std::int64_t latest_time(simdjson::dom::element element) {
  std::int64_t latest = 0;
  if (element.is_string()) {
    return kubernetes::json::parse_time(std::string_view(element)).value_or(0);
  }
  if (element.is_array()) {
    for (const simdjson::dom::element item : simdjson::dom::array(element)) {
      latest = std::max(latest, latest_time(item));
    }
  } else if (element.is_object()) {
    for (const auto& [key, value] : simdjson::dom::object(element)) {
      if (!kubernetes::json::is_timeless(key)) {
        latest = std::max(latest, latest_time(value));
      }
    }
  }
  return latest;
}

/// Hands objects on, Lists taken apart.
class Receiver {
 public:
  Receiver(const std::function<void(FileObject&&)>& receive, Diagnostics& diagnostics, const PodsApart* apart)
      : receive_(receive), diagnostics_(diagnostics), apart_(apart) {}

  void take(Json&& object, const Location& at) {
    if (object.is_object() && is_list(object)) {
      ++objects_;
      for (Json& item : object["items"]) {
        take(std::move(item), at);
      }
      return;
    }
    const bool is_object = object.is_object() && object.contains("apiVersion") &&
                           object["apiVersion"].is_string() && object.contains("kind") &&
                           object["kind"].is_string();
    if (!is_object) {
      diagnostics_.error(at, "", "this is no Kubernetes object: it has no apiVersion and kind",
                         "give manifests, or what kubectl get … -A -o json or -o yaml prints");
      return;
    }
    ++objects_;
    if (apart_ == nullptr) {
      receive_({std::move(object), at});
    } else if (!is_apart(object)) {
      if (apart_->pass == PodsApart::Pass::others) {
        receive_({std::move(object), at});
      }
    } else if (apart_->pass == PodsApart::Pass::pods) {
      receive_({std::move(object), at});
    } else {
      const Json& metadata = object["metadata"];
      apart_->glimpse({kubernetes::json::text_or(metadata, "namespace"),
                       kubernetes::json::text_or(metadata, "name"), kubernetes::json::latest_time(object)});
    }
  }

  /// The same of the text of an object, which need not be built where no more than a glimpse is asked for.
  /// @return false where it is no JSON.
  bool take(std::string_view text, const Location& at) {
    simdjson::dom::element element;
    if (parser_.parse(text.data(), text.size(), false).get(element) != simdjson::SUCCESS) {
      // Numbers beyond 64 bits are JSON too.
      Json object = Json::parse(text, nullptr, false);
      const bool is_json = !object.is_discarded();
      if (is_json) {
        take(std::move(object), at);
      }
      return is_json;
    }
    if (apart_ != nullptr && is_apart(element)) {
      ++objects_;
      if (apart_->pass == PodsApart::Pass::pods) {
        receive_({built(element), at});
      } else {
        apart_->glimpse({text_in(element, "/metadata/namespace"), text_in(element, "/metadata/name"),
                         latest_time(element)});
      }
    } else if (apart_ != nullptr && apart_->pass == PodsApart::Pass::pods && is_whole(element)) {
      ++objects_;
    } else {
      take(built(element), at);
    }
    return true;
  }

  [[nodiscard]] std::size_t objects() const { return objects_; }

 private:
  static bool is_list(const Json& object) {
    const auto kind = object.find("kind");
    const auto items = object.find("items");
    return items != object.end() && items->is_array() &&
           (kind == object.end() ||
            (kind->is_string() && kind->get_ref<const std::string&>().ends_with("List")));
  }

  [[nodiscard]] bool is_apart(const Json& object) const {
    const auto metadata = object.find("metadata");
    return object["kind"] == "Pod" && metadata != object.end() && metadata->is_object() &&
           (apart_->every_pod || metadata->contains("uid"));
  }
  [[nodiscard]] bool is_apart(simdjson::dom::element element) const {
    return text_in(element, "/kind") == "Pod" && !text_in(element, "/apiVersion").empty() &&
           element.at_pointer("/items").error() != simdjson::SUCCESS &&
           element.at_pointer("/metadata").is_object() &&
           (apart_->every_pod || element.at_pointer("/metadata/uid").error() == simdjson::SUCCESS);
  }
  /// An object that is neither a List nor a diagnostic.
  static bool is_whole(simdjson::dom::element element) {
    return !text_in(element, "/kind").empty() && !text_in(element, "/apiVersion").empty() &&
           element.at_pointer("/items").error() != simdjson::SUCCESS;
  }

  const std::function<void(FileObject&&)>& receive_;
  Diagnostics& diagnostics_;
  const PodsApart* apart_;
  simdjson::dom::parser parser_;
  std::size_t objects_ = 0;
};

/// The line and column of a byte of a file, counted without keeping the file.
Location place_in(const std::string& file, std::size_t byte) {
  std::ifstream stream(file, std::ios::binary);
  Location at{file, 1, 1};
  char c = 0;
  for (std::size_t i = 0; i + 1 < byte && stream.get(c); ++i) {
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else {
      ++at.column;
    }
  }
  return at;
}

/// JSON nested deeper than any API object is refused before it can exhaust the stack.
constexpr int kDepthMax = 256;
constexpr std::size_t kErrorsMax = 20;
/// What is wrong with a file that is no JSON, in the words of a parser that looks for nothing else.
void explain(const std::string& file, Diagnostics& diagnostics) {
  std::ifstream stream(file, std::ios::binary);
  try {
    // Nothing is kept.
    const auto ignored = Json::parse(stream, [](int, Json::parse_event_t, Json&) { return false; });
    diagnostics.error({file, 1, 1}, "", "this is not JSON", "is the file complete?");
  } catch (const Json::parse_error& error) {
    std::string what = error.what();
    const std::size_t column = what.find("column ");
    const std::size_t colon = column == std::string::npos ? column : what.find(": ", column);
    diagnostics.error(place_in(file, error.byte), "",
                      "this is not JSON: " + (colon == std::string::npos ? what : what.substr(colon + 2)),
                      "is the file complete?");
  }
}

/// @return false where the file is no JSON; that is told by nobody yet.
bool read_json(const std::string& file, Receiver& receiver, Diagnostics& diagnostics) {
  const Location start{file, 1, 1};
  std::string rest;
  JsonItems items(file, kDepthMax);
  bool enough = false;
  const auto outcome = items.read(
      [&](const JsonItem& item) {
        const bool is_json = receiver.take(
            item.text, Location{file, static_cast<int>(item.line), static_cast<int>(item.column)});
        enough = diagnostics.error_count() >= kErrorsMax;
        return is_json && !enough;
      },
      rest);
  if (enough) {
    return true;
  }
  if (outcome == JsonItems::Outcome::too_deep) {
    diagnostics.error(start, "", fmt::format("the JSON is nested deeper than {} levels", kDepthMax), "");
    return true;
  }
  Json root = outcome == JsonItems::Outcome::complete ? Json::parse(rest, nullptr, false) : Json();
  if (outcome != JsonItems::Outcome::complete || root.is_discarded()) {
    return false;
  }
  if (root.is_object() && root.contains("items") && root["items"].is_array() && root["items"].empty() &&
      (receiver.objects() > 0 || root.value("kind", "").ends_with("List"))) {
    return true;
  }
  receiver.take(std::move(root), start);
  return true;
}

void read_yaml(const std::string& file, Receiver& receiver, Diagnostics& diagnostics) {
  const language::LoadLimits limits = language::manifest_limits();
  Diagnostics own;
  std::string text = language::read_text_file(file, limits.bytes_max, own);
  const std::vector<language::Document> documents =
      own.has_errors() ? std::vector<language::Document>{}
                       : language::load_documents(std::move(text), file, limits, own);
  for (const language::Diagnostic& diagnostic : own.kept()) {
    diagnostics.add(diagnostic);
  }
  for (const language::Document& document : documents) {
    if (document.root.is_null()) {
      continue;  // an empty document between two ---
    }
    const Node* items = document.root.find("items");
    if (items != nullptr && items->is_sequence()) {
      for (const Node& item : items->items) {
        receiver.take(commands::json_of(item), document.where(item));
      }
    } else {
      receiver.take(commands::json_of(document.root), document.where(document.root));
    }
  }
}

/// YAML's flow style begins like JSON, and so do JSON documents with --- between them. Source:
/// k8s.io/apimachinery pkg/util/yaml/decoder.go, YAMLOrJSONDecoder: what begins with a brace and is no JSON
/// is read as YAML. Here its name has to say so, for dumps are too large for that.
bool may_be_yaml(const std::string& file) {
  const std::filesystem::path path(file);
  std::error_code error;
  const bool small = std::filesystem::file_size(path, error) <= language::manifest_limits().bytes_max;
  return (path.extension() == ".yaml" || path.extension() == ".yml") && small && !error;
}

}  // namespace

void read_objects(const std::string& file, const std::function<void(FileObject&&)>& receive,
                  Diagnostics& diagnostics, const PodsApart* apart) {
  Receiver receiver(receive, diagnostics, apart);
  std::ifstream stream(file, std::ios::binary);
  if (!stream || !std::filesystem::is_regular_file(file)) {
    diagnostics.error({file, 1, 1}, "", "the file cannot be read", "");
    return;
  }
  const std::size_t errors_before = diagnostics.error_count();
  char first = ' ';
  while ((first == ' ' || first == '\n' || first == '\t' || first == '\r') && stream.get(first)) {
  }
  stream.close();
  if (first == '{' || first == '[') {
    if (!read_json(file, receiver, diagnostics)) {
      if (first == '{' && receiver.objects() == 0 && may_be_yaml(file)) {
        read_yaml(file, receiver, diagnostics);
      } else {
        explain(file, diagnostics);
      }
    }
  } else {
    read_yaml(file, receiver, diagnostics);
  }
  if (receiver.objects() == 0 && diagnostics.error_count() == errors_before && first != '{') {
    diagnostics.error({file, 1, 1}, "", "there is no Kubernetes object in this file", "");
  }
}

std::vector<std::string> cluster_files(const std::string& path, Diagnostics& diagnostics) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return {path};
  }
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_regular_file() && (extension == ".yaml" || extension == ".yml" || extension == ".json")) {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    diagnostics.error({path, 1, 1}, "", "there is no .yaml or .json file in this folder", "");
  }
  return files;
}

}  // namespace scenarios
