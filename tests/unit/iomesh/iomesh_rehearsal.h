#pragma once
// A storage cluster in a test's hands: five chunks of 1000 GiB with 400 GiB on each, two replicas, and a
// plan.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/build.h"
#include "scenarios/run.h"

namespace scenarios::testing_support {

using namespace std::chrono_literals;

/// What differs from the default of the case table.
struct Wanted {
  std::string nodes = "k8s-worker-[0-4]";
  std::string storage = "{capacity: 1000Gi, used: 400Gi, chunkReplicas: 5}";
  std::string plan = {};  ///< steps, indented by two blanks
  std::string more = {};  ///< checks, faults, files
  std::string until = "24h";
};

inline std::string text_of(const Wanted& wanted) {
  return "apiVersion: rehearsal/v1\nscenario: a case\ncluster:\n  nodes: {\"" + wanted.nodes +
         "\": {cpu: 16, memory: 64Gi}}\n  iomesh: " + wanted.storage +
         "\nbehaviour:\n  iomesh-chunk: {start: 2s, ready: 2s, stop: 30s}\n  iomesh-meta: {start: 2s, ready: "
         "2s, "
         "stop: 1s}\nuntil: " +
         wanted.until + "\n" + wanted.more + "plan:\n" + wanted.plan;
}

/// A step that unregisters a chunk.
inline std::string unregister(int id, const std::string& more = {}) {
  return "  - step: unregister " + std::to_string(id) + "\n" + more +
         "    run: kubectl exec iomesh-meta-0 -n iomesh-system -c iomesh-meta -- /opt/iomesh/iomeshctl chunk "
         "unregister " +
         std::to_string(id) + "\n";
}

/// Steps that give the release another size.
inline std::string resize(const std::string& what, int count) {
  return "  - step: edit " + what + " to " + std::to_string(count) +
         "\n    edit: {file: iomesh.yaml, set: {" + what + ".replicaCount: " + std::to_string(count) +
         "}}\n  - step: apply " + what + " " + std::to_string(count) +
         "\n    on_error: continue\n    run: helm upgrade --namespace iomesh-system iomesh iomesh/iomesh "
         "--values "
         "iomesh.yaml\n";
}

/// A step that prints a field of the resource.
inline std::string show(const std::string& name, const std::string& path, const std::string& more = {}) {
  return "  - step: " + name + "\n" + more +
         "    run: \"kubectl get iomesh iomesh -n iomesh-system -o jsonpath='" + path + "'\"\n";
}
inline const std::string kIds = "{.status.summary.chunkSummary.chunks[*].id}";
inline const std::string kUsed = "{.status.summary.chunkSummary.chunks[*].spaceInfo.usedDataSpace}";
inline const std::string kProvisioned =
    "{.status.summary.chunkSummary.chunks[*].spaceInfo.provisionedDataSpace}";
inline const std::string kStatus = "{.status.summary.chunkSummary.chunks[*].status}";

class StorageCase : public testing::Test {
 protected:
  /// Performs on nominal times. What does not load fails the test.
  void rehearse(const Wanted& wanted) {
    language::Diagnostics diagnostics;
    const std::optional<Rehearsal> rehearsal = load({"case.yaml", text_of(wanted), {}, {}}, diagnostics);
    ASSERT_TRUE(rehearsal) << language::render(diagnostics.sorted()) << text_of(wanted);
    sim::NominalChoices choices;
    record = perform(*rehearsal, choices, 0);
  }

  const sim::StepRecord& step(const std::string& name) const {
    const auto found = std::find_if(record.steps.begin(), record.steps.end(),
                                    [&](const sim::StepRecord& one) { return one.name == name; });
    if (found == record.steps.end()) {
      ADD_FAILURE() << "no step " << name;
      return record.steps.front();
    }
    return *found;
  }
  std::string printed(const std::string& name) const { return step(name).output(); }
  sim::Duration taken(const std::string& name) const { return *step(name).finished - *step(name).started; }

  /// The first transition whose words contain `change`.
  std::optional<sim::ToldTransition> told(const std::string& change) const {
    for (const sim::ToldTransition& one : record.transitions) {
      if (one.change.find(change) != std::string::npos) {
        return one;
      }
    }
    return std::nullopt;
  }
  sim::Time time_of(const std::string& change) const {
    const auto one = told(change);
    EXPECT_TRUE(one) << "nobody told: " << change;
    return one ? one->at : sim::Time{-1};
  }
  sim::Verdict verdict(const std::string& check) const {
    for (const sim::Finding& finding : record.findings) {
      if (finding.check == check) {
        return finding.verdict;
      }
    }
    return sim::Verdict::NotApplicable;
  }
  std::string summary(const std::string& check) const {
    for (const sim::Finding& finding : record.findings) {
      if (finding.check == check) {
        return finding.summary;
      }
    }
    return {};
  }

  sim::ResultRecord record;
};

}  // namespace scenarios::testing_support
