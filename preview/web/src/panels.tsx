// A panel: its queries, and how it is drawn.
import { Component, memo, ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import {
  DataFrame, dateTimeFormat, EventBusSrv, FieldType, getDisplayValueAlignmentFactors, getFieldDisplayName, getFieldDisplayValues, renderTextPanelMarkdown, textUtil, formattedValueToString, GrafanaTheme2, ReducerID, VizOrientation, FieldDisplay, TimeRange,
} from "@grafana/data";
import {
  BarGauge, BigValue, BigValueColorMode, BigValueGraphMode, BigValueJustifyMode, BigValueTextMode, BarGaugeDisplayMode, PanelContextProvider, Table, TimeSeries, useTheme2, VizRepeater,
  TooltipDisplayMode, LegendDisplayMode, UPlotConfigBuilder, SeriesVisibilityChangeMode,
} from "@grafana/ui";
import { DashboardCursorSync } from "@grafana/schema";
import { Annotation, Crosshair, Tooltip } from "./plots";
import { ask, Answer, useActive, duration, FindingInfo, interpolate, Panel, stepFor, Values, VariableDef, within } from "./model";
import { Bars, Columns, Heat, States } from "./grids";
import { later } from "./work";
import { Range } from "./range";
import { useTurns } from "./refresh";
import { fieldsOf, finish, framesOf, timeRange } from "./frames";

export interface Env {
  at: Range;
  values: Values; defs: VariableDef[]; version: number; scrape: number;
  zoom: (from: number, to: number) => void;
  annotations: Annotation[];
  findings: FindingInfo[];
  explained: (panel: number, refId: string) => string | undefined;
  title: string; // of the dashboard
  bus: EventBusSrv;
}

interface Loaded {
  frames: DataFrame[]; errors: string[]; queries: { refId: string; expr: string; step: number; start: number; end: number; instant: boolean }[];
  range: TimeRange; zone: string; took: number; of: unknown[]; // of what it is, but for the time
}

// useVisible says whether an element is to be drawn at all, and whether it is in sight now or about to be.
function useVisible<T extends HTMLElement>(): [React.RefObject<T | null>, boolean, boolean] {
  const ref = useRef<T>(null);
  const [wanted, setWanted] = useState(false);
  const [inSight, setInSight] = useState(false);
  useEffect(() => {
    const o = new IntersectionObserver((es) => setInSight(es[es.length - 1].isIntersecting), { rootMargin: "200px" });
    if (ref.current) o.observe(ref.current);
    const rest = setTimeout(() => setWanted(true), 300); // what is in sight comes first
    return () => { o.disconnect(); clearTimeout(rest); };
  }, []);
  return [ref, wanted || inSight, inSight];
}

function useSize<T extends HTMLElement>(): [React.RefObject<T | null>, number, number] {
  const ref = useRef<T>(null);
  const [size, set] = useState([0, 0]);
  useEffect(() => {
    const o = new ResizeObserver(([e]) => set([Math.floor(e.contentRect.width), Math.floor(e.contentRect.height)]));
    if (ref.current) o.observe(ref.current);
    return () => o.disconnect();
  }, []);
  return [ref, size[0], size[1]];
}

// useData returns what a panel shows, and whether it waits for an answer.
function useData(panel: Panel, env: Env, width: number, active: boolean, inSight: boolean): [Loaded | null, boolean] {
  const theme = useTheme2();
  const [loaded, set] = useState<Loaded | null>(null);
  const shape = Math.round(width / 50);
  // When only the time has gone on, panels out of sight wait until they are looked at.
  const before = useRef<{ of: unknown[]; at: Range }>({ of: [], at: env.at });
  const of = [panel, env.values, env.version, shape, theme];
  if (inSight || of.some((x, i) => x !== before.current.of[i])) before.current = { of, at: env.at };
  const busy = useTurns([...of, before.current.at.text], before.current.at, async ({ from, to, zone }, wanted) => {
    const begun = performance.now(), of = [panel, env.values, env.version];
    const range = (to - from) / 1000;
    const step = stepFor(range, Math.max(100, shape * 50), env.scrape);
    const rate = Math.max(step + env.scrape, 4 * env.scrape);
    const builtin = {
      __from: String(Math.round(from)), __to: String(Math.round(to)), __url_time_range: `from=${Math.round(from)}&to=${Math.round(to)}`, __dashboard: env.title,
      __all_variables: Object.entries(env.values).flatMap(([k, v]) => v.map((x) => `var-${k}=${encodeURIComponent(x)}`)).join("&"),
      __rate_interval: duration(rate), __interval: duration(step), __range: duration(Math.round(range)), __interval_ms: String(step * 1000), __range_s: String(Math.round(range)),
    };
    const values = within(env.values, panel.scoped);
    const replace = (s: string) => interpolate(s, values, env.defs, builtin);
    const targets = (panel.targets ?? []).filter((t) => t.expr && !t.hide);
    const end = Math.floor(to / 1000), start = Math.floor(from / 1000);
    const aligned = Math.floor(end / step) * step;
    const queries = targets.map((t) => ({ refId: t.refId, expr: replace(t.expr), instant: !!t.instant, end: t.instant ? end : aligned, start: Math.ceil(start / step) * step, step }));
    const shown = { queries, range: timeRange(from, to), zone, of };
    const put = (next: (old: Loaded | null) => Loaded) => later(wanted, () => {
      flushSync(() => set(next));
      performance.mark("drawn"); // by which the benchmarks see when
    });
    // What it showed of the same stays when nothing is answered any more.
    const fail = (errors: string[]) => put((old) => (old && drawable(old) && old.of.every((x, i) => x === of[i]) ? { ...old, errors } : { ...shown, frames: [], errors, took: 0 }));
    try {
      const answers: Answer[] = await Promise.all(queries.map(({ refId: _, ...q }) => ask(q)));
      const errors = answers.flatMap((a, i) => (a.error ? [targets.length > 1 ? `${targets[i].refId}: ${a.error}` : a.error] : []));
      if (errors.length > 0 && errors.length === targets.length) return fail(errors);
      const frames = targets.flatMap((t, i) => (answers[i].error ? [] : framesOf(t, answers[i], targets.length > 1)));
      const finished = await finish(panel, frames, theme, zone, (s) => interpolate(s, values, env.defs, builtin, "link"));
      put(() => ({ ...shown, frames: finished, errors, took: performance.now() - begun }));
    } catch (e) {
      fail([String(e)]);
    }
  }, active && width > 0);
  return [loaded, busy];
}

// drawable says whether there is something to draw.
const drawable = (loaded: Loaded) => loaded.frames.some((f) => f.length > 0);

class Guard extends Component<{ children: ReactNode }, { why?: string }> {
  state: { why?: string } = {};
  static getDerivedStateFromError(e: unknown) { return { why: e instanceof Error ? e.message : String(e) }; }
  render() {
    return this.state.why ? <div className="problem" role="alert">This panel cannot be drawn: {this.state.why}</div> : this.props.children;
  }
}

export function PanelView({ panel, env, full, onFull }: { panel: Panel; env: Env; full?: boolean; onFull?: () => void }) {
  const [outer, seen, inSight] = useVisible<HTMLElement>();
  const [inner, width, height] = useSize<HTMLDivElement>();
  const [loaded, busy] = useData(panel, env, width, seen, inSight);
  const [info, setInfo] = useState(false);
  // What can be scrolled can be reached by keys, also in browsers that do not see to that.
  useEffect(() => inner.current?.querySelectorAll<HTMLElement>("div").forEach((e) => {
    if (!e.closest("[role=table]") && e.scrollHeight > e.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(e).overflowY)) e.tabIndex = 0;
  }), [loaded, width, height]);
  const title = interpolate(panel.title ?? "", within(env.values, panel.scoped), env.defs, {}, "text");
  const found = env.findings.filter((f) => f.panel === panel.title);
  const wrong = loaded && loaded.errors.length > 0;
  const empty = loaded && !wrong && loaded.frames.every((f) => f.length === 0) && !["text", "alertlist"].includes(panel.type);
  return (
    <section className="panel" ref={outer} aria-label={title} aria-busy={busy} data-panel={panel.id} data-type={panel.type} data-asked={panel.type === "stat" ? JSON.stringify(loaded?.queries) : undefined} data-state={!loaded ? "loading" : wrong ? "error" : empty ? "empty" : "drawn"}>
      {busy && <div className="loading" />}
      <header className="panel-head">
        {wrong && drawable(loaded) && <span className="corner" role="img" tabIndex={0} aria-label={"Not all is answered: " + loaded.errors.join("; ")} title={`${loaded.errors.join("\n")}\nWhat is shown ends at ${dateTimeFormat(loaded.range.to, { timeZone: loaded.zone })}.`}>!</span>}
        <h3 title={title}>{title}</h3>
        {found.length > 0 && <span className={"badge " + found[0].severity} title={found.map((f) => f.message).join("\n")}>{found.length}</span>}
        <span className="panel-tools">
          {(panel.links ?? []).map((l) => <a key={l.title} href={interpolate(l.url, env.values, env.defs, {}, "link")} target={l.targetBlank && !l.url.startsWith("/") ? "_blank" : undefined} rel="noreferrer" title={l.title}>{l.title.startsWith("Alert: ") ? "alert" : "link"}</a>)}
          <button onClick={() => setInfo(!info)} aria-expanded={info} title="What it shows, and how (i)">i</button>
          {onFull && <button onClick={onFull} title={full ? "Back to the dashboard" : "Alone on the page"}>{full ? "×" : "⤢"}</button>}
        </span>
      </header>
      {info && <Explain panel={panel} loaded={loaded} findings={found} explained={env.explained} close={() => setInfo(false)} />}
      <div className="panel-body" ref={inner}>
        {panel.type === "text" ? <Text panel={panel} env={env} /> : panel.type === "alertlist" ? <Firing env={env} /> : elsewhere(panel) ? <div className="nodata">It asks {elsewhere(panel)}: only Prometheus answers here</div> : !loaded || width === 0 ? <div className="wait" /> :
          wrong && !drawable(loaded) ? <div className="problem" role="alert">{loaded.errors[0]}</div> :
          empty && !noValue(panel) ? <div className="nodata">No data</div> :
          <Guard key={loaded.range.from.valueOf()}><Viz panel={panel} loaded={loaded} width={width} height={height} zoom={env.zoom} annotations={env.annotations} bus={env.bus} /></Guard>}
      </div>
    </section>
  );
}

const noValue = (p: Panel) => p.fieldConfig?.defaults?.noValue !== undefined && ["stat", "gauge"].includes(p.type);

// elsewhere names what a panel asks where that is no Prometheus.
function elsewhere(panel: Panel): string | undefined {
  const types = [panel.datasource, ...(panel.targets ?? []).map((t) => t.datasource)].map((d) => (d && typeof d === "object" ? d.type : undefined)).filter((t) => t && !t.startsWith("$"));
  return types.length > 0 && (panel.targets ?? []).every((t) => !t.expr) ? types.find((t) => !/prometheus|mixed|grafana|datasource/.test(t!)) : undefined;
}

// Text is what a panel says in words, in Markdown or HTML, as Grafana makes it harmless.
function Text({ panel, env }: { panel: Panel; env: Env }) {
  const said = interpolate(panel.options?.content ?? "", env.values, env.defs, {}, "text"), mode = panel.options?.mode ?? "markdown";
  if (mode === "code") return <pre className="text">{said}</pre>;
  return <div className="text" dangerouslySetInnerHTML={{ __html: mode === "html" ? textUtil.sanitizeTextPanelContent(said) : renderTextPanelMarkdown(said) }} />;
}

// Firing lists the alerts that fire now.
function Firing({ env }: { env: Env }) {
  const active = useActive(env.version, env.at.to);
  return active.length === 0 ? <div className="nodata">No alert is active</div> : <ul className="active-alerts">{active.map((a, i) => <li key={i}><span className={"state " + a.state}>{a.state}</span> <a href={"/alerts/" + a.labels.alertname}>{a.labels.alertname}</a> <span className="quiet">{a.annotations.summary}</span></li>)}</ul>;
}

function Explain({ panel, loaded, findings, explained, close }: { panel: Panel; loaded: Loaded | null; findings: FindingInfo[]; explained: Env["explained"]; close: () => void }) {
  useEffect(() => {
    const esc = (e: KeyboardEvent) => e.key === "Escape" && close();
    addEventListener("keydown", esc);
    return () => removeEventListener("keydown", esc);
  });
  return (
    <div className="explain" role="dialog" aria-label={"About " + panel.title}>
      {(panel.description ?? "").split("\n\n").map((p, i) => <p key={i}>{p}</p>)}
      {loaded?.queries.map((q) => (
        <div key={q.refId}><b>{q.refId}</b> <span className="quiet">each {q.step} s</span><pre>{q.expr.trim()}</pre>
          {explained(panel.id, q.refId) && <details><summary>What each part is: labels, unit, range</summary><pre>{explained(panel.id, q.refId)}</pre></details>}
        </div>
      ))}
      {findings.map((f, i) => <p key={i} className={f.severity}><b>{f.id}</b> {f.message} <span className="quiet">{f.mend}</span></p>)}
      {loaded && <p className="quiet">{loaded.frames.length} series, drawn after {Math.round(loaded.took)} ms</p>}
    </div>
  );
}

export interface Drawing { panel: Panel; loaded: Loaded; width: number; height: number }
export interface Plotting extends Drawing { zoom: Env["zoom"]; annotations: Annotation[]; bus: EventBusSrv }

// Viz is drawn again only when what it draws has changed, and not with each breath of the page.
const Viz = memo(function Viz(all: Plotting) {
  const { panel, loaded, width, height } = all;
  const theme = useTheme2();
  switch (panel.type) {
    case "timeseries":
      return <Lines {...all} />;
    case "stat": case "gauge": case "bargauge":
      return <Single panel={panel} loaded={loaded} width={width} height={height} theme={theme} />;
    case "table":
      return loaded.frames[0] ? <Table data={loaded.frames[0]} width={width} height={height} initialSortBy={panel.options?.sortBy} /> : null;
    case "piechart":
      return <Pie panel={panel} loaded={loaded} width={width} height={height} theme={theme} />;
    case "heatmap":
      return <Heat {...all} theme={theme} />;
    case "state-timeline": case "status-history":
      return <States {...all} theme={theme} />;
    case "barchart":
      return <Columns {...all} theme={theme} />;
    case "histogram":
      return <Bars {...all} theme={theme} />;
  }
  return <div className="nodata">Panels of the type {panel.type} are not drawn here</div>;
});

function Lines({ panel, loaded, width, height, zoom, annotations, bus }: Plotting) {
  const options = panel.options ?? {};
  const [hidden, setHidden] = useState<string[]>([]);
  const frames = useMemo(() => loaded.frames.map((f) => ({
    ...f,
    fields: f.fields.map((x) => x.type !== FieldType.number ? x : {
      ...x, config: { ...x.config, custom: { ...x.config.custom, hideFrom: { ...x.config.custom?.hideFrom, viz: hidden.includes(getFieldDisplayName(x, f, loaded.frames)) } } },
    }),
  })), [loaded, hidden]);
  const names = useMemo(() => loaded.frames.flatMap((f) => f.fields.filter((x) => x.type === FieldType.number).map((x) => getFieldDisplayName(x, f, loaded.frames))), [loaded]);
  const context = useMemo(() => ({
    eventsScope: "dashboard", eventBus: bus, sync: () => DashboardCursorSync.Crosshair,
    onToggleSeriesVisibility: (label: string, mode: SeriesVisibilityChangeMode) => setHidden((now) => {
      if (mode === SeriesVisibilityChangeMode.AppendToSelection) {
        return now.includes(label) ? now.filter((n) => n !== label) : [...now, label];
      }
      const others = names.filter((n) => n !== label);
      return now.length === others.length && !now.includes(label) ? [] : others;
    }),
  }), [names, bus]);
  const legend = options.legend?.showLegend === false ? { ...options.legend, displayMode: LegendDisplayMode.Hidden } : { displayMode: LegendDisplayMode.List, placement: "bottom", calcs: [], showLegend: true, ...options.legend };
  const long = names.length > 12 ? { ...legend, displayMode: LegendDisplayMode.List } : legend;
  return (
    <PanelContextProvider value={context as any}>
      <TimeSeries frames={frames} structureRev={hidden.length} timeRange={loaded.range} timeZone={loaded.zone} width={width} height={height} legend={long as any} options={options}>
        {(config: UPlotConfigBuilder, aligned: DataFrame) => (
          <>
            <Tooltip config={config} frame={aligned} annotations={annotations} all={options.tooltip?.mode === TooltipDisplayMode.Multi || options.tooltip?.mode === undefined} zone={loaded.zone} />
            <Crosshair config={config} zoom={zoom} annotations={annotations} bus={bus} />
          </>
        )}
      </TimeSeries>
    </PanelContextProvider>
  );
}

function displays(panel: Panel, loaded: Loaded, theme: GrafanaTheme2): FieldDisplay[] {
  const reduce = { values: false, calcs: [ReducerID.lastNotNull], ...(panel.options?.reduceOptions ?? {}) };
  return getFieldDisplayValues({
    fieldConfig: fieldsOf(panel), reduceOptions: reduce, replaceVariables: (s: string) => s, theme,
    data: loaded.frames, sparkline: panel.type === "stat" && panel.options?.graphMode !== "none", timeZone: loaded.zone,
  });
}

function Single({ panel, loaded, width, height, theme }: { panel: Panel; loaded: Loaded; width: number; height: number; theme: GrafanaTheme2 }) {
  const o = panel.options ?? {};
  const orientation = o.orientation === "auto" || !o.orientation ? VizOrientation.Auto : o.orientation;
  const count = useRef(0);
  const bar = panel.type === "bargauge";
  return (
    <VizRepeater
      source={loaded} getValues={() => displays(panel, loaded, theme)} getAlignmentFactors={getDisplayValueAlignmentFactors} renderCounter={count.current++} width={width} height={height}
      orientation={bar && orientation === VizOrientation.Auto ? VizOrientation.Horizontal : orientation} autoGrid={!bar}
      itemSpacing={bar ? (o.displayMode === BarGaugeDisplayMode.Lcd ? 2 : 10) : 3} minVizHeight={bar ? o.minVizHeight ?? 16 : undefined} maxVizHeight={bar ? o.maxVizHeight ?? 300 : undefined} minVizWidth={bar ? o.minVizWidth ?? 8 : undefined}
      renderValue={({ value, width: w, height: h, count: n, orientation: way, alignmentFactors }) => {
        const d = value.display, shown = formattedValueToString(d);
        return (
          <Linked value={value}>
            <div data-text={shown}>
              {panel.type === "gauge" ? <Dial value={value} width={w} height={h} theme={theme} named={n > 1} /> :
                bar ? <BarGauge theme={theme} width={w} height={h} value={d} field={value.field} text={o.text} orientation={way} alignmentFactors={alignmentFactors} itemSpacing={10} displayMode={o.displayMode ?? BarGaugeDisplayMode.Gradient} valueDisplayMode={o.valueMode} namePlacement={o.namePlacement ?? "auto"} showUnfilled={o.showUnfilled ?? true} display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)} /> :
                <BigValue theme={theme} width={w} height={h} count={n} value={d} sparkline={value.sparkline} alignmentFactors={alignmentFactors} disableWideLayout={o.wideLayout === false} percentChangeColorMode={o.percentChangeColorMode} colorMode={o.colorMode ?? BigValueColorMode.Value} graphMode={o.graphMode ?? BigValueGraphMode.Area} justifyMode={o.justifyMode ?? BigValueJustifyMode.Auto} textMode={o.textMode ?? BigValueTextMode.Auto} text={o.text} />}
              <span className="sr" data-value={value.name}>{shown}</span>
            </div>
          </Linked>
        );
      }}
    />
  );
}

// Linked puts a value into the link that its field has, as Grafana does.
function Linked({ value, children }: { value: FieldDisplay; children: ReactNode }) {
  const links = value.hasLinks && value.getLinks ? value.getLinks() : [];
  if (links.length === 0) return <>{children}</>;
  return <a className="linked" href={links[0].href} target={links[0].target} title={links[0].title} rel="noreferrer">{children}</a>;
}

// Dial is a gauge: the value on an arc, and outside it the ranges of the thresholds.
function Dial({ value, width, height, theme, named }: { value: FieldDisplay; width: number; height: number; theme: GrafanaTheme2; named: boolean }) {
  const { thresholds } = value.field;
  const min = value.field.min ?? 0, max = value.field.max ?? 100;
  const r = Math.min(width / 2, height / 1.75) - 6, cx = width / 2, cy = r + 6;
  const turn = (v: number) => Math.PI * (0.85 + 1.3 * Math.max(0, Math.min(1, (v - min) / (max - min || 1))));
  const arc = (radius: number, from: number, to: number) => {
    const p = (a: number) => `${cx + radius * Math.cos(a)} ${cy + radius * Math.sin(a)}`;
    return `M${p(from)}A${radius} ${radius} 0 ${to - from > Math.PI ? 1 : 0} 1 ${p(to)}`;
  };
  const steps = (thresholds?.steps ?? []).map((s, i, all) => {
    const bound = (v: number | null) => (v === null || v === -Infinity ? min : thresholds!.mode === "percentage" ? min + ((max - min) * v) / 100 : v);
    return { color: theme.visualization.getColorByName(s.color), from: Math.max(min, bound(s.value)), to: i + 1 < all.length ? Math.min(max, bound(all[i + 1].value)) : max };
  }).filter((s) => s.to > s.from);
  const text = formattedValueToString(value.display), size = Math.min(r * 0.42, (r * 2.2) / Math.max(3, text.length));
  return (
    <svg width={width} height={height} role="img" aria-label={`${value.display.title ?? value.name}: ${text}`}>
      {steps.map((s, i) => <path key={i} d={arc(r, turn(s.from), turn(s.to))} fill="none" stroke={s.color} strokeWidth={4} />)}
      <path d={arc(r * 0.84, turn(min), turn(max))} fill="none" stroke={theme.colors.background.secondary} strokeWidth={r * 0.2} />
      {Number.isFinite(value.display.numeric) && value.display.numeric > min && <path d={arc(r * 0.84, turn(min), turn(value.display.numeric))} fill="none" stroke={value.display.color} strokeWidth={r * 0.2} />}
      <text x={cx} y={cy + size * 0.3} textAnchor="middle" fontSize={size} fontWeight={500} fill={value.display.color ?? theme.colors.text.primary}>{text}</text>
      {named && <text x={cx} y={height - 4} textAnchor="middle" fontSize={12} fill={theme.colors.text.primary}>{value.display.title}</text>}
    </svg>
  );
}

function Pie({ panel, loaded, width, height, theme }: { panel: Panel; loaded: Loaded; width: number; height: number; theme: GrafanaTheme2 }) {
  const parts = displays(panel, loaded, theme).filter((d) => d.display.numeric > 0);
  const total = parts.reduce((a, d) => a + d.display.numeric, 0);
  const side = width > height * 1.6;
  const size = Math.min(side ? width * 0.5 : width, side ? height : height - 24 * Math.min(3, parts.length)) - 8;
  const r = size / 2, hole = panel.options?.pieType === "donut" ? r * 0.6 : 0;
  let at = -Math.PI / 2;
  return (
    <div className={"pie " + (side ? "side" : "")}>
      <svg width={size} height={size} viewBox={`${-r} ${-r} ${size} ${size}`} role="img" aria-label={parts.map((d) => `${d.display.title}: ${formattedValueToString(d.display)}`).join(", ")}>
        {parts.map((d, i) => {
          const turn = (d.display.numeric / total) * 2 * Math.PI, a = at, b = at + Math.min(turn, 2 * Math.PI - 1e-4);
          at += turn;
          const p = (radius: number, x: number) => `${radius * Math.cos(x)} ${radius * Math.sin(x)}`;
          const large = b - a > Math.PI ? 1 : 0;
          const path = hole ? `M${p(r, a)}A${r} ${r} 0 ${large} 1 ${p(r, b)}L${p(hole, b)}A${hole} ${hole} 0 ${large} 0 ${p(hole, a)}Z` : `M0 0L${p(r, a)}A${r} ${r} 0 ${large} 1 ${p(r, b)}Z`;
          return <path key={i} d={path} fill={d.display.color} stroke={theme.colors.background.primary}><title>{d.display.title}: {formattedValueToString(d.display)}</title></path>;
        })}
      </svg>
      <ul>{parts.map((d, i) => <li key={i}><i style={{ background: d.display.color }} />{d.display.title} <b>{formattedValueToString(d.display)}</b> <span className="quiet">{Math.round((100 * d.display.numeric) / total)}%</span></li>)}</ul>
    </div>
  );
}
