// --dry-run of kubectl taint, label, annotate and patch: what is printed, and that nothing is written.

#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;

struct DryRunCase {
  const char* name;
  const char* command;
  Printed client;
  Printed server;
  friend std::ostream& operator<<(std::ostream& os, const DryRunCase& row) { return os << row.command; }
};

const DryRunCase kCases[] = {
    {"Taint",
     "kubectl taint node worker-0 a=b:NoSchedule",
     {"node/worker-0 tainted (dry run)\n", "", 0},
     {"node/worker-0 tainted (server dry run)\n", "", 0}},
    {"Label",
     "kubectl label node worker-0 role=spare",
     {"node/worker-0 labeled (dry run)\n", "", 0},
     {"node/worker-0 labeled (server dry run)\n", "", 0}},
    {"LabelThatIsNotThere",
     "kubectl label node worker-0 role-",
     {"node/worker-0 not labeled (dry run)\n", "", 0},
     {"label \"role\" not found.\nnode/worker-0 not labeled (server dry run)\n", "", 0}},
    {"Annotate",
     "kubectl annotate node worker-0 why=spare",
     {"node/worker-0 annotated (dry run)\n", "", 0},
     {"node/worker-0 annotated (server dry run)\n", "", 0}},
    {"Patch",
     R"(kubectl patch node worker-0 -p '{"spec":{"unschedulable":true}}')",
     {"node/worker-0 patched (dry run)\n", "", 0},
     {"node/worker-0 patched (server dry run)\n", "", 0}},
    {"PatchThatChangesNothing",
     "kubectl patch node worker-0 -p '{}'",
     {"node/worker-0 patched (no change) (dry run)\n", "", 0},
     {"node/worker-0 patched (no change) (server dry run)\n", "", 0}},
    {"JsonPatchOfWhatIsNotThere",
     R"(kubectl patch node worker-0 --type=json -p '[{"op":"replace","path":"/spec/nothing","value":1}]')",
     {"", "error: Object to be patched is missing field (/spec/nothing: missing value)\n", 1},
     {"", "The request is invalid: the server rejected our request due to an error in our request\n", 1}},
};

class KubectlDryRun : public CommandTest, public testing::WithParamInterface<DryRunCase> {};

TEST_P(KubectlDryRun, PrintsAsIfAndWritesNothing) {
  world.add_node("worker-0");
  world.settle();
  const auto before = world.cluster.resource_version;
  const std::string command = GetParam().command;
  EXPECT_EQ(run(command + " --dry-run=client"), GetParam().client);
  EXPECT_EQ(run(command + " --dry-run=server"), GetParam().server);
  EXPECT_EQ(world.cluster.resource_version, before);
  EXPECT_EQ(problem_of(command + " --dry-run=never").problem,
            "Invalid dry-run value (never). Must be \"none\", \"server\", or \"client\".");
}

INSTANTIATE_TEST_SUITE_P(All, KubectlDryRun, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(CommandTest, AServerDryRunIsRefusedAsTheRequestItselfWouldBe) {
  world.add_node("worker-0");
  const auto before = world.cluster.resource_version;
  const std::string patch = R"(kubectl patch node worker-0 -p '{"spec":{"unschedulable":"yes"}}')";
  const Printed asked = run(patch + " --dry-run=server");
  EXPECT_EQ(asked.exit_code, 1);
  EXPECT_EQ(asked, run(patch));
  EXPECT_EQ(world.cluster.resource_version, before);
}

}  // namespace
}  // namespace scenarios::commands
