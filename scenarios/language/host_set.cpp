#include "scenarios/language/host_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "scenarios/language/hostlist.h"
#include "scenarios/language/nearest_word.h"

namespace scenarios::language {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

std::vector<Reference> references_in(std::string_view text) {
  std::vector<Reference> out;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '$') continue;
    if (text.substr(i).starts_with("$${")) {
      i += 2;
      continue;
    }
    if (text[i + 1] != '{') continue;
    std::size_t end = i + 2;
    while (end < text.size() && is_name_character(text[end])) ++end;
    if (end == text.size() || text[end] != '}' || end == i + 2) continue;
    out.push_back({std::string(text.substr(i + 2, end - i - 2)), i, end + 1 - i});
    i = end;
  }
  return out;
}

Parsed<std::string> substitute(std::string_view text, const Bindings& bindings) {
  std::string out;
  std::size_t done = 0;
  const auto copy_literal = [&](std::size_t end) {
    while (done < end) {
      if (text.substr(done, end - done).starts_with("$${")) ++done;  // The first $ escapes the second.
      out += text[done++];
    }
  };
  for (const Reference& reference : references_in(text)) {
    copy_literal(reference.offset);
    const auto found = std::find_if(bindings.begin(), bindings.end(),
                                    [&](const auto& b) { return b.first == reference.name; });
    if (found == bindings.end()) {
      std::vector<std::string> names;
      for (const auto& binding : bindings) names.push_back(binding.first);
      return Parsed<std::string>::bad(fmt::format("${{{}}} has no value here", reference.name),
                                      did_you_mean(reference.name, names));
    }
    out += found->second;
    done = reference.offset + reference.length;
  }
  copy_literal(text.size());
  return Parsed<std::string>::good(std::move(out));
}

Parsed<std::vector<std::string>> expand(const HostSet& set, const Bindings& bindings) {
  if (!set.open) return Parsed<std::vector<std::string>>::good(set.hosts);
  std::vector<std::string> out;
  for (const Text& text : set.written) {
    auto replaced = substitute(text.value, bindings);
    if (!replaced.value) return Parsed<std::vector<std::string>>::bad(replaced.problem, replaced.hint);
    auto hosts = expand_hostlist(*replaced.value);
    if (!hosts.value) return hosts;
    std::move(hosts.value->begin(), hosts.value->end(), std::back_inserter(out));
  }
  return Parsed<std::vector<std::string>>::good(std::move(out));
}

}  // namespace scenarios::language
