package validate

import (
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var alertForBounds = &Check{
	ID: "alert/for-bounds", Severity: diag.Warning, Title: "A wait that the project does not allow",
	Why:     "The project has set how long an alert may wait before it fires, and how long it may keep firing.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 2d", "alert: A\nexpr: up == 0\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		if !r.IsAlert() {
			return
		}
		p := r.Set.Policy
		if unknown := r.HasFor && r.ForAt.IsZero(); p.For.outside(r.For) && !unknown {
			at := r.ForAt.At()
			if r.ForAt.IsZero() {
				at = r.At().At()
			}
			report.because(at, "the alert waits "+unit.Duration(r.For), "the project allows "+p.For.String(), "use a for within the bounds")
		}
		if p.KeepFiringFor.outside(r.KeepFiringFor) && r.KeepFiringFor > 0 {
			report.because(r.At().At(), "the alert keeps firing for "+unit.Duration(r.KeepFiringFor), "the project allows "+p.KeepFiringFor.String(), "use a keep_firing_for within the bounds")
		}
	},
}
