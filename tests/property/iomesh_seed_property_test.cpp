// "Scale Down Cluster" with other names, ids, sizes and node counts, as it is typed. What must come out is
// computed by a second, obvious rule: ids by the address of their node, one minute for each 6000 MiB, pods
// 0 to n-2, and bytes that are conserved.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <regex>
#include <sstream>

#include "tests/property/rehearsals.h"

namespace {

struct Story {
  std::string worker = "k8s-worker";
  std::string name_space = "iomesh-system";
  std::string neighbour = "csi";  ///< another workload, whose names set the width of the column
  int workers = 3;                ///< a chunk on each
  int spare = 0;                  ///< workers without one
  int masters = 1;
  int copies = 2;
  int used_gib = 400;
  int capacity_gib = 1000;
  std::vector<int> ids;  ///< of the chunks, by ordinal
  int first_address = 21;
};

std::ostream& operator<<(std::ostream& os, const Story& story) {
  os << story.workers << " chunks on " << story.worker << " in " << story.name_space << " beside "
     << story.neighbour << ", " << story.spare << " spare, " << story.masters << " masters, " << story.copies
     << " copies, " << story.used_gib << " of " << story.capacity_gib << " GiB, ids";
  for (const int id : story.ids) {
    os << ' ' << id;
  }
  return os;
}

Story draw_story() {
  Story story;
  story.worker = *rc::gen::element<std::string>("k8s-worker", "w", "node-of-rack-7");
  story.name_space = *rc::gen::element<std::string>("iomesh-system", "storage", "a");
  story.neighbour = *rc::gen::element<std::string>("csi", "iomesh-csi-driver-controller-plugin", "b");
  story.copies = *rc::gen::inRange(2, 4);
  story.workers = *rc::gen::inRange(story.copies + 1, 9);
  story.spare = *rc::gen::inRange(0, 3);
  story.masters = *rc::gen::inRange(0, 4);
  story.capacity_gib = *rc::gen::inRange(50, 4000);
  // Below the ceiling of 95 % once the others have taken the share of the one that leaves.
  const int most = story.capacity_gib * 9 / 10 * (story.workers - 1) / story.workers;
  story.used_gib = *rc::gen::inRange(1, most);
  story.first_address = *rc::gen::inRange(2, 240);
  for (int id = 1; id <= story.workers; ++id) {
    story.ids.push_back(id * *rc::gen::inRange(1, 3) + 10 * id);
  }
  for (std::size_t i = story.ids.size(); i > 1; --i) {
    std::swap(story.ids[i - 1],
              story.ids[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(i)))]);
  }
  return story;
}

std::string nodes_of(const Story& story) {
  const int count = story.workers + story.spare;
  std::string text;
  if (story.masters > 0) {
    text += fmt::format(
        "    \"master-[0-{}]\":\n      cpu: 4\n      memory: 16Gi\n      taints: [{{key: "
        "node-role.kubernetes.io/control-plane, effect: NoSchedule}}]\n",
        story.masters - 1);
  }
  return text + fmt::format("    \"{}-[0-{}]\": {{cpu: 16, memory: 64Gi}}\n", story.worker, count - 1);
}

std::string scenario_text(const Story& story) {
  std::string chunks;
  for (int ordinal = 0; ordinal < story.workers; ++ordinal) {
    chunks += fmt::format("{}iomesh-chunk-{}: {{id: {}}}", ordinal == 0 ? "" : ", ", ordinal,
                          story.ids[static_cast<std::size_t>(ordinal)]);
  }
  const int last = story.workers - 1;
  return fmt::format(R"(apiVersion: rehearsal/v1
scenario: scaling down as it is typed
until: 60h
cluster:
  kubernetes: {{version: "1.28.0"}}
  nodes:
{nodes}  iomesh:
    namespace: {ns}
    capacity: {capacity}Gi
    used: {used}Gi
    replicaFactor: {copies}
    dataAddress: 192.168.29.{first}
    chunks: {{{chunks}}}
  deployments: {{{neighbour}: {{namespace: {ns}, replicas: 2}}}}
plan:
  - step: address
    run: |
      ssh {worker}-{last}
      ip a
      exit
  - {{step: resource, run: kubectl get iomesh iomesh -n {ns} -o yaml}}
  - {{step: editor, run: kubectl edit iomesh -n {ns}}}
  - step: unregister
    let:
      leader: "kubectl get pod -n {ns} -l=iomesh.com/meta-leader -o=jsonpath='{{.items[0].metadata.name}}'"
    run: |
      kubectl exec -it ${{leader}} -n {ns} -c iomesh-meta bash
      /opt/iomesh/iomeshctl chunk unregister {id}
  - {{step: edit, edit: {{file: iomesh.yaml, set: {{chunk.replicaCount: {last}}}}}}}
  - step: apply
    run: helm upgrade --namespace {ns} iomesh iomesh/iomesh --values iomesh.yaml
    then: {{absent: iomesh-chunk-{last}}}
  - {{step: pods, run: kubectl get pod -n {ns} | grep chunk}}
  - {{step: names, run: kubectl get pod -n {ns} -o name}}
  - {{step: ids, run: "kubectl get iomesh iomesh -n {ns} -o jsonpath='{{.status.summary.chunkSummary.chunks[*].id}}'"}}
  - {{step: used, run: "kubectl get iomesh iomesh -n {ns} -o jsonpath='{{.status.summary.chunkSummary.chunks[*].spaceInfo.usedDataSpace}}'"}}
checks:
  - no-data-lost
  - redundancy-not-reduced
  - one-chunk-at-a-time
  - chunk-order-and-id
  - unregister-before-shrinking
  - unregister-finishes
)",
                     fmt::arg("nodes", nodes_of(story)), fmt::arg("ns", story.name_space),
                     fmt::arg("capacity", story.capacity_gib), fmt::arg("used", story.used_gib),
                     fmt::arg("copies", story.copies), fmt::arg("first", story.first_address),
                     fmt::arg("chunks", chunks), fmt::arg("neighbour", story.neighbour),
                     fmt::arg("worker", story.worker), fmt::arg("last", last),
                     fmt::arg("id", story.ids.back()));
}

const sim::StepRecord& step(const sim::ResultRecord& record, const std::string& name) {
  for (const sim::StepRecord& candidate : record.steps) {
    if (candidate.name == name) {
      return candidate;
    }
  }
  throw std::invalid_argument("no step " + name);
}

/// GiB of "533.33GiB" or "1.50TiB".
double gibibytes(const std::string& text) {
  const double number = std::stod(text);
  return text.ends_with("TiB") ? number * 1024 : text.ends_with("MiB") ? number / 1024 : number;
}

std::size_t longest_name(const std::string& names) {
  std::size_t longest = 0;
  std::istringstream lines(names);
  for (std::string line; std::getline(lines, line);) {
    longest = std::max(longest, line.size() - std::string("pod/").size());
  }
  return longest;
}

RC_GTEST_PROP(IOMeshSeed, EveryScreenComesOutWithOtherNamesIdsSizesAndNodes, ()) {
  const Story story = draw_story();
  RC_LOG() << story;
  const sim::ResultRecord record =
      property::perform(property::load(scenario_text(story)), *rc::gen::arbitrary<std::uint64_t>());
  const int last = story.workers - 1;
  const std::string address = fmt::format("192.168.29.{}", story.first_address + last);
  RC_ASSERT(step(record, "address").output().find("inet " + address + "/24 ") != std::string::npos);
  const std::string chunk = fmt::format("      - id: {}\n        ip: {}\n", story.ids.back(), address);
  const std::string resource = step(record, "resource").output();
  RC_ASSERT(resource.find(chunk) != std::string::npos);
  // The editor shows the same below its header.
  const std::string editor = step(record, "editor").output();
  RC_ASSERT(editor.starts_with("# Please edit the object below."));
  RC_ASSERT(editor.ends_with(resource));

  // One second to ask, four to scan, and 100 MiB a second, less some bytes that the sets do not divide.
  const sim::CommandRecord& unregister = step(record, "unregister").commands.back();
  RC_ASSERT(unregister.finished.has_value());
  const sim::Duration expected = std::chrono::seconds(5) + std::chrono::milliseconds(10'240) * story.used_gib;
  const sim::Duration off = *unregister.finished - *unregister.started - expected;
  RC_ASSERT(std::chrono::abs(off) < std::chrono::milliseconds(1));

  const auto width = longest_name(step(record, "names").output());
  std::string pods;
  std::vector<int> ids;
  for (int ordinal = 0; ordinal < last; ++ordinal) {
    pods += fmt::format("{:<{}}3/3     Running   0          <age>\n", fmt::format("iomesh-chunk-{}", ordinal),
                        width + 3);
    ids.push_back(story.ids[static_cast<std::size_t>(ordinal)]);
  }
  RC_ASSERT(std::regex_replace(step(record, "pods").output(), std::regex("[0-9dhms]+\n"), "<age>\n") == pods);

  std::sort(ids.begin(), ids.end());
  std::vector<int> left;
  std::istringstream printed(step(record, "ids").output());
  for (int id = 0; printed >> id;) {
    left.push_back(id);
  }
  std::sort(left.begin(), left.end());
  RC_ASSERT(left == ids);

  double used = 0;
  double cut_off = 0.001;  // sizes are printed to hundredths of their unit
  std::istringstream amounts(step(record, "used").output());
  for (std::string amount; amounts >> amount;) {
    used += gibibytes(amount);
    cut_off += amount.ends_with("TiB") ? 10.24 : 0.01;
    RC_ASSERT(gibibytes(amount) <= 0.95 * story.capacity_gib + 0.01);
  }
  const double there_were = static_cast<double>(story.used_gib) * story.workers;
  RC_ASSERT(used <= there_were + 0.001);
  RC_ASSERT(used >= there_were - cut_off);
  RC_ASSERT(record.passed);
}

/// The order of the draft, on the same clusters: no data is lost without another failure, but all that lay on
/// the chunk has one replica fewer for a while.
RC_GTEST_PROP(IOMeshSeed, FewerReplicasFirstAlwaysReducesRedundancy, ()) {
  const Story story = draw_story();
  RC_LOG() << story;
  const int last = story.workers - 1;
  std::string text = scenario_text(story);
  const std::string plan = fmt::format(R"(plan:
  - {{step: edit, edit: {{file: iomesh.yaml, set: {{chunk.replicaCount: {last}}}}}}}
  - step: apply
    run: helm upgrade --namespace {ns} iomesh iomesh/iomesh --values iomesh.yaml
    then: {{absent: iomesh-chunk-{last}}}
  - step: expired
    after: 2m
    run: kubectl get iomesh iomesh -n {ns} -o yaml
checks: [no-data-lost, redundancy-not-reduced, unregister-before-shrinking]
)",
                                       fmt::arg("ns", story.name_space), fmt::arg("last", last));
  text.replace(text.find("plan:\n"), std::string::npos, plan);
  const sim::ResultRecord record =
      property::perform(property::load(text), *rc::gen::arbitrary<std::uint64_t>());
  const std::string expired = fmt::format(
      "      - id: {}\n        ip: 192.168.29.{}\n        spaceInfo:\n          dirtyCacheSpace: 0B\n        "
      "  "
      "failureCacheSpace: 0B\n          failureDataSpace: 0B\n          provisionedDataSpace: 0B\n          "
      "totalCacheCapacity: 0B\n          totalDataCapacity: 0B\n          usedCacheSpace: 0B\n          "
      "usedDataSpace: 0B\n        status: CHUNK_STATUS_SESSION_EXPIRED\n",
      story.ids.back(), story.first_address + last);
  RC_ASSERT(step(record, "expired").output().find(expired) != std::string::npos);
  for (const sim::Finding& finding : record.findings) {
    if (finding.check == "no-data-lost") {
      RC_ASSERT(finding.verdict == sim::Verdict::Held);
    }
    if (finding.check == "redundancy-not-reduced" || finding.check == "unregister-before-shrinking") {
      RC_ASSERT(finding.verdict == sim::Verdict::Violated);
    }
  }
}

}  // namespace
