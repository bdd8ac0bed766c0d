#pragma once
// The codes of Flux's pending events and transitions, and the words for them.

#include <cstdint>
#include <string>
#include <string_view>

#include "models/flux/minicluster.h"
#include "sim/history.h"

namespace models::flux {

/// Kinds of pending events. What is due stands in the state as well; an event that comes too late does
/// nothing.
enum class Event : std::uint32_t {
  OperatorRun = 100,  ///< the operator reconciles; subject: row of the MiniCluster, argument: its uid
  BrokerProcess,      ///< a rank's start script goes on; subject: rank, argument: uid of the MiniCluster
  BrokerBelief,       ///< `flux resource` shows a rank differently; subject and argument likewise
  BrokerTorpid,       ///< a frozen broker has been silent for too long; likewise
  QuorumWarning,      ///< rank 0 complains that it waits; argument: uid of the MiniCluster
  FluxJobEnd,         ///< subject: id of the Flux job, argument: uid of the MiniCluster
  CollectJob,  ///< the garbage collector deletes the Job of a deleted MiniCluster; subject: row, argument:
               ///< uid
  kEnd,
};

/// Which property changed; the subject is always the MiniCluster.
enum class Field : std::uint16_t {
  MiniClusterSize = 1000,  ///< spec.size
  MiniClusterSpecField,    ///< another field of the spec; detail: history text of its path
  MiniClusterStatusSize,   ///< status.size
  MiniClusterMaximumSize,  ///< status.maximumSize
  MiniClusterReady,        ///< condition JobMiniClusterReady
  OperatorLog,             ///< a line of the operator's log; detail: history text
  SizeAccepted,            ///< from: the Job's parallelism, to: the requested size
  SizeDenied,              ///< from: the requested size, to: what spec.size was patched to
  ValidationFailed,        ///< detail: history text, the operator's words
  ResizeFailed,            ///< the API server refused the Job's patch; detail: history text
  BrokerOnline,            ///< from: rank, to: 1 online, 0 offline
  BrokerTorpid,            ///< from: rank, to: 1 or 0
  BrokerExited,            ///< from: rank, to: exit code of the broker
  NodeDrained,             ///< from: rank, to: 1 drained, 0 undrained; detail: history text of the reason
  LeaderServing,           ///< 0 or 1: whether rank 0 answers
  QuorumReached,           ///< to: brokers online
  QuorumDelayed,           ///< detail: history text of rank 0's log line
  FluxJobState,            ///< from: id, to: 0 pending, 1 running, 2 ended, 3 failed; detail: history text
  DrainsLost,              ///< to: how many drained ranks rank 0 forgot
};
inline constexpr std::uint16_t kFieldBegin = 1000;
inline constexpr std::uint16_t kFieldEnd = static_cast<std::uint16_t>(Field::DrainsLost) + 1;

/// Whether a transition's field is one of these.
inline bool is_flux_field(std::uint16_t field) { return field >= kFieldBegin && field < kFieldEnd; }

std::string_view to_text(Process process);
/// The name of a field as recordings and JSON write it: "spec.size", "broker.online".
std::string_view to_text(Field field);
/// What a transition says, without time, subject and writer: "spec.size 4 -> 3", "rank 2 online".
/// REQUIRES: is_flux_field(transition.field).
std::string describe(const sim::Transition& transition, const sim::History& history);

}  // namespace models::flux
