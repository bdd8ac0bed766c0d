// kubectl wait. Source: kubectl pkg/cmd/wait/wait.go, condition.go, json.go, delete.go, create.go.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "scenarios/commands/jsonpath.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;
namespace json = models::kubernetes::json;

/// Source: wait.go NewWaitFlags.
constexpr sim::Duration kTimeout = std::chrono::seconds{30};
/// Source: wait.go ToOptions: negative means a week.
constexpr sim::Duration kWeek = std::chrono::hours{168};

const Flags& wait_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl wait",
                           {{"for", 0, FlagType::text},
                            {"timeout", 0, FlagType::duration},
                            {"selector", 'l', FlagType::text},
                            {"field-selector", 0, FlagType::text},
                            {"all", 0, FlagType::boolean},
                            {"all-namespaces", 'A', FlagType::boolean}},
                           {{"allow-missing-template-keys", 0, FlagType::boolean},
                            {"filename", 'f', FlagType::comma_list},
                            {"local", 0, FlagType::boolean},
                            {"output", 'o', FlagType::text},
                            {"recursive", 'R', FlagType::boolean},
                            {"show-managed-fields", 0, FlagType::boolean},
                            {"template", 0, FlagType::text}});
  return flags;
}

bool equal_fold(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// What is waited for.
struct Goal {
  enum class Kind : std::uint8_t { deletion, creation, condition, jsonpath };
  Kind kind = Kind::deletion;
  std::string condition;
  std::string value = "true";
  std::optional<JsonPathCondition> jsonpath;
};

/// Source: condition.go checkCondition: a condition of an older generation does not count.
bool condition_met(const Json& object, const Goal& goal) {
  const Json* conditions = json::at_path(object, "status.conditions");
  if (conditions == nullptr || !conditions->is_array()) {
    return false;
  }
  for (const Json& condition : *conditions) {
    if (!condition.is_object() || !equal_fold(json::text_or(condition, "type"), goal.condition) ||
        json::member(condition, "status") == nullptr) {
      continue;
    }
    const Json* generation = json::at_path(object, "metadata.generation");
    const Json* observed = json::member(condition, "observedGeneration");
    if (observed == nullptr) {
      observed = json::at_path(object, "status.observedGeneration");
    }
    if (generation != nullptr && observed != nullptr &&
        observed->get<std::int64_t>() < generation->get<std::int64_t>()) {
      return false;
    }
    return equal_fold(json::text_or(condition, "status"), goal.value);
  }
  return false;
}

struct WaitRequest {
  ResourceQuery query;
  Goal goal;
  sim::Duration timeout = kTimeout;
  std::int64_t epoch_seconds = 0;
};

/// Waits for one object after the other. `words` holds those that are left, as TYPE/NAMESPACE/NAME;
/// `waiting_for` the object under that name of the first of them.
class WaitCommand : public Action {
 public:
  explicit WaitCommand(WaitRequest request) : request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By) const override {
    if (!state.started) {
      begin(state, systems);
    } else if (systems.kubernetes.now() < state.deadline && nothing_new(state, systems)) {
      state.seen = systems.kubernetes.cluster.resource_version;
      return;
    }
    const kubernetes::Version seen_before =
        std::exchange(state.seen, systems.kubernetes.cluster.resource_version);
    while (!state.done && !state.words.empty() && look(state, systems, seen_before)) {
    }
    if (!state.done && state.words.empty()) {
      end(state);
    }
  }

 private:
  struct Target {
    const ResourceKind* kind = nullptr;
    std::string name_space;
    std::string name;
  };

  void begin(CommandState& state, const Systems& systems) const {
    state.started = true;
    if (request_.timeout != sim::Duration{}) {
      state.deadline = systems.kubernetes.now() + request_.timeout;
    }
    for (const ResourceQuery::Item& item : request_.query.items) {
      if (!item.name.empty()) {
        state.words.push_back(fmt::format("{}/{}/{}", item.kind->resource,
                                          item.kind->namespaced ? request_.query.name_space : "", item.name));
        continue;
      }
      ResourceQuery listed = request_.query;
      listed.items = {item};
      for (const ObjectRef& object : find_objects(systems, listed).objects) {
        state.words.push_back(fmt::format("{}/{}/{}", item.kind->resource, namespace_of(systems, object),
                                          name_of(systems, object)));
      }
    }
    if (state.words.empty() && request_.goal.kind != Goal::Kind::deletion) {
      KubectlErrors errors;
      errors.add("no matching resources found");
      errors.finish_with(state);
    }
  }

  /// An error of kubectl's own has no prefix as one of several.
  static void end(CommandState& state) {
    const auto lines = std::count(state.errors.begin(), state.errors.end(), '\n');
    if (lines == 1 && !state.errors.starts_with("Error from server")) {
      state.errors.insert(0, "error: ");
    }
    finish(state, state.errors.empty() ? 0 : 1);
  }

  static Target first_target(const CommandState& state) {
    const std::string& word = state.words.front();
    const std::size_t one = word.find('/');
    const std::size_t two = word.find('/', one + 1);
    return {kubernetes::find_resource(word.substr(0, one)), word.substr(one + 1, two - one - 1),
            word.substr(two + 1)};
  }

  static void drop_first(CommandState& state) {
    state.words.erase(state.words.begin());
    state.waiting_for.clear();
  }

  static void met(CommandState& state, const Target& target) {
    state.output += fmt::format("{}/{} condition met\n", target.kind->prefix(), target.name);
    drop_first(state);
  }

  static void fail(CommandState& state, const std::string& text) {
    state.errors += text + "\n";
    drop_first(state);
  }

  /// Whether the first object is as it was when it was looked at last.
  [[nodiscard]] static bool nothing_new(const CommandState& state, const Systems& systems) {
    if (state.seen == systems.kubernetes.cluster.resource_version) {
      return true;
    }
    if (state.waiting_for.empty()) {
      return false;
    }
    const std::optional<ObjectRef> object = find_uid(systems, state.waiting_for.front());
    return object && meta_of(systems, *object).resource_version <= state.seen;
  }

  /// Looks at the first object. @return whether its wait is over.
  bool look(CommandState& state, const Systems& systems, kubernetes::Version seen_before) const {
    const Target target = first_target(state);
    const bool arrived = state.waiting_for.empty();  // its turn has just come
    std::optional<ObjectRef> object = arrived ? std::nullopt : find_uid(systems, state.waiting_for.front());
    const bool same = object.has_value();
    if (!same && !arrived && request_.goal.kind == Goal::Kind::deletion) {
      met(state, target);
      return true;
    }
    if (!object) {
      object = find_object(systems, target.kind->kind, target.name_space, target.name);
    }
    if (!object && arrived) {
      if (request_.goal.kind == Goal::Kind::deletion) {
        drop_first(state);
      } else {
        fail(state, kubernetes::not_found_error(target.kind->kind, target.name).kubectl_text());
      }
      return true;
    }
    if (object) {
      state.waiting_for = {object->uid};
      // Out of time is out of time, also where the condition holds by now.
      const bool changed = !same || meta_of(systems, *object).resource_version > seen_before;
      const bool in_time = !arrived || systems.kubernetes.now() < state.deadline;
      if (changed && in_time && judge(state, systems, *object, target)) {
        return true;
      }
    }
    if (request_.timeout == sim::Duration{}) {
      fail(state, fmt::format("condition not met for {}/{}", target.kind->resource, target.name));
      return true;
    }
    if (systems.kubernetes.now() >= state.deadline) {
      fail(state,
           fmt::format("timed out waiting for the condition on {}/{}", target.kind->resource, target.name));
      return true;
    }
    return false;
  }

  /// @return whether the object ends its wait.
  bool judge(CommandState& state, const Systems& systems, const ObjectRef& object,
             const Target& target) const {
    if (request_.goal.kind == Goal::Kind::deletion) {
      return false;
    }
    const Json whole = object_json(systems, object, request_.epoch_seconds);
    if (request_.goal.kind == Goal::Kind::condition) {
      if (condition_met(whole, request_.goal)) {
        met(state, target);
        return true;
      }
      return false;
    }
    const JsonPathCondition::Answer answer = request_.goal.jsonpath->met_by(whole);
    if (!answer.problem.empty()) {
      fail(state, answer.problem);
      return true;
    }
    if (answer.met) {
      met(state, target);
    }
    return answer.met;
  }

  WaitRequest request_;
};

/// Waits until all that is named is there. Source: wait.go RunWait: it asks at once and then every half
/// second, and tells of what it found only when all is there.
class CreationWait : public Action {
 public:
  /// @param nothing_will_do  a selector that chooses nothing ends the wait, and then fails: so it was
  /// in 1.31.
  CreationWait(WaitRequest request, bool nothing_will_do)
      : request_(std::move(request)), nothing_will_do_(nothing_will_do) {}

  void advance(CommandState& state, Systems& systems, By) const override {
    const sim::Time now = systems.kubernetes.now();
    if (state.started && now < state.deadline) {
      return;
    }
    // What is left of the time is kept, not when it is over: a later start is no other wait.
    const sim::Duration left = state.started && !state.words.empty()
                                   ? sim::Duration{std::stoll(state.words.front())}
                                   : request_.timeout;
    const bool out_of_time = state.started && left == sim::Duration{};
    state.started = true;
    if (!out_of_time && look(state, systems)) {
      return;
    }
    if (left == sim::Duration{}) {
      state.errors += "error: timed out waiting for the condition\n";
      finish(state, 1);
      return;
    }
    const sim::Duration sleep = std::min(kPoll, left);
    state.words = {std::to_string((left - sleep).count())};
    state.deadline = now + sleep;
  }

 private:
  /// Source: wait.go RunWait.
  static constexpr sim::Duration kPoll = std::chrono::milliseconds{500};

  /// @return whether the wait is over.
  bool look(CommandState& state, const Systems& systems) const {
    std::string met;
    for (const ResourceQuery::Item& item : request_.query.items) {
      if (!item.name.empty()) {
        const std::string name_space = item.kind->namespaced ? request_.query.name_space : std::string();
        if (!find_object(systems, item.kind->kind, name_space, item.name)) {
          return false;
        }
        met += fmt::format("{}/{} condition met\n", item.kind->prefix(), item.name);
        continue;
      }
      ResourceQuery listed = request_.query;
      listed.items = {item};
      for (const ObjectRef& object : find_objects(systems, listed).objects) {
        met += fmt::format("{}/{} condition met\n", item.kind->prefix(), name_of(systems, object));
      }
    }
    if (met.empty() && !nothing_will_do_) {
      return false;
    }
    if (met.empty()) {
      state.errors += "error: no matching resources found\n";
    }
    finish(state, met.empty() ? 1 : 0);
    state.output += met;
    return true;
  }

  WaitRequest request_;
  bool nothing_will_do_;
};

/// Source: wait.go conditionFuncFor.
void read_goal(Reading& reading, Goal& goal) {
  if (reading.open("for")) {
    return;
  }
  const std::string text = reading.text("for");
  const std::size_t at = reading.place_of("for");
  constexpr std::string_view kCondition = "condition=";
  constexpr std::string_view kJsonPath = "jsonpath=";
  if (equal_fold(text, "delete")) {
    goal.kind = Goal::Kind::deletion;
  } else if (text.starts_with(kCondition)) {
    goal.kind = Goal::Kind::condition;
    goal.condition = text.substr(kCondition.size());
    if (const std::size_t equals = goal.condition.find('='); equals != std::string::npos) {
      goal.value = goal.condition.substr(equals + 1);
      goal.condition.resize(equals);
    }
  } else if (text.starts_with(kJsonPath)) {
    goal.kind = Goal::Kind::jsonpath;
    JsonPathConditionResult parsed =
        parse_jsonpath_condition(std::string_view(text).substr(kJsonPath.size()));
    if (!parsed.condition) {
      reading.refuse(parsed.problem, "write --for=jsonpath='{.status.readyReplicas}'=3",
                     at + kJsonPath.size());
    }
    goal.jsonpath = std::move(parsed.condition);
  } else if (equal_fold(text, "create") && reading.context.features.since(31)) {
    goal.kind = Goal::Kind::creation;
  } else {
    reading.refuse(fmt::format("unrecognized condition: \"{}\"", text),
                   "write --for=delete, --for=condition=Ready or --for=jsonpath='{.status.readyReplicas}'=3",
                   at);
  }
}

ActionPointer read_wait(Reading& reading) {
  WaitRequest request;
  read_goal(reading, request.goal);
  if (reading.flags.arguments.empty()) {
    reading.refuse("You must provide one or more resources by argument or filename.",
                   "write kubectl wait TYPE/NAME --for=…");
    return nullptr;
  }
  request.query = read_query(reading, reading.flags.arguments, {});
  request.timeout = reading.duration("timeout").value_or(kTimeout);
  if (request.timeout < sim::Duration{}) {
    request.timeout = kWeek;
  }
  request.epoch_seconds = reading.context.epoch_seconds;
  if (request.goal.kind == Goal::Kind::creation) {
    return std::make_shared<CreationWait>(std::move(request), !reading.context.features.since(33));
  }
  return std::make_shared<WaitCommand>(std::move(request));
}

}  // namespace

const SubCommand kKubectlWait{"kubectl",
                              "wait",
                              "TYPE/NAME… | TYPE (-l SELECTOR | --all)",
                              "Waits until each object is there, is gone, or meets a condition.",
                              []() -> const FlagTable& { return wait_flags().table(); },
                              read_wait};

}  // namespace scenarios::commands
