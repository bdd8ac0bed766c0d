// Which objects kubectl takes, in which order and with which columns: --field-selector, --sort-by and
// -o custom-columns. Source: apimachinery pkg/fields/selector.go; kubectl
// pkg/cmd/get/{sorter,customcolumn}.go.

#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;

/// Two nodes, one of them cordoned; pods of three namespaces.
class KubectlChoose : public CommandTest {
 protected:
  KubectlChoose() {
    const Row one = world.add_node("worker-1");
    const Row two = world.add_node("worker-2");
    run("kubectl cordon worker-2");
    run_pod(add_pod("c", world.add_template("c"), "shop"), one);
    world.run_for(1s);
    run_pod(add_pod("a", world.add_template("a"), "shop"), two);
    world.run_for(1s);
    add_pod("b", world.add_template("b"), "bank");
  }
};

struct Choice {
  const char* name;
  const char* command;
  const char* printed;
  friend std::ostream& operator<<(std::ostream& os, const Choice& choice) { return os << choice.name; }
};
class KubectlChoices : public KubectlChoose, public testing::WithParamInterface<Choice> {};

const Choice kChoices[] = {
    {"pods_of_a_node", "kubectl get pods -A -o name --field-selector spec.nodeName=worker-1", "pod/c\n"},
    {"two_signs", "kubectl get pods -A -o name --field-selector spec.nodeName==worker-1", "pod/c\n"},
    {"pods_elsewhere", "kubectl get pods -A -o name --field-selector spec.nodeName!=worker-1",
     "pod/b\npod/a\n"},
    {"pods_without_a_node", "kubectl get pods -A -o name --field-selector spec.nodeName=", "pod/b\n"},
    {"a_phase", "kubectl get pods -A -o name --field-selector=status.phase=Running", "pod/a\npod/c\n"},
    {"two_terms",
     "kubectl get pods -A -o name --field-selector status.phase!=Running,metadata.namespace=bank", "pod/b\n"},
    {"a_name", "kubectl get pods -n shop -o name --field-selector metadata.name=a", "pod/a\n"},
    {"a_restart_policy", "kubectl get pods -n bank -o name --field-selector spec.restartPolicy=Always",
     "pod/b\n"},
    {"a_scheduler", "kubectl get pods -n bank -o name --field-selector spec.schedulerName=default-scheduler",
     "pod/b\n"},
    {"cordoned_nodes", "kubectl get nodes -o name --field-selector spec.unschedulable=true",
     "node/worker-2\n"},
    {"others", "kubectl get nodes -o name --field-selector spec.unschedulable=false", "node/worker-1\n"},
    {"labels_too",
     "kubectl get nodes -o name -l kubernetes.io/hostname=worker-1 --field-selector "
     "spec.unschedulable=true",
     ""},
    {"by_age", "kubectl get pods -A -o name --sort-by=.metadata.creationTimestamp", "pod/c\npod/a\npod/b\n"},
    {"by_name", "kubectl get pods -A -o name --sort-by={.metadata.name}", "pod/a\npod/b\npod/c\n"},
    {"without_a_value_first", "kubectl get pods -A -o name --sort-by=spec.nodeName", "pod/b\npod/c\npod/a\n"},
    {"by_amount",
     "kubectl get pods -A --no-headers -o custom-columns=N:.metadata.name "
     "--sort-by=.metadata.creationTimestamp",
     "c\na\nb\n"},
    {"columns", "kubectl get pods -A -o custom-columns=Pod:.metadata.name,NODE:.spec.nodeName",
     "Pod   NODE\nb     <none>\na     worker-2\nc     worker-1\n"},
    {"several_values",
     "kubectl get pods -n bank --no-headers -o "
     "'custom-columns=X:.spec.containers[*].name,Y:.metadata.labels.z'",
     "app   <none>\n"},
    {"columns_of_one", "kubectl get node worker-2 -o custom-columns=CORDONED:{.spec.unschedulable}",
     "CORDONED\ntrue\n"},
    {"columns_of_nothing", "kubectl get pods -n nowhere -o custom-columns=A:.metadata.name", "A\n"},
};

TEST_P(KubectlChoices, Print) { EXPECT_EQ(output(GetParam().command), GetParam().printed); }

INSTANTIATE_TEST_SUITE_P(All, KubectlChoices, testing::ValuesIn(kChoices),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(KubectlChoose, DeletesWhatTheFieldsSelectAndNothingElse) {
  const Printed deleted =
      run("kubectl delete pods -n shop --wait=false --field-selector spec.nodeName=worker-2");
  EXPECT_EQ(deleted.output, "pod \"a\" deleted\n");
  EXPECT_EQ(output("kubectl get pods -n shop --no-headers -o custom-columns=N:.metadata.name,"
                   "D:.metadata.deletionGracePeriodSeconds"),
            "a     30\nc     <none>\n");
}

TEST_F(KubectlChoose, NamesADeletionOfNothing) {
  EXPECT_EQ(run("kubectl delete pods -n shop --field-selector status.phase=Failed"),
            (Printed{"No resources found\n", "", 0}));
}

TEST_F(KubectlChoose, LabelsWhatTheFieldsSelect) {
  EXPECT_EQ(output("kubectl label nodes --field-selector spec.unschedulable=true parked=yes"),
            "node/worker-2 labeled\n");
}

TEST_F(KubectlChoose, TellsOfAPathThatNothingHas) {
  EXPECT_EQ(
      run("kubectl get pods -A --sort-by=.status.nothing"),
      (Printed{"", "error: couldn't find any field with path \"{.status.nothing}\" in the list of objects\n",
               1}));
}

struct Refusal {
  const char* name;
  const char* command;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const Refusal& refusal) { return os << refusal.name; }
};
class KubectlChooseRefused : public testing::TestWithParam<Refusal> {};

const Refusal kRefusals[] = {
    {"unknown_field", "kubectl get pods --field-selector spec.node=a",
     "field label not supported: spec.node"},
    {"namespace_of_nodes", "kubectl get nodes --field-selector metadata.namespace=a",
     "field label not supported: metadata.namespace"},
    {"field_of_others", "kubectl get deploy --field-selector spec.replicas=2",
     "\"spec.replicas\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""},
    {"field_of_jobs", "kubectl get jobs --field-selector status.failed=2",
     "field label \"status.failed\" not supported for Job"},
    {"no_sign", "kubectl get pods --field-selector spec.nodeName",
     "invalid selector: 'spec.nodeName'; can't understand 'spec.nodeName'"},
    {"beside_a_name", "kubectl get pods x --field-selector spec.nodeName=a",
     "name cannot be provided when a selector is specified"},
    {"beside_all", "kubectl delete pods --all --field-selector spec.nodeName=a",
     "cannot set --all and --field-selector at the same time"},
    {"no_columns",
     "kubectl get pods -o custom-columns=", "custom-columns format specified but no custom columns given"},
    {"no_path", "kubectl get pods -o custom-columns=A,B:.b",
     "unexpected custom-columns spec: A, expected <header>:<json-path-expr>"},
    {"bad_path", "kubectl get pods --sort-by={.a", "sorting error: unclosed action"},
};

TEST_P(KubectlChooseRefused, InTheWordsOfTheProgram) {
  EXPECT_EQ(problem_of(GetParam().command).problem, GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(All, KubectlChooseRefused, testing::ValuesIn(kRefusals),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace scenarios::commands
