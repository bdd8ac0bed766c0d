#pragma once

#include "models/kubernetes/label_selector.h"

namespace models::kubernetes {

/// Whether the selector asks for a label that differs among pods that are otherwise alike, see
/// Cluster::label_of.
bool tells_siblings_apart(const LabelSelector& selector);

}  // namespace models::kubernetes
