package diff

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/source"
)

// Side is one of the two states that are compared.
type Side struct {
	// Catalog has the metrics, nil where the files do not tell.
	Catalog *Catalog
	Docs    []*source.Document
}

// made matches the files of a tree that build wrote, of which the others are other forms of the same.
var made = regexp.MustCompile(`^(profiles/[^/]+/)?(grafana/dashboards|prometheus/rules)/`)

// Read reads a state from its files, by their paths. Of a tree that build wrote it reads the dashboards and the rules of
// Prometheus; of any other it reads all that are dashboards or rules.
func Read(files map[string][]byte) (Side, error) {
	var s Side
	_, ours := files["MANIFEST"]
	for _, p := range slices.Sorted(maps.Keys(files)) {
		if p == CatalogFile {
			c, err := ParseCatalog(files[p])
			if err != nil {
				return s, err
			}
			s.Catalog = c
			continue
		}
		if ext := path.Ext(p); ext != ".json" && ext != ".yaml" && ext != ".yml" || ours && !made.MatchString(p) {
			continue
		}
		s.Docs = append(s.Docs, source.Read(p, files[p]))
	}
	return s, nil
}

// profileOf returns the environment that a file is for, "" for the usual one.
func profileOf(path string) string {
	if rest, ok := strings.CutPrefix(path, "profiles/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		return name
	}
	return ""
}

// Reader is a query that reads series, and where it stands.
type Reader struct {
	// Kind is panel, variable, annotation, alert or recording rule; Name says which.
	Kind string `json:"kind"`
	Name string `json:"name"`
	File string `json:"file"`
	Line int    `json:"line,omitempty"`

	expr   parser.Expr
	legend string
}

func (r Reader) id() string { return r.Kind + "\x00" + r.Name + "\x00" + r.File }

// readers returns all queries of some files.
func readers(docs []*source.Document) []Reader {
	var out []Reader
	add := func(kind, name string, q *source.Query, legend string) {
		if q == nil || q.Expr == nil {
			return
		}
		at := q.Text.At()
		out = append(out, Reader{Kind: kind, Name: name, File: at.File, Line: at.Line, expr: q.Expr, legend: legend})
	}
	for _, d := range docs {
		for _, g := range d.Groups {
			for _, r := range g.Rules {
				kind := "recording rule"
				if !r.Alert.IsZero() {
					kind = "alert"
				}
				texts := ""
				for _, a := range r.Annotations {
					texts += a.Value.Value + "\n"
				}
				for _, q := range r.Queries {
					add(kind, r.Name().Value, q, texts)
				}
			}
		}
		for _, b := range d.Dashboards {
			for _, p := range b.Panels {
				for _, t := range p.Targets {
					add("panel", b.Title.Value+" / "+cmp.Or(p.Title.Value, p.Type.Value), t.Query, t.Legend.Value)
				}
			}
			for _, a := range b.Annotations {
				add("annotation", b.Title.Value+" / "+a.Legend.Value, a.Query, "")
			}
		}
	}
	return out
}

// use is how a query uses one series.
type use struct {
	selector *parser.VectorSelector
	// labels are those that the query names of it: in matchers, groupings and joins.
	labels map[string]bool
	// joined says that the series meets others label by label, so that one more label breaks the join.
	joined bool
}

// uses returns how a query uses series of some names.
func uses(e parser.Expr, names []string) []use {
	var out []use
	parser.Inspect(e, func(n parser.Node, path []parser.Node) error {
		v, ok := n.(*parser.VectorSelector)
		if !ok || !slices.Contains(names, v.Name) {
			return nil
		}
		u := use{selector: v, labels: map[string]bool{}}
		for _, m := range v.LabelMatchers {
			u.labels[m.Name] = true
		}
		kept := true // by what the series has gone through so far, from within
		for i := len(path) - 1; i >= 0; i-- {
			switch p := path[i].(type) {
			case *parser.AggregateExpr:
				for _, l := range p.Grouping {
					u.labels[l] = u.labels[l] || kept
				}
				kept = kept && p.Without
			case *parser.BinaryExpr:
				m := p.VectorMatching
				if m == nil || p.LHS.Type() != parser.ValueTypeVector || p.RHS.Type() != parser.ValueTypeVector {
					continue
				}
				for _, l := range m.MatchingLabels {
					u.labels[l] = u.labels[l] || kept
				}
				if kept && !m.On && p.Op != parser.LOR {
					u.joined = true
				}
				if m.On && m.Card == parser.CardOneToOne {
					kept = false
				}
			case *parser.Call:
				kept = kept && p.Func.Name != "absent" && p.Func.Name != "absent_over_time" && p.Func.Name != "scalar"
			}
		}
		out = append(out, u)
		return nil
	})
	return out
}

// same reports whether two expressions mean the same.
func same(a, b parser.Expr) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return query.Canonical(a) == query.Canonical(b)
}
