// flux resource and MiniClusters through commands: the story of the Flux Operator's "Downsize" example as
// typed.

#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;

LoadContext with_minicluster(const std::string& name = "flux-sample", int size = 4) {
  LoadContext context;
  context.standard_input =
      "apiVersion: flux-framework.org/v1alpha2\nkind: MiniCluster\nmetadata: {name: " + name +
      "}\nspec: {size: " + std::to_string(size) +
      ", maxSize: 10, interactive: true, suspendWorkers: true, containers: [{image: \"rocky:9\"}]}\n";
  return context;
}

/// A MiniCluster of size 4 of at most 10 that is at work.
class FluxCommands : public testing::Test {
 protected:
  FluxCommands() {
    EXPECT_EQ(perform(world, "kubectl apply -f -", with_minicluster()).output,
              "minicluster.flux-framework.org/flux-sample created\n");
    rest(world, 3min);
  }
  std::string output(std::string_view text) {
    const Printed result = perform(world, text);
    EXPECT_EQ(result.exit_code, 0) << text << "\n" << result.errors;
    return result.output;
  }
  std::string pod_of(int index) {
    const std::string name = output("kubectl get pods -o name -l batch.kubernetes.io/job-completion-index=" +
                                    std::to_string(index));
    return name.empty() ? name : name.substr(4, name.size() - 5);
  }
  void size(int wanted) {
    EXPECT_EQ(output("kubectl patch minicluster flux-sample --type=merge -p '{\"spec\":{\"size\":" +
                     std::to_string(wanted) + "}}'"),
              "minicluster.flux-framework.org/flux-sample patched\n");
    rest(world, 3min);
  }
  LivingWorld world;
};

constexpr const char* kInitial =
    "     STATE NNODES   NCORES    NGPUS NODELIST\n"
    "      free      4       40        0 flux-sample-[0-3]\n"
    " allocated      0        0        0 \n"
    "      down      6       60        0 flux-sample-[4-9]\n";

TEST_F(FluxCommands, FX01InitialTable) { EXPECT_EQ(output("flux resource list"), kInitial); }

TEST_F(FluxCommands, FX02DrainIsSilentAndShowsInBothTables) {
  EXPECT_EQ(perform(world, "flux resource drain flux-sample-2 \"I am a bad person\""), (Printed{"", "", 0}));
  EXPECT_EQ(output("flux resource list -n"),
            "      free      3       30        0 flux-sample-[0-1,3]\n"
            " allocated      0        0        0 \n"
            "      down      7       70        0 flux-sample-[2,4-9]\n");
  EXPECT_EQ(output("flux resource status"),
            "     STATE UP NNODES NODELIST\n"
            "     avail  ✔      3 flux-sample-[0-1,3]\n"
            "    avail*  ✗      6 flux-sample-[4-9]\n"
            "   drained  ✔      1 flux-sample-2\n");
  EXPECT_NE(output("flux resource drain").find("I am a bad person              flux-sample-2\n"),
            std::string::npos);
}

TEST_F(FluxCommands, FX05TheStoryOfTheSeedFromTheDrainToSizeSix) {
  output("flux resource drain flux-sample-2 I am a bad person");
  const std::string drained = pod_of(2);
  EXPECT_EQ(output("kubectl delete pod " + drained), "pod \"" + drained + "\" deleted\n");
  rest(world, 3min);
  EXPECT_EQ(pod_of(2), "");
  size(3);
  EXPECT_EQ(output("flux resource list -s free,down -n"),
            "      free      2       20        0 flux-sample-[0-1]\n"
            "      down      8       80        0 flux-sample-[2-9]\n");
  size(4);
  size(6);
  EXPECT_EQ(output("flux resource list -s free,down -n"),
            "      free      5       50        0 flux-sample-[0-1,3-5]\n"
            "      down      5       50        0 flux-sample-[2,6-9]\n");
  EXPECT_EQ(output("kubectl get job flux-sample -o jsonpath={.status.failedIndexes}"), "2");
  EXPECT_EQ(output("kubectl get pods -o jsonpath='{.items[*].metadata.annotations.batch\\.kubernetes\\.io/"
                   "job-completion-index}'"),
            "0 1 3 4 5");
}

TEST_F(FluxCommands, FX13DrainTwiceFailsAsAWholeUnlessItOnlyUpdates) {
  output("flux resource drain 2 a");
  const Printed refused = perform(world, "flux resource drain 1-2 b");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.errors.find("rank 2 already drained"), std::string::npos) << refused.errors;
  EXPECT_EQ(output("flux resource list -s down -n"),
            "      down      7       70        0 flux-sample-[2,4-9]\n");
  output("flux resource drain -u 1-2 b");
  EXPECT_EQ(output("flux resource list -s down -n"),
            "      down      8       80        0 flux-sample-[1-2,4-9]\n");
}

TEST_F(FluxCommands, WordsAfterTheTargetsAreTheReasonAlsoWithAHyphen) {
  output("flux resource drain 3 -f is no flag here");
  EXPECT_NE(output("flux resource drain -n").find("-f is no flag here"), std::string::npos);
}

TEST_F(FluxCommands, ForceIsCounted) {
  output("flux resource drain 3 first");
  output("flux resource drain -ff 3 second");
  EXPECT_NE(output("flux resource drain -n").find("second"), std::string::npos);
  EXPECT_EQ(perform(world, "flux resource undrain -f 3").exit_code, 2) << "0.58 has no such option";
  output("flux resource undrain 3");
  EXPECT_EQ(output("flux resource list"), kInitial);
}

TEST_F(FluxCommands, InfoAndUnknownStates) {
  EXPECT_EQ(output("flux resource info"), "10 Nodes, 100 Cores, 0 GPUs\n");
  const Printed refused = perform(world, "flux resource list -s free,busy");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.errors.find("Invalid resource state busy"), std::string::npos);
}

TEST_F(FluxCommands, ExecAsksTheBrokerOfThePod) {
  const std::string pod = pod_of(0);
  const Printed listed = perform(world, "kubectl exec -it " + pod + " -c flux-sample -- flux resource list");
  EXPECT_EQ(listed, (Printed{kInitial, "", 0}));
  const Printed defaulted = perform(world, "kubectl exec " + pod + " -- flux resource drain flux-sample-1");
  EXPECT_EQ(defaulted.exit_code, 0);
  EXPECT_TRUE(defaulted.errors.starts_with("Defaulted container \"flux-sample\" out of: flux-sample, "))
      << defaulted;
  const Printed again =
      perform(world, "kubectl exec -q " + pod +
                         " -- flux proxy local:///mnt/flux/view/run/flux/local flux resource drain "
                         "flux-sample-11");
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_TRUE(again.errors.ends_with("command terminated with exit code 1\n")) << again;
}

TEST_F(FluxCommands, ExecSaysWhyItCannot) {
  EXPECT_EQ(perform(world, "kubectl exec x -- flux resource list").errors,
            "Error from server (NotFound): pods \"x\" not found\n");
  EXPECT_EQ(perform(world, "kubectl exec " + pod_of(1) + " -c other -- flux resource list").errors,
            "error: container other not found in pod " + pod_of(1) + "\n");
}

TEST_F(FluxCommands, TheScaleOfAMiniClusterIsItsSize) {
  EXPECT_EQ(output("kubectl scale minicluster flux-sample --replicas=2 --current-replicas=4"),
            "minicluster.flux-framework.org/flux-sample scaled\n");
  rest(world, 3min);
  EXPECT_EQ(output("flux resource list -s free -n"),
            "      free      2       20        0 flux-sample-[0-1]\n");
  EXPECT_EQ(perform(world, "kubectl scale minicluster flux-sample --replicas=3 --current-replicas=4").errors,
            "error: Expected replicas to be 4, was 2\n");
}

TEST_F(FluxCommands, GetAndApplyOfAMiniCluster) {
  EXPECT_EQ(output("kubectl get minicluster"), "NAME          AGE\nflux-sample   3m\n");
  EXPECT_EQ(output("kubectl get miniclusters.flux-framework.org -o name"),
            "minicluster.flux-framework.org/flux-sample\n");
  EXPECT_EQ(output("kubectl get minicluster flux-sample -o jsonpath={.spec.size}"), "4");
  EXPECT_EQ(perform(world, "kubectl apply -f -", with_minicluster()).output,
            "minicluster.flux-framework.org/flux-sample unchanged\n");
  EXPECT_EQ(perform(world, "kubectl apply -f -", with_minicluster("flux-sample", 6)).output,
            "minicluster.flux-framework.org/flux-sample configured\n");
  const Printed invalid =
      perform(world, "kubectl patch minicluster flux-sample --type=merge -p '{\"spec\":{\"size\":\"six\"}}'");
  EXPECT_EQ(invalid.exit_code, 1);
  EXPECT_TRUE(
      invalid.errors.starts_with("The MiniCluster \"flux-sample\" is invalid: spec.size: Invalid value: "))
      << invalid;
}

TEST_F(FluxCommands, DeleteOfAMiniClusterEndsItsPods) {
  EXPECT_TRUE(output("kubectl delete minicluster flux-sample")
                  .starts_with("minicluster.flux-framework.org \"flux-sample\" deleted"));
  rest(world, 5min);
  EXPECT_EQ(perform(world, "kubectl get pods,jobs,minicluster").errors,
            "No resources found in default namespace.\n");
  EXPECT_EQ(perform(world, "flux resource list").errors,
            "rehearse: there is no MiniCluster that flux could ask\n");
}

TEST_F(FluxCommands, OfSeveralMiniClustersTheHostsTellWhich) {
  perform(world, "kubectl apply -f -", with_minicluster("other", 2));
  rest(world, 3min);
  EXPECT_EQ(perform(world, "flux resource list").errors,
            "rehearse: there are several MiniClusters (flux-sample, other): name hosts, or write kubectl "
            "exec POD -- flux …\n");
  EXPECT_EQ(perform(world, "flux resource drain other-[0-1] busy"), (Printed{"", "", 0}));
  EXPECT_NE(
      perform(world, "kubectl exec -q " + output("kubectl get pods -o jsonpath='{.items[0].metadata.name}'") +
                         " -- flux resource list")
          .output.find("flux-sample-[0-3]"),
      std::string::npos);
}

TEST_F(FluxCommands, WithoutItsLeaderNoProgramAnswers) {
  output("kubectl delete pod " + pod_of(0) + " --force");
  rest(world, 1min);
  const Printed result = perform(world, "flux resource list");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(result.errors.starts_with("flux-resource: ERROR: Unable to connect to Flux")) << result;
}

}  // namespace
}  // namespace scenarios::commands
