#include "models/kubernetes/pod_durations.h"

#include "models/kubernetes/purposes.h"

namespace models::kubernetes::kubelet {

using timing::Key;

namespace {

sim::Duration draw(Turn& turn, const Pod& pod, Purpose purpose, std::uint32_t occurrence,
                   const timing::Distribution& distribution) {
  if (distribution.is_fixed()) {
    return distribution.nominal();
  }
  return turn.context.choices.duration(
      {entity_of(turn.cluster, pod), static_cast<std::uint32_t>(purpose), occurrence}, distribution);
}

sim::Duration draw_key(Turn& turn, const Pod& pod, Purpose purpose, std::uint32_t occurrence, Key key) {
  return draw(turn, pod, purpose, occurrence, turn.cluster.settings->profile.at(key));
}

}  // namespace

sim::Duration status_delay(Turn& turn, const Pod& pod, PodStage stage) {
  const std::uint32_t occurrence =
      (occurrence_of(pod, pod.restarts) << 3U) + static_cast<std::uint32_t>(stage);
  return draw_key(turn, pod, Purpose::KubeletStatus, occurrence, Key::kubelet_status);
}

sim::Duration deletion_delay(Turn& turn, const Pod& pod) {
  return draw_key(turn, pod, Purpose::KubeletDelete, occurrence_of(pod), Key::kubelet_delete);
}

namespace {

/// Whether the pod belongs to a Flux MiniCluster, whose timings have keys of their own.
bool of_mini_cluster(const Cluster& cluster, const Pod& pod) {
  return pod.owner.kind == Kind::Job && cluster.jobs.alive(pod.owner.row) &&
         cluster.jobs[pod.owner.row].meta.uid == pod.owner.uid &&
         cluster.jobs[pod.owner.row].owner.kind == Kind::MiniCluster;
}

}  // namespace

sim::Duration init_duration(Turn& turn, const Pod& pod, const PodBehaviour& behaviour) {
  if (behaviour.init != nullptr) {
    return draw(turn, pod, Purpose::PodInit, occurrence_of(pod), *behaviour.init);
  }
  if (of_mini_cluster(turn.cluster, pod)) {
    return draw_key(turn, pod, Purpose::PodInit, occurrence_of(pod), Key::flux_init);
  }
  sim::Duration sum{};
  for (std::uint32_t i = 0; i < turn.cluster.template_of(pod).init_containers; ++i) {
    sum += draw_key(turn, pod, Purpose::PodInit, occurrence_of(pod, i), Key::pod_init);
  }
  return sum;
}

namespace {

bool has_claims(const Cluster& cluster, const Pod& pod) {
  if (pod.owner.kind != Kind::StatefulSet || !cluster.statefulsets.alive(pod.owner.row)) {
    return false;
  }
  const StatefulSet& set = cluster.statefulsets[pod.owner.row];
  return set.meta.uid == pod.owner.uid && set.spec.claims != nullptr && !set.spec.claims->empty();
}

}  // namespace

sim::Duration start_duration(Turn& turn, const Pod& pod, const PodBehaviour& behaviour) {
  const std::uint32_t occurrence = occurrence_of(pod, pod.restarts);
  if (behaviour.start != nullptr) {
    return draw(turn, pod, Purpose::PodStart, occurrence, *behaviour.start);
  }
  sim::Duration sum = draw_key(turn, pod, Purpose::ImagePull, occurrence, Key::pod_image_pull) +
                      draw_key(turn, pod, Purpose::PodStart, occurrence, Key::pod_start);
  if (has_claims(turn.cluster, pod)) {
    sum += draw_key(turn, pod, Purpose::VolumeAttach, occurrence, Key::volume_attach);
  }
  return sum;
}

sim::Duration ready_duration(Turn& turn, const Pod& pod, const PodBehaviour& behaviour) {
  const std::uint32_t occurrence = occurrence_of(pod, pod.restarts);
  if (behaviour.ready != nullptr) {
    return draw(turn, pod, Purpose::PodReady, occurrence, *behaviour.ready);
  }
  return turn.cluster.template_of(pod).readiness_probe
             ? draw_key(turn, pod, Purpose::PodReady, occurrence, Key::pod_ready)
             : sim::Duration::zero();
}

sim::Time natural_end(Turn& turn, const Pod& pod, const PodBehaviour& behaviour) {
  const std::uint32_t occurrence = occurrence_of(pod, pod.restarts);
  if (behaviour.run != nullptr) {
    return turn.now() + draw(turn, pod, Purpose::PodRun, occurrence, *behaviour.run);
  }
  return behaviour.exit_codes != nullptr
             ? turn.now() + draw_key(turn, pod, Purpose::PodRun, occurrence, Key::container_run)
             : sim::kNever;
}

sim::Duration stop_duration(Turn& turn, const Pod& pod, const PodBehaviour& behaviour) {
  if (behaviour.ignores_termination) {
    return sim::Duration::max();
  }
  const std::uint32_t occurrence = occurrence_of(pod);
  if (behaviour.stop != nullptr) {
    return draw(turn, pod, Purpose::PodStop, occurrence, *behaviour.stop);
  }
  return draw_key(turn, pod, Purpose::PodStop, occurrence,
                  of_mini_cluster(turn.cluster, pod) ? Key::flux_stop : Key::pod_stop);
}

}  // namespace models::kubernetes::kubelet
