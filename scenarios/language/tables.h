#pragma once

#include "scenarios/language/codecs.h"
#include "scenarios/language/scenario.h"

// Every struct of the language has one table; the sentences in it are the reference page.

namespace scenarios::language {

#define SCENARIOS_LANGUAGE_TABLE(T) \
  template <>                       \
  const TableOf<T>& table_of<T>()
SCENARIOS_LANGUAGE_TABLE(Kubernetes);
SCENARIOS_LANGUAGE_TABLE(Taint);
SCENARIOS_LANGUAGE_TABLE(NodeGroup);
SCENARIOS_LANGUAGE_TABLE(StatefulSet);
SCENARIOS_LANGUAGE_TABLE(OnExitCodes);
SCENARIOS_LANGUAGE_TABLE(OnPodCondition);
SCENARIOS_LANGUAGE_TABLE(PodFailureRule);
SCENARIOS_LANGUAGE_TABLE(PodFailurePolicy);
SCENARIOS_LANGUAGE_TABLE(SuccessRule);
SCENARIOS_LANGUAGE_TABLE(SuccessPolicy);
SCENARIOS_LANGUAGE_TABLE(Job);
SCENARIOS_LANGUAGE_TABLE(MiniCluster);
SCENARIOS_LANGUAGE_TABLE(PodDisruptionBudget);
SCENARIOS_LANGUAGE_TABLE(OpenStackFlavor);
SCENARIOS_LANGUAGE_TABLE(OpenStackHosts);
SCENARIOS_LANGUAGE_TABLE(OpenStackServers);
SCENARIOS_LANGUAGE_TABLE(OpenStackQuota);
SCENARIOS_LANGUAGE_TABLE(OpenStack);
SCENARIOS_LANGUAGE_TABLE(IOMeshChunks);
SCENARIOS_LANGUAGE_TABLE(IOMeshParameters);
SCENARIOS_LANGUAGE_TABLE(IOMesh);
SCENARIOS_LANGUAGE_TABLE(Cluster);
SCENARIOS_LANGUAGE_TABLE(AttemptRow);
SCENARIOS_LANGUAGE_TABLE(IndexRow);
SCENARIOS_LANGUAGE_TABLE(Behaviour);
SCENARIOS_LANGUAGE_TABLE(PodCrash);
SCENARIOS_LANGUAGE_TABLE(DeletePod);
SCENARIOS_LANGUAGE_TABLE(FailWrite);
SCENARIOS_LANGUAGE_TABLE(Quota);
SCENARIOS_LANGUAGE_TABLE(Fault);
SCENARIOS_LANGUAGE_TABLE(FluxResources);
SCENARIOS_LANGUAGE_TABLE(Condition);
SCENARIOS_LANGUAGE_TABLE(FileEdit);
SCENARIOS_LANGUAGE_TABLE(Step);
SCENARIOS_LANGUAGE_TABLE(PrintsExpectation);
SCENARIOS_LANGUAGE_TABLE(Expectation);
SCENARIOS_LANGUAGE_TABLE(InlineFile);
SCENARIOS_LANGUAGE_TABLE(Scenario);
#undef SCENARIOS_LANGUAGE_TABLE

/// All tables in the order of the reference page: each before those that its fields lead to.
std::vector<const Table*> all_tables();

}  // namespace scenarios::language
