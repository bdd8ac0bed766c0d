#pragma once
// All kinds of objects alike, as commands see them: what the API serves at this moment, without a lag.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/resource_kinds.h"
#include "scenarios/commands/emulated.h"
#include "scenarios/commands/selector.h"

namespace scenarios::commands {

using models::kubernetes::Kind;
using models::kubernetes::LabelMap;
using models::kubernetes::Meta;
using models::kubernetes::ResourceKind;
using models::kubernetes::Row;
using models::kubernetes::Uid;
using Json = nlohmann::ordered_json;

/// An object that the API serves.
struct ObjectRef {
  Kind kind = Kind::None;
  Row row = models::kubernetes::kNoRow;
  Uid uid = 0;
};

/// The object with that name; `name_space` does not matter for kinds without.
std::optional<ObjectRef> find_object(const Systems& systems, Kind kind, std::string_view name_space,
                                     std::string_view name);
/// The object with that uid, or nothing when it is gone.
std::optional<ObjectRef> find_uid(const Systems& systems, Uid uid);
/// All objects of a kind in a namespace, or in all; in the order of etcd's keys, as the API lists them.
std::vector<ObjectRef> list_objects(const Systems& systems, Kind kind,
                                    std::optional<std::string_view> name_space);

const Meta& meta_of(const Systems& systems, const ObjectRef& object);
std::string name_of(const Systems& systems, const ObjectRef& object);
std::string namespace_of(const Systems& systems, const ObjectRef& object);
/// All labels, sorted.
LabelMap labels_of(const Systems& systems, const ObjectRef& object);
bool matches(const Systems& systems, const ObjectRef& object, const Selector& selector);
/// The object as the API serves it.
Json object_json(const Systems& systems, const ObjectRef& object,
                 models::kubernetes::json::UnixSeconds epoch);

/// `statefulset.apps/x`: how kubectl's NamePrinter calls an object.
std::string printed_name(const Systems& systems, const ObjectRef& object);

/// Asks the API to delete an object. `grace_seconds` -1 is the pod's own. @return no error when it was
/// accepted.
models::kubernetes::ApiError delete_object(Systems& systems, const ObjectRef& object, By by,
                                           std::int64_t grace_seconds,
                                           models::kubernetes::Propagation propagation);

/// The words of kubectl for a refused change of a MiniCluster.
void add_minicluster_refusal(KubectlErrors& errors, std::string_view name, const std::string& error,
                             const models::kubernetes::json::Problems& problems);

}  // namespace scenarios::commands
