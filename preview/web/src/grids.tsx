// Panels for which Grafana's packages have no component: drawn on uPlot, with Grafana's own axes, units and colours.
import { ReactNode, useLayoutEffect, useMemo, useState } from "react";
import { createPortal } from "react-dom";
import { AxisPlacement, ScaleDirection, ScaleOrientation } from "@grafana/schema";
import { buildHistogram, dateTimeFormat, EventBusSrv, FieldColorModeId, FieldType, formattedValueToString, getDisplayProcessor, getFieldDisplayName, getFieldSeriesColor, getValueFormat, GrafanaTheme2, toDataFrame } from "@grafana/data";
import { UPlotChart, UPlotConfigBuilder } from "@grafana/ui";
import type uPlot from "uplot";
import * as palettes from "d3-scale-chromatic";
import { Annotation, Crosshair } from "./plots";
import type { Drawing, Plotting } from "./panels";

interface Grid { config: UPlotConfigBuilder; data: uPlot.AlignedData; tip: (u: uPlot) => ReactNode }

const clock = (t: number, zone: string) => dateTimeFormat(t, { timeZone: zone, format: "HH:mm:ss" });

// sorted are times, each once.
const sorted = (times: number[]): number[] => [...new Set(times)].sort((a, b) => a - b);

// stepOf is the shortest time between two.
const stepOf = (times: number[]): number => (times.length > 1 ? Math.min(...times.slice(1).map((t, i) => t - times[i])) : 60e3);

// blank is what uPlot is given where what is drawn is drawn here: where there is something, and nothing of it.
const blank = (x: number[]): uPlot.AlignedData => [x, x.map(() => null)];

// everyOf says of which of so many rows the names are written, where one takes so many pixels.
const everyOf = (rows: number, u: uPlot, pixels: number): number => Math.max(1, Math.ceil(rows / Math.max(1, u.bbox.height / (devicePixelRatio || 1) / pixels)));

// plot begins a plot of a time, or of numbers, from left to right, in which something is drawn for so many rows from the bottom up, or from the top down.
function plot(theme: GrafanaTheme2, x: { from: number; to: number; time: boolean; zone?: string; axis?: object }, y: { from: number; to: number; down?: boolean }, axis: object, draw: (u: uPlot, g: CanvasRenderingContext2D, ratio: number) => void): UPlotConfigBuilder {
  const config = new UPlotConfigBuilder(x.zone);
  if (!x.time) config.setPadding([12, 28, 0, 0]); // for half of the last number
  config.addScale({ scaleKey: "x", isTime: x.time, orientation: ScaleOrientation.Horizontal, direction: ScaleDirection.Right, range: () => [x.from, x.to] });
  config.addScale({ scaleKey: "y", isTime: false, orientation: ScaleOrientation.Vertical, direction: y.down ? ScaleDirection.Down : ScaleDirection.Up, range: () => [y.from, y.to] });
  config.addAxis({ scaleKey: "x", isTime: x.time, timeZone: x.zone, placement: AxisPlacement.Bottom, theme, grid: { show: false }, ...(x.time ? {} : { size: 26 }), ...x.axis });
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
    const times = sorted(rows.flatMap((r) => r.t)), index = new Map(times.map((t, i) => [t, i]));
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
    const step = stepOf(times);
    const shade = shades(panel.options?.color, theme);
    const format = getValueFormat(panel.options?.yAxis?.unit ?? "short"), count = getValueFormat(panel.options?.cellValues?.unit ?? "short");
    const bound = (name: string) => (name === "+Inf" ? "∞" : bounds ? formattedValueToString(format(Number(name))) : name);
    const share = (v: number) => (most > least ? (v - least) / (most - least) : 1);
    const config = plot(theme, { from: loaded.range.from.valueOf(), to: loaded.range.to.valueOf(), time: true, zone: loaded.zone }, { from: 0, to: Math.max(1, rows.length) }, {
      splits: (u: uPlot) => { // at the upper edge of each bucket, as many as there is room for
        const every = everyOf(rows.length, u, 18);
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
      return <><div className="quiet">{clock(times[k], loaded.zone)}</div><div className="tip-row"><i style={{ background: cells[i][k] > 1e-9 ? shade(share(cells[i][k])) : "transparent" }} /><span>{!bounds ? rows[i].name : rows[i].name === "+Inf" ? `above ${bound(rows[i - 1]?.name ?? "0")}` : `${i > 0 ? bound(rows[i - 1].name) : 0} to ${bound(rows[i].name)}`}</span><b>{formattedValueToString(count(cells[i][k], 2))}</b></div></>;
    };
    return { grid: { config, data: blank(times), tip }, least, most, shade, count };
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
      const times = f.fields[0].values as number[], step = stepOf(times);
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
    const config = plot(theme, { from: loaded.range.from.valueOf(), to: loaded.range.to.valueOf(), time: true, zone: loaded.zone }, { from: 0, to: Math.max(1, rows.length), down: true }, {
      splits: (u: uPlot) => {
        const every = everyOf(rows.length, u, 14);
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
      return s ? <><div className="quiet">{clock(s.from, loaded.zone)} to {clock(s.to, loaded.zone)}</div><div className="tip-row"><i style={{ background: s.color }} /><span>{r.name}</span><b>{s.text}</b></div></> : null;
    };
    const times = sorted(loaded.frames.flatMap((f) => f.fields[0].values as number[]));
    return { grid: { config, data: blank(times), tip }, said: rows.map((r) => `${r.name}: ${r.spans[r.spans.length - 1]?.text ?? "no data"}`).join(", ") };
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
    const config = plot(theme, { from: mins[0], to: maxes[maxes.length - 1], time: false, axis: { formatValue: (v: number) => formattedValueToString(format(v)) } }, { from: 0, to: top * 1.05 }, {}, (u, g, ratio) => {
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
    return { config, data: blank(mins), tip };
  }, [loaded, panel, theme, width]);
  return grid ? <Plot grid={grid} width={width} height={height} name={`${panel.title}: a histogram`} /> : <div className="nodata">No data</div>;
}

// Columns draws the values of a table side by side: a group for each row, named by its first text, or by its time.
export function Columns({ panel, loaded, width, height, theme }: Drawing & { theme: GrafanaTheme2 }) {
  const grid = useMemo(() => {
    const o = panel.options ?? {}, stacked = o.stacking === "normal" || o.stacking === "percent";
    // Series of their own have a group each, with their last value; a table has one for each row.
    const table = loaded.frames.length === 1 && loaded.frames[0].fields.some((f) => f.type === FieldType.string) ? loaded.frames[0] : undefined;
    const named = o.xField ? table?.fields.find((f) => f.name === o.xField || getFieldDisplayName(f, table) === o.xField) : undefined;
    const by = named ?? table?.fields.find((f) => f.type === FieldType.string);
    const numbers = table ? table.fields.filter((f) => f.type === FieldType.number && f !== by && !f.config.custom?.hideFrom?.viz) : [];
    const last = loaded.frames.flatMap((f) => f.fields.filter((x) => x.type === FieldType.number).map((x) => ({ x, name: getFieldDisplayName(x, f, loaded.frames) })));
    const names: string[] = table && by ? by.values.map((v: any) => (by.display ? formattedValueToString(by.display(v)) : String(v))) : last.map((l) => l.name);
    const series = table ? numbers.map((f) => ({ name: getFieldDisplayName(f, table), field: f, values: f.values as number[] })) : last.length > 0 ? [{ name: "", field: last[0].x, values: last.map((l) => l.x.values[l.x.values.length - 1] as number) }] : [];
    if (names.length === 0 || series.length === 0) return null;
    const show = (i: number, v: number) => series[i].field.display?.(v) ?? getDisplayProcessor({ field: series[i].field, theme })(v);
    const color = (i: number, k: number) => (table ? getFieldSeriesColor({ ...series[i].field, state: { seriesIndex: i } } as any, theme).color : getFieldSeriesColor({ ...last[k].x, state: { seriesIndex: k } } as any, theme).color);
    const sums = names.map((_, k) => series.reduce((a, s) => a + Math.max(0, s.values[k] ?? 0), 0)), flat = series.flatMap((s) => s.values).filter((v) => Number.isFinite(v));
    const top = Math.max(0, ...(stacked ? sums : flat)), low = Math.min(0, ...flat), room = (top - low || 1) * 0.05;
    const every = Math.max(1, Math.ceil((names.length * 80) / Math.max(1, width - 60)));
    const config = plot(theme, { from: -0.5, to: names.length - 0.5, time: false, axis: { splits: () => names.map((_, k) => k).filter((k) => k % every === 0), values: (_: uPlot, at: number[]) => at.map((k) => (names[k]?.length > 14 ? names[k].slice(0, 13) + "…" : names[k] ?? "")) } }, { from: low - (low < 0 ? room : 0), to: top + room }, { formatValue: (v: number) => formattedValueToString(show(0, v)), size: 64 }, (u, g, ratio) => {
      names.forEach((_, k) => {
        let base = 0;
        series.forEach((s, i) => {
          const v = s.values[k];
          if (!Number.isFinite(v)) return;
          const wide = 0.8 / (stacked ? 1 : series.length), from = stacked ? base : 0, x = k - 0.4 + (stacked ? 0 : i * wide);
          const a = u.valToPos(x, "x", true), b = u.valToPos(x + wide, "x", true), y = u.valToPos(from + v, "y", true), ground = u.valToPos(from, "y", true);
          g.fillStyle = color(i, k);
          g.globalAlpha = (series[i].field.config.custom?.fillOpacity ?? 80) / 100;
          g.fillRect(a + ratio / 2, Math.min(y, ground), Math.max(1, b - a - ratio), Math.abs(ground - y));
          base += v;
        });
      });
    });
    const tip = (u: uPlot) => {
      const k = Math.round(u.posToVal(u.cursor.left!, "x"));
      return names[k] === undefined ? null : <><div className="quiet">{names[k]}</div>{series.map((s, i) => <div key={i} className="tip-row"><i style={{ background: color(i, k) }} /><span>{s.name}</span><b>{Number.isFinite(s.values[k]) ? formattedValueToString(show(i, s.values[k])) : "no data"}</b></div>)}</>;
    };
    return { grid: { config, data: blank(names.map((_, k) => k)), tip }, said: names.map((n, k) => `${n}: ${series.map((s, i) => formattedValueToString(show(i, s.values[k]))).join(", ")}`).slice(0, 20).join("; "), keys: series.map((s, i) => ({ name: s.name, color: color(i, 0) })) };
  }, [loaded, panel, theme, width]);
  const keys = grid && grid.keys.length > 1 && panel.options?.legend?.showLegend !== false ? grid.keys : [];
  return grid ? <><Plot grid={grid.grid} width={width} height={height - (keys.length > 0 ? 24 : 0)} name={grid.said} />{keys.length > 0 && <ul className="keys">{keys.map((k) => <li key={k.name}><i style={{ background: k.color }} />{k.name}</li>)}</ul>}</> : <div className="nodata">No data</div>;
}
