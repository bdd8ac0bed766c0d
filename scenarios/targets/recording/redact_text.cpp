#include "scenarios/targets/recording/redact_text.h"

#include <algorithm>
#include <cctype>

#include "scenarios/targets/recording/redact_json.h"

namespace scenarios::targets {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
/// JSON in a string in JSON … deeper than this is redacted whole. Assumed: kubectl nests annotations once.
constexpr int kDepthMax = 4;
/// So many brackets that are never closed are followed to the end of a text, so that garbage takes linear
/// time.
constexpr int kUnclosedMax = 64;
/// Shorter runs after `eyJ` or `gAAAAA` are words, not tokens. Assumed.
constexpr std::size_t kEncodedTokenMin = 16;
constexpr std::size_t kFernetTokenMin = 40;
/// The shortest user part of a URL without password that is taken for a token. Assumed.
constexpr std::size_t kUrlTokenMin = 20;

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_word(char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; }
bool is_token(char c) { return is_word(c) || c == '+' || c == '/' || c == '=' || c == '~' || c == '%'; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
         });
}

/// One pass over a text. Each method that recognises something returns the offset behind it, or kNone.
class TextPass {
 public:
  TextPass(std::string_view text, RedactionCounts& counts, std::string& redacted, TextSettings settings)
      : text_(text), counts_(counts), redacted_(redacted), settings_(settings) {
    redacted_.clear();
  }

  bool run() {
    std::size_t at = 0;
    while (at < text_.size()) {
      const std::size_t behind = recognise(at);
      at = behind == kNone ? at + 1 : behind;
    }
    if (copied_ == 0 && !changed_) {
      return false;
    }
    redacted_.append(text_.substr(copied_));
    return changed_;
  }

 private:
  std::size_t recognise(std::size_t at) {
    const char c = text_[at];
    if (c == '\n') {
      short_password_ = assignments_ = secrets_ = false;
      previous_ = {};
      return kNone;
    }
    if (c == '{') {
      return json(at);
    }
    if (c == ':' && text_.substr(at).starts_with("://")) {
      return url(at + 3);
    }
    if (c == '-' && (at == 0 || !is_word(text_[at - 1]))) {
      return text_.substr(at).starts_with("-----BEGIN ") ? private_key(at) : flag(at);
    }
    if (is_alnum(c) || c == '_') {
      return word(at);
    }
    return kNone;
  }

  /// Replaces text_[begin, end) and goes on behind it. What is redacted already stays as it is.
  std::size_t replace(std::size_t begin, std::size_t end, RedactionRule rule,
                      std::string_view with = kRedacted) {
    const std::string_view old = text_.substr(begin, end - begin);
    if (old.empty() || old == with || old == kRedacted) {
      return end;
    }
    redacted_.append(text_.substr(copied_, begin - copied_));
    redacted_.append(with);
    copied_ = end;
    changed_ = true;
    counts_.add(rule);
    return end;
  }

  std::size_t skip(std::size_t at, bool (*wanted)(char)) const {
    while (at < text_.size() && wanted(text_[at])) {
      ++at;
    }
    return at;
  }
  std::size_t skip_blanks(std::size_t at) const {
    return skip(at, [](char c) { return c == ' ' || c == '\t'; });
  }
  char at_or_end(std::size_t at) const { return at < text_.size() ? text_[at] : '\n'; }

  std::size_t json(std::size_t at) {
    const std::size_t inside = skip(at + 1, [](char c) { return is_space(c) || c == '\\'; });
    if (at_or_end(inside) != '"' || text_[inside - 1] == '\\') {
      return kNone;
    }
    const std::size_t end = unclosed_ < kUnclosedMax ? end_of_json(text_, at) : kNone;
    if (end == kNone) {
      ++unclosed_;
      return unclosed_json(at);
    }
    const std::string_view value = text_.substr(at, end - at);
    if (settings_.depth >= kDepthMax) {
      return replace(at, end, RedactionRule::Unreadable, "{\"**redacted**\":\"**redacted**\"}");
    }
    RedactionCounts counts = counts_;
    JsonRedactor redactor(counts, {secrets_, settings_.depth + 1});
    std::string result = redactor.feed(value);
    result += redactor.finish();
    if (redactor.malformed()) {
      return kNone;
    }
    if (result != value) {
      counts_ = counts;
      redacted_.append(text_.substr(copied_, at - copied_));
      redacted_.append(result);
      copied_ = end;
      changed_ = true;
    }
    return end;
  }

  /// JSON that is cut: when it may be an object with secrets, the rest of its line goes.
  std::size_t unclosed_json(std::size_t at) {
    const std::size_t end = std::min(text_.find('\n', at), text_.size());
    const std::string_view rest = text_.substr(at, end - at);
    for (const std::string_view sign : {"\"Secret", "\"data\"", "\"stringData\"", "\"env"}) {
      if (rest.find(sign) != kNone) {
        return replace(at, end, RedactionRule::Unreadable);
      }
    }
    return kNone;
  }

  std::size_t url(std::size_t begin) {
    std::size_t end = begin;
    while (end < text_.size() && !is_space(text_[end]) && !is_quote(text_[end]) && text_[end] != '/' &&
           text_[end] != '\\' && text_[end] != '?' && text_[end] != '#') {
      ++end;
    }
    const std::size_t host = text_.substr(begin, end - begin).rfind('@');
    if (host == kNone) {
      return kNone;
    }
    const std::string_view user = text_.substr(begin, host);
    const std::size_t colon = user.find(':');
    if (colon != kNone) {
      return replace(begin + colon + 1, begin + host, RedactionRule::UrlPassword);
    }
    return user.size() >= kUrlTokenMin ? replace(begin, begin + host, RedactionRule::UrlPassword) : kNone;
  }

  std::size_t private_key(std::size_t at) {
    constexpr std::string_view kDashes = "-----";
    const std::size_t title = text_.find(kDashes, at + kDashes.size());
    if (title == kNone || text_.substr(at, title - at).find("PRIVATE KEY") == kNone) {
      return at + kDashes.size();
    }
    const std::size_t begin = title + kDashes.size();
    const std::size_t last = text_.find("-----END ", begin);
    return replace(begin, last == kNone ? text_.size() : last, RedactionRule::PrivateKey);
  }

  /// The end of a word as a shell reads it. `enclosing` is a quote that was opened before it, or 0. A quote
  /// that is never closed does not reach beyond its line.
  std::size_t shell_word_end(std::size_t begin, char enclosing) const {
    char quote = enclosing;
    for (std::size_t at = begin; at < text_.size(); ++at) {
      const char c = text_[at];
      if (quote != 0) {
        if (c == '\\' && quote == '"') {
          ++at;
        } else if (c == quote && enclosing != 0) {
          return at;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (is_space(c)) {
        return at;
      } else if (is_quote(c)) {
        if (at > begin && text_[at - 1] != '=' && ends_after(at + 1)) {
          return at;  // It closes a quote around the whole command.
        }
        quote = c;
      } else if (c == '\\') {
        ++at;
      }
    }
    return quote == 0 ? text_.size() : std::min(text_.find('\n', begin), text_.size());
  }

  std::size_t flag(std::size_t at) {
    const std::size_t dashes = skip(at, [](char c) { return c == '-'; });
    if (short_password_ && text_.substr(at).starts_with("-p") && dashes == at + 1) {
      return short_password(at + 2);
    }
    if (dashes != at + 2) {
      return dashes;
    }
    const std::size_t end = skip(dashes, is_word);
    const std::string_view name = text_.substr(at, end - at);
    const bool pair = is_secret_pair_flag(name);
    if (!pair && !is_secret_flag(name)) {
      return end;
    }
    const char enclosing = at > 0 && is_quote(text_[at - 1]) ? text_[at - 1] : '\0';
    std::size_t value = end;
    if (at_or_end(value) == '=') {
      ++value;
    } else if (at_or_end(value) == ' ' || at_or_end(value) == '\t') {
      value = skip_blanks(value);
      if (text_.substr(value).starts_with("--") || at_or_end(value) == '\n') {
        return value;
      }
    } else {
      return end;
    }
    if (enclosing != 0 && at_or_end(end) != '=') {
      return replace(value, skip(value, [](char c) { return !is_space(c) && !is_quote(c); }),
                     RedactionRule::Argument);
    }
    return flag_value(value, enclosing, pair);
  }

  std::size_t flag_value(std::size_t value, char enclosing, bool pair) {
    const std::size_t end = shell_word_end(value, enclosing);
    if (pair) {
      const std::size_t equals = text_.substr(value, end - value).find('=');
      if (equals == kNone) {
        return end;
      }
      value += equals + 1;
      // `'name=a b'`: the quote was opened before the name, so it is closed behind what is redacted.
      const char opened = is_quote(text_[value - equals - 1]) ? text_[value - equals - 1] : '\0';
      const bool closed = opened != 0 && end > value && text_[end - 1] == opened;
      replace(value, closed ? end - 1 : end, RedactionRule::Argument);
      return end;
    }
    return replace(value, end, RedactionRule::Argument);
  }

  std::size_t short_password(std::size_t value) {
    if (at_or_end(value) == ' ') {
      value = skip_blanks(value);
      if (text_.substr(value).starts_with("--")) {
        return value;
      }
    }
    return replace(value, shell_word_end(value, '\0'), RedactionRule::Argument);
  }

  std::size_t word(std::size_t at) {
    const std::size_t end = skip(at, is_word);
    const std::string_view word = text_.substr(at, end - at);
    if (const std::size_t behind = token(at, end); behind != kNone) {
      return behind;
    }
    const bool set_env = previous_ == "set" && word == "env";
    previous_ = word;
    if (set_env) {
      assignments_ = true;
    }
    short_password_ = short_password_ || takes_short_password(word);
    secrets_ = secrets_ || means_secrets(word);
    const std::size_t behind = assignment(at, end);
    return behind == kNone ? end : behind;
  }

  /// Bearer and encoded tokens.
  std::size_t token(std::size_t at, std::size_t end) {
    const std::string_view word = text_.substr(at, end - at);
    const bool bearer = equals_ignoring_case(word, "bearer");
    if (bearer || (word == "Basic" && at >= 2 && text_.substr(0, at).ends_with("uthorization: "))) {
      const std::size_t value = skip_blanks(end);
      const std::size_t behind =
          skip(value, [](char c) { return !is_space(c) && !is_quote(c) && c != '\\'; });
      const bool is_secret = value > end && behind > value && (!bearer || behind - value >= 6);
      return is_secret ? replace(value, behind, RedactionRule::BearerToken) : kNone;
    }
    for (const auto& [start, least] :
         {std::pair<std::string_view, std::size_t>{"eyJ", kEncodedTokenMin}, {"gAAAAA", kFernetTokenMin}}) {
      const std::size_t offset = word.find(start);
      if (offset != kNone) {
        const std::size_t behind = skip(at + offset, is_token);
        if (behind - at - offset >= least) {
          return replace(at + offset, behind, RedactionRule::EncodedToken);
        }
      }
    }
    return kNone;
  }

  /// `key=value`, `key: value`, `"key":"value"` (also with escaped quotes) and `| key | value |`.
  std::size_t assignment(std::size_t at, std::size_t end) {
    std::size_t quotes = skip(end, [](char c) { return c == '\\'; });
    const bool quoted = is_quote(at_or_end(quotes));
    std::size_t separator = skip_blanks(quoted ? quotes + 1 : end);
    const char kind = at_or_end(separator);
    if (kind != '=' && kind != ':' && kind != '|') {
      return kNone;
    }
    const std::string_view key = text_.substr(at, end - at);
    const bool environment = (settings_.all_assignments || assignments_) && kind == '=';
    if (!environment && !names_secret(key)) {
      return kNone;
    }
    std::size_t value = skip_blanks(separator + 1);
    if (at_or_end(value) == '\n' || at_or_end(value) == '\r') {
      return kNone;
    }
    const RedactionRule rule = environment ? RedactionRule::Environment : RedactionRule::NamedKey;
    if (kind == '|') {
      return table_cell(separator, value, rule);
    }
    if (kind == '=') {
      return at_or_end(value) == '=' ? kNone : equals_value(at, value, rule);
    }
    if (!quoted && value == separator + 1) {
      return kNone;  // `image:tag`, `host:port`
    }
    return colon_value(at, value, quoted, rule);
  }

  std::size_t table_cell(std::size_t separator, std::size_t value, RedactionRule rule) {
    const std::size_t line = std::min(text_.find('\n', separator), text_.size());
    std::size_t bar = text_.substr(0, line).rfind('|');
    if (bar == kNone || bar <= value) {
      return kNone;
    }
    while (bar > value && text_[bar - 1] == ' ') {
      --bar;
    }
    return replace(value, bar, rule);
  }

  /// A text in quotes that may be escaped themselves; kNone when none starts here.
  std::size_t quoted_value(std::size_t value, RedactionRule rule) {
    const std::size_t quote = skip(value, [](char c) { return c == '\\'; });
    if (!is_quote(at_or_end(quote))) {
      return kNone;
    }
    const std::string_view mark = text_.substr(value, quote + 1 - value);
    std::size_t end = quote + 1;
    for (; end < text_.size(); ++end) {
      if (text_.substr(end).starts_with(mark)) {
        break;
      }
      if (mark.size() == 1 && mark != "'" && text_[end] == '\\') {
        ++end;
      }
    }
    return replace(quote + 1, std::min(end, text_.size()), rule);
  }

  std::size_t equals_value(std::size_t key, std::size_t value, RedactionRule rule) {
    if (settings_.one_word &&
        std::none_of(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(key), is_space)) {
      std::size_t end = value;
      while (end < text_.size() &&
             !((text_[end] == ',' || text_[end] == '&') && starts_assignment(end + 1))) {
        ++end;
      }
      return replace(value, end, rule);
    }
    if (const std::size_t behind = quoted_value(value, rule); behind != kNone) {
      return behind;
    }
    const char before = key > 0 ? text_[key - 1] : '\0';
    const char enclosing = is_quote(before) ? before : '\0';
    std::size_t end = value;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (c == enclosing && enclosing != 0) {
        break;
      }
      if (enclosing == 0 && (is_space(c) || (is_quote(c) && ends_after(end + 1)))) {
        break;
      }
      if ((c == ',' || c == '&' || c == ';') && starts_assignment(end + 1)) {
        break;
      }
      if (c == '\n') {
        break;
      }
    }
    return replace(value, end, rule);
  }

  /// Whether a quote before `at` closes something, and is not part of a password.
  bool ends_after(std::size_t at) const {
    const char c = at_or_end(at);
    return is_space(c) || c == ',' || c == ';' || c == ')' || c == '}' || c == ']' || c == '\\' ||
           is_quote(c);
  }

  bool starts_assignment(std::size_t at) const {
    const std::size_t end = skip(at, [](char c) { return is_word(c) || c == '[' || c == ']'; });
    return end > at && at_or_end(end) == '=';
  }

  std::size_t colon_value(std::size_t key, std::size_t value, bool quoted, RedactionRule rule) {
    const std::size_t line_end = std::min(text_.find('\n', value), text_.size());
    std::size_t end = value;
    if (quoted || in_braces(key)) {
      if (const std::size_t behind = quoted_value(value, rule); behind != kNone) {
        return behind;
      }
      while (end < line_end && text_[end] != ',' && text_[end] != '}' && text_[end] != ']') {
        ++end;
      }
    } else if (starts_line(key)) {
      end = line_end;
    } else {
      if (const std::size_t behind = quoted_value(value, rule); behind != kNone) {
        return behind;
      }
      end = skip(value, [](char c) { return !is_space(c); });
    }
    while (end > value && is_space(text_[end - 1])) {
      --end;
    }
    const std::string_view old = text_.substr(value, end - value);
    for (const std::string_view harmless :
         {"true", "false", "null", "~", "|", "|-", ">", ">-", "\"**redacted**\""}) {
      if (old == harmless) {
        return end;
      }
    }
    if (old.starts_with('{') || old.starts_with('[')) {
      return kNone;
    }
    return replace(value, end, rule, "\"**redacted**\"");
  }

  bool starts_line(std::size_t key) const {
    while (key > 0 && (text_[key - 1] == ' ' || text_[key - 1] == '\t' || text_[key - 1] == '-')) {
      --key;
    }
    return key == 0 || text_[key - 1] == '\n';
  }

  bool in_braces(std::size_t key) const {
    while (key > 0 && text_[key - 1] == ' ') {
      --key;
    }
    return key > 0 && (text_[key - 1] == '{' || text_[key - 1] == ',');
  }

  std::string_view text_;
  RedactionCounts& counts_;
  std::string& redacted_;
  TextSettings settings_;
  std::size_t copied_ = 0;  ///< How much of the text is in redacted_ already.
  bool changed_ = false;
  int unclosed_ = 0;  ///< How many brackets were looked at that nothing closes.
  // What the words of this line said so far.
  bool short_password_ = false;
  bool assignments_ = false;
  bool secrets_ = false;
  std::string_view previous_;
};

}  // namespace

std::size_t end_of_json(std::string_view text, std::size_t begin) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = begin; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) {
        return at + 1;
      }
    }
  }
  return kNone;
}

bool redact_text_into(std::string_view text, RedactionCounts& counts, std::string& redacted,
                      TextSettings settings) {
  return TextPass(text, counts, redacted, settings).run();
}

std::string redacted_text(std::string_view text, RedactionCounts& counts, TextSettings settings) {
  std::string redacted;
  return redact_text_into(text, counts, redacted, settings) ? redacted : std::string(text);
}

}  // namespace scenarios::targets
