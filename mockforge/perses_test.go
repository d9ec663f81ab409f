package mockforge_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// TestPerses has Perses's own code decode every manifest, and looks whether each panel is there, in its place, with its queries.
func TestPerses(t *testing.T) {
	p := plans(t)[0]
	paths := []string{out + "/perses/project.yaml", out + "/perses/datasource.yaml"}
	for _, b := range p.Boards {
		paths = append(paths, out+"/perses/dashboards/"+b.UID+".yaml")
	}
	decoded := consumer(t, "", append([]string{"perses"}, paths...)...)
	if n := strings.Count(decoded, "Dashboard\n"); n != len(p.Boards) {
		t.Errorf("%d dashboards are decoded", n)
	}
	for _, b := range p.Boards {
		data, err := os.ReadFile(filepath.Join(out, "perses/dashboards", b.UID+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			Spec struct {
				Panels map[string]struct {
					Spec struct {
						Display struct{ Name string }
						Plugin  struct{ Kind string }
						Queries []struct {
							Spec struct {
								Plugin struct{ Spec struct{ Query string } }
							}
						}
					}
				}
				Layouts []struct {
					Spec struct {
						Items []struct {
							X, Width int
							Content  map[string]string
						}
					}
				}
			}
		}
		if err := yaml.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		want, got := map[string][]string{}, map[string][]string{}
		for _, panel := range b.Panels() {
			for _, target := range panel.Targets {
				want[panel.Title] = append(want[panel.Title], target.Expr.Text())
			}
		}
		for _, layout := range d.Spec.Layouts {
			for _, item := range layout.Spec.Items {
				panel, ok := d.Spec.Panels[strings.TrimPrefix(item.Content["$ref"], "#/spec/panels/")]
				if !ok || panel.Spec.Plugin.Kind == "" || item.X+item.Width > 24 {
					t.Errorf("%s: %+v leads to %+v", b.UID, item, panel)
				}
				for _, q := range panel.Spec.Queries {
					got[panel.Spec.Display.Name] = append(got[panel.Spec.Display.Name], q.Spec.Plugin.Spec.Query)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-Grafana +Perses):\n%s", b.UID, diff)
		}
	}
}
