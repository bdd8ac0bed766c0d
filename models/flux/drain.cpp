#include "models/flux/drain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "models/flux/flux_jobs.h"
#include "models/flux/hostlist.h"
#include "models/flux/resource_commands.h"

namespace models::flux {

namespace {

/// Releases of flux-core whose `undrain` says it differently.
constexpr std::int32_t kNamesHostsSince = 67;
constexpr std::int32_t kNamesRanksSince = 82;

std::string ranks_text(const std::vector<std::int32_t>& ranks) { return idset_compress(ranks); }

std::string_view plural(const std::vector<std::int32_t>& ranks) { return ranks.size() > 1 ? "s" : ""; }

/// How `flux resource drain` prints an OSError of its request.
ProgramResult drain_error(int number, std::string_view problem) {
  ProgramResult result;
  result.exit_code = 1;
  result.errors = fmt::format("flux-resource: ERROR: [Errno {}] {}\n", number, problem);
  if (number == EEXIST) {
    result.errors += "flux-resource: INFO: Use --force to overwrite existing drain reason\n";
  }
  return result;
}

/// How every other failed request is printed.
ProgramResult plain_error(std::string_view problem) {
  return {{}, fmt::format("flux-resource: ERROR: {}\n", problem), 1};
}

/// Puts a rank into the drain log. `overwrite`: 0 keeps an existing reason, 1 replaces it, 2 the time as
/// well. Source: drain.c, draininfo_drain_rank.
bool write_drain(Instance& instance, std::int32_t rank, sim::Time now,
                 const std::optional<std::string>& reason, int overwrite) {
  auto found = std::lower_bound(instance.drains.begin(), instance.drains.end(), rank,
                                [](const Drain& drain, std::int32_t r) { return drain.rank < r; });
  const bool drained = found != instance.drains.end() && found->rank == rank;
  if (drained && found->has_reason && overwrite == 0) {
    return false;
  }
  if (!drained) {
    found = instance.drains.insert(found, {rank, now, false, {}});
  }
  found->has_reason = reason.has_value();
  found->reason = reason.value_or("");
  if (overwrite == 2) {
    found->since = now;
  }
  return true;
}

}  // namespace

Targets decode_targets(std::string_view text, const ResourceView& view) {
  const auto refuse = [](std::string problem) { return Targets{{}, std::move(problem), EINVAL}; };
  Targets targets;
  if (const IdsetResult ids = idset_parse(text)) {
    targets.ranks.assign(ids.ids.begin(), ids.ids.end());
  } else {
    const HostlistResult hosts = hostlist_expand(text);
    if (!hosts) {
      return refuse("invalid targets: Hostlist cannot be decoded");
    }
    std::vector<std::string> missing;
    for (const std::string& host : hosts.hosts) {
      const auto found =
          std::find_if(view.begin(), view.end(), [&](const RankView& one) { return one.host == host; });
      if (found == view.end()) {
        missing.push_back(host);
      } else {
        targets.ranks.push_back(static_cast<std::int32_t>(found - view.begin()));
      }
    }
    if (!missing.empty()) {
      return refuse("invalid targets: invalid hosts: " + hostlist_compress(missing));
    }
    std::sort(targets.ranks.begin(), targets.ranks.end());
    targets.ranks.erase(std::unique(targets.ranks.begin(), targets.ranks.end()), targets.ranks.end());
  }
  if (targets.ranks.empty()) {
    return refuse("idset is empty");
  }
  if (targets.ranks.back() >= static_cast<std::int32_t>(view.size())) {
    return refuse("idset is out of range");
  }
  return targets;
}

ProgramResult drain(FluxTurn& turn, Row row, const DrainRequest& request, kubernetes::By by) {
  if (request.update && request.force > 0) {
    return plain_error("Only one of --force and --update may be specified");
  }
  MiniCluster& minicluster = turn.at(row);
  if (!minicluster.instance.serving) {
    return drain_error(ENOENT, kUnreachable);
  }
  const Targets targets = decode_targets(request.targets, resource_view(turn.cluster(), minicluster));
  if (!targets) {
    return drain_error(targets.error_number, targets.problem);
  }
  const bool strict = request.force == 0 && !request.update;
  std::vector<std::int32_t> wrong;
  bool was_drained = false;
  bool was_excluded = false;
  for (const std::int32_t rank : targets.ranks) {
    const Drain* existing = find_drain(minicluster.instance, rank);
    const bool drained = strict && existing != nullptr && existing->has_reason;
    const bool excluded = is_excluded(minicluster, rank);
    if (drained || excluded) {
      wrong.push_back(rank);
    }
    was_drained = was_drained || drained;
    was_excluded = was_excluded || excluded;
  }
  if (!wrong.empty()) {
    return drain_error(
        was_drained ? EEXIST : EINVAL,
        fmt::format("rank{} {} {}{}{}", plural(wrong), ranks_text(wrong),
                    was_drained ? "already drained" : "", was_drained && was_excluded ? " or " : "",
                    was_excluded ? "excluded" : ""));
  }
  for (const std::int32_t rank : targets.ranks) {
    if (write_drain(minicluster.instance, rank, turn.now(), request.reason, std::min(request.force, 2))) {
      tell(turn, minicluster.meta.uid, Field::NodeDrained, by, rank, 1, request.reason.value_or(""));
    }
  }
  return {};
}

ProgramResult undrain(FluxTurn& turn, Row row, const UndrainRequest& request, kubernetes::By by) {
  MiniCluster& minicluster = turn.at(row);
  if (!minicluster.instance.serving) {
    return plain_error(kUnreachable);
  }
  const ResourceView view = resource_view(turn.cluster(), minicluster);
  const Targets targets = decode_targets(request.targets, view);
  if (!targets) {
    return plain_error(targets.problem);
  }
  std::vector<std::int32_t> wrong;
  for (const std::int32_t rank : targets.ranks) {
    if (find_drain(minicluster.instance, rank) == nullptr) {
      wrong.push_back(rank);
    }
  }
  if (!wrong.empty() && !request.force && !request.update) {
    const std::int32_t minor = minicluster.setting.flux_minor;
    if (minor < kNamesHostsSince) {
      return plain_error(fmt::format("rank {} not drained", wrong.front()));
    }
    if (minor < kNamesRanksSince) {
      return plain_error(fmt::format("{} (rank{} {}) not drained", hostlist_of(view, wrong), plural(wrong),
                                     ranks_text(wrong)));
    }
    return plain_error(fmt::format("rank{} {} not drained", plural(wrong), ranks_text(wrong)));
  }
  sim::TransitionId first = sim::kNoTransition;
  std::vector<Drain>& drains = minicluster.instance.drains;
  for (const std::int32_t rank : targets.ranks) {
    if (std::erase_if(drains, [&](const Drain& drain) { return drain.rank == rank; }) > 0) {
      const sim::TransitionId told = tell(turn, minicluster.meta.uid, Field::NodeDrained, by, rank, 0);
      first = first == sim::kNoTransition ? told : first;
    }
  }
  flux_jobs::schedule(turn, row, first);
  return {};
}

void drain_by_broker(FluxTurn& turn, Row row, std::int32_t rank, std::string reason,
                     sim::TransitionId cause) {
  MiniCluster& minicluster = turn.at(row);
  if (write_drain(minicluster.instance, rank, turn.now(), reason, 0)) {
    tell(turn, minicluster.meta.uid, Field::NodeDrained, {kubernetes::Writer::FluxBroker, cause}, rank, 1,
         std::move(reason));
  }
}

}  // namespace models::flux
