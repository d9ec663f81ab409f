package preview

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/obsgen/obsgen/simulate"
)

// slow is a play whose evaluations last until somebody ends them.
type slow struct {
	mu        sync.Mutex // held while it evaluates
	advancing chan context.Context
	ask       http.HandlerFunc
}

func (s *slow) Handler([]string) http.Handler { return s.ask }
func (s *slow) Into() time.Duration           { return time.Minute }
func (s *slow) Advance(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advancing <- ctx
	<-ctx.Done()
}

// Run ends only after an evaluation that is under way.
func (s *slow) Run(ctx context.Context) error {
	<-ctx.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	return nil
}

// serve serves plays that are slow, with so large a state.
func serve(t *testing.T, large int, ask http.HandlerFunc) (*httptest.Server, *slow) {
	t.Helper()
	play := &slow{advancing: make(chan context.Context, 100), ask: ask}
	s := New(0, nil, func(_ context.Context, name string, _ time.Duration, _ *simulate.Clock) (Feed, error) {
		if name == "none" {
			return nil, errors.New("there is no scenario none")
		}
		return play, nil
	})
	if err := s.Show(t.Context(), []byte(`"`+strings.Repeat("x", large)+`"`), "usual", true); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.Handler([]string{"127.0.0.1"}))
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		s.Close()
	})
	return web, play
}

func post(ctx context.Context, t *testing.T, url, body string, change ...func(*http.Request)) (int, string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	for _, f := range change {
		f(r)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer.StatusCode, strings.TrimSpace(string(text))
}

// TestStepFreezesNothing moves the clock by a day, which takes long: meanwhile everything else answers, and another scenario ends it.
func TestStepFreezesNothing(t *testing.T) {
	t.Parallel()
	web, play := serve(t, 1, nil)
	said := make(chan string, 1)
	go func() {
		code, text := post(t.Context(), t, web.URL+"/clock?step=86400", "")
		said <- fmt.Sprint(code, text)
	}()
	ctx := <-play.advancing
	answers := func() {
		t.Helper()
		r, err := http.Get(web.URL + "/state")
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r, err = http.Get(web.URL + "/events"); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(r.Body).ReadString('\n'); err != nil || !strings.HasPrefix(line, "data: ") {
			t.Errorf("/events says %q: %v", line, err)
		}
		_ = r.Body.Close()
		if code, text := post(t.Context(), t, web.URL+"/clock?speed=2", ""); code != http.StatusOK {
			t.Errorf("the speed: %d %s", code, text)
		}
	}
	answers()
	if code, text := post(t.Context(), t, web.URL+"/scenario?name=none", ""); code != http.StatusBadRequest || ctx.Err() != nil {
		t.Errorf("a scenario that is not there: %d %s, %v", code, text, ctx.Err())
	}
	if code, text := post(t.Context(), t, web.URL+"/scenario?name=other", ""); code != http.StatusOK {
		t.Errorf("another scenario: %d %s", code, text)
	}
	<-ctx.Done()
	if got := <-said; !strings.Contains(got, "the clock was moved by 1m0s of 24h0m0s") {
		t.Errorf("whoever moved the clock is told %s", got)
	}
	answers()
}

// TestStepEndsWithItsClient goes away while the clock is moved: the evaluation ends, and the clock stays where it has come to.
func TestStepEndsWithItsClient(t *testing.T) {
	t.Parallel()
	web, play := serve(t, 1, nil)
	now := func() time.Time {
		r, err := http.Get(web.URL + "/state")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Body.Close() }()
		var state struct{ Clock struct{ Now int64 } }
		if err := json.NewDecoder(r.Body).Decode(&state); err != nil {
			t.Fatal(err)
		}
		return time.UnixMilli(state.Clock.Now)
	}
	if code, text := post(t.Context(), t, web.URL+"/clock?speed=0", ""); code != http.StatusOK {
		t.Fatal(code, text)
	}
	before := now()
	client, leave := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		post(client, t, web.URL+"/clock?step=86400", "")
	}()
	ctx := <-play.advancing
	leave()
	<-done
	<-ctx.Done()
	if moved := now().Sub(before); moved != stride {
		t.Errorf("the clock was moved by %s", moved)
	}
}

// TestSlowReaderFreezesNothing asks for the state and does not read it.
func TestSlowReaderFreezesNothing(t *testing.T) {
	t.Parallel()
	web, _ := serve(t, 64<<20, nil)
	c, err := net.Dial("tcp", web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, "GET /state HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 1000)); err != nil { // it is being written
		t.Fatal(err)
	}
	if code, text := post(t.Context(), t, web.URL+"/clock?speed=1", ""); code != http.StatusOK {
		t.Errorf("the clock: %d %s", code, text)
	}
}

// TestNumbersOfRequests sends numbers that are too large, and others that are none.
func TestNumbersOfRequests(t *testing.T) {
	t.Parallel()
	web, _ := serve(t, 1, nil)
	for path, want := range map[string]string{
		"/clock?step=9300000000":                      "step=9300000000 is too much: 86400 seconds at most",
		"/clock?step=99999999999999999999":            "step=99999999999999999999 is too much: 86400 seconds at most",
		"/clock?step=-9223372036854775808":            "step=-9223372036854775808 is too much: 86400 seconds at most",
		"/clock?step=86401":                           "step=86401 is too much: 86400 seconds at most",
		"/clock?step=-1":                              "the clock cannot go back: what was written stays written; play the scenario from an earlier moment instead",
		"/clock?step=1.5":                             "step=1.5 is not a whole number of seconds",
		"/scenario?name=usual&at=99999999999":         "at=99999999999 is too much: 525600 minutes at most",
		"/scenario?name=usual&at=153722867281":        "at=153722867281 is too much: 525600 minutes at most",
		"/scenario?name=usual&at=-1":                  "at=-1 is before the scenario begins",
		"/scenario?name=usual&at=soon":                "at=soon is not a whole number of minutes",
		"/scenario?name=usual&at=525600":              "",
		"/scenario?name=usual":                        "",
		"/clock?step=0":                               "",
		"/clock?speed=1e9":                            "the clock goes from 0 to 600 times as fast, and not 1e+09 times",
		"/clock?speed=" + strings.Repeat("9", 400):    "speed=" + strings.Repeat("9", 400) + " is no number",
		"/scenario?name=none&at=" + "000000000000012": "there is no scenario none",
	} {
		code, text := post(t.Context(), t, web.URL+path, "")
		if text != want || (code == http.StatusOK) != (want == "") {
			t.Errorf("%s: %d %s", path, code, text)
		}
	}
}

// TestQueries asks several things at once: each is answered for itself, at fractions of seconds, too.
func TestQueries(t *testing.T) {
	t.Parallel()
	times := make(chan string, 1)
	web, _ := serve(t, 1, func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("query") == "bad(" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"status":"error","error":"1:5: unclosed left parenthesis"}`)
			return
		}
		if r.FormValue("query") == "up" {
			times <- r.FormValue("start") + " " + r.FormValue("end") + " " + r.FormValue("step")
		}
		fmt.Fprintf(w, `{"status":"success","data":%q}`, r.FormValue("query")+" "+r.FormValue("time"))
	})
	code, text := post(t.Context(), t, web.URL+"/query", `[
		{"expr":"a","instant":true,"end":1796126000.123}, {"expr":"bad(","instant":true,"end":1}, {"expr":"b","start":null,"end":null,"step":null},
		{"expr":1}, {"expr":"c","start":"1","end":2,"step":1}, {"expr":"up","start":0.5,"end":1796126000.123,"step":15}, null, {"expr":"d","instant":true,"end":1796126000}]`)
	if code != http.StatusOK {
		t.Fatal(code, text)
	}
	out := make([]struct{ Data, Error string }, 8)
	lines := strings.Split(text, "\n")
	for _, line := range lines {
		at, answer, _ := strings.Cut(line, " ")
		i, err := strconv.Atoi(at)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(answer), &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	if len(lines) != len(out) {
		t.Errorf("there are %d answers", len(lines))
	}
	const none = "the query has no time: end, and without instant also start and step, are seconds above 0"
	for i, want := range []struct{ data, problem string }{
		{"a 1796126000.123", ""}, {"", "1:5: unclosed left parenthesis"}, {"", none}, {"", "cannot read the query: "}, {"", "cannot read the query: "}, {"up ", ""}, {"", none}, {"d 1796126000", ""},
	} {
		if out[i].Data != want.data || !strings.HasPrefix(out[i].Error, want.problem) || want.problem == "" && out[i].Error != "" {
			t.Errorf("query %d: %+v", i, out[i])
		}
	}
	if got := <-times; got != "0.5 1796126000.123 15" {
		t.Errorf("it was asked for %s", got)
	}
	if code, text := post(t.Context(), t, web.URL+"/query", `{}`); code != http.StatusBadRequest || !strings.Contains(text, "cannot read the list of queries") {
		t.Errorf("what is no list: %d %s", code, text)
	}
}

// TestSlowQueriesHoldUpNothing asks for something that is slow, and for something that is not.
func TestSlowQueriesHoldUpNothing(t *testing.T) {
	t.Parallel()
	answer := make(chan struct{})
	web, _ := serve(t, 1, func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("query") == "slow" {
			<-answer
		}
		fmt.Fprint(w, `{"status":"success","data":1}`)
	})
	r, err := http.Post(web.URL+"/query", "", strings.NewReader(`[{"expr":"slow","instant":true,"end":1},{"expr":"fast","instant":true,"end":1}]`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	lines := bufio.NewReader(r.Body)
	for i, want := range []string{"1 {\"data\":1}\n", "0 {\"data\":1}\n"} {
		if got, err := lines.ReadString('\n'); err != nil || got != want {
			t.Errorf("answer %d is %q: %v", i, got, err)
		}
		if i == 0 {
			close(answer)
		}
	}
}

// TestQueriesEndWithTheirClient goes away before a query is answered.
func TestQueriesEndWithTheirClient(t *testing.T) {
	t.Parallel()
	begun, ended := make(chan struct{}), make(chan struct{})
	web, _ := serve(t, 1, func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(ended)
	})
	client, leave := context.WithCancel(t.Context())
	go post(client, t, web.URL+"/query", `[{"expr":"up","instant":true,"end":1}]`)
	<-begun
	leave()
	<-ended
}

// TestOrigins posts as pages of others would, and as the page and other programs do.
func TestOrigins(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	web, _ := serve(t, 1, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		fmt.Fprint(w, `{"status":"success","data":{}}`)
	})
	with := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, path := range []string{"/query", "/clock?speed=1", "/scenario?name=usual", "/api/v1/query", "/api/v1/query_range", "/elsewhere"} {
		for _, f := range []func(*http.Request){with("Origin", "http://evil.example"), with("Origin", "null"), with("Origin", "http://127.0.0.1:1"), with("Sec-Fetch-Site", "cross-site"), with("Sec-Fetch-Site", "same-site")} {
			if code, _ := post(t.Context(), t, web.URL+path, `[{"expr":"up","instant":true,"end":1}]`, f); code != http.StatusForbidden {
				t.Errorf("%s of another origin: %d", path, code)
			}
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("another page has %d queries evaluated", n)
	}
	for _, f := range []func(*http.Request){func(*http.Request) {}, with("Origin", web.URL), with("Sec-Fetch-Site", "same-origin")} {
		if code, text := post(t.Context(), t, web.URL+"/query", `[{"expr":"up","instant":true,"end":1}]`, f); code != http.StatusOK {
			t.Errorf("the page itself: %d %s", code, text)
		}
	}
	if n := asked.Load(); n != 1 { // the others were kept
		t.Errorf("%d queries are evaluated", n)
	}
}
