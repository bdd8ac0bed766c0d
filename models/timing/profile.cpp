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
      {Key::ansible_remove_node, "ansible.remove_node",
       "From the end of a node's drain by remove_node.yml to the end of its reset.",
       assumed(120s, "kubespray's reset role: stops and wipes kubelet, containers and network plugin")},
      {Key::ansible_scale, "ansible.scale", "What a run of scale.yml takes for the nodes that are there.",
       assumed(690s, "a line through two runs: 15 min for one new node, 43 min for nine")},
      {Key::ansible_scale_node, "ansible.scale_node", "What each new node adds to a run of scale.yml.",
       assumed(210s, "a line through two runs: 15 min for one new node, 43 min for nine")},
      {Key::api_latency, "api.latency",
       "From a request of a controller, or of a kubectl that deletes or cordons, to its effect in the API "
       "server.",
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
      {Key::kubectl_start, "kubectl.start", "From the start of a kubectl process to its first request.",
       assumed(0s, "a person's commands follow each other at once")},
      {Key::kubelet_delete, "kubelet.delete",
       "From the write of an ended pod's last status to the kubelet's request that deletes the object.",
       assumed(10ms, "one request to an unloaded API server")},
      {Key::kubelet_status, "kubelet.status",
       "From a change of a container to the kubelet's request that writes it into the pod's status.",
       assumed(100ms, "the kubelet's event loop relists the runtime once a second, events come sooner")},
      {Key::openstack_boot, "openstack.boot",
       "From the start of a server's guest to the start of its kubelet.",
       assumed(60s, "an ordinary cloud image")},
      {Key::openstack_client, "openstack.client",
       "From the start of an openstack process to its first request, token included.",
       assumed(3s, "Python imports, one token, one look-up by name")},
      {Key::openstack_destroy, "openstack.destroy",
       "From the beginning of an offload or a deletion to the guest's and its disk's end.",
       assumed(10s, "ports and volumes are released first")},
      {Key::openstack_download, "openstack.download",
       "From a host's choice to the presence of the server's image on it.",
       assumed(146s, "10 GiB at 70 MiB/s")},
      {Key::openstack_extract, "openstack.extract",
       "From the guest's end to the beginning of its snapshot's upload.",
       assumed(0s, "a store that can snapshot directly extracts nothing")},
      {Key::openstack_image_record, "openstack.image_record",
       "What the image service takes to make an empty record.", assumed(0s, "one request")},
      {Key::openstack_kubelet, "openstack.kubelet",
       "From the start of a server's kubelet to its first Ready.",
       assumed(15s, "it registers again and pulls nothing")},
      {Key::openstack_message, "openstack.message",
       "From a request's answer to the compute service beginning with it.",
       assumed(0s, "the message queue is idle")},
      {Key::openstack_power_on, "openstack.power_on", "From a start request to the guest running.",
       assumed(5s, "the domain is defined already")},
      {Key::openstack_schedule, "openstack.schedule",
       "From a create or unshelve request to the host's choice.",
       assumed(4s, "conductor, scheduler and claim")},
      {Key::openstack_shutdown, "openstack.shutdown",
       "From the shutdown signal to the guest's end, capped by shutdown_timeout.",
       assumed(15s, "systemd stops an ordinary node's services")},
      {Key::openstack_spawn, "openstack.spawn", "From the presence of the image to the guest's start.",
       assumed(15s, "libvirt defines and starts it")},
      {Key::openstack_upload, "openstack.upload", "What the upload of a server's snapshot takes.",
       assumed(128s, "10 GiB at 80 MiB/s")},
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
      {Key::terraform_apply, "terraform.apply",
       "What a run of terraform takes besides the calls that it makes.",
       assumed(50s, "nine servers in under a minute, ten at once")},
      {Key::volume_attach, "volume.attach",
       "From the binding of a pod to the attachment of its volumes to the node.",
       assumed(0s, "local volumes need no attachment")},
      {Key::volume_cloud_attach, "volume.cloud_attach",
       "From the attach/detach controller's request to a volume of the cloud being attached to its node.",
       assumed(10s, "one call to the cloud, and the guest sees a new disk")},
      {Key::volume_cloud_detach, "volume.cloud_detach",
       "From the attach/detach controller's request to a volume of the cloud being detached from its node.",
       assumed(5s, "one call to the cloud")},
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
