#include "models/timing/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>
#include <utility>

#include "models/timing/portable_math.h"
#include "sim/require.h"

namespace models::timing {
namespace {

using sim::Duration;
__extension__ using Wide = unsigned __int128;

/// The 95th percentile of the standard normal distribution.
constexpr double kZ95 = 1.6448536269514722;

/// Draws beyond this count as this, so that times can be added without overflow.
constexpr Duration kLongest = std::chrono::hours(24 * 365 * 100);

/// `u` as a fraction of 2^64, applied to `count` things: 0 … count-1.
std::uint64_t scaled(std::uint64_t u, std::uint64_t count) {
  return static_cast<std::uint64_t>((Wide{u} * Wide{count}) >> 64U);
}

constexpr std::array<std::string_view, 4> kProvenanceNames = {"source", "measured", "fitted", "assumed"};

/// "12.5" for 12 and 500 of 1,000.
std::string with_fraction(std::uint64_t whole, std::uint64_t rest, std::uint64_t unit) {
  if (rest == 0) {
    return fmt::format("{}", whole);
  }
  std::string digits;
  for (std::uint64_t place = unit / 10; rest > 0; place /= 10) {
    digits += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  return fmt::format("{}.{}", whole, digits);
}

}  // namespace

std::string_view to_text(ProvenanceKind kind) { return kProvenanceNames[static_cast<std::size_t>(kind)]; }

std::optional<ProvenanceKind> provenance_kind(std::string_view name) {
  const auto* found = std::find(kProvenanceNames.begin(), kProvenanceNames.end(), name);
  if (found == kProvenanceNames.end()) {
    return std::nullopt;
  }
  return static_cast<ProvenanceKind>(found - kProvenanceNames.begin());
}

std::string to_text(const Provenance& provenance) {
  return provenance.text.empty() ? std::string(to_text(provenance.kind))
                                 : fmt::format("{}: {}", to_text(provenance.kind), provenance.text);
}

std::string duration_text(Duration duration) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const bool negative = duration.count() < 0;
  const std::uint64_t ns = negative ? 0 - static_cast<std::uint64_t>(duration.count())
                                    : static_cast<std::uint64_t>(duration.count());
  std::string text = negative ? "-" : "";
  if (ns == 0) {
    return "0s";
  }
  if (ns < 1'000) {
    return text + fmt::format("{}ns", ns);
  }
  if (ns < 1'000'000) {
    return text + with_fraction(ns / 1'000, ns % 1'000, 1'000) + "us";
  }
  if (ns < kSecond) {
    return text + with_fraction(ns / 1'000'000, ns % 1'000'000, 1'000'000) + "ms";
  }
  const std::uint64_t seconds = ns / kSecond;
  if (seconds >= 3600) {
    text += fmt::format("{}h", seconds / 3600);
  }
  if (seconds / 60 % 60 != 0) {
    text += fmt::format("{}m", seconds / 60 % 60);
  }
  if (seconds % 60 != 0 || ns % kSecond != 0) {
    text += with_fraction(seconds % 60, ns % kSecond, kSecond) + "s";
  }
  return text;
}

DistributionResult::DistributionResult(Distribution distribution)
    : distribution_(std::make_shared<const Distribution>(std::move(distribution))) {}

DistributionResult DistributionResult::refused(std::string problem) {
  DistributionResult result;
  result.problem_ = std::move(problem);
  return result;
}

const Distribution& DistributionResult::value() const {
  sim::require(distribution_ != nullptr, "a refused distribution has no value");
  return *distribution_;
}

Distribution::Distribution() : Distribution(Shape::fixed, Duration::zero(), Duration::zero(), {}) {}

Distribution::Distribution(Shape shape, Duration a, Duration b, Provenance provenance)
    : shape_(shape), a_(a), b_(b), provenance_(std::make_shared<const Provenance>(std::move(provenance))) {}

Distribution Distribution::fixed(Duration duration, Provenance provenance) {
  sim::require(duration >= Duration::zero(), "a duration must not be negative");
  return {Shape::fixed, duration, duration, std::move(provenance)};
}

DistributionResult Distribution::uniform(Duration shortest, Duration longest, Provenance provenance) {
  if (shortest < Duration::zero()) {
    return DistributionResult::refused(
        fmt::format("the shortest duration is {}: it must not be negative", duration_text(shortest)));
  }
  if (longest < shortest) {
    return DistributionResult::refused(fmt::format("the longest duration {} is below the shortest {}",
                                                   duration_text(longest), duration_text(shortest)));
  }
  if (shortest == longest) {
    return fixed(shortest, std::move(provenance));
  }
  return Distribution(Shape::uniform, shortest, longest, std::move(provenance));
}

DistributionResult Distribution::percentiles(Duration p50, Duration p95, Provenance provenance) {
  if (p50 < Duration::zero()) {
    return DistributionResult::refused(fmt::format("p50 is {}: it must not be negative", duration_text(p50)));
  }
  if (p95 < p50) {
    return DistributionResult::refused(fmt::format("p95 is {}: it must not be below p50, which is {}",
                                                   duration_text(p95), duration_text(p50)));
  }
  if (p50 == p95) {
    return fixed(p50, std::move(provenance));
  }
  if (p50 == Duration::zero()) {
    return DistributionResult::refused(
        fmt::format("p50 is 0s while p95 is {}: p50 must be above 0s", duration_text(p95)));
  }
  Distribution result(Shape::percentiles, p50, p95, std::move(provenance));
  result.sigma_ = portable_log(static_cast<double>(p95.count()) / static_cast<double>(p50.count())) / kZ95;
  return result;
}

DistributionResult Distribution::empirical(std::vector<Duration> samples, Provenance provenance) {
  if (samples.empty()) {
    return DistributionResult::refused("there are no samples: at least one is needed");
  }
  std::sort(samples.begin(), samples.end());
  if (samples.front() < Duration::zero()) {
    return DistributionResult::refused(
        fmt::format("a sample is {}: it must not be negative", duration_text(samples.front())));
  }
  Distribution result(Shape::empirical, Duration::zero(), Duration::zero(), std::move(provenance));
  result.samples_ = std::make_shared<const Samples>(std::move(samples));
  return result;
}

Duration Distribution::quantile(std::uint64_t u) const {
  switch (shape_) {
    case Shape::fixed:
      return a_;
    case Shape::uniform: {
      const auto count = static_cast<std::uint64_t>((b_ - a_).count()) + 1;
      return a_ + Duration{static_cast<Duration::rep>(scaled(u, count))};
    }
    case Shape::percentiles: {
      const double draw = static_cast<double>(a_.count()) * portable_exp(normal_quantile(u) * sigma_);
      if (draw >= static_cast<double>(kLongest.count())) {
        return std::max(kLongest, a_);
      }
      return Duration{static_cast<Duration::rep>(std::floor(draw + 0.5))};
    }
    case Shape::empirical:
      return (*samples_)[scaled(u, samples_->size())];
  }
  sim::fail("an unknown shape of distribution");
}

Duration Distribution::nominal() const { return quantile(std::uint64_t{1} << 63U); }

bool Distribution::is_fixed() const {
  return shape_ == Shape::fixed || (shape_ == Shape::empirical && samples_->front() == samples_->back());
}

Distribution Distribution::with_provenance(Provenance provenance) const {
  Distribution result = *this;
  result.provenance_ = std::make_shared<const Provenance>(std::move(provenance));
  return result;
}

std::string Distribution::to_text() const {
  switch (shape_) {
    case Shape::fixed:
      return duration_text(a_);
    case Shape::uniform:
      return fmt::format("{} to {}", duration_text(a_), duration_text(b_));
    case Shape::percentiles:
      return fmt::format("p50 {}, p95 {}", duration_text(a_), duration_text(b_));
    case Shape::empirical:
      return fmt::format("{} sample{}, {} to {}, median {}", samples_->size(),
                         samples_->size() == 1 ? "" : "s", duration_text(samples_->front()),
                         duration_text(samples_->back()), duration_text(nominal()));
  }
  sim::fail("an unknown shape of distribution");
}

bool Distribution::same_durations(const Distribution& other) const {
  if (shape_ != other.shape_ || a_ != other.a_ || b_ != other.b_) {
    return false;
  }
  return shape_ != Shape::empirical || *samples_ == *other.samples_;
}

bool operator==(const Distribution& a, const Distribution& b) {
  return a.same_durations(b) && *a.provenance_ == *b.provenance_;
}

std::ostream& operator<<(std::ostream& os, const Distribution& distribution) {
  return os << distribution.to_text() << " (" << to_text(distribution.provenance()) << ")";
}

}  // namespace models::timing
