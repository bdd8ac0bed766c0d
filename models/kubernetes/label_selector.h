#pragma once
// Label selectors and node selectors, as upstream's API types have them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace models::kubernetes {

/// Labels, annotations, node selectors: sorted by key.
using LabelMap = std::vector<std::pair<std::string, std::string>>;
/// The value of `key`, or nullptr.
const std::string* find_label(const LabelMap& labels, std::string_view key);

enum class SelectorOperator : std::uint8_t { In, NotIn, Exists, DoesNotExist, Gt, Lt };

/// One entry of `matchExpressions` (or, for nodes, of `matchFields`). Gt and Lt exist for nodes only.
struct SelectorRequirement {
  std::string key;
  SelectorOperator op = SelectorOperator::In;
  std::vector<std::string> values;
  friend bool operator==(const SelectorRequirement&, const SelectorRequirement&) = default;
};

/// A metav1.LabelSelector. Without any requirement it matches everything; an owner without a selector (a
/// null pointer to one) selects nothing.
struct LabelSelector {
  LabelMap match_labels;
  std::vector<SelectorRequirement> match_expressions;
  [[nodiscard]] bool empty() const { return match_labels.empty() && match_expressions.empty(); }
  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

/// One term of a node selector: all requirements must hold. An empty term matches no node.
struct NodeSelectorTerm {
  std::vector<SelectorRequirement> match_expressions;
  std::vector<SelectorRequirement> match_fields;  ///< only metadata.name exists
  friend bool operator==(const NodeSelectorTerm&, const NodeSelectorTerm&) = default;
};

struct PreferredNodeTerm {
  std::int32_t weight = 1;
  NodeSelectorTerm term;
  friend bool operator==(const PreferredNodeTerm&, const PreferredNodeTerm&) = default;
};

/// Whether `value` (nullopt: the key is absent) meets the requirement. Source: apimachinery
/// pkg/labels/selector.go Requirement.Matches: NotIn holds for an absent key, Gt and Lt compare integers.
bool meets(const SelectorRequirement& requirement, const std::optional<std::string>& value);

/// Whether a selector matches a set of labels.
bool matches(const LabelSelector& selector, const LabelMap& labels);

/// Whether a node meets one of the terms (of a required node affinity or a volume). No term: none matches.
/// Source: component-helpers scheduling/corev1/nodeaffinity/nodeaffinity.go NodeSelector.Match.
bool matches_any(const std::vector<NodeSelectorTerm>& terms, const LabelMap& labels,
                 std::string_view node_name);

}  // namespace models::kubernetes
