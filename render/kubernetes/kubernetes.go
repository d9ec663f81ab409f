// Package kubernetes writes a plan as manifests: rules and scraping for the Prometheus operator, routes for Alertmanager,
// and dashboards for Grafana's sidecar, for the Grafana operator and for Grafana's own API, each in a folder with a
// kustomization.
//
// There is no promise of compatibility before 1.0.
package kubernetes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/render/tree"
)

const firstLine = "# Written by obsgen build. Change the project's declarations instead.\n"

// root is the folder of the output.
const root = "kubernetes"

// Render returns kubernetes/: rules, scrape, dashboards and alertmanager, which kubernetes/kustomization.yaml joins, and
// beside them what takes the place of one of these: podmonitor, scrapeconfig, grafana-operator and grafana-app.
func Render(p *plan.Plan) ([]tree.File, error) {
	w := &writer{plan: p, folders: map[string][]string{}}
	for _, part := range []func(*writer) error{(*writer).rules, (*writer).scrape, (*writer).routes, (*writer).dashboards, (*writer).kustomize} {
		if err := part(w); err != nil {
			return nil, err
		}
	}
	return w.files, nil
}

// writer collects manifests.
type writer struct {
	plan    *plan.Plan
	files   []tree.File
	folders map[string][]string // the manifests of each folder
}

// add writes one manifest.
func (w *writer) add(folder, name string, object any) error {
	data, err := Encode(object)
	if err != nil {
		return fmt.Errorf("%s/%s: %w", folder, name, err)
	}
	w.folders[folder] = append(w.folders[folder], name)
	w.files = append(w.files, tree.File{Path: path.Join(root, folder, name), Data: append([]byte(firstLine), data...)})
	return nil
}

// Encode returns an object of Kubernetes as YAML, without what only a cluster fills in: its status, and when it was made.
func Encode(object any) ([]byte, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // ids of panels are whole numbers
	if err := dec.Decode(&fields); err != nil {
		return nil, err
	}
	delete(fields, "status")
	if meta, ok := fields["metadata"].(map[string]any); ok {
		delete(meta, "creationTimestamp")
	}
	return tree.YAML(fields)
}

// name returns what an object is called: the project's name and what it is for.
func (w *writer) name(suffix string) string {
	return objectName(strings.TrimSuffix(w.plan.Name+"-"+suffix, "-"))
}

// objectName makes a text a name of Kubernetes: see
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names.
func objectName(s string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
	return strings.Trim(out[:min(len(out), 253)], "-")
}

// labels are those of every object: the recommended ones of
// https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/.
func (w *writer) labels(more ...map[string]string) map[string]string {
	out := map[string]string{"app.kubernetes.io/name": w.plan.Name, "app.kubernetes.io/managed-by": "obsgen"}
	for _, m := range more {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

func (w *writer) meta(name string, labels map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: w.plan.Profile.Kubernetes.Namespace, Labels: labels}
}

type kustomization struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Namespace  string   `json:"namespace,omitempty"`
	Resources  []string `json:"resources"`
}

// together are the folders that one installation has; the others take the place of one of them.
var together = []string{"rules", "scrape", "dashboards", "alertmanager"}

// needs are folders whose manifests refer to those of others.
var needs = map[string][]string{"grafana-operator": {"../dashboards"}}

// kustomize writes a kustomization into each folder, and the one that joins those of an installation.
func (w *writer) kustomize() error {
	var joined []string
	for _, folder := range together {
		if len(w.folders[folder]) > 0 {
			joined = append(joined, folder)
		}
	}
	of := map[string][]string{"": joined}
	for folder, names := range w.folders {
		of[folder] = append(slices.Clone(needs[folder]), names...)
	}
	folders := make([]string, 0, len(of))
	for folder := range of {
		folders = append(folders, folder)
	}
	slices.Sort(folders)
	for _, folder := range folders {
		err := w.add(folder, "kustomization.yaml", kustomization{
			APIVersion: "kustomize.config.k8s.io/v1beta1", Kind: "Kustomization", Namespace: w.plan.Profile.Kubernetes.Namespace, Resources: of[folder],
		})
		if err != nil {
			return err
		}
	}
	return nil
}
