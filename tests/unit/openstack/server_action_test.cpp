// The action API as bodies and microversions have it: the rows of the case table that are about them.

#include "scenarios/targets/openstack/server_action.h"

#include <gtest/gtest.h>

#include <ostream>

#include "tests/unit/openstack/openstack_fixture.h"

namespace scenarios::targets {
namespace {

using models::openstack::Answer;
using models::openstack::Request;
using models::openstack::Turn;
using nlohmann::ordered_json;
using namespace std::chrono_literals;

class ServerAction : public models::openstack::testing_support::CloudTest {
 protected:
  ServerAction() { start(); }
  Answer post(const ordered_json& body, int minor) {
    Turn now = turn();
    return post_action(now, kMember, server().id, body, minor);
  }
  void shelve() {
    ask(Request::shelve);
    run_until(world.agenda.now + 200s);
    ASSERT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
  }
};

struct WrongBody {
  const char* name;
  int minor;
  int code;
  friend std::ostream& operator<<(std::ostream& os, const WrongBody& row) { return os << row.name; }
};
class OS19_wrong_body : public ServerAction, public testing::WithParamInterface<WrongBody> {};

TEST_P(OS19_wrong_body, IsJudgedByItsMicroversion) {
  shelve();
  const Answer answer = post({{"unshelve", ordered_json::object()}}, GetParam().minor);
  EXPECT_EQ(answer.code, GetParam().code);
  if (GetParam().code == 400) {
    EXPECT_EQ(models::openstack::error_key(answer.code), "badRequest");
    EXPECT_EQ(answer.message,
              "Invalid input for field/attribute unshelve. Value: {}. 'availability_zone' is a required "
              "property");
    EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
  } else {
    EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/unshelving");
  }
}

const WrongBody kWrongBodies[] = {
    {"at_2_1", 1, 202},   {"at_2_76", 76, 202}, {"at_2_77", 77, 400},
    {"at_2_90", 90, 400}, {"at_2_91", 91, 202}, {"at_2_93", 93, 202},
};
INSTANTIATE_TEST_SUITE_P(All, OS19_wrong_body, testing::ValuesIn(kWrongBodies),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(ServerAction, NullAsksForNothing) {
  for (const int minor : {1, 77, 91}) {
    shelve();
    EXPECT_EQ(post({{"unshelve", nullptr}}, minor).code, 202) << minor;
    run_until(world.agenda.now + 400s);
    ASSERT_EQ(state_of(), "ACTIVE/active/None") << minor;
  }
}

TEST_F(ServerAction, WhatTheApiDoesNotKnowIsRefused) {
  EXPECT_EQ(post({{"shelf", nullptr}}, 1).code, 400);
  EXPECT_EQ(post({{"shelve", nullptr}}, 94).code, 406);
  Turn now = turn();
  EXPECT_EQ(post_action(now, kMember, "nobody", {{"shelve", nullptr}}, 1).code, 404);
}

TEST_F(ServerAction, AZoneOrAHostIsForOffloadedServersOnly) {
  world.state.hosts[0].shelved_offload_time = sim::Duration{-1};
  ask(Request::shelve);
  run_until(200s);
  ASSERT_EQ(state_of(), "SHELVED/shelved/None");
  const Answer answer = post({{"unshelve", {{"availability_zone", "nova"}}}}, 77);
  EXPECT_EQ(answer.code, 409);
  EXPECT_NE(answer.message.find("The server status must be SHELVED_OFFLOADED."), std::string::npos);
  EXPECT_EQ(state_of(), "SHELVED/shelved/None");
}

}  // namespace
}  // namespace scenarios::targets
