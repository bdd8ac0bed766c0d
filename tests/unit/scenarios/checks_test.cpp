// Every check and every built-in invariant that `rehearse explain` lists says what it judges and where its
// rule is from, and there is a way to violate it: a scenario of the library, or, for what no right model of a
// controller does, a history made by hand that the check is shown.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>

#include "scenarios/checks/check.h"
#include "scenarios/language/load.h"
#include "scenarios/run.h"
#include "tests/unit/kubernetes/cluster_fixture.h"

namespace scenarios::checks {
namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Writer;
using kubernetes::testing_support::TestCluster;

/// A cluster in which nobody acts but the test, and an invariant that watches it.
class Watched : public TestCluster {
 public:
  explicit Watched(const std::string& invariant) {
    language::Diagnostics diagnostics;
    for (const CompiledCheck& one : compile({}, plan_, diagnostics, true)) {
      check_ = one.name == invariant ? one.check : check_;
    }
    pod_template_ = add_template("web");
  }

  /// What the check says after all that has happened so far.
  sim::Verdict judge() {
    const std::vector<std::uint16_t> fields = check_->fields();
    const Observed observed{cluster, flux_, plan_, plan_state_, history, now()};
    for (; shown_ < history.next_id(); ++shown_) {
      if (fields.empty() ||
          std::find(fields.begin(), fields.end(), history.at(shown_).field) != fields.end()) {
        check_->on_transition(state_, observed, shown_);
      }
    }
    return state_.verdict;
  }
  [[nodiscard]] const std::string& summary() const { return state_.summary; }

  kubernetes::Row add_set(std::int32_t replicas) {
    kubernetes::StatefulSetSpec spec;
    spec.replicas = replicas;
    spec.pod_template = pod_template_;
    return add_statefulset("web", spec);
  }
  kubernetes::Row add_job_with_limit_per_index() {
    kubernetes::JobSpec spec;
    spec.indexed = true;
    spec.completions = 4;
    spec.parallelism = 4;
    spec.backoff_limit_per_index = 0;
    spec.pod_template = pod_template_;
    return add_job("work", spec);
  }
  kubernetes::Row add_pod_of(kubernetes::Kind kind, kubernetes::Row owner, const kubernetes::Meta& meta,
                             std::int32_t index) {
    kubernetes::Pod pod;
    pod.meta.name_space = meta.name_space;
    pod.base_name = meta.name;
    pod.index = index;
    pod.suffix = kind == kubernetes::Kind::Job ? ++suffixes_ : 0;
    pod.owner = {kind, owner, meta.uid};
    pod.pod_template = pod_template_;
    kubernetes::Turn current = turn();
    const Writer writer =
        kind == kubernetes::Kind::Job ? Writer::JobController : Writer::StatefulSetController;
    return create_pod(current, std::move(pod), {writer}).row;
  }
  void set_status(kubernetes::Row job, const kubernetes::JobStatus& status) {
    kubernetes::Turn current = turn();
    kubernetes::update<kubernetes::Job>(current, job, {Writer::JobController}, kubernetes::Verb::UpdateStatus,
                                        [&](kubernetes::Job& object) { object.status = status; });
  }

 private:
  plan::CompiledPlan plan_;
  plan::PlanState plan_state_;
  models::flux::State flux_;
  std::shared_ptr<const Check> check_;
  State state_;
  sim::TransitionId shown_ = 0;
  kubernetes::TemplateId pod_template_ = 0;
  std::uint32_t suffixes_ = 0;
};

void a_pod_leaves_while_a_higher_one_stays() {
  Watched world("statefulset-removes-only-the-highest");
  const kubernetes::Row set = world.add_set(1);
  std::vector<kubernetes::Row> pods;
  for (std::int32_t ordinal = 0; ordinal < 4; ++ordinal) {
    pods.push_back(
        world.add_pod_of(kubernetes::Kind::StatefulSet, set, world.cluster.statefulsets[set].meta, ordinal));
    world.bind(pods.back(), world.add_node("node-" + std::to_string(ordinal)));
  }
  EXPECT_EQ(world.judge(), sim::Verdict::NotApplicable);
  kubernetes::Turn turn = world.turn();
  ASSERT_TRUE(delete_pod(turn, pods[3], {Writer::StatefulSetController}).ok());
  EXPECT_EQ(world.judge(), sim::Verdict::Held) << world.summary();
  ASSERT_TRUE(delete_pod(turn, pods[1], {Writer::StatefulSetController}).ok());
  EXPECT_EQ(world.judge(), sim::Verdict::Violated);
  EXPECT_EQ(world.summary(), "web-1 was removed while web-2 was still there");
}

kubernetes::JobStatus with_failed_index_2() {
  kubernetes::JobStatus status;
  status.failed_indexes.insert(2);
  return status;
}

void an_index_that_failed_for_good_gets_a_pod() {
  Watched world("failed-index-stays-dead");
  const kubernetes::Row job = world.add_job_with_limit_per_index();
  world.set_status(job, with_failed_index_2());
  world.add_pod_of(kubernetes::Kind::Job, job, world.cluster.jobs[job].meta, 1);
  EXPECT_EQ(world.judge(), sim::Verdict::Held) << world.summary();
  world.add_pod_of(kubernetes::Kind::Job, job, world.cluster.jobs[job].meta, 2);
  EXPECT_EQ(world.judge(), sim::Verdict::Violated);
  EXPECT_EQ(world.summary(), "index 2 of job work had failed for good, and got a pod again");
}

void the_count_of_failures_falls() {
  Watched world("job-failures-never-fall");
  const kubernetes::Row job = world.add_job_with_limit_per_index();
  kubernetes::JobStatus status;
  status.failed = 3;
  world.set_status(job, status);
  EXPECT_EQ(world.judge(), sim::Verdict::Held) << world.summary();
  status.failed = 2;
  world.set_status(job, status);
  EXPECT_EQ(world.judge(), sim::Verdict::Violated);
  EXPECT_EQ(world.summary(), "status.failed fell from 3 to 2");
}

/// How a check is shown to be violated: by a scenario below scenarios/library, or by a history.
struct WayToViolate {
  const char* check;
  const char* scenario = nullptr;
  void (*history)() = nullptr;
  friend std::ostream& operator<<(std::ostream& os, const WayToViolate& way) { return os << way.check; }
};

const WayToViolate kWays[] = {
    {"declared-size-is-actual-size", "flux/downsize.yaml"},
    {"reverse-ordinal-order", "statefulset/deleting_the_lowest_pod_breaks_the_order.yaml"},
    {"one-at-a-time", "statefulset/parallel_pods_leave_together.yaml"},
    {"never-fewer-ready-than", "flux/wrong_the_resize_is_repeated.yaml"},
    {"eventually", "statefulset/checks_of_moments_tell_held_from_violated.yaml"},
    {"always", "statefulset/checks_of_moments_tell_held_from_violated.yaml"},
    {"by", "statefulset/by_is_judged_at_its_own_time.yaml"},
    {"no-running-work-lost", "nodes/a_drain_begins_the_work_of_a_job_anew.yaml"},
    {"no-pod-stranded", "nodes/a_statefulset_pod_on_a_lost_node_is_stranded.yaml"},
    {"no-pod-waits-for-a-held-volume", "nodes/a_volume_of_a_lost_node_is_detached_after_six_minutes.yaml"},
    {"evictions-go-on", "nodes/row24_seven_of_eleven_nodes_off_stop_all_evictions.yaml"},
    {"no-uncordon-before-ready", "nodes/an_uncordon_before_ready_is_found.yaml"},
    {"no-unschedulable-pods", "jetstream/too_little_room_is_left_for_the_pods.yaml"},
    {"then", "flux/wrong_drained_and_scaled_without_a_deletion.yaml"},
    {"no-shelve-before-drained", "jetstream/shelving_before_draining_kills_pods.yaml"},
    {"no-volume-stuck-attached", "jetstream/a_data_volume_stays_with_its_shelved_server.yaml"},
    {"costs-at-most", "jetstream/a_month_of_idle_servers.yaml"},
    {"plan-takes-at-most", "jetstream/from_one_node_to_ten_by_hard_scaling.yaml"},
    {"no-data-lost", "iomesh/a_stale_values_file.yaml"},
    {"redundancy-not-reduced", "iomesh/a_chunk_dies_during_an_unregister.yaml"},
    {"one-chunk-at-a-time", "iomesh/two_chunks_at_once.yaml"},
    {"chunk-order-and-id", "iomesh/lowest_ordinal_first.yaml"},
    {"unregister-before-shrinking", "iomesh/draft_scale_down_as_it_is_typed.yaml"},
    {"unregister-finishes", "iomesh/unregister_without_room.yaml"},
    {"iomesh-limits", "iomesh/four_meta_servers.yaml"},
    {"meta-quorum-kept", "iomesh/meta_quorum_lost.yaml"},
    {"storage-use-under", "iomesh/thick_volumes.yaml"},
    {"io-stalls-at-most", "iomesh/clients_wait_longer_than_they_can.yaml"},
    {"no-restart-during-migration", "iomesh/an_upgrade_during_an_unregister.yaml"},
    {"plan-is-performed", "nodes/a_step_that_fails_keeps_the_others_back.yaml"},
    {"stalls", "iomesh/a_broken_chunk_pod_freezes_growing.yaml"},
    {"at-most-one-pod-per-ordinal", "statefulset/a_forced_delete_of_a_stopped_node_breaks_at_most_one.yaml"},
    {"no-completed-work-lost", "job/an_elastic_resize_loses_completed_work.yaml"},
    {"disruption-budgets-respected", "nodes/deletions_ask_no_budget.yaml"},
    // What only a model that errs would do.
    {"statefulset-removes-only-the-highest", nullptr, a_pod_leaves_while_a_higher_one_stays},
    {"failed-index-stays-dead", nullptr, an_index_that_failed_for_good_gets_a_pod},
    {"job-failures-never-fall", nullptr, the_count_of_failures_falls},
};

TEST(Checks, EachIsExplainedAndHasOneWayToViolateIt) {
  std::set<std::string> names;
  for (const Explanation& explained : registry()) {
    EXPECT_TRUE(names.insert(explained.name).second) << explained.name << " is there twice";
    EXPECT_GT(explained.sentence.size(), 10U) << explained.name;
    EXPECT_GT(explained.explanation.size(), 60U) << explained.name;
    EXPECT_FALSE(explained.source.empty()) << explained.name;
    EXPECT_EQ(std::count_if(std::begin(kWays), std::end(kWays),
                            [&](const WayToViolate& way) { return way.check == explained.name; }),
              1)
        << "name a scenario or a history that violates " << explained.name;
  }
  for (const WayToViolate& way : kWays) {
    EXPECT_TRUE(names.contains(way.check)) << "there is no check " << way.check;
    EXPECT_NE(way.scenario == nullptr, way.history == nullptr) << way.check;
  }
}

bool asks_for(const language::Scenario& scenario, const std::string& check) {
  return std::any_of(scenario.checks.begin(), scenario.checks.end(),
                     [&](const language::CheckUse& use) { return use.name.value == check; }) ||
         (check == "then" && std::any_of(scenario.plan.begin(), scenario.plan.end(),
                                         [](const language::Step& step) { return step.then.given(); }));
}

bool expects_to_hold(const language::Scenario& scenario, const std::string& check) {
  return std::any_of(scenario.expect.holds.begin(), scenario.expect.holds.end(),
                     [&](const language::Text& held) { return held.value == "all" || held.value == check; });
}

/// A check that cries wolf is caught by a scenario in which it holds.
TEST(Checks, EachThatIsAskedForHoldsInSomeScenario) {
  std::set<std::string> wanted;
  for (const Explanation& explained : registry()) {
    if (!explained.invariant) {
      wanted.insert(explained.name);
    }
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator("scenarios/library")) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".yaml") || path.ends_with(".manifest.yaml")) {
      continue;
    }
    const language::LoadResult loaded = language::load_scenario(path);
    ASSERT_TRUE(loaded.scenario) << path;
    std::erase_if(wanted, [&](const std::string& check) {
      return asks_for(*loaded.scenario, check) && expects_to_hold(*loaded.scenario, check);
    });
  }
  for (const std::string& check : wanted) {
    ADD_FAILURE() << "no scenario expects " << check << " to hold";
  }
}

TEST(Checks, AnIndexOutOfRangeIsForgottenAndMayComeBack) {
  Watched world("failed-index-stays-dead");
  const kubernetes::Row job = world.add_job_with_limit_per_index();
  world.set_status(job, with_failed_index_2());
  world.set_status(job, {});
  world.add_pod_of(kubernetes::Kind::Job, job, world.cluster.jobs[job].meta, 2);
  EXPECT_EQ(world.judge(), sim::Verdict::Held) << world.summary();
}

/// The verdict of evictions-go-on where so many of four workers are on the shelf from the start.
sim::Verdict begun_with_shelved(int shelved) {
  const std::string text =
      "apiVersion: rehearsal/v1\nscenario: a test\nuntil: 1m\ncluster:\n"
      "  nodes: {\"worker-[1-4]\": {cpu: 4, memory: 8Gi}}\n"
      "  openstack:\n    flavors: {small: {vcpus: 4, ramGB: 8}}\n    hosts: {host: {vcpus: 16, ramGB: 32}}\n"
      "    servers: {\"worker-[1-" +
      std::to_string(shelved) +
      "]\": {flavor: small, status: SHELVED_OFFLOADED}}\n"
      "plan: [{step: wait, wait: 1s}]\nchecks: [evictions-go-on]\n";
  language::Diagnostics diagnostics;
  const std::optional<Rehearsal> rehearsal = load({"a.yaml", text, {}, {}}, diagnostics);
  EXPECT_TRUE(rehearsal) << language::render(diagnostics.sorted());
  sim::NominalChoices choices;
  const sim::ResultRecord record = perform(*rehearsal, choices, 0);
  return std::find_if(record.findings.begin(), record.findings.end(),
                      [](const sim::Finding& finding) { return finding.check == "evictions-go-on"; })
      ->verdict;
}

TEST(Checks, EvictionsMayStandStillFromTheStart) {
  EXPECT_EQ(begun_with_shelved(2), sim::Verdict::Held);
  EXPECT_EQ(begun_with_shelved(3), sim::Verdict::Violated);
}

class CheckViolated : public testing::TestWithParam<WayToViolate> {};

TEST_P(CheckViolated, ByItsScenarioOrHistory) {
  if (GetParam().history != nullptr) {
    GetParam().history();
    return;
  }
  const std::string file = std::string("scenarios/library/") + GetParam().scenario;
  language::Diagnostics diagnostics;
  const std::optional<Rehearsal> rehearsal = load({file, {}, {}, {}}, diagnostics);
  ASSERT_TRUE(rehearsal) << language::render(diagnostics.sorted());
  const std::vector<language::Text>& violates = rehearsal->scenario.expect.violates;
  EXPECT_TRUE(std::any_of(violates.begin(), violates.end(),
                          [](const language::Text& check) { return check.value == GetParam().check; }))
      << file << " does not expect it";
  const auto seed = static_cast<std::uint64_t>(rehearsal->scenario.seed.value);
  sim::SeededChoices choices(seed);
  const sim::ResultRecord record = perform(*rehearsal, choices, seed);
  EXPECT_TRUE(record.as_expected);
  const auto found =
      std::find_if(record.findings.begin(), record.findings.end(), [](const sim::Finding& finding) {
        return finding.check == GetParam().check && finding.verdict == sim::Verdict::Violated;
      });
  ASSERT_NE(found, record.findings.end());
  EXPECT_FALSE(found->summary.empty());
}

INSTANTIATE_TEST_SUITE_P(All, CheckViolated, testing::ValuesIn(kWays), [](const auto& way) {
  std::string name = way.param.check;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace scenarios::checks
