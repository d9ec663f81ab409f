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

// Inhibition says that nobody has to be told of Target while Source fires for the same Equal labels: whatever makes Source
// fire makes Target fire as well.
type Inhibition struct {
	Source, Target *Rule
	Equal          []string
}

// worse has a greater number for what is worse.
var worse = map[rules.Severity]int{rules.Notice: 1, rules.Ticket: 2, rules.Page: 3}

// routes finds which alerts inhibit which, and whether every alert reaches someone and everyone has an alert.
func (b *builder) routes() {
	alerts := b.plan.Alerts()
	for _, source := range alerts {
		for _, target := range alerts {
			// Where labels are open, instance tells series apart, whatever else they carry.
			labels := source.Expr.Type.Labels
			known := labels.Closed() || labels.Certain(catalog.Instance.Name)
			if known && worse[source.Alert.Severity] > worse[target.Alert.Severity] && query.Implies(source.Expr.Tree, target.Expr.Tree) {
				b.plan.Inhibitions = append(b.plan.Inhibitions, Inhibition{source, target, slices.Sorted(slices.Values(labels.Names()))})
			}
		}
	}
	receivers := b.plan.Profile.Receivers
	if len(receivers) == 0 {
		return
	}
	if slices.Contains(b.plan.Profile.Writes(), project.Kubernetes) && b.plan.Profile.Kubernetes.Namespace == "" {
		b.report(b.project.Site, diag.Error, "route/no-namespace", b.plan.Profile.Name,
			fmt.Sprintf("profile %s has receivers and no namespace: the Prometheus operator routes only alerts with the label namespace of an AlertmanagerConfig", b.plan.Profile.Name),
			"set Kubernetes.Namespace")
	}
	used := map[string]bool{}
	for _, r := range alerts {
		to := r.Receivers(b.plan)
		for _, name := range to {
			used[name] = true
		}
		if len(to) == 0 {
			b.report(r.Site, diag.Error, "route/no-receiver", r.Alert.Name,
				fmt.Sprintf("no receiver of profile %s gets alert %s, of severity %s and owner %s", b.plan.Profile.Name, r.Alert.Name, r.Alert.Severity, r.Owner),
				"add a receiver for this severity and owner, or one for all")
		}
	}
	for _, receiver := range receivers {
		if !used[receiver.Name] {
			b.report(b.project.Site, diag.Error, "route/no-alert", receiver.Name,
				fmt.Sprintf("receiver %s of profile %s gets no alert", receiver.Name, b.plan.Profile.Name), "drop it, or mend its severities and owners")
		}
	}
}

// Receivers returns the names of those who are told of the alert in a plan's profile.
func (r *Rule) Receivers(p *Plan) []string {
	var out []string
	for _, receiver := range p.Profile.Receivers {
		if receiver.Gets(r.Alert.Severity, r.Labels[rules.OwnerLabel]) {
			out = append(out, receiver.Name)
		}
	}
	return out
}
