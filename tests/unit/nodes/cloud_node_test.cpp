// Cases of upstream's cloud-provider controllers/nodelifecycle/node_lifecycle_controller_test.go.

#include <gtest/gtest.h>

#include <ostream>

#include "models/kubernetes/cloud_node_lifecycle.h"
#include "tests/unit/nodes/node_world.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

struct CloudCase {
  const char* name;
  CloudServer server;
  bool off;
  bool stays;
  bool tainted;
  friend std::ostream& operator<<(std::ostream& os, const CloudCase& c) { return os << c.name; }
};

const CloudCase kCases[] = {
    {"a_server_that_does_not_exist_loses_its_node", CloudServer::Gone, true, false, false},
    {"not_while_the_node_is_ready", CloudServer::Gone, false, true, false},
    {"a_stopped_server_is_tainted", CloudServer::Shutoff, true, true, true},
    {"not_while_the_node_is_ready_either", CloudServer::Shutoff, false, true, false},
    {"a_shelved_server_is_neither", CloudServer::Shelved, true, true, false},
    {"an_active_server_whose_kubelet_is_silent_is_neither", CloudServer::Active, true, true, false},
};

class CloudNodes : public testing::TestWithParam<CloudCase> {};

TEST_P(CloudNodes, FollowFromTheServerAndReadiness) {
  const CloudCase& c = GetParam();
  NodeWorld world;
  Turn turn = world.turn();
  node_power::set_cloud_server(turn, world.node, c.server, {Writer::User});
  if (c.off) {
    world.strike(FaultKind::NodeDies, world.node);
  }
  world.run_until(144s);
  EXPECT_TRUE(world.cluster.nodes.exists(world.node)) << "it is still Ready";
  EXPECT_EQ(world.taints().find("shutdown"), std::string::npos);
  world.run_until(151s);
  EXPECT_EQ(world.cluster.nodes.exists(world.node), c.stays);
  EXPECT_EQ(c.stays && world.taints().find("shutdown:NoSchedule") != std::string::npos, c.tainted);
}

INSTANTIATE_TEST_SUITE_P(CloudNodeLifecycle, CloudNodes, testing::ValuesIn(kCases), name_of_case<CloudCase>);

TEST(CloudNodeLifecycle, LooksEveryFiveSeconds) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(201s);
  Turn turn = world.turn();
  node_power::set_cloud_server(turn, world.node, CloudServer::Gone, {Writer::User});
  world.run_until(204s);
  EXPECT_TRUE(world.cluster.nodes.exists(world.node));
  world.run_until(205002ms);
  EXPECT_FALSE(world.cluster.nodes.exists(world.node));
}

// Source: MonitorNodes: a Node that could not be deleted is met again in the next pass.
TEST(CloudNodeLifecycle, AFailedDeletionIsRepeated) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(201s);
  Turn turn = world.turn();
  fail_writes(turn, Kind::Node, Verb::Delete, 1);
  node_power::set_cloud_server(turn, world.node, CloudServer::Gone, {Writer::User});
  world.run_until(206s);
  EXPECT_TRUE(world.cluster.nodes.exists(world.node));
  world.run_until(211s);
  EXPECT_FALSE(world.cluster.nodes.exists(world.node));
}

TEST(CloudNodeLifecycle, TheTaintGoesWhenTheNodeIsReadyAgain) {
  NodeWorld world;
  Turn turn = world.turn();
  node_power::set_cloud_server(turn, world.node, CloudServer::Shutoff, {Writer::User});
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(200s);
  ASSERT_NE(world.taints().find("shutdown"), std::string::npos);
  Turn later = world.turn();
  node_power::set_cloud_server(later, world.node, CloudServer::Active, {Writer::User});
  world.strike(FaultKind::NodeReturns, world.node);
  world.run_until(206s);
  EXPECT_EQ(world.taints(), "");
  EXPECT_TRUE(world.cluster.cloud_nodes.nodes.empty());
  world.run_until(1h);
  EXPECT_TRUE(world.agenda.events.empty());
}

}  // namespace
}  // namespace models::kubernetes
