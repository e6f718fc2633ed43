/** Measuring: interleaved repetitions, medians, processor time, and rows to print. */
import { readdirSync, readFileSync } from "node:fs";

/** A number of a run beside the aim it is held against. */
export interface BenchRow {
  readonly what: string;
  readonly value: string;
  /** What was aimed at, and whether this run met it; undefined where there is no aim. */
  readonly aim?: { readonly text: string; readonly isMet: boolean };
}

/** Runs `count` acts with `inFlight` of them under way; resolves with acts a second. */
export async function rate(
  inFlight: number,
  count: number,
  act: (index: number, worker: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async (_, worker) => {
      while (next < count) await act(next++, worker);
    }),
  );
  return count / ((performance.now() - started) / 1000);
}

/** Measures several things in turn, again and again, so that what else the machine does meets all of them alike. */
export async function interleave<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(measures) as Name[];
  const seen = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) seen.get(name)?.push(await measures[name]());
  }
  return Object.fromEntries(names.map((name) => [name, median(seen.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}

/**
 * The microseconds that a process and its threads have used of the processors so far (Linux only).
 *
 * What else the machine does changes it far less than it changes how long something takes.
 */
export function processorTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1000;
}

/** As `rate`; `costs` gets the microseconds of processor time that one act cost the process `pid`. */
export async function costedRate(
  pid: number,
  costs: number[],
  ...[inFlight, count, act]: Parameters<typeof rate>
): Promise<number> {
  const before = processorTime(pid);
  const perSecond = await rate(inFlight, count, act);
  costs.push((processorTime(pid) - before) / count);
  return perSecond;
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A row for a ratio that shall be at least, or at most, so much. */
export function ratioRow(
  what: string,
  ratio: number,
  aim: { atLeast: number } | { atMost: number },
): BenchRow {
  const [text, isMet] =
    "atLeast" in aim
      ? [`>= ${aim.atLeast}`, ratio >= aim.atLeast]
      : [`<= ${aim.atMost}`, ratio <= aim.atMost];
  return { what, value: ratio.toFixed(2), aim: { text, isMet } };
}

/** Prints rows under a heading. */
export function printRows(heading: string, rows: readonly BenchRow[]): void {
  console.log(`\n${heading}`);
  for (const { what, value, aim } of rows) {
    const verdict = aim === undefined ? "" : `   aim ${aim.text}: ${aim.isMet ? "met" : "NOT MET"}`;
    console.log(`  ${what.padEnd(58)} ${value.padStart(12)}${verdict}`);
  }
}
