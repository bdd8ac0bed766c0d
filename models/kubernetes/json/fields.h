#pragma once
// Reading and writing single fields of API objects in JSON, and what was found wrong with them.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/objects.h"
#include "sim/time.h"

namespace models::kubernetes::json {

/// Objects keep the order of their keys, so that what was read is printed as it was written.
using Json = nlohmann::ordered_json;

/// Something about one field.
struct Problem {
  std::string field;  ///< `spec.template.spec.containers[0].image`
  std::string text;
  friend bool operator==(const Problem&, const Problem&) = default;
};

/// What reading an object found.
struct Problems {
  std::vector<Problem> errors;       ///< the object cannot be read: types, quantities, times, required fields
  std::vector<std::string> unknown;  ///< paths of fields that the API does not have
  std::vector<Problem>
      unmodelled;  ///< fields that can change what really happens and that no rule here reads

  [[nodiscard]] bool ok() const { return errors.empty(); }
};

/// `parent.name`, or `name` at the top.
std::string child_path(std::string_view parent, std::string_view name);
/// `path[2]`.
std::string item_path(std::string_view path, std::size_t index);

/// The member `name` of an object; nullptr if there is none or it is null (the API does not tell these
/// apart).
const Json* member(const Json& object, std::string_view name);
/// The value at a path of plain names ("spec.updateStrategy.type"); nullptr if it is not there.
const Json* at_path(const Json& object, std::string_view path);
/// The object at a path of plain names, made if need be.
Json& make_path(Json& object, std::string_view path);

/// Typed look-ups for objects whose types were checked (json/schema.h); the fallback where the field is
/// absent.
std::int64_t int_or(const Json& object, std::string_view name, std::int64_t fallback);
bool bool_or(const Json& object, std::string_view name, bool fallback);
std::string text_or(const Json& object, std::string_view name, std::string_view fallback = "");
/// An object of strings, sorted by key; empty if it is absent.
LabelMap labels_at(const Json& object, std::string_view name);
Json to_json(const LabelMap& labels);
/// A quantity as written: a JSON number counts as its text.
std::string quantity_text(const Json& value);

/// Seconds since 1970 in UTC: how times of the API are placed on the scenario's time line.
using UnixSeconds = std::int64_t;

/// Reads "2024-03-01T12:00:00Z", also with a fraction and an offset. nullopt: not a time (RFC 3339).
std::optional<UnixSeconds> parse_time(std::string_view text);
/// "2024-03-01T12:00:00Z".
std::string time_text(UnixSeconds seconds);
/// A moment of the scenario, which begins at `epoch`, as the API prints it.
std::string time_text(sim::Time at, UnixSeconds epoch);
/// The moment of the scenario that the time in field `name` is; nullopt if there is no such field.
std::optional<sim::Time> time_at(const Json& object, std::string_view name, UnixSeconds epoch);

/// Deep equality that does not care for the order of keys.
bool same(const Json& a, const Json& b);
/// Objects with their keys sorted at every depth.
Json canonical(const Json& value);

}  // namespace models::kubernetes::json
