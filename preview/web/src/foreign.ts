// Dashboards that were exported long ago, or in the second form, in the form that the page draws.
import { sharedSingleStatMigrationHandler, sharedSingleStatPanelChangedHandler } from "@grafana/ui";
import { AnnotationDef, Dashboard, Panel, Target, VariableDef } from "./model";

const list = <T>(x: unknown): T[] => (Array.isArray(x) ? (x.filter(Boolean) as T[]) : []);

// normalize returns a dashboard of whichever form: with elements and a layout, with rows of before version 5, or as it is.
export function normalize(json: any): Dashboard {
  const d: any = json.elements ? fromElements(json) : json.panels ? { ...json } : { ...json, panels: fromRows(list(json.rows)) };
  d.panels = list<Panel>(d.panels).map(panel);
  // What shows another panel's results asks its queries.
  const all: Panel[] = d.panels.flatMap((p: Panel) => [p, ...(p.panels ?? [])]);
  for (const p of all) p.targets = p.targets?.flatMap((t) => (t.panelId !== undefined && !t.expr ? all.find((x) => x.id === t.panelId)?.targets ?? [] : [t]));
  d.templating = { list: list<VariableDef>(d.templating?.list) };
  d.annotations = { list: list<AnnotationDef>(d.annotations?.list) };
  return d;
}

let numbers = 1e6; // of panels that have none

function panel(p: any): Panel {
  let out: any = { ...p, id: p.id ?? numbers++, gridPos: { x: 0, y: 0, w: 12, h: 8, ...p.gridPos }, targets: list<Target>(p.targets).map((t, i) => ({ ...t, refId: t.refId || String.fromCharCode(65 + (i % 26)) })) };
  out.fieldConfig = { ...p.fieldConfig, defaults: p.fieldConfig?.defaults ?? {}, overrides: list(p.fieldConfig?.overrides) };
  if (p.panels) out.panels = list(p.panels).map(panel);
  switch (p.type) {
    case "graph": return graph(out);
    case "singlestat": case "grafana-singlestat-panel": return singlestat(out);
    case "stat": case "gauge": case "bargauge": out.options = sharedSingleStatMigrationHandler(out); return out;
    case "table-old": out.type = "table"; return out;
    case "grafana-piechart-panel": return { ...out, type: "piechart", options: { pieType: p.pieType === "donut" ? "donut" : "pie", reduceOptions: { calcs: [calcs[p.valueName] ?? "lastNotNull"] } }, fieldConfig: withDefaults(out, { unit: p.format }) };
    case "text": if (p.content !== undefined && !p.options?.content) out.options = { mode: p.mode, content: p.content }; return out;
    case "heatmap": if (!p.options?.color && p.color) out.options = { color: { mode: p.color.mode === "spectrum" ? "scheme" : p.color.mode, scheme: /^interpolate(\w+)$/.exec(p.color.colorScheme ?? "")?.[1], exponent: p.color.exponent }, yAxis: { unit: p.yAxis?.format }, legend: { show: p.legend?.show } }; return out;
  }
  return out;
}

const withDefaults = (p: any, defaults: any) => ({ ...p.fieldConfig, defaults: { ...Object.fromEntries(Object.entries(defaults).filter(([, v]) => v !== undefined && v !== null && v !== "")), ...p.fieldConfig.defaults } });
const calcs: Record<string, string> = { avg: "mean", current: "lastNotNull", total: "sum", min: "min", max: "max", first: "first", delta: "delta", range: "range", diff: "diff" };

// singlestat is a stat, or a gauge.
function singlestat(p: any): Panel {
  const out = { ...p, type: p.gauge?.show ? "gauge" : "stat" };
  out.options = { ...sharedSingleStatPanelChangedHandler(out, "singlestat", { angular: p }), graphMode: p.sparkline?.show ? "area" : "none", colorMode: p.colorBackground ? "background" : p.colorValue ? "value" : "none" };
  if (!p.colorBackground && !p.colorValue && out.type === "stat") delete out.fieldConfig.defaults.thresholds;
  return out;
}

// graph is a time series: what its editor called axes, legend and overrides are fields' options now.
// https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/time-series/
function graph(p: any): Panel {
  const [left, right] = list<any>(p.yaxes);
  const number = (x: any) => (x === null || x === undefined || x === "" || isNaN(Number(x)) ? undefined : Number(x));
  const custom: any = {
    drawStyle: p.bars ? "bars" : p.lines === false && p.points ? "points" : "line", lineWidth: p.linewidth ?? 1, fillOpacity: (p.fill ?? 1) * 10, showPoints: p.points ? "auto" : "never", pointSize: (p.pointradius ?? 2) * 2,
    lineInterpolation: p.steppedLine ? "stepAfter" : "linear", spanNulls: p.nullPointMode === "connected", stacking: { mode: p.stack ? (p.percentage ? "percent" : "normal") : "none", group: "A" },
    axisLabel: left?.label ?? "", scaleDistribution: left?.logBase > 1 ? { type: "log", log: left.logBase } : { type: "linear" }, axisPlacement: left?.show === false ? "hidden" : "auto",
  };
  const limits = list<any>(p.thresholds).filter((t) => number(t.value) !== undefined).sort((a, b) => a.value - b.value);
  const shade = (t: any) => (t.colorMode === "custom" ? t.lineColor ?? t.fillColor : ({ critical: "red", warning: "orange", ok: "green" } as any)[t.colorMode]) ?? "red";
  if (limits.length > 0) custom.thresholdsStyle = { mode: limits.some((t) => t.fill) ? "line+area" : "line" };
  const steps = limits.length > 0 && limits[0].op === "lt" ? [{ value: null, color: shade(limits[0]) }, ...limits.map((t) => ({ value: Number(t.value), color: "transparent" }))] : [{ value: null, color: "transparent" }, ...limits.map((t) => ({ value: Number(t.value), color: shade(t) }))];
  const overrides = [
    ...Object.entries(p.aliasColors ?? {}).map(([name, color]) => ({ matcher: { id: "byName", options: name }, properties: [{ id: "color", value: { mode: "fixed", fixedColor: color } }] })),
    ...list<any>(p.seriesOverrides).filter((o) => o.alias).map((o) => {
      const properties: any[] = [], set = (id: string, value: unknown) => properties.push({ id, value });
      if (o.yaxis === 2) {
        set("custom.axisPlacement", "right");
        if (right?.format) set("unit", right.format);
        if (number(right?.min) !== undefined) set("min", number(right.min));
        if (number(right?.max) !== undefined) set("max", number(right.max));
      }
      if (o.color) set("color", { mode: "fixed", fixedColor: o.color });
      if (o.fill !== undefined) set("custom.fillOpacity", o.fill * 10);
      if (o.linewidth !== undefined) set("custom.lineWidth", o.linewidth);
      if (o.bars) set("custom.drawStyle", "bars");
      else if (o.lines && p.bars) set("custom.drawStyle", "line");
      if (o.dashes) set("custom.lineStyle", { fill: "dash", dash: [o.dashLength ?? 10, o.spaceLength ?? 10] });
      if (o.stack === false) set("custom.stacking", { mode: "none" });
      if (o.transform === "negative-Y") set("custom.transform", "negative-Y");
      if (o.legend === false || o.hideTooltip) set("custom.hideFrom", { legend: o.legend === false, tooltip: !!o.hideTooltip, viz: false });
      if (o.lines === false && !o.bars && !o.points) set("custom.lineWidth", 0);
      return { matcher: /^\/.*\/\w*$/.test(o.alias) ? { id: "byRegexp", options: o.alias } : { id: "byName", options: o.alias }, properties };
    }),
  ];
  const l = p.legend ?? {};
  return {
    ...p, type: "timeseries",
    fieldConfig: {
      defaults: { ...withDefaults(p, { unit: left?.format, min: number(left?.min), max: number(left?.max), decimals: p.decimals }).defaults, color: { mode: "palette-classic" }, custom, thresholds: { mode: "absolute", steps } },
      overrides: [...overrides, ...p.fieldConfig.overrides],
    },
    options: {
      legend: { showLegend: l.show !== false, displayMode: l.alignAsTable ? "table" : "list", placement: l.rightSide ? "right" : "bottom", calcs: l.values ? ["min", "max", "avg", "current", "total"].filter((k) => l[k]).map((k) => calcs[k]) : [] },
      tooltip: { mode: p.tooltip?.shared === false ? "single" : "multi" },
    },
  };
}

// fromRows places panels that had a span of twelve in rows of a height, as version 5 did.
function fromRows(rows: any[]): any[] {
  const out: any[] = [], cell = 38, titled = rows.some((r) => r.showTitle || r.collapse || r.repeat);
  let y = 0;
  for (const r of rows) {
    const least = Math.ceil((typeof r.height === "number" ? r.height : parseInt(r.height ?? "250")) / cell);
    let x = 0, h = 0;
    const below: any[] = [];
    if (titled) out.push({ type: "row", id: undefined, title: r.title, collapsed: !!r.collapse, repeat: r.repeat, gridPos: { x: 0, y: y++, w: 24, h: 1 }, panels: r.collapse ? below : [] });
    for (const p of list<any>(r.panels)) {
      const w = Math.round((p.span ?? 12) * 2), own = p.height ? Math.ceil(parseInt(p.height) / cell) : least;
      if (x + w > 24) {
        x = 0;
        y += h;
        h = 0;
      }
      (r.collapse && titled ? below : out).push({ ...p, gridPos: { x, y, w, h: own }, repeatDirection: p.repeat ? "h" : undefined });
      x += w;
      h = Math.max(h, own);
    }
    y += h;
  }
  return out;
}

// fromElements reads the second form, whose layout names its elements.
// https://grafana.com/docs/grafana/latest/as-code/observability-as-code/schema-v2/
function fromElements(spec: any): any {
  const kindOf = (x: any) => (x?.group && x.group !== "" ? x.group : x?.kind);
  const element = (name: string): any => {
    const e = spec.elements[name]?.spec ?? {}, viz = e.vizConfig ?? {};
    return {
      id: e.id, title: e.title, description: e.description, links: e.links, transparent: e.transparent, type: kindOf(viz), options: viz.spec?.options, fieldConfig: viz.spec?.fieldConfig, pluginVersion: viz.version ?? viz.spec?.pluginVersion ?? "13",
      targets: list<any>(e.data?.spec?.queries).map((q) => ({ refId: q.spec?.refId, hide: q.spec?.hidden, datasource: { type: kindOf(q.spec?.query) === "DataQuery" ? undefined : kindOf(q.spec?.query) }, ...q.spec?.query?.spec })),
      transformations: list<any>(e.data?.spec?.transformations).map((t) => ({ id: t.group ?? t.spec?.id ?? t.kind, options: t.spec?.options, disabled: t.spec?.disabled })),
      interval: e.data?.spec?.queryOptions?.interval,
    };
  };
  const heights: Record<string, number> = { short: 5, standard: 8, tall: 14 };
  // placed returns the panels of a layout from a line on, and the line after them.
  const placed = (layout: any, top: number): [any[], number] => {
    const out: any[] = [], s = layout?.spec ?? {};
    let y = top;
    switch (layout?.kind) {
      case "GridLayout":
        for (const item of list<any>(s.items)) {
          const g = item.spec ?? {};
          out.push({ ...element(g.element?.name), gridPos: { x: g.x ?? 0, y: top + (g.y ?? 0), w: g.width ?? 12, h: g.height ?? 8 }, repeat: g.repeat?.value, repeatDirection: g.repeat?.direction, maxPerRow: g.repeat?.maxPerRow });
          y = Math.max(y, top + (g.y ?? 0) + (g.height ?? 8));
        }
        break;
      case "AutoGridLayout": {
        const columns = Math.max(1, Math.min(24, s.maxColumnCount ?? 3)), w = Math.floor(24 / columns), h = s.rowHeightMode === "custom" ? Math.max(2, Math.round((s.rowHeight ?? 300) / 38)) : heights[s.rowHeightMode] ?? 8;
        list<any>(s.items).forEach((item, i) => out.push({ ...element(item.spec?.element?.name), repeat: item.spec?.repeat?.value, gridPos: { x: (i % columns) * w, y: top + Math.floor(i / columns) * h, w, h } }));
        y = top + Math.ceil(list(s.items).length / columns) * h;
        break;
      }
      case "RowsLayout": case "TabsLayout": // tabs stand one below the other
        for (const row of list<any>(s.rows ?? s.tabs)) {
          const r = row.spec ?? {}, [panels, next] = placed(r.layout, y + 1), own = panels.filter((p) => p.type !== "row"), rows = panels.filter((p) => p.type === "row");
          // Rows within a row, or a tab, follow it.
          out.push({ type: "row", title: r.title, collapsed: !!r.collapse, hideHeader: !!r.hideHeader, repeat: r.repeat?.value, gridPos: { x: 0, y, w: 24, h: 1 }, panels: own }, ...rows);
          y = next;
        }
    }
    return [out, y];
  };
  const kinds: Record<string, string> = { QueryVariable: "query", CustomVariable: "custom", IntervalVariable: "interval", DatasourceVariable: "datasource", ConstantVariable: "constant", TextVariable: "textbox", AdhocVariable: "adhoc", GroupByVariable: "adhoc", SwitchVariable: "custom" };
  const refresh: Record<string, number> = { never: 0, onDashboardLoad: 1, onTimeRangeChanged: 2 }, hide: Record<string, number> = { dontHide: 0, hideLabel: 1, hideVariable: 2, inControlsMenu: 0 };
  const t = spec.timeSettings ?? {};
  return {
    uid: spec.uid, title: spec.title, description: spec.description, tags: spec.tags, links: list<any>(spec.links), time: { from: t.from, to: t.to }, refresh: t.autoRefresh,
    timezone: t.timezone, weekStart: t.weekStart, fiscalYearStartMonth: t.fiscalYearStartMonth, timepicker: { nowDelay: t.nowDelay, refresh_intervals: t.autoRefreshIntervals },
    panels: placed(spec.layout, 0)[0],
    templating: { list: list<any>(spec.variables).map((v) => {
      const s = v.spec ?? {}, q = s.query?.spec;
      return { ...s, type: kinds[v.kind] ?? "custom", query: v.kind === "QueryVariable" ? q?.query ?? q?.expr ?? s.definition ?? s.query : s.query, refresh: refresh[s.refresh] ?? 1, hide: hide[s.hide] ?? 0, sort: s.sort && s.sort !== "disabled" ? 1 : 0 };
    }) },
    annotations: { list: list<any>(spec.annotations).map((a) => ({ ...a.spec, iconColor: a.spec?.iconColor, target: a.spec?.query?.spec, titleFormat: a.spec?.legacyOptions?.titleFormat, textFormat: a.spec?.legacyOptions?.textFormat })).filter((a) => a.target?.expr) },
  };
}
