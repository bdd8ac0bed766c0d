#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scenarios/language/parsed.h"

namespace scenarios::language {

/// An amount of processor time in thousandths of a core, as the scheduler counts it.
struct MilliCpu {
  std::int64_t value = 0;
  friend bool operator==(const MilliCpu&, const MilliCpu&) = default;
};

/// An amount of memory or storage.
struct Bytes {
  std::int64_t value = 0;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

/// Reads a Kubernetes resource quantity (`10`, `500m`, `1.5`, `2e3`) in thousandths of a core, rounded up.
/// Source: Kubernetes apimachinery pkg/api/resource/quantity.go, ParseQuantity and ScaledValue.
Parsed<MilliCpu> parse_cpu(std::string_view text);

/// Reads a Kubernetes resource quantity (`32Gi`, `500M`, `1e9`) in bytes, rounded up.
Parsed<Bytes> parse_bytes(std::string_view text);

/// `10`, `500m`.
std::string format_cpu(MilliCpu cpu);
/// `32Gi`, `1500M`, `17`: the largest binary or decimal suffix that loses nothing.
std::string format_bytes(Bytes bytes);

}  // namespace scenarios::language
