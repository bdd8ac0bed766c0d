// Indexes of revisions and pods against a look at all of them, for every observer.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/kubernetes/cluster_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

struct RevisionWorld : TestCluster {
  std::int64_t made = 0;

  static OwnerRef some_owner() {
    const Kind kind = *rc::gen::element(Kind::None, Kind::StatefulSet, Kind::DaemonSet);
    const Row row = *rc::gen::inRange<Row>(0, 3);
    return kind == Kind::None ? OwnerRef{} : OwnerRef{kind, row, 100 + row};
  }

  void change_something() {
    Turn current = turn();
    const Row row = *rc::gen::inRange<Row>(0, cluster.revisions.extent() + 1);
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        delete_revision(current, row, {Writer::User});
        return;
      case 1: {
        const OwnerRef owner = some_owner();
        update<ControllerRevision>(current, row, {Writer::User}, Verb::Update,
                                   [&](ControllerRevision& revision) { revision.owner = owner; });
        return;
      }
      case 2:
        settle();  // rows of what is gone are free again
        return;
      default: {
        ControllerRevision revision;
        revision.owner = some_owner();
        revision.revision = ++made;
        create_revision(current, std::move(revision), {Writer::User});
      }
    }
  }
};

/// Those of `among` that are seen under the owner.
std::vector<Row> seen_of(const View& view, const std::vector<Row>& among, const OwnerRef& owner) {
  std::vector<Row> rows;
  std::copy_if(among.begin(), among.end(), std::back_inserter(rows), [&](Row row) {
    const ControllerRevision* revision = view.revision(row);
    return revision != nullptr && revision->owner == owner;
  });
  return rows;
}

RC_GTEST_PROP(RevisionIndex, findsWhatALookAtAllRevisionsFinds, ()) {
  RevisionWorld world;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    world.change_something();
    std::vector<Row> all(world.cluster.revisions.extent());
    for (Row row = 0; row < all.size(); ++row) {
      all[row] = row;
    }
    for (const View& view : {View(world.cluster, world.cluster.resource_version),
                             view_of(world.cluster, ObserverId::ControllerManager)}) {
      for (Row row = 0; row < 3; ++row) {
        const OwnerRef set{Kind::StatefulSet, row, 100 + row};
        const std::vector<Row> for_set = revisions_for_statefulset(world.cluster.revision_index, row);
        RC_ASSERT(seen_of(view, for_set, set) == seen_of(view, all, set));
        RC_ASSERT(seen_of(view, for_set, {}) == seen_of(view, all, {}));
        const OwnerRef daemons{Kind::DaemonSet, row, 100 + row};
        RC_ASSERT(seen_of(view, revisions_of_daemonset(world.cluster.revision_index, row), daemons) ==
                  seen_of(view, all, daemons));
      }
    }
  }
}

struct PodWorld : TestCluster {
  TemplateId plain = cluster.add_template(PodTemplate{});
  Row node = create_node();
  int made = 0;

  Row create_node() {
    Turn current = turn();
    Node created;
    created.meta.name = cluster.strings.intern("worker");
    return models::kubernetes::create_node(current, created, {Writer::User}).row;
  }

  void change_something() {
    Turn current = turn();
    const Row row = *rc::gen::inRange<Row>(0, cluster.pods.extent() + 1);
    switch (*rc::gen::inRange(0, 7)) {
      case 0:
        delete_pod(current, row, {Writer::User}, *rc::gen::element<std::int64_t>(0, 30));
        return;
      case 1: {
        const auto phase =
            *rc::gen::element(PodPhase::Pending, PodPhase::Running, PodPhase::Succeeded, PodPhase::Failed);
        update<Pod>(current, row, {Writer::User}, Verb::UpdateStatus, [&](Pod& pod) { pod.phase = phase; });
        return;
      }
      case 2:
        bind_pod(current, row, node, {Writer::User});
        return;
      case 3:
        update<Pod>(current, row, {Writer::User}, Verb::Update,
                    [](Pod& pod) { pod.foreign_finalizer = !pod.foreign_finalizer; });
        return;
      case 4:
        settle();  // rows of what is gone are free again
        return;
      default: {
        Pod pod;
        pod.meta.name = cluster.strings.intern(fmt::format("pod-{}", made++));
        pod.pod_template = plain;
        pod.foreign_finalizer = *rc::gen::arbitrary<bool>();
        create_pod(current, std::move(pod), {Writer::User});
      }
    }
  }

  template <class Wanted>
  [[nodiscard]] std::vector<Row> scanned(Wanted&& wanted) const {
    std::vector<Row> rows;
    for (Row row = 0; row < cluster.pods.extent(); ++row) {
      if (cluster.pods.exists(row) && wanted(cluster.pods[row])) {
        rows.push_back(row);
      }
    }
    return rows;
  }
};

RC_GTEST_PROP(PodIndex, holdsWhatALookAtAllPodsFinds, ()) {
  PodWorld world;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    world.change_something();
    RC_ASSERT(world.cluster.pod_index.ended.rows() ==
              world.scanned([](const Pod& pod) { return pod.terminal(); }));
    RC_ASSERT(world.cluster.pod_index.leaving_unbound.rows() ==
              world.scanned([](const Pod& pod) { return pod.meta.deleting() && pod.node == kNoRow; }));
  }
}

TEST(RowSet, rowsAscend) {
  RowSet rows;
  for (const Row row : {200U, 3U, 64U, 63U, 3U}) {
    rows.set(row, true);
  }
  rows.set(64, false);
  rows.set(1000, false);
  EXPECT_EQ(rows.rows(), (std::vector<Row>{3, 63, 200}));
  EXPECT_TRUE(rows.has(63));
  EXPECT_FALSE(rows.has(64));
  EXPECT_FALSE(rows.has(5000));
}

}  // namespace
}  // namespace models::kubernetes
