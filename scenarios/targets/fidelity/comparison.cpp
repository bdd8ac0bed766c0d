#include "scenarios/targets/fidelity/comparison.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "models/kubernetes/vocabulary.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Writer;

/// Positions of matched pairs: recorded, simulated.
using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

bool same_change(const Observation& a, const Observation& b) {
  return a.field == b.field && a.value == b.value;
}

/// The longest common subsequence of two histories of one object.
Pairs longest_common(const std::vector<Observation>& recorded, const std::vector<std::size_t>& left,
                     const std::vector<Observation>& simulated, const std::vector<std::size_t>& right) {
  const std::size_t width = right.size() + 1;
  std::vector<std::uint32_t> best((left.size() + 1) * width, 0);
  for (std::size_t i = left.size(); i-- > 0;) {
    for (std::size_t j = right.size(); j-- > 0;) {
      best[i * width + j] = same_change(recorded[left[i]], simulated[right[j]])
                                ? best[(i + 1) * width + j + 1] + 1
                                : std::max(best[(i + 1) * width + j], best[i * width + j + 1]);
    }
  }
  Pairs pairs;
  for (std::size_t i = 0, j = 0; i < left.size() && j < right.size();) {
    if (same_change(recorded[left[i]], simulated[right[j]])) {
      pairs.emplace_back(left[i++], right[j++]);
    } else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return pairs;
}

/// Who is held responsible for a change: whom the simulation knows as its writer, for a recording cannot tell
/// who deleted an object.
std::string controller_of(Writer writer) { return std::string(kubernetes::to_text(writer)); }

class Comparer {
 public:
  Comparer(const std::vector<Observation>& recorded, const std::vector<Observation>& simulated,
           const std::vector<std::uint64_t>& order)
      : recorded_(recorded), simulated_(simulated), order_(order) {}

  Comparison compare() {
    std::map<std::string, std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> objects;
    for (std::size_t i = 0; i < recorded_.size(); ++i) {
      objects[recorded_[i].subject].first.push_back(i);
    }
    for (std::size_t i = 0; i < simulated_.size(); ++i) {
      objects[simulated_[i].subject].second.push_back(i);
    }
    for (const auto& [subject, sides] : objects) {
      compare_object(sides.first, sides.second);
    }
    check_order();
    std::stable_sort(
        result_.differences.begin(), result_.differences.end(),
        [](const Difference& a, const Difference& b) { return a.observation.at < b.observation.at; });
    if (!result_.differences.empty()) {
      tell_histories(result_.differences.front().observation.subject);
    }
    return std::move(result_);
  }

 private:
  void compare_object(const std::vector<std::size_t>& left, const std::vector<std::size_t>& right) {
    const Pairs pairs = longest_common(recorded_, left, simulated_, right);
    std::set<std::size_t> matched_left;
    std::set<std::size_t> matched_right;
    for (const auto& [recorded, simulated] : pairs) {
      matched_left.insert(recorded);
      matched_right.insert(simulated);
      recorded_of_[simulated_[simulated].id] = recorded;
      if (of_control_plane(simulated_[simulated].writer)) {
        ++tally(controller_of(simulated_[simulated].writer)).matched;
      }
    }
    for (const std::size_t i : left) {
      const Observation& one = recorded_[i];
      if (matched_left.count(i) == 0 && (of_control_plane(one.writer) || one.writer == Writer::None)) {
        differ(Disagreement::Missing, one, controller_of(one.writer), {});
        ++tally(controller_of(one.writer)).missing;
      }
    }
    for (const std::size_t i : right) {
      const Observation& one = simulated_[i];
      if (matched_right.count(i) == 0 && of_control_plane(one.writer)) {
        differ(Disagreement::Extra, one, controller_of(one.writer), {});
        ++tally(controller_of(one.writer)).extra;
      }
    }
  }

  void check_order() {
    for (const Observation& effect : simulated_) {
      const auto recorded_effect = recorded_of_.find(effect.id);
      const auto recorded_cause = recorded_of_.find(effect.cause);
      if (effect.cause == sim::kNoTransition || recorded_effect == recorded_of_.end() ||
          recorded_cause == recorded_of_.end() || !of_control_plane(effect.writer)) {
        continue;
      }
      const std::uint64_t cause_order = order_[recorded_cause->second];
      if (cause_order != kUnknownOrder && cause_order > order_[recorded_effect->second]) {
        ++tally(controller_of(effect.writer)).out_of_order;
        const Observation& cause = recorded_[recorded_cause->second];
        differ(Disagreement::OutOfOrder, effect, controller_of(effect.writer),
               fmt::format("{}: {}", cause.subject, cause.change));
      }
    }
    for (const auto& [controller, counts] : result_.by_controller) {
      result_.all += counts;
    }
  }

  Tally& tally(const std::string& controller) { return result_.by_controller[controller]; }

  void differ(Disagreement kind, const Observation& observation, std::string controller, std::string cause) {
    result_.differences.push_back({kind, observation, std::move(controller), std::move(cause)});
  }

  void tell_histories(const std::string& subject) {
    const auto tell = [&](const std::vector<Observation>& from, std::vector<std::string>& into) {
      for (const Observation& one : from) {
        if (one.subject == subject) {
          into.push_back(fmt::format("{:.3f}s {} ({})", static_cast<double>(one.at.count()) / 1e9, one.change,
                                     kubernetes::to_text(one.writer)));
        }
      }
    };
    tell(recorded_, result_.first_recorded);
    tell(simulated_, result_.first_simulated);
  }

  const std::vector<Observation>& recorded_;
  const std::vector<Observation>& simulated_;
  const std::vector<std::uint64_t>& order_;
  std::map<sim::TransitionId, std::size_t> recorded_of_;  // by the id of the simulated change
  Comparison result_;
};

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  matched += other.matched;
  missing += other.missing;
  extra += other.extra;
  out_of_order += other.out_of_order;
  return *this;
}

Comparison compare(const std::vector<Observation>& recorded, const std::vector<Observation>& simulated,
                   const std::vector<std::uint64_t>& recorded_order) {
  return Comparer(recorded, simulated, recorded_order).compare();
}

}  // namespace scenarios::targets
