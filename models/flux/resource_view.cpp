#include "models/flux/resource_view.h"

#include <algorithm>

#include "models/flux/flux_jobs.h"
#include "models/flux/hostlist.h"

namespace models::flux {

const Drain* find_drain(const Instance& instance, std::int32_t rank) {
  const auto found = std::lower_bound(instance.drains.begin(), instance.drains.end(), rank,
                                      [](const Drain& drain, std::int32_t r) { return drain.rank < r; });
  return found != instance.drains.end() && found->rank == rank ? &*found : nullptr;
}

bool is_down(const MiniCluster& minicluster, std::int32_t rank) {
  const Broker& broker = minicluster.instance.brokers[static_cast<std::size_t>(rank)];
  return !broker.online || broker.torpid || find_drain(minicluster.instance, rank) != nullptr;
}

bool is_excluded(const MiniCluster& minicluster, std::int32_t rank) {
  const std::vector<std::int32_t>& excluded = minicluster.setting.excluded;
  return std::binary_search(excluded.begin(), excluded.end(), rank);
}

ResourceView resource_view(const kubernetes::Cluster& cluster, const MiniCluster& minicluster) {
  const Instance& instance = minicluster.instance;
  ResourceView view(static_cast<std::size_t>(instance.size));
  for (std::int32_t rank = 0; rank < instance.size; ++rank) {
    RankView& one = view[static_cast<std::size_t>(rank)];
    const Broker& broker = instance.brokers[static_cast<std::size_t>(rank)];
    one.host = host_of(cluster, minicluster, rank);
    one.cores = instance.cores;
    one.gpus = minicluster.setting.gpus;
    one.online = broker.online;
    one.torpid = broker.torpid;
    one.excluded = is_excluded(minicluster, rank);
  }
  for (const FluxJob& job : instance.jobs) {
    for (const RankCores& cores : job.allocation) {
      view[static_cast<std::size_t>(cores.rank)].allocated_cores += cores.cores;
    }
  }
  for (const Drain& drain : instance.drains) {
    RankView& one = view[static_cast<std::size_t>(drain.rank)];
    one.drained = true;
    one.drained_at = drain.since;
    one.reason = drain.reason;
  }
  return view;
}

std::string_view to_text(ListState state) {
  switch (state) {
    case ListState::Free:
      return "free";
    case ListState::Allocated:
      return "allocated";
    case ListState::Down:
      return "down";
    case ListState::Up:
      return "up";
    case ListState::All:
      return "all";
  }
  return "";
}

namespace {

/// How many cores of a rank are in a state; 0: the rank is not.
std::int32_t cores_in(ListState state, const RankView& one) {
  if (one.excluded) {
    return 0;
  }
  const bool down = !one.online || one.torpid || one.drained;
  switch (state) {
    case ListState::Free:
      return down ? 0 : one.cores - one.allocated_cores;
    case ListState::Allocated:
      return one.allocated_cores;
    case ListState::Down:
      return down ? one.cores : 0;
    case ListState::Up:
      return down ? 0 : one.cores;
    case ListState::All:
      return one.cores;
  }
  return 0;
}

/// GPUs are never part of the modelled jobs: they stay free where their rank is up.
std::int32_t gpus_in(ListState state, const RankView& one) {
  return state == ListState::Allocated ? 0 : one.gpus;
}

}  // namespace

std::vector<ListRow> list_rows(const ResourceView& view, const std::vector<ListState>& states) {
  std::vector<ListRow> rows;
  for (const ListState state : states) {
    ListRow row{state, 0, 0, {}};
    for (std::size_t rank = 0; rank < view.size(); ++rank) {
      if (const std::int32_t cores = cores_in(state, view[rank]); cores > 0) {
        row.cores += cores;
        row.gpus += gpus_in(state, view[rank]);
        row.ranks.push_back(static_cast<std::int32_t>(rank));
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

namespace {

/// The states that a version of flux-core knows, in the order in which it names them.
std::vector<std::string> valid_states(std::int32_t flux_minor) {
  std::vector<std::string> states{"all",     "online", "avail",    "offline",
                                  "exclude", "drain",  "draining", "drained"};
  if (flux_minor >= 65) {
    states.emplace_back("torpid");
  }
  if (flux_minor >= 66) {
    states.emplace_back("allocated");
  }
  if (flux_minor >= 67) {
    states.emplace_back("housekeeping");
  }
  return states;
}

/// The sets of one call, and how empty rows are treated.
class StatusLines {
 public:
  StatusLines(const ResourceView& view, const StatusQuery& query) : view_(view), minor_(query.flux_minor) {
    states_ = query.states;
    const bool only_sides = std::all_of(states_.begin(), states_.end(), [](const std::string& state) {
      return state == "offline" || state == "online";
    });
    if (only_sides) {
      for (const char* state : {"avail", "exclude", "draining", "drained", "torpid", "housekeeping"}) {
        states_.emplace_back(state);
      }
    }
    if (asked("drain")) {
      states_.emplace_back("draining");
      states_.emplace_back("drained");
    }
    skip_empty_ = query.skip_empty || query.states.empty();
    include_online_ = asked("online") || !asked("offline");
    include_offline_ = asked("offline") || !asked("online");
  }

  std::vector<StatusRow> lines() {
    for (const char* state : {"avail", "exclude", "allocated", "torpid", "housekeeping"}) {
      if (shown(state)) {
        side_rows(state, true);
        side_rows(state, false);
      }
    }
    for (const char* state : {"draining", "drained"}) {
      if (shown(state)) {
        drain_rows(state);
      }
    }
    return std::move(rows_);
  }

 private:
  [[nodiscard]] bool asked(std::string_view state) const {
    return std::find(states_.begin(), states_.end(), state) != states_.end();
  }
  [[nodiscard]] bool shown(const std::string& state) const {
    const std::vector<std::string> valid = valid_states(minor_);
    return (asked("all") || asked(state)) && std::find(valid.begin(), valid.end(), state) != valid.end();
  }

  [[nodiscard]] bool in(const std::string& state, const RankView& one) const {
    if (state == "draining") {
      return one.drained && one.allocated_cores > 0;
    }
    if (state == "drained") {
      return one.drained && one.allocated_cores == 0;
    }
    if (state == "exclude") {
      return one.excluded;
    }
    if (state == "allocated") {
      return one.allocated_cores > 0;
    }
    if (state == "torpid") {
      // Ranks that a drain row shows are not torpid as well.
      return one.torpid && minor_ >= 65 &&
             !(one.drained && shown(one.allocated_cores > 0 ? "draining" : "drained"));
    }
    if (state == "avail") {
      return !one.excluded && !one.drained && !(one.torpid && minor_ >= 65);
    }
    return false;  // housekeeping: no modelled job leaves any
  }

  void side_rows(const std::string& state, bool online) {
    if (!(online ? include_online_ : include_offline_)) {
      return;
    }
    StatusRow row{state, online, {}, {}, {}};
    for (std::size_t rank = 0; rank < view_.size(); ++rank) {
      if (view_[rank].online == online && in(state, view_[rank])) {
        row.ranks.push_back(static_cast<std::int32_t>(rank));
      }
    }
    add(std::move(row));
  }

  void drain_rows(const std::string& state) {
    bool any = false;
    for (std::size_t rank = 0; rank < view_.size(); ++rank) {
      const RankView& one = view_[rank];
      if (!in(state, one)) {
        continue;
      }
      any = true;
      if (one.online ? include_online_ : include_offline_) {
        add({state, one.online, one.drained_at, one.reason, {static_cast<std::int32_t>(rank)}});
      }
    }
    if (!any && include_online_) {
      add({state, true, {}, {}, {}});
    }
  }

  void add(StatusRow row) {
    if (row.ranks.empty() && (skip_empty_ || (!row.online && !asked("offline")))) {
      return;
    }
    rows_.push_back(std::move(row));
  }

  const ResourceView& view_;
  std::int32_t minor_;
  std::vector<std::string> states_;
  bool skip_empty_ = true;
  bool include_online_ = true;
  bool include_offline_ = true;
  std::vector<StatusRow> rows_;
};

}  // namespace

StatusRows status_rows(const ResourceView& view, const StatusQuery& query) {
  StatusRows result;
  result.valid_states = valid_states(query.flux_minor);
  for (const std::string& state : query.states) {
    if (std::find(result.valid_states.begin(), result.valid_states.end(), state) ==
        result.valid_states.end()) {
      result.unknown_state = state;
      return result;
    }
  }
  result.rows = StatusLines(view, query).lines();
  return result;
}

std::string hostlist_of(const ResourceView& view, const std::vector<std::int32_t>& ranks) {
  std::vector<std::string> hosts;
  hosts.reserve(ranks.size());
  for (const std::int32_t rank : ranks) {
    hosts.push_back(view[static_cast<std::size_t>(rank)].host);
  }
  return hostlist_compress(hosts);
}

}  // namespace models::flux
