#pragma once
// What the API server answers when it refuses: causes with field paths, and errors in the words of upstream.

#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/features.h"
#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/objects.h"

namespace models::kubernetes {

/// Why one field is refused. Source: apimachinery pkg/util/validation/field/errors.go, ErrorType.
enum class CauseType : std::uint8_t {
  Required,
  Invalid,
  NotSupported,
  Forbidden,
  Duplicate,
  TooLong,
  TooMany
};

/// One cause of a refusal.
struct FieldError {
  CauseType type = CauseType::Invalid;
  std::string field;   ///< `spec.template.spec.containers[0].image`
  std::string value;   ///< the refused value as printed; empty: not printed
  std::string detail;  ///< may be empty

  /// `Invalid value: -1: must be greater than or equal to 0`. Source: field/errors.go ErrorBody.
  [[nodiscard]] std::string body() const;
  /// `spec.replicas: Invalid value: …`.
  [[nodiscard]] std::string text() const { return field + ": " + body(); }
  friend bool operator==(const FieldError&, const FieldError&) = default;
};
using FieldErrors = std::vector<FieldError>;

/// The constructors of field/errors.go. Values are printed as JSON, which for numbers, booleans and strings
/// is what every release prints; releases before 1.33 print structures in Go's syntax (not reproduced, except
/// label maps: see `label_map_text`).
FieldError required(std::string field, std::string detail = "");
FieldError invalid(std::string field, const json::Json& value, std::string detail);
FieldError invalid_without_value(std::string field, std::string detail);
FieldError not_supported(std::string field, const json::Json& value,
                         const std::vector<std::string_view>& supported);
FieldError forbidden(std::string field, std::string detail);
FieldError duplicate(std::string field, const json::Json& value);
FieldError too_long(std::string field, std::size_t bytes_max);
FieldError too_many(std::string field, std::size_t quantity, std::size_t quantity_max);

/// `must be greater than or equal to 0`, where `value` is negative.
void require_nonnegative(std::int64_t value, std::string field, FieldErrors& errors);
/// `field is immutable`, where the two differ. Either may be nullptr: absent.
void require_immutable(const json::Json* value, const json::Json* old, std::string field,
                       FieldErrors& errors);

/// A map of labels as a refusal prints it: Go's syntax before 1.33, JSON from then on (the release is
/// assumed).
std::string label_map_text(const LabelMap& labels, const Features& features);

/// The causes as one text: `a`, or `[a, b]`; equal ones once. Source: apimachinery util/errors
/// aggregate.Error.
std::string aggregate_text(const FieldErrors& errors);

/// A refusal of the API server.
struct ApiError {
  int code = 0;           ///< HTTP status; 0: no error
  std::string reason;     ///< Invalid, NotFound, Conflict …
  std::string message;    ///< the API's: `Job.batch "x" is invalid: spec.completions: …`
  std::string kind_name;  ///< of the object refused as Invalid
  std::string name;
  FieldErrors causes;

  explicit operator bool() const { return code != 0; }
  /// What kubectl prints: `The Job "x" is invalid: …` (several causes one a line, with `* `), else
  /// `Error from server (NotFound): …`. Without the final newline.
  /// Source: kubectl pkg/cmd/util/helpers.go, checkErr, MultilineError, StandardErrorMessage.
  [[nodiscard]] std::string kubectl_text() const;
};

/// Source of codes and texts: apimachinery pkg/api/errors/errors.go.
ApiError invalid_error(Kind kind, std::string_view name, FieldErrors causes);
ApiError not_found_error(Kind kind, std::string_view name);
ApiError already_exists_error(Kind kind, std::string_view name);
/// `Operation cannot be fulfilled on …: the object has been modified; …`.
ApiError conflict_error(Kind kind, std::string_view name);
ApiError bad_request_error(std::string message);
ApiError forbidden_error(Kind kind, std::string_view name, std::string_view why);
/// An injected failure of the API server.
ApiError internal_error();
/// A content that upstream accepts and that is not modelled here: said, never ignored.
ApiError not_modelled_error(std::string what);

/// What is wrong with a name or a label, in upstream's words; empty: nothing.
/// Source: apimachinery pkg/util/validation/validation.go.
std::vector<std::string> dns_label_problems(std::string_view value);
std::vector<std::string> dns_subdomain_problems(std::string_view value);
std::vector<std::string> qualified_name_problems(std::string_view value);
std::vector<std::string> label_value_problems(std::string_view value);

enum class NameRule : std::uint8_t { DnsLabel, DnsSubdomain };
/// metadata of a new object: name, labels, annotations' keys, finalizers.
/// Source: apimachinery pkg/api/validation/objectmeta.go.
void validate_metadata(const json::Json& object, NameRule rule, FieldErrors& errors);
/// Labels at `field`. Source: meta/v1/validation ValidateLabels.
void validate_labels(const LabelMap& labels, const std::string& field, FieldErrors& errors);
/// A label selector. Source: meta/v1/validation ValidateLabelSelector.
void validate_selector(const json::Json& selector, const std::string& field, FieldErrors& errors);
/// Whether the selector (matchLabels and matchExpressions) matches the labels.
bool selector_matches(const json::Json& selector, const LabelMap& labels);

}  // namespace models::kubernetes
