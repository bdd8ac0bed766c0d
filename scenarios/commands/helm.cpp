// helm upgrade of the IOMesh release.
//
// Source: helm cmd/helm/upgrade.go, flags.go; pkg/action/upgrade.go (reuseValues); pkg/strvals/parser.go
// (--set); IOMesh documentation, Scale Out Cluster. Assumed: --wait does not wait for the servers' pods,
// which are the operator's and not the chart's.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "models/iomesh/release.h"
#include "scenarios/commands/iomeshctl.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

using Json = nlohmann::json;

const Flags& upgrade_flags() {
  static const Flags flags(Flags::Of::other, "helm upgrade",
                           {{"namespace", 'n', FlagType::text},
                            {"values", 'f', FlagType::comma_list},
                            {"set", 0, FlagType::text_list},
                            {"reuse-values", 0, FlagType::boolean},
                            {"reset-values", 0, FlagType::boolean},
                            {"version", 0, FlagType::text},
                            {"wait", 0, FlagType::boolean},
                            {"timeout", 0, FlagType::duration}},
                           {{"atomic", 0, FlagType::boolean},
                            {"cleanup-on-fail", 0, FlagType::boolean},
                            {"create-namespace", 0, FlagType::boolean},
                            {"debug", 0, FlagType::boolean},
                            {"description", 0, FlagType::text},
                            {"devel", 0, FlagType::boolean},
                            {"dry-run", 0, FlagType::text, "client"},
                            {"force", 0, FlagType::boolean},
                            {"history-max", 0, FlagType::integer},
                            {"install", 'i', FlagType::boolean},
                            {"kube-context", 0, FlagType::text},
                            {"kubeconfig", 0, FlagType::text},
                            {"no-hooks", 0, FlagType::boolean},
                            {"output", 'o', FlagType::text},
                            {"repo", 0, FlagType::text},
                            {"reset-then-reuse-values", 0, FlagType::boolean},
                            {"set-file", 0, FlagType::text_list},
                            {"set-json", 0, FlagType::text_list},
                            {"set-literal", 0, FlagType::text},
                            {"set-string", 0, FlagType::text_list},
                            {"skip-crds", 0, FlagType::boolean},
                            {"wait-for-jobs", 0, FlagType::boolean}});
  return flags;
}

struct UpgradeRequest {
  std::string release;
  std::string name_space;
  std::vector<std::string> files;
  std::vector<std::pair<std::string, Json>> set;
  bool reuse = false;
  bool reset = false;
  std::string version;
  std::int64_t epoch_seconds = 0;
};

/// As Go prints a time by ANSIC: "Mon Jan  1 00:00:05 2024".
std::string ansic(std::int64_t epoch_seconds, sim::Time now) {
  using std::chrono::days;
  using std::chrono::seconds;
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds at{seconds{epoch_seconds} + std::chrono::duration_cast<seconds>(now)};
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  return fmt::format("{} {} {:2} {:02}:{:02}:{:02} {}", kDays[std::chrono::weekday{day}.c_encoding()],
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     static_cast<int>(date.year()));
}

class UpgradeCommand : public Action {
 public:
  explicit UpgradeCommand(UpgradeRequest request) : request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    auto turn = iomesh_turn(systems);
    const bool there = turn && request_.release == "iomesh" &&
                       turn->cluster().strings[turn->state.name_space] == request_.name_space;
    if (!there) {
      fail(state, fmt::format("\"{}\" has no deployed releases", request_.release));
      return;
    }
    if (state.stage == 0) {
      state.stage = 1;
      state.deadline = turn->now() + turn->state.parameters.helm;
    }
    if (turn->now() < state.deadline) {
      return;
    }
    state.deadline = sim::kNever;
    perform(state, *turn, by);
  }

 private:
  static void fail(CommandState& state, const std::string& why) {
    state.errors += fmt::format("Error: UPGRADE FAILED: {}\n", why);
    finish(state, 1);
  }

  void perform(CommandState& state, iomesh::Turn& turn, By by) const {
    iomesh::release::Request request;
    request.any_given = !request_.files.empty() || !request_.set.empty();
    request.reuse = request_.reuse;
    request.reset = request_.reset;
    request.chart_version = request_.version;
    for (const std::string& name : request_.files) {
      const auto& files = turn.state.files;
      const auto file = std::find_if(files.begin(), files.end(),
                                     [&](const iomesh::ValuesFile& one) { return one.name == name; });
      if (file == files.end()) {
        state.errors += fmt::format("Error: open {}: no such file or directory\n", name);
        finish(state, 1);
        return;
      }
      iomesh::release::merge_values(request.values, Json::parse(file->values));
    }
    for (const auto& [path, value] : request_.set) {
      if (!iomesh::release::set_value(request.values, path, value)) {
        fail(state, fmt::format("unable to parse key: {}", path));
        return;
      }
    }
    const std::string why =
        iomesh::release::upgrade(turn, request, {static_cast<std::uint16_t>(by.writer), by.cause});
    if (!why.empty()) {
      fail(state,
           fmt::format("cannot patch \"iomesh\" with kind IOMesh: admission webhook denied the request: {}",
                       why));
      return;
    }
    state.output += fmt::format(
        "Release \"{}\" has been upgraded. Happy Helming!\nNAME: {}\nLAST DEPLOYED: {}\nNAMESPACE: {}\n"
        "STATUS: deployed\nREVISION: {}\nTEST SUITE: None\n",
        request_.release, request_.release, ansic(request_.epoch_seconds, turn.now()), request_.name_space,
        turn.state.release.revision);
    finish(state);
  }

  UpgradeRequest request_;
};

/// --set chunk.replicaCount=4,meta.replicaCount=5. Source: helm pkg/strvals/parser.go; lists, escapes and
/// braces are refused.
void read_set(Reading& reading, UpgradeRequest& request) {
  if (reading.open("set")) {
    return;  // read anew with the values of its variables
  }
  for (const std::string& text : reading.flags.list("set")) {
    std::size_t begin = 0;
    while (begin <= text.size()) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      const std::string part = text.substr(begin, end - begin);
      begin = end + 1;
      const std::size_t equals = part.find('=');
      if (equals == std::string::npos || equals == 0) {
        reading.refuse(fmt::format("failed parsing --set data: key \"{}\" has no value", part),
                       "write --set chunk.replicaCount=4", reading.place_of("set"));
        return;
      }
      if (part.find_first_of("[]{}\\") != std::string::npos) {
        reading.refuse(fmt::format("--set {}: lists and escapes are not modelled", part),
                       "write them into a values file", reading.place_of("set"));
        return;
      }
      request.set.emplace_back(part.substr(0, equals), scalar_of(part.substr(equals + 1)));
    }
  }
}

ActionPointer read_upgrade(Reading& reading) {
  UpgradeRequest request;
  const std::vector<Argument>& arguments = reading.flags.arguments;
  if (arguments.size() != 2) {
    reading.refuse(fmt::format("\"helm upgrade\" requires 2 arguments, {} given", arguments.size()),
                   "write helm upgrade --namespace iomesh-system iomesh iomesh/iomesh --values iomesh.yaml");
    return nullptr;
  }
  request.release = arguments[0].text();
  if (arguments[1].text() != "iomesh/iomesh" && !arguments[1].open_from(0)) {
    reading.refuse(fmt::format("the chart {} is not modelled", arguments[1].text()),
                   "modelled: iomesh/iomesh", arguments[1].origin(0));
  }
  request.name_space = reading.text("namespace", "default");
  request.files = reading.flags.list("values");
  for (const std::string& name : request.files) {
    const auto& files = reading.context.files;
    const bool known =
        std::any_of(files.begin(), files.end(), [&](const ManifestFile& file) { return file.name == name; });
    if (!known && !reading.open("values") && !reading.context.unknown_commands) {
      reading.refuse(fmt::format("the scenario has no file {}", name),
                     "add it to files; iomesh.yaml is there as the installation left it",
                     reading.place_of("values"));
    }
  }
  read_set(reading, request);
  request.reuse = reading.boolean("reuse-values");
  request.reset = reading.boolean("reset-values");
  request.version = reading.text("version");
  request.epoch_seconds = reading.context.epoch_seconds;
  return std::make_shared<UpgradeCommand>(std::move(request));
}

}  // namespace

const SubCommand kHelmUpgrade{"helm",
                              "upgrade",
                              "iomesh iomesh/iomesh",
                              "Writes the values of the IOMesh release; the operator follows.",
                              []() -> const FlagTable& { return upgrade_flags().table(); },
                              read_upgrade};

}  // namespace scenarios::commands
