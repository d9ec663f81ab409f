package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var dashDuplicateUid = &Check{
	ID: "dash/duplicate-uid", Severity: diag.Error, Title: "Two dashboards of one uid",
	Why:     "Grafana keeps one of them: which, depends on the order of loading.",
	Source:  grafana + "administration/provisioning/#dashboards",
	Example: Example{},
	Set: func(s *Set, report Report) {
		first := map[string]*Dashboard{}
		for _, d := range s.Dashboards {
			uid := d.UID.Value
			if uid == "" {
				continue
			}
			if x, ok := first[uid]; ok && x.File != d.File {
				report(diag.Finding{At: d.UID.At(), Subject: d.Title.Value, Message: fmt.Sprintf("the uid %s is that of %q as well", uid, x.Title.Value), Mend: "give one of them another",
					Related: []diag.Related{{At: x.UID.At(), Message: "the other one"}}})
				continue
			}
			first[uid] = d
		}
	},
}
