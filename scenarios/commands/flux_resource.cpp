// Source of the options: flux-core src/cmd/flux-resource.py, main. They follow Python's argparse, whose forms
// `-s x`, `-sx`, `--states x`, `--states=x` and `-ff` are those of pflag; abbreviated long options are
// refused.

#include "scenarios/commands/flux_resource.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "models/flux/hostlist.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace flux = models::flux;
namespace kubernetes = models::kubernetes;
using kubernetes::Row;
using Verb = FluxRequest::Verb;

constexpr FlagSpec kStates{"states", 's', FlagType::comma_list};
constexpr FlagSpec kNoHeader{"no-header", 'n', FlagType::boolean};
constexpr FlagSpec kFormat{"format", 'o', FlagType::text};
constexpr FlagSpec kInclude{"include", 'i', FlagType::text};
constexpr FlagSpec kQueue{"queue", 'q', FlagType::text};
constexpr FlagSpec kColor{"color", 'L', FlagType::text, "always"};
constexpr FlagSpec kFromStdin{"from-stdin", 0, FlagType::boolean};
constexpr FlagSpec kForce{"force", 'f', FlagType::boolean};
constexpr FlagSpec kUpdate{"update", 'u', FlagType::boolean};

const Flags& flags_of(Verb verb) {
  static const Flags list(Flags::Of::other, "flux resource list", {kStates, kNoHeader},
                          {kFormat, kInclude, kQueue, kColor, kFromStdin});
  static const Flags status(Flags::Of::other, "flux resource status",
                            {kStates, kNoHeader, kFormat, {"skip-empty", 0, FlagType::boolean}},
                            {kInclude, kQueue, kColor, kFromStdin});
  static const Flags drain(Flags::Of::other, "flux resource drain", {kForce, kUpdate, kNoHeader},
                           {kFormat, kInclude, kColor});
  static const Flags undrain(Flags::Of::other, "flux resource undrain", {kForce, kUpdate}, {});
  static const Flags info(Flags::Of::other, "flux resource info", {kStates},
                          {kInclude, kQueue, kColor, kFromStdin});
  switch (verb) {
    case Verb::list:
      return list;
    case Verb::status:
      return status;
    case Verb::drain:
    case Verb::drain_list:
      return drain;
    case Verb::undrain:
      return undrain;
    case Verb::info:
      return info;
  }
  return list;
}

flux::ProgramResult own_error(std::string text) { return {{}, "rehearse: " + std::move(text) + "\n", 1}; }

/// argparse's answer to an option that this release does not have.
flux::ProgramResult unrecognized(std::string_view option) {
  return {{}, fmt::format("flux-resource: error: unrecognized arguments: {}\n", option), 2};
}

std::vector<Row> miniclusters(const Systems& systems) {
  std::vector<Row> rows;
  for (Row row = 0; row < systems.flux.miniclusters.extent(); ++row) {
    if (systems.flux.miniclusters.alive(row)) {
      rows.push_back(row);
    }
  }
  return rows;
}

/// Whether `host` is `<minicluster>-<rank>`.
bool is_host_of(const Systems& systems, Row row, std::string_view host) {
  const std::string& name = systems.kubernetes.cluster.name_of(systems.flux.miniclusters[row].meta);
  return host.starts_with(name) && host.size() > name.size() + 1 && host[name.size()] == '-' &&
         host.find_first_not_of("0123456789", name.size() + 1) == std::string_view::npos;
}

/// A `flux resource` command at a prompt, not in a pod: of the only MiniCluster, or of the one whose hosts it
/// names.
class FluxCommand : public Action {
 public:
  explicit FluxCommand(FluxRequest request) : request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    flux::ProgramResult result;
    if (const std::optional<Row> row = choose(systems, result)) {
      result = perform_flux(request_, systems, *row, by);
    }
    state.output += result.output;
    state.errors += result.errors;
    finish(state, result.exit_code);
  }

 private:
  std::optional<Row> choose(const Systems& systems, flux::ProgramResult& refusal) const {
    const std::vector<Row> rows = miniclusters(systems);
    if (rows.size() == 1) {
      return rows.front();
    }
    if (rows.empty()) {
      refusal = own_error("there is no MiniCluster that flux could ask");
      return std::nullopt;
    }
    const std::string& targets =
        request_.verb == Verb::undrain ? request_.undrain.targets : request_.drain.targets;
    const flux::HostlistResult hosts = flux::hostlist_expand(targets);
    std::vector<std::string> names;
    for (const Row row : rows) {
      if (hosts && !hosts.hosts.empty() && is_host_of(systems, row, hosts.hosts.front())) {
        return row;
      }
      names.push_back(systems.kubernetes.cluster.name_of(systems.flux.miniclusters[row].meta));
    }
    refusal = own_error(fmt::format(
        "there are several MiniClusters ({}): name hosts, or write kubectl exec POD -- flux resource …",
        fmt::join(names, ", ")));
    return std::nullopt;
  }

  FluxRequest request_;
};

/// argparse refuses a value for an option that takes none.
void refuse_values_of_switches(Reading& reading) {
  for (const GivenFlag& given : reading.flags.given) {
    // The value of a bare flag stands at the flag's end, one that was written behind its "=".
    const bool written =
        given.value != "true" || given.value_offset == given.offset + 2 + given.spec->name.size() + 1;
    if (given.spec->type == FlagType::boolean && written) {
      reading.refuse(
          fmt::format("argument --{}: ignored explicit argument '{}'", given.spec->name, given.value), {},
          given.offset);
    }
  }
}

void read_format(Reading& reading, FluxRequest& request) {
  if (!reading.given("format") || reading.open("format")) {
    return;
  }
  const std::string format = reading.text("format");
  request.table.long_format = format == "long";
  if (format != "long" && format != "default") {
    reading.refuse(fmt::format("flux resource status -o {} is not modelled yet", format),
                   "modelled: default, long", reading.place_of("format"));
  }
}

void refuse_arguments(Reading& reading, std::size_t most) {
  const std::vector<Argument>& arguments = reading.flags.arguments;
  if (arguments.size() > most) {
    reading.refuse(fmt::format("unrecognized arguments: {}", arguments[most].text()), {},
                   arguments[most].origin(0));
  }
}

void read_drain(Reading& reading, FluxRequest& request) {
  const std::vector<Argument>& arguments = reading.flags.arguments;
  if (arguments.empty()) {
    request.verb = Verb::drain_list;
    return;
  }
  request.drain.targets = arguments.front().text();
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    request.drain.reason = i == 1 ? arguments[i].text() : *request.drain.reason + " " + arguments[i].text();
  }
  request.drain.force =
      static_cast<int>(std::count_if(reading.flags.given.begin(), reading.flags.given.end(),
                                     [](const GivenFlag& flag) { return flag.spec->name == "force"; }));
  request.drain.update = reading.boolean("update");
}

void read_undrain(Reading& reading, FluxRequest& request) {
  if (reading.flags.arguments.empty()) {
    reading.refuse("the following arguments are required: targets", "write flux resource undrain TARGETS");
    return;
  }
  refuse_arguments(reading, 1);
  request.undrain.targets = reading.flags.arguments.front().text();
  request.undrain.force = reading.boolean("force");
  request.undrain.update = reading.boolean("update");
}

ActionPointer read_command(Reading& reading, Verb verb) {
  return std::make_shared<FluxCommand>(read_flux(reading, verb));
}

}  // namespace

flux::ProgramResult perform_flux(const FluxRequest& request, Systems& systems, Row row, By by) {
  const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
  const flux::MiniCluster& minicluster = systems.flux.miniclusters[row];
  flux::FluxTurn turn{systems.flux, systems.kubernetes};
  switch (request.verb) {
    case Verb::list:
      return flux::resource_list(cluster, minicluster, request.table);
    case Verb::status:
      return flux::resource_status(cluster, minicluster, request.table);
    case Verb::drain_list:
      return flux::resource_drain_list(cluster, minicluster, request.table);
    case Verb::info:
      return flux::resource_info(cluster, minicluster, request.table);
    case Verb::drain:
      return flux::drain(turn, row, request.drain, by);
    case Verb::undrain: {
      // Source: models/flux/drain.h UndrainRequest: the releases that have these options.
      constexpr std::int32_t kForceSince = 67;
      constexpr std::int32_t kUpdateSince = 82;
      if (request.undrain.force && minicluster.setting.flux_minor < kForceSince) {
        return unrecognized("-f");
      }
      if (request.undrain.update && minicluster.setting.flux_minor < kUpdateSince) {
        return unrecognized("-u");
      }
      return flux::undrain(turn, row, request.undrain, by);
    }
  }
  return {};
}

FluxRequest read_flux(Reading& reading, Verb verb) {
  FluxRequest request;
  request.verb = verb;
  request.table.epoch_seconds_at_start = reading.context.epoch_seconds;
  request.table.states = reading.flags.list("states");
  request.table.no_header = reading.boolean("no-header");
  request.table.skip_empty = reading.boolean("skip-empty");
  refuse_values_of_switches(reading);
  switch (verb) {
    case Verb::status:
      read_format(reading, request);
      [[fallthrough]];
    case Verb::list:
    case Verb::info:
      refuse_arguments(reading, 0);
      break;
    case Verb::drain:
    case Verb::drain_list:
      read_drain(reading, request);
      break;
    case Verb::undrain:
      read_undrain(reading, request);
      break;
  }
  return request;
}

Verb flux_verb(std::string_view name) {
  return name == "resource list"     ? Verb::list
         : name == "resource status" ? Verb::status
         : name == "resource drain"  ? Verb::drain
         : name == "resource info"   ? Verb::info
                                     : Verb::undrain;
}

const SubCommand* find_flux_command(std::span<const Argument> words, std::vector<CommandProblem>& problems) {
  const std::array<const SubCommand*, 5> commands{&kFluxResourceList, &kFluxResourceStatus,
                                                  &kFluxResourceDrain, &kFluxResourceUndrain,
                                                  &kFluxResourceInfo};
  const std::string hint = "modelled: flux resource list, status, drain, undrain, info";
  if (words.size() < 2) {
    problems.push_back({"flux needs a command", hint, words.front().origin(0)});
    return nullptr;
  }
  if (words[1].text() != "resource") {
    problems.push_back(
        {fmt::format("flux {} is not modelled yet", words[1].text()), hint, words[1].origin(0)});
    return nullptr;
  }
  if (words.size() < 3) {
    problems.push_back({"flux resource needs a command", hint, words[1].origin(0)});
    return nullptr;
  }
  for (const SubCommand* command : commands) {
    if (command->name == "resource " + words[2].text()) {
      return command;
    }
  }
  problems.push_back(
      {fmt::format("flux resource {} is not modelled yet", words[2].text()), hint, words[2].origin(0)});
  return nullptr;
}

const SubCommand kFluxResourceList{"flux",
                                   "resource list",
                                   "",
                                   "Prints what the scheduler sees, by state.",
                                   []() -> const FlagTable& { return flags_of(Verb::list).table(); },
                                   [](Reading& reading) { return read_command(reading, Verb::list); }};
const SubCommand kFluxResourceStatus{
    "flux",
    "resource status",
    "",
    "Prints what an administrator sees, by state; `-o default` and `-o long`.",
    []() -> const FlagTable& { return flags_of(Verb::status).table(); },
    [](Reading& reading) { return read_command(reading, Verb::status); }};
const SubCommand kFluxResourceDrain{
    "flux",
    "resource drain",
    "[TARGETS [REASON…]]",
    "Takes ranks from the scheduler; without targets, prints what is drained.",
    []() -> const FlagTable& { return flags_of(Verb::drain).table(); },
    [](Reading& reading) { return read_command(reading, Verb::drain); },
    true};
const SubCommand kFluxResourceUndrain{"flux",
                                      "resource undrain",
                                      "TARGETS",
                                      "Gives ranks back to the scheduler.",
                                      []() -> const FlagTable& { return flags_of(Verb::undrain).table(); },
                                      [](Reading& reading) { return read_command(reading, Verb::undrain); }};
const SubCommand kFluxResourceInfo{"flux",
                                   "resource info",
                                   "",
                                   "Prints how many nodes, cores and GPUs there are.",
                                   []() -> const FlagTable& { return flags_of(Verb::info).table(); },
                                   [](Reading& reading) { return read_command(reading, Verb::info); }};

}  // namespace scenarios::commands
