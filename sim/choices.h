#pragma once
// All chance comes through one door: every duration drawn, fault injected and tie broken is asked of
// `Choices`.

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/time.h"

namespace sim {

/// What is asked: of which entity (a hash of its name), for which purpose, and the how-manyth time. Answers
/// depend on nothing else, so that adding one entity does not disturb the luck of another.
struct ChoiceKey {
  std::uint64_t entity = 0;
  std::uint32_t purpose = 0;
  std::uint32_t occurrence = 0;
  friend auto operator<=>(const ChoiceKey&, const ChoiceKey&) = default;
};

/// The one door. Implementations differ only in where an answer comes from.
class Choices {
  friend class RecordingChoices;
  friend class ScriptedChoices;

 public:
  Choices() = default;
  Choices(const Choices&) = default;
  Choices& operator=(const Choices&) = default;
  virtual ~Choices() = default;

  /// A duration of `distribution`, which maps 64 uniform bits to a duration by `quantile`.
  template <class Distribution>
  Duration duration(const ChoiceKey& key, const Distribution& distribution) {
    if (distribution.is_fixed()) {
      return distribution.nominal();
    }
    const std::optional<std::int64_t> dictated = dictate(key);
    const Duration answer = dictated ? Duration{*dictated} : distribution.quantile(draw(key));
    note(key, answer.count());
    return answer;
  }

  /// One of 0 … n-1, each as likely. REQUIRES: n > 0.
  std::uint32_t pick(const ChoiceKey& key, std::uint32_t n);

 protected:
  /// 64 uniform bits for `key`.
  virtual std::uint64_t draw(const ChoiceKey& key) = 0;
  /// The answer itself, where it was settled before.
  virtual std::optional<std::int64_t> dictate(const ChoiceKey&) { return std::nullopt; }
  /// The alternative itself, where the implementation goes through them all.
  virtual std::optional<std::int64_t> dictate_pick(std::uint32_t) { return std::nullopt; }
  /// Told every answer.
  virtual void note(const ChoiceKey&, std::int64_t) {}
};

/// Answers drawn from a counter-based generator (Philox 4x32, Random123) keyed by (seed, entity, purpose,
/// occurrence): no state, so the order of questions does not matter.
class SeededChoices : public Choices {
 public:
  explicit SeededChoices(std::uint64_t seed) : seed_(seed) {}

 protected:
  std::uint64_t draw(const ChoiceKey& key) override;

 private:
  std::uint64_t seed_;
};

/// The middle of everything: medians, and the first of equals. What the explorer runs on.
class NominalChoices : public Choices {
 protected:
  std::uint64_t draw(const ChoiceKey&) override { return std::uint64_t{1} << 63U; }
};

/// One answer given in a run.
struct Choice {
  ChoiceKey key;
  std::int64_t answer = 0;
  friend bool operator==(const Choice&, const Choice&) = default;
};

/// Passes questions on to `from` and keeps the answers, in the order in which they were given.
class RecordingChoices : public Choices {
 public:
  explicit RecordingChoices(Choices& from) : from_(from) {}
  [[nodiscard]] const std::vector<Choice>& answers() const { return answers_; }

 protected:
  std::uint64_t draw(const ChoiceKey& key) override;
  std::optional<std::int64_t> dictate(const ChoiceKey& key) override;
  std::optional<std::int64_t> dictate_pick(std::uint32_t n) override { return from_.dictate_pick(n); }
  void note(const ChoiceKey& key, std::int64_t answer) override { answers_.push_back({key, answer}); }

 private:
  Choices& from_;
  std::vector<Choice> answers_;
};

/// Answers dictated by a list (a saved run, a recording); what it does not settle is asked of `otherwise`.
class ScriptedChoices : public Choices {
 public:
  ScriptedChoices(const std::vector<Choice>& script, Choices& otherwise);
  /// Questions that the script did not settle.
  [[nodiscard]] std::size_t unsettled() const { return unsettled_; }

 protected:
  std::uint64_t draw(const ChoiceKey& key) override;
  std::optional<std::int64_t> dictate(const ChoiceKey& key) override;

 private:
  std::map<ChoiceKey, std::int64_t> script_;
  Choices& otherwise_;
  std::size_t unsettled_ = 0;
};

/// Enumerates all combinations of the first picks: run until `advance` returns false. Durations stay nominal;
/// each `pick` of n alternatives is one digit of a counter whose digits are the questions in their order.
class EnumeratingChoices : public Choices {
 public:
  /// Goes on to the next combination; false when all were given.
  bool advance();
  [[nodiscard]] std::size_t combinations_so_far() const { return combinations_; }

 protected:
  std::uint64_t draw(const ChoiceKey&) override { return std::uint64_t{1} << 63U; }
  std::optional<std::int64_t> dictate_pick(std::uint32_t n) override;

 private:
  struct Digit {
    std::uint32_t value;
    std::uint32_t size;
  };
  std::vector<Digit> digits_;
  std::size_t position_ = 0;
  std::size_t combinations_ = 1;
};

}  // namespace sim
