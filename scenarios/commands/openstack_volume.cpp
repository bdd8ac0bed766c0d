// openstack server add volume, server remove volume, server volume list.
// Source: python-openstackclient openstackclient/compute/v2/server.py, AddServerVolume and
// RemoveServerVolume, which go through openstacksdk; server_volume.py, ListServerVolume, through novaclient.

#include <fmt/format.h>

#include "models/openstack/volumes.h"
#include "scenarios/commands/openstack_action.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

using Json = nlohmann::ordered_json;
using openstack::VolumePlace;

constexpr FlagSpec kFormatFlag{"format", 'f', FlagType::text};
constexpr FlagSpec kColumnFlag{"column", 'c', FlagType::text_list};

/// What libvirt calls the disk at that place of a server; the root disk is vda.
std::string device_of(const openstack::Server& server, std::size_t volume) {
  std::size_t place = 0;
  bool root = server.image != openstack::kNone;
  for (std::size_t i = 0; i < volume; ++i) {
    place += server.volumes[i].status == openstack::VolumeStatus::available ? 0 : 1;
  }
  return fmt::format("/dev/vd{}", static_cast<char>('a' + place + (root ? 1 : 0)));
}

class VolumeCommand : public ClientAction {
 public:
  enum class Verb : std::uint8_t { add, remove, list };
  VolumeCommand(Verb verb, std::vector<std::string> words, int minor, PrintOptions print)
      : verb_(verb), words_(std::move(words)), minor_(minor), print_(std::move(print)) {}

  void perform(CommandState& state, ClientTurn& turn) const override {
    std::string error;
    const std::int32_t server = find_server(turn, words_[0], error);
    if (server == openstack::kNone) {
      fail(state, verb_ == Verb::list ? error : fmt::format("No Server found for {}", words_[0]));
      return;
    }
    if (verb_ == Verb::list) {
      list(state, turn.nova.at(server));
      if (!state.done) {
        finish(state);
      }
      return;
    }
    const VolumePlace place = openstack::find_volume(turn.state(), turn.caller, words_[1]);
    if (!place.found()) {
      fail(state, fmt::format("No Volume found for {}", words_[1]));
    } else if (verb_ == Verb::add) {
      add(state, turn, server, place);
    } else {
      remove(state, turn, server, place);
    }
  }

 private:
  void list(CommandState& state, const openstack::Server& server) const {
    std::vector<std::vector<ClientValue>> rows;
    for (std::size_t i = 0; i < server.volumes.size(); ++i) {
      const openstack::Volume& volume = server.volumes[i];
      if (volume.status != openstack::VolumeStatus::available) {
        rows.push_back({ClientValue(Json(volume.id)), ClientValue(Json(device_of(server, i))),
                        ClientValue(Json(server.id)), ClientValue(Json(volume.id))});
      }
    }
    show_list(state, {"ID", "Device", "Server ID", "Volume ID"}, std::move(rows), print_);
  }

  void add(CommandState& state, ClientTurn& turn, std::int32_t server, const VolumePlace& place) const {
    VolumePlace attached;
    const openstack::Answer answer =
        attach_volume(turn.nova, turn.caller, server, place, minor_, turn.by, attached);
    if (!answer.ok()) {
      fail(state,
           sdk_error(answer, fmt::format("servers/{}/os-volume_attachments", turn.nova.at(server).id)));
      return;
    }
    const openstack::Server& taker = turn.nova.at(server);
    const std::string& id = taker.volumes[attached.volume].id;
    show_one(state,
             {{"ID", ClientValue(Json(id))},
              {"Server ID", ClientValue(Json(taker.id))},
              {"Volume ID", ClientValue(Json(id))},
              {"Device", ClientValue(Json(device_of(taker, attached.volume)))}},
             print_);
    if (!state.done) {
      finish(state);
    }
  }

  void remove(CommandState& state, ClientTurn& turn, std::int32_t server, const VolumePlace& place) const {
    const std::string volume = turn.nova.at(place.server).volumes[place.volume].id;
    const std::string path =
        fmt::format("servers/{}/os-volume_attachments/{}", turn.nova.at(server).id, volume);
    const openstack::Answer answer = detach_volume(turn.nova, turn.caller, server, place, minor_, turn.by);
    if (!answer.ok()) {
      fail(state, sdk_error(answer, path));
      return;
    }
    finish(state);
  }

  Verb verb_;
  std::vector<std::string> words_;
  int minor_;
  PrintOptions print_;
};

template <VolumeCommand::Verb verb>
ActionPointer read_volume(Reading& reading) {
  std::vector<std::string> words;
  for (const Argument& argument : reading.flags.arguments) {
    words.push_back(argument.text());
  }
  words.resize(2);
  return std::make_shared<VolumeCommand>(verb, std::move(words), microversion(reading),
                                         read_print_options(reading));
}

const FlagTable& add_flags() {
  static const Flags flags(Flags::Of::other, "openstack server add volume",
                           {kVersionFlag, kCloudFlag, kFormatFlag, kColumnFlag},
                           {{"device", 0, FlagType::text}, {"tag", 0, FlagType::text}});
  return flags.table();
}
const FlagTable& remove_flags() {
  static const Flags flags(Flags::Of::other, "openstack server remove volume", {kVersionFlag, kCloudFlag},
                           {});
  return flags.table();
}
const FlagTable& list_flags() {
  static const Flags flags(Flags::Of::other, "openstack server volume list",
                           {kVersionFlag, kCloudFlag, kFormatFlag, kColumnFlag}, {});
  return flags.table();
}

}  // namespace

const SubCommand kOpenStackServerAddVolume{"openstack",     "server add volume",
                                           "SERVER VOLUME", "Attaches a volume that is available.",
                                           add_flags,       read_volume<VolumeCommand::Verb::add>};
const SubCommand kOpenStackServerRemoveVolume{
    "openstack",     "server remove volume",
    "SERVER VOLUME", "Detaches a volume, from a server on the shelf as well; not while a task is under way.",
    remove_flags,    read_volume<VolumeCommand::Verb::remove>};
const SubCommand kOpenStackServerVolumeList{"openstack", "server volume list",
                                            "SERVER",    "Prints the volumes of a server.",
                                            list_flags,  read_volume<VolumeCommand::Verb::list>};

}  // namespace scenarios::commands
