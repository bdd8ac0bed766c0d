#include "scenarios/commands/emulated.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace scenarios::commands {

namespace {

/// Flags that every kubectl command takes. Source: cli-runtime pkg/genericclioptions/config_flags.go
/// AddFlags; component-base logs and version flags.
constexpr std::array<FlagSpec, 29> kKubectlNotModelled{{
    {"as", 0, FlagType::text},
    {"as-group", 0, FlagType::text_list},
    {"as-uid", 0, FlagType::text},
    {"as-user-extra", 0, FlagType::text_list},
    {"cache-dir", 0, FlagType::text},
    {"certificate-authority", 0, FlagType::text},
    {"client-certificate", 0, FlagType::text},
    {"client-key", 0, FlagType::text},
    {"cluster", 0, FlagType::text},
    {"context", 0, FlagType::text},
    {"disable-compression", 0, FlagType::boolean},
    {"insecure-skip-tls-verify", 0, FlagType::boolean},
    {"kubeconfig", 0, FlagType::text},
    {"kuberc", 0, FlagType::text},
    {"log-flush-frequency", 0, FlagType::duration},
    {"match-server-version", 0, FlagType::boolean},
    {"password", 0, FlagType::text},
    {"profile", 0, FlagType::text},
    {"profile-output", 0, FlagType::text},
    {"request-timeout", 0, FlagType::text},
    {"server", 's', FlagType::text},
    {"skip-headers", 0, FlagType::boolean},
    {"tls-server-name", 0, FlagType::text},
    {"token", 0, FlagType::text},
    {"user", 0, FlagType::text},
    {"username", 0, FlagType::text},
    {"v", 'v', FlagType::integer},
    {"vmodule", 0, FlagType::text},
    {"warnings-as-errors", 0, FlagType::boolean},
}};
constexpr FlagSpec kNamespace{"namespace", 'n', FlagType::text};

}  // namespace

void Reading::refuse(std::string text, std::string hint, std::optional<std::size_t> at) {
  problems.push_back({std::move(text), std::move(hint), at.value_or(offset)});
}

bool Reading::open(std::string_view flag) const {
  const GivenFlag* found = flags.find(flag);
  return found != nullptr && found->open;
}

std::size_t Reading::place_of(std::string_view flag) const {
  const GivenFlag* found = flags.find(flag);
  return found == nullptr ? offset : found->value_offset;
}

std::string Reading::text(std::string_view flag, std::string_view otherwise) const {
  return open(flag) ? std::string(otherwise) : flags.text(flag, otherwise);
}

bool Reading::boolean(std::string_view flag, bool otherwise) const {
  return open(flag) ? otherwise : flags.boolean(flag, otherwise);
}

std::optional<std::int64_t> Reading::integer(std::string_view flag) const {
  return open(flag) ? std::nullopt : flags.integer(flag);
}

std::optional<sim::Duration> Reading::duration(std::string_view flag) const {
  return open(flag) ? std::nullopt : flags.duration(flag);
}

Flags::Flags(Of program, std::string_view command, std::initializer_list<FlagSpec> modelled,
             std::initializer_list<FlagSpec> not_modelled)
    : modelled_(modelled), not_modelled_(not_modelled) {
  if (program == Of::kubectl) {
    modelled_.push_back(kNamespace);
    for (const FlagSpec& global : kKubectlNotModelled) {
      // A command's own flag hides the global one of the same name.
      const bool own = std::any_of(modelled_.begin(), modelled_.end(),
                                   [&](const FlagSpec& flag) { return flag.name == global.name; });
      if (!own) {
        not_modelled_.push_back(global);
      }
    }
  }
  table_ = {command, modelled_, not_modelled_};
}

ParsedFlags parse_sub_command(const SubCommand& command, std::span<const Argument> words) {
  const FlagTable& table = command.flags();
  if (!command.remainder) {
    return parse_flags(words, table);
  }
  // Flags end with the first argument; a flag that takes the next word is not taken for one.
  std::size_t end = 0;
  while (end < words.size() && words[end].text().size() > 1 && words[end].text().front() == '-') {
    const std::string& word = words[end].text();
    const auto takes_next = [&](const FlagSpec& flag) {
      return flag.type != FlagType::boolean && flag.if_bare.empty() &&
             (word == fmt::format("--{}", flag.name) ||
              (flag.shorthand != 0 && word == fmt::format("-{}", flag.shorthand)));
    };
    const bool pair = std::any_of(table.modelled.begin(), table.modelled.end(), takes_next) ||
                      std::any_of(table.not_modelled.begin(), table.not_modelled.end(), takes_next);
    end += pair ? 2 : 1;
  }
  end = std::min(end, words.size());
  ParsedFlags parsed = parse_flags(words.first(end), table);
  parsed.arguments.insert(parsed.arguments.end(), words.begin() + static_cast<std::ptrdiff_t>(end),
                          words.end());
  return parsed;
}

bool global_flag_takes_value(std::string_view word) {
  if (word.find('=') != std::string_view::npos) {
    return false;
  }
  if (word == "-n" || word == "--namespace" || word == "-s" || word == "-v") {
    return true;
  }
  return std::any_of(kKubectlNotModelled.begin(), kKubectlNotModelled.end(), [&](const FlagSpec& flag) {
    return flag.type != FlagType::boolean && word.starts_with("--") && word.substr(2) == flag.name;
  });
}

void finish(CommandState& state, int exit_code) {
  state.done = true;
  state.exit_code = exit_code;
  state.deadline = sim::kNever;
  state.waiting_for.clear();
  state.words.clear();
}

void KubectlErrors::add(const models::kubernetes::ApiError& error) {
  // Several errors are not taken apart into causes.
  const bool invalid = error.reason == "Invalid";
  errors_.push_back(
      {error.kubectl_text(), invalid ? fmt::format("Error from server ({}): {}", error.reason, error.message)
                                     : error.kubectl_text()});
}

void KubectlErrors::add(std::string text) {
  std::string alone = text.starts_with("error: ") ? text : "error: " + text;
  errors_.push_back({std::move(alone), std::move(text)});
}

void KubectlErrors::add(std::string alone, std::string among_several) {
  errors_.push_back({std::move(alone), std::move(among_several)});
}

std::string KubectlErrors::text() const {
  if (errors_.size() == 1) {
    return errors_.front().alone + "\n";
  }
  std::string text;
  for (const Forms& error : errors_) {
    text += error.among_several + "\n";
  }
  return text;
}

std::vector<std::string> KubectlErrors::forms() const {
  std::vector<std::string> forms;
  for (const Forms& error : errors_) {
    forms.push_back(error.alone);
    forms.push_back(error.among_several);
  }
  return forms;
}

KubectlErrors KubectlErrors::of_forms(std::span<const std::string> forms) {
  KubectlErrors errors;
  for (std::size_t i = 0; i + 1 < forms.size(); i += 2) {
    errors.add(forms[i], forms[i + 1]);
  }
  return errors;
}

void KubectlErrors::finish_with(CommandState& state) const {
  state.errors += text();
  finish(state, errors_.empty() ? 0 : 1);
}

}  // namespace scenarios::commands
