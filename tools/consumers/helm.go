package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	linting "helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"sigs.k8s.io/yaml"
)

// values reads files of values, of which later ones win, as helm --values does.
func values(paths []string) (map[string]any, error) {
	out := map[string]any{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var more map[string]any
		if err := yaml.Unmarshal(data, &more); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = loader.MergeMaps(out, more)
	}
	return out, nil
}

// render prints the manifests of a chart, each after a comment with its template, as helm template does. The values are held
// against the chart's schema.
func render(args []string) error {
	chart, err := loader.Load(args[0])
	if err != nil {
		return err
	}
	vals, err := values(args[1:])
	if err != nil {
		return err
	}
	all, err := util.ToRenderValues(chart, vals, common.ReleaseOptions{Name: "release", Namespace: "namespace", Revision: 1, IsInstall: true}, common.DefaultCapabilities)
	if err != nil {
		return err
	}
	files, err := engine.Engine{Strict: true}.Render(chart, all)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.TrimSpace(files[name]) == "" || strings.HasSuffix(name, "NOTES.txt") || strings.HasSuffix(name, ".tpl") {
			continue
		}
		fmt.Printf("---\n# Source: %s\n%s\n", name, strings.TrimPrefix(strings.TrimSpace(files[name]), "---\n"))
	}
	return nil
}

// lint prints what helm lint finds, and fails where that is more than advice.
func lint(args []string) error {
	vals, err := values(args[1:])
	if err != nil {
		return err
	}
	result := linting.RunAll(args[0], vals, "namespace")
	for _, m := range result.Messages {
		fmt.Println(m)
	}
	if result.HighestSeverity >= support.WarningSev {
		return errors.New("helm lint finds fault with it")
	}
	return nil
}
