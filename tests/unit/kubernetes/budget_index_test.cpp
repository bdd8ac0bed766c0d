// The index of pods and budgets against a look at all of them, for every observer.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/kubernetes/budget_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

std::vector<Row> pods_by_scan(const View& view, Row row) {
  std::vector<Row> found;
  const PodDisruptionBudget* budget = view.budget(row);
  for (Row pod = 0; budget != nullptr && pod < view.cluster().pods.extent(); ++pod) {
    if (const Pod* seen = view.pod(pod); seen != nullptr && selects(view.cluster(), *budget, *seen)) {
      found.push_back(pod);
    }
  }
  return found;
}

std::vector<Row> budgets_by_scan(const View& view, const Pod& pod) {
  std::vector<Row> found;
  for (Row row = 0; row < view.cluster().budgets.extent(); ++row) {
    if (const PodDisruptionBudget* seen = view.budget(row);
        seen != nullptr && selects(view.cluster(), *seen, pod)) {
      found.push_back(row);
    }
  }
  return found;
}

std::shared_ptr<const LabelSelector> some_selector() {
  LabelSelector selector;
  const std::string app = *rc::gen::element<std::string>("a", "b", "c");
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      selector.match_expressions = {{"app", SelectorOperator::NotIn, {app}}};
      break;
    case 1:
      selector.match_labels = {{"apps.kubernetes.io/pod-index", "1"}};
      break;
    case 2:
      break;
    case 3:
      return nullptr;
    default:
      selector.match_labels = {{"app", app}};
  }
  return std::make_shared<const LabelSelector>(selector);
}

struct IndexWorld : TestCluster {
  std::vector<TemplateId> templates{add_template("a"), add_template("b"), add_template("c")};
  int made = 0;

  Text some_namespace() { return text(*rc::gen::element<std::string>("default", "other")); }

  void add_some_pod() {
    Pod pod;
    pod.meta.name_space = some_namespace();
    pod.pod_template = *rc::gen::elementOf(templates);
    if (*rc::gen::arbitrary<bool>()) {
      pod.base_name = text("set");
      pod.index = made++;
    } else {
      pod.meta.name = text(fmt::format("pod-{}", made++));
    }
    Turn current = turn();
    create_pod(current, pod, {Writer::User});
  }
  void add_some_budget() {
    PodDisruptionBudget budget;
    budget.meta.name = text(fmt::format("budget-{}", made++));
    budget.meta.name_space = some_namespace();
    budget.spec.selector = some_selector();
    Turn current = turn();
    create_budget(current, std::move(budget), {Writer::User});
  }
  void change_something() {
    Turn current = turn();
    const std::vector<Row> there = pods();
    const Row pod = there.empty() ? kNoRow : *rc::gen::elementOf(there);
    const Row budget = *rc::gen::inRange<Row>(0, cluster.budgets.extent() + 1);
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
        if (pod != kNoRow) {
          const std::uint32_t labels =
              cluster.add_label_set({{"app", *rc::gen::element<std::string>("a", "b", "c")}});
          update<Pod>(current, pod, {Writer::User}, Verb::Update, [&](Pod& one) { one.label_set = labels; });
        }
        return;
      case 1:
        if (pod != kNoRow) {
          delete_pod(current, pod, {Writer::User}, 0);
        }
        return;
      case 2:
        if (cluster.budgets.exists(budget)) {
          const auto selector = some_selector();
          update<PodDisruptionBudget>(current, budget, {Writer::User}, Verb::Update,
                                      [&](PodDisruptionBudget& one) {
                                        one.spec.selector = selector;
                                        one.spec.min_available = IntOrPercent{made++, false};
                                        ++one.meta.generation;
                                      });
        }
        return;
      case 3:
        if (cluster.budgets.exists(budget)) {
          delete_budget(current, budget, {Writer::User});
        }
        return;
      case 4:
        settle();  // rows of what is gone are free again
        return;
      default:
        add_some_budget();
    }
  }
};

RC_GTEST_PROP(BudgetIndex, findsWhatALookAtAllPodsAndBudgetsFinds, ()) {
  IndexWorld world;
  const int steps = *rc::gen::inRange(1, 80);
  for (int i = 0; i < steps; ++i) {
    *rc::gen::arbitrary<bool>() ? world.add_some_pod() : world.change_something();
    for (const View& view : {View(world.cluster, world.cluster.resource_version),
                             view_of(world.cluster, ObserverId::ControllerManager)}) {
      for (Row row = 0; row < world.cluster.budgets.extent(); ++row) {
        RC_ASSERT(pods_selected(view, row) == pods_by_scan(view, row));
      }
      for (Row row = 0; row < world.cluster.pods.extent(); ++row) {
        if (const Pod* pod = view.pod(row); pod != nullptr) {
          RC_ASSERT(budgets_selecting(view, *pod) == budgets_by_scan(view, *pod));
        }
      }
    }
  }
}

}  // namespace
}  // namespace models::kubernetes
