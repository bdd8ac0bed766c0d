#include "scenarios/commands/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <typeinfo>
#include <utility>

#include "scenarios/commands/emulated.h"
#include "scenarios/commands/flux_action.h"
#include "scenarios/commands/hard_scaling.h"
#include "scenarios/commands/iomeshctl.h"
#include "scenarios/commands/openstack_action.h"
#include "scenarios/commands/sub_commands.h"
#include "scenarios/language/nearest_word.h"
#include "sim/require.h"

namespace scenarios::commands {

namespace {

constexpr std::array<const SubCommand*, 74> kSubCommands{&kKubectlGet,
                                                         &kKubectlScale,
                                                         &kKubectlDelete,
                                                         &kKubectlPatch,
                                                         &kKubectlEdit,
                                                         &kKubectlApply,
                                                         &kKubectlWait,
                                                         &kKubectlRolloutStatus,
                                                         &kKubectlRolloutRestart,
                                                         &kKubectlRolloutUndo,
                                                         &kKubectlRolloutHistory,
                                                         &kKubectlRolloutPause,
                                                         &kKubectlRolloutResume,
                                                         &kKubectlSetImage,
                                                         &kKubectlCordon,
                                                         &kKubectlUncordon,
                                                         &kKubectlDrain,
                                                         &kKubectlTaint,
                                                         &kKubectlLabel,
                                                         &kKubectlAnnotate,
                                                         &kKubectlExec,
                                                         &kFluxResourceList,
                                                         &kFluxResourceStatus,
                                                         &kFluxResourceDrain,
                                                         &kFluxResourceUndrain,
                                                         &kFluxResourceInfo,
                                                         &kFluxSubmit,
                                                         &kFluxRun,
                                                         &kFluxJobs,
                                                         &kFluxCancel,
                                                         &kHelmUpgrade,
                                                         &kIomeshctlChunkUnregister,
                                                         &kIomeshctlChunkList,
                                                         &kIomeshctlSummaryCluster,
                                                         &kEdit,
                                                         &kSsh,
                                                         &kKindCreateCluster,
                                                         &kKindDeleteCluster,
                                                         &kOpenStackServerShelve,
                                                         &kOpenStackServerUnshelve,
                                                         &kOpenStackServerShow,
                                                         &kOpenStackServerList,
                                                         &kOpenStackServerStop,
                                                         &kOpenStackServerStart,
                                                         &kOpenStackServerDelete,
                                                         &kOpenStackServerCreate,
                                                         &kOpenStackServerLock,
                                                         &kOpenStackServerUnlock,
                                                         &kOpenStackServerPause,
                                                         &kOpenStackServerUnpause,
                                                         &kOpenStackServerSuspend,
                                                         &kOpenStackServerResume,
                                                         &kOpenStackServerSet,
                                                         &kOpenStackServerEventList,
                                                         &kOpenStackServerEventShow,
                                                         &kOpenStackImageList,
                                                         &kOpenStackFlavorList,
                                                         &kOpenStackQuotaShow,
                                                         &kOpenStackQuotaSet,
                                                         &kOpenStackServerReboot,
                                                         &kOpenStackServerRescue,
                                                         &kOpenStackServerResize,
                                                         &kOpenStackServerRebuild,
                                                         &kOpenStackServerImageCreate,
                                                         &kOpenStackConsoleLogShow,
                                                         &kOpenStackServerAddVolume,
                                                         &kOpenStackServerRemoveVolume,
                                                         &kOpenStackServerVolumeList,
                                                         &kTerraformApply,
                                                         &kAnsibleInstall,
                                                         &kAnsibleScale,
                                                         &kAnsibleRemoveNode,
                                                         &kAnsibleRemoveNodeAlias,
                                                         &kOpenStackVersion};

/// Verbs of kubectl that are refused by name. Source: kubectl --help of 1.34.
constexpr std::array<std::string_view, 31> kKubectlNotModelled{
    "alpha",        "api-resources", "api-versions", "attach",  "auth",      "autoscale", "certificate",
    "cluster-info", "completion",    "config",       "cp",      "create",    "debug",     "describe",
    "diff",         "events",        "explain",      "expose",  "kustomize", "logs",      "options",
    "plugin",       "port-forward",  "proxy",        "replace", "rollout",   "run",       "set",
    "top",          "version",       "help"};

std::vector<std::string> names_of(std::string_view program) {
  std::vector<std::string> names;
  for (const SubCommand* command : kSubCommands) {
    if (command->program == program) {
      names.emplace_back(command->name);
    }
  }
  return names;
}

std::string modelled_hint(std::string_view program) {
  std::string hint = fmt::format("modelled: ");
  for (const std::string& name : names_of(program)) {
    hint += (hint.ends_with(": ") ? "" : ", ") + name;
  }
  return hint;
}

/// A sub-command and the words that are its own.
struct Named {
  const SubCommand* command = nullptr;
  std::vector<Argument> words;
  std::size_t offset = 0;
};

/// Finds the sub-command of kubectl or kind; flags may stand before its name. Source: spf13/cobra command.go,
/// Find and stripFlags.
Named find_sub_command(std::string_view program, std::span<const Argument> words,
                       std::vector<CommandProblem>& problems) {
  Named named;
  std::string name;
  std::size_t at = 1;
  for (; at < words.size() && named.command == nullptr; ++at) {
    const std::string& text = words[at].text();
    if (text.starts_with('-') && text.size() > 1) {
      named.words.push_back(words[at]);
      const bool takes_next = (program == "kubectl" && global_flag_takes_value(text)) ||
                              (program == "ansible-playbook" && ansible_option_takes_value(text));
      if (takes_next && at + 1 < words.size()) {
        named.words.push_back(words[++at]);
      }
      continue;
    }
    name += (name.empty() ? "" : " ") + text;
    named.offset = words[at].origin(0);
    bool longer = false;
    for (const SubCommand* command : kSubCommands) {
      if (command->program == program && command->name == name) {
        named.command = command;
      }
      longer = longer || (command->program == program && command->name.starts_with(name + " "));
    }
    if (named.command == nullptr && !longer) {
      break;
    }
  }
  if (named.command != nullptr) {
    named.words.insert(named.words.end(), words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
    return named;
  }
  if (name.empty()) {
    problems.push_back(
        {fmt::format("{} needs a command", program), modelled_hint(program), words.front().origin(0)});
    return named;
  }
  const std::string_view verb = std::string_view(name).substr(0, name.find(' '));
  const bool real = program == "kind" || std::find(kKubectlNotModelled.begin(), kKubectlNotModelled.end(),
                                                   verb) != kKubectlNotModelled.end();
  std::string hint = modelled_hint(program);
  if (real) {
    problems.push_back(
        {fmt::format("{} {} is not modelled yet", program, name), std::move(hint), named.offset});
    return named;
  }
  const std::vector<std::string> known = names_of(program);
  if (const auto nearest = language::nearest_word(name, known)) {
    hint = fmt::format("did you mean {}? {}", *nearest, hint);
  }
  problems.push_back(
      {fmt::format("unknown command \"{}\" for \"{}\"", name, program), std::move(hint), named.offset});
  return named;
}

/// What came of reading a command.
struct Read {
  ActionPointer action;
  std::vector<CommandProblem> problems;
  const SubCommand* command = nullptr;
  bool of_flags = false;                  ///< the problems are those of the flags' grammar
  const ClientCommand* client = nullptr;  ///< of the openstack client
};

Read read_client_words_of(std::span<const Argument> words, const LoadContext& context) {
  Read read;
  std::vector<Argument> rest;
  const ClientCommand* command = find_client_command(words, rest, read.problems);
  if (command == nullptr) {
    return read;
  }
  read.command = command->command;
  read.client = command;
  ParsedFlags flags = parse_client_words(*command, rest);
  if (!flags) {
    read.of_flags = true;
    read.problems = std::move(flags.problems);
    return read;
  }
  Reading reading(std::move(flags), context, words.front().origin(0));
  read.action = command->command->read(reading);
  read.problems = std::move(reading.problems);
  return read;
}

/// What to write instead of a program that is not modelled.
std::string hint_instead_of(std::string_view program) {
  constexpr std::array<std::string_view, 7> kEditors = {"vi", "vim", "nano", "emacs", "sed", "yq", "code"};
  if (std::find(kEditors.begin(), kEditors.end(), program) != kEditors.end()) {
    return "a step that changes a file is written edit: {file: iomesh.yaml, set: {chunk.replicaCount: 2}}";
  }
  if (program == "ip") {
    return "write ssh NODE ip a";
  }
  return "modelled programs: kubectl, flux, kind, openstack, terraform, ansible-playbook, helm, ssh; "
         "iomeshctl behind kubectl exec";
}

Read read_words(std::span<const Argument> words, const LoadContext& context) {
  Read read;
  const std::string& program = words.front().text();
  Named named;
  if (program == "kubectl" || program == "kind") {
    named = find_sub_command(program, words, read.problems);
  } else if (program == "flux") {
    const FluxCommandName name = find_flux_command(words, read.problems);
    named.command = name.command;
    if (named.command != nullptr) {
      named.words.assign(words.begin() + static_cast<std::ptrdiff_t>(name.words), words.end());
      named.offset = words[name.words - 1].origin(0);
    }
  } else if (program == "edit" || program == "ssh") {
    named = {program == "edit" ? &kEdit : &kSsh, {words.begin() + 1, words.end()}, words.front().origin(0)};
  } else if (is_iomeshctl(program)) {
    named = find_sub_command("iomeshctl", words, read.problems);
    named.words.clear();
  } else if (program == "ansible-playbook" || program == "helm") {
    named = find_sub_command(program, words, read.problems);
  } else if (program == "terraform") {
    // Go's flag package: one hyphen before a long name.
    std::vector<Argument> doubled(words.begin(), words.end());
    for (std::size_t i = 1; i < doubled.size(); ++i) {
      const std::string& text = doubled[i].text();
      if (text.size() > 2 && text.starts_with('-') && !text.starts_with("--")) {
        doubled[i] = Argument("-" + text);
      }
    }
    named = find_sub_command(program, doubled, read.problems);
  } else if (program == "openstack") {
    return read_client_words_of(words, context);
  } else {
    read.problems.push_back({fmt::format("the program {} is not modelled", program), hint_instead_of(program),
                             words.front().origin(0)});
  }
  read.command = named.command;
  if (named.command == nullptr) {
    return read;
  }
  ParsedFlags flags = parse_sub_command(*named.command, named.words);
  if (!flags) {
    read.of_flags = true;
    read.problems = std::move(flags.problems);
    return read;
  }
  Reading reading(std::move(flags), context, named.offset);
  read.action = named.command->read(reading);
  read.problems = std::move(reading.problems);
  return read;
}

/// Which timing says how long a program takes before its first request; nothing for those that answer at
/// once.
std::optional<models::timing::Key> startup_of(std::string_view program) {
  if (program == "kubectl") {
    return models::timing::Key::kubectl_start;
  }
  return program == "openstack" ? std::optional(models::timing::Key::openstack_client) : std::nullopt;
}

/// A command whose process takes its time to start.
class Process : public Action {
 public:
  Process(ActionPointer action, models::timing::Key key, std::string_view text)
      : action_(std::move(action)), key_(key), entity_(sim::text_hash(text)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    models::kubernetes::Turn& turn = systems.kubernetes;
    if (state.begins_at == sim::kNever) {
      const models::timing::Distribution& startup = turn.cluster.settings->profile.at(key_);
      state.begins_at =
          turn.now() + turn.context.choices.duration({entity_, static_cast<std::uint32_t>(key_), 0}, startup);
      if (state.begins_at > turn.now()) {
        state.deadline = state.begins_at;
      }
    }
    if (turn.now() < state.begins_at) {
      return;
    }
    if (!state.started) {
      state.deadline = sim::kNever;
    }
    action_->advance(state, systems, by);
    state.started = true;
  }

 private:
  ActionPointer action_;
  models::timing::Key key_;
  std::uint64_t entity_;
};

/// A command whose words have variables: it is read again when it starts.
class Deferred final : public Command {
 public:
  Deferred(std::vector<Word> words, LoadContext context)
      : words_(std::move(words)), context_(std::move(context)) {}

  /// Reads the command with the values that the variables have now. A problem ends it as the real program
  /// would.
  void resolve(CommandState& state, const Variables& variables) const {
    const std::vector<Argument> arguments = arguments_of(words_, values_of(variables));
    state.text = text_of(arguments);
    if (arguments.empty()) {  // as a shell does with a command that vanishes
      finish(state);
      return;
    }
    const auto open = std::find_if(arguments.begin(), arguments.end(),
                                   [](const Argument& argument) { return argument.open_from(0); });
    if (open != arguments.end()) {
      state.errors +=
          fmt::format("rehearse: {} has no value: the step that captures it did not run\n", open->text());
      finish(state, 1);
      return;
    }
    Read read = read_words(arguments, context_);
    if (read.problems.empty()) {
      const auto key = startup_of(arguments.front().text());
      state.resolved =
          key ? std::make_shared<Process>(std::move(read.action), *key, state.text) : std::move(read.action);
      return;
    }
    const CommandProblem& first = read.problems.front();
    if (first.text.find("modelled") != std::string::npos) {  // the real program would go on
      state.errors += fmt::format("rehearse: {}\n", first.text);
      finish(state, 1);
      return;
    }
    if (read.client != nullptr) {
      constexpr int kUsage = 2;  // argparse
      state.errors += usage_error(*read.client, first);
      finish(state, kUsage);
      return;
    }
    if (read.of_flags) {
      state.errors += flag_error_output(first, read.command->flags());
    } else {
      state.errors += "error: " + first.text + "\n";
    }
    finish(state, 1);
  }

 private:
  std::vector<Word> words_;
  LoadContext context_;
};

/// Names that are no variables at this place.
void check_variables(const std::vector<Word>& words, const LoadContext& context,
                     std::vector<CompileProblem>& problems) {
  for (const Word& word : words) {
    for (const WordPart& part : word.parts) {
      const bool unknown = part.reference && std::find(context.variables.begin(), context.variables.end(),
                                                       part.text) == context.variables.end();
      if (unknown) {
        problems.push_back({part.origins.front(), fmt::format("there is no variable {} here", part.text),
                            context.variables.empty()
                                ? "captures come from let: of an earlier step"
                                : language::did_you_mean(part.text, context.variables)});
      }
    }
  }
}

}  // namespace

std::span<const SubCommand* const> sub_commands() { return kSubCommands; }

CommandPointer compile(std::string_view text, const LoadContext& context,
                       std::vector<CompileProblem>& problems) {
  const auto add = [&](std::vector<CommandProblem> found) {
    for (CommandProblem& problem : found) {
      problems.push_back({problem.offset, std::move(problem.text), std::move(problem.hint)});
    }
  };
  const std::size_t before = problems.size();
  WordsResult split = split_words(text);
  if (!split) {
    add(std::move(split.problems));
    return nullptr;
  }
  if (split.words.empty()) {
    problems.push_back({0, "the command is empty", "write a command of kubectl or flux"});
    return nullptr;
  }
  check_variables(split.words, context, problems);
  std::vector<Argument> arguments;
  bool deferred = false;
  for (const Word& word : split.words) {
    arguments.push_back(Argument::of(word));
    deferred = deferred || word.has_references();
  }
  Read read = read_words(arguments, context);
  add(std::move(read.problems));
  if (problems.size() != before) {
    return nullptr;
  }
  sim::require(read.action != nullptr, "a command without problems is an action");
  if (const auto key = startup_of(arguments.front().text()); key && !deferred) {
    read.action = std::make_shared<Process>(std::move(read.action), *key, text);
  }
  if (deferred) {
    return std::make_shared<Deferred>(std::move(split.words), context);
  }
  return read.action;
}

Argument::ValueOf values_of(const Variables& variables) {
  return [&variables](std::string_view name) -> std::optional<std::string> {
    const auto found = std::find_if(variables.rbegin(), variables.rend(),
                                    [&](const auto& variable) { return variable.first == name; });
    return found == variables.rend() ? std::nullopt : std::optional(found->second);
  };
}

std::string text_of(std::span<const Argument> arguments) {
  std::string text;
  for (const Argument& argument : arguments) {
    text += (text.empty() ? "" : " ") + quote_word(argument.text());
  }
  return text;
}

void advance(const Command& command, CommandState& state, const Variables& variables, Systems& systems,
             By by) {
  if (state.done) {
    return;
  }
  const bool first = !state.started && state.begins_at == sim::kNever;
  const Command* performed = &command;
  if (typeid(command) == typeid(Deferred)) {
    if (first) {
      static_cast<const Deferred&>(command).resolve(state, variables);
    }
    performed = state.resolved.get();
  }
  if (!state.done) {
    // Asked after every event: what is compiled here is one or the other.
    static_cast<const Action*>(performed)->advance(state, systems, by);
  }
  // A process that starts up has done nothing yet.
  state.started = state.done || state.begins_at == sim::kNever || systems.kubernetes.now() >= state.begins_at;
}

namespace {

void hash(const DrainState& drain, sim::Time now, sim::Hasher& hasher) {
  const auto time = [&](sim::Time at) {
    hasher.add(at == sim::kNever ? std::int64_t{-1} : (at - now).count());
  };
  hasher.add(drain.nodes.size());
  hasher.add(drain.node);
  hasher.add(drain.under_way);
  time(drain.expires);
  hasher.add(drain.pods.size());
  for (const DrainedPod& pod : drain.pods) {
    hasher.add(std::string_view(pod.name_space));
    hasher.add(std::string_view(pod.name));
    hasher.add(static_cast<std::uint8_t>(pod.stage));
    hasher.add(pod.refused);
    hasher.add(pod.requests_again);
    time(pod.next);
  }
  hasher.add(drain.errors.size());
  for (const std::string& error : drain.errors) {
    hasher.add(std::string_view(error));
  }
  hasher.add(drain.failures.size());  // what they were stands in the output
}

}  // namespace

void hash(const CommandState& state, sim::Time now, sim::Hasher& hasher) {
  hasher.add(state.started);
  hasher.add(state.done);
  hasher.add(state.started || state.begins_at == sim::kNever ? std::int64_t{-1}
                                                             : (state.begins_at - now).count());
  hasher.add(state.stage);
  hasher.add(state.exit_code);
  hasher.add(state.deadline == sim::kNever ? std::int64_t{-1} : (state.deadline - now).count());
  // Objects are waited for by uid; what tells worlds apart are their names, which `words` holds.
  hasher.add(state.waiting_for.size());
  hasher.add(state.words.size());
  for (const std::string& word : state.words) {
    hasher.add(std::string_view(word));
  }
  hash(state.drain, now, hasher);
  hasher.add(std::string_view(state.text));
  hasher.add(std::string_view(state.output));
  hasher.add(std::string_view(state.errors));
}

std::vector<std::string> supported_commands() {
  std::vector<std::string> lines;
  for (const SubCommand* command : kSubCommands) {
    lines.push_back(fmt::format("{}{}{}{}{}", command->program, command->name.empty() ? "" : " ",
                                command->name, command->arguments.empty() ? "" : " ", command->arguments));
  }
  return lines;
}

}  // namespace scenarios::commands
