// What is wrong with a command is said when the scenario is loaded: what, where in the text, and what would
// be right.

#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;

struct ErrorCase {
  const char* name;
  const char* text;
  const char* at;       ///< what stands at the problem's offset
  const char* problem;  ///< a part of it
  const char* hint;     ///< a part of it
  friend std::ostream& operator<<(std::ostream& os, const ErrorCase& c) { return os << c.text; }
};

const ErrorCase kErrors[] = {
    // Programs and sub-commands.
    {"empty", "  ", "  ", "the command is empty", "kubectl"},
    {"unknown_program", "docker run x", "docker", "the program docker is not modelled",
     "kubectl, flux, kind"},
    {"no_sub_command", "kubectl -n x", "kubectl", "kubectl needs a command", "modelled: get, scale"},
    {"refused_verb", "kubectl expose pod x", "expose", "kubectl expose is not modelled yet",
     "modelled: get, scale, delete, patch, edit, apply, wait, rollout status"},
    {"refused_set", "kubectl set env sts x A=b", "env", "kubectl set env is not modelled yet", ""},
    {"rollout_without_object", "kubectl rollout restart", "restart", "required resource not specified", ""},
    {"rollout_of_a_pod", "kubectl rollout undo pod x", "pod", "rolling back is not supported for pods", ""},
    {"pause_of_a_statefulset", "kubectl rollout pause sts x", "sts",
     "pausing is not supported for statefulsets.apps", "only deployments"},
    {"image_without_image", "kubectl set image deployment x", "image",
     "at least one image update is required", ""},
    {"unknown_verb", "kubectl scael sts x", "scael", "unknown command \"scael\" for \"kubectl\"",
     "did you mean scale?"},
    {"flux_other", "flux batch x", "batch", "flux batch is not modelled yet", "flux resource list"},
    {"flux_resource_other", "flux resource reload x", "reload", "flux resource reload is not modelled yet",
     "drain"},
    {"kind_other", "kind load docker-image x", "load", "kind load is not modelled yet", "create cluster"},
    {"pipe", "kubectl get pods | wc -l", "| wc", "", ""},
    // Flags.
    {"unknown_flag", "kubectl scale sts x --replica=1", "--replica=1", "unknown flag: --replica",
     "did you mean --replicas?"},
    {"unknown_shorthand", "kubectl get pods -z", "z", "unknown shorthand flag: 'z' in -z", "-o (--output)"},
    {"flag_not_modelled", "kubectl get pods --watch", "--watch", "kubectl get --watch is not modelled",
     "known here"},
    {"global_flag_not_modelled", "kubectl --context prod get pods", "--context",
     "kubectl get --context is not modelled", ""},
    {"flag_without_value", "kubectl get pods -o", "o", "flag needs an argument: 'o' in -o", ""},
    {"flag_of_wrong_type", "kubectl scale sts x --replicas=two", "two",
     "invalid argument \"two\" for \"--replicas\" flag", "--replicas=3"},
    {"duration_without_unit", "kubectl wait pod/x --for=delete --timeout=60", "60",
     "missing unit in duration", "=60s"},
    // Resources.
    {"unknown_kind", "kubectl get pdos", "pdos", "the server doesn't have a resource type \"pdos\"",
     "modelled: nodes, pods, statefulsets"},
    {"kind_not_modelled", "kubectl get pods,services", "services",
     "resource type \"services\" is not modelled yet", "modelled: nodes"},
    {"attachments", "kubectl get volumeattachments", "volumeattachments",
     "resource type \"volumeattachments\" is not modelled yet", "modelled: nodes"},
    {"unknown_kind_with_name", "kubectl delete sst/x", "sst/x",
     "the server doesn't have a resource type \"sst\"", ""},
    {"no_resource", "kubectl get", "get", "Required resource not specified.", "kubectl get TYPE"},
    {"no_name", "kubectl delete pod", "pod", "resource(s) were provided, but no name was specified", "-l"},
    {"mixed_forms", "kubectl get pod pod/x", "pod pod/x", "there is no need to specify a resource type",
     "TYPE/NAME"},
    {"two_slashes", "kubectl get pod/a/b", "pod/a/b", "may not have more than one slash", ""},
    {"no_name_after_slash", "kubectl get pod/", "pod/", "must have a single resource and name", ""},
    {"name_and_selector", "kubectl get pod x -l a=b", "x -l",
     "name cannot be provided when a selector is specified", ""},
    {"pair_and_selector", "kubectl get pod/x -l a=b", "pod/x", "selectors and the all flag cannot be used",
     ""},
    {"two_types_and_a_name", "kubectl get pods,sts x", "pods,sts", "you must specify only one resource", ""},
    {"name_in_all_namespaces", "kubectl get pod x -A", "x -A", "by name across all namespaces", "-n"},
    {"bad_selector", "kubectl get pods -l 'a in b'", "a in b", "unable to parse requirement", "key=value"},
    // get
    {"bad_format", "kubectl get pods -o jsno", "jsno",
     "unable to match a printer suitable for the output format \"jsno\"", "modelled: wide, json"},
    {"format_not_modelled", "kubectl get pods -o go-template={{.a}}", "go-template",
     "-o go-template is not modelled", "jsonpath"},
    {"bad_jsonpath", "kubectl get pods -o jsonpath={.a", "{.a", "error parsing jsonpath {.a, unclosed action",
     ""},
    {"no_jsonpath",
     "kubectl get pods -o jsonpath=", "jsonpath=", "template format specified but no template given", ""},
    // scale
    {"no_replicas", "kubectl scale sts x", "scale", "required flag(s) \"replicas\" not set",
     "--replicas=COUNT"},
    {"negative_replicas", "kubectl scale sts x --replicas=-1", "-1",
     "COUNT must be greater than or equal to 0", ""},
    {"too_many_replicas", "kubectl scale sts x --replicas=3000000000", "3000000000",
     "more than the API can hold", ""},
    // delete
    {"all_and_selector", "kubectl delete pods --all -l a=b", "--all",
     "cannot set --all and --selector at the same time", ""},
    {"now_and_grace", "kubectl delete pod x --now --grace-period=3", "--now", "cannot be specified together",
     ""},
    {"force_and_grace", "kubectl delete pod x --force --grace-period=3", "--force",
     "--force and --grace-period greater than 0", ""},
    {"bad_cascade", "kubectl delete sts x --cascade=deep", "deep", "invalid cascade value (deep)", ""},
    {"delete_output", "kubectl delete sts x -o json", "json", "We only support '-o name'", ""},
    // patch
    {"unknown_patch_type", "kubectl patch sts x --type=merg -p '{}'", "merg",
     "must be one of [json merge strategic]", ""},
    {"no_patch", "kubectl patch sts x --type=merge", "patch", "must specify --patch", "-p"},
    {"broken_patch", "kubectl patch sts x --type=merge -p '{\"spec\": '", "{\"spec", "unable to parse",
     "single quotes"},
    {"patch_is_no_object", "kubectl patch sts x --type=merge -p '[1]'", "[1]",
     "a merge patch is one JSON object", ""},
    {"patch_other_subresource", "kubectl patch sts x --subresource=scale --type=merge -p '{}'", "scale",
     "kubectl patch --subresource=scale is not modelled yet", "status of pods"},
    {"patch_status_of_set", "kubectl patch sts x --subresource=status --type=merge -p '{}'", "status",
     "kubectl patch --subresource=status of statefulsets is not modelled yet", "status of pods"},
    {"patch_status_field",
     "kubectl patch pod x --subresource=status --type=merge -p '{\"status\":{\"reason\":\"a\"}}'",
     "{\"status", "a patch of a pod's status.reason is not modelled yet", "Succeeded"},
    {"patch_status_spec", "kubectl patch pod x --subresource=status --type=merge -p '{\"spec\":{}}'",
     "{\"spec", "spec in a patch of a pod's status is not modelled yet", "Succeeded"},
    {"patch_status_running",
     "kubectl patch pod x --subresource=status --type=merge -p '{\"status\":{\"phase\":\"Running\"}}'",
     "{\"status", "a patch of a pod's status.phase to Running is not modelled yet", "Failed"},
    {"patch_status_empty", "kubectl patch pod x --subresource=status --type=merge -p '{\"status\":{}}'",
     "{\"status", "without status.phase is not modelled yet", "Failed"},
    // apply
    {"no_file", "kubectl apply", "apply", "must specify one of -f and -k", "-f FILE"},
    {"missing_file", "kubectl apply -f web.yaml", "web.yaml", "the path \"web.yaml\" does not exist",
     "known here: good.yaml"},
    {"missing_stdin", "kubectl apply -f -", "-", "no objects passed to apply", "stdin"},
    {"file_with_other_kind", "kubectl apply -f other.yaml", "other.yaml", "no matches for kind \"CronJob\"",
     "modelled"},
    {"file_with_unknown_field", "kubectl apply -f field.yaml", "field.yaml",
     "unknown field \"spec.unscheduleable\"", ""},
    {"file_without_name", "kubectl apply -f nameless.yaml", "nameless.yaml", "metadata.name is missing", ""},
    {"apply_with_argument", "kubectl apply -f good.yaml x", "x", "Unexpected args: [x]", ""},
    // wait and rollout
    {"no_condition", "kubectl wait pod/x", "wait", "unrecognized condition: \"\"", "--for=delete"},
    {"bad_condition", "kubectl wait pod/x --for=ready", "ready", "unrecognized condition: \"ready\"",
     "condition=Ready"},
    {"bad_wait_jsonpath", "kubectl wait pod/x --for=jsonpath={.a", "{.a", "", "jsonpath"},
    {"rollout_of_pod", "kubectl rollout status pod/x", "pod/x",
     "no status viewer has been implemented for Pod", ""},
    {"rollout_of_nothing", "kubectl rollout status", "status", "required resource not specified", ""},
    // cordon
    {"cordon_nothing", "kubectl cordon", "cordon", "USAGE: cordon NODE [flags]", ""},
    {"cordon_both", "kubectl cordon n -l a=b", "n -l", "cannot specify both a node name and a --selector",
     ""},
    {"cordon_pod", "kubectl uncordon pod/x", "pod/x", "uncordon takes nodes", ""},
    // exec
    {"exec_without_dashes", "kubectl exec x flux resource list", "flux",
     "exec [POD] [COMMAND] is not supported", "--"},
    {"exec_nothing", "kubectl exec x --", "exec", "you must specify at least one command", ""},
    {"exec_other", "kubectl exec -it x -- bash -c 'echo a'", "echo",
     "kubectl exec … echo is not modelled yet", "flux resource"},
    {"exec_other_flux", "kubectl exec x -- flux alloc -N1", "alloc", "flux alloc is not modelled yet",
     "submit, run, jobs, cancel"},
    {"exec_flux_submit", "kubectl exec x -- flux submit hostname", "hostname",
     "a Flux job that runs hostname is not modelled yet", "sleep 300"},
    {"exec_flux_flag", "kubectl exec x -- flux resource list --state=a", "--state", "unknown flag: --state",
     "--states"},
    {"exec_set", "kubectl exec sts/x -- flux resource list", "sts/x",
     "kubectl exec sts/x is not modelled yet", ""},
    // flux
    {"flux_list_argument", "flux resource list x", "x", "unrecognized arguments: x", ""},
    {"flux_list_format", "flux resource list -o rlist", "o rlist", "flux resource list -o is not modelled",
     ""},
    {"flux_status_format", "flux resource status -o short", "short", "-o short is not modelled yet",
     "default, long"},
    {"flux_undrain_nothing", "flux resource undrain", "undrain",
     "the following arguments are required: targets", ""},
    {"submit_nothing", "flux submit -N1", "submit", "job command and arguments are missing", "sleep 300"},
    {"submit_other_program", "flux run -N1 lmp -in x", "lmp", "a Flux job that runs lmp is not modelled yet",
     "sleep inf"},
    {"submit_sleep_nothing", "flux submit sleep", "sleep", "sleep: missing operand", ""},
    {"submit_sleep_word", "flux submit sleep long", "long", "sleep: invalid time interval 'long'", ""},
    {"submit_sleep_negative", "flux submit sleep -5", "-5", "sleep: invalid time interval '-5'", ""},
    {"submit_nodes_word", "flux submit -Nall sleep 1", "all", "--nodes: invalid int value 'all'", ""},
    {"submit_nodes_0", "flux submit -N0 sleep 1", "0 s", "node count must be an integer >= 1", ""},
    {"submit_tasks_negative", "flux submit --ntasks=-2 sleep 1", "-2", "task count must be a integer >= 1",
     ""},
    {"submit_cores_negative", "flux submit -c -1 sleep 1", "-1", "cores per task must be an integer >= 1",
     ""},
    {"submit_fewer_tasks_than_nodes", "flux submit -N3 -n2 sleep 1", "3 -n2",
     "node count must not be greater than task count", ""},
    {"submit_exclusive_alone", "flux submit -x sleep 1", "", "exclusive can only be set with a node count",
     "-N"},
    {"submit_limit", "flux submit -t soon sleep 1", "soon", "invalid Flux standard duration", "5m"},
    {"submit_property", "flux submit --requires=fast sleep 1", "fast",
     "flux --requires=fast is not modelled yet", "host:HOSTLIST"},
    {"submit_negation", "flux submit --requires=-host:a1 sleep 1", "-host:a1", "is not modelled yet", ""},
    {"submit_hosts", "flux submit --requires=host:a[1- sleep 1", "host:a[1-", "invalid hostlist", ""},
    {"submit_gpus", "flux submit -g 1 sleep 1", "g 1", "flux submit -g is not modelled", ""},
    {"submit_wait", "flux submit --wait sleep 1", "--wait", "flux submit --wait is not modelled", ""},
    {"jobs_filter", "flux jobs -f running", "f running", "flux jobs -f is not modelled", ""},
    {"jobs_id", "flux jobs 0OIl", "0OIl", "argument JOBID: invalid JobID value: '0OIl'", "flux submit"},
    {"cancel_nothing", "flux cancel", "cancel", "No target jobs were provided", "--all"},
    {"cancel_both", "flux cancel --all f2", "cancel", "Do not specify a list of jobids with --all", ""},
    {"cancel_id", "flux cancel x.y", "x.y", "argument JOBID...: invalid JobID value: 'x.y'", ""},
    {"flux_switch_value", "flux resource list --no-header=true", "--no-header", "", ""},
    // variables
    {"unknown_variable", "kubectl delete pod ${prod}", "${prod}", "there is no variable prod here",
     "did you mean pod?"},
};

class CompileError : public testing::TestWithParam<ErrorCase> {};

TEST_P(CompileError, SaysWhatWhereAndWhatInstead) {
  const ErrorCase& c = GetParam();
  LoadContext context;
  context.variables = {"pod"};
  const auto node = [](const char* text) { return Json::parse(text); };
  context.files = {
      {"good.yaml", {node(R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}})")}},
      {"other.yaml", {node(R"({"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"n"}})")}},
      {"field.yaml",
       {node(R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"spec":{"unscheduleable":true}})")}},
      {"nameless.yaml", {node(R"({"apiVersion":"v1","kind":"Node","metadata":{}})")}},
  };
  const CompileProblem problem = problem_of(c.text, context);
  const std::string_view text = c.text;
  ASSERT_LE(problem.offset, text.size());
  EXPECT_EQ(text.substr(problem.offset, std::string_view(c.at).size()), c.at) << problem.problem;
  EXPECT_NE(problem.problem.find(c.problem), std::string::npos) << problem.problem;
  EXPECT_NE(problem.hint.find(c.hint), std::string::npos) << problem.hint;
}

INSTANTIATE_TEST_SUITE_P(Cases, CompileError, testing::ValuesIn(kErrors),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Compile, TellsAllProblemsAtOnce) {
  std::vector<CompileProblem> problems;
  EXPECT_EQ(compile("kubectl delete pdos x --cascade=deep --now --grace-period=2", {}, problems), nullptr);
  EXPECT_EQ(problems.size(), 3U);
}

TEST(Compile, KindClustersAreThereAlready) {
  TestCluster world;
  flux::State state;
  EXPECT_EQ(printed(Typed(world, state, "kind create cluster --config kind-config.yaml").state),
            (Printed{"", "", 0}));
  EXPECT_EQ(printed(Typed(world, state, "kind delete cluster").state), (Printed{"", "", 0}));
}

TEST(Compile, TheSupportedCommandsAreListed) {
  const std::vector<std::string> lines = supported_commands();
  EXPECT_EQ(lines.size(), 74U);
  EXPECT_EQ(lines.front(), "kubectl get TYPE[,TYPE…] [NAME… | -l SELECTOR] | TYPE/NAME…");
}

// --- variables
// ---------------------------------------------------------------------------------------------------

class CommandVariables : public CommandTest {};

TEST_F(CommandVariables, AreFilledInWhenTheCommandStarts) {
  add_set("web", 2);
  EXPECT_EQ(printed(typed("kubectl get pod ${pod} -o name", {{"pod", "web-1"}}).state),
            (Printed{"pod/web-1\n", "", 0}));
  EXPECT_EQ(printed(typed("kubectl get $kind/web-0 -o jsonpath=\"{.metadata.$field}\"",
                          {{"kind", "pod"}, {"field", "name"}})
                        .state),
            (Printed{"web-0", "", 0}));
  EXPECT_EQ(printed(typed("kubectl scale sts web --replicas=$n", {{"n", "5"}}).state),
            (Printed{"statefulset.apps/web scaled\n", "", 0}));
}

TEST_F(CommandVariables, TheLastValueOfANameCounts) {
  add_set("web", 2);
  EXPECT_EQ(typed("kubectl get pod $pod -o name", {{"pod", "web-0"}, {"pod", "web-1"}}).state.output,
            "pod/web-1\n");
}

TEST_F(CommandVariables, AnEmptyNameGivesTheErrorOfKubectl) {
  EXPECT_EQ(printed(typed("kubectl delete pod \"$pod\"", {{"pod", ""}}).state),
            (Printed{"", "error: resource name may not be empty\n", 1}));
  EXPECT_EQ(
      printed(typed("kubectl delete pod/$pod", {{"pod", ""}}).state),
      (Printed{"", "error: arguments in resource/name form must have a single resource and name\n", 1}));
}

TEST_F(CommandVariables, AWrongValueFailsTheCommandAndNotTheLoad) {
  EXPECT_EQ(
      printed(typed("kubectl scale sts web --replicas=$n", {{"n", "many"}}).state),
      (Printed{
          "",
          "error: invalid argument \"many\" for \"--replicas\" flag: strconv.ParseInt: parsing \"many\": "
          "invalid syntax\nSee 'kubectl scale --help' for usage.\n",
          1}));
  EXPECT_EQ(printed(typed("kubectl get $kind", {{"kind", "pdos"}}).state),
            (Printed{"", "error: the server doesn't have a resource type \"pdos\"\n", 1}));
}

TEST_F(CommandVariables, WhatDoesNotDependOnThemIsCheckedAtLoad) {
  LoadContext load;
  load.variables = {"x"};
  EXPECT_EQ(problem_of("kubectl delete pdo $x", load).problem,
            "the server doesn't have a resource type \"pdo\"");
  EXPECT_EQ(problem_of("kubectl scale sts $x", load).problem, "required flag(s) \"replicas\" not set");
  for (const char* text :
       {"kubectl patch sts x --type=merge -p \"{\\\"spec\\\":{\\\"replicas\\\":$x}}\"",
        "kubectl get pods -l app=$x", "kubectl get pods -o $x", "kubectl wait pod/$x --for=$x --timeout=$x",
        "kubectl delete $x --cascade=$x", "kubectl apply -f $x", "kubectl cordon $x",
        "kubectl drain $x --timeout=$x --pod-selector=$x", "kubectl taint nodes $x $x", "kubectl label $x $x",
        "kubectl annotate pod x a=$x", "kubectl patch sts x --type=json -p $x",
        "kubectl rollout status sts/$x --timeout=$x", "kubectl exec $x -c $x -- flux resource drain $x $x",
        "flux resource drain $x", "flux resource list -s $x"}) {
    std::vector<CompileProblem> problems;
    EXPECT_NE(compile(text, load, problems), nullptr)
        << text << ": " << (problems.empty() ? "" : problems.front().problem);
  }
}

TEST_F(CommandVariables, ACommandThatWaitsKeepsItsValues) {
  add_set("web", 1);
  Typed command = typed("kubectl wait pod/$pod --for=condition=Ready", {{"pod", "web-0"}});
  EXPECT_FALSE(command.state.done);
  EXPECT_EQ(command.state.text, "kubectl wait pod/web-0 --for=condition=Ready");
  run_pod(world.pod("web-0"), world.add_node("worker-0"));
  EXPECT_EQ(command.look().state.output, "pod/web-0 condition met\n");
}

TEST_F(CommandVariables, WithoutAValueTheCommandFails) {
  context.variables = {"pod"};
  const Printed result = printed(Typed(world, state, "kubectl get pod $pod", context).state);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.errors.find("${pod} has no value"), std::string::npos) << result.errors;
}

}  // namespace
}  // namespace scenarios::commands
