#include "models/flux/resource_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

namespace models::flux {

namespace {

ProgramResult failure(std::string text) { return {{}, "flux-resource: ERROR: " + std::move(text) + '\n', 1}; }

TableLayout layout_of(const MiniCluster& minicluster, const TableRequest& request) {
  return {minicluster.setting.flux_minor, !request.no_header, request.ascii, request.epoch_seconds_at_start};
}

/// Reads `-s`; the first unknown word is refused.
std::optional<std::vector<ListState>> list_states(const std::vector<std::string>& words,
                                                  std::vector<ListState> otherwise, std::string& unknown) {
  if (words.empty()) {
    return otherwise;
  }
  std::vector<ListState> states;
  for (const std::string& word : words) {
    bool known = false;
    for (const ListState state :
         {ListState::Up, ListState::Down, ListState::Allocated, ListState::Free, ListState::All}) {
      if (word == to_text(state)) {
        states.push_back(state);
        known = true;
      }
    }
    if (!known) {
      unknown = word;
      return std::nullopt;
    }
  }
  return states;
}

ProgramResult unknown_state(const std::string& state, const std::vector<std::string>& valid) {
  ProgramResult result = failure(fmt::format("Invalid resource state {} specified", state));
  if (!valid.empty()) {
    result.errors += fmt::format("flux-resource: INFO: valid states: {}\n", fmt::join(valid, ","));
  }
  return result;
}

}  // namespace

bool reachable(const MiniCluster& minicluster) { return minicluster.instance.serving; }

ProgramResult resource_list(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                            const TableRequest& request) {
  std::string unknown;
  const auto states =
      list_states(request.states, {ListState::Free, ListState::Allocated, ListState::Down}, unknown);
  if (!states) {
    return unknown_state(unknown, {});
  }
  if (!reachable(minicluster)) {
    return failure(std::string(kUnreachable));
  }
  const ResourceView view = resource_view(cluster, minicluster);
  return {list_table(view, list_rows(view, *states), layout_of(minicluster, request)), {}, 0};
}

ProgramResult resource_status(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                              const TableRequest& request) {
  const ResourceView view = reachable(minicluster) ? resource_view(cluster, minicluster) : ResourceView{};
  const StatusRows rows =
      status_rows(view, {request.states, request.skip_empty, minicluster.setting.flux_minor});
  if (!rows.unknown_state.empty()) {
    return unknown_state(rows.unknown_state, rows.valid_states);
  }
  if (!reachable(minicluster)) {
    return failure(std::string(kUnreachable));
  }
  const TableLayout layout = layout_of(minicluster, request);
  return {request.long_format ? status_table_long(view, rows.rows, layout)
                              : status_table(view, rows.rows, layout),
          {},
          0};
}

ProgramResult resource_drain_list(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                                  const TableRequest& request) {
  if (!reachable(minicluster)) {
    return failure(std::string(kUnreachable));
  }
  const ResourceView view = resource_view(cluster, minicluster);
  const StatusRows rows = status_rows(view, {{"drain"}, true, minicluster.setting.flux_minor});
  return {drain_table(view, rows.rows, layout_of(minicluster, request)), {}, 0};
}

ProgramResult resource_info(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                            const TableRequest& request) {
  std::string unknown;
  const auto states = list_states(request.states, {ListState::All}, unknown);
  if (!states) {
    return unknown_state(unknown, {});
  }
  if (!reachable(minicluster)) {
    return failure(std::string(kUnreachable));
  }
  return {info_lines(list_rows(resource_view(cluster, minicluster), *states)), {}, 0};
}

}  // namespace models::flux
