// kubectl rollout status. Source: kubectl pkg/cmd/rollout/rollout_status.go;
// pkg/polymorphichelpers/rollout_status.go.

#include <fmt/format.h>

#include <utility>

#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;

const Flags& rollout_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl rollout status",
                           {{"timeout", 0, FlagType::duration},
                            {"watch", 'w', FlagType::boolean},
                            {"selector", 'l', FlagType::text}},
                           {{"filename", 'f', FlagType::comma_list},
                            {"kustomize", 'k', FlagType::text},
                            {"recursive", 'R', FlagType::boolean},
                            {"revision", 0, FlagType::integer}});
  return flags;
}

/// What is printed of a set, and whether its rollout is complete.
struct RolloutStatus {
  std::string text;
  bool complete = false;
  std::string error;
};

RolloutStatus status_of(const kubernetes::Cluster& cluster, const kubernetes::StatefulSet& set) {
  const kubernetes::StatefulSetStatus& status = set.status;
  if (set.spec.update_strategy != kubernetes::UpdateStrategy::RollingUpdate) {
    return {"", true, "rollout status is only available for RollingUpdate strategy type"};
  }
  if (status.observed_generation == 0 || set.meta.generation > status.observed_generation) {
    return {"Waiting for statefulset spec update to be observed...\n", false, ""};
  }
  if (status.ready_replicas < set.spec.replicas) {
    return {fmt::format("Waiting for {} pods to be ready...\n", set.spec.replicas - status.ready_replicas),
            false, ""};
  }
  if (set.spec.rolling_update_block) {
    const std::int32_t wanted = set.spec.replicas - set.spec.partition;
    if (status.updated_replicas < wanted) {
      return {fmt::format(
                  "Waiting for partitioned roll out to finish: {} out of {} new pods have been updated...\n",
                  status.updated_replicas, wanted),
              false, ""};
    }
    return {fmt::format("partitioned roll out complete: {} new pods have been updated...\n",
                        status.updated_replicas),
            true, ""};
  }
  if (status.update_revision != status.current_revision) {
    return {fmt::format("waiting for statefulset rolling update to complete {} pods at revision {}...\n",
                        status.updated_replicas, cluster.strings[status.update_revision]),
            false, ""};
  }
  return {fmt::format("statefulset rolling update complete {} pods at revision {}...\n",
                      status.current_replicas, cluster.strings[status.current_revision]),
          true, ""};
}

/// Source: DeploymentStatusViewer.
RolloutStatus status_of(const kubernetes::Cluster& cluster, const kubernetes::Deployment& deployment) {
  const kubernetes::DeploymentStatus& status = deployment.status;
  const std::string& name = cluster.strings[deployment.meta.name];
  if (deployment.meta.generation > status.observed_generation) {
    return {"Waiting for deployment spec update to be observed...\n", false, ""};
  }
  const kubernetes::ObjectCondition& progressing =
      status.condition(kubernetes::DeploymentConditionType::Progressing);
  if (progressing.present && cluster.strings[progressing.reason] == "ProgressDeadlineExceeded") {
    return {"", false, fmt::format("deployment \"{}\" exceeded its progress deadline", name)};
  }
  if (status.updated_replicas < deployment.spec.replicas) {
    return {
        fmt::format("Waiting for deployment \"{}\" rollout to finish: {} out of {} new replicas have been "
                    "updated...\n",
                    name, status.updated_replicas, deployment.spec.replicas),
        false, ""};
  }
  if (status.replicas > status.updated_replicas) {
    return {fmt::format("Waiting for deployment \"{}\" rollout to finish: {} old replicas are pending "
                        "termination...\n",
                        name, status.replicas - status.updated_replicas),
            false, ""};
  }
  if (status.available_replicas < status.updated_replicas) {
    return {fmt::format("Waiting for deployment \"{}\" rollout to finish: {} of {} updated replicas are "
                        "available...\n",
                        name, status.available_replicas, status.updated_replicas),
            false, ""};
  }
  return {fmt::format("deployment \"{}\" successfully rolled out\n", name), true, ""};
}

/// Source: DaemonSetStatusViewer.
RolloutStatus status_of(const kubernetes::Cluster& cluster, const kubernetes::DaemonSet& set) {
  const kubernetes::DaemonSetStatus& status = set.status;
  const std::string& name = cluster.strings[set.meta.name];
  if (set.spec.update_strategy != kubernetes::UpdateStrategy::RollingUpdate) {
    return {"", true, "rollout status is only available for RollingUpdate strategy type"};
  }
  if (set.meta.generation > status.observed_generation) {
    return {"Waiting for daemon set spec update to be observed...\n", false, ""};
  }
  if (status.updated < status.desired) {
    return {fmt::format("Waiting for daemon set \"{}\" rollout to finish: {} out of {} new pods have been "
                        "updated...\n",
                        name, status.updated, status.desired),
            false, ""};
  }
  if (status.available < status.desired) {
    return {fmt::format("Waiting for daemon set \"{}\" rollout to finish: {} of {} updated pods are "
                        "available...\n",
                        name, status.available, status.desired),
            false, ""};
  }
  return {fmt::format("daemon set \"{}\" successfully rolled out\n", name), true, ""};
}

struct RolloutRequest {
  ResourceQuery query;
  bool watch = true;
  sim::Duration timeout{};  ///< 0: no end
};

class RolloutStatusCommand : public Action {
 public:
  explicit RolloutStatusCommand(RolloutRequest request) : request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By) const override {
    if (!state.started) {
      begin(state, systems);
    }
    if (!state.done) {
      look(state, systems);
    }
    if (!state.done && systems.kubernetes.now() >= state.deadline) {
      fail(state, "timed out waiting for the condition");
    }
  }

 private:
  static void fail(CommandState& state, std::string text) {
    KubectlErrors errors;
    errors.add(std::move(text));
    errors.finish_with(state);
  }

  void begin(CommandState& state, const Systems& systems) const {
    state.started = true;
    const FoundObjects found = find_objects(systems, request_.query);
    if (!found.errors.empty()) {
      KubectlErrors errors;
      errors.add(found.errors.front());
      errors.finish_with(state);
      return;
    }
    if (found.objects.size() != 1) {
      fail(state,
           fmt::format(
               "rollout status is only supported on individual resources and resource collections - {} "
               "resources were found",
               found.objects.size()));
      return;
    }
    state.waiting_for = {found.objects.front().uid};
    state.words = {printed_name(systems, found.objects.front())};
    if (request_.timeout != sim::Duration{}) {
      state.deadline = systems.kubernetes.now() + request_.timeout;
    }
  }

  /// A line for each change of the set; changes within one event are one.
  void look(CommandState& state, const Systems& systems) const {
    const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const kubernetes::Version before = std::exchange(state.seen, cluster.resource_version);
    if (before == state.seen) {
      return;
    }
    const auto object = find_uid(systems, state.waiting_for.front());
    if (!object) {
      fail(state, "object has been deleted");
      return;
    }
    switch (object->kind) {
      case Kind::Deployment:
        print(state, cluster, cluster.deployments[object->row], before);
        return;
      case Kind::DaemonSet:
        print(state, cluster, cluster.daemonsets[object->row], before);
        return;
      default:
        print(state, cluster, cluster.statefulsets[object->row], before);
        return;
    }
  }

  template <class T>
  void print(CommandState& state, const kubernetes::Cluster& cluster, const T& object,
             kubernetes::Version before) const {
    if (object.meta.resource_version <= before) {
      return;
    }
    RolloutStatus status = status_of(cluster, object);
    if (!status.error.empty()) {
      fail(state, std::move(status.error));
      return;
    }
    state.output += status.text;
    if (status.complete || !request_.watch) {
      finish(state);
    }
  }

  RolloutRequest request_;
};

ActionPointer read_rollout_status(Reading& reading) {
  RolloutRequest request;
  if (reading.flags.arguments.empty()) {
    reading.refuse("required resource not specified", "write kubectl rollout status deployment NAME");
    return nullptr;
  }
  request.query = read_query(reading, reading.flags.arguments, {.all_by_default = true});
  for (const ResourceQuery::Item& item : request.query.items) {
    const Kind kind = item.kind->kind;
    if (kind != Kind::StatefulSet && kind != Kind::Deployment && kind != Kind::DaemonSet) {
      reading.refuse(fmt::format("no status viewer has been implemented for {}", item.kind->group_kind()),
                     "of the modelled kinds, deployments, daemonsets and statefulsets have a rollout",
                     reading.flags.arguments.front().origin(0));
      break;
    }
  }
  request.watch = reading.boolean("watch", true);
  request.timeout = reading.duration("timeout").value_or(sim::Duration{});
  return std::make_shared<RolloutStatusCommand>(std::move(request));
}

}  // namespace

const SubCommand kKubectlRolloutStatus{
    "kubectl",
    "rollout status",
    "TYPE NAME | TYPE/NAME",
    "Follows the rollout of a Deployment, DaemonSet or StatefulSet until it is complete.",
    []() -> const FlagTable& { return rollout_flags().table(); },
    read_rollout_status};

}  // namespace scenarios::commands
