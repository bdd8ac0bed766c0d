#include "scenarios/commands/openstack_action.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "models/kubernetes/json/fields.h"
#include "scenarios/commands/openstack_options.h"
#include "scenarios/commands/openstack_plans.h"
#include "scenarios/commands/sub_commands.h"
#include "scenarios/language/nearest_word.h"

namespace scenarios::commands {

namespace {

constexpr std::array<std::string_view, 5> kListFormats = {"csv", "json", "table", "value", "yaml"};
constexpr std::array<std::string_view, 5> kShowFormats = {"json", "shell", "table", "value", "yaml"};

// As argparse prints them on a terminal of 200 columns.
constexpr std::string_view kListUsage =
    "openstack server list [-h] [-f {csv,json,table,value,yaml}] [-c COLUMN] [--quote "
    "{all,minimal,none,nonnumeric}] [--noindent] [--max-width <integer>] [--fit-width] "
    "[--print-empty]\n"
    "                             [--sort-column SORT_COLUMN] [--sort-ascending | "
    "--sort-descending] [--reservation-id <reservation-id>] [--ip <ip-address-regex>] [--ip6 "
    "<ip-address-regex>]\n"
    "                             [--name <name-regex>] [--instance-name <server-name>] "
    "[--status <status>] [--flavor <flavor>] [--image <image>] [--host <hostname>] "
    "[--all-projects]\n"
    "                             [--project <project>] [--project-domain <project-domain>] "
    "[--user <user>] [--user-domain <user-domain>] [--deleted] [--availability-zone "
    "AVAILABILITY_ZONE]\n"
    "                             [--key-name KEY_NAME] [--config-drive | --no-config-drive] "
    "[--progress PROGRESS] [--vm-state <state>] [--task-state <state>] [--power-state "
    "<state>] [--long]\n"
    "                             [-n | --name-lookup-one-by-one] [--marker <server>] "
    "[--limit <num-servers>] [--changes-before <changes-before>] [--changes-since "
    "<changes-since>] [--locked | --unlocked]\n"
    "                             [--tags <tag>] [--not-tags <tag>]";
constexpr std::string_view kShowUsage =
    "openstack server show [-h] [-f {json,shell,table,value,yaml}] [-c COLUMN] [--noindent] "
    "[--prefix PREFIX] [--max-width <integer>] [--fit-width] [--print-empty] [--diagnostics "
    "| --topology]\n"
    "                             <server>";

constexpr std::string_view kCreateUsage =
    "openstack server create [-h] [-f {json,shell,table,value,yaml}] [-c COLUMN] [--noindent] [--prefix "
    "PREFIX] [--max-width <integer>] [--fit-width] [--print-empty] --flavor <flavor>\n"
    "                               (--image <image> | --image-property <key=value> | --volume <volume> | "
    "--snapshot <snapshot>) [--boot-from-volume <volume-size>]\n"
    "                               [--block-device-mapping <dev-name=mapping>] [--block-device] [--swap "
    "<swap>] [--ephemeral <size=size[,format=format]>] [--network <network>] [--port <port>]\n"
    "                               [--nic "
    "<net-id=net-uuid,port-id=port-uuid,v4-fixed-ip=ip-addr,v6-fixed-ip=ip-addr,tag=tag,auto,none>] "
    "[--password <password>] [--security-group <security-group>]\n"
    "                               [--key-name <key-name>] [--property <key=value>] [--file "
    "<dest-filename=source-filename>] [--user-data <user-data>] [--description <description>]\n"
    "                               [--availability-zone <zone-name>] [--host <host>] [--hypervisor-hostname "
    "<hypervisor-hostname>] [--hint <key=value>]\n"
    "                               [--use-config-drive | --no-config-drive | --config-drive "
    "<config-drive-volume>|True] [--min <count>] [--max <count>] [--tag <tag>] [--hostname <hostname>] "
    "[--wait]\n"
    "                               [--trusted-image-cert <trusted-cert-id>]\n"
    "                               <server-name>";

const std::array<ClientCommand, 31>& commands() {
  static const std::array<ClientCommand, 31> all = {{
      {"server shelve",
       "openstack server shelve [-h] [--offload] [--wait] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerShelve},
      {"server unshelve",
       "openstack server unshelve [-h] [--availability-zone AVAILABILITY_ZONE] [--wait] <server> [<server> "
       "...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerUnshelve},
      {"server stop",
       "openstack server stop [-h] [--all-projects] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerStop},
      {"server start",
       "openstack server start [-h] [--all-projects] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerStart},
      {"server delete",
       "openstack server delete [-h] [--force] [--all-projects] [--wait] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerDelete},
      {"server lock",
       "openstack server lock [-h] [--reason <reason>] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerLock},
      {"server unlock",
       "openstack server unlock [-h] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerUnlock},
      {"server pause",
       "openstack server pause [-h] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerPause},
      {"server unpause",
       "openstack server unpause [-h] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerUnpause},
      {"server suspend",
       "openstack server suspend [-h] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerSuspend},
      {"server resume",
       "openstack server resume [-h] <server> [<server> ...]",
       "<server>",
       1,
       1000,
       {},
       &kOpenStackServerResume},
      {"server reboot",
       "openstack server reboot [-h] [--hard | --soft] [--wait] <server>",
       "<server>",
       1,
       1,
       {},
       &kOpenStackServerReboot},
      {"server rescue",
       "openstack server rescue [-h] <server>",
       "<server>",
       1,
       1,
       {},
       &kOpenStackServerRescue},
      {"server resize",
       "openstack server resize [-h] [--flavor <flavor>] <server>",
       "<server>",
       1,
       1,
       {},
       &kOpenStackServerResize},
      {"server rebuild",
       "openstack server rebuild [-h] <server>",
       "<server>",
       1,
       1,
       {},
       &kOpenStackServerRebuild},
      {"server image create",
       "openstack server image create [-h] [--name <image-name>] <server>",
       "<server>",
       1,
       1,
       {},
       &kOpenStackServerImageCreate},
      {"console log show",
       "openstack console log show [-h] <server>",
       "<server>",
       1,
       1,
       {},
       &kOpenStackConsoleLogShow},
      {"server set",
       "openstack server set [-h] [--state <state>] <server>",
       "<server>",
       1,
       1,
       {},
       &kOpenStackServerSet},
      {"server create", kCreateUsage, "<server-name>", 1, 1, kShowFormats, &kOpenStackServerCreate},
      {"server show", kShowUsage, "<server>", 1, 1, kShowFormats, &kOpenStackServerShow},
      {"server list", kListUsage, "", 0, 0, kListFormats, &kOpenStackServerList},
      {"server event list",
       "openstack server event list [-h] [-f {csv,json,table,value,yaml}] [-c COLUMN] [--long] <server>",
       "<server>", 1, 1, kListFormats, &kOpenStackServerEventList},
      {"server event show",
       "openstack server event show [-h] [-f {json,shell,table,value,yaml}] [-c COLUMN] <server> "
       "<request-id>",
       "<server> <request-id>", 2, 2, kShowFormats, &kOpenStackServerEventShow},
      {"server add volume",
       "openstack server add volume [-h] [-f {json,shell,table,value,yaml}] [-c COLUMN] <server> <volume>",
       "<server> <volume>", 2, 2, kShowFormats, &kOpenStackServerAddVolume},
      {"server remove volume",
       "openstack server remove volume [-h] <server> <volume>",
       "<server> <volume>",
       2,
       2,
       {},
       &kOpenStackServerRemoveVolume},
      {"server volume list",
       "openstack server volume list [-h] [-f {csv,json,table,value,yaml}] [-c COLUMN] <server>", "<server>",
       1, 1, kListFormats, &kOpenStackServerVolumeList},
      {"image list", "openstack image list [-h] [-f {csv,json,table,value,yaml}] [-c COLUMN]", "", 0, 0,
       kListFormats, &kOpenStackImageList},
      {"flavor list", "openstack flavor list [-h] [-f {csv,json,table,value,yaml}] [-c COLUMN]", "", 0, 0,
       kListFormats, &kOpenStackFlavorList},
      {"quota show", "openstack quota show [-h] [-f {json,shell,table,value,yaml}] [-c COLUMN] [<project>]",
       "<project>", 0, 1, kShowFormats, &kOpenStackQuotaShow},
      {"quota set",
       "openstack quota set [-h] [--cores <cores>] [--force] <project>",
       "<project>",
       1,
       1,
       {},
       &kOpenStackQuotaSet},
      {"--version", "openstack [--version]", "", 0, 0, {}, &kOpenStackVersion},
  }};
  return all;
}

const FlagSpec* find_flag(const FlagTable& table, std::string_view name, bool& modelled) {
  for (const FlagSpec& flag : table.modelled) {
    if (flag.name == name) {
      modelled = true;
      return &flag;
    }
  }
  for (const FlagSpec& flag : table.not_modelled) {
    if (flag.name == name) {
      modelled = false;
      return &flag;
    }
  }
  return nullptr;
}

const FlagSpec* find_short(const FlagTable& table, char name) {
  for (const FlagSpec& flag : table.modelled) {
    if (flag.shorthand == name) {
      return &flag;
    }
  }
  return nullptr;
}

/// One reading of a command's words.
class ClientParser {
 public:
  ClientParser(const ClientCommand& command, std::span<const Argument> words)
      : command_(command), table_(command.command->flags()), words_(words) {}

  ParsedFlags parse() {
    bool only_arguments = false;
    for (at_ = 0; at_ < words_.size(); ++at_) {
      const std::string& text = words_[at_].text();
      if (!only_arguments && text == "--") {
        only_arguments = true;
      } else if (!only_arguments && text.starts_with("--")) {
        long_option(text);
      } else if (!only_arguments && text.size() > 1 && text.front() == '-') {
        short_option(text);
      } else {
        parsed_.arguments.push_back(words_[at_]);
      }
    }
    judge_arguments();
    return std::move(parsed_);
  }

 private:
  void problem(std::string text, std::string hint = {}) {
    const std::size_t at = at_ < words_.size() ? words_[at_].origin(0) : 0;
    parsed_.problems.push_back({std::move(text), std::move(hint), at});
  }

  void unrecognized(const std::string& word) {
    unrecognized_ += (unrecognized_.empty() ? "" : " ") + word;
    if (!unrecognized_at_) {
      unrecognized_at_ = words_[at_].origin(0);
    }
  }

  /// An option that is not in the table: the real client may have it all the same.
  void pass_over(const std::string& text, const std::string& name, bool has_value) {
    const RealOption real = real_option(command_, name);
    if (!real.known) {
      unrecognized(text);
      return;
    }
    problem(fmt::format("openstack {} {} is not modelled yet", command_.name, name));
    at_ += real.takes_value && !has_value ? 1 : 0;
  }

  void take(const FlagSpec& flag, std::string_view shown, bool has_value, std::string value,
            std::size_t offset) {
    const std::size_t begin = words_[at_].origin(0);
    if (flag.type == FlagType::boolean) {
      if (has_value) {
        problem(fmt::format("argument {}: ignored explicit argument '{}'", shown, value));
        return;
      }
      parsed_.given.push_back({&flag, "true", false, begin, offset});
      return;
    }
    bool open = false;
    if (!has_value) {
      if (at_ + 1 >= words_.size()) {
        problem(fmt::format("argument {}: expected one argument", shown));
        return;
      }
      ++at_;
      value = words_[at_].text();
      offset = words_[at_].origin(0);
      open = words_[at_].open_from(0);
    } else {
      open = words_[at_].open_from(shown.size());
    }
    if (flag.name == "format" && !open) {
      const auto& formats = command_.formats;
      if (std::find(formats.begin(), formats.end(), value) == formats.end()) {
        std::string choices;
        for (const std::string_view format : formats) {
          choices += fmt::format("{}'{}'", choices.empty() ? "" : ", ", format);
        }
        problem(fmt::format("argument -f/--format: invalid choice: '{}' (choose from {})", value, choices));
        return;
      }
    }
    parsed_.given.push_back({&flag, std::move(value), open, begin, offset});
  }

  void long_option(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(2, equals == std::string::npos ? equals : equals - 2);
    bool modelled = false;
    const FlagSpec* flag = find_flag(table_, name, modelled);
    if (flag == nullptr) {
      pass_over(text, "--" + name, equals != std::string::npos);
      return;
    }
    if (!modelled) {
      problem(fmt::format("openstack {} --{} is not modelled yet", command_.name, name));
    }
    take(*flag, "--" + name, equals != std::string::npos,
         equals == std::string::npos ? std::string() : text.substr(equals + 1),
         words_[at_].origin(equals == std::string::npos ? text.size() : equals + 1));
  }

  void short_option(const std::string& text) {
    const FlagSpec* flag = find_short(table_, text[1]);
    if (flag == nullptr) {
      pass_over(text, text.substr(0, 2), text.size() > 2);
      return;
    }
    const bool has_value = text.size() > 2;
    take(*flag, text.substr(0, 2), has_value, has_value ? text.substr(2) : std::string(),
         words_[at_].origin(has_value ? 2 : text.size()));
  }

  void judge_arguments() {
    if (parsed_.arguments.size() < command_.arguments_min && parsed_.problems.empty()) {
      std::string_view missing = command_.metavar;
      if (parsed_.arguments.size() == 1) {
        missing = missing.substr(missing.find(' ') + 1);
      }
      std::string names(missing);
      std::replace(names.begin(), names.end(), ' ', ',');
      parsed_.problems.push_back({fmt::format("the following arguments are required: {}", names),
                                  fmt::format("usage: {}", command_.usage),
                                  words_.empty() ? std::size_t{0} : words_.back().origin(0)});
    }
    for (std::size_t i = command_.arguments_max; i < parsed_.arguments.size(); ++i) {
      unrecognized_ += (unrecognized_.empty() ? "" : " ") + parsed_.arguments[i].text();
      unrecognized_at_ = unrecognized_at_.value_or(parsed_.arguments[i].origin(0));
    }
    if (!unrecognized_.empty()) {
      parsed_.problems.push_back({fmt::format("unrecognized arguments: {}", unrecognized_),
                                  fmt::format("usage: {}", command_.usage), *unrecognized_at_});
    }
  }

  const ClientCommand& command_;
  const FlagTable& table_;
  std::span<const Argument> words_;
  ParsedFlags parsed_;
  std::size_t at_ = 0;
  std::string unrecognized_;
  std::optional<std::size_t> unrecognized_at_;
};

/// Whether of a command only the refusals are modelled. Source: models/openstack/requests.cpp, act.
bool is_only_refused(const ClientCommand& command) {
  constexpr std::array<const SubCommand*, 6> kOnlyRefused{
      &kOpenStackServerReboot,  &kOpenStackServerRescue,      &kOpenStackServerResize,
      &kOpenStackServerRebuild, &kOpenStackServerImageCreate, &kOpenStackConsoleLogShow};
  return std::find(kOnlyRefused.begin(), kOnlyRefused.end(), command.command) != kOnlyRefused.end();
}

std::string modelled_names() {
  std::string names;
  for (const ClientCommand& command : commands()) {
    if (is_only_refused(command)) {
      continue;
    }
    names += (names.empty() ? "" : ", ") + std::string(command.name);
  }
  return names;
}

}  // namespace

std::span<const ClientCommand> client_commands() { return commands(); }

const ClientCommand* find_client_command(std::span<const Argument> words, std::vector<Argument>& rest,
                                         std::vector<CommandProblem>& problems) {
  std::vector<std::size_t> plain;  // positions of words that may belong to the name
  for (std::size_t i = 1; i < words.size() && plain.size() < 3; ++i) {
    const std::string& text = words[i].text();
    if (text == "--version" && plain.empty()) {
      return &commands().back();
    }
    if (text.starts_with('-')) {
      if (!plain.empty()) {
        break;
      }
      i += is_global_with_value(text) ? 1 : 0;
      continue;
    }
    plain.push_back(i);
  }
  const ClientCommand* found = nullptr;
  std::size_t taken = 0;
  std::string name;
  for (std::size_t count = 1; count <= plain.size(); ++count) {
    name += (name.empty() ? "" : " ") + words[plain[count - 1]].text();
    for (const ClientCommand& command : commands()) {
      if (command.name == name) {
        found = &command;
        taken = count;
      }
    }
  }
  if (found == nullptr) {
    const std::size_t offset = plain.empty() ? words.front().origin(0) : words[plain.front()].origin(0);
    if (plain.empty()) {
      problems.push_back({"openstack needs a command", "modelled: " + modelled_names(), offset});
    } else {
      const std::string two = plain.size() > 1 ? words[plain[0]].text() + " " + words[plain[1]].text() : name;
      problems.push_back(
          {fmt::format("openstack {} is not modelled yet", two), "modelled: " + modelled_names(), offset});
    }
    return nullptr;
  }
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool of_name = std::find(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(taken), i) !=
                         plain.begin() + static_cast<std::ptrdiff_t>(taken);
    if (!of_name) {
      rest.push_back(words[i]);
    }
  }
  return found;
}

std::optional<CommandProblem> not_for_plans(std::span<const Argument> words) {
  if (words.empty() || words.front().text() != "openstack") {
    return std::nullopt;
  }
  std::vector<Argument> rest;
  std::vector<CommandProblem> problems;
  const ClientCommand* command = find_client_command(words, rest, problems);
  if (command == nullptr || !is_only_refused(*command)) {
    return std::nullopt;
  }
  return CommandProblem{fmt::format("openstack {} is not modelled yet", command->name),
                        "modelled: " + modelled_names(), words.front().origin(0)};
}

ParsedFlags parse_client_words(const ClientCommand& command, std::span<const Argument> words) {
  return ClientParser(command, words).parse();
}

std::string usage_error(const ClientCommand& command, const CommandProblem& problem) {
  return fmt::format("usage: {}\nopenstack {}: error: {}\n", command.usage, command.name, problem.text);
}

openstack::Turn nova_turn(Systems& systems) {
  models::kubernetes::Turn& turn = systems.kubernetes;
  return {*systems.openstack, turn.cluster.settings->profile, turn.agenda, turn.context,
          turn.cluster.next_uid};
}

void ClientAction::advance(CommandState& state, Systems& systems, By by) const {
  if (systems.openstack == nullptr || !systems.openstack->given()) {
    fail(state, "rehearse: the scenario has no cluster.openstack");
    return;
  }
  if (state.deadline != sim::kNever && systems.kubernetes.agenda.now < state.deadline) {
    return;  // it sleeps
  }
  state.deadline = sim::kNever;
  ClientTurn turn{
      nova_turn(systems), systems.openstack->caller, {static_cast<std::uint16_t>(by.writer), by.cause}};
  perform(state, turn);
}

std::int32_t find_server(const ClientTurn& turn, std::string_view word, std::string& error) {
  const openstack::State& state = turn.state();
  const std::int32_t by_id = state.find_id(word);
  if (by_id != openstack::kNone) {
    const openstack::Server& server = state.servers[static_cast<std::size_t>(by_id)];
    if (turn.caller.admin || server.project == turn.caller.project) {
      return by_id;
    }
  }
  std::int32_t found = openstack::kNone;
  for (std::size_t i = 0; i < state.servers.size(); ++i) {
    const openstack::Server& server = state.servers[i];
    if (server.vm_state == openstack::VmState::deleted || server.project != turn.caller.project ||
        server.name != word) {
      continue;
    }
    if (found != openstack::kNone) {
      error = fmt::format("More than one server exists with the name '{}'.", word);
      return openstack::kNone;
    }
    found = static_cast<std::int32_t>(i);
  }
  if (found == openstack::kNone) {
    error = fmt::format("No server with a name or ID of '{}' exists.", word);
  }
  return found;
}

void fail(CommandState& state, std::string_view message, int exit_code) {
  state.errors += fmt::format("{}\n", message);
  finish(state, exit_code);
}

std::string nova_error(const openstack::Answer& answer) {
  return fmt::format("{} (HTTP {}) (Request-ID: {})", answer.message, answer.code, answer.request_id);
}

std::string sdk_error(const openstack::Answer& answer, std::string_view path) {
  // Source: openstacksdk openstack/exceptions.py, raise_from_response.
  const char* kind = answer.code == 409   ? "ConflictException"
                     : answer.code == 404 ? "ResourceNotFound"
                     : answer.code == 403 ? "ForbiddenException"
                     : answer.code == 400 ? "BadRequestException"
                                          : "HttpException";
  return fmt::format("{}: {}: Client Error for url: http://127.0.0.1:8774/v2.1/{}, {}", kind, answer.code,
                     path, answer.message);
}

std::string client_time(const openstack::State& state, sim::Time at) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at).count();
  std::string text = models::kubernetes::json::time_text(state.epoch_seconds + seconds);
  if (text.ends_with('Z')) {
    text.pop_back();
  }
  return text;
}

int microversion(const Reading& reading) {
  const std::string text = reading.text("os-compute-api-version", "2.1");
  const std::size_t dot = text.find('.');
  int minor = 0;
  for (std::size_t i = dot == std::string::npos ? text.size() : dot + 1; i < text.size(); ++i) {
    minor = minor * 10 + (text[i] - '0');
  }
  return minor;
}

PrintOptions read_print_options(const Reading& reading) {
  PrintOptions print{reading.text("format", "table"), reading.flags.list("column"), {}, false};
  print.sort_columns = reading.flags.list("sort-column");
  print.descending = reading.boolean("sort-descending");
  return print;
}

void show_one(CommandState& state, const std::vector<ClientField>& fields, const PrintOptions& print) {
  std::vector<std::string> names;
  for (const ClientField& field : fields) {
    names.push_back(field.first);
  }
  if (const std::string problem = column_problem(names, print.columns); !problem.empty()) {
    fail(state, problem);
    return;
  }
  state.output += print_one(fields, print.format, print.columns);
}

void show_list(CommandState& state, const std::vector<std::string>& titles,
               std::vector<std::vector<ClientValue>> rows, const PrintOptions& print) {
  if (const std::string problem = column_problem(titles, print.columns); !problem.empty()) {
    fail(state, problem);
    return;
  }
  // Source: cliff/lister.py, produce_output: the first column weighs most, what has no value comes last.
  for (auto column = print.sort_columns.rbegin(); column != print.sort_columns.rend(); ++column) {
    const auto title = std::find(titles.begin(), titles.end(), *column);
    if (title == titles.end()) {
      continue;
    }
    const auto at = static_cast<std::size_t>(title - titles.begin());
    const auto before = [&](const std::vector<ClientValue>& a, const std::vector<ClientValue>& b) {
      const bool none = a[at].machine.is_null();
      return none == b[at].machine.is_null() ? !none && a[at].machine < b[at].machine : !none;
    };
    std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
      return print.descending ? before(b, a) : before(a, b);
    });
  }
  state.output += print_list(titles, rows, print.format, print.columns);
}

}  // namespace scenarios::commands
