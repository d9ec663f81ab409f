// Command consumers runs the code by which others read what obsgen writes, so that tests can ask it: the schemas of
// Kubernetes's API server, kustomize, Helm, Compose and Alertmanager. It is a program of its own since what it links is
// large and needed by tests alone.
//
//	consumers crds DIR FILE...      validates manifests against the custom resource definitions in a folder
//	consumers kustomize DIR         prints what kustomize builds
//	consumers helm CHART [FILE...]  prints what Helm renders, with files of values
//	consumers lint CHART [FILE...]  prints what helm lint finds
//	consumers compose FILE          prints the project that Compose loads, as JSON
//	consumers perses FILE...        decodes manifests as Perses does
//	consumers alertmanager FILE     loads a configuration of Alertmanager, and prints the receivers of each label set on stdin
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) error{
		"crds": crds, "kustomize": kustomize, "helm": render, "lint": lint, "compose": compose, "alertmanager": routes, "perses": perses,
	}
	if len(os.Args) < 3 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "consumers: usage is in the source")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var errNothing = errors.New("there is nothing to look at")
