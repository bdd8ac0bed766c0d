#pragma once
// Manifests and snapshots: files in kubectl's formats, YAML or JSON, one object, several documents, or a
// List.

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scenarios/language/diagnostic.h"

namespace scenarios {

using Json = nlohmann::ordered_json;

/// One object of a file, and where it stands.
struct FileObject {
  Json object;
  language::Location at;
};

/// Hands every object of a file to `receive`, Lists taken apart, in the order of the file. A JSON file is
/// read as a stream: an object at a time is in memory. Anything that is no object with `apiVersion` and
/// `kind` is a diagnostic.
void read_objects(const std::string& file, const std::function<void(FileObject&&)>& receive,
                  language::Diagnostics& diagnostics);

/// The files of a path: itself, or the .yaml, .yml and .json files of a folder, sorted by name.
std::vector<std::string> cluster_files(const std::string& path, language::Diagnostics& diagnostics);

}  // namespace scenarios
