#include "scenarios/commands/reference.h"

#include <fmt/format.h>

#include "models/kubernetes/resource_kinds.h"
#include "scenarios/commands/emulated.h"

namespace scenarios::commands {

namespace {

constexpr const char* kIntroduction = R"(# Commands of a plan

This page is rendered from the flag tables that the emulated programs themselves read; `REHEARSAL_ACCEPT=1` in the
environment of the commands' tests renders it anew.

A step's `run:` holds commands as a person types them; how they may be joined, and what else of a shell is taken, stands in
[runbooks.md](runbooks.md). Programs, commands and flags that stand under "refused"
exist and are not modelled yet; a plan that uses them does not load. Meaning, output and exit codes are those of the
real program in the cluster's version. Commands read the API without delay; all that they write has the step as its
cause.

)";

std::string type_of(const FlagSpec& flag) {
  switch (flag.type) {
    case FlagType::text:
      return flag.if_bare.empty() ? "text" : fmt::format("text; alone it means `{}`", flag.if_bare);
    case FlagType::boolean:
      return "`true` or `false`; alone it means `true`";
    case FlagType::integer:
      return "whole number";
    case FlagType::duration:
      return "duration, as in `1m30s`";
    case FlagType::text_list:
      return "text; may be repeated";
    case FlagType::comma_list:
      return "texts with commas between them; may be repeated";
  }
  return {};
}

std::string flag_name(const FlagSpec& flag) {
  return flag.shorthand == 0 ? fmt::format("`--{}`", flag.name)
                             : fmt::format("`-{}`, `--{}`", flag.shorthand, flag.name);
}

bool is_global(const FlagSpec& flag) {
  return global_flag_takes_value(fmt::format("--{}", flag.name)) || flag.name == "disable-compression" ||
         flag.name == "insecure-skip-tls-verify" || flag.name == "match-server-version" ||
         flag.name == "skip-headers" || flag.name == "warnings-as-errors";
}

void render(const SubCommand& command, std::string& out) {
  const FlagTable& table = command.flags();
  const std::string name = command.name.empty() ? std::string(command.program)
                                                : fmt::format("{} {}", command.program, command.name);
  out += fmt::format("\n## {}\n\n{}\n\n```\n{}{}{}\n```\n", name, command.sentence, name,
                     command.arguments.empty() ? "" : " ", command.arguments);
  if (!table.modelled.empty()) {
    out += "\n| flag | value |\n| --- | --- |\n";
    for (const FlagSpec& flag : table.modelled) {
      out += fmt::format("| {} | {} |\n", flag_name(flag), type_of(flag));
    }
  }
  std::string refused;
  for (const FlagSpec& flag : table.not_modelled) {
    if (command.program != "kubectl" || !is_global(flag)) {
      refused += (refused.empty() ? "" : ", ") + flag_name(flag);
    }
  }
  if (!refused.empty()) {
    out += fmt::format("\nRefused: {}.\n", refused);
  }
}

}  // namespace

std::string render_command_reference() {
  std::string out = kIntroduction;
  out += "Kinds of objects: ";
  bool first = true;
  for (const models::kubernetes::ResourceKind& kind : models::kubernetes::resource_kinds()) {
    out += fmt::format("{}`{}`{}", first ? "" : ", ", kind.resource,
                       kind.short_name.empty() ? "" : fmt::format(" (`{}`)", kind.short_name));
    first = false;
  }
  out += ".\n\nRefused by every kubectl command: ";
  first = true;
  for (const FlagSpec& flag : sub_commands().front()->flags().not_modelled) {
    if (is_global(flag)) {
      out += (first ? "" : ", ") + flag_name(flag);
      first = false;
    }
  }
  out += ".\n";
  for (const SubCommand* command : sub_commands()) {
    render(*command, out);
  }
  return out;
}

}  // namespace scenarios::commands
