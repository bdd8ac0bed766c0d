#include "scenarios/cluster_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "scenarios/commands/manifest_text.h"

namespace scenarios {

namespace {

using language::Diagnostics;
using language::Location;
using language::Node;

/// Hands objects on, Lists taken apart.
class Receiver {
 public:
  Receiver(const std::function<void(FileObject&&)>& receive, Diagnostics& diagnostics)
      : receive_(receive), diagnostics_(diagnostics) {}

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
    receive_({std::move(object), at});
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

  const std::function<void(FileObject&&)>& receive_;
  Diagnostics& diagnostics_;
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
constexpr std::array<std::string_view, 6> kTopLevel = {"apiVersion", "kind",   "metadata",
                                                       "spec",       "status", "items"};

struct TooDeep {};

void read_json(const std::string& file, Receiver& receiver, Diagnostics& diagnostics) {
  std::ifstream stream(file, std::ios::binary);
  const Location start{file, 1, 1};
  bool in_items = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDepthMax) {
      throw TooDeep{};
    }
    if (depth == 1 && event == Json::parse_event_t::key) {
      in_items = parsed == "items";
      // What no object that is modelled has at its top is not kept, however large it is.
      return std::find(kTopLevel.begin(), kTopLevel.end(), parsed.get_ref<const std::string&>()) !=
             kTopLevel.end();
    }
    // An element of the top level's `items` is handed on and forgotten.
    if (depth == 2 && in_items && event == Json::parse_event_t::object_end &&
        diagnostics.error_count() < kErrorsMax) {
      receiver.take(std::move(parsed), start);
      return false;
    }
    return true;
  };
  try {
    Json root = Json::parse(stream, watch);
    if (root.is_object() && root.contains("items") && root["items"].is_array() && root["items"].empty() &&
        (receiver.objects() > 0 || root.value("kind", "").ends_with("List"))) {
      return;
    }
    if (diagnostics.error_count() < kErrorsMax) {
      receiver.take(std::move(root), start);
    }
  } catch (const TooDeep&) {
    diagnostics.error(start, "", fmt::format("the JSON is nested deeper than {} levels", kDepthMax), "");
  } catch (const Json::parse_error& error) {
    std::string what = error.what();
    const std::size_t column = what.find("column ");
    const std::size_t colon = column == std::string::npos ? column : what.find(": ", column);
    diagnostics.error(place_in(file, error.byte), "",
                      "this is not JSON: " + (colon == std::string::npos ? what : what.substr(colon + 2)),
                      "is the file complete?");
  }
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

}  // namespace

void read_objects(const std::string& file, const std::function<void(FileObject&&)>& receive,
                  Diagnostics& diagnostics) {
  Receiver receiver(receive, diagnostics);
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
    read_json(file, receiver, diagnostics);
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
