package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	"k8s.io/component-base/version"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// runAPIServer is kube-apiserver.
func runAPIServer([]string) int { return cli.Run(apiserver.NewAPIServerCommand()) }

// runControllerManager is kube-controller-manager.
func runControllerManager([]string) int {
	return cli.Run(controllermanager.NewControllerManagerCommand())
}

// runScheduler is kube-scheduler.
func runScheduler([]string) int { return cli.Run(scheduler.NewSchedulerCommand()) }

// runKubectl is kubectl.
func runKubectl([]string) int {
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err) // prints it as kubectl does, and exits
	}
	return 0
}

// runEtcd is a single etcd member. Its only argument is the configuration file.
func runEtcd(args []string) int {
	if len(args) != 1 {
		return fail(2, "etcd: the configuration file is the only argument")
	}
	// The file spares us the fields of the configuration, which differ between etcd's releases.
	config, err := embed.ConfigFromFile(args[0])
	if err != nil {
		return fail(2, "etcd: %v", err)
	}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	server, err := embed.StartEtcd(config)
	if err != nil {
		return fail(1, "etcd: %v", err)
	}
	defer server.Close()
	select {
	case <-stop.Done():
		return 0
	case err := <-server.Err():
		return fail(1, "etcd: %v", err)
	}
}

// runVersion prints the release that is built in.
func runVersion([]string) int {
	fmt.Println(version.Get().GitVersion)
	return 0
}

// minor is the minor version of the release that is built in: 28 for v1.28.15.
func minor() int {
	number, err := strconv.Atoi(strings.TrimRight(version.Get().Minor, "+"))
	if err != nil {
		panic("the program was built without its version: use build.sh")
	}
	return number
}
