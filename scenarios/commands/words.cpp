#include "scenarios/commands/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/commands/redacted_text.h"

namespace scenarios::commands {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

/// "1..3" or "a..e".
bool is_brace_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    return false;
  }
  const auto is_end = [](std::string_view end) {
    const bool number = !end.empty() && std::all_of(end.begin() + (end.front() == '-' ? 1 : 0), end.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
    return number || (end.size() == 1 && is_name_start(end.front()));
  };
  return is_end(text.substr(0, dots)) && is_end(text.substr(dots + 2));
}

constexpr std::string_view kQuoteIt = "put it into single quotes if the program is to see it";

/// Reads a command from left to right and stops at the first thing that needs a shell.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}

  WordsResult read() {
    while (skip_blanks()) {
      word_ = Word{{}, at_, at_};
      brace_.reset();
      while (going_on() && !is_blank(text_[at_])) {
        read_unquoted();
      }
      if (!result_.problems.empty()) {
        break;
      }
      word_.end = at_;
      if (refuse_as_whole()) {
        break;
      }
      result_.words.push_back(std::move(word_));
    }
    if (!result_.problems.empty()) {
      result_.words.clear();
    }
    return std::move(result_);
  }

 private:
  bool going_on() const { return result_.problems.empty() && at_ < text_.size(); }
  bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void refuse(std::string text, std::string_view hint, std::size_t offset) {
    result_.problems.push_back({std::move(text), std::string(hint), offset});
  }

  /// To the next word; false at the end. A line break is a blank only before the end of the command.
  bool skip_blanks() {
    bool line_ended = false;
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (sees("\\\n")) {
        at_ += 2;
      } else if (is_blank(text_[at_])) {
        line_ended = line_ended || text_[at_] == '\n';
        ++at_;
      } else if (line_ended && !result_.words.empty()) {
        refuse("a second command on a new line",
               "a step runs one command: end the line with \\ to go on, or add a step", at_);
        return false;
      } else {
        return true;
      }
    }
    return false;
  }

  void add(char c, std::size_t origin) {
    touch_text();
    word_.parts.back().text += c;
    word_.parts.back().origins.push_back(origin);
  }

  /// The word has text here, be it the empty text of "".
  void touch_text() {
    if (word_.parts.empty() || word_.parts.back().reference) {
      word_.parts.push_back({});
    }
  }

  void read_unquoted() {
    const char c = text_[at_];
    switch (c) {
      case '\'':
        read_single_quotes();
        return;
      case '"':
        read_double_quotes();
        return;
      case '\\':
        read_backslash();
        return;
      case '$':
        read_dollar(false);
        return;
      default:
        if (text_.substr(at_).starts_with(kRedacted)) {
          for (const char of_secret : kRedacted) {
            add(of_secret, at_++);
          }
        } else if (!refuse_operator(c)) {
          note_brace(c);
          add(c, at_);
          ++at_;
        }
    }
  }

  bool refuse_operator(char c) {
    const auto refused = [&](std::string_view what, std::string_view hint) {
      refuse(std::string(what), hint, at_);
      return true;
    };
    switch (c) {
      case '|':
        return sees("||") ? refused("\"||\" needs a shell",
                                    "make it a step of its own with on_error: continue before it")
                          : refused("a pipe needs a shell", "a step runs one program");
      case '&':
        return sees("&&")
                   ? refused("\"&&\" needs a shell", "make it a step of its own")
                   : refused("\"&\" needs a shell", "steps that do not need each other run side by side");
      case ';':
        return refused("\";\" needs a shell", "make it a step of its own");
      case '<':
      case '>':
        return refused("a redirection needs a shell", "capture output with let:");
      case '`':
        return refused("a command substitution needs a shell", "capture output with let: and write $name");
      case '(':
      case ')':
        return refused(fmt::format("\"{}\" needs a shell", c), kQuoteIt);
      case '*':
      case '?':
        return refused(fmt::format("the pattern character \"{}\" needs a shell", c), kQuoteIt);
      case '~':
        if (at_ == word_.begin) {
          return refused("\"~\" needs a shell", "write the folder out");
        }
        return false;
      default:
        return false;
    }
  }

  /// `{a,b}` and `{1..3}` expand in common shells; other braces, as in jsonpath, are ordinary characters.
  void note_brace(char c) {
    if (c == '{') {
      brace_ = brace_ ? brace_ : std::optional<std::size_t>(at_);
    } else if (c == '}' && brace_) {
      if (is_brace_range(text_.substr(*brace_ + 1, at_ - *brace_ - 1))) {
        refuse("a brace expansion needs a shell", kQuoteIt, *brace_);
      }
      brace_.reset();
    } else if (c == ',' && brace_) {
      const std::size_t close = text_.find_first_of("} \t\n", at_);
      if (close != std::string_view::npos && text_[close] == '}') {
        refuse("a brace expansion needs a shell", kQuoteIt, *brace_);
      }
    }
  }

  void read_single_quotes() {
    const std::size_t close = text_.find('\'', at_ + 1);
    if (close == std::string_view::npos) {
      refuse("the single quote that opens here is never closed", "add a ' at the end of the word", at_);
      return;
    }
    touch_text();
    for (++at_; at_ < close; ++at_) {
      add(text_[at_], at_);
    }
    ++at_;
  }

  void read_double_quotes() {
    const std::size_t open = at_++;
    touch_text();
    while (going_on() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() &&
          std::string_view("$`\"\\\n").find(text_[at_ + 1]) != std::string_view::npos) {
        if (text_[at_ + 1] != '\n') {
          add(text_[at_ + 1], at_);
        }
        at_ += 2;
      } else if (text_[at_] == '$') {
        read_dollar(true);
      } else if (text_[at_] == '`') {
        refuse_operator('`');
      } else {
        add(text_[at_], at_);
        ++at_;
      }
    }
    if (result_.problems.empty() && at_ == text_.size()) {
      refuse("the double quote that opens here is never closed", "add a \" at the end of the word", open);
    }
    ++at_;
  }

  void read_backslash() {
    if (at_ + 1 == text_.size()) {
      refuse("nothing follows the backslash", "write '\\' for the character itself", at_);
      return;
    }
    if (text_[at_ + 1] != '\n') {
      add(text_[at_ + 1], at_);
    }
    at_ += 2;
  }

  void read_dollar(bool quoted) {
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (next == '(') {
      refuse("a command substitution needs a shell", "capture output with let: and write $name", at_);
    } else if (next == '{') {
      read_braced_reference(quoted);
    } else if (is_name_start(next)) {
      std::size_t end = at_ + 1;
      while (end < text_.size() && is_name(text_[end])) {
        ++end;
      }
      add_reference(text_.substr(at_ + 1, end - at_ - 1), end, quoted);
    } else if (!quoted && (next == '\'' || next == '"')) {
      refuse(fmt::format("\"${}\" needs a shell", next), "write the characters themselves", at_);
    } else if ((next >= '0' && next <= '9') ||
               std::string_view("?!$@*#-").find(next) != std::string_view::npos) {
      refuse(fmt::format("the special parameter \"${}\" needs a shell", next), kQuoteIt, at_);
    } else {
      add('$', at_);
      ++at_;
    }
  }

  void read_braced_reference(bool quoted) {
    const std::size_t close = text_.find('}', at_);
    const std::string_view name =
        close == std::string_view::npos ? std::string_view() : text_.substr(at_ + 2, close - at_ - 2);
    if (name.empty() || !is_name_start(name.front()) || !std::all_of(name.begin(), name.end(), is_name)) {
      refuse("\"${\" is not followed by a name and \"}\"", "write ${name}, or single quotes around the text",
             at_);
      return;
    }
    add_reference(name, close + 1, quoted);
  }

  void add_reference(std::string_view name, std::size_t end, bool quoted) {
    word_.parts.push_back({true, quoted, std::string(name), {at_}});
    at_ = end;
  }

  /// What only a whole word shows.
  bool refuse_as_whole() {
    if (!result_.words.empty()) {
      return false;
    }
    const std::string_view raw = text_.substr(word_.begin, word_.end - word_.begin);
    if (raw == "!") {
      refuse("\"!\" needs a shell", "say what the step should leave behind with then:", word_.begin);
      return true;
    }
    const std::size_t equals = raw.find('=');
    if (equals != std::string_view::npos && equals > 0 && is_name_start(raw.front()) &&
        std::all_of(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(equals), is_name)) {
      refuse("setting an environment variable needs a shell", "begin with the program's name", word_.begin);
      return true;
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Word word_;
  std::optional<std::size_t> brace_;  // the open brace outside quotes, if there is one in this word
  WordsResult result_;
};

}  // namespace

bool Word::has_references() const {
  return std::any_of(parts.begin(), parts.end(), [](const WordPart& part) { return part.reference; });
}

/// Puts arguments together part by part.
class ArgumentBuilder {
 public:
  explicit ArgumentBuilder(std::size_t end) : end_(end) { argument_.end_ = end; }

  void add_text(const WordPart& part) {
    argument_.text_ += part.text;
    argument_.origins_.insert(argument_.origins_.end(), part.origins.begin(), part.origins.end());
    begun_ = true;
  }
  void add_value(std::string_view value, const WordPart& part) {
    argument_.text_ += value;
    argument_.origins_.resize(argument_.text_.size(), part.origins.front());
    begun_ = true;
  }
  void add_open(const WordPart& part) {
    add_value(fmt::format("${{{}}}", part.text), part);
    argument_.open_until_ = argument_.text_.size();
  }
  /// A value outside quotes: each of its blanks ends a word.
  void add_cut_value(std::string_view value, const WordPart& part) {
    while (!value.empty()) {
      const std::size_t begin = std::min(value.find_first_not_of(" \t\n"), value.size());
      if (begin > 0) {
        end_word();
      }
      value.remove_prefix(begin);
      const std::size_t end = std::min(value.find_first_of(" \t\n"), value.size());
      if (end > 0) {
        add_value(value.substr(0, end), part);
      }
      value.remove_prefix(end);
    }
  }
  void end_word() {
    if (begun_) {
      words_.push_back(std::move(argument_));
    }
    argument_ = {};
    argument_.end_ = end_;
    begun_ = false;
  }
  [[nodiscard]] Argument whole() && { return std::move(argument_); }
  [[nodiscard]] std::vector<Argument> words() && {
    end_word();
    return std::move(words_);
  }

 private:
  std::size_t end_;
  Argument argument_;
  bool begun_ = false;
  std::vector<Argument> words_;
};

Argument Argument::of(const Word& word, const ValueOf& value_of) {
  ArgumentBuilder builder(word.end);
  for (const WordPart& part : word.parts) {
    if (!part.reference) {
      builder.add_text(part);
    } else if (const std::optional<std::string> value = value_of(part.text)) {
      builder.add_value(*value, part);
    } else {
      builder.add_open(part);
    }
  }
  return std::move(builder).whole();
}

std::vector<Argument> arguments_of(const std::vector<Word>& words, const Argument::ValueOf& value_of) {
  std::vector<Argument> arguments;
  for (const Word& word : words) {
    ArgumentBuilder builder(word.end);
    for (const WordPart& part : word.parts) {
      if (!part.reference) {
        builder.add_text(part);
      } else if (const std::optional<std::string> value = value_of(part.text); !value) {
        builder.add_open(part);
      } else if (part.quoted) {
        builder.add_value(*value, part);
      } else {
        builder.add_cut_value(*value, part);
      }
    }
    for (Argument& argument : std::move(builder).words()) {
      arguments.push_back(std::move(argument));
    }
  }
  return arguments;
}

Argument Argument::of(const Word& word) {
  return of(word, [](std::string_view) { return std::optional<std::string>(); });
}

std::size_t Argument::origin(std::size_t position) const {
  return position < origins_.size() ? origins_[position] : end_;
}

Argument Argument::from(std::size_t position) const {
  Argument rest;
  rest.text_ = text_.substr(position);
  rest.origins_.assign(origins_.begin() + static_cast<std::ptrdiff_t>(std::min(position, origins_.size())),
                       origins_.end());
  rest.end_ = end_;
  rest.open_until_ = open_until_ > position ? open_until_ - position : 0;
  return rest;
}

WordsResult split_words(std::string_view command) { return WordReader(command).read(); }

std::string quote_word(std::string_view text) {
  const auto plain = [](char c) {
    return is_name(c) || std::string_view("-./:=,@%+[]").find(c) != std::string_view::npos;
  };
  const std::size_t equals = text.find('=');
  const bool assignment =
      equals != std::string_view::npos &&
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(equals), is_name);
  if (!text.empty() && !assignment && std::all_of(text.begin(), text.end(), plain)) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

}  // namespace scenarios::commands
