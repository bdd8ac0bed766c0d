#include "sim/choices.h"

#include <Random123/philox.h>

#include "sim/require.h"

namespace sim {

std::uint32_t Choices::pick(const ChoiceKey& key, std::uint32_t n) {
  require(n > 0, "a pick among nothing");
  if (n == 1) {
    return 0;
  }
  std::optional<std::int64_t> settled = dictate_pick(n);
  if (!settled) {
    settled = dictate(key);
  }
  std::uint32_t answer = 0;
  if (settled) {
    // A script of another run may answer out of range; it is folded in rather than trusted.
    answer = static_cast<std::uint32_t>(static_cast<std::uint64_t>(*settled) % n);
  } else {
    answer = static_cast<std::uint32_t>(((draw(key) >> 32U) * n) >> 32U);
  }
  note(key, answer);
  return answer;
}

std::uint64_t SeededChoices::draw(const ChoiceKey& key) {
  using Generator = r123::Philox4x32;
  const Generator::ctr_type counter = {{static_cast<std::uint32_t>(key.entity),
                                        static_cast<std::uint32_t>(key.entity >> 32U), key.purpose,
                                        key.occurrence}};
  const Generator::key_type generator_key = {
      {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32U)}};
  const Generator::ctr_type bits = Generator{}(counter, generator_key);
  return (static_cast<std::uint64_t>(bits[0]) << 32U) | bits[1];
}

std::uint64_t RecordingChoices::draw(const ChoiceKey& key) { return from_.draw(key); }

std::optional<std::int64_t> RecordingChoices::dictate(const ChoiceKey& key) { return from_.dictate(key); }

ScriptedChoices::ScriptedChoices(const std::vector<Choice>& script, Choices& otherwise)
    : otherwise_(otherwise) {
  for (const Choice& choice : script) {
    script_.insert_or_assign(choice.key, choice.answer);
  }
}

std::uint64_t ScriptedChoices::draw(const ChoiceKey& key) {
  ++unsettled_;
  return otherwise_.draw(key);
}

std::optional<std::int64_t> ScriptedChoices::dictate(const ChoiceKey& key) {
  const auto found = script_.find(key);
  return found == script_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<std::int64_t> EnumeratingChoices::dictate_pick(std::uint32_t n) {
  if (position_ == digits_.size()) {
    digits_.push_back({0, n});
  }
  require(digits_[position_].size == n, "a run asked other questions after the same answers");
  return digits_[position_++].value;
}

bool EnumeratingChoices::advance() {
  digits_.resize(position_);
  position_ = 0;
  while (!digits_.empty()) {
    Digit& last = digits_.back();
    if (++last.value < last.size) {
      ++combinations_;
      return true;
    }
    digits_.pop_back();
  }
  return false;
}

}  // namespace sim
