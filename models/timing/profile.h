#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "models/timing/distribution.h"

namespace models::timing {

/// Every timing that a model may ask for, in the order of their names.
enum class Key : std::uint8_t {
  ansible_remove_node,
  ansible_scale,
  ansible_scale_node,
  api_latency,
  container_run,
  controller_sync_start,
  flux_broker_connect,
  flux_broker_join,
  flux_init,
  flux_lost_detection,
  flux_online_visible,
  flux_operator_sync,
  flux_stop,
  flux_worker_retry,
  garbage_collector_delete,
  kubectl_start,
  kubelet_delete,
  kubelet_status,
  openstack_boot,
  openstack_client,
  openstack_destroy,
  openstack_download,
  openstack_extract,
  openstack_image_record,
  openstack_kubelet,
  openstack_message,
  openstack_power_on,
  openstack_schedule,
  openstack_shutdown,
  openstack_spawn,
  openstack_upload,
  pod_image_pull,
  pod_init,
  pod_ready,
  pod_schedule,
  pod_start,
  pod_stop,
  terraform_apply,
  volume_attach,
  volume_cloud_attach,
  volume_cloud_detach,
  volume_provision,
  watch_latency,
};
inline constexpr std::size_t kKeys = static_cast<std::size_t>(Key::watch_latency) + 1;

/// What is known of a timing before any profile.
struct KnownKey {
  Key key;
  std::string_view name;           ///< as profiles write it: "pod.start"
  std::string_view documentation;  ///< one sentence: from which moment to which
  Distribution otherwise;          ///< holds where a profile says nothing
};

/// All keys, sorted by name; `known_keys()[i].key` is the key with number i.
std::span<const KnownKey> known_keys();

/// The key of that name, if there is one.
std::optional<Key> key_of(std::string_view name);
std::string_view name_of(Key key);

/// A named table of timings. A fresh one holds every key's default.
class Profile {
 public:
  explicit Profile(std::string name = "default");

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Distribution& at(Key key) const { return timings_[static_cast<std::size_t>(key)]; }
  void set(Key key, Distribution distribution);

  friend bool operator==(const Profile&, const Profile&) = default;

 private:
  std::string name_;
  std::array<Distribution, kKeys> timings_;
};

}  // namespace models::timing
