package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
)

// controlSocket is the socket of control, in the folder of the control plane.
const controlSocket = "control.sock"

// readyWithin is how long the start may take.
const readyWithin = 2 * time.Minute

const runUsage = `control-plane run [options] [--exec -- COMMAND ARGUMENT…]

Starts etcd, kube-apiserver, kube-controller-manager, kube-scheduler and simulated kubelets on 127.0.0.1. Without --exec
it prints its folder, the path of the kubeconfig and "ready", and runs until it is told to stop. With --exec it runs the
command, with KUBECONFIG set and the matching kubectl (and control-plane) first in PATH, and ends with its exit code.

It ends by itself, and removes its folder, on SIGINT and SIGTERM, when its parent process has ended, and --for after it
was ready.

`

// options are the options of run.
type options struct {
	dir, table, gates, readyFile, logs, audit string
	duration                                  time.Duration
	execute                                   bool
	apiserver, controllerManager, scheduler   list
}

// list is an option that may be given many times.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// supervisor runs the parts of one control plane.
type supervisor struct {
	options options
	program string
	folder  string
	server  string // the URL of the API server
	starts  chan func()
	died    chan string // a part that ended without being told to

	mutex   sync.Mutex
	running map[string]*process
}

// process is a running part.
type process struct {
	command *exec.Cmd
	told    bool // to end
	ended   chan struct{}
}

// runSupervisor is the command run.
func runSupervisor(args []string) int {
	var o options
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", "", "work in this folder, new or empty (default: a new temporary one); removed at the end")
	flags.StringVar(&o.table, "table", "", "the table of nodes and of how pods behave (see README.md)")
	flags.StringVar(&o.gates, "feature-gates", "", "NAME=true,… for API server, controller manager and scheduler")
	flags.StringVar(&o.readyFile, "ready-file", "", "write the path of the kubeconfig here when ready")
	flags.StringVar(&o.logs, "logs", "", "keep the logs of the parts in this folder")
	flags.StringVar(&o.audit, "audit", "", "write the API server's audit log (metadata of writes: who, what, when) here")
	flags.DurationVar(&o.duration, "for", 0, "end this long after it was ready")
	flags.BoolVar(&o.execute, "exec", false, "run the command that follows")
	flags.Var(&o.apiserver, "apiserver-flag", "one more flag for kube-apiserver; may be repeated")
	flags.Var(&o.controllerManager, "controller-manager-flag", "the same for kube-controller-manager")
	flags.Var(&o.scheduler, "scheduler-flag", "the same for kube-scheduler")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), runUsage)
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case o.execute && flags.NArg() == 0:
		return fail(2, "--exec: no command follows")
	case !o.execute && flags.NArg() > 0:
		return fail(2, "%q: a command needs --exec before it", flags.Arg(0))
	}
	if _, err := readTable(o.table); err != nil {
		return fail(2, "%v", err)
	}
	program, err := os.Executable()
	if err != nil {
		return fail(1, "%v", err)
	}
	for _, path := range []*string{&o.table, &o.logs, &o.audit} { // the parts work in the folder
		if *path != "" {
			if *path, err = filepath.Abs(*path); err != nil {
				return fail(1, "%v", err)
			}
		}
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go watchParent(cancel)
	go func() {
		<-signals
		cancel()
	}()

	s := &supervisor{options: o, program: program, starts: make(chan func()), died: make(chan string, 8),
		running: map[string]*process{}}
	go s.starter()
	created, err := s.prepare()
	if err != nil {
		if created {
			_ = os.RemoveAll(s.folder)
		}
		return fail(2, "%v", err)
	}
	defer s.clear(created)
	defer s.stopAll()

	begun := time.Now()
	starting, abandon := context.WithTimeout(ctx, readyWithin)
	defer abandon()
	if err := s.startAll(starting); err != nil {
		if ctx.Err() != nil {
			return fail(1, "told to stop before it was ready")
		}
		return fail(1, "%v", err)
	}
	listener, err := listenPrivately(filepath.Join(s.folder, controlSocket))
	if err != nil {
		return fail(1, "%v", err)
	}
	defer listener.Close()
	go serve(listener, s.obey)

	if o.duration > 0 {
		time.AfterFunc(o.duration, cancel)
	}
	kubeconfig := s.path("kubeconfig")
	if o.readyFile != "" {
		if err := os.WriteFile(o.readyFile, []byte(kubeconfig+"\n"), 0o600); err != nil {
			return fail(2, "%v", err)
		}
	}
	if o.execute {
		return s.execute(ctx, flags.Args())
	}
	fmt.Printf("folder %s\nkubeconfig %s\nready after %.1f s\n", s.folder, kubeconfig, time.Since(begun).Seconds())
	select {
	case <-ctx.Done():
		return 0
	case name := <-s.died:
		return s.mourn(name)
	}
}

// watchParent cancels when the process that started this one has ended.
func watchParent(cancel func()) {
	parent := os.Getppid()
	for range time.Tick(500 * time.Millisecond) {
		if os.Getppid() != parent {
			cancel()
			return
		}
	}
}

func (s *supervisor) path(name string) string { return filepath.Join(s.folder, name) }

// prepare makes the folder; it says whether the folder is new.
func (s *supervisor) prepare() (created bool, err error) {
	if s.options.dir == "" {
		s.folder, err = os.MkdirTemp("", "control-plane-")
		created = true
	} else {
		if s.folder, err = filepath.Abs(s.options.dir); err != nil {
			return false, err
		}
		entries, missing := os.ReadDir(s.folder)
		if len(entries) > 0 {
			return false, fmt.Errorf("--dir %s is not empty", s.folder)
		}
		created = missing != nil
		if err = os.MkdirAll(s.folder, 0o700); err == nil {
			err = os.Chmod(s.folder, 0o700)
		}
	}
	if err != nil {
		return created, err
	}
	if len(s.path("kubelets.sock")) > 100 {
		return created, fmt.Errorf("%s: the path is too long for a socket", s.folder)
	}
	for _, name := range []string{"logs", "bin"} {
		if err := os.Mkdir(s.path(name), 0o700); err != nil {
			return created, err
		}
	}
	for _, name := range []string{"kubectl", "control-plane"} {
		if err := os.Symlink(s.program, s.path("bin/"+name)); err != nil {
			return created, err
		}
	}
	return created, nil
}

// clear keeps the logs if that was asked for, and removes the folder, or what is in it if it was there before.
func (s *supervisor) clear(created bool) {
	if s.options.logs != "" {
		if err := copyFiles(s.path("logs"), s.options.logs); err != nil {
			fail(1, "the logs were not kept: %v", err)
		}
	}
	if created {
		_ = os.RemoveAll(s.folder)
		return
	}
	entries, _ := os.ReadDir(s.folder)
	for _, entry := range entries {
		_ = os.RemoveAll(s.path(entry.Name()))
	}
}

// copyFiles copies the files of a folder over those of another one.
func copyFiles(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(from, entry.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, entry.Name()), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// startAll starts the parts one after the other and waits until the whole is ready.
func (s *supervisor) startAll(ctx context.Context) error {
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	s.server = fmt.Sprintf("https://127.0.0.1:%d", ports[0])
	if err := s.writeIdentities(); err != nil {
		return err
	}
	if err := s.startEtcd(ctx); err != nil {
		return err
	}
	if err := s.start("kube-apiserver", s.apiServerFlags(ports[0])...); err != nil {
		return err
	}
	client, err := clientFor(s.path("kubeconfig"))
	if err != nil {
		return err
	}
	if err := s.await(ctx, "kube-apiserver", 50*time.Millisecond, func() bool { return answers(ctx, client, "/readyz") }); err != nil {
		return err
	}
	if err := s.start("kube-controller-manager", s.controllerManagerFlags(ports[1])...); err != nil {
		return err
	}
	if err := s.start("kube-scheduler", s.schedulerFlags(ports[2])...); err != nil {
		return err
	}
	if err := s.start("kubelet", s.kubeletFlags()...); err != nil {
		return err
	}
	return s.awaitCluster(ctx, client, ports[1], ports[2])
}

// freePorts finds ports of loopback that nobody listens on.
func freePorts(count int) ([]int, error) {
	var ports []int
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func answers(ctx context.Context, client kubernetes.Interface, path string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := client.Discovery().RESTClient().Get().AbsPath(path).DoRaw(ctx)
	return err == nil
}

// await waits for a condition as long as no part dies.
func (s *supervisor) await(ctx context.Context, what string, every time.Duration, met func() bool) error {
	for !met() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not get ready: %w%s", what, context.Cause(ctx), s.tail(what))
		case name := <-s.died:
			return fmt.Errorf("%s ended%s", name, s.tail(name))
		case <-time.After(every):
		}
	}
	return nil
}

// starter starts processes on one thread that never ends: a child is told of the death of its parent's thread.
func (s *supervisor) starter() {
	runtime.LockOSThread()
	for start := range s.starts {
		start()
	}
}

// start starts a part, which logs to logs/NAME.log.
func (s *supervisor) start(name string, args ...string) error {
	log, err := os.OpenFile(s.path("logs/"+name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	last := syscall.SIGKILL
	if name == "kubelet" {
		last = syscall.SIGTERM // it clears up
	}
	command := &exec.Cmd{Path: s.program, Args: append([]string{name}, args...), Dir: s.folder, Stdout: log, Stderr: log,
		Env: []string{"HOME=" + s.folder, "TMPDIR=" + s.folder, "PATH=" + os.Getenv("PATH")},
		// Their own group, so that a ^C reaches them through us, in order.
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: last}}
	started := make(chan error)
	s.starts <- func() { started <- command.Start() }
	if err := <-started; err != nil {
		return err
	}
	p := &process{command: command, ended: make(chan struct{})}
	s.mutex.Lock()
	s.running[name] = p
	s.mutex.Unlock()
	go func() {
		_ = command.Wait()
		s.mutex.Lock()
		told := p.told
		if s.running[name] == p {
			delete(s.running, name)
		}
		s.mutex.Unlock()
		close(p.ended)
		if !told {
			s.died <- name
		}
	}()
	return nil
}

// stop ends a part, at the latest after the given time.
func (s *supervisor) stop(name string, patience time.Duration) {
	s.mutex.Lock()
	p := s.running[name]
	if p != nil {
		p.told = true
	}
	s.mutex.Unlock()
	if p == nil {
		return
	}
	if patience > 0 {
		_ = p.command.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
			return
		case <-time.After(patience):
		}
	}
	_ = p.command.Process.Kill()
	<-p.ended
}

// stopAll ends all parts. Nothing of theirs is kept, so nothing has to be waited for.
func (s *supervisor) stopAll() {
	for _, name := range []string{"kubelet", "kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd"} {
		s.stop(name, 0)
	}
}

// tail is the end of a part's log, for an error message.
func (s *supervisor) tail(name string) string {
	text, err := os.ReadFile(s.path("logs/" + name + ".log"))
	if err != nil || len(text) == 0 {
		return ""
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	lines = lines[max(0, len(lines)-12):]
	return "; the end of its log:\n" + string(bytes.Join(lines, []byte("\n")))
}

func (s *supervisor) mourn(name string) int { return fail(1, "%s ended%s", name, s.tail(name)) }

// execute runs the command of --exec.
func (s *supervisor) execute(ctx context.Context, words []string) int {
	path := s.path("bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	_ = os.Setenv("PATH", path) // the command itself may be kubectl
	command := exec.Command(words[0], words[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), "KUBECONFIG="+s.path("kubeconfig"), "REHEARSAL_CONTROL_PLANE="+s.folder,
		"KUBECACHEDIR="+s.path("kubectl-cache"), "KUBERC=off")
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	started := make(chan error)
	s.starts <- func() { started <- command.Start() }
	if err := <-started; err != nil {
		return fail(2, "%v", err)
	}
	ended := make(chan int, 1)
	go func() {
		_ = command.Wait()
		code := command.ProcessState.ExitCode()
		if status, ok := command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			code = 128 + int(status.Signal())
		}
		ended <- code
	}()
	select {
	case code := <-ended:
		return code
	case name := <-s.died:
		s.mourn(name)
	case <-ctx.Done():
	}
	_ = command.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		_ = command.Process.Kill()
	}
	return 1
}

// obey follows an order of control.
func (s *supervisor) obey(words []string) (string, error) {
	verb, name, _ := strings.Cut(words[0], "-")
	if name == "controller-manager" || name == "scheduler" {
		return "", s.steer(verb, "kube-"+name)
	}
	text, err := tell(s.path("kubelets.sock"), words)
	if words[0] == "list" && err == nil {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet"} {
			state := "stopped"
			if p := s.running[name]; p != nil {
				state = "runs as process " + strconv.Itoa(p.command.Process.Pid)
			}
			text += fmt.Sprintf("part %s %s\n", name, state)
		}
	}
	return text, err
}

// steer kills or starts a part again. A killed one is gone at once, as in a crash.
func (s *supervisor) steer(verb, name string) error {
	s.mutex.Lock()
	runs := s.running[name] != nil
	s.mutex.Unlock()
	switch {
	case verb == "kill" && !runs:
		return fmt.Errorf("%s does not run", name)
	case verb == "start" && runs:
		return fmt.Errorf("%s runs", name)
	case verb != "kill" && verb != "start" && verb != "restart":
		return fmt.Errorf("there is no command %s-%s", verb, strings.TrimPrefix(name, "kube-"))
	}
	if verb != "start" {
		s.stop(name, 0)
	}
	if verb == "kill" {
		return nil
	}
	ports, err := freePorts(1)
	if err != nil {
		return err
	}
	if name == "kube-scheduler" {
		return s.start(name, s.schedulerFlags(ports[0])...)
	}
	return s.start(name, s.controllerManagerFlags(ports[0])...)
}
