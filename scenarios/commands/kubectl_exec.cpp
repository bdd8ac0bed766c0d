// kubectl exec POD -- flux … and kubectl exec POD -- /opt/iomesh/iomeshctl …: the programs that are modelled
// inside a pod. Source: kubectl pkg/cmd/exec/exec.go; pkg/util/podutils and cmd/util/podcmd (which
// container).

#include <fmt/format.h>

#include <algorithm>

#include "models/flux/containers.h"
#include "models/iomesh/metas.h"
#include "scenarios/commands/flux_action.h"
#include "scenarios/commands/iomeshctl.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;
namespace flux = models::flux;

const Flags& exec_flags() {
  static const Flags flags(
      Flags::Of::kubectl, "kubectl exec",
      {{"container", 'c', FlagType::text},
       {"stdin", 'i', FlagType::boolean},
       {"tty", 't', FlagType::boolean},
       {"quiet", 'q', FlagType::boolean}},
      {{"filename", 'f', FlagType::comma_list}, {"pod-running-timeout", 0, FlagType::duration}});
  return flags;
}

struct ExecRequest {
  std::string name_space = "default";
  std::string pod;
  std::string container;  ///< empty: the first
  bool quiet = false;
  std::string told;  ///< to standard error before anything else
  std::shared_ptr<const FluxAction> program;
  std::shared_ptr<const IomeshctlAction> iomeshctl;  ///< instead of `program`
  bool shell = false;                                ///< instead of both: a prompt, at which nothing is typed
};

class ExecCommand : public Action {
 public:
  explicit ExecCommand(ExecRequest request) : request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    if (!state.waiting_for.empty()) {
      request_.iomeshctl ? go_on_in_meta(state, systems, by) : go_on(state, systems, by);
      return;
    }
    KubectlErrors errors;
    state.errors += request_.told;
    const auto pod = find_object(systems, Kind::Pod, request_.name_space, request_.pod);
    if (!pod) {
      errors.add(kubernetes::not_found_error(Kind::Pod, request_.pod));
    } else if (request_.shell) {
      enter(state, systems, *pod, errors);
    } else if (request_.iomeshctl) {
      if (enter_meta(state, systems, *pod, errors)) {
        state.waiting_for = {pod->uid};
        go_on_in_meta(state, systems, by);
        return;
      }
    } else if (const auto row = look_into(state, systems, *pod, errors)) {
      perform(state, systems, {*row, systems.kubernetes.cluster.pods[pod->row].index}, by);
      if (!state.done) {
        state.waiting_for = {pod->uid};
      }
      return;
    }
    errors.finish_with(state);
  }

 private:
  void perform(CommandState& state, Systems& systems, const FluxPlace& place, By by) const {
    request_.program->perform(state, systems, place, by);
    if (state.done && state.exit_code != 0) {
      state.errors += fmt::format("command terminated with exit code {}\n", state.exit_code);
    }
  }

  /// The program waits for something; it dies with its container.
  void go_on(CommandState& state, Systems& systems, By by) const {
    constexpr int kKilled = 137;
    const auto pod = find_uid(systems, state.waiting_for.front());
    const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const Row row = pod ? systems.flux.find_job(cluster.pods[pod->row].owner.uid) : kubernetes::kNoRow;
    if (row == kubernetes::kNoRow ||
        !flux::container_runs(cluster, systems.flux.miniclusters[row], pod->row)) {
      state.errors += fmt::format("command terminated with exit code {}\n", kKilled);
      finish(state, kKilled);
      return;
    }
    perform(state, systems, {row, cluster.pods[pod->row].index}, by);
  }

  /// Whether iomeshctl can be started there and finds the leader in its pod. Assumed: the others refuse.
  bool enter_meta(CommandState& state, Systems& systems, const ObjectRef& object,
                  KubectlErrors& errors) const {
    const auto container = enter(state, systems, object, errors);
    if (!container) {
      return false;
    }
    const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const kubernetes::Pod& pod = cluster.pods[object.row];
    const auto turn = iomesh_turn(systems);
    if (!turn || cluster.strings[pod.base_name] != iomesh::kMetaSet ||
        cluster.template_of(pod).containers[*container].name != iomesh::kMetaSet) {
      const std::string text =
          "Internal error occurred: error executing command in container: exec: \"/opt/iomesh/iomeshctl\": "
          "stat "
          "/opt/iomesh/iomeshctl: no such file or directory";
      errors.add("error: " + text, text);
      return false;
    }
    if (!iomesh::metas::leads(turn->state, cluster, object.row)) {
      state.errors += "Error: this meta server is not the leader\n";
      errors.add("command terminated with exit code 1", "command terminated with exit code 1");
      return false;
    }
    return true;
  }

  void go_on_in_meta(CommandState& state, Systems& systems, By by) const {
    constexpr int kKilled = 137;
    const auto pod = find_uid(systems, state.waiting_for.front());
    auto turn = iomesh_turn(systems);
    if (!pod || !turn || !iomesh::serves(systems.kubernetes.cluster, pod->row)) {
      state.errors += fmt::format("command terminated with exit code {}\n", kKilled);
      finish(state, kKilled);
      return;
    }
    request_.iomeshctl->perform(state, *turn, by);
    if (state.done && state.exit_code != 0) {
      state.errors += fmt::format("command terminated with exit code {}\n", state.exit_code);
    }
  }

  /// The running container's position in the pod's template; nothing, with an error, where no program can be
  /// started.
  std::optional<std::size_t> enter(CommandState& state, const Systems& systems, const ObjectRef& object,
                                   KubectlErrors& errors) const {
    const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const kubernetes::Pod& pod = cluster.pods[object.row];
    if (pod.terminal()) {
      errors.add(fmt::format("cannot exec into a container in a completed pod; current phase is {}",
                             kubernetes::to_text(pod.phase)));
      return std::nullopt;
    }
    const kubernetes::PodTemplate& pod_template = cluster.template_of(pod);
    const std::optional<std::size_t> container = find_container(state, pod_template);
    if (!container) {
      errors.add(fmt::format("container {} not found in pod {}", request_.container, request_.pod));
      return std::nullopt;
    }
    if (pod.node == kubernetes::kNoRow) {
      errors.add(
          kubernetes::bad_request_error(fmt::format("pod {} does not have a host assigned", request_.pod)));
      return std::nullopt;
    }
    const kubernetes::ContainerStatus& status = cluster.containers[pod.containers + *container];
    if (status.state != kubernetes::ContainerState::Running) {
      // Source: pkg/kubelet/server/server.go, getExec: the upgrade is refused.
      const std::string text = fmt::format("unable to upgrade connection: container not found (\"{}\")",
                                           pod_template.containers[*container].name);
      errors.add("error: " + text, text);
      return std::nullopt;
    }
    return container;
  }

  /// The MiniCluster whose Flux runs in the container; nothing, with an error, where no program can be
  /// started.
  std::optional<Row> look_into(CommandState& state, const Systems& systems, const ObjectRef& object,
                               KubectlErrors& errors) const {
    if (!enter(state, systems, object, errors)) {
      return std::nullopt;
    }
    const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const kubernetes::Pod& pod = cluster.pods[object.row];
    const Row row = pod.owner.kind == Kind::Job ? systems.flux.find_job(pod.owner.uid) : kubernetes::kNoRow;
    if (row == kubernetes::kNoRow ||
        !flux::container_runs(cluster, systems.flux.miniclusters[row], object.row)) {
      const std::string text =
          "Internal error occurred: error executing command in container: exec: \"flux\": executable file "
          "not found in "
          "$PATH";
      errors.add("error: " + text, text);
      return std::nullopt;
    }
    if (!reaches_leader(systems.flux.miniclusters[row], pod)) {
      state.errors += fmt::format("{}: ERROR: {}\n", request_.program->program(), flux::kUnreachable);
      errors.add("command terminated with exit code 1", "command terminated with exit code 1");
      return std::nullopt;
    }
    return row;
  }

  /// A program asks the broker of its own pod, which passes the request up the tree.
  static bool reaches_leader(const flux::MiniCluster& minicluster, const kubernetes::Pod& pod) {
    const auto rank = static_cast<std::size_t>(pod.index);
    return pod.index == 0 || (pod.index > 0 && rank < minicluster.instance.brokers.size() &&
                              minicluster.instance.brokers[rank].online);
  }

  /// The container's position in the template. Says which one it is when several could be meant.
  std::optional<std::size_t> find_container(CommandState& state,
                                            const kubernetes::PodTemplate& pod_template) const {
    const auto& containers = pod_template.containers;
    if (!request_.container.empty()) {
      for (std::size_t i = 0; i < containers.size(); ++i) {
        if (containers[i].name == request_.container) {
          return i;
        }
      }
      return std::nullopt;
    }
    const std::size_t first = pod_template.init_containers;
    if (containers.size() > 1 && !request_.quiet) {
      std::string all;
      for (std::size_t i = first; i < containers.size(); ++i) {
        all += (all.empty() ? "" : ", ") + containers[i].name;
      }
      for (std::size_t i = 0; i < first; ++i) {
        all += fmt::format(", {} (init)", containers[i].name);
      }
      state.errors += fmt::format("Defaulted container \"{}\" out of: {}\n", containers[first].name, all);
    }
    return first < containers.size() ? std::optional(first) : std::nullopt;
  }

  ExecRequest request_;
};

void read_pod(Reading& reading, const Argument& argument, ExecRequest& request) {
  const std::string& text = argument.text();
  const std::size_t slash = text.find('/');
  request.pod = slash == std::string::npos ? text : text.substr(slash + 1);
  if (slash != std::string::npos && !argument.open_from(0)) {
    const ResourceKind* kind = read_kind(reading, text.substr(0, slash), argument.origin(0));
    if (kind != nullptr && kind->kind != Kind::Pod) {
      reading.refuse(fmt::format("kubectl exec {} is not modelled yet", text), "name the pod",
                     argument.origin(0));
    }
  }
  if (request.pod.empty()) {
    reading.refuse("pod, type/name or --filename must be specified", "write kubectl exec POD -- flux …",
                   argument.origin(0));
  }
}

bool is_shell(std::string_view word) {
  return word == "bash" || word == "sh" || word == "/bin/bash" || word == "/bin/sh";
}

void read_program(Reading& reading, std::span<const Argument> words, ExecRequest& request);

/// bash: a prompt; bash -c COMMAND: that command. Assumed: every container has one.
void read_shell(Reading& reading, std::span<const Argument> words, ExecRequest& request) {
  if (words.size() == 1) {
    request.shell = true;
    return;
  }
  const std::string hint = "write the command itself behind --, or each in a line of its own at a prompt";
  if (words.size() != 3 || (words[1].text() != "-c" && words[1].text() != "-lc")) {
    reading.refuse("of a shell in a pod a prompt and -c COMMAND are modelled", hint, words[1].origin(0));
    return;
  }
  const WordsResult typed = split_words(words[2].text());
  std::vector<Argument> inside;
  for (const Word& word : typed.words) {
    inside.emplace_back(Argument::of(word).text());
  }
  const bool variables = std::any_of(typed.words.begin(), typed.words.end(),
                                     [](const Word& word) { return word.has_references(); });
  if (!typed || inside.empty() || variables) {
    reading.refuse(fmt::format("\"{}\" is not one command in plain words", words[2].text()), hint,
                   words[2].origin(0));
    return;
  }
  const std::size_t before = reading.problems.size();
  read_program(reading, inside, request);
  for (std::size_t i = before; i < reading.problems.size(); ++i) {
    reading.problems[i].offset = words[2].origin(0);
  }
}

/// Behind `--`: flux …, flux proxy URI flux …, iomeshctl …, or a shell.
void read_program(Reading& reading, std::span<const Argument> words, ExecRequest& request) {
  if (is_shell(words.front().text())) {
    read_shell(reading, words, request);
    return;
  }
  if (is_iomeshctl(words.front().text())) {
    request.iomeshctl = read_iomeshctl(reading, words);
    return;
  }
  if (words.size() > 3 && words[0].text() == "flux" && words[1].text() == "proxy") {
    words = words.subspan(3);
  }
  if (words.front().text() != "flux") {
    reading.refuse(
        fmt::format("kubectl exec … {} is not modelled yet", words.front().text()),
        "inside a pod these are modelled: flux resource list, status, drain, undrain, info, flux submit, "
        "run, jobs, cancel; /opt/iomesh/iomeshctl chunk unregister, chunk list, summary cluster; bash, bash "
        "-c",
        words.front().origin(0));
    return;
  }
  const FluxCommandName name = find_flux_command(words, reading.problems);
  if (name.command == nullptr) {
    return;
  }
  ParsedFlags flags = parse_sub_command(*name.command, words.subspan(name.words));
  reading.problems.insert(reading.problems.end(), flags.problems.begin(), flags.problems.end());
  if (!flags) {
    return;
  }
  Reading inner(std::move(flags), reading.context, words[name.words - 1].origin(0));
  request.program = std::dynamic_pointer_cast<const FluxAction>(name.command->read(inner));
  reading.problems.insert(reading.problems.end(), inner.problems.begin(), inner.problems.end());
}

ActionPointer read_exec(Reading& reading) {
  const std::vector<Argument>& arguments = reading.flags.arguments;
  ExecRequest request;
  request.name_space = reading.text("namespace", "default");
  request.container = reading.text("container");
  request.quiet = reading.boolean("quiet");
  std::size_t before = reading.flags.arguments_before_dashes.value_or(arguments.size());
  if (before == 0) {
    reading.refuse("pod, type/name or --filename must be specified", "write kubectl exec POD -- flux …");
    return nullptr;
  }
  if (!reading.flags.arguments_before_dashes && arguments.size() > 1) {
    // Source: exec.go, Complete: deprecated until 1.30.
    if (reading.context.features.since(31)) {
      reading.refuse("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
                     "write -- before the command", arguments[1].origin(0));
      return nullptr;
    }
    before = 1;
    request.told =
        "kubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future version. Use kubectl "
        "exec "
        "[POD] -- [COMMAND] instead.\n";
  }
  if (arguments.size() == before) {
    reading.refuse("you must specify at least one command for the container",
                   "write kubectl exec POD -- flux …");
    return nullptr;
  }
  if (before > 1) {
    reading.refuse(fmt::format("unexpected argument \"{}\" before --", arguments[1].text()), "name one pod",
                   arguments[1].origin(0));
  }
  read_pod(reading, arguments.front(), request);
  read_program(reading, std::span(arguments).subspan(before), request);
  return std::make_shared<ExecCommand>(std::move(request));
}

}  // namespace

const SubCommand kKubectlExec{"kubectl",
                              "exec",
                              "POD [-it] [-c CONTAINER] -- flux … | /opt/iomesh/iomeshctl … | bash",
                              "Runs a `flux` command in a pod of a MiniCluster, or `iomeshctl` in the meta "
                              "leader's. With `-i` and `bash` "
                              "the lines that follow in the same text are typed there, until `exit`.",
                              []() -> const FlagTable& { return exec_flags().table(); },
                              read_exec};

}  // namespace scenarios::commands
