/** The settings that a program gives only some of: what is left out, or undefined, is as it usually is. */
import { DEFAULT_LIMITS, type Limits } from "../core/limits.ts";
import { RETENTION, type Retention } from "../store/history/history.ts";

/** How much the desk takes. */
export function limitsOf(said?: Partial<Limits>): Limits {
  return settingsOf(DEFAULT_LIMITS, said);
}

/** How much of the past is kept. */
export function retentionOf(said?: Partial<Retention>): Retention {
  return settingsOf(RETENTION, said);
}

function settingsOf<T extends object>(usual: T, said: Partial<T> = {}): T {
  return { ...usual, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
}
