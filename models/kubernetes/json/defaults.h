#pragma once
// What the API server fills in before it validates and stores: defaults, and fields of gates that are off.

#include "models/kubernetes/features.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Source: pkg/apis/apps/v1/defaults.go SetDefaults_StatefulSet.
void default_statefulset(Json& set, const Features& features);
/// Source: apps/v1/defaults.go SetDefaults_ReplicaSet, SetDefaults_Deployment, SetDefaults_DaemonSet.
void default_replicaset(Json& set);
void default_deployment(Json& deployment);
void default_daemonset(Json& set);
/// Source: pkg/apis/batch/v1/defaults.go SetDefaults_Job.
void default_job(Json& job, const Features& features);
/// Source: pkg/apis/core/v1/defaults.go SetDefaults_PodSpec, SetDefaults_Container, SetDefaults_Probe,
/// SetDefaults_Pod (limits stand in for absent requests).
void default_pod_spec(Json& spec);
void default_pod(Json& pod);
/// Source: core/v1/defaults.go SetDefaults_PersistentVolumeClaim, …Spec.
void default_claim(Json& claim);

/// Takes out fields whose gate is off, unless the stored object (`old`, or nullptr) has them already.
/// Source: pkg/registry/apps/statefulset/strategy.go dropStatefulSetDisabledFields;
/// pkg/registry/batch/job/strategy.go PrepareForCreate, PrepareForUpdate.
void drop_disabled_statefulset_fields(Json& set, const Json* old, const Features& features);
void drop_disabled_job_fields(Json& job, const Json* old, const Features& features);

}  // namespace models::kubernetes::json
