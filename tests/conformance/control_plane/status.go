package main

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// readyToStartContainers is a condition of 1.29 and later (PodReadyToStartContainersCondition, on by default).
const readyToStartContainers corev1.PodConditionType = "PodReadyToStartContainers"

// containerState is what the (pretended) container runtime knows of a pod: all its containers run and end together.
type containerState struct {
	initialized bool      // the init containers are done and the sandbox exists
	running     bool      // the containers run
	ready       bool      // and the readiness probe succeeds
	started     time.Time // the last start
	finished    time.Time // the last end
	exits       []int32   // how they ended the last time, by container; nil before the first end
	previous    []*corev1.ContainerStateTerminated
	restarts    int32
	crashLoop   time.Duration // the back-off that the containers wait for, told in their status; 0: none
	terminal    bool          // nothing runs and nothing will
	unknown     bool          // the containers never ran and the pod was given up
	reason      string        // of a phase that the kubelet decided
	message     string
	podIP       string
}

// podStatus is the status that the kubelet reports, made from what runs and from what it reported before.
// Its rules are those of kubelet_pods.go (generateAPIPodStatus, getPhase) and status/generate.go.
func podStatus(pod *corev1.Pod, old *corev1.PodStatus, c *containerState, hostIP string) corev1.PodStatus {
	s := *old.DeepCopy()
	s.Phase = podPhase(pod, c)
	s.Reason, s.Message = "", ""
	if c.terminal {
		s.Reason, s.Message = c.reason, c.message
	}
	s.HostIP = hostIP
	if minor() >= 29 { // PodHostIPs is beta and on by default
		s.HostIPs = []corev1.HostIP{{IP: hostIP}}
	}
	if c.podIP != "" {
		s.PodIP, s.PodIPs = c.podIP, []corev1.PodIP{{IP: c.podIP}}
	}
	s.QOSClass = pod.Status.QOSClass
	if s.StartTime == nil {
		now := metav1.Now()
		s.StartTime = &now
	}
	s.InitContainerStatuses = initContainerStatuses(pod, c)
	s.ContainerStatuses = containerStatuses(pod, c)
	s.Conditions = podConditions(pod, old, c, s.Phase)
	setObservedGeneration(&s, pod.Generation)
	return s
}

func podPhase(pod *corev1.Pod, c *containerState) corev1.PodPhase {
	switch {
	case c.terminal && c.reason != "":
		return corev1.PodFailed
	case c.terminal && c.exits == nil:
		return corev1.PodFailed
	case c.terminal:
		for _, exit := range c.exits {
			if exit != 0 {
				return corev1.PodFailed
			}
		}
		return corev1.PodSucceeded
	case c.running || c.exits != nil:
		return corev1.PodRunning
	default:
		return corev1.PodPending
	}
}

func initContainerStatuses(pod *corev1.Pod, c *containerState) []corev1.ContainerStatus {
	var all []corev1.ContainerStatus
	for _, container := range pod.Spec.InitContainers {
		s := corev1.ContainerStatus{Name: container.Name, Image: container.Image}
		if c.initialized {
			at := metav1.NewTime(c.started.Truncate(time.Second))
			if c.started.IsZero() {
				at = metav1.Now()
			}
			s.Ready = true
			s.Started = new(bool)
			s.ImageID = imageID(container.Image)
			s.ContainerID = containerID(pod, container.Name, 0)
			s.State.Terminated = &corev1.ContainerStateTerminated{
				Reason: "Completed", StartedAt: at, FinishedAt: at, ContainerID: s.ContainerID}
			if len(pod.Status.InitContainerStatuses) == len(pod.Spec.InitContainers) {
				if was := pod.Status.InitContainerStatuses[len(all)]; was.State.Terminated != nil {
					s = was
				}
			}
		} else {
			s.State.Waiting = &corev1.ContainerStateWaiting{Reason: "PodInitializing"}
		}
		all = append(all, s)
	}
	return all
}

func containerStatuses(pod *corev1.Pod, c *containerState) []corev1.ContainerStatus {
	var all []corev1.ContainerStatus
	for i, container := range pod.Spec.Containers {
		started := c.running
		s := corev1.ContainerStatus{
			Name: container.Name, Image: container.Image, RestartCount: c.restarts, Started: &started, Ready: c.ready}
		if c.previous != nil {
			s.LastTerminationState.Terminated = c.previous[i]
		}
		if c.running || c.exits != nil {
			s.ImageID = imageID(container.Image)
			s.ContainerID = containerID(pod, container.Name, c.restarts)
		}
		switch {
		case c.running:
			s.State.Running = &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(c.started)}
		case c.exits != nil && c.crashLoop > 0:
			s.LastTerminationState.Terminated = terminated(c, i, s.ContainerID)
			s.State.Waiting = &corev1.ContainerStateWaiting{
				Reason: "CrashLoopBackOff",
				Message: fmt.Sprintf("back-off %s restarting failed container=%s pod=%s_%s(%s)",
					c.crashLoop, container.Name, pod.Name, pod.Namespace, pod.UID)}
		case c.exits != nil:
			s.State.Terminated = terminated(c, i, s.ContainerID)
		case c.unknown && len(pod.Spec.InitContainers) == 0:
			s.State.Terminated = &corev1.ContainerStateTerminated{
				ExitCode: 137, Reason: "ContainerStatusUnknown",
				Message: "The container could not be located when the pod was terminated"}
		case len(pod.Spec.InitContainers) > 0:
			s.State.Waiting = &corev1.ContainerStateWaiting{Reason: "PodInitializing"}
		default:
			s.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
		}
		all = append(all, s)
	}
	return all
}

// terminated is how container i ended the last time.
func terminated(c *containerState, i int, id string) *corev1.ContainerStateTerminated {
	reason := "Completed"
	if c.exits[i] != 0 {
		reason = "Error"
	}
	return &corev1.ContainerStateTerminated{
		ExitCode: c.exits[i], Reason: reason, StartedAt: metav1.NewTime(c.started), FinishedAt: metav1.NewTime(c.finished),
		ContainerID: id}
}

// podConditions are the pod's conditions: those of others as they are, then the kubelet's own.
func podConditions(pod *corev1.Pod, old *corev1.PodStatus, c *containerState, phase corev1.PodPhase) []corev1.PodCondition {
	var all []corev1.PodCondition
	for _, condition := range pod.Status.Conditions {
		if !conditionOfKubelet(condition.Type) {
			all = append(all, condition)
		}
	}
	add := func(kind corev1.PodConditionType, holds bool, reason, message string) {
		condition := corev1.PodCondition{Type: kind, Status: corev1.ConditionFalse, Reason: reason, Message: message,
			LastTransitionTime: metav1.NewTime(time.Now().Truncate(time.Second))}
		if holds {
			condition.Status = corev1.ConditionTrue
		}
		for _, was := range old.Conditions {
			if was.Type == kind && was.Status == condition.Status && !was.LastTransitionTime.IsZero() {
				condition.LastTransitionTime = was.LastTransitionTime
			}
		}
		setConditionGeneration(&condition, pod.Generation)
		all = append(all, condition)
	}

	if minor() >= 29 {
		add(readyToStartContainers, c.initialized && !c.terminal, "", "")
	}
	var names []string
	for _, container := range pod.Spec.InitContainers {
		names = append(names, container.Name)
	}
	switch {
	case phase == corev1.PodSucceeded:
		add(corev1.PodInitialized, true, "PodCompleted", "")
	case len(names) == 0 || c.initialized:
		add(corev1.PodInitialized, true, "", "")
	default:
		add(corev1.PodInitialized, false, "ContainersNotInitialized", fmt.Sprintf("containers with incomplete status: %s", names))
	}
	names = nil
	for _, container := range pod.Spec.Containers {
		names = append(names, container.Name)
	}
	var reason, message string
	switch {
	case phase == corev1.PodSucceeded || succeedsSoon(pod, c):
		reason = "PodCompleted"
	case phase == corev1.PodFailed || failsSoon(pod, c):
		reason = "PodFailed"
	case !c.ready:
		reason, message = "ContainersNotReady", fmt.Sprintf("containers with unready status: %s", names)
	}
	ready, gate := reason == "", ""
	for _, wanted := range pod.Spec.ReadinessGates {
		holds := false
		for _, condition := range pod.Status.Conditions {
			holds = holds || condition.Type == wanted.ConditionType && condition.Status == corev1.ConditionTrue
		}
		if !holds && gate == "" {
			gate = fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", wanted.ConditionType)
		}
	}
	if ready && gate != "" {
		add(corev1.PodReady, false, "ReadinessGatesNotReady", gate)
	} else {
		add(corev1.PodReady, ready, reason, message)
	}
	add(corev1.ContainersReady, ready, reason, message)
	add(corev1.PodScheduled, true, "", "")
	return all
}

// succeedsSoon and failsSoon: the containers have ended for good, but the kubelet does not yet report the phase
// (status_manager.go mergePodStatus keeps the phase back until nothing of the pod can run).
func succeedsSoon(pod *corev1.Pod, c *containerState) bool {
	return endsSoon(pod, c) && !anyFailed(c.exits)
}

func failsSoon(pod *corev1.Pod, c *containerState) bool {
	return endsSoon(pod, c) && anyFailed(c.exits)
}

func endsSoon(pod *corev1.Pod, c *containerState) bool {
	return !c.terminal && !c.running && c.exits != nil && !startsAgain(pod, c.exits)
}

func anyFailed(exits []int32) bool {
	for _, exit := range exits {
		if exit != 0 {
			return true
		}
	}
	return false
}

// startsAgain says whether the pod's restart policy starts containers again that ended so.
func startsAgain(pod *corev1.Pod, exits []int32) bool {
	switch pod.Spec.RestartPolicy {
	case corev1.RestartPolicyNever:
		return false
	case corev1.RestartPolicyOnFailure:
		return anyFailed(exits)
	default:
		return true
	}
}

// conditionOfKubelet says whether the kubelet owns a condition.
func conditionOfKubelet(kind corev1.PodConditionType) bool {
	switch kind {
	case corev1.PodScheduled, corev1.PodReady, corev1.PodInitialized, corev1.ContainersReady:
		return true
	case readyToStartContainers:
		return minor() >= 29
	default:
		return false
	}
}

func imageID(image string) string { return "rehearsal://" + image }

// containerID is the identifier of one start of a container.
func containerID(pod *corev1.Pod, container string, restarts int32) string {
	return fmt.Sprintf("rehearsal://%s/%s/%d", pod.UID, container, restarts)
}
