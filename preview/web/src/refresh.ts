// When what is shown is asked for again: as often as the dashboard says, and never before what was asked is answered.
import { useEffect, useRef, useState } from "react";

const usual = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"];

function parseDuration(text: string): number {
  const m = /^(\d+)(ms|s|m|h|d|w|y)$/.exec(text);
  const unit: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31536000 };
  return m ? Number(m[1]) * unit[m[2]] : 0;
}

// refreshOf returns how often a dashboard, or an address, has it drawn anew: "off" where it does not say.
export const refreshOf = (said: unknown): string => (said === "auto" || (typeof said === "string" && parseDuration(said) > 0) ? (said as string) : "off");

// refreshesOf are those that one can choose.
export const refreshesOf = (now: string, own: unknown): string[] => [...new Set(["off", ...(Array.isArray(own) && own.length > 0 ? own.map(String) : usual), now])];

// secondsOf returns how many seconds a refresh is: 0 for none, never fewer than 5, and for auto as many as are between two points of a graph.
export const secondsOf = (every: string, step: number): number => (every === "off" ? 0 : Math.max(5, every === "auto" ? step : parseDuration(every)));

// Rounds begins a round when all that was asked before is answered.
export class Rounds {
  private open = 0;
  private due?: () => void;

  // during counts what was asked until it is answered.
  during<T>(answer: Promise<T>): Promise<T> {
    this.open++;
    return answer.finally(() => {
      this.open--;
      if (this.open > 0 || !this.due) return;
      const due = this.due;
      this.due = undefined;
      due();
    });
  }

  // begin begins a round now or, once, when all is answered.
  begin(round: () => void) {
    if (this.open > 0) this.due = round;
    else round();
  }
}

// Turns does the same work for one moment after the other. What is asked for meanwhile waits until it is done, and of that only the last.
export class Turns<T> {
  private busy = false;
  private next?: { at: T };
  private over = false;

  constructor(private work: (at: T, wanted: () => boolean) => Promise<unknown>, private says: (busy: boolean) => void) {}

  ask(at: T) {
    if (this.busy) {
      this.next = { at };
      return;
    }
    this.busy = true;
    this.says(true);
    void this.work(at, () => !this.over).catch(() => undefined).then(() => {
      this.busy = false;
      const next = this.next;
      this.next = undefined;
      if (this.over) return;
      if (next) this.ask(next.at);
      else this.says(false);
    });
  }

  // end drops what is under way: it is of a question that nobody asks any more.
  end() {
    this.over = true;
    if (this.busy) this.says(false);
  }
}

// useTurns does the work of a question at a moment, and again at each later one: an answer is never dropped because time has gone on. It says
// whether it is at work.
export function useTurns<T>(question: unknown[], at: T, work: (at: T, wanted: () => boolean) => Promise<unknown>, on = true): boolean {
  const [busy, set] = useState(false);
  const latest = useRef(work), turns = useRef<Turns<T>>(undefined);
  latest.current = work;
  useEffect(() => {
    const own = (turns.current = new Turns<T>((at, wanted) => latest.current(at, wanted), set));
    return () => own.end();
  }, question);
  useEffect(() => {
    if (on) turns.current!.ask(at);
  }, [...question, at, on]);
  return busy;
}
