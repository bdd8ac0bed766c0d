#include "scenarios/targets/recording/redact_yaml.h"

#include <algorithm>
#include <cctype>

#include "scenarios/targets/recording/line_buffer.h"
#include "scenarios/targets/recording/redact_text.h"

namespace scenarios::targets {
namespace {

/// A mapping whose kind does not come for so long is redacted.
constexpr std::size_t kWaitingMax = std::size_t{16} << 20U;
constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

std::string_view without_quotes(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\n')) {
    text.remove_suffix(1);
  }
  return text;
}

bool means_environment(std::string_view key) {
  return key == "env" || key == "environment" || key == "Environment";
}

/// A value that can hold no secret.
bool is_harmless(std::string_view value) {
  return value == "true" || value == "false" || value == "null" || value == "~" || value == "{}" ||
         value == "[]" || value == "\"\"" || value == "''" || value == "<none>" ||
         without_quotes(value) == kRedacted;
}

/// Where the key of `text` ends, which is where its colon stands; npos when it starts with no key.
std::size_t end_of_key(std::string_view text) {
  if (text.empty()) {
    return std::string_view::npos;
  }
  if (text.front() == '"' || text.front() == '\'') {
    const std::size_t close = text.find(text.front(), 1);
    const bool colon = close != std::string_view::npos && close + 1 < text.size() && text[close + 1] == ':';
    return colon ? close + 1 : std::string_view::npos;
  }
  if (text.front() == '{' || text.front() == '[' || text.front() == '#') {
    return std::string_view::npos;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool behind = at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\t';
    if (text[at] == ':' && behind) {
      return at;
    }
    if (text[at] == '#' && at > 0 && text[at - 1] == ' ') {
      break;
    }
  }
  return std::string_view::npos;
}

}  // namespace

YamlRedactor::YamlRedactor(RedactionCounts& counts) : counts_(counts) {}

std::string YamlRedactor::feed(std::string_view bytes) {
  for_each_line(input_, bytes, too_long_, counts_, [this](std::string_view text) { line(text); });
  return release();
}

std::string YamlRedactor::finish() {
  if (!input_.empty()) {
    const std::string rest = std::move(input_);
    input_.clear();
    line(rest);
  }
  leave_levels(0);
  return release();
}

std::string YamlRedactor::release() {
  if (waiting_bytes_ > kWaitingMax && !waiting_.empty()) {
    decide(waiting_.front().owner, true);
  }
  std::string out;
  while (!waiting_.empty() && waiting_.front().owner == 0) {
    waiting_bytes_ -= waiting_.front().text.size();
    out += waiting_.front().text;
    waiting_.pop_front();
  }
  return out;
}

YamlRedactor::Line YamlRedactor::parse(std::string_view text) {
  Line line;
  line.all = text;
  std::size_t at = 0;
  while (at < text.size() && text[at] == ' ') {
    ++at;
  }
  line.indent = at;
  while (at + 1 < text.size() && text[at] == '-' && (text[at + 1] == ' ' || text[at + 1] == '\n')) {
    line.dashed = true;
    ++at;
    while (at < text.size() && text[at] == ' ') {
      ++at;
    }
  }
  line.column = at;
  const std::string_view content = trimmed(text.substr(at));
  const std::size_t colon = end_of_key(content);
  line.has_key = colon != std::string_view::npos;
  line.value = line.has_key ? at + colon + 1 : at;
  if (line.has_key) {
    line.key = without_quotes(content.substr(0, colon));
  }
  while (line.value < text.size() && (text[line.value] == ' ' || text[line.value] == '\t')) {
    ++line.value;
  }
  if (line.value >= at + content.size()) {
    line.value = text.size();
  }
  return line;
}

/// The line without the secrets of its text; empty for the lines of a private key.
std::string YamlRedactor::judged(std::string_view text) {
  if (in_private_key_) {
    in_private_key_ = text.find("-----END ") == std::string_view::npos;
    return in_private_key_ ? "" : std::string(text);
  }
  constexpr std::string_view kTitle = "PRIVATE KEY-----";
  const std::size_t title = text.find(kTitle);
  if (title == std::string_view::npos || text.find("-----BEGIN ") > title ||
      text.find("-----END ") != std::string_view::npos) {
    return redacted_text(text, counts_);
  }
  in_private_key_ = true;
  counts_.add(RedactionRule::PrivateKey);
  std::string begin(text.substr(0, title + kTitle.size()));
  begin += '\n';
  begin.append(text.find_first_not_of(' '), ' ');
  begin += kRedacted;
  begin += '\n';
  return begin;
}

void YamlRedactor::put(std::string_view text) { put_waiting({judged(text), {}, 0, false}); }

void YamlRedactor::put_waiting(Waiting waiting) {
  if (waiting.text.empty()) {
    return;
  }
  waiting_bytes_ += waiting.text.size();
  waiting_.push_back(std::move(waiting));
}

/// The line with its value replaced; a comment behind the value goes with it.
std::string YamlRedactor::with_placeholder(const Line& line) const {
  std::string text(line.all.substr(0, line.value));
  text += '"';
  text += kRedacted;
  text += '"';
  if (line.all.ends_with('\n')) {
    text += '\n';
  }
  return text;
}

void YamlRedactor::put_redacted_value(const Line& line, RedactionRule rule) {
  swallowing_ = true;
  swallow_column_ = line.has_key ? line.column : line.indent;
  swallow_owner_ = 0;
  if (is_harmless(trimmed(line.all.substr(line.value)))) {
    put(line.all);
    return;
  }
  counts_.add(rule);
  put_waiting({with_placeholder(line), {}, 0, false});
}

/// Lines that belong to a scalar which was redacted (or would be, if its mapping turns out to be a Secret).
bool YamlRedactor::swallow(const Line& line) {
  const bool blank = trimmed(line.all).size() <= line.indent;
  if (!swallowing_) {
    return false;
  }
  if (!blank && line.indent <= swallow_column_) {
    swallowing_ = false;
    return false;
  }
  if (swallow_owner_ == 0) {
    return !blank;
  }
  put_waiting({judged(line.all), {}, swallow_owner_, true});
  return true;
}

/// Ends the mappings that this line does not belong to, and begins those that it opens.
void YamlRedactor::enter_levels(const Line& line) {
  // An item of a sequence begins a new mapping, even where the last one had the same column.
  leave_levels(line.dashed ? line.indent + 1 : line.column + 1);
  if (line.has_key && (levels_.empty() || levels_.back().column < line.column)) {
    levels_.push_back({line.column, Kind::Unknown, ++last_id_});
  }
}

void YamlRedactor::leave_levels(std::size_t column) {
  while (!levels_.empty() && levels_.back().column >= column) {
    const Level level = levels_.back();
    levels_.pop_back();
    // Whatever has no kind is not a manifest that a program would accept; what it is, nobody can say.
    decide(level.id, level.kind != Kind::Other);
  }
}

void YamlRedactor::decide(std::size_t owner, bool secret) {
  if (owner == 0) {
    return;
  }
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    if (waiting->owner != owner) {
      ++waiting;
      continue;
    }
    waiting->owner = 0;
    if (secret && waiting->secret_differs) {
      waiting_bytes_ -= waiting->text.size();
      waiting->text = std::move(waiting->redacted);
      waiting_bytes_ += waiting->text.size();
      if (!waiting->text.empty()) {
        counts_.add(RedactionRule::SecretObject);
      }
    }
    waiting = waiting->text.empty() ? waiting_.erase(waiting) : waiting + 1;
  }
  if (region_ == Region::Data && region_owner_ == owner) {
    if (secret) {
      region_owner_ = 0;
    } else {
      region_ = Region::None;
    }
  }
  if (swallow_owner_ == owner) {
    swallowing_ = swallowing_ && secret;
    swallow_owner_ = 0;
  }
}

/// Handles a line inside a region whose scalars are secret; false when the line is not (or no longer) in one.
bool YamlRedactor::in_region(const Line& line) {
  if (region_ == Region::None) {
    return false;
  }
  const bool item_beside_key = line.dashed && line.indent == region_column_ &&
                               (region_ == Region::EnvironmentList || region_ == Region::Secrets);
  if (line.indent <= region_column_ && !item_beside_key) {
    region_ = Region::None;
    return false;
  }
  if (region_ == Region::EnvironmentList) {
    const bool first = region_child_ == 0;
    region_child_ = 1;
    if (first && !line.dashed) {
      region_ = Region::EnvironmentMap;
    } else if ((line.has_key && line.key == "value") || (!line.has_key && line.dashed)) {
      put_redacted_value(line, RedactionRule::Environment);
      return true;
    } else {
      return false;
    }
  }
  const bool has_value = line.value < line.all.size();
  if (region_ != Region::Data || region_owner_ == 0) {
    if (!has_value) {
      return false;
    }
    const RedactionRule rule = region_ == Region::Data      ? RedactionRule::SecretObject
                               : region_ == Region::Secrets ? RedactionRule::NamedKey
                                                            : RedactionRule::Environment;
    put_redacted_value(line, rule);
    return true;
  }
  if (!has_value) {
    return false;
  }
  const bool differs = !is_harmless(trimmed(line.all.substr(line.value)));
  put_waiting({judged(line.all), differs ? with_placeholder(line) : "", region_owner_, differs});
  swallowing_ = true;
  swallow_column_ = line.column;
  swallow_owner_ = region_owner_;
  return true;
}

void YamlRedactor::judge_kind(const Line& line) {
  Level& level = levels_.back();
  if (line.key != "kind" || level.column != line.column || level.kind == Kind::Secret) {
    return;
  }
  // A line without its end may be the beginning of another kind.
  const std::string_view kind = without_quotes(trimmed(line.all.substr(line.value)));
  if (kind.empty() || !line.all.ends_with('\n')) {
    return;
  }
  level.kind = kind == "Secret" ? Kind::Secret : Kind::Other;
  decide(level.id, level.kind == Kind::Secret);
}

void YamlRedactor::keyed(const Line& line) {
  judge_kind(line);
  const std::string_view value = trimmed(line.all.substr(line.value));
  const Level& level = levels_.back();
  const bool data = line.key == "data" || line.key == "stringData";
  if (data && level.kind != Kind::Other) {
    if (!value.empty() && !is_harmless(value)) {
      put_redacted_value(line, RedactionRule::SecretObject);
      return;
    }
    region_ = Region::Data;
    region_owner_ = level.kind == Kind::Secret ? 0 : level.id;
  } else if (means_environment(line.key)) {
    if (!value.empty() && !is_harmless(value)) {
      put_redacted_value(line, RedactionRule::Environment);
      return;
    }
    region_ = Region::EnvironmentList;
  } else if (names_secrets_below(line.key) && value.empty()) {
    region_ = Region::Secrets;
  } else {
    if (names_secret(line.key)) {
      scalar_below_ = value.empty();
      if (!value.empty() && value.front() != '{') {
        put_redacted_value(line, RedactionRule::NamedKey);
        return;
      }
    } else if (line.key == kLastApplied && !value.starts_with('|')) {
      put_redacted_value(line, RedactionRule::SecretObject);
      return;
    }
    put(line.all);
    return;
  }
  region_column_ = line.column;
  region_child_ = 0;
  put(line.all);
}

void YamlRedactor::unkeyed(const Line& line) {
  const std::string_view content = trimmed(line.all.substr(line.column));
  const bool redact = (scalar_below_ || (secret_flag_before_ && line.dashed)) && !content.empty();
  const bool by_flag = secret_flag_before_;
  secret_flag_before_ = line.dashed && is_secret_flag(without_quotes(content));
  if (redact && content != "---") {
    put_redacted_value(line, by_flag ? RedactionRule::Argument : RedactionRule::NamedKey);
    scalar_below_ = scalar_below_ && line.dashed;
    return;
  }
  put(line.all);
}

void YamlRedactor::line(std::string_view text) {
  if (text.starts_with("---") || text.starts_with("...")) {
    leave_levels(0);
    region_ = Region::None;
    swallowing_ = scalar_below_ = secret_flag_before_ = in_private_key_ = false;
  }
  const Line line = parse(text);
  if (swallow(line)) {
    return;
  }
  if (in_private_key_) {
    put(text);
    return;
  }
  if (trimmed(text).empty()) {
    put(text);
    return;
  }
  enter_levels(line);
  if (in_region(line)) {
    return;
  }
  if (line.has_key) {
    scalar_below_ = secret_flag_before_ = false;
    keyed(line);
  } else {
    unkeyed(line);
  }
}

}  // namespace scenarios::targets
