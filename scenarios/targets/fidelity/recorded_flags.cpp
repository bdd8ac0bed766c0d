#include "scenarios/targets/fidelity/recorded_flags.h"

#include <fmt/core.h>

#include <charconv>
#include <string_view>

#include "scenarios/commands/duration_text.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;

bool take(std::string_view flag, kubernetes::ComponentSettings& components) {
  const std::size_t mark = flag.find('=');
  if (mark == std::string_view::npos) {
    return false;
  }
  const std::string_view name = flag.substr(0, mark);
  const std::string_view value = flag.substr(mark + 1);
  if (name == "--node-monitor-grace-period") {
    const commands::GoDuration read = commands::parse_go_duration(value);
    if (read.duration && *read.duration > sim::Duration::zero()) {
      components.node_monitor_grace = *read.duration;
      return true;
    }
  } else if (name == "--terminated-pod-gc-threshold") {
    std::int64_t threshold = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), threshold);
    if (error == std::errc() && end == value.data() + value.size()) {
      components.terminated_pod_threshold = threshold;
      return true;
    }
  } else if (name == "--disable-force-detach-on-timeout" && (value == "true" || value == "false")) {
    components.force_detach_on_timeout = value == "false";
    return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> take_flags(const nlohmann::ordered_json& flags,
                                    kubernetes::ComponentSettings& components) {
  std::vector<std::string> unread;
  if (!flags.is_object()) {
    return unread;
  }
  for (const auto& [component, list] : flags.items()) {
    for (const auto& flag : list) {
      const std::string text = flag.is_string() ? flag.get<std::string>() : flag.dump();
      if (component != "kube-controller-manager" || !take(text, components)) {
        unread.push_back(fmt::format("{} {}", component, text));
      }
    }
  }
  return unread;
}

}  // namespace scenarios::targets
