// edit FILE KEY=VALUE…, which is how `edit:` is performed, and ssh NODE ip a, which shows a node's data
// address. Source: IOMesh documentation, Scale Down Cluster. iproute2 ip/ipaddress.c for the layout.

#include <fmt/format.h>

#include <algorithm>

#include "models/iomesh/release.h"
#include "scenarios/commands/iomeshctl.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

const Flags& edit_flags() {
  static const Flags flags(Flags::Of::other, "edit", {}, {});
  return flags;
}
const Flags& ssh_flags() {
  static const Flags flags(Flags::Of::other, "ssh", {}, {});
  return flags;
}

class EditCommand : public Action {
 public:
  EditCommand(std::string file, std::vector<std::pair<std::string, nlohmann::json>> set, bool manifest)
      : file_(std::move(file)), set_(std::move(set)), manifest_(manifest) {}

  void advance(CommandState& state, Systems& systems, By) const override {
    auto turn = iomesh_turn(systems);
    const auto fail = [&](const std::string& why) {
      state.errors += fmt::format("edit: {}: {}\n", file_, why);
      finish(state, 1);
    };
    if (manifest_) {
      finish(state);
      return;
    }
    if (!turn) {
      fail("there is no such file");
      return;
    }
    std::vector<iomesh::ValuesFile>& files = turn->state.files;
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&](const iomesh::ValuesFile& one) { return one.name == file_; });
    if (file == files.end()) {
      fail("there is no such values file");
      return;
    }
    nlohmann::json values = nlohmann::json::parse(file->values);
    for (const auto& [path, value] : set_) {
      if (!iomesh::release::set_value(values, path, value)) {
        fail(fmt::format("{} leads into something that is no mapping", path));
        return;
      }
    }
    file->values = values.dump();
    finish(state);
  }

 private:
  std::string file_;
  std::vector<std::pair<std::string, nlohmann::json>> set_;
  bool manifest_;  ///< the steps that are written later have been given what it writes
};

ActionPointer read_edit(Reading& reading) {
  const std::vector<Argument>& arguments = reading.flags.arguments;
  if (arguments.size() < 2) {
    reading.refuse("edit needs a file and values",
                   "write edit: {file: iomesh.yaml, set: {chunk.replicaCount: 2}}");
    return nullptr;
  }
  const std::string& name = arguments.front().text();
  const auto& files = reading.context.files;
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const ManifestFile& file) { return file.name == name; });
  const bool known = found != files.end();
  if (!known && !arguments.front().open_from(0) && !reading.context.unknown_commands) {
    reading.refuse(fmt::format("the scenario has no file {}", name),
                   "edited are iomesh.yaml, with cluster.iomesh, and the files of the scenario",
                   arguments.front().origin(0));
  }
  if (known && found->documents.size() > 1) {
    reading.refuse(
        fmt::format("{} holds {} documents, and an edit does not say which", name, found->documents.size()),
        "give each object a file of its own", arguments.front().origin(0));
  }
  std::vector<std::pair<std::string, nlohmann::json>> set;
  for (const Argument& argument : std::span(arguments).subspan(1)) {
    const std::size_t equals = argument.text().find('=');
    if (equals == std::string::npos || equals == 0) {
      reading.refuse(fmt::format("\"{}\" sets no value", argument.text()), "write chunk.replicaCount=2",
                     argument.origin(0));
      return nullptr;
    }
    set.emplace_back(argument.text().substr(0, equals), scalar_of(argument.text().substr(equals + 1)));
  }
  return std::make_shared<EditCommand>(name, std::move(set), known && is_manifest(*found));
}

class ShowAddress : public Action {
 public:
  ShowAddress(std::string node, bool shows, bool links)
      : node_(std::move(node)), shows_(shows), links_(links) {}

  void advance(CommandState& state, Systems& systems, By) const override {
    auto turn = iomesh_turn(systems);
    const models::kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const models::kubernetes::Row row = cluster.find_node(node_);
    if (row == models::kubernetes::kNoRow || !cluster.nodes[row].machine_on) {
      state.errors +=
          row == models::kubernetes::kNoRow
              ? fmt::format("ssh: Could not resolve hostname {}: Name or service not known\n", node_)
              : fmt::format("ssh: connect to host {} port 22: No route to host\n", node_);
      finish(state, 255);
      return;
    }
    finish(state);
    if (!shows_) {
      return;
    }
    state.output +=
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n";
    state.output += links_ ? "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n" : "";
    state.output +=
        "    inet 127.0.0.1/8 scope host lo\n"
        "       valid_lft forever preferred_lft forever\n";
    if (turn) {
      state.output += fmt::format(
          "2: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
          "    inet {}/24 scope global eth1\n"
          "       valid_lft forever preferred_lft forever\n",
          iomesh::address_of(turn->state, cluster, node_));
    }
  }

 private:
  std::string node_;
  bool shows_;  ///< or else it only opens a prompt there
  bool links_;  ///< without -4
};

ActionPointer read_ssh(Reading& reading) {
  const std::vector<Argument>& arguments = reading.flags.arguments;
  const auto word = [&](std::size_t i) { return i < arguments.size() ? arguments[i].text() : std::string(); };
  // ip [-4] a[ddr[ess]] [s[how]]. Source: iproute2 ip(8), ip-address(8); link lines are of no family.
  const bool ipv4 = word(2) == "-4";
  const std::size_t object = ipv4 ? 3 : 2;
  const auto among = [](const std::string& given, std::initializer_list<std::string_view> known) {
    return std::find(known.begin(), known.end(), given) != known.end();
  };
  const bool ip_a = word(1) == "ip" && among(word(object), {"a", "addr", "address"}) &&
                    among(word(object + 1), {"", "s", "show", "ls", "list"}) &&
                    arguments.size() <= object + 2;
  const bool prompt = arguments.size() == 1;
  if (!ip_a && !prompt) {
    reading.refuse("of ssh only ip a is modelled", "write ssh NODE ip a, ip -4 a or ip addr show");
    return nullptr;
  }
  return std::make_shared<ShowAddress>(word(0).substr(word(0).find('@') + 1), ip_a, !ipv4);
}

}  // namespace

bool is_manifest(const ManifestFile& file) {
  return file.documents.size() == 1 && file.documents.front().is_object() &&
         file.documents.front().contains("kind");
}

bool set_field(nlohmann::ordered_json& manifest, std::string_view path, std::string_view value) {
  nlohmann::ordered_json* at = &manifest;
  while (true) {
    if (at->is_null()) {
      *at = nlohmann::ordered_json::object();
    }
    if (!at->is_object()) {
      return false;
    }
    const std::size_t dot = path.find('.');
    at = &(*at)[std::string(path.substr(0, dot))];
    if (dot == std::string_view::npos) {
      break;
    }
    path.remove_prefix(dot + 1);
  }
  *at = scalar_of(value);
  return true;
}

const SubCommand kEdit{
    "edit",
    "",
    "FILE KEY=VALUE…",
    "Writes values into a values file of helm, or into a manifest for the steps that are written "
    "later: what a step's `edit:` is performed as.",
    []() -> const FlagTable& { return edit_flags().table(); },
    read_edit,
    true};
const SubCommand kSsh{
    "ssh",
    "",
    "NODE [ip a]",
    "Prints the node's data address. Without a command the lines that follow in the same text "
    "are typed there, until `exit`.",
    []() -> const FlagTable& { return ssh_flags().table(); },
    read_ssh,
    true};

}  // namespace scenarios::commands
