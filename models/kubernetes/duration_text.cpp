#include "models/kubernetes/duration_text.h"

#include <fmt/core.h>

#include <chrono>

namespace models::kubernetes {

namespace {

/// `<large><large_unit><small><small_unit>`, without the small part when it is zero.
std::string two_parts(std::int64_t large, char large_unit, std::int64_t small, char small_unit) {
  return small == 0 ? fmt::format("{}{}", large, large_unit)
                    : fmt::format("{}{}{}{}", large, large_unit, small, small_unit);
}

}  // namespace

std::string human_duration(sim::Duration span) {
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  if (seconds < -1) {
    return "<invalid>";
  }
  if (seconds < 0) {
    return "0s";
  }
  if (seconds < 2 * 60) {
    return fmt::format("{}s", seconds);
  }
  const std::int64_t minutes = seconds / 60;
  if (minutes < 10) {
    return two_parts(minutes, 'm', seconds % 60, 's');
  }
  if (minutes < 3 * 60) {
    return fmt::format("{}m", minutes);
  }
  const std::int64_t hours = minutes / 60;
  if (hours < 8) {
    return two_parts(hours, 'h', minutes % 60, 'm');
  }
  if (hours < 48) {
    return fmt::format("{}h", hours);
  }
  const std::int64_t days = hours / 24;
  if (hours < 24 * 8) {
    return two_parts(days, 'd', hours % 24, 'h');
  }
  if (hours < 24 * 365 * 2) {
    return fmt::format("{}d", days);
  }
  if (hours < 24 * 365 * 8) {
    return two_parts(days / 365, 'y', days % 365, 'd');
  }
  return fmt::format("{}y", days / 365);
}

}  // namespace models::kubernetes
