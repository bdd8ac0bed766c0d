#include "models/kubernetes/sibling_labels.h"

#include <algorithm>
#include <string_view>

namespace models::kubernetes {

namespace {

bool tells_siblings_apart(std::string_view key) {
  return key == "statefulset.kubernetes.io/pod-name" || key == "apps.kubernetes.io/pod-index" ||
         key == "batch.kubernetes.io/job-completion-index" || key == "controller-uid" ||
         key == "batch.kubernetes.io/controller-uid";
}

}  // namespace

bool tells_siblings_apart(const LabelSelector& selector) {
  return std::any_of(selector.match_labels.begin(), selector.match_labels.end(),
                     [](const auto& wanted) { return tells_siblings_apart(wanted.first); }) ||
         std::any_of(
             selector.match_expressions.begin(), selector.match_expressions.end(),
             [](const SelectorRequirement& requirement) { return tells_siblings_apart(requirement.key); });
}

}  // namespace models::kubernetes
