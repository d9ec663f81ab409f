package mockforge_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/dashboardv2"
	"github.com/grafana/grafana-foundation-sdk/go/folderv1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/internal/toolchain"
)

const manifests = out + "/profiles/production/kubernetes"

// consumer runs the code of those who read what is written, and returns its output.
func consumer(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(toolchain.Consumers(t), args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

// definitions has controller-gen write the definitions of the Prometheus operator's kinds from its Go types, and adds what is
// known of the Grafana operator's, whose module is not to be had.
func definitions(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	const types = "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/"
	cmd := exec.Command(toolchain.ControllerGen(t), "crd", "paths="+types+"v1", "paths="+types+"v1alpha1", "output:crd:dir="+dir)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("controller-gen: %v\n%s", err, msg)
	}
	data, err := os.ReadFile("testdata/grafana-operator.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(string(data), "\n---\n") {
		if err := os.WriteFile(filepath.Join(dir, "grafana-"+string(rune('a'+i))+".yaml"), []byte(part), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// kindsOf returns the manifests below a folder by version and kind.
func kindsOf(t *testing.T, dir string) map[string][]string {
	t.Helper()
	kinds := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var of struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal(data, &of); err != nil {
			return err
		}
		kinds[of.APIVersion+" "+of.Kind] = append(kinds[of.APIVersion+" "+of.Kind], path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

// TestManifests validates every manifest as its consumer would: those of the operators by the API server's own validation,
// those of Kubernetes and Grafana by strict decoding into their Go types, and kustomizations by kustomize.
func TestManifests(t *testing.T) {
	kinds := kindsOf(t, manifests)
	var custom []string
	for id, paths := range kinds {
		switch id {
		case "kustomize.config.k8s.io/v1beta1 Kustomization":
		case "v1 Service":
			strictly(t, paths, func(data []byte) error { return yaml.UnmarshalStrict(data, &corev1.Service{}) })
		case "v1 ConfigMap":
			strictly(t, paths, func(data []byte) error { return yaml.UnmarshalStrict(data, &corev1.ConfigMap{}) })
		case "dashboard.grafana.app/v1 Dashboard": // the classic model, which TestDashboards looks at
		case "dashboard.grafana.app/v2 Dashboard":
			strictly(t, paths, func(data []byte) error {
				var d dashboardv2.Dashboard
				if err := d.UnmarshalJSONStrict(spec(t, data)); err != nil {
					return err
				}
				return d.Validate()
			})
		case "folder.grafana.app/v1 Folder":
			strictly(t, paths, func(data []byte) error {
				var f folderv1.Folder
				return f.UnmarshalJSONStrict(spec(t, data))
			})
		default:
			custom = append(custom, paths...)
		}
	}
	slices.Sort(custom)
	checked := consumer(t, "", append([]string{"crds", definitions(t)}, custom...)...)
	for _, kind := range []string{
		"monitoring.coreos.com/v1 PrometheusRule", "monitoring.coreos.com/v1 ServiceMonitor", "monitoring.coreos.com/v1 PodMonitor",
		"monitoring.coreos.com/v1alpha1 ScrapeConfig", "monitoring.coreos.com/v1alpha1 AlertmanagerConfig",
		"grafana.integreatly.org/v1beta1 GrafanaDashboard", "grafana.integreatly.org/v1beta1 GrafanaFolder",
	} {
		if !strings.Contains(checked, kind+"\n") {
			t.Errorf("no %s was validated", kind)
		}
	}
	for _, kind := range []string{"v1 Service", "v1 ConfigMap", "dashboard.grafana.app/v1 Dashboard", "dashboard.grafana.app/v2 Dashboard", "folder.grafana.app/v1 Folder"} {
		if len(kinds[kind]) == 0 {
			t.Errorf("there is no %s", kind)
		}
	}
	t.Logf("%d manifests of %d kinds", len(custom), len(kinds))
}

// TestManifestsAreRefused shows that the validation sees what is wrong.
func TestManifestsAreRefused(t *testing.T) {
	dir := definitions(t)
	data, err := os.ReadFile(manifests + "/scrape/servicemonitor.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"interval: 30s", "interval: soon", "interval"}, {"port: metrics", "prt: metrics", "spec.endpoints[0].prt is unknown"}, {"  endpoints:", "  ends:", "spec.endpoints: Required value"},
	} {
		path := filepath.Join(t.TempDir(), "m.yaml")
		if err := os.WriteFile(path, bytes.Replace(data, []byte(c.old), []byte(c.new), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		msg, err := exec.Command(toolchain.Consumers(t), "crds", dir, path).CombinedOutput()
		if err == nil || !strings.Contains(string(msg), c.want) {
			t.Errorf("%s: %v\n%s", c.new, err, msg)
		}
	}
}

func strictly(t *testing.T, paths []string, decode func([]byte) error) {
	t.Helper()
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := decode(data); err != nil && err.Error() != "" { // the SDK's Validate returns an error of no faults
			t.Errorf("%s: %v", path, err)
		}
	}
}

// spec returns the spec of a manifest as JSON.
func spec(t *testing.T, data []byte) []byte {
	t.Helper()
	var of struct{ Spec json.RawMessage }
	if err := yaml.Unmarshal(data, &of); err != nil {
		t.Fatal(err)
	}
	return of.Spec
}

// TestKustomize builds every kustomization, and looks whether the joined one has each object once.
func TestKustomize(t *testing.T) {
	for _, path := range kindsOf(t, manifests)["kustomize.config.k8s.io/v1beta1 Kustomization"] {
		built := consumer(t, "", "kustomize", filepath.Dir(path))
		if objects := strings.Count(built, "\nkind: "); objects == 0 {
			t.Errorf("%s gives nothing", path)
		}
	}
	built := consumer(t, "", "kustomize", manifests)
	var ids []string
	for _, part := range strings.Split(built, "\n---\n") {
		var of struct {
			Kind     string
			Metadata struct{ Name, Namespace string }
		}
		if err := yaml.Unmarshal([]byte(part), &of); err != nil {
			t.Fatal(err)
		}
		if of.Metadata.Namespace != "mockforge" {
			t.Errorf("%s %s is in the namespace %q", of.Kind, of.Metadata.Name, of.Metadata.Namespace)
		}
		ids = append(ids, of.Kind+" "+of.Metadata.Name)
	}
	slices.Sort(ids)
	if once := slices.Compact(slices.Clone(ids)); len(once) != len(ids) || len(ids) < 15 {
		t.Errorf("%d objects: %v", len(ids), ids)
	}
}

// TestConfigMapsHoldTheDashboards compares what the sidecar reads with the dashboards, and the sizes with what fits.
func TestConfigMapsHoldTheDashboards(t *testing.T) {
	for _, path := range kindsOf(t, manifests)["v1 ConfigMap"] {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var m corev1.ConfigMap
		if err := yaml.UnmarshalStrict(data, &m); err != nil {
			t.Fatal(err)
		}
		for key, content := range m.Data {
			want, err := os.ReadFile(out + "/profiles/production/grafana/dashboards/mockforge/" + key)
			if err != nil {
				t.Fatal(err)
			}
			var ours, theirs any
			if err := json.Unmarshal([]byte(content), &ours); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(want, &theirs); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Errorf("%s is another dashboard:\n%s", key, diff)
			}
		}
		noted, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(noted) > 256<<10 {
			t.Errorf("%s: kubectl apply notes %d bytes in an annotation, and 256 KiB fit", path, len(noted))
		}
	}
}
