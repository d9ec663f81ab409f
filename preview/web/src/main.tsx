// The page: what is shown where, the time, the scenario, the keys.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { createTheme, dateTimeForTimeZone, dateTimeFormat, FieldConfig, FieldType, formattedValueToString, getDisplayProcessor, rangeUtil, ThemeContext } from "@grafana/data";
import { initPluginTranslations } from "@grafana/i18n";
import { api, Project, rounds, State, stepFor, useActive } from "./model";
import * as time from "./clock";
import { normalize } from "./foreign";
import { prepare } from "./frames";
import { DashboardPage } from "./dashboard";
import { visit } from "./place";
import { Range, rangeOf, Time, zoneOf } from "./range";
import { refreshesOf, refreshOf, Rounds, secondsOf, Turns, useTurns } from "./refresh";
import { AlertsPage, MetricsPage, RulesPage } from "./pages";
import "@fontsource/inter/latin-400.css";
import "@fontsource/inter/latin-500.css";
import "./style.css";

prepare();
Object.assign(window, { __grafana_public_path__: "/" }); // where Grafana's components look for icons
if (new URLSearchParams(location.search).has("kiosk")) document.documentElement.dataset.kiosk = ""; // for pictures: without bars

function usePlace(): [URL, (url: string) => void] {
  const [at, set] = useState(() => new URL(location.href));
  useEffect(() => {
    const f = () => set(new URL(location.href));
    addEventListener("popstate", f);
    return () => removeEventListener("popstate", f);
  }, []);
  return [at, visit];
}

async function load(): Promise<State> {
  const state: State = await (await fetch("/state")).json();
  for (const d of state.state?.dashboards ?? []) {
    if (d.file) d.json = { ...normalize(d.json), uid: d.uid };
  }
  time.hear(state.clock);
  return state;
}

function useServer(first: State): [State, time.Clock, boolean] {
  const [state, set] = useState(first);
  const [clock, setClock] = useState(first.clock);
  const [there, setThere] = useState(true);
  useEffect(() => {
    let seen = first.version;
    let events: EventSource;
    const listen = () => {
      events = new EventSource("/events");
      events.onmessage = (e) => {
        const said: { version: number; clock: time.Clock } = JSON.parse(e.data);
        setThere(true);
        // What is said each few seconds changes nothing; another speed does, and a step.
        const same = said.clock.speed === time.speed() && Math.abs(said.clock.now - time.now()) < 2000 * Math.max(1, said.clock.speed);
        time.hear(said.clock);
        if (!same) setClock(said.clock);
        if (said.version === seen) return;
        seen = said.version;
        void load().then(set);
      };
      events.onerror = () => setThere(false);
    };
    listen();
    // A browser has few connections to one server, and keeps pages that were left for a while: they must not hold theirs.
    const hide = () => events.close(), back = (e: PageTransitionEvent) => e.persisted && listen();
    addEventListener("pagehide", hide);
    addEventListener("pageshow", back);
    return () => { events.close(); removeEventListener("pagehide", hide); removeEventListener("pageshow", back); };
  }, []);
  return [state, clock, there];
}

const ranges = ["5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d"];

function App({ first }: { first: State }) {
  const [place, go] = usePlace();
  const [server, clock, there] = useServer(first);
  const [dark, setDark] = useState(() => (new URLSearchParams(location.search).get("theme") ?? localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark")) === "dark");
  const theme = useMemo(() => createTheme({ colors: { mode: dark ? "dark" : "light" } }), [dark]);
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    if (!new URLSearchParams(location.search).has("theme")) localStorage.setItem("theme", dark ? "dark" : "light");
  }, [dark]);
  const [now, setNow] = useState(time.now);
  const [tick, setTick] = useState(0);
  const params = place.searchParams;
  const project = server.state;
  const path = place.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  const board = project?.dashboards.find((d) => d.uid === path[1]) ?? (path.length === 0 ? project?.dashboards[0] : undefined);
  const shown = path[0] === "d" || path.length === 0 ? board?.json : undefined;
  const said = [params.get("from"), params.get("to"), params.get("timezone")];
  const at = useMemo(() => rangeOf([{ from: said[0], to: said[1] }, shown ? shown.time : { from: "now-1h" }], now, {
    timezone: zoneOf(said[2], shown?.timezone), weekStart: shown?.weekStart, fiscalYearStartMonth: shown?.fiscalYearStartMonth, nowDelay: shown?.timepicker?.nowDelay,
  }), [...said, shown, now]);
  const findings = useMemo(() => project?.findings.filter((f) => f.file === board?.file) ?? [], [project, board]);
  const every = refreshOf(params.get("refresh") ?? (shown ? shown.refresh : "10s"));
  const setEvery = (chosen: string) => {
    const next = new URLSearchParams(location.search);
    next.set("refresh", chosen);
    visit(location.pathname + "?" + next, true);
  };
  const setTime = useCallback((t: Time) => {
    const next = new URLSearchParams(location.search);
    next.set("from", t.from);
    next.set("to", t.to);
    go(location.pathname + "?" + next.toString());
  }, [go]);
  const again = useCallback(() => { setNow(time.now()); setTick((n) => n + 1); }, []);
  const seconds = secondsOf(every, stepFor((at.to - at.from) / 1000, innerWidth, 5));
  useEffect(() => {
    if (seconds === 0 || clock.speed === 0) return;
    const t = setInterval(() => rounds.begin(again), Math.max(Math.min(seconds, 2), seconds / Math.max(1, clock.speed)) * 1000);
    return () => clearInterval(t);
  }, [seconds, clock.speed]);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) again();
    begun.current = true;
  }, [server.version, clock]);
  const active = useActive(server.version, tick);
  const firing = new Set(active.filter((a) => a.state === "firing").map((a) => a.labels.alertname)).size;
  const [scrape, setScrape] = useState(15);
  useEffect(() => {
    api<{ yaml: string }>("status/config").then((c) => {
      const m = /scrape_interval: (\d+)(s|m)/.exec(c.yaml);
      if (m) setScrape(Number(m[1]) * (m[2] === "m" ? 60 : 1));
    }).catch(() => undefined);
  }, [server.version]);

  // Where what is shown is scraped, the page says when it cannot be.
  const [down, setDown] = useState("");
  useTurns([server.scenario, server.version], tick, async (_, wanted) => {
    let said = "";
    if (!server.scenario) {
      await api<{ activeTargets: { health: string; scrapeUrl: string; lastError: string }[] }>("targets?state=active").then(({ activeTargets: all }) => {
        const broken = all.filter((t) => t.health === "down");
        if (broken.length > 0 && broken.length === all.length) said = `Nothing is scraped. ${broken[0].scrapeUrl}: ${broken[0].lastError}`;
      }).catch((e: Error) => { said = e.message; });
    }
    if (wanted()) setDown(said);
  });

  // Links within the page change what is shown, and load nothing anew.
  useEffect(() => {
    const follow = (e: MouseEvent) => {
      const a = (e.target as Element).closest?.("a[href]"), to = a?.getAttribute("href") ?? "";
      if (!a || e.defaultPrevented || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || a.getAttribute("target") || !to.startsWith("/") || to.startsWith("//")) return;
      e.preventDefault();
      setSearch(false);
      go(to);
      if (new URL(to, location.href).pathname !== location.pathname) scrollTo(0, 0);
    };
    document.addEventListener("click", follow);
    return () => document.removeEventListener("click", follow);
  }, [go]);

  // Keys: / searches, g d and g a go, ? helps, t changes the theme.
  const [help, setHelp] = useState(false);
  const [search, setSearch] = useState(false);
  const before = useRef("");
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (e.key === "Escape") { setHelp(false); setSearch(false); }
      if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test((e.target as HTMLElement).tagName)) return;
      const two = before.current + e.key;
      before.current = e.key === "g" ? "g" : "";
      if (two === "gd") go("/");
      else if (two === "ga") go("/alerts");
      else if (two === "gr") go("/rules");
      else if (two === "gm") go("/metrics");
      else if (e.key === "?") setHelp((h) => !h);
      else if (e.key === "p") void time.pause();
      else if (e.key === ".") void time.step(60);
      else if (e.key === "t") setDark((d) => !d);
      else if (e.key === "/") { e.preventDefault(); setSearch(true); }
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, [go]);
  useEffect(() => { document.title = `${board && path[0] !== "alerts" ? board.title : path[0] ?? "obsgen"} · obsgen preview`; }, [board, place]);

  if (!project) {
    return <div className="starting" role="status">{server.trouble ? <pre className="trouble">{server.trouble}</pre> : "Starting…"}</div>;
  }
  const link = (url: string, text: React.ReactNode, on: boolean) => <a href={url} className={on ? "on" : ""} aria-current={on ? "page" : undefined}>{text}</a>;
  return (
    <ThemeContext.Provider value={theme}>
      <header className="bar top">
        <a className="brand" href="/">{project.project}</a>
        <nav aria-label="Pages">
          <select aria-label="Dashboard" value={path[0] === "d" || path.length === 0 ? board?.uid ?? "" : ""} onChange={(e) => go("/d/" + e.target.value)} data-dashboard>
            {path[0] !== "d" && path.length > 0 && <option value="">Dashboards</option>}
            {project.dashboards.map((d) => <option key={d.uid} value={d.uid}>{d.title}</option>)}
          </select>
          {link("/alerts", <>Alerts{firing > 0 && <span className="count">{firing}</span>}</>, path[0] === "alerts")}
          {link("/rules", "Rules", path[0] === "rules")}
          {link("/metrics", "Metrics", path[0] === "metrics")}
        </nav>
        <span className="grow" />
        {project.scenarios.length > 0 && server.scenario && (
          <label className="picker"><span className="sr">Scenario</span>
            <select value={server.scenario} title={project.scenarios.find((s) => s.name === server.scenario)?.help} onChange={(e) => fetch("/scenario?name=" + encodeURIComponent(e.target.value), { method: "POST" })} data-scenario>
              {project.scenarios.map((s) => <option key={s.name} value={s.name} title={s.help}>{s.name}</option>)}
            </select>
          </label>
        )}
        {project.scenarios.length > 0 && server.scenario && <Playing scenario={server.scenario} clock={clock} lasts={project.scenarios.find((s) => s.name === server.scenario)?.minutes ?? 60} />}
        <TimePicker at={at} setTime={setTime} />
        <button onClick={() => setTime({ from: String(Math.round(at.from - (at.to - at.from) / 2)), to: String(Math.round(at.to + (at.to - at.from) / 2)) })} title="Twice as long">−</button>
        <label className="picker"><span className="sr">Refresh</span>
          <select value={every} onChange={(e) => setEvery(e.target.value)} title="How often it is drawn anew" data-refresh>{refreshesOf(every, shown?.timepicker?.refresh_intervals).map((r) => <option key={r}>{r}</option>)}</select>
        </label>
        <button onClick={again} title="Draw anew now" data-again>↻</button>
        <button onClick={() => setDark(!dark)} title={dark ? "Light (t)" : "Dark (t)"} aria-label={dark ? "Light" : "Dark"}>{dark ? "☀" : "☾"}</button>
        <button onClick={() => setHelp(!help)} title="Help (?)">?</button>
      </header>
      {!there && <div className="notice" role="alert">The server has gone. What is shown is the last that it said.</div>}
      {there && down && <div className="notice" role="alert"><b>There are no new data:</b><pre className="trouble">{down}</pre></div>}
      {server.trouble && <div className="notice" role="alert"><b>The last change is not shown:</b><pre className="trouble">{server.trouble}</pre></div>}
      <main>
        {path[0] === "alerts" ? <AlertsPage project={project} name={path[1]} at={at} version={server.version} active={active} scrape={scrape} /> :
          path[0] === "rules" ? <RulesPage project={project} name={path[1]} at={at} version={server.version} scrape={scrape} /> :
          path[0] === "metrics" ? <MetricsPage project={project} params={params} /> :
          board ? <DashboardPage key={board.uid} board={board.json} version={server.version} params={params} at={at} setTime={setTime} scrape={scrape} findings={findings} explained={project.explained} go={go} /> :
          <div className="page"><h1>There is nothing here</h1><p>{link("/", "The first dashboard", false)}</p></div>}
      </main>
      {help && <Help close={() => setHelp(false)} />}
      {search && <Search project={project} go={(u) => { setSearch(false); go(u); }} close={() => setSearch(false)} />}
    </ThemeContext.Provider>
  );
}

// TimePicker chooses the last minutes or hours, or two moments.
function TimePicker({ at: { from, to, shown, zone }, setTime }: { at: Range; setTime: (t: Time) => void }) {
  const relative = shown.to === "now" ? /^now-(\w+)$/.exec(shown.from)?.[1] : undefined;
  const [own, choose] = useState<[string, string] | null>(null);
  const local = (t: number) => dateTimeFormat(t, { timeZone: zone, format: "YYYY-MM-DDTHH:mm:ss" });
  const told = (text: string, t: number) => (text.includes("now") ? text : dateTimeFormat(t, { timeZone: zone }));
  const known = shown.from.includes("now") && shown.to.includes("now") ? rangeUtil.describeTimeRange(shown, zone) : "Last";
  const fixed = known.startsWith("Last") ? `${told(shown.from, from)} to ${told(shown.to, to)}` : known; // it names the first step alone of several
  const apply = () => {
    const [a, b] = own!.map((x) => dateTimeForTimeZone(zone, x).valueOf());
    if (!(a < b)) return;
    choose(null);
    setTime({ from: String(a), to: String(b) });
  };
  return (
    <div className="picker" onKeyDown={(e) => e.key === "Escape" && choose(null)}>
      <select aria-label="Time" title={`${local(from).replace("T", " ")} to ${local(to).replace("T", " ")}${zone === "browser" ? "" : `, ${zone}`}`} value={relative ?? "fixed"} onChange={(e) => (e.target.value === "own" ? choose([local(from), local(to)]) : e.target.value !== "fixed" && setTime({ from: "now-" + e.target.value, to: "now" }))} data-time>
        {!relative && <option value="fixed">{fixed}</option>}
        {[...new Set([...(relative ? [relative] : []), ...ranges])].map((r) => <option key={r} value={r}>last {r}</option>)}
        <option value="own">from … to …</option>
      </select>
      {own && (
        <form className="menu range" role="dialog" aria-label="From and to" onSubmit={(e) => { e.preventDefault(); apply(); }}>
          {(["From", "To"] as const).map((name, i) => <label key={name}>{name} <input type="datetime-local" step={1} autoFocus={i === 0} value={own[i]} onChange={(e) => choose(i === 0 ? [e.target.value, own[1]] : [own[0], e.target.value])} /></label>)}
          <button type="submit" disabled={!(new Date(own[0]) < new Date(own[1]))}>Show</button>
        </form>
      )}
    </div>
  );
}

const speeds = [1, 10, 60, 300];

// Playing says how far into the scenario it is, stops its clock, moves it on or has it go faster, and goes to another moment of it.
function Playing({ scenario, clock, lasts }: { scenario: string; clock: time.Clock; lasts: number }) {
  const [dragged, drag] = useState<number | null>(null);
  const [, again] = useState(0);
  useEffect(() => {
    const t = setInterval(() => again((n) => n + 1), clock.speed > 1 ? 250 : 5000);
    return () => clearInterval(t);
  }, [clock]);
  const minutes = Math.floor(time.into() / 60);
  const go = () => {
    if (dragged !== null) void fetch(`/scenario?name=${encodeURIComponent(scenario)}&at=${dragged}`, { method: "POST" });
    drag(null);
  };
  return (
    <span className="picker" role="group" aria-label="The scenario's clock">
      <button onClick={() => time.pause()} title={clock.speed === 0 ? "Go on (p)" : "Stop the clock (p)"} aria-label={clock.speed === 0 ? "Go on" : "Stop the clock"} data-pause>{clock.speed === 0 ? "▶" : "❚❚"}</button>
      <button onClick={() => time.step(60)} title="A minute on (.)" aria-label="A minute on" data-step>+1m</button>
      <select value={speeds.includes(clock.speed) ? clock.speed : ""} onChange={(e) => time.setSpeed(Number(e.target.value))} title="How many times as fast as time" aria-label="How many times as fast as time" data-speed>
        {!speeds.includes(clock.speed) && <option value="">{clock.speed === 0 ? "stopped" : clock.speed + "×"}</option>}
        {speeds.map((s) => <option key={s} value={s}>{s}×</option>)}
      </select>
      <input type="range" min={1} max={lasts} step={1} value={dragged ?? Math.min(minutes, lasts)} onChange={(e) => drag(Number(e.target.value))} onPointerUp={go} onKeyUp={go} title="How far into the scenario it is: plays it from another moment" aria-label="Minutes into the scenario" data-at />
      <span className="at">{dragged ?? minutes} min in</span>
    </span>
  );
}

function Help({ close }: { close: () => void }) {
  return (
    <div className="sheet" role="dialog" aria-label="Keys" onClick={close}>
      <div><h2>Keys</h2><dl>
        {[["/", "search dashboards, panels, alerts, metrics"], ["g d", "dashboards"], ["g a", "alerts"], ["g r", "rules"], ["g m", "metrics"], ["p", "stop the scenario's clock, or let it go on"], [".", "a minute on"], ["t", "light or dark"], ["Esc", "close"], ["?", "this"]].map(([k, what]) => <div key={k}><dt><kbd>{k}</kbd></dt><dd>{what}</dd></div>)}
      </dl><p className="quiet">Drag over a graph to zoom. Click a legend to see one series, with Ctrl or ⌘ to hide it.</p></div>
    </div>
  );
}

function Search({ project, go, close }: { project: Project; go: (url: string) => void; close: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const all = useMemo(() => [
    ...project.dashboards.map((d) => ({ kind: "dashboard", name: d.title, url: "/d/" + d.uid })),
    ...project.alerts.map((a) => ({ kind: "alert", name: a.name, url: "/alerts/" + a.name })),
    ...project.dashboards.flatMap((d) => d.json.panels.flatMap((p) => [p, ...(p.panels ?? [])]).filter((p) => p.type !== "row").map((p) => ({ kind: d.title, name: p.title ?? "", url: `/d/${d.uid}?viewPanel=${p.id}` }))),
    ...project.rules.filter((r) => !r.alert).map((r) => ({ kind: "rule", name: r.name, url: "/rules/" + encodeURIComponent(r.name) })),
    ...project.metrics.map((m) => ({ kind: "metric", name: m.name, url: "/metrics?find=" + m.name })),
  ], [project]);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((x) => words.every((w) => (x.name + " " + x.kind).toLowerCase().includes(w))).slice(0, 12);
  return (
    <div className="sheet" role="dialog" aria-label="Search" onClick={(e) => e.target === e.currentTarget && close()}>
      <div>
        <input autoFocus type="search" aria-label="Search" placeholder="Search" value={text} onChange={(e) => { setText(e.target.value); setAt(0); }} onKeyDown={(e) => {
          if (e.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
          if (e.key === "ArrowUp") setAt(Math.max(at - 1, 0));
          if (e.key === "Enter" && found[at]) go(found[at].url);
          if (e.key === "Escape") close();
        }} />
        <ul className="found">{found.map((x, i) => <li key={x.url + x.name}><a className={i === at ? "on" : ""} href={x.url}>{x.name} <span className="quiet">{x.kind}</span></a></li>)}</ul>
      </div>
    </div>
  );
}

// The components' texts stand in their code, in English; without this step they complain that there are none.
// By which tests know what Grafana's code makes of a value, and try what the page does in itself.
Object.assign(window, { rangeOf, Rounds, Turns });
(window as any).textOf = (config: FieldConfig, v: number) => formattedValueToString(getDisplayProcessor({ field: { type: FieldType.number, config }, theme: createTheme() })(v));

const texts = initPluginTranslations("obsgen").catch(() => undefined);
const root = createRoot(document.getElementById("root")!);
void Promise.all([load(), texts]).then(([first]) => root.render(<App first={first} />), (e) => root.render(<div className="starting" role="alert">The server does not answer: {String(e)}</div>));
