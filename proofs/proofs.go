// Package proofs keeps what was proved of alerts between runs: which alert, in which form, and the test that shows it. A form is
// known by its digest, over all that a proof depends on: the alert, the rules that it reads, and what is known of the series.
//
// There is no promise of compatibility before 1.0.
package proofs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/query"
)

// FileName is where a project keeps its proofs, beside obsgen.yaml.
const FileName = "proofs.json"

// revision changes with what is searched, so that old proofs are made anew.
const revision = "1"

// Proof is a test that shows that an alert fires, in promtool's format. It names the files of its rules as ../rules/NAME.
type Proof struct {
	Alert  string `json:"alert"`
	Digest string `json:"digest"`
	Test   string `json:"test"`
}

// Read returns the proofs that a folder keeps, by their digests, and false where it keeps none.
func Read(dir string) (map[string]Proof, bool, error) {
	path := filepath.Join(dir, FileName)
	data, err := file.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	var list []Proof
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(&list); err != nil {
		return nil, false, fmt.Errorf("%s: %w; obsgen prove --save writes it anew", path, err)
	}
	out := map[string]Proof{}
	for _, p := range list {
		out[p.Digest] = p
	}
	return out, true, nil
}

// Encode returns the proofs as a file, in the order of the alerts.
func Encode(list map[string]Proof) ([]byte, error) {
	sorted := slices.SortedFunc(maps.Values(list), func(a, b Proof) int {
		if c := strings.Compare(a.Alert, b.Alert); c != 0 {
			return c
		}
		return strings.Compare(a.Digest, b.Digest)
	})
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(sorted)
	return out.Bytes(), err
}

// Key names an alert in rule files: its file, its group, and the number of its rule in that.
type Key struct {
	File, Group string
	Rule        int
}

// SiteKey names a rule by its group and its name.
func SiteKey(group, rule string) string { return group + "/" + rule }

// Form is an alert in its present form.
type Form struct {
	Alert  string
	Digest string
}

// rule is a rule in its group.
type rule struct {
	group rulefmt.RuleGroup // without its rules
	rulefmt.Rule
	expr parser.Expr
}

// Forms returns the forms of all alerts of rule files, whose texts are given by name, on a server with these flags; about returns
// what is known of a series that no rule records.
func Forms(files map[string][]byte, features query.Features, about func(series string) any) (map[Key]Form, error) {
	p := features.Parser()
	records := map[string][]*rule{}
	alerts := map[Key]*rule{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		groups, errs := rulefmt.Parse(files[name], true, model.UTF8Validation, p, promslog.NewNopLogger())
		if len(errs) > 0 {
			return nil, fmt.Errorf("%s: %w", name, errors.Join(errs...))
		}
		for _, g := range groups.Groups {
			head := g
			head.Rules = nil
			for i, r := range g.Rules {
				e, err := p.ParseExpr(r.Expr)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				x := &rule{head, r, e}
				if r.Record != "" {
					records[r.Record] = append(records[r.Record], x)
				} else {
					alerts[Key{name, g.Name, i}] = x
				}
			}
		}
	}
	out := map[Key]Form{}
	for key, a := range alerts {
		sum := sha256.New()
		enc := json.NewEncoder(sum)
		seen := map[*rule]bool{}
		var add func(*rule) error
		add = func(r *rule) error {
			if seen[r] {
				return nil
			}
			seen[r] = true
			// Labels and annotations are maps, which JSON sorts.
			err := enc.Encode([]any{r.group, r.Rule})
			parser.Inspect(r.expr, func(n parser.Node, _ []parser.Node) error {
				x, ok := n.(*parser.VectorSelector)
				if !ok || err != nil {
					return nil
				}
				if known := records[x.Name]; known != nil {
					for _, k := range known {
						err = errors.Join(err, add(k))
					}
					return nil
				}
				err = enc.Encode([]any{x.String(), about(x.Name)})
				return nil
			})
			return err
		}
		if err := errors.Join(enc.Encode(revision), add(a)); err != nil {
			return nil, err
		}
		out[key] = Form{a.Alert, hex.EncodeToString(sum.Sum(nil)[:16])}
	}
	return out, nil
}
