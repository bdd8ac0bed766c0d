#include <fmt/format.h>

#include "scenarios/language/tables.h"

namespace scenarios::language {

template <>
const TableOf<PodCrash>& table_of<PodCrash>() {
  static const TableOf<PodCrash> table("PodCrash", "The containers of a pod end by themselves.", [](auto& t) {
    t.field("pod", &PodCrash::pods,
            {.required = true,
             .sentence = "Which pods, by name; a Job's pod as `<job>-<index>`.",
             .source = "Rehearsal",
             .type = "hostlist"});
    t.field("exit", &PodCrash::exit,
            {.fallback = "1", .sentence = "Their exit code.", .source = "Rehearsal", .maximum = 255});
    t.shorthand_for("pod");
  });
  return table;
}

template <>
const TableOf<DeletePod>& table_of<DeletePod>() {
  static const TableOf<DeletePod> table("DeletePod", "Somebody deletes a pod.", [](auto& t) {
    t.field("pod", &DeletePod::pods,
            {.required = true,
             .sentence = "Which pods, by name; a Job's pod as `<job>-<index>`.",
             .source = "Rehearsal",
             .type = "hostlist"});
    t.field(
        "gracePeriod", &DeletePod::grace_period,
        {.sentence =
             "How long they may take to stop; `0s` removes the object at once. Without it: the pod's own.",
         .source = "meta/v1 DeleteOptions.gracePeriodSeconds",
         .zero_is_fine = true,
         .whole_seconds = true});
    t.shorthand_for("pod");
  });
  return table;
}

template <>
const TableOf<FailWrite>& table_of<FailWrite>() {
  static const TableOf<FailWrite> table(
      "FailWrite", "Writes that controllers send to the API server fail.", [](auto& t) {
        t.field("verb", &FailWrite::verb,
                {.required = true,
                 .sentence = "Which writes.",
                 .source = "Rehearsal",
                 .words = {"create", "update", "updateStatus", "delete"}});
        t.field(
            "kind", &FailWrite::kind,
            {.required = true,
             .sentence = "Of which objects.",
             .source = "Rehearsal",
             .words = {"Pod", "StatefulSet", "Job", "Node", "PersistentVolumeClaim", "ControllerRevision"}});
        t.field("times", &FailWrite::times,
                {.fallback = "1", .sentence = "How many fail.", .source = "Rehearsal", .minimum = 1});
        t.field("skip", &FailWrite::skip,
                {.fallback = "0", .sentence = "How many succeed before that.", .source = "Rehearsal"});
      });
  return table;
}

template <>
const TableOf<Quota>& table_of<Quota>() {
  static const TableOf<Quota> table("Quota", "A ResourceQuota on pods takes effect.", [](auto& t) {
    t.field(
        "namespace", &Quota::name_space,
        {.fallback = "default", .sentence = "In which namespace.", .source = "core/v1 ObjectMeta.namespace"});
    t.field("pods", &Quota::pods,
            {.required = true,
             .sentence = "How many pods it may hold.",
             .source = "core/v1 ResourceQuotaSpec.hard.pods"});
  });
  return table;
}

namespace {

/// Finds out which kind of fault was written, and refuses none and several.
void judge_kind(Reader& reader, const Node& node, Fault& fault) {
  int found = 0;
  for (int i = static_cast<int>(FaultKind::pod_crash); i <= static_cast<int>(FaultKind::image_service); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    if (node.find(to_text(kind)) == nullptr) continue;
    ++found;
    fault.kind = kind;
  }
  if (found == 1) return;
  reader.error(node,
               found == 0 ? "the entry does not say what goes wrong" : "the entry holds more than one fault",
               "one fault an entry, such as {at: 60s, delete_pod: ingest-0}");
}

}  // namespace

std::string_view to_text(FaultKind kind) {
  switch (kind) {
    case FaultKind::none:
      return "none";
    case FaultKind::pod_crash:
      return "pod_crash";
    case FaultKind::delete_pod:
      return "delete_pod";
    case FaultKind::lose_readiness:
      return "lose_readiness";
    case FaultKind::regain_readiness:
      return "regain_readiness";
    case FaultKind::never_ready:
      return "never_ready";
    case FaultKind::node_dies:
      return "node_dies";
    case FaultKind::node_returns:
      return "node_returns";
    case FaultKind::kubelet_silent:
      return "kubelet_silent";
    case FaultKind::kubelet_returns:
      return "kubelet_returns";
    case FaultKind::shut_down_node:
      return "shut_down_node";
    case FaultKind::delete_node:
      return "delete_node";
    case FaultKind::controller_restarts:
      return "controller_restarts";
    case FaultKind::fail_write:
      return "fail_write";
    case FaultKind::quota:
      return "quota";
    case FaultKind::compute_down:
      return "compute_down";
    case FaultKind::compute_killed:
      return "compute_killed";
    case FaultKind::compute_up:
      return "compute_up";
    case FaultKind::hosts_full:
      return "hosts_full";
    case FaultKind::hosts_free:
      return "hosts_free";
    case FaultKind::lock_server:
      return "lock_server";
    case FaultKind::snapshot_fails:
      return "snapshot_fails";
    case FaultKind::spawn_fails:
      return "spawn_fails";
    case FaultKind::image_service:
      return "image_service";
  }
  return "none";
}

bool strikes_nodes(FaultKind kind) { return kind >= FaultKind::node_dies && kind <= FaultKind::delete_node; }

const HostSet& Fault::targets() const {
  static const HostSet nobody;
  switch (kind) {
    case FaultKind::pod_crash:
      return pod_crash ? pod_crash->pods : nobody;
    case FaultKind::delete_pod:
      return delete_pod ? delete_pod->pods : nobody;
    case FaultKind::lose_readiness:
      return lose_readiness;
    case FaultKind::regain_readiness:
      return regain_readiness;
    case FaultKind::never_ready:
      return never_ready;
    case FaultKind::node_dies:
      return node_dies;
    case FaultKind::node_returns:
      return node_returns;
    case FaultKind::kubelet_silent:
      return kubelet_silent;
    case FaultKind::kubelet_returns:
      return kubelet_returns;
    case FaultKind::shut_down_node:
      return shut_down_node;
    case FaultKind::delete_node:
      return delete_node;
    case FaultKind::compute_down:
      return compute_down;
    case FaultKind::compute_killed:
      return compute_killed;
    case FaultKind::compute_up:
      return compute_up;
    case FaultKind::hosts_full:
      return hosts_full;
    case FaultKind::hosts_free:
      return hosts_free;
    case FaultKind::lock_server:
      return lock_server;
    case FaultKind::snapshot_fails:
      return snapshot_fails;
    case FaultKind::spawn_fails:
      return spawn_fails;
    case FaultKind::image_service:
    case FaultKind::none:
    case FaultKind::controller_restarts:
    case FaultKind::fail_write:
    case FaultKind::quota:
      break;
  }
  return nobody;
}

template <>
const TableOf<Fault>& table_of<Fault>() {
  static const TableOf<Fault> table(
      "Fault", "Something that goes wrong at a given time: `at`, and one of the other keys.", [](auto& t) {
        t.field("at", &Fault::at,
                {.required = true,
                 .sentence = "When, from the start of the scenario.",
                 .source = "Rehearsal",
                 .zero_is_fine = true});
        t.field("pod_crash", &Fault::pod_crash,
                {.sentence = "The containers of a pod end by themselves.", .source = "Rehearsal"});
        t.field("delete_pod", &Fault::delete_pod,
                {.sentence = "Somebody deletes a pod.", .source = "Rehearsal"});
        t.field("lose_readiness", &Fault::lose_readiness,
                {.sentence = "Pods that run on but are no longer Ready.", .source = "Rehearsal"});
        t.field("regain_readiness", &Fault::regain_readiness,
                {.sentence = "Pods that become Ready again.", .source = "Rehearsal"});
        t.field("never_ready", &Fault::never_ready,
                {.sentence = "Pods that, from then on, never become Ready when they start.",
                 .source = "Rehearsal"});
        t.field(
            "node_dies", &Fault::node_dies,
            {.sentence = "Nodes that lose power: containers and kubelet are gone.", .source = "Rehearsal"});
        t.field("node_returns", &Fault::node_returns,
                {.sentence = "Nodes that are on again, or whose kubelet is back; one whose Node object was "
                             "deleted registers anew.",
                 .source = "Rehearsal"});
        t.field("kubelet_silent", &Fault::kubelet_silent,
                {.sentence = "Nodes whose kubelet stops or cannot be reached; containers run on.",
                 .source = "Rehearsal"});
        t.field("kubelet_returns", &Fault::kubelet_returns,
                {.sentence = "Nodes whose kubelet, started anew, is back.", .source = "Rehearsal"});
        t.field("shut_down_node", &Fault::shut_down_node,
                {.sentence = "Nodes whose machine is told to shut down; see `shutdownGracePeriod`.",
                 .source = "kubernetes pkg/kubelet/nodeshutdown"});
        t.field("delete_node", &Fault::delete_node,
                {.sentence = "Nodes whose Node object is deleted.", .source = "core/v1 Node"});
        t.field("controller_restarts", &Fault::controller_restarts,
                {.sentence = "A controller that loses its memory and lists everything anew.",
                 .source = "Rehearsal",
                 .words = {"statefulset", "job", "flux-operator", "scheduler"}});
        t.field("fail_write", &Fault::fail_write,
                {.sentence = "Writes to the API server that fail.", .source = "Rehearsal"});
        t.field("quota", &Fault::quota,
                {.sentence = "A quota that takes effect.", .source = "core/v1 ResourceQuota"});
        t.field("compute_down", &Fault::compute_down,
                {.sentence =
                     "Compute hosts whose nova-compute stops once it has done what it was at; requests wait.",
                 .source = "OpenStack Nova"});
        t.field("compute_killed", &Fault::compute_killed,
                {.sentence =
                     "Compute hosts whose nova-compute is killed: what it was at stays as it is for ever.",
                 .source = "OpenStack Nova"});
        t.field("compute_up", &Fault::compute_up,
                {.sentence = "Compute hosts whose nova-compute starts again.", .source = "OpenStack Nova"});
        t.field("hosts_full", &Fault::hosts_full,
                {.sentence = "Compute hosts whose free room others have taken.", .source = "placement"});
        t.field("hosts_free", &Fault::hosts_free,
                {.sentence = "Compute hosts whose room is free again.", .source = "placement"});
        t.field("lock_server", &Fault::lock_server,
                {.sentence = "Servers that an administrator locks.", .source = "`openstack server lock`"});
        t.field("snapshot_fails", &Fault::snapshot_fails,
                {.sentence = "Servers whose next snapshot fails.", .source = "OpenStack Nova"});
        t.field(
            "spawn_fails", &Fault::spawn_fails,
            {.sentence = "Compute hosts that fail to start the next server.", .source = "OpenStack Nova"});
        t.field("image_service", &Fault::image_service,
                {.sentence = "The image service stops or starts to answer.",
                 .source = "OpenStack Glance",
                 .words = {"down", "up"}});
        t.rule(judge_kind);
      });
  return table;
}

}  // namespace scenarios::language
