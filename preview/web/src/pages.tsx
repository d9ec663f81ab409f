// The pages beside the dashboards: alerts, rules, metrics.
import { useEffect, useMemo, useState } from "react";
import { EventBusSrv, getValueFormat, formattedValueToString, renderTextPanelMarkdown } from "@grafana/data";
import { ActiveAlert, AlertInfo, ask, duration, FindingInfo, MetricInfo, Panel, Project, RuleInfo, stepFor } from "./model";
import { byLabels } from "./frames";
import { Env, PanelView } from "./panels";
import { Range } from "./range";
import { useTurns } from "./refresh";

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

function useTimelines(at: Range, version: number): Spans {
  const [out, set] = useState<Spans>({});
  useTurns([version, at.text], at, async ({ from, to }, wanted) => {
    const step = Math.max(30, stepFor((to - from) / 1000, 400, 30));
    const a = await ask({ expr: "max by (alertname, alertstate) (ALERTS)", instant: false, start: Math.floor(from / 1000), end: Math.floor(to / 1000), step });
    if (a.error || !wanted()) return;
    const all: Spans = {};
    a.series.forEach((s) => s.values.forEach(([t]) => {
      const list = (all[s.metric.alertname] ??= []), last = list.findLast((x) => x.state === s.metric.alertstate);
      if (last && t * 1000 - last.to <= step * 500) last.to = (t + step) * 1000; // it holds until the next evaluation
      else list.push({ state: s.metric.alertstate, from: t * 1000, to: (t + step) * 1000 });
    }));
    set(all);
  });
  return out;
}

export function AlertsPage({ project, name, at, version, active, scrape }: {
  project: Project; name?: string; at: Range; version: number; active: ActiveAlert[]; scrape: number;
}) {
  const spans = useTimelines(at, version), { from, to } = at;
  const one = project.alerts.find((a) => a.name === name);
  if (one) {
    return <AlertPage alert={one} project={project} spans={spans[one.name] ?? []} at={at} version={version} active={active} scrape={scrape} />;
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
                <td><a href={"/alerts/" + a.name}>{a.name}</a></td>
                <td>{a.severity}</td><td><Timeline spans={spans[a.name] ?? []} from={from} to={to} /></td><td className="quiet">{a.owner}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

// lines is a panel of its own, of the series of one query.
function lines(title: string, expr: string, defaults: any, limits = "off"): Panel {
  return {
    id: 1, type: "timeseries", title, gridPos: { x: 0, y: 0, w: 24, h: 9 }, targets: [{ refId: "A", expr, legendFormat: byLabels }],
    fieldConfig: { defaults: { color: { mode: "palette-classic" }, custom: { lineWidth: 2, fillOpacity: 6, drawStyle: "line", showPoints: "never", thresholdsStyle: { mode: limits } }, ...defaults }, overrides: [] },
    options: { legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] }, tooltip: { mode: "multi" } },
  };
}

// usePlain is what a panel outside of a dashboard is drawn in.
function usePlain(at: Range, version: number, scrape: number, title: string): Env {
  const bus = useMemo(() => new EventBusSrv(), []);
  return useMemo(() => ({ at, values: none, defs: [], version, scrape, zoom: () => undefined, annotations: [], findings: [], explained: () => undefined, title, bus }), [at, version, scrape, title]);
}

const none = {};

function AlertPage({ alert, project, spans, at, version, active, scrape }: {
  alert: AlertInfo; project: Project; spans: Spans[string]; at: Range; version: number; active: ActiveAlert[]; scrape: number;
}) {
  const rule = project.rules.find((r) => r.alert && r.name === alert.name);
  const panel = useMemo(() => {
    const bad = alert.threshold === null ? [{ value: null, color: "transparent" }] : alert.op.startsWith("<") ? [{ value: null, color: "red" }, { value: alert.threshold, color: "transparent" }] : [{ value: null, color: "transparent" }, { value: alert.threshold, color: "red" }];
    return lines("The condition and its threshold", alert.value || rule?.expr || "vector(0)", { unit: alert.unit || "short", thresholds: { mode: "absolute", steps: bad } }, alert.threshold === null ? "off" : "line+area");
  }, [alert, rule]);
  const env = usePlain(at, version, scrape, alert.name);
  const own = active.filter((a) => a.labels.alertname === alert.name);
  const format = getValueFormat(alert.unit || "short");
  const state = stateOf(alert.name, active);
  return (
    <div className="page">
      <p><a href="/alerts">All alerts</a></p>
      <h1>{alert.name} <span className={"state " + state}>{state}</span></h1>
      <p className="lead">{alert.means}</p>
      <Timeline spans={spans} from={at.from} to={at.to} />
      <div className="tall"><PanelView panel={panel} env={env} /></div>
      {own.map((a, i) => <p key={i} className={"card " + a.state}><b>{a.state}</b> since {new Date(a.activeAt).toLocaleTimeString("en-GB")}: {a.annotations.summary} <span className="quiet">value {formattedValueToString(format(Number(a.value)))}</span></p>)}
      {rule && <Graph rule={rule} project={project} />}
      <div className="columns">
        <Runbook text={alert.runbook} project={project} />
        <section>
          {alert.proof && <><h2>The test of its proof</h2><pre className="short" tabIndex={0}>{alert.proof}</pre></>}
          {alert.dashboard && <p><a href={`/d/${alert.dashboard}?viewPanel=${alert.panel}`}>Its panel</a></p>}
        </section>
      </div>
    </div>
  );
}

// Runbook is the alert's page of the docs, with links to what the preview has of it. What it draws as a flow chart stands beside it.
function Runbook({ text, project }: { text: string; project: Project }) {
  const html = useMemo(() => {
    const own = text.replace(/^# .*\n+\[Alerts\].*\n/, "").replace(/```mermaid[\s\S]*?```\n/g, "");
    const page = new DOMParser().parseFromString(renderTextPanelMarkdown(own), "text/html");
    page.querySelectorAll("a[href]").forEach((a) => {
      const to = a.getAttribute("href")!, [, folder, file, part] = /^(?:\.\.\/)?(\w+\/)?([^/#]+)\.md(?:#(.*))?$/.exec(to) ?? [];
      const open = /^https?:\/\/[^/]+(\/d\/.*)$/.exec(to)?.[1];
      const mine = open && project.dashboards.some((d) => open.startsWith("/d/" + d.uid)) ? open
        : folder === "dashboards/" ? "/d/" + file : folder === "metrics/" ? "/metrics?find=" + (part ?? "") : folder === "rules/" ? "/rules/" + encodeURIComponent(a.textContent ?? "") : file === "README" ? "/alerts" : file ? "/alerts/" + file : "";
      if (mine) a.setAttribute("href", mine);
      else if (to.startsWith("http")) a.setAttribute("target", "_blank");
      a.setAttribute("rel", "noreferrer");
    });
    page.querySelectorAll("pre").forEach((p) => p.setAttribute("tabindex", "0"));
    return page.body.innerHTML;
  }, [text, project]);
  return <section className="runbook" dangerouslySetInnerHTML={{ __html: html }} />;
}

// RulesPage draws what a rule reads and who reads it: metrics, recording rules, alerts and panels, from left to right.
export function RulesPage({ project, name, at, version, scrape }: { project: Project; name?: string; at: Range; version: number; scrape: number }) {
  const [find, setFind] = useState("");
  const rules = project.rules.filter((r) => r.name.toLowerCase().includes(find.toLowerCase()));
  const rule = project.rules.find((r) => r.name === name) ?? project.rules.find((r) => !r.alert);
  const panel = useMemo(() => (rule ? lines("Its series", rule.name, { unit: rule.unit || "short" }) : undefined), [rule]);
  const env = usePlain(at, version, scrape, rule?.name ?? "");
  return (
    <div className="page split">
      <nav aria-label="Rules">
        <input type="search" placeholder="Find a rule" aria-label="Find a rule" value={find} onChange={(e) => setFind(e.target.value)} data-search />
        <ul>{rules.map((r) => <li key={r.group + r.name}><a className={r === rule ? "on" : ""} href={"/rules/" + encodeURIComponent(r.name)}>{r.name}</a></li>)}</ul>
      </nav>
      {rule && (
        <div>
          <h1>{rule.name} <span className="quiet">{rule.alert ? "alerting rule" : "recording rule"} of {rule.group}</span></h1>
          <pre>{rule.expr.trim()}</pre>
          <h2>What it reads, and who reads it</h2>
          <Graph rule={rule} project={project} />
          {rule.alert ? <p><a href={"/alerts/" + rule.name}>The alert</a></p> : <div className="tall"><PanelView panel={panel!} env={env} /></div>}
        </div>
      )}
    </div>
  );
}

interface Node { name: string; kind: "metric" | "record" | "alert" | "panel"; to: string; level: number }

// whereIs is the page of a reader, which is named as a rule or as a panel: Dashboard / Panel.
function whereIs(name: string, project: Project): string {
  if (project.rules.some((r) => r.name === name)) return "/rules/" + encodeURIComponent(name);
  for (const d of project.dashboards) {
    if (!name.startsWith(d.title + " / ")) continue;
    const p = d.json.panels.flatMap((x) => [x, ...(x.panels ?? [])]).find((x) => x.type !== "row" && `${d.title} / ${x.title}` === name);
    if (p) return `/d/${d.uid}?viewPanel=${p.id}`;
  }
  return "";
}

// related is what a rule reads, down to the metrics, and who reads it, up to alerts and panels: each a column after all that it reads.
function related(rule: RuleInfo, project: Project): [Node[], [Node, Node][]] {
  const nodes = new Map<string, Node>(), edges: [Node, Node][] = [];
  const byName = new Map(project.rules.map((r) => [r.name, r]));
  const direct = (r: RuleInfo) => (r.metrics ?? []).filter((m) => new RegExp(`\\b${m}(_bucket|_sum|_count)?\\b(?!:)`).test(r.expr));
  const put = (name: string, kind: Node["kind"], level: number, sign: number): Node => {
    let n = nodes.get(name);
    if (!n) nodes.set(name, (n = { name, kind, to: kind === "metric" ? "/metrics?find=" + name : whereIs(name, project), level }));
    else if (n.level * sign < level * sign) n.level = level;
    return n;
  };
  const self = put(rule.name, rule.alert ? "alert" : "record", 0, 1);
  const down = (r: RuleInfo, of: Node, seen: string[]) => {
    for (const m of direct(r)) edges.push([put(m, "metric", of.level - 1, -1), of]);
    for (const name of r.reads ?? []) {
      const next = byName.get(name);
      if (!next || seen.includes(name)) continue;
      const n = put(name, "record", of.level - 1, -1);
      edges.push([n, of]);
      down(next, n, [...seen, name]);
    }
  };
  const up = (r: RuleInfo, of: Node, seen: string[]) => {
    for (const name of r.readers ?? []) {
      const next = byName.get(name);
      if (seen.includes(name)) continue;
      const n = put(name, !next ? "panel" : next.alert ? "alert" : "record", of.level + 1, 1);
      edges.push([of, n]);
      if (next) up(next, n, [...seen, name]);
    }
  };
  down(rule, self, [rule.name]);
  up(rule, self, [rule.name]);
  const least = Math.min(...[...nodes.values()].map((n) => n.level));
  nodes.forEach((n) => { if (n.kind === "metric") n.level = least; }); // all of them first
  return [[...nodes.values()], edges.filter(([x, y], i) => edges.findIndex(([a, b]) => a === x && b === y) === i)];
}

const wide = 230, apart = 36, high = 26;

function Graph({ rule, project }: { rule: RuleInfo; project: Project }) {
  const [nodes, edges] = useMemo(() => related(rule, project), [rule, project]);
  const levels = [...new Set(nodes.map((n) => n.level))].sort((a, b) => a - b);
  const columns = levels.map((l) => nodes.filter((n) => n.level === l));
  const h = Math.max(...columns.map((c) => c.length)) * (high + 6) + 4, w = columns.length * (wide + apart) - apart + 2;
  const at = new Map<Node, [number, number]>();
  columns.forEach((c, i) => c.forEach((n, k) => at.set(n, [1 + i * (wide + apart), h / 2 + (k - (c.length - 1) / 2) * (high + 6)])));
  const short = (s: string) => (s.length > 30 ? s.slice(0, 13) + "…" + s.slice(-16) : s);
  const names = (kind: (n: Node) => boolean) => nodes.filter(kind).map((n) => n.name).join(", ");
  return (
    <div className="graph-scroll" tabIndex={0} role="group" aria-label={`${rule.name} reads ${names((n) => n.level < 0) || "nothing"} and is read by ${names((n) => n.level > 0) || "nobody"}`}>
      <svg className="graph" width={w} height={h}>
        {edges.map(([x, y], i) => {
          const [ax, ay] = at.get(x)!, [bx, by] = at.get(y)!;
          return <path key={i} d={`M${ax + wide} ${ay}C${ax + wide + apart / 2} ${ay} ${bx - apart / 2} ${by} ${bx} ${by}`} />;
        })}
        {nodes.map((n) => {
          const [x, y] = at.get(n)!;
          const box = <g className={"node-" + n.kind + (n.name === rule.name ? " self" : "")}><title>{n.name}</title><rect x={x} y={y - high / 2} width={wide} height={high} rx={4} /><text x={x + 10} y={y + 4}>{short(n.name)}</text></g>;
          return n.to && n.name !== rule.name ? <a key={n.name} href={n.to}>{box}</a> : <g key={n.name}>{box}</g>;
        })}
      </svg>
    </div>
  );
}

export function MetricsPage({ project, params }: { project: Project; params: URLSearchParams }) {
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
        <tbody>{found.map((m) => <MetricRow key={m.name} m={m} project={project} />)}</tbody>
      </table>
    </div>
  );
}

function MetricRow({ m, project }: { m: MetricInfo; project: Project }) {
  const [open, set] = useState(false);
  return (
    <>
      <tr><td><button className="plain" aria-expanded={open} onClick={() => set(!open)}>{m.name}</button><div className="quiet">{m.help}</div></td><td>{m.type}</td><td>{m.unit}</td><td>{(m.labels ?? []).join(", ")}</td><td className="num">{m.series.toLocaleString("en")}</td><td className="num">{(m.readers ?? []).length}</td></tr>
      {open && <tr><td colSpan={6} className="quiet">Read by: {(m.readers ?? []).length === 0 ? "nobody" : <ul className="readers">{m.readers!.map((r) => <li key={r}><a href={whereIs(r, project) || undefined}>{r}</a></li>)}</ul>}</td></tr>}
    </>
  );
}
