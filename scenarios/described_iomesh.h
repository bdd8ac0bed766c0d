#pragma once
// `cluster.iomesh` of a scenario: the StatefulSets of its servers, the chunks and what lies on them.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "models/iomesh/state.h"
#include "models/kubernetes/cluster_classes.h"
#include "scenarios/commands/command.h"
#include "scenarios/described_cluster.h"
#include "scenarios/language/cluster.h"
#include "scenarios/language/diagnostic.h"
#include "sim/result.h"

namespace scenarios {

/// Fills in the state and binds each chunk's disks to its node: pods of described chunks start there.
/// @return the StatefulSets to create.
std::vector<DescribedObject> make_iomesh(const language::IOMesh& described, models::iomesh::Turn& turn,
                                         models::kubernetes::ClusterClasses& classes,
                                         language::Diagnostics& diagnostics);

/// What the public record does not settle, as the scenario says it.
models::iomesh::Parameters parameters_of(const language::IOMeshParameters& from,
                                         language::Diagnostics& diagnostics);
std::optional<std::uint32_t> parse_ipv4(std::string_view text);

/// The values files that helm and `edit:` may name: mappings among `files`, and iomesh.yaml as the
/// installation left it where the scenario gives none.
void take_values_files(models::iomesh::State& state, std::vector<commands::ManifestFile>& files);

/// Adds every parameter and where it is from.
void tell_parameters(const language::IOMesh& described, const models::iomesh::State& state,
                     std::vector<sim::Basis>& basis);

}  // namespace scenarios
