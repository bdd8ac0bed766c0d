#include "scenarios/targets/fidelity/command_outputs.h"

#include <algorithm>
#include <cstddef>

namespace scenarios::targets {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("._:-").find(c) != std::string_view::npos;
}

/// "5m10s", "27h". Source: apimachinery pkg/util/duration HumanDuration.
bool is_age(std::string_view word) {
  std::size_t digits = 0;
  for (const char c : word) {
    if (is_digit(c)) {
      ++digits;
    } else if (digits == 0 || std::string_view("ydhms").find(c) == std::string_view::npos) {
      return false;
    } else {
      digits = 0;
    }
  }
  return !word.empty() && digits == 0;
}

/// Whether the word is made of digits with these marks between them, and starts with `least` of the marks.
bool is_numbers(std::string_view word, std::string_view marks, std::ptrdiff_t least) {
  return is_digit(word.front()) && std::count(word.begin(), word.end(), marks.front()) >= least &&
         std::all_of(word.begin(), word.end(),
                     [&](char c) { return is_digit(c) || marks.find(c) != std::string_view::npos; });
}

/// "2026-11-22T15:34:27Z"
bool is_time(std::string_view word) {
  constexpr std::size_t kDay = 10;
  return word.size() > kDay && word[kDay] == 'T' && is_numbers(word.substr(0, kDay), "-", 2);
}

/// "0b9b1f0e-…": 8, 4, 4, 4 and 12 hexadecimal digits.
bool is_uid(std::string_view word) {
  constexpr std::size_t kLength = 36;
  return word.size() == kLength && word[8] == '-' && word[13] == '-' && word[18] == '-' && word[23] == '-' &&
         word.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

/// The name of a ReplicaSet without the hash of its Deployment's template, which is made of a Go struct: ten
/// digits at most, as these characters. Source: apimachinery pkg/util/rand SafeEncodeString.
std::string without_hash(std::string_view name) {
  constexpr std::size_t kLeast = 5;  // assumed: shorter ones come once in 40,000 times
  constexpr std::size_t kMost = 10;
  const std::size_t mark = name.rfind('-');
  const std::string_view end = mark == std::string_view::npos ? std::string_view() : name.substr(mark + 1);
  const bool hash = end.size() >= kLeast && end.size() <= kMost &&
                    end.find_first_not_of("456789bcdf") == std::string_view::npos;
  return hash ? std::string(name.substr(0, mark)) + "-<hash>" : std::string(name);
}

/// The name without the random characters or the hash at its end.
/// Source: apimachinery pkg/util/rand: five of its alphabet for names, up to ten for hashes
/// (SafeEncodeString).
std::string without_random(std::string_view word) {
  constexpr std::size_t kLeast = 5;
  constexpr std::size_t kMost = 10;
  const std::size_t mark = word.rfind('-');
  const std::string_view end = mark == std::string_view::npos ? std::string_view() : word.substr(mark + 1);
  const bool random = end.size() >= kLeast && end.size() <= kMost &&
                      end.find_first_not_of("bcdfghjklmnpqrstvwxz2456789") == std::string_view::npos;
  return random ? without_hash(word.substr(0, mark)) + "-<random>" : std::string(word);
}

constexpr std::string_view kEvicting = "evicting pod ";

/// Whether chance decides where among its neighbours a line stands: lists are sorted by names, of which parts
/// are random, and `kubectl drain` evicts pods side by side. Source: kubectl pkg/drain/drain.go evictPods.
bool stands_by_chance(std::string_view line) {
  return line.find("<random>") != std::string_view::npos || line.starts_with(kEvicting);
}

/// Brings neighbours whose order is chance into one order.
void settle_order(std::vector<std::string>& lines) {
  for (auto first = lines.begin(); first != lines.end();) {
    const auto last = std::find_if_not(first, lines.end(), stands_by_chance);
    std::sort(first, last);
    first = last == lines.end() ? last : last + 1;
  }
}

class Normaliser {
 public:
  explicit Normaliser(const std::vector<std::string>& nodes) : nodes_(nodes) {}

  std::string line(std::string_view text) {
    std::string result;
    bool blank = false;
    for (std::size_t i = 0; i < text.size();) {
      if (text[i] == ' ' || text[i] == '\t') {
        blank = !result.empty();
        ++i;
        continue;
      }
      if (blank) {
        result += ' ';
        blank = false;
      }
      std::size_t end = i;
      while (end < text.size() && is_word(text[end])) {
        ++end;
      }
      if (end == i) {
        result += text[i++];
      } else {
        result += word(text.substr(i, end - i));
        i = end;
      }
    }
    return result;
  }

 private:
  std::string word(std::string_view text) {
    if (after_version_ && text == ":") {
      return ":";  // JSON: between the name and its value
    }
    const bool version = after_version_;
    after_version_ = text == "resourceVersion" || text == "resourceVersion:";
    table_of_nodes_ = table_of_nodes_ || text == "NODE";
    table_of_addresses_ = table_of_addresses_ || text == "IP";
    if (version) {
      return "<version>";
    }
    if (is_age(text)) {
      return "<age>";
    }
    if (is_numbers(text, ".:", 3)) {
      return table_of_addresses_ ? "<none>" : "<address>";
    }
    if (is_time(text)) {
      return "<time>";
    }
    if (is_uid(text)) {
      return "<uid>";
    }
    if (table_of_nodes_ && std::find(nodes_.begin(), nodes_.end(), text) != nodes_.end()) {
      return "<node>";
    }
    return without_random(text);
  }

  const std::vector<std::string>& nodes_;
  bool after_version_ = false;
  bool table_of_nodes_ = false;
  bool table_of_addresses_ = false;
};

std::vector<std::string> lines_of(std::string_view output, const std::vector<std::string>& nodes) {
  std::vector<std::string> lines;
  Normaliser normaliser(nodes);
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    lines.push_back(normaliser.line(output.substr(0, end)));
    output.remove_prefix(std::min(end + 1, output.size()));
  }
  return lines;
}

}  // namespace

std::string normalised(std::string_view output, const std::vector<std::string>& nodes) {
  std::string result;
  for (const std::string& line : lines_of(output, nodes)) {
    result += line + "\n";
  }
  return result;
}

LineDifference compare_outputs(std::string_view recorded, std::string_view simulated,
                               const std::vector<std::string>& nodes) {
  std::vector<std::string> left = lines_of(recorded, nodes);
  std::vector<std::string> right = lines_of(simulated, nodes);
  settle_order(left);
  settle_order(right);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const std::string a = i < left.size() ? left[i] : "(nothing more)";
    const std::string b = i < right.size() ? right[i] : "(nothing more)";
    if (a != b) {
      return {a, b};
    }
  }
  return {};
}

}  // namespace scenarios::targets
