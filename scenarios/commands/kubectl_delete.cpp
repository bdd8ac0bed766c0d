// kubectl delete. Source: kubectl pkg/cmd/delete/delete.go; waiting as pkg/cmd/wait/delete.go IsDeleted.

#include <fmt/format.h>

#include "scenarios/commands/request_pace.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;

const Flags& delete_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl delete",
                           {{"selector", 'l', FlagType::text},
                            {"field-selector", 0, FlagType::text},
                            {"all", 0, FlagType::boolean},
                            {"all-namespaces", 'A', FlagType::boolean},
                            {"cascade", 0, FlagType::text, "background"},
                            {"force", 0, FlagType::boolean},
                            {"grace-period", 0, FlagType::integer},
                            {"ignore-not-found", 0, FlagType::boolean},
                            {"now", 0, FlagType::boolean},
                            {"output", 'o', FlagType::text},
                            {"timeout", 0, FlagType::duration},
                            {"wait", 0, FlagType::boolean}},
                           {{"dry-run", 0, FlagType::text, "unchanged"},
                            {"filename", 'f', FlagType::comma_list},
                            {"interactive", 'i', FlagType::boolean},
                            {"kustomize", 'k', FlagType::text},
                            {"raw", 0, FlagType::text},
                            {"recursive", 'R', FlagType::boolean}});
  return flags;
}

struct DeleteRequest {
  ResourceQuery query;
  bool ignore_not_found = false;
  std::int64_t grace_seconds = -1;
  bool force = false;
  bool names_only = false;  ///< -o name
  bool wait = true;
  bool namespace_given = false;
  sim::Duration timeout{};  ///< 0: no end
  kubernetes::Propagation propagation = kubernetes::Propagation::Background;
};

class DeleteCommand : public Action {
 public:
  explicit DeleteCommand(DeleteRequest request) : request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    if (!state.started) {
      state.started = true;
      begin(state, systems);
    }
    if (state.stage == kRequests && !request_deletions(state, systems, by)) {
      return;
    }
    if (!state.done) {
      wait(state, systems);
    }
  }

 private:
  static constexpr std::uint8_t kRequests = 0;  ///< objects are still to be asked about
  static constexpr std::uint8_t kWaits = 1;

  // While there are requests to send, `waiting_for` and `words` hold all objects that were found; those
  // before position `drain.node` were asked about. `drain.errors` holds the refusals so far.

  /// The objects are looked up at once; names that there are not are told at the end.
  void begin(CommandState& state, const Systems& systems) const {
    if (request_.grace_seconds == 0 && request_.force) {
      state.errors +=
          "Warning: Immediate deletion does not wait for confirmation that the running resource has been "
          "terminated. "
          "The resource may continue to run on the cluster indefinitely.\n";
    }
    const FoundObjects found = find_objects(systems, request_.query);
    for (const ObjectRef& object : found.objects) {
      state.waiting_for.push_back(object.uid);
      state.words.push_back(
          fmt::format("{}/{}", kubernetes::resource_of(object.kind).resource, name_of(systems, object)));
    }
    if (!request_.ignore_not_found) {
      for (const kubernetes::ApiError& error : found.errors) {
        refused(state, error);
      }
    }
  }

  static void refused(CommandState& state, const kubernetes::ApiError& error) {
    state.drain.errors.push_back(error.kubectl_text());
  }

  /// @return whether all were asked about.
  bool request_deletions(CommandState& state, Systems& systems, By by) const {
    while (state.drain.node < state.waiting_for.size()) {
      const std::uint32_t position = state.drain.node;
      const std::optional<ObjectRef> object = find_uid(systems, state.waiting_for[position]);
      if (object && !takes_effect(state, systems, *object, kubernetes::Purpose::RequestDelete)) {
        return false;
      }
      state.deadline = sim::kNever;
      if (object && request_deletion(state, systems, *object, by)) {
        ++state.drain.node;
        continue;
      }
      if (!object && !request_.ignore_not_found) {  // it went before its turn came
        const std::string& word = state.words[position];
        const std::size_t slash = word.find('/');
        refused(state, kubernetes::not_found_error(kubernetes::find_resource(word.substr(0, slash))->kind,
                                                   word.substr(slash + 1)));
      }
      state.waiting_for.erase(state.waiting_for.begin() + position);
      state.words.erase(state.words.begin() + position);
    }
    state.stage = kWaits;
    end_requests(state, systems);
    return true;
  }

  /// @return whether the request was accepted.
  bool request_deletion(CommandState& state, Systems& systems, const ObjectRef& object, By by) const {
    constexpr std::string_view kWarning =
        "Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n";
    if (request_.namespace_given && !request_.query.all_namespaces && object.kind == Kind::Node &&
        state.errors.find(kWarning) == std::string::npos) {
      state.errors += kWarning;
    }
    const std::string line = told(systems, object);
    const kubernetes::ApiError error =
        delete_object(systems, object, by, request_.grace_seconds, request_.propagation);
    if (error) {
      refused(state, error);
      return false;
    }
    state.output += line;
    return true;
  }

  /// Whatever failed ends the command, also the wait for what is being deleted.
  void end_requests(CommandState& state, const Systems& systems) const {
    KubectlErrors errors;
    for (const std::string& error : state.drain.errors) {
      errors.add(error, error);
    }
    const bool nothing = state.waiting_for.empty() && errors.empty();
    if (!errors.empty() || nothing || !request_.wait) {
      if (nothing) {
        state.output += "No resources found\n";
      }
      errors.finish_with(state);
      return;
    }
    // Without a timeout upstream waits for a week, which is longer than any plan.
    if (request_.timeout != sim::Duration{}) {
      state.deadline = systems.kubernetes.now() + request_.timeout;
    }
  }

  /// `pod "x" deleted`. Source: delete.go PrintObj; the namespace is told from 1.34 on (assumed to be the
  /// release).
  [[nodiscard]] std::string told(const Systems& systems, const ObjectRef& object) const {
    const ResourceKind& resource = kubernetes::resource_of(object.kind);
    if (request_.names_only) {
      return printed_name(systems, object) + "\n";
    }
    const bool tells_namespace = systems.kubernetes.cluster.features().since(34) && resource.namespaced;
    return fmt::format(
        "{} \"{}\" {}{}\n", resource.prefix(), name_of(systems, object),
        request_.grace_seconds == 0 ? "force deleted" : "deleted",
        tells_namespace ? fmt::format(" from {} namespace", namespace_of(systems, object)) : "");
  }

  static void wait(CommandState& state, const Systems& systems) {
    while (!state.waiting_for.empty() && !find_uid(systems, state.waiting_for.front())) {
      state.waiting_for.erase(state.waiting_for.begin());
      state.words.erase(state.words.begin());
    }
    if (state.waiting_for.empty()) {
      finish(state);
    } else if (systems.kubernetes.now() >= state.deadline) {
      KubectlErrors errors;
      errors.add("timed out waiting for the condition on " + state.words.front());
      errors.finish_with(state);
    }
  }

  DeleteRequest request_;
};

void read_cascade(Reading& reading, DeleteRequest& request) {
  if (reading.open("cascade")) {
    return;
  }
  // Source: kubectl pkg/cmd/util/helpers.go GetCascadingStrategy; true and false are old words for two of
  // them.
  const std::string word = reading.text("cascade", "background");
  if (word == "background" || word == "true") {
    request.propagation = kubernetes::Propagation::Background;
  } else if (word == "foreground") {
    request.propagation = kubernetes::Propagation::Foreground;
  } else if (word == "orphan" || word == "false") {
    request.propagation = kubernetes::Propagation::Orphan;
  } else {
    reading.refuse(
        fmt::format("invalid cascade value ({}). Must be \"background\", \"foreground\", or \"orphan\"",
                    word),
        {}, reading.place_of("cascade"));
  }
}

void read_grace(Reading& reading, DeleteRequest& request) {
  request.force = reading.boolean("force");
  request.grace_seconds = reading.integer("grace-period").value_or(-1);
  if (reading.boolean("now")) {
    if (request.grace_seconds != -1) {
      reading.refuse("--now and --grace-period cannot be specified together", "leave out one of them",
                     reading.flags.find("now")->offset);
    }
    request.grace_seconds = 1;
  }
  // Against accidents: 0 counts only with --force.
  if (request.grace_seconds == 0 && !request.force) {
    request.grace_seconds = 1;
  }
  if (request.force && request.grace_seconds < 0) {
    request.grace_seconds = 0;
  }
  if (request.force && request.grace_seconds > 0) {
    reading.refuse("--force and --grace-period greater than 0 cannot be specified together",
                   "write --grace-period=0", reading.flags.find("force")->offset);
  }
}

ActionPointer read_delete(Reading& reading) {
  DeleteRequest request;
  if (reading.flags.arguments.empty()) {
    reading.refuse("You must provide one or more resources by argument or filename.",
                   "write kubectl delete TYPE NAME, or TYPE/NAME");
    return nullptr;
  }
  const bool all = reading.boolean("all");
  if (all && !reading.text("selector").empty()) {
    reading.refuse("cannot set --all and --selector at the same time", "leave out one of them",
                   reading.flags.find("all")->offset);
    return nullptr;
  }
  if (all && reading.given("field-selector")) {
    reading.refuse("cannot set --all and --field-selector at the same time", "leave out one of them",
                   reading.flags.find("all")->offset);
    return nullptr;
  }
  request.query = read_query(reading, reading.flags.arguments, {.all_is_selector = true});
  read_cascade(reading, request);
  read_grace(reading, request);
  const bool selects = all || !reading.text("selector").empty() || !reading.text("field-selector").empty();
  request.ignore_not_found = reading.boolean("ignore-not-found", selects);
  request.namespace_given = reading.given("namespace");
  request.wait = reading.boolean("wait", true);
  request.timeout = reading.duration("timeout").value_or(sim::Duration{});
  const std::string output = reading.text("output");
  request.names_only = output == "name";
  if (!output.empty() && !request.names_only) {
    reading.refuse(fmt::format("unexpected -o output mode: {}. We only support '-o name'", output), {},
                   reading.place_of("output"));
  }
  return std::make_shared<DeleteCommand>(std::move(request));
}

}  // namespace

const SubCommand kKubectlDelete{"kubectl",
                                "delete",
                                "TYPE (NAME… | -l SELECTOR | --all) | TYPE/NAME…",
                                "Asks for deletion and waits until the objects are gone.",
                                []() -> const FlagTable& { return delete_flags().table(); },
                                read_delete};

}  // namespace scenarios::commands
