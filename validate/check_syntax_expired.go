package validate

import (
	"bytes"
	"fmt"
	"regexp"
	"time"

	"github.com/obsgen/obsgen/diag"
)

// expires is a comment that says until which day a file may stay: # obsgen:expires 2027-01-31.
var expires = regexp.MustCompile(`obsgen:expires\b[ \t]*([^\s"]*)`)

var syntaxExpired = &Check{
	ID: "syntax/expired", Severity: diag.Error, Title: "A file whose time is over",
	Why:     "Rules that keep the old names of renamed metrics are for a while, until everyone reads the new ones. Without an end they stay, and the old names with them.",
	Source:  "https://github.com/obsgen/obsgen/blob/main/README.md",
	Example: Example{RuleFile, "# obsgen:expires 2020-01-31\ngroups:\n  - name: renamed\n    rules:\n      - record: app:requests\n        expr: app_requests_total\n", "# obsgen:expires 2999-01-31\ngroups:\n  - name: renamed\n    rules:\n      - record: app:requests\n        expr: app_requests_total\n"},
	Set: func(s *Set, report Report) {
		today := s.Today
		if today.IsZero() {
			today = time.Now()
		}
		for _, d := range s.Documents {
			if !bytes.Contains(d.File.Data, []byte("obsgen:expires")) {
				continue
			}
			whole := d.File.Whole()
			for _, m := range expires.FindAllSubmatchIndex(d.File.Data, -1) {
				at, text := whole.Position(m[0], m[1]), string(d.File.Data[m[2]:m[3]])
				day, err := time.Parse(time.DateOnly, text)
				switch {
				case err != nil:
					report(diag.Finding{At: at, Subject: text, Message: fmt.Sprintf("%q is no day", text), Mend: "write it as 2027-01-31"})
				case today.After(day.AddDate(0, 0, 1)):
					report(diag.Finding{At: at, Subject: text, Message: "this was to stay until " + text, Mend: "delete it, once nobody reads what it keeps; or give it another day"})
				}
			}
		}
	},
}
