#include "scenarios/described_cloud.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/openstack/scheduler.h"
#include "scenarios/language/nearest_word.h"

namespace scenarios {

namespace {

namespace openstack = models::openstack;
using language::Diagnostics;
using openstack::VmState;

constexpr std::int32_t kMiB = 1024;

std::int32_t number(const language::Located<std::int64_t>& value) {
  return value.given() ? static_cast<std::int32_t>(value.value) : openstack::kNone;
}

std::string plain_id(std::string_view name) {
  std::string id = openstack::make_id(name, 0);
  std::erase(id, '-');
  return id;
}

std::optional<VmState> vm_state_of(std::string_view status) {
  for (const VmState state :
       {VmState::active, VmState::stopped, VmState::shelved, VmState::shelved_offloaded}) {
    if (openstack::status_of(state) == status) {
      return state;
    }
  }
  return std::nullopt;
}

/// Puts a server into a state as if it had been there for long.
void settle(openstack::State& state, openstack::Server& server, VmState vm_state) {
  server.vm_state = vm_state;
  server.guest_on = vm_state == VmState::active;
  server.power_state = server.guest_on ? openstack::PowerState::running : openstack::PowerState::shutdown;
  server.launched = true;
  const bool shelved = vm_state == VmState::shelved || vm_state == VmState::shelved_offloaded;
  if (shelved) {
    server.shelved_at = {};
  }
  if (shelved && server.image != openstack::kNone && server.snapshot == openstack::kNone) {
    server.snapshot = static_cast<std::int32_t>(state.images.size());
    state.images.push_back({server.name + "-shelved", openstack::make_id(server.name + "-shelved", 0),
                            server.project, openstack::ImageStatus::active});
  }
  if (vm_state == VmState::shelved_offloaded) {
    server.host = openstack::kNone;
    server.allocation = openstack::kNone;
    for (openstack::Volume& volume : server.volumes) {
      volume.status = openstack::VolumeStatus::reserved;
    }
  }
}

class CloudMaker {
 public:
  CloudMaker(const language::OpenStack& described, openstack::Turn& turn, Diagnostics& diagnostics)
      : described_(described), turn_(turn), state_(turn.state), diagnostics_(diagnostics) {}

  void make() {
    project();
    flavors();
    hosts();
    for (const language::OpenStackServerEntry& entry : described_.servers) {
      servers(entry);
    }
  }

 private:
  void project() {
    const language::OpenStackQuota& quota = described_.quota;
    openstack::Project project;
    project.name = "project";
    project.id = plain_id("project");
    project.instances = number(quota.instances);
    project.cores = number(quota.cores);
    project.ram_mb = quota.ram_gb.given() ? number(quota.ram_gb) * kMiB : openstack::kNone;
    project.count_from_placement = quota.counting.value == "placement";
    state_.projects.push_back(std::move(project));
    state_.caller = {0, described_.role.value == "admin"};
    if (described_.shutdown_timeout.given()) {
      state_.shutdown_timeout = described_.shutdown_timeout.value;
    }
  }

  void flavors() {
    for (const auto& entry : described_.flavors) {
      openstack::Flavor flavor;
      flavor.name = entry.name.value;
      flavor.id = openstack::make_id(flavor.name, 0);
      flavor.vcpus = static_cast<std::int32_t>(entry.value.vcpus.value);
      flavor.ram_mb = static_cast<std::int32_t>(entry.value.ram_gb.value) * kMiB;
      flavor.disk_gb = static_cast<std::int32_t>(entry.value.disk_gb.value);
      flavor.units_per_hour =
          entry.value.units_per_hour.given() ? number(entry.value.units_per_hour) : flavor.vcpus;
      state_.flavors.push_back(std::move(flavor));
    }
  }

  void hosts() {
    for (const language::OpenStackHostEntry& entry : described_.hosts) {
      for (const std::string& name : entry.names.hosts) {
        openstack::Host host;
        host.name = name;
        host.vcpus = static_cast<std::int32_t>(entry.group.vcpus.value);
        host.ram_mb = static_cast<std::int32_t>(entry.group.ram_gb.value) * kMiB;
        host.disk_gb = static_cast<std::int32_t>(entry.group.disk_gb.value);
        host.shelved_offload_time = entry.group.never_offload.value
                                        ? sim::Duration{-1}
                                        : sim::Duration{entry.group.shelved_offload_time.value};
        host.shelved_poll_interval = entry.group.shelved_poll_interval.value;
        if (state_.find_host(name) != openstack::kNone) {
          diagnostics_.error(entry.names.at, "cluster.openstack.hosts",
                             fmt::format("host {} is described twice", name), "");
        }
        state_.hosts.push_back(std::move(host));
      }
    }
  }

  void servers(const language::OpenStackServerEntry& entry) {
    const language::OpenStackServers& group = entry.group;
    const std::int32_t flavor = state_.find_flavor(group.flavor.value);
    if (flavor == openstack::kNone) {
      std::vector<std::string> names;
      for (const openstack::Flavor& known : state_.flavors) {
        names.push_back(known.name);
      }
      diagnostics_.error(group.flavor.at, "cluster.openstack.servers.flavor",
                         fmt::format("there is no flavour {}", group.flavor.value),
                         language::did_you_mean(group.flavor.value, names));
      return;
    }
    if (!group.nodes.hosts.empty() && group.nodes.hosts.size() != entry.names.hosts.size()) {
      diagnostics_.error(
          group.nodes.at, "cluster.openstack.servers.nodes",
          fmt::format("{} nodes for {} servers", group.nodes.hosts.size(), entry.names.hosts.size()),
          "name one node for each server, in the same order");
      return;
    }
    for (std::size_t i = 0; i < entry.names.hosts.size(); ++i) {
      const std::string& name = entry.names.hosts[i];
      server(entry, name, flavor, group.nodes.hosts.empty() ? name : group.nodes.hosts[i]);
    }
  }

  void server(const language::OpenStackServerEntry& entry, const std::string& name, std::int32_t flavor,
              const std::string& node) {
    const language::OpenStackServers& group = entry.group;
    openstack::Server made;
    made.uid = turn_.next_uid++;
    turn_.context.history.introduce(made.uid, {});
    made.number = static_cast<std::int32_t>(state_.servers.size()) + 1;
    made.name = name;
    made.id = openstack::make_id(name, static_cast<std::uint32_t>(made.number));
    made.flavor = flavor;
    made.image = group.boot_from_volume.value ? openstack::kNone : image(group.image.value);
    made.locked = group.locked.value;
    made.kubernetes_node = node;
    volumes(made, group);
    const std::int32_t wanted = group.host.given() ? state_.find_host(group.host.value) : openstack::kNone;
    if (group.host.given() && wanted == openstack::kNone) {
      diagnostics_.error(group.host.at, "cluster.openstack.servers.host",
                         fmt::format("there is no host {}", group.host.value), "");
      return;
    }
    const std::int32_t host = openstack::choose_host(state_, made, wanted);
    if (host == openstack::kNone && group.status.value != "SHELVED_OFFLOADED") {
      diagnostics_.error(entry.names.at, "cluster.openstack.servers",
                         fmt::format("no host has room for server {}", name),
                         "describe more or larger hosts; nothing is overcommitted");
      return;
    }
    made.host = host;
    made.allocation = host;
    made.actions.push_back({"req-" + openstack::make_id("create of " + name, 0), "create", {}, false, {}});
    settle(state_, made, vm_state_of(group.status.value).value_or(VmState::active));
    state_.servers.push_back(std::move(made));
  }

  static void volumes(openstack::Server& server, const language::OpenStackServers& group) {
    const std::int64_t count = group.volumes.value + (group.boot_from_volume.value ? 1 : 0);
    for (std::int64_t i = 0; i < count; ++i) {
      openstack::Volume volume;
      volume.boot = group.boot_from_volume.value && i == 0;
      volume.name = fmt::format("{}-volume-{}", server.name, i);
      volume.id = openstack::make_id(volume.name, 0);
      server.volumes.push_back(std::move(volume));
    }
  }

  std::int32_t image(const std::string& name) {
    const std::int32_t found = state_.find_image(name);
    if (found != openstack::kNone) {
      return found;
    }
    state_.images.push_back(
        {name, openstack::make_id(name, 0), openstack::kNone, openstack::ImageStatus::active});
    return static_cast<std::int32_t>(state_.images.size()) - 1;
  }

  const language::OpenStack& described_;
  openstack::Turn& turn_;
  openstack::State& state_;
  Diagnostics& diagnostics_;
};

std::optional<nlohmann::json> server_list(const std::string& file) {
  constexpr std::size_t kListMax = std::size_t{64} << 20U;
  std::ifstream stream(file, std::ios::binary);
  char first = ' ';
  while ((first == ' ' || first == '\n') && stream.get(first)) {
  }
  if (first != '[') {
    return std::nullopt;
  }
  std::string text = "[";
  std::string block(std::size_t{1} << 16U, '\0');
  while ((stream.read(block.data(), static_cast<std::streamsize>(block.size())) || stream.gcount() > 0) &&
         text.size() < kListMax) {
    text.append(block, 0, static_cast<std::size_t>(stream.gcount()));
  }
  nlohmann::json list = nlohmann::json::parse(text, nullptr, false);
  const bool servers = list.is_array() && !list.empty() && list.front().is_object() &&
                       list.front().contains("Status") && list.front().contains("Name") &&
                       !list.front().contains("kind");
  return servers ? std::optional(std::move(list)) : std::nullopt;
}

}  // namespace

std::vector<ListedServer> listed_servers(const std::string& file) {
  std::vector<ListedServer> servers;
  const auto list = server_list(file);
  const auto text = [](const nlohmann::json& item, const char* key) {
    return item.contains(key) && item[key].is_string() ? item[key].get<std::string>() : std::string();
  };
  for (const nlohmann::json& item : list ? *list : nlohmann::json::array()) {
    ListedServer server;
    if (item.is_object()) {
      server = {text(item, "Name"), text(item, "ID"), text(item, "Status"), text(item, "Flavor"), {}};
    }
    const nlohmann::json networks =
        item.is_object() ? item.value("Networks", nlohmann::json()) : nlohmann::json();
    for (const nlohmann::json& network : networks.is_object() ? networks : nlohmann::json::object()) {
      for (const nlohmann::json& address : network) {
        if (address.is_string()) {
          server.addresses.push_back(address.get<std::string>());
        }
      }
    }
    servers.push_back(std::move(server));
  }
  return servers;
}

bool is_server_list(const std::string& file) { return server_list(file).has_value(); }

void read_server_list(const std::string& file, openstack::Turn& turn, Diagnostics& diagnostics) {
  for (const ListedServer& server : listed_servers(file)) {
    if (server.name.empty()) {
      diagnostics.warning({file, 1, 1}, "", "an entry of the list has no Name", "it is left out");
      continue;
    }
    openstack::State& state = turn.state;
    const auto found =
        std::find_if(state.servers.begin(), state.servers.end(),
                     [&](const openstack::Server& known) { return known.name == server.name; });
    if (found == state.servers.end()) {
      diagnostics.warning({file, 1, 1}, "",
                          fmt::format("server {} is not described in cluster.openstack", server.name),
                          "it is left out");
      continue;
    }
    const auto vm_state = vm_state_of(server.status);
    if (!vm_state) {
      diagnostics.error({file, 1, 1}, "",
                        server.status.empty() ? fmt::format("server {} has no Status", server.name)
                                              : fmt::format("server {} is {}, which no rehearsal begins with",
                                                            server.name, server.status),
                        "known here: ACTIVE, SHUTOFF, SHELVED, SHELVED_OFFLOADED");
      continue;
    }
    if (!server.id.empty()) {
      found->id = server.id;
    }
    settle(state, *found, *vm_state);
  }
}

std::set<std::string> nodes_without_power(const language::OpenStack& described) {
  std::set<std::string> nodes;
  for (const language::OpenStackServerEntry& entry : described.servers) {
    if (vm_state_of(entry.group.status.value) != VmState::active) {
      const std::vector<std::string>& carried =
          entry.group.nodes.given() ? entry.group.nodes.hosts : entry.names.hosts;
      nodes.insert(carried.begin(), carried.end());
    }
  }
  return nodes;
}

void make_cloud(const language::OpenStack& described, openstack::Turn& turn, Diagnostics& diagnostics) {
  CloudMaker(described, turn, diagnostics).make();
}

}  // namespace scenarios
