// openstack server shelve, unshelve, stop, start, delete, lock …: one request for each server, and `--wait`.
// Source: python-openstackclient openstackclient/compute/v2/server.py, ShelveServer, UnshelveServer,
// DeleteServer and the others; osc-lib osc_lib/utils, wait_for_status and wait_for_delete (sleep_time 5).

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>

#include "scenarios/commands/openstack_action.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

using openstack::Request;
using openstack::VmState;

constexpr sim::Duration kSleep = std::chrono::seconds{5};

constexpr FlagSpec kWaitFlag{"wait", 0, FlagType::boolean};

/// What a command asks for.
struct Wish {
  Request request = Request::shelve;
  std::vector<std::string> servers;
  bool wait = false;
  bool offload = false;
  std::string availability_zone;
};

/// Whether the client sends the request through openstacksdk, whose errors read otherwise.
bool through_sdk(Request request) {
  return request == Request::pause || request == Request::unpause || request == Request::suspend ||
         request == Request::resume || request == Request::create_image || request == Request::console_log;
}

class ServerCommand : public ClientAction {
 public:
  explicit ServerCommand(Wish wish) : wish_(std::move(wish)) {}

  void perform(CommandState& state, ClientTurn& turn) const override {
    if (wish_.request == Request::shelve) {
      shelve(state, turn);
    } else {
      one_after_the_other(state, turn);
    }
  }

 private:
  enum : std::uint8_t { posting, waiting, offloading, waiting_for_offload };

  /// Position in the servers, kept while the command sleeps.
  static std::size_t position(const CommandState& state) {
    return state.words.empty() ? 0 : static_cast<std::size_t>(std::stoul(state.words.front()));
  }
  static void set_position(CommandState& state, std::size_t position) {
    state.words = {fmt::format("{}", position)};
  }

  /// Sends a request for a server; a refusal ends the command.
  bool post(CommandState& state, ClientTurn& turn, std::int32_t server, Request request) const {
    const openstack::Answer answer =
        request == Request::unshelve
            ? unshelve(turn.nova, turn.caller, server, {wish_.availability_zone, {}}, turn.by)
            : act(turn.nova, turn.caller, server, request, turn.by);
    if (answer.not_modelled) {
      fail(state, fmt::format("rehearse: openstack would now {} the server, which is not modelled",
                              name_of(request)));
      return false;
    }
    if (answer.ok()) {
      return true;
    }
    const std::string& id = turn.nova.at(server).id;
    fail(state,
         through_sdk(request) ? sdk_error(answer, fmt::format("servers/{}/action", id)) : nova_error(answer));
    return false;
  }

  bool find(CommandState& state, const ClientTurn& turn, const std::string& word,
            std::int32_t& server) const {
    std::string error;
    server = find_server(turn, word, error);
    if (server == openstack::kNone) {
      fail(state, error);
    }
    return server != openstack::kNone;
  }

  enum class Poll : std::uint8_t { pending, reached, error, gone };

  static Poll poll(const ClientTurn& turn, std::uint32_t uid, std::initializer_list<VmState> wanted) {
    const std::int32_t server = turn.state().find_uid(uid);
    if (server == openstack::kNone) {
      return Poll::gone;
    }
    const VmState vm_state = turn.state().servers[static_cast<std::size_t>(server)].vm_state;
    if (std::find(wanted.begin(), wanted.end(), vm_state) != wanted.end()) {
      return Poll::reached;
    }
    return vm_state == VmState::error ? Poll::error : Poll::pending;
  }

  static void sleep(CommandState& state, const ClientTurn& turn) {
    state.deadline = turn.nova.now() + kSleep;
  }

  /// All servers are asked first, then waited for.
  void shelve(CommandState& state, ClientTurn& turn) const {
    if (state.stage == posting) {
      for (const std::string& word : wish_.servers) {
        std::int32_t server = openstack::kNone;
        if (!find(state, turn, word, server)) {
          return;
        }
        const VmState vm_state = turn.nova.at(server).vm_state;
        if (vm_state == VmState::shelved || vm_state == VmState::shelved_offloaded) {
          state.waiting_for.push_back(turn.nova.at(server).uid);
          continue;  // silently; --wait and --offload come back to it
        }
        const std::uint32_t uid = turn.nova.at(server).uid;
        if (!post(state, turn, server, Request::shelve)) {
          return;
        }
        state.waiting_for.push_back(uid);
      }
      if (!wish_.wait && !wish_.offload) {
        finish(state);
        return;
      }
      state.stage = waiting;
    }
    if (state.stage == waiting && !all_reach(state, turn, {VmState::shelved, VmState::shelved_offloaded})) {
      return;
    }
    if (!wish_.offload) {
      finish(state);
      return;
    }
    if (state.stage == waiting) {
      for (const std::uint32_t uid : std::vector<std::uint32_t>(state.waiting_for)) {
        const std::int32_t server = turn.state().find_uid(uid);
        if (server != openstack::kNone && turn.nova.at(server).vm_state != VmState::shelved_offloaded &&
            !post(state, turn, server, Request::shelve_offload)) {
          return;
        }
      }
      if (!wish_.wait) {
        finish(state);
        return;
      }
      state.stage = waiting_for_offload;
      set_position(state, 0);
    }
    if (all_reach(state, turn, {VmState::shelved_offloaded})) {
      finish(state);
    }
  }

  /// Polls the servers one after the other. @return false while it sleeps, and when it has ended the command.
  bool all_reach(CommandState& state, const ClientTurn& turn, std::initializer_list<VmState> wanted) const {
    for (std::size_t at = position(state); at < state.waiting_for.size(); ++at) {
      const Poll found = poll(turn, state.waiting_for[at], wanted);
      if (found == Poll::pending) {
        set_position(state, at);
        sleep(state, turn);
        return false;
      }
      if (found != Poll::reached) {
        give_up(state, turn, state.waiting_for[at], "shelving");
        return false;
      }
    }
    return true;
  }

  static void give_up(CommandState& state, const ClientTurn& turn, std::uint32_t uid, std::string_view what) {
    const std::int32_t server = turn.state().find_uid(uid);
    const std::string id = server == openstack::kNone
                               ? std::string()
                               : turn.state().servers[static_cast<std::size_t>(server)].id;
    const std::string text = fmt::format("Error {} server: {}", what, id);
    state.output += text + "\n";
    fail(state, text);
  }

  /// Each server is asked and, with --wait, waited for before the next is asked.
  void one_after_the_other(CommandState& state, ClientTurn& turn) const {
    for (std::size_t at = position(state); at < wish_.servers.size(); ++at) {
      if (state.waiting_for.empty()) {
        std::int32_t server = openstack::kNone;
        if (!find(state, turn, wish_.servers[at], server)) {
          return;
        }
        const VmState vm_state = turn.nova.at(server).vm_state;
        if (wish_.request == Request::unshelve && vm_state != VmState::shelved &&
            vm_state != VmState::shelved_offloaded) {
          continue;  // silently
        }
        const std::uint32_t uid = turn.nova.at(server).uid;
        if (!post(state, turn, server, wish_.request)) {
          return;
        }
        if (!wish_.wait) {
          continue;
        }
        state.waiting_for = {uid};
      }
      if (!over(state, turn)) {
        if (!state.done) {
          set_position(state, at);
          sleep(state, turn);
        }
        return;
      }
      state.waiting_for.clear();
    }
    finish(state);
  }

  bool over(CommandState& state, const ClientTurn& turn) const {
    const std::uint32_t uid = state.waiting_for.front();
    if (wish_.request == Request::remove) {
      return poll(turn, uid, {}) == Poll::gone;
    }
    switch (poll(turn, uid, {VmState::active, VmState::stopped})) {
      case Poll::reached:
        return true;
      case Poll::pending:
        return false;
      case Poll::error:
      case Poll::gone:
        break;
    }
    give_up(state, turn, uid, "unshelving");
    return false;
  }

  Wish wish_;
};

std::vector<std::string> words_of(const Reading& reading) {
  std::vector<std::string> words;
  for (const Argument& argument : reading.flags.arguments) {
    words.push_back(argument.text());
  }
  return words;
}

template <Request request>
ActionPointer read_server(Reading& reading) {
  Wish wish;
  wish.request = request;
  wish.servers = words_of(reading);
  wish.wait = reading.boolean("wait");
  wish.offload = reading.boolean("offload");
  wish.availability_zone = reading.text("availability-zone");
  return std::make_shared<ServerCommand>(std::move(wish));
}

ActionPointer read_set(Reading& reading) {
  if (!reading.open("state") && reading.text("state") != "active") {
    reading.refuse("openstack server set is modelled with --state active only");
  }
  return read_server<Request::reset_active>(reading);
}

template <CommandName name>
const FlagTable& no_flags() {
  static const Flags flags(Flags::Of::other, name.text, {kVersionFlag, kCloudFlag}, {});
  return flags.table();
}
const FlagTable& shelve_flags() {
  static const Flags flags(Flags::Of::other, "openstack server shelve",
                           {kVersionFlag, kCloudFlag, kWaitFlag, {"offload", 0, FlagType::boolean}}, {});
  return flags.table();
}
const FlagTable& unshelve_flags() {
  static const Flags flags(Flags::Of::other, "openstack server unshelve",
                           {kVersionFlag, kCloudFlag, kWaitFlag, {"availability-zone", 0, FlagType::text}},
                           {});
  return flags.table();
}
const FlagTable& delete_flags() {
  static const Flags flags(Flags::Of::other, "openstack server delete", {kVersionFlag, kCloudFlag, kWaitFlag},
                           {{"force", 0, FlagType::boolean}, {"all-projects", 0, FlagType::boolean}});
  return flags.table();
}
const FlagTable& set_flags() {
  static const Flags flags(Flags::Of::other, "openstack server set",
                           {kVersionFlag, kCloudFlag, {"state", 0, FlagType::text}},
                           {{"name", 0, FlagType::text}, {"property", 0, FlagType::text_list}});
  return flags.table();
}
template <CommandName name>
const FlagTable& naming_flags() {
  static const Flags flags(
      Flags::Of::other, name.text,
      {kVersionFlag, kCloudFlag, {"flavor", 0, FlagType::text}, {"name", 0, FlagType::text}}, {kWaitFlag});
  return flags.table();
}

}  // namespace

const SubCommand kOpenStackServerShelve{"openstack",
                                        "server shelve",
                                        "SERVER…",
                                        "Shelves servers: shut down, snapshotted, offloaded as the cloud has "
                                        "it; `--wait` polls every 5 s and never gives up.",
                                        shelve_flags,
                                        read_server<Request::shelve>};
const SubCommand kOpenStackServerUnshelve{
    "openstack",    "server unshelve",
    "SERVER…",      "Takes servers back from the shelf; `--wait` never returns when no host had room.",
    unshelve_flags, read_server<Request::unshelve>};
const SubCommand kOpenStackServerStop{"openstack",
                                      "server stop",
                                      "SERVER…",
                                      "Stops servers.",
                                      no_flags<"openstack server stop">,
                                      read_server<Request::stop>};
const SubCommand kOpenStackServerStart{"openstack",
                                       "server start",
                                       "SERVER…",
                                       "Starts stopped servers.",
                                       no_flags<"openstack server start">,
                                       read_server<Request::start>};
const SubCommand kOpenStackServerDelete{"openstack",        "server delete", "SERVER…",
                                        "Deletes servers.", delete_flags,    read_server<Request::remove>};
const SubCommand kOpenStackServerLock{"openstack",
                                      "server lock",
                                      "SERVER…",
                                      "Locks servers against everybody but administrators.",
                                      no_flags<"openstack server lock">,
                                      read_server<Request::lock>};
const SubCommand kOpenStackServerUnlock{"openstack",
                                        "server unlock",
                                        "SERVER…",
                                        "Unlocks servers.",
                                        no_flags<"openstack server unlock">,
                                        read_server<Request::unlock>};
const SubCommand kOpenStackServerPause{"openstack",
                                       "server pause",
                                       "SERVER…",
                                       "Pauses servers.",
                                       no_flags<"openstack server pause">,
                                       read_server<Request::pause>};
const SubCommand kOpenStackServerUnpause{"openstack",
                                         "server unpause",
                                         "SERVER…",
                                         "Ends a pause.",
                                         no_flags<"openstack server unpause">,
                                         read_server<Request::unpause>};
const SubCommand kOpenStackServerSuspend{"openstack",
                                         "server suspend",
                                         "SERVER…",
                                         "Suspends servers.",
                                         no_flags<"openstack server suspend">,
                                         read_server<Request::suspend>};
const SubCommand kOpenStackServerResume{"openstack",
                                        "server resume",
                                        "SERVER…",
                                        "Ends a suspension.",
                                        no_flags<"openstack server resume">,
                                        read_server<Request::resume>};
constexpr const char* kNotForPlans =
    "Not for plans: what it does is not modelled, only where Nova refuses it, for recordings.";
const SubCommand kOpenStackServerReboot{"openstack",
                                        "server reboot",
                                        "SERVER",
                                        kNotForPlans,
                                        no_flags<"openstack server reboot">,
                                        read_server<Request::reboot>};
const SubCommand kOpenStackServerRescue{"openstack",
                                        "server rescue",
                                        "SERVER",
                                        kNotForPlans,
                                        no_flags<"openstack server rescue">,
                                        read_server<Request::rescue>};
const SubCommand kOpenStackServerResize{"openstack",
                                        "server resize",
                                        "SERVER",
                                        kNotForPlans,
                                        naming_flags<"openstack server resize">,
                                        read_server<Request::resize>};
const SubCommand kOpenStackServerRebuild{"openstack",
                                         "server rebuild",
                                         "SERVER",
                                         kNotForPlans,
                                         no_flags<"openstack server rebuild">,
                                         read_server<Request::rebuild>};
const SubCommand kOpenStackServerImageCreate{"openstack",
                                             "server image create",
                                             "SERVER",
                                             kNotForPlans,
                                             naming_flags<"openstack server image create">,
                                             read_server<Request::create_image>};
const SubCommand kOpenStackConsoleLogShow{"openstack",
                                          "console log show",
                                          "SERVER",
                                          kNotForPlans,
                                          no_flags<"openstack console log show">,
                                          read_server<Request::console_log>};
const SubCommand kOpenStackServerSet{
    "openstack", "server set", "SERVER", "`--state active`: an administrator resets a server that is stuck.",
    set_flags,   read_set};

}  // namespace scenarios::commands
