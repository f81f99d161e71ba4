// Command cluster is every Kubernetes program of the lab in one file: etcd, the
// control plane, kubelet and kube-proxy. The first argument (or the name it was
// started by) picks the role, as busybox does; one link step serves all six.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kubeproxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// command wraps a program of Kubernetes' own, which all share cli.Run.
func command(build func(context.Context) *cobra.Command) func([]string) int {
	return func(args []string) int {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
		defer stop()
		built := build(ctx)
		built.SetArgs(args[1:])
		return cli.Run(built)
	}
}

var roles = map[string]func([]string) int{
	"etcd": func(args []string) int {
		etcdmain.Main(args)
		return 0
	},
	"kube-apiserver": command(func(context.Context) *cobra.Command { return apiserver.NewAPIServerCommand() }),
	"kube-controller-manager": command(func(context.Context) *cobra.Command {
		return controllermanager.NewControllerManagerCommand()
	}),
	"kube-scheduler": command(func(context.Context) *cobra.Command { return scheduler.NewSchedulerCommand() }),
	"kube-proxy":     command(func(context.Context) *cobra.Command { return kubeproxy.NewProxyCommand() }),
	"kubelet":        command(func(ctx context.Context) *cobra.Command { return kubelet.NewKubeletCommand(ctx) }),
}

func main() {
	args := os.Args
	name := filepath.Base(args[0])
	if _, known := roles[name]; !known && len(args) > 1 {
		args = args[1:]
		name = args[0]
	}
	run, known := roles[name]
	if !known {
		names := make([]string, 0, len(roles))
		for role := range roles {
			names = append(names, role)
		}
		sort.Strings(names)
		fmt.Fprintf(os.Stderr, "unknown role %q: use one of %s\n", name, strings.Join(names, ", "))
		os.Exit(2)
	}
	os.Args = args
	os.Exit(run(args))
}
