#pragma once
// The words of IOMesh, the codes of its pending events and of its transitions.

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/history.h"

namespace models::iomesh {

/// What the resource shows of a chunk. Source: IOMesh documentation, draft "Scale Cluster", for
/// SESSION_EXPIRED; zbs_chunk_connect_status in the shipped dashboard for the others, whose spelling in the
/// resource is assumed.
enum class ChunkStatus : std::uint8_t { initializing, healthy, error, session_expired };
/// CHUNK_STATUS_SESSION_EXPIRED.
std::string_view to_text(ChunkStatus status);

/// Whether the meta servers place data on a chunk. Assumed: zbs_chunk_use_state exists, its values are not
/// published.
enum class UseState : std::uint8_t {
  active,
  removing,  ///< unregistered: gets no new replicas, its data moves away
  drained,   ///< nothing is left on it
  gone,      ///< its record is deleted
};
std::string_view to_text(UseState state);

/// Kinds of pending events, between those of Flux (from 100) and of OpenStack (from 150). What is due stands
/// in the state as well; an event that comes too late does nothing.
enum class Event : std::uint32_t {
  ChunkConnect = 130,  ///< a chunk opens its session; subject: its position
  ChunkExpire,         ///< a silent chunk's session ends; likewise
  RecoveryDue,         ///< what an expired chunk held is to be made anew; likewise
  MoveDone,            ///< a task has moved all that it can
  Elect,               ///< the meta servers choose a leader
  OperatorSync,        ///< the operator brings the StatefulSets in line with the resource
  RollOut,             ///< the operator looks whether a postponed roll-out may begin
  ClientsWrite,        ///< what clients have written since the last look takes its place
  kEnd = 150,
};
inline constexpr std::uint32_t kEventBegin = static_cast<std::uint32_t>(Event::ChunkConnect);
inline constexpr std::uint32_t kEventEnd = static_cast<std::uint32_t>(Event::kEnd);

/// Which property changed. Subject: the chunk, or IOMesh as a whole.
enum class Field : std::uint16_t {
  ChunkStatusChanged = 1700,  ///< ChunkStatus
  ChunkUse,                   ///< UseState
  ChunkConnection,            ///< from: 1 or 0, to: 1 its server runs, 0 it does not
  ChunkRegistered,            ///< to: id; detail: history text of its pod and node
  UnregisterRequested,        ///< to: id
  UnregisterRefused,          ///< to: id; detail: history text of why
  MovesPlanned,               ///< from: TaskKind; to: MiB; detail: history text
  MovesStalled,               ///< from: likewise; to: MiB that find no place
  MovesDone,                  ///< from: likewise; to: MiB moved
  Redundancy,                 ///< to: MiB with fewer live replicas than there should be
  Unreachable,                ///< to: MiB without any live replica; rounded up
  MetaLeader,                 ///< detail: history text of the pod; empty: none
  MetaQuorum,                 ///< 0 or 1
  ReleaseChanged,             ///< detail: history text of the values that differ
  ReleaseRefused,             ///< detail: history text of why
  RollOutPostponed,           ///< a change of the pods waits for the end of migration and recovery
  RollOutBegun,
  Warning,  ///< detail: history text
};
inline constexpr std::uint16_t kFieldBegin = 1700;
inline constexpr std::uint16_t kFieldEnd = static_cast<std::uint16_t>(Field::Warning) + 1;
inline bool is_iomesh_field(std::uint16_t field) { return field >= kFieldBegin && field < kFieldEnd; }

/// Who wrote, where it was IOMesh itself: codes beside those of Kubernetes and OpenStack.
enum class Writer : std::uint16_t { MetaServer = 110, ChunkServer, Operator };
inline bool is_iomesh_writer(std::uint16_t writer) { return writer >= 110 && writer <= 112; }
std::string_view to_text(Writer writer);

/// What a transition says, without time, subject and writer. REQUIRES: is_iomesh_field(transition.field).
std::string describe(const sim::Transition& transition, const sim::History& history);

}  // namespace models::iomesh
