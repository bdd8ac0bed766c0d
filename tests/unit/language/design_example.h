#pragma once

namespace scenarios::language {

/// A scenario with most kinds of values; tests change it and look at what becomes of it. Lines count from 1
/// at `apiVersion`.
inline constexpr const char* design_example = R"(apiVersion: rehearsal/v1
scenario: downsize after a middle index was deleted
source: Flux Operator example "Downsize"
cluster:
  kubernetes:
    version: "1.28.0"
    featureGates: {JobBackoffLimitPerIndex: true}
    profile: kind
  nodes:
    "worker-[0-9]": {cpu: 10, memory: 32Gi}      # hostlist notation, as in Flux and Slurm
  miniclusters:
    flux-sample: {size: 4, maxSize: 10, restartWorkers: false, cores: 10}
behaviour:
  flux-sample: {start: {p50: 4s, p95: 9s}}
plan:
  - step: drain rank 2
    run: flux resource drain flux-sample-2 "about to be deleted"
  - step: delete its pod
    run: kubectl delete pod -l batch.kubernetes.io/job-completion-index=2
    then: {running: "flux-sample-[0-1,3]"}
  - step: declare the smaller size
    run: kubectl patch minicluster flux-sample --type=merge -p '{"spec":{"size":3}}'
    then: {running: "flux-sample-[0-1]", flux: {free: 2, down: 8}}
checks: [declared-size-is-actual-size]
expect: {violates: declared-size-is-actual-size}
)";

}  // namespace scenarios::language
