package metrics_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

func TestCatalogIsSound(t *testing.T) {
	for _, f := range metrics.Catalog.Check() {
		t.Error(f)
	}
}

// TestMetricsAreThoseOfTheServer compares names, types, labels and buckets with what the server registers,
// and the sentence about writing in each help text with what its code does.
func TestMetricsAreThoseOfTheServer(t *testing.T) {
	src, err := os.ReadFile("testdata/registered.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(src)) {
		if name, rest, ok := strings.Cut(strings.TrimSpace(line), " | "); ok {
			want[name] = rest
		}
	}
	got := map[string]string{}
	for _, m := range metrics.Catalog.Own() {
		labels, buckets, written := "-", "-", "written"
		for i, l := range m.Labels {
			if i == 0 {
				labels = l.Name
			} else {
				labels += "," + l.Name
			}
		}
		for i, b := range m.Buckets {
			if i == 0 {
				buckets = ""
			} else {
				buckets += " "
			}
			buckets += strconv.FormatFloat(b, 'f', -1, 64)
		}
		if strings.HasSuffix(m.Help, " The Rust server registers it and never writes it.") {
			written = "unwritten"
		}
		got[m.Name] = fmt.Sprintf("%s | %s | %s | %s", m.Kind, labels, buckets, written)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("registered (-) and declared (+):\n%s", d)
	}
}

func TestGroups(t *testing.T) {
	type size struct {
		title   string
		metrics int
	}
	var got []size
	total := 0
	for _, g := range metrics.Catalog.Groups() {
		if !g.External {
			got = append(got, size{g.Title, len(g.Metrics())})
			total += len(g.Metrics())
		}
	}
	want := []size{
		{"Requests", 8}, {"WebSocket", 11}, {"SMTP", 5}, {"Plugins", 3}, {"System", 4}, {"Scenario", 2}, // 28
		{"Workspaces", 4}, {"MQTT", 8}, {"Kafka", 7}, {"AMQP", 9}, {"Objectives", 5}, {"Marketplace", 8}, {"Contract drift", 4}, // 45
		{"Chaos", 15}, {"Capture", 2},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(size{})); d != "" {
		t.Error(d)
	}
	if total != 28+45+15+2+5 {
		t.Errorf("%d metrics of its own, want 95", total)
	}
	t.Logf("%d metrics, at most %d series per target", total, metrics.Catalog.SeriesPerTarget())
}

func TestLabelValues(t *testing.T) {
	for _, c := range []struct {
		label catalog.AnyLabel
		want  string
	}{
		{metrics.Protocol, "http grpc graphql"},
		{metrics.Pillar, "reality contracts devx cloud ai unknown"},
		{metrics.ErrorType, "client_error server_error grpc_error graphql_error"},
		{metrics.CloseStatus, "normal client_close send_error error proxy_error handler_error"},
		{metrics.PluginStatus, "success failure"},
		{metrics.ItemType, "plugin template scenario"},
		{metrics.MarketplaceStatus, "success error"},
		{metrics.ErrorCode, "not_found invalid_version already_exists conflict auth_required permission_denied insufficient_scope " +
			"organization_not_found invalid_request validation_failed rate_limit_exceeded usage_limit_exceeded " +
			"resource_limit_exceeded payment_required database_error storage_error internal_error"},
		{metrics.FaultType, "rate_limit connection_limit packet_loss jitter http_error connection_error timeout bandwidth_throttle " +
			"partial_response payload_corruption tcp_reset tcp_close"},
		{metrics.Direction, "request response"},
		{metrics.ChaosStatus, "success failure"},
		{metrics.AssertionResult, "passed failed"},
		{metrics.DropReason, "buffer_full closed permanent exhausted"},
	} {
		if d := cmp.Diff(c.want, strings.Join(c.label.Def().Values, " ")); d != "" {
			t.Errorf("%s: %s", c.label.Def().Name, d)
		}
	}
}

// TestStatusValues asserts that the open status labels take what the server writes and nothing else.
func TestStatusValues(t *testing.T) {
	for value, sound := range map[string]bool{"200": true, "503": true, "ok": true, "error": true, "OK": false, "20": false, "600": false} {
		m := metrics.Status.Matches("x")
		m.Op, m.Text = catalog.Equal, value
		if got := m.Fault() == ""; got != sound {
			t.Errorf("%s: sound %v, want %v", m, got, sound)
		}
	}
	for _, m := range []catalog.Matcher{
		metrics.ServerSide, metrics.Status.Is(metrics.StatusError), metrics.Status.Matches("5.."), metrics.HTTPStatus.Matches("4.."),
		metrics.Endpoint.Is(metrics.Listener), metrics.Method.Is(metrics.GraphQLQuery),
	} {
		if fault := m.Fault(); fault != "" {
			t.Errorf("%s: %s", m, fault)
		}
	}
	if got, want := metrics.ServerSide.String(), `error_type!="client_error"`; got != want {
		t.Errorf("server-side failures are %s, want %s", got, want)
	}
}

func TestPartsOfAWhole(t *testing.T) {
	want := map[string]string{
		"mockforge_errors_total":               "mockforge_requests_total",
		"mockforge_smtp_messages_stored_total": "mockforge_smtp_messages_received_total",
		"mockforge_plugin_errors_total":        "mockforge_plugin_executions_total",
		"mockforge_workspace_errors_total":     "mockforge_workspace_requests_total",
		"mockforge_ws_reconnects_total":        "mockforge_ws_connections_total",
	}
	got := map[string]string{}
	for _, m := range metrics.Catalog.Own() {
		if m.PartOf != nil {
			got[m.Name] = m.PartOf.Series().Name()
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestGaugesKnowTheirRange asserts what panels and checks take from a gauge: where its values lie, and
// for a code of states what each value means.
func TestGaugesKnowTheirRange(t *testing.T) {
	for _, m := range metrics.Catalog.Metrics() {
		if !m.Unit.IsKnown() {
			t.Errorf("%s has no unit", m.Name)
		}
		if m.Kind != catalog.KindGauge {
			continue
		}
		if m.Range.IsZero() {
			t.Errorf("%s has no range", m.Name)
		}
		if m.Unit.IsState() != (len(m.States) > 0) {
			t.Errorf("%s: unit %s with %d states", m.Name, m.Unit, len(m.States))
		}
		if m.Unit.IsState() && len(m.States) != int(m.Range.Max-m.Range.Min)+1 {
			t.Errorf("%s names %d of the values from %v to %v", m.Name, len(m.States), m.Range.Min, m.Range.Max)
		}
	}
}

// TestWaivers asserts that exactly the names with known faults are excused: 15 gauges called _total, three
// histograms in milliseconds, two percentages, and a gauge whose name ends in _count.
func TestWaivers(t *testing.T) {
	totals, others := 0, map[string]bool{}
	for _, m := range metrics.Catalog.Own() {
		switch {
		case m.Naming == "":
		case m.Kind == catalog.KindGauge && strings.HasSuffix(m.Name, "_total"):
			totals++
		default:
			others[m.Name] = true
		}
	}
	want := map[string]bool{
		"mockforge_cpu_usage_percent": true, "mockforge_drift_percentage": true, "mockforge_thread_count": true,
		"mockforge_chaos_latency_ms": true, "mockforge_chaos_jitter_ms": true, "mockforge_chaos_bandwidth_throttle_ms": true,
	}
	if d := cmp.Diff(want, others); d != "" || totals != 15 {
		t.Errorf("%d gauges called _total, want 15; others:\n%s", totals, d)
	}
}
