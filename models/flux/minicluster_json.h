#pragma once
// MiniClusters as manifests: apiVersion flux-framework.org/v1alpha2, kind MiniCluster.

#include <memory>
#include <optional>
#include <string>

#include "models/flux/minicluster.h"
#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::flux {

using kubernetes::json::Json;
using kubernetes::json::Problems;

/// A MiniCluster as a manifest or a snapshot describes it.
struct MiniClusterManifest {
  std::string name_space = "default";
  std::string name;
  MiniClusterSpec spec;
  std::optional<MiniClusterStatus> status;  ///< of a snapshot
  std::shared_ptr<const MiniClusterDetails> details;
};

/// A manifest, and what was found: wrong types and required fields that lack as errors in the words of the
/// API server's schema validation, fields that the resource does not have, and fields that no rule here
/// reads.
struct MiniClusterReading {
  std::optional<MiniClusterManifest> manifest;  ///< set only without errors
  Problems problems;
};

/// Reads an object. Absent fields get the defaults of the resource definition. `suspendWorkers: true` and
/// `restartWorkers: false` are read alike.
/// Source: flux-operator api/v1alpha2/minicluster_types.go and its branch suspend-workers; config/crd.
MiniClusterReading read_minicluster(const Json& object);

/// The object as the API serves it now, status included. `epoch`: seconds from 1970 to the scenario's start.
Json minicluster_json(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                      kubernetes::json::UnixSeconds epoch = 0);

/// The object as stored, without status and without what the API adds to metadata.
Json stored_json(const MiniCluster& minicluster);

/// Reads a duration as Flux writes it: "5s", "1.5m", "500ms", "30", "1h", "2d". nullopt: not one.
/// Source: flux-core src/common/libutil/fsd.c (RFC 23).
std::optional<sim::Duration> parse_flux_duration(std::string_view text);

}  // namespace models::flux
