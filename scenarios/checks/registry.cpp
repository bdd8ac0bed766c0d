// All checks that there are: what they judge, where the rule comes from, and how they are made.

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "scenarios/checks/check.h"
#include "scenarios/checks/cloud_checks.h"
#include "scenarios/checks/disruption_checks.h"
#include "scenarios/checks/invariants.h"
#include "scenarios/checks/iomesh_checks.h"
#include "scenarios/checks/node_checks.h"
#include "scenarios/checks/plan_checks.h"
#include "scenarios/checks/volume_checks.h"

namespace scenarios::checks {

namespace {

using language::ParameterDeclaration;
using language::ParameterType;

struct Entry {
  Explanation explanation;
  std::function<std::shared_ptr<const Check>(const language::CheckUse&)> make;
};

constexpr std::string_view kPlanIsPerformed = "plan-is-performed";
const ParameterDeclaration kObject = {"object", ParameterType::text, false, "",
                                      "Name of the StatefulSet, Job or MiniCluster; without it, every one."};
const ParameterDeclaration kCondition = {"condition", ParameterType::condition, true, "",
                                         "What should hold, written as a step's `then`."};

std::vector<Entry> make_entries() {
  std::vector<Entry> entries;
  const auto add = [&](Explanation explanation, auto make) {
    entries.push_back({std::move(explanation), std::move(make)});
  };
  add({"declared-size-is-actual-size",
       "the declared size of a workload is the number of its running pods",
       "Whoever plans by `replicas`, `parallelism` or a MiniCluster's `size` relies on as many pods being "
       "there (of a\n"
       "DaemonSet: on each eligible node). They are not when an index has failed for good, when pods cannot "
       "be scheduled, or when a controller waits. A "
       "difference is\n"
       "normal while pods start and stop; it is a finding once it has lasted for `settle`, or when the "
       "rehearsal ends\n"
       "with it. Its cause is the transition from which on the two differed.",
       "Flux Operator, examples/elasticity/downsize: \"we cannot rely on the MiniCluster size to indicate "
       "actual cluster\n"
       "size\"; kubernetes pkg/controller/job/job_controller.go, manageJob",
       false,
       {kObject, {"settle", ParameterType::duration, false, "2m", "How long a difference may last."}}},
      declared_size_is_actual_size);
  add({"reverse-ordinal-order",
       "pods leave from the highest ordinal down",
       "A StatefulSet and an Indexed Job give up their highest numbers when they shrink. A pod that leaves "
       "while a higher\n"
       "one stays will be missed in the middle: the set makes it anew, the Job may not. Judged at every "
       "request to delete\n"
       "a pod; a StatefulSet that replaces a pod within its range takes none away.",
       "kubernetes pkg/controller/statefulset/stateful_set_control.go, processCondemned; IOMesh, Scale Down "
       "Cluster:\n"
       "\"remove them in reverse creation order\"",
       false,
       {kObject}},
      reverse_ordinal_order);
  add({"one-at-a-time",
       "no second pod of a workload leaves before the first is gone",
       "Storage that re-replicates after each loss, and quorums, survive one member leaving at a time. "
       "Judged at every\n"
       "request to delete a pod.",
       "IOMesh, Scale Down Cluster: \"You can only remove one chunk pod at a time\"",
       false,
       {kObject}},
      one_at_a_time);
  add({"never-fewer-ready-than",
       "once `count` pods were Ready, there are never fewer",
       "Counts pods that are Ready and not being deleted. It begins to judge when `count` is first reached, "
       "and is\n"
       "not_reached if that never happens.",
       "kubernetes pod_types.go, PodReady",
       false,
       {kObject, {"count", ParameterType::integer, true, "", "How many Ready pods there must be."}}},
      never_fewer_ready_than);
  add({"eventually",
       "a condition comes true at some moment",
       "Held from the first moment at which everything stated holds at once; violated if the rehearsal ends "
       "without it.",
       "the scenario's author",
       false,
       {kCondition}},
      eventually);
  add({"always",
       "once a condition is true, it stays true",
       "It begins to judge when the condition first holds, and is not_reached if that never happens.",
       "the scenario's author",
       false,
       {kCondition}},
      always);
  add({"by",
       "a condition comes true by a given time",
       "Violated when the time has passed and the condition has not held at any moment up to then.",
       "the scenario's author",
       false,
       {{"time", ParameterType::duration, true, "", "Time since the scenario's start."}, kCondition}},
      by);
  add({"no-running-work-lost",
       "nobody takes a pod away in the middle of work that nobody goes on with",
       "A drain deletes what runs. A pod of a Job loses what it has worked, for its successor begins anew; a "
       "bare pod is\n"
       "not made again at all. Judged at every request to delete a running pod by a step, a taint or the "
       "scheduler,\n"
       "when its Node was deleted under it, and when its machine goes off or shuts down.\n"
       "Checkpoints and idempotent work are not known here: ask for this check where lost work matters.",
       "kubernetes website, tasks/administer-cluster/safely-drain-node; kubectl pkg/drain/filters.go, "
       "unreplicatedFilter",
       false,
       {{"object", ParameterType::text, false, "", "Name of the Job or pod; without it, every one."}}},
      no_running_work_lost);
  add({"no-pod-stranded",
       "no pod stays Terminating on a node whose kubelet is gone",
       "A pod that is deleted on a node that is off, shelved or cut off stays Terminating: only its kubelet "
       "can "
       "end it. A\n"
       "StatefulSet gets no successor meanwhile, and a drain waits for ever. It ends when the kubelet "
       "returns, by "
       "a deletion\n"
       "with grace period 0, by the out-of-service taint, or when the Node object is deleted. Judged from "
       "the end of "
       "the pod's\n"
       "grace period on; a finding once it has lasted for `settle`, or when the rehearsal ends with it.",
       "kubernetes website, concepts/cluster-administration/node-shutdown, Non-graceful node shutdown; "
       "kubernetes\n"
       "pkg/controller/podgc/gc_controller.go",
       false,
       {{"settle", ParameterType::duration, false, "2m", "How long it may last."}}},
      no_pod_stranded);
  add({"no-pod-waits-for-a-held-volume",
       "no pod waits for long for a volume that another node holds",
       "A volume that one node at a time may have stays attached while a pod there still wants it: for ever "
       "while the pod\n"
       "is Terminating on a node that is gone, and six minutes more once its object is deleted, for nobody "
       "says that it was\n"
       "unmounted. The out-of-service taint ends both at once. Judged for pods that were told of a "
       "Multi-Attach error; a\n"
       "finding once the volume came later than `settle`, or when the rehearsal ends without it. Storage "
       "classes say by\n"
       "their provisioner whether volumes are attached.",
       "kubernetes pkg/controller/volume/attachdetach/reconciler/reconciler.go, reconcile and "
       "attachDesiredVolumes",
       false,
       {{"settle", ParameterType::duration, false, "1m", "How long it may last."}}},
      no_pod_waits_for_a_held_volume);
  add({"evictions-go-on",
       "never so many nodes are not ready that evictions stop for all",
       "Nodes that are shelved or off on purpose count as failed. From 55 % of a zone on, and more than two "
       "nodes, no "
       "node of a\n"
       "zone of up to 50 nodes gets the taint that evicts: the pods of a node that really fails then stay "
       "where "
       "they are, not\n"
       "replaced. The same holds when no node of the cluster is ready. Nodes without labels of region and "
       "zone are one "
       "zone,\n"
       "control plane included; nodes labelled node.kubernetes.io/exclude-disruption do not count. Judged at "
       "the start and\n"
       "whenever a node comes, goes or changes its readiness.",
       "kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go, ComputeZoneState, "
       "ReducedQPSFunc,\n"
       "handleDisruption",
       false,
       {}},
      [](const language::CheckUse&) { return evictions_go_on(); });
  add({"no-uncordon-before-ready",
       "a node is uncordoned only while it is Ready",
       "A node that is uncordoned before its kubelet has posted Ready looks free to the scheduler as soon as "
       "its "
       "taints are\n"
       "gone, and a runbook that goes on to the next node counts on it too early. Judged at every uncordon; "
       "not_reached "
       "without\n"
       "one.",
       "the order of the steps is good practice (assumed); kubernetes "
       "pkg/scheduler/framework/plugins/{nodeunschedulable,tainttoleration}",
       false,
       {}},
      [](const language::CheckUse&) { return no_uncordon_before_ready(); });
  add({"no-unschedulable-pods",
       "every pod finds a node",
       "Too few nodes were left, or the wrong ones: pods wait with condition PodScheduled False, reason "
       "Unschedulable. "
       "Normal\n"
       "while nodes come and go; a finding once it has lasted for `settle`, or when the rehearsal ends with "
       "it.",
       "kubernetes pod_types.go, PodReasonUnschedulable",
       false,
       {{"settle", ParameterType::duration, false, "2m", "How long a pod may wait."}}},
      no_unschedulable_pods);
  add({"then",
       "what a step should leave behind comes true",
       "One for each step with `then`. Violated when the time given by `within` or the step's `timeout` is "
       "over, when a\n"
       "finished command printed or returned something else, or when the rehearsal ends before it is true.",
       "the scenario's author",
       false,
       {}},
      nullptr);
  add({"no-shelve-before-drained",
       "no server goes while pods are on its node",
       "Shelving, stopping or deleting a server ends every container on it without asking anybody: no "
       "budget, "
       "no grace\n"
       "period, no move. Its pods stay Terminating until it is back. Pods of DaemonSets and static pods stay "
       "on a node that\n"
       "is drained, and are no finding. Judged at each request that OpenStack accepts.",
       "Soft scaling on Jetstream2: cordon and drain come before shelve; nova/compute/manager.py, "
       "shelve_instance; kubectl\n"
       "pkg/drain/filters.go",
       false,
       {}},
      [](const language::CheckUse&) { return no_shelve_before_drained(); });
  add({"no-volume-stuck-attached",
       "no data volume stays with a server that is off or on the shelf",
       "An offloaded server keeps its volumes: they show `reserved`. One that is stopped, or whose shelve "
       "failed half way,\n"
       "keeps them `in-use`. Either way they attach to no other server, so that pods which need them cannot "
       "start\n"
       "elsewhere. Detaching is refused while a task is under way, and on the shelf without\n"
       "--os-compute-api-version 2.20. Judged at the end of the rehearsal.",
       "nova/compute/manager.py, _shelve_offload_instance; nova/api/openstack/compute/volume_attachments.py; "
       "Kubernetes\n"
       "detaches by force only after six minutes",
       false,
       {}},
      [](const language::CheckUse&) { return no_volume_stuck_attached(); });
  add({"costs-at-most",
       "the servers cost no more than so many service units",
       "Counts from the start of the scenario: the rate of each flavour by the share that its status is "
       "charged. "
       "Violated as\n"
       "soon as the sum is exceeded.",
       "docs.jetstream-cloud.org, vmsizes: SHELVED 0, SHUTOFF 0.5, SUSPENDED 0.75 of the rate",
       false,
       {{"units", ParameterType::integer, true, "", "Service units."}}},
      costs_at_most);
  add({"plan-takes-at-most",
       "the plan is done in a given time",
       "From the start of the first step to the end of the last one, what `then` waits for included.",
       "the scenario's author",
       false,
       {{"time", ParameterType::duration, true, "", "How long it may take."}}},
      plan_takes_at_most);
  for (StorageEntry& entry : storage_entries()) {
    entries.push_back({std::move(entry.explanation), std::move(entry.make)});
  }
  add({"plan-is-performed",
       "no step fails in a way that ends the plan",
       "A step whose command fails keeps those after it from being performed, unless it says on_error: "
       "continue; so does\n"
       "exit. A command that is beyond the model was not performed, whatever on_error says of its failure. "
       "Judged at the end of each step, in every plan that does not say with expect how it ends.",
       "the plan itself",
       false,
       {}},
      [](const language::CheckUse&) { return plan_is_performed(); });
  add({"stalls",
       "every step of the plan comes to its end",
       "Violated when a step has begun and is still under way when its timeout, or the rehearsal, is over. "
       "Its cause is\n"
       "the chain of waits: which controller waits for which object, and why that is as it is.",
       "the plan itself",
       true,
       {}},
      [](const language::CheckUse&) { return no_stall(); });
  add({"at-most-one-pod-per-ordinal",
       "no two pods of a StatefulSet with the same ordinal run",
       "The API sees to it by unique names. Deleting a pod by force while its node is silent breaks it: its "
       "containers\n"
       "run on, and the successor starts elsewhere.",
       "kubernetes website, tasks/run-application/force-delete-stateful-set-pod",
       true,
       {}},
      [](const language::CheckUse&) { return at_most_one_pod_per_ordinal(); });
  add({"statefulset-removes-only-the-highest",
       "an ordered StatefulSet scales in from the highest ordinal",
       "Judged at every deletion by the StatefulSet controller of a pod above the range.",
       "kubernetes pkg/controller/statefulset/stateful_set_control.go, processCondemned",
       true,
       {}},
      [](const language::CheckUse&) { return statefulset_removes_only_the_highest(); });
  add({"failed-index-stays-dead",
       "an index that has failed for good gets no pod while it is in range",
       "With backoffLimitPerIndex, failed indexes are listed in status.failedIndexes and are not replaced. "
       "An index that\n"
       "leaves the range is forgotten, and may come back when the Job grows again: that is no violation.",
       "kubernetes pkg/controller/job/indexed_job_utils.go, firstPendingIndexes, calculateFailedIndexes",
       true,
       {}},
      [](const language::CheckUse&) { return failed_index_stays_dead(); });
  add({"no-completed-work-lost",
       "an index that has succeeded stays succeeded",
       "Shrinking a Job below an index that has succeeded forgets its success; if the Job grows over it "
       "again, its work is\n"
       "done a second time. Judged whenever status.succeeded falls.",
       "kubernetes pkg/controller/job/indexed_job_utils.go, parseIndexesFromString; test/integration/job\n"
       "TestElasticIndexedJob",
       true,
       {}},
      [](const language::CheckUse&) { return no_completed_work_lost(); });
  add({"disruption-budgets-respected",
       "no pod is taken away below what its PodDisruptionBudget wants",
       "Evictions ask the budgets of a pod; a plain deletion (kubectl delete, drain --disable-eviction), a "
       "taint and the\n"
       "deletion of its Node do not. Judged when a step, a taint, the scheduler or the collection of the "
       "pods "
       "of a Node that\n"
       "is gone asks for the deletion of a Ready pod: the Ready pods that are left must be as many as the "
       "budget wants,\n"
       "counted as the disruption controller counts. What controllers do to their own pods is no matter of "
       "budgets.",
       "kubernetes pkg/controller/disruption/disruption.go, getExpectedPodCount; pkg/controller/podgc, "
       "gcOrphaned; website,\n"
       "concepts/workloads/pods/disruptions",
       true,
       {}},
      [](const language::CheckUse&) { return disruption_budgets_respected(); });
  add({"job-failures-never-fall",
       "the count of failed pods of a Job never falls",
       "Accounting survives controller restarts and lagging caches through finalizers.",
       "kubernetes pkg/controller/job/job_controller.go, trackJobStatusAndRemoveFinalizers",
       true,
       {}},
      [](const language::CheckUse&) { return job_failures_never_fall(); });
  return entries;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = make_entries();
  return all;
}

std::string parameters_text(const language::CheckUse& use) {
  std::string text;
  for (const language::CheckArgument& argument : use.arguments) {
    if (!argument.given()) {
      continue;
    }
    std::string value = argument.text.value;
    if (argument.type == ParameterType::duration) {
      value = models::timing::duration_text(argument.duration);
    }
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", argument.name.value, value.empty() ? "" : "=",
                        value);
  }
  return text;
}

}  // namespace

const std::vector<Explanation>& registry() {
  static const std::vector<Explanation> all = [] {
    std::vector<Explanation> explanations;
    for (const Entry& entry : entries()) {
      explanations.push_back(entry.explanation);
    }
    return explanations;
  }();
  return all;
}

std::vector<language::CheckDeclaration> declarations() {
  std::vector<language::CheckDeclaration> declared;
  for (const Explanation& explanation : registry()) {
    declared.push_back(
        {explanation.name, explanation.sentence, explanation.invariant, explanation.parameters});
  }
  return declared;
}

std::vector<CompiledCheck> compile(const std::vector<language::CheckUse>& uses,
                                   const plan::CompiledPlan& plan, language::Diagnostics& diagnostics,
                                   bool end_is_expected) {
  std::vector<CompiledCheck> checks;
  for (const language::CheckUse& use : uses) {
    const auto entry = std::find_if(entries().begin(), entries().end(), [&](const Entry& candidate) {
      return candidate.explanation.name == use.name.value;
    });
    if (entry == entries().end()) {
      continue;  // the language has said so
    }
    if (!entry->make) {
      diagnostics.error(use.name.at, "checks",
                        fmt::format("{} is judged for every step that has it", use.name.value),
                        "take it out of checks");
      continue;
    }
    checks.push_back({use.name.value, parameters_text(use), true, use.name.at, entry->make(use)});
  }
  for (std::uint32_t step = 0; step < plan.steps.size(); ++step) {
    const plan::CompiledStep& compiled = plan.steps[step];
    if (compiled.then.given()) {
      checks.push_back(
          {"then", fmt::format("of step \"{}\"", compiled.name), true, compiled.then.at, then_of_step(step)});
    }
  }
  for (const Entry& entry : entries()) {
    const bool asked = std::any_of(checks.begin(), checks.end(), [&](const CompiledCheck& check) {
      return check.name == entry.explanation.name;
    });
    const bool judged =
        entry.explanation.invariant || (!end_is_expected && entry.explanation.name == kPlanIsPerformed);
    if (judged && !asked) {
      checks.push_back({entry.explanation.name, {}, false, {}, entry.make({})});
    }
  }
  return checks;
}

}  // namespace scenarios::checks
