#pragma once
// The stored versions of a StatefulSet's template.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

/// Stands for a name that no object has yet, where texts are compared.
inline constexpr Text kUnknownText = 0xffffffffU;

/// `<set>-<hash>`: ten characters derived from the template's content.
///
/// Upstream hashes the serialized template with FNV-1a (32 bits) and encodes the decimal number character by
/// character in the alphabet of API names. Here the number is the template's 64-bit text hash (of its
/// manifest, or of all its fields where it has none) modulo 10^10: as long and as stable, but other
/// characters. Source: pkg/controller/history/controller_history.go ControllerRevisionName,
/// HashControllerRevision;
///         apimachinery pkg/util/rand SafeEncodeString.
/// @param collisions  how many names of this set were taken by other templates; part of what is hashed.
std::string revision_name(std::string_view set_name, const PodTemplate& pod_template,
                          std::uint32_t collisions = 0);

/// What a sync does about revisions.
struct RevisionChoice {
  enum class Change : std::uint8_t { None, Create, Renumber };
  Change change = Change::None;
  Row update_row = kNoRow;      ///< of the update revision; none when it is to be created
  std::int64_t number = 0;      ///< to be given to the revision that is created or renumbered
  Text current = kUnknownText;  ///< names
  Text update = kUnknownText;
  TemplateId current_template = 0;
  TemplateId update_template = 0;
  std::vector<Row> adopt;  ///< orphans with the set's labels
  std::vector<Row> known;  ///< all revisions of the set, oldest number first
};

/// Finds the update and the current revision of `set` among those seen: a template like the newest revision's
/// is no change; one like an older revision's makes that the newest (a rollback keeps its name); any other is
/// new. Source: stateful_set_control.go getStatefulSetRevisions, ListRevisions, AdoptOrphanRevisions.
RevisionChoice choose_revisions(const View& view, Row set_row, const StatefulSet& set);

/// The revisions to be deleted: neither current, update nor of a pod (`live`, names), and more than the
/// history limit keeps; the oldest first. Source: stateful_set_control.go truncateHistory.
std::vector<Row> superfluous_revisions(const View& view, const RevisionChoice& choice,
                                       const std::vector<Text>& live, std::int32_t history_limit);

}  // namespace models::kubernetes
