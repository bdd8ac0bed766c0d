#include "scenarios/runbook/filter.h"

#include <algorithm>
#include <array>

#include "scenarios/language/nearest_word.h"
#include "scenarios/runbook/filters.h"

namespace scenarios::runbook {

namespace {

struct Known {
  std::string_view name;
  std::string_view usage;
  FilterPointer (*compile)(FilterWords&);
};

constexpr std::array kKnown = {
    Known{"awk", "awk [-F CHARACTER] PROGRAM", compile_awk},
    Known{"cat", "cat", compile_cat},
    Known{"cut", "cut -d CHARACTER -f LIST", compile_cut},
    Known{"egrep", "egrep as grep -E", [](FilterWords& words) { return compile_grep(words, true); }},
    Known{"grep", "grep [-E -F -i -v -w -x -c -q -o -m N] [-e] PATTERN",
          [](FilterWords& words) { return compile_grep(words, false); }},
    Known{"head", "head [-n N | -N]", [](FilterWords& words) { return compile_head_or_tail(words, false); }},
    Known{"sort", "sort [-r -n -u -V -k N]", compile_sort},
    Known{"tac", "tac", compile_tac},
    Known{"tail", "tail [-n [+]N | -N]",
          [](FilterWords& words) { return compile_head_or_tail(words, true); }},
    Known{"uniq", "uniq [-c]", compile_uniq},
    Known{"wc", "wc [-l -w -c]", compile_wc},
};

/// What does the work of filters that there are not.
struct Instead {
  std::string_view name;
  std::string_view hint;
};
constexpr std::array kInstead = {
    Instead{"jq", "ask kubectl with -o jsonpath='{…}'"},
    Instead{"sed", "cut -d and awk take lines apart"},
    Instead{"tee", "the report keeps what is printed: take it out"},
    Instead{"tr", "cut -d and awk take lines apart"},
    Instead{"xargs", "write for NAME in $(COMMANDS); do COMMAND $NAME; done"},
    Instead{"yq", "ask kubectl with -o jsonpath='{…}'"},
};

const Known* find(std::string_view program) {
  const auto found =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& one) { return one.name == program; });
  return found == kKnown.end() ? nullptr : &*found;
}

}  // namespace

FilterPointer compile_filter(std::span<const commands::Argument> words,
                             std::vector<commands::CommandProblem>& problems) {
  const std::string& program = words.front().text();
  const Known* known = find(program);
  if (known == nullptr) {
    std::vector<std::string> names;
    for (const Known& one : kKnown) {
      names.emplace_back(one.name);
    }
    const auto instead = std::find_if(kInstead.begin(), kInstead.end(),
                                      [&](const Instead& one) { return one.name == program; });
    problems.push_back(
        {fmt::format("nothing can be piped into {} here", program),
         instead != kInstead.end() ? std::string(instead->hint) : language::did_you_mean(program, names),
         words.front().origin(0)});
    return nullptr;
  }
  const std::size_t before = problems.size();
  FilterWords rest(words, problems);
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
