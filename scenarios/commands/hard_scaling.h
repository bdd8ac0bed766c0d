#pragma once
// What terraform and Ansible have in common, which make and delete servers and their nodes.

#include <string_view>

#include "models/timing/profile.h"
#include "scenarios/commands/emulated.h"

namespace scenarios::commands {

/// Whether the server has not been deleted.
inline bool lives(const models::openstack::Server& server) {
  return server.vm_state != models::openstack::VmState::deleted;
}

/// A draw of a timing for one run of a program.
inline sim::Duration drawn(Systems& systems, std::string_view entity, models::timing::Key key) {
  const models::timing::Distribution& timing = systems.kubernetes.cluster.settings->profile.at(key);
  return systems.kubernetes.context.choices.duration(
      {sim::text_hash(entity), static_cast<std::uint32_t>(key), 0}, timing);
}

/// Whether an option of ansible-playbook takes the next word as its value.
bool ansible_option_takes_value(std::string_view word);

}  // namespace scenarios::commands
