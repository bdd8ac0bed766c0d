// terraform makes and deletes servers: the first half of hard scaling.
//
// Source: zonca/jetstream_kubespray cluster.tfvars and inventory/kubejetstream/terraform_apply.sh.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "scenarios/commands/hard_scaling.h"
#include "scenarios/commands/openstack_action.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

using models::timing::Key;

/// How often terraform looks at what it made. Source: terraform-provider-openstack, its state refresh.
constexpr sim::Duration kPoll = std::chrono::seconds{10};

/// A server's name cut at its number: `jetstream-k8s-node-nf-` and 3.
struct Numbered {
  std::string prefix;
  std::int32_t number = 0;
};

std::optional<Numbered> numbered(const std::string& name) {
  const std::size_t dash = name.rfind('-');
  Numbered out;
  if (dash == std::string::npos) {
    return std::nullopt;
  }
  const char* end = name.data() + name.size();
  const auto [stop, wrong] = std::from_chars(name.data() + dash + 1, end, out.number);
  out.prefix = name.substr(0, dash + 1);
  const bool ok = wrong == std::errc{} && stop == end && out.prefix.find("master") == std::string::npos;
  return ok ? std::optional(out) : std::nullopt;
}

/// `terraform apply` with a number of nodes.
class TerraformApply : public Action {
 public:
  explicit TerraformApply(std::int32_t nodes) : nodes_(nodes) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    if (systems.openstack == nullptr || !systems.openstack->given()) {
      fail(state, "rehearse: the scenario has no cluster.openstack");
      return;
    }
    const sim::Time now = systems.kubernetes.now();
    if (!state.started) {
      change(state, systems, by);
      if (!state.done) {
        state.deadline = now + drawn(systems, "terraform", Key::terraform_apply);
      }
      return;
    }
    if (now < state.deadline) {
      return;
    }
    const openstack::State& cloud = *systems.openstack;
    for (const std::uint32_t uid : state.waiting_for) {
      const std::int32_t found = cloud.find_uid(uid);
      const openstack::VmState vm_state = found == openstack::kNone
                                              ? openstack::VmState::deleted
                                              : cloud.servers[static_cast<std::size_t>(found)].vm_state;
      if (vm_state == openstack::VmState::error) {
        fail(state, fmt::format("Error: Error waiting for instance ({}) to become ready",
                                cloud.servers[static_cast<std::size_t>(found)].id));
        return;
      }
      if (vm_state == openstack::VmState::building) {
        state.deadline = now + kPoll;
        return;
      }
    }
    state.output += fmt::format("Apply complete! Resources: {} added, 0 changed, {} destroyed.\n",
                                state.waiting_for.size(), state.words.front());
    finish(state);
  }

 private:
  void change(CommandState& state, Systems& systems, By by) const {
    openstack::Turn turn = nova_turn(systems);
    const openstack::By writer{static_cast<std::uint16_t>(by.writer), by.cause};
    std::vector<std::int32_t> nodes;
    for (std::size_t i = 0; i < turn.state.servers.size(); ++i) {
      if (lives(turn.state.servers[i]) && numbered(turn.state.servers[i].name)) {
        nodes.push_back(static_cast<std::int32_t>(i));
      }
    }
    if (nodes.empty()) {
      fail(state, "rehearse: no server has a numbered name that terraform could go on from");
      return;
    }
    const openstack::Server model = turn.at(nodes.back());
    const std::string prefix = numbered(model.name)->prefix;
    std::int32_t destroyed = 0;
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {  // the highest first
      const auto name = numbered(turn.at(*node).name);
      if (name->prefix == prefix && name->number > nodes_) {
        const openstack::Answer answer =
            act(turn, turn.state.caller, *node, openstack::Request::remove, writer);
        if (!answer.ok()) {
          fail(state, fmt::format("Error: {}", answer.message));
          return;
        }
        ++destroyed;
      }
    }
    for (std::int32_t number = 1; number <= nodes_; ++number) {
      const std::string name = fmt::format("{}{}", prefix, number);
      const bool there =
          std::any_of(turn.state.servers.begin(), turn.state.servers.end(),
                      [&](const openstack::Server& server) { return lives(server) && server.name == name; });
      if (there) {
        continue;
      }
      const openstack::Answer answer =
          create(turn, turn.state.caller, {name, model.flavor, model.image, openstack::kNone}, writer);
      if (!answer.ok()) {
        fail(state, fmt::format("Error: Error creating OpenStack server: {}", answer.message));
        return;
      }
      turn.at(answer.server).kubernetes_node = name;
      state.waiting_for.push_back(turn.at(answer.server).uid);
    }
    state.words = {fmt::format("{}", destroyed)};
  }

  std::int32_t nodes_;
};

ActionPointer read_terraform(Reading& reading) {
  constexpr std::string_view kName = "number_of_k8s_nodes";
  std::int32_t nodes = -1;
  for (const std::string& variable : reading.flags.list("var")) {
    const std::size_t equals = variable.find('=');
    const std::string name = variable.substr(0, equals);
    if (equals == std::string::npos || (name != kName && name != std::string(kName) + "_no_floating_ip")) {
      reading.refuse(fmt::format("terraform variable {} is not modelled", name),
                     "modelled: number_of_k8s_nodes, number_of_k8s_nodes_no_floating_ip",
                     reading.place_of("var"));
      continue;
    }
    const char* end = variable.data() + variable.size();
    const auto [stop, wrong] = std::from_chars(variable.data() + equals + 1, end, nodes);
    if (wrong != std::errc{} || stop != end || nodes < 1) {
      reading.refuse(fmt::format("\"{}\" is no number of nodes", variable.substr(equals + 1)), {},
                     reading.place_of("var"));
    }
  }
  if (nodes < 0 && reading.problems.empty()) {
    reading.refuse("terraform apply needs the number of nodes", "write -var number_of_k8s_nodes=10");
  }
  if (!reading.given("auto-approve")) {
    reading.refuse("terraform apply would wait for a typed yes", "add -auto-approve");
  }
  return std::make_shared<TerraformApply>(nodes);
}

const FlagTable& terraform_flags() {
  static const Flags flags(Flags::Of::other, "terraform apply",
                           {{"var", 0, FlagType::text_list}, {"auto-approve", 0, FlagType::boolean}},
                           {{"var-file", 0, FlagType::text_list}, {"target", 0, FlagType::text_list}});
  return flags.table();
}

}  // namespace

const SubCommand kTerraformApply{
    "terraform",
    "apply",
    "",
    "Makes or deletes numbered servers, the highest first, until there are as many as "
    "`-var number_of_k8s_nodes=N` says.",
    terraform_flags,
    read_terraform};
}  // namespace scenarios::commands
