#include "scenarios/targets/openstack/cloud_replay.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>

#include "models/openstack/compute.h"
#include "models/openstack/requests.h"
#include "scenarios/commands/openstack_action.h"
#include "scenarios/targets/openstack/cloud_recording.h"
#include "scenarios/targets/openstack/cloud_texts.h"
#include "scenarios/targets/openstack/server_action.h"
#include "scenarios/targets/recording/line_source.h"
#include "sim/kernel.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
namespace openstack = models::openstack;
namespace timing = models::timing;

/// States that last less may have been missed: the recorder looked every 0.2 s to 0.5 s, and a look took
/// time.
constexpr sim::Duration kLook = std::chrono::milliseconds{1100};
/// From a request to the service beginning with it, and what a service adds to its driver's delay. Measured:
/// recording 04, off 4 s takes 4.2 s.
constexpr sim::Duration kMessage = std::chrono::milliseconds{110};

/// No project of the recording.
constexpr std::int32_t kOthers = 99;

/// The cloud of a recording; Kubernetes is there only because commands expect it.
struct CloudWorld {
  sim::Agenda agenda;
  kubernetes::Cluster cluster;
  openstack::State cloud;

  openstack::Turn turn(sim::Context& context) {
    return {cloud, cluster.settings->profile, agenda, context, cluster.next_uid};
  }
  void dispatch(const sim::PendingEvent& event, sim::Context& context) {
    const auto kind = static_cast<openstack::Event>(event.kind);
    if (kind != openstack::Event::GuestStarted && kind != openstack::Event::GuestStopped) {
      openstack::Turn at = turn(context);
      openstack::dispatch(at, event);
    }
  }
  [[nodiscard]] bool finished() const { return false; }
};

/// Dictates the driver's delays.
class DriverChoices : public sim::Choices {
 public:
  explicit DriverChoices(const CloudWorld& world) : world_(world) {}

  std::map<std::string, DriverSettings> by_host;
  DriverSettings others;

  [[nodiscard]] double setting(std::int32_t host, const std::string& name) const {
    const auto& hosts = world_.cloud.hosts;
    const std::string host_name = host == openstack::kNone ? "" : hosts[static_cast<std::size_t>(host)].name;
    const auto found = by_host.find(host_name);
    const DriverSettings& settings = found == by_host.end() ? others : found->second;
    const auto value = settings.find(name);
    return value == settings.end() ? 0.0 : value->second;
  }

 protected:
  std::uint64_t draw(const sim::ChoiceKey&) override { return 0; }
  std::optional<std::int64_t> dictate(const sim::ChoiceKey& key) override {
    const openstack::Server* server = nullptr;
    for (const openstack::Server& candidate : world_.cloud.servers) {
      if (sim::text_hash(candidate.name) == key.entity && candidate.vm_state != openstack::VmState::deleted) {
        server = &candidate;
      }
    }
    const std::int32_t host = server == nullptr ? openstack::kNone : server->host;
    const auto of = [&](const char* name) { return (cloud_moment(setting(host, name)) + kMessage).count(); };
    switch (static_cast<timing::Key>(key.purpose)) {
      case timing::Key::openstack_shutdown:
        return of("off");
      case timing::Key::openstack_extract:
        // A snapshot without delays passes through this state faster than anybody looks.
        return setting(host, "extract") > 0 ? of("extract") : std::int64_t{0};
      case timing::Key::openstack_upload:
        return of("upload");
      case timing::Key::openstack_destroy:
        // An offload calls the driver's power-off again.
        return of("destroy") +
               (server != nullptr && !server->guest_on ? cloud_moment(setting(host, "off")).count() : 0);
      case timing::Key::openstack_spawn:
        return of("spawn");
      case timing::Key::openstack_power_on:
        return of("on");
      case timing::Key::openstack_schedule:
      case timing::Key::openstack_message:
        return kMessage.count();
      default:
        return 0;
    }
  }

 private:
  const CloudWorld& world_;
};

/// A state of a server as clients see it.
struct SeenState {
  std::string text;
  sim::Time at{};
};

std::string state_text(const openstack::State& state, const openstack::Server& server) {
  const std::string_view task = to_text(server.task_state);
  return fmt::format(
      "{}/{}/{}/{}/{}", status_of(server.vm_state), to_text(server.vm_state), task.empty() ? "None" : task,
      static_cast<int>(server.power_state),
      server.host == openstack::kNone ? "None" : state.hosts[static_cast<std::size_t>(server.host)].name);
}

std::string state_text(const CloudJson& record) {
  if (record.contains("http")) {
    return "gone";
  }
  const auto word = [&](const char* key) {
    const CloudJson& value = record[key];
    return value.is_null()     ? std::string("None")
           : value.is_string() ? value.get<std::string>()
                               : value.dump();
  };
  return fmt::format("{}/{}/{}/{}/{}", word("status"), word("vm_state"), word("task_state"),
                     word("power_state"), word("host"));
}

class Replayer {
 public:
  explicit Replayer(std::vector<CloudLine> lines)
      : lines_(std::move(lines)), choices_(world_), context_{choices_, history_} {
    auto settings = std::make_shared<kubernetes::Settings>();
    for (const timing::KnownKey& known : timing::known_keys()) {
      if (known.name.starts_with("openstack.")) {
        // Open, so that every one is asked for; the driver's settings answer.
        settings->profile.set(known.key, timing::Distribution::uniform({}, std::chrono::hours{1}).value());
      }
    }
    settings->profile.set(timing::Key::openstack_boot, timing::Distribution());
    settings->profile.set(timing::Key::openstack_kubelet, timing::Distribution());
    world_.cluster.settings = std::move(settings);
    choices_.others = settings_before(lines_.front().record);
  }

  CloudReplayResult replay() {
    result_.name = lines_.front().record["name"].get<std::string>();
    openstack::Turn turn = world_.turn(context_);
    begin_cloud(lines_, turn);
    openstack::begin(turn);
    note_states();
    for (std::size_t i = 1; i < lines_.size(); ++i) {
      run_until(lines_[i].at);
      perform(lines_[i]);
      note_states();
    }
    compare_states();
    return std::move(result_);
  }

 private:
  void run_until(sim::Time at) {
    while (sim::step(world_, context_, at)) {
      note_states();
    }
    world_.agenda.now = std::max(world_.agenda.now, at);
  }

  /// What every server looked like after each of its changes.
  void note_states() {
    // A transition names one property; the state after all writes of one moment that precede it is rebuilt
    // from the last known one, property by property.
    for (sim::TransitionId id = noted_; id != history_.next_id(); ++id) {
      const sim::Transition& transition = history_.at(id);
      if (openstack::is_openstack_field(transition.field)) {
        apply(transition);
      }
    }
    noted_ = history_.next_id();
    for (const openstack::Server& server : world_.cloud.servers) {
      std::vector<SeenState>& seen = seen_[server.uid];
      if (seen.empty()) {
        shadows_[server.uid] = server;
        seen.push_back({state_text(world_.cloud, server), world_.agenda.now});
      }
    }
  }

  void apply(const sim::Transition& transition) {
    const auto found = shadows_.find(transition.subject);
    if (found == shadows_.end()) {
      return;
    }
    openstack::Server& shadow = found->second;
    switch (static_cast<openstack::Field>(transition.field)) {
      case openstack::Field::ServerVmState:
        shadow.vm_state = static_cast<openstack::VmState>(transition.to);
        break;
      case openstack::Field::ServerTaskState:
        shadow.task_state = static_cast<openstack::TaskState>(transition.to);
        break;
      case openstack::Field::ServerPowerState:
        shadow.power_state = static_cast<openstack::PowerState>(transition.to);
        break;
      case openstack::Field::ServerHost:
        shadow.host = transition.to;
        break;
      default:
        return;
    }
    std::vector<SeenState>& seen = seen_[transition.subject];
    const std::string text = state_text(world_.cloud, shadow);
    if (seen.back().text != text) {
      seen.push_back({text, transition.at});
    }
    if (shadow.vm_state == openstack::VmState::deleted && shadow.task_state == openstack::TaskState::none) {
      seen.push_back({"gone", transition.at});
    }
  }

  void perform(const CloudLine& line) {
    const std::string kind = line.record["kind"].get<std::string>();
    if (kind == "driver") {
      driver(line.record);
    } else if (kind == "note") {
      note(line.record["text"].get<std::string>());
    } else if (kind == "rest") {
      rest(line.record);
    } else if (kind == "cli" || kind == "debug") {
      command(line);
    } else if (kind == "state") {
      state(line.record);
    }
  }

  void driver(const CloudJson& record) {
    const std::string host = record["host"].get<std::string>();
    DriverSettings settings;
    for (const auto& [name, value] : record["seconds_and_faults"].items()) {
      settings[name] = value.get<double>();
    }
    if (host == "all") {
      choices_.others = settings;
      choices_.by_host.clear();
    } else {
      choices_.by_host[host] = settings;
    }
    for (std::size_t i = 0; i < world_.cloud.hosts.size(); ++i) {
      openstack::Host& here = world_.cloud.hosts[i];
      const auto index = static_cast<std::int32_t>(i);
      here.snapshots_to_fail = choices_.setting(index, "fail_snapshot") > 0 ? openstack::kNone : 0;
      here.spawns_to_fail = choices_.setting(index, "fail_spawn") > 0 ? openstack::kNone : 0;
    }
  }

  void note(const std::string& text) {
    openstack::Turn turn = world_.turn(context_);
    for (std::size_t i = 0; i < world_.cloud.hosts.size(); ++i) {
      const auto host = static_cast<std::int32_t>(i);
      if (text.ends_with("nova-compute on " + world_.cloud.hosts[i].name)) {
        openstack::compute::stop_service(turn, host, text.starts_with("SIGKILL"), {});
      } else if (text == "start it" && !world_.cloud.hosts[i].up) {
        openstack::compute::start_service(turn, host, {});
      }
    }
  }

  openstack::Caller caller(const std::string& role) const {
    return {role == "cloud-admin" || role == "member-spare" ? 1 : 0, role.find("admin") != std::string::npos};
  }

  void rest(const CloudJson& record) {
    const std::string path = record["request"]["path"].get<std::string>();
    const CloudJson& body = record["request"]["body"];
    if (record["request"]["method"] != "POST" || !body.is_object()) {
      return;
    }
    ++result_.requests;
    std::string id = path.substr(0, path.rfind('/'));
    id = mapped(id.substr(id.rfind('/') + 1));
    openstack::Turn turn = world_.turn(context_);
    const openstack::Answer answer = post_action(turn, caller(record["role"].get<std::string>()), id, body,
                                                 minor_of(record["request"]["microversion"]));
    dictate_host(id);
    const std::string recorded = record["body"].is_object()
                                     ? record["body"].begin().value()["message"].get<std::string>()
                                     : std::string();
    if (record["status"] == answer.code && alike(recorded) == alike(answer.message)) {
      ++result_.requests_matched;
    } else {
      differ(fmt::format("POST {}", body.dump()),
             fmt::format("recorded {} {}; simulated {} {}", record["status"].dump(), recorded, answer.code,
                         answer.message));
    }
  }

  static int minor_of(const CloudJson& version) {
    return version.is_string() ? std::stoi(version.get<std::string>().substr(2)) : 1;
  }

  /// The words as recorded, ids as they are here.
  std::vector<commands::Argument> words_of(const CloudJson& argv) const {
    std::vector<commands::Argument> words;
    for (const CloudJson& word : argv) {
      if (word != "--debug") {
        words.emplace_back(mapped(word.get<std::string>()));
      }
    }
    return words;
  }

  std::string mapped(const std::string& word) const {
    const bool request = word.starts_with("req-");
    const auto found = ids_.find(request ? word.substr(4) : word);
    return found == ids_.end() ? word : (request ? "req-" : "") + found->second;
  }

  /// Snapshots of servers of other recordings, which ran at the same time, come and go by themselves.
  void show_images_of_others(const CloudJson& record) {
    const CloudJson& argv = record["argv"];
    if (std::find(argv.begin(), argv.end(), "image") == argv.end() || argv.back() != "list") {
      return;
    }
    for (openstack::Image& image : world_.cloud.images) {
      if (image.project == kOthers) {
        image.name.clear();
      }
    }
    for (const auto& row : table_rows(record["stdout"].get<std::string>())) {
      const std::string owner = row[1].substr(0, row[1].rfind("-shelved"));
      const bool ours = std::any_of(world_.cloud.servers.begin(), world_.cloud.servers.end(),
                                    [&](const openstack::Server& server) { return server.name == owner; });
      if (row[1].ends_with("-shelved") && !ours) {
        world_.cloud.images.push_back(
            {row[1], row[0], kOthers,
             row[2] == "active" ? openstack::ImageStatus::active : openstack::ImageStatus::queued});
      }
    }
  }

  void command(const CloudLine& line) {
    const CloudJson& record = line.record;
    show_images_of_others(record);
    commands::CommandState state;
    world_.cloud.caller = caller(record.value("role", "member"));
    const std::vector<commands::Argument> words = words_of(record["argv"]);
    std::string reason = why_not_replayed(record);
    const bool killed = record["rc"].get<int>() < 0;
    if (reason.empty()) {
      type(words, state, record);
    }
    ++result_.commands;
    if (killed && !state.done) {
      ++result_.commands_matched;  // it waited, as the real one did until it was ended
      return;
    }
    const std::string errors = record.value("stderr", std::string());
    const std::string output = record.value("stdout", std::string());
    const bool same = reason.empty() && state.exit_code == record["rc"].get<int>() &&
                      alike(output) == alike(state.output) &&
                      (record["kind"] == "debug" || alike(errors) == alike(state.errors));
    if (same) {
      ++result_.commands_matched;
      align(output + errors, state.output + state.errors);
      return;
    }
    std::string text;
    for (const commands::Argument& word : words) {
      text += (text.empty() ? "" : " ") + word.text();
    }
    if (reason.empty()) {
      reason = known_reason(record);
    }
    differ(fmt::format("{:.1f} s {}", record["start"].get<double>(), text),
           first_difference(alike(output), alike(state.output)) +
               first_difference(alike(errors), alike(state.errors)) +
               fmt::format(" exit {} | {}", record["rc"].get<int>(), state.exit_code),
           reason);
  }

  /// What no model can answer, or prose of the real program that is not repeated here.
  static std::string why_not_replayed(const CloudJson& record) {
    const CloudJson& argv = record["argv"];
    const std::string errors = record.value("stderr", std::string());
    if (std::find(argv.begin(), argv.end(), "--help") != argv.end()) {
      // openstackclient/compute/v2/server.py: the docstrings and help= of its classes, as argparse prints
      // them.
      return "help texts are the client's own prose";
    }
    if (errors.find("(HTTP 401)") != std::string::npos || errors.find("auth") != std::string::npos ||
        errors.find("discover available identity versions") != std::string::npos) {
      // keystoneauth1/loading/base.py (missing options), identity/base.py and discover.py (endpoints),
      // exceptions/http.py (401): decided from OS_* variables before any command begins.
      return "credentials and endpoints come from the environment, which was not recorded";
    }
    return {};
  }
  static std::string known_reason(const CloudJson& record) {
    if (record["rc"] == 2 &&
        record.value("stdout", std::string()).find("is not an openstack command") != std::string::npos) {
      // cliff/app.py, get_fuzzy_matches: the distances to the names of all installed plug-ins' commands.
      return "the list of similar commands needs all commands of the real client";
    }
    if (record["rc"] == 2 && record.value("stderr", std::string()).starts_with("usage:")) {
      return "the synopsis lists options that are not emulated";
    }
    return {};
  }

  void type(const std::vector<commands::Argument>& words, commands::CommandState& state,
            const CloudJson& record) {
    std::vector<commands::Argument> rest;
    std::vector<commands::CommandProblem> problems;
    const commands::ClientCommand* command = commands::find_client_command(words, rest, problems);
    if (command == nullptr) {
      state.exit_code = 2;
      return;
    }
    commands::ParsedFlags flags = commands::parse_client_words(*command, rest);
    if (!flags) {
      state.errors = commands::usage_error(*command, flags.problems.front());
      state.exit_code = 2;
      return;
    }
    const commands::LoadContext load;
    commands::Reading reading(std::move(flags), load, 0);
    const commands::ActionPointer action = command->command->read(reading);
    models::flux::State flux;
    const sim::Time until = cloud_moment(record["end"].get<double>() + 0.05);
    while (true) {
      commands::Systems systems{{world_.cluster, world_.agenda, context_}, flux, &world_.cloud};
      action->advance(state, systems, {kubernetes::Writer::User});
      for (const commands::Argument& word : words) {
        dictate_host(word.text());
      }
      note_states();
      if (state.done || state.deadline > until) {
        return;
      }
      run_until(state.deadline);
    }
  }

  /// The scheduler's choice, as the next recorded state of the server shows it.
  void dictate_host(const std::string& word) {
    for (openstack::Server& server : world_.cloud.servers) {
      const bool places = server.work.kind == openstack::WorkKind::unshelve ||
                          server.work.kind == openstack::WorkKind::create;
      if ((server.id != word && server.name != word) || !places ||
          server.work.wanted_host != openstack::kNone) {
        continue;
      }
      for (const CloudLine& line : lines_) {
        if (line.at > world_.agenda.now && line.record["kind"] == "state" &&
            line.record["server"] == server.name && line.record.contains("host") &&
            line.record["host"].is_string()) {
          server.work.wanted_host = world_.cloud.find_host(line.record["host"].get<std::string>());
          break;
        }
      }
    }
  }

  void state(const CloudJson& record) {
    const std::string name = record["server"].get<std::string>();
    std::vector<std::string>& states = recorded_[name];
    const std::string text = state_text(record);
    if (states.empty() || states.back() != text) {
      states.push_back(text);
    }
  }

  /// Ids that a command printed, recorded and here.
  void align(const std::string& recorded, const std::string& simulated) {
    const std::vector<std::string> theirs = ids_in(recorded);
    const std::vector<std::string> ours = ids_in(simulated);
    for (std::size_t i = 0; theirs.size() == ours.size() && i < theirs.size(); ++i) {
      if (theirs[i] != ours[i]) {
        ids_[theirs[i]] = ours[i];
      }
    }
  }

  void compare_states() {
    for (const auto& [name, recorded] : recorded_) {
      std::vector<SeenState> simulated;
      for (const openstack::Server& server : world_.cloud.servers) {
        if (server.name == name) {
          simulated.insert(simulated.end(), seen_[server.uid].begin(), seen_[server.uid].end());
        }
      }
      compare_states(name, recorded, simulated);
    }
  }

  /// The recorded states are a subsequence; what they skip was too short to be seen.
  void compare_states(const std::string& name, const std::vector<std::string>& recorded,
                      const std::vector<SeenState>& simulated) {
    std::size_t next = 0;
    for (const std::string& state : recorded) {
      ++result_.states;
      std::size_t found = next;
      while (found < simulated.size() && simulated[found].text != state) {
        ++found;
      }
      if (found == simulated.size()) {
        differ("server " + name, fmt::format("recorded {}, which is not simulated after {}", state,
                                             next == 0 ? "its beginning" : simulated[next - 1].text));
        continue;
      }
      bool skipped_long = false;
      for (std::size_t i = next; i < found && next > 0; ++i) {
        const sim::Duration lasted = simulated[i + 1].at - simulated[i].at;
        if (lasted > kLook) {
          skipped_long = true;
          differ("server " + name,
                 fmt::format("simulated {} for {:.1f} s, not recorded before {}", simulated[i].text,
                             static_cast<double>(lasted.count()) / 1e9, state));
        }
      }
      result_.states_matched += skipped_long ? 0 : 1;
      next = found + 1;
    }
  }

  void differ(std::string where, std::string what, std::string reason = {}) {
    result_.differences.push_back({std::move(where), std::move(what), std::move(reason)});
  }

  std::vector<CloudLine> lines_;
  CloudWorld world_;
  sim::History history_;
  DriverChoices choices_;
  sim::Context context_;
  sim::TransitionId noted_ = 0;
  std::map<std::uint32_t, std::vector<SeenState>> seen_;
  std::map<std::uint32_t, openstack::Server> shadows_;
  std::map<std::string, std::vector<std::string>> recorded_;
  std::map<std::string, std::string> ids_;
  CloudReplayResult result_;
};

}  // namespace

bool is_cloud_recording(const std::string& path) {
  LineSource source(path);
  if (source.next() != LineSource::Outcome::Line) {
    return false;
  }
  const CloudJson first = CloudJson::parse(source.line(), nullptr, false);
  return first.is_object() && first.value("kind", "") == "scenario" && first.contains("started");
}

std::optional<CloudReplayResult> replay_cloud(const std::string& path, std::string& problem) {
  std::optional<std::vector<CloudLine>> lines = read_cloud_lines(path, problem);
  if (!lines) {
    return std::nullopt;
  }
  return Replayer(*std::move(lines)).replay();
}

}  // namespace scenarios::targets
