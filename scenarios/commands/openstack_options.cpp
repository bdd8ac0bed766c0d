#include "scenarios/commands/openstack_options.h"

#include <algorithm>
#include <array>

#include "scenarios/commands/openstack_action.h"

namespace scenarios::commands {

namespace {

constexpr std::array<std::string_view, 9> kGlobals = {
    "-v", "--verbose", "-q", "--quiet", "--debug", "--timing", "--verify", "--insecure", "--os-beta-command"};

/// Of commands that print data.
struct FormatterOption {
  std::string_view name;
  bool takes_value;
};
constexpr std::array<FormatterOption, 9> kFormatter = {{{"--noindent", false},
                                                        {"--prefix", true},
                                                        {"--max-width", true},
                                                        {"--fit-width", false},
                                                        {"--print-empty", false},
                                                        {"--quote", true},
                                                        {"--sort-column", true},
                                                        {"--sort-ascending", false},
                                                        {"--sort-descending", false}}};

/// The option in a synopsis: `[--name]`, `[--name <value>]`, `[-n | --name]`.
RealOption in_synopsis(std::string_view usage, std::string_view name) {
  for (std::size_t at = usage.find(name); at != std::string_view::npos; at = usage.find(name, at + 1)) {
    const bool begins = at > 0 && (usage[at - 1] == '[' || usage[at - 1] == ' ' || usage[at - 1] == '(');
    const std::size_t end = at + name.size();
    if (!begins || end >= usage.size() || (usage[end] != ' ' && usage[end] != ']' && usage[end] != ')')) {
      continue;
    }
    const bool has_value =
        usage[end] == ' ' && end + 1 < usage.size() && usage[end + 1] != '|' && usage[end + 1] != '[';
    return {true, has_value};
  }
  return {};
}

}  // namespace

bool is_global_with_value(std::string_view name) {
  return (name.starts_with("--os-") && name != "--os-beta-command") || name == "--log-file";
}

RealOption real_option(const ClientCommand& command, std::string_view name) {
  if (const RealOption option = in_synopsis(command.usage, name); option.known) {
    return option;
  }
  if (!command.formats.empty()) {
    const auto found = std::find_if(kFormatter.begin(), kFormatter.end(),
                                    [&](const FormatterOption& option) { return option.name == name; });
    if (found != kFormatter.end()) {
      return {true, found->takes_value};
    }
  }
  if (std::find(kGlobals.begin(), kGlobals.end(), name) != kGlobals.end()) {
    return {true, false};
  }
  const bool global = is_global_with_value(name);
  return {global, global};
}

}  // namespace scenarios::commands
