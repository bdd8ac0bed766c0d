#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/checks/check.h"

namespace scenarios::checks {

/// The pod's name without a Job's random suffix: `<job>-<index>`, which is also its hostname.
std::string short_name(const models::kubernetes::Cluster& cluster, const models::kubernetes::Pod& pod);

/// The pods that the API serves under a name, with or without a Job's suffix; several while one terminates.
std::vector<models::kubernetes::Row> pods_named(const models::kubernetes::Cluster& cluster,
                                                std::string_view name);

/// Phase Running and no deletion requested.
bool is_running(const models::kubernetes::Pod& pod);

/// The word of `kubectl get pods`, column STATUS.
std::string status_word(const models::kubernetes::Cluster& cluster, models::kubernetes::Row row);

/// Whose history tells why a pod is where it should not be, or is not as it should be: the pod's own where it
/// is unwell (not Ready, leaving, ended), else its owner's. `row` is kNoRow for a pod that does not exist:
/// then the workload's that would have a pod of that name; 0 if there is none.
models::kubernetes::Uid explained_by(const models::kubernetes::Cluster& cluster, models::kubernetes::Row row,
                                     std::string_view name);

/// Whether `flux resource list` of the condition's MiniCluster shows what it says.
bool flux_holds(const language::FluxResources& resources, const Observed& observed, plan::Missing& missing);

}  // namespace scenarios::checks
