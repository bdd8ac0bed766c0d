package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/component-base/version"
)

// The kubelet's own times: nodeLeaseDurationSeconds 40 renewed at a quarter of it, nodeStatusUpdateFrequency 10 s,
// nodeStatusReportFrequency 5 min.
const (
	leaseSeconds    = 40
	statusFrequency = 10 * time.Second
	reportFrequency = 5 * time.Minute
)

// node is a simulated kubelet and its machine.
type node struct {
	kubelet *kubelets
	entry   nodeEntry
	address string
	network string
	pods    atomic.Int32
	heard   chan struct{} // woken when the node is heard again

	mutex    sync.Mutex
	silent   bool
	lastBeat time.Time
}

func newNode(k *kubelets, number int, entry nodeEntry) *node {
	return &node{kubelet: k, entry: entry, heard: make(chan struct{}, 1),
		address: fmt.Sprintf("10.0.%d.%d", number/250, number%250+2),
		network: fmt.Sprintf("10.%d.%d.", 128+number/250, number%250)}
}

// nextAddress gives the next pod of the node its address.
func (n *node) nextAddress() string { return fmt.Sprintf("%s%d", n.network, n.pods.Add(1)%250+2) }

func (n *node) isSilent() bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.silent
}

// setSilent makes the node silent: its kubelet neither hears the API server nor says anything; what runs, runs on.
func (n *node) setSilent(silent bool) {
	n.mutex.Lock()
	n.silent = silent
	n.mutex.Unlock()
	if !silent {
		select {
		case n.heard <- struct{}{}:
		default:
		}
	}
}

// register makes the node's object with a Ready status.
func (n *node) register(ctx context.Context) error {
	nodes := n.kubelet.client.CoreV1().Nodes()
	labels := map[string]string{
		"beta.kubernetes.io/arch": runtime.GOARCH, "beta.kubernetes.io/os": runtime.GOOS,
		"kubernetes.io/arch": runtime.GOARCH, "kubernetes.io/os": runtime.GOOS, "kubernetes.io/hostname": n.entry.Name,
	}
	maps.Copy(labels, n.entry.Labels)
	object := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: n.entry.Name, Labels: labels,
			Annotations: map[string]string{"volumes.kubernetes.io/controller-managed-attach-detach": "true"}},
		Spec: corev1.NodeSpec{Taints: n.entry.Taints},
	}
	object.Status = n.status(&corev1.Node{}, time.Now())
	if _, err := nodes.Create(ctx, object, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return n.beat(ctx)
}

// live renews the lease and reports the status until the end.
func (n *node) live(ctx context.Context) {
	tick := time.NewTicker(statusFrequency)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-n.heard:
		}
		if n.isSilent() {
			continue
		}
		if err := n.beat(ctx); err != nil && ctx.Err() == nil {
			fmt.Printf("%s node %s: %v\n", time.Now().Format(time.TimeOnly), n.entry.Name, err)
		}
	}
}

// beat renews the lease, and patches the node's status if it differs or has not been reported for long.
func (n *node) beat(ctx context.Context) error {
	if err := n.renew(ctx); err != nil {
		return err
	}
	nodes := n.kubelet.client.CoreV1().Nodes()
	current, err := nodes.Get(ctx, n.entry.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	now := time.Now()
	wanted := current.DeepCopy()
	wanted.Status = n.status(current, now)
	if sameConditions(current.Status.Conditions, wanted.Status.Conditions) && now.Sub(n.lastBeat) < reportFrequency {
		return nil
	}
	before, err := json.Marshal(current)
	if err != nil {
		return err
	}
	after, err := json.Marshal(wanted)
	if err != nil {
		return err
	}
	patch, err := strategicpatch.CreateTwoWayMergePatch(before, after, corev1.Node{})
	if err != nil {
		return err
	}
	if _, err = nodes.Patch(ctx, n.entry.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status"); err == nil {
		n.lastBeat = now
	}
	return err
}

// renew renews the node's lease, or makes it.
func (n *node) renew(ctx context.Context) error {
	leases := n.kubelet.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	now := metav1.NewMicroTime(time.Now())
	lease, err := leases.Get(ctx, n.entry.Name, metav1.GetOptions{})
	if err == nil {
		lease.Spec.RenewTime = &now
		_, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
		return err
	}
	if !apierrors.IsNotFound(err) {
		return err
	}
	owner, err := n.kubelet.client.CoreV1().Nodes().Get(ctx, n.entry.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	seconds := int32(leaseSeconds)
	lease = &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: n.entry.Name, OwnerReferences: []metav1.OwnerReference{
			{APIVersion: "v1", Kind: "Node", Name: owner.Name, UID: owner.UID}}},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: &n.entry.Name, LeaseDurationSeconds: &seconds, RenewTime: &now},
	}
	_, err = leases.Create(ctx, lease, metav1.CreateOptions{})
	return err
}

// status is what a healthy kubelet says of its node.
func (n *node) status(current *corev1.Node, now time.Time) corev1.NodeStatus {
	s := *current.Status.DeepCopy()
	capacity := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"),
		corev1.ResourcePods: resource.MustParse("110"), corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
	}
	for name, value := range n.entry.Capacity {
		capacity[corev1.ResourceName(name)] = resource.MustParse(value)
	}
	s.Capacity, s.Allocatable = capacity, capacity
	s.Addresses = []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: n.address}, {Type: corev1.NodeHostName, Address: n.entry.Name}}
	s.NodeInfo = corev1.NodeSystemInfo{
		MachineID: n.entry.Name, SystemUUID: n.entry.Name, BootID: n.entry.Name, OSImage: "simulated",
		KernelVersion: "simulated", ContainerRuntimeVersion: "rehearsal://1", OperatingSystem: runtime.GOOS,
		Architecture: runtime.GOARCH, KubeletVersion: version.Get().GitVersion, KubeProxyVersion: s.NodeInfo.KubeProxyVersion,
	}
	if minor() < 31 {
		s.NodeInfo.KubeProxyVersion = version.Get().GitVersion
	}
	for _, c := range []corev1.NodeCondition{
		{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientMemory",
			Message: "kubelet has sufficient memory available"},
		{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasNoDiskPressure",
			Message: "kubelet has no disk pressure"},
		{Type: corev1.NodePIDPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientPID",
			Message: "kubelet has sufficient PID available"},
		{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady",
			Message: "kubelet is posting ready status"},
	} {
		setNodeCondition(&s, c, metav1.NewTime(now))
	}
	return s
}

func setNodeCondition(s *corev1.NodeStatus, c corev1.NodeCondition, now metav1.Time) {
	c.LastHeartbeatTime, c.LastTransitionTime = now, now
	for i, was := range s.Conditions {
		if was.Type != c.Type {
			continue
		}
		if was.Status == c.Status {
			c.LastTransitionTime = was.LastTransitionTime
		}
		s.Conditions[i] = c
		return
	}
	s.Conditions = append(s.Conditions, c)
}

// sameConditions compares conditions, but for their heartbeats.
func sameConditions(a, b []corev1.NodeCondition) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Type != b[i].Type || a[i].Status != b[i].Status || a[i].Reason != b[i].Reason || a[i].Message != b[i].Message {
			return false
		}
	}
	return true
}
