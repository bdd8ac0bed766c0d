// Command control-plane is a real Kubernetes control plane for reference: etcd, kube-apiserver,
// kube-controller-manager, kube-scheduler and kubectl of one release in one program, with simulated kubelets.
//
// One program plays every part. Feature gates, metrics and the user agent belong to a process, so `control-plane run`
// starts each part as a child process of itself under the name that the part has upstream; the name decides what the
// child does, and shows up as the manager in managedFields.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const usage = `control-plane: a real Kubernetes control plane for reference, with simulated kubelets

  control-plane run [options] [--exec -- COMMAND ARGUMENT…]   start it; see control-plane run --help
  control-plane control --dir D COMMAND …                     steer one that runs; see control-plane control --help
  control-plane check-table FILE                              read a table and say what is wrong with it
  control-plane kubectl ARGUMENT…                             the kubectl of the same release
  control-plane version                                       the Kubernetes release that is built in
`

// part is a role that this program can play.
type part func(args []string) int

// parts are the roles by the name under which they are started.
var parts = map[string]part{
	"etcd":                    runEtcd,
	"kube-apiserver":          runAPIServer,
	"kube-controller-manager": runControllerManager,
	"kube-scheduler":          runScheduler,
	"kubectl":                 runKubectl,
	"kubelet":                 runKubelets,
	"run":                     runSupervisor,
	"control":                 runControl,
	"check-table":             runCheckTable,
	"version":                 runVersion,
}

func main() {
	// Called by the name of a part, as upstream's own programs are.
	if play, known := parts[filepath.Base(os.Args[0])]; known {
		os.Exit(play(os.Args[1:]))
	}
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	name := os.Args[1]
	if slices.Contains([]string{"help", "-h", "--help"}, name) {
		fmt.Print(usage)
		return
	}
	play, known := parts[name]
	if !known {
		fmt.Fprintf(os.Stderr, "control-plane: there is no command %q\n\n%s", name, usage)
		os.Exit(2)
	}
	// The parts see themselves under their own name, whichever way they were called.
	os.Args = append([]string{name}, os.Args[2:]...)
	os.Exit(play(os.Args[1:]))
}

// fail prints an error of the program and returns the exit code that goes with it.
func fail(code int, format string, arguments ...any) int {
	fmt.Fprintln(os.Stderr, "control-plane: "+strings.TrimRight(fmt.Sprintf(format, arguments...), "\n"))
	return code
}
