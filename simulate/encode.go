package simulate

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/obsgen/obsgen/render/tree"
)

// Encode returns the file in promtool's format as it stands in a folder, from which the paths of its rules are seen.
func (f *File) Encode(dir string) ([]byte, error) {
	type alert struct {
		Labels      map[string]string `yaml:"exp_labels,omitempty"`
		Annotations map[string]string `yaml:"exp_annotations,omitempty"`
	}
	type alertCase struct {
		EvalTime model.Duration `yaml:"eval_time"`
		Name     string         `yaml:"alertname"`
		Alerts   []alert        `yaml:"exp_alerts"`
	}
	type group struct {
		Name     string         `yaml:"name"`
		Interval model.Duration `yaml:"interval"`
		Series   []yamlSeries   `yaml:"input_series"`
		Alerts   []alertCase    `yaml:"alert_rule_test"`
	}
	var out struct {
		Rules    []string       `yaml:"rule_files"`
		Interval model.Duration `yaml:"evaluation_interval"`
		Order    []string       `yaml:"group_eval_order,omitempty"`
		Tests    []group        `yaml:"tests"`
	}
	out.Interval, out.Order = model.Duration(f.Interval), f.Order
	from, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for _, r := range f.Rules {
		at, err := filepath.Abs(r)
		if err == nil {
			at, err = filepath.Rel(from, at)
		}
		if err != nil {
			return nil, err
		}
		out.Rules = append(out.Rules, filepath.ToSlash(at))
	}
	for _, g := range f.Groups {
		t := group{Name: g.Name, Interval: model.Duration(g.Interval)}
		for _, s := range g.Series {
			t.Series = append(t.Series, yamlSeries(s))
		}
		for _, c := range g.Alerts {
			x := alertCase{EvalTime: model.Duration(c.EvalTime), Name: c.Alert, Alerts: []alert{}}
			for _, a := range c.Firing {
				x.Alerts = append(x.Alerts, alert(a))
			}
			t.Alerts = append(t.Alerts, x)
		}
		out.Tests = append(out.Tests, t)
	}
	var b bytes.Buffer
	b.WriteString("# Written by obsgen prove; edits are lost.\n")
	for line := range strings.Lines(f.About) {
		b.WriteString("# " + strings.TrimRight(line, "\n") + "\n")
	}
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(out); err != nil {
		return nil, err
	}
	return tree.Quote(b.Bytes()), enc.Close()
}

// Alerts are the names of the alerting rules, in their order.
func (s *RuleSet) Alerts() []string {
	var out []string
	for _, r := range s.alerts {
		out = append(out, r.rule.Alert)
	}
	return out
}
