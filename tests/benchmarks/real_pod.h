#pragma once
// What a real pod carries and no rule reads, as kubectl indents it: most of the bytes of a snapshot.

#include <string_view>

namespace benchmarks {

inline constexpr std::string_view kRealContainer = R"(
                        "command": ["/usr/local/bin/server"],
                        "args": ["--listen=0.0.0.0:8443", "--metrics=0.0.0.0:9090", "--log-format=json", "--config=/etc/server/config.yaml"],
                        "env": [
                            {
                                "name": "POD_NAME",
                                "valueFrom": {
                                    "fieldRef": {
                                        "apiVersion": "v1",
                                        "fieldPath": "metadata.name"
                                    }
                                }
                            },
                            {
                                "name": "POD_NAMESPACE",
                                "valueFrom": {
                                    "fieldRef": {
                                        "apiVersion": "v1",
                                        "fieldPath": "metadata.namespace"
                                    }
                                }
                            },
                            {
                                "name": "DATABASE_URL",
                                "value": "postgres://server@database.default.svc.cluster.local:5432/server?sslmode=verify-full"
                            },
                            {
                                "name": "CACHE_ADDRESSES",
                                "value": "cache-0.cache.default.svc.cluster.local:6379,cache-1.cache.default.svc.cluster.local:6379"
                            },
                            {
                                "name": "OTEL_EXPORTER_OTLP_ENDPOINT",
                                "value": "http://collector.observability.svc.cluster.local:4317"
                            }
                        ],
                        "imagePullPolicy": "IfNotPresent",
                        "livenessProbe": {
                            "failureThreshold": 3,
                            "httpGet": {
                                "path": "/healthz",
                                "port": "http",
                                "scheme": "HTTPS"
                            },
                            "initialDelaySeconds": 10,
                            "periodSeconds": 10,
                            "successThreshold": 1,
                            "timeoutSeconds": 1
                        },
                        "ports": [
                            {
                                "containerPort": 8443,
                                "name": "http",
                                "protocol": "TCP"
                            },
                            {
                                "containerPort": 9090,
                                "name": "metrics",
                                "protocol": "TCP"
                            }
                        ],
                        "securityContext": {
                            "allowPrivilegeEscalation": false,
                            "capabilities": {
                                "drop": [
                                    "ALL"
                                ]
                            },
                            "readOnlyRootFilesystem": true
                        },
                        "terminationMessagePath": "/dev/termination-log",
                        "terminationMessagePolicy": "File",
                        "volumeMounts": [
                            {
                                "mountPath": "/etc/server",
                                "name": "config",
                                "readOnly": true
                            },
                            {
                                "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                                "name": "kube-api-access-x7f2k",
                                "readOnly": true
                            }
                        ],)";
inline constexpr std::string_view kRealVolumes = R"(,
                "dnsPolicy": "ClusterFirst",
                "enableServiceLinks": true,
                "preemptionPolicy": "PreemptLowerPriority",
                "priority": 0,
                "schedulerName": "default-scheduler",
                "securityContext": {
                    "fsGroup": 1000,
                    "runAsNonRoot": true,
                    "runAsUser": 1000,
                    "seccompProfile": {
                        "type": "RuntimeDefault"
                    }
                },
                "serviceAccount": "server",
                "serviceAccountName": "server",
                "volumes": [
                    {
                        "configMap": {
                            "defaultMode": 420,
                            "name": "server-config"
                        },
                        "name": "config"
                    },
                    {
                        "name": "kube-api-access-x7f2k",
                        "projected": {
                            "defaultMode": 420,
                            "sources": [
                                {
                                    "serviceAccountToken": {
                                        "expirationSeconds": 3607,
                                        "path": "token"
                                    }
                                },
                                {
                                    "configMap": {
                                        "items": [
                                            {
                                                "key": "ca.crt",
                                                "path": "ca.crt"
                                            }
                                        ],
                                        "name": "kube-root-ca.crt"
                                    }
                                },
                                {
                                    "downwardAPI": {
                                        "items": [
                                            {
                                                "fieldRef": {
                                                    "apiVersion": "v1",
                                                    "fieldPath": "metadata.namespace"
                                                },
                                                "path": "namespace"
                                            }
                                        ]
                                    }
                                }
                            ]
                        }
                    }
                ])";
inline constexpr std::string_view kRealStatus = R"(
                        "containerID": "containerd://3f2a9b1c4d5e6f708192a3b4c5d6e7f80912a3b4c5d6e7f8091a2b3c4d5e6f70",
                        "image": "registry.example.org/team/server:1.42.0",
                        "imageID": "registry.example.org/team/server@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                        "lastState": {},)";
inline constexpr std::string_view kRealAddresses = R"(
                "hostIP": "10.0.13.7",
                "hostIPs": [
                    {
                        "ip": "10.0.13.7"
                    }
                ],
                "podIP": "10.244.7.33",
                "podIPs": [
                    {
                        "ip": "10.244.7.33"
                    }
                ],
                "qosClass": "Burstable",)";

}  // namespace benchmarks
