#pragma once
// Volumes of servers: attached, reserved while their server is on the shelf, detached.
//
// Source: nova/compute/api.py, attach_volume, detach_volume and _detach_volume_shelved_offloaded;
// nova/api/openstack/compute/volume_attachments.py, VolumeAttachmentController; cinder/volume/api.py,
// _attachment_reserve.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/openstack/requests.h"

namespace models::openstack {

/// Where a volume is: the server that has it, or had it last, and its place there.
struct VolumePlace {
  std::int32_t server = kNone;
  std::size_t volume = 0;

  [[nodiscard]] bool found() const { return server != kNone; }
};

/// A volume of the caller's project by its id or name; deleted servers leave theirs behind.
VolumePlace find_volume(const State& state, const Caller& caller, std::string_view name_or_id);

/// Takes a volume from a server, which need not have it. That this takes no time, with a guest as without
/// one, is assumed. `minor` is of the microversion 2.N: before 2.20 servers on the shelf neither give a
/// volume back nor take one.
Answer detach_volume(Turn& turn, const Caller& caller, std::int32_t server, const VolumePlace& place,
                     int minor, By by);

/// Gives an available volume to a server. @param attached  where it is afterwards.
Answer attach_volume(Turn& turn, const Caller& caller, std::int32_t server, const VolumePlace& place,
                     int minor, By by, VolumePlace& attached);

}  // namespace models::openstack
