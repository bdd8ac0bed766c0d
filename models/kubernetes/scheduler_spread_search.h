#pragma once
// The best nodes for a pod whose only preference beyond the node itself is topology spread, found without
// scoring each node: two nodes of one domain without any pod that a constraint by host name counts differ in
// nothing but what the ranking knows. The choice is the one that scores of all nodes make.

#include <cstdint>
#include <vector>

#include "models/kubernetes/node_ranking.h"
#include "models/kubernetes/scheduler_spread_scores.h"

namespace models::kubernetes::scheduler {

class SpreadSearch {
 public:
  /// Whether the constraints of the pod allow it: at most one is not by host name, and no node is left out
  /// for a missing key.
  static bool serves(const Search& search);

  /// REQUIRES: `serves`, `only_spread_looks_beyond`; `window` holds a feasible node. All must outlive this.
  SpreadSearch(const Search& search, const NodeRanking& ranking, const SearchWindow& window);

  /// How many feasible nodes of the window are equally good and better than all others.
  [[nodiscard]] std::uint32_t best_count() const { return best_count_; }
  /// The position of the `which`-th of them (from 0), in the order of the search.
  [[nodiscard]] std::uint32_t best(std::uint32_t which) const;

 private:
  /// A feasible node with pods that are counted by host name.
  struct Single {
    std::uint32_t position = 0;
    std::int64_t spread = 0;
    std::int64_t total = 0;
  };
  /// All other feasible nodes of a domain.
  struct Domain {
    std::int32_t best = -1;  ///< the highest score by node alone
    std::uint32_t best_count = 0;
    std::int64_t spread = 0;
    std::int64_t total = 0;  ///< of those with the highest score
  };

  template <class OnSingle, class OnOther>
  void each_node(OnSingle&& on_single, OnOther&& on_other) const;
  [[nodiscard]] std::size_t domain_of(std::uint32_t position) const;
  [[nodiscard]] double sum_at(std::size_t domain, Row node) const;
  void find_singles();
  void find_domains();
  void weigh();
  void add_up();

  const Search* search_;
  const NodeRanking* ranking_;
  SearchWindow window_;
  std::uint32_t nodes_;
  std::vector<SoftSpread> constraints_;
  const Topology* topology_ = nullptr;  ///< of the constraint that is not by host name
  std::vector<Single> singles_;         ///< in the order of the search
  std::vector<Domain> domains_;         ///< first the one of the nodes without the label
  std::int64_t feasible_ = 0;
  std::int64_t highest_ = -1;
  std::uint32_t best_count_ = 0;
};

}  // namespace models::kubernetes::scheduler
