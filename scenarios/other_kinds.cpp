#include "scenarios/other_kinds.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "models/kubernetes/json/fields.h"

namespace scenarios {

namespace {

/// Source: kubernetes staging/src/k8s.io/api, the register.go of each group; apiextensions-apiserver and
/// kube-aggregator.
constexpr std::array<std::string_view, 44> kBuiltIn = {
    "APIService",
    "Binding",
    "CSINode",
    "CSIStorageCapacity",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "CustomResourceDefinition",
    "DeviceClass",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "FlowSchema",
    "HorizontalPodAutoscaler",
    "IPAddress",
    "Ingress",
    "IngressClass",
    "Lease",
    "LimitRange",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "PodTemplate",
    "PriorityLevelConfiguration",
    "ReplicationController",
    "ResourceClaim",
    "ResourceClaimTemplate",
    "ResourceQuota",
    "ResourceSlice",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Secret",
    "Service",
    "ServiceAccount",
    "ServiceCIDR",
    "ValidatingAdmissionPolicy",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
};

/// Groups of extensions are domains; those of Kubernetes itself end in k8s.io or have no dot.
bool is_extension(std::string_view version) {
  const std::string_view group = version.substr(0, std::min(version.find('/'), version.size()));
  return version.find('/') != std::string_view::npos && group.find('.') != std::string_view::npos &&
         !group.ends_with(".k8s.io");
}

}  // namespace

bool is_of_other_kind(const nlohmann::ordered_json& manifest) {
  namespace json = models::kubernetes::json;
  const std::string kind = json::text_or(manifest, "kind");
  return std::find(kBuiltIn.begin(), kBuiltIn.end(), kind) != kBuiltIn.end() ||
         is_extension(json::text_or(manifest, "apiVersion"));
}

}  // namespace scenarios
