package validate

import (
	"fmt"
	"path"
	"slices"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashDuplicateUid = &Check{
	ID: "dash/duplicate-uid", Severity: diag.Warning, Title: "Two dashboards of one uid",
	Why:     "Grafana keeps one of them: which, depends on the order of loading. Dashboards of several directories are taken for alternatives.",
	Source:  grafana + "administration/provisioning/#dashboards",
	Example: Example{},
	Set: func(s *Set, report Report) {
		type place struct{ dir, uid string }
		first := map[place]*Dashboard{}
		for _, d := range s.Dashboards {
			uid := d.UID.Value
			if uid == "" {
				continue
			}
			at := place{path.Dir(d.File.Path), uid}
			if x, ok := first[at]; ok && x.File != d.File {
				if sameDashboard(x.Dashboard, d.Dashboard) {
					continue // in another wrapping, such as a ConfigMap
				}
				report(diag.Finding{At: d.UID.At(), Subject: d.Title.Value, Message: fmt.Sprintf("the uid %s is that of %q as well", uid, x.Title.Value), Mend: "give one of them another",
					Related: []diag.Related{{At: x.UID.At(), Message: "the other one"}}})
				continue
			}
			first[at] = d
		}
	},
}

// sameDashboard reports whether two dashboards show the same: panels, queries and thresholds.
func sameDashboard(a, b *source.Dashboard) bool {
	return a.Title.Value == b.Title.Value && slices.EqualFunc(byID(a), byID(b), func(x, y *source.Panel) bool {
		return x.ID == y.ID && x.Title.Value == y.Title.Value && x.Type.Value == y.Type.Value && x.Unit.Value == y.Unit.Value &&
			slices.EqualFunc(x.Thresholds, y.Thresholds, func(p, q source.Number) bool { return p.Value == q.Value }) &&
			slices.EqualFunc(x.Targets, y.Targets, func(p, q *source.Target) bool {
				return textOf(p.Query) == textOf(q.Query) && p.Legend.Value == q.Legend.Value
			})
	})
}

func textOf(q *source.Query) string {
	if q == nil {
		return ""
	}
	return q.Text.Value
}

// byID returns the panels in the order of their ids: the model v2 has them in none.
func byID(d *source.Dashboard) []*source.Panel {
	return slices.SortedFunc(slices.Values(d.Panels), func(x, y *source.Panel) int { return x.ID - y.ID })
}
