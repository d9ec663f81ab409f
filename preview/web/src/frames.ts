// From Prometheus's answers to Grafana's data frames, with its own overrides and transformations.
import {
  applyFieldOverrides, DataFrame, FieldColorModeId, FieldConfigSource, ThresholdsMode, FieldType, formattedValueToString, getFieldDisplayName, GrafanaTheme2, standardEditorsRegistry, standardFieldConfigEditorRegistry,
  standardTransformersRegistry, toDataFrame, transformDataFrame, TimeRange, dateTime, FieldConfigOptionsRegistry, Registry,
} from "@grafana/data";
import { getAllStandardFieldConfigs, getAllOptionEditors, getStandardTransformers } from "./registries";
import { firstValueFrom } from "rxjs";
import { Answer, Panel, Target } from "./model";

let ready = false;

export function prepare() {
  if (ready) return;
  ready = true;
  standardEditorsRegistry.setInit(getAllOptionEditors);
  standardFieldConfigEditorRegistry.setInit(getAllStandardFieldConfigs);
  standardTransformersRegistry.setInit(getStandardTransformers);
}

// byLabels is a format for series of one metric, of which one knows which it is.
export const byLabels = "__labels";

export function legend(format: string | undefined, labels: Record<string, string>): string {
  if (format && format !== "__auto" && format !== byLabels) {
    return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name) => labels[name] ?? "");
  }
  const { __name__: name, ...rest } = labels;
  if (format === byLabels) return Object.entries(rest).filter(([k]) => k !== "job").map(([, v]) => v).join(" ") || name || "Value";
  const inner = Object.entries(rest).map(([k, v]) => `${k}="${v}"`).join(", ");
  return (name ?? "") + (inner ? `{${inner}}` : "") || "Value";
}

const le = (s: string) => (s === "+Inf" ? Infinity : Number(s));

export function framesOf(target: Target, answer: Answer, several: boolean): DataFrame[] {
  if (target.format === "table") {
    const names = new Set<string>();
    answer.series.forEach((s) => Object.keys(s.metric).forEach((k) => names.add(k)));
    const rows = answer.series.flatMap((s) => s.values.slice(-1).map(([t, v]) => ({ t, v, m: s.metric })));
    const value = several ? `Value #${target.refId}` : "Value";
    return [toDataFrame({
      refId: target.refId,
      fields: [
        { name: "Time", type: FieldType.time, values: rows.map((r) => r.t * 1000) },
        ...[...names].sort().map((n) => ({ name: n, type: FieldType.string, values: rows.map((r) => r.m[n] ?? "") })),
        { name: value, type: FieldType.number, values: rows.map((r) => Number(r.v)) },
      ],
    })];
  }
  const series = target.format === "heatmap" ? [...answer.series].sort((a, b) => le(a.metric.le) - le(b.metric.le)) : answer.series;
  return series.map((s) => toDataFrame({
    refId: target.refId,
    name: legend(target.legendFormat, s.metric),
    meta: { type: "timeseries-multi" },
    fields: [
      { name: "Time", type: FieldType.time, values: s.values.map(([t]) => t * 1000), config: {} },
      {
        name: "Value", type: FieldType.number, labels: s.metric, values: s.values.map(([, v]) => number(v)),
        config: { displayNameFromDS: legend(target.legendFormat, s.metric) },
      },
    ],
  }));
}

function number(v: string): number | null {
  const n = Number(v.replace("+Inf", "Infinity").replace("-Inf", "-Infinity"));
  return Number.isNaN(n) ? null : n;
}

// about puts what a link says of its value into it: ${__field.labels.job}, ${__value.text}, ${__data.fields["instance"]}.
// https://grafana.com/docs/grafana/latest/panels-visualizations/configure-data-links/
function about(text: string, context: any, encode: boolean): string {
  const at = context?.value;
  if (!at) return text;
  const { frame, field, data, rowIndex, calculatedValue } = at;
  const shown = () => calculatedValue ?? (rowIndex === undefined ? undefined : field.display?.(field.values[rowIndex]));
  const parts: Record<string, (path: string[]) => unknown> = {
    __field: ([what, label]) => what === "labels" ? (label ? field.labels?.[label] : Object.entries(field.labels ?? {}).map(([k, v]) => `${k}="${v}"`).join(", ")) : getFieldDisplayName(field, frame, data),
    __series: () => frame.name ?? getFieldDisplayName(field, frame, data),
    __value: ([what]) => what === "time" ? frame.fields.find((x: any) => x.type === FieldType.time)?.values[rowIndex] : what === "text" || !what ? (shown() ? formattedValueToString(shown()) : "") : shown()?.numeric ?? field.values[rowIndex],
    __data: ([, name]) => {
      const x = frame.fields.find((x: any, i: number) => x.name === name || getFieldDisplayName(x, frame, data) === name || String(i) === name);
      return x && rowIndex !== undefined ? x.values[rowIndex] : undefined;
    },
  };
  return text.replace(/\$\{(__\w+)((?:\.\w+|\[[^\]]+\])*)(?::\w+)?\}/g, (whole, name: string, path: string) => {
    const value = parts[name]?.([...path.matchAll(/\.(\w+)|\["?'?([^\]"']+)"?'?\]/g)].map((m) => m[1] ?? m[2]));
    return parts[name] === undefined ? whole : encode ? encodeURIComponent(String(value ?? "")) : String(value ?? "");
  });
}

// fieldsOf are the options of a panel's fields, with the defaults that Grafana's plugins have.
export function fieldsOf(panel: Panel): FieldConfigSource {
  const many = ["timeseries", "piechart", "histogram", "barchart", "trend", "xychart"].includes(panel.type);
  return {
    overrides: panel.fieldConfig?.overrides ?? [],
    defaults: {
      color: { mode: many ? FieldColorModeId.PaletteClassic : FieldColorModeId.Thresholds }, thresholds: { mode: ThresholdsMode.Absolute, steps: [{ value: -Infinity, color: "green" }, { value: 80, color: "red" }] }, ...panel.fieldConfig?.defaults,
    },
  };
}

export async function finish(panel: Panel, frames: DataFrame[], theme: GrafanaTheme2, zone: string, replace: (s: string) => string): Promise<DataFrame[]> {
  let out = frames;
  const steps = (panel.transformations ?? []).filter((t) => !t.disabled);
  if (steps.length > 0) {
    out = await firstValueFrom(transformDataFrame(steps, out, { interpolate: (s: string) => replace(s) } as any));
  }
  return applyFieldOverrides({
    data: out, fieldConfig: fieldsOf(panel), 
    replaceVariables: (s: string, scoped?: any, format?: unknown) => replace(about(s, scoped?.__dataContext, format === "uriencode")), theme, timeZone: zone, fieldConfigRegistry: registryFor(),
  });
}

let registry: FieldConfigOptionsRegistry | undefined;

// registryFor knows the standard options, and takes those of the panels as they are.
function registryFor(): FieldConfigOptionsRegistry {
  if (!registry) {
    registry = new Registry(() => [
      ...standardFieldConfigEditorRegistry.list(),
      ...custom.map((path) => ({
        id: `custom.${path}`, path: `${path}`, name: path, isCustom: true, editor: () => null, override: () => null,
        process: (v: any) => v, shouldApply: (f: any) => !path.startsWith("axis") || (f.type !== FieldType.time && f.type !== FieldType.string), settings: {},
      })),
    ] as any) as any;
  }
  return registry!;
}

const custom = [
  "drawStyle", "lineInterpolation", "lineWidth", "fillOpacity", "gradientMode", "lineStyle", "spanNulls", "showPoints", "pointSize", "stacking", "barAlignment",
  "axisPlacement", "axisLabel", "axisColorMode", "axisWidth", "axisSoftMin", "axisSoftMax", "axisCenteredZero", "axisGridShow", "scaleDistribution", "hideFrom",
  "thresholdsStyle", "transform", "insertNulls", "align", "inspect", "cellOptions", "width", "filterable", "hidden", "displayMode", "fillBelowTo", "lineColor", "axisBorderShow",
  "barWidthFactor", "minWidth",
];

export function timeRange(from: number, to: number): TimeRange {
  const a = dateTime(from), b = dateTime(to);
  return { from: a, to: b, raw: { from: a, to: b } };
}
