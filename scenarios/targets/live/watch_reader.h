#pragma once
// What kubectl prints as JSON, read as far as the mirror reads it: most of an object of real size says who
// owns which field, or repeats a spec that cannot change.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/json/mirror.h"

namespace scenarios::targets {

/// One event of `kubectl get … --watch --output-watch-events -o json`.
struct WatchEvent {
  std::string type;  ///< ADDED, MODIFIED, DELETED, BOOKMARK, ERROR
  models::kubernetes::json::Json object;
  std::uint64_t version = 0;  ///< the object's resourceVersion
  bool known = false;         ///< the mirror has this version: of the object nothing else was read
};

/// What `kubectl get … -o json` prints.
struct ObjectList {
  std::vector<models::kubernetes::json::Json> items;
  std::string version;  ///< the list's resourceVersion; kubectl often leaves it out
  models::kubernetes::json::UnixSeconds latest = 0;  ///< the latest moment that an API server wrote down
};

/// Reads with one parser, whose memory is used again.
class WatchReader {
 public:
  WatchReader();
  ~WatchReader();
  WatchReader(const WatchReader&) = delete;
  WatchReader& operator=(const WatchReader&) = delete;

  /// An event. fieldsV1 becomes a hash (see read_managed_fields); the spec of a pod that `mirror` knows is
  /// left out but for its node, the images of a node always. @return nothing for what is no event.
  std::optional<WatchEvent> event(std::string_view text, const models::kubernetes::json::Mirror& mirror);

  enum class ManagedFields { Hashed, LeftOut };
  /// A list. @return nothing for what is no list of objects.
  std::optional<ObjectList> list(std::string_view text, ManagedFields managed);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace scenarios::targets
