package dashcheck

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const picked = `"datasource": {"type": "prometheus", "uid": "${datasource}"}`

// good is a dashboard with nothing wrong; the tests break one thing at a time.
const good = `{
  "uid": "cafe", "title": "Café", "schemaVersion": 42,
  "templating": {"list": [
    {"type": "datasource", "name": "datasource", "query": "prometheus"},
    {"type": "query", "name": "job", ` + picked + `, "query": {"query": "label_values(up, job)", "refId": "V"},
     "current": {"text": ["All"], "value": ["$__all"]}},
    {"type": "query", "name": "drink", ` + picked + `, "query": {"query": "label_values(up{job=~\"$job\"}, drink)", "refId": "V"}},
    {"type": "adhoc", "name": "filters", ` + picked + `}
  ]},
  "annotations": {"list": [
    {"name": "Annotations & Alerts", "builtIn": 1, "enable": true, "iconColor": "blue", "datasource": {"type": "grafana", "uid": "-- Grafana --"}},
    {"name": "Down", "enable": true, "iconColor": "red", ` + picked + `, "target": {` + picked + `, "expr": "up == 0", "refId": "Anno", "range": true}}
  ]},
  "links": [{"title": "Menu", "url": "https://cafe.example"}, {"title": "Itself", "url": "/d/cafe"}],
  "panels": [
    {"type": "row", "id": 1, "title": "Now", "collapsed": false, "gridPos": {"h": 1, "w": 24, "x": 0, "y": 0}, "panels": [], "repeat": "drink"},
    {"type": "timeseries", "id": 2, "title": "Orders", "gridPos": {"h": 8, "w": 12, "x": 0, "y": 1}, ` + picked + `,
     "targets": [{` + picked + `, "refId": "A", "range": true, "expr": "sum by (drink) (rate(x{job=~\"$job\"}[$__rate_interval]))"},
                 {` + picked + `, "refId": "B", "range": true, "expr": "topk($drink, y offset 5m)"}],
     "links": [{"title": "Alone", "url": "/d/cafe?${__url_time_range}&${datasource:queryparam}&viewPanel=4"}],
     "fieldConfig": {"defaults": {"unit": "reqps", "custom": {"lineWidth": 1},
       "links": [{"title": "Drink", "url": "/d/cafe/any?var-drink=${__field.labels.drink:percentencode}&${job:queryparam}"}]},
       "overrides": [{"matcher": {"id": "byName", "options": "x"}, "properties": [{"id": "unit", "value": "s"}, {"id": "links", "value": [{"title": "X", "url": "/d/cafe"}]}]}]},
     "options": {"legend": {"showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": []}, "tooltip": {"mode": "multi", "sort": "desc"}}},
    {"type": "text", "id": 3, "title": "Note", "gridPos": {"h": 8, "w": 12, "x": 12, "y": 1}, "options": {"mode": "markdown", "content": "costs 5 $ of [[drink]]"}},
    {"type": "row", "id": 5, "title": "More", "collapsed": true, "gridPos": {"h": 1, "w": 24, "x": 0, "y": 9}, "panels": [
      {"type": "heatmap", "id": 4, "title": "Serving", "gridPos": {"h": 8, "w": 24, "x": 0, "y": 10}, ` + picked + `,
       "targets": [{` + picked + `, "refId": "A", "range": true, "expr": "sum by (le) (rate(z_bucket[5m]))"}],
       "options": {"yAxis": {"unit": "s"}, "cellValues": {"unit": "cps"}, "legend": {"show": true}, "tooltip": {"mode": "single"}}}
    ]}
  ]
}`

func TestNothingIsWrongWithTheGoodOne(t *testing.T) {
	if problems := Check(map[string][]byte{"cafe.json": []byte(good)}); len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"no JSON", `{
  "uid"`, `{,
  "uid"`, "invalid character"},
		{"uid", `"uid": "cafe", "t`, `"uid": "` + strings.Repeat("x", 41) + `", "t`, "has 41 characters"},
		{"title", `"title": "Café"`, `"title": ""`, "there is no title"},
		{"schema", `"schemaVersion": 42`, `"schemaVersion": 0`, "no schemaVersion"},
		{"no id", `"id": 2,`, ``, `timeseries 0 "Orders" has no id`},
		{"id of a nested panel", `"id": 4,`, `"id": 2,`, `heatmap 2 "Serving" has the id of timeseries 2 "Orders"`},
		{"overlap", `"h": 8, "w": 12, "x": 12, "y": 1`, `"h": 8, "w": 12, "x": 11, "y": 1`, `text 3 "Note" lies on timeseries 2 "Orders"`},
		{"overlap of a row", `"w": 24, "x": 0, "y": 9`, `"w": 24, "x": 0, "y": 8`, `row 5 "More" lies on timeseries 2 "Orders"`},
		{"beyond", `"w": 12, "x": 12, "y": 1`, `"w": 13, "x": 12, "y": 1`, `text 3 "Note" lies beyond the grid`},
		{"nested beyond", `"w": 24, "x": 0, "y": 10`, `"w": 24, "x": 1, "y": 10`, `heatmap 4 "Serving" lies beyond the grid`},
		{"nested above", `"w": 24, "x": 0, "y": 10`, `"w": 24, "x": 0, "y": 9`, `stands above its row "More"`},
		{"open row with panels", `"collapsed": true`, `"collapsed": false`, `row 5 "More" is open and holds panels`},
		{"row without title", `"title": "More"`, `"title": ""`, `row 5 "" has no title`},
		{"unit", `"unit": "reqps"`, `"unit": "requests"`, `has the unit "requests"`},
		{"unit of an override", `"id": "unit", "value": "s"`, `"id": "unit", "value": "sec"`, `has the unit "sec"`},
		{"unit that is none", `"id": "unit", "value": "s"`, `"id": "unit", "value": 7`, `has the unit "7"`},
		{"unit of an axis", `"yAxis": {"unit": "s"}`, `"yAxis": {"unit": ""}`, `has the unit ""`},
		{"unit of cells", `"unit": "cps"`, `"unit": "cells"`, `has the unit "cells"`},
		{"legend", `"showLegend": true, "displayMode": "list"`, `"showLegend": true`, "how its legend stands"},
		{"legend of a heatmap", `"legend": {"show": true}`, `"legend": {}`, "whether it has a legend"},
		{"tooltip", `"mode": "multi", "sort": "desc"`, `"mode": "", "sort": ""`, "no mode or no order of its tooltip"},
		{"tooltip of a heatmap", `"mode": "single"`, `"mode": ""`, "no mode of its tooltip"},
		{"two ref ids", `"refId": "B"`, `"refId": "A"`, `two queries with the ref id "A"`},
		{"no ref id", `"refId": "B", `, ``, `two queries with the ref id ""`},
		{"neither instant nor range", `"refId": "B", "range": true`, `"refId": "B", "range": false`, `query B is neither`},
		{"no PromQL", `topk($drink, y`, `topk($drink, y y`, `query B is no PromQL`},
		{"no query", `[{` + picked + `, "refId": "A", "range": true, "expr": "sum by (le) (rate(z_bucket[5m]))"}]`, `[]`, `"Serving" asks for nothing`},
		{"another data source", `"refId": "V"}},
    {"type": "adhoc", "name": "filters", "datasource": {"type": "prometheus", "uid": "${datasource}"}`,
			`"refId": "V"}}, {"type": "adhoc", "name": "filters", "datasource": {"type": "prometheus", "uid": "prom"}`,
			"variable filters does not ask the data source that was picked"},
		{"no target of an annotation", `, "target": {` + picked + `, "expr": "up == 0", "refId": "Anno", "range": true}`, ``, "annotation Down asks for nothing"},
		{"undefined", `up == 0`, `up{job=~\"${jop:regex}\"} == 0`, "variable jop is used and not defined"},
		{"undefined in brackets", `[[drink]]`, `[[drnk:csv]]`, "variable drnk is used"},
		{"unknown variable of Grafana", `$__rate_interval`, `$__rate_intervall`, "variable __rate_intervall is used"},
		{"twice", `"name": "filters"`, `"name": "job"`, "variable job is defined twice"},
		{"unused", `"type": "adhoc", "name": "filters"`, `"type": "custom", "name": "size"`, "variable size is defined and not used"},
		{"repeat", `"repeat": "drink"`, `"repeat": "size"`, "repeats by size, which is no variable"},
		{"no title of a link", `"title": "Menu"`, `"title": ""`, "the dashboard has a link without title"},
		{"link to no dashboard", `"/d/cafe"}],
  "panels"`, `"/d/bar"}],
  "panels"`, `the dashboard has the link "Itself" to the dashboard bar, which is not there`},
		{"path that is no dashboard", `"url": "/d/cafe"}],
  "panels"`, `"url": "/dashboards/cafe"}],
  "panels"`, "which is no dashboard"},
		{"link of an override", `"title": "X", "url": "/d/cafe"`, `"title": "X", "url": "/d/bar"`, `the link "X" to the dashboard bar`},
		{"links that are none", `"value": [{"title": "X", "url": "/d/cafe"}]`, `"value": "/d/cafe"`, "links that are none"},
		{"panel that is not there", `viewPanel=4`, `viewPanel=44`, "to the panel 44, which cafe has not"},
		{"variable that the target has not", `var-drink=`, `var-drinks=`, "sets the variable drinks that cafe has not"},
		{"variable that is not carried", `${job:queryparam}`, `${filter:queryparam}`, "sets the variable filter that cafe has not"},
		{"label in a heading", `&viewPanel=4`, `&var-drink=${__field.labels.drink}`, "asks for __field where no series is clicked"},
		{"misspelt option", `"lineWidth": 1`, `"lineWidht": 1`, "unexpected field 'lineWidht'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(good, c.old) != 1 {
				t.Fatalf("%q is in the good dashboard %d times", c.old, strings.Count(good, c.old))
			}
			got := Check(map[string][]byte{"cafe.json": []byte(strings.Replace(good, c.old, c.new, 1))})
			if !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("%q is not among\n%s", c.want, strings.Join(got, "\n"))
			}
		})
	}
}

func TestLinksAreFollowedFromFileToFile(t *testing.T) {
	bar := strings.ReplaceAll(strings.ReplaceAll(good, `"uid": "cafe"`, `"uid": "bar"`), "viewPanel=4", "viewPanel=9")
	got := Check(map[string][]byte{"cafe.json": []byte(good), "bar.json": []byte(bar), "copy.json": []byte(good)})
	want := []string{
		`copy.json: uid "cafe" is also that of "Café"`,
		`bar.json: timeseries 2 "Orders" has the link "Alone" to the panel 9, which cafe has not`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
