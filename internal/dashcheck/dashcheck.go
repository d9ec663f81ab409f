// Package dashcheck finds what is wrong with a set of Grafana dashboards without a Grafana: what its schema does
// not know, and what it would show wrongly and in silence.
package dashcheck

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Check returns what is wrong with dashboards in the classic JSON model, by file name; links between them are
// followed. None is wrong where the result is empty.
func Check(dashboards map[string][]byte) []string {
	c := &checker{boards: map[string]*board{}, seen: map[string]bool{}}
	names := slices.Sorted(maps.Keys(dashboards))
	files := map[string]*board{}
	for _, name := range names {
		c.file = name
		b := &board{}
		if err := json.Unmarshal(dashboards[name], b); err != nil {
			c.report("%v", err)
			continue
		}
		files[name] = b
		if first, ok := c.boards[b.UID]; ok {
			c.report("uid %q is also that of %q", b.UID, first.Title)
		}
		c.boards[b.UID] = b
	}
	for _, name := range names {
		if b := files[name]; b != nil {
			c.file = name
			c.board(b)
			c.references(b, dashboards[name])
			c.strict(dashboards[name])
		}
	}
	return c.problems
}

type checker struct {
	file     string
	boards   map[string]*board // by uid
	problems []string
	seen     map[string]bool
}

// report notes a problem of the current file, once.
func (c *checker) report(format string, args ...any) {
	problem := c.file + ": " + fmt.Sprintf(format, args...)
	if !c.seen[problem] {
		c.seen[problem] = true
		c.problems = append(c.problems, problem)
	}
}

// board is what is looked at of a dashboard.
type board struct {
	UID           string  `json:"uid"`
	Title         string  `json:"title"`
	SchemaVersion int     `json:"schemaVersion"`
	Panels        []panel `json:"panels"`
	Templating    struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []annotation `json:"list"`
	} `json:"annotations"`
	Links []link `json:"links"`
}

// panels returns all panels, those inside of rows as well, without the rows.
func (b *board) panels() []*panel {
	var out []*panel
	for i := range b.Panels {
		p := &b.Panels[i]
		if p.Type != rowType {
			out = append(out, p)
		}
		for j := range p.Panels {
			out = append(out, &p.Panels[j])
		}
	}
	return out
}

const rowType = "row"

type panel struct {
	ID          int      `json:"id"`
	Type        string   `json:"type"`
	Title       string   `json:"title"`
	GridPos     *grid    `json:"gridPos"`
	Collapsed   bool     `json:"collapsed"`
	Repeat      string   `json:"repeat"`
	Panels      []panel  `json:"panels"`
	Datasource  *source  `json:"datasource"`
	Targets     []target `json:"targets"`
	Links       []link   `json:"links"`
	FieldConfig struct {
		Defaults struct {
			Unit  *string `json:"unit"`
			Links []link  `json:"links"`
		} `json:"defaults"`
		Overrides []struct {
			Properties []property `json:"properties"`
		} `json:"overrides"`
	} `json:"fieldConfig"`
	Options struct {
		Legend *struct {
			Show        *bool   `json:"show"`
			ShowLegend  *bool   `json:"showLegend"`
			DisplayMode *string `json:"displayMode"`
			Placement   *string `json:"placement"`
		} `json:"legend"`
		Tooltip *struct {
			Mode string  `json:"mode"`
			Sort *string `json:"sort"`
		} `json:"tooltip"`
		YAxis struct {
			Unit *string `json:"unit"`
		} `json:"yAxis"`
		CellValues struct {
			Unit *string `json:"unit"`
		} `json:"cellValues"`
	} `json:"options"`
}

// name is how messages call a panel.
func (p *panel) name() string { return fmt.Sprintf("%s %d %q", p.Type, p.ID, p.Title) }

type property struct {
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value"`
}

type grid struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

type source struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type target struct {
	RefID      string  `json:"refId"`
	Expr       string  `json:"expr"`
	Datasource *source `json:"datasource"`
	Instant    bool    `json:"instant"`
	Range      bool    `json:"range"`
}

type link struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

type variable struct {
	Name       string  `json:"name"`
	Type       string  `json:"type"`
	Datasource *source `json:"datasource"`
}

type annotation struct {
	Name       string  `json:"name"`
	BuiltIn    int     `json:"builtIn"`
	Datasource *source `json:"datasource"`
	Target     *target `json:"target"`
}
