// Panels for which Grafana's packages have no component: drawn on uPlot, with Grafana's own axes, units and colours.
import { ReactNode, useLayoutEffect, useMemo, useState } from "react";
import { createPortal } from "react-dom";
import { AxisPlacement, ScaleDirection, ScaleOrientation } from "@grafana/schema";
import { buildHistogram, EventBusSrv, FieldColorModeId, FieldType, formattedValueToString, getDisplayProcessor, getFieldDisplayName, getFieldSeriesColor, getValueFormat, GrafanaTheme2, toDataFrame } from "@grafana/data";
import { UPlotChart, UPlotConfigBuilder } from "@grafana/ui";
import type uPlot from "uplot";
import * as palettes from "d3-scale-chromatic";
import { Annotation, Crosshair } from "./plots";
import type { Drawing, Plotting } from "./panels";

interface Grid { config: UPlotConfigBuilder; data: uPlot.AlignedData; tip: (u: uPlot) => ReactNode }

const clock = (t: number) => new Date(t).toLocaleTimeString("en-GB");

// plot begins a plot of a time, or of numbers, from left to right, in which something is drawn for so many rows from the bottom up, or from the top down.
function plot(theme: GrafanaTheme2, x: { from: number; to: number; time: boolean; format?: (v: number) => string }, y: { from: number; to: number; down?: boolean }, axis: object, draw: (u: uPlot, g: CanvasRenderingContext2D, ratio: number) => void): UPlotConfigBuilder {
  const config = new UPlotConfigBuilder("browser");
  if (!x.time) config.setPadding([12, 28, 0, 0]); // for half of the last number
  config.addScale({ scaleKey: "x", isTime: x.time, orientation: ScaleOrientation.Horizontal, direction: ScaleDirection.Right, range: () => [x.from, x.to] });
  config.addScale({ scaleKey: "y", isTime: false, orientation: ScaleOrientation.Vertical, direction: y.down ? ScaleDirection.Down : ScaleDirection.Up, range: () => [y.from, y.to] });
  config.addAxis({ scaleKey: "x", isTime: x.time, timeZone: "browser", placement: AxisPlacement.Bottom, theme, grid: { show: false }, ...(x.format ? { formatValue: x.format } : {}) });
  config.addAxis({ scaleKey: "y", placement: AxisPlacement.Left, theme, grid: { show: false }, ticks: { show: false }, ...axis });
  config.addSeries({ scaleKey: "y", theme, pathBuilder: () => null, pointsBuilder: () => null } as any);
  config.setCursor({ points: { show: false }, focus: { prox: -1 }, ...(x.time ? { sync: { key: "__global_", scales: ["x", null] } } : {}) } as any);
  config.addHook("draw", (u: uPlot) => {
    const { left, top, width, height } = u.bbox;
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(left, top, width, height);
    u.ctx.clip();
    draw(u, u.ctx, devicePixelRatio || 1);
    u.ctx.restore();
  });
  return config;
}

function Plot({ grid, width, height, name, zoom, annotations, bus }: { grid: Grid; width: number; height: number; name: string; zoom?: Plotting["zoom"]; annotations?: Annotation[]; bus?: EventBusSrv }) {
  return (
    <div className="drawn" style={{ width, height }} role="img" aria-label={name}>
      <UPlotChart config={grid.config} data={grid.data} width={width} height={height}>
        <Hover grid={grid} />
        {zoom && bus && <Crosshair config={grid.config} zoom={zoom} annotations={annotations ?? []} bus={bus} />}
      </UPlotChart>
    </div>
  );
}

function Hover({ grid }: { grid: Grid }) {
  const [tip, set] = useState<{ x: number; y: number; what: ReactNode } | null>(null);
  useLayoutEffect(() => {
    grid.config.addHook("setCursor", (u: uPlot) => {
      const { left, top } = u.cursor, box = u.over.getBoundingClientRect();
      const what = u.over.matches(":hover") && left! >= 0 ? grid.tip(u) : null;
      set(what ? { x: box.left + left!, y: box.top + top!, what } : null);
    });
  }, [grid]);
  if (!tip) return null;
  const right = tip.x > innerWidth - 320;
  return createPortal(<div className="tip fixed" style={{ left: right ? undefined : tip.x + 14, right: right ? innerWidth - tip.x + 14 : undefined, top: Math.min(tip.y + 10, innerHeight - 60) }}>{tip.what}</div>, document.body);
}

// Which of the palettes are turned round on a dark ground, or always, so that more is always what stands out.
const turned: Record<string, "dark" | "light" | "always"> = { Spectral: "always", RdYlGn: "always", RdYlBu: "always", Turbo: "light", Cividis: "light", Viridis: "light", Magma: "light", Inferno: "light", Plasma: "light", Warm: "light", Cool: "light", CubehelixDefault: "light" };

// shades are the colours of a heatmap, from little to much.
function shades(o: any, theme: GrafanaTheme2): (share: number) => string {
  const exponent = o?.exponent ?? 0.5;
  if (o?.mode === "opacity") {
    const fill = theme.visualization.getColorByName(o.fill ?? "dark-orange");
    return (share) => fill + Math.round(255 * Math.pow(share, exponent)).toString(16).padStart(2, "0");
  }
  const name: string = o?.scheme ?? "Oranges", how = turned[name] ?? "dark";
  const palette: (t: number) => string = (palettes as any)["interpolate" + name] ?? palettes.interpolateOranges;
  const back = (how === "always" || (how === "dark") === theme.isDark) !== !!o?.reverse;
  const steps = Math.max(2, o?.steps ?? 64), list = Array.from({ length: steps }, (_, i) => palette(back ? 1 - i / (steps - 1) : i / (steps - 1)));
  return (share) => list[Math.min(steps - 1, Math.floor(Math.pow(share, o?.mode === "scheme" || !o?.exponent ? 1 : exponent) * steps))];
}

// Heat draws the buckets of a histogram over time: how many observations a second fell into each.
export function Heat({ panel, loaded, width, height, theme, zoom, annotations, bus }: Plotting & { theme: GrafanaTheme2 }) {
  const { grid, least, most, shade, count } = useMemo(() => {
    const rows = loaded.frames.map((f) => ({ name: f.fields[1]?.labels?.le ?? f.name ?? "", t: (f.fields[0]?.values ?? []) as number[], v: f.fields[1]?.values ?? [] }));
    const times = [...new Set(rows.flatMap((r) => r.t))].sort((a, b) => a - b), index = new Map(times.map((t, i) => [t, i]));
    const lines = rows.map((r) => {
      const line = new Array<number>(times.length).fill(0);
      r.t.forEach((t, i) => { line[index.get(t)!] = Number(r.v[i]) || 0; });
      return line;
    });
    // The buckets of a classic histogram hold all below their bound; those that were given a name hold their own.
    const bounds = rows.every((r) => r.name === "+Inf" || Number.isFinite(Number(r.name)));
    const cells = lines.map((line, i) => line.map((v, k) => (bounds && i > 0 ? Math.max(0, v - lines[i - 1][k]) : v)));
    const all = cells.flat().filter((v) => v > 1e-9);
    const least = Math.min(...all), most = Math.max(...all);
    const step = times.length > 1 ? Math.min(...times.slice(1).map((t, i) => t - times[i])) : 60e3;
    const shade = shades(panel.options?.color, theme);
    const format = getValueFormat(panel.options?.yAxis?.unit ?? "short"), count = getValueFormat(panel.options?.cellValues?.unit ?? "short");
    const bound = (name: string) => (name === "+Inf" ? "∞" : bounds ? formattedValueToString(format(Number(name))) : name);
    const share = (v: number) => (most > least ? (v - least) / (most - least) : 1);
    const config = plot(theme, { from: loaded.range.from.valueOf(), to: loaded.range.to.valueOf(), time: true }, { from: 0, to: Math.max(1, rows.length) }, {
      splits: (u: uPlot) => { // at the upper edge of each bucket, as many as there is room for
        const every = Math.max(1, Math.ceil(rows.length / Math.max(1, u.bbox.height / (devicePixelRatio || 1) / 18)));
        return rows.map((_, i) => i + 1).filter((n) => (rows.length - n) % every === 0);
      },
      values: (_: uPlot, splits: number[]) => splits.map((n) => bound(rows[n - 1]?.name ?? "")), size: 60,
    }, (u, g, ratio) => {
      cells.forEach((line, i) => {
        const top = u.valToPos(i + 1, "y", true), bottom = u.valToPos(i, "y", true);
        line.forEach((v, k) => {
          if (v <= 1e-9) return;
          const a = u.valToPos(times[k] - step, "x", true), b = u.valToPos(times[k], "x", true);
          g.fillStyle = shade(share(v));
          // Narrow cells stand side by side: gaps between them would be all that one sees.
          g.fillRect(a, top + 0.5, Math.max(1, b - a + (b - a > 6 * ratio ? -1 : 0.5)), Math.max(1, bottom - top - 1));
        });
      });
    });
    const tip = (u: uPlot) => {
      const t = u.posToVal(u.cursor.left!, "x"), i = Math.floor(u.posToVal(u.cursor.top!, "y")), k = times.findIndex((x) => x >= t && x - step < t);
      if (k < 0 || !cells[i]) return null;
      return <><div className="quiet">{clock(times[k])}</div><div className="tip-row"><i style={{ background: cells[i][k] > 1e-9 ? shade(share(cells[i][k])) : "transparent" }} /><span>{!bounds ? rows[i].name : rows[i].name === "+Inf" ? `above ${bound(rows[i - 1]?.name ?? "0")}` : `${i > 0 ? bound(rows[i - 1].name) : 0} to ${bound(rows[i].name)}`}</span><b>{formattedValueToString(count(cells[i][k], 2))}</b></div></>;
    };
    return { grid: { config, data: [times, times.map(() => null)] as uPlot.AlignedData, tip }, least, most, shade, count };
  }, [loaded, panel, theme, width]);
  const scale = panel.options?.legend?.show !== false && height > 140 && most > least;
  return (
    <>
      <Plot grid={grid} width={width} height={height - (scale ? 22 : 0)} name={`${panel.title}: ${loaded.frames.length} buckets`} zoom={zoom} annotations={annotations} bus={bus} />
      {scale && <div className="scale"><span>{formattedValueToString(count(least, 1))}</span><i style={{ background: `linear-gradient(to right, ${[0, 0.25, 0.5, 0.75, 1].map(shade).join(", ")})` }} /><span>{formattedValueToString(count(most, 1))}</span></div>}
    </>
  );
}

// States draws the states of gauges over time, a row for each, in the colours of their mappings; each sample for itself where they are its history.
export function States({ panel, loaded, width, height, theme, zoom, annotations, bus }: Plotting & { theme: GrafanaTheme2 }) {
  const { grid, said } = useMemo(() => {
    const each = panel.type === "status-history", font = theme.typography.fontFamily;
    const rows = loaded.frames.flatMap((f) => f.fields.filter((x) => x.type !== FieldType.time).map((field) => {
      const show = field.display ?? getDisplayProcessor({ field, theme });
      const spans: { from: number; to: number; text: string; color: string }[] = [];
      const times = f.fields[0].values as number[], step = times.length > 1 ? Math.min(...times.slice(1).map((t, i) => t - times[i])) : 60e3;
      field.values.forEach((v: any, i: number) => {
        if (v === null) return;
        const d = show(v), text = formattedValueToString(d), last = spans[spans.length - 1];
        const end = Math.min(times[i + 1] ?? times[i] + step, times[i] + 1.5 * step);
        if (!each && last && last.text === text && last.to === times[i]) last.to = end;
        else spans.push({ from: times[i], to: end, text, color: d.color ?? theme.visualization.getColorByName("blue") });
      });
      return { name: getFieldDisplayName(field, f, loaded.frames), spans };
    }));
    const short = (s: string) => (s.length > 22 ? s.slice(0, 21) + "…" : s);
    const config = plot(theme, { from: loaded.range.from.valueOf(), to: loaded.range.to.valueOf(), time: true }, { from: 0, to: Math.max(1, rows.length), down: true }, {
      splits: (u: uPlot) => {
        const every = Math.max(1, Math.ceil(rows.length / Math.max(1, u.bbox.height / (devicePixelRatio || 1) / 14)));
        return rows.map((_, i) => i + 0.5).filter((_, i) => i % every === 0);
      },
      values: (_: uPlot, splits: number[]) => splits.map((n) => short(rows[Math.floor(n)]?.name ?? "")), size: Math.min(170, width * 0.3, 14 + 7 * Math.max(4, ...rows.map((r) => short(r.name).length))),
    }, (u, g, ratio) => {
      g.font = `${12 * ratio}px ${font}`;
      g.textAlign = "left";
      g.textBaseline = "middle";
      rows.forEach((r, i) => {
        const top = u.valToPos(i, "y", true), h = u.valToPos(i + 1, "y", true) - top, gap = Math.min(3 * ratio, h * 0.12);
        r.spans.forEach((s) => {
          const a = Math.max(u.bbox.left, u.valToPos(s.from, "x", true)), b = Math.min(u.bbox.left + u.bbox.width, u.valToPos(s.to, "x", true));
          if (b <= a) return;
          g.globalAlpha = 0.75;
          g.fillStyle = s.color;
          g.fillRect(a, top + gap, Math.max(1, b - a - (each ? 1 : 0)), h - 2 * gap);
          g.globalAlpha = 1;
          if (!each && h > 14 * ratio && g.measureText(s.text).width < b - a - 10 * ratio) {
            g.fillStyle = theme.colors.getContrastText(s.color);
            g.fillText(s.text, a + 6 * ratio, top + h / 2);
          }
        });
      });
    });
    const tip = (u: uPlot) => {
      const t = u.posToVal(u.cursor.left!, "x"), r = rows[Math.floor(u.posToVal(u.cursor.top!, "y"))], s = r?.spans.find((x) => x.from <= t && t < x.to);
      return s ? <><div className="quiet">{clock(s.from)} to {clock(s.to)}</div><div className="tip-row"><i style={{ background: s.color }} /><span>{r.name}</span><b>{s.text}</b></div></> : null;
    };
    const times = [...new Set(loaded.frames.flatMap((f) => f.fields[0].values as number[]))].sort((a, b) => a - b);
    return { grid: { config, data: [times, times.map(() => null)] as uPlot.AlignedData, tip }, said: rows.map((r) => `${r.name}: ${r.spans[r.spans.length - 1]?.text ?? "no data"}`).join(", ") };
  }, [loaded, panel, theme, width]);
  return <Plot grid={grid} width={width} height={height} name={said} zoom={zoom} annotations={annotations} bus={bus} />;
}

// Bars draws how often values lie where: buckets that Grafana makes of them.
export function Bars({ panel, loaded, width, height, theme }: Drawing & { theme: GrafanaTheme2 }) {
  const grid = useMemo(() => {
    const o = panel.options ?? {}, made = buildHistogram(loaded.frames, { bucketSize: o.bucketSize || undefined, bucketCount: o.bucketCount || undefined, bucketOffset: o.bucketOffset, combine: o.combine }, theme);
    if (!made) return null;
    const mins = made.xMin.values as number[], maxes = made.xMax.values as number[];
    const format = made.xMin.display ?? getDisplayProcessor({ field: { ...made.xMin, config: { ...made.xMin.config, unit: made.xMin.config.unit ?? panel.fieldConfig?.defaults?.unit } }, theme });
    const frame = toDataFrame({ fields: made.counts });
    const color = (i: number) => getFieldSeriesColor({ ...frame.fields[i], config: { color: { mode: FieldColorModeId.PaletteClassic } }, state: { seriesIndex: i } } as any, theme).color;
    const top = Math.max(1, ...made.counts.flatMap((c) => c.values as number[]));
    const config = plot(theme, { from: mins[0], to: maxes[maxes.length - 1], time: false, format: (v) => formattedValueToString(format(v)) }, { from: 0, to: top * 1.05 }, {}, (u, g, ratio) => {
      made.counts.forEach((c, i) => (c.values as number[]).forEach((n, k) => {
        if (!n) return;
        const a = u.valToPos(mins[k], "x", true), b = u.valToPos(maxes[k], "x", true), y = u.valToPos(n, "y", true), ground = u.valToPos(0, "y", true);
        g.fillStyle = g.strokeStyle = color(i);
        g.globalAlpha = 0.7;
        g.fillRect(a + ratio, y, Math.max(1, b - a - 2 * ratio), ground - y);
      }));
    });
    const tip = (u: uPlot) => {
      const x = u.posToVal(u.cursor.left!, "x"), k = mins.findIndex((m, i) => m <= x && x < maxes[i]);
      return k < 0 ? null : <><div className="quiet">{formattedValueToString(format(mins[k]))} to {formattedValueToString(format(maxes[k]))}</div>{made.counts.slice(0, 16).map((c, i) => <div key={i} className="tip-row"><i style={{ background: color(i) }} /><span>{getFieldDisplayName(c, frame)}</span><b>{c.values[k]}</b></div>)}</>;
    };
    return { config, data: [mins, mins.map(() => null)] as uPlot.AlignedData, tip };
  }, [loaded, panel, theme, width]);
  return grid ? <Plot grid={grid} width={width} height={height} name={`${panel.title}: a histogram`} /> : <div className="nodata">No data</div>;
}
