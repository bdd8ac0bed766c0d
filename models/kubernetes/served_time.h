#pragma once
// Times as the API serves them.

#include <chrono>

#include "sim/time.h"

namespace models::kubernetes {

/// A time that a controller has read from an object: in whole seconds, so that it lies up to a second before
/// what was written. Scenarios begin on a full second. Source: apimachinery pkg/apis/meta/v1
/// Time.MarshalJSON, which formats by RFC 3339 without fractions; informers hold what was served.
inline sim::Time served(sim::Time at) {
  return at == sim::kNever ? at : std::chrono::floor<std::chrono::seconds>(at);
}

}  // namespace models::kubernetes
