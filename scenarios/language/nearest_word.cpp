#include "scenarios/language/nearest_word.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <vector>

namespace scenarios::language {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

/// Words and candidates longer than this are not compared: the table grows with the product of the lengths,
/// and nobody mistypes a word of this size.
constexpr std::size_t compared_length_max = 64;

/// A hint that lists hundreds of names helps nobody.
constexpr std::size_t listed_max = 40;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Optimal string alignment: three rows of the table are enough, the third for swaps.
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = previous[j - 1] + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({replace, previous[j] + 1, row[j - 1] + 1});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(previous);
    previous.swap(row);
  }
  return previous[b.size()];
}

std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > compared_length_max) return std::nullopt;
  // A third of the word may be wrong; in a word of two letters, one.
  const std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
  std::optional<std::string> best;
  std::size_t best_distance = allowed + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > compared_length_max) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  if (best) return best;
  // Kubernetes spells units into names (activeDeadlineSeconds): a known word that begins or ends the given
  // one, or the other way round, is likely the one that was meant.
  const std::string small_word = lower(word);
  for (const std::string& candidate : candidates) {
    if (candidate.size() < 4 || word.size() < 4) continue;
    const std::string small = lower(candidate);
    const bool related =
        small_word.starts_with(small) || small.starts_with(small_word) || small.ends_with(small_word);
    if (related && (!best || candidate.size() < best->size())) best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  if (candidates.empty()) return {};
  std::vector<std::string> listed;
  std::set<std::string_view> seen;
  for (const std::string& candidate : candidates) {
    if (seen.insert(candidate).second && seen.size() <= listed_max) listed.push_back(candidate);
  }
  std::string known = fmt::format("known here: {}", fmt::join(listed, ", "));
  if (listed.size() < seen.size()) known += fmt::format(" and {} more", seen.size() - listed.size());
  if (const auto nearest = nearest_word(word, candidates))
    return fmt::format("did you mean {}? {}", *nearest, known);
  return known;
}

}  // namespace scenarios::language
