#include "scenarios/commands/flux_action.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "models/flux/hostlist.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace flux = models::flux;
using models::kubernetes::Row;

/// An end that the real program does not have.
void end_with_own_error(CommandState& state, std::string_view text) {
  conclude(state, {{}, fmt::format("rehearse: {}\n", text), 1});
}

/// Whether `host` is `<minicluster>-<rank>`.
bool is_host_of(std::string_view name, std::string_view host) {
  return host.starts_with(name) && host.size() > name.size() + 1 && host[name.size()] == '-' &&
         host.find_first_not_of("0123456789", name.size() + 1) == std::string_view::npos;
}

/// The MiniCluster that a command at a prompt asks, or nothing, with the reason in `refusal`.
std::optional<Row> choose(const Systems& systems, std::string_view hostlist, std::string& refusal) {
  const flux::HostlistResult hosts = flux::hostlist_expand(hostlist);
  std::vector<Row> rows;
  std::vector<std::string> names;
  for (Row row = 0; row < systems.flux.miniclusters.extent(); ++row) {
    if (!systems.flux.miniclusters.alive(row)) {
      continue;
    }
    rows.push_back(row);
    names.push_back(systems.kubernetes.cluster.name_of(systems.flux.miniclusters[row].meta));
  }
  if (rows.size() == 1) {
    return rows.front();
  }
  if (rows.empty()) {
    refusal = "there is no MiniCluster that flux could ask";
    return std::nullopt;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (hosts && !hosts.hosts.empty() && is_host_of(names[i], hosts.hosts.front())) {
      return rows[i];
    }
  }
  refusal =
      fmt::format("there are several MiniClusters ({}): name hosts, or write kubectl exec POD -- flux …",
                  fmt::join(names, ", "));
  return std::nullopt;
}

constexpr std::array<const SubCommand*, 9> kFluxCommands{
    &kFluxResourceList, &kFluxResourceStatus, &kFluxResourceDrain, &kFluxResourceUndrain,
    &kFluxResourceInfo, &kFluxSubmit,         &kFluxRun,           &kFluxJobs,
    &kFluxCancel};

}  // namespace

void FluxAction::advance(CommandState& state, Systems& systems, By by) const {
  if (!state.waiting_for.empty()) {
    const Row row = systems.flux.find_uid(state.waiting_for.front());
    if (row == models::kubernetes::kNoRow) {
      end_with_own_error(state, "the MiniCluster is gone");
      return;
    }
    perform(state, systems, {row, 0}, by);
    return;
  }
  std::string refusal;
  const std::optional<Row> row = choose(systems, hosts(), refusal);
  if (!row) {
    end_with_own_error(state, refusal);
    return;
  }
  perform(state, systems, {*row, 0}, by);
  if (!state.done) {
    state.waiting_for = {systems.flux.miniclusters[*row].meta.uid};
  }
}

void conclude(CommandState& state, const flux::ProgramResult& result) {
  state.output += result.output;
  state.errors += result.errors;
  finish(state, result.exit_code);
}

FluxCommandName find_flux_command(std::span<const Argument> words, std::vector<CommandProblem>& problems) {
  const std::string hint =
      "modelled: flux resource list, status, drain, undrain, info, flux submit, run, jobs, cancel";
  if (words.size() < 2) {
    problems.push_back({"flux needs a command", hint, words.front().origin(0)});
    return {};
  }
  const bool of_resource = words[1].text() == "resource";
  if (of_resource && words.size() < 3) {
    problems.push_back({"flux resource needs a command", hint, words[1].origin(0)});
    return {};
  }
  const std::string name = of_resource ? "resource " + words[2].text() : words[1].text();
  for (const SubCommand* command : kFluxCommands) {
    if (command->name == name) {
      return {command, of_resource ? std::size_t{3} : std::size_t{2}};
    }
  }
  problems.push_back(
      {fmt::format("flux {} is not modelled yet", name), hint, words[of_resource ? 2 : 1].origin(0)});
  return {};
}

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

void refuse_arguments(Reading& reading, std::size_t most) {
  const std::vector<Argument>& arguments = reading.flags.arguments;
  if (arguments.size() > most) {
    reading.refuse(fmt::format("unrecognized arguments: {}", arguments[most].text()), {},
                   arguments[most].origin(0));
  }
}

}  // namespace scenarios::commands
