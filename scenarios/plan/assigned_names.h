#pragma once
// The variables that a part of a runbook sets.

#include <algorithm>
#include <string>
#include <vector>

#include "scenarios/runbook/script.h"

namespace scenarios::plan {

/// Whether a part sets the variable, other than as that of a loop.
inline bool assigns(const runbook::Node& node, const std::string& name) {
  return (node.kind == runbook::NodeKind::Assignment && node.name == name) ||
         std::any_of(node.children.begin(), node.children.end(),
                     [&](const runbook::Node& child) { return assigns(child, name); });
}

/// All variables that a part sets, those of loops among them.
inline std::vector<std::string> assigned_names(const runbook::Node& node) {
  std::vector<std::string> names;
  if (node.kind == runbook::NodeKind::Assignment || node.kind == runbook::NodeKind::Loop) {
    names.push_back(node.name);
  }
  for (const runbook::Node& child : node.children) {
    const std::vector<std::string> inner = assigned_names(child);
    names.insert(names.end(), inner.begin(), inner.end());
  }
  return names;
}

}  // namespace scenarios::plan
