#pragma once

#include <string>

#include "sim/time.h"

namespace models::kubernetes {

/// An age or a span as kubectl's tables print it: two or three significant figures, cut, never rounded
/// ("119s", "2m42s", "150m", "5h5m", "3d4h", "400d"). Negative spans of more than a second are `<invalid>`.
/// Source: apimachinery pkg/util/duration/duration.go, HumanDuration.
std::string human_duration(sim::Duration span);

}  // namespace models::kubernetes
