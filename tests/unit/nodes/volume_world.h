#pragma once
// A cluster whose claims have volumes of the cloud.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/attach_detach_controller.h"
#include "tests/unit/nodes/node_world.h"

namespace models::kubernetes::testing_support {

/// A claim of the cloud that is bound, and a pod `db` on worker-1 that uses it. It is 110 s: attaching takes
/// 10 s, starting 2 s, detaching 5 s.
struct VolumeWorld : NodeWorld {
  explicit VolumeWorld(std::string_view provisioner = "cinder.csi.openstack.org", bool force = true,
                       std::vector<StorageDriver> drivers = {}) {
    auto settings = std::make_shared<Settings>(*cluster.settings);
    settings->classes.drivers = std::move(drivers);
    settings->classes.storage.push_back({"cloud", false, true, std::string(provisioner)});
    settings->components.force_detach_on_timeout = force;
    cluster.settings = std::move(settings);
    receive(ObserverId::ControllerManager, attach_detach_controller::observe);
    handle(attach_detach_controller::on_event);
    claim_row = add_claim("data", ClaimPhase::Bound);
    PodTemplate pod_template;
    pod_template.containers = {container()};
    pod_template.volumes.claims = {"data"};
    with_volume = cluster.add_template(std::move(pod_template));
    db = add("db", nodes[1]);
    start = now();
  }
  Row add_claim(std::string_view name, ClaimPhase phase, std::string_view mode = "ReadWriteOnce") {
    PersistentVolumeClaim claim;
    claim.meta.name = text(name);
    claim.meta.name_space = text("default");
    claim.phase = phase;
    claim.volume = text("pvc-1");
    claim.manifest = text(fmt::format(R"({{"spec":{{"accessModes":["{}"]}}}})", mode));
    Turn current = turn();
    return create_claim(current, std::move(claim), {Writer::User}).row;
  }
  Row add(std::string_view name, Row on) { return add_pod(*this, name, with_volume, on); }
  [[nodiscard]] bool runs(Row row) const {
    return cluster.pods.exists(row) && cluster.pods[row].phase == PodPhase::Running;
  }
  [[nodiscard]] std::string attached_to() const {
    std::string text;
    for (const VolumeAttachment& one : cluster.attach_detach.attachments) {
      text += (text.empty() ? "" : " ") + cluster.name_of(cluster.nodes[one.node].meta);
    }
    return text;
  }
  void remove_now(Row row) {
    Turn current = turn();
    ASSERT_TRUE(delete_pod(current, row, {Writer::User}, 0).ok());
  }
  [[nodiscard]] int warnings(Row row, std::string_view part) const {
    int count = 0;
    for (sim::TransitionId id = 0; id < history.next_id(); ++id) {
      const sim::Transition& transition = history.at(id);
      count += transition.subject == cluster.pods[row].meta.uid &&
                       transition.field == static_cast<std::uint16_t>(Field::Warning) &&
                       history.text_at(transition.detail).find(part) != std::string::npos
                   ? 1
                   : 0;
    }
    return count;
  }
  Row claim_row = kNoRow;
  TemplateId with_volume = 0;
  Row db = kNoRow;
  sim::Time start{};
};

}  // namespace models::kubernetes::testing_support
