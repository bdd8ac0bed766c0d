#include "models/kubernetes/strings.h"

#include <algorithm>

#include "sim/hash.h"
#include "sim/require.h"

namespace models::kubernetes {

namespace {
const std::string kEmpty;
}

std::size_t Strings::Hash::operator()(std::string_view text) const { return sim::text_hash(text); }

Text Strings::find(std::string_view text) const {
  if (text.empty()) {
    return 0;
  }
  for (const std::shared_ptr<const Part>& part : {std::cref(shared_), std::cref(grown_)}) {
    if (part != nullptr) {
      if (const auto found = part->ids.find(text); found != part->ids.end()) {
        return found->second;
      }
    }
  }
  if (own_.empty()) {
    return 0;
  }
  const std::size_t hash = sim::text_hash(text);
  const auto own = std::find_if(own_.begin(), own_.end(),
                                [&](const Own& one) { return one.hash == hash && one.text == text; });
  return own == own_.end() ? 0
                           : static_cast<Text>(size_of(shared_) + size_of(grown_) +
                                               static_cast<std::size_t>(own - own_.begin()) + 1);
}

Text Strings::intern(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const Text known = find(text);
  if (known != 0) {
    return known;
  }
  // Many strings one by one would be searched linearly: fold them into a shared part from time to time.
  if (own_.size() >= 64) {
    freeze();
  }
  own_.push_back({sim::text_hash(text), std::string(text)});
  return static_cast<Text>(size_of(shared_) + size_of(grown_) + own_.size());
}

const std::string& Strings::operator[](Text id) const {
  if (id == 0) {
    return kEmpty;
  }
  std::size_t position = id - std::size_t{1};
  for (const std::shared_ptr<const Part>& part : {std::cref(shared_), std::cref(grown_)}) {
    if (position < size_of(part)) {
      return part->texts[position];
    }
    position -= size_of(part);
  }
  sim::require(position < own_.size(), "a text id of another world");
  return own_[position].text;
}

void Strings::freeze() {
  if (own_.empty()) {
    return;
  }
  // The first part holds what a snapshot names, which may be much: it is not copied for what comes later.
  const bool first = grown_ == nullptr && (shared_ == nullptr || shared_.use_count() == 1);
  move_own_to(first ? shared_ : grown_);
}

void Strings::move_own_to(std::shared_ptr<const Part>& part) {
  // A part that nobody else shares may grow in place.
  std::shared_ptr<Part> grown = part == nullptr         ? std::make_shared<Part>()
                                : part.use_count() == 1 ? std::const_pointer_cast<Part>(part)
                                                        : std::make_shared<Part>(*part);
  std::size_t id = size_of(shared_) + size_of(grown_);
  for (Own& one : own_) {
    grown->texts.push_back(one.text);
    grown->ids.emplace(std::move(one.text), static_cast<Text>(++id));
  }
  own_.clear();
  part = std::move(grown);
}

}  // namespace models::kubernetes
