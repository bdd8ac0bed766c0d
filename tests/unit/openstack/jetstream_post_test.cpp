// Every command of "Soft Scaling Kubernetes on Jetstream2" (zonca.dev, 2024-02-02) and of the scripts that it
// links, as written, with what stands for a node filled in; and the texts that the post shows.

#include <gtest/gtest.h>

#include <ostream>
#include <regex>

#include "scenarios/import_runbook.h"
#include "tests/unit/openstack/jetstream_runs.h"

namespace scenarios::jetstream {
namespace {

/// Kubernetes as kubespray 2.21 installs it, or the oldest that is modelled; Cinder's controller with its
/// emptyDir runs on node 2, since node 1 takes no pods at first.
constexpr const char* kCluster = R"(apiVersion: rehearsal/v1
scenario: the post
profile: jetstream
until: 2h
cluster:
  kubernetes: {version: "1.26.0"}
  nodes:
    kj-k8s-node-nf-2: {cpu: 8, memory: 30Gi}
    "kj-k8s-node-nf-1,kj-k8s-node-nf-[3-10]": {cpu: 8, memory: 30Gi, unschedulable: true}
  openstack:
    flavors: {m3.medium: {vcpus: 8, ramGB: 30, diskGB: 60}}
    hosts: {"compute-[1-4]": {vcpus: 32, ramGB: 120}}
    servers: {"kj-k8s-node-nf-[1-10]": {flavor: m3.medium}}
  manifests: scenarios/library/jetstream/jetstream_add_ons.manifest.yaml
)";

std::string scenario(const std::string& plan) { return std::string(kCluster) + "plan:\n" + plan; }

TEST(JetstreamPost, SoftScalingDownAndUpWithThePublishedTexts) {
  const sim::ResultRecord record = nominal_run(scenario(R"(
  - step: the others take pods
    at: 2m
    run: for i in 1 3 4 5 6 7 8 9 10; do kubectl uncordon kj-k8s-node-nf-$i; done
  - step: find
    run: "kubectl get nodes # Run to find the node names"
  - step: cordon
    run: kubectl cordon kj-k8s-node-nf-2
  - step: drain
    run: kubectl drain kj-k8s-node-nf-2 --ignore-daemonsets
    on_error: continue
  - step: drain again
    run: |
      kubectl drain kj-k8s-node-nf-2 --ignore-daemonsets --delete-emptydir-data
  - step: drained
    run: kubectl get nodes
  - step: shelve
    run: openstack server shelve kj-k8s-node-nf-2
    then: {servers: {SHELVED_OFFLOADED: kj-k8s-node-nf-2}}
  - step: shelved
    run: kubectl get nodes
  - step: unshelve
    run: openstack server unshelve kj-k8s-node-nf-2
    then: {servers: {ACTIVE: kj-k8s-node-nf-2}}
  - step: Ready
    run: kubectl wait --for=condition=Ready node/kj-k8s-node-nf-2 --timeout=5m
  - step: uncordon
    run: kubectl uncordon kj-k8s-node-nf-2
  - step: back
    run: kubectl get nodes
)"));
  const auto prints = [&](const char* step, const char* pattern) {
    const std::string text = step_of(record, step).output() + step_of(record, step).errors();
    EXPECT_TRUE(std::regex_search(text, std::regex(pattern))) << step << " printed\n" << text;
  };
  prints("cordon", "^node/kj-k8s-node-nf-2 cordoned\n$");
  prints(
      "drain",
      "error: unable to drain node \"kj-k8s-node-nf-2\" due to error:cannot delete Pods with local storage "
      "\\(use --delete-emptydir-data to override\\): "
      "kube-system/csi-cinder-controllerplugin-[a-z0-9]+-[a-z0-9]+, "
      "continuing command\\.\\.\\.\n");
  EXPECT_EQ(step_of(record, "drain").exit_code, 1);
  prints("drain again", "node/kj-k8s-node-nf-2 drained\n");
  prints("drained", "kj-k8s-node-nf-2 +Ready,SchedulingDisabled ");
  EXPECT_EQ(step_of(record, "shelve").output(), "");
  prints("shelved", "kj-k8s-node-nf-2 +NotReady,SchedulingDisabled ");
  EXPECT_EQ(step_of(record, "unshelve").output(), "");
  prints("uncordon", "^node/kj-k8s-node-nf-2 uncordoned\n$");
  prints("back", "kj-k8s-node-nf-2 +Ready ");  // the post says Ready,Schedulable, which kubectl never prints
  for (const sim::StepRecord& step : record.steps) {
    EXPECT_EQ(step.outcome, step.name == "drain" ? sim::StepOutcome::Failed : sim::StepOutcome::Succeeded)
        << step.name << step.errors();
  }
}

/// A pass of k8s_softscale.sh: one of its five commands uncommented.
struct Pass {
  const char* name;
  const char* command;
  const char* prints;  ///< by each of the nine commands
  friend std::ostream& operator<<(std::ostream& os, const Pass& pass) { return os << pass.name; }
};

class SoftScaleScript : public testing::TestWithParam<Pass> {};

TEST_P(SoftScaleScript, RunsAsWritten) {
  const std::string script = R"(
      export CLUSTER=kj
      set -o nounset # fail if a variable is not defined
      for i in $(seq 2 10)
      do
          # with floating IP
          # NODE="$CLUSTER-k8s-node-$i"
          # without floating IP
          NODE="$CLUSTER-k8s-node-nf-$i"
          )" + std::string(GetParam().command) +
                             R"(
      done
)";
  const sim::ResultRecord record = nominal_run(scenario("  - step: pass\n    at: 5m\n    run: |" + script));
  const sim::StepRecord& step = step_of(record, "pass");
  EXPECT_EQ(step.exit_code, 0) << step.errors();
  EXPECT_EQ(step.errors().find("error:"), std::string::npos) << step.errors();
  for (int node = 2; node <= 10; ++node) {
    const std::string line = std::regex_replace(GetParam().prints, std::regex("NODE"),
                                                "kj-k8s-node-nf-" + std::to_string(node) + " ");
    EXPECT_NE((step.output() + " ").find(line.substr(0, line.find(" \n"))), std::string::npos) << line;
  }
}

constexpr Pass kPasses[] = {
    {"cordon", "kubectl cordon $NODE", "node/NODE"},
    {"drain", "kubectl drain --ignore-daemonsets --delete-emptydir-data $NODE", "node/NODE"},
    {"shelve", "openstack server shelve $NODE", ""},
    {"unshelve", "openstack server unshelve $NODE", ""},
    {"uncordon", "kubectl uncordon $NODE", "node/NODE"},
};
INSTANTIATE_TEST_SUITE_P(All, SoftScaleScript, testing::ValuesIn(kPasses),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(JetstreamPost, AnUnsetClusterIsToldBeforeAnythingRuns) {
  language::Diagnostics diagnostics;
  EXPECT_FALSE(load({"a.yaml",
                     scenario(R"(
  - step: pass
    run: |
      set -o nounset # fail if a variable is not defined
      for i in $(seq 2 10)
      do
          NODE="$CLUSTER-k8s-node-nf-$i"
          kubectl cordon $NODE
      done
)"),
                     {},
                     {}},
                    diagnostics));
  EXPECT_NE(language::render(diagnostics.sorted()).find("there is no variable CLUSTER here"),
            std::string::npos);
}

TEST(JetstreamPost, TheScriptsOfHardScalingRunAsWritten) {
  const sim::ResultRecord record = nominal_run(scenario(R"(
  - step: k8s_remove_node.sh
    at: 5m
    run: |
      CLUSTER=kj
      ansible-playbook --become -i inventory/$CLUSTER/hosts remove-node.yml -b -v --extra-vars "node=kj-k8s-node-nf-10" -e skip_confirmation=true
  - step: fewer nodes
    run: terraform apply -auto-approve -var number_of_k8s_nodes_no_floating_ip=9
  - step: the nodes again
    run: terraform apply -auto-approve -var number_of_k8s_nodes_no_floating_ip=10
  - step: k8s_scale.sh
    run: |
      export IP=149.165.1.2
      set -o nounset # fail if a variable is not defined
      ansible-playbook --become -i inventory/$CLUSTER/hosts scale.yml  --flush-cache -b -v --limit "${CLUSTER}*" --extra-vars="supplementary_addresses_in_ssl_keys=[\"$IP\"]"
  - step: ten nodes
    run: kubectl get nodes -o name
)"));
  for (const sim::StepRecord& step : record.steps) {
    EXPECT_EQ(step.outcome, sim::StepOutcome::Succeeded) << step.name << ": " << step.errors();
  }
  EXPECT_EQ(step_of(record, "fewer nodes").output(),
            "Apply complete! Resources: 0 added, 0 changed, 1 destroyed.\n");
  EXPECT_NE(step_of(record, "ten nodes").output().find("node/kj-k8s-node-nf-10\n"), std::string::npos);
  EXPECT_NEAR(seconds_of(record, "k8s_scale.sh"), 15 * 60, 90);
}

}  // namespace
}  // namespace scenarios::jetstream
