package plan

import (
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

// unlistedMetrics reports groups of metrics that queries read and the catalog lacks, each once, with the places that read it.
func (b *builder) unlistedMetrics() {
	found := map[*catalog.Group]int{} // the finding's index
	read := func(ms []*catalog.Metric, site diag.Site, what string) {
		for _, m := range ms {
			g := m.Group
			if slices.Contains(b.plan.Catalog.Groups(), g) || g.Title == "" {
				continue
			}
			for _, s := range m.AllSeries() {
				b.outside[s.Name()] = g
			}
			i, ok := found[g]
			if !ok {
				b.report(g.Site, diag.Error, "metric/unlisted", g.Title,
					fmt.Sprintf("the group %s is not in the catalog, so there is no metric %s for %s", g.Title, m.Name, what), "add the group to CatalogSpec.Groups")
				i = len(b.plan.Findings) - 1
				found[g] = i
			}
			related := diag.Related{At: site.Position(), Message: "read by " + what}
			if f := &b.plan.Findings[i]; !slices.Contains(f.Related, related) {
				f.Related = append(f.Related, related)
			}
		}
	}
	for _, g := range b.project.Groups {
		for _, r := range g.Records {
			read(r.Expr.Metrics(), r.Site, "a recording rule of "+g.Name)
		}
		for _, a := range g.Alerts {
			read(a.When.Metrics(), a.Site, "alert "+a.Name)
		}
	}
	for _, d := range b.project.Boards {
		for _, row := range d.Rows {
			for _, p := range row.Panels {
				if p == nil {
					continue
				}
				for _, s := range p.Series {
					read(s.Query.Metrics(), p.Site, fmt.Sprintf("panel %q", p.Title))
				}
			}
		}
	}
}

// Unlisted returns what a program declares and lists nowhere: alerts and recording rules in no group, groups in no project, groups
// of metrics in no catalog. own says which packages are the project's: what a library declares is for use where it is wanted. What
// another project of the same program lists is listed. Metrics that others write are there to be read: Plan.Findings have those
// that are.
func Unlisted(all []diag.Declaration, p *project.Project, own func(pkg string) bool) []diag.Finding {
	listed := map[any]bool{}
	catalogs := func(c *catalog.Catalog) {
		if c != nil {
			for _, g := range c.Groups() {
				listed[g] = true
			}
		}
	}
	ofProject := func(p *project.Project) {
		catalogs(p.Catalog)
		for _, g := range p.Groups {
			listed[g] = true
			for _, r := range g.Records { // a group may be put together without NewGroup
				listed[r] = true
			}
			for _, a := range g.Alerts {
				listed[a] = true
			}
		}
	}
	ofProject(p)
	for _, d := range all {
		switch x := d.Value.(type) {
		case *project.Project:
			ofProject(x)
		case *catalog.Catalog:
			catalogs(x)
		case *rules.RuleGroup:
			for _, r := range x.Records {
				listed[r] = true
			}
			for _, a := range x.Alerts {
				listed[a] = true
			}
		}
	}
	var out []diag.Finding
	for _, d := range all {
		f := diag.Finding{Severity: diag.Error, Subject: d.Name}
		switch x := d.Value.(type) {
		case *rules.AlertingRule:
			f.ID, f.Message, f.Mend = "alert/unlisted", "alert "+d.Name+" is in no group, so it never fires", "add it to Group.Alerts, or delete it"
		case *rules.RecordingRule:
			f.ID, f.Message, f.Mend = "record/unlisted", "a recording rule is in no group, so it records nothing", "add it to Group.Records, or delete it"
			if tree := x.Expr.Expr(); tree != nil {
				f.Why = "it is to record " + query.Text(tree, "$window", false)
			}
		case *rules.RuleGroup:
			f.ID, f.Message, f.Mend = "group/unlisted", "the rule group "+d.Name+" is not in the project, so its rules are not evaluated", "add it to project.Spec.Groups, or delete it"
		case *catalog.Group:
			if x.External {
				continue
			}
			f.ID, f.Message, f.Mend = "metric/unlisted", "the group "+d.Name+" is not in the catalog, so nothing can read its metrics", "add it to CatalogSpec.Groups, or delete it"
		default:
			continue
		}
		if listed[d.Value] || !own(d.Site.Package()) {
			continue
		}
		f.At = d.Site.Position()
		out = append(out, f)
	}
	return out
}
