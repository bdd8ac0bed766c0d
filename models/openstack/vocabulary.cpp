#include "models/openstack/vocabulary.h"

#include <fmt/format.h>

#include <array>

namespace models::openstack {

namespace {

constexpr std::array<std::string_view, 9> kVmStates = {"building",  "active",  "stopped",           "paused",
                                                       "suspended", "shelved", "shelved_offloaded", "error",
                                                       "deleted"};
constexpr std::array<std::string_view, 9> kStatuses = {
    "BUILD", "ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "SHELVED", "SHELVED_OFFLOADED", "ERROR", "DELETED"};
constexpr std::array<std::string_view, 15> kTaskStates = {"",
                                                          "scheduling",
                                                          "spawning",
                                                          "shelving",
                                                          "shelving_image_pending_upload",
                                                          "shelving_image_uploading",
                                                          "shelving_offloading",
                                                          "unshelving",
                                                          "powering-on",
                                                          "powering-off",
                                                          "pausing",
                                                          "unpausing",
                                                          "suspending",
                                                          "resuming",
                                                          "deleting"};

template <class State>
std::string from_to(std::string_view what, const sim::Transition& transition) {
  const auto word = [](std::int32_t code) {
    const std::string_view text = to_text(static_cast<State>(code));
    return text.empty() ? std::string_view("None") : text;
  };
  return fmt::format("{} {} -> {}", what, word(transition.from), word(transition.to));
}

}  // namespace

std::string_view to_text(VmState state) { return kVmStates[static_cast<std::size_t>(state)]; }
std::string_view status_of(VmState state) { return kStatuses[static_cast<std::size_t>(state)]; }
std::string_view to_text(TaskState state) { return kTaskStates[static_cast<std::size_t>(state)]; }

std::string_view to_text(PowerState state) {
  switch (state) {
    case PowerState::nostate:
      return "NOSTATE";
    case PowerState::running:
      return "Running";
    case PowerState::paused:
      return "Paused";
    case PowerState::shutdown:
      return "Shutdown";
    case PowerState::suspended:
      return "Suspended";
  }
  return "NOSTATE";
}

std::string_view to_text(Writer writer) {
  switch (writer) {
    case Writer::Api:
      return "nova-api";
    case Writer::Conductor:
      return "nova-conductor";
    case Writer::Compute:
      return "nova-compute";
  }
  return "nova";
}

std::string describe(const sim::Transition& transition, const sim::History& history) {
  const std::string& text = history.text_at(transition.detail);
  switch (static_cast<Field>(transition.field)) {
    case Field::ServerVmState:
      return from_to<VmState>("vm_state", transition);
    case Field::ServerTaskState:
      return from_to<TaskState>("task_state", transition);
    case Field::ServerPowerState:
      return from_to<PowerState>("power_state", transition);
    case Field::ServerHost:
      return transition.to < 0 ? std::string("no host any more") : fmt::format("host {}", text);
    case Field::ServerLocked:
      return transition.to != 0 ? "locked" : "unlocked";
    case Field::ServerAction:
      return fmt::format("{} accepted", text);
    case Field::ServerActionFailed:
      return fmt::format("failed: {}", text);
    case Field::ServerGuest:
      return transition.to != 0 ? "the guest runs" : "the guest is off";
    case Field::ServerVolume:
    case Field::HostService:
      return text;
  }
  return {};
}

}  // namespace models::openstack
