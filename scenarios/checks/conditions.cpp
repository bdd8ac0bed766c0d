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

/// "Exactly these run": the named pods run, and no other pod of the objects that they belong to does.
bool running_holds(const language::HostSet& set, const Observed& observed, std::string& missing) {
  const std::vector<std::string> names = hosts_of(set, observed);
  std::vector<kubernetes::OwnerRef> owners;
  for (const std::string& name : names) {
    const std::vector<kubernetes::Row> rows = pods_named(observed.cluster, name);
    const bool runs = std::any_of(rows.begin(), rows.end(), [&](kubernetes::Row row) {
      return is_running(observed.cluster.pods[row]);
    });
    if (!runs) {
      missing = rows.empty() ? fmt::format("{} does not exist", name)
                             : fmt::format("{} is {}", name, status_word(observed.cluster, rows.front()));
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
      missing =
          fmt::format("{} is {}", short_name(observed.cluster, pod), status_word(observed.cluster, row));
      return false;
    }
  }
  return true;
}

bool ready_holds(const language::HostSet& set, const Observed& observed, std::string& missing) {
  for (const std::string& name : hosts_of(set, observed)) {
    const std::vector<kubernetes::Row> rows = pods_named(observed.cluster, name);
    const bool ready = std::any_of(rows.begin(), rows.end(), [&](kubernetes::Row row) {
      return observed.cluster.pods[row].ready && !observed.cluster.pods[row].meta.deleting();
    });
    if (!ready) {
      missing = rows.empty() ? fmt::format("{} does not exist", name) : fmt::format("{} is not Ready", name);
      return false;
    }
  }
  return true;
}

bool absent_holds(const language::HostSet& set, const Observed& observed, std::string& missing) {
  for (const std::string& name : hosts_of(set, observed)) {
    const std::vector<kubernetes::Row> rows = pods_named(observed.cluster, name);
    if (!rows.empty()) {
      missing = fmt::format("{} is {}", name, status_word(observed.cluster, rows.front()));
      return false;
    }
  }
  return true;
}

bool pods_hold(const std::vector<language::PodCount>& counts, const Observed& observed,
               std::string& missing) {
  for (const language::PodCount& wanted : counts) {
    std::int64_t count = 0;
    for (kubernetes::Row row = 0; row < observed.cluster.pods.extent(); ++row) {
      if (observed.cluster.pods.exists(row)) {
        const kubernetes::Pod& pod = observed.cluster.pods[row];
        const bool counts_here =
            wanted.object.value.empty() || observed.cluster.strings[pod.base_name] == wanted.object.value;
        count += counts_here && !pod.meta.deleting() && !pod.terminal() ? 1 : 0;
      }
    }
    if (count != wanted.count.value) {
      missing =
          fmt::format("{}{} pods, not {}", wanted.object.value.empty() ? "" : wanted.object.value + ": ",
                      count, wanted.count.value);
      return false;
    }
  }
  return true;
}

bool prints(const std::string& written, const std::string& output, const Observed& observed) {
  const std::string pattern =
      language::substitute(written, observed.plan_state.variables).value.value_or(written);
  if (pattern.size() >= 3 && pattern.front() == '/' && pattern.back() == '/') {
    return std::regex_search(output, std::regex(pattern.substr(1, pattern.size() - 2)));
  }
  return output.find(pattern) != std::string::npos;
}

}  // namespace

bool holds(const Condition& condition, const Observed& observed, std::string& missing) {
  return (!condition.running.given() || running_holds(condition.running, observed, missing)) &&
         (!condition.ready.given() || ready_holds(condition.ready, observed, missing)) &&
         (!condition.absent.given() || absent_holds(condition.absent, observed, missing)) &&
         (condition.pods.empty() || pods_hold(condition.pods, observed, missing)) &&
         (!condition.flux || flux_holds(*condition.flux, observed, missing));
}

bool holds_for_step(const Condition& condition, std::uint32_t step, const Observed& observed,
                    std::string& missing) {
  const plan::StepState& state = observed.plan_state.steps[step];
  if (condition.exit.given() && state.exit_code != condition.exit.value) {
    missing = fmt::format("the exit code is {}, not {}", state.exit_code, condition.exit.value);
    return false;
  }
  for (const language::Text& pattern : condition.prints) {
    if (!prints(pattern.value, state.output, observed) && !prints(pattern.value, state.errors, observed)) {
      missing = fmt::format("\"{}\" was not printed", pattern.value);
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
  return std::any_of(condition.prints.begin(), condition.prints.end(), [&](const language::Text& pattern) {
    return !prints(pattern.value, state.output, observed) && !prints(pattern.value, state.errors, observed);
  });
}

}  // namespace scenarios::checks
