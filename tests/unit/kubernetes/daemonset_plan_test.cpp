// What one sync of a DaemonSet does to the pods of each node. Source: pkg/controller/daemon
// daemon_controller.go podsShouldBeOnNode, update.go rollingUpdate and findUpdatedPodsOnNode;
// daemon_controller_test.go and update_test.go have the like.

#include "models/kubernetes/daemonset_plan.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/kubernetes/daemonset_rules.h"
#include "tests/unit/kubernetes/workload_fixture.h"

namespace models::kubernetes::testing_support {
namespace {

constexpr Text kNew = 7;
constexpr Text kOld = 6;

/// A DaemonSet and its pods, written by node. Before a colon: `!` a node that should run none and may keep
/// what it has, `#` one that must not. Then a letter a pod, oldest first: N and n are new, O and o old
/// (capital ones available), R is new and Ready for 5 s, F has failed, S has succeeded, D is being deleted, E
/// has failed and is being deleted.
struct Daemons : TestCluster {
  DaemonSet set;
  std::vector<Row> pods;

  explicit Daemons(const std::vector<std::string>& nodes) {
    run_until(100s);
    set.meta.uid = 1;
    set.spec.pod_template = add_template("agent", "agent:A");
    for (const std::string& text : nodes) {
      const Row node = add_node(fmt::format("n{}", cluster.nodes.extent()));
      const std::size_t colon = text.find(':');
      const std::string kind = colon == std::string::npos ? "" : text.substr(0, colon);
      if (!kind.empty()) {
        cluster.nodes[node].taint_set =
            cluster.add_taint_set({{"key", "", kind == "!" ? "NoSchedule" : "NoExecute"}});
      }
      for (const char letter : text.substr(colon == std::string::npos ? 0 : colon + 1)) {
        add(node, letter);
      }
    }
  }

  void add(Row node, char letter) {
    Pod pod;
    pod.meta.name = text(fmt::format("{}{}", letter, pods.size()));
    pod.meta.name_space = text("default");
    pod.pod_template = set.spec.pod_template;
    pod.node = node;
    Turn current = turn();
    const Row row = create_pod(current, std::move(pod), {Writer::DaemonSetController}).row;
    Pod& made = cluster.pods[row];
    made.revision = letter == 'O' || letter == 'o' ? kOld : kNew;
    made.ready = letter == 'N' || letter == 'O' || letter == 'R';
    made.ready_changed = letter == 'R' ? now() - 5s : now() - 50s;
    made.phase = letter == 'F' || letter == 'E' ? PodPhase::Failed
                 : letter == 'S'                ? PodPhase::Succeeded
                                                : PodPhase::Running;
    if (letter == 'D' || letter == 'E') {
      made.meta.deletion_timestamp = now() + 30s;
    }
    pods.push_back(row);
  }

  [[nodiscard]] View view() const { return {cluster, ~Version{0}}; }

  [[nodiscard]] std::string told(const daemonsets::PodsPlan& plan) const {
    std::string text;
    const auto tell = [&](const char* what, const std::vector<Row>& rows, bool nodes_they_are) {
      text += rows.empty() ? "" : what;
      for (const Row row : rows) {
        text += " " + cluster.name_of(nodes_they_are ? cluster.nodes[row].meta : cluster.pods[row].meta);
      }
      text += rows.empty() ? "" : "; ";
    };
    tell("create", plan.create_on, true);
    tell("remove", plan.remove, false);
    if (plan.most_candidates > 0) {
      tell(fmt::format("{} of", plan.most_candidates).c_str(), plan.candidates, plan.surges);
    }
    return text + (plan.look_again > sim::Duration::zero() ? "look again; " : "");
  }
};

struct PlanCase {
  const char* name;
  std::vector<std::string> nodes;
  std::string told;
  std::int32_t surge = 0;
  std::int32_t unavailable = 1;
  friend std::ostream& operator<<(std::ostream& os, const PlanCase& c) { return os << c.name; }
};

const PlanCase kManaged[] = {
    {"one_on_each_node", {"", "N", "n"}, "create n0; "},
    {"none_on_nodes_that_should_run_none", {"!:", "#:"}, ""},
    {"what_may_stay_stays", {"!:N"}, ""},
    {"what_must_not_goes", {"#:ND"}, "remove N0; "},
    {"the_oldest_of_two_stays", {"NN"}, "remove N1; "},
    {"one_that_is_being_deleted_counts_as_there", {"D"}, ""},
    {"one_that_has_ended_and_is_being_deleted_does_not", {"E"}, "create n0; "},
    {"one_that_succeeded_is_deleted", {"S"}, "remove S0; "},
    {"one_that_failed_is_deleted", {"F"}, "remove F0; "},
    {"of_two_that_failed_one_waits", {"FF"}, "remove F0; look again; "},
    {"each_node_has_a_backoff_of_its_own", {"F", "F"}, "remove F0 F1; "},
    {"surge_replaces_one_that_is_being_deleted", {"D"}, "create n0; ", 1},
    {"surge_keeps_old_and_new", {"On"}, "", 1},
    {"surge_drops_the_old_one_once_the_new_one_is_available", {"ON"}, "remove O0; ", 1},
    {"surge_drops_an_old_one_that_is_not_ready", {"on"}, "remove o0; ", 1},
    {"surge_keeps_one_of_each", {"OOn"}, "remove O1; ", 1},
};
class Managed : public testing::TestWithParam<PlanCase> {};

TEST_P(Managed, CreatesAndDeletes) {
  Daemons daemons(GetParam().nodes);
  daemons.set.spec.max_surge = {GetParam().surge, false};
  std::vector<FailedPodsBackoff> backoffs;
  const daemonsets::PodsPlan plan =
      daemonsets::manage(daemons.view(), daemons.set, kNew, daemons.pods, backoffs, daemons.now());
  EXPECT_EQ(daemons.told(plan), GetParam().told);
}
INSTANTIATE_TEST_SUITE_P(DaemonSetPlan, Managed, testing::ValuesIn(kManaged),
                         [](const auto& row) { return std::string(row.param.name); });

const PlanCase kRolled[] = {
    {"as_many_as_may_be_unavailable", {"O", "O", "O"}, "1 of O0 O1 O2; "},
    {"two_of_them", {"O", "O", "N"}, "2 of O0 O1; ", 0, 2},
    {"a_new_one_that_is_not_available_counts", {"n", "O"}, ""},
    {"and_is_counted_off", {"n", "O", "O"}, "1 of O1 O2; ", 0, 2},
    {"old_ones_that_are_not_available_go_at_once", {"o", "o", "O"}, "remove o0 o1; "},
    {"one_that_is_being_deleted_counts", {"D", "O"}, ""},
    {"two_of_one_template_count", {"OO", "O"}, ""},
    {"nodes_without_a_pod_do_not", {"", "O"}, "1 of O0; "},
    {"surge_creates_beside_the_old_ones", {"O", "O"}, "1 of n0 n1; ", 1, 0},
    {"surge_counts_new_ones_that_are_not_available", {"On", "O"}, "", 1, 0},
    {"surge_of_two", {"On", "O", "O"}, "1 of n1 n2; ", 2, 0},
    {"surge_deletes_the_old_one_beside_an_available_one", {"ON", "O"}, "remove O0; 1 of n1; ", 1, 0},
    {"surge_creates_at_once_beside_one_that_is_not_available", {"o", "O"}, "create n0; 1 of n1; ", 1, 0},
    {"surge_deletes_what_is_not_available_elsewhere", {"!:o", "O"}, "remove o0; 1 of n1; ", 1, 0},
    {"surge_deletes_elsewhere_what_is_more_than_wanted", {"!:O", "N"}, "remove O0; ", 1, 0},
    {"surge_keeps_elsewhere_what_is_needed", {"!:O", "n"}, "", 1, 0},
};
class Rolled : public testing::TestWithParam<PlanCase> {};

TEST_P(Rolled, TakesTheNextStep) {
  Daemons daemons(GetParam().nodes);
  daemons.set.spec.max_surge = {GetParam().surge, false};
  daemons.set.spec.max_unavailable = {GetParam().unavailable, false};
  const daemonsets::PodsPlan plan =
      daemonsets::roll(daemons.view(), daemons.set, kNew, daemons.pods, daemons.now());
  EXPECT_EQ(daemons.told(plan), GetParam().told);
}
INSTANTIATE_TEST_SUITE_P(DaemonSetPlan, Rolled, testing::ValuesIn(kRolled),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(DaemonSetPlan, APodForANodeThatIsGoneIsDeleted) {
  Daemons daemons({"N"});
  daemons.cluster.pods[daemons.pods[0]].node = kNoRow;
  std::vector<FailedPodsBackoff> backoffs;
  const daemonsets::PodsPlan plan =
      daemonsets::manage(daemons.view(), daemons.set, kNew, daemons.pods, backoffs, daemons.now());
  EXPECT_EQ(daemons.told(plan), "create n0; remove N0; ");
}

// Source: daemon_controller.go updateDaemonSetStatus.
TEST(DaemonSetPlan, CountsByNode) {
  Daemons daemons({"N", "R", "n", "O", "", "!:N", "!:", "#:N"});
  daemons.set.spec.min_ready_seconds = 10;
  const DaemonSetStatus status =
      daemonsets::count(daemons.view(), daemons.set, kNew, daemons.pods, daemons.now());
  EXPECT_EQ(status.desired, 5);
  EXPECT_EQ(status.current, 4);
  EXPECT_EQ(status.ready, 3);
  EXPECT_EQ(status.available, 2) << "one has not been Ready for long enough";
  EXPECT_EQ(status.unavailable, 3);
  EXPECT_EQ(status.updated, 3);
  EXPECT_EQ(status.misscheduled, 2);
}

}  // namespace
}  // namespace models::kubernetes::testing_support
