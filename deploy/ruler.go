package deploy

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/diff"
	"github.com/obsgen/obsgen/source"
)

// Group is a group of rules to be deployed: the YAML of the group itself, without a list around it.
type Group struct {
	Name string
	YAML []byte
}

const yamlType = "application/yaml"

// The paths of the rulers' APIs: see https://grafana.com/docs/mimir/latest/references/http-api/#ruler and
// https://cortexmetrics.io/docs/api/#ruler.
const (
	MimirRules  = "/prometheus/config/v1/rules"
	CortexRules = "/api/v1/rules"
)

// Ruler plans what is to be done for a project's rules to be in a ruler as they are declared, in a namespace that is the
// project's alone. rules is the path of the ruler's API. It reads only.
func Ruler(ctx context.Context, s *Server, rules, namespace string, groups []Group) ([]Action, error) {
	at := path.Join("/", rules, url.PathEscape(namespace))
	have := map[string][]byte{}
	data, err := s.do(ctx, http.MethodGet, at, "", nil)
	switch {
	case status(err) == http.StatusNotFound: // the namespace is empty
	case err != nil:
		return nil, err
	default:
		var all map[string][]map[string]any
		if err := yaml.Unmarshal(data, &all); err != nil {
			return nil, fmt.Errorf("the server's answer: %w", err)
		}
		for _, g := range all[namespace] {
			name, _ := g["name"].(string)
			if have[name], err = yaml.Marshal(g); err != nil {
				return nil, err
			}
		}
	}
	var out []Action
	for _, g := range groups {
		a := Action{What: Create, Object: "rule group " + g.Name}
		a.apply = func(ctx context.Context) error {
			_, err := s.do(ctx, http.MethodPost, at, yamlType, g.YAML)
			return err
		}
		if is, ok := have[g.Name]; ok {
			a.What = Update
			if a.Details = ruleChanges(is, g.YAML); len(a.Details) == 0 {
				a.What, a.apply = Unchanged, nil
			}
			delete(have, g.Name)
		}
		out = append(out, a)
	}
	var names []string
	for name := range have {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		out = append(out, Action{What: Left, Object: "rule group " + name, remove: func(ctx context.Context) error {
			_, err := s.do(ctx, http.MethodDelete, path.Join(at, url.PathEscape(name)), "", nil)
			return err
		}})
	}
	return out, nil
}

// ruleChanges says in what two groups differ, for those who read them.
func ruleChanges(have, want []byte) []string {
	read := func(data []byte) diff.Side {
		var g any
		if err := yaml.Unmarshal(data, &g); err != nil {
			return diff.Side{}
		}
		whole, err := yaml.Marshal(map[string]any{"groups": []any{g}})
		if err != nil {
			return diff.Side{}
		}
		return diff.Side{Docs: []*source.Document{source.Read("rules.yaml", whole)}}
	}
	var out []string
	for _, c := range diff.Compare(read(have), read(want), nil).Changes {
		out = append(out, c.Kind+" "+c.Name+": "+c.What)
	}
	return out
}
