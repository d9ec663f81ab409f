// From Prometheus's answers to Grafana's data frames, with its own overrides and transformations.
import {
  applyFieldOverrides, createTheme, DataFrame, DataLink, FieldType, getDisplayProcessor, GrafanaTheme2, standardEditorsRegistry, standardFieldConfigEditorRegistry,
  standardTransformersRegistry, toDataFrame, transformDataFrame, TimeRange, dateTime, MutableDataFrame, FieldConfigOptionsRegistry, Registry,
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

export function legend(format: string | undefined, labels: Record<string, string>): string {
  if (format && format !== "__auto") {
    return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name) => labels[name] ?? "");
  }
  const { __name__: name, ...rest } = labels;
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

export async function finish(panel: Panel, frames: DataFrame[], theme: GrafanaTheme2, replace: (s: string) => string): Promise<DataFrame[]> {
  let out = frames;
  const steps = (panel.transformations ?? []).filter((t) => !t.disabled);
  if (steps.length > 0) {
    out = await firstValueFrom(transformDataFrame(steps, out, { interpolate: (s: string) => replace(s) } as any));
  }
  return applyFieldOverrides({
    data: out, fieldConfig: panel.fieldConfig ?? { defaults: {}, overrides: [] }, replaceVariables: (s: string) => replace(s),
    theme, timeZone: "browser", fieldConfigRegistry: registryFor(),
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
        process: (v: any) => v, shouldApply: () => true, settings: {},
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
