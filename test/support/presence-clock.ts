/** A clock that stands still until a test turns it, and lets all that was set off come to rest at each turn. */
import type { Clock } from "../../src/core/clock.ts";
import type { Timing } from "../../src/presence/timing.ts";

/** A clock and the hand that turns it. */
export interface TurnedClock extends Clock {
  /** Turns the clock on, waking who is due in the order they are due, each after what the one before set off. */
  advance(ms: number): Promise<void>;
  /** When the next one is due, from now; undefined where nobody waits. */
  readonly nextDue: number | undefined;
}

/** Lets everything that was set off come to rest, as far as it does without the clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function turnedClock(): TurnedClock {
  const waiting = new Set<{ readonly due: number; readonly callback: () => void }>();
  let now = 0;
  const next = () => [...waiting].toSorted((a, b) => a.due - b.due)[0];
  return {
    now: () => now,
    after(delayMs, callback) {
      const entry = { due: now + delayMs, callback };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    get nextDue() {
      const entry = next();
      return entry && entry.due - now;
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (let entry = next(); entry !== undefined && entry.due <= end; entry = next()) {
        waiting.delete(entry);
        now = Math.max(now, entry.due);
        entry.callback();
        await settle();
      }
      now = end;
    },
  };
}

/** Timing without chance: each wait is as long as it can be. */
export function timingBy(clock: Clock): Timing {
  return { clock, random: () => 1 - Number.EPSILON };
}
