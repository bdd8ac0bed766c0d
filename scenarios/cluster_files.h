#pragma once
// Manifests and snapshots: files in kubectl's formats, YAML or JSON, one object, several documents, or a
// List.

#include <cstdint>
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

/// What is told of a pod that is to be built later.
struct PodGlimpse {
  std::string name_space;
  std::string name;
  std::int64_t latest_time = 0;  ///< see models::kubernetes::json::latest_time
};

/// Pods are most of a large snapshot: they are built one at a time, when all that they refer to is there. A
/// file is read twice for that.
struct PodsApart {
  enum class Pass : std::uint8_t {
    others,  ///< hands out what is no pod, and a glimpse of each pod
    pods,    ///< hands out the pods, nothing else
  };
  Pass pass = Pass::others;
  bool every_pod = false;  ///< also those that carry no uid, which no cluster has stored
  std::function<void(PodGlimpse&&)> glimpse = {};
};

/// Hands every object of a file to `receive`, Lists taken apart, in the order of the file. A JSON file is
/// read as a stream: an object at a time is in memory. Anything that is no object with `apiVersion` and
/// `kind` is a diagnostic.
void read_objects(const std::string& file, const std::function<void(FileObject&&)>& receive,
                  language::Diagnostics& diagnostics, const PodsApart* apart = nullptr);

/// The files of a path: itself, or the .yaml, .yml and .json files of a folder, sorted by name.
std::vector<std::string> cluster_files(const std::string& path, language::Diagnostics& diagnostics);

}  // namespace scenarios
