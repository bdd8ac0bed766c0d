#include "scenarios/targets/openstack/cloud_recording.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "models/kubernetes/json/fields.h"
#include "scenarios/targets/recording/line_source.h"

namespace scenarios::targets {

namespace {

namespace openstack = models::openstack;

constexpr std::int32_t kMiB = 1024;
/// How long the answer takes to reach the client's process and end it. Assumed.
constexpr double kAnswer = 0.15;
constexpr double kPoll = 5.0;
/// A nova-compute that starts needs this long before it takes messages. Measured: recordings 25 and 26.
constexpr double kServiceStart = 3.9;

std::string text_of(const CloudJson& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double seconds_of(const CloudJson& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_number() ? found->get<double>() : 0.0;
}

bool mentions(const CloudJson& argv, std::string_view word) {
  return std::any_of(argv.begin(), argv.end(), [&](const CloudJson& one) { return one == word; });
}

bool is_command(const CloudLine& line) {
  const std::string kind = text_of(line.record, "kind");
  return kind == "cli" || kind == "debug";
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return std::string(text);
}

std::int32_t project_of(std::string_view role) {
  return role.find("cloud") == 0 || role == "member-spare" ? 1 : 0;
}

/// Gathers what the recording tells of the world before it.
class Beginning {
 public:
  Beginning(const std::vector<CloudLine>& lines, openstack::Turn& turn)
      : lines_(lines), turn_(turn), state_(turn.state) {}

  void make() {
    state_.epoch_seconds =
        models::kubernetes::json::parse_time(text_of(lines_.front().record, "started")).value_or(0);
    // Source: the recordings' documentation: three hosts of four m3.medium, one that never offloads, one that
    // offloads after 20 s and looks every 30 s. Room of the last two: assumed, too little for an m3.medium.
    state_.power_sync_interval = std::chrono::seconds{60};
    for (int i = 1; i <= 5; ++i) {
      openstack::Host host;
      host.name = fmt::format("compute-{}", i);
      host.vcpus = i <= 3 ? 32 : 6;
      host.ram_mb = (i <= 3 ? 120 : 18) * kMiB;
      host.disk_gb = 1000;
      host.shelved_offload_time =
          i == 4 ? sim::Duration{-1}
                 : sim::Duration{i == 5 ? std::chrono::seconds{20} : std::chrono::seconds{0}};
      host.shelved_poll_interval = std::chrono::seconds{30};
      host.tells_paused = false;  // the recorded driver calls every guest running
      state_.hosts.push_back(std::move(host));
    }
    std::smatch found;
    const std::string remark = text_of(lines_.front().record, "remark");
    if (std::regex_search(remark, found, std::regex("(compute-[0-9]) was down"))) {
      state_.hosts[static_cast<std::size_t>(state_.find_host(found[1].str()))].up = false;
    }
    state_.flavors = {{"m3.medium", "4d091a05-a3eb-4932-9b3d-b5d9f352706d", 8, 30720, 60, 8},
                      {"m3.small", "ac792482-8b53-45d0-9b36-213306d5c972", 2, 6144, 20, 2}};
    state_.images = {{"Ubuntu-22.04", "b5bff347-6bc6-4a69-b40f-5f3ad84fa397", openstack::kNone,
                      openstack::ImageStatus::active}};
    for (const char* name : {"demo", "admin"}) {
      openstack::Project project;
      project.name = name;
      project.id = openstack::make_id(name, 0);
      std::erase(project.id, '-');
      project.instances = 50;
      project.cores = 400;
      project.ram_mb = 1200000;
      state_.projects.push_back(std::move(project));
    }
    servers();
    earlier_actions();
  }

 private:
  /// Whether a command of the recording names a server; only those before `before`, if given.
  bool commanded(const std::string& name, const CloudLine* before = nullptr) const {
    for (const CloudLine& line : lines_) {
      if (&line == before) {
        return false;
      }
      if (is_command(line) && mentions(line.record["argv"], name) && !mentions(line.record["argv"], "show") &&
          !mentions(line.record["argv"], "event")) {
        return true;
      }
    }
    return false;
  }
  bool created(const std::string& name) const {
    return std::any_of(lines_.begin(), lines_.end(), [&](const CloudLine& line) {
      return is_command(line) && mentions(line.record["argv"], "create") &&
             mentions(line.record["argv"], name) && mentions(line.record["argv"], "server") &&
             !mentions(line.record["argv"], "image");
    });
  }
  bool deleted(const std::string& name) const {
    return std::any_of(lines_.begin(), lines_.end(), [&](const CloudLine& line) {
      return is_command(line) && mentions(line.record["argv"], "delete") &&
             mentions(line.record["argv"], name);
    });
  }

  void servers() {
    std::vector<openstack::Server> found;
    std::vector<const CloudLine*> lists;
    for (const CloudLine& line : lines_) {
      const CloudJson argv = line.record.contains("argv") ? line.record["argv"] : CloudJson();
      const bool plain = argv.size() <= 4 || argv.back() == "table";
      if (is_command(line) && mentions(argv, "list") && mentions(argv, "server") &&
          !mentions(argv, "event") && plain && !mentions(argv, "--long")) {
        lists.push_back(&line);
      }
    }
    // The longest first: its order holds the others.
    std::stable_sort(lists.begin(), lists.end(), [](const CloudLine* a, const CloudLine* b) {
      return table_rows(text_of(a->record, "stdout")).size() >
             table_rows(text_of(b->record, "stdout")).size();
    });
    for (const CloudLine* line : lists) {
      listed(*line, found);
    }
    shown_alone(found);
    // Lists show the newest first.
    std::reverse(found.begin(), found.end());
    for (openstack::Server& server : found) {
      place(server);
      server.number = static_cast<std::int32_t>(state_.servers.size()) + 1;
      server.uid = turn_.next_uid++;
      turn_.context.history.introduce(server.uid, {});
      state_.servers.push_back(std::move(server));
    }
  }

  void listed(const CloudLine& line, std::vector<openstack::Server>& found) const {
    for (const auto& row : table_rows(text_of(line.record, "stdout"))) {
      const std::string& name = row[1];
      const bool known = std::any_of(found.begin(), found.end(),
                                     [&](const openstack::Server& server) { return server.id == row[0]; });
      if (known || created(name)) {
        continue;
      }
      openstack::Server server = server_of(name, row[0], row[5], text_of(line.record, "role"));
      if (!commanded(name, &line)) {
        set_status(server, row[2]);
      }
      found.push_back(std::move(server));
    }
  }

  /// A server that was deleted and made again under its name shows only in a command about it.
  void shown_alone(std::vector<openstack::Server>& found) const {
    for (const CloudLine& line : lines_) {
      const std::string text = text_of(line.record, "stdout");
      std::smatch match;
      if (is_command(line) && mentions(line.record["argv"], "show") &&
          !mentions(line.record["argv"], "event")) {
        const std::string name =
            line.record["argv"].back().is_string() ? line.record["argv"].back().get<std::string>() : "";
        const bool early = created(name) && deleted(name) && !commanded(name, &line);
        if (early && std::regex_search(text, match, std::regex("\\| id +\\| ([0-9a-f-]{36}) "))) {
          // Its neighbour shares its fate; their ids differ.
          for (const std::string& other : line_names(name)) {
            openstack::Server server = server_of(
                other, other == name ? match[1].str() : openstack::make_id(other, 0), "m3.medium", "member");
            server.vm_state = openstack::VmState::error;
            server.power_state = openstack::PowerState::nostate;
            server.launched = false;
            server.guest_on = false;
            server.fault = "No valid host was found. There are not enough hosts available.";
            server.actions.front().failed = true;
            found.insert(found.begin(), std::move(server));
          }
          return;
        }
      }
    }
  }

  /// The names that the recording deletes together with `name`.
  std::vector<std::string> line_names(const std::string& name) const {
    for (const CloudLine& line : lines_) {
      if (is_command(line) && mentions(line.record["argv"], "delete") &&
          mentions(line.record["argv"], name)) {
        std::vector<std::string> names;
        for (const CloudJson& word : line.record["argv"]) {
          const auto text = word.get<std::string>();
          if (text.starts_with("demo-")) {
            names.push_back(text);
          }
        }
        return names;
      }
    }
    return {name};
  }

  openstack::Server server_of(const std::string& name, const std::string& id, const std::string& flavor,
                              const std::string& role) const {
    openstack::Server server;
    server.name = name;
    server.id = id;
    server.flavor = state_.find_flavor(flavor);
    server.image = 0;
    server.project = name.starts_with("spare") ? 1 : project_of(role);
    server.launched = true;
    server.actions.push_back({"req-" + openstack::make_id("create of " + name, 0), "create", {}, false, {}});
    set_status(server, "ACTIVE");
    return server;
  }

  static void set_status(openstack::Server& server, const std::string& status) {
    if (status == "SHELVED") {
      server.vm_state = openstack::VmState::shelved;
      server.power_state = openstack::PowerState::shutdown;
      server.guest_on = false;
      return;
    }
    server.vm_state = openstack::VmState::active;
    server.power_state = openstack::PowerState::running;
    server.guest_on = true;
  }

  /// Whether a recorded server is on that host at some time.
  bool wanted(std::int32_t host) const {
    const std::string& name = state_.hosts[static_cast<std::size_t>(host)].name;
    return std::any_of(lines_.begin(), lines_.end(), [&](const CloudLine& line) {
      return text_of(line.record, "kind") == "state" && text_of(line.record, "host") == name;
    });
  }
  /// How many servers that are still to be placed are recorded on that host at first.
  std::int32_t settled_later(std::int32_t host) const {
    std::vector<std::string> seen;
    std::int32_t count = 0;
    for (const CloudLine& line : lines_) {
      const std::string name = text_of(line.record, "server");
      if (text_of(line.record, "kind") != "state" ||
          std::find(seen.begin(), seen.end(), name) != seen.end()) {
        continue;
      }
      seen.push_back(name);
      const bool placed = std::any_of(state_.servers.begin(), state_.servers.end(),
                                      [&](const openstack::Server& server) { return server.name == name; });
      count += !placed && text_of(line.record, "host") == state_.hosts[static_cast<std::size_t>(host)].name
                   ? 1
                   : 0;
    }
    return count;
  }

  /// Where it is: as the recording shows it, else where there is room.
  void place(openstack::Server& server) {
    if (server.vm_state == openstack::VmState::error) {
      return;
    }
    for (const CloudLine& line : lines_) {
      if (text_of(line.record, "kind") == "state" && text_of(line.record, "server") == server.name &&
          !text_of(line.record, "host").empty()) {
        server.host = state_.find_host(text_of(line.record, "host"));
        break;
      }
      std::smatch match;
      const std::string text = text_of(line.record, "stdout");
      if (is_command(line) && mentions(line.record["argv"], server.name) &&
          mentions(line.record["argv"], "show") &&
          std::regex_search(text, match, std::regex("OS-EXT-SRV-ATTR:host[\" |:]+(compute-[0-9])"))) {
        server.host = state_.find_host(match[1].str());
        break;
      }
    }
    // Where nothing comes to later, then where there is room.
    for (const bool may_be_wanted : {false, true}) {
      for (std::int32_t host = 0; host < 3 && server.host == openstack::kNone; ++host) {
        std::int32_t here = 0;
        for (const openstack::Server& other : state_.servers) {
          here += other.allocation == host ? 1 : 0;
        }
        if (here + settled_later(host) < 4 && (may_be_wanted || !wanted(host))) {
          server.host = host;
        }
      }
    }
    server.host = server.host == openstack::kNone ? 0 : server.host;
    server.allocation = server.host;
  }

  /// What event lists show of the time before.
  void earlier_actions() {
    for (const CloudLine& line : lines_) {
      const CloudJson argv = line.record.contains("argv") ? line.record["argv"] : CloudJson();
      if (!is_command(line) || !mentions(argv, "event") || !mentions(argv, "list")) {
        continue;
      }
      const std::string name = argv[4].get<std::string>();
      for (openstack::Server& server : state_.servers) {
        if (server.name == name && server.actions.size() == 1) {
          add_actions(server, table_rows(text_of(line.record, "stdout")));
        }
      }
    }
  }

  void add_actions(openstack::Server& server, const std::vector<std::vector<std::string>>& rows) const {
    std::vector<openstack::Action> actions;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      const auto at = models::kubernetes::json::parse_time((*row)[3].substr(0, 19) + "Z");
      if (at && *at < state_.epoch_seconds) {
        openstack::Action action{
            (*row)[0], (*row)[2], std::chrono::seconds{*at - state_.epoch_seconds}, false, {}};
        action.failed = server.vm_state == openstack::VmState::error;
        actions.push_back(std::move(action));
      }
    }
    if (!actions.empty()) {
      server.actions = std::move(actions);
    }
  }

  const std::vector<CloudLine>& lines_;
  openstack::Turn& turn_;
  openstack::State& state_;
};

}  // namespace

sim::Time cloud_moment(double seconds) {
  return sim::Time{static_cast<std::int64_t>(std::llround(seconds * 1e9))};
}

std::vector<std::vector<std::string>> table_rows(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  bool header = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with("| ")) {
      continue;
    }
    if (header) {
      header = false;
      continue;
    }
    std::vector<std::string> cells;
    line.remove_prefix(1);
    for (std::size_t bar = line.find('|'); bar != std::string_view::npos; bar = line.find('|')) {
      cells.push_back(trimmed(line.substr(0, bar)));
      line.remove_prefix(bar + 1);
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

sim::Time request_moment(const CloudJson& cli, const std::vector<CloudLine>& lines) {
  const double start = seconds_of(cli, "start");
  const double end = seconds_of(cli, "end");
  const bool killed = cli.value("rc", 0) < 0;
  if (killed) {
    for (const CloudLine& line : lines) {
      const double at = seconds_of(line.record, "t");
      if (text_of(line.record, "kind") == "state" && at > start && at < end) {
        return cloud_moment(at - kAnswer);
      }
    }
  }
  const bool waits = mentions(cli["argv"], "--wait") || mentions(cli["argv"], "--offload");
  const double first_look = waits ? start + std::fmod(end - start, kPoll) : end;
  // Between a request and the first look lies another request.
  constexpr double kLookUp = 0.55;
  return cloud_moment(std::max(start + 0.001, first_look - kAnswer - (waits ? kLookUp : 0)));
}

std::optional<std::vector<CloudLine>> read_cloud_lines(const std::string& path, std::string& problem) {
  LineSource source(path);
  std::vector<CloudLine> lines;
  for (LineSource::Outcome outcome = source.next(); outcome != LineSource::Outcome::End;
       outcome = source.next()) {
    if (outcome == LineSource::Outcome::Problem) {
      problem = source.problem();
      return std::nullopt;
    }
    CloudJson record = CloudJson::parse(source.line(), nullptr, false);
    if (!record.is_object() || !record.contains("kind")) {
      problem = fmt::format("{}: this is no line of a recorded cloud", path);
      return std::nullopt;
    }
    lines.push_back({{}, std::move(record)});
  }
  if (lines.empty() || text_of(lines.front().record, "kind") != "scenario") {
    problem = fmt::format("{}: it does not begin with the scenario", path);
    return std::nullopt;
  }
  for (CloudLine& line : lines) {
    const std::string kind = text_of(line.record, "kind");
    if (kind == "cli" || kind == "debug") {
      line.at = request_moment(line.record, lines);
    } else if (kind == "rest") {
      line.at = cloud_moment(seconds_of(line.record, "start") + 0.005);
    } else if (kind == "note" && text_of(line.record, "text") == "start it") {
      line.at = cloud_moment(seconds_of(line.record, "t") + kServiceStart);
    } else {
      line.at = cloud_moment(seconds_of(line.record, line.record.contains("t") ? "t" : "end"));
    }
  }
  std::stable_sort(lines.begin() + 1, lines.end(),
                   [](const CloudLine& a, const CloudLine& b) { return a.at < b.at; });
  return lines;
}

void begin_cloud(const std::vector<CloudLine>& lines, openstack::Turn& turn) {
  Beginning(lines, turn).make();
}

DriverSettings settings_before(const CloudJson& scenario) {
  DriverSettings settings;
  const std::string remark = text_of(scenario, "remark");
  static const std::regex pair("(off|extract|upload|destroy|spawn|on) ([0-9.]+)");
  if (remark.find("driver delays") != std::string::npos) {
    for (std::sregex_iterator at(remark.begin(), remark.end(), pair), end; at != end; ++at) {
      settings[(*at)[1].str()] = std::stod((*at)[2].str());
    }
  }
  return settings;
}

}  // namespace scenarios::targets
