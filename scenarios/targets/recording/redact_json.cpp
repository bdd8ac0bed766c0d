#include "scenarios/targets/recording/redact_json.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "scenarios/targets/recording/json_line.h"
#include "scenarios/targets/recording/redact_text.h"

namespace scenarios::targets {
namespace {

/// A longer string is not held in memory to be judged. An API server refuses objects above about 1.5 MiB
/// (etcd's
/// --max-request-bytes), so nothing that is one comes near.
constexpr std::size_t kStringMax = std::size_t{16} << 20U;
/// A value that never says its kind for so long is redacted.
constexpr std::size_t kHeldMax = std::size_t{32} << 20U;
/// Parts of a top-level value that is longer than this are given out before its end.
constexpr std::size_t kPartBytes = std::size_t{256} << 10U;
/// Brackets nest no deeper in any API object; deeper is an attack on the memory of the reader.
constexpr std::size_t kDepthMax = 1000;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_literal(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '+' || c == '.';
}

bool means_environment(std::string_view key) {
  return key == "env" || key == "Env" || key == "environment" || key == "Environment";
}

}  // namespace

JsonRedactor::JsonRedactor(RedactionCounts& counts, JsonSettings settings)
    : counts_(counts), settings_(settings) {}

std::string JsonRedactor::feed(std::string_view bytes) {
  input_.append(bytes);
  if (malformed_) {
    return {};
  }
  while (step()) {
  }
  if (!malformed_) {
    input_.erase(0, at_);
    at_ = 0;
  }
  if (output_.size() > kHeldMax && !held_.empty()) {
    while (!held_.empty()) {
      decide(held_.front().owner, held_.front().why, true);
    }
  }
  return release(malformed_);
}

std::string JsonRedactor::finish() {
  finishing_ = true;
  while (!malformed_ && step()) {
  }
  if (!malformed_ && at_ < input_.size()) {
    // Only a string can be incomplete here; its beginning may be the beginning of a secret.
    put_redacted({}, RedactionRule::Unreadable);
    at_ = input_.size();
  }
  while (!held_.empty()) {
    decide(held_.front().owner, held_.front().why, true);
  }
  // An incomplete text inside of another one is not JSON: whoever asked judges it as text.
  if (!frames_.empty() && !malformed_) {
    malformed_ = settings_.depth > 0;
  }
  return release(true);
}

std::string JsonRedactor::take_rest() {
  std::string rest = input_.substr(at_);
  input_.clear();
  at_ = 0;
  return rest;
}

bool JsonRedactor::stop() {
  malformed_ = true;
  malformed_inside_ = !frames_.empty();
  while (!held_.empty()) {
    decide(held_.front().owner, held_.front().why, true);
  }
  return false;
}

std::string JsonRedactor::release(bool all) {
  std::size_t size = whole_;
  if (all || output_.size() > kPartBytes) {
    size = held_.empty() ? output_.size() : held_.front().begin;
  }
  std::string out = output_.substr(0, size);
  output_.erase(0, size);
  whole_ -= std::min(whole_, size);
  for (Held& held : held_) {
    held.begin -= size;
    held.end -= size;
  }
  return out;
}

/// Reads one token; false when there is none that is complete.
bool JsonRedactor::step() {
  const std::size_t begin = at_;
  while (at_ < input_.size() && is_space(input_[at_])) {
    ++at_;
  }
  output_.append(input_, begin, at_ - begin);
  if (frames_.empty()) {
    whole_ = output_.size();
  }
  if (at_ >= input_.size()) {
    return false;
  }
  const char c = input_[at_];
  const bool value_may_come = expect_ == Expect::Value || expect_ == Expect::FirstElement;
  switch (c) {
    case '{':
    case '[':
      if (!value_may_come || frames_.size() >= kDepthMax) {
        return stop();
      }
      output_.push_back(c);
      ++at_;
      open(c == '[');
      return true;
    case '}':
    case ']':
      return close(c);
    case ':':
    case ',':
      if (expect_ != (c == ':' ? Expect::Colon : Expect::Separator)) {
        return stop();
      }
      expect_ = c == ':' || frames_.back().array ? Expect::Value : Expect::Key;
      output_.push_back(c);
      ++at_;
      return true;
    case '"':
      if (frames_.empty() || expect_ == Expect::Colon || expect_ == Expect::Separator) {
        return stop();
      }
      return read_string();
    default:
      return frames_.empty() || !value_may_come ? stop() : read_literal();
  }
}

bool JsonRedactor::read_string() {
  std::size_t end = std::max(at_ + 1, at_ + searched_);
  while (end < input_.size() && input_[end] != '"') {
    if (static_cast<unsigned char>(input_[end]) < 0x20) {
      searched_ = 0;
      return stop();
    }
    end += input_[end] == '\\' ? 2 : 1;
  }
  if (end >= input_.size()) {
    searched_ = end - at_;
    return input_.size() - at_ > kStringMax ? stop() : false;
  }
  searched_ = 0;
  const std::string_view token = std::string_view(input_).substr(at_, end + 1 - at_);
  at_ = end + 1;
  if (expect_ == Expect::FirstKey || expect_ == Expect::Key) {
    output_.append(token);
    key_read(token.substr(1, token.size() - 2));
    expect_ = Expect::Colon;
  } else {
    scalar(token, true);
    after_value();
  }
  return true;
}

bool JsonRedactor::read_literal() {
  std::size_t end = at_;
  while (end < input_.size() && is_literal(input_[end])) {
    ++end;
  }
  if (end == input_.size() && !finishing_ && end - at_ < 64) {
    return false;
  }
  const std::string_view token = std::string_view(input_).substr(at_, end - at_);
  if (!literal_is_valid(token)) {
    return stop();
  }
  at_ = end;
  scalar(token, false);
  after_value();
  return true;
}

bool JsonRedactor::literal_is_valid(std::string_view literal) const {
  return literal == "true" || literal == "false" || literal == "null" ||
         (!literal.empty() && literal.size() < 64 &&
          (literal.front() == '-' || std::isdigit(static_cast<unsigned char>(literal.front())) != 0) &&
          literal.find_first_not_of("0123456789+-.eE") == std::string_view::npos);
}

void JsonRedactor::open(bool array) {
  Frame frame;
  frame.array = array;
  if (!frames_.empty()) {
    Frame& parent = frames_.back();
    parent.follows_secret_flag = false;
    const std::string& key = parent.key;
    frame.below = parent.below;
    frame.owner = parent.owner;
    if (array) {
      frame.key = key;
    }
    if (frame.below == Below::Nothing && !parent.array) {
      if (!array && means_environment(key)) {
        frame.below = Below::Environment;
      } else if (names_secrets_below(key)) {
        frame.below = Below::Named;
      } else if (key == "data" || key == "stringData") {
        frame.below = Below::Data;
        frame.owner = frames_.size() - 1;
      } else if (key == "value" && frames_.size() <= 2) {
        frame.below = Below::Patch;
        frame.owner = frames_.size() - 1;
      }
    }
    frame.in_environment = !array && parent.array && means_environment(parent.key);
    if (parent.kind == Kind::SecretList && array) {
      frame.kind = Kind::SecretList;
    } else if (parent.kind == Kind::SecretList && parent.array) {
      frame.kind = Kind::Secret;
    }
  }
  frames_.push_back(std::move(frame));
  expect_ = array ? Expect::FirstElement : Expect::FirstKey;
}

bool JsonRedactor::close(char bracket) {
  if (frames_.empty() || frames_.back().array != (bracket == ']')) {
    return stop();
  }
  const Expect first = frames_.back().array ? Expect::FirstElement : Expect::FirstKey;
  if (expect_ != Expect::Separator && expect_ != first) {
    return stop();
  }
  const std::size_t index = frames_.size() - 1;
  const Frame& frame = frames_.back();
  if (!held_.empty()) {
    const bool unnamed = frame.kind == Kind::Unknown && (frame.has_metadata || settings_.secret_root);
    decide(index, Below::Data, frame.kind == Kind::Secret || unnamed);
    decide(index, Below::Patch, patches_secret(frame));
  }
  output_.push_back(bracket);
  ++at_;
  frames_.pop_back();
  after_value();
  return true;
}

void JsonRedactor::after_value() {
  if (frames_.empty()) {
    expect_ = Expect::Value;
    whole_ = output_.size();
  } else {
    expect_ = Expect::Separator;
  }
}

void JsonRedactor::key_read(std::string_view raw) {
  Frame& frame = frames_.back();
  if (raw.find('\\') == std::string_view::npos) {
    frame.key = raw;
  } else if (!json_unescape(raw, frame.key)) {
    frame.key = raw;
  }
  frame.has_metadata = frame.has_metadata || frame.key == "metadata";
}

/// The operation of a JSON patch changes a secret: a variable of an environment, a password, a Secret's data.
bool JsonRedactor::patches_secret(const Frame& frame) const {
  const std::string_view path = frame.patch_path;
  if (path.empty()) {
    return false;
  }
  const std::string_view last = path.substr(path.rfind('/') + 1);
  const bool data = path.starts_with("/data") || path.starts_with("/stringData");
  return names_secret(last) || path.find("/env/") != std::string_view::npos || path.ends_with("/env") ||
         (data && settings_.secret_root);
}

/// A value just read that tells what the other values of its object mean.
void JsonRedactor::notice(Frame& frame, std::string_view value) {
  const std::size_t index = frames_.size() - 1;
  if (frame.key == "kind" && frame.kind != Kind::Secret) {
    frame.kind = value == "Secret" ? Kind::Secret : value == "SecretList" ? Kind::SecretList : Kind::Other;
    decide(index, Below::Data, frame.kind == Kind::Secret);
  } else if (frame.key == "path" && value.starts_with('/')) {
    frame.patch_path = value;
    if (patches_secret(frame)) {
      decide(index, Below::Patch, true);
    }
  }
}

void JsonRedactor::scalar(std::string_view token, bool is_string) {
  Frame& frame = frames_.back();
  const bool is_word = !is_string && (token == "true" || token == "false" || token == "null");
  if (is_word || token == "\"\"") {
    frame.follows_secret_flag = false;
    output_.append(token);
    return;
  }
  const std::string& key = frame.key;
  const bool own_data =
      !frame.array && (key == "data" || key == "stringData") && frame.below == Below::Nothing;
  const bool own_patch =
      !frame.array && key == "value" && frames_.size() <= 2 && frame.below == Below::Nothing;
  if (frame.below == Below::Environment || (frame.in_environment && key == "value") ||
      (frame.array && is_string && means_environment(key))) {
    put_redacted(token, RedactionRule::Environment);
  } else if (frame.below == Below::Named || names_secret(key)) {
    put_redacted(token, RedactionRule::NamedKey);
  } else if (frame.follows_secret_flag && is_string) {
    put_redacted(token, RedactionRule::Argument);
  } else if (frame.below == Below::Data || frame.below == Below::Patch) {
    hold(token, frame.owner, frame.below);
  } else if (own_data) {
    hold(token, frames_.size() - 1, Below::Data);
  } else if (own_patch && frame.patch_path.empty()) {
    hold(token, frames_.size() - 1, Below::Patch);
  } else if (own_patch && patches_secret(frame)) {
    put_redacted(token, RedactionRule::NamedKey);
  } else if (is_string) {
    string_value(token.substr(1, token.size() - 2));
  } else {
    output_.append(token);
  }
  const std::string_view text = is_string ? token.substr(1, token.size() - 2) : token;
  frame.follows_secret_flag = frame.array && is_string && is_secret_flag(text);
}

void JsonRedactor::string_value(std::string_view raw) {
  Frame& frame = frames_.back();
  output_.push_back('"');
  std::string redacted;
  const TextSettings settings{.depth = settings_.depth};
  if (raw.find('\\') == std::string_view::npos) {
    if (redact_text_into(raw, counts_, redacted, settings)) {
      output_.append(redacted);
    } else {
      output_.append(raw);
    }
    output_.push_back('"');
    if (!frame.array) {
      notice(frame, raw);
    }
    return;
  }
  std::string text;
  if (!json_unescape(raw, text)) {
    counts_.add(RedactionRule::Unreadable);
    output_.append(kRedacted);
  } else if (redact_text_into(text, counts_, redacted, settings)) {
    output_.append(json_escape(redacted));
  } else {
    output_.append(raw);
  }
  output_.push_back('"');
  if (!frame.array) {
    notice(frame, text);
  }
}

void JsonRedactor::hold(std::string_view token, std::size_t owner, Below why) {
  const Frame& frame = frames_.at(owner);
  const bool is_secret = why == Below::Data ? frame.kind == Kind::Secret : patches_secret(frame);
  if (is_secret) {
    put_redacted(token, why == Below::Data ? RedactionRule::SecretObject : RedactionRule::NamedKey);
    return;
  }
  const bool is_string = token.front() == '"';
  const std::size_t begin = output_.size();
  if (is_string) {
    // Whatever the kind turns out to be, tokens and passwords in the text are none of its business.
    string_value(token.substr(1, token.size() - 2));
  } else {
    output_.append(token);
  }
  if (why == Below::Patch ? frame.patch_path.empty() : frame.kind == Kind::Unknown) {
    held_.push_back({begin, output_.size(), owner, why});
  }
}

/// Redacts or lets go what is held for this owner.
void JsonRedactor::decide(std::size_t owner, Below why, bool secret) {
  const auto concerned = [&](const Held& held) { return held.owner == owner && held.why == why; };
  if (std::none_of(held_.begin(), held_.end(), concerned)) {
    return;
  }
  if (!secret) {
    std::erase_if(held_, concerned);
    return;
  }
  std::string rebuilt;
  std::vector<Held> left;
  std::size_t copied = 0;
  const std::string placeholder = '"' + std::string(kRedacted) + '"';
  for (const Held& held : held_) {
    rebuilt.append(output_, copied, held.begin - copied);
    copied = held.end;
    const std::size_t begin = rebuilt.size();
    if (concerned(held)) {
      if (output_.compare(held.begin, held.end - held.begin, placeholder) != 0) {
        counts_.add(why == Below::Data ? RedactionRule::SecretObject : RedactionRule::NamedKey);
      }
      rebuilt.append(placeholder);
    } else {
      rebuilt.append(output_, held.begin, held.end - held.begin);
      left.push_back({begin, rebuilt.size(), held.owner, held.why});
    }
  }
  rebuilt.append(output_, copied);
  output_ = std::move(rebuilt);
  held_ = std::move(left);
}

void JsonRedactor::put_redacted(std::string_view token, RedactionRule rule) {
  output_.push_back('"');
  output_.append(kRedacted);
  if (token.empty() || token.substr(1, token.size() - 2) != kRedacted) {
    counts_.add(rule);
  }
  if (!token.empty()) {
    output_.push_back('"');
  }
}

bool json_unescape(std::string_view raw, std::string& text) {
  simdjson::padded_string quoted(raw.size() + 2);
  quoted.data()[0] = '"';
  std::copy(raw.begin(), raw.end(), quoted.data() + 1);
  quoted.data()[raw.size() + 1] = '"';
  simdjson::dom::parser parser;
  std::string_view value;
  if (parser.parse(quoted).get_string().get(value) != simdjson::SUCCESS) {
    return false;
  }
  text = value;
  return true;
}

std::string json_escape(std::string_view text) {
  std::string escaped;
  append_escaped(escaped, text);
  return escaped;
}

}  // namespace scenarios::targets
