#pragma once
// What was found wrong with objects of a real cluster while they were read, folded so that a thousand equal
// pods say it once.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Something that an object says and that was not taken over, or an object that cannot be read. Equal ones
/// of many objects are told once.
struct ObjectNote {
  std::string kind;    ///< Pod, StatefulSet …
  std::string object;  ///< the first one: `default/web-0`
  std::string field;   ///< `spec.topologySpreadConstraints`; list positions left out
  std::string text;
  std::size_t objects = 1;  ///< how many objects say so
  friend bool operator==(const ObjectNote&, const ObjectNote&) = default;
};

/// Collects notes.
class Notes {
 public:
  /// Adds all that was found in the object called `object`.
  void add(std::string_view object, std::string_view kind, const Problems& problems);
  void error(std::string_view object, std::string_view kind, std::string_view path, std::string_view text) {
    add(errors_, "error", object, kind, path, text);
  }
  void warning(std::string_view object, std::string_view kind, std::string_view path, std::string_view text) {
    add(warnings_, "warning", object, kind, path, text);
  }

  [[nodiscard]] const std::vector<ObjectNote>& errors() const { return errors_; }
  [[nodiscard]] const std::vector<ObjectNote>& warnings() const { return warnings_; }

 private:
  struct Told {
    std::size_t position = 0;  // in its list of notes
    std::string last_object;
  };

  void add(std::vector<ObjectNote>& notes, std::string_view list, std::string_view object,
           std::string_view kind, std::string_view path, std::string_view text);

  std::vector<ObjectNote> errors_;
  std::vector<ObjectNote> warnings_;
  std::map<std::string, Told> told_;  // by list, kind, field and text
};

}  // namespace models::kubernetes::json
