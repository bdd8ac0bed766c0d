// Source of the options: flux-core src/cmd/flux-resource.py, main. They follow Python's argparse, whose forms
// `-s x`, `-sx`, `--states x`, `--states=x` and `-ff` are those of pflag; abbreviated long options are
// refused.

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/commands/flux_action.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace flux = models::flux;
namespace kubernetes = models::kubernetes;
using kubernetes::Row;

enum class Verb : std::uint8_t { list, status, drain_list, drain, undrain, info };

/// What a `flux resource` command asks of rank 0's broker.
struct ResourceRequest {
  Verb verb = Verb::list;
  flux::TableRequest table;
  flux::DrainRequest drain;
  flux::UndrainRequest undrain;
};

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

/// argparse's answer to an option that this release does not have.
flux::ProgramResult unrecognized(std::string_view option) {
  return {{}, fmt::format("flux-resource: error: unrecognized arguments: {}\n", option), 2};
}

flux::ProgramResult ask(const ResourceRequest& request, Systems& systems, Row row, By by) {
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

class ResourceCommand : public FluxAction {
 public:
  explicit ResourceCommand(ResourceRequest request) : request_(std::move(request)) {}

  void perform(CommandState& state, Systems& systems, const FluxPlace& place, By by) const override {
    conclude(state, ask(request_, systems, place.minicluster, by));
  }
  [[nodiscard]] std::string_view program() const override { return "flux-resource"; }
  [[nodiscard]] std::string hosts() const override {
    return request_.verb == Verb::undrain ? request_.undrain.targets : request_.drain.targets;
  }

 private:
  ResourceRequest request_;
};

void read_format(Reading& reading, ResourceRequest& request) {
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

void read_drain(Reading& reading, ResourceRequest& request) {
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

void read_undrain(Reading& reading, ResourceRequest& request) {
  if (reading.flags.arguments.empty()) {
    reading.refuse("the following arguments are required: targets", "write flux resource undrain TARGETS");
    return;
  }
  refuse_arguments(reading, 1);
  request.undrain.targets = reading.flags.arguments.front().text();
  request.undrain.force = reading.boolean("force");
  request.undrain.update = reading.boolean("update");
}

ResourceRequest read_request(Reading& reading, Verb verb) {
  ResourceRequest request;
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

ActionPointer read_command(Reading& reading, Verb verb) {
  return std::make_shared<ResourceCommand>(read_request(reading, verb));
}

}  // namespace

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
