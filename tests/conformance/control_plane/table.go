package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// table says which nodes there are and how pods behave on them. README.md describes its file.
type table struct {
	Nodes   []nodeEntry `json:"nodes"`
	Default behaviour   `json:"default"`
	Pods    []podRule   `json:"pods"`
	Volumes volumeEntry `json:"volumes"`
}

// nodeEntry is one node, or count nodes NAME-0, NAME-1, ….
type nodeEntry struct {
	Name     string            `json:"name"`
	Count    int               `json:"count"`
	Labels   map[string]string `json:"labels"`
	Taints   []corev1.Taint    `json:"taints"`
	Capacity map[string]string `json:"capacity"`
}

// podRule says how the pods that it matches behave.
type podRule struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	Index     *int              `json:"index"`
	Node      string            `json:"node"`
	behaviour

	name, namespace, node *regexp.Regexp
}

// behaviour is what a pod does, in fixed times. What is not set comes from the table's default.
type behaviour struct {
	Start         *span     `json:"start"`
	Ready         *span     `json:"ready"`
	NeverReady    *bool     `json:"neverReady"`
	Attempts      []attempt `json:"attempts"`
	Container     *string   `json:"container"`
	Stop          *span     `json:"stop"`
	StopExit      *int32    `json:"stopExit"`
	Restart       *span     `json:"restart"`
	TerminalDelay *span     `json:"terminalDelay"`
}

// attempt is one run of the containers.
type attempt struct {
	Runs *span `json:"runs"`
	Exit int32 `json:"exit"`
}

// volumeEntry says how claims are served.
type volumeEntry struct {
	Provision *span  `json:"provision"`
	Binding   string `json:"binding"`
}

// span is a fixed time: "1.5s", or "forever".
type span time.Duration

// forever is longer than any control plane lives.
const forever = span(1<<63 - 1)

// UnmarshalJSON reads a span as Go writes durations.
func (s *span) UnmarshalJSON(text []byte) error {
	var word string
	if err := json.Unmarshal(text, &word); err != nil {
		return fmt.Errorf(`%s is no time: write "1.5s", "2m" or "forever"`, text)
	}
	if word == "forever" {
		*s = forever
		return nil
	}
	value, err := time.ParseDuration(word)
	if err != nil || value < 0 {
		return fmt.Errorf(`%q is no time: write "1.5s", "2m" or "forever"`, word)
	}
	*s = span(value)
	return nil
}

// builtInTable applies where no table is given: three nodes, and pods that start in a second.
const builtInTable = `{"nodes": [{"name": "worker", "count": 3}]}`

// readTable reads and checks a table; without a file, the built-in one.
func readTable(file string) (*table, error) {
	text := []byte(builtInTable)
	if file != "" {
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return nil, err
		}
	} else {
		file = "built-in table"
	}
	t := &table{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(t); err != nil {
		offset := decoder.InputOffset()
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			offset = syntax.Offset
		}
		line := 1 + bytes.Count(text[:min(int(offset), len(text))], []byte("\n"))
		return nil, fmt.Errorf("%s:%d: %w", file, line, err)
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

// check completes the table and refuses what cannot be meant.
func (t *table) check() error {
	var nodes []nodeEntry
	for i, node := range t.Nodes {
		if node.Name == "" {
			return fmt.Errorf("nodes[%d] has no name", i)
		}
		for name, value := range node.Capacity {
			if _, err := resource.ParseQuantity(value); err != nil {
				return fmt.Errorf("nodes[%d].capacity.%s: %q is no quantity", i, name, value)
			}
		}
		if node.Count == 0 {
			nodes = append(nodes, node)
		}
		for n := range node.Count {
			one := node
			one.Name = node.Name + "-" + strconv.Itoa(n)
			nodes = append(nodes, one)
		}
	}
	t.Nodes = nodes
	seen := map[string]bool{}
	for _, node := range nodes {
		if seen[node.Name] {
			return fmt.Errorf("there are two nodes %s", node.Name)
		}
		seen[node.Name] = true
	}
	for i := range t.Pods {
		rule := &t.Pods[i]
		for _, pattern := range []struct {
			text string
			into **regexp.Regexp
		}{{rule.Name, &rule.name}, {rule.Namespace, &rule.namespace}, {rule.Node, &rule.node}} {
			if pattern.text == "" {
				continue
			}
			compiled, err := regexp.Compile("^(?:" + pattern.text + ")$")
			if err != nil {
				return fmt.Errorf("pods[%d]: %w", i, err)
			}
			*pattern.into = compiled
		}
	}
	switch t.Volumes.Binding {
	case "", "Immediate", "WaitForFirstConsumer":
		return nil
	default:
		return fmt.Errorf("volumes.binding is %q: Immediate or WaitForFirstConsumer", t.Volumes.Binding)
	}
}

// matches says whether the rule is for this pod.
func (r *podRule) matches(pod *corev1.Pod) bool {
	if r.name != nil && !r.name.MatchString(pod.Name) ||
		r.namespace != nil && !r.namespace.MatchString(pod.Namespace) ||
		r.node != nil && !r.node.MatchString(pod.Spec.NodeName) {
		return false
	}
	for name, value := range r.Labels {
		if pod.Labels[name] != value {
			return false
		}
	}
	return r.Index == nil || completionIndex(pod) == strconv.Itoa(*r.Index)
}

// completionIndex is the pod's index in an Indexed Job, or "".
func completionIndex(pod *corev1.Pod) string {
	const name = "batch.kubernetes.io/job-completion-index"
	if index, labelled := pod.Labels[name]; labelled {
		return index
	}
	return pod.Annotations[name]
}

// manner is a behaviour with nothing left open.
type manner struct {
	start, ready, stop, restart, terminalDelay time.Duration
	neverReady                                 bool
	attempts                                   []attempt
	container                                  string
	stopExit                                   int32
	rule                                       int // which rule it is from: its number, or -1
}

// mannerOf is how a pod behaves: the first rule that matches it, over the default, over what is built in.
func (t *table) mannerOf(pod *corev1.Pod) manner {
	m := manner{start: time.Second, stop: time.Second, restart: time.Second, stopExit: 143, rule: -1}
	if pod.Spec.RestartPolicy != corev1.RestartPolicyAlways {
		runs := span(5 * time.Second)
		m.attempts = []attempt{{Runs: &runs}}
	}
	m.apply(t.Default)
	for i := range t.Pods {
		if t.Pods[i].matches(pod) {
			m.apply(t.Pods[i].behaviour)
			m.rule = i
			break
		}
	}
	return m
}

func (m *manner) apply(b behaviour) {
	set((*time.Duration)(b.Start), &m.start)
	set((*time.Duration)(b.Ready), &m.ready)
	set((*time.Duration)(b.Stop), &m.stop)
	set((*time.Duration)(b.Restart), &m.restart)
	set((*time.Duration)(b.TerminalDelay), &m.terminalDelay)
	set(b.NeverReady, &m.neverReady)
	set(b.Container, &m.container)
	set(b.StopExit, &m.stopExit)
	if b.Attempts != nil {
		m.attempts = b.Attempts
	}
}

func set[T any](from, into *T) {
	if from != nil {
		*into = *from
	}
}

// run is the nth run, counted from 0: how long it lasts and how it ends. The last one listed repeats.
func (m *manner) run(n int) (time.Duration, int32) {
	if len(m.attempts) == 0 {
		return time.Duration(forever), 0
	}
	one := m.attempts[min(n, len(m.attempts)-1)]
	if one.Runs == nil {
		return time.Duration(forever), one.Exit
	}
	return time.Duration(*one.Runs), one.Exit
}

// runCheckTable is the command check-table.
func runCheckTable(args []string) int {
	if len(args) != 1 {
		return fail(2, "check-table FILE")
	}
	t, err := readTable(args[0])
	if err != nil {
		return fail(2, "%v", err)
	}
	var names []string
	for _, node := range t.Nodes {
		names = append(names, node.Name)
	}
	fmt.Printf("%d nodes (%s), %d pod rules\n", len(names), strings.Join(names, " "), len(t.Pods))
	return 0
}
