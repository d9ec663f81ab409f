// A dashboard: its variables, its time, its rows and panels.
import { useCallback, useMemo, useRef, useState } from "react";
import { EventBusSrv } from "@grafana/data";
import { PanelView, Env } from "./panels";
import { Annotation } from "./plots";
import { ask, AnnotationDef, choices, Dashboard, FindingInfo, interpolate, labelValues, Panel, stepFor, Values, VariableDef, within } from "./model";
import { legend } from "./frames";
import { visit } from "./place";
import { Range, Time } from "./range";
import { useTurns } from "./refresh";

const queryText = (v: VariableDef): string => (typeof v.query === "string" ? v.query : v.query?.query ?? v.definition ?? "");

async function optionsOf(v: VariableDef, values: Values, defs: VariableDef[], at: number): Promise<string[]> {
  switch (v.type) {
    case "interval": case "custom":
      return (typeof v.query === "string" ? v.query : "").split(",").map((s) => s.trim()).filter(Boolean);
    case "datasource":
      return ["prometheus"];
    case "constant": case "textbox":
      return [typeof v.query === "string" ? v.query : ""];
    case "query": {
      const text = interpolate(queryText(v), values, defs);
      let found: string[] = [];
      const one = /^label_values\(\s*([a-zA-Z_]\w*)\s*\)$/.exec(text), two = /^label_values\((.+),\s*([a-zA-Z_]\w*)\s*\)$/s.exec(text);
      const names = /^label_names\(/.exec(text), result = /^query_result\((.+)\)$/s.exec(text), metrics = /^metrics\((.*)\)$/.exec(text);
      if (one) found = await labelValues("", one[1]);
      else if (two) found = await labelValues(two[1], two[2]);
      else if (metrics) found = (await labelValues("", "__name__")).filter((n) => new RegExp(metrics[1]).test(n));
      else if (names) found = [];
      else if (result) {
        const a = await ask({ expr: result[1], instant: true, start: at, end: at, step: 60 });
        if (a.error) throw new Error(a.error);
        found = a.series.map(({ metric: { __name__: name = "", ...rest }, values: [[t, x]] }) => `${name}{${Object.entries(rest).map(([k, v]) => `${k}="${v}"`).join(",")}} ${x} ${t * 1000}`);
      }
      if (v.regex) {
        const m = /^\/(.*)\/(\w*)$/.exec(v.regex), re = m ? new RegExp(m[1], m[2].replace("g", "")) : new RegExp(v.regex);
        found = found.flatMap((s) => { const x = re.exec(s); return x ? [x[1] ?? x[0]] : []; });
      }
      const unique = [...new Set(found)];
      return v.sort ? unique.sort((a, b) => a.localeCompare(b, undefined, { numeric: true })) : unique;
    }
  }
  return choices(v);
}

// initial is what a variable has: what the address says, where there is that, or what the dashboard says, or its first value.
function initial(v: VariableDef, options: string[], said: string[]): string[] {
  // Of these nobody knows all values: they are free, made later than the first look, or are named otherwise than they are written.
  const open = options.length === 0 || !["query", "custom", "interval"].includes(v.type) || v.auto || (v.type === "custom" && /\s:\s/.test(v.query));
  if (said.length > 0) {
    if (v.includeAll && (said.includes("$__all") || (said[0] === "All" && !options.includes("All")))) return ["$__all"];
    const there = open ? said : said.filter((s) => options.includes(s));
    if (there.length > 0) return v.multi ? there : there.slice(0, 1);
  }
  const current = [v.current?.value].flat().filter((x): x is string => typeof x === "string" && x !== "");
  if (v.includeAll && (current.length === 0 || current.includes("$__all"))) return ["$__all"];
  const known = current.filter((c) => options.includes(c));
  return known.length > 0 ? known : v.includeAll ? ["$__all"] : options.slice(0, 1);
}

// useSame keeps what it was given first of all that are alike, so that what depends on it is not done again.
function useSame<T>(value: T): T {
  const kept = useRef(value);
  if (value !== kept.current && JSON.stringify(value) !== JSON.stringify(kept.current)) kept.current = value;
  return kept.current;
}

// known are variables with the values that were found for them.
const known = (defs: VariableDef[], options: Record<string, string[]>) => defs.map((v) => (options[v.name] ? { ...v, options: options[v.name].map((o) => ({ text: o, value: o })) } : v));

function useVariables(board: Dashboard, version: number, params: URLSearchParams, at: Range): [Values, Record<string, string[]>, (name: string, v: string[]) => void, boolean] {
  const defs = useMemo(() => (board.templating?.list ?? []).filter((v) => v.type !== "adhoc"), [board]);
  const [state, set] = useState<{ values: Values; options: Record<string, string[]>; board?: Dashboard; failed?: boolean }>({ values: {}, options: {} });
  const key = params.toString();
  const moment = state.failed || defs.some((v) => v.refresh === 2) ? Math.ceil(at.to / 1000) : 0; // 2: also when the time goes on
  useTurns([board, version, key], moment, async (_, wanted) => {
    const values: Values = {}, options: Record<string, string[]> = {}, right = new URLSearchParams(params);
    let failed = false;
    for (const v of defs) { // one after the other: later ones ask with what earlier ones are
      const found = await optionsOf(v, values, known(defs, options), Math.ceil(at.to / 1000)).catch(() => undefined);
      options[v.name] = found ?? state.options[v.name] ?? []; // as before, where nobody answers
      failed ||= !found;
      const name = "var-" + v.name, said = params.getAll(name);
      values[v.name] = initial(v, options[v.name], said);
      if (said.length === 0 || said.join("\n") === values[v.name].join("\n")) continue;
      right.delete(name);
      values[v.name].forEach((x) => right.append(name, x));
    }
    if (!wanted()) return;
    set({ values, options, board, failed });
    if (right.toString() !== key) visit(location.pathname + "?" + right, true); // the address says what is shown
  });
  const choose = useCallback((name: string, v: string[]) => {
    const next = new URLSearchParams(location.search);
    next.delete("var-" + name);
    v.forEach((x) => next.append("var-" + name, x));
    visit(location.pathname + "?" + next);
  }, []);
  return [useSame(state.values), useSame(state.options), choose, state.board?.uid === board.uid]; // of its last form until the new one's are known
}

function Picker({ v, value, options, choose }: { v: VariableDef; value: string[]; options: string[]; choose: (v: string[]) => void }) {
  const [open, setOpen] = useState(false);
  const label = v.label || v.name;
  if (!v.multi) {
    return (
      <label className="picker">{label}
        <select value={value[0] ?? ""} onChange={(e) => choose([e.target.value])} data-variable={v.name}>
          {v.includeAll && <option value="$__all">All</option>}
          {options.map((o) => <option key={o} value={o}>{o}</option>)}
        </select>
      </label>
    );
  }
  const all = value.includes("$__all");
  const toggle = (o: string) => {
    const now = all ? [] : value;
    const next = now.includes(o) ? now.filter((x) => x !== o) : [...now, o];
    choose(next.length === 0 ? ["$__all"] : next);
  };
  return (
    <div className="picker" onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && setOpen(false)} onKeyDown={(e) => e.key === "Escape" && setOpen(false)}>
      {label}
      <button onClick={() => setOpen(!open)} aria-haspopup="listbox" aria-expanded={open} data-variable={v.name}>{all ? "All" : value.join(" + ")}</button>
      {open && (
        <div className="menu" role="listbox" aria-multiselectable tabIndex={-1}>
          {v.includeAll && <label><input type="checkbox" checked={all} onChange={() => choose(["$__all"])} /> All</label>}
          {options.map((o) => <label key={o}><input type="checkbox" checked={!all && value.includes(o)} onChange={() => toggle(o)} /> {o}</label>)}
        </div>
      )}
    </div>
  );
}

interface Section { row?: Panel; panels: Panel[] }

// sections puts panels below the rows that they stand in, and repeats what repeats for each value of its variable.
// https://grafana.com/docs/grafana/latest/visualizations/panels-visualizations/configure-panel-options/#configure-repeating-panels
function sections(board: Dashboard, values: Values, options: Record<string, string[]>): Section[] {
  const groups: Section[] = [{ panels: [] }];
  for (const p of board.panels) {
    const last = groups[groups.length - 1];
    if (p.type === "row") groups.push({ row: p, panels: [...(p.panels ?? [])] });
    else if (last.row?.collapsed) groups.push({ panels: [p] }); // a row that is closed has its panels within it
    else last.panels.push(p);
  }
  const each = (name: string | undefined, scope?: Record<string, string>): (string | undefined)[] => {
    if (!name || !values[name]) return [undefined];
    const list = scope?.[name] !== undefined ? [scope[name]] : values[name].includes("$__all") ? options[name] ?? [] : values[name];
    return list.length > 0 ? list : [undefined];
  };
  const and = (scope: Record<string, string> | undefined, name: string | undefined, v: string | undefined) => (name && v !== undefined ? { ...scope, [name]: v } : scope);
  const placed = (panels: Panel[], scope?: Record<string, string>): Panel[] => {
    let lower = 0; // by how much what repeats in several lines moves what follows
    return [...panels].sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x).flatMap((p) => {
      const list = each(p.repeat, scope), { x, y, w, h } = p.gridPos, top = y + lower;
      if (list.length === 1) return [{ ...p, scoped: and(scope, p.repeat, list[0]), gridPos: { x, y: top, w, h } }];
      const upright = p.repeatDirection === "v", beside = upright ? 1 : Math.min(list.length, p.maxPerRow ?? 4), wide = upright ? w : Math.floor(24 / beside);
      lower += (Math.ceil(list.length / beside) - 1) * h;
      return list.map((v, i) => ({ ...p, scoped: and(scope, p.repeat, v), gridPos: { x: upright ? x : (i % beside) * wide, y: top + Math.floor(i / beside) * h, w: wide, h } }));
    });
  };
  return groups.flatMap((g) => each(g.row?.repeat).map((v) => {
    const scope = and(undefined, g.row?.repeat, v);
    return { row: g.row && { ...g.row, scoped: scope }, panels: placed(g.panels, scope) };
  })).filter((s) => s.row || s.panels.length > 0);
}

// addressed names each panel for the address: by its number, and where it is repeated those after the first by which they are, too.
function addressed(parts: Section[]): Section[] {
  const seen: Record<number, number> = {};
  return parts.map((s) => ({ ...s, panels: s.panels.map((p) => {
    const clone = (seen[p.id] = (seen[p.id] ?? -1) + 1);
    return { ...p, address: clone === 0 ? String(p.id) : `${p.id}-clone-${clone}` };
  }) }));
}

export function DashboardPage({ board, version, params, at, setTime, scrape, findings, explained, go }: {
  board: Dashboard; version: number; params: URLSearchParams; at: Range; setTime: (t: Time) => void; scrape: number; findings: FindingInfo[]; explained: Record<string, string>; go: (url: string) => void;
}) {
  const [values, options, choose, ready] = useVariables(board, version, params, at);
  const defs = useMemo(() => known(board.templating?.list ?? [], options), [board, options]);
  const bus = useMemo(() => new EventBusSrv(), [board.uid]);
  const [off, setOff] = useState<Record<string, boolean>>({});
  const marks = (board.annotations?.list ?? []).filter((a) => a.target?.expr || a.expr);
  const annotations = useAnnotations(marks.filter((a) => off[a.name] === undefined ? a.enable : !off[a.name]), values, defs, at, scrape, version, ready);
  const [closed, setClosed] = useState<Record<string, boolean>>({});
  const full = params.get("viewPanel");
  const zoom = useCallback((a: number, b: number) => setTime({ from: String(Math.round(a)), to: String(Math.round(b)) }), [setTime]);
  const env: Env = useMemo(() => ({ at, values, defs, version, scrape, zoom, annotations, findings, explained: (panel: number, ref: string) => explained?.[`${board.uid}/${panel}/${ref}`], title: board.title, bus }), [at, values, defs, version, annotations, findings, bus]);
  const parts = useMemo(() => addressed(sections(board, values, options)), [board, values, options]);
  const show = (address: string | null) => {
    const next = new URLSearchParams(location.search);
    if (address === null) next.delete("viewPanel");
    else next.set("viewPanel", address);
    go(location.pathname + "?" + next.toString());
  };
  const alone = full ? parts.flatMap((s) => s.panels).find((p) => p.address === full.replace("panel-", "")) : undefined;
  const shown = defs.filter((v) => v.type !== "adhoc" && v.type !== "datasource" && v.hide !== 2 && v.type !== "constant");
  return (
    <>
      <div className="bar controls">
        {shown.map((v) => <Picker key={v.name} v={v} value={values[v.name] ?? []} options={options[v.name] ?? []} choose={(x) => choose(v.name, x)} />)}
        {marks.map((a) => {
          const on = off[a.name] === undefined ? a.enable : !off[a.name];
          return <label key={a.name} className="picker"><input type="checkbox" checked={on} onChange={() => setOff({ ...off, [a.name]: on })} /> {a.name}</label>;
        })}
        <span className="grow" />
        {(board.links ?? []).filter((l) => l.url).map((l) => <a key={l.title} href={l.url}>{l.title}</a>)}
      </div>
      {!ready ? <div className="grid" aria-busy="true" /> : full ? (
        <div className="alone">{alone ? <PanelView key={alone.address} panel={alone} env={env} full onFull={() => show(null)} /> : <div className="nodata"><p>This dashboard has no panel {full}. <a href={location.pathname}>All of it</a></p></div>}</div>
      ) : parts.map((s, i) => {
        const id = `${s.row?.id}/${Object.values(s.row?.scoped ?? {}).join()}`;
        const shut = closed[id] ?? s.row?.collapsed ?? false;
        const top = Math.min(...s.panels.map((p) => p.gridPos.y));
        return (
          <section key={i} className="row">
            {s.row && !s.row.hideHeader && <h2><button aria-expanded={!shut} onClick={() => setClosed((now) => ({ ...now, [id]: !shut }))}><span aria-hidden>{shut ? "▸" : "▾"}</span> {interpolate(s.row.title ?? "", within(values, s.row.scoped), defs, {}, "text")}</button></h2>}
            {!shut && (
              <div className="grid">
                {s.panels.map((p, k) => (
                  <div key={k} style={{ ...({ "--h": p.gridPos.h } as React.CSSProperties), gridColumn: `${p.gridPos.x + 1} / span ${p.gridPos.w}`, gridRow: `${p.gridPos.y - top + 1} / span ${p.gridPos.h}` }}>
                    <PanelView panel={p} env={env} onFull={() => show(p.address!)} />
                  </div>
                ))}
              </div>
            )}
          </section>
        );
      })}
    </>
  );
}

function useAnnotations(defs: AnnotationDef[], values: Values, vars: VariableDef[], at: Range, scrape: number, version: number, ready: boolean): Annotation[] {
  const [out, set] = useState<Annotation[]>([]);
  const key = defs.map((d) => d.name).join();
  useTurns([key, values, version, at.text], at, async ({ from, to }, wanted) => {
    const step = Math.max(60, stepFor((to - from) / 1000, 300, scrape));
    const all = await Promise.all(defs.map(async (d) => {
      const a = await ask({ expr: interpolate(d.target?.expr ?? d.expr ?? "", values, vars, { __rate_interval: "1m", __interval: "1m" }), instant: false, start: Math.floor(from / 1000), end: Math.floor(to / 1000), step });
      return a.error ? undefined : a.series.flatMap((s) => {
        const spans: Annotation[] = [];
        s.values.forEach(([t]) => {
          const last = spans[spans.length - 1];
          if (last && t * 1000 - (last.end ?? last.time) <= step * 1000) last.end = t * 1000;
          else spans.push({ time: t * 1000, color: d.iconColor ?? "blue", title: legend(d.titleFormat, s.metric), text: legend(d.textFormat, s.metric) });
        });
        return spans;
      });
    }));
    if (wanted() && !(all.length > 0 && all.every((a) => a === undefined))) set(all.flatMap((a) => a ?? [])); // as before, where nobody answers
  }, ready);
  return useSame(out);
}
