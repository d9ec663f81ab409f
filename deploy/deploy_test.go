package deploy_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/deploy"
)

type object = map[string]any

// fake is a server that keeps what it is sent, and complains to the test of every request that its API would not take.
type fake struct {
	t      *testing.T
	writes []string // verb and path of each request that changes something
	fail   func(*http.Request) int
}

func (f *fake) serve(handle func(w http.ResponseWriter, r *http.Request, body []byte)) *deploy.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if f.fail != nil {
			if code := f.fail(r); code != 0 {
				http.Error(w, "as the test wants", code)
				return
			}
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			f.t.Error(err)
		}
		if r.Method != http.MethodGet && r.URL.Query().Get("dryRun") == "" {
			f.writes = append(f.writes, r.Method+" "+r.URL.Path)
		}
		handle(w, r, body)
	}))
	f.t.Cleanup(s.Close)
	server, err := deploy.NewServer(s.URL+"/", http.Header{"Authorization": {"Bearer secret"}})
	if err != nil {
		f.t.Fatal(err)
	}
	return server
}

// shape complains where a body has a field that the API has not, or lacks one that it needs.
func (f *fake) shape(what string, body []byte, needs, may []string) object {
	f.t.Helper()
	var o object
	if err := json.Unmarshal(body, &o); err != nil {
		f.t.Errorf("%s: %v", what, err)
	}
	for _, k := range needs {
		if o[k] == nil {
			f.t.Errorf("%s lacks %s", what, k)
		}
	}
	for k := range o {
		if !slices.Contains(needs, k) && !slices.Contains(may, k) {
			f.t.Errorf("%s has %s, which the API has not", what, k)
		}
	}
	return o
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the test would see it
}

// saved is a dashboard in the fake Grafana.
type saved struct {
	json               object
	folder             string
	version            int
	message, createdBy string
}

type fakeGrafana struct {
	fake
	folders    map[string]string
	dashboards map[string]*saved
	paged      bool // versions come as newer Grafanas send them
}

func (g *fakeGrafana) handle(w http.ResponseWriter, r *http.Request, body []byte) {
	uid, isVersions := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/api/dashboards/uid/"), "/versions")
	switch {
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/folders/"):
		uid := strings.TrimPrefix(r.URL.Path, "/api/folders/")
		if g.folders[uid] == "" {
			http.Error(w, `{"message":"folder not found"}`, http.StatusNotFound)
			return
		}
		answer(w, object{"uid": uid, "title": g.folders[uid]})
	case r.Method == http.MethodPost && r.URL.Path == "/api/folders":
		o := g.shape("a folder", body, []string{"uid", "title"}, []string{"description", "parentUid"})
		g.folders[o["uid"].(string)] = o["title"].(string)
		answer(w, o)
	case r.Method == http.MethodPost && r.URL.Path == "/api/dashboards/db":
		o := g.shape("a dashboard", body, []string{"dashboard", "overwrite", "message"}, []string{"folderUid"})
		d := o["dashboard"].(object)
		uid, _ := d["uid"].(string)
		if d["id"] != nil || uid == "" || len(uid) > 40 || d["title"] == "" {
			g.t.Errorf("a dashboard with id %v and uid %q", d["id"], uid)
		}
		folder, _ := o["folderUid"].(string)
		if folder != "" && g.folders[folder] == "" {
			http.Error(w, `{"message":"folder not found"}`, http.StatusBadRequest)
			return
		}
		s := &saved{json: d, folder: folder, version: 1, message: o["message"].(string), createdBy: "ci"}
		if was := g.dashboards[uid]; was != nil {
			s.version = was.version + 1
		}
		d["id"], d["version"] = 7, s.version
		g.dashboards[uid] = s
		answer(w, object{"uid": uid, "status": "success", "version": s.version})
	case r.Method == http.MethodGet && r.URL.Path == "/api/search":
		found := []object{}
		for _, uid := range slices.Sorted(maps.Keys(g.dashboards)) {
			tags, _ := g.dashboards[uid].json["tags"].([]any)
			if slices.Contains(tags, any(r.URL.Query().Get("tag"))) {
				found = append(found, object{"uid": uid, "title": g.dashboards[uid].json["title"], "type": "dash-db"})
			}
		}
		answer(w, found)
	case g.dashboards[uid] == nil:
		http.Error(w, `{"message":"Dashboard not found"}`, http.StatusNotFound)
	case r.Method == http.MethodGet && isVersions:
		s := g.dashboards[uid]
		list := []object{{"version": s.version, "message": s.message, "createdBy": s.createdBy, "created": "2026-11-25T10:00:00Z"}}
		if g.paged {
			answer(w, object{"versions": list, "continueToken": ""})
			return
		}
		answer(w, list)
	case r.Method == http.MethodGet:
		s := g.dashboards[uid]
		answer(w, object{"dashboard": s.json, "meta": object{"folderUid": s.folder, "version": s.version}})
	case r.Method == http.MethodDelete:
		delete(g.dashboards, uid)
		answer(w, object{"message": "deleted"})
	default:
		g.t.Errorf("%s %s is not in the API", r.Method, r.URL.Path)
	}
}

func board(uid, expr string) deploy.Dashboard {
	return deploy.Dashboard{UID: uid, Title: "Title of " + uid, Folder: "The app", FolderUID: "the-app", JSON: fmt.Appendf(nil,
		`{"uid": %q, "title": "Title of %s", "tags": ["app"], "schemaVersion": 42, "panels": [{"id": 1, "type": "stat", "title": "P", "targets": [{"refId": "A", "expr": %q}]}]}`, uid, uid, expr)}
}

// told returns what is planned, a line each.
func told(actions []deploy.Action, o deploy.Options) []string {
	var out []string
	for _, a := range actions {
		line := a.What + " " + a.Object
		if does, _ := o.Does(a); does {
			line = "+ " + line
		}
		if len(a.Details) > 0 {
			line += ": " + strings.Join(a.Details, "; ")
		}
		out = append(out, line)
	}
	return out
}

func TestGrafana(t *testing.T) {
	for _, paged := range []bool{false, true} {
		g := &fakeGrafana{fake: fake{t: t}, folders: map[string]string{}, dashboards: map[string]*saved{"theirs": {json: object{"uid": "theirs", "title": "Theirs"}}}, paged: paged}
		s := g.serve(g.handle)
		step := func(name string, boards []deploy.Dashboard, o deploy.Options, want ...string) {
			t.Helper()
			before := len(g.writes)
			actions, err := deploy.Grafana(t.Context(), s, "app", boards)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(g.writes) > before {
				t.Errorf("%s: planning wrote %v", name, g.writes[before:])
			}
			if diff := cmp.Diff(want, told(actions, o)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if err := deploy.Apply(t.Context(), actions, o, func(deploy.Action) {}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		none := deploy.Options{}
		two := []deploy.Dashboard{board("a", "x"), board("b", "y")}
		step("at first", two, none, "+ create folder The app", "+ create dashboard Title of a", "+ create dashboard Title of b")
		step("again", two, none, "unchanged folder The app", "unchanged dashboard Title of a", "unchanged dashboard Title of b")
		two[0] = board("a", "rate(x[5m])")
		step("changed in code", two, none, "unchanged folder The app", "+ update dashboard Title of a: panel Title of a / P: it shows other queries", "unchanged dashboard Title of b")

		// Someone edits a dashboard in Grafana.
		b := g.dashboards["b"]
		b.json["panels"].([]any)[0].(object)["title"] = "Edited"
		b.message, b.createdBy = "a quick fix", "ada"
		const drift = "drifted dashboard Title of b: changed by ada at 2026-11-25T10:00:00Z: a quick fix; panel Title of b / Edited: it has another title"
		step("changed by hand", two, none, "unchanged folder The app", "unchanged dashboard Title of a", drift)
		if g.dashboards["b"].createdBy != "ada" {
			t.Error("what was changed by hand is overwritten")
		}
		step("overwritten", two, deploy.Options{Overwrite: true}, "unchanged folder The app", "unchanged dashboard Title of a", "+ "+drift)
		step("as declared", two, none, "unchanged folder The app", "unchanged dashboard Title of a", "unchanged dashboard Title of b")

		g.dashboards["b"].folder = ""
		step("moved", two, none, "unchanged folder The app", "unchanged dashboard Title of a", "+ update dashboard Title of b: it is in the folder General")

		step("no longer declared", two[:1], none, "unchanged folder The app", "unchanged dashboard Title of a", "left dashboard Title of b")
		if g.dashboards["b"] == nil {
			t.Error("it is deleted unasked")
		}
		step("pruned", two[:1], deploy.Options{Prune: true}, "unchanged folder The app", "unchanged dashboard Title of a", "+ left dashboard Title of b")
		if g.dashboards["b"] != nil || g.dashboards["theirs"] == nil {
			t.Errorf("there are %v", slices.Sorted(maps.Keys(g.dashboards)))
		}
		theirs := []deploy.Dashboard{board("theirs", "x")}
		step("of others", theirs, none, "unchanged folder The app", "foreign dashboard Title of theirs: it has not the tag obsgen:app", "left dashboard Title of a")
		step("adopted", theirs, deploy.Options{Adopt: true}, "unchanged folder The app", "+ foreign dashboard Title of theirs: it has not the tag obsgen:app", "left dashboard Title of a")
		step("ours now", theirs, none, "unchanged folder The app", "unchanged dashboard Title of theirs", "left dashboard Title of a")
	}
}

// TestFaults looks at what is said of servers that refuse, fail or are not there.
func TestFaults(t *testing.T) {
	g := &fakeGrafana{fake: fake{t: t}, folders: map[string]string{}, dashboards: map[string]*saved{}}
	s := g.serve(g.handle)
	boards := []deploy.Dashboard{board("a", "x"), board("b", "y")}
	tries := 0
	g.fail = func(r *http.Request) int {
		if tries++; tries <= 2 {
			return http.StatusBadGateway
		}
		return 0
	}
	actions, err := deploy.Grafana(t.Context(), s, "app", boards)
	if err != nil || len(actions) != 3 {
		t.Fatalf("a server that recovers: %v, %v", actions, err)
	}
	g.fail = func(r *http.Request) int {
		if r.Method == http.MethodPost && len(g.dashboards) == 1 {
			return http.StatusInternalServerError
		}
		return 0
	}
	var done []string
	err = deploy.Apply(t.Context(), actions, deploy.Options{}, func(a deploy.Action) { done = append(done, a.Object) })
	if err == nil || !strings.Contains(err.Error(), "dashboard Title of b: the server says 500: as the test wants") || len(done) != 2 {
		t.Errorf("a write that fails: %v, after %v", err, done)
	}
	if n := len(g.writes); n != 2 {
		t.Errorf("a write that fails is tried again: %v", g.writes)
	}
	g.fail = func(*http.Request) int { return http.StatusInternalServerError }
	if _, err := deploy.Grafana(t.Context(), s, "app", boards); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("a server that fails: %v", err)
	}
	stranger, err := deploy.NewServer(s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deploy.Grafana(t.Context(), stranger, "app", boards); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without a token: %v", err)
	}
	for _, address := range []string{"", "grafana.example.org", "ftp://x", "http://"} {
		if _, err := deploy.NewServer(address, nil); err == nil {
			t.Errorf("%q is an address", address)
		}
	}
}

type fakeRuler struct {
	fake
	groups map[string]map[string]any
}

func (f *fakeRuler) handle(w http.ResponseWriter, r *http.Request, body []byte) {
	const at = "/prometheus/config/v1/rules/app"
	name, inside := strings.CutPrefix(r.URL.Path, at+"/")
	switch {
	case r.Method == http.MethodGet && r.URL.Path == at:
		if len(f.groups) == 0 {
			http.Error(w, "no rule groups found", http.StatusNotFound)
			return
		}
		var list []map[string]any
		for _, name := range slices.Sorted(maps.Keys(f.groups)) {
			list = append(list, f.groups[name])
		}
		data, err := yaml.Marshal(map[string]any{"app": list})
		if err != nil {
			f.t.Error(err)
		}
		_, _ = w.Write(data)
	case r.Method == http.MethodPost && r.URL.Path == at:
		if r.Header.Get("Content-Type") != "application/yaml" {
			f.t.Errorf("a group comes as %s", r.Header.Get("Content-Type"))
		}
		var g map[string]any
		if err := yaml.Unmarshal(body, &g); err != nil {
			f.t.Error(err)
		}
		whole, err := yaml.Marshal(map[string]any{"groups": []any{g}})
		if err != nil {
			f.t.Error(err)
		}
		if _, errs := rulefmt.Parse(whole, false, model.UTF8Validation, parser.NewParser(parser.Options{}), promslog.NewNopLogger()); len(errs) > 0 {
			f.t.Errorf("no group of rules: %v\n%s", errs, body)
		}
		f.groups[g["name"].(string)] = g
		w.WriteHeader(http.StatusAccepted)
	case r.Method == http.MethodDelete && inside:
		delete(f.groups, name)
		w.WriteHeader(http.StatusAccepted)
	default:
		f.t.Errorf("%s %s is not in the API", r.Method, r.URL.Path)
	}
}

func TestRuler(t *testing.T) {
	f := &fakeRuler{fake: fake{t: t}, groups: map[string]map[string]any{}}
	s := f.serve(f.handle)
	group := func(name, expr string) deploy.Group {
		return deploy.Group{Name: name, YAML: fmt.Appendf(nil, "name: %s\ninterval: 1m\nrules:\n- alert: A\n  expr: %s\n  for: 5m\n", name, expr)}
	}
	step := func(name string, groups []deploy.Group, o deploy.Options, want ...string) {
		t.Helper()
		actions, err := deploy.Ruler(t.Context(), s, deploy.MimirRules, "app", groups)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, told(actions, o)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := deploy.Apply(t.Context(), actions, o, func(deploy.Action) {}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	two := []deploy.Group{group("one", "x > 1"), group("two", "y > 1")}
	step("at first", two, deploy.Options{}, "+ create rule group one", "+ create rule group two")
	f.groups["one"]["rules"].([]any)[0].(map[string]any)["expr"] = "1 < (x)" // as the ruler may write it
	step("again", two, deploy.Options{}, "unchanged rule group one", "unchanged rule group two")
	two[1] = group("two", "y > 0.5")
	step("changed", two, deploy.Options{}, "unchanged rule group one", "+ update rule group two: alert A: it fires for more than it did")
	step("gone", two[:1], deploy.Options{}, "unchanged rule group one", "left rule group two")
	step("pruned", two[:1], deploy.Options{Prune: true}, "unchanged rule group one", "+ left rule group two")
	step("at last", two[:1], deploy.Options{}, "unchanged rule group one")
}

// fakeCluster is an API server that knows server-side apply as far as whole objects and one field of another manager go.
type fakeCluster struct {
	fake
	objects map[string]object
	held    map[string]bool // objects that another manager has changed
}

func (f *fakeCluster) handle(w http.ResponseWriter, r *http.Request, body []byte) {
	const of = "/apis/monitoring.coreos.com/v1/namespaces/apps/prometheusrules/"
	if !strings.HasPrefix(r.URL.Path, of) && r.URL.Path != "/api/v1/namespaces/apps/configmaps/board" {
		f.t.Errorf("%s %s is not in the API", r.Method, r.URL.Path)
	}
	have := f.objects[r.URL.Path]
	switch r.Method {
	case http.MethodGet:
		if have == nil {
			http.Error(w, `{"kind":"Status","reason":"NotFound"}`, http.StatusNotFound)
			return
		}
		answer(w, have)
	case http.MethodPatch:
		q := r.URL.Query()
		if r.Header.Get("Content-Type") != "application/apply-patch+yaml" || q.Get("fieldManager") != "obsgen" {
			f.t.Errorf("no server-side apply: %s, %v", r.Header.Get("Content-Type"), q)
		}
		if f.held[r.URL.Path] && q.Get("force") != "true" {
			http.Error(w, `conflict with "kubectl-edit": .spec.groups`, http.StatusConflict)
			return
		}
		var o object
		if err := yaml.Unmarshal(body, &o); err != nil {
			f.t.Error(err)
		}
		o["metadata"].(object)["resourceVersion"] = fmt.Sprint(len(f.writes))
		if q.Get("dryRun") == "" {
			f.objects[r.URL.Path] = o
			delete(f.held, r.URL.Path)
		}
		answer(w, o)
	default:
		f.t.Errorf("%s %s is not in the API", r.Method, r.URL.Path)
	}
}

func TestKubernetes(t *testing.T) {
	f := &fakeCluster{fake: fake{t: t}, objects: map[string]object{}, held: map[string]bool{}}
	s := f.serve(f.handle)
	rule := func(expr string) []byte {
		return fmt.Appendf(nil, "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: one\n  labels: {app.kubernetes.io/managed-by: obsgen}\nspec:\n  groups: [{name: g, rules: [{alert: A, expr: '%s'}]}]\n", expr)
	}
	config := []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: board, namespace: apps, labels: {app.kubernetes.io/managed-by: obsgen}}\ndata: {a: b}\n")
	step := func(name string, manifests [][]byte, o deploy.Options, want ...string) {
		t.Helper()
		before := len(f.writes)
		actions, err := deploy.Kubernetes(t.Context(), s, "apps", manifests)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(f.writes) > before {
			t.Errorf("%s: planning wrote %v", name, f.writes[before:])
		}
		if diff := cmp.Diff(want, told(actions, o)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := deploy.Apply(t.Context(), actions, o, func(deploy.Action) {}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	step("at first", [][]byte{rule("x"), config}, deploy.Options{}, "+ create PrometheusRule one", "+ create ConfigMap board")
	step("again", [][]byte{rule("x"), config}, deploy.Options{}, "unchanged PrometheusRule one", "unchanged ConfigMap board")
	step("changed", [][]byte{rule("y")}, deploy.Options{}, "+ update PrometheusRule one: spec.groups is another")
	const at = "/apis/monitoring.coreos.com/v1/namespaces/apps/prometheusrules/one"
	f.held[at] = true
	const drift = `drifted PrometheusRule one: the server says 409: conflict with "kubectl-edit": .spec.groups`
	step("changed by hand", [][]byte{rule("y")}, deploy.Options{}, drift)
	step("overwritten", [][]byte{rule("y")}, deploy.Options{Overwrite: true}, "+ "+drift)
	step("as declared", [][]byte{rule("y")}, deploy.Options{}, "unchanged PrometheusRule one")
	delete(f.objects[at]["metadata"].(object), "labels")
	step("of others", [][]byte{rule("y")}, deploy.Options{}, "foreign PrometheusRule one: it has not the label app.kubernetes.io/managed-by=obsgen")
	for _, bad := range []string{"kind: Secret\nmetadata: {name: s}", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}"} {
		if _, err := deploy.Kubernetes(t.Context(), s, "", [][]byte{[]byte(bad)}); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
