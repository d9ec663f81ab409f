package mockforge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/internal/testkit/optional"
	"github.com/obsgen/obsgen/internal/toolchain"
	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/render/compose"
)

// stack is what Compose loads of compose.yaml.
type stack struct {
	Services map[string]struct {
		Image   string
		Command []string
		Build   struct{ Context, Dockerfile string }
		Ports   []struct {
			Target    int
			Published string
			HostIP    string `json:"host_ip"`
		}
		Volumes []struct{ Type, Source, Target string }
	}
}

func loadStack(t *testing.T) stack {
	t.Helper()
	var s stack
	if err := json.Unmarshal([]byte(consumer(t, "", "compose", out+"/compose/compose.yaml")), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCompose has Compose's own loader read the stack, and looks whether everything that it mounts, builds and publishes is
// there, and whether the images are the versions that the tests run.
func TestCompose(t *testing.T) {
	s := loadStack(t)
	published := map[string]string{}
	for name, svc := range s.Services {
		for _, v := range svc.Volumes {
			if v.Type != "bind" {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s mounts what is not there: %v", name, err)
			}
		}
		for _, p := range svc.Ports {
			if other, ok := published[p.Published]; ok {
				t.Errorf("%s and %s are both published at %s", name, other, p.Published)
			}
			published[p.Published] = name
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s is published to the world: %+v", name, p)
			}
		}
		if at := svc.Build.Context; at != "" {
			if _, err := os.Stat(filepath.Join(at, svc.Build.Dockerfile)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := os.Stat(filepath.Join(at, "go.mod")); err != nil {
				t.Errorf("the context of %s is not the repository: %v", name, err)
			}
		}
	}
	if len(s.Services) != 4 || len(published) < 9 {
		t.Errorf("%d services at %d ports", len(s.Services), len(published))
	}
	mod, err := os.ReadFile("../tools/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	major, minor := "3", regexp.MustCompile(`github.com/prometheus/prometheus v0\.3(\d+)\.(\d+)`).FindStringSubmatch(string(mod))
	if want := fmt.Sprintf("prom/prometheus:v%s.%s.%s", major, minor[1], minor[2]); compose.PrometheusImage != want {
		t.Errorf("the stack runs %s, the tests %s", compose.PrometheusImage, want)
	}
	if version := regexp.MustCompile(`github.com/prometheus/alertmanager (\S+)`).FindStringSubmatch(string(mod)); compose.AlertmanagerImage != "prom/alertmanager:"+version[1] {
		t.Errorf("the stack runs %s, the tests %s", compose.AlertmanagerImage, version[1])
	}
}

// mounted copies what a container mounts into a folder, with some texts replaced, and returns the folder in the place of the
// container's root.
func mounted(t *testing.T, s stack, name string, replace ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, v := range s.Services[name].Volumes {
		if v.Type != "bind" {
			continue
		}
		err := filepath.WalkDir(v.Source, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			rel, err := filepath.Rel(v.Source, path)
			if err != nil {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			to := filepath.Join(root, v.Target, rel)
			if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
				return err
			}
			return os.WriteFile(to, []byte(strings.NewReplacer(replace...).Replace(string(data))), 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// free returns an address of this machine that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// run runs a server with the command of its container, its paths below root, until stop is called or the test ends.
func run(t *testing.T, program, root string, command []string, more ...string) (stop func()) {
	t.Helper()
	var args []string
	for _, a := range command {
		flag, path, ok := strings.Cut(a, "=/")
		if ok {
			a = flag + "=" + filepath.Join(root, path)
		}
		args = append(args, a)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, append(args, more...)...)
	cmd.Dir = root
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		cancel()
		_ = cmd.Wait() // it was interrupted
	})
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(program), log.String())
		}
	})
	return stop
}

// get returns the data of an answer of Prometheus's API.
func get(t *testing.T, address, path string, form url.Values, into any) error {
	t.Helper()
	resp, err := http.Get("http://" + address + path + "?" + form.Encode())
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return fmt.Errorf("%s: %w: %s", path, err, data)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s %v: %s", path, form, answer.Error)
	}
	return json.Unmarshal(answer.Data, into)
}

// eventually waits until f returns no error, and fails with the last one.
func eventually(t *testing.T, within time.Duration, f func() error) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %s: %v", within, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// TestStackRuns starts the real Prometheus and the real Alertmanager on the very files that the stack mounts, with other
// addresses and in a hurry: the server is scraped, every rule is evaluated without a fault, every panel has data, and an alert
// gets through to a webhook.
func TestStackRuns(t *testing.T) {
	optional.Slow(t)
	t.Parallel() // it waits most of the time
	s := loadStack(t)
	alerts := make(chan string, 100)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m struct {
			Alerts []struct{ Labels map[string]string }
		}
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		for _, a := range m.Alerts {
			select {
			case alerts <- a.Labels["alertname"]:
			default:
			}
		}
	}))
	defer hook.Close()
	mockforged := filepath.Join(t.TempDir(), "mockforged")
	if msg, err := exec.Command("go", "build", "-o", mockforged, "./mockforged").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	metrics := free(t)
	var elsewhere []string
	for _, port := range []string{"http", "websocket", "grpc", "smtp", "mqtt", "admin"} {
		elsewhere = append(elsewhere, "--"+port, "127.0.0.1:0")
	}
	mocks := append(elsewhere, "--metrics", metrics)
	stop := run(t, mockforged, t.TempDir(), s.Services["mockforged"].Command, append(mocks, "--rate", "60")...)

	manager, prometheus := free(t), free(t)
	root := mounted(t, s, "alertmanager", "http://host.docker.internal:9094", hook.URL, "group_wait: 30s", "group_wait: 1s")
	run(t, toolchain.Alertmanager(t), root, s.Services["alertmanager"].Command, "--web.listen-address="+manager, "--cluster.listen-address=", "--storage.path="+t.TempDir())
	hurry := []string{
		"mockforged:9090", metrics, "localhost:9090", prometheus, "alertmanager:9093", manager,
		"scrape_interval: 15s", "scrape_interval: 1s", "evaluation_interval: 30s", "evaluation_interval: 1s", "interval: 30s", "interval: 1s", "interval: 1m", "interval: 1s",
	}
	// A subquery with a step of 5 minutes has its first value at the next multiple of them.
	hurry = append(hurry, "[30d:5m]", "[1h:5s]", "[3d:5m]", "[1h:5s]", ":5m]", ":5s]")
	root = mounted(t, s, "prometheus", hurry...)
	run(t, toolchain.Prometheus(t), root, s.Services["prometheus"].Command, "--web.listen-address="+prometheus)

	eventually(t, 30*time.Second, func() error {
		var targets struct {
			ActiveTargets []struct {
				Labels            map[string]string
				Health, LastError string
			}
		}
		if err := get(t, prometheus, "/api/v1/targets", nil, &targets); err != nil {
			return err
		}
		for _, target := range targets.ActiveTargets {
			if target.Health != "up" {
				return fmt.Errorf("%v is %s: %s", target.Labels, target.Health, target.LastError)
			}
		}
		if len(targets.ActiveTargets) != 2 {
			return fmt.Errorf("%d targets", len(targets.ActiveTargets))
		}
		return nil
	})
	p := plans(t)[0]
	eventually(t, 60*time.Second, func() error { return healthy(t, prometheus, p) })
	eventually(t, 90*time.Second, func() error { return everyPanelHasData(t, prometheus, p) })

	gated(t, prometheus)

	// The server starts again and again, for which there is an alert without delay.
	for range 4 {
		stop()
		stop = run(t, mockforged, t.TempDir(), nil, mocks...)
		time.Sleep(2500 * time.Millisecond)
	}
	var told []string
	deadline := time.After(30 * time.Second)
	for !slices.Contains(told, "MockForgeRestarting") {
		select {
		case name := <-alerts:
			told = append(told, name)
		case <-deadline:
			t.Fatalf("the webhook was told of %v", told)
		}
	}
	t.Logf("the webhook was told of %v", told)
}

// gated holds the load so far against the thresholds, and looks at the report.
func gated(t *testing.T, prometheus string) {
	t.Helper()
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	env := &cli.Env{Project: mockforge.Project, Dir: dir, Stdout: &stdout, Stderr: &stderr}
	code := cli.Run(t.Context(), env, []string{"gate", "--prometheus", "http://" + prometheus, "--since", "1m", "--step", "1s", "--report", "report.md"})
	if code == cli.ExitMisuse || !strings.Contains(stdout.String(), "good") || strings.Count(stdout.String(), "\n") != 30 {
		t.Errorf("gate exits %d:\n%s%s", code, stdout.String(), stderr.String())
	}
	report, err := os.ReadFile(filepath.Join(dir, "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	pictures := regexp.MustCompile(`\]\(([^)]+\.svg)\)`).FindAllStringSubmatch(string(report), -1)
	for _, m := range pictures {
		if data, err := os.ReadFile(filepath.Join(dir, m[1])); err != nil || !bytes.HasPrefix(data, []byte("<svg ")) || bytes.Contains(data, []byte("NaN")) {
			t.Errorf("%s: %v\n%s", m[1], err, data)
		}
	}
	if len(pictures) < 15 || !strings.Contains(string(report), "## Numbers") {
		t.Errorf("the report has %d pictures:\n%s", len(pictures), report)
	}
	if keep := os.Getenv("OBSGEN_REPORT"); keep != "" {
		if err := os.CopyFS(keep, os.DirFS(dir)); err != nil {
			t.Error(err)
		}
	}
}

// healthy returns an error unless Prometheus has evaluated every rule of a plan without a fault.
func healthy(t *testing.T, prometheus string, p *plan.Plan) error {
	var rules struct {
		Groups []struct {
			Name  string
			Rules []struct{ Name, Health, LastError string }
		}
	}
	if err := get(t, prometheus, "/api/v1/rules", nil, &rules); err != nil {
		return err
	}
	have, want := 0, 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Health != "ok" {
				return fmt.Errorf("%s in %s is %s: %s", r.Name, g.Name, r.Health, r.LastError)
			}
			have++
		}
	}
	for _, g := range p.Groups {
		want += len(g.Rules)
	}
	if have != want {
		return fmt.Errorf("%d rules of %d", have, want)
	}
	return nil
}

// everyPanelHasData returns an error that names the panels whose queries give nothing, with all of each variable chosen.
func everyPanelHasData(t *testing.T, prometheus string, p *plan.Plan) error {
	var empty []string
	for _, b := range p.Boards {
		values := []string{"$__rate_interval", "1m", "$__interval", "15s", "$__range", "1h"}
		for _, v := range b.Variables {
			switch v.Kind {
			case dashboards.LabelValues:
				if v.Single {
					var names []string
					if err := get(t, prometheus, "/api/v1/label/"+v.Label+"/values", url.Values{"match[]": {v.From}}, &names); err != nil {
						return err
					}
					if len(names) == 0 {
						return fmt.Errorf("the variable %s of %s has no value", v.Name, b.UID)
					}
					values = append(values, "$"+v.Name, names[0])
					continue
				}
				values = append(values, "$"+v.Name, ".*")
			default:
				if len(v.Options) > 0 {
					values = append(values, "$"+v.Name, v.Options[0])
				}
			}
		}
		fill := strings.NewReplacer(values...)
		for _, panel := range b.Panels() {
			data := len(panel.Targets) == 0
			for _, target := range panel.Targets {
				var result struct{ Result []json.RawMessage }
				if err := get(t, prometheus, "/api/v1/query", url.Values{"query": {fill.Replace(target.Expr.Text())}}, &result); err != nil {
					return err
				}
				data = data || len(result.Result) > 0
			}
			if !data {
				empty = append(empty, b.UID+": "+panel.Title)
			}
		}
	}
	if len(empty) > 0 {
		return fmt.Errorf("%d panels have no data:\n%s", len(empty), strings.Join(empty, "\n"))
	}
	return nil
}
