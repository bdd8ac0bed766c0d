// kubectl edit, closed unchanged: what the editor shows, and that nothing is written.

#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;

constexpr const char* kHeader =
    "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    "# and an empty file will abort the edit. If an error occurs while saving this file will be\n"
    "# reopened with the relevant failures.\n"
    "#\n";
constexpr const char* kCancelled = "Edit cancelled, no changes made.\n";

class KubectlEdit : public CommandTest {
 protected:
  KubectlEdit() {
    world.add_node("worker-0");
    world.add_node("worker-1");
    world.settle();
    version_ = world.cluster.resource_version;
  }
  ~KubectlEdit() override { EXPECT_EQ(world.cluster.resource_version, version_) << "something was written"; }
  KubectlEdit(const KubectlEdit&) = delete;
  KubectlEdit& operator=(const KubectlEdit&) = delete;

 private:
  models::kubernetes::Version version_ = 0;
};

TEST_F(KubectlEdit, ShowsOneObjectAsGetPrintsIt) {
  EXPECT_EQ(run("kubectl edit node worker-0"),
            (Printed{kHeader + output("kubectl get node worker-0 -o yaml"), kCancelled, 0}));
}

TEST_F(KubectlEdit, ShowsSeveralAsAList) {
  const Printed shown = run("kubectl edit nodes");
  EXPECT_TRUE(shown.output.starts_with(std::string(kHeader) + "apiVersion: v1\nitems:\n- apiVersion: v1\n"))
      << shown;
  EXPECT_TRUE(shown.output.ends_with("kind: List\nmetadata: {}\n")) << shown;
  EXPECT_NE(shown.output.find("    name: worker-0\n"), std::string::npos) << shown;
  EXPECT_NE(shown.output.find("    name: worker-1\n"), std::string::npos) << shown;
  EXPECT_EQ(shown.errors, kCancelled);
}

TEST_F(KubectlEdit, OfNothingIsCancelled) {
  EXPECT_EQ(run("kubectl edit pods"), (Printed{"", "error: edit cancelled, no objects found\n", 1}));
}

TEST_F(KubectlEdit, OfWhatIsNotThereFails) {
  EXPECT_EQ(run("kubectl edit node nobody"),
            (Printed{"", "Error from server (NotFound): nodes \"nobody\" not found\n", 1}));
}

TEST_F(KubectlEdit, OfStorageThatIsNotInstalledFails) {
  EXPECT_EQ(run("kubectl edit iomesh"),
            (Printed{"", "error: the server doesn't have a resource type \"iomesh\"\n", 1}));
}

TEST_F(KubectlEdit, NeedsAResource) {
  EXPECT_EQ(problem_of("kubectl edit").problem, "must specify one of -f and -k, or a resource");
}

}  // namespace
}  // namespace scenarios::commands
