#include "scenarios/strike_fault.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "models/kubernetes/node_power.h"
#include "models/openstack/compute.h"
#include "models/openstack/requests.h"
#include "scenarios/checks/pods.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;
using language::FaultKind;

kubernetes::FaultKind kind_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::pod_crash:
      return kubernetes::FaultKind::PodCrash;
    case FaultKind::delete_pod:
      return kubernetes::FaultKind::PodDeleted;
    case FaultKind::lose_readiness:
      return kubernetes::FaultKind::ReadinessLost;
    case FaultKind::regain_readiness:
      return kubernetes::FaultKind::ReadinessRegained;
    case FaultKind::never_ready:
      return kubernetes::FaultKind::PodNeverReady;
    case FaultKind::node_dies:
      return kubernetes::FaultKind::NodeDies;
    case FaultKind::node_returns:
      return kubernetes::FaultKind::NodeReturns;
    case FaultKind::kubelet_silent:
      return kubernetes::FaultKind::KubeletSilent;
    case FaultKind::kubelet_returns:
      return kubernetes::FaultKind::KubeletReturns;
    case FaultKind::shut_down_node:
      return kubernetes::FaultKind::NodeShutsDown;
    case FaultKind::delete_node:
      return kubernetes::FaultKind::NodeDeleted;
    default:
      return kubernetes::FaultKind::ControllerManagerRestarts;
  }
}

std::int32_t number_of(const language::Fault& fault) {
  if (fault.pod_crash) {
    return static_cast<std::int32_t>(fault.pod_crash->exit.value);
  }
  if (fault.delete_pod && fault.delete_pod->grace_period.given()) {
    return static_cast<std::int32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(fault.delete_pod->grace_period.value).count());
  }
  return -1;
}

void strike_objects(kubernetes::Turn& turn, const language::Fault& fault) {
  const bool at_nodes = language::strikes_nodes(fault.kind);
  for (const std::string& name : fault.targets().hosts) {
    std::vector<kubernetes::Row> rows;
    if (at_nodes) {
      const kubernetes::Row row = kubernetes::node_power::machine_named(turn.cluster, name);
      if (row != kubernetes::kNoRow) {
        rows.push_back(row);
      }
    } else {
      rows = checks::pods_named(turn.cluster, name);
    }
    bool struck = false;
    for (const kubernetes::Row row : rows) {
      struck = kubernetes::apply(turn, {kind_of(fault.kind), row, 0, number_of(fault)}) || struck;
    }
    if (!struck) {
      kubernetes::emit_text(
          turn, 0, kubernetes::Field::Warning, {kubernetes::Writer::Fault},
          fmt::format("{} {} strikes nothing: {}", language::to_text(fault.kind), name,
                      rows.empty() ? "there is no such object now" : "it cannot happen to it now"));
    }
  }
}

kubernetes::Kind kind_named(const std::string& word) {
  constexpr std::array kKinds = {kubernetes::Kind::Node,
                                 kubernetes::Kind::Pod,
                                 kubernetes::Kind::StatefulSet,
                                 kubernetes::Kind::Job,
                                 kubernetes::Kind::PersistentVolumeClaim,
                                 kubernetes::Kind::ControllerRevision};
  for (const kubernetes::Kind kind : kKinds) {
    std::string lower = word;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower == kubernetes::to_text(kind)) {
      return kind;
    }
  }
  return kubernetes::Kind::None;
}

kubernetes::Verb verb_named(const std::string& word) {
  if (word == "create") {
    return kubernetes::Verb::Create;
  }
  if (word == "delete") {
    return kubernetes::Verb::Delete;
  }
  return word == "update" ? kubernetes::Verb::Update : kubernetes::Verb::UpdateStatus;
}

/// Faults of the cloud below.
void strike_cloud(World& world, sim::Context& context, const language::Fault& fault) {
  namespace openstack = models::openstack;
  openstack::Turn turn{world.openstack, world.cluster.settings->profile, world.agenda, context,
                       world.cluster.next_uid};
  const openstack::By by{static_cast<std::uint16_t>(kubernetes::Writer::Fault), sim::kNoTransition};
  if (fault.kind == FaultKind::image_service) {
    openstack::compute::set_image_service(turn, fault.image_service.value == "up", by);
    return;
  }
  for (const std::string& name : fault.targets().hosts) {
    const std::int32_t host = world.openstack.find_host(name);
    const auto server =
        std::find_if(world.openstack.servers.begin(), world.openstack.servers.end(),
                     [&](const openstack::Server& candidate) { return candidate.name == name; });
    switch (fault.kind) {
      case FaultKind::compute_down:
      case FaultKind::compute_killed:
        openstack::compute::stop_service(turn, host, fault.kind == FaultKind::compute_killed, by);
        break;
      case FaultKind::compute_up:
        openstack::compute::start_service(turn, host, by);
        break;
      case FaultKind::hosts_full:
      case FaultKind::hosts_free:
        world.openstack.hosts[static_cast<std::size_t>(host)].full = fault.kind == FaultKind::hosts_full;
        break;
      case FaultKind::spawn_fails:
        ++world.openstack.hosts[static_cast<std::size_t>(host)].spawns_to_fail;
        break;
      case FaultKind::lock_server:
        openstack::act(turn, {0, true}, static_cast<std::int32_t>(server - world.openstack.servers.begin()),
                       openstack::Request::lock, by);
        break;
      case FaultKind::snapshot_fails:
        server->snapshot_fails = true;
        break;
      default:
        break;
    }
  }
}

}  // namespace

void strike(World& world, sim::Context& context, const language::Fault& fault) {
  kubernetes::Turn turn{world.cluster, world.agenda, context};
  if (language::is_of_cloud(fault.kind)) {
    strike_cloud(world, context, fault);
    return;
  }
  switch (fault.kind) {
    case FaultKind::none:
      return;
    case FaultKind::controller_restarts:
      kubernetes::apply(turn, {kubernetes::FaultKind::ControllerManagerRestarts, kubernetes::kNoRow, 0, 0});
      return;
    case FaultKind::fail_write:
      kubernetes::emit_text(turn, 0, kubernetes::Field::Warning, {kubernetes::Writer::Fault},
                            fmt::format("{} of {}: the next {} fail", fault.fail_write->verb.value,
                                        fault.fail_write->kind.value, fault.fail_write->times.value));
      kubernetes::fail_writes(turn, kind_named(fault.fail_write->kind.value),
                              verb_named(fault.fail_write->verb.value),
                              static_cast<std::uint32_t>(fault.fail_write->times.value),
                              static_cast<std::uint32_t>(fault.fail_write->skip.value));
      return;
    case FaultKind::quota: {
      const std::string name_space =
          fault.quota->name_space.given() ? fault.quota->name_space.value : std::string("default");
      kubernetes::emit_text(
          turn, 0, kubernetes::Field::Warning, {kubernetes::Writer::Fault},
          fmt::format("quota of {} pods in namespace {}", fault.quota->pods.value, name_space));
      kubernetes::set_pod_quota(turn, world.cluster.strings.intern(name_space),
                                static_cast<std::int32_t>(fault.quota->pods.value));
      return;
    }
    default:
      strike_objects(turn, fault);
  }
}

void strike_now(World& world, sim::Context& context, const kubernetes::Fault& fault) {
  const sim::TransitionId first = context.history.next_id();
  kubernetes::Turn turn{world.cluster, world.agenda, context};
  kubernetes::apply(turn, fault);
  settle_event(world, context, first);
  context.history.end_event();
}

}  // namespace scenarios
