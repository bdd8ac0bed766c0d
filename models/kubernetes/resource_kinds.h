#pragma once
// The kinds by the names that people and programs call them.

#include <span>
#include <string>
#include <string_view>

#include "models/kubernetes/objects.h"

namespace models::kubernetes {

/// What the API's discovery says of a kind.
struct ResourceKind {
  Kind kind;
  std::string_view kind_name;    ///< StatefulSet
  std::string_view resource;     ///< statefulsets
  std::string_view singular;     ///< statefulset
  std::string_view short_name;   ///< sts; empty: none
  std::string_view group;        ///< apps; empty is the core group
  std::string_view api_version;  ///< apps/v1
  bool namespaced;

  /// As printed before a name: `statefulset.apps` of `statefulset.apps/x`, `pod`.
  [[nodiscard]] std::string prefix() const;
  /// As errors of the API name it: `statefulsets.apps`, `pods`.
  [[nodiscard]] std::string group_resource() const;
  /// As errors about content name it: `StatefulSet.apps`, `Pod`.
  [[nodiscard]] std::string group_kind() const;
};

/// All kinds known here, MiniCluster (of models/flux) included.
std::span<const ResourceKind> resource_kinds();
/// The kind that a command means by `word`: `po`, `pods`, `pod`, `sts`, `statefulsets.apps`,
/// `statefulsets.v1.apps` …, in any case. nullptr if there is none.
/// Source: the RESTMapper and shortcut expander of k8s.io/client-go restmapper.
const ResourceKind* find_resource(std::string_view word);
/// The kind of a manifest's `kind` ("StatefulSet"); nullptr if there is none.
const ResourceKind* find_kind(std::string_view kind_name);
const ResourceKind& resource_of(Kind kind);

}  // namespace models::kubernetes
