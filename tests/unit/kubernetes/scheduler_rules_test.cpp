// Filters and scores that look beyond the node, claims, host ports.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "models/kubernetes/scheduler_filters.h"
#include "tests/unit/kubernetes/scheduler_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

constexpr const char* kHost = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

// -----------------------------------------------------------------------------------------------------------
// Claims

/// A cluster with a volume that only one node reaches.
struct VolumeWorld : SchedulerWorld {
  VolumeWorld(int nodes, std::string_view version) : SchedulerWorld(nodes, version) {
    auto settings = std::make_shared<Settings>(*cluster.settings);
    settings->classes.volumes = {{"local-n2", {{{{kHost, SelectorOperator::In, {"n2"}}}, {}}}}};
    settings->classes.storage = {{"at-once", true, false, {}}, {"later", false, true, {}}};
    cluster.settings = std::move(settings);
  }
  Row add_claim(std::string_view name, std::string_view storage_class, std::string_view volume) {
    PersistentVolumeClaim claim;
    claim.meta.name = text(name);
    claim.meta.name_space = text("default");
    claim.storage_class = text(storage_class);
    claim.volume = text(volume);
    claim.phase = volume.empty() ? ClaimPhase::Pending : ClaimPhase::Bound;
    Turn current = turn();
    const Row row = create_claim(current, std::move(claim), {Writer::User}).row;
    settle();
    return row;
  }
  static PodTemplate with_claim(std::string_view name) {
    PodTemplate pod_template = of_app("db");
    pod_template.volumes.claims = {std::string(name)};
    return pod_template;
  }
};

TEST(SchedulerRow, Row09_ALocalVolumeTiesThePodToACordonedNode) {
  VolumeWorld world(3, "1.33.0");
  world.add_claim("data", "later", "local-n2");
  world.cordon(1);
  const Row pod = world.create("db", VolumeWorld::with_claim("data"));
  EXPECT_EQ(
      world.message_of(pod),
      "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match PersistentVolume's "
      "node affinity. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
  world.run_until(40s);
  EXPECT_EQ(world.node_of(pod), "");
  world.cordon(1, false);
  world.run_for(10s);
  EXPECT_EQ(world.node_of(pod), "n2");
}

TEST(SchedulerRow, Row09_UntilTheTextChangedIn133) {
  VolumeWorld world(3, "1.32.0");
  world.add_claim("data", "later", "local-n2");
  world.occupy(1, 4000);
  EXPECT_EQ(world.reasons_of(world.create("db", VolumeWorld::with_claim("data"))),
            "1 Insufficient cpu, 2 node(s) had volume node affinity conflict");
}

TEST(SchedulerRow, Row10_AnUnboundClaimOfAnImmediateClassRejectsThePodOutright) {
  VolumeWorld world(3, "1.33.0");
  const Row claim = world.add_claim("data", "at-once", "");
  const Row pod = world.create("db", VolumeWorld::with_claim("data"));
  EXPECT_EQ(
      world.message_of(pod),
      "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes "
      "are available: 3 Preemption is not helpful for scheduling.");
  Turn turn = world.turn();
  const Text volume = world.text("pvc-1");
  update<PersistentVolumeClaim>(turn, claim, {Writer::PersistentVolumeController}, Verb::UpdateStatus,
                                [&](PersistentVolumeClaim& bound) {
                                  bound.phase = ClaimPhase::Bound;
                                  bound.volume = volume;
                                });
  world.run_for(1s);
  EXPECT_NE(world.node_of(pod), "");
}

TEST(SchedulerVolumes, AClaimThatWaitsForAConsumerDoesNotHoldThePodBack) {
  VolumeWorld world(1, "1.33.0");
  world.add_claim("data", "later", "");
  EXPECT_EQ(world.node_of(world.create("db", VolumeWorld::with_claim("data"))), "n1");
}

TEST(SchedulerVolumes, AMissingClaimIsNamed) {
  VolumeWorld world(1, "1.33.0");
  const Row pod = world.create("db", VolumeWorld::with_claim("data"));
  EXPECT_NE(world.message_of(pod).find("available: persistentvolumeclaim \"data\" not found. preemption"),
            std::string::npos);
  world.add_claim("data", "later", "");
  world.run_for(1s);
  EXPECT_EQ(world.node_of(pod), "n1");
}

// Source: volumebinding/volume_binding.go podHasPVCs: the pod that makes a claim's deletion wait is not the
// one that comes now.
TEST(SchedulerVolumes, AClaimThatIsLostSaysSoBeforeAnythingElse) {
  VolumeWorld world(1, "1.33.0");
  const Row claim = world.add_claim("data", "later", "local-n1");
  Turn turn = world.turn();
  update<PersistentVolumeClaim>(turn, claim, {Writer::User}, Verb::Delete,
                                [&](PersistentVolumeClaim& leaving) {
                                  leaving.meta.deletion_timestamp = world.now();
                                  leaving.phase = ClaimPhase::Lost;
                                });
  EXPECT_NE(world.message_of(world.create("db", VolumeWorld::with_claim("data")))
                .find("persistentvolumeclaim \"data\" bound to non-existent persistentvolume \"local-n1\""),
            std::string::npos);
}

TEST(SchedulerVolumes, AClaimThatIsBeingDeletedTakesNoNewPod) {
  VolumeWorld world(1, "1.33.0");
  const Row claim = world.add_claim("data", "later", "local-n1");
  Turn turn = world.turn();
  update<PersistentVolumeClaim>(
      turn, claim, {Writer::User}, Verb::Delete,
      [&](PersistentVolumeClaim& leaving) { leaving.meta.deletion_timestamp = world.now(); });
  const Row pod = world.create("db", VolumeWorld::with_claim("data"));
  EXPECT_EQ(world.node_of(pod), "");
  EXPECT_NE(world.message_of(pod).find("available: persistentvolumeclaim \"data\" is being deleted."),
            std::string::npos)
      << world.message_of(pod);
}

// -----------------------------------------------------------------------------------------------------------
// Topology spread

TEST(SchedulerRow, Row12_AnotherPodOfTheGroupGoesToTheEmptyNode) {
  SchedulerWorld world(3);
  PodTemplate pod_template = of_app("web");
  pod_template.topology_spread = {spread_over(kHost, "web")};
  std::set<std::string> nodes;
  for (int i = 0; i < 3; ++i) {
    nodes.insert(world.node_of(world.create(fmt::format("web-{}", i), pod_template)));
  }
  EXPECT_EQ(nodes, (std::set<std::string>{"n1", "n2", "n3"}));
}

TEST(SchedulerSpread, ACordonedNodeStillHoldsTheMinimumAtZero) {
  SchedulerWorld world(2);
  world.cordon(1);
  PodTemplate pod_template = of_app("web");
  pod_template.topology_spread = {spread_over(kHost, "web")};
  world.create("web-0", pod_template);
  EXPECT_EQ(world.reasons_of(world.create("web-1", pod_template)),
            "1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable");
}

TEST(SchedulerSpread, HonouringTaintsLeavesTaintedNodesOut) {
  SchedulerWorld world(2);
  world.taint(1, {"dedicated", "", "NoSchedule"});
  PodTemplate pod_template = of_app("web");
  pod_template.topology_spread = {spread_over(kHost, "web")};
  pod_template.topology_spread[0].honor_node_taints = true;
  world.create("web-0", pod_template);
  EXPECT_EQ(world.node_of(world.create("web-1", pod_template)), "n1");
}

TEST(SchedulerSpread, NodesThatThePodCannotHaveCountOnlyWhereAffinityIsIgnored) {
  for (const bool honour : {true, false}) {
    SchedulerWorld world(2);
    PodTemplate pod_template = of_app("web");
    pod_template.node_selector = {{std::string(kHost), "n1"}};
    pod_template.topology_spread = {spread_over(kHost, "web")};
    pod_template.topology_spread[0].honor_node_affinity = honour;
    world.create("web-0", pod_template);
    const Row second = world.create("web-1", pod_template);
    EXPECT_EQ(world.node_of(second), honour ? "n1" : "") << "n2 has none, which is one fewer than n1 has";
  }
}

TEST(SchedulerSpread, ANodeWithoutTheKeyIsNoPlaceAndBeyondPreemption) {
  SchedulerWorld world(1);
  PodTemplate pod_template = of_app("web");
  pod_template.topology_spread = {spread_over(kZone, "web")};
  EXPECT_EQ(
      world.message_of(world.create("web-0", pod_template)),
      "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required "
      "label). preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
}

TEST(SchedulerSpread, TooFewDomainsCountAsAnEmptyOne) {
  SchedulerWorld world(0);
  world.create_in_zone("a1", "a");
  PodTemplate pod_template = of_app("web");
  pod_template.topology_spread = {spread_over(kZone, "web")};
  pod_template.topology_spread[0].min_domains = 2;
  EXPECT_EQ(world.node_of(world.create("web-0", pod_template)), "a1");
  EXPECT_EQ(world.reasons_of(world.create("web-1", pod_template)),
            "1 node(s) didn't match pod topology spread constraints");
}

TEST(SchedulerSpread, ATerminatingPodNoLongerCounts) {
  SchedulerWorld world(2);
  PodTemplate pod_template = of_app("web");
  pod_template.topology_spread = {spread_over(kHost, "web")};
  const Row first = world.create("web-0", pod_template);
  const std::string node = world.node_of(first);
  Turn turn = world.turn();
  delete_pod(turn, first, {Writer::User});
  world.settle();
  world.create("web-1", pod_template);
  const Row third = world.create("web-2", pod_template);
  EXPECT_NE(world.node_of(third), "") << "1 and 0 living pods: either node will do";
}

TEST(SchedulerSpread, PodsOfASetAreSpreadByDefault) {
  SchedulerWorld world(0);
  for (const char* name : {"n1", "n2"}) {
    world.add_node(name, 64'000, 64 * kGibibyte);
  }
  StatefulSet set;
  set.meta.name = world.text("web");
  set.meta.name_space = world.text("default");
  set.spec.selector = std::make_shared<const LabelMap>(LabelMap{{"app", "web"}});
  Turn turn = world.turn();
  const Row row = create_statefulset(turn, std::move(set), {Writer::User}).row;
  // Without spreading, the other node would always look emptier than this one.
  world.occupy(1, 1000);
  std::map<std::string, int> placed;
  for (int i = 0; i < 6; ++i) {
    Pod pod;
    pod.meta.name = world.text(fmt::format("web-{}", i));
    pod.meta.name_space = world.text("default");
    pod.pod_template = world.cluster.add_template(of_app("web", 0));
    pod.owner = {Kind::StatefulSet, row, world.cluster.statefulsets[row].meta.uid};
    Turn current = world.turn();
    const Row created = create_pod(current, pod, {Writer::User}).row;
    world.settle();
    ++placed[world.node_of(created)];
  }
  EXPECT_EQ(placed["n1"], 3);
  EXPECT_EQ(placed["n2"], 3);
}

// -----------------------------------------------------------------------------------------------------------
// Inter-pod affinity

TEST(SchedulerAffinity, APodFollowsAnotherIntoItsZone) {
  SchedulerWorld world(0);
  world.create_in_zone("a1", "a");
  world.create_in_zone("b1", "b");
  world.create_in_zone("b2", "b");
  PodTemplate follower = of_app("web");
  follower.pod_affinity = {about_app(kZone, "db")};
  const Row waits = world.create("web", follower);
  EXPECT_EQ(world.message_of(waits),
            "0/3 nodes are available: 3 node(s) didn't match pod affinity rules. preemption: 0/3 nodes are "
            "available: 3 Preemption is not helpful for scheduling.");
  PodTemplate leader = of_app("db");
  leader.node_selector = {{kHost, "b1"}};
  world.create("db", leader);
  world.run_for(1s);
  EXPECT_EQ(world.node_of(waits).substr(0, 1), "b");
}

TEST(SchedulerAffinity, TheFirstOfItsKindMayStandAlone) {
  SchedulerWorld world(0);
  world.create_in_zone("a1", "a");
  world.create_in_zone("b1", "b");
  PodTemplate pod_template = of_app("web");
  pod_template.pod_affinity = {about_app(kZone, "web")};
  const std::string first = world.node_of(world.create("web-0", pod_template));
  EXPECT_NE(first, "");
  EXPECT_EQ(world.node_of(world.create("web-1", pod_template)), first);
}

TEST(SchedulerAffinity, AntiAffinityByZoneKeepsTheWholeZone) {
  SchedulerWorld world(0);
  world.create_in_zone("a1", "a");
  world.create_in_zone("a2", "a");
  PodTemplate pod_template = of_app("db");
  pod_template.pod_anti_affinity = {apart_by(kZone, "db")};
  world.create("db-0", pod_template);
  EXPECT_EQ(world.reasons_of(world.create("db-1", pod_template)),
            "2 node(s) didn't match pod anti-affinity rules");
  PodTemplate plain = of_app("db");
  EXPECT_EQ(world.reasons_of(world.create("copy", plain)),
            "2 node(s) didn't satisfy existing pods anti-affinity rules");
}

TEST(SchedulerAffinity, NamespacesBoundTheTerm) {
  SchedulerWorld world(1);
  world.create("db", of_app("db"));
  PodTemplate pod_template = of_app("web");
  pod_template.pod_anti_affinity = {apart_by(kHost, "db")};
  pod_template.pod_anti_affinity[0].namespaces = {"elsewhere"};
  EXPECT_EQ(world.node_of(world.create("web-0", pod_template)), "n1");
  pod_template.pod_anti_affinity[0].namespaces = {};
  pod_template.pod_anti_affinity[0].every_namespace = true;
  EXPECT_EQ(world.node_of(world.create("web-1", pod_template)), "");
}

TEST(SchedulerAffinity, PreferencesDecideBetweenGoodNodes) {
  SchedulerWorld world(0);
  world.create_in_zone("a1", "a");
  world.create_in_zone("b1", "b");
  PodTemplate leader = of_app("db");
  leader.node_selector = {{kHost, "b1"}};
  world.create("db", leader);
  PodTemplate follower = of_app("web");
  follower.pod_affinity = {about_app(kZone, "db", 100)};
  EXPECT_EQ(world.node_of(world.create("near", follower)), "b1");
  PodTemplate loner = of_app("log");
  loner.pod_anti_affinity = {about_app(kZone, "db", 100)};
  EXPECT_EQ(world.node_of(world.create("far", loner)), "a1");
}

TEST(SchedulerAffinity, PreferredNodesWin) {
  SchedulerWorld world(3);
  PodTemplate pod_template = of_app("web");
  pod_template.preferred_node_affinity = {{50, {{{kHost, SelectorOperator::In, {"n3"}}}, {}}}};
  EXPECT_EQ(world.node_of(world.create("web", pod_template)), "n3");
}

TEST(SchedulerAffinity, TheWeightsOfPreferencesAreSummedByNode) {
  SchedulerWorld world(3);
  const auto on = [](std::string host, std::int32_t weight) {
    return PreferredNodeTerm{weight, {{{kHost, SelectorOperator::In, {std::move(host)}}}, {}}};
  };
  PodTemplate pod_template = of_app("web");
  pod_template.preferred_node_affinity = {on("n1", 20), on("n1", 20), on("n2", 90), on("n3", 30)};
  EXPECT_EQ(world.node_of(world.create("web", pod_template)), "n2")
      << "two light ones are less than a heavy one";
}

// Source: interpodaffinity/scoring.go processTerm: the weight of each term times the pods that it matches.
TEST(SchedulerAffinity, TheWeightsOfPodPreferencesAreSummedByTopology) {
  SchedulerWorld world(3);
  const auto run = [&](const char* app, const char* host) {
    PodTemplate leader = of_app(app, 0);
    leader.node_selector = {{kHost, host}};
    world.create(app, leader);
  };
  run("light", "n1");
  run("pale", "n1");
  run("heavy", "n2");
  PodTemplate follower = of_app("web", 0);
  follower.pod_affinity = {about_app(kHost, "light", 20), about_app(kHost, "pale", 20),
                           about_app(kHost, "heavy", 90)};
  EXPECT_EQ(world.node_of(world.create("web", follower)), "n2") << "two light ones are less than a heavy one";
}

TEST(SchedulerAffinity, UndesirableTaintsAreAvoided) {
  SchedulerWorld world(2);
  world.taint(0, {"slow", "", "PreferNoSchedule"});
  EXPECT_EQ(world.node_of(world.create("web-0", 100)), "n2");
}

// -----------------------------------------------------------------------------------------------------------
// Node affinity and ports

TEST(SchedulerNodeAffinity, OperatorsReadTheLabels) {
  SchedulerWorld world(0);
  world.add_node("small", 4000, kNodeMemory, {{"cores", "4"}});
  world.add_node("large", 4000, kNodeMemory, {{"cores", "64"}, {"gpu", "yes"}});
  const auto placed = [&](SelectorRequirement requirement) {
    PodTemplate pod_template = of_app("web");
    pod_template.node_affinity = {{{std::move(requirement)}, {}}};
    return world.node_of(world.create(fmt::format("p{}", world.cluster.pods.extent()), pod_template));
  };
  EXPECT_EQ(placed({"cores", SelectorOperator::Gt, {"8"}}), "large");
  EXPECT_EQ(placed({"cores", SelectorOperator::Lt, {"8"}}), "small");
  EXPECT_EQ(placed({"cores", SelectorOperator::NotIn, {"4"}}), "large");
  EXPECT_EQ(placed({"gpu", SelectorOperator::Exists, {}}), "large");
  EXPECT_EQ(placed({"gpu", SelectorOperator::DoesNotExist, {}}), "small");
  EXPECT_EQ(placed({"cores", SelectorOperator::In, {"1", "2"}}), "");
}

TEST(SchedulerRow, Row24_ADaemonSetPodIsNarrowedToItsNode) {
  SchedulerWorld world(5);
  world.occupy(0, 4000);
  PodTemplate pod_template = of_app("agent", 1000);
  pod_template.node_affinity = {{{}, {{"metadata.name", SelectorOperator::In, {"n1"}}}}};
  const Row pod = world.create("agent-x", pod_template);
  EXPECT_EQ(
      world.message_of(pod),
      "0/5 nodes are available: 1 Insufficient cpu, 4 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
      "preemption: 0/5 nodes are available: 1 No preemption victims found for incoming pod, 4 Preemption "
      "is not helpful for scheduling.");
}

TEST(SchedulerRow, Row24_ThePinOfAPodCountsAsItsAffinity) {
  SchedulerWorld world(5);
  world.occupy(0, 4000);
  Pod pod;
  pod.meta.name = world.text("agent-x");
  pod.meta.name_space = world.text("default");
  pod.pod_template = world.cluster.add_template(of_app("agent", 1000));
  pod.pinned_node = world.text("n1");
  Turn turn = world.turn();
  const Row row = create_pod(turn, pod, {Writer::DaemonSetController}).row;
  world.settle();
  EXPECT_EQ(world.reasons_of(row), "1 Insufficient cpu, 4 node(s) didn't satisfy plugin(s) [NodeAffinity]");
}

TEST(SchedulerRow, Row25_ADaemonSetPodGoesToANodeThatJoinedCordoned) {
  SchedulerWorld world(1);
  world.cordon(0);
  PodTemplate pod_template = of_app("agent", 100);
  pod_template.tolerations = {{"node.kubernetes.io/unschedulable", "", "NoSchedule", true, -1}};
  Pod pod;
  pod.meta.name = world.text("agent-x");
  pod.meta.name_space = world.text("default");
  pod.pod_template = world.cluster.add_template(pod_template);
  pod.pinned_node = world.text("n1");
  Turn turn = world.turn();
  const Row row = create_pod(turn, pod, {Writer::DaemonSetController}).row;
  world.settle();
  EXPECT_EQ(world.node_of(row), "n1");
}

TEST(SchedulerNodeAffinity, TermsThatNameDifferentNodesMeetNowhere) {
  SchedulerWorld world(2);
  PodTemplate pod_template = of_app("web");
  pod_template.node_affinity = {
      {{},
       {{"metadata.name", SelectorOperator::In, {"n1"}}, {"metadata.name", SelectorOperator::In, {"n2"}}}}};
  EXPECT_EQ(world.reasons_of(world.create("web", pod_template)), "pod affinity terms conflict");
}

TEST(SchedulerPorts, AHostPortIsGivenOncePerNode) {
  SchedulerWorld world(2);
  PodTemplate pod_template = of_app("proxy");
  pod_template.host_ports = {{80, "TCP", ""}};
  world.create("proxy-0", pod_template);
  const Row second = world.create("proxy-1", pod_template);
  const Row third = world.create("proxy-2", pod_template);
  EXPECT_EQ(world.reasons_of(third), "2 node(s) didn't have free ports for the requested pod ports");
  pod_template.host_ports = {{80, "UDP", ""}};
  EXPECT_NE(world.node_of(world.create("dns", pod_template)), "");
  world.remove_now(second);
  world.run_for(1s);
  EXPECT_NE(world.node_of(third), "");
}

TEST(SchedulerPorts, AnAddressClashesWithItselfAndWithAllOfThem) {
  SchedulerWorld world(1);
  const auto placed = [&](const char* name, const char* address) {
    PodTemplate pod_template = of_app(name);
    pod_template.host_ports = {{80, "TCP", address}};
    const Row row = world.create(name, pod_template);
    const bool there = !world.node_of(row).empty();
    if (!there) {
      world.remove_now(row);
    }
    return there;
  };
  EXPECT_TRUE(placed("first", "10.0.0.1"));
  EXPECT_FALSE(placed("same", "10.0.0.1"));
  EXPECT_FALSE(placed("all", ""));
  EXPECT_FALSE(placed("every", "0.0.0.0"));
  EXPECT_TRUE(placed("other", "10.0.0.2"));
  SchedulerWorld taken(1);
  PodTemplate of_all = of_app("all");
  of_all.host_ports = {{80, "TCP", "0.0.0.0"}};
  taken.create("all", of_all);
  of_all.host_ports = {{80, "TCP", "10.0.0.1"}};
  EXPECT_EQ(taken.reasons_of(taken.create("one", of_all)),
            "1 node(s) didn't have free ports for the requested pod ports");
}

TEST(SchedulerTies, TheAdversePolicyCrowdsSiblings) {
  SchedulerWorld world(4);
  auto settings = std::make_shared<Settings>(*world.cluster.settings);
  settings->adverse_ties = true;
  world.cluster.settings = std::move(settings);
  PodTemplate pod_template = of_app("web", 0);
  pod_template.containers[0].memory_bytes = 0;
  // Sums differ only by what the score assumes, which truncation hides on a large node.
  std::set<std::string> nodes;
  for (const char* name : {"big-1", "big-2"}) {
    world.add_node(name, 4'000'000, 8000 * kGibibyte);
  }
  world.settle();
  for (int i = 0; i < 4; ++i) {
    nodes.insert(world.node_of(world.create(fmt::format("web-{}", i), pod_template)));
  }
  EXPECT_EQ(nodes.size(), 1U);
}

}  // namespace
}  // namespace models::kubernetes
