// What Kubernetes sees of a server that is shelved, and when.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/openstack/jetstream_runs.h"

namespace scenarios::jetstream {
namespace {

/// The default profile: a guest shuts down in 15 s. Kubelets do not delay the shutdown, and the grace of the
/// node lifecycle controller is 40 s up to 1.31.
std::string shelved_at(int second) {
  return fmt::format(R"(apiVersion: rehearsal/v1
scenario: one node is shelved
until: 20m
cluster:
  kubernetes: {{version: "1.31.0"}}
  nodes:
    worker-2: {{cpu: 8, memory: 30Gi}}
    "worker-[3-5]": {{cpu: 8, memory: 30Gi, unschedulable: true}}
  statefulsets:
    db: {{replicas: 1}}
  daemonsets:
    agent: {{}}
  openstack:
    flavors: {{m3.medium: {{vcpus: 8, ramGB: 30, diskGB: 60}}}}
    hosts: {{compute-1: {{vcpus: 64, ramGB: 240}}}}
    servers: {{"worker-[2-5]": {{flavor: m3.medium}}}}
plan:
  - step: shelve
    at: {}s
    run: openstack server shelve worker-2
)",
                     second);
}

/// When something of that subject changed in words that begin so, from `from` on; -1: never.
double moment(const sim::ResultRecord& record, std::string_view subject, std::string_view words,
              double from = 0) {
  for (const sim::ToldTransition& told : record.transitions) {
    if (told.subject.starts_with(subject) && told.change.find(words) != std::string::npos &&
        seconds(told.at) >= from) {
      return seconds(told.at);
    }
  }
  return -1;
}

TEST(JetstreamTiming, OS18_NotReady_timing) {
  for (int second = 100; second < 112; ++second) {
    const sim::ResultRecord record = nominal_run(shelved_at(second));
    const double accepted = moment(record, "server worker-2", "shelve accepted");
    const double not_ready = moment(record, "node worker-2", "Ready True -> Unknown");
    const double no_execute = moment(record, "node worker-2", "unreachable:NoExecute");
    const double evicted = moment(record, "pod default/db-0", "deletion requested");
    ASSERT_GT(accepted, 0);
    EXPECT_GE(not_ready - accepted, 45) << second;
    EXPECT_LE(not_ready - accepted, 65) << second;
    EXPECT_NEAR(no_execute - not_ready, 5, 0.5) << second;
    EXPECT_NEAR(evicted - no_execute, 300, 1) << second;
    EXPECT_EQ(moment(record, "pod default/agent", "deletion requested"), -1) << second;
  }
}

/// A failed host in the middle of scale.yml.
constexpr const char* kLost = R"(apiVersion: rehearsal/v1
scenario: a host is lost
profile: jetstream
until: 4h
cluster:
  kubernetes: {version: "1.34.0"}
  nodes: {node-1: {cpu: 8, memory: 30Gi}}
  openstack:
    flavors: {m3.medium: {vcpus: 8, ramGB: 30, diskGB: 60}}
    hosts: {"compute-[1-4]": {vcpus: 32, ramGB: 120}}
    servers: {node-1: {flavor: m3.medium}}
plan:
  - step: servers
    run: terraform apply -auto-approve -var number_of_k8s_nodes=10
  - step: first run
    run: ansible-playbook scale.yml -b
    on_error: continue
  - step: lose one
    needs: servers
    after: 20m
    run: openstack server stop node-4
  - step: how many nodes
    needs: first run
    run: kubectl get nodes -o name
  - step: mend it
    run: openstack server start node-4
    then: {servers: {ACTIVE: node-4}}
  - step: second run
    after: 2m
    run: ansible-playbook scale.yml -b
  - step: how many nodes now
    run: kubectl get nodes -o name
)";

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(JetstreamTiming, OS16_hard_scale_failure) {
  const sim::ResultRecord record = nominal_run(kLost);
  constexpr int kUnreachable = 4;
  EXPECT_EQ(step_of(record, "first run").exit_code, kUnreachable);
  EXPECT_EQ(step_of(record, "first run").errors(), "fatal: [node-4]: UNREACHABLE!\n");
  EXPECT_NEAR(seconds_of(record, "first run"), 20 * 60 + 20, 30) << "it ends at the task, not at its end";
  EXPECT_EQ(lines_of(step_of(record, "how many nodes").output()), 1U);
  EXPECT_NEAR(seconds_of(record, "second run"), 2580, 258);
  EXPECT_EQ(lines_of(step_of(record, "how many nodes now").output()), 10U);
}

}  // namespace
}  // namespace scenarios::jetstream
