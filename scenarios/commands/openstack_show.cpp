// openstack server show|list|create, server event list|show, image list, flavor list, quota show|set.
// Source: python-openstackclient openstackclient/compute/v2/server.py (ListServer, ShowServer, CreateServer),
// server_event.py, flavor.py, openstackclient/image/v2/image.py, openstackclient/common/quota.py.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <functional>
#include <optional>
#include <regex>

#include "scenarios/commands/openstack_action.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

using Json = nlohmann::ordered_json;
using openstack::Server;
using openstack::VmState;

constexpr FlagSpec kFormatFlag{"format", 'f', FlagType::text};
constexpr FlagSpec kColumnFlag{"column", 'c', FlagType::text_list};
constexpr FlagSpec kLongFlag{"long", 0, FlagType::boolean};

/// A command that answers at once: a function of the cloud.
class Look : public ClientAction {
 public:
  using Show = std::function<void(CommandState&, ClientTurn&)>;
  explicit Look(Show show) : show_(std::move(show)) {}
  void perform(CommandState& state, ClientTurn& turn) const override {
    show_(state, turn);
    if (!state.done) {
      finish(state);
    }
  }

 private:
  Show show_;
};

ActionPointer look(Look::Show show) { return std::make_shared<Look>(std::move(show)); }

std::string image_name(const openstack::State& state, const Server& server) {
  return server.shown_image() == openstack::kNone
             ? std::string("N/A (booted from volume)")
             : state.images[static_cast<std::size_t>(server.shown_image())].name;
}

ActionPointer read_show(Reading& reading) {
  const std::string word = reading.flags.arguments.empty() ? "" : reading.flags.arguments.front().text();
  return look([word, minor = microversion(reading), print = read_print_options(reading)](CommandState& state,
                                                                                         ClientTurn& turn) {
    std::string error;
    const std::int32_t server = find_server(turn, word, error);
    if (server == openstack::kNone) {
      fail(state, error);
      return;
    }
    show_one(state, server_fields(turn, turn.nova.at(server), minor), print);
  });
}

/// What `server list` shows.
struct ListWish {
  std::string name;
  std::string status;
  std::string flavor;
  bool all_projects = false;
  bool details = false;
  PrintOptions print;
};

std::vector<ClientValue> row_of(const ClientTurn& turn, const Server& server, bool details) {
  const openstack::State& state = turn.state();
  const openstack::Flavor& flavor = state.flavors[static_cast<std::size_t>(server.flavor)];
  const ClientValue id{Json(server.id)};
  const ClientValue name{Json(server.name)};
  const ClientValue status{Json(status_of(server.vm_state))};
  const ClientValue networks{Json::object(), ""};
  if (!details) {
    return {id,
            name,
            status,
            networks,
            ClientValue(Json(image_name(state, server))),
            ClientValue(Json(flavor.name))};
  }
  const std::string_view task = to_text(server.task_state);
  const bool placed = server.host != openstack::kNone;
  const std::string image_id = server.shown_image() == openstack::kNone
                                   ? ""
                                   : state.images[static_cast<std::size_t>(server.shown_image())].id;
  const std::string host =
      placed && turn.caller.admin ? state.hosts[static_cast<std::size_t>(server.host)].name : std::string();
  return {id,
          name,
          status,
          ClientValue(task.empty() ? Json(nullptr) : Json(task)),
          ClientValue(Json(static_cast<int>(server.power_state)), std::string(to_text(server.power_state))),
          networks,
          ClientValue(Json(image_name(state, server))),
          ClientValue(Json(image_id)),
          ClientValue(Json(flavor.name)),
          ClientValue(Json(flavor.id)),
          ClientValue(Json(placed ? "nova" : "")),
          ClientValue(Json(host)),
          ClientValue(Json::object(), "")};
}

ActionPointer read_list(Reading& reading) {
  ListWish wish{reading.text("name"),    reading.text("status"),
                reading.text("flavor"),  reading.boolean("all-projects"),
                reading.boolean("long"), read_print_options(reading)};
  if (reading.given("sort-ascending") && reading.given("sort-descending")) {
    reading.refuse("argument --sort-descending: not allowed with argument --sort-ascending");
  }
  std::optional<std::regex> name;
  if (!wish.name.empty()) {
    try {
      name.emplace(wish.name);
    } catch (const std::regex_error&) {
      reading.refuse(fmt::format("\"{}\" is not a regular expression", wish.name), {},
                     reading.place_of("name"));
    }
  }
  return look([wish = std::move(wish), name = std::move(name)](CommandState& state, ClientTurn& turn) {
    static const std::vector<std::string> kShort = {"ID", "Name", "Status", "Networks", "Image", "Flavor"};
    static const std::vector<std::string> kLong = {
        "ID",       "Name",        "Status",    "Task State",        "Power State", "Networks",  "Image Name",
        "Image ID", "Flavor Name", "Flavor ID", "Availability Zone", "Host",        "Properties"};
    const std::int32_t flavor =
        wish.flavor.empty() ? openstack::kNone : turn.state().find_flavor(wish.flavor);
    if (!wish.flavor.empty() && flavor == openstack::kNone) {
      fail(state, fmt::format("No flavor with a name or ID of '{}' exists.", wish.flavor));
      return;
    }
    std::vector<std::vector<ClientValue>> rows;
    const std::vector<Server>& servers = turn.state().servers;
    for (std::size_t i = servers.size(); i-- > 0;) {  // the newest first
      const Server& server = servers[i];
      const bool seen = server.vm_state != VmState::deleted &&
                        (server.project == turn.caller.project || (wish.all_projects && turn.caller.admin)) &&
                        (!name || std::regex_search(server.name, *name)) &&
                        (wish.status.empty() || status_of(server.vm_state) == wish.status) &&
                        (flavor == openstack::kNone || server.flavor == flavor);
      if (seen) {
        rows.push_back(row_of(turn, server, wish.details));
      }
    }
    show_list(state, wish.details ? kLong : kShort, std::move(rows), wish.print);
  });
}

ActionPointer read_event_list(Reading& reading) {
  const std::string word = reading.flags.arguments.empty() ? "" : reading.flags.arguments.front().text();
  return look([word, print = read_print_options(reading)](CommandState& state, ClientTurn& turn) {
    std::string error;
    const std::int32_t found = find_server(turn, word, error);
    if (found == openstack::kNone) {
      fail(state, error);
      return;
    }
    const Server& server = turn.nova.at(found);
    std::vector<std::vector<ClientValue>> rows;
    for (std::size_t i = server.actions.size(); i-- > 0;) {
      const openstack::Action& action = server.actions[i];
      rows.push_back({ClientValue(Json(action.request_id)), ClientValue(Json(server.id)),
                      ClientValue(Json(action.name)),
                      ClientValue(Json(client_time(turn.state(), action.started) + ".000000"))});
    }
    show_list(state, {"Request ID", "Server ID", "Action", "Start Time"}, std::move(rows), print);
  });
}

ClientValue events_of(const openstack::State& state, const openstack::Action& action) {
  Json events = Json::array();
  std::string shown;
  for (std::size_t i = action.events.size(); i-- > 0;) {
    const openstack::ActionEvent& event = action.events[i];
    const bool over = event.finished != sim::kNever;
    events.push_back(
        {{"event", event.name},
         {"start_time", client_time(state, event.started) + ".000000"},
         {"finish_time", over ? Json(client_time(state, event.finished) + ".000000") : Json(nullptr)},
         {"result", over ? Json(event.failed ? "Error" : "Success") : Json(nullptr)},
         {"traceback", event.failed ? Json("(the services' call stack)") : Json(nullptr)}});
    shown +=
        fmt::format("{}event='{}', finish_time='{}', start_time='{}'", shown.empty() ? "" : "\n", event.name,
                    python_text(events.back()["finish_time"]), client_time(state, event.started) + ".000000");
  }
  return {std::move(events), std::move(shown)};
}

ActionPointer read_event_show(Reading& reading) {
  std::vector<std::string> words;
  for (const Argument& argument : reading.flags.arguments) {
    words.push_back(argument.text());
  }
  words.resize(2);
  return look([words, print = read_print_options(reading)](CommandState& state, ClientTurn& turn) {
    std::string error;
    const std::int32_t found = find_server(turn, words[0], error);
    if (found == openstack::kNone) {
      fail(state, error);
      return;
    }
    const Server& server = turn.nova.at(found);
    const auto action =
        std::find_if(server.actions.begin(), server.actions.end(),
                     [&](const openstack::Action& candidate) { return candidate.request_id == words[1]; });
    if (action == server.actions.end()) {
      fail(state,
           nova_error({404,
                       fmt::format("Action for request_id {} on instance {} not found", words[1], server.id),
                       openstack::make_id("request", turn.state().next_request++)}));
      return;
    }
    std::vector<ClientField> fields;
    fields.emplace_back("action", ClientValue(Json(action->name)));
    if (turn.caller.admin) {
      fields.emplace_back("events", events_of(turn.state(), *action));
    }
    fields.emplace_back("instance_uuid", ClientValue(Json(server.id)));
    fields.emplace_back("message", ClientValue(action->failed ? Json("Error") : Json(nullptr)));
    for (const ClientField& field : server_fields(turn, server, 1)) {
      if (field.first == "project_id") {
        fields.push_back(field);
      }
    }
    fields.emplace_back("request_id", ClientValue(Json(action->request_id)));
    fields.emplace_back("start_time",
                        ClientValue(Json(client_time(turn.state(), action->started) + ".000000")));
    for (const ClientField& field : server_fields(turn, server, 1)) {
      if (field.first == "user_id") {
        fields.push_back(field);
      }
    }
    show_one(state, fields, print);
  });
}

/// What `server create` asks for, by names: they are looked up when it runs.
struct CreateWish {
  std::string name;
  std::string flavor;
  std::string image;
  std::string zone;
  bool wait = false;
  int minor = 1;
  PrintOptions print;
};

class CreateCommand : public ClientAction {
 public:
  explicit CreateCommand(CreateWish wish) : wish_(std::move(wish)) {}

  void perform(CommandState& state, ClientTurn& turn) const override {
    if (state.waiting_for.empty() && !post(state, turn)) {
      return;
    }
    const std::int32_t server = turn.state().find_uid(state.waiting_for.front());
    if (server == openstack::kNone || (wish_.wait && turn.nova.at(server).vm_state == VmState::error)) {
      state.output += "Error creating server\n";
      fail(state, fmt::format("Error creating server: {}", wish_.name));
      return;
    }
    if (wish_.wait && turn.nova.at(server).vm_state != VmState::active) {
      state.deadline = turn.nova.now() + std::chrono::seconds{5};
      return;
    }
    print(state, turn, turn.nova.at(server));
    if (!state.done) {
      finish(state);
    }
  }

 private:
  bool post(CommandState& state, ClientTurn& turn) const {
    openstack::State& cloud = turn.state();
    openstack::CreateRequest request;
    request.name = wish_.name;
    request.image = cloud.find_image(wish_.image);
    if (request.image == openstack::kNone && !wish_.image.empty()) {
      fail(state, fmt::format("No Image found for {}", wish_.image));
      return false;
    }
    request.flavor = cloud.find_flavor(wish_.flavor);
    if (request.flavor == openstack::kNone) {
      fail(state, fmt::format("No flavor with a name or ID of '{}' exists.", wish_.flavor));
      return false;
    }
    if (const std::size_t colon = wish_.zone.find(':'); colon != std::string::npos) {
      request.wanted_host = cloud.find_host(wish_.zone.substr(colon + 1));
    }
    const openstack::Answer answer = create(turn.nova, turn.caller, request, turn.by);
    if (!answer.ok()) {
      fail(state, nova_error(answer));
      return false;
    }
    state.waiting_for = {turn.nova.at(answer.server).uid};
    return true;
  }

  void print(CommandState& state, const ClientTurn& turn, const Server& server) const {
    std::vector<ClientField> fields = server_fields(turn, server, wish_.minor);
    const std::string password = openstack::make_id(server.id, 1).substr(0, 12);
    fields.emplace_back("adminPass", ClientValue(Json(password)));
    fields.emplace_back("security_groups",
                        ClientValue(Json::array({{{"name", "default"}}}), "name='default'"));
    std::sort(fields.begin(), fields.end(),
              [](const ClientField& a, const ClientField& b) { return a.first < b.first; });
    state.output += wish_.wait ? "\n" : "";
    show_one(state, fields, wish_.print);
  }

  CreateWish wish_;
};

ActionPointer read_create(Reading& reading) {
  CreateWish wish;
  wish.name = reading.flags.arguments.empty() ? "" : reading.flags.arguments.front().text();
  wish.flavor = reading.text("flavor");
  wish.image = reading.text("image");
  wish.zone = reading.text("availability-zone");
  wish.wait = reading.boolean("wait");
  wish.minor = microversion(reading);
  wish.print = read_print_options(reading);
  if (!reading.given("flavor")) {
    reading.refuse("the following arguments are required: --flavor");
  } else if (!reading.given("image")) {
    reading.refuse("one of the arguments --image --image-property --volume --snapshot is required");
  }
  return std::make_shared<CreateCommand>(std::move(wish));
}

ActionPointer read_image_list(Reading& reading) {
  return look([print = read_print_options(reading)](CommandState& state, ClientTurn& turn) {
    std::vector<const openstack::Image*> images;
    const std::vector<openstack::Image>& all = turn.state().images;
    for (std::size_t i = all.size(); i-- > 0;) {
      const openstack::Image& image = all[i];
      if (!image.name.empty() &&
          (image.project == openstack::kNone || image.project == turn.caller.project || turn.caller.admin)) {
        images.push_back(&image);
      }
    }
    // Source: openstackclient/image/v2/image.py: sorted by name; Glance lists the newest first.
    std::stable_sort(images.begin(), images.end(),
                     [](const openstack::Image* a, const openstack::Image* b) { return a->name < b->name; });
    std::vector<std::vector<ClientValue>> rows;
    for (const openstack::Image* image : images) {
      const bool active = image->status == openstack::ImageStatus::active;
      rows.push_back({ClientValue(Json(image->id)), ClientValue(Json(image->name)),
                      ClientValue(Json(active ? "active" : "queued"))});
    }
    show_list(state, {"ID", "Name", "Status"}, std::move(rows), print);
  });
}

ActionPointer read_flavor_list(Reading& reading) {
  return look([print = read_print_options(reading)](CommandState& state, ClientTurn& turn) {
    std::vector<std::vector<ClientValue>> rows;
    for (const openstack::Flavor& flavor : turn.state().flavors) {
      rows.push_back({ClientValue(Json(flavor.id)), ClientValue(Json(flavor.name)),
                      ClientValue(Json(flavor.ram_mb)), ClientValue(Json(flavor.disk_gb)),
                      ClientValue(Json(0)), ClientValue(Json(flavor.vcpus)), ClientValue(Json(true))});
    }
    // Source: nova, GET /flavors/detail sorts by flavorid.
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return a[0].people < b[0].people; });
    show_list(state, {"ID", "Name", "RAM", "Disk", "Ephemeral", "VCPUs", "Is Public"}, std::move(rows),
              print);
  });
}

/// Limits that nothing here uses: the defaults of Nova (nova/conf/quota.py) and Neutron.
struct OtherLimit {
  const char* name;
  int value;
};
constexpr OtherLimit kOtherLimits[] = {
    {"fixed-ips", -1},
    {"floating-ips", -1},
    {"injected-file-size", 10240},
    {"injected-files", 5},
    {"injected-path-size", 255},
    {"key-pairs", 100},
    {"networks", 100},
    {"ports", 500},
    {"properties", 128},
    {"rbac_policies", 10},
    {"secgroup-rules", 100},
    {"secgroups", 10},
    {"server-group-members", 10},
    {"server-groups", 10},
    {"subnet_pools", -1},
    {"subnets", 100},
};

ActionPointer read_quota_show(Reading& reading) {
  const std::string word = reading.flags.arguments.empty() ? "" : reading.flags.arguments.front().text();
  return look([word, print = read_print_options(reading)](CommandState& state, ClientTurn& turn) {
    const openstack::State& cloud = turn.state();
    const std::int32_t index = word.empty() ? turn.caller.project : cloud.find_project(word);
    if (index == openstack::kNone) {
      fail(state, fmt::format("No project with a name or ID of '{}' exists.", word));
      return;
    }
    const openstack::Project& project = cloud.projects[static_cast<std::size_t>(index)];
    std::vector<ClientField> fields;
    for (const OtherLimit& limit : kOtherLimits) {
      fields.emplace_back(limit.name, ClientValue(Json(limit.value)));
    }
    fields.emplace_back("cores", ClientValue(Json(project.cores)));
    fields.emplace_back("instances", ClientValue(Json(project.instances)));
    fields.emplace_back("ram", ClientValue(Json(project.ram_mb)));
    fields.emplace_back("project", ClientValue(Json(project.id)));
    fields.emplace_back("project_name", ClientValue(Json(project.name)));
    const std::string location = fmt::format(
        "Munch({{'cloud': '', 'region_name': 'RegionOne', 'zone': None, 'project': Munch({{'id': '{}', "
        "'name': '{}', "
        "'domain_id': None, 'domain_name': 'Default'}})}})",
        project.id, project.name);
    fields.emplace_back("location", ClientValue(Json(location)));
    std::sort(fields.begin(), fields.end(),
              [](const ClientField& a, const ClientField& b) { return a.first < b.first; });
    show_one(state, fields, print);
  });
}

ActionPointer read_quota_set(Reading& reading) {
  const std::string word = reading.flags.arguments.empty() ? "" : reading.flags.arguments.front().text();
  const std::string cores = reading.text("cores", "-1");
  std::int32_t number = 0;
  const auto [end, wrong] = std::from_chars(cores.data(), cores.data() + cores.size(), number);
  if (wrong != std::errc{} || end != cores.data() + cores.size()) {
    reading.refuse(fmt::format("argument --cores: invalid int value: '{}'", cores), {},
                   reading.place_of("cores"));
  }
  return look([word, number](CommandState& state, ClientTurn& turn) {
    const std::int32_t project = turn.state().find_project(word);
    if (project == openstack::kNone) {
      fail(state, fmt::format("No project with a name or ID of '{}' exists.", word));
      return;
    }
    if (!turn.caller.admin) {
      fail(state,
           nova_error({403, "Policy doesn't allow os_compute_api:os-quota-sets:update to be performed.",
                       "req-" + openstack::make_id("request", turn.state().next_request++)}));
      return;
    }
    set_quota(turn.nova, project, number, turn.by);
  });
}

ActionPointer read_version(Reading&) {
  return look([](CommandState& state, ClientTurn&) { state.output += "openstack 6.0.0\n"; });
}

template <CommandName name>
const FlagTable& print_flags() {
  static const Flags flags(Flags::Of::other, name.text, {kVersionFlag, kCloudFlag, kFormatFlag, kColumnFlag},
                           {{"max-width", 0, FlagType::integer}, {"fit-width", 0, FlagType::boolean}});
  return flags.table();
}
const FlagTable& list_flags() {
  static const Flags flags(Flags::Of::other, "openstack server list",
                           {kVersionFlag,
                            kCloudFlag,
                            kFormatFlag,
                            kColumnFlag,
                            kLongFlag,
                            {"name", 0, FlagType::text},
                            {"status", 0, FlagType::text},
                            {"flavor", 0, FlagType::text},
                            {"all-projects", 0, FlagType::boolean},
                            {"name-lookup-one-by-one", 'n', FlagType::boolean},
                            {"sort-column", 0, FlagType::text_list},
                            {"sort-ascending", 0, FlagType::boolean},
                            {"sort-descending", 0, FlagType::boolean}},
                           {{"host", 0, FlagType::text}, {"limit", 0, FlagType::integer}});
  return flags.table();
}
const FlagTable& create_flags() {
  static const Flags flags(Flags::Of::other, "openstack server create",
                           {kVersionFlag,
                            kCloudFlag,
                            kFormatFlag,
                            kColumnFlag,
                            {"flavor", 0, FlagType::text},
                            {"image", 0, FlagType::text},
                            {"nic", 0, FlagType::text},
                            {"network", 0, FlagType::text},
                            {"key-name", 0, FlagType::text},
                            {"security-group", 0, FlagType::text_list},
                            {"availability-zone", 0, FlagType::text},
                            {"wait", 0, FlagType::boolean}},
                           {{"volume", 0, FlagType::text},
                            {"boot-from-volume", 0, FlagType::integer},
                            {"min", 0, FlagType::integer},
                            {"max", 0, FlagType::integer},
                            {"user-data", 0, FlagType::text},
                            {"property", 0, FlagType::text_list}});
  return flags.table();
}
const FlagTable& quota_flags() {
  static const Flags flags(
      Flags::Of::other, "openstack quota set",
      {kVersionFlag, kCloudFlag, {"cores", 0, FlagType::text}, {"force", 0, FlagType::boolean}},
      {{"instances", 0, FlagType::text}, {"ram", 0, FlagType::text}});
  return flags.table();
}
const FlagTable& version_flags() {
  static const Flags flags(Flags::Of::other, "openstack --version", {{"version", 0, FlagType::boolean}}, {});
  return flags.table();
}

}  // namespace

const SubCommand kOpenStackServerShow{
    "openstack", "server show", "SERVER", "Prints a server.", print_flags<"openstack server show">,
    read_show};
const SubCommand kOpenStackServerList{
    "openstack", "server list", "", "Prints the project's servers, newest first.", list_flags, read_list};
const SubCommand kOpenStackServerCreate{
    "openstack",  "server create", "NAME", "Creates a server from an image; networks are not modelled.",
    create_flags, read_create};
const SubCommand kOpenStackServerEventList{"openstack",
                                           "server event list",
                                           "SERVER",
                                           "Prints what was asked of a server, newest first.",
                                           print_flags<"openstack server event list">,
                                           read_event_list};
const SubCommand kOpenStackServerEventShow{"openstack",
                                           "server event show",
                                           "SERVER REQUEST",
                                           "Prints one request; administrators see its events.",
                                           print_flags<"openstack server event show">,
                                           read_event_show};
const SubCommand kOpenStackImageList{"openstack",
                                     "image list",
                                     "",
                                     "Prints images, snapshots included.",
                                     print_flags<"openstack image list">,
                                     read_image_list};
const SubCommand kOpenStackFlavorList{
    "openstack",     "flavor list", "", "Prints flavours.", print_flags<"openstack flavor list">,
    read_flavor_list};
const SubCommand kOpenStackQuotaShow{"openstack",
                                     "quota show",
                                     "[PROJECT]",
                                     "Prints a project's limits.",
                                     print_flags<"openstack quota show">,
                                     read_quota_show};
const SubCommand kOpenStackQuotaSet{"openstack", "quota set",
                                    "PROJECT",   "Sets how many cores a project may use.",
                                    quota_flags, read_quota_set};
const SubCommand kOpenStackVersion{"openstack",   "--version", "", "Prints the emulated client's release.",
                                   version_flags, read_version};

}  // namespace scenarios::commands
