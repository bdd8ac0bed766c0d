// A server as `openstack server show` prints it.
// Source: nova/api/openstack/compute/views/servers.py (fields by microversion), python-openstackclient
// openstackclient/compute/v2/server.py, _prep_server_detail.

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/commands/openstack_action.h"

namespace scenarios::commands {

namespace {

using Json = nlohmann::ordered_json;
using openstack::Server;

std::string hex_id(std::string_view name) {
  std::string id = openstack::make_id(name, 0);
  std::erase(id, '-');
  return id;
}

/// A hash of project and host: real clouds print a sha224.
std::string host_id(const openstack::State& state, const Server& server) {
  if (server.host == openstack::kNone) {
    return {};
  }
  const std::string name =
      fmt::format("{}{}", server.project, state.hosts[static_cast<std::size_t>(server.host)].name);
  return (hex_id(name) + hex_id(name + "/")).substr(0, 56);
}

/// Which statuses show a progress. Source: views/servers.py, _progress_statuses.
bool shows_progress(openstack::VmState state) {
  return state == openstack::VmState::active || state == openstack::VmState::building ||
         state == openstack::VmState::deleted;
}

class Fields {
 public:
  Fields(const ClientTurn& turn, const Server& server, int minor)
      : turn_(turn), state_(turn.state()), server_(server), minor_(minor) {}

  std::vector<ClientField> all() {
    states();
    times();
    rest();
    if (turn_.caller.admin) {
      of_admins();
    }
    newer();
    std::sort(fields_.begin(), fields_.end(),
              [](const ClientField& a, const ClientField& b) { return a.first < b.first; });
    return std::move(fields_);
  }

 private:
  void add(std::string name, Json value) {
    fields_.emplace_back(std::move(name), ClientValue(std::move(value)));
  }
  void add(std::string name, Json value, std::string shown) {
    fields_.emplace_back(std::move(name), ClientValue(std::move(value), std::move(shown)));
  }
  bool has(int minor) const { return minor_ >= minor; }

  Json host_name() const {
    return server_.host == openstack::kNone ? Json(nullptr)
                                            : Json(state_.hosts[static_cast<std::size_t>(server_.host)].name);
  }

  void states() {
    const std::string_view task = to_text(server_.task_state);
    add("OS-EXT-STS:power_state", static_cast<int>(server_.power_state),
        std::string(to_text(server_.power_state)));
    add("OS-EXT-STS:task_state", task.empty() ? Json(nullptr) : Json(task));
    add("OS-EXT-STS:vm_state", to_text(server_.vm_state));
    add("status", status_of(server_.vm_state));
    if (shows_progress(server_.vm_state)) {
      add("progress", 0);
    }
    if (!server_.fault.empty() && server_.vm_state == openstack::VmState::error) {
      add("fault", Json{{"code", 500},
                        {"created", client_time(state_, server_.fault_at) + "Z"},
                        {"message", server_.fault}});
    }
  }

  void times() {
    add("created", client_time(state_, server_.created) + "Z");
    add("updated", client_time(state_, server_.updated) + "Z");
    add("OS-SRV-USG:launched_at",
        server_.launched ? Json(client_time(state_, server_.launched_at) + ".000000") : Json(nullptr));
    add("OS-SRV-USG:terminated_at", nullptr);
  }

  void rest() {
    const bool placed =
        server_.host != openstack::kNone || server_.task_state == openstack::TaskState::spawning;
    const openstack::Flavor& flavor = state_.flavors[static_cast<std::size_t>(server_.flavor)];
    const openstack::Project& project = state_.projects[static_cast<std::size_t>(server_.project)];
    add("OS-DCF:diskConfig", "MANUAL");
    add("OS-EXT-AZ:availability_zone", placed ? "nova" : "");
    add("accessIPv4", "");
    add("accessIPv6", "");
    add("addresses", Json::object(), "");
    add("config_drive", "");
    add("hostId", host_id(state_, server_));
    add("id", server_.id);
    if (server_.shown_image() == openstack::kNone) {
      add("image", "N/A (booted from volume)");
    } else {
      const openstack::Image& image = state_.images[static_cast<std::size_t>(server_.shown_image())];
      add("image", fmt::format("{} ({})", image.name, image.id));
    }
    add("key_name", nullptr);
    add("name", server_.name);
    add("project_id", project.id);
    add("properties", Json::object(), "");
    add("user_id", hex_id("user of " + project.name));
    Json volumes = Json::array();
    std::string shown;
    for (const openstack::Volume& volume : server_.volumes) {
      if (volume.status == openstack::VolumeStatus::available) {
        continue;  // it was detached
      }
      volumes.push_back({{"id", volume.id}});
      shown += fmt::format("{}id='{}'", shown.empty() ? "" : "\n", volume.id);
    }
    add("volumes_attached", std::move(volumes), std::move(shown));
    constexpr int kFlavorInServer = 47;
    if (has(kFlavorInServer)) {
      const Json object = {{"vcpus", flavor.vcpus},
                           {"ram", flavor.ram_mb},
                           {"disk", flavor.disk_gb},
                           {"ephemeral", 0},
                           {"swap", 0},
                           {"original_name", flavor.name},
                           {"extra_specs", Json::object()}};
      std::string text;
      std::vector<std::string> keys;
      for (const auto& [key, value] : object.items()) {
        keys.push_back(fmt::format("{}='{}'", key, value.is_object() ? "" : python_text(value)));
      }
      std::sort(keys.begin(), keys.end());
      for (const std::string& key : keys) {
        text += (text.empty() ? "" : ", ") + key;
      }
      add("flavor", object, text);
    } else {
      add("flavor", fmt::format("{} ({})", flavor.name, flavor.id));
    }
  }

  void of_admins() {
    add("OS-EXT-SRV-ATTR:host", host_name());
    add("OS-EXT-SRV-ATTR:hypervisor_hostname", host_name());
    add("OS-EXT-SRV-ATTR:instance_name", fmt::format("instance-{:08x}", server_.number));
    constexpr int kExtended = 3;
    constexpr int kHostStatus = 16;
    if (has(kExtended)) {
      add("OS-EXT-SRV-ATTR:kernel_id", "");
      add("OS-EXT-SRV-ATTR:launch_index", 0);
      add("OS-EXT-SRV-ATTR:ramdisk_id", "");
      add("OS-EXT-SRV-ATTR:reservation_id", "r-" + hex_id(server_.id).substr(0, 8));
      add("OS-EXT-SRV-ATTR:root_device_name",
          server_.host == openstack::kNone && !server_.launched ? Json(nullptr) : Json("/dev/sda"));
      add("OS-EXT-SRV-ATTR:user_data", nullptr);
    }
    if (has(kHostStatus)) {
      const bool up =
          server_.host != openstack::kNone && state_.hosts[static_cast<std::size_t>(server_.host)].up;
      add("host_status", server_.host == openstack::kNone ? "" : up ? "UP" : "UNKNOWN");
    }
  }

  void newer() {
    // Source: nova/api/openstack/compute/rest_api_version_history.rst.
    constexpr int kHostnameForAdmins = 3;
    constexpr int kLocked = 9;
    constexpr int kDescription = 19;
    constexpr int kTags = 26;
    constexpr int kCertificates = 63;
    constexpr int kGroups = 71;
    constexpr int kLockedReason = 73;
    constexpr int kHostname = 90;
    if (has(turn_.caller.admin ? kHostnameForAdmins : kHostname)) {
      add("OS-EXT-SRV-ATTR:hostname", server_.name);
    }
    if (has(kLocked)) {
      add("locked", server_.locked);
    }
    if (has(kDescription)) {
      add("description", nullptr);
    }
    if (has(kTags)) {
      add("tags", Json::array(), "");
    }
    if (has(kCertificates)) {
      add("trusted_image_certificates", nullptr);
    }
    if (has(kGroups)) {
      add("server_groups", Json::array());
    }
    if (has(kLockedReason)) {
      add("locked_reason", nullptr);
    }
  }

  const ClientTurn& turn_;
  const openstack::State& state_;
  const Server& server_;
  int minor_;
  std::vector<ClientField> fields_;
};

}  // namespace

std::vector<ClientField> server_fields(const ClientTurn& turn, const openstack::Server& server, int minor) {
  return Fields(turn, server, minor).all();
}

}  // namespace scenarios::commands
