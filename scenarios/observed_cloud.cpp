#include "scenarios/observed_cloud.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "scenarios/described_cloud.h"
#include "scenarios/language/load.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;

/// What a scenario means that says no more of its cloud than that it has a flavour, a host and a server.
const language::OpenStack& nothing_said() {
  static const language::OpenStack cloud = *language::load_scenario_text(
                                                "apiVersion: rehearsal/v1\nscenario: cloud\ncluster: {nodes: "
                                                "{n: {cpu: 1, memory: 1Gi}}, openstack: "
                                                "{flavors: {f: {vcpus: 1, ramGB: 1}}, hosts: {h: {vcpus: 1, "
                                                "ramGB: 1}}, servers: {s: {flavor: f}}}}\n"
                                                "plan: [{step: none, wait: 1s}]\n",
                                                "")
                                                .scenario->cluster->openstack;
  return cloud;
}

struct Size {
  std::int64_t vcpus = 1;
  std::int64_t ram_gb = 1;
};

Size size_of(const kubernetes::Node& node, const kubernetes::Cluster& cluster) {
  constexpr std::int64_t kMillicores = 1000;
  constexpr std::int64_t kGiB = std::int64_t{1} << 30U;
  const kubernetes::NodeShape& shape = *cluster.node_shapes[node.shape];
  return {std::max<std::int64_t>(1, (shape.cpu_millicores + kMillicores - 1) / kMillicores),
          std::max<std::int64_t>(1, (shape.memory_bytes + kGiB - 1) / kGiB)};
}

/// The node that has the name of the server, or one of its addresses; empty: none.
std::string node_of(const ListedServer& server, const kubernetes::Cluster& cluster,
                    const NodeAddresses& addresses) {
  if (cluster.find_node(server.name) != kubernetes::kNoRow) {
    return server.name;
  }
  for (const auto& [node, known] : addresses) {
    const bool has = std::any_of(known.begin(), known.end(), [&](const std::string& address) {
      return std::find(server.addresses.begin(), server.addresses.end(), address) != server.addresses.end();
    });
    if (has && cluster.find_node(node) != kubernetes::kNoRow) {
      return node;
    }
  }
  return {};
}

}  // namespace

language::OpenStack observed_cloud(const std::vector<std::string>& server_lists,
                                   const kubernetes::Cluster& cluster, const NodeAddresses& addresses,
                                   std::vector<sim::Basis>& basis) {
  language::OpenStack cloud = nothing_said();
  const language::Entry<language::OpenStackFlavor> any_flavor = cloud.flavors.front();
  const language::OpenStackServerEntry any_server = cloud.servers.front();
  cloud.flavors.clear();
  cloud.servers.clear();
  std::map<std::string, Size> sizes;
  Size room{0, 0};
  for (const std::string& file : server_lists) {
    for (const ListedServer& listed : listed_servers(file)) {
      if (listed.name.empty()) {
        continue;  // which is told where the list is read for what its servers are
      }
      const std::string node = node_of(listed, cluster, addresses);
      const std::string flavor = listed.flavor.empty() ? "unknown" : listed.flavor;
      const Size size = node.empty() ? Size{} : size_of(cluster.nodes[cluster.find_node(node)], cluster);
      Size& largest = sizes[flavor];
      largest = {std::max(largest.vcpus, size.vcpus), std::max(largest.ram_gb, size.ram_gb)};
      language::OpenStackServerEntry server = any_server;
      server.names.hosts = {listed.name};
      server.names.at = {file, 1, 1};
      server.group.flavor.value = flavor;
      server.group.status.value = listed.status;
      server.group.nodes.hosts = {node.empty() ? listed.name : node};
      cloud.servers.push_back(std::move(server));
    }
  }
  for (const language::OpenStackServerEntry& server : cloud.servers) {
    room.vcpus += sizes[server.group.flavor.value].vcpus;
    room.ram_gb += sizes[server.group.flavor.value].ram_gb;
  }
  for (const auto& [name, size] : sizes) {
    language::Entry<language::OpenStackFlavor> flavor = any_flavor;
    flavor.name.value = name;
    flavor.value.vcpus.value = size.vcpus;
    flavor.value.ram_gb.value = size.ram_gb;
    cloud.flavors.push_back(std::move(flavor));
    basis.push_back(
        {fmt::format("openstack flavour {}: {} processors, {} GiB", name, size.vcpus, size.ram_gb), "assumed",
         "as its nodes offer; cluster.openstack.flavors says better"});
  }
  cloud.hosts.front().group.vcpus.value = std::max<std::int64_t>(1, room.vcpus);
  cloud.hosts.front().group.ram_gb.value = std::max<std::int64_t>(1, room.ram_gb);
  basis.push_back({"openstack: every server has room on its host, and no quota is reached", "assumed",
                   "a list of servers tells of neither; cluster.openstack does"});
  return cloud;
}

}  // namespace scenarios
