#include "models/kubernetes/strings.h"

#include <algorithm>

#include "sim/require.h"

namespace models::kubernetes {

namespace {
const std::string kEmpty;
}

Text Strings::find(std::string_view text) const {
  if (text.empty()) {
    return 0;
  }
  if (shared_ != nullptr) {
    const auto found = shared_->ids.find(std::string(text));
    if (found != shared_->ids.end()) {
      return found->second;
    }
  }
  const auto own = std::find(own_.begin(), own_.end(), text);
  if (own == own_.end()) {
    return 0;
  }
  const std::size_t shared_size = shared_ == nullptr ? 0 : shared_->texts.size();
  return static_cast<Text>(shared_size + static_cast<std::size_t>(own - own_.begin()) + 1);
}

Text Strings::intern(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const Text known = find(text);
  if (known != 0) {
    return known;
  }
  // Many strings one by one would be searched linearly: fold them into the shared part from time to time.
  if (own_.size() >= 64) {
    freeze();
  }
  own_.emplace_back(text);
  return static_cast<Text>((shared_ == nullptr ? 0 : shared_->texts.size()) + own_.size());
}

const std::string& Strings::operator[](Text id) const {
  if (id == 0) {
    return kEmpty;
  }
  const std::size_t shared_size = shared_ == nullptr ? 0 : shared_->texts.size();
  sim::require(id <= shared_size + own_.size(), "a text id of another world");
  return id <= shared_size ? shared_->texts[id - 1] : own_[id - shared_size - 1];
}

void Strings::freeze() {
  if (own_.empty()) {
    return;
  }
  // A part that nobody else shares may grow in place.
  std::shared_ptr<Shared> shared = shared_ == nullptr         ? std::make_shared<Shared>()
                                   : shared_.use_count() == 1 ? std::const_pointer_cast<Shared>(shared_)
                                                              : std::make_shared<Shared>(*shared_);
  for (std::string& text : own_) {
    shared->texts.push_back(text);
    shared->ids.emplace(std::move(text), static_cast<Text>(shared->texts.size()));
  }
  own_.clear();
  shared_ = std::move(shared);
}

}  // namespace models::kubernetes
