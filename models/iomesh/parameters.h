#pragma once
// What the public record of IOMesh does not settle, or settles for some releases only: each a parameter with
// its origin, so that a verdict can say what it rests on.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/time.h"

namespace models::iomesh {

/// What an unregister does when its data does not fit on the others.
enum class Precheck : std::uint8_t {
  refuse,  ///< the command fails, nothing moves
  stall,   ///< what fits moves, then it waits for ever
};

struct Parameters {
  Precheck precheck = Precheck::refuse;
  bool move_provisioned = false;        ///< provisioned bytes move as well, not only written ones
  std::int32_t ceiling_percent = 95;    ///< of a chunk's capacity: no replica is placed above it
  std::int32_t warn_percent = 80;       ///< of the cluster's capacity
  std::int32_t rebalance_percent = 10;  ///< so far below the average use, a chunk is given data
  std::int64_t extent_bytes = std::int64_t{256} << 20U;
  std::int64_t migrate_bytes_per_second = std::int64_t{100} << 20U;  ///< of each node
  std::int64_t recover_bytes_per_second = std::int64_t{100} << 20U;  ///< of each node
  std::int64_t network_bytes_per_second = 1'250'000'000;             ///< of each node
  std::int32_t application_percent = 0;      ///< share of these limits that applications take
  std::int64_t client_bytes_per_second = 0;  ///< new data that clients write, without its further replicas
  sim::Duration command = std::chrono::seconds{1};
  sim::Duration scan = std::chrono::seconds{4};
  sim::Duration session_expiry = std::chrono::seconds{22};
  sim::Duration recovery_delay = std::chrono::seconds{600};
  sim::Duration connect = std::chrono::seconds{5};
  sim::Duration device_claim = std::chrono::seconds{30};
  sim::Duration election = std::chrono::seconds{5};
  sim::Duration operator_sync = std::chrono::seconds{1};
  sim::Duration helm = std::chrono::seconds{3};
};

/// A parameter as a report lists it.
struct KnownParameter {
  std::string_view name;    ///< the key of `cluster.iomesh` that sets it
  std::string_view kind;    ///< "source" or "assumed": what the default rests on
  std::string_view origin;  ///< where the default is from
  std::string (*value)(const Parameters&);
};
std::span<const KnownParameter> known_parameters();

/// "400GiB", "1.50TiB", "0B": bytes as the IOMesh resource prints them. Assumed: only 0B was ever published.
std::string size_text(std::int64_t bytes);
/// The reverse: "1.50TiB", "400Gi", "0B" or "123" in bytes; nothing for what is no size.
std::optional<std::int64_t> parse_size(std::string_view text);

}  // namespace models::iomesh
