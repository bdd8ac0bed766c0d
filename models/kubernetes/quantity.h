#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace models::kubernetes {

/// Reads a resource quantity ("500m", "1.5", "32Gi", "2e3") as a whole number of 10^-`decimals` units,
/// rounded up; `decimals` is 3 for processor time in thousandths of a core, 0 for bytes and counts. nullopt:
/// not a quantity, or too large for 63 bits. Source: apimachinery pkg/api/resource/quantity.go, ParseQuantity
/// and ScaledValue.
std::optional<std::int64_t> parse_quantity(std::string_view text, int decimals = 0);

/// `10`, `500m`. Source: quantity.go CanonicalizeBytes, for DecimalSI.
std::string cpu_text(std::int64_t millicores);
/// `32Gi`, `512Mi`, `17`: the largest binary suffix that loses nothing.
std::string bytes_text(std::int64_t bytes);

}  // namespace models::kubernetes
