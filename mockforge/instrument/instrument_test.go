package instrument_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

func recorder(t testing.TB) *instrument.Recorder {
	t.Helper()
	r, err := instrument.New()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func exposed(r *instrument.Recorder) string {
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func expect(t *testing.T, r *instrument.Recorder, lines ...string) {
	t.Helper()
	text := exposed(r)
	for _, l := range lines {
		if !strings.Contains(text, "\n"+l+"\n") {
			t.Errorf("no %s", l)
		}
	}
	if t.Failed() {
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "#") && !strings.HasSuffix(line, " 0\n") {
				t.Log(strings.TrimSpace(line))
			}
		}
	}
}

func TestRequests(t *testing.T) {
	r := recorder(t)
	q := r.Requests
	q.HTTPPath(t.Context(), "GET", "/api/users/{id}", "/api/users/17", 200, 100*time.Millisecond)
	q.HTTPPath(t.Context(), "GET", "", "/api/users/18?x=y", 500, 200*time.Millisecond)
	q.HTTPPath(t.Context(), "POST", "", "/workspaces/5/mocks", 404, time.Millisecond)
	q.GRPC(t.Context(), "Greeter::Hello", true, time.Millisecond, metrics.PillarUnknown)
	q.GRPC(t.Context(), "Greeter::Hello", false, 3*time.Second, metrics.PillarUnknown)
	q.GraphQL(t.Context(), 200, true, time.Millisecond)
	end := q.Begin(false)
	q.Begin(true)
	end()
	end()
	expect(t, r,
		`mockforge_requests_by_path_total{method="GET",path="/api/users/:id",status="200"} 1`,
		`mockforge_requests_by_path_total{method="GET",path="/api/users/:id",status="500"} 1`,
		`mockforge_average_latency_by_path_seconds{method="GET",path="/api/users/:id"} 0.10500000000000001`,
		`mockforge_request_duration_by_path_seconds_count{method="GET",path="/api/users/:id"} 2`,
		`mockforge_requests_total{method="GET",pillar="unknown",protocol="http",status="200"} 1`,
		`mockforge_requests_total{method="POST",pillar="cloud",protocol="http",status="404"} 1`,
		`mockforge_requests_total{method="Greeter::Hello",pillar="unknown",protocol="grpc",status="error"} 1`,
		`mockforge_request_duration_seconds_sum{method="Greeter::Hello",pillar="unknown",protocol="grpc"} 3.001`,
		`mockforge_errors_total{error_type="server_error",pillar="unknown",protocol="http"} 1`,
		`mockforge_errors_total{error_type="client_error",pillar="cloud",protocol="http"} 1`,
		`mockforge_errors_total{error_type="grpc_error",pillar="unknown",protocol="grpc"} 1`,
		`mockforge_errors_total{error_type="graphql_error",pillar="contracts",protocol="graphql"} 1`,
		`mockforge_requests_in_flight{protocol="http"} 0`,
		`mockforge_requests_in_flight{protocol="graphql"} 1`,
		`mockforge_error_rate{protocol="grpc"} 0.5`,
	)
}

func TestPillar(t *testing.T) {
	for path, want := range map[string]metrics.PillarValue{
		"/airports": metrics.PillarUnknown, "/api/ai/chat": metrics.PillarAI, "/AI": metrics.PillarAI, "/mail/email": metrics.PillarUnknown,
		"/contracts/5": metrics.PillarContracts, "/sdk": metrics.PillarDevX, "/workspaces/1/mocks": metrics.PillarCloud, "/mocks?ai": metrics.PillarReality, "": metrics.PillarUnknown,
	} {
		if got := instrument.PillarOf(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

// TestConnectionEndsOnce ends connections more than once, and with messages in their queue.
func TestConnectionEndsOnce(t *testing.T) {
	r := recorder(t)
	c := r.WebSocket.Open("10.0.0.1")
	c.Received(10)
	c.Queued()
	c.Queued()
	c.Sent(300)
	c.Pong(3 * time.Millisecond)
	c.Failed()
	c.Close(metrics.CloseSendError, 0)
	c.Close(metrics.CloseNormal, 1000)
	r.WebSocket.Open("10.0.0.1").Close(metrics.CloseNormal, 1000)
	r.WebSocket.Open("10.0.0.2").Close(metrics.CloseByClient, 4001)
	expect(t, r,
		`mockforge_ws_connections_active 0`, `mockforge_ws_connections_total 3`, `mockforge_ws_send_queue_depth 0`, `mockforge_ws_reconnects_total 1`,
		`mockforge_ws_connection_duration_seconds_count{status="send_error"} 1`, `mockforge_ws_connection_duration_seconds_count{status="normal"} 1`,
		`mockforge_ws_close_codes_total{class="none"} 1`, `mockforge_ws_close_codes_total{class="normal"} 1`, `mockforge_ws_close_codes_total{class="application"} 1`,
		`mockforge_ws_close_codes_total{class="server"} 0`, `mockforge_ws_message_size_bytes_count{direction="sent"} 1`, `mockforge_ws_errors_total 1`,
	)
}

// TestEveryMetricIsWritten uses every recorder, and wants no metric of the catalog left.
func TestEveryMetricIsWritten(t *testing.T) {
	r := recorder(t)
	r.Requests.HTTPPath(t.Context(), "GET", "", "/a", 500, time.Millisecond)
	r.Requests.Begin(false)()
	c := r.WebSocket.Open("a")
	c.Received(1)
	c.Queued()
	c.Sent(1)
	c.Pong(1)
	c.Failed()
	c.Close(metrics.CloseNormal, 1000)
	r.WebSocket.Open("a").Close(metrics.CloseNormal, 1000)
	s := r.SMTP.Open()
	s.Received()
	s.Stored()
	s.Failed("timeout")
	s.Close()
	s.Close()
	r.Plugins.Run("greeter", "", time.Millisecond)
	r.Plugins.Run("greeter", "timeout", time.Second)
	r.Scenario.Set(instrument.ChaosMode)
	r.Chaos.Scenario("network", false)
	r.Chaos.Delayed("/a", 100*time.Millisecond, 10*time.Millisecond)
	r.Chaos.Throttled("/a", metrics.DirectionRequest, time.Millisecond)
	r.Chaos.RateLimited("/a")
	r.Chaos.Circuit("backend", 1)
	r.Chaos.Enter("pool")()
	r.Chaos.Orchestration("game-day")(true)
	r.Chaos.Step("game-day", "first", time.Second)
	r.Chaos.Asserted("game-day", true)
	r.Chaos.Hook("before", true)
	r.Chaos.Recommends("latency", "high", 2)
	r.Chaos.Impact("5m", 0.5)
	r.MQTT.Open()()
	r.MQTT.Published()
	r.MQTT.Received()
	r.MQTT.Failed("protocol")
	r.MQTT.Holds(1, 2, 3)
	r.Kafka.Open()()
	r.Kafka.Produced(3)
	r.Kafka.Consumed(2)
	r.Kafka.Failed()
	r.Kafka.Holds(1, 2, 3)
	r.AMQP.Open()()
	r.AMQP.Channel()()
	r.AMQP.Published()
	r.AMQP.Consumed()
	r.AMQP.Acked()
	r.AMQP.Failed()
	r.AMQP.Holds(1, 2, 3)
	r.Workspaces.Request("w1", "GET", 200, time.Millisecond)
	r.Workspaces.Failed("w1", "timeout")
	r.Workspaces.Routes("w1", 5)
	r.Marketplace.Published(metrics.PluginItem, true, time.Second)
	r.Marketplace.Downloaded(metrics.PluginItem, true, time.Second)
	r.Marketplace.Searched(metrics.PluginItem, false, time.Second)
	r.Marketplace.Failed(metrics.PluginItem, metrics.CodeNotFound)
	r.Marketplace.Items(metrics.PluginItem, 5)
	r.Drift.Evaluated("w1", "/a", "GET", 4, 1, 1, true)
	r.Capture.Sent()
	r.Capture.Dropped(metrics.DropBufferFull)
	r.SLO.Window(metrics.HTTP, 0.995, true, 0.99)
	ctx := t.Context()
	if err := r.System(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
	exposed(r)
	for _, m := range r.Registry().Unwritten() {
		t.Errorf("nothing writes %s", m.Name)
	}
	expect(t, r, `mockforge_error_budget_remaining{protocol="http"} 0.5`, `mockforge_drift_percentage{endpoint="/a",method="GET",workspace_id="w1"} 50`)
}
