// kubectl scale. Source: kubectl pkg/cmd/scale/scale.go; pkg/scale/scale.go (preconditions and waiting).

#include <fmt/format.h>

#include <limits>

#include "models/flux/minicluster_api.h"
#include "models/kubernetes/object_writes.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;

const Flags& scale_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl scale",
                           {{"replicas", 0, FlagType::integer},
                            {"current-replicas", 0, FlagType::integer},
                            {"timeout", 0, FlagType::duration},
                            {"selector", 'l', FlagType::text},
                            {"all", 0, FlagType::boolean}},
                           {{"allow-missing-template-keys", 0, FlagType::boolean},
                            {"dry-run", 0, FlagType::text, "unchanged"},
                            {"filename", 'f', FlagType::comma_list},
                            {"kustomize", 'k', FlagType::text},
                            {"output", 'o', FlagType::text},
                            {"record", 0, FlagType::boolean},
                            {"recursive", 'R', FlagType::boolean},
                            {"resource-version", 0, FlagType::text},
                            {"show-managed-fields", 0, FlagType::boolean},
                            {"template", 0, FlagType::text}});
  return flags;
}

struct ScaleRequest {
  ResourceQuery query;
  std::int32_t replicas = 0;
  std::int64_t current_replicas = -1;  ///< -1: any
  sim::Duration timeout{};             ///< 0: does not wait
};

class ScaleCommand : public Action {
 public:
  explicit ScaleCommand(ScaleRequest request) : request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    if (!state.started) {
      begin(state, systems);
    }
    while (!state.done) {
      if (state.waiting_for.empty()) {
        end(state);
        return;
      }
      if (state.stage == kWrite && !write(state, systems, by)) {
        return;
      }
      if (state.stage == kWait && !look(state, systems)) {
        return;
      }
    }
  }

 private:
  static constexpr std::uint8_t kWrite = 0;  ///< the first of the objects that are left is to be scaled
  static constexpr std::uint8_t kWait = 1;   ///< it was scaled, and is not yet as large as it should be

  /// The objects are looked up at once; names that there are not are told at the end.
  void begin(CommandState& state, const Systems& systems) const {
    state.started = true;
    const FoundObjects found = find_objects(systems, request_.query);
    KubectlErrors errors;
    for (const kubernetes::ApiError& error : found.errors) {
      errors.add(error);
    }
    if (found.objects.empty()) {
      if (errors.empty()) {
        errors.add("no objects passed to scale");
      }
      errors.finish_with(state);
      return;
    }
    for (const ObjectRef& object : found.objects) {
      state.waiting_for.push_back(object.uid);
      state.words.push_back(printed_name(systems, object));
    }
    state.errors = errors.text();
  }

  void end(CommandState& state) const { finish(state, state.errors.empty() ? 0 : 1); }

  static void fail(CommandState& state, const kubernetes::ApiError& error) {
    KubectlErrors errors;
    errors.add(error);
    state.errors.clear();  // upstream returns the first failure and forgets the names that there are not
    errors.finish_with(state);
  }
  static void fail(CommandState& state, std::string text) {
    KubectlErrors errors;
    errors.add(std::move(text));
    state.errors.clear();
    errors.finish_with(state);
  }

  /// @return whether the object was scaled.
  bool write(CommandState& state, Systems& systems, By by) const {
    const auto object = find_uid(systems, state.waiting_for.front());
    const std::string name = state.words.front().substr(state.words.front().find('/') + 1);
    if (!object) {
      const std::string prefix = state.words.front().substr(0, state.words.front().find('/'));
      fail(state, kubernetes::not_found_error(kubernetes::find_resource(prefix)->kind, name));
      return false;
    }
    const std::int64_t before = replicas_of(systems, *object);
    if (before >= 0 && request_.current_replicas >= 0 && before != request_.current_replicas) {
      fail(state, fmt::format("Expected replicas to be {}, was {}", request_.current_replicas, before));
      return false;
    }
    if (object->kind == Kind::MiniCluster) {
      models::flux::FluxTurn turn{systems.flux, systems.kubernetes};
      models::flux::scale(turn, object->row, request_.replicas, by);
    } else {
      kubernetes::ApiError error;
      kubernetes::scale_object(systems.kubernetes, object->kind, object->row, request_.replicas, by, error);
      if (error) {
        fail(state, error);
        return false;
      }
    }
    if (request_.timeout == sim::Duration{}) {
      next(state);
    } else {
      state.stage = kWait;
      state.deadline = systems.kubernetes.now() + request_.timeout;
    }
    return true;
  }

  /// @return whether the wait is over. Upstream looks every second; here it ends at the moment of the change.
  bool look(CommandState& state, Systems& systems) const {
    const auto object = find_uid(systems, state.waiting_for.front());
    const std::string name = state.words.front().substr(state.words.front().find('/') + 1);
    if (!object) {
      const std::string prefix = state.words.front().substr(0, state.words.front().find('/'));
      fail(state, kubernetes::not_found_error(kubernetes::find_resource(prefix)->kind, name));
      return true;
    }
    // Something else has changed what was asked for: that ends the wait too.
    const std::int64_t wanted = replicas_of(systems, *object);
    if (wanted != request_.replicas || status_replicas_of(systems, *object) == wanted) {
      next(state);
      return true;
    }
    if (systems.kubernetes.now() >= state.deadline) {
      fail(state, fmt::format("timed out waiting for \"{}\" to be synced", name));
      return true;
    }
    return false;
  }

  static void next(CommandState& state) {
    state.output += state.words.front() + " scaled\n";
    state.waiting_for.erase(state.waiting_for.begin());
    state.words.erase(state.words.begin());
    state.stage = kWrite;
    state.deadline = sim::kNever;
  }

  /// spec.replicas of the scale subresource; -1 for kinds without it.
  static std::int64_t replicas_of(const Systems& systems, const ObjectRef& object) {
    switch (object.kind) {
      case Kind::StatefulSet:
        return systems.kubernetes.cluster.statefulsets[object.row].spec.replicas;
      case Kind::ReplicaSet:
        return systems.kubernetes.cluster.replicasets[object.row].spec.replicas;
      case Kind::Deployment:
        return systems.kubernetes.cluster.deployments[object.row].spec.replicas;
      case Kind::MiniCluster:
        return systems.flux.miniclusters[object.row].spec.size;
      default:
        return -1;
    }
  }
  static std::int64_t status_replicas_of(const Systems& systems, const ObjectRef& object) {
    const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    switch (object.kind) {
      case Kind::StatefulSet:
        return cluster.statefulsets[object.row].status.replicas;
      case Kind::ReplicaSet:
        return cluster.replicasets[object.row].status.replicas;
      case Kind::Deployment:
        return cluster.deployments[object.row].status.replicas;
      default:
        return systems.flux.miniclusters[object.row].status.size;
    }
  }

  ScaleRequest request_;
};

ActionPointer read_scale(Reading& reading) {
  ScaleRequest request;
  const bool known = !reading.open("replicas");
  const std::int64_t replicas = reading.integer("replicas").value_or(known ? -1 : 0);
  if (!reading.given("replicas")) {
    reading.refuse("required flag(s) \"replicas\" not set", "write --replicas=COUNT");
  } else if (replicas < 0) {
    reading.refuse("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0", {},
                   reading.place_of("replicas"));
  } else if (replicas > std::numeric_limits<std::int32_t>::max()) {
    reading.refuse(fmt::format("--replicas={} is more than the API can hold", replicas), {},
                   reading.place_of("replicas"));
  }
  request.replicas = static_cast<std::int32_t>(replicas);
  request.current_replicas = reading.integer("current-replicas").value_or(-1);
  if (request.current_replicas < -1) {
    reading.refuse("The --current-replicas must specify an integer of -1 or greater", {},
                   reading.place_of("current-replicas"));
  }
  request.timeout = reading.duration("timeout").value_or(sim::Duration{});
  if (reading.flags.arguments.empty()) {
    reading.refuse("no objects passed to scale", "write kubectl scale TYPE NAME --replicas=COUNT");
    return nullptr;
  }
  request.query = read_query(reading, reading.flags.arguments, {});
  return std::make_shared<ScaleCommand>(std::move(request));
}

}  // namespace

const SubCommand kKubectlScale{"kubectl",
                               "scale",
                               "TYPE NAME… | TYPE/NAME… | TYPE -l SELECTOR",
                               "Sets the size of Deployments, ReplicaSets, StatefulSets and MiniClusters.",
                               []() -> const FlagTable& { return scale_flags().table(); },
                               read_scale};

}  // namespace scenarios::commands
