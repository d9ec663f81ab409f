//go:build !obsgen_preview

package cli

import (
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/helm"
	"github.com/obsgen/obsgen/render/kubernetes"
)

// manifests are the outputs for Kubernetes, whose API types are a third of what is linked: the program that the preview builds after
// each change does without them.
var manifests = []backend{{project.Kubernetes, kubernetes.Render}, {project.Helm, helm.Render}}
