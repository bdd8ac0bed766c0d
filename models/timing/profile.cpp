#include "models/timing/profile.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace models::timing {
namespace {

using namespace std::chrono_literals;

Distribution assumed(sim::Duration duration, std::string why) {
  return Distribution::fixed(duration, {ProvenanceKind::assumed, std::move(why)});
}

Distribution assumed(sim::Duration p50, sim::Duration p95, std::string why) {
  return Distribution::percentiles(p50, p95, {ProvenanceKind::assumed, std::move(why)}).value();
}

Distribution from_source(sim::Duration duration, std::string where) {
  return Distribution::fixed(duration, {ProvenanceKind::source, std::move(where)});
}

Distribution from_source_between(sim::Duration shortest, sim::Duration longest, std::string where) {
  return Distribution::uniform(shortest, longest, {ProvenanceKind::source, std::move(where)}).value();
}

using KeyTable = std::array<KnownKey, kKeys>;

KeyTable make_keys() {
  return {{
      {Key::api_latency, "api.latency", "From a controller's request to its effect in the API server.",
       assumed(0s, "an unloaded API server answers within milliseconds, which decide little")},
      {Key::container_run, "container.run",
       "From the start of a container that ends by itself to its exit, where the scenario says nothing of "
       "it.",
       assumed(60s, "how long the work takes only its owner knows; state it under behaviour")},
      {Key::controller_sync_start, "controller.sync_start",
       "From an object in a controller's queue to a worker that looks at it.",
       assumed(0s, "an idle worker takes it at once")},
      {Key::flux_broker_connect, "flux.broker_connect",
       "How long a broker tries to reach its parent before it gives up and starts over.",
       from_source(5s, "flux-operator, default of flux.connectTimeout")},
      {Key::flux_broker_join, "flux.broker_join",
       "From the start of a worker's broker to rank 0 counting it as online, parent present.",
       assumed(2s, "the broker's own start takes longest, its hello is one round trip")},
      {Key::flux_init, "flux.init",
       "From the start of a MiniCluster pod's init container to the end of copying the Flux view.",
       assumed(15s, "the size of the view image and the disk decide")},
      {Key::flux_lost_detection, "flux.lost_detection",
       "From the death of a broker's connection to rank 0 counting it as lost.",
       from_source_between(0s, 2s, "flux-core, heartbeat every 2 s fails to send")},
      {Key::flux_online_visible, "flux.online_visible",
       "From rank 0 counting a broker as online or lost to flux resource list showing it.",
       assumed(500ms, "the resource module answers within a second")},
      {Key::flux_operator_sync, "flux.operator_sync",
       "From a change of a MiniCluster that the operator sees to its write of the Job.",
       assumed(100ms, "a reconcile reads several objects first")},
      {Key::flux_stop, "flux.stop",
       "From the deletion of a MiniCluster pod to its containers' end, capped by its grace period.",
       assumed(30s, "the start script sets no trap, so the pod dies by SIGKILL after its grace period")},
      {Key::flux_worker_retry, "flux.worker_retry",
       "From a worker broker's exit with an error to its next start in the same container.",
       from_source(15s, "flux-operator, templates/wait.sh, the worker loop")},
      {Key::garbage_collector_delete, "garbage_collector.delete",
       "From the removal of an owner to the deletion request for each object that it owned.",
       assumed(500ms, "the garbage collector's graph follows its watches")},
      {Key::kubelet_delete, "kubelet.delete",
       "From the write of an ended pod's last status to the kubelet's request that deletes the object.",
       assumed(10ms, "one request to an unloaded API server")},
      {Key::kubelet_status, "kubelet.status",
       "From a change of a container to the kubelet's request that writes it into the pod's status.",
       assumed(100ms, "the kubelet's event loop relists the runtime once a second, events come sooner")},
      {Key::pod_image_pull, "pod.image_pull",
       "From the kubelet's wish for an image to its presence on the node.",
       assumed(0s, "the image is on the node already")},
      {Key::pod_init, "pod.init", "From the start of an init container to its exit.",
       assumed(5s, "init containers prepare little")},
      {Key::pod_ready, "pod.ready",
       "From the start of a pod's last container to its readiness (probes and their initial delay included).",
       assumed(2s, 10s, "an ordinary server's start")},
      {Key::pod_schedule, "pod.schedule", "From the scheduler seeing a pod that fits a node to its binding.",
       assumed(10ms, "an idle scheduler's queue")},
      {Key::pod_start, "pod.start",
       "From the kubelet seeing a bound pod, image present, to the start of its first container.",
       assumed(2s, 6s, "sandbox, network and volumes of an ordinary pod")},
      {Key::pod_stop, "pod.stop",
       "From SIGTERM to the end of a pod's containers, capped by its grace period.",
       assumed(1s, 5s, "containers that handle SIGTERM")},
      {Key::volume_attach, "volume.attach",
       "From the binding of a pod to the attachment of its volumes to the node.",
       assumed(0s, "local volumes need no attachment")},
      {Key::volume_provision, "volume.provision",
       "From the creation of a claim (or its first pod, with WaitForFirstConsumer) to the claim being Bound.",
       assumed(1s, "a dynamic provisioner at rest")},
      {Key::watch_latency, "watch.latency",
       "From a write in the API server to a watching controller, kubelet or client seeing it.",
       assumed(10ms, "an unloaded API server")},
  }};
}

const KeyTable& key_table() {
  static const KeyTable table = make_keys();
  return table;
}

}  // namespace

std::span<const KnownKey> known_keys() { return key_table(); }

std::optional<Key> key_of(std::string_view name) {
  const KeyTable& table = key_table();
  const auto* found =
      std::lower_bound(table.begin(), table.end(), name,
                       [](const KnownKey& known, std::string_view n) { return known.name < n; });
  if (found == table.end() || found->name != name) {
    return std::nullopt;
  }
  return found->key;
}

std::string_view name_of(Key key) { return key_table()[static_cast<std::size_t>(key)].name; }

Profile::Profile(std::string name) : name_(std::move(name)) {
  for (const KnownKey& known : known_keys()) {
    set(known.key, known.otherwise);
  }
}

void Profile::set(Key key, Distribution distribution) {
  timings_[static_cast<std::size_t>(key)] = std::move(distribution);
}

}  // namespace models::timing
