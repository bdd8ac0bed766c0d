#include "scenarios/targets/live/live_target.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "models/kubernetes/json/mirror.h"
#include "models/kubernetes/resource_kinds.h"
#include "scenarios/perform_plan.h"
#include "scenarios/targets/live/json_stream.h"
#include "scenarios/targets/live/kubectl.h"
#include "scenarios/targets/live/live_commands.h"
#include "scenarios/targets/live/minicluster_mirror.h"
#include "scenarios/targets/live/watch_reader.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;

/// Between two tries of a watch that ended, doubled while it shows nothing. Assumed: the API server is back
/// soon, and need not be pressed.
constexpr sim::Duration kPause = std::chrono::seconds{1};
constexpr sim::Duration kPauseMost = std::chrono::seconds{30};
/// The watches are taken to have shown what there is when all objects of the snapshot came, or after so long.
constexpr sim::Duration kFirstLook = std::chrono::seconds{10};

std::vector<std::string> watch_arguments(const std::string& kind) {
  return {"kubectl", "get", kind, "-A", "--watch", "--output-watch-events", "--show-managed-fields",
          "-o",      "json"};
}
std::vector<std::string> list_arguments(const std::string& kinds) {
  return {"kubectl", "get", kinds, "-A", "--show-managed-fields", "-o", "json"};
}

kubernetes::Kind kind_of(const std::string& resource) {
  static const std::map<std::string, kubernetes::Kind> kinds = {
      {"nodes", kubernetes::Kind::Node},
      {"pods", kubernetes::Kind::Pod},
      {"statefulsets", kubernetes::Kind::StatefulSet},
      {"jobs", kubernetes::Kind::Job},
      {"deployments", kubernetes::Kind::Deployment},
      {"replicasets", kubernetes::Kind::ReplicaSet},
      {"daemonsets", kubernetes::Kind::DaemonSet},
      {"poddisruptionbudgets", kubernetes::Kind::PodDisruptionBudget},
      {kMiniClusters, kubernetes::Kind::MiniCluster},
      {"persistentvolumeclaims", kubernetes::Kind::PersistentVolumeClaim},
      {"controllerrevisions", kubernetes::Kind::ControllerRevision}};
  const auto found = kinds.find(resource);
  return found == kinds.end() ? kubernetes::Kind::None : found->second;
}

class LivePerformer {
 public:
  LivePerformer(const Rehearsal& rehearsal, const ClusterSnapshot& snapshot, Programs& programs,
                const LiveOptions& options)
      : snapshot_(snapshot),
        programs_(programs),
        options_(options),
        commands_(rehearsal, programs),
        strikes_(rehearsal.scenario, programs),
        mirror_(snapshot.taken),
        miniclusters_(snapshot.taken) {
    run_.world = rehearsal.world;
    // The cluster is what the watches show; only what the plan was compiled with is taken over.
    kubernetes::Cluster cluster;
    cluster.settings = run_.world.cluster.settings;
    cluster.next_uid = run_.world.cluster.next_uid;
    run_.world.cluster = std::move(cluster);
    run_.world.flux = {};
    auto program = std::make_shared<Program>(*run_.world.program);
    program->starts_settled = true;
    program->faults.clear();
    run_.world.program = std::move(program);
    for (const plan::StepState& step : run_.world.plan.steps) {
      run_.history.introduce(step.uid, {});
    }
  }

  LiveRun run() {
    first_look();
    run_.begins = run_.history.next_id();
    sim::Context context{choices_, run_.history};
    begin(run_.world, context);
    sim::Time over = sim::kNever;
    sim::Time latest = sim::kNever;
    while (true) {
      const bool done = run_.world.plan.open == 0;
      if (done && latest == sim::kNever) {
        latest = programs_.now() + options_.at_most;
      }
      if (done && over == sim::kNever) {
        over = programs_.now() + options_.quiet;
      }
      if (programs_.now() >= std::min(over, latest)) {
        run_.world.agenda.now = programs_.now();
        break;
      }
      if (const std::string why = programs_.over(); !why.empty()) {
        note(fmt::format("the run ends before its time: {}", why));
        break;
      }
      if (turn(std::min({over, latest, next_due()}))) {
        over = sim::kNever;  // something happened
      }
    }
    for (const auto& [process, watch] : watches_) {
      programs_.kill(process);
    }
    end(run_.world, context);
    run_.strikes = strikes_.all();
    run_.first_outputs = commands_.first_outputs();
    return std::move(run_);
  }

 private:
  struct Watch {
    std::string kind;
    JsonStream stream;
    std::size_t rubbish_told = 0;
    bool broken = false;  // an event of it was lost
  };

  [[nodiscard]] sim::Time next_due() const {
    const sim::Time planned =
        run_.world.agenda.events.empty() ? sim::kNever : run_.world.agenda.events.top().at;
    const sim::Time next = std::min(planned, strikes_.next_due());
    return again_.empty() ? next : std::min(next, again_.begin()->first);
  }

  /// Lists and watches everything, until the watches have shown what the snapshot holds.
  void first_look() {
    for (const std::string& kind : options_.kinds) {
      watch(kind);
    }
    const sim::Time deadline = programs_.now() + kFirstLook;
    while (observed_ < snapshot_.items.size()) {
      const std::optional<ProgramEvent> event = programs_.next(deadline);
      if (!event) {
        note(fmt::format("the watches showed {} of {} objects of the snapshot", observed_,
                         snapshot_.items.size()));
        watch_silent_ones_again();
        break;
      }
      run_.world.agenda.now = event->at;
      take(*event);
    }
  }

  /// A watch that has printed nothing of what there is hangs.
  void watch_silent_ones_again() {
    std::vector<ProcessId> silent;
    for (const auto& [process, watch] : watches_) {
      if (!shown_.contains(watch.kind) && holds_any(watch.kind)) {
        silent.push_back(process);
      }
    }
    for (const ProcessId process : silent) {
      end_watch(process, "shows nothing of what there is");
    }
  }

  [[nodiscard]] bool holds_any(const std::string& kind) const {
    if (kind_of(kind) == kubernetes::Kind::None) {
      return false;  // a kind that is only recorded
    }
    const std::string_view name = kubernetes::resource_of(kind_of(kind)).kind_name;
    return std::any_of(snapshot_.items.begin(), snapshot_.items.end(),
                       [&](const auto& item) { return kubernetes::json::text_or(item, "kind") == name; });
  }

  /// Ends a watch that cannot be relied on; a list and a new one follow.
  void end_watch(ProcessId process, std::string_view why) {
    const auto found = watches_.find(process);
    const std::string kind = found->second.kind;
    note(fmt::format("the watch of {} {}; it is started again", kind, why));
    programs_.kill(process);
    watches_.erase(found);
    watch_later(kind);
  }

  void watch_later(const std::string& kind) {
    sim::Duration& pause = pauses_.try_emplace(kind, kPause).first->second;
    again_.emplace(programs_.now() + pause, kind);
    pause = std::min(2 * pause, kPauseMost);
  }

  void watch(const std::string& kind) { watches_[programs_.start(watch_arguments(kind), {})].kind = kind; }

  /// One event of a program, or what is due. @return whether the cluster or the plan moved.
  bool turn(sim::Time until) {
    const std::optional<ProgramEvent> event = next_event(until);
    const sim::TransitionId first = run_.history.next_id();
    sim::Context context{choices_, run_.history};
    bool moved = false;
    if (event) {
      run_.world.agenda.now = std::max(run_.world.agenda.now, event->at);
      moved = take(*event);
    } else if (strikes_.next_due() != sim::kNever && strikes_.next_due() <= until) {
      run_.world.agenda.now = std::max(run_.world.agenda.now, strikes_.next_due());
      strikes_.strike_next();
      moved = true;
    } else if (!again_.empty() && again_.begin()->first <= until) {
      run_.world.agenda.now = std::max(run_.world.agenda.now, again_.begin()->first);
      const std::string kind = again_.begin()->second;
      again_.erase(again_.begin());
      watch_again(kind);
    } else if (!run_.world.agenda.events.empty() && run_.world.agenda.events.top().at <= until) {
      const sim::PendingEvent due = run_.world.agenda.events.pop();
      run_.world.agenda.now = std::max(run_.world.agenda.now, due.at);
      on_plan_event(run_.world, context, due);
      moved = true;
    } else {
      return false;
    }
    settle_event(run_.world, context, first, commands_);
    commands_.kill_abandoned(run_.world);
    note_new();
    return moved || run_.history.next_id() != first;
  }

  /// First what came while a list was awaited.
  std::optional<ProgramEvent> next_event(sim::Time until) {
    if (deferred_.empty()) {
      return programs_.next(until);
    }
    ProgramEvent event = std::move(deferred_.front());
    deferred_.pop_front();
    return event;
  }

  bool take(const ProgramEvent& event) {
    const auto found = watches_.find(event.process);
    if (found == watches_.end()) {
      return strikes_.take(event) || commands_.take(event, run_.world);
    }
    Watch& watch = found->second;
    switch (event.kind) {
      case ProgramEvent::Kind::Output:
        watch.stream.feed(event.data, [&](std::string_view text) { take_watch_event(watch, text); });
        if (watch.stream.rubbish() > watch.rubbish_told) {
          note(fmt::format("the watch of {} printed {} bytes that are no JSON", watch.kind,
                           watch.stream.rubbish()));
          watch.rubbish_told = watch.stream.rubbish();
        }
        if (watch.broken || watch.stream.dropped() > 0) {
          end_watch(event.process, watch.broken ? "has an end" : "printed an event that is cut short");
        }
        break;
      case ProgramEvent::Kind::Errors:
        note(fmt::format("the watch of {} says: {}", watch.kind, event.data));
        break;
      case ProgramEvent::Kind::NotStarted:
      case ProgramEvent::Kind::Exited:
        note(fmt::format("the watch of {} ended{}{}; it is started again", watch.kind,
                         event.data.empty() ? "" : ": ", event.data));
        watch_later(watch.kind);
        watches_.erase(found);
        break;
    }
    return false;
  }

  void take_watch_event(Watch& watch, std::string_view text) {
    const std::optional<WatchEvent> event = reader_.event(text, mirror_);
    const std::string type = event ? event->type : std::string();
    if (type != "ADDED" && type != "MODIFIED" && type != "DELETED") {
      watch.broken = watch.broken || type != "BOOKMARK";
      if (type == "ERROR") {
        // The watch has expired ("410 Gone"), or the API server goes. kubectl prints it and waits on. Source:
        // kubectl pkg/cmd/get/get.go watch; apiserver pkg/endpoints/handlers/watch.go.
        note(fmt::format("the watch of {} failed: {}", watch.kind,
                         kubernetes::json::text_or(event->object, "message", "it does not say why")));
      } else if (watch.broken) {
        note(fmt::format("the watch of {} printed an event of type \"{}\" that is not known here", watch.kind,
                         type));
      }
      return;
    }
    ++observed_;
    shown_.insert(watch.kind);
    pauses_.erase(watch.kind);
    if (event->known) {
      return;
    }
    sim::Context context{choices_, run_.history};
    kubernetes::Turn turn{run_.world.cluster, run_.world.agenda, context};
    const auto change = type == "DELETED" ? kubernetes::WatchType::Deleted : kubernetes::WatchType::Modified;
    models::flux::FluxTurn flux_turn{run_.world.flux, turn};
    if (watch.kind == kMiniClusters) {
      miniclusters_.observe(flux_turn, change, event->object);
    } else {
      mirror_.observe(turn, change, event->object);
    }
    miniclusters_.link_jobs(flux_turn);
    run_.versions.resize(run_.history.next_id(), event->version);
    note_new();
  }

  /// A watch that ended missed what happened since: a list tells, then a new watch goes on.
  void watch_again(const std::string& kind) {
    std::string problem;
    const std::optional<std::string> text = output_of(programs_, list_arguments(kind), problem, &deferred_);
    const std::optional<ObjectList> list =
        text ? reader_.list(*text, WatchReader::ManagedFields::Hashed) : std::nullopt;
    if (!list) {
      note(fmt::format("{} cannot be listed: {}", kind, problem.empty() ? "the answer is no list" : problem));
      watch_later(kind);
      return;
    }
    note(fmt::format("{} were listed anew", kind));
    sim::Context context{choices_, run_.history};
    kubernetes::Turn turn{run_.world.cluster, run_.world.agenda, context};
    models::flux::FluxTurn flux_turn{run_.world.flux, turn};
    if (kind == kMiniClusters) {
      miniclusters_.observe_list(flux_turn, list->items, list->version);
    } else {
      mirror_.observe_list(turn, kind_of(kind), list->items, list->version);
    }
    miniclusters_.link_jobs(flux_turn);
    std::uint64_t version = 0;
    std::from_chars(list->version.data(), list->version.data() + list->version.size(), version);
    run_.versions.resize(run_.history.next_id(), version);
    watch(kind);
  }

  /// Shows new transitions to the environment.
  void note_new() {
    for (; noted_ != run_.history.next_id(); ++noted_) {
      run_.environment.note(noted_, run_.history.at(noted_), run_.world.cluster);
    }
    run_.versions.resize(noted_, 0);
  }

  void note(std::string text) { run_.notes.push_back(std::move(text)); }

  const ClusterSnapshot& snapshot_;
  Programs& programs_;
  const LiveOptions& options_;
  LiveCommands commands_;
  Strikes strikes_;
  kubernetes::json::Mirror mirror_;
  MiniClusterMirror miniclusters_;
  WatchReader reader_;
  sim::NominalChoices choices_;  // a live run asks nothing of chance
  std::map<ProcessId, Watch> watches_;
  std::multimap<sim::Time, std::string> again_;  // kinds to watch again, by when
  std::map<std::string, sim::Duration> pauses_;  // by kind, while its watch shows nothing
  std::set<std::string> shown_;                  // kinds of which a watch has shown an object
  std::deque<ProgramEvent> deferred_;            // of other programs, while a list was awaited
  std::size_t observed_ = 0;
  sim::TransitionId noted_ = 0;
  LiveRun run_;
};

}  // namespace

bool serves_miniclusters(Programs& programs) {
  // Source: apiserver's discovery, an APIResourceList of the group's version; 404 where there is none.
  std::string problem;
  const std::optional<std::string> text =
      output_of(programs, {"kubectl", "get", "--raw", "/apis/flux-framework.org/v1alpha2"}, problem);
  const auto list = nlohmann::ordered_json::parse(text.value_or(std::string()), nullptr, false);
  if (!list.is_object() || !list.contains("resources") || !list["resources"].is_array()) {
    return false;
  }
  return std::any_of(list["resources"].begin(), list["resources"].end(), [](const auto& resource) {
    return resource.is_object() && kubernetes::json::text_or(resource, "name") == "miniclusters";
  });
}

std::optional<ClusterSnapshot> take_snapshot(Programs& programs, const LiveOptions& options,
                                             std::string& problem) {
  const std::optional<std::string> text =
      output_of(programs, list_arguments(fmt::format("{}", fmt::join(options.kinds, ","))), problem);
  if (!text) {
    return std::nullopt;
  }
  std::optional<ObjectList> list = WatchReader().list(*text, WatchReader::ManagedFields::LeftOut);
  if (!list) {
    problem = "kubectl did not print a list of objects";
    return std::nullopt;
  }
  return ClusterSnapshot{std::move(list->items), list->latest};
}

LiveRun perform_live(const Rehearsal& rehearsal, const ClusterSnapshot& snapshot, Programs& programs,
                     const LiveOptions& options) {
  return LivePerformer(rehearsal, snapshot, programs, options).run();
}

}  // namespace scenarios::targets
