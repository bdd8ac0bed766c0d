#include "models/iomesh/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "models/timing/distribution.h"

namespace models::iomesh {

namespace {

std::string rate(std::int64_t bytes) { return size_text(bytes) + "/s"; }
std::string time(sim::Duration duration) { return timing::duration_text(duration); }

constexpr std::array kParameters = {
    KnownParameter{"precheck", "assumed", "what a failed precheck does is not published",
                   [](const Parameters& p) -> std::string {
                     return p.precheck == Precheck::refuse ? "refuse" : "stall";
                   }},
    KnownParameter{"moveProvisioned", "assumed", "whether unwritten space of thick volumes is copied",
                   [](const Parameters& p) -> std::string { return p.move_provisioned ? "true" : "false"; }},
    KnownParameter{"ceilingPercent", "assumed", "as Ceph's mon_osd_full_ratio",
                   [](const Parameters& p) { return fmt::format("{}", p.ceiling_percent); }},
    KnownParameter{"warnPercent", "source", "IOMesh documentation, Scale Cluster: usage above 80 %",
                   [](const Parameters& p) { return fmt::format("{}", p.warn_percent); }},
    KnownParameter{"rebalancePercent", "assumed",
                   "when data moves to a chunk that is emptier than the others",
                   [](const Parameters& p) { return fmt::format("{}", p.rebalance_percent); }},
    KnownParameter{"extentSize", "assumed", "the unit of placement is not published",
                   [](const Parameters& p) { return size_text(p.extent_bytes); }},
    KnownParameter{"migrateLimit", "source", "SmartX, data recovery policy: STATIC, 100 MiB/s a node",
                   [](const Parameters& p) { return rate(p.migrate_bytes_per_second); }},
    KnownParameter{"recoverLimit", "source", "SmartX, data recovery policy: 100 MiB/s a node",
                   [](const Parameters& p) { return rate(p.recover_bytes_per_second); }},
    KnownParameter{"networkLimit", "source", "IOMesh documentation, Prerequisites: 10 GbE",
                   [](const Parameters& p) { return rate(p.network_bytes_per_second); }},
    KnownParameter{"applicationLoad", "assumed", "how far migration yields to applications (mode AUTO)",
                   [](const Parameters& p) { return fmt::format("{} %", p.application_percent); }},
    KnownParameter{"clientWrites", "assumed", "how fast clients write new data",
                   [](const Parameters& p) { return rate(p.client_bytes_per_second); }},
    KnownParameter{"commandTime", "assumed", "a command in the meta leader's pod",
                   [](const Parameters& p) { return time(p.command); }},
    KnownParameter{"scanTime", "assumed", "the meta leader goes through its extents",
                   [](const Parameters& p) { return time(p.scan); }},
    KnownParameter{"sessionExpiry", "assumed",
                   "release notes of 1.0.0: node failure interrupts I/O for up to 22 s",
                   [](const Parameters& p) { return time(p.session_expiry); }},
    KnownParameter{"recoveryDelay", "assumed", "as Ceph's mon_osd_down_out_interval, 600 s",
                   [](const Parameters& p) { return time(p.recovery_delay); }},
    KnownParameter{"connectTime", "assumed", "a chunk server opens its session",
                   [](const Parameters& p) { return time(p.connect); }},
    KnownParameter{"deviceClaim", "assumed", "the operator claims the block devices of a new chunk",
                   [](const Parameters& p) { return time(p.device_claim); }},
    KnownParameter{"leaderElection", "assumed", "ZooKeeper notices that the leader is gone",
                   [](const Parameters& p) { return time(p.election); }},
    KnownParameter{"operatorSync", "assumed", "from the IOMesh resource to its StatefulSets",
                   [](const Parameters& p) { return time(p.operator_sync); }},
    KnownParameter{"helmTime", "assumed", "helm renders the chart and patches what differs",
                   [](const Parameters& p) { return time(p.helm); }},
};

}  // namespace

std::span<const KnownParameter> known_parameters() { return kParameters; }

std::string size_text(std::int64_t bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  std::int64_t whole = 1;
  while (unit + 1 < kUnits.size() && bytes / whole >= 1024) {
    whole *= 1024;
    ++unit;
  }
  const std::int64_t hundredths = bytes / whole * 100 + bytes % whole * 100 / whole;
  return hundredths % 100 == 0 ? fmt::format("{}{}", hundredths / 100, kUnits[unit])
                               : fmt::format("{}.{:02}{}", hundredths / 100, hundredths % 100, kUnits[unit]);
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  constexpr std::string_view kUnits = "KMGTP";
  std::int64_t hundredths = 0;
  std::size_t at = 0;
  int decimals = -1;
  for (; at < text.size() && (text[at] == '.' ? decimals < 0 : text[at] >= '0' && text[at] <= '9'); ++at) {
    if (text[at] == '.') {
      decimals = 0;
    } else if (decimals < 2) {  // further ones are below what a size is printed with
      constexpr std::int64_t kMost = std::int64_t{1} << 40U;
      if (hundredths > kMost) {
        return std::nullopt;
      }
      hundredths = hundredths * 10 + (text[at] - '0');
      decimals += decimals < 0 ? 0 : 1;
    }
  }
  for (int more = std::max(decimals, 0); more < 2; ++more) {
    hundredths *= 10;
  }
  std::string_view unit = text.substr(at);
  if (at == 0 || text == ".") {
    return std::nullopt;
  }
  if (unit.ends_with('B')) {
    unit.remove_suffix(1);
  }
  if (unit.empty()) {
    return hundredths / 100;
  }
  const std::size_t power = kUnits.find(unit.front());
  if (power == std::string_view::npos || unit.size() != 2 || unit[1] != 'i') {
    return std::nullopt;
  }
  const std::int64_t whole = std::int64_t{1} << (10U * (power + 1));
  constexpr std::int64_t kMost = std::int64_t{1} << 60U;
  if (hundredths / 100 > kMost / whole) {
    return std::nullopt;
  }
  return hundredths / 100 * whole + hundredths % 100 * whole / 100;
}

}  // namespace models::iomesh
