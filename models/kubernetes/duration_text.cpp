#include "models/kubernetes/duration_text.h"

#include <fmt/core.h>

#include <chrono>

namespace models::kubernetes {

namespace {

constexpr std::int64_t kMinute = 60;  // seconds
constexpr std::int64_t kHour = 60;    // minutes
constexpr std::int64_t kDay = 24;     // hours
constexpr std::int64_t kYear = 365;   // days

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
  if (seconds < 2 * kMinute) {
    return fmt::format("{}s", seconds);
  }
  const std::int64_t minutes = seconds / kMinute;
  if (minutes < 10) {
    return two_parts(minutes, 'm', seconds % kMinute, 's');
  }
  if (minutes < 3 * kHour) {
    return fmt::format("{}m", minutes);
  }
  const std::int64_t hours = minutes / kHour;
  if (hours < 8) {
    return two_parts(hours, 'h', minutes % kHour, 'm');
  }
  if (hours < 48) {
    return fmt::format("{}h", hours);
  }
  const std::int64_t days = hours / kDay;
  if (hours < kDay * 8) {
    return two_parts(days, 'd', hours % kDay, 'h');
  }
  if (hours < kDay * kYear * 2) {
    return fmt::format("{}d", days);
  }
  if (hours < kDay * kYear * 8) {
    return two_parts(days / kYear, 'y', days % kYear, 'd');
  }
  return fmt::format("{}y", days / kYear);
}

}  // namespace models::kubernetes
