#pragma once

#include <string_view>

#include "scenarios/language/diagnostic.h"
#include "scenarios/language/yaml_document.h"

namespace scenarios::language {

/// Sets one value of a scenario's document before it is read: `cluster.miniclusters.flux-sample.size=6`,
/// `plan[0].at=30s`, `cluster.nodes."worker-[0-9]".cpu=4`. The value is YAML.
///
/// The path must exist in the field table; objects and list items must exist in the document, fields and
/// entries of a mapping of plain values may be new. Diagnostics name the file `--set`, line 1, with the
/// column in the argument. Returns false when nothing was set.
bool apply_override(Document& document, std::string_view assignment, Diagnostics& diagnostics);

}  // namespace scenarios::language
