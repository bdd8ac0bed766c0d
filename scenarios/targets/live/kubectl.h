#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/cluster_version.h"
#include "scenarios/targets/programs/programs.h"

namespace scenarios::targets {

/// The whole output of a program that ends; nothing, and why, when it cannot be started, fails, or takes more
/// than a minute. Events of other processes that come meanwhile are appended to `others`; without it nothing
/// else may run.
std::optional<std::string> output_of(Programs& programs, const std::vector<std::string>& arguments,
                                     std::string& problem, std::deque<ProgramEvent>* others = nullptr);

/// What is there to talk to.
struct KubectlVersions {
  std::string client;  ///< "v1.32.2"
  std::string server;
};
/// Asks kubectl for its version and the cluster's. @return nothing, and why, without kubectl, without a
/// cluster that answers, with a kubectl older than 1.21, whose watches do not tell all that is needed, or
/// with one that is more than one minor version older than the cluster, which it does not support.
std::optional<KubectlVersions> kubectl_versions(Programs& programs, std::string& problem);

/// What is wrong with the kubeconfig files that kubectl would read, for a person: KUBECONFIG names none that
/// is there. Empty where nothing is.
std::string kubeconfig_problem();

/// The feature gates of the API server, as its metrics tell them (since 1.26); empty where they may not be
/// read.
std::vector<std::pair<std::string, bool>> feature_gates(Programs& programs);

}  // namespace scenarios::targets
