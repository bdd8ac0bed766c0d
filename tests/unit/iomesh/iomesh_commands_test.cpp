// What the commands of IOMesh print and refuse.
#include "tests/unit/iomesh/iomesh_rehearsal.h"

namespace scenarios::testing_support {
namespace {

TEST_F(StorageCase, The_resource_shows_each_field_of_an_expired_chunk_as_0B) {
  rehearse({.storage = "{used: 400Gi, chunkReplicas: 5}",
            .plan = resize("chunk", 4) +
                    "  - step: later\n    wait: 3m\n  - step: resource\n    run: kubectl get iomesh "
                    "iomesh -n iomesh-system -o yaml\n"});
  EXPECT_NE(printed("resource")
                .find("      - id: 5\n"
                      "        ip: 192.168.29.25\n"
                      "        spaceInfo:\n"
                      "          dirtyCacheSpace: 0B\n"
                      "          failureCacheSpace: 0B\n"
                      "          failureDataSpace: 0B\n"
                      "          provisionedDataSpace: 0B\n"
                      "          totalCacheCapacity: 0B\n"
                      "          totalDataCapacity: 0B\n"
                      "          usedCacheSpace: 0B\n"
                      "          usedDataSpace: 0B\n"
                      "        status: CHUNK_STATUS_SESSION_EXPIRED\n"),
            std::string::npos)
      << printed("resource");
}

TEST_F(StorageCase, Set_alone_resets_what_it_does_not_name) {
  rehearse({.storage = "{used: 400Gi, chunkReplicas: 5, metaReplicas: 3}",
            .plan = "  - step: five meta servers only\n    run: helm upgrade -n iomesh-system iomesh "
                    "iomesh/iomesh --set "
                    "meta.replicaCount=5\n"});
  EXPECT_TRUE(told("chunk.replicaCount 5 -> 3, meta.replicaCount 3 -> 5"));
}

TEST_F(StorageCase, Reused_values_stay) {
  rehearse(
      {.plan =
           "  - step: five meta servers only\n    run: helm upgrade -n iomesh-system iomesh iomesh/iomesh "
           "--reuse-values --set meta.replicaCount=5\n"});
  EXPECT_TRUE(told("release: meta.replicaCount 3 -> 5"));
}

TEST_F(StorageCase, Iomeshctl_asks_the_leader_alone) {
  rehearse({.plan = "  - step: elsewhere\n    on_error: continue\n    run: kubectl exec iomesh-meta-1 -n "
                    "iomesh-system -c "
                    "iomesh-meta -- /opt/iomesh/iomeshctl chunk list\n"});
  EXPECT_EQ(step("elsewhere").exit_code, 1);
  EXPECT_NE(step("elsewhere").errors().find("not the leader"), std::string::npos);
}

TEST_F(StorageCase, An_unregister_goes_on_when_its_terminal_dies) {
  rehearse({.plan = "  - step: begin\n    at: 5m\n    wait: 1s\n" +
                    unregister(5, "    on_error: continue\n") + "  - step: later\n    wait: 2h\n" +
                    show("ids", kIds),
            .more = "faults: [{at: 10m, delete_pod: iomesh-meta-0}]\n"});
  EXPECT_EQ(step("unregister 5").exit_code, 137);
  EXPECT_EQ(printed("ids"), "1 2 3 4");
}

TEST_F(StorageCase, A_new_chunk_gets_a_new_id_and_its_share_of_the_data) {
  rehearse({.nodes = "k8s-worker-[0-5]",
            .plan = resize("chunk", 6) + "  - step: until it is registered\n    wait: 45s\n" +
                    show("ids", kIds) + show("used", kUsed) + "  - step: later\n    wait: 4h\n" +
                    show("balanced", kUsed)});
  EXPECT_EQ(printed("ids"), "1 2 3 4 5 6");
  EXPECT_TRUE(printed("used").ends_with("MiB")) << "data come over time: " << printed("used");
  EXPECT_EQ(printed("balanced"), "333.33GiB 333.33GiB 333.33GiB 333.33GiB 333.33GiB 333.33GiB");
}

TEST_F(StorageCase, An_edit_takes_the_value_of_a_variable) {
  rehearse({.plan = "  - step: edit\n    let: {fewer: echo 4}\n"
                    "    edit: {file: iomesh.yaml, set: {chunk.replicaCount: \"${fewer}\"}}\n"
                    "  - step: apply\n    run: helm upgrade -n iomesh-system iomesh iomesh/iomesh --values "
                    "iomesh.yaml\n"
                    "  - step: the operator follows\n    wait: 10m\n  - step: how many\n    run: kubectl get "
                    "statefulset iomesh-chunk -n iomesh-system "
                    "-o jsonpath={.spec.replicas}\n"});
  EXPECT_EQ(printed("how many"), "4");
}

struct FailingEdit {
  const char* name;
  const char* run;
  const char* errors;
  friend std::ostream& operator<<(std::ostream& os, const FailingEdit& c) { return os << c.name; }
};

class EditOfStorage : public StorageCase, public testing::WithParamInterface<FailingEdit> {};

TEST_P(EditOfStorage, Fails) {
  rehearse({.plan = std::string("  - step: edit\n    run: ") + GetParam().run + "\n"});
  EXPECT_EQ(step("edit").exit_code, 1);
  EXPECT_EQ(step("edit").errors(), GetParam().errors);
}

const FailingEdit kFailingEdits[] = {
    {"of_a_file_that_is_not_there", "edit $(echo other.yaml) chunk.replicaCount=2",
     "error: the scenario has no file other.yaml\n"},
    {"that_leads_into_a_number", "edit iomesh.yaml chunk.replicaCount.more=2",
     "edit: iomesh.yaml: chunk.replicaCount.more leads into something that is no mapping\n"},
    {"by_kubectl_in_another_namespace", "kubectl edit iomesh -n elsewhere",
     "error: edit cancelled, no objects found\n"},
    {"by_kubectl_of_one_that_is_not_there", "kubectl edit iomesh other -n iomesh-system",
     "Error from server (NotFound): iomeshes.iomesh.com \"other\" not found\n"},
    {"by_kubectl_of_one_that_is_not_there_with_a_slash", "kubectl edit iomesh/other -n iomesh-system",
     "Error from server (NotFound): iomeshes.iomesh.com \"other\" not found\n"},
};
INSTANTIATE_TEST_SUITE_P(Cases, EditOfStorage, testing::ValuesIn(kFailingEdits),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_F(StorageCase, The_editor_shows_what_get_prints) {
  rehearse({.plan = "  - step: get\n    run: kubectl get iomesh iomesh -n iomesh-system -o yaml\n"
                    "  - step: edit\n    run: kubectl edit iomesh/iomesh -n iomesh-system\n"});
  EXPECT_TRUE(printed("edit").ends_with("\n#\n" + step("get").output()) ||
              printed("edit").ends_with("\n#\n" + printed("get")))
      << printed("edit");
  EXPECT_EQ(step("edit").errors(), "Edit cancelled, no changes made.\n");
}

struct WrongCase {
  const char* name;
  const char* text;     ///< of a scenario
  const char* problem;  ///< part of the message
  friend std::ostream& operator<<(std::ostream& os, const WrongCase& c) { return os << c.name; }
};

class WrongStorage : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongStorage, IsRefusedWithItsPlace) {
  language::Diagnostics diagnostics;
  const std::string text = std::string(
                               "apiVersion: rehearsal/v1\nscenario: wrong\ncluster:\n  nodes: "
                               "{\"k8s-worker-[0-4]\": {cpu: 16, memory: 64Gi}}\n") +
                           GetParam().text;
  EXPECT_FALSE(load({"wrong.yaml", text, {}, {}}, diagnostics));
  const std::string rendered = language::render(diagnostics.sorted());
  EXPECT_NE(rendered.find(GetParam().problem), std::string::npos) << rendered;
  EXPECT_NE(rendered.find("wrong.yaml:"), std::string::npos) << rendered;
}

const WrongCase kWrong[] = {
    {"address", "  iomesh: {dataAddress: 192.168.29.300}\nplan: [{step: a, wait: 1s}]\n", "no IPv4 address"},
    {"four_replicas", "  iomesh: {replicaFactor: 4}\nplan: [{step: a, wait: 1s}]\n", "replicaFactor"},
    {"two_ids",
     "  iomesh: {chunks: {iomesh-chunk-0: {id: 2}, iomesh-chunk-1: {}}}\nplan: [{step: a, wait: 1s}]\n",
     "two chunks have id 2"},
    {"other_pod", "  iomesh: {chunks: {web-0: {}}}\nplan: [{step: a, wait: 1s}]\n",
     "web-0 is no pod of iomesh-chunk"},
    {"no_placement", "  iomesh: {chunks: {iomesh-chunk-0: {used: 10Gi}}}\nplan: [{step: a, wait: 1s}]\n",
     "no placement of 2 replicas"},
    {"too_much", "  iomesh: {capacity: 1Gi, used: 2Gi}\nplan: [{step: a, wait: 1s}]\n",
     "more than its capacity"},
    {"values_file",
     "  iomesh: {}\nplan: [{step: a, run: helm upgrade iomesh iomesh/iomesh --values other.yaml}]\n",
     "the scenario has no file other.yaml"},
    {"chart", "  iomesh: {}\nplan: [{step: a, run: helm upgrade web bitnami/nginx}]\n",
     "the chart bitnami/nginx is not modelled"},
    {"helm_flag", "  iomesh: {}\nplan: [{step: a, run: helm upgrade iomesh iomesh/iomesh --atomic}]\n",
     "--atomic"},
    {"helm_command", "  iomesh: {}\nplan: [{step: a, run: helm rollback iomesh 1}]\n", "rollback"},
    {"iomeshctl_command",
     "  iomesh: {}\nplan: [{step: a, run: kubectl exec iomesh-meta-0 -- /opt/iomesh/iomeshctl chunk remove "
     "1}]\n",
     "iomeshctl chunk remove 1 is not modelled"},
    {"id_of_words",
     "  iomesh: {}\nplan: [{step: a, run: kubectl exec iomesh-meta-0 -- /opt/iomesh/iomeshctl chunk "
     "unregister "
     "iomesh-chunk-2}]\n",
     "\"iomesh-chunk-2\" is no chunk id"},
    {"ssh", "  iomesh: {}\nplan: [{step: a, run: ssh k8s-worker-0 reboot}]\n",
     "of ssh only ip a is modelled"},
    {"edit_and_run",
     "  iomesh: {}\nplan: [{step: a, run: kubectl get pod, edit: {file: iomesh.yaml, set: {a: 1}}}]\n",
     "both edit and run"},
    {"edit_without_a_key", "  iomesh: {}\nplan: [{step: a, run: \"edit iomesh.yaml =2\"}]\n",
     "\"=2\" sets no value"},
    {"edit_without_a_value", "  iomesh: {}\nplan: [{step: a, run: \"edit iomesh.yaml chunk\"}]\n",
     "\"chunk\" sets no value"},
    {"kubectl_edit_of_several", "  iomesh: {}\nplan: [{step: a, run: kubectl edit iomesh one two}]\n",
     "kubectl edit iomesh with several names is not modelled"},
    {"edit_of_no_file", "plan: [{step: a, edit: {file: iomesh.yaml, set: {a: 1}}}]\n",
     "the scenario has no file iomesh.yaml"},
};
INSTANTIATE_TEST_SUITE_P(Texts, WrongStorage, testing::ValuesIn(kWrong),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace scenarios::testing_support
