#pragma once

#include "scenarios/language/codecs.h"

namespace scenarios::language {

/// What pods of all workloads have in common.
template <class T>
void add_pod_fields(TableOf<T>& t) {
  t.field("containers", &T::containers,
          {.fallback = "1",
           .sentence = "How many containers each pod has.",
           .source = "core/v1 PodSpec.containers",
           .minimum = 1,
           .maximum = 32});
  t.field("cpu", &T::cpu,
          {.sentence = "Processor time that each pod requests.",
           .source = "core/v1 ResourceRequirements.requests"});
  t.field("memory", &T::memory,
          {.sentence = "Memory that each pod requests.", .source = "core/v1 ResourceRequirements.requests"});
  t.field("onePerNode", &T::one_per_node,
          {.fallback = "false",
           .sentence = "Whether two of its pods may not share a node (required anti-affinity over "
                       "`kubernetes.io/hostname`).",
           .source = "core/v1 PodAntiAffinity"});
  t.field("terminationGracePeriod", &T::termination_grace_period,
          {.fallback = "30s",
           .sentence = "How long a pod may take to stop before it is killed; whole seconds.",
           .source = "core/v1 PodSpec.terminationGracePeriodSeconds",
           .zero_is_fine = true,
           .whole_seconds = true});
  t.field("labels", &T::labels,
          {.sentence = "Labels of the pods, besides those that select them.",
           .source = "core/v1 PodTemplateSpec.metadata.labels",
           .empty_is_fine = true});
}

}  // namespace scenarios::language
