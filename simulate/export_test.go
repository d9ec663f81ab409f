package simulate

// Annotation returns an annotation of an alerting rule as it is written, "" where it has none.
func (s *RuleSet) Annotation(alert, name string) string {
	for _, r := range s.alerts {
		if r.rule.Alert == alert {
			return r.rule.Annotations[name]
		}
	}
	return ""
}
