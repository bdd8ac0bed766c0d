#pragma once
// The fields of the API's types: which there are, of which type, and whether a rule here reads them. One
// table that makes decode errors, the warnings of unknown and of unmodelled fields, and their documentation.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

enum class FieldType : std::uint8_t {
  Any,  ///< kept as it is, not looked into
  Bool,
  Int32,
  Int64,
  String,
  Quantity,
  IntOrString,
  Time,
  Object,
  List,  ///< of objects
  StringList,
  Int32List,
  StringMap,
  QuantityMap,
};

/// What becomes of a field that a manifest or a snapshot has.
enum class Use : std::uint8_t {
  Read,         ///< some rule reads it
  Kept,         ///< kept for printing; it changes nothing that is modelled (image pull policy, environment …)
  NotModelled,  ///< kept, and reported: it can change scheduling or life cycle, and no rule reads it
};

struct Structure;

struct FieldRow {
  std::string_view name;
  FieldType type = FieldType::Any;
  Use use = Use::Kept;
  const Structure* structure = nullptr;  ///< of an object or of a list's items
  std::string_view harmless{};           ///< JSON of a value that needs no report although it is not modelled
};

struct Structure {
  std::string_view go_type;  ///< as decode errors name it
  std::span<const FieldRow> fields;
};

const Structure& statefulset_structure();
const Structure& job_structure();
const Structure& replicaset_structure();
const Structure& deployment_structure();
const Structure& daemonset_structure();
const Structure& pod_structure();
const Structure& pod_template_structure();
const Structure& node_structure();
const Structure& claim_structure();
const Structure& budget_structure();

/// Checks `value` against a structure: wrong types become errors (text in the shape of Go's decoder: `json:
/// cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of type int32`), fields that
/// the API does not have `unknown`, and fields that no rule reads but that matter `unmodelled`. Source:
/// encoding/json UnmarshalTypeError; sigs.k8s.io/json strict decoding.
void check_fields(const Json& value, const Structure& structure, std::string_view path, Problems& problems);

/// Takes out the fields that the structure does not have, at every depth.
void drop_unknown(Json& value, const Structure& structure);

/// `json: cannot unmarshal <value> into Go struct field <struct>.<path> of type <type>`.
std::string decode_error(const Json& value, std::string_view go_struct, std::string_view path,
                         std::string_view go_type);

/// A path without the positions in lists, as Go's decoder prints it: `spec.containers.image`.
std::string without_positions(std::string_view path);

}  // namespace models::kubernetes::json
