// What lies over a plot: tooltip, zoom by dragging, the crosshair that all panels share, annotations.
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { DataFrame, dateTimeFormat, EventBusSrv, FieldType, formattedValueToString, getFieldDisplayName } from "@grafana/data";
import { UPlotConfigBuilder, useTheme2 } from "@grafana/ui";
import type uPlot from "uplot";

export interface Annotation { time: number; end?: number; color: string; title: string; text: string }

interface Hover { left: number; top: number; index: number; near: number | null; box: DOMRect; marks: Annotation[] }

// Tooltip says what the series have where the pointer is, and which events were there. A click keeps it, with the links of its series.
export function Tooltip({ config, frame, annotations, all, zone }: { config: UPlotConfigBuilder; frame: DataFrame; annotations: Annotation[]; all: boolean; zone: string }) {
  const theme = useTheme2();
  const [hover, set] = useState<Hover | null>(null);
  const [kept, keep] = useState<Hover | null>(null);
  const events = useRef(annotations);
  events.current = annotations;
  const self = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    let near: number | null = null, last: Hover | null = null, down = 0;
    config.addHook("setSeries", (_: uPlot, i: number | null) => { near = i; });
    config.addHook("setCursor", (u: uPlot) => {
      const { idx, left, top } = u.cursor;
      const marks = () => events.current.filter((a) => Math.abs(u.valToPos(a.time, "x") - left!) < 6);
      last = u.over.matches(":hover") && idx != null && left! >= 0 ? { left: left!, top: top!, index: idx, near, box: u.over.getBoundingClientRect(), marks: marks() } : null;
      set(last);
    });
    config.addHook("init", (u: uPlot) => {
      u.over.addEventListener("mousedown", (e) => { down = e.clientX; });
      u.over.addEventListener("click", (e) => Math.abs(e.clientX - down) < 4 && keep((now) => (now ? null : last))); // more: it was dragged
    });
  }, [config]);
  useEffect(() => {
    if (!kept) return;
    const leave = (e: MouseEvent | KeyboardEvent) => {
      if (e instanceof KeyboardEvent ? e.key === "Escape" : !self.current?.contains(e.target as Node)) keep(null);
    };
    const t = setTimeout(() => { addEventListener("click", leave); addEventListener("keydown", leave); addEventListener("scroll", leave as any, { once: true }); });
    return () => { clearTimeout(t); removeEventListener("click", leave); removeEventListener("keydown", leave); removeEventListener("scroll", leave as any); };
  }, [kept]);
  const at = kept ?? hover;
  if (!at) return null;
  const time = frame.fields[0].values[at.index];
  const rows = frame.fields.slice(1).map((f, i) => ({ f, i: i + 1, v: f.values[at.index] }))
    .filter((r) => r.f.type === FieldType.number && r.v != null && !r.f.config.custom?.hideFrom?.viz && (all || at.near === null || r.i === at.near))
    .sort((a, b) => Number(b.v) - Number(a.v));
  const shown = rows.slice(0, 16);
  if (rows.length === 0 && at.marks.length === 0) return null;
  const x = at.box.left + at.left, y = at.box.top + at.top, right = x > innerWidth - 340;
  const linked = (r: (typeof rows)[number]) => (kept && r.f.getLinks ? r.f.getLinks({ valueRowIndex: at.index }) : []);
  const any = rows.some((r) => (r.f.config.links ?? []).length > 0);
  return createPortal(
    <div ref={self} className={"tip fixed" + (kept ? " kept" : "")} style={{ left: right ? undefined : x + 14, right: right ? innerWidth - x + 14 : undefined, top: Math.max(4, Math.min(y + 10, innerHeight - 40 - 20 * (shown.length + 2 * at.marks.length))) }}>
      <div className="quiet">{dateTimeFormat(time, { timeZone: zone })}</div>
      {at.marks.slice(0, 3).map((a, i) => <div key={i} className="mark" style={{ borderColor: theme.visualization.getColorByName(a.color) }}><b>{a.title}</b>{a.text && <div>{a.text}</div>}</div>)}
      {shown.map((r) => (
        <div key={r.i}>
          <div className={"tip-row" + (r.i === at.near ? " near" : "")}>
            <i style={{ background: r.f.display?.(r.v).color ?? theme.colors.text.secondary }} />
            <span>{getFieldDisplayName(r.f, frame)}</span><b>{r.f.display ? formattedValueToString(r.f.display(r.v)) : String(r.v)}</b>
          </div>
          {linked(r).map((l) => <a key={l.href + l.title} className="tip-link" href={l.href} target={l.target} rel="noreferrer">{l.title || "Link"}</a>)}
        </div>
      ))}
      {rows.length > shown.length && <div className="quiet">and {rows.length - shown.length} more</div>}
      {any && !kept && <div className="quiet">Click for links</div>}
    </div>, document.body,
  );
}

// The plot on which the mouse was pressed last: plots that share its cursor are told of what is selected there, too.
let pressed: uPlot | undefined;

export function Crosshair({ config, zoom, annotations, bus }: { config: UPlotConfigBuilder; zoom: (from: number, to: number) => void; annotations: Annotation[]; bus: EventBusSrv }) {
  const theme = useTheme2();
  const latest = useRef(annotations);
  latest.current = annotations;
  useLayoutEffect(() => {
    config.setCursor({ drag: { x: true, y: false, setScale: false } } as any);
    config.addHook("init", (u: uPlot) => u.over.addEventListener("mousedown", () => { pressed = u; }));
    config.addHook("setSelect", (u: uPlot) => {
      const { left, width } = u.select;
      if (width > 4 && u === pressed) {
        zoom(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
      }
      u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    });
    config.addHook("draw", (u: uPlot) => {
      const g = u.ctx, { left, top, width, height } = u.bbox;
      g.save();
      latest.current.forEach((a) => {
        const x = u.valToPos(a.time, "x", true);
        if (x < left || x > left + width) return;
        const color = theme.visualization.getColorByName(a.color);
        if (a.end) {
          g.fillStyle = color;
          g.globalAlpha = 0.12;
          g.fillRect(x, top, Math.min(u.valToPos(a.end, "x", true), left + width) - x, height);
        }
        g.globalAlpha = 0.9;
        g.strokeStyle = color;
        g.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
        g.lineWidth = devicePixelRatio;
        g.beginPath();
        g.moveTo(x, top);
        g.lineTo(x, top + height);
        g.stroke();
        g.beginPath(); // the mark at the foot, to point at
        g.fillStyle = color;
        g.moveTo(x, top + height - 6 * devicePixelRatio);
        g.lineTo(x + 5 * devicePixelRatio, top + height);
        g.lineTo(x - 5 * devicePixelRatio, top + height);
        g.fill();
      });
      g.restore();
    });
  }, [config]);
  return null;
}
