#pragma once
// What a Deployment's spec and its ReplicaSets ask for: numbers and conditions, without any write.
// Source: pkg/controller/deployment/util/deployment_util.go.

#include <cstdint>
#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::deployments {

/// A ReplicaSet of a Deployment, as seen; `set` may be changed by a plan.
struct KnownReplicaSet {
  Row row = kNoRow;
  ReplicaSet set;
};

/// A share of `total`, rounded up or down. Source: apimachinery util/intstr GetScaledValueFromIntOrPercent.
std::int32_t scaled_value(const IntOrPercent& value, std::int32_t total, bool round_up);

/// Source: MaxSurge, MaxUnavailable, ResolveFenceposts: both 0 for Recreate; where both come to 0, one pod
/// may be unavailable.
std::int32_t max_surge(const DeploymentSpec& spec);
std::int32_t max_unavailable(const DeploymentSpec& spec);

bool has_progress_deadline(const DeploymentSpec& spec);

/// How many replicas the new ReplicaSet, which has `current`, shall have while all have `total`. Source:
/// NewRSNewReplicas.
std::int32_t new_replicas(const DeploymentSpec& spec, std::int32_t total, std::int32_t current);

/// How many of `to_add` replicas (negative: to remove) a ReplicaSet gets while a roll-out is under way.
/// Source: GetReplicaSetProportion, getReplicaSetFraction.
std::int32_t proportion(const ReplicaSet& set, const Deployment& deployment, std::int32_t to_add,
                        std::int32_t added);

/// Whether the new ReplicaSet alone serves the Deployment. Source: IsSaturated.
bool is_saturated(const Deployment& deployment, const ReplicaSet& set);

bool is_complete(const Deployment& deployment, const DeploymentStatus& status);
bool is_progressing(const DeploymentStatus& before, const DeploymentStatus& status);
bool has_timed_out(const Deployment& deployment, const DeploymentStatus& status, const Strings& strings,
                   sim::Time now);

/// A condition as of now. Source: NewDeploymentCondition.
ObjectCondition condition(Strings& strings, ConditionStatus status, std::string_view reason,
                          std::string message, sim::Time now);
/// Stores it unless status and reason are the same; an equal status keeps its transition time.
/// Source: SetDeploymentCondition.
void set_condition(DeploymentStatus& status, DeploymentConditionType type, ObjectCondition condition);

/// Whether the labels of an object, as its stored text has them, match the selector.
bool labels_match(const Cluster& cluster, const LabelSelector& selector, Text labels_json);

/// Whether the templates are the same but for the label pod-template-hash of `of_set`. Source:
/// EqualIgnoreHash.
bool equal_but_for_hash(const PodTemplate& of_set, const PodTemplate& of_deployment);
/// The template of a Deployment's ReplicaSet. Source: getNewReplicaSet.
PodTemplate with_hash(const PodTemplate& pod_template, const std::string& hash);
PodTemplate without_hash(const PodTemplate& pod_template);
/// The label's value: the same for the same content, in the alphabet that upstream encodes its hash in.
/// Upstream hashes a dump of Go structs (controller.ComputeHash), which cannot be repeated here.
std::string template_hash(const PodTemplate& pod_template, std::int32_t collisions);

/// Ages first, then names. Source: controller_utils.go ReplicaSetsByCreationTimestamp.
bool older(const KnownReplicaSet& a, const KnownReplicaSet& b, const Strings& strings);

}  // namespace models::kubernetes::deployments
