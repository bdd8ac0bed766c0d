// flux submit, run, jobs and cancel as typed.

#include "models/flux/flux_job_id.h"
#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;

/// A MiniCluster of 4 nodes of 10 cores that is at work.
class FluxJobCommands : public testing::Test {
 protected:
  FluxJobCommands() {
    LoadContext context;
    context.standard_input = R"(apiVersion: flux-framework.org/v1alpha2
kind: MiniCluster
metadata: {name: flux-sample}
spec: {size: 4, maxSize: 10, interactive: true, containers: [{image: "rocky:9"}]}
)";
    perform(world, "kubectl apply -f -", context);
    rest(world, 3min);
  }
  std::string output(std::string_view text) {
    const Printed result = perform(world, text);
    EXPECT_EQ(result.exit_code, 0) << text << "\n" << result.errors;
    return result.output;
  }
  /// Submits and gives the printed id.
  std::string submit(const std::string& words) {
    const std::string printed = output("flux submit " + words);
    EXPECT_TRUE(flux::parse_job_id(printed.substr(0, printed.size() - 1))) << printed;
    return printed.substr(0, printed.size() - 1);
  }
  std::string leader() {
    return output(
        "kubectl get pods -l batch.kubernetes.io/job-completion-index=0 -o "
        "jsonpath={.items[0].metadata.name}");
  }
  LivingWorld world;
};

struct ShapeCase {
  const char* name;
  const char* words;
  const char* allocated;  ///< of `flux resource list`: nodes, cores, GPUs, hosts; "" where the job waits
  friend std::ostream& operator<<(std::ostream& os, const ShapeCase& c) { return os << c.words; }
};

const ShapeCase kShapes[] = {
    {"one_core_by_default", "", "     1        1        0 flux-sample-0"},
    {"one_task_on_a_node", "-N1 -n1", "     1        1        0 flux-sample-0"},
    {"cores_of_a_task", "-N1 -n1 -c 10", "     1       10        0 flux-sample-0"},
    {"nodes_alone_are_exclusive", "-N2", "     2       20        0 flux-sample-[0-1]"},
    {"exclusive", "-N1 -n1 --exclusive", "     1       10        0 flux-sample-0"},
    {"tasks_are_spread_over_nodes", "-N2 -n4 -c2", "     2        8        0 flux-sample-[0-1]"},
    {"an_uneven_spread_wastes_a_slot", "-N2 -n3", "     2        4        0 flux-sample-[0-1]"},
    {"tasks_alone_fill_nodes_up", "-n25", "     3       25        0 flux-sample-[0-2]"},
    {"large_tasks_leave_a_rest_free", "-n3 -c6", "     3       18        0 flux-sample-[0-2]"},
    {"host", "-N1 -n1 --requires=host:flux-sample-2", "     1        1        0 flux-sample-2"},
    {"rank", "-n1 --requires=rank:1-3", "     1        1        0 flux-sample-1"},
    {"all_constraints_hold", "--requires=host:flux-sample-[1-3] --requires='rank:0-2 rank:2-3'",
     "     1        1        0 flux-sample-2"},
    {"waits_for_an_absent_host", "-n1 --requires=host:flux-sample-7", ""},
    {"waits_for_nodes", "-N5", ""},
};

class FluxJobShape : public FluxJobCommands, public testing::WithParamInterface<ShapeCase> {};

TEST_P(FluxJobShape, HoldsItsCoresWhileItRuns) {
  submit(std::string(GetParam().words) + " sleep 300");
  const std::string allocated =
      *GetParam().allocated == '\0' ? "     0        0        0 " : GetParam().allocated;
  EXPECT_EQ(output("flux resource list -n -s allocated"), " allocated " + allocated + "\n");
  rest(world, 299s);
  EXPECT_EQ(output("flux resource list -n -s allocated"), " allocated " + allocated + "\n");
  rest(world, 2s);
  EXPECT_EQ(output("flux resource list -n -s allocated"), " allocated      0        0        0 \n");
}

INSTANTIATE_TEST_SUITE_P(Rows, FluxJobShape, testing::ValuesIn(kShapes),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(FluxJobCommands, TheTableIsFluxJobs) {
  const std::string first = submit("-N4 sleep 90");
  const std::string second = submit("-n2 -t 5m --job-name=a-long-job-name sleep inf");
  rest(world, 30s);
  const auto right = [](const std::string& id) { return std::string(13 - id.size(), ' ') + id; };
  EXPECT_EQ(output("flux jobs"), "       JOBID USER     NAME       ST NTASKS NNODES     TIME INFO\n" +
                                     right(second) + " root     a-long-jo+  S      2      -       5m \n" +
                                     right(first) +
                                     " root     sleep       R      4      4      30s flux-sample-[0-3]\n");
  rest(world, 63s + 500ms);
  EXPECT_EQ(output("flux jobs -n"),
            right(second) + " root     a-long-jo+  R      2      1   3.500s flux-sample-0\n");
  rest(world, 10min);
  EXPECT_EQ(output("flux jobs -n"), "");
  EXPECT_EQ(output("flux jobs -an"),
            right(second) + " root     a-long-jo+ TO      2      1       5m flux-sample-0\n" + right(first) +
                " root     sleep      CD      4      4     1.5m flux-sample-[0-3]\n");
  EXPECT_EQ(output("flux jobs -n -c 1 -a").substr(0, 13), right(second));
  EXPECT_EQ(output("flux jobs -n " + first).substr(0, 13), right(first));
  EXPECT_EQ(perform(world, "flux jobs -n f2"), (Printed{"", "JobID f2 unknown\n", 0}));
}

TEST_F(FluxJobCommands, IdsDifferAlsoWithinAMoment) { EXPECT_NE(submit("sleep 1"), submit("sleep 1")); }

TEST_F(FluxJobCommands, CancelFreesCoresAndIsSilent) {
  const std::string id = submit("-N4 sleep inf");
  const std::string waits = submit("-N4 sleep inf");
  EXPECT_EQ(perform(world, "flux cancel " + id), (Printed{"", "", 0}));
  EXPECT_NE(output("flux jobs -n " + waits).find(" R "), std::string::npos);
  EXPECT_EQ(perform(world, "flux cancel " + id),
            (Printed{"", "flux-cancel: ERROR: " + id + ": job is inactive\n", 1}));
  EXPECT_EQ(perform(world, "flux cancel f2"), (Printed{"", "flux-cancel: ERROR: ƒ2: unknown job id\n", 1}));
  submit("sleep inf");
  EXPECT_EQ(perform(world, "flux cancel -n --all"), (Printed{"", "flux-cancel: Would cancel 2 jobs\n", 0}));
  EXPECT_EQ(perform(world, "flux cancel --all"),
            (Printed{"", "flux-cancel: Canceled 2 jobs (0 errors)\n", 0}));
  EXPECT_EQ(perform(world, "flux cancel --all"), (Printed{"", "flux-cancel: Matched 0 jobs\n", 0}));
  EXPECT_EQ(perform(world, "flux cancel --all -q"), (Printed{"", "", 0}));
}

struct RunCase {
  const char* name;
  const char* words;
  Printed printed;
  friend std::ostream& operator<<(std::ostream& os, const RunCase& c) { return os << c.words; }
};

const RunCase kRuns[] = {
    {"to_its_end", "sleep 1m 30s", {"", "", 0}},
    {"within_its_limit", "-t 2 sleep 90", {"", "", 0}},
    {"over_its_limit",
     "-t 30s sleep 90",
     {"",
      "30.000s: job.exception type=timeout severity=0 resource allocation expired\n"
      "flux-job: task(s) exited with exit code 142\n",
      142}},
    {"more_nodes_than_there_are",
     "-N11 sleep 1",
     {"", "0.000s: job.exception type=alloc severity=0 unsatisfiable request\n", 1}},
    {"a_host_that_is_none",
     "--requires=host:elsewhere sleep 1",
     {"", "0.000s: job.exception type=alloc severity=0 unsatisfiable request\n", 1}},
};

class FluxRun : public FluxJobCommands, public testing::WithParamInterface<RunCase> {};

TEST_P(FluxRun, WaitsForTheEnd) {
  EXPECT_EQ(perform(world, std::string("flux run ") + GetParam().words), GetParam().printed);
  EXPECT_EQ(output("flux jobs -n"), "");
}

INSTANTIATE_TEST_SUITE_P(Rows, FluxRun, testing::ValuesIn(kRuns),
                         [](const auto& row) { return std::string(row.param.name); });

/// Starts `flux run sleep inf`, lets `then` happen after a while, and gives what is printed.
Printed interrupted(LivingWorld& world, std::string_view run, std::string_view then) {
  sim::NominalChoices choices;
  sim::History history(false);
  sim::Context context{choices, history};
  start(world, context, run);
  sim::run(world, context, world.agenda.now + 10s);
  EXPECT_FALSE(world.state.done);
  const CommandPointer waiting = std::exchange(world.command, nullptr);
  const CommandState reached = std::exchange(world.state, {});
  EXPECT_EQ(perform(world, then).exit_code, 0);
  world.command = waiting;
  world.state = reached;
  world.look(context);
  sim::run(world, context, world.agenda.now + 2min);
  EXPECT_TRUE(world.state.done);
  world.command = nullptr;
  return printed(world.state);
}

TEST_F(FluxJobCommands, ACancelledRunSaysSo) {
  const Printed result = interrupted(world, "flux run sleep inf", "flux cancel --all -m enough");
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_TRUE(
      result.errors.ends_with(": job.exception type=cancel severity=0 enough\n"
                              "flux-job: task(s) exited with exit code 143\n"))
      << result;
}

TEST_F(FluxJobCommands, ARunInAPodEndsWithThePod) {
  const std::string pod = leader();
  const Printed result = interrupted(world, "kubectl exec -q " + pod + " -- flux run sleep inf",
                                     "kubectl delete pod --force --grace-period=0 " + pod);
  EXPECT_EQ(result, (Printed{"", "command terminated with exit code 137\n", 137}));
}

TEST_F(FluxJobCommands, ExecRunsThemInAPod) {
  const std::string exec = "kubectl exec -q " + leader() + " -c flux-sample -- flux ";
  const std::string id = output(exec + "submit -n1 sleep 300");
  EXPECT_NE(output(exec + "jobs").find(id.substr(0, id.size() - 1)), std::string::npos);
  EXPECT_EQ(perform(world, exec + "cancel " + id), (Printed{"", "", 0}));
  EXPECT_EQ(perform(world, exec + "run -t 1s sleep 5").errors,
            "1.000s: job.exception type=timeout severity=0 resource allocation expired\n"
            "flux-job: task(s) exited with exit code 142\n"
            "command terminated with exit code 142\n");
}

TEST_F(FluxJobCommands, ALostNodeEndsARun) {
  const std::string pod = output(
      "kubectl get pods -l batch.kubernetes.io/job-completion-index=2 -o jsonpath={.items[0].metadata.name}");
  const Printed result = interrupted(world, "flux run --requires=rank:2 sleep inf",
                                     "kubectl delete pod --force --grace-period=0 " + pod);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(result.errors.ends_with(
      ": job.exception type=exec severity=0 lost contact with job shell on broker flux-sample-2 (rank 2)\n"))
      << result;
}

TEST_F(FluxJobCommands, WithoutRank0NoneOfThemWorks) {
  output("kubectl delete pod --force " + leader());
  rest(world, 5s);
  for (const auto& [words, program] :
       {std::pair{"submit sleep 1", "flux-submit"}, std::pair{"run sleep 1", "flux-run"},
        std::pair{"jobs", "flux-jobs"}, std::pair{"cancel f2", "flux-cancel"}}) {
    const Printed result = perform(world, std::string("flux ") + words);
    EXPECT_EQ(result.exit_code, 1) << words;
    EXPECT_TRUE(result.errors.starts_with(std::string(program) + ": ERROR: Unable to connect to Flux"))
        << result;
  }
}

}  // namespace
}  // namespace scenarios::commands
