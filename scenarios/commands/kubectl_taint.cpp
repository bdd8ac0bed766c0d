// kubectl taint. Source: kubectl pkg/cmd/taint/taint.go, utils.go.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/commands/object_changes.h"
#include "scenarios/commands/object_patch.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Taint;

const Flags& taint_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl taint",
                           {{"selector", 'l', FlagType::text},
                            {"all", 0, FlagType::boolean},
                            {"dry-run", 0, FlagType::text, "unchanged"},
                            {"overwrite", 0, FlagType::boolean}},
                           {{"allow-missing-template-keys", 0, FlagType::boolean},
                            {"field-manager", 0, FlagType::text},
                            {"output", 'o', FlagType::text},
                            {"show-managed-fields", 0, FlagType::boolean},
                            {"template", 0, FlagType::text},
                            {"validate", 0, FlagType::text, "strict"}});
  return flags;
}

/// Source: k8s.io/api core/v1 taint.go MatchTaint.
bool same_taint(const Taint& a, const Taint& b) { return a.key == b.key && a.effect == b.effect; }

/// Source: core/v1 taint.go ToString.
std::string taint_text(const Taint& taint) {
  return taint.key + (taint.value.empty() ? "" : "=" + taint.value) +
         (taint.effect.empty() && taint.value.empty() ? "" : ":" + taint.effect);
}

struct TaintRequest {
  ResourceQuery query;
  std::vector<Taint> add;
  std::vector<Taint> remove;  ///< an empty effect stands for all
  bool overwrite = false;
  DryRun dry_run = DryRun::none;
};

class TaintCommand : public ObjectChanges {
 public:
  explicit TaintCommand(TaintRequest request) : ObjectChanges(request.query), request_(std::move(request)) {}

 private:
  [[nodiscard]] bool sends() const override { return request_.dry_run != DryRun::client; }

  void change(CommandState& state, Systems& systems, const ObjectRef& node, By by,
              KubectlErrors& errors) const override {
    const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const std::vector<Taint> old = cluster.taints_of(cluster.nodes[node.row]);
    const std::string name = name_of(systems, node);
    if (const std::string present = present_keys(old); !request_.overwrite && !present.empty()) {
      errors.add(fmt::format("node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                             name, present));
      return;
    }
    std::vector<Taint> next = request_.add;
    for (const Taint& taint : old) {
      if (std::none_of(next.begin(), next.end(), [&](const Taint& t) { return same_taint(t, taint); })) {
        next.push_back(taint);
      }
    }
    const bool added = next.size() != old.size();
    // As upstream, what the last removal found decides.
    bool deleted = false;
    std::vector<std::string> missing;
    for (const Taint& taint : request_.remove) {
      deleted = std::erase_if(next, [&](const Taint& t) {
                  return taint.effect.empty() ? t.key == taint.key : same_taint(t, taint);
                }) > 0;
      if (!deleted) {
        missing.push_back(fmt::format("taint \"{}\" not found", taint_text(taint)));
      }
    }
    if (!missing.empty()) {
      add_missing(errors, missing);
      return;
    }
    Json list = Json::array();
    for (const Taint& taint : next) {
      Json entry{{"key", taint.key}};
      if (!taint.value.empty()) {
        entry["value"] = taint.value;
      }
      entry["effect"] = taint.effect;
      list.push_back(std::move(entry));
    }
    const Json patch{{"spec", {{"taints", list.empty() ? Json() : std::move(list)}}}};
    if (!patch_found_object(state, systems, node, patch, PatchType::Strategic, by, errors, request_.dry_run)
             .refused) {
      state.output += fmt::format("node/{} {}{}\n", name,
                                  (added && deleted) || request_.overwrite ? "modified"
                                  : added                                  ? "tainted"
                                                                           : "untainted",
                                  dry_run_suffix(request_.dry_run));
    }
  }

  [[nodiscard]] std::string present_keys(const std::vector<Taint>& old) const {
    std::string keys;
    for (const Taint& taint : request_.add) {
      for (const Taint& present : old) {
        if (same_taint(taint, present)) {
          keys += (keys.empty() ? "" : ",") + taint.key;
        }
      }
    }
    return keys;
  }

  static void add_missing(KubectlErrors& errors, const std::vector<std::string>& missing) {
    if (missing.size() == 1) {
      errors.add(missing.front());
      return;
    }
    std::string lines;
    std::string list;
    for (const std::string& text : missing) {
      lines += (lines.empty() ? "" : "\n") + text;
      list += (list.empty() ? "" : ", ") + text;
    }
    errors.add(std::move(lines), "[" + list + "]");
  }

  TaintRequest request_;
};

/// Source: utils.go parseTaint. @return a problem, or nothing.
std::string parse_taint(const std::string& text, Taint& out) {
  const std::size_t colon = text.find(':');
  std::string key = text.substr(0, colon);
  const std::string bad = "invalid taint spec: " + text;
  if (colon != std::string::npos) {
    out.effect = text.substr(colon + 1);
    if (out.effect.find(':') != std::string::npos) {
      return bad;
    }
    if (out.effect != "NoSchedule" && out.effect != "PreferNoSchedule" && out.effect != "NoExecute") {
      return fmt::format("invalid taint effect: {}, unsupported taint effect", out.effect);
    }
    if (const std::size_t equals = key.find('='); equals != std::string::npos) {
      out.value = key.substr(equals + 1);
      key.resize(equals);
      if (out.value.find('=') != std::string::npos) {
        return bad;
      }
      if (const auto problems = kubernetes::label_value_problems(out.value); !problems.empty()) {
        return fmt::format("{}, {}", bad, fmt::join(problems, "; "));
      }
    }
  }
  if (const auto problems = kubernetes::qualified_name_problems(key); !problems.empty()) {
    return fmt::format("{}, {}", bad, fmt::join(problems, "; "));
  }
  out.key = std::move(key);
  return {};
}

constexpr std::string_view kForms = "write KEY=VALUE:EFFECT, KEY:EFFECT, KEY:EFFECT- or KEY-";

/// Source: utils.go parseTaints.
void read_taint(Reading& reading, const Argument& argument, TaintRequest& request) {
  std::string text = argument.text();
  const bool remove = text.ends_with('-');
  if (remove) {
    text.pop_back();
  }
  Taint taint;
  std::string problem = parse_taint(text, taint);
  if (problem.empty() && !remove && taint.effect.empty()) {
    problem = "invalid taint spec: " + text;
  }
  const bool repeated = !remove && std::any_of(request.add.begin(), request.add.end(),
                                               [&](const Taint& t) { return same_taint(t, taint); });
  if (problem.empty() && repeated) {
    problem = fmt::format("duplicated taints with the same key and effect: {{{} {} {} <nil>}}", taint.key,
                          taint.value, taint.effect);
  }
  if (!problem.empty()) {
    reading.refuse(std::move(problem), std::string(kForms), argument.origin(0));
  } else if (remove) {
    request.remove.push_back({taint.key, "", taint.effect});
  } else {
    request.add.push_back(std::move(taint));
  }
}

/// Source: taint.go Validate.
void check_conflicts(Reading& reading, const TaintRequest& request) {
  std::string conflicts;
  for (const Taint& add : request.add) {
    for (const Taint& remove : request.remove) {
      if (add.key == remove.key && (remove.effect.empty() || remove.effect == add.effect)) {
        conflicts += fmt::format("{}{}={}", conflicts.empty() ? "" : ", ", remove.key, remove.effect);
      }
    }
  }
  if (!conflicts.empty()) {
    reading.refuse("can not both modify and remove the following taint(s) in the same command: " + conflicts);
  }
}

ActionPointer read_taint_command(Reading& reading) {
  TaintRequest request;
  std::vector<Argument> resources;
  bool met = false;
  bool open = false;  // a word that is not known yet may be anything
  for (const Argument& argument : reading.flags.arguments) {
    const std::string& text = argument.text();
    const bool is_taint = text.find_first_of("=:") != std::string::npos || text.ends_with('-');
    met = met || is_taint;
    open = open || argument.open_from(0);
    if (argument.open_from(0) && (is_taint || met)) {
      continue;  // what it says is known when the command starts
    }
    if (is_taint) {
      read_taint(reading, argument, request);
    } else if (met) {
      reading.refuse(fmt::format("all resources must be specified before taint changes: {}", text), {},
                     argument.origin(0));
    } else {
      resources.push_back(argument);
    }
  }
  if (resources.empty()) {
    reading.refuse("one or more resources must be specified as <resource> <name>",
                   "write kubectl taint nodes NODE KEY=VALUE:EFFECT");
    return nullptr;
  }
  if (!met && !open) {
    reading.refuse("at least one taint update is required", std::string(kForms));
    return nullptr;
  }
  check_conflicts(reading, request);
  const ResourceKind& nodes = kubernetes::resource_of(Kind::Node);
  const Argument& type = resources.front();
  if (!type.open_from(0) && kubernetes::find_resource(type.text()) != &nodes) {
    reading.refuse(fmt::format("invalid resource type {}, only node types are supported", type.text()),
                   "write kubectl taint nodes NODE …", type.origin(0));
    return nullptr;
  }
  const bool all = reading.boolean("all");
  const bool selects = reading.open("selector") || !reading.text("selector").empty();
  if (all && selects) {
    reading.refuse("setting 'all' parameter with a non empty selector is prohibited",
                   "leave out one of them");
  } else if (!all && !selects && !open && resources.size() < 2) {
    reading.refuse("at least one resource name must be specified since 'all' parameter is not set",
                   "name the nodes, or write --all");
  }
  request.query = read_query(reading, {}, {.all_by_default = true});
  request.overwrite = reading.boolean("overwrite");
  request.dry_run = read_dry_run(reading);
  // As upstream, names are not looked at beside a selector or --all.
  if (all || selects) {
    request.query.items.push_back({&nodes, {}});
  } else {
    for (std::size_t i = 1; i < resources.size(); ++i) {
      request.query.items.push_back({&nodes, resources[i].text()});
    }
  }
  return std::make_shared<TaintCommand>(std::move(request));
}

}  // namespace

const SubCommand kKubectlTaint{"kubectl",
                               "taint",
                               "nodes (NODE… | -l SELECTOR | --all) (KEY[=VALUE]:EFFECT | KEY[:EFFECT]-)…",
                               "Adds taints to nodes, changes and removes them.",
                               []() -> const FlagTable& { return taint_flags().table(); },
                               read_taint_command};

}  // namespace scenarios::commands
