package instrument_test

import (
	"fmt"
	"math"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument"
)

// wasm is the fragment of a plugin that was built elsewhere.
const wasm = `{"name": "resize", "prefix": "app_plugin_resize_", "title": "Resize", "help": "The plugin that resizes pictures.", "owner": "pictures", "metrics": [
	{"name": "app_plugin_resize_pictures_total", "type": "counter", "help": "Pictures.", "labels": [
		{"name": "to", "help": "Format.", "values": ["png", "jpeg"]}, {"name": "client", "help": "Who asked.", "max": 2}]},
	{"name": "app_plugin_resize_queue", "type": "gauge", "help": "Pictures that wait."},
	{"name": "app_plugin_resize_duration_seconds", "type": "histogram", "help": "Time.", "unit": "seconds", "buckets": [0.1, 1]}]}`

func loaded(t testing.TB) (*instrument.Registry, *catalog.Catalog, *instrument.Writer) {
	t.Helper()
	r, err := instrument.New(catalog.New("app", catalog.CatalogSpec{Prefix: "app_"}))
	if err != nil {
		t.Fatal(err)
	}
	f, err := catalog.ParseFragment("resize.json", []byte(wasm))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := instrument.NewWriter(r, f); err == nil || !strings.Contains(err.Error(), "Load it first") {
		t.Errorf("a writer before the fragment is loaded: %v", err)
	}
	if err := r.Load(f); err != nil {
		t.Fatal(err)
	}
	w, err := instrument.NewWriter(r, f)
	if err != nil {
		t.Fatal(err)
	}
	return r, f, w
}

func text(r *instrument.Registry) string {
	rec := httptest.NewRecorder()
	r.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	return rec.Body.String()
}

func TestWriter(t *testing.T) {
	r, f, w := loaded(t)
	write := func(metric string, labels map[string]string, v float64) {
		t.Helper()
		if err := w.Write(metric, labels, v); err != nil {
			t.Error(err)
		}
	}
	for i := range 4 { // two clients more than there may be
		write("app_plugin_resize_pictures_total", map[string]string{"to": "png", "client": fmt.Sprint("c", i)}, 1.5)
	}
	write("app_plugin_resize_queue", nil, 7)
	write("app_plugin_resize_queue", nil, 3)
	write("app_plugin_resize_duration_seconds", map[string]string{}, 0.5)
	got := text(r)
	for _, want := range []string{
		`app_plugin_resize_pictures_total{client="c0",to="png"} 1.5`, `app_plugin_resize_pictures_total{client="other",to="png"} 3`,
		`app_plugin_resize_queue 3`, `app_plugin_resize_duration_seconds_bucket{le="1"} 1`,
		`obsgen_foldings_total{label="client",metric="app_plugin_resize_pictures_total"} 2`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	r.Unload(f)
	write("app_plugin_resize_queue", nil, 9) // a plugin that is late
	if strings.Contains(text(r), "resize_queue") {
		t.Error("what was unloaded is exposed")
	}
}

func TestWriterRefuses(t *testing.T) {
	r, _, w := loaded(t)
	before := text(r)
	png := map[string]string{"to": "png", "client": "a"}
	for _, c := range []struct {
		metric string
		labels map[string]string
		value  float64
		want   string
	}{
		{"app_requests_total", nil, 1, `resize has no metric "app_requests_total"`},
		{"app_plugin_resize_pictures_total", map[string]string{"to": "png"}, 1, "the label client is missing"},
		{"app_plugin_resize_pictures_total", map[string]string{"to": "gif", "client": "a"}, 1, `the label to cannot be "gif", only png, jpeg`},
		{"app_plugin_resize_pictures_total", map[string]string{"to": "png", "client": "a", "size": "9"}, 1, "has no label size"},
		{"app_plugin_resize_pictures_total", png, -1, "a counter cannot grow by -1"},
		{"app_plugin_resize_pictures_total", png, math.Inf(1), "a counter cannot grow by +Inf"},
		{"app_plugin_resize_duration_seconds", nil, math.NaN(), "the value is no number"},
	} {
		if err := w.Write(c.metric, c.labels, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v %v: %v; want %s", c.metric, c.labels, c.value, err, c.want)
		}
	}
	if after := text(r); after != before {
		t.Errorf("what was refused is written:\n%s", after)
	}
}

// TestFragmentsKeepApart loads fragments whose namespaces meet those of others.
func TestFragmentsKeepApart(t *testing.T) {
	r, f, _ := loaded(t)
	other := func(prefix, metric string) *catalog.Catalog {
		t.Helper()
		f, err := catalog.ParseFragment("other.json", fmt.Appendf(nil,
			`{"name": "other", "prefix": %q, "title": "O", "help": "O.", "owner": "others", "metrics": [{"name": %q, "type": "gauge", "help": "A gauge."}]}`, prefix, metric))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, c := range []struct {
		f    *catalog.Catalog
		want string
	}{
		{f, "already"},
		{other("app_plugin_", "app_plugin_x"), "is within that of"},
		{other("app_", "app_x"), "is within that of"},
		{other("app_plugin_resize_more_", "app_plugin_resize_more_x"), "is within that of"},
	} {
		if err := r.Load(c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %s", c.f.Spec.Prefix, err, c.want)
		}
	}
	again := other("app_plugin_other_", "app_plugin_other_x")
	for range 3 {
		if err := r.Load(again); err != nil {
			t.Fatal(err)
		}
		r.Unload(again)
	}
	r.Unload(f)
	if err := r.Load(other("app_plugin_resize_more_", "app_plugin_resize_more_x")); err != nil {
		t.Errorf("the namespace of what was unloaded: %v", err)
	}
}
