// kubectl drain. Source: kubectl pkg/cmd/drain/drain.go; pkg/drain/drain.go. The client's version is taken to
// be the cluster's.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "models/kubernetes/eviction.h"
#include "models/kubernetes/upstream_rules.h"
#include "scenarios/commands/drain_filters.h"
#include "scenarios/commands/duration_text.h"
#include "scenarios/commands/node_commands.h"
#include "scenarios/commands/request_pace.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;
using Stage = DrainedPod::Stage;

/// Source: drain.go, EvictErrorRetryDelay; before 1.35 the same as a literal.
constexpr sim::Duration kRetry = std::chrono::seconds{5};
/// Source: drain.go, waitForDeleteParams.interval.
constexpr sim::Duration kPoll = std::chrono::seconds{1};
/// How often the client itself asks again after a Retry-After. Source: client-go rest/request.go, maxRetries.
constexpr std::uint8_t kRequestsAgainMax = 10;

const Flags& drain_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl drain",
                           {{"chunk-size", 0, FlagType::integer},
                            {"delete-emptydir-data", 0, FlagType::boolean},
                            {"delete-local-data", 0, FlagType::boolean},
                            {"disable-eviction", 0, FlagType::boolean},
                            {"dry-run", 0, FlagType::text, "unchanged"},
                            {"force", 0, FlagType::boolean},
                            {"grace-period", 0, FlagType::integer},
                            {"ignore-daemonsets", 0, FlagType::boolean},
                            {"pod-selector", 0, FlagType::text},
                            {"selector", 'l', FlagType::text},
                            {"skip-wait-for-delete-timeout", 0, FlagType::integer},
                            {"timeout", 0, FlagType::duration}},
                           {});
  return flags;
}

struct DrainRequest {
  ResourceQuery query;
  DrainFilters filters;
  std::int64_t grace_seconds = -1;
  sim::Duration timeout{};  ///< 0: no end
  bool disable_eviction = false;
  bool deprecated_flag = false;  ///< --delete-local-data
  DryRun dry_run = DryRun::none;
};

/// Errors as Go's aggregate prints them: `a`, or `[a, b]`; equal ones once.
/// Source: apimachinery util/errors aggregate.Error.
std::string aggregate_of(const std::vector<std::string>& errors) {
  std::vector<std::string> told;
  for (const std::string& error : errors) {
    if (std::find(told.begin(), told.end(), error) == told.end()) {
      told.push_back(error);
    }
  }
  const std::string joined = fmt::format("{}", fmt::join(told, ", "));
  return told.size() == 1 ? joined : "[" + joined + "]";
}

class DrainCommand : public Action {
 public:
  explicit DrainCommand(DrainRequest request) : request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    if (!state.started) {
      state.started = true;
      begin(state, systems, by);
    } else if (systems.kubernetes.now() < state.deadline) {
      return;  // all that it waits for are its own timers: it polls, and watches nothing
    }
    while (!state.done) {
      DrainState& drain = state.drain;
      if (drain.node == drain.nodes.size()) {
        end(state);
        return;
      }
      if (!drain.under_way) {
        begin_node(state, systems);
      } else if (!proceed(state, systems, by)) {
        return;
      }
    }
  }

 private:
  [[nodiscard]] static bool since(const Systems& systems, int minor) {
    return systems.kubernetes.cluster.features().since(minor);
  }
  [[nodiscard]] static std::string node_name(const CommandState& state, const Systems& systems) {
    return name_of(systems,
                   {Kind::Node, state.drain.rows[state.drain.node], state.drain.nodes[state.drain.node]});
  }

  void begin(CommandState& state, Systems& systems, By by) const {
    if (request_.deprecated_flag) {
      state.errors +=
          "Flag --delete-local-data has been deprecated, This option is deprecated and will be deleted. Use "
          "--delete-emptydir-data.\n";
    }
    std::vector<ObjectRef> nodes;
    if (!resolve_nodes(state, systems, request_.query, nodes)) {
      return;
    }
    cordon_nodes(state, systems, nodes, true, request_.dry_run, by);
    for (const ObjectRef& node : nodes) {
      state.drain.nodes.push_back(node.uid);
      state.drain.rows.push_back(node.row);
    }
  }

  /// Lists the pods of the next node, and asks for all their evictions. Source: deleteOrEvictPodsSimple.
  void begin_node(CommandState& state, Systems& systems) const {
    DrainState& drain = state.drain;
    const PodsToDrain list = pods_to_drain(systems, drain.rows[drain.node], request_.filters);
    if (!list.errors.empty()) {
      end_node(state, systems, list.errors, true);
      return;
    }
    if (!list.warnings.empty()) {
      state.errors += "Warning: " + list.warnings + "\n";
    }
    if (request_.dry_run == DryRun::client) {
      for (const ObjectRef& pod : list.pods) {
        state.output +=
            fmt::format("evicting pod {}/{} (dry run)\n", namespace_of(systems, pod), name_of(systems, pod));
      }
      end_node(state, systems, {}, true);
      return;
    }
    const sim::Time now = systems.kubernetes.now();
    drain.under_way = true;
    drain.expires = request_.timeout == sim::Duration{} ? sim::kNever : now + request_.timeout;
    for (const ObjectRef& pod : list.pods) {
      drain.pods.push_back(
          {namespace_of(systems, pod), name_of(systems, pod), pod.uid, Stage::evict, false, 0, now});
    }
  }

  /// Looks at the pods whose time has come. @return whether the node is done with.
  bool proceed(CommandState& state, Systems& systems, By by) const {
    if (request_.disable_eviction && !delete_pods(state, systems, by)) {
      return false;
    }
    DrainState& drain = state.drain;
    const sim::Time now = systems.kubernetes.now();
    sim::Time next = sim::kNever;
    for (DrainedPod& pod : drain.pods) {
      while (pod.stage != Stage::done && pod.next <= now) {
        step(state, systems, pod, by);
      }
      if (pod.stage != Stage::done) {
        next = std::min(next, pod.next);
      }
    }
    if (request_.disable_eviction && next != sim::kNever && drain.errors.empty()) {
      next = stop_deleting(state, systems, next);
    }
    if (next != sim::kNever) {
      state.deadline = next;
      return false;
    }
    const std::vector<std::string> errors = drain.errors;
    if (!errors.empty()) {
      tell_pending_pods(state, systems, errors);
    }
    end_node(state, systems, errors, !request_.disable_eviction);
    return true;
  }

  /// What the goroutine of a pod does next. Source: evictPods.
  void step(CommandState& state, Systems& systems, DrainedPod& pod, By by) const {
    if (pod.stage == Stage::wait) {
      wait(state, systems, pod);
      return;
    }
    const sim::Time now = systems.kubernetes.now();
    if (pod.stage == Stage::evict) {
      // Since 1.35 a refusal is followed by another look at the pod.
      if (pod.refused && since(systems, 35)) {
        refresh(systems, pod);
      }
      state.output += fmt::format("evicting pod {}/{}{}\n", pod.name_space, pod.name,
                                  request_.dry_run == DryRun::server ? " (server dry run)" : "");
      pod.requests_again = 0;
      if (now >= state.drain.expires) {
        fail(state, pod, "error when evicting pods/", "global timeout reached: " + timeout_text());
        return;
      }
    }
    if (pod.stage == Stage::evict && send_request(systems, pod)) {
      return;
    }
    request_eviction(state, systems, pod, by);
  }

  /// The pods' goroutines send their evictions at once, and which the API server serves first is chance where
  /// requests take time. @return whether the request is under way. Source: evictPods.
  static bool send_request(Systems& systems, DrainedPod& pod) {
    const Row row = named(systems, pod);
    if (row == kubernetes::kNoRow) {
      return false;
    }
    const ObjectRef object{Kind::Pod, row, systems.kubernetes.cluster.pods[row].meta.uid};
    const sim::Duration latency = request_time(systems, object, kubernetes::Purpose::RequestDelete);
    if (latency == sim::Duration::zero()) {
      return false;
    }
    pod.stage = Stage::request;
    pod.next = systems.kubernetes.now() + latency;
    return true;
  }

  void request_eviction(CommandState& state, Systems& systems, DrainedPod& pod, By by) const {
    const Row row = stands(kubernetes::Rule::EvictionsNameNoUid)
                        ? named(systems, pod)
                        : systems.kubernetes.cluster.find_pod_by_uid(pod.uid);
    if (row == kubernetes::kNoRow) {
      pod.stage = Stage::done;  // not found: nothing is printed
      return;
    }
    const bool dry_run = request_.dry_run == DryRun::server;
    // The request names the pod without its uid: whichever has the name now is evicted (kubernetes 138229).
    const kubernetes::EvictionAnswer answer =
        kubernetes::evict_pod(systems.kubernetes, row, by, request_.grace_seconds, dry_run);
    if (answer.ok()) {
      pod.stage = dry_run ? Stage::done : Stage::wait;
      return;
    }
    if (answer.error.code != 429) {
      fail(state, pod, "error when evicting pods/", answer.error.message);
      return;
    }
    if (answer.retry_after_seconds > 0 && pod.requests_again < kRequestsAgainMax) {
      ++pod.requests_again;
      pod.stage = Stage::request;
      pod.next = systems.kubernetes.now() + std::chrono::seconds{answer.retry_after_seconds};
      return;
    }
    state.errors += fmt::format("error when evicting pods/\"{}\" -n \"{}\" (will retry after 5s): {}\n",
                                pod.name, pod.name_space, answer.error.message);
    pod.stage = Stage::evict;
    pod.refused = true;
    pod.next = systems.kubernetes.now() + kRetry;
  }

  /// The pod that has the name now: the one that is meant, or a successor.
  static Row named(const Systems& systems, const DrainedPod& pod) {
    const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const Row row = cluster.find_pod_by_uid(pod.uid);
    return row != kubernetes::kNoRow ? row : cluster.find_pod(pod.name_space, pod.name);
  }

  static void refresh(const Systems& systems, DrainedPod& pod) {
    if (!stands(kubernetes::Rule::EvictionsNameNoUid)) {
      return;
    }
    if (const Row row = named(systems, pod); row != kubernetes::kNoRow) {
      pod.uid = systems.kubernetes.cluster.pods[row].meta.uid;
    }
  }

  /// One poll. A successor of the same name counts as gone. Source: waitForDelete.
  void wait(CommandState& state, const Systems& systems, DrainedPod& pod) const {
    const sim::Time now = systems.kubernetes.now();
    const bool expired = now >= state.drain.expires;
    // Since 1.32 the context ends the wait on the dot, before another look.
    const bool by_context = since(systems, 32);
    if (expired && by_context && !request_.disable_eviction && pod.next == state.drain.expires) {
      end_wait(state, pod, "context deadline exceeded");
      return;
    }
    const Row row = systems.kubernetes.cluster.find_pod_by_uid(pod.uid);
    if (row == kubernetes::kNoRow) {
      state.output += fmt::format("pod/{} {}\n", pod.name, request_.disable_eviction ? "deleted" : "evicted");
      pod.stage = Stage::done;
      return;
    }
    if (is_skipped(systems, row, request_.filters.skip_seconds)) {
      state.output += fmt::format("pod \"{}\" has DeletionTimestamp older than {} seconds, skipping\n",
                                  pod.name, request_.filters.skip_seconds);
      pod.stage = Stage::done;
      return;
    }
    if (request_.disable_eviction) {
      pod.next = now + kPoll;
    } else if (expired) {
      end_wait(state, pod,
               by_context ? "context deadline exceeded" : "global timeout reached: " + timeout_text());
    } else {
      pod.next = by_context ? std::min(now + kPoll, state.drain.expires) : now + kPoll;
    }
  }

  void end_wait(CommandState& state, DrainedPod& pod, std::string_view why) const {
    state.drain.errors.push_back(
        fmt::format("error when waiting for pod \"{}\" in namespace \"{}\" to terminate: {}", pod.name,
                    pod.name_space, why));
    pod.stage = Stage::done;
  }

  static void fail(CommandState& state, DrainedPod& pod, std::string_view what, std::string_view why) {
    state.drain.errors.push_back(fmt::format("{}\"{}\" -n \"{}\": {}", what, pod.name, pod.name_space, why));
    pod.stage = Stage::done;
  }

  [[nodiscard]] std::string timeout_text() const { return go_duration_text(request_.timeout); }

  /// Plain deletions, one after the other; the first refusal ends them, and nothing is waited for.
  /// Source: deletePods. @return whether all were asked for.
  bool delete_pods(CommandState& state, Systems& systems, By by) const {
    for (DrainedPod& pod : state.drain.pods) {
      if (pod.stage == Stage::wait || pod.stage == Stage::done) {
        continue;
      }
      const Row row = named(systems, pod);
      const bool asks = row != kubernetes::kNoRow && request_.dry_run != DryRun::server;
      if (asks && pod.stage == Stage::evict) {
        send_request(systems, pod);
      }
      if (asks && pod.next > systems.kubernetes.now()) {
        state.deadline = pod.next;
        return false;
      }
      pod.stage = Stage::wait;
      if (!asks) {
        continue;
      }
      const ObjectRef object{Kind::Pod, row, systems.kubernetes.cluster.pods[row].meta.uid};
      const kubernetes::ApiError error =
          delete_object(systems, object, by, request_.grace_seconds, kubernetes::Propagation::Background);
      if (error && error.code != 404) {
        state.drain.errors.push_back(error.message);
        break;
      }
    }
    if (!state.drain.errors.empty()) {
      for (DrainedPod& pod : state.drain.pods) {
        pod.stage = Stage::done;
      }
    }
    return true;
  }

  /// The timeout of plain deletions is that of one loop over all pods. @return when it goes on; never when it
  /// has ended. Source: waitForDelete; wait.PollImmediate looks once more, PollUntilContextTimeout does not.
  sim::Time stop_deleting(CommandState& state, const Systems& systems, sim::Time next) const {
    DrainState& drain = state.drain;
    const sim::Time now = systems.kubernetes.now();
    const bool by_context = since(systems, 32);
    if (now >= drain.expires) {
      drain.errors.emplace_back(by_context ? "context deadline exceeded"
                                           : "timed out waiting for the condition");
      for (DrainedPod& pod : drain.pods) {
        pod.stage = Stage::done;
      }
      return sim::kNever;
    }
    if (next >= drain.expires && !by_context) {
      for (DrainedPod& pod : drain.pods) {
        pod.next = std::min(pod.next, drain.expires);
      }
    }
    return std::min(next, drain.expires);
  }

  void tell_pending_pods(CommandState& state, const Systems& systems,
                         const std::vector<std::string>& errors) const {
    const PodsToDrain list = pods_to_drain(systems, state.drain.rows[state.drain.node], request_.filters);
    if (!list.pods.empty()) {
      state.errors += fmt::format("There are pending pods in node \"{}\" when an error occurred: {}\n",
                                  node_name(state, systems), aggregate_of(errors));
      for (const ObjectRef& pod : list.pods) {
        state.errors += fmt::format("pod/{}\n", name_of(systems, pod));
      }
    }
    if (!list.errors.empty()) {
      // Without an end of line, as upstream.
      state.errors +=
          "Following errors occurred while getting the list of pods to delete:\n" + aggregate_of(list.errors);
    }
  }

  /// Source: RunDrain.
  void end_node(CommandState& state, const Systems& systems, const std::vector<std::string>& errors,
                bool aggregate) const {
    DrainState& drain = state.drain;
    const std::string name = node_name(state, systems);
    if (errors.empty()) {
      state.output += fmt::format("node/{} drained{}\n", name, dry_run_suffix(request_.dry_run));
    } else {
      // The space came with 1.31.
      state.errors +=
          fmt::format("error: unable to drain node \"{}\" due to error:{}{}, continuing command...\n", name,
                      since(systems, 31) ? " " : "", aggregate_of(errors));
      drain.failures.push_back({name, errors, aggregate});
    }
    drain.pods.clear();
    drain.errors.clear();
    drain.under_way = false;
    drain.expires = sim::kNever;
    ++drain.node;
  }

  /// Source: RunDrain's end; cmd/util/helpers.go checkErr takes an aggregate of one apart once.
  static void end(CommandState& state) {
    const std::vector<DrainFailure>& failures = state.drain.failures;
    if (!failures.empty()) {
      state.errors += "There are pending nodes to be drained:\n";
      for (const DrainFailure& failure : failures) {
        state.errors += " " + failure.node + "\n";
      }
      if (failures.size() == 1 && failures.front().aggregate) {
        for (const std::string& error : failures.front().errors) {
          state.errors += error + "\n";
        }
      } else if (failures.size() == 1) {
        state.errors += "error: " + failures.front().errors.front() + "\n";
      } else {
        for (const DrainFailure& failure : failures) {
          state.errors += aggregate_of(failure.errors) + "\n";
        }
      }
    }
    const int exit_code = failures.empty() ? 0 : 1;
    state.drain = {};
    finish(state, exit_code);
  }

  DrainRequest request_;
};

void read_pod_selector(Reading& reading, DrainRequest& request) {
  if (reading.open("pod-selector") || reading.text("pod-selector").empty()) {
    return;
  }
  SelectorResult parsed = parse_selector(reading.text("pod-selector"));
  if (!parsed.selector) {
    reading.refuse("--pod-selector=<pod_selector> must be a valid label selector",
                   "write key=value, or key in (a,b)", reading.place_of("pod-selector"));
  }
  request.filters.pod_selector = std::move(parsed.selector);
}

ActionPointer read_drain(Reading& reading) {
  DrainRequest request;
  request.query = read_nodes(reading, "drain");
  request.dry_run = read_dry_run(reading);
  read_pod_selector(reading, request);
  request.filters.force = reading.boolean("force");
  request.filters.ignore_daemonsets = reading.boolean("ignore-daemonsets");
  // Deprecated up to 1.30, and gone in 1.31.
  if (reading.given("delete-local-data")) {
    if (reading.context.features.since(31)) {
      reading.refuse("unknown flag: --delete-local-data", "write --delete-emptydir-data",
                     reading.flags.find("delete-local-data")->offset);
    }
    request.deprecated_flag = true;
  }
  request.filters.delete_emptydir_data =
      reading.boolean("delete-emptydir-data", reading.boolean("delete-local-data"));
  request.filters.skip_seconds = reading.integer("skip-wait-for-delete-timeout").value_or(0);
  request.grace_seconds = std::max<std::int64_t>(reading.integer("grace-period").value_or(-1), -1);
  request.timeout = reading.duration("timeout").value_or(sim::Duration{});
  request.disable_eviction = reading.boolean("disable-eviction");
  return std::make_shared<DrainCommand>(std::move(request));
}

}  // namespace

const SubCommand kKubectlDrain{
    "kubectl",
    "drain",
    "NODE… | -l SELECTOR",
    "Marks nodes as unschedulable, evicts their pods and waits until they are gone.",
    []() -> const FlagTable& { return drain_flags().table(); },
    read_drain};

}  // namespace scenarios::commands
