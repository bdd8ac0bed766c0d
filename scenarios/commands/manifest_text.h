#pragma once
// Objects in the text of a file, of standard input or of an argument: YAML or JSON, as kubectl reads both.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace scenarios::commands {

struct ManifestText {
  std::vector<nlohmann::ordered_json> documents;  ///< empty documents are left out
  std::string problem;                            ///< why there are none; with the line: "line 3: …"
  explicit operator bool() const { return problem.empty(); }
};

/// Reads all documents. Plain words get the types that kubectl's YAML reader gives them.
/// Source: sigs.k8s.io/yaml YAMLToJSON over YAML 1.1, where yes, no, on and off are booleans.
ManifestText read_manifest_text(const std::string& text);

/// The objects of documents: Lists are taken apart. Source: cli-runtime pkg/resource/visitor.go
/// FlattenListVisitor.
std::vector<nlohmann::ordered_json> flatten_lists(const std::vector<nlohmann::ordered_json>& documents);

}  // namespace scenarios::commands
