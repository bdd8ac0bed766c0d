#include "models/kubernetes/json/cluster_classes_json.h"

#include <algorithm>
#include <utility>

#include "models/kubernetes/json/placement_json.h"
#include "models/kubernetes/label_selector.h"

namespace models::kubernetes::json {

namespace {

/// What a volume shows of its driver counts as long as no CSIDriver says otherwise: of CSI, its volumes are
/// attached; of a provisioner whose volumes have another source, they are not.
/// Source: pkg/volume/csi/csi_plugin.go CanAttach, skipAttach; external-provisioner's annotation.
void note_driver(const Json& volume, ClusterClasses& classes) {
  const Json* csi = at_path(volume, "spec.csi");
  std::string driver = csi == nullptr ? std::string() : text_or(*csi, "driver");
  if (csi == nullptr) {
    const Json* metadata = member(volume, "metadata");
    const LabelMap annotations = metadata == nullptr ? LabelMap{} : labels_at(*metadata, "annotations");
    const std::string* provisioner = find_label(annotations, "pv.kubernetes.io/provisioned-by");
    driver = provisioner == nullptr ? std::string() : *provisioner;
  }
  const bool known = std::any_of(classes.drivers.begin(), classes.drivers.end(),
                                 [&](const StorageDriver& one) { return one.name == driver; });
  if (!driver.empty() && !known) {
    classes.drivers.push_back({std::move(driver), csi != nullptr});
  }
}

}  // namespace

bool take_cluster_class(const Json& object, ClusterClasses& classes) {
  const std::string kind = text_or(object, "kind");
  const Json* metadata = member(object, "metadata");
  const std::string name = metadata == nullptr ? std::string() : text_or(*metadata, "name");
  if (kind == "PriorityClass") {
    classes.priorities.push_back({name, static_cast<std::int32_t>(int_or(object, "value", 0)),
                                  bool_or(object, "globalDefault", false),
                                  text_or(object, "preemptionPolicy") != "Never"});
    return true;
  }
  if (kind == "StorageClass") {
    const LabelMap annotations = metadata == nullptr ? LabelMap{} : labels_at(*metadata, "annotations");
    const std::string* by_default = find_label(annotations, "storageclass.kubernetes.io/is-default-class");
    // Source: pkg/apis/storage/v1/defaults.go SetDefaults_StorageClass: Immediate where nothing is said.
    classes.storage.push_back({name, text_or(object, "volumeBindingMode", "Immediate") == "Immediate",
                               by_default != nullptr && *by_default == "true",
                               text_or(object, "provisioner")});
    return true;
  }
  if (kind == "CSIDriver") {
    const Json* spec = member(object, "spec");
    // Source: pkg/apis/storage/v1/defaults.go SetDefaults_CSIDriver: attached where nothing is said.
    // It stands before what volumes show.
    classes.drivers.insert(classes.drivers.begin(),
                           {name, spec == nullptr || bool_or(*spec, "attachRequired", true)});
    return true;
  }
  if (kind == "PersistentVolume") {
    note_driver(object, classes);
    if (const Json* required = at_path(object, "spec.nodeAffinity.required")) {
      classes.volumes.push_back({name, node_selector_terms(*required)});
    }
    return true;
  }
  return false;
}

}  // namespace models::kubernetes::json
