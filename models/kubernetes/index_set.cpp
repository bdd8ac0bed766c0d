#include "models/kubernetes/index_set.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <ostream>

#include "sim/require.h"

namespace models::kubernetes {
namespace {

using Interval = IndexSet::Interval;

/// A whole decimal number with an optional sign, as Go's strconv.Atoi reads it.
std::optional<int> number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::nullopt;
    }
  }
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

/// "3" or "3-5"; what follows a second hyphen does not count, as upstream.
std::optional<Interval> interval_of(std::string_view part) {
  const std::size_t hyphen = part.find('-');
  const std::optional<int> first = number(part.substr(0, hyphen));
  if (!first) {
    return std::nullopt;
  }
  if (hyphen == std::string_view::npos) {
    return Interval{*first, *first};
  }
  std::string_view rest = part.substr(hyphen + 1);
  const std::optional<int> last = number(rest.substr(0, rest.find('-')));
  if (!last || *last < *first) {
    return std::nullopt;
  }
  return Interval{*first, *last};
}

}  // namespace

IndexSet IndexSet::parse(std::string_view text, int completions, std::vector<std::string>* ignored) {
  IndexSet result;
  if (text.empty()) {
    return result;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, comma - begin);
    begin = comma + 1;
    const std::optional<Interval> interval = interval_of(part);
    if (!interval || interval->first < 0) {
      if (ignored != nullptr) {
        ignored->emplace_back(part);
      }
      continue;
    }
    if (interval->first >= completions) {
      break;  // the text ascends, so nothing below the limit follows
    }
    result.insert_interval(interval->first, std::min(interval->last, completions - 1));
  }
  return result;
}

IndexSet IndexSet::of(std::span<const int> indexes) {
  std::vector<int> sorted(indexes.begin(), indexes.end());
  std::sort(sorted.begin(), sorted.end());
  IndexSet result;
  for (const int index : sorted) {
    result.insert(index);
  }
  return result;
}

void IndexSet::insert_interval(int first, int last) {
  sim::require(0 <= first && first <= last, "an interval of indexes ascends from 0 or above");
  // Everything from `begin` to `end` touches the new interval and becomes one run with it.
  auto begin = intervals_.end();
  if (!intervals_.empty() && intervals_.back().last >= first - 1) {
    begin = std::partition_point(intervals_.begin(), intervals_.end(),
                                 [&](const Interval& run) { return run.last < first - 1; });
  }
  auto end = begin;
  while (end != intervals_.end() && end->first - 1 <= last) {
    ++end;
  }
  if (begin == end) {
    intervals_.insert(begin, {first, last});
    return;
  }
  begin->first = std::min(begin->first, first);
  begin->last = std::max((end - 1)->last, last);
  intervals_.erase(begin + 1, end);
}

void IndexSet::erase(int index) {
  const auto run = std::partition_point(intervals_.begin(), intervals_.end(),
                                        [&](const Interval& r) { return r.last < index; });
  if (run == intervals_.end() || run->first > index) {
    return;
  }
  const Interval left{run->first, index - 1};
  const Interval right{index + 1, run->last};
  const bool keep_left = left.first <= left.last;
  const bool keep_right = right.first <= right.last;
  if (keep_left && keep_right) {
    *run = right;
    intervals_.insert(run, left);
  } else if (keep_left || keep_right) {
    *run = keep_left ? left : right;
  } else {
    intervals_.erase(run);
  }
}

void IndexSet::clamp(int completions) {
  while (!intervals_.empty() && intervals_.back().first >= completions) {
    intervals_.pop_back();
  }
  if (!intervals_.empty()) {
    intervals_.back().last = std::min(intervals_.back().last, completions - 1);
  }
}

IndexSet IndexSet::with(const IndexSet& other) const {
  std::vector<Interval> all(intervals_.size() + other.intervals_.size());
  std::merge(intervals_.begin(), intervals_.end(), other.intervals_.begin(), other.intervals_.end(),
             all.begin(), [](const Interval& a, const Interval& b) { return a.first < b.first; });
  IndexSet result;
  for (const Interval& run : all) {
    if (!result.intervals_.empty() && run.first - 1 <= result.intervals_.back().last) {
      result.intervals_.back().last = std::max(result.intervals_.back().last, run.last);
    } else {
      result.intervals_.push_back(run);
    }
  }
  return result;
}

bool IndexSet::contains(int index) const {
  const auto run = std::partition_point(intervals_.begin(), intervals_.end(),
                                        [&](const Interval& r) { return r.last < index; });
  return run != intervals_.end() && run->first <= index;
}

std::size_t IndexSet::size() const {
  std::size_t count = 0;
  for (const Interval& run : intervals_) {
    count += static_cast<std::size_t>(run.last - run.first) + 1;
  }
  return count;
}

std::vector<int> IndexSet::first_missing(std::size_t count, int completions) const {
  std::vector<int> result;
  int candidate = 0;
  const auto take_until = [&](int limit) {
    for (; candidate < limit && result.size() < count; ++candidate) {
      result.push_back(candidate);
    }
  };
  for (const Interval& run : intervals_) {
    take_until(std::min(run.first, completions));
    if (result.size() == count || run.last >= completions) {
      return result;
    }
    candidate = run.last + 1;
  }
  take_until(completions);
  return result;
}

std::vector<int> IndexSet::indexes() const {
  std::vector<int> result;
  result.reserve(size());
  for (const Interval& run : intervals_) {
    for (int index = run.first; index < run.last; ++index) {
      result.push_back(index);
    }
    result.push_back(run.last);
  }
  return result;
}

std::string IndexSet::to_text() const {
  std::string text;
  for (const Interval& run : intervals_) {
    if (!text.empty()) {
      text += ',';
    }
    text += std::to_string(run.first);
    if (run.last > run.first) {
      text += run.last == run.first + 1 ? ',' : '-';
      text += std::to_string(run.last);
    }
  }
  return text;
}

std::ostream& operator<<(std::ostream& os, const IndexSet& set) { return os << '{' << set.to_text() << '}'; }

}  // namespace models::kubernetes
