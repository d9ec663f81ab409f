package validate

// Where the reasons of the checks are documented.
const (
	promDocs  = "https://prometheus.io/docs/prometheus/latest/querying/"
	practices = "https://prometheus.io/docs/practices/"
	grafana   = "https://grafana.com/docs/grafana/latest/"
	workbook  = "https://sre.google/workbook/alerting-on-slos/"
)
