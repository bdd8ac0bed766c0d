#pragma once
// PersistentVolumeClaims: reading them from JSON, and printing them.

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Fills a claim from defaulted JSON: name, size, class, volume, phase, protection, what is kept. Owners, and
/// which set's claim it is, are linked elsewhere.
void claim_from(Cluster& cluster, const Json& object, UnixSeconds epoch, PersistentVolumeClaim& out);
/// Reads a manifest: checks its fields, fills in defaults.
bool read_claim(Cluster& cluster, const Json& manifest, PersistentVolumeClaim& out, Problems& problems);

/// Access modes of a claim: its own, or those of the claim template that it was made of; ReadWriteOnce where
/// neither says (assumed).
std::vector<std::string> access_modes_of(const Cluster& cluster, const PersistentVolumeClaim& claim);
/// As `kubectl get -o json` shows it.
Json claim_json(const Cluster& cluster, const PersistentVolumeClaim& claim, UnixSeconds epoch);

}  // namespace models::kubernetes::json
