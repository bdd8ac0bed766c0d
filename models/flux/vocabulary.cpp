#include "models/flux/vocabulary.h"

#include <fmt/format.h>

#include "sim/require.h"

namespace models::flux {

std::string_view to_text(Process process) {
  switch (process) {
    case Process::None:
      return "none";
    case Process::Preparing:
      return "preparing";
    case Process::Connecting:
      return "connecting";
    case Process::Waiting:
      return "waiting";
    case Process::Joining:
      return "joining";
    case Process::Running:
      return "running";
    case Process::ParentLost:
      return "parent lost";
    case Process::Exited:
      return "exited";
  }
  return "none";
}

std::string_view to_text(Field field) {
  switch (field) {
    case Field::MiniClusterSize:
      return "spec.size";
    case Field::MiniClusterSpecField:
      return "spec";
    case Field::MiniClusterStatusSize:
      return "status.size";
    case Field::MiniClusterMaximumSize:
      return "status.maximumSize";
    case Field::MiniClusterReady:
      return "status.ready";
    case Field::OperatorLog:
      return "operator.log";
    case Field::SizeAccepted:
      return "operator.sizeAccepted";
    case Field::SizeDenied:
      return "operator.sizeDenied";
    case Field::ValidationFailed:
      return "operator.validationFailed";
    case Field::ResizeFailed:
      return "operator.resizeFailed";
    case Field::BrokerOnline:
      return "broker.online";
    case Field::BrokerTorpid:
      return "broker.torpid";
    case Field::BrokerExited:
      return "broker.exited";
    case Field::NodeDrained:
      return "node.drained";
    case Field::LeaderServing:
      return "leader.serving";
    case Field::QuorumReached:
      return "leader.quorumReached";
    case Field::QuorumDelayed:
      return "leader.quorumDelayed";
    case Field::FluxJobState:
      return "job.state";
    case Field::DrainsLost:
      return "leader.drainsLost";
  }
  return "";
}

namespace {

std::string describe_job(const sim::Transition& transition, const std::string& text) {
  switch (transition.to) {
    case 0:
      return fmt::format("job {} waits: {}", transition.from, text);
    case 1:
      return fmt::format("job {} runs on {}", transition.from, text);
    case 2:
      return fmt::format("job {} ended", transition.from);
    default:
      return fmt::format("job {} failed: {}", transition.from, text);
  }
}

}  // namespace

std::string describe(const sim::Transition& transition, const sim::History& history) {
  sim::require(is_flux_field(transition.field), "not a transition of Flux");
  const auto field = static_cast<Field>(transition.field);
  const std::string& text = history.text_at(transition.detail);
  switch (field) {
    case Field::MiniClusterSize:
    case Field::MiniClusterStatusSize:
    case Field::MiniClusterMaximumSize:
      return fmt::format("{} {} -> {}", to_text(field), transition.from, transition.to);
    case Field::MiniClusterSpecField:
      return fmt::format("{} changed", text);
    case Field::MiniClusterReady:
      return transition.to != 0 ? "ready" : "not ready";
    case Field::OperatorLog:
    case Field::QuorumDelayed:
      return text;
    case Field::SizeAccepted:
      return fmt::format("size {} accepted (was {})", transition.to, transition.from);
    case Field::SizeDenied:
      return fmt::format("size {} denied, set back to {}", transition.from, transition.to);
    case Field::ValidationFailed:
      return fmt::format("validation failed: {}", text);
    case Field::ResizeFailed:
      return fmt::format("resize failed: {}", text);
    case Field::BrokerOnline:
      return fmt::format("rank {} {}", transition.from, transition.to != 0 ? "online" : "offline");
    case Field::BrokerTorpid:
      return fmt::format("rank {} {}", transition.from, transition.to != 0 ? "torpid" : "responsive again");
    case Field::BrokerExited:
      return fmt::format("broker of rank {} exited with {}", transition.from, transition.to);
    case Field::NodeDrained:
      return transition.to == 0 ? fmt::format("rank {} undrained", transition.from)
             : text.empty()     ? fmt::format("rank {} drained", transition.from)
                                : fmt::format("rank {} drained: {}", transition.from, text);
    case Field::LeaderServing:
      return transition.to != 0 ? "rank 0 serves" : "rank 0 lost";
    case Field::QuorumReached:
      return fmt::format("quorum reached with {} brokers", transition.to);
    case Field::FluxJobState:
      return describe_job(transition, text);
    case Field::DrainsLost:
      return fmt::format("{} drained rank{} forgotten with rank 0's state", transition.to,
                         transition.to == 1 ? "" : "s");
  }
  return "";
}

}  // namespace models::flux
