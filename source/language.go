package source

import (
	"regexp"
	"strings"
)

// Language is what a data source is asked in, as far as the file tells.
type Language uint8

// The languages of a query.
const (
	PromQL    Language = iota // of Prometheus, for certain
	Undecided                 // of a data source whose type the file does not tell
	MetricsQL                 // of VictoriaMetrics, which takes PromQL as well
	Other
)

// Why a query is left alone.
const (
	LeftLogQL     = "in LogQL"
	LeftMetricsQL = "in MetricsQL"
	LeftVariable  = "with a variable for an operator or for matchers"
)

// elsewhere are parts of the types of data sources whose queries are no PromQL.
var elsewhere = []string{
	"loki", "tempo", "jaeger", "zipkin", "elasticsearch", "opensearch", "influxdb", "graphite", "mysql", "postgres", "mssql", "cloudwatch", "azure", "stackdriver", "google",
	"testdata", "clickhouse", "datadog", "bigquery", "athena", "snowflake", "sentry", "github", "json", "csv", "infinity", "pyroscope", "opentsdb", "__expr__", "grafana", "mixed", "dashboard", "redis", "mongo", "alertmanager", "splunk", "newrelic", "sql",
	"victoriametrics-logs", "victorialogs", "victoriatraces",
}

// elsewhereByName are words in the name of a data source, or of a variable for one, that tell what it is: $loki, DS_INFLUXDB.
var elsewhereByName = words("loki logs logql victorialogs vlogs tempo traces tracing jaeger zipkin elasticsearch elastic opensearch influxdb influx graphite mysql postgres postgresql mssql sql cloudwatch clickhouse bigquery alertmanager pyroscope")

// languageOfType returns what data sources of a type are asked in.
func languageOfType(t string) Language {
	t = strings.ToLower(t)
	switch {
	case t == "" || strings.HasPrefix(t, "$"):
		return Undecided
	case strings.Contains(t, "alertmanager"):
		return Other
	case strings.Contains(t, "prometheus"):
		return PromQL
	case strings.Contains(t, "victoriametrics-metrics"), t == "victoriametrics-datasource":
		return MetricsQL
	}
	for _, e := range elsewhere {
		if strings.Contains(t, e) {
			return Other
		}
	}
	return Undecided
}

var wordBreak = regexp.MustCompile(`[^a-z0-9]+`)

// languageOfName returns what a data source is asked in by the words in its name.
func languageOfName(name string) Language {
	parts := wordBreak.Split(strings.ToLower(name), -1)
	for _, w := range parts {
		if strings.Contains(w, "prometheus") {
			return PromQL
		}
	}
	for _, w := range parts {
		if elsewhereByName[w] {
			return Other
		}
	}
	return Undecided
}

// languageOf returns what a data source is asked in: by its type, by the type that the dashboard declares for the
// variable or input in its place, and by its name where nothing else tells. d may be nil.
func (d *Dashboard) languageOf(kind, uid string) Language {
	switch uid {
	case "__expr__", "-- Dashboard --", "-- Grafana --", "grafana":
		return Other
	}
	if kind != "datasource" { // of what Grafana has built in
		if l := d.declared(kind, languageOfType); l != Undecided {
			return l
		}
	}
	return d.declared(uid, languageOfName)
}

// declared returns the language of what stands in the place of a data source: that of the declaration where it is a
// variable or an input of the dashboard, or else what its text tells.
func (d *Dashboard) declared(s string, tells func(string) Language) Language {
	name, _, size := referenceAt(s)
	if size == 0 || d == nil {
		return tells(s)
	}
	if t, ok := d.sources[name]; ok {
		if l := languageOfType(t); l != Undecided {
			return l
		}
	}
	return languageOfName(name)
}

// language returns what a value in the place of a data source is asked in.
func (d *Dashboard) language(v *value) Language {
	if v.is(text) {
		return d.languageOf("", v.text.Value)
	}
	uid := v.get("uid").str().Value
	if uid == "" {
		uid = v.get("name").str().Value
	}
	return d.languageOf(v.get("type").str().Value, uid)
}

var (
	// logQL is what LogQL has and PromQL does not: filters and stages of a pipeline.
	logQL = regexp.MustCompile(`\|[=~>]|![>]|[})"` + "`" + `]\s*(?:!~|!=)\s*["` + "`" + `]|\|\s*(?:json|logfmt|line_format|label_format|unwrap|pattern|regexp|unpack|decolorize|drop|keep|stats|fields|__error__)\b`)
	// logQLFunctions are those that PromQL does not have.
	logQLFunctions = words("bytes_over_time bytes_rate rate_counter")
	// metricsQLFunctions are those of VictoriaMetrics that PromQL does not have.
	metricsQLFunctions = words("aggr_over_time alias any ascent_over_time bitmap_and bitmap_or bitmap_xor bottomk_avg bottomk_last bottomk_max bottomk_median bottomk_min buckets_limit " +
		"changes_prometheus count_eq_over_time count_gt_over_time count_le_over_time count_ne_over_time count_values_over_time decreases_over_time default_rollup delta_prometheus deriv_fast " +
		"descent_over_time distinct distinct_over_time drop_common_labels drop_empty_series duration_over_time end geomean geomean_over_time histogram histogram_over_time histogram_share " +
		"hoeffding_bound_lower hoeffding_bound_upper ideriv increase_prometheus increase_pure increases_over_time integrate interpolate keep_last_value keep_next_value label_copy label_del " +
		"label_graphite_group label_keep label_lowercase label_map label_match label_mismatch label_move label_set label_transform label_uppercase label_value labels_equal lag lifetime " +
		"limit_offset mad mad_over_time median median_over_time mode mode_over_time now outlier_iqr_over_time outliers_iqr outliers_mad outliersk prometheus_buckets quantiles quantiles_over_time " +
		"rand rand_exponential rand_normal range_avg range_first range_last range_linear_regression range_mad range_max range_median range_min range_normalize range_over_time range_quantile " +
		"range_stddev range_stdvar range_sum range_trim_outliers range_trim_spikes range_trim_zscore range_zscore rate_over_sum rate_prometheus remove_resets rollup rollup_candlestick " +
		"rollup_delta rollup_deriv rollup_increase rollup_rate rollup_scrape_interval ru running_avg running_max running_min running_sum scrape_interval share share_eq_over_time " +
		"share_gt_over_time share_le_over_time smooth_exponential sort_by_label_numeric sort_by_label_numeric_desc stale_samples_over_time start step sum2 sum2_over_time sum_eq_over_time " +
		"sum_gt_over_time sum_le_over_time tfirst_over_time timestamp_with_name timezone_offset tlast_change_over_time tlast_over_time tmax_over_time tmin_over_time topk_avg topk_last topk_max " +
		"topk_median topk_min ttf union zscore zscore_over_time")
	metricsQLWord = regexp.MustCompile(`[)}\]\w]\s+(?:default|if|ifnot|keep_metric_names)(?:\s|$)|^\s*WITH\s*\(`)
	inQuotes      = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`[^`]*`")
	noFunction    = regexp.MustCompile(`unknown function with name "(\w+)"`)
	unbalanced    = regexp.MustCompile(`^(?:unclosed|unterminated|unexpected (?:end of input|right))`)
)

// In says in what language the query is written, so that what another language has is no fault of it.
func (q *Query) In(l Language) *Query {
	if q.Fault == nil || unbalanced.MatchString(q.Fault.parser) { // brackets that do not close are wrong in all of them
		return q
	}
	name := ""
	if m := noFunction.FindStringSubmatch(q.Fault.parser); m != nil {
		name = m[1]
	}
	switch bare := inQuotes.ReplaceAllString(q.Text.Value, `""`); {
	case l == Undecided && (logQL.MatchString(bare) || logQLFunctions[name] || strings.HasPrefix(strings.TrimSpace(bare), "{}")):
		q.leave(LeftLogQL)
	case metricsQLFunctions[name], metricsQLWord.MatchString(bare), l == MetricsQL && name == "":
		q.leave(LeftMetricsQL)
	default:
		q.Fault.MetricsQL = name == ""
	}
	return q
}

// leave says that the query is not checked, and why.
func (q *Query) leave(why string) {
	q.Expr, q.Fault, q.Left = nil, nil, why
}
