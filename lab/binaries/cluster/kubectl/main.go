// Command kubectl is kubectl itself. It is called all the time, and a file that
// holds the control plane as well takes more than twice as long to start.
package main

import (
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

func main() {
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		// Says what went wrong in kubectl's own form, and exits with its code.
		util.CheckErr(err)
	}
}
