// flux jobs, flux cancel. Source of the options: flux-core src/cmd/flux-jobs.py and flux-cancel.py.

#include <fmt/format.h>

#include <utility>

#include "models/flux/flux_job_id.h"
#include "models/flux/job_commands.h"
#include "scenarios/commands/flux_action.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace flux = models::flux;

const Flags& jobs_flags() {
  static const Flags flags(Flags::Of::other, "flux jobs",
                           {{"a", 'a', FlagType::boolean},
                            {"A", 'A', FlagType::boolean},
                            {"count", 'c', FlagType::integer},
                            {"no-header", 'n', FlagType::boolean},
                            {"suppress-header", 0, FlagType::boolean}},
                           {{"color", 0, FlagType::text, "always"},
                            {"filter", 'f', FlagType::text},
                            {"format", 'o', FlagType::text},
                            {"from-stdin", 0, FlagType::boolean},
                            {"json", 0, FlagType::boolean},
                            {"level", 'L', FlagType::integer},
                            {"name", 0, FlagType::text},
                            {"queue", 0, FlagType::text},
                            {"recurse-all", 0, FlagType::boolean},
                            {"recursive", 'R', FlagType::boolean},
                            {"since", 0, FlagType::text},
                            {"stats", 0, FlagType::boolean},
                            {"stats-only", 0, FlagType::boolean},
                            {"threads", 0, FlagType::integer},
                            {"user", 'u', FlagType::text}});
  return flags;
}

const Flags& cancel_flags() {
  static const Flags flags(Flags::Of::other, "flux cancel",
                           {{"all", 0, FlagType::boolean},
                            {"dry-run", 'n', FlagType::boolean},
                            {"message", 'm', FlagType::text},
                            {"quiet", 'q', FlagType::boolean}},
                           {{"states", 'S', FlagType::text}, {"user", 'u', FlagType::text}});
  return flags;
}

class JobsCommand : public FluxAction {
 public:
  explicit JobsCommand(flux::JobsRequest request) : request_(std::move(request)) {}

  void perform(CommandState& state, Systems& systems, const FluxPlace& place, By) const override {
    conclude(state, flux::list_jobs(systems.kubernetes.cluster, systems.flux.miniclusters[place.minicluster],
                                    request_, systems.kubernetes.now()));
  }
  [[nodiscard]] std::string_view program() const override { return "flux-jobs"; }

 private:
  flux::JobsRequest request_;
};

class CancelCommand : public FluxAction {
 public:
  explicit CancelCommand(flux::CancelRequest request) : request_(std::move(request)) {}

  void perform(CommandState& state, Systems& systems, const FluxPlace& place, By by) const override {
    flux::FluxTurn turn{systems.flux, systems.kubernetes};
    conclude(state, flux::cancel_jobs(turn, place.minicluster, request_, by));
  }
  [[nodiscard]] std::string_view program() const override { return "flux-cancel"; }

 private:
  flux::CancelRequest request_;
};

/// The ids among the arguments. Source: the type JobID of python flux/job/JobID.py, as argparse refuses it.
std::vector<std::uint64_t> read_ids(Reading& reading, std::string_view metavar) {
  std::vector<std::uint64_t> ids;
  for (const Argument& argument : reading.flags.arguments) {
    if (argument.open_from(0)) {
      continue;
    }
    if (const auto id = flux::parse_job_id(argument.text())) {
      ids.push_back(*id);
      continue;
    }
    reading.refuse(fmt::format("argument {}: invalid JobID value: '{}'", metavar, argument.text()),
                   "write an id as flux submit prints it, or in decimal; words and emoji are not modelled",
                   argument.origin(0));
  }
  return ids;
}

ActionPointer read_jobs(Reading& reading) {
  refuse_values_of_switches(reading);
  flux::JobsRequest request;
  request.ids = read_ids(reading, "JOBID");
  for (const Argument& argument : reading.flags.arguments) {
    request.ids_as_given.push_back(argument.text());
  }
  request.inactive = reading.boolean("a");
  request.no_header = reading.boolean("no-header") || reading.boolean("suppress-header");
  request.count = reading.integer("count").value_or(request.count);
  return std::make_shared<JobsCommand>(std::move(request));
}

ActionPointer read_cancel(Reading& reading) {
  refuse_values_of_switches(reading);
  flux::CancelRequest request;
  request.ids = read_ids(reading, "JOBID...");
  request.all = reading.boolean("all");
  request.dry_run = reading.boolean("dry-run");
  request.quiet = reading.boolean("quiet");
  request.message = reading.text("message");
  const bool named = !reading.flags.arguments.empty();
  if (named && request.all) {
    reading.refuse("Do not specify a list of jobids with --all,--user,--states options",
                   "leave one of them out");
  } else if (!named && !request.all) {
    reading.refuse("No target jobs were provided", "write flux cancel JOBID, or --all");
  }
  return std::make_shared<CancelCommand>(std::move(request));
}

}  // namespace

const SubCommand kFluxJobs{"flux",
                           "jobs",
                           "[JOBID…]",
                           "Prints the jobs that wait and run, and with `-a` also those that are over.",
                           []() -> const FlagTable& { return jobs_flags().table(); },
                           read_jobs};
const SubCommand kFluxCancel{
    "flux",     "cancel", "JOBID…", "Ends jobs.", []() -> const FlagTable& { return cancel_flags().table(); },
    read_cancel};

}  // namespace scenarios::commands
