// What the server says of the project, and how the page asks it for data.
import { useState } from "react";
import { Clock } from "./clock";
import { Rounds, useTurns } from "./refresh";

export interface DashboardInfo { uid: string; title: string; folder: string; file: string; json: Dashboard }
export interface Target { expr: string; refId: string; datasource?: DataSource; panelId?: number; legendFormat?: string; instant?: boolean; range?: boolean; format?: string; hide?: boolean }
export type DataSource = string | { type?: string; uid?: string } | null;
export interface Panel {
  datasource?: DataSource;
  id: number; type: string; title?: string; description?: string; gridPos: { x: number; y: number; w: number; h: number };
  targets?: Target[]; options?: any; fieldConfig?: any; transformations?: any[]; links?: Link[]; panels?: Panel[]; collapsed?: boolean;
  repeat?: string; repeatDirection?: string; maxPerRow?: number; hideHeader?: boolean; interval?: string; scoped?: Record<string, string>; address?: string; transparent?: boolean; content?: string;
}
export interface Link { title: string; url: string; targetBlank?: boolean; type?: string; tags?: string[] }
export interface VariableDef {
  type: string; name: string; label?: string; query?: any; definition?: string; multi?: boolean; includeAll?: boolean; allValue?: string; regex?: string;
  current?: { value?: any; text?: any }; options?: { text: string; value: string }[]; hide?: number; refresh?: number; sort?: number; auto?: boolean;
}
export interface AnnotationDef { name: string; enable: boolean; iconColor?: string; expr?: string; target?: Target; titleFormat?: string; textFormat?: string }
export interface Dashboard {
  uid: string; title: string; description?: string; tags?: string[]; time?: { from: string; to: string }; refresh?: string | boolean;
  timezone?: string; weekStart?: string; fiscalYearStartMonth?: number; timepicker?: { nowDelay?: string; refresh_intervals?: string[] };
  panels: Panel[]; templating?: { list: VariableDef[] }; annotations?: { list: AnnotationDef[] }; links?: Link[]; graphTooltip?: number;
}
export interface AlertInfo {
  name: string; severity: string; owner: string; means: string; runbook: string; value: string; op: string;
  threshold: number | null; unit: string; dashboard: string; panel: number; proof: string;
}
export interface MetricInfo { name: string; type: string; unit: string; help: string; group: string; labels: string[] | null; series: number; readers: string[] | null }
export interface RuleInfo { name: string; alert: boolean; group: string; expr: string; unit: string; metrics: string[] | null; reads: string[] | null; readers: string[] | null }
export interface FindingInfo { severity: string; id: string; at: string; message: string; mend: string; panel: string; file: string }
export interface Project {
  project: string; dashboards: DashboardInfo[]; alerts: AlertInfo[]; metrics: MetricInfo[]; rules: RuleInfo[];
  scenarios: { name: string; help: string; minutes: number }[]; findings: FindingInfo[]; explained: Record<string, string>;
}
export interface State { version: number; scenario: string; clock: Clock; trouble: string; state: Project | null }

export interface Series { metric: Record<string, string>; values: [number, string][] }
export interface Answer { error?: string; series: Series[] }
export interface Query { expr: string; start: number; end: number; step: number; instant: boolean }

// What was asked and is not yet answered.
export const rounds = new Rounds();

// Queries that panels ask for within a moment go to the server together.
let waiting: { q: Query; done: (a: Answer) => void }[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

export function ask(q: Query): Promise<Answer> {
  return rounds.during(new Promise((done) => {
    waiting.push({ q, done });
    timer ??= setTimeout(flush, 8);
  }));
}

async function flush() {
  timer = undefined;
  const batch = waiting;
  waiting = [];
  // Some at a time, so that the first panels are drawn while the last are asked for.
  for (let i = 0; i < batch.length; i += 12) {
    void send(batch.slice(i, i + 12));
  }
}

async function send(batch: typeof waiting) {
  try {
    const r = await fetch("/query", { method: "POST", body: JSON.stringify(batch.map((b) => b.q)) });
    if (r.status === 400 && batch.length > 1) { // one of them is at fault: the others are answered
      batch.forEach((b) => void send([b]));
      return;
    }
    if (!r.ok) {
      throw new Error((await r.text()).trim());
    }
    // Each answer is a line, with the number of its query: what is slow holds up nothing else.
    const reader = r.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest: string[] = [], part = await reader.read(); !part.done; part = await reader.read()) {
      rest.push(part.value);
      if (!part.value.includes("\n")) continue;
      const lines = rest.join("").split("\n");
      rest = [lines.pop()!];
      for (const line of lines) {
        const at = line.indexOf(" ");
        batch[Number(line.slice(0, at))].done(decode(JSON.parse(line.slice(at + 1))));
      }
    }
    throw new Error("the server has not answered all"); // to those that it has answered that says nothing
  } catch (e) {
    batch.forEach((b) => b.done({ error: e instanceof Error ? e.message : String(e), series: [] }));
  }
}

function decode(a: { data?: any; error?: string }): Answer {
  if (a.error) {
    return { error: a.error, series: [] };
  }
  const { resultType, result } = a.data;
  if (resultType === "matrix") {
    return { series: result.map((s: any) => ({ metric: s.metric, values: s.values ?? [] })) };
  }
  if (resultType === "vector") {
    return { series: result.map((s: any) => ({ metric: s.metric, values: s.value ? [s.value] : [] })) };
  }
  return { series: [{ metric: {}, values: [result] }] };
}

export const api = <T,>(path: string): Promise<T> => rounds.during(read<T>(path));

async function read<T>(path: string): Promise<T> {
  const r = await fetch("/api/v1/" + path), text = await r.text();
  let body: { status: string; error: string; data: T };
  try {
    body = JSON.parse(text);
  } catch {
    throw new Error(text.trim() || r.statusText); // of who stands before the server
  }
  if (body.status !== "success") {
    throw new Error(body.error);
  }
  return body.data;
}

export async function labelValues(selector: string, label: string): Promise<string[]> {
  const match = selector ? `?match[]=${encodeURIComponent(selector)}` : "";
  return api<string[]>(`label/${encodeURIComponent(label)}/values${match}`);
}

export interface ActiveAlert { labels: Record<string, string>; annotations: Record<string, string>; state: string; activeAt: string; value: string }

// useActive asks which alerts are pending or fire.
export function useActive(version: number, tick: number): ActiveAlert[] {
  const [out, set] = useState<ActiveAlert[]>([]);
  useTurns([version], tick, async (_, wanted) => {
    const { alerts } = await api<{ alerts: ActiveAlert[] }>("alerts");
    if (wanted()) set(alerts);
  });
  return out;
}

// Variables.
export type Values = Record<string, string[]>;

// choices are the values that a variable offers, but for all of them at once.
export const choices = (def: VariableDef | undefined): string[] => (def?.options ?? []).map((o) => o.value).filter((o) => o !== "$__all");

// within are the values of variables in what is repeated for some of them.
export const within = (values: Values, scoped: Record<string, string> | undefined): Values => ({ ...values, ...Object.fromEntries(Object.entries(scoped ?? {}).map(([k, v]) => [k, [v]])) });

const escapeRegex = (s: string) => s.replace(/[\\^$.*+?()[\]{}|]/g, "\\\\$&");

// How the values of a variable are written where it says so: ${name:csv}.
// https://grafana.com/docs/grafana/latest/visualizations/dashboards/variables/variable-syntax/#advanced-variable-format-options
const formats: Record<string, (v: string[]) => string> = {
  raw: (v) => v.join(","), csv: (v) => v.join(","), pipe: (v) => v.join("|"), text: (v) => v.join(" + "), json: (v) => JSON.stringify(v), glob: (v) => (v.length > 1 ? `{${v.join(",")}}` : v.join()),
  regex: (v) => { const list = v.map((x) => x.replace(/[/\\^$.*+?()[\]{}|]/g, "\\$&")); return list.length > 1 ? `(${list.join("|")})` : list.join(); },
  doublequote: (v) => v.map((x) => `"${x}"`).join(","), singlequote: (v) => v.map((x) => `'${x}'`).join(","), percentencode: (v) => encodeURIComponent(v.length > 1 ? `{${v.join(",")}}` : v.join()),
};

// interpolate puts the values of variables into a query, as Grafana's data source for Prometheus does, or into a text or a link.
export function interpolate(text: string, values: Values, defs: VariableDef[], builtin: Record<string, string> = {}, into: "query" | "text" | "link" = "query"): string {
  return text.replace(/\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)\]\]|\$(\w+)/g, (whole, a, format, b, c) => {
    const name: string = a ?? b ?? c;
    if (builtin[name] !== undefined) {
      return builtin[name];
    }
    const v = values[name];
    if (!v) {
      return whole;
    }
    const def = defs.find((d) => d.name === name);
    if (format === "queryparam") {
      return v.map((x) => `var-${name}=${encodeURIComponent(x)}`).join("&");
    }
    if (into === "text") {
      return v.includes("$__all") ? "All" : v.join(" + ");
    }
    if (format && formats[format]) {
      return formats[format](v.includes("$__all") && def?.options ? choices(def) : v);
    }
    if (into === "link") {
      return v.join(",");
    }
    if (v.length === 1 && v[0] === "$__all") {
      if (def?.allValue) {
        return def.allValue;
      }
      const all = choices(def);
      return all.length > 0 ? `(${all.map(escapeRegex).join("|")})` : ".*";
    }
    if (!def?.multi && !def?.includeAll) {
      return v.join(",").replace(/\\/g, "\\\\").replace(/"/g, '\\"');
    }
    return v.length === 1 ? escapeRegex(v[0]) : `(${v.map(escapeRegex).join("|")})`;
  });
}

// Steps, as Grafana rounds them.
const nice = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800];

export function stepFor(range: number, points: number, least: number): number {
  const exact = Math.max(range / Math.max(points, 10), least);
  return nice.find((n) => n >= exact * 0.999) ?? Math.ceil(exact);
}

export function duration(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
