package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// The kubelet's back-off of containers that end again and again: kubelet.go backOffPeriod and MaxContainerBackOff.
const (
	firstBackOff = 10 * time.Second
	maxBackOff   = 5 * time.Minute
)

// stage is what a worker is doing about its pod.
type stage string

const (
	starting stage = "starting" // volumes, image, sandbox
	running  stage = "running"
	waiting  stage = "waiting"  // the containers have ended and will start again
	ending   stage = "ending"   // they have ended for good, the phase follows
	stopping stage = "stopping" // they were told to stop
	ended    stage = "ended"
)

// order is something that a person asks of a pod.
type order struct {
	exit  *int32 // the containers end now
	ready *bool  // the readiness probe says this from now on
	lost  bool   // the machine was off: the containers are gone
}

// worker is the kubelet's work on one pod.
type worker struct {
	node *node
	uid  types.UID
	wake chan struct{}

	mutex  sync.Mutex
	pod    *corev1.Pod // as last seen; nil once it is gone
	orders []order
	shown  stage // for list

	// The rest belongs to the goroutine of run.
	begun    bool // a silent node takes no pod on
	manner   manner
	stage    stage
	deadline time.Time // when the stage ends by itself; zero: it does not
	readyAt  time.Time // when the readiness probe succeeds; zero: not by itself
	forced   *bool     // what a person said of the readiness
	exit     int32     // how the containers will end
	stopped  time.Time // when they were told to stop

	backOff      time.Duration // of the last restart
	backOffSince time.Time

	containers containerState
	reported   corev1.PodStatus // what the kubelet last wanted to be known
	deleted    bool             // the final delete went through
}

// newWorker takes a pod on.
func newWorker(n *node, pod *corev1.Pod) *worker {
	w := &worker{node: n, uid: pod.UID, pod: pod, wake: make(chan struct{}, 1), stage: starting, shown: starting,
		reported: *pod.Status.DeepCopy(), manner: n.kubelet.mannerOf(pod)}
	if terminalPhase(pod.Status.Phase) { // before this kubelet saw it
		w.stage = ended
	}
	return w
}

// poke has the worker look again.
func (w *worker) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// see hands the worker a newer version of its pod; nil when it is gone.
func (w *worker) see(pod *corev1.Pod) {
	w.mutex.Lock()
	w.pod = pod
	w.mutex.Unlock()
	w.poke()
}

// ask gives the worker an order.
func (w *worker) ask(o order) {
	w.mutex.Lock()
	w.orders = append(w.orders, o)
	w.mutex.Unlock()
	w.poke()
}

func (w *worker) peek() (*corev1.Pod, stage) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.pod, w.shown
}

// run works on the pod until its object is gone.
func (w *worker) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		w.mutex.Lock()
		pod, orders := w.pod, w.orders
		w.orders = nil
		w.mutex.Unlock()
		if pod == nil {
			return
		}
		now := time.Now()
		heard := !w.node.isSilent()
		if !w.begun && heard && w.stage == starting {
			w.deadline = later(now, w.manner.start)
		}
		w.begun = w.begun || heard
		for _, o := range orders {
			w.obey(pod, o, now)
		}
		if heard {
			w.hear(pod, now)
		}
		for w.elapsed(now) {
			w.proceed(pod, now)
		}
		w.containers.ready = w.isReady(now)
		retry := false
		if heard {
			retry = !w.report(ctx, pod)
		}
		w.mutex.Lock()
		w.shown = w.stage
		w.mutex.Unlock()

		next := time.Hour
		for _, at := range []time.Time{w.deadline, w.readyAt, w.activeDeadline(pod)} {
			if !at.IsZero() && at.After(now) {
				next = min(next, time.Until(at))
			}
		}
		if retry {
			next = min(next, time.Second)
		}
		timer.Reset(max(next, 0))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-w.wake:
		}
	}
}

func (w *worker) elapsed(now time.Time) bool { return !w.deadline.IsZero() && !now.Before(w.deadline) }

// isReady says what the readiness probe finds.
func (w *worker) isReady(now time.Time) bool {
	switch {
	case !w.containers.running:
		return false
	case w.forced != nil:
		return *w.forced
	default:
		return !w.manner.neverReady && !w.readyAt.IsZero() && !now.Before(w.readyAt)
	}
}

// activeDeadline is when the pod has been active for too long; zero: never.
func (w *worker) activeDeadline(pod *corev1.Pod) time.Time {
	if pod.Spec.ActiveDeadlineSeconds == nil || w.reported.StartTime == nil || w.stage == stopping ||
		w.stage == ending || w.stage == ended {
		return time.Time{}
	}
	return w.reported.StartTime.Add(time.Duration(*pod.Spec.ActiveDeadlineSeconds) * time.Second)
}

// obey follows a person's order, whether or not the node is heard.
func (w *worker) obey(pod *corev1.Pod, o order, now time.Time) {
	switch {
	case o.exit != nil && w.stage == running:
		w.end(pod, *o.exit, now)
	case o.ready != nil:
		w.forced = o.ready
	case o.lost && w.stage == running:
		w.backOffSince = time.Time{} // the kubelet kept it in memory
		w.end(pod, 255, now)
	case o.lost && w.stage == stopping:
		w.deadline = now
	}
}

// hear follows what the API server says.
func (w *worker) hear(pod *corev1.Pod, now time.Time) {
	if terminalPhase(pod.Status.Phase) && (w.stage == starting || w.stage == running || w.stage == waiting) {
		w.stage, w.deadline, w.containers.running = ended, time.Time{}, false // a controller has given the pod up
	}
	if pod.DeletionTimestamp != nil {
		w.stop(pod, now, time.Duration(graceSeconds(pod))*time.Second)
		return
	}
	if at := w.activeDeadline(pod); !at.IsZero() && !now.Before(at) {
		w.containers.reason = "DeadlineExceeded"
		w.containers.message = "Pod was active on the node longer than the specified deadline"
		w.stop(pod, now, time.Duration(orZero(pod.Spec.TerminationGracePeriodSeconds))*time.Second)
	}
}

// graceSeconds is how long a deleted pod may take to stop.
func graceSeconds(pod *corev1.Pod) int64 {
	if pod.DeletionGracePeriodSeconds != nil {
		return *pod.DeletionGracePeriodSeconds
	}
	return orZero(pod.Spec.TerminationGracePeriodSeconds)
}

func orZero(value *int64) int64 {
	if value == nil {
		return 0
	}
	return *value
}

// stop tells the containers to stop; told again, it only shortens the time that they have.
func (w *worker) stop(pod *corev1.Pod, now time.Time, grace time.Duration) {
	switch w.stage {
	case ending, ended:
		return
	case stopping:
		if killed := w.stopped.Add(grace); killed.Before(w.deadline) {
			w.deadline, w.exit = killed, 137
		}
	case starting, waiting: // nothing runs
		w.stage, w.deadline = stopping, now
	case running:
		w.stage, w.stopped, w.exit = stopping, now, w.manner.stopExit
		w.deadline = later(now, w.manner.stop)
		if w.manner.stop > grace {
			w.deadline, w.exit = now.Add(grace), 137
		}
	}
}

// proceed does what comes at the end of a stage.
func (w *worker) proceed(pod *corev1.Pod, now time.Time) {
	c := &w.containers
	at := w.deadline
	switch w.stage {
	case starting:
		c.initialized = true
		c.podIP = w.node.nextAddress()
		w.start(pod, at)
	case waiting:
		if c.crashLoop == 0 && w.backOff > 0 {
			// The first look at the ended containers reports their end, the next one the back-off.
			c.crashLoop = w.backOff
			w.deadline = c.finished.Add(w.backOff)
			return
		}
		c.previous = nil
		for i, container := range pod.Spec.Containers {
			c.previous = append(c.previous, terminated(c, i, containerID(pod, container.Name, c.restarts)))
		}
		c.restarts++
		c.crashLoop = 0
		w.start(pod, at)
	case running:
		w.end(pod, w.exit, at)
	case ending:
		w.stage, w.deadline, c.terminal = ended, time.Time{}, true
	case stopping:
		if c.running {
			w.finish(pod, w.exit, now)
		}
		c.unknown = c.exits == nil
		c.crashLoop = 0
		w.stage, w.deadline, c.terminal = ended, time.Time{}, true
	}
}

// start starts the containers.
func (w *worker) start(pod *corev1.Pod, at time.Time) {
	c := &w.containers
	runs, exit := w.manner.run(w.node.kubelet.nextAttempt(pod, w.manner.rule))
	c.running, c.started, c.exits = true, at, nil
	w.stage, w.exit = running, exit
	w.deadline = later(at, runs)
	w.readyAt = later(at, w.manner.ready)
}

// finish notes how the containers ended.
func (w *worker) finish(pod *corev1.Pod, exit int32, at time.Time) {
	c := &w.containers
	c.running, c.ready, c.finished = false, false, at
	c.exits = make([]int32, len(pod.Spec.Containers))
	culprit := 0
	for i, container := range pod.Spec.Containers {
		if container.Name == w.manner.container {
			culprit = i
		}
	}
	c.exits[culprit] = exit
	w.forced, w.readyAt = nil, time.Time{}
}

// end ends the containers by themselves: they start again, or the pod is over.
func (w *worker) end(pod *corev1.Pod, exit int32, at time.Time) {
	w.finish(pod, exit, at)
	if !startsAgain(pod, w.containers.exits) {
		w.stage, w.deadline = ending, later(at, w.manner.terminalDelay)
		return
	}
	// kuberuntime_manager.go doBackOff: the first restart is at once, the next ones wait 10 s, 20 s, …; who has run
	// for more than twice the maximum starts afresh.
	w.stage = waiting
	switch {
	case w.backOffSince.IsZero() || at.Sub(w.backOffSince) > 2*maxBackOff:
		w.backOff = 0
	case w.backOff == 0:
		w.backOff = firstBackOff
	default:
		w.backOff = min(2*w.backOff, maxBackOff)
	}
	w.backOffSince = at.Add(w.backOff)
	w.deadline = later(at, w.manner.restart)
}

// report brings the status at the API server in line with what is, and deletes the object of a deleted pod that has
// ended, as status_manager.go syncPod does. It returns false if it has to be tried again.
func (w *worker) report(ctx context.Context, seen *corev1.Pod) bool {
	if w.deleted {
		return true
	}
	pods := w.node.kubelet.client.CoreV1().Pods(seen.Namespace)
	if w.stage != ended || !terminalPhase(seen.Status.Phase) {
		wanted := podStatus(seen, &w.reported, &w.containers, w.node.address)
		// A pod that a controller has failed keeps its phase.
		if terminalPhase(seen.Status.Phase) {
			wanted.Phase, wanted.Reason, wanted.Message = seen.Status.Phase, seen.Status.Reason, seen.Status.Message
		}
		if patch, err := statusPatch(seen, &wanted); err != nil || patch != nil {
			current, err := pods.Get(ctx, seen.Name, metav1.GetOptions{})
			switch {
			case apierrors.IsNotFound(err) || err == nil && current.UID != w.uid:
				return true // its deletion will be seen
			case err != nil:
				return w.complain("get", seen, err)
			}
			wanted = podStatus(current, &w.reported, &w.containers, w.node.address)
			if terminalPhase(current.Status.Phase) {
				wanted.Phase, wanted.Reason, wanted.Message = current.Status.Phase, current.Status.Reason, current.Status.Message
			}
			w.reported = wanted
			if patch, err = statusPatch(current, &wanted); err != nil {
				return w.complain("compare", seen, err)
			}
			seen = current
			if patch != nil {
				if seen, err = pods.Patch(ctx, seen.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
					return w.complain("patch", current, err)
				}
			}
		}
	}
	if seen.DeletionTimestamp != nil && w.stage == ended && terminalPhase(seen.Status.Phase) {
		err := pods.Delete(ctx, seen.Name, metav1.DeleteOptions{
			GracePeriodSeconds: new(int64), Preconditions: metav1.NewUIDPreconditions(string(w.uid))})
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return w.complain("delete", seen, err)
		}
		w.deleted = true
	}
	return true
}

func (w *worker) complain(verb string, pod *corev1.Pod, err error) bool {
	if !apierrors.IsNotFound(err) {
		fmt.Printf("%s %s pod %s/%s: %v\n", time.Now().Format(time.TimeOnly), verb, pod.Namespace, pod.Name, err)
	}
	return false
}

// statusPatch is the patch from a pod's status to the wanted one, with the pod's UID as precondition; nil if equal.
func statusPatch(pod *corev1.Pod, wanted *corev1.PodStatus) ([]byte, error) {
	before, err := json.Marshal(corev1.Pod{Status: pod.Status})
	if err != nil {
		return nil, err
	}
	after, err := json.Marshal(corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: pod.UID}, Status: *wanted})
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateTwoWayMergePatch(before, after, corev1.Pod{})
	if err != nil || string(patch) == fmt.Sprintf(`{"metadata":{"uid":%q}}`, pod.UID) {
		return nil, err
	}
	return patch, nil
}

func terminalPhase(phase corev1.PodPhase) bool {
	return phase == corev1.PodSucceeded || phase == corev1.PodFailed
}

// later is the moment that lies this far behind start; the zero time, which stands for never, for forever.
func later(start time.Time, by time.Duration) time.Time {
	if by == time.Duration(forever) {
		return time.Time{}
	}
	return start.Add(by)
}
