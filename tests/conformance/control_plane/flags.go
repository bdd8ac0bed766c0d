package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// controllers are the controllers that the controller manager runs.
var controllers = []string{
	"daemonset-controller", "deployment-controller", "disruption-controller", "garbage-collector-controller",
	"job-controller", "namespace-controller", "node-lifecycle-controller", "persistentvolume-binder-controller",
	"persistentvolume-protection-controller", "persistentvolumeclaim-protection-controller",
	"pod-garbage-collector-controller", "replicaset-controller", "serviceaccount-controller",
	"serviceaccount-token-controller", "statefulset-controller", "ttl-after-finished-controller",
}

// etcdSocket is where etcd listens: a unix socket in the folder, which the API server names relative to it. The number
// is no port; etcd's addresses want one.
const etcdSocket = "unix://etcd.sock:0"

// writeIdentities makes all certificates, keys and kubeconfigs of a control plane.
func (s *supervisor) writeIdentities() error {
	a, err := newAuthority(s.path("pki"))
	if err != nil {
		return err
	}
	if err := a.writePair("apiserver", "kube-apiserver", ""); err != nil {
		return err
	}
	if err := a.writeServiceAccountKey(); err != nil {
		return err
	}
	for _, identity := range []struct{ file, user, group string }{
		{"kubeconfig", "kubernetes-admin", "system:masters"},
		{"controller-manager.kubeconfig", "system:kube-controller-manager", ""},
		{"scheduler.kubeconfig", "system:kube-scheduler", ""},
		{"kubelet.kubeconfig", "rehearsal-kubelets", "system:masters"},
		{"provisioner.kubeconfig", "rehearsal-provisioner", "system:masters"},
	} {
		if err := a.writeKubeconfig(s.path(identity.file), s.server, identity.user, identity.group); err != nil {
			return err
		}
	}
	return nil
}

// startEtcd starts etcd; it is ready when its socket answers, for which the API server waits.
func (s *supervisor) startEtcd(ctx context.Context) error {
	config := strings.Join([]string{
		"name: rehearsal",
		"data-dir: etcd",
		"unsafe-no-fsync: true",
		"enable-grpc-gateway: false",
		"listen-client-urls: " + etcdSocket,
		"advertise-client-urls: " + etcdSocket,
		"listen-peer-urls: unix://etcd-peer.sock:0",
		"initial-advertise-peer-urls: unix://etcd-peer.sock:0",
		"initial-cluster: rehearsal=unix://etcd-peer.sock:0",
		"quota-backend-bytes: 8589934592",
		"logger: zap",
		"log-level: warn",
		"log-outputs: [stderr]",
	}, "\n") + "\n"
	if err := os.WriteFile(s.path("etcd.yaml"), []byte(config), 0o600); err != nil {
		return err
	}
	if err := s.start("etcd", "etcd.yaml"); err != nil {
		return err
	}
	return s.await(ctx, "etcd", 20*time.Millisecond, func() bool {
		_, err := os.Stat(s.path("etcd.sock:0"))
		return err == nil
	})
}

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: None, resources: [{group: coordination.k8s.io}, {group: events.k8s.io}, {group: "", resources: [events]}]}
  - {level: Metadata, verbs: [create, update, patch, delete, deletecollection]}
  - {level: None}
`

func (s *supervisor) apiServerFlags(port int) []string {
	flags := []string{
		"--etcd-servers=" + etcdSocket,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=pki/apiserver.crt",
		"--tls-private-key-file=pki/apiserver.key",
		"--client-ca-file=pki/ca.crt",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=pki/sa.pub",
		"--service-account-signing-key-file=pki/sa.key",
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--service-cluster-ip-range=10.96.0.0/16",
		"--cert-dir=pki",
		"--allow-privileged=true",
		"--profiling=false",
	}
	if s.options.audit != "" {
		if err := os.WriteFile(s.path("audit-policy.yaml"), []byte(auditPolicy), 0o600); err == nil {
			flags = append(flags, "--audit-policy-file=audit-policy.yaml", "--audit-log-path="+s.options.audit)
		}
	}
	return append(s.withGates(flags), s.options.apiserver...)
}

func (s *supervisor) controllerManagerFlags(port int) []string {
	wanted := controllers
	if minor() >= 29 { // before that, the node lifecycle controller evicted
		wanted = append(wanted[:len(wanted):len(wanted)], "taint-eviction-controller")
	}
	flags := []string{
		"--kubeconfig=controller-manager.kubeconfig",
		"--authentication-kubeconfig=controller-manager.kubeconfig",
		"--authorization-kubeconfig=controller-manager.kubeconfig",
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--cert-dir=",
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=pki/sa.key",
		"--root-ca-file=pki/ca.crt",
		"--controllers=" + strings.Join(wanted, ","),
		"--profiling=false",
	}
	return append(s.withGates(flags), s.options.controllerManager...)
}

func (s *supervisor) schedulerFlags(port int) []string {
	flags := []string{
		"--kubeconfig=scheduler.kubeconfig",
		"--authentication-kubeconfig=scheduler.kubeconfig",
		"--authorization-kubeconfig=scheduler.kubeconfig",
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--cert-dir=",
		"--leader-elect=false",
		"--profiling=false",
	}
	return append(s.withGates(flags), s.options.scheduler...)
}

func (s *supervisor) kubeletFlags() []string {
	return []string{
		"--kubeconfig=kubelet.kubeconfig",
		"--provisioner-kubeconfig=provisioner.kubeconfig",
		"--socket=kubelets.sock",
		"--table=" + s.options.table,
		"--remove=" + s.folder,
	}
}

func (s *supervisor) withGates(flags []string) []string {
	if s.options.gates != "" {
		flags = append(flags, "--feature-gates="+s.options.gates)
	}
	return flags
}

// awaitCluster waits until the nodes are Ready and may be scheduled on, pods can be created, and the controller manager
// and the scheduler say that they are healthy.
func (s *supervisor) awaitCluster(ctx context.Context, client kubernetes.Interface, managerPort, schedulerPort int) error {
	const every = 50 * time.Millisecond
	if err := s.await(ctx, "kube-controller-manager", every, func() bool { return healthy(managerPort) }); err != nil {
		return err
	}
	if err := s.await(ctx, "kube-scheduler", every, func() bool { return healthy(schedulerPort) }); err != nil {
		return err
	}
	t, err := readTable(s.options.table)
	if err != nil {
		return err
	}
	if err := s.await(ctx, "kubelet", every, func() bool {
		_, err := os.Stat(s.path("kubelets.sock"))
		return err == nil && nodesReady(ctx, client, t)
	}); err != nil {
		return err
	}
	return s.await(ctx, "kube-controller-manager", every, func() bool {
		_, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
		return err == nil
	})
}

func healthy(port int) bool {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // self-signed, on loopback
	answer, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/healthz", port))
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// nodesReady says whether every node of the table is Ready and has no taints but its own.
func nodesReady(ctx context.Context, client kubernetes.Interface, t *table) bool {
	for _, entry := range t.Nodes {
		node, err := client.CoreV1().Nodes().Get(ctx, entry.Name, metav1.GetOptions{})
		if err != nil || len(node.Spec.Taints) > len(entry.Taints) {
			return false
		}
		ready := false
		for _, condition := range node.Status.Conditions {
			ready = ready || condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue
		}
		if !ready {
			return false
		}
	}
	return true
}
