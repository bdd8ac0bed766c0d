#include "models/iomesh/release.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/kubernetes/object_writes.h"

namespace models::iomesh::release {

namespace {

/// Source: IOMesh documentation, Scale Out Cluster: three of each are installed by default; Community Edition
/// is limited to three; 255 chunks at most; three or five meta servers.
constexpr std::int32_t kInstalled = 3;
constexpr std::int32_t kCommunityMost = 3;
constexpr std::int32_t kChunksMost = 255;
constexpr std::int32_t kMetasMost = 5;

std::int32_t replicas_in(const Json& values, const char* part) {
  const auto found = values.find(part);
  if (found == values.end() || !found->is_object() || !found->contains("replicaCount") ||
      !(*found)["replicaCount"].is_number_integer()) {
    return kInstalled;
  }
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>((*found)["replicaCount"].get<std::int64_t>(), -1, 1'000'000));
}

Release release_of(const Json& values, const Release& before) {
  Release release = before;
  release.chunk_replicas = replicas_in(values, "chunk");
  release.meta_replicas = replicas_in(values, "meta");
  Json other = values;
  for (const char* part : {"chunk", "meta"}) {
    if (other.contains(part) && other[part].is_object()) {
      other[part].erase("replicaCount");
      if (other[part].empty()) {
        other.erase(part);
      }
    }
  }
  release.other = other.empty() ? std::string() : other.dump();
  return release;
}

void scale(Turn& turn, std::string_view name, std::int32_t replicas, sim::TransitionId cause) {
  const kubernetes::Cluster& cluster = turn.cluster();
  const kubernetes::Row set = cluster.find_statefulset(cluster.strings[turn.state.name_space], name);
  if (set == kubernetes::kNoRow || cluster.statefulsets[set].spec.replicas == replicas) {
    return;
  }
  kubernetes::ApiError error;
  kubernetes::scale_object(turn.kubernetes, kubernetes::Kind::StatefulSet, set, replicas,
                           {static_cast<kubernetes::Writer>(Writer::Operator), cause}, error);
}

}  // namespace

void merge_values(Json& into, const Json& from) {
  for (const auto& [key, value] : from.items()) {
    if (value.is_object() && into.contains(key) && into[key].is_object()) {
      merge_values(into[key], value);
    } else {
      into[key] = value;
    }
  }
}

Json values_of(const Release& release) {
  Json values = release.other.empty() ? Json::object() : Json::parse(release.other);
  values["chunk"]["replicaCount"] = release.chunk_replicas;
  values["meta"]["replicaCount"] = release.meta_replicas;
  return values;
}

bool set_value(Json& values, const std::string& path, Json value) {
  Json* at = &values;
  std::size_t begin = 0;
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', begin)) {
    if (!at->is_object()) {
      return false;
    }
    at = &(*at)[path.substr(begin, dot - begin)];
    if (at->is_null()) {
      *at = Json::object();
    }
    begin = dot + 1;
  }
  if (!at->is_object()) {
    return false;
  }
  (*at)[path.substr(begin)] = std::move(value);
  return true;
}

Release with(const Release& now, const Request& request) {
  const bool keeps = !request.reset && (request.reuse || !request.any_given);
  Json values = keeps ? values_of(now) : Json::object();
  merge_values(values, request.values);
  Release release = release_of(values, now);
  if (!request.chart_version.empty()) {
    release.chart_version = request.chart_version;
  }
  return release;
}

std::string difference(const Release& before, const Release& after) {
  std::string text;
  const auto add = [&](std::string_view what, std::int32_t from, std::int32_t to) {
    if (from != to) {
      text += fmt::format("{}{} {} -> {}", text.empty() ? "" : ", ", what, from, to);
    }
  };
  add("chunk.replicaCount", before.chunk_replicas, after.chunk_replicas);
  add("meta.replicaCount", before.meta_replicas, after.meta_replicas);
  if (before.chart_version != after.chart_version) {
    text += fmt::format("{}chart version {}", text.empty() ? "" : ", ", after.chart_version);
  }
  if (before.other != after.other) {
    text += fmt::format("{}other values {} -> {}", text.empty() ? "" : ", ",
                        before.other.empty() ? "{}" : before.other, after.other.empty() ? "{}" : after.other);
  }
  return text;
}

std::string refusal(const State& state, const Release& wanted, std::string& warnings) {
  const Release& now = state.release;
  const bool community = state.license.edition == Edition::community;
  const std::int32_t chunks_most =
      community ? kCommunityMost : std::min(state.license.max_chunks, kChunksMost);
  if (wanted.chunk_replicas < 1 || wanted.meta_replicas < 1) {
    return "replicaCount must be a positive number";
  }
  if (wanted.chunk_replicas > chunks_most && wanted.chunk_replicas > now.chunk_replicas) {
    return fmt::format("chunk.replicaCount {} exceeds the limit of {} ({})", wanted.chunk_replicas,
                       chunks_most, community ? "Community Edition" : "licence");
  }
  if (community && wanted.meta_replicas > kCommunityMost) {
    return fmt::format("meta.replicaCount {} exceeds the limit of {} (Community Edition)",
                       wanted.meta_replicas, kCommunityMost);
  }
  if (wanted.meta_replicas > kMetasMost) {
    return fmt::format("meta.replicaCount {}: at most {} meta servers", wanted.meta_replicas, kMetasMost);
  }
  if (wanted.meta_replicas < now.meta_replicas) {
    return fmt::format("meta.replicaCount {} -> {}: meta servers cannot be scaled down", now.meta_replicas,
                       wanted.meta_replicas);
  }
  if (wanted.meta_replicas == 4 && now.meta_replicas != 4) {
    warnings = "meta.replicaCount 4: there should be 3 or 5 meta servers";
  }
  return {};
}

std::string upgrade(Turn& turn, const Request& request, By by) {
  State& state = turn.state;
  Release wanted = with(state.release, request);
  std::string warning;
  if (std::string why = refusal(state, wanted, warning); !why.empty()) {
    tell(turn, state.uid, Field::ReleaseRefused, by, 0, 0, why);
    return why;
  }
  const std::string changes = difference(state.release, wanted);
  ++wanted.revision;
  const bool pods_change =
      wanted.other != state.release.other || wanted.chart_version != state.release.chart_version;
  state.release = std::move(wanted);
  sim::TransitionId told = by.cause;
  if (!changes.empty()) {
    told = tell(turn, state.uid, Field::ReleaseChanged, by, 0, state.release.revision, changes);
  }
  if (!warning.empty()) {
    tell(turn, state.uid, Field::Warning, {by.writer, told}, 0, 0, warning);
  }
  state.roll_out_waits = state.roll_out_waits || pods_change;
  sync_later(turn, told);
  return {};
}

void observe(Turn& turn, sim::TransitionId first) {
  const kubernetes::Cluster& cluster = turn.cluster();
  const auto differs = [&](std::string_view name, std::int32_t replicas) {
    const kubernetes::Row set = cluster.find_statefulset(cluster.strings[turn.state.name_space], name);
    return set != kubernetes::kNoRow && cluster.statefulsets[set].spec.replicas != replicas;
  };
  const Release& release = turn.state.release;
  if (differs(kChunkSet, release.chunk_replicas) || differs(kMetaSet, release.meta_replicas)) {
    sync_later(turn, first < turn.kubernetes.context.history.next_id() ? first : sim::kNoTransition);
  }
}

void sync_later(Turn& turn, sim::TransitionId cause) {
  if (turn.state.sync_at == sim::kNever) {
    turn.state.sync_at = turn.now() + turn.state.parameters.operator_sync;
    schedule(turn, turn.state.sync_at, Event::OperatorSync, 0, cause);
  }
}

void on_sync(Turn& turn, sim::TransitionId cause) {
  State& state = turn.state;
  if (state.sync_at != turn.now()) {
    return;
  }
  state.sync_at = sim::kNever;
  scale(turn, kChunkSet, state.release.chunk_replicas, cause);
  scale(turn, kMetaSet, state.release.meta_replicas, cause);
  if (!state.roll_out_waits) {
    return;
  }
  if (state.moving()) {
    tell(turn, state.uid, Field::RollOutPostponed, by(Writer::Operator, cause));
  } else {
    on_roll_out(turn, cause);
  }
}

void on_roll_out(Turn& turn, sim::TransitionId cause) {
  State& state = turn.state;
  if (!state.roll_out_waits || state.moving()) {
    return;
  }
  state.roll_out_waits = false;
  ++state.rolled_out;
  const sim::TransitionId told =
      tell(turn, state.uid, Field::RollOutBegun, by(Writer::Operator, cause), 0, state.rolled_out);
  kubernetes::json::Json patch;
  patch["spec"]["template"]["metadata"]["annotations"]["iomesh.com/release"] =
      fmt::format("{}", state.release.revision);
  const kubernetes::Cluster& cluster = turn.cluster();
  for (const std::string_view name : {kMetaSet, kChunkSet}) {
    const kubernetes::Row set = cluster.find_statefulset(cluster.strings[state.name_space], name);
    if (set != kubernetes::kNoRow) {
      kubernetes::ApiError error;
      kubernetes::WriteNotes notes;
      kubernetes::patch_object(turn.kubernetes, kubernetes::Kind::StatefulSet, set, patch,
                               {static_cast<kubernetes::Writer>(Writer::Operator), told}, error, notes);
    }
  }
}

void moves_are_over(Turn& turn, sim::TransitionId cause) {
  if (turn.state.roll_out_waits && turn.state.sync_at == sim::kNever) {
    schedule(turn, turn.now(), Event::RollOut, 0, cause);
  }
}

}  // namespace models::iomesh::release
