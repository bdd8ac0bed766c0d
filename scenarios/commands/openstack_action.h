#pragma once
// What all commands of the openstack client have in common: its grammar (argparse), how it finds servers, and
// how it says what the API refused.
//
// Source: openstack/python-openstackclient openstackclient/compute/v2/server.py, osc-lib osc_lib/utils, as of
// 6.0.0 (microversion 2.1 unless `--os-compute-api-version` asks for another).

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/openstack/requests.h"
#include "scenarios/commands/emulated.h"
#include "scenarios/commands/openstack_output.h"

namespace scenarios::commands {

namespace openstack = models::openstack;

/// One command of the client.
struct ClientCommand {
  std::string_view name;     ///< "server shelve"
  std::string_view usage;    ///< the synopsis as its help prints it, without "usage: "
  std::string_view metavar;  ///< of its arguments: "<server>"; empty: it takes none
  std::size_t arguments_min = 0;
  std::size_t arguments_max = 0;
  std::span<const std::string_view> formats;  ///< what -f takes; empty: it prints no data
  const SubCommand* command = nullptr;
};

/// All commands of the client.
std::span<const ClientCommand> client_commands();

/// The command that `words` ("openstack", global options, name …) name; nullptr with a problem. `rest` is
/// what belongs to it, global options included.
const ClientCommand* find_client_command(std::span<const Argument> words, std::vector<Argument>& rest,
                                         std::vector<CommandProblem>& problems);

/// Reads the words by argparse's grammar, which is that of the real client: options and arguments mixed, all
/// unknown words reported together.
ParsedFlags parse_client_words(const ClientCommand& command, std::span<const Argument> words);

/// What the real program prints to standard error for a problem of its grammar; it exits with 2.
std::string usage_error(const ClientCommand& command, const CommandProblem& problem);

/// The name of a command as a template argument, so that each has a flag table of its own.
template <std::size_t size>
struct CommandName {
  char text[size]{};
  // NOLINTNEXTLINE(google-explicit-constructor): written as a text
  constexpr CommandName(const char (&name)[size]) { std::copy_n(name, size, text); }
};

// Options that every command takes.
inline constexpr FlagSpec kVersionFlag{"os-compute-api-version", 0, FlagType::text};
inline constexpr FlagSpec kCloudFlag{"os-cloud", 0, FlagType::text};

/// What a command works on: the cloud as the API shows it to who asks.
struct ClientTurn {
  openstack::Turn nova;
  openstack::Caller caller;
  openstack::By by;

  [[nodiscard]] openstack::State& state() const { return nova.state; }
};

/// A command of the client.
class ClientAction : public Action {
 public:
  void advance(CommandState& state, Systems& systems, By by) const final;
  /// Performs what can be done now: ends the command, or sets `state.deadline` and waits for the next call
  /// then.
  virtual void perform(CommandState& state, ClientTurn& turn) const = 0;
};

/// The turn of a dispatch. REQUIRES: there is a cloud.
openstack::Turn nova_turn(Systems& systems);

/// The server that a word means, by id or by name; kNone with the client's message in `error`.
std::int32_t find_server(const ClientTurn& turn, std::string_view word, std::string& error);

/// Ends a command with a message on standard error.
void fail(CommandState& state, std::string_view message, int exit_code = 1);

/// How novaclient, and how openstacksdk, report an answer.
std::string nova_error(const openstack::Answer& answer);
std::string sdk_error(const openstack::Answer& answer, std::string_view path);

/// "2026-11-22T08:00:50", for a moment of the run.
std::string client_time(const openstack::State& state, sim::Time at);

/// The fields of a server as `server show` prints them, sorted, for a microversion 2.`minor`.
std::vector<ClientField> server_fields(const ClientTurn& turn, const openstack::Server& server, int minor);

/// The minor part of `--os-compute-api-version`, 1 if it was not given.
int microversion(const Reading& reading);

/// Output options of commands that print data.
struct PrintOptions {
  std::string format = "table";
  std::vector<std::string> columns;
  std::vector<std::string> sort_columns;  ///< of lists
  bool descending = false;
};
PrintOptions read_print_options(const Reading& reading);

/// Prints one thing, or a list of them, in its options; a command whose -c names none of the columns fails.
void show_one(CommandState& state, const std::vector<ClientField>& fields, const PrintOptions& print);
void show_list(CommandState& state, const std::vector<std::string>& titles,
               std::vector<std::vector<ClientValue>> rows, const PrintOptions& print);

}  // namespace scenarios::commands
