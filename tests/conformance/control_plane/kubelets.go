package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// kubelets are the simulated kubelets of all nodes, in one process.
type kubelets struct {
	client kubernetes.Interface
	nodes  map[string]*node

	mutex    sync.Mutex
	table    *table
	workers  map[types.UID]*worker
	attempts map[string]int
}

// runKubelets is the part kubelet: it registers the nodes of the table and runs the pods that are bound to them.
func runKubelets(args []string) int {
	flags := flag.NewFlagSet("kubelet", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "how to reach the API server")
	provisioner := flags.String("provisioner-kubeconfig", "", "the same for the provisioner of volumes")
	tableFile := flags.String("table", "", "the table of nodes and pods")
	socket := flags.String("socket", "", "where to take orders")
	remove := flags.String("remove", "", "a folder to remove if the supervisor is killed")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	t, err := readTable(*tableFile)
	if err != nil {
		return fail(2, "%v", err)
	}
	client, err := clientFor(*kubeconfig)
	if err != nil {
		return fail(1, "%v", err)
	}
	volumes, err := clientFor(*provisioner)
	if err != nil {
		return fail(1, "%v", err)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	supervisor := os.Getppid()

	k := &kubelets{client: client, nodes: map[string]*node{}, table: t, workers: map[types.UID]*worker{},
		attempts: map[string]int{}}
	for number, entry := range t.Nodes {
		k.nodes[entry.Name] = newNode(k, number, entry)
	}
	for _, entry := range t.Nodes {
		n := k.nodes[entry.Name]
		if err := n.register(ctx); err != nil {
			return fail(1, "node %s: %v", entry.Name, err)
		}
		go n.live(ctx)
	}
	if err := k.watch(ctx); err != nil {
		return fail(1, "%v", err)
	}
	if err := provision(ctx, volumes, k.volumeTable); err != nil {
		return fail(1, "%v", err)
	}
	listener, err := listenPrivately(*socket)
	if err != nil {
		return fail(1, "%v", err)
	}
	defer listener.Close()
	go serve(listener, k.obey)
	fmt.Println("ready")
	<-ctx.Done()
	if *remove == "" {
		return 0
	}
	// The signal may come from the supervisor, which clears up itself and kills this process at once, or from the kernel
	// because the supervisor was killed. Then nobody else is left to clear up behind it, once the other parts are dead.
	for range 20 {
		time.Sleep(50 * time.Millisecond)
		if os.Getppid() != supervisor {
			time.Sleep(300 * time.Millisecond)
			_ = os.RemoveAll(*remove)
			break
		}
	}
	return 0
}

// clientFor makes a client without a limit of its own; the user agent says the name of the part.
func clientFor(kubeconfig string) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	return kubernetes.NewForConfig(config)
}

// watch follows the pods that are bound.
func (k *kubelets) watch(ctx context.Context) error {
	factory := informers.NewSharedInformerFactory(k.client, 0)
	informer := factory.Core().V1().Pods().Informer()
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { k.see(object.(*corev1.Pod)) },
		UpdateFunc: func(before, object any) {
			pod := object.(*corev1.Pod)
			if old := before.(*corev1.Pod); old.UID != pod.UID { // replaced while the watch had a gap
				k.gone(old.UID)
			}
			k.see(pod)
		},
		DeleteFunc: func(object any) {
			if unknown, lost := object.(cache.DeletedFinalStateUnknown); lost {
				object = unknown.Obj
			}
			if pod, known := object.(*corev1.Pod); known {
				k.gone(pod.UID)
			}
		},
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("no list of %v", kind)
		}
	}
	return nil
}

// see hands a pod to its worker, or takes it on. A silent node takes nothing on before it is heard again.
func (k *kubelets) see(pod *corev1.Pod) {
	n := k.nodes[pod.Spec.NodeName]
	if n == nil {
		return
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if w, known := k.workers[pod.UID]; known {
		w.see(pod)
		return
	}
	w := newWorker(n, pod)
	k.workers[pod.UID] = w
	go w.run(context.Background())
}

func (k *kubelets) gone(uid types.UID) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if w, known := k.workers[uid]; known {
		w.see(nil)
		delete(k.workers, uid)
	}
}

// mannerOf is how a pod behaves.
func (k *kubelets) mannerOf(pod *corev1.Pod) manner { return k.table.mannerOf(pod) } // called with the mutex held

// volumeTable says how claims are served.
func (k *kubelets) volumeTable() volumeEntry {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.table.Volumes
}

// nextAttempt counts the starts of what a pod stands for: an index of a Job, a pod of a StatefulSet, or all pods of
// another owner. A pod that takes the place of another one continues its count.
func (k *kubelets) nextAttempt(pod *corev1.Pod, rule int) int {
	key := pod.Namespace + "/" + pod.Name
	for _, owner := range pod.OwnerReferences {
		if owner.Controller != nil && *owner.Controller {
			key = string(owner.UID) + "/" + completionIndex(pod)
			if owner.Kind == "StatefulSet" {
				key = string(owner.UID) + "/" + pod.Name
			}
		}
	}
	key += "/" + strconv.Itoa(rule)
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.attempts[key]++
	return k.attempts[key] - 1
}

// obey follows an order from the control socket.
func (k *kubelets) obey(words []string) (string, error) {
	command, rest := words[0], words[1:]
	switch command {
	case "silence", "resume":
		if len(rest) < 1 || len(rest) > 2 || len(rest) == 2 && (command != "resume" || rest[1] != "rebooted") {
			return "", errors.New("silence NODE | resume NODE [rebooted]")
		}
		n, known := k.nodes[rest[0]]
		if !known {
			return "", fmt.Errorf("there is no node %s; there are %s", rest[0],
				strings.Join(slices.Sorted(maps.Keys(k.nodes)), " "))
		}
		n.setSilent(command == "silence")
		for _, w := range k.workersOf(n) {
			if len(rest) == 2 {
				w.ask(order{lost: true})
			}
			w.poke()
		}
		return "", nil
	case "exit", "ready":
		if len(rest) != 2 {
			return "", errors.New("exit POD CODE | ready POD true|false (POD is NAME or NAMESPACE/NAME)")
		}
		var o order
		if command == "exit" {
			code, err := strconv.ParseUint(rest[1], 10, 8)
			if err != nil {
				return "", fmt.Errorf("%q is no exit code: 0 to 255", rest[1])
			}
			exit := int32(code)
			o.exit = &exit
		} else {
			ready, err := strconv.ParseBool(rest[1])
			if err != nil {
				return "", fmt.Errorf("%q is neither true nor false", rest[1])
			}
			o.ready = &ready
		}
		w, err := k.find(rest[0])
		if err != nil {
			return "", err
		}
		if _, stage := w.peek(); stage != running {
			return "", fmt.Errorf("pod %s does not run: it is %s", rest[0], stage)
		}
		w.ask(o)
		return "", nil
	case "table":
		if len(rest) != 1 {
			return "", errors.New("table FILE")
		}
		t, err := readTable(rest[0])
		if err != nil {
			return "", err
		}
		k.mutex.Lock()
		defer k.mutex.Unlock()
		k.table, k.attempts = t, map[string]int{}
		return "", nil
	case "list":
		return k.list(), nil
	default:
		return "", fmt.Errorf("there is no command %q", command)
	}
}

func (k *kubelets) workersOf(n *node) []*worker {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	var all []*worker
	for _, w := range k.workers {
		if w.node == n {
			all = append(all, w)
		}
	}
	return all
}

func (k *kubelets) find(name string) (*worker, error) {
	namespace := "default"
	if before, after, cut := strings.Cut(name, "/"); cut {
		namespace, name = before, after
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	for _, w := range k.workers {
		if pod, _ := w.peek(); pod != nil && pod.Name == name && pod.Namespace == namespace {
			return w, nil
		}
	}
	return nil, fmt.Errorf("no kubelet has a pod %s/%s", namespace, name)
}

// list prints a line for each node and each pod.
func (k *kubelets) list() string {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	var lines []string
	for name, n := range k.nodes {
		state := "heard"
		if n.isSilent() {
			state = "silent"
		}
		lines = append(lines, fmt.Sprintf("node %s %s\n", name, state))
	}
	for _, w := range k.workers {
		if pod, stage := w.peek(); pod != nil {
			lines = append(lines, fmt.Sprintf("pod %s/%s %s %s\n", pod.Namespace, pod.Name, w.node.entry.Name, stage))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// listenPrivately listens on a unix socket that only its owner can reach.
func listenPrivately(path string) (net.Listener, error) {
	before := syscall.Umask(0o177)
	defer syscall.Umask(before)
	return net.Listen("unix", path)
}
