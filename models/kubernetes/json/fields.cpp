#include "models/kubernetes/json/fields.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace models::kubernetes::json {

std::string child_path(std::string_view parent, std::string_view name) {
  return parent.empty() ? std::string(name) : fmt::format("{}.{}", parent, name);
}

std::string item_path(std::string_view path, std::size_t index) { return fmt::format("{}[{}]", path, index); }

const Json* member(const Json& object, std::string_view name) {
  if (!object.is_object()) {
    return nullptr;
  }
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (it.key() == name) {
      return it->is_null() ? nullptr : &*it;
    }
  }
  return nullptr;
}

const Json* at_path(const Json& object, std::string_view path) {
  const Json* value = &object;
  while (value != nullptr && !path.empty()) {
    const std::size_t dot = path.find('.');
    value = member(*value, path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return value;
}

Json& make_path(Json& object, std::string_view path) {
  Json* value = &object;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    Json& next = (*value)[std::string(path.substr(0, dot))];
    if (!next.is_object()) {
      next = Json::object();
    }
    value = &next;
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return *value;
}

std::int64_t int_or(const Json& object, std::string_view name, std::int64_t fallback) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : fallback;
}

bool bool_or(const Json& object, std::string_view name, bool fallback) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_boolean() ? value->get<bool>() : fallback;
}

std::string text_or(const Json& object, std::string_view name, std::string_view fallback) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string(fallback);
}

LabelMap labels_at(const Json& object, std::string_view name) {
  LabelMap labels;
  if (const Json* map = member(object, name); map != nullptr && map->is_object()) {
    for (auto it = map->begin(); it != map->end(); ++it) {
      labels.emplace_back(it.key(), it->is_string() ? it->get<std::string>() : std::string());
    }
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

Json to_json(const LabelMap& labels) {
  Json map = Json::object();
  for (const auto& [key, value] : labels) {
    map[key] = value;
  }
  return map;
}

std::string quantity_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : std::string();
}

namespace {

/// The number of exactly `size` digits at `text[at]`.
std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t size) {
  if (at + size > text.size()) {
    return std::nullopt;
  }
  int value = 0;
  for (const char c : text.substr(at, size)) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Seconds east of UTC that `Z`, `+02:00` stand for.
std::optional<int> zone_offset(std::string_view text) {
  if (text == "Z" || text == "z") {
    return 0;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
    return std::nullopt;
  }
  const std::optional<int> hours = digits_at(text, 1, 2);
  const std::optional<int> minutes = digits_at(text, 4, 2);
  if (!hours || !minutes) {
    return std::nullopt;
  }
  return (text[0] == '-' ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

}  // namespace

std::optional<UnixSeconds> parse_time(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
      text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = digits_at(text, 0, 4);
  const auto month = digits_at(text, 5, 2);
  const auto day = digits_at(text, 8, 2);
  const auto hour = digits_at(text, 11, 2);
  const auto minute = digits_at(text, 14, 2);
  const auto second = digits_at(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  std::size_t zone = 19;
  if (text[zone] == '.') {
    ++zone;
    while (zone < text.size() && text[zone] >= '0' && text[zone] <= '9') {
      ++zone;
    }
  }
  const std::optional<int> offset = zone_offset(text.substr(zone));
  if (!date.ok() || !offset) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return days * 86400 + *hour * 3600 + *minute * 60 + *second - *offset;
}

std::string time_text(UnixSeconds seconds) {
  std::int64_t days = seconds / 86400;
  std::int64_t rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / 3600,
                     rest / 60 % 60, rest % 60);
}

std::string time_text(sim::Time at, UnixSeconds epoch) {
  return time_text(epoch + std::chrono::floor<std::chrono::seconds>(at).count());
}

std::optional<sim::Time> time_at(const Json& object, std::string_view name, UnixSeconds epoch) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_string()) {
    return std::nullopt;
  }
  const std::optional<UnixSeconds> seconds = parse_time(value->get_ref<const std::string&>());
  // A time line of nanoseconds reaches some 292 years either way.
  constexpr std::int64_t kReach = 9'000'000'000;
  return seconds
             ? std::optional<sim::Time>{std::chrono::seconds{std::clamp(*seconds - epoch, -kReach, kReach)}}
             : std::nullopt;
}

bool same(const Json& a, const Json& b) {
  if (a.is_object() && b.is_object()) {
    if (a.size() != b.size()) {
      return false;
    }
    for (auto it = a.begin(); it != a.end(); ++it) {
      const auto other = b.find(it.key());
      if (other == b.end() || !same(*it, *other)) {
        return false;
      }
    }
    return true;
  }
  if (a.is_array() && b.is_array()) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same);
  }
  return a == b;
}

Json canonical(const Json& value) {
  if (value.is_object()) {
    std::vector<std::string> keys;
    for (auto it = value.begin(); it != value.end(); ++it) {
      keys.push_back(it.key());
    }
    std::sort(keys.begin(), keys.end());
    Json result = Json::object();
    for (const std::string& key : keys) {
      result[key] = canonical(value.at(key));
    }
    return result;
  }
  if (value.is_array()) {
    Json result = Json::array();
    for (const Json& item : value) {
      result.push_back(canonical(item));
    }
    return result;
  }
  return value;
}

}  // namespace models::kubernetes::json
