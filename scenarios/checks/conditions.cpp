// Conditions: what should hold at a moment, of a step's `then` and of checks such as `eventually`.

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>

#include "models/flux/hostlist.h"
#include "models/flux/resource_view.h"
#include "scenarios/checks/check.h"
#include "scenarios/checks/pods.h"

namespace scenarios::checks {

namespace {

using language::Condition;
namespace kubernetes = models::kubernetes;

std::vector<std::string> hosts_of(const language::HostSet& set, const Observed& observed) {
  if (!set.open) {
    return set.hosts;
  }
  const auto expanded = language::expand(set, observed.plan_state.variables);
  return expanded.value.value_or(std::vector<std::string>{});
}

plan::Missing nonexistent(const std::string& name, const Observed& observed) {
  return {fmt::format("{} does not exist", name), explained_by(observed.cluster, kubernetes::kNoRow, name)};
}

plan::Missing as_it_is(const std::string& name, kubernetes::Row row, const Observed& observed) {
  return {fmt::format("{} is {}", name, status_word(observed.cluster, row)),
          explained_by(observed.cluster, row, name)};
}

/// "Exactly these run": the named pods run, and no other pod of the objects that they belong to does.
bool running_holds(const language::HostSet& set, const Observed& observed, plan::Missing& missing) {
  const std::vector<std::string> names = hosts_of(set, observed);
  std::vector<kubernetes::OwnerRef> owners;
  for (const std::string& name : names) {
    const std::vector<kubernetes::Row> rows = pods_named(observed.cluster, name);
    const bool runs = std::any_of(rows.begin(), rows.end(), [&](kubernetes::Row row) {
      return is_running(observed.cluster.pods[row]);
    });
    if (!runs) {
      missing = rows.empty() ? nonexistent(name, observed) : as_it_is(name, rows.front(), observed);
      return false;
    }
    owners.push_back(observed.cluster.pods[rows.front()].owner);
  }
  for (kubernetes::Row row = 0; row < observed.cluster.pods.extent(); ++row) {
    if (!observed.cluster.pods.exists(row)) {
      continue;
    }
    const kubernetes::Pod& pod = observed.cluster.pods[row];
    const bool of_interest =
        pod.owner.uid != 0 && std::find(owners.begin(), owners.end(), pod.owner) != owners.end();
    // A pod that has ended stays listed and is no surplus; one that still terminates is.
    if (of_interest && !pod.terminal() &&
        std::find(names.begin(), names.end(), short_name(observed.cluster, pod)) == names.end() &&
        std::find(names.begin(), names.end(), observed.cluster.name_of(pod)) == names.end()) {
      missing = as_it_is(short_name(observed.cluster, pod), row, observed);
      return false;
    }
  }
  return true;
}

bool ready_holds(const language::HostSet& set, const Observed& observed, plan::Missing& missing) {
  for (const std::string& name : hosts_of(set, observed)) {
    const std::vector<kubernetes::Row> rows = pods_named(observed.cluster, name);
    const bool ready = std::any_of(rows.begin(), rows.end(), [&](kubernetes::Row row) {
      return observed.cluster.pods[row].ready && !observed.cluster.pods[row].meta.deleting();
    });
    if (!ready) {
      missing = rows.empty() ? nonexistent(name, observed)
                             : plan::Missing{fmt::format("{} is not Ready", name),
                                             explained_by(observed.cluster, rows.front(), name)};
      return false;
    }
  }
  return true;
}

bool absent_holds(const language::HostSet& set, const Observed& observed, plan::Missing& missing) {
  for (const std::string& name : hosts_of(set, observed)) {
    const std::vector<kubernetes::Row> rows = pods_named(observed.cluster, name);
    if (!rows.empty()) {
      missing = as_it_is(name, rows.front(), observed);
      return false;
    }
  }
  return true;
}

/// Whether the pod is one of the object of this name: its owner's, or its owner's owner's (a Deployment's
/// pods are its ReplicaSets').
bool belongs_to(const kubernetes::Cluster& cluster, const kubernetes::Pod& pod, const std::string& object) {
  if (cluster.strings[pod.base_name] == object) {
    return true;
  }
  if (pod.owner.kind != kubernetes::Kind::ReplicaSet) {
    return false;
  }
  const kubernetes::ReplicaSet& set = cluster.replicasets[pod.owner.row];
  return set.meta.uid == pod.owner.uid &&
         (cluster.strings[set.meta.name] == object ||
          (set.owner.kind == kubernetes::Kind::Deployment &&
           cluster.strings[cluster.deployments[set.owner.row].meta.name] == object));
}

bool pods_hold(const std::vector<language::PodCount>& counts, const Observed& observed,
               plan::Missing& missing) {
  for (const language::PodCount& wanted : counts) {
    std::int64_t count = 0;
    for (kubernetes::Row row = 0; row < observed.cluster.pods.extent(); ++row) {
      if (observed.cluster.pods.exists(row)) {
        const kubernetes::Pod& pod = observed.cluster.pods[row];
        const bool counts_here =
            wanted.object.value.empty() || belongs_to(observed.cluster, pod, wanted.object.value);
        count += counts_here && !pod.meta.deleting() && !pod.terminal() ? 1 : 0;
      }
    }
    if (count != wanted.count.value) {
      const std::string& object = wanted.object.value;
      missing = {
          fmt::format("{}{} pods, not {}", object.empty() ? "" : object + ": ", count, wanted.count.value),
          explained_by(observed.cluster, kubernetes::kNoRow, object)};
      return false;
    }
  }
  return true;
}

bool servers_hold(const std::vector<language::Entry<language::HostSet>>& wanted, const Observed& observed,
                  plan::Missing& missing) {
  namespace openstack = models::openstack;
  for (const auto& entry : wanted) {
    for (const std::string& name : hosts_of(entry.value, observed)) {
      const openstack::Server* found = nullptr;
      for (const openstack::Server& server : observed.openstack->servers) {
        if (server.name == name && server.vm_state != openstack::VmState::deleted) {
          found = &server;
        }
      }
      const std::string_view status = found == nullptr ? "gone" : openstack::status_of(found->vm_state);
      if (status != entry.name.value) {
        missing = {fmt::format("server {} is {}, not {}", name, status, entry.name.value),
                   found == nullptr ? 0 : found->uid};
        return false;
      }
    }
  }
  return true;
}

/// Whether the finished commands of a step printed what is written, on either stream; a captured output
/// counts as not printed.
bool prints(const std::string& written, std::uint32_t step, const Observed& observed) {
  std::string output;
  std::string errors;
  const plan::StepState& state = observed.plan_state.steps[step];
  for (const plan::CommandOutcome& ended : state.ended) {
    output += ended.captured ? std::string() : ended.output;
    errors += ended.errors;
  }
  const std::string pattern =
      language::substitute(written, observed.plan_state.variables).value.value_or(written);
  if (pattern.size() >= 3 && pattern.front() == '/' && pattern.back() == '/') {
    const std::regex expression(pattern.substr(1, pattern.size() - 2));
    return std::regex_search(output, expression) || std::regex_search(errors, expression);
  }
  return output.find(pattern) != std::string::npos || errors.find(pattern) != std::string::npos;
}

}  // namespace

bool holds(const Condition& condition, const Observed& observed, plan::Missing& missing) {
  return (!condition.running.given() || running_holds(condition.running, observed, missing)) &&
         (!condition.ready.given() || ready_holds(condition.ready, observed, missing)) &&
         (!condition.absent.given() || absent_holds(condition.absent, observed, missing)) &&
         (condition.pods.empty() || pods_hold(condition.pods, observed, missing)) &&
         (condition.servers.empty() || servers_hold(condition.servers, observed, missing)) &&
         (!condition.flux || flux_holds(*condition.flux, observed, missing));
}

bool holds_for_step(const Condition& condition, std::uint32_t step, const Observed& observed,
                    plan::Missing& missing) {
  const plan::StepState& state = observed.plan_state.steps[step];
  if (condition.exit.given() && state.exit_code != condition.exit.value) {
    missing.text = fmt::format("the exit code is {}, not {}", state.exit_code, condition.exit.value);
    return false;
  }
  for (const language::Text& pattern : condition.prints) {
    if (!prints(pattern.value, step, observed)) {
      missing.text = fmt::format("\"{}\" was not printed", pattern.value);
      return false;
    }
  }
  return holds(condition, observed, missing);
}

bool never_holds(const Condition& condition, std::uint32_t step, const Observed& observed) {
  const plan::StepState& state = observed.plan_state.steps[step];
  if (condition.exit.given() && state.exit_code != condition.exit.value) {
    return true;
  }
  return std::any_of(condition.prints.begin(), condition.prints.end(),
                     [&](const language::Text& pattern) { return !prints(pattern.value, step, observed); });
}

}  // namespace scenarios::checks
