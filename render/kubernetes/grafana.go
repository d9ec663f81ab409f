package kubernetes

import (
	"bytes"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/render/grafana"
)

const (
	// mostInObject is what the API server takes of one ConfigMap: see https://kubernetes.io/docs/concepts/configuration/configmap/.
	mostInObject = 1 << 20
	// mostInAnnotation is what it takes of annotations, into which kubectl apply copies the whole object: 256 KiB, less what the
	// rest of the object takes.
	mostInAnnotation = 256<<10 - 4<<10
)

// ConfigData returns a dashboard's JSON as a ConfigMap can hold it: indented, and in one line where kubectl apply could not
// note the object otherwise. It returns an error for one that is too large even so.
func ConfigData(uid string, indented []byte) (string, error) {
	quoted, err := json.Marshal(string(indented))
	if err != nil {
		return "", err
	}
	if len(quoted) <= mostInAnnotation {
		return string(indented), nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, indented); err != nil {
		return "", err
	}
	if b.Len() > mostInObject-4<<10 {
		return "", fmt.Errorf("dashboard %s has %d bytes, and a ConfigMap takes %d: split it", uid, b.Len(), mostInObject)
	}
	return b.String() + "\n", nil
}

// Types of the Grafana operator, whose module is not to be had: see https://grafana.github.io/grafana-operator/docs/api/.
type (
	grafanaFolder struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        metav1.ObjectMeta `json:"metadata"`
		Spec            folderSpec        `json:"spec"`
	}
	folderSpec struct {
		InstanceSelector metav1.LabelSelector `json:"instanceSelector"`
		Title            string               `json:"title"`
		UID              string               `json:"uid"`
	}
	grafanaDashboard struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        metav1.ObjectMeta `json:"metadata"`
		Spec            dashboardSpec     `json:"spec"`
	}
	dashboardSpec struct {
		InstanceSelector metav1.LabelSelector        `json:"instanceSelector"`
		FolderRef        string                      `json:"folderRef,omitempty"`
		ConfigMapRef     corev1.ConfigMapKeySelector `json:"configMapRef"`
	}
)

const operatorVersion = "grafana.integreatly.org/v1beta1"

// resource is an object of Grafana's own API, which is laid out as that of Kubernetes: see
// https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/apis/.
type resource struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       any            `json:"spec"`
}

// dashboards writes each dashboard as a ConfigMap for Grafana's sidecar, and as what takes the place of that: an object of
// the Grafana operator, which reads the ConfigMap, and objects of Grafana's own API, in both of its models.
func (w *writer) dashboards() error {
	folders := map[string]bool{}
	for _, b := range w.plan.Boards {
		if b.Folder != "" && !folders[b.Folder] {
			folders[b.Folder] = true
			if err := w.folder(b.Folder); err != nil {
				return err
			}
		}
		if err := w.dashboard(b); err != nil {
			return err
		}
	}
	return nil
}

// instances are the Grafanas that the operator writes to.
func (w *writer) instances() metav1.LabelSelector {
	if l := w.plan.Profile.Kubernetes.Grafana; len(l) > 0 {
		return metav1.LabelSelector{MatchLabels: l}
	}
	return metav1.LabelSelector{MatchLabels: map[string]string{"dashboards": "grafana"}}
}

func (w *writer) folder(title string) error {
	name := objectName(title)
	err := w.add("grafana-operator", "folder-"+name+".yaml", grafanaFolder{
		TypeMeta: metav1.TypeMeta{APIVersion: operatorVersion, Kind: "GrafanaFolder"}, Metadata: w.meta(name, w.labels()),
		Spec: folderSpec{w.instances(), title, grafana.FolderUID(title)},
	})
	if err != nil {
		return err
	}
	for _, version := range []string{"v1", "v2"} {
		err := w.add("grafana-app/"+version, "folder-"+name+".yaml", resource{
			APIVersion: "folder.grafana.app/v1", Kind: "Folder", Metadata: map[string]any{"name": grafana.FolderUID(title)}, Spec: map[string]any{"title": title},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) dashboard(b *plan.Board) error {
	data, err := grafana.Classic(w.plan, b)
	if err != nil {
		return err
	}
	content, err := ConfigData(b.UID, data)
	if err != nil {
		return err
	}
	name, key := objectName(b.UID), b.UID+".json"
	config := &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: w.meta(name, w.labels(map[string]string{SidecarLabel: "1"})),
		Data:       map[string]string{key: content},
	}
	if b.Folder != "" {
		config.Annotations = map[string]string{SidecarFolder: b.Folder}
	}
	if err := w.add("dashboards", name+".yaml", config); err != nil {
		return err
	}
	object := grafanaDashboard{
		TypeMeta: metav1.TypeMeta{APIVersion: operatorVersion, Kind: "GrafanaDashboard"}, Metadata: w.meta(name, w.labels()),
		Spec: dashboardSpec{
			InstanceSelector: w.instances(),
			ConfigMapRef:     corev1.ConfigMapKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key},
		},
	}
	if b.Folder != "" {
		object.Spec.FolderRef = objectName(b.Folder)
	}
	if err := w.add("grafana-operator", name+".yaml", object); err != nil {
		return err
	}
	meta := map[string]any{"name": b.UID}
	if b.Folder != "" {
		meta["annotations"] = map[string]any{"grafana.app/folder": grafana.FolderUID(b.Folder)}
	}
	var classic map[string]any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&classic); err != nil {
		return err
	}
	delete(classic, "uid") // it is the object's name
	v2, err := grafana.V2(w.plan, b)
	if err != nil {
		return err
	}
	r := resource{APIVersion: "dashboard.grafana.app/v1", Kind: "Dashboard", Metadata: meta, Spec: classic}
	if err := w.add("grafana-app/v1", name+".yaml", r); err != nil {
		return err
	}
	r.APIVersion, r.Spec = "dashboard.grafana.app/v2", v2
	return w.add("grafana-app/v2", name+".yaml", r)
}

// What the sidecar of Grafana's chart looks for: see
// https://github.com/grafana/helm-charts/tree/main/charts/grafana#sidecar-for-dashboards.
const (
	SidecarLabel  = "grafana_dashboard"
	SidecarFolder = "grafana_folder"
)
