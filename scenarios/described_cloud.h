#pragma once
// `cluster.openstack` of a scenario as the state in which its world begins.

#include <set>
#include <string>
#include <vector>

#include "models/openstack/state.h"
#include "scenarios/cluster_files.h"
#include "scenarios/language/diagnostic.h"
#include "scenarios/language/openstack.h"

namespace scenarios {

/// A server as `openstack server list -f json` shows it.
struct ListedServer {
  std::string name;  ///< empty: the list does not tell, nor is it a server then
  std::string id;
  std::string status;
  std::string flavor;                  ///< empty: the list does not tell
  std::vector<std::string> addresses;  ///< in all its networks
};
std::vector<ListedServer> listed_servers(const std::string& file);

/// Whether a file holds what `openstack server list -f json` prints.
bool is_server_list(const std::string& file);

/// Reads such a list: a server that the scenario describes takes the status that it has there; others are a
/// diagnostic.
void read_server_list(const std::string& file, models::openstack::Turn& turn,
                      language::Diagnostics& diagnostics);

/// The nodes whose servers do not run when the scenario begins.
std::set<std::string> nodes_without_power(const language::OpenStack& described);

/// Makes hosts, flavours, the project and the servers. Servers that fit on no host are a diagnostic.
void make_cloud(const language::OpenStack& described, models::openstack::Turn& turn,
                language::Diagnostics& diagnostics);

}  // namespace scenarios
