// The server's clock, by which a scenario goes on: it can stand, go faster than time, and be moved on.
export interface Clock { now: number; speed: number; into: number } // milliseconds, times as fast, seconds into the scenario

let before = 1; // its last speed that was not 0
let last: Clock = { now: Date.now(), speed: 1, into: 0 }, heard = performance.now();

export function hear(c: Clock) {
  if (last.speed > 0) before = last.speed;
  last = c;
  heard = performance.now();
}

// now is what the server's clock says, by the page's.
export const now = (): number => last.now + (performance.now() - heard) * last.speed;

// into is how many seconds into the scenario that is.
export const into = (): number => last.into + ((performance.now() - heard) / 1000) * last.speed;

export const speed = (): number => last.speed;
export const setSpeed = (speed: number) => fetch(`/clock?speed=${speed}`, { method: "POST" });
// pause stops it, or has it go on as fast as it went.
export const pause = () => setSpeed(last.speed > 0 ? 0 : before);
export const step = (seconds: number) => fetch(`/clock?step=${seconds}`, { method: "POST" });
