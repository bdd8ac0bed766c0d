#pragma once
// Objects in the text of a file, of standard input or of an argument: YAML or JSON, as kubectl reads both.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scenarios/language/yaml_document.h"

namespace scenarios::commands {

struct ManifestText {
  std::vector<nlohmann::ordered_json> documents;  ///< empty documents are left out
  std::string problem;                            ///< why there are none; with the line: "line 3: …"
  explicit operator bool() const { return problem.empty(); }
};

/// A YAML value as JSON, with the types that kubectl's YAML reader gives to plain words.
/// Source: sigs.k8s.io/yaml YAMLToJSON over YAML 1.1, where yes, no, on and off are booleans.
nlohmann::ordered_json json_of(const language::Node& node);

/// Reads all documents.
ManifestText read_manifest_text(const std::string& text);

/// The objects of documents: Lists are taken apart. Source: cli-runtime pkg/resource/visitor.go
/// FlattenListVisitor.
std::vector<nlohmann::ordered_json> flatten_lists(const std::vector<nlohmann::ordered_json>& documents);

}  // namespace scenarios::commands
