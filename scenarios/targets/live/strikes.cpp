#include "scenarios/targets/live/strikes.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace scenarios::targets {

namespace {

using language::Fault;
using language::FaultKind;

std::vector<std::string> control(std::vector<std::string> words) {
  words.insert(words.begin(), {"control-plane", "control"});
  return words;
}

}  // namespace

std::vector<std::vector<std::string>> strike_arguments(const Fault& fault) {
  std::vector<std::vector<std::string>> all;
  switch (fault.kind) {
    case FaultKind::node_dies:
    case FaultKind::node_returns:
      for (const std::string& node : fault.targets().hosts) {
        all.push_back(control({fault.kind == FaultKind::node_dies ? "silence" : "resume", node}));
      }
      break;
    case FaultKind::pod_crash:
      for (const std::string& pod : fault.targets().hosts) {
        all.push_back(control({"exit", pod, fmt::format("{}", fault.pod_crash->exit.value)}));
      }
      break;
    case FaultKind::lose_readiness:
    case FaultKind::regain_readiness:
      for (const std::string& pod : fault.targets().hosts) {
        all.push_back(control({"ready", pod, fault.kind == FaultKind::lose_readiness ? "false" : "true"}));
      }
      break;
    case FaultKind::controller_restarts:
      if (fault.controller_restarts.value == "scheduler") {
        all.push_back(control({"restart-scheduler"}));
      } else if (fault.controller_restarts.value != "flux-operator") {
        all.push_back(control({"restart-controller-manager"}));  // all of its controllers are one program
      }
      break;
    default:
      break;  // none of the others can be struck there
  }
  return all;
}

bool strikable(const language::Scenario& scenario, language::Diagnostics& diagnostics) {
  bool all = true;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const Fault& fault = scenario.faults[i];
    if (strike_arguments(fault).empty()) {
      diagnostics.error(
          fault.where, fmt::format("faults[{}]", i),
          fmt::format("{} cannot be struck on the reference control plane", to_text(fault.kind)),
          "what can: pod_crash, lose_readiness, regain_readiness, node_dies, node_returns, and "
          "controller_restarts of what the control plane runs");
      all = false;
    }
  }
  return all;
}

Strikes::Strikes(const language::Scenario& scenario, Programs& programs)
    : scenario_(scenario), programs_(programs), order_(scenario.faults.size()) {
  for (const Fault& fault : scenario.faults) {
    strikes_.push_back({fault.at.value, std::nullopt, {}});
  }
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return strikes_[a].due < strikes_[b].due; });
}

sim::Time Strikes::next_due() const {
  return next_ == order_.size() ? sim::kNever : strikes_[order_[next_]].due;
}

void Strikes::strike_next() {
  const std::size_t fault = order_[next_++];
  for (const std::vector<std::string>& arguments : strike_arguments(scenario_.faults[fault])) {
    running_.push_back({programs_.start(arguments, {}), fault, fmt::format("{}", fmt::join(arguments, " "))});
  }
}

bool Strikes::take(const ProgramEvent& event) {
  const auto found = std::find_if(running_.begin(), running_.end(),
                                  [&](const Running& running) { return running.process == event.process; });
  if (found == running_.end()) {
    return false;
  }
  Strike& strike = strikes_[found->fault];
  switch (event.kind) {
    case ProgramEvent::Kind::Output:
    case ProgramEvent::Kind::Errors:
      found->text += ": " + event.data;
      return true;
    case ProgramEvent::Kind::NotStarted:
      strike.problem = found->text + ": " + event.data;
      break;
    case ProgramEvent::Kind::Exited:
      if (event.exit_code != 0) {
        strike.problem = found->text;
      } else {
        strike.struck = event.at;
      }
      break;
  }
  running_.erase(found);
  return true;
}

}  // namespace scenarios::targets
