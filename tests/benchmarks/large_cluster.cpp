#include "tests/benchmarks/large_cluster.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "tests/benchmarks/real_pod.h"

namespace benchmarks {

namespace {

constexpr int kDaemonSets = 3;
constexpr std::int64_t kReplicasOfSet = 10;
constexpr std::int64_t kReplicasOfDeployment = 50;
constexpr std::int64_t kNamespaces = 40;
constexpr std::int64_t kDrainedTogether = 10;
/// Prime to every number of nodes: consecutive pods lie far apart.
constexpr std::int64_t kStride = 7'919;
constexpr const char* kHash = "6d4cf56db6";  ///< of every ReplicaSet's template

/// A pod's place among the workloads.
struct PodText {
  std::string name;
  std::string name_space;
  std::string labels;  ///< members of an object
  std::string owner_kind;
  std::string owner_name;
  std::string owner_uid;
  std::string extra_spec;  ///< members, each with a comma before it
  std::int64_t node = 0;
};

class Writer {
 public:
  Writer(const LargeCluster& cluster, const std::string& path)
      : cluster_(cluster), path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) {
      fail();
    }
    buffer_ = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n";
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    buffer_ +=
        "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    "
        "}\n}\n";
    flush();
    if (std::fclose(file_) != 0) {
      fail();
    }
  }

  void write() {
    for (std::int64_t i = 0; i < cluster_.nodes; ++i) {
      node(i);
    }
    daemonsets();
    const std::int64_t groups = cluster_.nodes / 500;
    for (std::int64_t i = 0; i < groups * 150; ++i) {
      statefulset(i);
    }
    for (std::int64_t i = 0; i < groups * 240; ++i) {
      deployment(i);
    }
  }

 private:
  [[noreturn]] void fail() const {
    fmt::print(stderr, "{} cannot be written\n", path_);
    std::exit(2);
  }

  void flush() {
    if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) {
      fail();
    }
    buffer_.clear();
  }

  template <class... Arguments>
  void object(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    buffer_ += first_ ? "        " : ",\n        ";
    first_ = false;
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<Arguments>(arguments)...);
    if (buffer_.size() > (1U << 20U)) {
      flush();
    }
  }

  static std::string uid(std::string_view kind, std::int64_t number) {
    return fmt::format("{:08x}-4c1e-4b62-9f0a-{:0>12}", number, kind);
  }
  static std::string name_space(std::int64_t number) { return fmt::format("team-{}", number % kNamespaces); }

  [[nodiscard]] std::string container(bool real) const {
    return fmt::format(R"({{{}
                        "image": "registry.example.org/team/server:1.42.0",
                        "name": "server",
                        "resources": {{
                            "limits": {{
                                "memory": "256Mi"
                            }},
                            "requests": {{
                                "cpu": "100m",
                                "memory": "128Mi"
                            }}
                        }}
                    }})",
                       real ? kRealContainer : std::string_view{});
  }
  [[nodiscard]] std::string spec(bool real) const {
    return fmt::format(R"("containers": [
                    {}
                ],
                "restartPolicy": "Always",
                "terminationGracePeriodSeconds": 30{})",
                       container(real), real ? kRealVolumes : std::string_view{});
  }

  void node(std::int64_t number) {
    object(R"({{
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {{
                "creationTimestamp": "2024-02-01T08:00:00Z",
                "labels": {{
                    "kubernetes.io/hostname": "worker-{0}",
                    "topology.kubernetes.io/region": "north",
                    "topology.kubernetes.io/zone": "north-{1}"
                }},
                "name": "worker-{0}",
                "uid": "{2}"
            }},
            "spec": {{}},
            "status": {{
                "allocatable": {{
                    "cpu": "64",
                    "memory": "256Gi",
                    "pods": "250"
                }},
                "conditions": [
                    {{
                        "lastTransitionTime": "2024-02-01T08:01:00Z",
                        "status": "True",
                        "type": "Ready"
                    }}
                ],
                "nodeInfo": {{
                    "kubeletVersion": "v1.34.0"
                }}
            }}
        }})",
           number, number % 3, uid("node", number));
  }

  void pod(const PodText& text) {
    object(R"({{
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {{
                "creationTimestamp": "2024-03-01T11:00:00Z",
                "labels": {{
                    {}
                }},
                "name": "{}",
                "namespace": "{}",
                "ownerReferences": [
                    {{
                        "apiVersion": "apps/v1",
                        "blockOwnerDeletion": true,
                        "controller": true,
                        "kind": "{}",
                        "name": "{}",
                        "uid": "{}"
                    }}
                ],
                "resourceVersion": "{}",
                "uid": "{}"
            }},
            "spec": {{
                {}{},
                "nodeName": "worker-{}"
            }},
            "status": {{
                "conditions": [
                    {{
                        "lastProbeTime": null,
                        "lastTransitionTime": "2024-03-01T11:00:02Z",
                        "status": "True",
                        "type": "Initialized"
                    }},
                    {{
                        "lastProbeTime": null,
                        "lastTransitionTime": "2024-03-01T11:00:08Z",
                        "status": "True",
                        "type": "Ready"
                    }},
                    {{
                        "lastProbeTime": null,
                        "lastTransitionTime": "2024-03-01T11:00:08Z",
                        "status": "True",
                        "type": "ContainersReady"
                    }},
                    {{
                        "lastProbeTime": null,
                        "lastTransitionTime": "2024-03-01T11:00:01Z",
                        "status": "True",
                        "type": "PodScheduled"
                    }}
                ],
                "containerStatuses": [
                    {{{}
                        "name": "server",
                        "ready": true,
                        "restartCount": 0,
                        "started": true,
                        "state": {{
                            "running": {{
                                "startedAt": "2024-03-01T11:00:07Z"
                            }}
                        }}
                    }}
                ],{}
                "phase": "Running",
                "startTime": "2024-03-01T11:00:02Z"
            }}
        }})",
           text.labels, text.name, text.name_space, text.owner_kind, text.owner_name, text.owner_uid,
           1'000'000 + pods_, uid("pod", pods_), spec(cluster_.real_size), text.extra_spec, text.node,
           cluster_.real_size ? kRealStatus : std::string_view{},
           cluster_.real_size ? kRealAddresses : std::string_view{});
    ++pods_;
  }

  /// The next node for a pod that the scheduler placed.
  std::int64_t next_node() { return (placed_++ * kStride) % cluster_.nodes; }

  /// A pod name's random end.
  static std::string suffix(std::int64_t number) {
    constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string text(5, 'b');
    for (char& c : text) {
      c = kAlphabet[static_cast<std::size_t>(number % 27)];
      number /= 27;
    }
    return text;
  }

  void daemonsets() {
    for (std::int64_t d = 0; d < kDaemonSets; ++d) {
      object(R"({{
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {{
                "annotations": {{
                    "deprecated.daemonset.template.generation": "1"
                }},
                "creationTimestamp": "2024-02-01T09:00:00Z",
                "generation": 1,
                "name": "agent-{0}",
                "namespace": "kube-system",
                "uid": "{1}"
            }},
            "spec": {{
                "selector": {{
                    "matchLabels": {{
                        "app": "agent-{0}"
                    }}
                }},
                "template": {{
                    "metadata": {{
                        "labels": {{
                            "app": "agent-{0}"
                        }}
                    }},
                    "spec": {{
                        {2}
                    }}
                }}
            }},
            "status": {{
                "currentNumberScheduled": {3},
                "desiredNumberScheduled": {3},
                "numberAvailable": {3},
                "numberMisscheduled": 0,
                "numberReady": {3},
                "observedGeneration": 1,
                "updatedNumberScheduled": {3}
            }}
        }})",
             d, uid("daemonset", d), spec(cluster_.real_size), cluster_.nodes);
      revision(d);
      for (std::int64_t i = 0; i < cluster_.nodes; ++i) {
        PodText text;
        text.name = fmt::format("agent-{}-{}", d, suffix(i));
        text.name_space = "kube-system";
        text.labels = fmt::format(
            R"("app": "agent-{}", "controller-revision-hash": "{}", "pod-template-generation": "1")", d,
            kHash);
        text.owner_kind = "DaemonSet";
        text.owner_name = fmt::format("agent-{}", d);
        text.owner_uid = uid("daemonset", d);
        text.extra_spec = fmt::format(
            R"(, "affinity": {{"nodeAffinity": {{"requiredDuringSchedulingIgnoredDuringExecution": {{"nodeSelectorTerms": [{{"matchFields": [{{"key": "metadata.name", "operator": "In", "values": ["worker-{}"]}}]}}]}}}}}},
                "tolerations": [{{"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists"}}, {{"effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists"}}, {{"effect": "NoSchedule", "key": "node.kubernetes.io/disk-pressure", "operator": "Exists"}}, {{"effect": "NoSchedule", "key": "node.kubernetes.io/memory-pressure", "operator": "Exists"}}, {{"effect": "NoSchedule", "key": "node.kubernetes.io/pid-pressure", "operator": "Exists"}}, {{"effect": "NoSchedule", "key": "node.kubernetes.io/unschedulable", "operator": "Exists"}}])",
            i);
        text.node = i;
        pod(text);
      }
    }
  }

  /// The revision whose hash a DaemonSet's pods carry.
  void revision(std::int64_t daemonset) {
    object(R"({{
            "apiVersion": "apps/v1",
            "data": {{
                "spec": {{
                    "template": {{
                        "$patch": "replace",
                        "metadata": {{
                            "labels": {{
                                "app": "agent-{0}"
                            }}
                        }},
                        "spec": {{
                            {1}
                        }}
                    }}
                }}
            }},
            "kind": "ControllerRevision",
            "metadata": {{
                "creationTimestamp": "2024-02-01T09:00:00Z",
                "labels": {{
                    "app": "agent-{0}",
                    "controller-revision-hash": "{2}"
                }},
                "name": "agent-{0}-{2}",
                "namespace": "kube-system",
                "ownerReferences": [
                    {{
                        "apiVersion": "apps/v1",
                        "blockOwnerDeletion": true,
                        "controller": true,
                        "kind": "DaemonSet",
                        "name": "agent-{0}",
                        "uid": "{3}"
                    }}
                ],
                "uid": "{4}"
            }},
            "revision": 1
        }})",
           daemonset, spec(cluster_.real_size), kHash, uid("daemonset", daemonset),
           uid("revision", daemonset));
  }

  void budget(const std::string& name, const std::string& space, std::string_view share,
              std::int64_t replicas, std::int64_t allowed) {
    object(R"({{
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {{
                "creationTimestamp": "2024-02-01T09:00:00Z",
                "generation": 1,
                "name": "{0}",
                "namespace": "{1}",
                "uid": "{2}"
            }},
            "spec": {{
                "maxUnavailable": {3},
                "selector": {{
                    "matchLabels": {{
                        "app": "{0}"
                    }}
                }}
            }},
            "status": {{
                "conditions": [
                    {{
                        "lastTransitionTime": "2024-03-01T11:00:10Z",
                        "message": "",
                        "observedGeneration": 1,
                        "reason": "SufficientPods",
                        "status": "True",
                        "type": "DisruptionAllowed"
                    }}
                ],
                "currentHealthy": {4},
                "desiredHealthy": {5},
                "disruptionsAllowed": {6},
                "expectedPods": {4},
                "observedGeneration": 1
            }}
        }})",
           name, space, uid("budget", budgets_++), share, replicas, replicas - allowed, allowed);
  }

  void statefulset(std::int64_t number) {
    const std::string name = fmt::format("store-{}", number);
    const std::string space = name_space(number);
    object(R"({{
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {{
                "creationTimestamp": "2024-02-01T09:00:00Z",
                "generation": 1,
                "name": "{0}",
                "namespace": "{1}",
                "uid": "{2}"
            }},
            "spec": {{
                "replicas": {3},
                "selector": {{
                    "matchLabels": {{
                        "app": "{0}"
                    }}
                }},
                "serviceName": "{0}",
                "template": {{
                    "metadata": {{
                        "labels": {{
                            "app": "{0}"
                        }}
                    }},
                    "spec": {{
                        {4}
                    }}
                }}
            }},
            "status": {{
                "availableReplicas": {3},
                "collisionCount": 0,
                "currentReplicas": {3},
                "currentRevision": "{0}-{5}",
                "observedGeneration": 1,
                "readyReplicas": {3},
                "replicas": {3},
                "updateRevision": "{0}-{5}",
                "updatedReplicas": {3}
            }}
        }})",
           name, space, uid("statefulset", number), kReplicasOfSet, spec(cluster_.real_size), kHash);
    for (std::int64_t i = 0; i < kReplicasOfSet; ++i) {
      PodText text;
      text.name = fmt::format("{}-{}", name, i);
      text.name_space = space;
      text.labels = fmt::format(
          R"("app": "{0}", "apps.kubernetes.io/pod-index": "{1}", "controller-revision-hash": "{0}-{2}", "statefulset.kubernetes.io/pod-name": "{0}-{1}")",
          name, i, kHash);
      text.owner_kind = "StatefulSet";
      text.owner_name = name;
      text.owner_uid = uid("statefulset", number);
      text.node = next_node();
      pod(text);
    }
    budget(name, space, "1", kReplicasOfSet, 1);
  }

  void deployment(std::int64_t number) {
    const std::string name = fmt::format("service-{}", number);
    const std::string space = name_space(number);
    const std::string set = fmt::format("{}-{}", name, kHash);
    const std::string of_spec = spec(cluster_.real_size);
    object(R"({{
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {{
                "annotations": {{
                    "deployment.kubernetes.io/revision": "1"
                }},
                "creationTimestamp": "2024-02-01T09:00:00Z",
                "generation": 1,
                "name": "{0}",
                "namespace": "{1}",
                "uid": "{2}"
            }},
            "spec": {{
                "replicas": {3},
                "selector": {{
                    "matchLabels": {{
                        "app": "{0}"
                    }}
                }},
                "template": {{
                    "metadata": {{
                        "labels": {{
                            "app": "{0}"
                        }}
                    }},
                    "spec": {{
                        {4}
                    }}
                }}
            }},
            "status": {{
                "availableReplicas": {3},
                "conditions": [
                    {{
                        "lastTransitionTime": "2024-03-01T11:00:10Z",
                        "lastUpdateTime": "2024-03-01T11:00:10Z",
                        "message": "Deployment has minimum availability.",
                        "reason": "MinimumReplicasAvailable",
                        "status": "True",
                        "type": "Available"
                    }},
                    {{
                        "lastTransitionTime": "2024-03-01T11:00:00Z",
                        "lastUpdateTime": "2024-03-01T11:00:10Z",
                        "message": "ReplicaSet \"{5}\" has successfully progressed.",
                        "reason": "NewReplicaSetAvailable",
                        "status": "True",
                        "type": "Progressing"
                    }}
                ],
                "observedGeneration": 1,
                "readyReplicas": {3},
                "replicas": {3},
                "updatedReplicas": {3}
            }}
        }})",
           name, space, uid("deployment", number), kReplicasOfDeployment, of_spec, set);
    object(R"({{
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {{
                "annotations": {{
                    "deployment.kubernetes.io/desired-replicas": "{3}",
                    "deployment.kubernetes.io/max-replicas": "63",
                    "deployment.kubernetes.io/revision": "1"
                }},
                "creationTimestamp": "2024-02-01T09:00:00Z",
                "generation": 1,
                "labels": {{
                    "app": "{0}",
                    "pod-template-hash": "{6}"
                }},
                "name": "{5}",
                "namespace": "{1}",
                "ownerReferences": [
                    {{
                        "apiVersion": "apps/v1",
                        "blockOwnerDeletion": true,
                        "controller": true,
                        "kind": "Deployment",
                        "name": "{0}",
                        "uid": "{2}"
                    }}
                ],
                "uid": "{7}"
            }},
            "spec": {{
                "replicas": {3},
                "selector": {{
                    "matchLabels": {{
                        "app": "{0}",
                        "pod-template-hash": "{6}"
                    }}
                }},
                "template": {{
                    "metadata": {{
                        "labels": {{
                            "app": "{0}",
                            "pod-template-hash": "{6}"
                        }}
                    }},
                    "spec": {{
                        {4}
                    }}
                }}
            }},
            "status": {{
                "availableReplicas": {3},
                "fullyLabeledReplicas": {3},
                "observedGeneration": 1,
                "readyReplicas": {3},
                "replicas": {3}
            }}
        }})",
           name, space, uid("deployment", number), kReplicasOfDeployment, of_spec, set, kHash,
           uid("replicaset", number));
    for (std::int64_t i = 0; i < kReplicasOfDeployment; ++i) {
      PodText text;
      text.name = fmt::format("{}-{}", set, suffix(number * kReplicasOfDeployment + i));
      text.name_space = space;
      text.labels = fmt::format(R"("app": "{}", "pod-template-hash": "{}")", name, kHash);
      text.owner_kind = "ReplicaSet";
      text.owner_name = set;
      text.owner_uid = uid("replicaset", number);
      text.node = next_node();
      pod(text);
    }
    budget(name, space, "\"10%\"", kReplicasOfDeployment, kReplicasOfDeployment / 10);
  }

  LargeCluster cluster_;
  std::string path_;
  std::FILE* file_;
  std::string buffer_;
  bool first_ = true;
  std::int64_t pods_ = 0;
  std::int64_t budgets_ = 0;
  std::int64_t placed_ = 0;
};

}  // namespace

void write_snapshot(const LargeCluster& cluster, const std::string& path) { Writer(cluster, path).write(); }

std::string plan_of_drains(std::int64_t nodes) {
  std::string plan =
      "apiVersion: rehearsal/v1\nscenario: nodes of a large cluster are drained\nuntil: 1000h\nplan:\n";
  for (std::int64_t first = 0; first < nodes; first += kDrainedTogether) {
    fmt::format_to(
        std::back_inserter(plan),
        "  - step: drain from {0}\n    timeout: 10h\n    run: |\n      for n in worker-{{{0}..{1}}}; do\n"
        "        kubectl drain $n --ignore-daemonsets &\n      done\n      wait\n",
        first, first + kDrainedTogether - 1);
  }
  return plan;
}

}  // namespace benchmarks
