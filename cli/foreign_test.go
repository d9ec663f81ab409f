package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/internal/testkit/optional"
)

func TestForeignIn(t *testing.T) {
	const board = `{"title": "A board", "panels": []}`
	for text, want := range map[string]string{
		board:                          "a-board",
		"\xef\xbb\xbf" + board:         "a-board",
		`{"uid": "x", "rows": []}`:     "x",
		`{"dashboard": ` + board + `}`: "a-board",
		`{"apiVersion": "dashboard.grafana.app/v1beta1", "metadata": {"name": "n"}, "spec": ` + board + `}`:                                "n",
		`{"apiVersion": "dashboard.grafana.app/v2beta1", "metadata": {"name": "n"}, "spec": {"title": "T", "elements": {}, "layout": {}}}`: "n",
		"apiVersion: dashboard.grafana.app/v2beta1\nmetadata: {name: y}\nspec: {title: T, elements: {}, layout: {}}\n":                     "y",
		"kind: ConfigMap\ndata:\n  b.json: |\n    " + board + "\n  a.json: '{\"uid\": \"a\", \"panels\": []}'\n  notes.txt: none\n":        "a a-board",
		"kind: GrafanaDashboard\nspec:\n  json: >\n    " + board + "\n":                                                                    "a-board",
		"---\nkind: ConfigMapList\nitems:\n- kind: ConfigMap\n  data: {x.json: '" + board + "'}\n---\nuid: z\npanels: []\n":                "a-board z",
		`{"title": "ÄÖ", "panels": []}`: "untitled",
		`[]`:                            "it is no dashboard",
		`{"panels": 3}`:                 "it is no dashboard",
		`{}`:                            "it has no panels",
		`{"spec": {"spec": {}}}`:        "it has no panels",
		"a: b":                          "it has no panels",
		"a: [":                          "neither JSON nor YAML",
		"kind: ConfigMap\ndata: {}\n":   "it holds no dashboard",
	} {
		found, err := foreignIn([]byte(text))
		var uids []string
		for _, d := range found {
			uids = append(uids, d.UID)
		}
		got := strings.Join(uids, " ")
		if err != nil {
			got = err.Error()
		}
		if got != want && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%s: %s, and %s is wanted", text, got, want)
		}
	}
}

// TestCorpusDashboards reads the dashboards that others wrote, in manifests, too.
func TestCorpusDashboards(t *testing.T) {
	files, err := filepath.Glob(optional.Corpus(t, "dashboards") + "/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no dashboards", err)
	}
	n := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := foreignIn(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		n += len(found)
		if slices.ContainsFunc(found, func(d PreviewDashboard) bool { return d.UID == "" || d.Title == "" }) {
			t.Errorf("%s: a dashboard has no name", file)
		}
	}
	if n <= len(files) {
		t.Errorf("%d files have %d dashboards", len(files), n)
	}
}

func FuzzForeign(f *testing.F) {
	f.Add([]byte(`{"title": "A", "panels": []}`))
	f.Add([]byte("kind: ConfigMap\ndata: {x.json: '{}'}\n---\nspec: {json: x}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := foreignIn(data)
		if err == nil && len(found) == 0 {
			t.Error("there is neither a dashboard nor a reason")
		}
	})
}
