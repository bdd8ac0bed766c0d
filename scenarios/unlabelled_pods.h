#pragma once
// Pods of StatefulSets and DaemonSets that lack the label by which their controller knows their template, as
// those of a file written by hand do: the controller replaces them at once.

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "models/kubernetes/cluster.h"
#include "scenarios/language/diagnostic.h"

namespace scenarios {

class UnlabelledPods {
 public:
  /// Takes note of where such a pod stands; other objects are passed over.
  void take_object(const nlohmann::ordered_json& object, const language::Location& at);

  /// Warns, once a set, of pods that are going to be replaced for that. The cluster is complete.
  /// Source: kubernetes pkg/controller/statefulset/stateful_set_control.go, updateStatefulSet (a pod whose
  /// label is not the update revision); pkg/controller/daemon/util/daemonset_util.go IsPodUpdated.
  void warn(const models::kubernetes::Cluster& cluster, language::Diagnostics& diagnostics) const;

 private:
  std::map<std::string, language::Location> places_;  // by namespace/name
};

}  // namespace scenarios
