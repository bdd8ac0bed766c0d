// flux submit, flux run: jobs that occupy cores for a while.
// Source of the options: flux-core python flux/cli/base.py, submit.py and run.py; what they ask for:
// flux/job/Jobspec.py, from_command.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "models/flux/hostlist.h"
#include "models/flux/job_commands.h"
#include "scenarios/commands/flux_action.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace flux = models::flux;

/// Both commands have these; further ones that are not modelled follow.
const Flags& submit_flags(bool run) {
  static const std::initializer_list<FlagSpec> modelled{
      {"nodes", 'N', FlagType::text},          {"ntasks", 'n', FlagType::text},
      {"cores-per-task", 'c', FlagType::text}, {"exclusive", 'x', FlagType::boolean},
      {"requires", 0, FlagType::text_list},    {"time-limit", 't', FlagType::text},
      {"job-name", 0, FlagType::text},         {"quiet", 0, FlagType::boolean}};
  static const std::initializer_list<FlagSpec> not_modelled{{"add-file", 0, FlagType::text_list},
                                                            {"bcc", 0, FlagType::text},
                                                            {"begin-time", 0, FlagType::text},
                                                            {"cc", 0, FlagType::text},
                                                            {"cores", 0, FlagType::text},
                                                            {"cwd", 0, FlagType::text},
                                                            {"dependency", 0, FlagType::text_list},
                                                            {"dry-run", 0, FlagType::boolean},
                                                            {"env", 0, FlagType::text_list},
                                                            {"env-file", 0, FlagType::text_list},
                                                            {"env-remove", 0, FlagType::text_list},
                                                            {"error", 0, FlagType::text},
                                                            {"flags", 0, FlagType::text_list},
                                                            {"gpus-per-node", 0, FlagType::text},
                                                            {"gpus-per-task", 'g', FlagType::text},
                                                            {"input", 0, FlagType::text},
                                                            {"jps", 0, FlagType::boolean},
                                                            {"label-io", 'l', FlagType::boolean},
                                                            {"log", 0, FlagType::text},
                                                            {"log-stderr", 0, FlagType::text},
                                                            {"output", 0, FlagType::text},
                                                            {"progress", 0, FlagType::boolean},
                                                            {"queue", 'q', FlagType::text},
                                                            {"rlimit", 0, FlagType::text_list},
                                                            {"setattr", 0, FlagType::text_list},
                                                            {"setopt", 'o', FlagType::text_list},
                                                            {"signal", 0, FlagType::text},
                                                            {"taskmap", 0, FlagType::text},
                                                            {"tasks-per-core", 0, FlagType::text},
                                                            {"tasks-per-node", 0, FlagType::text},
                                                            {"unbuffered", 'u', FlagType::boolean},
                                                            {"urgency", 0, FlagType::text},
                                                            {"verbose", 'v', FlagType::boolean},
                                                            {"wait", 0, FlagType::boolean},
                                                            {"wait-event", 0, FlagType::text},
                                                            {"watch", 0, FlagType::boolean}};
  static const Flags of_submit(Flags::Of::other, "flux submit", modelled, not_modelled);
  static const Flags of_run(Flags::Of::other, "flux run", modelled, not_modelled);
  return run ? of_run : of_submit;
}

class SubmitCommand : public FluxAction {
 public:
  SubmitCommand(flux::JobOrder order, bool run, bool quiet)
      : order_(std::move(order)), run_(run), quiet_(quiet) {}

  void perform(CommandState& state, Systems& systems, const FluxPlace& place, By by) const override {
    if (state.words.empty()) {
      submit(state, systems, place, by);
    }
    if (!state.done) {
      attend(state, systems.flux.miniclusters[place.minicluster]);
    }
  }
  [[nodiscard]] std::string_view program() const override { return run_ ? "flux-run" : "flux-submit"; }
  [[nodiscard]] std::string hosts() const override {
    const auto named = std::find_if(order_.constraints.begin(), order_.constraints.end(),
                                    [](const auto& constraint) { return !constraint.by_rank; });
    return named == order_.constraints.end() ? std::string() : named->list;
  }

 private:
  void submit(CommandState& state, Systems& systems, const FluxPlace& place, By by) const {
    flux::FluxTurn turn{systems.flux, systems.kubernetes};
    flux::JobOrder order = order_;
    order.request.from_rank = std::max(place.rank, 0);
    flux::JobSubmission submission = flux::submit_job(turn, place.minicluster, order, program(), by);
    if (!run_ || submission.submitted.id == 0) {
      if (quiet_) {
        submission.printed.output.clear();
      }
      conclude(state, submission.printed);
      return;
    }
    state.words = {std::to_string(submission.submitted.fluid)};
  }

  /// `flux run` goes on as `flux job attach`.
  static void attend(CommandState& state, const flux::MiniCluster& minicluster) {
    const std::uint64_t fluid = std::stoull(state.words.front());
    if (const auto result = flux::attached_result(minicluster, fluid)) {
      conclude(state, *result);
    }
  }

  flux::JobOrder order_;
  bool run_;
  bool quiet_;
};

// ---------------------------------------------------------------------------------------------------------
// Numbers

std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Nothing where it is negative, no number or longer than can be told from endless.
std::optional<sim::Duration> duration_of(double seconds) {
  constexpr double kMost = 9e9;  // about 285 years of nanoseconds
  if (std::isnan(seconds) || seconds < 0 || seconds > kMost) {
    return std::nullopt;
  }
  return sim::Duration{std::llround(seconds * 1e9)};
}

/// Cuts a unit off the end of `text`; its seconds.
double cut_unit(std::string_view& text, bool with_milliseconds) {
  constexpr double kMinute = 60;
  if (with_milliseconds && text.ends_with("ms")) {
    text.remove_suffix(2);
    return 1e-3;
  }
  const char unit = text.empty() ? '\0' : text.back();
  const double seconds = unit == 's'   ? 1
                         : unit == 'm' ? kMinute
                         : unit == 'h' ? 60 * kMinute
                         : unit == 'd' ? 24 * 60 * kMinute
                                       : 0;
  if (seconds == 0) {
    return 1;
  }
  text.remove_suffix(1);
  return seconds;
}

/// Minutes without a unit, or a Flux standard duration. Source: base.py, jobspec_create; util.py, parse_fsd.
void read_limit(Reading& reading, flux::JobOrder& order) {
  if (!reading.given("time-limit") || reading.open("time-limit")) {
    return;
  }
  constexpr double kMinute = 60;
  const std::string text = reading.text("time-limit");
  std::string_view number = text;
  const auto bare = parse_decimal(text);
  const double unit = bare ? kMinute : cut_unit(number, true);
  const auto value = parse_decimal(number);
  const auto limit = value ? duration_of(*value * unit) : std::nullopt;
  if (!limit) {
    reading.refuse(fmt::format("invalid Flux standard duration \"{}\"", text),
                   "write minutes without a unit, or 30s, 5m, 1.5h, 2d; leave -t out for no limit",
                   reading.place_of("time-limit"));
    return;
  }
  order.request.limit = *limit;
}

/// A count; nothing where it is not given, 0 too (base.py takes 0 for not given).
std::optional<std::int32_t> read_count(Reading& reading, std::string_view flag) {
  if (!reading.given(flag) || reading.open(flag)) {
    return std::nullopt;
  }
  const std::string text = reading.text(flag);
  std::int32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size()) {
    reading.refuse(fmt::format("--{}: invalid int value '{}'", flag, text), {}, reading.place_of(flag));
    return std::nullopt;
  }
  constexpr std::int32_t kMost = 1'000'000;
  if (count < 0 || count > kMost || (count == 0 && flag == "nodes")) {
    reading.refuse(flag == "nodes"    ? "node count must be an integer >= 1 (if set)"
                   : flag == "ntasks" ? "task count must be a integer >= 1"
                                      : "cores per task must be an integer >= 1",
                   fmt::format("at most {} here", kMost), reading.place_of(flag));
    return std::nullopt;
  }
  return count == 0 ? std::nullopt : std::optional(count);
}

// ---------------------------------------------------------------------------------------------------------
// What the job asks for

/// Source: base.py, init_jobspec; Jobspec.py, from_command: -N alone asks for whole nodes, one task each.
void read_shape(Reading& reading, flux::JobOrder& order) {
  flux::flux_jobs::Request& request = order.request;
  const std::optional<std::int32_t> nodes = read_count(reading, "nodes");
  std::optional<std::int32_t> tasks = read_count(reading, "ntasks");
  const std::int32_t cores = read_count(reading, "cores-per-task").value_or(1);
  request.exclusive = reading.boolean("exclusive");
  if (!tasks && nodes && !reading.open("ntasks")) {
    tasks = nodes;
    request.exclusive = true;
  }
  request.tasks = tasks.value_or(1);
  request.nodes = nodes.value_or(0);
  request.cores_per_node = cores;
  if (nodes) {
    const std::int64_t slots = (std::int64_t{request.tasks} + *nodes - 1) / *nodes;
    constexpr std::int64_t kMost = 1'000'000'000;
    request.cores_per_node = static_cast<std::int32_t>(std::min(slots * cores, kMost));
    if (*nodes > request.tasks && !reading.open("ntasks")) {
      reading.refuse("node count must not be greater than task count", "give -n at least as many as -N",
                     reading.place_of("nodes"));
    }
  } else if (request.exclusive && !reading.open("nodes")) {
    reading.refuse("exclusive can only be set with a node count", "write -N NODES as well",
                   reading.place_of("exclusive"));
  }
}

void read_constraint(Reading& reading, std::string_view term, std::size_t at, flux::JobOrder& order) {
  const std::size_t colon = term.find(':');
  const std::string_view name = term.substr(0, std::min(colon, term.size()));
  const bool by_rank = name == "rank";
  if (colon == std::string_view::npos || (!by_rank && name != "host" && name != "hosts") ||
      term.find_first_of("&|()") != std::string_view::npos) {
    reading.refuse(fmt::format("flux --requires={} is not modelled yet", term),
                   "modelled: host:HOSTLIST, rank:IDSET; several must all hold", at);
    return;
  }
  const std::string list(term.substr(colon + 1));
  const bool readable =
      by_rank ? static_cast<bool>(flux::idset_parse(list)) : static_cast<bool>(flux::hostlist_expand(list));
  if (list.empty() || !readable) {
    reading.refuse(fmt::format("--requires='{}': invalid {}", term, by_rank ? "idset" : "hostlist"), {}, at);
    return;
  }
  order.constraints.push_back({by_rank, list});
}

void read_constraints(Reading& reading, flux::JobOrder& order) {
  for (const GivenFlag& given : reading.flags.given) {
    if (given.spec->name != "requires" || given.open) {
      continue;
    }
    std::string_view rest = given.value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      if (end > 0) {
        read_constraint(reading, rest.substr(0, end), given.value_offset, order);
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

/// How long `sleep` runs with these arguments. Source: GNU coreutils, sleep.
void read_sleep(Reading& reading, std::span<const Argument> arguments, flux::JobOrder& order) {
  double seconds = 0;
  bool endless = false;
  for (const Argument& argument : arguments) {
    if (argument.open_from(0)) {
      continue;
    }
    std::string_view number = argument.text();
    const double unit = cut_unit(number, false);
    const bool infinite = number == "inf" || number == "infinity";
    const auto value = infinite ? std::optional(0.0) : parse_decimal(number);
    if (!value || !duration_of(*value * unit)) {
      reading.refuse(fmt::format("sleep: invalid time interval '{}'", argument.text()),
                     "write sleep 300, sleep 5m or sleep inf", argument.origin(0));
      return;
    }
    seconds += *value * unit;
    endless = endless || infinite;
  }
  const auto sum = duration_of(seconds);
  order.request.duration = endless || !sum ? flux::flux_jobs::kForever : *sum;
}

void read_job_program(Reading& reading, flux::JobOrder& order) {
  const std::vector<Argument>& arguments = reading.flags.arguments;
  if (arguments.empty()) {
    reading.refuse("job command and arguments are missing", "write what the job runs: sleep 300");
    return;
  }
  const Argument& program = arguments.front();
  if (program.open_from(0)) {
    return;
  }
  const std::string name = program.text().substr(program.text().rfind('/') + 1);
  if (name != "sleep") {
    reading.refuse(
        fmt::format("a Flux job that runs {} is not modelled yet", program.text()),
        "a job is modelled as the cores that it holds and for how long: write sleep 300, sleep 5m or "
        "sleep inf",
        program.origin(0));
    return;
  }
  order.request.name = name;
  if (arguments.size() == 1) {
    reading.refuse("sleep: missing operand", "write sleep 300", program.origin(0));
    return;
  }
  read_sleep(reading, std::span(arguments).subspan(1), order);
}

ActionPointer read_order(Reading& reading, bool run) {
  refuse_values_of_switches(reading);
  flux::JobOrder order;
  read_shape(reading, order);
  read_limit(reading, order);
  read_constraints(reading, order);
  read_job_program(reading, order);
  order.request.name = reading.text("job-name", order.request.name);
  return std::make_shared<SubmitCommand>(std::move(order), run, reading.boolean("quiet"));
}

}  // namespace

const SubCommand kFluxSubmit{"flux",
                             "submit",
                             "[OPTIONS] sleep TIME",
                             "Queues a job that holds its cores for that time, and prints its id.",
                             []() -> const FlagTable& { return submit_flags(false).table(); },
                             [](Reading& reading) { return read_order(reading, false); },
                             true};
const SubCommand kFluxRun{"flux",
                          "run",
                          "[OPTIONS] sleep TIME",
                          "Queues a job that holds its cores for that time, and waits for its end.",
                          []() -> const FlagTable& { return submit_flags(true).table(); },
                          [](Reading& reading) { return read_order(reading, true); },
                          true};

}  // namespace scenarios::commands
