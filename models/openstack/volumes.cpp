#include "models/openstack/volumes.h"

#include <fmt/format.h>

#include <utility>

namespace models::openstack {

namespace {

Volume& volume_at(Turn& turn, const VolumePlace& place) {
  return turn.at(place.server).volumes[place.volume];
}

constexpr std::int32_t kBadRequest = 400;
constexpr std::int32_t kNotFound = 404;
constexpr std::int32_t kConflict = 409;

/// Refuses what servers on the shelf know from 2.20 on only. Source: volume_attachments.py,
/// _check_request_version.
Answer check_version(Turn& turn, const Server& server, Request request, int minor) {
  constexpr int kOnTheShelf = 20;
  const bool shelved = server.vm_state == VmState::shelved || server.vm_state == VmState::shelved_offloaded;
  if (!shelved || minor >= kOnTheShelf) {
    return {};
  }
  return {kConflict,
          fmt::format("Cannot '{}' instance {} while it is in vm_state {}", name_of(request), server.id,
                      to_text(server.vm_state)),
          new_request_id(turn.state)};
}

void set_status(Turn& turn, const VolumePlace& place, VolumeStatus status, By by) {
  Volume& volume = volume_at(turn, place);
  volume.status = status;
  tell(turn, turn.at(place.server), Field::ServerVolume, by, 0, 0,
       fmt::format("volume {} {}", volume.name, to_text(status)));
}

}  // namespace

VolumePlace find_volume(const State& state, const Caller& caller, std::string_view name_or_id) {
  for (std::size_t i = 0; i < state.servers.size(); ++i) {
    const Server& server = state.servers[i];
    if (server.project != caller.project && !caller.admin) {
      continue;
    }
    for (std::size_t k = 0; k < server.volumes.size(); ++k) {
      if (server.volumes[k].id == name_or_id || server.volumes[k].name == name_or_id) {
        return {static_cast<std::int32_t>(i), k};
      }
    }
  }
  return {};
}

Answer detach_volume(Turn& turn, const Caller& caller, std::int32_t server, const VolumePlace& place,
                     int minor, By by) {
  Answer answer = check_version(turn, turn.at(server), Request::detach_volume, minor);
  if (!answer.ok()) {
    return answer;
  }
  const Volume& volume = volume_at(turn, place);
  if (place.server != server || volume.status == VolumeStatus::available) {
    return {kNotFound, fmt::format("Instance {} is not attached to volume {}", turn.at(server).id, volume.id),
            new_request_id(turn.state)};
  }
  if (volume.boot) {
    return {kBadRequest, "Cannot detach a root device volume", new_request_id(turn.state)};
  }
  answer = check(turn, caller, turn.at(place.server), Request::detach_volume);
  if (!answer.ok()) {
    return answer;
  }
  answer.request_id = new_request_id(turn.state);
  note_action(turn, turn.at(place.server), "detach_volume", answer.request_id);
  set_status(turn, place, VolumeStatus::available, by);
  return answer;
}

Answer attach_volume(Turn& turn, const Caller& caller, std::int32_t server, const VolumePlace& place,
                     int minor, By by, VolumePlace& attached) {
  Server& taker = turn.at(server);
  Answer answer = check_version(turn, taker, Request::attach_volume, minor);
  if (!answer.ok()) {
    return answer;
  }
  answer = check(turn, caller, taker, Request::attach_volume);
  if (!answer.ok()) {
    return answer;
  }
  const Volume volume = volume_at(turn, place);
  if (volume.status != VolumeStatus::available) {
    return {kBadRequest,
            fmt::format("Invalid input received: Invalid volume: Volume {} status must be available or "
                        "downloading to reserve, but the current status is {}.",
                        volume.id, to_text(volume.status)),
            new_request_id(turn.state)};
  }
  answer.request_id = new_request_id(turn.state);
  note_action(turn, taker, "attach_volume", answer.request_id);
  std::vector<Volume>& before = turn.at(place.server).volumes;
  before.erase(before.begin() + static_cast<std::ptrdiff_t>(place.volume));
  taker.volumes.push_back(volume);
  attached = {server, taker.volumes.size() - 1};
  const bool offloaded = taker.vm_state == VmState::shelved_offloaded;
  set_status(turn, attached, offloaded ? VolumeStatus::reserved : VolumeStatus::in_use, by);
  return answer;
}

}  // namespace models::openstack
