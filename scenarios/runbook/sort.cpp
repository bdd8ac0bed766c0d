// sort: by bytes, as in the C locale, so that the answer is the same everywhere.

#include <algorithm>

#include "scenarios/runbook/filters.h"
#include "scenarios/runbook/lines.h"

namespace scenarios::runbook {

namespace {

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

}  // namespace

FilterPointer compile_sort(FilterWords& words) {
  auto sort = std::make_shared<Sort>();
  while (words.flag_follows()) {
    const commands::Argument& word = words.take();
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

}  // namespace scenarios::runbook
