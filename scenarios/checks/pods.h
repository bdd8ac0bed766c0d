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

/// Whether `flux resource list` of the condition's MiniCluster shows what it says.
bool flux_holds(const language::FluxResources& resources, const Observed& observed, std::string& missing);

}  // namespace scenarios::checks
