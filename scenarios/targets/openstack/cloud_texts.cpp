#include "scenarios/targets/openstack/cloud_texts.h"

#include <fmt/core.h>

#include <array>
#include <regex>
#include <sstream>

namespace scenarios::targets {

namespace {

struct Rule {
  const char* pattern;
  const char* with;
};

/// In the order in which they apply; each keeps the width of what it replaces, or takes the whole cell.
constexpr std::array<Rule, 8> kRules = {{
    {R"(\| adminPass +\| [^|]*\|)", "| adminPass | ... |"},
    {R"("traceback": "(?:[^"\\]|\\.)*")", "\"traceback\": \"...\""},
    {R"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", "<uuid>"},
    {R"(\b[0-9a-f]{56}\b)", "<hash>"},
    {R"(\b[0-9a-f]{32}\b)", "<id>"},
    {R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", "<time>"},
    {R"(instance-[0-9a-f]{8})", "<instance>"},
    {R"(\br-[0-9a-z]{8}\b)", "<reservation>"},
}};

}  // namespace

std::string alike(const std::string& text) {
  static const std::vector<std::regex> patterns = [] {
    std::vector<std::regex> made;
    for (const Rule& rule : kRules) {
      made.emplace_back(rule.pattern);
    }
    return made;
  }();
  std::string out = text;
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    out = std::regex_replace(out, patterns[i], kRules[i].with);
  }
  return out;
}

std::vector<std::string> ids_in(const std::string& text) {
  static const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  std::vector<std::string> ids;
  for (std::sregex_iterator at(text.begin(), text.end(), uuid), end; at != end; ++at) {
    ids.push_back(at->str());
  }
  return ids;
}

std::string first_difference(const std::string& recorded, const std::string& simulated) {
  if (recorded == simulated) {
    return {};
  }
  std::istringstream theirs(recorded);
  std::istringstream ours(simulated);
  std::string their_line;
  std::string our_line;
  while (true) {
    const bool more = static_cast<bool>(std::getline(theirs, their_line));
    const bool ours_more = static_cast<bool>(std::getline(ours, our_line));
    if (!more || !ours_more || their_line != our_line) {
      return fmt::format("'{}' | '{}'", more ? their_line : "", ours_more ? our_line : "");
    }
  }
}

}  // namespace scenarios::targets
