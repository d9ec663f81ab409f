// Package simulate runs rules in Prometheus's own engine, in time that is made up: the unit tests of rules.
//
// There is no promise of compatibility before 1.0.
package simulate

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	yamlv2 "go.yaml.in/yaml/v2"
	"go.yaml.in/yaml/v3"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/file"
)

// File is a file of unit tests of rules, in the format of
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/.
type File struct {
	Path  string
	Rules []string // paths of the rule files, in the order of the patterns
	// Empty are the patterns that no file matches.
	Empty    []string
	Interval time.Duration // between two evaluations
	Order    []string      // of groups, by name; others come first
	Fuzzy    bool          // neighbouring numbers are equal
	Groups   []*Group
	About    string // what a proof shows, lines of text; for Encode

	loader rules.GroupLoader // nil: the files are read
}

// Group is a set of input series with what is expected of them.
type Group struct {
	Name     string
	At       diag.Position
	Interval time.Duration // between two samples
	Start    time.Time     // of the first sample; zero: 1970
	External labels.Labels
	URL      string
	Series   []InputSeries
	Alerts   []AlertCase
	Exprs    []ExprCase
}

// InputSeries is a series in the notation of the engine's tests: `up{job="a"}` with `1 1 0x3`.
type InputSeries struct{ Series, Values string }

// AlertCase is which alerts of a name fire at a moment.
type AlertCase struct {
	At       diag.Position
	EvalTime time.Duration
	Alert    string
	Firing   []Firing
}

// Firing is an alert that fires: its labels, without alertname, and its annotations.
type Firing struct{ Labels, Annotations map[string]string }

// ExprCase is what an expression gives at a moment.
type ExprCase struct {
	At       diag.Position
	EvalTime time.Duration
	Expr     string
	Samples  []ExprSample
}

// ExprSample is one of its samples; with a Histogram the value does not count.
type ExprSample struct {
	Labels    string
	Value     float64
	Histogram string
}

// The file as it is written.
type (
	yamlFile struct {
		RuleFiles  []string       `yaml:"rule_files"`
		Interval   model.Duration `yaml:"evaluation_interval"`
		GroupOrder []string       `yaml:"group_eval_order"`
		Fuzzy      bool           `yaml:"fuzzy_compare"`
		Tests      []yamlGroup    `yaml:"tests"`
	}
	yamlGroup struct {
		Interval model.Duration    `yaml:"interval"`
		Series   []yamlSeries      `yaml:"input_series"`
		Alerts   []yamlAlert       `yaml:"alert_rule_test"`
		Exprs    []yamlExpr        `yaml:"promql_expr_test"`
		External map[string]string `yaml:"external_labels"`
		URL      string            `yaml:"external_url"`
		Name     string            `yaml:"name"`
		Start    moment            `yaml:"start_timestamp"`
	}
	yamlSeries struct {
		Series string `yaml:"series"`
		Values string `yaml:"values"`
	}
	yamlAlert struct {
		EvalTime model.Duration `yaml:"eval_time"`
		Name     string         `yaml:"alertname"`
		Firing   []struct {
			Labels      map[string]string `yaml:"exp_labels"`
			Annotations map[string]string `yaml:"exp_annotations"`
		} `yaml:"exp_alerts"`
	}
	yamlExpr struct {
		Expr     string         `yaml:"expr"`
		EvalTime model.Duration `yaml:"eval_time"`
		Samples  []struct {
			Labels    string  `yaml:"labels"`
			Value     float64 `yaml:"value"`
			Histogram string  `yaml:"histogram"`
		} `yaml:"exp_samples"`
	}
)

// moment is a time as the format has it: RFC 3339, or seconds since 1970.
type moment struct{ time.Time }

// UnmarshalYAML reads it.
func (m *moment) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		whole, part := math.Modf(v)
		m.Time = time.Unix(int64(whole), int64(math.Round(part*1000))*int64(time.Millisecond)).UTC()
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return fmt.Errorf("cannot parse %q to a valid timestamp", text)
	}
	m.Time = t
	return nil
}

// Read reads a file of tests. It returns an error with the file's name and line where it is none.
func Read(path string) (*File, error) {
	data, err := file.Read(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// ruleLoader loads rule files as Prometheus does, but only regular ones of a bounded size.
type ruleLoader struct{ parser parser.Parser }

// Load reads the groups of a file.
func (l ruleLoader) Load(path string, ignoreUnknownFields bool, scheme model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	data, err := file.Read(path)
	if err != nil {
		return nil, []error{fmt.Errorf("%s: %w", path, err)}
	}
	groups, errs := rulefmt.Parse(data, ignoreUnknownFields, scheme, l.parser, promslog.NewNopLogger())
	for i := range errs {
		errs[i] = fmt.Errorf("%s: %w", path, errs[i])
	}
	return groups, errs
}

// Parse parses an expression of a rule.
func (l ruleLoader) Parse(query string) (parser.Expr, error) { return l.parser.ParseExpr(query) }

// groups returns what loads the rules of the file.
func (f *File) groups(p parser.Parser) rules.GroupLoader {
	if f.loader != nil {
		return f.loader
	}
	return ruleLoader{p}
}

// Parse parses a file of tests; path is for messages, and its rule files are seen from its folder.
func Parse(path string, data []byte) (*File, error) {
	var y yamlFile
	// As promtool does: its version of YAML refuses a merge key that brings what a mapping has already.
	if err := yamlv2.UnmarshalStrict(data, &y); err != nil {
		return nil, located(path, err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, located(path, err)
	}
	f := &File{Path: path, Interval: time.Duration(y.Interval), Order: y.GroupOrder, Fuzzy: y.Fuzzy}
	if f.Interval == 0 {
		f.Interval = time.Minute
	}
	if f.Interval < 0 {
		return nil, fmt.Errorf("%s: evaluation_interval is %s", path, f.Interval)
	}
	for i, name := range f.Order {
		if slices.Contains(f.Order[:i], name) {
			return nil, fmt.Errorf("%s: group name repeated in evaluation order: %s", path, name)
		}
	}
	for _, pattern := range y.RuleFiles {
		at := pattern
		if !filepath.IsAbs(at) && at != "" {
			at = filepath.Join(filepath.Dir(path), at)
		}
		found, err := filepath.Glob(at)
		if err != nil {
			return nil, fmt.Errorf("%s: rule_files: %s: %w", path, pattern, err)
		}
		if len(found) == 0 {
			f.Empty = append(f.Empty, pattern)
		}
		f.Rules = append(f.Rules, found...)
	}
	tests := child(&root, "tests")
	for i, t := range y.Tests {
		node := item(tests, i)
		g := &Group{
			Name: t.Name, At: position(path, node), Interval: time.Duration(t.Interval), Start: t.Start.Time, External: labels.FromMap(t.External), URL: t.URL,
		}
		if g.Name == "" {
			g.Name = fmt.Sprintf("unnamed#%d", i)
		}
		if g.Interval == 0 {
			g.Interval = f.Interval
		}
		for _, s := range t.Series {
			g.Series = append(g.Series, InputSeries(s))
		}
		alerts, exprs := child(node, "alert_rule_test"), child(node, "promql_expr_test")
		for j, a := range t.Alerts {
			c := AlertCase{At: position(path, item(alerts, j)), EvalTime: time.Duration(a.EvalTime), Alert: a.Name}
			for _, x := range a.Firing {
				c.Firing = append(c.Firing, Firing{x.Labels, x.Annotations})
			}
			g.Alerts = append(g.Alerts, c)
		}
		for j, e := range t.Exprs {
			c := ExprCase{At: position(path, item(exprs, j)), EvalTime: time.Duration(e.EvalTime), Expr: e.Expr}
			for _, x := range e.Samples {
				c.Samples = append(c.Samples, ExprSample{x.Labels, x.Value, x.Histogram})
			}
			g.Exprs = append(g.Exprs, c)
		}
		f.Groups = append(f.Groups, g)
	}
	return f, nil
}

// goType is the Go type that the YAML library says has no field of a name.
var goType = regexp.MustCompile(`field (\S+) not found in type \S+`)

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): `)

// located puts the path before an error of the YAML library, and the line that it names in the usual form.
func located(path string, err error) error {
	text := err.Error()
	var types *yamlv2.TypeError
	if errors.As(err, &types) && len(types.Errors) > 0 {
		text = strings.Join(types.Errors, "; ")
	}
	text = goType.ReplaceAllString(text, "a file of rule tests has no field $1 here")
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("%s:%s: %s", path, m[1], text[len(m[0]):])
	}
	return fmt.Errorf("%s: %s", path, strings.TrimPrefix(text, "yaml: "))
}

// child returns the value of a key of a mapping, nil where there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	n = resolved(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// item returns an item of a sequence, nil where there is none.
func item(n *yaml.Node, i int) *yaml.Node {
	n = resolved(n)
	if n == nil || n.Kind != yaml.SequenceNode || i >= len(n.Content) {
		return nil
	}
	return n.Content[i]
}

func resolved(n *yaml.Node) *yaml.Node {
	for n != nil && (n.Kind == yaml.DocumentNode || n.Kind == yaml.AliasNode) {
		switch {
		case n.Kind == yaml.AliasNode:
			n = n.Alias
		case len(n.Content) == 0:
			return nil
		default:
			n = n.Content[0]
		}
	}
	return n
}

func position(path string, n *yaml.Node) diag.Position {
	if n == nil {
		return diag.Position{File: path}
	}
	return diag.Position{File: path, Line: n.Line, Col: n.Column}
}
