package catalog_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

const fragment = `{
  "name": "cache",
  "prefix": "app_plugin_cache_",
  "title": "Cache",
  "help": "What the cache does.",
  "owner": "core",
  "metrics": [
    {"name": "app_plugin_cache_lookups_total", "type": "counter", "help": "Lookups.", "unit": "lookups", "labels": [
      {"name": "result", "help": "How it ended.", "values": ["hit", "miss"]},
      {"name": "shard", "help": "Where.", "max": 8}
    ]},
    {"name": "app_plugin_cache_misses_total", "type": "counter", "help": "Misses.", "unit": "lookups", "partOf": "app_plugin_cache_lookups_total",
      "labels": [{"name": "shard", "help": "Where.", "max": 8}]},
    {"name": "app_plugin_cache_wait_seconds", "type": "histogram", "help": "Wait.", "unit": "seconds", "buckets": [0.1, 1]},
    {"name": "app_plugin_cache_filled_ratio", "type": "gauge", "help": "Filled.", "unit": "ratio", "min": 0, "max": 1, "initialised": true},
    {"name": "app_plugin_cache_mode", "type": "gauge", "help": "Mode.", "unit": "state", "states": [
      {"value": 0, "name": "on", "level": "good"}, {"value": 1, "name": "off"}]}
  ]
}
`

func TestParseFragment(t *testing.T) {
	c, err := catalog.ParseFragment("cache.json", []byte(fragment))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range c.Check() {
		t.Error(f)
	}
	own := c.Own()
	if len(own) != 5 || own[0].Site.Position().String() != "cache.json:8:14" || own[4].Site.Position().Line != 16 {
		t.Fatalf("%d metrics, the first at %s", len(own), own[0].Site.Position())
	}
	if l := own[0].Label("shard"); l.Max != 8 || l != own[1].Label("shard") || own[0].Label("result").Max != 2 {
		t.Error("the labels are others")
	}
	if own[1].PartOf.Series().Metric != own[0] || !own[3].Initialised || own[2].Unit != unit.Seconds || own[3].Range != (catalog.Range{Min: 0, Max: 1}) {
		t.Error("a metric is another")
	}
	if own[4].States[0].Level != catalog.Good || own[4].States[1].Level != catalog.Neutral {
		t.Errorf("states %v", own[4].States)
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if json.Unmarshal([]byte(fragment), &want) != nil || json.Unmarshal(data, &got) != nil {
		t.Fatal("no JSON")
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("written again it is another:\n%s", d)
	}
}

func TestFragmentFaults(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"no JSON", `"unit": "seconds",`, `"unit": seconds,`, "cache.json:14:93: invalid character 's' looking for beginning of value"},
		{"a field of no fragment", `"owner"`, `"team"`, `cache.json:6:3: unknown field "team"`},
		{"a number for a text", `"title": "Cache"`, `"title": 7`, "cache.json:4:12: title is a number, and string is wanted"},
		{"cut off", "  ]\n}\n", "", "cache.json:18:1: the file ends before the fragment does"},
		{"more than a fragment", "}\n", "}\n{}\n", "something follows the fragment"},
		{"no name", `"name": "cache"`, `"name": ""`, "cache.json:1:1: the fragment has no name"},
		{"no prefix", `"prefix": "app_plugin_cache_"`, `"prefix": ""`, "cache.json:1:1: the fragment cache has no prefix, with which the names of its metrics begin"},
		{"another kind", `"type": "histogram"`, `"type": "summary"`, `cache.json:14:14: app_plugin_cache_wait_seconds is a "summary", and a metric is a counter, a gauge or a histogram`},
		{"a label without a bound", `"max": 8}
    ]}`, `"max": 0}
    ]}`, "cache.json:8:14: the label shard of app_plugin_cache_lookups_total has neither values nor a max"},
		{"part of nothing", `"partOf": "app_plugin_cache_lookups_total"`, `"partOf": "elsewhere_total"`, "cache.json:12:14: app_plugin_cache_misses_total is part of elsewhere_total, which is no counter of the fragment"},
		{"a level", `"level": "good"`, `"level": "fine"`, `cache.json:16:14: app_plugin_cache_mode: the state on is "fine", and a level is good, caution or bad`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(fragment, c.old, c.new, 1)
			if c.name == "more than a fragment" {
				text = fragment + "{}\n"
			}
			_, err := catalog.ParseFragment("cache.json", []byte(text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
	other := strings.Replace(fragment, "app_plugin_cache_mode", "app_mode", 1)
	c, err := catalog.ParseFragment("cache.json", []byte(other))
	if err != nil {
		t.Fatal(err)
	}
	if fs := c.Check(); len(fs) != 1 || fs[0].ID != "metric/prefix" || fs[0].At.Line != 16 {
		t.Errorf("a name without the prefix: %v", fs)
	}
}

func FuzzParseFragment(f *testing.F) {
	f.Add([]byte(fragment))
	f.Add([]byte(`{"name":"a","prefix":"b","metrics":[{"name":"","type":"gauge"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := catalog.ParseFragment("f.json", data)
		if err != nil {
			return
		}
		c.Check()
		written, err := json.Marshal(c)
		if err != nil {
			return // a unit that is no word
		}
		again, err := catalog.ParseFragment("f.json", written)
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, written)
		}
		twice, err := json.Marshal(again)
		if err != nil || string(twice) != string(written) {
			t.Errorf("%v\n%s\n%s", err, written, twice)
		}
	})
}
