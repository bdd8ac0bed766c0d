#pragma once
// A cluster with the Flux Operator in a test's hands: everything happens as in a scenario, on nominal
// durations.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/flux/brokers.h"
#include "models/flux/flux_jobs.h"
#include "models/flux/hostlist.h"
#include "models/flux/minicluster_api.h"
#include "models/flux/resource_commands.h"
#include "models/flux/state.h"
#include "models/kubernetes/api.h"
#include "models/kubernetes/features.h"
#include "models/kubernetes/settings.h"
#include "sim/choices.h"
#include "sim/kernel.h"

namespace models::flux::testing_support {

using namespace std::chrono_literals;
using kubernetes::By;
using kubernetes::Writer;

/// A manifest as in the "Downsize" example, smaller: size 4 of at most 10, interactive.
inline Json downsize_manifest(std::int32_t size = 4, std::int32_t max_size = 10,
                              const std::string& name = "flux-sample") {
  Json manifest = Json::parse(R"({
    "apiVersion": "flux-framework.org/v1alpha2",
    "kind": "MiniCluster",
    "metadata": {"name": "flux-sample"},
    "spec": {"size": 4, "interactive": true, "suspendWorkers": true, "containers": [{"image": "rockylinux:9"}]}
  })");
  manifest["metadata"]["name"] = name;
  manifest["spec"]["size"] = size;
  if (max_size != 0) {
    manifest["spec"]["maxSize"] = max_size;
  }
  return manifest;
}

/// The world: Kubernetes and Flux side by side, as scenarios compose them.
class FluxWorld {
 public:
  /// `machines` nodes of 10 cores each.
  explicit FluxWorld(int machines = 1, std::string_view version = "1.28.0",
                     bool backoff_limit_per_index = true) {
    auto settings = std::make_shared<kubernetes::Settings>();
    std::vector<std::pair<std::string, bool>> gates;
    if (backoff_limit_per_index) {
      gates.emplace_back("JobBackoffLimitPerIndex", true);
    }
    const auto errors = kubernetes::resolve_features(version, gates, settings->features);
    if (!errors.empty()) {
      throw std::invalid_argument(errors.front().problem);
    }
    cluster.settings = std::move(settings);
    for (int i = 0; i < machines; ++i) {
      add_node("worker-" + std::to_string(i), 10'000);
    }
  }
  FluxWorld(const FluxWorld&) = delete;  // the context refers to members
  FluxWorld& operator=(const FluxWorld&) = delete;

  kubernetes::Cluster cluster;
  State state;
  sim::Agenda agenda;
  sim::NominalChoices choices;
  sim::History history;
  sim::Context context{choices, history};

  [[nodiscard]] FluxTurn turn() { return {state, {cluster, agenda, context}}; }

  void dispatch(const sim::PendingEvent& event, sim::Context& with) {
    FluxTurn current{state, {cluster, agenda, with}};
    if (event.kind >= static_cast<std::uint32_t>(Event::OperatorRun)) {
      flux::dispatch(current, event);
    } else if (event.kind == static_cast<std::uint32_t>(kubernetes::Event::Deliver) &&
               event.subject == static_cast<std::uint32_t>(kubernetes::ObserverId::FluxOperator)) {
      on_delivery(current);
    } else {
      kubernetes::dispatch(current.kubernetes, event);
    }
  }
  [[nodiscard]] bool finished() const { return false; }

  void run_for(sim::Duration duration) {
    const sim::Time until = agenda.now + duration;
    sim::run(*this, context, until);
    agenda.now = std::max(agenda.now, until);
  }

  Row add_node(const std::string& name, std::int64_t cpu_millicores) {
    kubernetes::NodeShape shape;
    shape.cpu_millicores = cpu_millicores;
    shape.memory_bytes = std::int64_t{64} << 30U;
    kubernetes::Node node;
    node.meta.name = cluster.strings.intern(name);
    node.shape = cluster.add_node_shape(std::move(shape));
    FluxTurn current = turn();
    return kubernetes::create_node(current.kubernetes, std::move(node), {Writer::Setup}).row;
  }

  // --- commands
  // ----------------------------------------------------------------------------------------------

  /// `kubectl apply`, then time for the operator, the pods and the brokers.
  Change apply(const Json& manifest, const MiniClusterSetting& setting = {}) {
    FluxTurn current = turn();
    return flux::apply(current, manifest, setting, {Writer::User}).change;
  }
  /// Edits spec.size and lets the cluster come to rest.
  void resize(std::int32_t size) {
    FluxTurn current = turn();
    merge_patch(current, row(), {{"spec", {{"size", size}}}}, {Writer::User});
    run_for(kRest);
  }
  void delete_pod(std::int32_t index) {
    FluxTurn current = turn();
    kubernetes::delete_pod(current.kubernetes, pod(index), {Writer::User});
  }
  ProgramResult drain(const std::string& targets, const std::string& reason, int force = 0,
                      bool update = false) {
    FluxTurn current = turn();
    return flux::drain(current, row(), {targets, reason, force, update}, {Writer::User});
  }
  ProgramResult undrain(const std::string& targets) {
    FluxTurn current = turn();
    return flux::undrain(current, row(), {targets, false, false}, {Writer::User});
  }
  flux_jobs::Submitted submit(const flux_jobs::Request& request) {
    FluxTurn current = turn();
    return flux_jobs::submit(current, row(), request, {Writer::User});
  }
  [[nodiscard]] std::string list() { return resource_list(cluster, minicluster(), {}).output; }
  [[nodiscard]] std::string status() { return resource_status(cluster, minicluster(), {}).output; }

  // --- looking
  // -----------------------------------------------------------------------------------------------

  [[nodiscard]] Row row() const {
    for (Row at = 0; at < state.miniclusters.extent(); ++at) {
      if (state.miniclusters.alive(at)) {
        return at;
      }
    }
    return kubernetes::kNoRow;
  }
  [[nodiscard]] MiniCluster& minicluster() { return state.miniclusters[row()]; }
  [[nodiscard]] const kubernetes::Job& job() { return cluster.jobs[minicluster().job]; }
  /// The newest pod of an index that the API serves, or kNoRow.
  [[nodiscard]] Row pod(std::int32_t index) const {
    Row found = kubernetes::kNoRow;
    for (Row at = 0; at < cluster.pods.extent(); ++at) {
      if (cluster.pods.exists(at) && cluster.pods[at].index == index &&
          (found == kubernetes::kNoRow || cluster.pods[at].meta.uid > cluster.pods[found].meta.uid)) {
        found = at;
      }
    }
    return found;
  }
  /// The indexes of all pods that the API serves, as `0 1 3`; one that is terminating has a `-`, one that is
  /// not running its phase's first letter.
  [[nodiscard]] std::string pods() const {
    std::vector<std::string> words;
    for (Row at = 0; at < cluster.pods.extent(); ++at) {
      if (!cluster.pods.exists(at)) {
        continue;
      }
      const kubernetes::Pod& one = cluster.pods[at];
      words.push_back(std::to_string(one.index) + (one.meta.deleting() ? "-" : "") +
                      (one.phase == kubernetes::PodPhase::Running   ? ""
                       : one.phase == kubernetes::PodPhase::Pending ? "P"
                       : one.phase == kubernetes::PodPhase::Failed  ? "F"
                                                                    : "S"));
    }
    std::sort(words.begin(), words.end());
    std::string text;
    for (const std::string& word : words) {
      text += (text.empty() ? "" : " ") + word;
    }
    return text;
  }
  [[nodiscard]] std::string failed_indexes() { return job().status.failed_indexes.to_text(); }
  [[nodiscard]] std::string completed_indexes() { return job().status.completed_indexes.to_text(); }

  /// How often a transition of `field` was told, with its last words.
  [[nodiscard]] std::vector<std::string> told(Field field) const {
    std::vector<std::string> lines;
    for (sim::TransitionId id = 0; id < history.next_id(); ++id) {
      if (history.at(id).field == static_cast<std::uint16_t>(field)) {
        lines.push_back(describe(history.at(id), history));
      }
    }
    return lines;
  }

  /// Long enough for pods to stop and start and for brokers to join.
  static constexpr sim::Duration kRest = 120s;
};

/// `flux resource list`, from the texts of its rows.
inline std::string list_text(const std::string& free, const std::string& allocated, const std::string& down) {
  return "     STATE NNODES   NCORES    NGPUS NODELIST\n"
         "      free " +
         free + "\n" + " allocated " + allocated + "\n" + "      down " + down + "\n";
}

}  // namespace models::flux::testing_support
