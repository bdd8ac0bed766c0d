#include "models/iomesh/vocabulary.h"

#include <fmt/format.h>

#include <array>

#include "models/iomesh/parameters.h"

namespace models::iomesh {

namespace {

std::string mebibytes(std::int32_t count) { return size_text(std::int64_t{count} << 20U); }
std::string_view kind_of(const sim::Transition& transition) {
  constexpr std::array<std::string_view, 3> kNames = {"migration", "recovery", "rebalance"};
  return kNames[static_cast<std::size_t>(transition.from)];
}

}  // namespace

std::string_view to_text(ChunkStatus status) {
  constexpr std::array<std::string_view, 4> kNames = {
      "CHUNK_STATUS_INITIALIZING", "CHUNK_STATUS_CONNECTED_HEALTHY", "CHUNK_STATUS_CONNECTED_ERROR",
      "CHUNK_STATUS_SESSION_EXPIRED"};
  return kNames[static_cast<std::size_t>(status)];
}

std::string_view to_text(UseState state) {
  constexpr std::array<std::string_view, 4> kNames = {"active", "removing", "drained", "gone"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_text(Writer writer) {
  constexpr std::array<std::string_view, 3> kNames = {"meta-server", "chunk-server", "iomesh-operator"};
  return kNames[static_cast<std::size_t>(writer) - static_cast<std::size_t>(Writer::MetaServer)];
}

std::string describe(const sim::Transition& transition, const sim::History& history) {
  const std::string& text = history.text_at(transition.detail);
  switch (static_cast<Field>(transition.field)) {
    case Field::ChunkStatusChanged:
      return fmt::format("status {} -> {}", to_text(static_cast<ChunkStatus>(transition.from)),
                         to_text(static_cast<ChunkStatus>(transition.to)));
    case Field::ChunkUse:
      return fmt::format("{} -> {}", to_text(static_cast<UseState>(transition.from)),
                         to_text(static_cast<UseState>(transition.to)));
    case Field::ChunkConnection:
      return transition.to != 0 ? "its server runs" : "its server is gone";
    case Field::ChunkRegistered:
      return fmt::format("registered with id {}: {}", transition.to, text);
    case Field::UnregisterRequested:
      return "unregister accepted";
    case Field::UnregisterRefused:
      return fmt::format("unregister refused: {}", text);
    case Field::MovesPlanned:
      return fmt::format("{} of {}: {}", kind_of(transition), mebibytes(transition.to), text);
    case Field::MovesStalled:
      return fmt::format("{} stalls: {} find no place", kind_of(transition), mebibytes(transition.to));
    case Field::MovesDone:
      return fmt::format("{} done, {} moved", kind_of(transition), mebibytes(transition.to));
    case Field::Redundancy:
      return transition.to == 0
                 ? "all data has all its replicas"
                 : fmt::format("{} with fewer live replicas than wanted", mebibytes(transition.to));
    case Field::Unreachable:
      return transition.to == 0 ? "all data has a live replica"
                                : fmt::format("{} without a live replica", mebibytes(transition.to));
    case Field::MetaLeader:
      return text.empty() ? "no meta leader" : fmt::format("meta leader {}", text);
    case Field::MetaQuorum:
      return transition.to != 0 ? "meta servers have a quorum" : "meta servers have no quorum";
    case Field::ReleaseChanged:
      return fmt::format("release: {}", text);
    case Field::ReleaseRefused:
      return fmt::format("release refused: {}", text);
    case Field::RollOutPostponed:
      return "new pods wait for the end of migration and recovery";
    case Field::RollOutBegun:
      return "roll-out of new pods begins";
    case Field::Warning:
      return fmt::format("warning: {}", text);
  }
  return {};
}

}  // namespace models::iomesh
