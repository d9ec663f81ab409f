// The pages beside the dashboards: alerts, rules, metrics.
import { useEffect, useMemo, useState } from "react";
import { EventBusSrv, getValueFormat, formattedValueToString } from "@grafana/data";
import { AlertInfo, api, ask, duration, FindingInfo, MetricInfo, Panel, Project, RuleInfo, stepFor } from "./model";
import { Env, PanelView } from "./panels";

interface ActiveAlert { labels: Record<string, string>; annotations: Record<string, string>; state: string; activeAt: string; value: string }

export function useActive(version: number, tick: number): ActiveAlert[] {
  const [out, set] = useState<ActiveAlert[]>([]);
  useEffect(() => {
    let dropped = false;
    api<{ alerts: ActiveAlert[] }>("alerts").then((d) => !dropped && set(d.alerts)).catch(() => undefined);
    return () => { dropped = true; };
  }, [version, tick]);
  return out;
}

const stateOf = (name: string, active: ActiveAlert[]) => {
  const own = active.filter((a) => a.labels.alertname === name);
  return own.some((a) => a.state === "firing") ? "firing" : own.length > 0 ? "pending" : "quiet";
};

// Timeline draws when an alert was pending and when it fired, from the series that Prometheus itself writes.
function Timeline({ spans, from, to }: { spans: { state: string; from: number; to: number }[]; from: number; to: number }) {
  const x = (t: number) => (100 * (Math.max(from, Math.min(to, t)) - from)) / (to - from);
  return (
    <svg className="timeline" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={spans.map((s) => `${s.state} ${new Date(s.from).toLocaleTimeString("en-GB")} to ${new Date(s.to).toLocaleTimeString("en-GB")}`).join(", ") || "quiet"}>
      <rect className="lane" width={100} height={10} />
      {spans.map((s, i) => <rect key={i} className={s.state} x={x(s.from)} width={Math.max(0.4, x(s.to) - x(s.from))} height={10} />)}
    </svg>
  );
}

type Spans = Record<string, { state: string; from: number; to: number }[]>;

function useTimelines(from: number, to: number, version: number): Spans {
  const [out, set] = useState<Spans>({});
  useEffect(() => {
    let dropped = false;
    const step = Math.max(30, stepFor((to - from) / 1000, 400, 30));
    ask({ expr: "max by (alertname, alertstate) (ALERTS)", instant: false, start: Math.floor(from / 1000), end: Math.floor(to / 1000), step }).then((a) => {
      const all: Spans = {};
      a.series.forEach((s) => s.values.forEach(([t]) => {
        const list = (all[s.metric.alertname] ??= []), last = list.findLast((x) => x.state === s.metric.alertstate);
        if (last && t * 1000 - last.to <= step * 500) last.to = (t + step) * 1000; // it holds until the next evaluation
        else list.push({ state: s.metric.alertstate, from: t * 1000, to: (t + step) * 1000 });
      }));
      if (!dropped) set(all);
    });
    return () => { dropped = true; };
  }, [from, to, version]);
  return out;
}

export function AlertsPage({ project, name, from, to, version, active, go, scrape }: {
  project: Project; name?: string; from: number; to: number; version: number; active: ActiveAlert[]; go: (url: string) => void; scrape: number;
}) {
  const spans = useTimelines(from, to, version);
  const one = project.alerts.find((a) => a.name === name);
  if (one) {
    return <AlertPage alert={one} project={project} spans={spans[one.name] ?? []} from={from} to={to} version={version} active={active} go={go} scrape={scrape} />;
  }
  const order = { firing: 0, pending: 1, quiet: 2 } as Record<string, number>;
  const rank = (a: AlertInfo) => order[stateOf(a.name, active)] + (spans[a.name] ? 0 : 0.5); // what fired a while ago comes before what never did
  const rows = [...project.alerts].sort((a, b) => rank(a) - rank(b));
  const firing = rows.filter((a) => stateOf(a.name, active) === "firing").length;
  return (
    <div className="page">
      <h1>Alerts <span className="quiet">{firing === 0 ? "none fires" : firing === 1 ? "1 fires" : `${firing} fire`} of {rows.length}</span></h1>
      <table className="list">
        <thead><tr><th>State</th><th>Alert</th><th>Severity</th><th className="wide">From {new Date(from).toLocaleTimeString("en-GB")} to {new Date(to).toLocaleTimeString("en-GB")}</th><th>Owner</th></tr></thead>
        <tbody>
          {rows.map((a) => {
            const state = stateOf(a.name, active);
            return (
              <tr key={a.name} data-alert={a.name} data-state={state}>
                <td><span className={"state " + state}>{state}</span></td>
                <td><a href={"/alerts/" + a.name} onClick={(e) => { e.preventDefault(); go("/alerts/" + a.name); }}>{a.name}</a></td>
                <td>{a.severity}</td><td><Timeline spans={spans[a.name] ?? []} from={from} to={to} /></td><td className="quiet">{a.owner}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function AlertPage({ alert, project, spans, from, to, version, active, go, scrape }: {
  alert: AlertInfo; project: Project; spans: Spans[string]; from: number; to: number; version: number; active: ActiveAlert[]; go: (url: string) => void; scrape: number;
}) {
  const rule = project.rules.find((r) => r.alert && r.name === alert.name);
  const bus = useMemo(() => new EventBusSrv(), []);
  const panel: Panel = useMemo(() => ({
    id: 1, type: "timeseries", title: "The condition and its threshold", gridPos: { x: 0, y: 0, w: 24, h: 9 }, targets: [{ refId: "A", expr: alert.value || rule?.expr || "vector(0)", legendFormat: "__auto" }],
    fieldConfig: {
      defaults: {
        unit: alert.unit || "short", color: { mode: "palette-classic" }, custom: { lineWidth: 2, fillOpacity: 6, drawStyle: "line", showPoints: "never", thresholdsStyle: { mode: alert.threshold === null ? "off" : "line+area" } },
        thresholds: { mode: "absolute", steps: alert.threshold === null ? [{ value: null, color: "transparent" }] : alert.op.startsWith("<") ? [{ value: null, color: "red" }, { value: alert.threshold, color: "transparent" }] : [{ value: null, color: "transparent" }, { value: alert.threshold, color: "red" }] },
      }, overrides: [],
    }, options: { legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] }, tooltip: { mode: "multi" } },
  }), [alert, rule]);
  const env: Env = useMemo(() => ({ from, to, values: {}, defs: [], version, scrape, zoom: () => undefined, annotations: [], findings: [], explained: () => undefined, go, bus }), [from, to, version]);
  const own = active.filter((a) => a.labels.alertname === alert.name);
  const format = getValueFormat(alert.unit || "short");
  const state = stateOf(alert.name, active);
  return (
    <div className="page">
      <p><a href="/alerts" onClick={(e) => { e.preventDefault(); go("/alerts"); }}>All alerts</a></p>
      <h1>{alert.name} <span className={"state " + state}>{state}</span></h1>
      <p className="lead">{alert.means}</p>
      <Timeline spans={spans} from={from} to={to} />
      <div className="tall"><PanelView panel={panel} env={env} /></div>
      {own.map((a, i) => <p key={i} className={"card " + a.state}><b>{a.state}</b> since {new Date(a.activeAt).toLocaleTimeString("en-GB")}: {a.annotations.summary} <span className="quiet">value {formattedValueToString(format(Number(a.value)))}</span></p>)}
      <div className="columns">
        <section><h2>What to do</h2><ol>{(alert.do ?? []).map((s) => <li key={s}>{s}</li>)}</ol>
          {(alert.mitigate ?? []).length > 0 && <><h2>Until the cause is known</h2><ul>{(alert.mitigate ?? []).map((s) => <li key={s}>{s}</li>)}</ul></>}
        </section>
        <section><h2>The rule</h2><pre>{rule?.expr.trim()}</pre>
          {alert.proof && <><h2>The test of its proof</h2><pre className="short">{alert.proof}</pre></>}
          <p>{alert.dashboard && <a href={`/d/${alert.dashboard}?viewPanel=${alert.panel}`} onClick={(e) => { e.preventDefault(); go(`/d/${alert.dashboard}?viewPanel=${alert.panel}`); }}>Its panel</a>} {rule && <a href={"/rules/" + rule.name} onClick={(e) => { e.preventDefault(); go("/rules/" + rule.name); }}>What it reads</a>}</p>
        </section>
      </div>
    </div>
  );
}

// RulesPage draws what a rule reads and who reads it: metrics, recording rules, alerts and panels, from left to right.
export function RulesPage({ project, name, go }: { project: Project; name?: string; go: (url: string) => void }) {
  const [find, setFind] = useState("");
  const rules = project.rules.filter((r) => r.name.toLowerCase().includes(find.toLowerCase()));
  const rule = project.rules.find((r) => r.name === name) ?? project.rules.find((r) => !r.alert);
  return (
    <div className="page split">
      <nav aria-label="Rules">
        <input type="search" placeholder="Find a rule" aria-label="Find a rule" value={find} onChange={(e) => setFind(e.target.value)} data-search />
        <ul>{rules.map((r) => <li key={r.group + r.name}><a className={r === rule ? "on" : ""} href={"/rules/" + encodeURIComponent(r.name)} onClick={(e) => { e.preventDefault(); go("/rules/" + encodeURIComponent(r.name)); }}>{r.name}</a></li>)}</ul>
      </nav>
      {rule && <div><h1>{rule.name} <span className="quiet">{rule.alert ? "alerting rule" : "recording rule"} of {rule.group}</span></h1><Graph rule={rule} project={project} go={go} /><pre>{rule.expr.trim()}</pre></div>}
    </div>
  );
}

function Graph({ rule, project, go }: { rule: RuleInfo; project: Project; go: (url: string) => void }) {
  const reads = rule.reads ?? [], readers = rule.readers ?? [];
  const direct = (rule.metrics ?? []).filter((m) => rule.expr.includes(m));
  const left = [...direct.map((m) => ({ text: m, to: "/metrics?find=" + m })), ...reads.map((r) => ({ text: r, to: "/rules/" + encodeURIComponent(r) }))];
  const right = readers.slice(0, 24).map((r) => ({ text: r, to: project.rules.some((x) => x.name === r) ? "/rules/" + encodeURIComponent(r) : "" }));
  const h = Math.max(left.length, right.length, 1) * 30 + 10, mid = h / 2, w = 940;
  const y = (i: number, n: number) => h / 2 + (i - (n - 1) / 2) * 30;
  const short = (s: string) => (s.length > 42 ? s.slice(0, 41) + "…" : s);
  const node = (n: { text: string; to: string }, i: number, x: number, at: number, anchor: "start" | "end") => (
    <a key={i + n.text} href={n.to || undefined} onClick={(e) => { e.preventDefault(); if (n.to) go(n.to); }}>
      <text x={x} y={at + 4} textAnchor={anchor} className={n.to ? "link" : ""}><title>{n.text}</title>{short(n.text)}</text>
    </a>
  );
  return (
    <svg className="graph" viewBox={`0 0 ${w} ${h}`} width={w} height={h} role="img" aria-label={`${rule.name} reads ${left.map((l) => l.text).join(", ")} and is read by ${readers.join(", ") || "nobody"}`}>
      {left.map((n, i) => <g key={i}><path d={`M330 ${y(i, left.length)}C390 ${y(i, left.length)} 390 ${mid} 440 ${mid}`} />{node(n, i, 322, y(i, left.length), "end")}</g>)}
      {right.map((n, i) => <g key={i}><path d={`M500 ${mid}C550 ${mid} 550 ${y(i, right.length)} 610 ${y(i, right.length)}`} />{node(n, i, 618, y(i, right.length), "start")}</g>)}
      <rect x={440} y={mid - 12} width={60} height={24} rx={4} /><text x={470} y={mid + 4} textAnchor="middle">this</text>
    </svg>
  );
}

export function MetricsPage({ project, params, go }: { project: Project; params: URLSearchParams; go: (url: string) => void }) {
  const [find, setFind] = useState(params.get("find") ?? "");
  useEffect(() => setFind(params.get("find") ?? ""), [params.get("find")]);
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const found = project.metrics.filter((m) => words.every((w) => [m.name, m.help, m.group, m.type, m.unit, ...(m.labels ?? [])].join(" ").toLowerCase().includes(w)));
  return (
    <div className="page">
      <h1>Metrics <span className="quiet">{found.length} of {project.metrics.length}</span></h1>
      <input type="search" placeholder="Find by name, label, unit or what it says" aria-label="Find a metric" value={find} onChange={(e) => setFind(e.target.value)} data-search />
      <table className="list">
        <thead><tr><th>Metric</th><th>Type</th><th>Unit</th><th>Labels</th><th className="num">Series at most</th><th className="num">Readers</th></tr></thead>
        <tbody>{found.map((m) => <MetricRow key={m.name} m={m} />)}</tbody>
      </table>
    </div>
  );
}

function MetricRow({ m }: { m: MetricInfo }) {
  const [open, set] = useState(false);
  return (
    <>
      <tr><td><button className="plain" aria-expanded={open} onClick={() => set(!open)}>{m.name}</button><div className="quiet">{m.help}</div></td><td>{m.type}</td><td>{m.unit}</td><td>{(m.labels ?? []).join(", ")}</td><td className="num">{m.series.toLocaleString("en")}</td><td className="num">{(m.readers ?? []).length}</td></tr>
      {open && <tr><td colSpan={6} className="quiet">Read by: {(m.readers ?? []).join(", ") || "nobody"}</td></tr>}
    </>
  );
}
