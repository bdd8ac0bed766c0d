#include "scenarios/runbook/filter.h"

#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "scenarios/language/nearest_word.h"
#include "scenarios/runbook/awk.h"
#include "scenarios/runbook/lines.h"
#include "scenarios/runbook/pattern.h"

namespace scenarios::runbook {

namespace {

using commands::Argument;
using Problems = std::vector<commands::CommandProblem>;

/// The words of one filter, taken from left to right.
class Words {
 public:
  Words(std::span<const Argument> words, Problems& problems)
      : program_(words.front().text()),
        program_at_(words.front().origin(0)),
        words_(words.subspan(1)),
        problems_(problems) {}

  void refuse(std::string text, std::string hint, std::size_t at) {
    problems_.push_back({std::move(text), std::move(hint), at});
  }
  void refuse_flag(char flag, std::string_view known, const Argument& word) {
    refuse(fmt::format("{}: the flag -{} is not taken", program_, flag),
           fmt::format("flags that are: {}", known), word.origin(0));
  }
  void refuse_rest(std::string_view hint) {
    if (!words_.empty()) {
      refuse(fmt::format("{}: \"{}\" is one word too many", program_, words_.front().text()),
             std::string(hint), words_.front().origin(0));
    }
  }

  [[nodiscard]] bool empty() const { return words_.empty(); }
  [[nodiscard]] const Argument& front() const { return words_.front(); }
  [[nodiscard]] bool flag_follows() const {
    return !words_.empty() && words_.front().text().size() > 1 && words_.front().text().front() == '-';
  }
  const Argument& take() {
    const Argument& word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }
  /// The value of a flag: the rest of its word, or the next one.
  std::optional<std::string> value(const Argument& word, std::size_t from) {
    if (from < word.text().size()) {
      return word.text().substr(from);
    }
    if (words_.empty()) {
      refuse(fmt::format("{}: {} needs a value", program_, word.text()), "write it after the flag",
             word.origin(0));
      return std::nullopt;
    }
    return take().text();
  }
  std::optional<std::int64_t> count(const Argument& word, std::size_t from) {
    const std::optional<std::string> text = value(word, from);
    if (!text) {
      return std::nullopt;
    }
    std::int64_t number = 0;
    const bool plus = text->starts_with('+');
    const auto [end, error] =
        std::from_chars(text->data() + (plus ? 1 : 0), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) {
      refuse(fmt::format("{}: \"{}\" is no number of lines", program_, *text), "write a whole number",
             word.origin(0));
      return std::nullopt;
    }
    return number;
  }
  [[nodiscard]] std::size_t place() const { return program_at_; }
  Problems& problems() { return problems_; }

 private:
  std::string program_;
  std::size_t program_at_;
  std::span<const Argument> words_;
  Problems& problems_;
};

// ---------------------------------------------------------------------------------------------------------
// grep. Source: POSIX grep; GNU grep manual for -o, -w, -A is left out.

class Grep : public Filter {
 public:
  bool inverts = false;
  bool counts = false;
  bool quiet = false;
  bool only_matching = false;
  std::int64_t most = -1;  // -m; -1: no limit
  std::vector<Pattern> patterns;

  [[nodiscard]] Result apply(std::string_view input) const override {
    Result result{{}, 1};
    std::int64_t selected = 0;
    for (const std::string_view line : lines_of(input)) {
      if (most >= 0 && selected >= most) {
        break;
      }
      const bool matches = std::any_of(patterns.begin(), patterns.end(),
                                       [&](const Pattern& pattern) { return pattern.matches(line); });
      if (matches == inverts) {
        continue;
      }
      ++selected;
      if (quiet || counts) {
        continue;
      }
      if (!only_matching) {
        result.output.append(line).push_back('\n');
        continue;
      }
      for (const Pattern& pattern : patterns) {
        for (const std::string_view found : pattern.all(line)) {
          result.output.append(found).push_back('\n');
        }
      }
    }
    if (counts && !quiet) {
      result.output = fmt::format("{}\n", selected);
    }
    result.exit_code = selected > 0 ? 0 : 1;
    return result;
  }
};

constexpr std::string_view kGrepFlags = "-E -F -i -v -w -x -c -q -o -m N -e PATTERN";

FilterPointer compile_grep(Words& words, bool extended) {
  auto grep = std::make_shared<Grep>();
  PatternOptions options;
  options.extended = extended;
  std::vector<std::pair<std::string, std::size_t>> texts;
  while (words.flag_follows()) {
    const Argument& word = words.take();
    if (word.text() == "--") {
      break;
    }
    for (std::size_t i = 1; i < word.text().size(); ++i) {
      const char flag = word.text()[i];
      bool ends_word = false;
      switch (flag) {
        case 'E':
          options.extended = true;
          break;
        case 'F':
          options.fixed = true;
          break;
        case 'i':
          options.ignore_case = true;
          break;
        case 'v':
          grep->inverts = true;
          break;
        case 'w':
          options.whole_words = true;
          break;
        case 'x':
          options.whole_lines = true;
          break;
        case 'c':
          grep->counts = true;
          break;
        case 'q':
          grep->quiet = true;
          break;
        case 'o':
          grep->only_matching = true;
          break;
        case 'm':
          if (const auto most = words.count(word, i + 1)) {
            grep->most = *most;
          }
          ends_word = true;
          break;
        case 'e':
          if (const auto text = words.value(word, i + 1)) {
            texts.emplace_back(*text, word.origin(0));
          }
          ends_word = true;
          break;
        default:
          words.refuse_flag(flag, kGrepFlags, word);
          return nullptr;
      }
      if (ends_word) {
        break;
      }
    }
  }
  if (texts.empty()) {
    if (words.empty()) {
      words.refuse("grep: the pattern is missing", "write grep PATTERN", words.place());
      return nullptr;
    }
    const Argument& pattern = words.take();
    texts.emplace_back(pattern.text(), pattern.origin(0));
  }
  words.refuse_rest("grep reads the pipe here, no file");
  for (const auto& [text, at] : texts) {
    std::string problem;
    std::optional<Pattern> pattern = Pattern::compile(text, options, problem);
    if (!pattern) {
      words.refuse(fmt::format("grep: \"{}\" is no pattern: {}", text, problem),
                   "escape what is meant literally", at);
      return nullptr;
    }
    grep->patterns.push_back(std::move(*pattern));
  }
  return grep;
}

// ---------------------------------------------------------------------------------------------------------
// head, tail

class Cut : public Filter {
 public:
  bool from_end = false;  // tail
  bool skips = false;     // tail -n +N: from line N on; head -n -N: all but the last N
  std::int64_t count = 10;

  [[nodiscard]] Result apply(std::string_view input) const override {
    const std::vector<std::string_view> lines = lines_of(input);
    const auto size = static_cast<std::int64_t>(lines.size());
    std::int64_t begin = 0;
    std::int64_t end = size;
    if (from_end) {
      begin = skips ? std::min(std::max<std::int64_t>(count - 1, 0), size)
                    : std::max<std::int64_t>(size - count, 0);
    } else {
      end = skips ? std::max<std::int64_t>(size - count, 0) : std::min(count, size);
    }
    Result result;
    for (std::int64_t i = begin; i < end; ++i) {
      result.output.append(lines[static_cast<std::size_t>(i)]);
      // The last line keeps what the input ended in.
      result.output += i + 1 == size && !input.ends_with('\n') ? "" : "\n";
    }
    return result;
  }
};

FilterPointer compile_cut(Words& words, bool from_end) {
  auto cut = std::make_shared<Cut>();
  cut->from_end = from_end;
  while (words.flag_follows()) {
    const Argument& word = words.take();
    const std::string& text = word.text();
    std::size_t from = 1;
    if (text[1] == 'n') {
      from = 2;
    } else if (text.starts_with("--lines=")) {
      from = 8;
    } else if (text[1] < '0' || text[1] > '9') {
      words.refuse_flag(text[1], "-n N, -N", word);
      return nullptr;
    }
    // The sign of the number says what is skipped.
    const bool in_word = from < text.size();
    const std::string sign = in_word         ? text.substr(from, 1)
                             : words.empty() ? ""
                                             : words.front().text().substr(0, 1);
    const std::optional<std::int64_t> count = words.count(word, from);
    if (!count) {
      return nullptr;
    }
    cut->skips = from_end ? sign == "+" : sign == "-" && *count < 0;
    cut->count = *count < 0 ? -*count : *count;
  }
  words.refuse_rest("the filter reads the pipe here, no file");
  return cut;
}

// ---------------------------------------------------------------------------------------------------------
// wc

class Count : public Filter {
 public:
  bool lines = false, words = false, bytes = false;

  [[nodiscard]] Result apply(std::string_view input) const override {
    std::size_t word_count = 0;
    bool inside = false;
    for (const char c : input) {
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
      word_count += !blank && !inside ? 1 : 0;
      inside = !blank;
    }
    const auto line_count = static_cast<std::size_t>(std::count(input.begin(), input.end(), '\n'));
    std::vector<std::size_t> numbers;
    if (lines) numbers.push_back(line_count);
    if (words) numbers.push_back(word_count);
    if (bytes) numbers.push_back(input.size());
    // Source: coreutils wc.c: one number alone has no padding; several have 7 columns when reading a pipe.
    if (numbers.size() == 1) {
      return {fmt::format("{}\n", numbers.front()), 0};
    }
    std::string text;
    for (const std::size_t number : numbers) {
      text += fmt::format("{}{:7}", text.empty() ? "" : " ", number);
    }
    return {text + "\n", 0};
  }
};

FilterPointer compile_count(Words& words) {
  auto count = std::make_shared<Count>();
  while (words.flag_follows()) {
    const Argument& word = words.take();
    for (const char flag : word.text().substr(1)) {
      switch (flag) {
        case 'l':
          count->lines = true;
          break;
        case 'w':
          count->words = true;
          break;
        case 'c':
          count->bytes = true;
          break;
        default:
          words.refuse_flag(flag, "-l -w -c", word);
          return nullptr;
      }
    }
  }
  words.refuse_rest("wc reads the pipe here, no file");
  if (!count->lines && !count->words && !count->bytes) {
    count->lines = count->words = count->bytes = true;
  }
  return count;
}

// ---------------------------------------------------------------------------------------------------------
// sort, uniq, tac: by bytes, as in the C locale, so that the answer is the same everywhere

class Sort : public Filter {
 public:
  bool reverse = false, numeric = false, unique = false, versions = false;
  std::size_t key = 0;  // 1-based field from which on lines are compared; 0: the whole line

  [[nodiscard]] Result apply(std::string_view input) const override {
    std::vector<std::string_view> lines = lines_of(input);
    const auto rank = [&](std::string_view a, std::string_view b) {
      return compare(from_key(a), from_key(b));
    };
    std::stable_sort(lines.begin(), lines.end(), [&](std::string_view a, std::string_view b) {
      int order = rank(a, b);
      if (order == 0 && !unique) {
        order = a.compare(b);  // the last resort of sort
      }
      return reverse ? order > 0 : order < 0;
    });
    if (unique) {
      lines.erase(std::unique(lines.begin(), lines.end(),
                              [&](std::string_view a, std::string_view b) { return rank(a, b) == 0; }),
                  lines.end());
    }
    return {joined(lines), 0};
  }

 private:
  [[nodiscard]] std::string_view from_key(std::string_view line) const {
    std::size_t at = 0;
    for (std::size_t field = 1; field < key && at < line.size(); ++field) {
      at = std::min(line.find_first_not_of(" \t", at), line.size());
      at = std::min(line.find_first_of(" \t", at), line.size());
    }
    return line.substr(at);
  }
  [[nodiscard]] int compare(std::string_view a, std::string_view b) const {
    if (numeric) {
      const double x = leading_number(a);
      const double y = leading_number(b);
      return x < y ? -1 : x > y ? 1 : 0;
    }
    return versions ? compare_versions(a, b) : a.compare(b);
  }
  /// Runs of digits by their value, the rest by bytes.
  static int compare_versions(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
      const auto digits = [](std::string_view text) {
        return std::min(text.find_first_not_of("0123456789"), text.size());
      };
      const std::size_t left = digits(a);
      const std::size_t right = digits(b);
      if (left > 0 && right > 0) {
        std::string_view x = a.substr(0, left);
        std::string_view y = b.substr(0, right);
        x.remove_prefix(std::min(x.find_first_not_of('0'), x.size()));
        y.remove_prefix(std::min(y.find_first_not_of('0'), y.size()));
        const int order = x.size() != y.size() ? (x.size() < y.size() ? -1 : 1) : x.compare(y);
        if (order != 0) {
          return order;
        }
        a.remove_prefix(left);
        b.remove_prefix(right);
      } else if (a.front() != b.front()) {
        return a.front() < b.front() ? -1 : 1;
      } else {
        a.remove_prefix(1);
        b.remove_prefix(1);
      }
    }
    return a.empty() ? (b.empty() ? 0 : -1) : 1;
  }
};

FilterPointer compile_sort(Words& words) {
  auto sort = std::make_shared<Sort>();
  while (words.flag_follows()) {
    const Argument& word = words.take();
    for (std::size_t i = 1; i < word.text().size(); ++i) {
      const char flag = word.text()[i];
      if (flag == 'k') {
        const auto key = words.count(word, i + 1);
        if (!key || *key < 1) {
          words.refuse("sort: -k takes the number of a field here", "write -k N", word.origin(0));
          return nullptr;
        }
        sort->key = static_cast<std::size_t>(*key);
        break;
      }
      switch (flag) {
        case 'r':
          sort->reverse = true;
          break;
        case 'n':
          sort->numeric = true;
          break;
        case 'u':
          sort->unique = true;
          break;
        case 'V':
          sort->versions = true;
          break;
        default:
          words.refuse_flag(flag, "-r -n -u -V -k N", word);
          return nullptr;
      }
    }
  }
  words.refuse_rest("sort reads the pipe here, no file");
  return sort;
}

class Unique : public Filter {
 public:
  bool counts = false;
  [[nodiscard]] Result apply(std::string_view input) const override {
    const std::vector<std::string_view> lines = lines_of(input);
    Result result;
    for (std::size_t i = 0; i < lines.size();) {
      std::size_t same = i;
      while (same < lines.size() && lines[same] == lines[i]) {
        ++same;
      }
      result.output += counts ? fmt::format("{:7} {}\n", same - i, lines[i]) : fmt::format("{}\n", lines[i]);
      i = same;
    }
    return result;
  }
};

FilterPointer compile_unique(Words& words) {
  auto unique = std::make_shared<Unique>();
  while (words.flag_follows()) {
    const Argument& word = words.take();
    if (word.text() != "-c") {
      words.refuse_flag(word.text()[1], "-c", word);
      return nullptr;
    }
    unique->counts = true;
  }
  words.refuse_rest("uniq reads the pipe here, no file");
  return unique;
}

class Reverse : public Filter {
 public:
  [[nodiscard]] Result apply(std::string_view input) const override {
    std::vector<std::string_view> lines = lines_of(input);
    std::reverse(lines.begin(), lines.end());
    return {joined(lines), 0};
  }
};

class Same : public Filter {
 public:
  [[nodiscard]] Result apply(std::string_view input) const override { return {std::string(input), 0}; }
};

template <class T>
FilterPointer compile_plain(Words& words) {
  words.refuse_rest("it reads the pipe here, no file");
  return std::make_shared<T>();
}

// ---------------------------------------------------------------------------------------------------------
// awk, cut

class Awk : public Filter {
 public:
  explicit Awk(AwkProgram program) : program_(std::move(program)) {}
  [[nodiscard]] Result apply(std::string_view input) const override { return {program_.run(input), 0}; }

 private:
  AwkProgram program_;
};

FilterPointer compile_awk(Words& words) {
  std::string separator;
  while (words.flag_follows()) {
    const Argument& word = words.take();
    if (!word.text().starts_with("-F")) {
      words.refuse_flag(word.text()[1], "-F CHARACTER", word);
      return nullptr;
    }
    const std::optional<std::string> value = words.value(word, 2);
    if (!value || value->size() != 1) {
      words.refuse("awk: -F takes one character here", "write -F:", word.origin(0));
      return nullptr;
    }
    separator = *value;
  }
  if (words.empty()) {
    words.refuse("awk: the program is missing", "write awk '{print $N}'", words.place());
    return nullptr;
  }
  const Argument& text = words.take();
  words.refuse_rest("awk reads the pipe here, no file");
  std::size_t at = 0;
  std::string problem;
  std::optional<AwkProgram> program = AwkProgram::compile(text.text(), separator, problem, at);
  if (!program) {
    words.refuse("awk: " + problem, std::string(kAwkGrammar), text.origin(at));
    return nullptr;
  }
  return std::make_shared<Awk>(std::move(*program));
}

class Fields : public Filter {
 public:
  char delimiter = '\t';
  std::vector<std::size_t> fields;  // 1-based, rising

  [[nodiscard]] Result apply(std::string_view input) const override {
    Result result;
    for (const std::string_view line : lines_of(input)) {
      const std::vector<std::string_view> parts = split(line, delimiter);
      if (parts.size() == 1) {
        result.output.append(line).push_back('\n');  // POSIX: a line without delimiter passes whole
        continue;
      }
      std::string text;
      bool first = true;
      for (const std::size_t field : fields) {
        if (field <= parts.size()) {
          text += first ? "" : std::string(1, delimiter);
          text += parts[field - 1];
          first = false;
        }
      }
      result.output += text + "\n";
    }
    return result;
  }
};

FilterPointer compile_fields(Words& words) {
  auto fields = std::make_shared<Fields>();
  while (words.flag_follows()) {
    const Argument& word = words.take();
    const char flag = word.text()[1];
    const std::optional<std::string> value = flag == 'd' || flag == 'f' ? words.value(word, 2) : std::nullopt;
    if (flag == 'd' && value && value->size() == 1) {
      fields->delimiter = value->front();
    } else if (flag == 'f' && value) {
      for (const std::string_view part : split(*value, ',')) {
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (error != std::errc() || end != part.data() + part.size() || number == 0) {
          words.refuse(fmt::format("cut: \"{}\" is no list of fields", *value), "write -f 1 or -f 1,3",
                       word.origin(0));
          return nullptr;
        }
        fields->fields.push_back(number);
      }
      std::sort(fields->fields.begin(), fields->fields.end());
    } else {
      words.refuse_flag(flag, "-d CHARACTER -f LIST", word);
      return nullptr;
    }
  }
  words.refuse_rest("cut reads the pipe here, no file");
  if (fields->fields.empty()) {
    words.refuse("cut: no fields are named", "write cut -d CHARACTER -f LIST", words.place());
    return nullptr;
  }
  return fields;
}

struct Known {
  std::string_view name;
  std::string_view usage;
  FilterPointer (*compile)(Words&);
};

constexpr std::array kKnown = {
    Known{"awk", "awk [-F CHARACTER] PROGRAM", compile_awk},
    Known{"cat", "cat", compile_plain<Same>},
    Known{"cut", "cut -d CHARACTER -f LIST", compile_fields},
    Known{"egrep", "egrep as grep -E", [](Words& words) { return compile_grep(words, true); }},
    Known{"grep", "grep [-E -F -i -v -w -x -c -q -o -m N] [-e] PATTERN",
          [](Words& words) { return compile_grep(words, false); }},
    Known{"head", "head [-n N | -N]", [](Words& words) { return compile_cut(words, false); }},
    Known{"sort", "sort [-r -n -u -V -k N]", compile_sort},
    Known{"tac", "tac", compile_plain<Reverse>},
    Known{"tail", "tail [-n [+]N | -N]", [](Words& words) { return compile_cut(words, true); }},
    Known{"uniq", "uniq [-c]", compile_unique},
    Known{"wc", "wc [-l -w -c]", compile_count},
};

const Known* find(std::string_view program) {
  const auto found =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& one) { return one.name == program; });
  return found == kKnown.end() ? nullptr : &*found;
}

}  // namespace

FilterPointer compile_filter(std::span<const Argument> words, Problems& problems) {
  const std::string& program = words.front().text();
  const Known* known = find(program);
  if (known == nullptr) {
    std::vector<std::string> names;
    for (const Known& one : kKnown) {
      names.emplace_back(one.name);
    }
    problems.push_back({fmt::format("nothing can be piped into {} here", program),
                        language::did_you_mean(program, names), words.front().origin(0)});
    return nullptr;
  }
  const std::size_t before = problems.size();
  Words rest(words, problems);
  FilterPointer filter = known->compile(rest);
  return problems.size() == before ? filter : nullptr;
}

bool is_filter(std::string_view program) { return find(program) != nullptr; }

std::vector<std::string> supported_filters() {
  std::vector<std::string> lines;
  for (const Known& one : kKnown) {
    lines.emplace_back(one.usage);
  }
  return lines;
}

}  // namespace scenarios::runbook
