#pragma once
// metadata of API objects: reading it, and printing it.

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// A uid as the API prints it: a UUID that holds the number, the same in every run.
std::string uid_text(Uid uid);

/// Name, namespace (`default` where none is written; none for kinds without), creation and deletion times on
/// the time line that begins at `epoch`, generation.
void read_metadata(Cluster& cluster, const Json& object, bool namespaced, UnixSeconds epoch, Meta& meta);
/// The same without name and namespace.
void read_times(const Json& metadata, UnixSeconds epoch, Meta& meta);

/// metadata with what every object has: name, namespace, uid, resourceVersion, generation, creationTimestamp
/// and, of an object that is being deleted, deletionTimestamp.
Json metadata_json(const Cluster& cluster, const Meta& meta, std::string_view name, UnixSeconds epoch);
/// An entry of ownerReferences; null for no owner or one that is not modelled here. An owner that is gone
/// leaves its reference behind, as in the API: it is called `name_of_gone` then (0: not known, null).
Json owner_reference_json(const Cluster& cluster, const OwnerRef& owner, Text name_of_gone = 0);

/// What is kept of a workload for printing: annotations and finalizers, and the spec without its template,
/// whose text is stored with the template. As canonical JSON.
std::string kept_text(const Json& object);
/// A workload's kept part with its labels and template put back; empty parts where nothing was kept.
Json with_template(const Cluster& cluster, Text manifest, Text labels_json, TemplateId pod_template);
/// The template as JSON: as it was read, or made from its typed fields where there is no text.
Json template_json(const PodTemplate& pod_template);
/// Labels from the text that a workload keeps.
LabelMap labels_from(const Cluster& cluster, Text labels_json);

}  // namespace models::kubernetes::json
