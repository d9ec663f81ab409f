package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/source"
)

// foreign reads the dashboards of others: of files that are named, and of all files of folders that are dashboards. It returns them
// with what each part of their queries is, as PreviewState.Explained has it.
func (env *Env) foreign(p *plan.Plan, args []string, taken []PreviewDashboard) ([]PreviewDashboard, map[string]string, error) {
	if len(args) == 0 {
		return nil, nil, nil
	}
	names, err := filesOf(env.Dir, args)
	if err != nil {
		return nil, nil, err
	}
	explained := map[string]string{}
	var out []PreviewDashboard
	for _, name := range names {
		data, err := file.Read(env.path(name))
		if err != nil && !errors.Is(err, file.ErrTooLarge) {
			return nil, nil, misuse("%v", err)
		}
		named := slices.ContainsFunc(args, func(a string) bool { return filepath.Clean(a) == filepath.Clean(name) })
		var found []PreviewDashboard
		if err == nil {
			found, err = foreignIn(data)
		}
		switch {
		case err != nil && named:
			return nil, nil, misuse("%s: %v", name, err)
		case err != nil:
			continue // a folder has other files, too
		}
		for _, d := range found {
			// Of a name that the project has, too, both are shown.
			all, uid := slices.Concat(taken, out), d.UID
			for n := 2; slices.ContainsFunc(all, func(o PreviewDashboard) bool { return o.UID == d.UID }); n++ {
				d.UID = fmt.Sprintf("%s-%d", uid, n)
			}
			d.Folder, d.File = name, filepath.ToSlash(name)
			out = append(out, d)
			doc := source.Read(name, d.JSON)
			for _, b := range doc.Dashboards {
				for _, panel := range b.Panels {
					for _, t := range panel.Targets {
						if t.Query.Expr != nil {
							explained[explainKey(d.UID, panel.ID, t.RefID.Value)] = explainText(t.Query.Expr, infer.Infer(t.Query.Expr, p.Env, func(n *parser.NumberLiteral) ([]float64, bool) { return nil, t.Query.Touches(n) }))
						}
					}
				}
			}
		}
	}
	if len(out) == 0 {
		return nil, nil, misuse("there is no dashboard of Grafana in %s", strings.Join(args, ", "))
	}
	return out, explained, nil
}

// foreignIn returns the dashboards of a file: one as Grafana exports it or its API gives it, in the form of version 5 and later, in that
// with rows before it, or in the second form with elements; or those of the manifests of a YAML file.
func foreignIn(data []byte) ([]PreviewDashboard, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		d, err := dashboardOf(data)
		return []PreviewDashboard{d}, err
	}
	var out []PreviewDashboard
	var why error
	for part := range bytes.SplitSeq(append([]byte("\n"), data...), []byte("\n---")) {
		part, err := yaml.YAMLToJSON(part)
		if err != nil {
			return nil, fmt.Errorf("it is neither JSON nor YAML: %w", err)
		}
		for _, text := range manifested(part) {
			d, err := dashboardOf(text)
			if err != nil {
				why = err
				continue
			}
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, errors.Join(why, errors.New("it holds no dashboard"))
	}
	return out, nil
}

// manifested returns the dashboards within a manifest of Kubernetes: those of a ConfigMap, of a GrafanaDashboard of Grafana's operator,
// and of a list of manifests; of another, it itself.
func manifested(data []byte) [][]byte {
	var m struct {
		Kind  string
		Items []json.RawMessage
		Data  map[string]string
		Spec  struct{ JSON string }
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return [][]byte{data} // a field is of another kind, and what it is said elsewhere
	}
	var out [][]byte
	switch {
	case len(m.Items) > 0:
		for _, item := range m.Items {
			out = append(out, manifested(item)...)
		}
	case m.Kind == "ConfigMap":
		for _, name := range slices.Sorted(maps.Keys(m.Data)) {
			if strings.HasSuffix(name, ".json") {
				out = append(out, []byte(m.Data[name]))
			}
		}
	case m.Spec.JSON != "":
		out = append(out, []byte(m.Spec.JSON))
	default:
		out = append(out, data)
	}
	return out
}

// dashboardOf reads a dashboard of Grafana, in whichever form.
func dashboardOf(data []byte) (PreviewDashboard, error) {
	type form struct {
		Dashboard json.RawMessage            `json:"dashboard"`
		Spec      json.RawMessage            `json:"spec"`
		Metadata  struct{ Name string }      `json:"metadata"`
		UID       string                     `json:"uid"`
		Title     string                     `json:"title"`
		Panels    []json.RawMessage          `json:"panels"`
		Rows      []json.RawMessage          `json:"rows"`
		Elements  map[string]json.RawMessage `json:"elements"`
	}
	name := ""
	for range 4 { // it can stand in what the API answers, and that in a manifest
		var d form
		if err := json.Unmarshal(data, &d); err != nil {
			return PreviewDashboard{}, fmt.Errorf("it is no dashboard: %w", err)
		}
		if d.Metadata.Name != "" {
			name = d.Metadata.Name
		}
		switch {
		case d.Panels != nil || d.Rows != nil || d.Elements != nil:
			title := d.Title
			if title == "" {
				title = "Untitled"
			}
			uid := d.UID
			if uid == "" {
				uid = name
			}
			if uid == "" {
				uid = strings.Trim(strings.Map(func(r rune) rune {
					if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
						return r
					}
					return '-'
				}, strings.ToLower(title)), "-")
			}
			if uid == "" {
				uid = "untitled"
			}
			return PreviewDashboard{UID: uid, Title: title, JSON: data}, nil
		case d.Dashboard != nil:
			data = d.Dashboard
		case d.Spec != nil:
			data = d.Spec
		default:
			return PreviewDashboard{}, errors.New("it has no panels: a dashboard as Grafana exports it is wanted")
		}
	}
	return PreviewDashboard{}, errors.New("it has no panels: a dashboard as Grafana exports it is wanted")
}
