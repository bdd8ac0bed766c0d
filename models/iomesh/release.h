#pragma once
// The release: values that `helm upgrade` writes whole, the webhook that guards them, the operator that
// brings the StatefulSets in line.
//
// Source: IOMesh documentation, Scale Cluster, Scale Out Cluster, License (limits), Upgrade (the operator
// waits for recovery and migration); helm pkg/action/upgrade.go, reuseValues (which values a release ends up
// with). Assumed: the webhook refuses what the documents exclude; any other value that changes replaces the
// pods.

#include <nlohmann/json.hpp>
#include <string>

#include "models/iomesh/state.h"

namespace models::iomesh::release {

using Json = nlohmann::json;

/// A mapping merged into another, key by key. Source: helm pkg/chartutil/coalesce.go.
void merge_values(Json& into, const Json& from);

/// How `helm upgrade` is asked to combine values.
struct Request {
  Json values = Json::object();  ///< of --values and --set together
  bool any_given = false;        ///< some --values or --set
  bool reuse = false;            ///< --reuse-values
  bool reset = false;            ///< --reset-values
  std::string chart_version;     ///< --version; empty: the newest, which is the one that is installed
};

/// What the release would be. Source: helm pkg/action/upgrade.go, reuseValues: without --reuse-values what is
/// not given falls back to the chart's defaults, unless nothing at all is given.
Release with(const Release& now, const Request& request);

/// Why the webhook refuses a change; empty: it does not. Warnings go to `warnings`.
std::string refusal(const State& state, const Release& wanted, std::string& warnings);

/// Upgrades the release. @return why not; empty: done.
std::string upgrade(Turn& turn, const Request& request, By by);

/// "chunk.replicaCount 5 -> 4": what two releases differ in; empty: nothing.
std::string difference(const Release& before, const Release& after);

/// The values file that an installation leaves: chunk.replicaCount, meta.replicaCount and what else was set.
Json values_of(const Release& release);
/// Sets "chunk.replicaCount" of a values object. @return false where the path runs into something that is no
/// mapping.
bool set_value(Json& values, const std::string& path, Json value);

/// The operator puts right what somebody else changed of its StatefulSets.
void observe(Turn& turn, sim::TransitionId first);
/// Asks the operator to look.
void sync_later(Turn& turn, sim::TransitionId cause);
void on_sync(Turn& turn, sim::TransitionId cause);
void on_roll_out(Turn& turn, sim::TransitionId cause);
/// Nothing moves any more: a postponed roll-out may begin.
void moves_are_over(Turn& turn, sim::TransitionId cause);

}  // namespace models::iomesh::release
