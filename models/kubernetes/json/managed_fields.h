#pragma once
// Who wrote a version of an object, from its metadata.managedFields.
//
// What the API server keeps there (Source: apimachinery
// pkg/util/managedfields/internal/managedfieldsupdater.go, structured-merge-diff merge/update.go):
// - A write that takes fields (adds them or changes their values) stamps the entry of its manager, operation
//   and subresource with the second of the write. Two writes of one manager within a second look like one.
// - A write that only removes fields stamps nothing: the fields leave the entries of those who owned them.
// - Deletion requests, bindings and evictions pass by the field manager: no entry changes. Source:
//   registry/core/pod/storage/storage.go BindingREST.setPodHostAndAnnotations,
//   registry/generic/registry/store.go.
// - Without a fieldManager in the request the manager is the User-Agent up to its first slash, so that all
//   controllers of kube-controller-manager have one name. Source: apiserver endpoints/handlers/create.go
//   managerOrUserAgent; client-go rest/config.go AddUserAgent.

#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/vocabulary.h"

namespace models::kubernetes::json {

/// One entry, as far as it tells who wrote.
struct ManagedEntry {
  std::string manager;
  std::string operation;    ///< Update or Apply
  std::string subresource;  ///< status, scale …; empty: the object itself
  UnixSeconds time = 0;
  std::uint64_t fields = 0;  ///< a hash of fieldsV1
  friend bool operator==(const ManagedEntry&, const ManagedEntry&) = default;
};
using ManagedFields = std::vector<ManagedEntry>;

/// The entries of an object; none where the cluster or the watch left them out. A reader that streams may put
/// a hash of its own (an unsigned number) in the place of fieldsV1.
ManagedFields read_managed_fields(const Json& object);

/// Which property of an object a write was about.
enum class Aspect : std::uint8_t {
  Creation,
  Spec,       ///< also labels, annotations and, of a claim, its volume
  Status,     ///< the subresource
  Owner,      ///< ownerReferences
  Finalizer,  ///< a finalizer was removed
};

/// The manager of the write that made `after` of `before`; empty if it cannot be told.
///
/// The newest entry of the aspect's subresource that got a new time; else the one whose fields changed (a
/// removal: the former owner of the fields is taken for the remover); else, for a status, the newest, which
/// then wrote twice within a second. Entries that are equally new but of different managers tell nothing.
std::string changed_by(const ManagedFields& before, const ManagedFields& after, Aspect aspect);

/// The writer that `manager` is when it writes this aspect of an object of `kind`, whose controller is of
/// kind `owner` (`Kind::MiniCluster` for the Flux Operator's). `None` for managers that are not known.
Writer writer_called(std::string_view manager, Kind kind, Aspect aspect, Kind owner);

/// The writer that the reason of a pod's condition DisruptionTarget names: it also requests the deletion.
/// `None` for other reasons. An eviction through the API is a person's (a drain).
Writer writer_of_disruption(std::string_view reason);

}  // namespace models::kubernetes::json
