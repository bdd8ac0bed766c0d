// What kubectl cordon, uncordon, taint, label, annotate and patch do and say.

#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;
using kubernetes::Taint;

class KubectlChange : public CommandTest {
 protected:
  std::vector<Taint> taints(Row node) { return world.cluster.taints_of(world.cluster.nodes[node]); }
  Json whole(std::string_view what) {
    return Json::parse(output(std::string("kubectl get -o json ") + std::string(what)));
  }
  kubernetes::Version version() { return world.cluster.resource_version; }
};

// --- cordon
// ------------------------------------------------------------------------------------------------------

TEST_F(KubectlChange, Row11_CordoningACordonedNodeWritesNothing) {
  world.add_node("worker-0");
  EXPECT_EQ(run("kubectl cordon worker-0"), (Printed{"node/worker-0 cordoned\n", "", 0}));
  const auto before = version();
  EXPECT_EQ(run("kubectl cordon worker-0"), (Printed{"node/worker-0 already cordoned\n", "", 0}));
  EXPECT_EQ(version(), before);
}

TEST_F(KubectlChange, CordonTakesSeveralNodesAndSelectors) {
  const Row first = world.add_node("worker-0");
  const Row second = world.add_node("worker-1");
  EXPECT_EQ(output("kubectl cordon worker-1 node/worker-0"),
            "node/worker-1 cordoned\nnode/worker-0 cordoned\n");
  EXPECT_EQ(output("kubectl uncordon -l kubernetes.io/hostname=worker-1"), "node/worker-1 uncordoned\n");
  EXPECT_TRUE(world.cluster.nodes[first].unschedulable);
  EXPECT_FALSE(world.cluster.nodes[second].unschedulable);
  EXPECT_EQ(output("kubectl uncordon -l nothing=here"), "");
  EXPECT_EQ(output("kubectl uncordon worker-1"), "node/worker-1 already uncordoned\n");
}

TEST_F(KubectlChange, CordonOfUnknownNodesChangesNothingAndNamesTheFirst) {
  const Row node = world.add_node("worker-0");
  EXPECT_EQ(run("kubectl cordon worker-0 ghost spirit"),
            (Printed{"", "Error from server (NotFound): nodes \"ghost\" not found\n", 1}));
  EXPECT_FALSE(world.cluster.nodes[node].unschedulable);
}

TEST_F(KubectlChange, AFailedCordonGoesOnAndExitsWithZero) {
  world.add_node("worker-0");
  world.add_node("worker-1");
  world.cluster.write_faults.push_back(
      {kubernetes::Kind::Node, static_cast<std::uint8_t>(kubernetes::Verb::Update), 1, 0});
  const Printed result = run("kubectl cordon worker-0 worker-1");
  EXPECT_EQ(result.output, "node/worker-1 cordoned\n");
  EXPECT_TRUE(result.errors.starts_with("error: unable to cordon node \"worker-0\": ")) << result.errors;
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(KubectlChange, CordonInADryRunWritesNothing) {
  const Row node = world.add_node("worker-0");
  EXPECT_EQ(output("kubectl cordon worker-0 --dry-run=client"), "node/worker-0 cordoned (dry run)\n");
  EXPECT_EQ(output("kubectl cordon worker-0 --dry-run=server"), "node/worker-0 cordoned (server dry run)\n");
  EXPECT_EQ(output("kubectl uncordon worker-0 --dry-run=client"),
            "node/worker-0 already uncordoned (dry run)\n");
  EXPECT_FALSE(world.cluster.nodes[node].unschedulable);
  EXPECT_EQ(problem_of("kubectl cordon worker-0 --dry-run=never").problem,
            "Invalid dry-run value (never). Must be \"none\", \"server\", or \"client\".");
}

// --- taint
// -------------------------------------------------------------------------------------------------------

TEST_F(KubectlChange, TaintAddsChangesAndRemoves) {
  const Row node = world.add_node("worker-0");
  EXPECT_EQ(output("kubectl taint nodes worker-0 dedicated=flux:NoSchedule"), "node/worker-0 tainted\n");
  EXPECT_EQ(output("kubectl taint node worker-0 gone:NoExecute"), "node/worker-0 tainted\n");
  EXPECT_EQ(taints(node),
            (std::vector<Taint>{{"gone", "", "NoExecute"}, {"dedicated", "flux", "NoSchedule"}}));
  EXPECT_EQ(
      run("kubectl taint nodes worker-0 dedicated=other:NoSchedule"),
      (Printed{"",
               "error: node worker-0 already has dedicated taint(s) with same effect(s) and --overwrite "
               "is false\n",
               1}));
  EXPECT_EQ(output("kubectl taint nodes worker-0 dedicated=other:NoSchedule --overwrite"),
            "node/worker-0 modified\n");
  EXPECT_EQ(output("kubectl taint nodes worker-0 new:NoSchedule dedicated-"), "node/worker-0 modified\n");
  EXPECT_EQ(output("kubectl taint nodes worker-0 new:NoSchedule-"), "node/worker-0 untainted\n");
  EXPECT_EQ(taints(node), (std::vector<Taint>{{"gone", "", "NoExecute"}}));
  EXPECT_EQ(run("kubectl taint nodes worker-0 new:NoSchedule-"),
            (Printed{"", "error: taint \"new:NoSchedule\" not found\n", 1}));
  EXPECT_EQ(output("kubectl taint nodes --all gone-"), "node/worker-0 untainted\n");
  EXPECT_TRUE(taints(node).empty());
}

TEST_F(KubectlChange, TaintGoesOnAfterANodeThatThereIsNot) {
  const Row node = world.add_node("worker-0");
  EXPECT_EQ(
      run("kubectl taint nodes ghost worker-0 k:NoSchedule"),
      (Printed{"node/worker-0 tainted\n", "Error from server (NotFound): nodes \"ghost\" not found\n", 1}));
  EXPECT_EQ(taints(node).size(), 1U);
}

struct RefusedCase {
  const char* command;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const RefusedCase& c) { return os << c.command; }
};
class KubectlChangeRefused : public testing::TestWithParam<RefusedCase> {};
TEST_P(KubectlChangeRefused, SaysWhy) {
  EXPECT_EQ(problem_of(GetParam().command).problem, GetParam().problem);
}

// Taints as in kubectl's own TestTaint and TestParseTaints.
INSTANTIATE_TEST_SUITE_P(
    Taint, KubectlChangeRefused,
    testing::Values(
        RefusedCase{"kubectl taint nodes n1", "at least one taint update is required"},
        RefusedCase{"kubectl taint k:NoSchedule",
                    "one or more resources must be specified as <resource> <name>"},
        RefusedCase{"kubectl taint nodes k:NoSchedule",
                    "at least one resource name must be specified since 'all' parameter is not set"},
        RefusedCase{"kubectl taint pods p k:NoSchedule",
                    "invalid resource type pods, only node types are supported"},
        RefusedCase{"kubectl taint nodes n1 k:NoSchedule n2",
                    "all resources must be specified before taint changes: n2"},
        RefusedCase{"kubectl taint nodes n1 k:Never",
                    "invalid taint effect: Never, unsupported taint effect"},
        RefusedCase{"kubectl taint nodes n1 k=v",
                    "invalid taint spec: k=v, name part must consist of "
                    "alphanumeric characters, '-', '_' or '.', and must start and "
                    "end with an alphanumeric character (e.g. 'MyName',  or "
                    "'my.name',  or '123-abc', regex used for validation is "
                    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
        RefusedCase{"kubectl taint nodes n1 k:NoSchedule k:NoSchedule",
                    "duplicated taints with the same key and effect: {k  NoSchedule <nil>}"},
        RefusedCase{"kubectl taint nodes n1 k:NoSchedule k-",
                    "can not both modify and remove the following taint(s) in the same command: k="},
        RefusedCase{"kubectl taint nodes -l a=b --all k:NoSchedule",
                    "setting 'all' parameter with a non empty selector is prohibited"}));

INSTANTIATE_TEST_SUITE_P(
    Label, KubectlChangeRefused,
    testing::Values(
        RefusedCase{"kubectl label pod x", "at least one label update is required"},
        RefusedCase{"kubectl label a=b",
                    "one or more resources must be specified as <resource> <name> or "
                    "<resource>/<name>"},
        RefusedCase{"kubectl label pod x a=b=c", "invalid label spec: a=b=c"},
        RefusedCase{"kubectl label pod x a=b a-",
                    "can not both modify and remove a label in the same command"},
        RefusedCase{"kubectl annotate pod x a=b a-",
                    "can not both modify and remove the following annotation(s) in the same command: a"},
        RefusedCase{"kubectl label pod x a=b y", "all resources must be specified before label changes: y"},
        RefusedCase{"kubectl annotate pod x", "at least one annotation update is required"},
        RefusedCase{"kubectl label pods --all -l a=b x=y",
                    "cannot set --all and --selector at the same time"}));

INSTANTIATE_TEST_SUITE_P(
    Patch, KubectlChangeRefused,
    testing::Values(RefusedCase{"kubectl patch pod x",
                                "must specify --patch or --patch-file containing the contents of the patch"},
                    RefusedCase{"kubectl patch pod x --type=odd -p '{}'",
                                "--type must be one of [json merge strategic], not \"odd\""},
                    RefusedCase{"kubectl patch pod x --type=json -p '{}'",
                                "unable to parse \"{}\": a JSON patch is a list of operations"}));

// --- label, annotate
// ---------------------------------------------------------------------------------------------

TEST_F(KubectlChange, LabelsOfAPod) {
  add_pod("x", world.add_template("x"));
  EXPECT_EQ(output("kubectl label pod x tier=front"), "pod/x labeled\n");
  EXPECT_EQ(output("kubectl label pod/x tier=front"), "pod/x not labeled\n");
  EXPECT_EQ(run("kubectl label pod x tier=back"),
            (Printed{"", "error: 'tier' already has a value (front), and --overwrite is false\n", 1}));
  EXPECT_EQ(output("kubectl label pod x tier=back --overwrite"), "pod/x labeled\n");
  EXPECT_EQ(output("kubectl get pods -l tier=back -o name"), "pod/x\n");
  EXPECT_EQ(output("kubectl label pod x tier- other-"), "label \"other\" not found.\npod/x unlabeled\n");
  EXPECT_EQ(output("kubectl get pods -l tier -o name"), "");
}

TEST_F(KubectlChange, LabelsOfNodesSetsAndClaims) {
  world.add_node("worker-0");
  world.add_node("worker-1");
  add_set("db", 0);
  EXPECT_EQ(output("kubectl label nodes --all disk=ssd"), "node/worker-0 labeled\nnode/worker-1 labeled\n");
  EXPECT_EQ(output("kubectl get nodes -l disk=ssd -o name"), "node/worker-0\nnode/worker-1\n");
  EXPECT_EQ(output("kubectl label sts db team=a"), "statefulset.apps/db labeled\n");
  EXPECT_EQ(output("kubectl get sts -l team=a -o name"), "statefulset.apps/db\n");
  EXPECT_EQ(
      run("kubectl label node worker-0 ghost a=b"),
      (Printed{"node/worker-0 labeled\n", "Error from server (NotFound): nodes \"ghost\" not found\n", 1}));
  EXPECT_EQ(output("kubectl label node worker-1 --list"), "disk=ssd\nkubernetes.io/hostname=worker-1\n");
}

TEST_F(KubectlChange, SeveralConflictsAreListed) {
  add_pod("x", world.add_template("x"));
  EXPECT_EQ(output("kubectl label pod x a=1 b=1"), "pod/x labeled\n");
  EXPECT_EQ(run("kubectl label pod x a=2 b=2"),
            (Printed{"",
                     "'a' already has a value (1), and --overwrite is false\n"
                     "'b' already has a value (1), and --overwrite is false\n",
                     1}));
}

TEST_F(KubectlChange, Annotations) {
  add_pod("x", world.add_template("x"));
  world.add_node("worker-0");
  EXPECT_EQ(output("kubectl annotate pod x note=one"), "pod/x annotated\n");
  EXPECT_EQ(whole("pod x")["metadata"]["annotations"], (Json{{"note", "one"}}));
  EXPECT_EQ(
      run("kubectl annotate pod x note=two"),
      (Printed{"",
               "error: --overwrite is false but found the following declared annotation(s): 'note' already "
               "has a value (one)\n",
               1}));
  EXPECT_EQ(output("kubectl annotate pod x note=a=b --overwrite"), "pod/x annotated\n");
  EXPECT_EQ(output("kubectl annotate pod x --list"), "note=a=b\n");
  EXPECT_EQ(output("kubectl annotate pod x note-"), "pod/x annotated\n");
  EXPECT_FALSE(whole("pod x")["metadata"].contains("annotations"));
  EXPECT_EQ(output("kubectl annotate node worker-0 owner=ops"), "node/worker-0 annotated\n");
  EXPECT_EQ(whole("node worker-0")["metadata"]["annotations"], (Json{{"owner", "ops"}}));
}

TEST_F(KubectlChange, AResourceVersionIsHeld) {
  add_pod("x", world.add_template("x"));
  const Printed result = run("kubectl label pod x a=1 --resource-version=99999");
  EXPECT_TRUE(
      result.errors.starts_with("Error from server (Conflict): Operation cannot be fulfilled on pods "
                                "\"x\": the object has been modified"))
      << result.errors;
}

// --- patch
// -------------------------------------------------------------------------------------------------------

TEST_F(KubectlChange, StrategicIsTheDefaultAndMergesContainersByName) {
  add_set("db", 0);
  EXPECT_EQ(
      output(
          R"(kubectl patch sts db -p '{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"next"}]}}}}')"),
      "statefulset.apps/db patched\n");
  const Json containers = whole("sts db")["spec"]["template"]["spec"]["containers"];
  ASSERT_EQ(containers.size(), 1U);
  EXPECT_EQ(containers[0]["image"], "next");
  EXPECT_EQ(output(R"(kubectl patch sts db -p '{"spec":{"replicas":0}}')"),
            "statefulset.apps/db patched (no change)\n");
  EXPECT_EQ(
      run(R"(kubectl patch sts db -p '{"spec":{"template":{"spec":{"containers":[{"image":"next"}]}}}}')"),
      (Printed{"", "Error from server: map: map[image:next] does not contain declared merge key: name\n",
               1}));
}

TEST_F(KubectlChange, AJsonPatchPerformsOperations) {
  add_set("db", 1);
  EXPECT_EQ(
      output(R"(kubectl patch sts db --type=json -p '[{"op":"replace","path":"/spec/replicas","value":2}]')"),
      "statefulset.apps/db patched\n");
  EXPECT_EQ(whole("sts db")["spec"]["replicas"], 2);
  const Printed refused{
      "", "The request is invalid: the server rejected our request due to an error in our request\n", 1};
  EXPECT_EQ(run(R"(kubectl patch sts db --type=json -p '[{"op":"remove","path":"/spec/nowhere"}]')"),
            refused);
  EXPECT_EQ(run(R"(kubectl patch sts db --type=json -p '[{"op":"test","path":"/spec/replicas","value":7}]')"),
            refused);
}

}  // namespace
}  // namespace scenarios::commands
