// What lies over a plot: tooltip, zoom by dragging, the crosshair that all panels share, annotations.
import { useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { DataFrame, EventBusSrv, FieldType, formattedValueToString, getFieldDisplayName } from "@grafana/data";
import { UPlotConfigBuilder, useTheme2 } from "@grafana/ui";
import type uPlot from "uplot";

export interface Annotation { time: number; end?: number; color: string; title: string; text: string }

interface Hover { left: number; top: number; index: number; near: number | null; box: DOMRect }

export function Tooltip({ config, frame, all }: { config: UPlotConfigBuilder; frame: DataFrame; all: boolean }) {
  const theme = useTheme2();
  const [hover, set] = useState<Hover | null>(null);
  useLayoutEffect(() => {
    let near: number | null = null;
    config.addHook("setSeries", (_: uPlot, i: number | null) => { near = i; });
    config.addHook("setCursor", (u: uPlot) => {
      const { idx, left, top } = u.cursor;
      const own = (u as any).over.matches(":hover");
      set(own && idx != null && left! >= 0 ? { left: left!, top: top!, index: idx, near, box: u.over.getBoundingClientRect() } : null);
    });
  }, [config]);
  if (!hover) return null;
  const time = frame.fields[0].values[hover.index];
  const rows = frame.fields.slice(1).map((f, i) => ({ f, i: i + 1, v: f.values[hover.index] }))
    .filter((r) => r.f.type === FieldType.number && r.v != null && !r.f.config.custom?.hideFrom?.viz)
    .sort((a, b) => Number(b.v) - Number(a.v));
  const shown = rows.slice(0, 16);
  if (rows.length === 0) return null;
  const x = hover.box.left + hover.left, y = hover.box.top + hover.top, right = x > innerWidth - 340;
  return createPortal(
    <div className="tip fixed" style={{ left: right ? undefined : x + 14, right: right ? innerWidth - x + 14 : undefined, top: Math.min(y + 10, innerHeight - 30 - 20 * shown.length) }}>
      <div className="quiet">{new Date(time).toLocaleString("en-GB")}</div>
      {shown.map((r) => (
        <div key={r.i} className={"tip-row" + (r.i === hover.near ? " near" : "")}>
          <i style={{ background: r.f.display?.(r.v).color ?? theme.colors.text.secondary }} />
          <span>{getFieldDisplayName(r.f, frame)}</span><b>{r.f.display ? formattedValueToString(r.f.display(r.v)) : String(r.v)}</b>
        </div>
      ))}
      {rows.length > shown.length && <div className="quiet">and {rows.length - shown.length} more</div>}
    </div>, document.body,
  );
}

export function Crosshair({ config, zoom, annotations, bus }: { config: UPlotConfigBuilder; zoom: (from: number, to: number) => void; annotations: Annotation[]; bus: EventBusSrv }) {
  const theme = useTheme2();
  const latest = useRef(annotations);
  latest.current = annotations;
  useLayoutEffect(() => {
    config.setCursor({ drag: { x: true, y: false, setScale: false } } as any);
    config.addHook("setSelect", (u: uPlot) => {
      const { left, width } = u.select;
      if (width > 4) {
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
      });
      g.restore();
    });
  }, [config]);
  return null;
}
