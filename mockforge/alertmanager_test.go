package mockforge_test

import (
	"encoding/json"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/internal/golden"
	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/tree"
)

// TestAlertmanager has Alertmanager's own code load the configuration of each profile, and route every alert: to the same
// receivers as the check of routes believes, and an alert of others to nobody.
func TestAlertmanager(t *testing.T) {
	for _, p := range plans(t) {
		dir := t.TempDir()
		writeOutputs(t, dir, p, project.Alertmanager)
		var in strings.Builder
		var want [][]string
		for _, g := range p.Groups {
			for _, r := range g.Rules {
				if r.Alert == nil {
					continue
				}
				labels := map[string]string{"alertname": r.Alert.Name}
				for k, v := range r.Labels {
					labels[k] = v
				}
				line, err := json.Marshal(labels)
				if err != nil {
					t.Fatal(err)
				}
				in.Write(append(line, '\n'))
				want = append(want, r.Receivers(p))
			}
		}
		in.WriteString(`{"alertname": "Watchdog", "severity": "critical", "owner": "others"}` + "\n")
		want = append(want, []string{"nobody"})
		var got [][]string
		dec := json.NewDecoder(strings.NewReader(consumer(t, in.String(), "alertmanager", path.Join(dir, "alertmanager/alertmanager.yml"))))
		for dec.More() {
			var to []string
			if err := dec.Decode(&to); err != nil {
				t.Fatal(err)
			}
			got = append(got, to)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("profile %s: Alertmanager routes otherwise (-checked +routed):\n%s", p.Profile.Name, diff)
		}
	}
}

// writeOutputs writes some outputs of a plan into a folder.
func writeOutputs(t *testing.T, dir string, p *plan.Plan, outputs ...string) {
	t.Helper()
	copied := *p
	copied.Profile.Outputs = outputs
	files, err := cli.Render([]*plan.Plan{&copied})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Write(dir, files, tree.Options{}); err != nil {
		t.Fatal(err)
	}
}

// TestEveryReceiver writes a receiver of each kind, by an address and by secrets, and has Alertmanager load it.
func TestEveryReceiver(t *testing.T) {
	p := plan.New(mockforge.Project, func() project.Profile {
		e := mockforge.Project.Profiles[1]
		secret := project.Secret{Name: "alerting", Key: "key"}
		e.Receivers = []project.Receiver{
			{Name: "hook", Webhook: &project.Webhook{URL: "https://hooks.example.org"}}, {Name: "secret-hook", Webhook: &project.Webhook{Secret: secret}},
			{Name: "chat", Slack: &project.Slack{Channel: "#ops", Secret: secret}}, {Name: "pager", PagerDuty: &project.PagerDuty{Secret: secret}},
		}
		return e
	}())
	if len(p.Findings) > 0 {
		t.Fatal(p.Findings)
	}
	dir := t.TempDir()
	writeOutputs(t, dir, p, project.Alertmanager, project.Kubernetes)
	consumer(t, "", "alertmanager", path.Join(dir, "alertmanager/alertmanager.yml"))
	consumer(t, "", "crds", definitions(t), path.Join(dir, "kubernetes/alertmanager/alertmanagerconfig.yaml"))
	data, err := os.ReadFile(path.Join(dir, "alertmanager/alertmanager.yml"))
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/alertmanager.yml", data)
}
