package deploy

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// plurals are the kinds that can be applied, as the API's paths have them.
var plurals = map[string]string{
	"Service": "services", "ConfigMap": "configmaps", "PrometheusRule": "prometheusrules", "ServiceMonitor": "servicemonitors", "PodMonitor": "podmonitors",
	"ScrapeConfig": "scrapeconfigs", "AlertmanagerConfig": "alertmanagerconfigs", "GrafanaDashboard": "grafanadashboards", "GrafanaFolder": "grafanafolders",
}

// owner is the label by which obsgen knows its objects, and its name as the manager of their fields.
const (
	ownerLabel = "app.kubernetes.io/managed-by"
	owner      = "obsgen"
)

// manifest is what every manifest has.
type manifest struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name, Namespace string
		Labels          map[string]string
	} `json:"metadata"`
}

// Kubernetes plans what is to be done for manifests to be in a cluster as they are written, by server-side apply: see
// https://kubernetes.io/docs/reference/using-api/server-side-apply/. A manifest without a namespace goes to the one that is
// given. It changes nothing: applications are tried as dry runs.
func Kubernetes(ctx context.Context, s *Server, namespace string, manifests [][]byte) ([]Action, error) {
	var out []Action
	for _, data := range manifests {
		var m manifest
		if err := yaml.Unmarshal(data, &m); err != nil {
			return nil, err
		}
		plural, ok := plurals[m.Kind]
		if !ok {
			return nil, fmt.Errorf("%s %s is of a kind that is not known here", m.Kind, m.Metadata.Name)
		}
		in := cmp.Or(m.Metadata.Namespace, namespace)
		if in == "" {
			return nil, fmt.Errorf("%s %s has no namespace; name one", m.Kind, m.Metadata.Name)
		}
		base := "/apis/" + m.APIVersion
		if !strings.Contains(m.APIVersion, "/") {
			base = "/api/" + m.APIVersion
		}
		at := path.Join(base, "namespaces", in, plural, m.Metadata.Name)
		a, err := apply(ctx, s, at, data)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", m.Kind, m.Metadata.Name, err)
		}
		a.Object = m.Kind + " " + m.Metadata.Name
		out = append(out, a)
	}
	return out, nil
}

func apply(ctx context.Context, s *Server, at string, data []byte) (Action, error) {
	patch := func(ctx context.Context, query url.Values) ([]byte, error) {
		query.Set("fieldManager", owner)
		return s.do(ctx, http.MethodPatch, at+"?"+query.Encode(), "application/apply-patch+yaml", data)
	}
	a := Action{What: Create, apply: func(ctx context.Context) error {
		_, err := patch(ctx, url.Values{})
		return err
	}}
	have, err := s.do(ctx, http.MethodGet, at, "", nil)
	switch {
	case status(err) == http.StatusNotFound:
		_, err := patch(ctx, url.Values{"dryRun": {"All"}}) // the server says what is wrong with it now
		return a, err
	case err != nil:
		return a, err
	}
	var is map[string]any
	if err := json.Unmarshal(have, &is); err != nil {
		return a, fmt.Errorf("the server's answer: %w", err)
	}
	force := func(ctx context.Context) error {
		_, err := patch(ctx, url.Values{"force": {"true"}})
		return err
	}
	if labelOf(is, ownerLabel) != owner {
		a.What, a.apply, a.Details = Foreign, force, []string{"it has not the label " + ownerLabel + "=" + owner}
		return a, nil
	}
	tried, err := patch(ctx, url.Values{"dryRun": {"All"}})
	if status(err) == http.StatusConflict {
		a.What, a.apply, a.Details = Drifted, force, []string{err.Error()}
		return a, nil
	}
	if err != nil {
		return a, err
	}
	var would map[string]any
	if err := json.Unmarshal(tried, &would); err != nil {
		return a, fmt.Errorf("the server's answer: %w", err)
	}
	a.What = Update
	if a.Details = differing("", stripped(is), stripped(would)); len(a.Details) == 0 {
		a.What, a.apply = Unchanged, nil
	}
	return a, nil
}

func labelOf(object map[string]any, name string) string {
	meta, _ := object["metadata"].(map[string]any)
	labels, _ := meta["labels"].(map[string]any)
	s, _ := labels[name].(string)
	return s
}

// stripped returns an object without what the server keeps of its own.
func stripped(object map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range object {
		if k != "status" {
			out[k] = v
		}
	}
	if meta, ok := out["metadata"].(map[string]any); ok {
		of := map[string]any{}
		for k, v := range meta {
			if k != "managedFields" && k != "resourceVersion" && k != "generation" && k != "creationTimestamp" && k != "uid" {
				of[k] = v
			}
		}
		out["metadata"] = of
	}
	return out
}

// differing returns the places at which two objects differ.
func differing(at string, a, b any) []string {
	x, ok := a.(map[string]any)
	y, also := b.(map[string]any)
	if ok && also {
		keys := map[string]bool{}
		for k := range x {
			keys[k] = true
		}
		for k := range y {
			keys[k] = true
		}
		var out, sorted []string
		for k := range keys {
			sorted = append(sorted, k)
		}
		slices.Sort(sorted)
		for _, k := range sorted {
			out = append(out, differing(at+"."+k, x[k], y[k])...)
		}
		return out
	}
	p, _ := json.Marshal(a) // it was JSON
	q, _ := json.Marshal(b)
	if string(p) == string(q) {
		return nil
	}
	return []string{strings.TrimPrefix(at, ".") + " is another"}
}
