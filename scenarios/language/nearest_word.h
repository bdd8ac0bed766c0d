#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace scenarios::language {

/// How many single-character edits (insert, delete, replace, swap of neighbours) turn `a` into `b`. Upper and
/// lower case count as equal: `Replicas` for `replicas` is the commonest slip in a camelCase vocabulary.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, or nothing when none is near enough to be what was meant. The first of
/// equally near candidates wins.
std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string> candidates);

/// `did you mean replicas? known here: replicas, partition`; without the question when nothing is near.
/// Empty when there are no candidates.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace scenarios::language
