// "Soft Scaling Kubernetes on Jetstream" with other names, sizes and node counts, as it is typed. What must
// come out is computed by a second, obvious rule: the nodes that sleep are the last ones, and their status
// follows from what was done last.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "tests/property/rehearsals.h"

namespace {

struct Story {
  std::string cluster = "jetstream";
  std::string role = "nf-";  ///< kubespray calls workers without floating address so
  int nodes = 2;
  int sleeping = 1;  ///< the last ones
  int hub = 0;       ///< replicas of a workload with a budget
  bool plugin = true;

  [[nodiscard]] int first() const { return nodes - sleeping + 1; }
  [[nodiscard]] std::string prefix() const { return fmt::format("{}-k8s-node-{}", cluster, role); }
  [[nodiscard]] std::string node(int number) const { return prefix() + std::to_string(number); }
  [[nodiscard]] std::string all_sleeping() const {
    return fmt::format("{}[{}-{}]", prefix(), first(), nodes);
  }
  [[nodiscard]] std::string loop(const std::string& command) const {
    return fmt::format("for i in {{{}..{}}}; do {} {}$i; done", first(), nodes, command, prefix());
  }
};

std::ostream& operator<<(std::ostream& os, const Story& story) {
  return os << story.sleeping << " of " << story.nodes << " nodes " << story.prefix() << "N sleep, "
            << story.hub << " pods of a hub, " << (story.plugin ? "with" : "without")
            << " the controller plugin";
}

Story draw_story() {
  Story story;
  story.cluster = *rc::gen::element<std::string>("jetstream", "k", "science-gateway-7");
  story.role = *rc::gen::element<std::string>("nf-", "");
  story.nodes = *rc::gen::inRange(2, 12);
  story.sleeping = *rc::gen::inRange(1, story.nodes);
  story.hub = *rc::gen::inRange(0, 5);
  story.plugin = *rc::gen::arbitrary<bool>();
  return story;
}

/// Cinder's controller plugin, which stores something in an emptyDir, on the last node.
std::string plugin_file(const Story& story) {
  return fmt::format(R"(files:
  plugin.yaml: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: csi-cinder-controllerplugin, namespace: kube-system}}
    spec:
      replicas: 1
      selector: {{matchLabels: {{app: csi}}}}
      template:
        metadata: {{labels: {{app: csi}}}}
        spec:
          affinity:
            nodeAffinity:
              preferredDuringSchedulingIgnoredDuringExecution:
                - weight: 100
                  preference:
                    matchExpressions: [{{key: kubernetes.io/hostname, operator: In, values: [{}]}}]
          containers: [{{name: plugin, image: plugin}}]
          volumes: [{{name: socket-dir, emptyDir: {{}}}}]
)",
                     story.node(story.nodes));
}

std::string plugin_steps(const Story& story) {
  return fmt::format(R"(  - {{step: plugin, run: kubectl apply -f plugin.yaml}}
  - step: it runs
    run: kubectl -n kube-system rollout status deployment/csi-cinder-controllerplugin
  - {{step: refused, run: kubectl drain --ignore-daemonsets {}, on_error: continue}}
)",
                     story.node(story.nodes));
}

std::string scenario_text(const Story& story) {
  return fmt::format(
      R"(apiVersion: rehearsal/v1
scenario: soft scaling as it is typed
profile: jetstream
until: 4h
{files}cluster:
  kubernetes: {{version: "1.30.0"}}
  nodes: {{"{prefix}[1-{nodes}]": {{cpu: 8, memory: 30Gi}}}}
  deployments: {{hub: {{replicas: {hub}}}}}
  podDisruptionBudgets: {{hub: {{maxUnavailable: 1}}}}
  openstack:
    flavors: {{m3.medium: {{vcpus: 8, ramGB: 30, diskGB: 60}}}}
    hosts: {{"compute-[1-4]": {{vcpus: 32, ramGB: 120}}}}
    servers: {{"{prefix}[1-{nodes}]": {{flavor: m3.medium}}}}
plan:
  - {{step: settled, at: 2m, run: kubectl rollout status deployment/hub}}
{plugin}  - step: cordon
    run: {cordon}
  - step: drain
    run: {drain}
  - {{step: drained, run: kubectl get nodes}}
  - step: shelve
    run: {shelve}
    then: {{servers: {{SHELVED_OFFLOADED: "{sleeping}"}}, within: 15m}}
  - {{step: shelved, after: 1m, run: kubectl get nodes}}
  - step: unshelve
    run: {unshelve}
    then: {{servers: {{ACTIVE: "{sleeping}"}}, within: 15m}}
  - step: back
    run: kubectl wait --for=condition=Ready node --all --timeout=10m
  - step: uncordon
    run: {uncordon}
  - {{step: done, run: kubectl get nodes}}
  - {{step: servers, run: "openstack server list -f value -c Name -c Status | sort -V"}}
checks: [no-shelve-before-drained, no-uncordon-before-ready, no-pod-stranded, no-unschedulable-pods]
expect: {{holds: all}}
)",
      fmt::arg("files", story.plugin ? plugin_file(story) : ""), fmt::arg("prefix", story.prefix()),
      fmt::arg("nodes", story.nodes), fmt::arg("hub", story.hub),
      fmt::arg("plugin", story.plugin ? plugin_steps(story) : ""),
      fmt::arg("cordon", story.loop("kubectl cordon")),
      fmt::arg("drain", story.loop("kubectl drain --ignore-daemonsets --delete-emptydir-data")),
      fmt::arg("shelve", story.loop("openstack server shelve")), fmt::arg("sleeping", story.all_sleeping()),
      fmt::arg("unshelve", story.loop("openstack server unshelve")),
      fmt::arg("uncordon", story.loop("kubectl uncordon")));
}

const sim::StepRecord& step(const sim::ResultRecord& record, const std::string& name) {
  for (const sim::StepRecord& candidate : record.steps) {
    if (candidate.name == name) {
      return candidate;
    }
  }
  throw std::invalid_argument("no step " + name);
}

/// `kubectl get nodes` without roles, ages and versions, where the last ones have this status.
std::string table(const Story& story, const std::string& status) {
  std::vector<std::string> names;
  for (int number = 1; number <= story.nodes; ++number) {
    names.push_back(story.node(number));
  }
  std::sort(names.begin(), names.end());
  const std::size_t name_width = story.node(story.nodes).size() + 3;
  const std::size_t status_width = std::max(status.size(), std::string("STATUS").size()) + 3;
  std::string text = fmt::format("{:<{}}{:<{}}\n", "NAME", name_width, "STATUS", status_width);
  for (const std::string& name : names) {
    const bool sleeps = std::stoi(name.substr(story.prefix().size())) >= story.first();
    text += fmt::format("{:<{}}{:<{}}\n", name, name_width, sleeps ? status : "Ready", status_width);
  }
  return text;
}

std::string without_ages(const std::string& output) {
  return std::regex_replace(output, std::regex("(ROLES +AGE +VERSION|<none> .*)\n"), "\n");
}

/// What each command of a loop prints, for the nodes that sleep.
std::string of_each(const Story& story, const std::string& suffix) {
  std::string text;
  for (int number = story.first(); number <= story.nodes; ++number) {
    text += fmt::format("node/{} {}\n", story.node(number), suffix);
  }
  return text;
}

RC_GTEST_PROP(JetstreamSeed, EveryScreenComesOutWithOtherNamesSizesAndNodes, ()) {
  const Story story = draw_story();
  RC_LOG() << story;
  const sim::ResultRecord record =
      property::perform(property::load(scenario_text(story)), *rc::gen::arbitrary<std::uint64_t>());
  if (story.plugin) {
    // The words of the post, and that the node stays as it was.
    const sim::StepRecord& refused = step(record, "refused");
    const std::regex words(fmt::format(
        "error: unable to drain node \"{0}\" due to error:cannot delete Pods with local storage \\(use "
        "--delete-emptydir-data to override\\): kube-system/csi-cinder-controllerplugin-[a-z0-9-]+, "
        "continuing "
        "command...\n",
        story.node(story.nodes)));
    RC_ASSERT(std::regex_search(refused.commands.front().errors, words));
    RC_ASSERT(refused.exit_code == 1);
  }
  std::string cordoned = of_each(story, "cordoned");
  if (story.plugin) {  // by the drain that was refused
    const std::string last = fmt::format("node/{} cordoned\n", story.node(story.nodes));
    cordoned.replace(cordoned.find(last), last.size(),
                     fmt::format("node/{} already cordoned\n", story.node(story.nodes)));
  }
  RC_ASSERT(step(record, "cordon").output() == cordoned);
  const std::string drained = step(record, "drain").output();
  for (int number = story.first(); number <= story.nodes; ++number) {
    RC_ASSERT(drained.find(fmt::format("node/{} drained\n", story.node(number))) != std::string::npos);
  }
  RC_ASSERT(without_ages(step(record, "drained").output()) == table(story, "Ready,SchedulingDisabled"));
  RC_ASSERT(without_ages(step(record, "shelved").output()) == table(story, "NotReady,SchedulingDisabled"));
  RC_ASSERT(step(record, "uncordon").output() == of_each(story, "uncordoned"));
  RC_ASSERT(without_ages(step(record, "done").output()) == table(story, "Ready"));
  std::string servers;
  for (int number = 1; number <= story.nodes; ++number) {
    servers += fmt::format("{} ACTIVE\n", story.node(number));
  }
  RC_ASSERT(step(record, "servers").output() == servers);
  RC_ASSERT(record.passed);
}

}  // namespace
