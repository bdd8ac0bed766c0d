#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/time.h"

namespace models::timing {

/// Where a number comes from.
enum class ProvenanceKind : std::uint8_t {
  source,    ///< read in the code or documentation of the real system; the text says where
  measured,  ///< measured; the text says on what
  fitted,    ///< fitted to recordings; the text says to how many
  assumed,   ///< nobody measured it; reported with every verdict that used it
};

std::string_view to_text(ProvenanceKind kind);
/// The kind of that name ("source", "measured", "fitted", "assumed").
std::optional<ProvenanceKind> provenance_kind(std::string_view name);

struct Provenance {
  ProvenanceKind kind = ProvenanceKind::assumed;
  std::string text;  ///< one sentence without a full stop; may be empty
  friend bool operator==(const Provenance&, const Provenance&) = default;
};

/// "assumed", "source: wait.sh, the worker loop".
std::string to_text(const Provenance& provenance);

/// A duration as people write it, exactly: "0s", "250ms", "1m30s", "1h", "2.5s", "30h", "-4s".
std::string duration_text(sim::Duration duration);

class Distribution;

/// A distribution, or the reason why there is none.
class DistributionResult {
 public:
  DistributionResult(Distribution distribution);  // NOLINT: a plain distribution is a result
  static DistributionResult refused(std::string problem);

  explicit operator bool() const { return distribution_ != nullptr; }
  /// REQUIRES: there is one.
  [[nodiscard]] const Distribution& value() const;
  /// What is wrong, with the values that were given; empty if nothing is.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  DistributionResult() = default;
  std::shared_ptr<const Distribution> distribution_;
  std::string problem_;
};

/// A duration that varies. A value: copies share what is large.
///
/// `quantile` is a pure function on integers and IEEE doubles without library functions whose last bit is
/// open: the same bits in give the same nanoseconds out, whatever compiler, optimisation or machine.
class Distribution {
 public:
  /// Always nothing, assumed.
  Distribution();

  /// Always `duration`. REQUIRES: it is not negative.
  static Distribution fixed(sim::Duration duration, Provenance provenance = {});

  /// Every nanosecond from `shortest` to `longest` alike. Refused: negative or reversed limits.
  static DistributionResult uniform(sim::Duration shortest, sim::Duration longest,
                                    Provenance provenance = {});

  /// The log-normal distribution through both points; p50 = p95 is fixed. Refused: p95 below p50, a negative
  /// duration, p50 zero with a p95 above it. A draw beyond a hundred years counts as a hundred years.
  static DistributionResult percentiles(sim::Duration p50, sim::Duration p95, Provenance provenance = {});

  /// One of `samples`, each alike, in any order. Refused: none, or a negative one.
  static DistributionResult empirical(std::vector<sim::Duration> samples, Provenance provenance = {});

  /// The duration at (u + 1/2) / 2^64 of the distribution; never falls as u grows.
  [[nodiscard]] sim::Duration quantile(std::uint64_t u) const;

  /// The median (of an even number of samples the upper of the middle two): quantile(2^63).
  [[nodiscard]] sim::Duration nominal() const;

  /// Whether every draw gives the same.
  [[nodiscard]] bool is_fixed() const;

  [[nodiscard]] const Provenance& provenance() const { return *provenance_; }
  /// The same distribution from elsewhere.
  [[nodiscard]] Distribution with_provenance(Provenance provenance) const;

  /// "20s", "1s to 3s", "p50 20s, p95 45s", "5 samples, 1s to 9s, median 3s".
  [[nodiscard]] std::string to_text() const;

  /// The same numbers and the same provenance.
  friend bool operator==(const Distribution& a, const Distribution& b);
  /// The same numbers, wherever they come from.
  [[nodiscard]] bool same_durations(const Distribution& other) const;

 private:
  enum class Shape : std::uint8_t { fixed, uniform, percentiles, empirical };
  using Samples = std::vector<sim::Duration>;

  Distribution(Shape shape, sim::Duration a, sim::Duration b, Provenance provenance);

  Shape shape_ = Shape::fixed;
  sim::Duration a_{};   // fixed: the duration; uniform: the shortest; percentiles: p50
  sim::Duration b_{};   // uniform: the longest; percentiles: p95
  double sigma_ = 0.0;  // percentiles: the standard deviation of the logarithm; follows from a_ and b_
  std::shared_ptr<const Samples> samples_;  // empirical: sorted
  std::shared_ptr<const Provenance> provenance_;
};

std::ostream& operator<<(std::ostream& os, const Distribution& distribution);

}  // namespace models::timing
