// ansible-playbook with the playbooks of kubespray that make nodes of servers, and take nodes away again.
//
// Source: kubernetes-sigs/kubespray playbooks/scale.yml: every host of the inventory is touched again, plays
// are any_errors_fatal, nodes join near the end; playbooks/remove_node.yml with roles/remove_node and
// roles/reset; zonca/jetstream_kubespray k8s_scale.sh, k8s_remove_node.sh.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "models/kubernetes/node_power.h"
#include "scenarios/commands/api_objects.h"
#include "scenarios/commands/hard_scaling.h"
#include "scenarios/commands/openstack_action.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;
using models::timing::Key;

// Exit codes. Source: ansible lib/ansible/executor/task_queue_manager.py.
constexpr int kFailed = 2;
constexpr int kUnreachable = 4;

/// Whether `name` is what a pattern with `*` and `?` describes.
bool matches_glob(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) {
    return name.empty();
  }
  if (pattern.front() == '*') {
    for (std::size_t skipped = 0; skipped <= name.size(); ++skipped) {
      if (matches_glob(pattern.substr(1), name.substr(skipped))) {
        return true;
      }
    }
    return false;
  }
  return !name.empty() && (pattern.front() == '?' || pattern.front() == name.front()) &&
         matches_glob(pattern.substr(1), name.substr(1));
}

/// Whether --limit leaves a host in; several patterns are joined by commas or colons.
bool is_within(std::string_view limit, std::string_view host) {
  if (limit.empty()) {
    return true;
  }
  for (std::size_t at = 0; at <= limit.size();) {
    const std::size_t end = std::min(limit.find_first_of(",:", at), limit.size());
    if (matches_glob(limit.substr(at, end - at), host)) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

bool has_cloud(CommandState& state, const Systems& systems) {
  const bool given = systems.openstack != nullptr && systems.openstack->given();
  if (!given) {
    fail(state, "rehearse: the scenario has no cluster.openstack");
  }
  return given;
}

/// What a run of cluster.yml takes. Fitted: soft scaling on Jetstream2, 27 min for one master and one worker,
/// one run; that it is the same for other numbers of hosts is assumed.
constexpr sim::Duration kInstall = std::chrono::minutes{27};

/// `ansible-playbook scale.yml`: every server that carries no node yet becomes one. With cluster.yml, which
/// sets up all that there is, it takes another time.
class AnsibleScale : public Action {
 public:
  AnsibleScale(std::string limit, bool installs) : limit_(std::move(limit)), installs_(installs) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    if (!has_cloud(state, systems)) {
      return;
    }
    const openstack::State& cloud = *systems.openstack;
    bool any = false;
    for (const openstack::Server& server : cloud.servers) {
      if (!is_host(server)) {
        continue;
      }
      any = true;
      if (!server.guest_on) {  // at the next task, for all hosts
        fail(state, fmt::format("fatal: [{}]: UNREACHABLE!", server.name), kUnreachable);
        return;
      }
    }
    if (!any) {
      // Source: ansible lib/ansible/cli/__init__.py, get_host_list.
      fail(state, "ERROR! Specified hosts and/or --limit does not match any hosts");
      return;
    }
    if (!state.started) {
      state.started = true;
      sim::Duration takes = installs_ ? kInstall : drawn(systems, "ansible", Key::ansible_scale);
      for (const openstack::Server& server : cloud.servers) {
        if (is_new(systems, server)) {
          takes += installs_ ? sim::Duration{} : drawn(systems, server.name, Key::ansible_scale_node);
          state.waiting_for.push_back(server.uid);
        }
      }
      state.deadline = systems.kubernetes.now() + takes;
      return;
    }
    if (systems.kubernetes.now() < state.deadline) {
      return;
    }
    join(state, systems, by);
    state.output += "PLAY RECAP\n";
    finish(state);
  }

 private:
  /// Whether the inventory, which terraform's state gives, has the server, and the limit leaves it in.
  [[nodiscard]] bool is_host(const openstack::Server& server) const {
    return lives(server) && !server.kubernetes_node.empty() && is_within(limit_, server.name);
  }

  [[nodiscard]] bool is_new(const Systems& systems, const openstack::Server& server) const {
    return is_host(server) &&
           systems.kubernetes.cluster.find_node(server.kubernetes_node) == kubernetes::kNoRow;
  }

  static void join(const CommandState& state, Systems& systems, By by) {
    kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    std::optional<std::uint32_t> shape;
    for (kubernetes::Row row = 0; row < cluster.nodes.extent(); ++row) {
      if (cluster.nodes.exists(row)) {
        shape = cluster.nodes[row].shape;
      }
    }
    for (const std::uint32_t uid : state.waiting_for) {
      const std::int32_t found = systems.openstack->find_uid(uid);
      if (found == openstack::kNone || !shape) {
        continue;
      }
      kubernetes::Node node;
      node.meta.name =
          cluster.strings.intern(systems.openstack->servers[static_cast<std::size_t>(found)].kubernetes_node);
      node.shape = *shape;
      kubernetes::create_node(systems.kubernetes, node, by);
    }
  }

  std::string limit_;
  bool installs_;
};

/// What `ansible-playbook remove-node.yml` was asked for.
struct Removal {
  std::string node;
  bool reset = true;        ///< reset_nodes
  bool ungraceful = false;  ///< allow_ungraceful_removal
  ActionPointer drain;
};

/// `ansible-playbook remove-node.yml`: drains a node, wipes its machine, deletes its Node.
class AnsibleRemoveNode : public Action {
 public:
  explicit AnsibleRemoveNode(Removal removal) : removal_(std::move(removal)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    if (!has_cloud(state, systems)) {
      return;
    }
    if (stage_of(state) == Stage::begin) {
      begin(state, systems);
    } else if (stage_of(state) == Stage::pause && systems.kubernetes.now() >= state.deadline) {
      begin_try(state);
    }
    if (!state.done && stage_of(state) == Stage::drain) {
      drain(state, systems, by);
    }
    if (!state.done && stage_of(state) == Stage::reset && systems.kubernetes.now() >= state.deadline) {
      remove(state, systems, by);
    }
  }

 private:
  enum class Stage : std::uint8_t { begin, drain, pause, reset };
  static Stage stage_of(const CommandState& state) { return static_cast<Stage>(state.stage); }
  static void set_stage(CommandState& state, Stage stage) { state.stage = static_cast<std::uint8_t>(stage); }

  /// Source: roles/remove_node/pre_remove/defaults/main.yml, drain_retries and drain_retry_delay_seconds; the
  /// first try does not count.
  static constexpr std::size_t kTries = 4;
  static constexpr sim::Duration kRetry = std::chrono::seconds{10};

  [[nodiscard]] kubernetes::Row node(const Systems& systems) const {
    return systems.kubernetes.cluster.find_node(removal_.node);
  }

  void begin(CommandState& state, Systems& systems) const {
    const std::vector<openstack::Server>& servers = systems.openstack->servers;
    const auto host = std::find_if(servers.begin(), servers.end(), [&](const openstack::Server& server) {
      return lives(server) && server.kubernetes_node == removal_.node;
    });
    if (host == servers.end()) {
      // Every play is skipped, and that is a success. Source: ansible lib/ansible/inventory/manager.py.
      state.errors +=
          fmt::format("[WARNING]: Could not match supplied host pattern, ignoring: {}\n", removal_.node);
      state.output += "skipping: no hosts matched\nPLAY RECAP\n";
      finish(state);
    } else if (removal_.reset && !host->guest_on) {
      fail(state, fmt::format("fatal: [{}]: UNREACHABLE!", host->name), kUnreachable);
    } else if (node(systems) == kubernetes::kNoRow) {
      begin_reset(state, systems);  // not among the nodes that kubectl lists: nothing is drained
    } else {
      begin_try(state);
    }
  }

  /// From here on the drain is a command of its own that has not begun.
  static void begin_try(CommandState& state) {
    set_stage(state, Stage::drain);
    state.started = false;
    state.deadline = sim::kNever;
  }

  /// One try, or what a try that has ended leads to. `words` counts the tries.
  void drain(CommandState& state, Systems& systems, By by) const {
    const std::vector<std::string> tries = state.words;
    removal_.drain->advance(state, systems, by);
    if (!state.done) {
      return;
    }
    const int exit_code = std::exchange(state.exit_code, 0);
    state.done = false;
    state.words = tries;
    state.words.emplace_back("try");
    if (exit_code == 0 || removal_.ungraceful) {
      begin_reset(state, systems);
    } else if (state.words.size() < kTries) {
      state.output += fmt::format(
          "FAILED - RETRYING: remove-node | Drain node except daemonsets resource ({} retries left).\n",
          kTries - state.words.size());
      state.deadline = systems.kubernetes.now() + kRetry;
      set_stage(state, Stage::pause);
    } else {
      fail(state,
           fmt::format("fatal: [{}]: FAILED! => {{\"attempts\": {}, \"changed\": true, \"rc\": {}}}",
                       removal_.node, kTries, exit_code),
           kFailed);
    }
  }

  void begin_reset(CommandState& state, Systems& systems) const {
    set_stage(state, Stage::reset);
    state.deadline = systems.kubernetes.now();
    if (removal_.reset) {
      state.deadline += drawn(systems, removal_.node, Key::ansible_remove_node);
    }
  }

  /// The machine is wiped: no kubelet, no containers. Source: roles/reset, roles/remove_node/post_remove.
  void remove(CommandState& state, Systems& systems, By by) const {
    const kubernetes::Row row = node(systems);
    if (row != kubernetes::kNoRow) {
      if (removal_.reset) {
        kubernetes::node_power::power_off(systems.kubernetes, row, by);
      }
      delete_object(systems, {Kind::Node, row, systems.kubernetes.cluster.nodes[row].meta.uid}, by, -1,
                    kubernetes::Propagation::Background);
    }
    state.output += "PLAY RECAP\n";
    finish(state);
  }

  Removal removal_;
};

/// Variables of `-e`, as `key=value key=value`; JSON and files are refused.
/// Source: ansible lib/ansible/utils/vars.py, load_extra_vars.
std::vector<std::pair<std::string, std::string>> extra_variables(Reading& reading) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const GivenFlag& given : reading.flags.given) {
    if (given.spec->name != "extra-vars" || given.open) {
      continue;
    }
    const std::string& text = given.value;
    if (text.starts_with('@') || text.starts_with('{') || text.starts_with('[')) {
      reading.refuse("extra variables in JSON, YAML or a file are not modelled", "write -e name=value",
                     given.value_offset);
      continue;
    }
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      const std::string word = text.substr(at, end - at);
      const std::size_t equals = word.find('=');
      if (equals != std::string::npos) {
        variables.emplace_back(word.substr(0, equals), word.substr(equals + 1));
      }
      at = end + 1;
    }
  }
  return variables;
}

/// Source: ansible lib/ansible/module_utils/parsing/convert_bool.py.
bool is_true(std::string_view text) {
  constexpr std::array<std::string_view, 10> kTrue = {"y",    "yes",  "Yes", "on",   "1",
                                                      "true", "True", "t",   "TRUE", "1.0"};
  return std::find(kTrue.begin(), kTrue.end(), text) != kTrue.end();
}

ActionPointer read_scale(Reading& reading) {
  extra_variables(reading);  // none of them matters to when nodes join
  return std::make_shared<AnsibleScale>(reading.text("limit"), false);
}

ActionPointer read_install(Reading& reading) {
  extra_variables(reading);
  return std::make_shared<AnsibleScale>(reading.text("limit"), true);
}

/// The drain of a removal. Source: roles/remove_node/pre_remove: tasks/main.yml; defaults/main.yml,
/// drain_grace_period and drain_timeout.
ActionPointer removal_drain(Reading& reading, const std::string& node) {
  std::vector<Argument> words;
  for (const std::string_view word :
       {"--force", "--ignore-daemonsets", "--grace-period=300", "--timeout=360s", "--delete-emptydir-data"}) {
    words.emplace_back(std::string(word));
  }
  words.emplace_back(node);
  Reading drain(parse_sub_command(kKubectlDrain, words), reading.context, reading.offset);
  return kKubectlDrain.read(drain);
}

ActionPointer read_remove_node(Reading& reading) {
  Removal removal;
  bool confirmed = false;
  bool open = false;
  for (const GivenFlag& given : reading.flags.given) {
    open = open || given.open;
  }
  for (const auto& [name, value] : extra_variables(reading)) {
    if (name == "node") {
      removal.node = value;
    } else if (name == "skip_confirmation") {
      confirmed = is_true(value);
    } else if (name == "reset_nodes") {
      removal.reset = is_true(value);
    } else if (name == "allow_ungraceful_removal") {
      removal.ungraceful = is_true(value);
    } else {
      reading.refuse(fmt::format("the variable {} is not modelled", name),
                     "modelled: node, skip_confirmation, reset_nodes, allow_ungraceful_removal",
                     reading.place_of("extra-vars"));
    }
  }
  if (reading.given("limit")) {
    reading.refuse("remove-node.yml with --limit is not modelled", "name the node with -e node=NAME",
                   reading.place_of("limit"));
  }
  if (removal.node.find_first_of(",:*?") != std::string::npos) {
    reading.refuse("one node at a time is modelled", "run the playbook once for each node",
                   reading.place_of("extra-vars"));
  }
  if (open) {
    return std::make_shared<AnsibleRemoveNode>(std::move(removal));  // read again when the values are known
  }
  if (removal.node.empty()) {
    reading.refuse("No nodes specified for removal. The `node` variable must be set explicitly.",
                   "add -e node=NAME");
  }
  if (!confirmed) {
    reading.refuse("remove-node.yml would wait for a typed yes", "add -e skip_confirmation=true");
  }
  if (reading.problems.empty()) {
    removal.drain = removal_drain(reading, removal.node);
  }
  return std::make_shared<AnsibleRemoveNode>(std::move(removal));
}

const FlagTable& ansible_flags() {
  static const Flags flags(Flags::Of::other, "ansible-playbook",
                           {{"become", 'b', FlagType::boolean},
                            {"inventory", 'i', FlagType::text},
                            {"flush-cache", 0, FlagType::boolean},
                            {"extra-vars", 'e', FlagType::text_list},
                            {"limit", 'l', FlagType::text},
                            {"verbose", 'v', FlagType::boolean}},
                           {{"check", 'C', FlagType::boolean},
                            {"forks", 'f', FlagType::integer},
                            {"skip-tags", 0, FlagType::text},
                            {"start-at-task", 0, FlagType::text},
                            {"tags", 't', FlagType::text},
                            {"user", 'u', FlagType::text}});
  return flags.table();
}

constexpr std::string_view kRemoves =
    "Drains the node that `-e node=NAME` says, wipes its machine and deletes its Node.";

}  // namespace

bool ansible_option_takes_value(std::string_view word) {
  const FlagTable& table = ansible_flags();
  const auto takes = [&](const FlagSpec& flag) {
    return flag.type != FlagType::boolean &&
           (word == fmt::format("--{}", flag.name) ||
            (flag.shorthand != 0 && word == fmt::format("-{}", flag.shorthand)));
  };
  return std::any_of(table.modelled.begin(), table.modelled.end(), takes) ||
         std::any_of(table.not_modelled.begin(), table.not_modelled.end(), takes);
}

const SubCommand kAnsibleInstall{
    "ansible-playbook",
    "cluster.yml",
    "",
    "Sets up every server of the inventory; those that carry no node become nodes.",
    ansible_flags,
    read_install};
const SubCommand kAnsibleScale{"ansible-playbook",
                               "scale.yml",
                               "",
                               "Makes nodes of the servers that carry none; one unreachable server ends it.",
                               ansible_flags,
                               read_scale};
const SubCommand kAnsibleRemoveNode{"ansible-playbook", "remove-node.yml", "",
                                    kRemoves,           ansible_flags,     read_remove_node};
const SubCommand kAnsibleRemoveNodeAlias{"ansible-playbook", "remove_node.yml", "",
                                         kRemoves,           ansible_flags,     read_remove_node};

}  // namespace scenarios::commands
