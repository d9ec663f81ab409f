package grafana

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/plan"
)

// object is a part of a dashboard as JSON has it.
type object = map[string]any

// Classic returns a dashboard in the classic model, indented: the spec of dashboard.grafana.app/v1.
func Classic(p *plan.Plan, b *plan.Board) ([]byte, error) {
	d, err := board(p, b)
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", b.UID, err)
	}
	data, err := encode(d)
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", b.UID, err)
	}
	return data, nil
}

// V2 returns a dashboard in the model of dashboard.grafana.app/v2, which Grafana 12 and later have: its panels are named
// elements, which a layout of rows places. See
// https://grafana.com/docs/grafana/latest/as-code/observability-as-code/schema-v2/. Options of panels are as in the classic
// model.
func V2(p *plan.Plan, b *plan.Board) (map[string]any, error) {
	data, err := Classic(p, b)
	if err != nil {
		return nil, err
	}
	var d object
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", b.UID, err)
	}
	elements := object{}
	span, _ := d["time"].(object)
	out := object{
		"title": d["title"], "description": d["description"], "tags": d["tags"], "editable": d["editable"], "cursorSync": "Crosshair",
		"liveNow": d["liveNow"], "preload": false, "links": listOf(d["links"]), "elements": elements,
		"timeSettings": object{
			"timezone": d["timezone"], "from": span["from"], "to": span["to"], "autoRefresh": d["refresh"], "autoRefreshIntervals": refreshes,
			"hideTimepicker": false, "fiscalYearStartMonth": 0,
		},
		"layout": object{"kind": "RowsLayout", "spec": object{"rows": rowsV2(b)}},
	}
	var variables, annotations []any
	templating, _ := d["templating"].(object)
	for _, v := range listOf(templating["list"]) {
		x, err := variableV2(v.(object))
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", b.UID, err)
		}
		variables = append(variables, x)
	}
	list, _ := d["annotations"].(object)
	for _, a := range listOf(list["list"]) {
		annotations = append(annotations, annotationV2(a.(object)))
	}
	out["variables"], out["annotations"] = variables, annotations
	for _, x := range listOf(d["panels"]) {
		x := x.(object)
		if x["type"] != "row" {
			elements[elementName(x["id"])] = panelV2(x)
			continue
		}
		for _, y := range listOf(x["panels"]) { // of a row that is collapsed
			elements[elementName(y.(object)["id"])] = panelV2(y.(object))
		}
	}
	return out, nil
}

// refreshes are what Grafana's picker offers.
var refreshes = []any{"5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"}

func listOf(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{}
}

// elementName is what the layout calls a panel.
func elementName(id any) string {
	n, _ := id.(float64)
	return fmt.Sprintf("panel-%.0f", n)
}

// rowsV2 returns the rows. Places are those within a row; what stands above the first heading is in a row without one.
func rowsV2(b *plan.Board) []any {
	var out []any
	for _, r := range b.Rows {
		items := []any{}
		top := r.Y + 1
		if r.Title == "" {
			top = r.Y
		}
		for _, p := range r.Panels {
			items = append(items, object{"kind": "GridLayoutItem", "spec": object{
				"x": p.Grid.X, "y": max(0, p.Grid.Y-top), "width": p.Grid.W, "height": p.Grid.H,
				"element": object{"kind": "ElementReference", "name": elementName(float64(p.ID))},
			}})
		}
		spec := object{"title": rowTitle(&r), "collapse": r.Collapsed, "layout": object{"kind": "GridLayout", "spec": object{"items": items}}}
		if r.Title == "" {
			spec["hideHeader"] = true
		}
		if r.Repeat != "" {
			spec["repeat"] = object{"mode": "variable", "value": r.Repeat}
		}
		out = append(out, object{"kind": "RowsLayoutRow", "spec": spec})
	}
	return out
}

// queryV2 returns a query. Its data source is named apart from it.
func queryV2(group string, source any, spec object) object {
	q := object{"kind": "DataQuery", "group": group, "version": "v0", "spec": spec}
	if of, ok := source.(object); ok && of["uid"] != nil {
		q["datasource"] = object{"name": of["uid"]}
	}
	return q
}

// without returns an object without some of its keys.
func without(o object, keys ...string) object {
	out := object{}
	for k, v := range o {
		out[k] = v
	}
	for _, k := range keys {
		delete(out, k)
	}
	return out
}

func panelV2(p object) object {
	queries := []any{}
	for _, t := range listOf(p["targets"]) {
		t := t.(object)
		queries = append(queries, object{"kind": "PanelQuery", "spec": object{
			"refId": t["refId"], "hidden": t["hide"] == true, "query": queryV2("prometheus", t["datasource"], without(t, "datasource", "refId", "hide")),
		}})
	}
	transformations := []any{}
	for _, t := range listOf(p["transformations"]) {
		t := t.(object)
		spec := without(t, "id")
		if spec["options"] == nil {
			spec["options"] = object{}
		}
		transformations = append(transformations, object{"kind": "Transformation", "group": t["id"], "spec": spec})
	}
	config, _ := p["fieldConfig"].(object)
	if config == nil {
		config = object{"defaults": object{}, "overrides": []any{}}
	}
	options, _ := p["options"].(object)
	if options == nil {
		options = object{}
	}
	version, _ := p["pluginVersion"].(string)
	return object{"kind": "Panel", "spec": object{
		"id": p["id"], "title": textOf(p["title"]), "description": textOf(p["description"]), "links": linksV2(p["links"]),
		"data": object{"kind": "QueryGroup", "spec": object{"queries": queries, "transformations": transformations, "queryOptions": object{}}},
		"vizConfig": object{"kind": "VizConfig", "group": p["type"], "version": version, "spec": object{
			"options": options, "fieldConfig": object{"defaults": config["defaults"], "overrides": listOf(config["overrides"])},
		}},
	}}
}

// linksV2 returns a panel's links. What the classic model says by flags is a part of the address here.
func linksV2(v any) []any {
	out := []any{}
	for _, l := range listOf(v) {
		l := l.(object)
		url := textOf(l["url"])
		for _, add := range []struct{ flag, what string }{{"keepTime", "${__url_time_range}"}, {"includeVars", "${__all_variables}"}} {
			switch {
			case l[add.flag] != true:
			case strings.Contains(url, "?"):
				url += "&" + add.what
			default:
				url += "?" + add.what
			}
		}
		out = append(out, object{"title": textOf(l["title"]), "url": url, "targetBlank": l["targetBlank"] == true})
	}
	return out
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// The classic model numbers what the other one names.
var (
	refreshV2 = map[float64]string{0: "never", 1: "onDashboardLoad", 2: "onTimeRangeChanged"}
	hideV2    = map[float64]string{0: "dontHide", 1: "hideLabel", 2: "hideVariable"}
	sortV2    = map[float64]string{
		0: "disabled", 1: "alphabeticalAsc", 2: "alphabeticalDesc", 3: "numericalAsc", 4: "numericalDesc", 5: "alphabeticalCaseInsensitiveAsc",
		6: "alphabeticalCaseInsensitiveDesc", 7: "naturalAsc", 8: "naturalDesc",
	}
)

func numberOf(v any) float64 {
	n, _ := v.(float64)
	return n
}

func variableV2(v object) (object, error) {
	spec := object{
		"name": v["name"], "hide": hideV2[numberOf(v["hide"])], "skipUrlSync": v["skipUrlSync"] == true, "current": optionV2(v["current"]),
		"options": optionsV2(v["options"]),
	}
	if v["label"] != nil {
		spec["label"] = v["label"]
	}
	many := func() {
		spec["multi"], spec["includeAll"], spec["allowCustomValue"] = v["multi"] == true, v["includeAll"] == true, v["allowCustomValue"] == true
		if v["allValue"] != nil {
			spec["allValue"] = v["allValue"]
		}
	}
	kind := ""
	switch v["type"] {
	case "query":
		kind = "QueryVariable"
		many()
		spec["refresh"], spec["regex"], spec["sort"] = refreshV2[numberOf(v["refresh"])], textOf(v["regex"]), sortV2[numberOf(v["sort"])]
		query, ok := v["query"].(object)
		if !ok {
			query = object{"query": v["query"]}
		}
		spec["query"] = queryV2("prometheus", v["datasource"], query)
		if v["definition"] != nil {
			spec["definition"] = v["definition"]
		}
	case "custom":
		kind = "CustomVariable"
		many()
		spec["query"] = textOf(v["query"])
	case "interval":
		kind = "IntervalVariable"
		spec["query"], spec["auto"], spec["auto_min"], spec["auto_count"] = textOf(v["query"]), v["auto"] == true, textOf(v["auto_min"]), int(numberOf(v["auto_count"]))
		spec["refresh"] = refreshV2[2] // the one that there is
	case "datasource":
		kind = "DatasourceVariable"
		many()
		spec["pluginId"], spec["refresh"], spec["regex"] = textOf(v["query"]), refreshV2[numberOf(v["refresh"])], textOf(v["regex"])
	case "adhoc":
		kind = "AdhocVariable"
		delete(spec, "current")
		delete(spec, "options")
		source, _ := v["datasource"].(object)
		spec["baseFilters"], spec["filters"], spec["defaultKeys"], spec["allowCustomValue"] = []any{}, []any{}, []any{}, true
		return object{"kind": kind, "group": "prometheus", "datasource": object{"name": source["uid"]}, "spec": spec}, nil
	default:
		return nil, fmt.Errorf("the variable %v is of kind %v, which the model v2 has no name for", v["name"], v["type"])
	}
	return object{"kind": kind, "spec": spec}, nil
}

func optionV2(v any) object {
	o, ok := v.(object)
	if !ok || o["text"] == nil {
		return object{"text": "", "value": ""}
	}
	return o
}

func optionsV2(v any) []any {
	out := []any{}
	for _, o := range listOf(v) {
		out = append(out, optionV2(o))
	}
	return out
}

func annotationV2(a object) object {
	spec := object{"name": a["name"], "enable": a["enable"] == true, "hide": a["hide"] == true, "iconColor": a["iconColor"], "builtIn": numberOf(a["builtIn"]) == 1}
	if numberOf(a["builtIn"]) == 1 {
		spec["query"] = queryV2("grafana", a["datasource"], object{})
	} else {
		target, _ := a["target"].(object)
		spec["query"] = queryV2("prometheus", a["datasource"], without(target, "datasource", "refId"))
		spec["legacyOptions"] = without(a, "name", "enable", "hide", "iconColor", "builtIn", "datasource", "target", "type")
	}
	return object{"kind": "AnnotationQuery", "spec": spec}
}
