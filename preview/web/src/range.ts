// Time ranges as dashboards and addresses write them, by Grafana's own arithmetic of dates.
// https://grafana.com/docs/grafana/latest/dashboards/use-dashboards/#time-units-and-relative-ranges
import { dateMath, ISO_8601, setWeekStart, toUtc } from "@grafana/data";

export interface Time { from: string; to: string }

// Calendar is by what a dashboard counts its days, weeks and years.
export interface Calendar { timezone?: string; weekStart?: string; fiscalYearStartMonth?: number; nowDelay?: string }

// Range is a range at a moment: in milliseconds, and as it is written.
export interface Range { from: number; to: number; shown: Time; zone: string; text: string }

// momentOf reads a time: now with what is added, taken away and rounded; milliseconds; or ISO 8601, in UTC where it names no zone. What is
// rounded is rounded up at the end of a range. What is none is undefined.
export function momentOf(written: unknown, now: number, end: boolean, c: Calendar): number | undefined {
  const text = String(written ?? "");
  if (/^\d+$/.test(text) && text.length !== 8) return Number(text) <= 8.64e15 ? Number(text) : undefined; // 8 digits are a day
  if (text.includes("/w")) setWeekStart(c.weekStart ?? "");
  const at = dateMath.isMathString(text) ? dateMath.toDateTime(text, { roundUp: end, timezone: c.timezone, fiscalYearStartMonth: c.fiscalYearStartMonth, now }) : toUtc(text, ISO_8601);
  return at?.isValid() ? at.valueOf() : undefined;
}

// zoneOf returns the first time zone that is known; that of the browser where none is.
export function zoneOf(...said: (string | null | undefined)[]): string {
  return said.find((zone) => {
    try {
      return zone && (zone === "browser" || new Intl.DateTimeFormat("en", { timeZone: zone }));
    } catch {
      return false;
    }
  }) || "browser";
}

// rangeOf returns the range of the first that says when it begins, and of the first that says when it ends: the address comes before the
// dashboard, and last the six hours that Grafana shows.
export function rangeOf(said: (Partial<Record<keyof Time, unknown>> | undefined)[], now: number, c: Calendar): Range {
  const zone = zoneOf(c.timezone), calendar = { ...c, timezone: zone };
  const first = (end: boolean, otherwise: string): [string, number] => {
    for (const written of [...said.map((t) => (end ? t?.to : t?.from)), otherwise]) {
      const text = end && written === "now" && c.nowDelay ? "now-" + c.nowDelay : String(written);
      const at = momentOf(text, now, end, calendar);
      if (at !== undefined) return [text, at];
    }
    return [otherwise, now];
  };
  const [from, a] = first(false, "now-6h"), [to, b] = first(true, "now");
  return { from: a, to: b, shown: { from, to }, zone, text: [from, to, zone].join(" ") };
}
