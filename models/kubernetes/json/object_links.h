#pragma once
// What ties an object of a real cluster to others: its controller, the name that follows from its owner's,
// the template that it shares with the owner's other pods. For the snapshot and the mirror.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// The text at a path of plain names; empty if there is none.
std::string text_at(const Json& object, std::string_view path);
/// `default/web-0`; of an object without a namespace, its name.
std::string display_name(const Json& object);
/// The number after `prefix` in `name`; nullopt if there is no such name.
std::optional<std::int32_t> number_after(std::string_view name, std::string_view prefix);
/// The owner reference with `controller: true`; nullptr if there is none.
const Json* controller_of(const Json& object);
/// The finalizer that keeps an owner until its dependents were seen to.
DeletionFinalizer deletion_finalizer(const Json& object);

/// Whether a label follows from a pod's identity: controllers add it to their pods, and it is not stored.
bool is_derived(std::string_view key);

/// The labels that controllers add to their pods, which are not stored, are taken out.
void erase_derived(LabelMap& labels);

/// Name, index and annotations of a pod whose controller is a workload called `owner_name`. A
/// name that does not follow from the owner's is kept as it is.
void read_identity(Cluster& cluster, const Json& metadata, const LabelMap& labels, Kind owner,
                   std::string_view owner_name, Pod& out);
/// Which finalizers a pod has.
void read_finalizers(const Json& metadata, Pod& out);

/// The template of the set's revision called `name`; nullopt if that revision is not there.
std::optional<TemplateId> known_revision(const Cluster& cluster, Row set, Text name);
/// Names and images of a pod's containers, init containers first.
using ContainerImages = std::vector<std::pair<std::string, std::string>>;
ContainerImages images_of(const PodTemplate& pod_template);
/// The template that a pod with these containers shares with its owner, where it is known: that of the pod's
/// revision, or the owner's own if the pod runs it. A set whose status does not say which revision is current
/// shares it with pods that run the same images.
std::optional<TemplateId> owner_template(const Cluster& cluster, const Pod& pod,
                                         const ContainerImages& images);
/// The owner's template where the pod shares it, else one made of the pod itself.
TemplateId choose_template(Cluster& cluster, const Json& object, const LabelMap& labels, const Pod& pod,
                           Problems& problems);
/// Stores the pod's labels where they are not those of its template.
void set_own_labels(Cluster& cluster, const LabelMap& labels, Pod& pod);

/// Which StatefulSet's claim, for which ordinal, a claim is by its name. Changes nothing if no set that is
/// there makes claims of this name.
void link_claim_to_set(const Cluster& cluster, std::string_view name, PersistentVolumeClaim& claim);

}  // namespace models::kubernetes::json
