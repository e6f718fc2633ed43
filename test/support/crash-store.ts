/** A store on a disk whose power can be cut, and what has to hold after a cut. */
import { applyChange } from "../../src/core/change.ts";
import type { Draft } from "../../src/core/entry.ts";
import { silentLog } from "../../src/core/log.ts";
import { emptyState } from "../../src/core/model.ts";
import type { Folder } from "../../src/store/files/folder.ts";
import { Store, type StoreOptions } from "../../src/store/store.ts";
import { printState, randomDraft } from "./crash-changes.ts";
import { below, CrashDisk, type Random, seededRandom } from "./crash-disk.ts";
import { fixedPace } from "./fixed-pace.ts";

/* Nothing of the history may be lost to a clock that is wrong. */
const YEARS_AHEAD = new Date("2096-01-01T00:00:00.000Z");

/** Opens a store on a disk, compacting often, by a clock that is years ahead. */
export function openOn(folder: Folder, more: Partial<StoreOptions> = {}): Promise<Store> {
  return Store.open({
    path: "/disk",
    openFolder: () => folder,
    journalBytes: 1_500,
    now: () => YEARS_AHEAD,
    log: silentLog,
    onDurable: () => undefined,
    ...more,
  });
}

/** All that was ever asked of a store: the drafts in order, the state after each, and how many are durable. */
export class Ledger {
  readonly drafts: Draft[] = [];
  readonly states: string[] = [printState(emptyState())];
  acknowledged = 0;
  readonly #state = emptyState();

  /** Makes a random transaction upon all that there were. */
  draft(random: Random): Draft {
    const draft = randomDraft(random, this.drafts.length, this.#state);
    for (const change of draft.changes) applyChange(this.#state, change);
    this.drafts.push(draft);
    this.states.push(printState(this.#state));
    return draft;
  }
}

/** A disk after a cut, with what had been promised by then. */
export interface Image {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly acknowledged: number;
}

/** Runs `steps` random transactions on an empty disk, some at once, and cuts the power `cuts` times on the way. */
export async function runWithCuts(
  random: Random,
  { steps, cutEvery, secures }: { steps: number; cutEvery: number; secures: boolean },
): Promise<{ ledger: Ledger; images: Image[] }> {
  const ledger = new Ledger();
  const images: Image[] = [];
  const disk: CrashDisk = new CrashDisk({
    secures,
    onAccess() {
      if (below(random, cutEvery) === 0) {
        images.push({ files: disk.cut(random), acknowledged: ledger.acknowledged });
      }
    },
  });
  const store = await openOn(disk, { pace: randomPace(random) });
  while (ledger.drafts.length < steps) {
    const together = Math.min(1 + below(random, 5), steps - ledger.drafts.length);
    await appendSome(store, ledger, random, together);
  }
  await store.close();
  return { ledger, images };
}

async function appendSome(store: Store, ledger: Ledger, random: Random, count: number): Promise<void> {
  const drafts = Array.from({ length: count }, () => ledger.draft(random));
  await Promise.all(drafts.map((draft) => append(store, ledger, draft)));
}

async function append(store: Store, ledger: Ledger, draft: Draft): Promise<void> {
  const { seq } = await store.append(draft);
  ledger.acknowledged = Math.max(ledger.acknowledged, seq);
}

function randomPace(random: Random): NonNullable<StoreOptions["pace"]> {
  return fixedPace(() => random() < 0.5);
}

/** Opens an image and cuts the power again `cuts` times while the store recovers and closes. */
export async function recoverWithCuts(image: Image, random: Random, cutEvery: number): Promise<Image[]> {
  const images: Image[] = [];
  const disk: CrashDisk = new CrashDisk(
    {
      onAccess() {
        if (below(random, cutEvery) === 0) images.push({ ...image, files: disk.cut(random) });
      },
    },
    image.files,
  );
  const store = await openOn(disk);
  await store.close();
  return images;
}

/**
 * Kills the process of a store at some moment, which loses nothing that was written, secured or not; opens the store on
 * the same disk and cuts the power while it recovers and closes.
 */
export async function runKilled(
  random: Random,
  cutEvery: number,
): Promise<{ ledger: Ledger; images: Image[] }> {
  const ledger = new Ledger();
  const images: Image[] = [];
  let isDead = false;
  let accessesLeft = Number.POSITIVE_INFINITY;
  const disk: CrashDisk = new CrashDisk({
    onAccess() {
      if (isDead && below(random, cutEvery) === 0) {
        images.push({ files: disk.cut(random), acknowledged: ledger.acknowledged });
      }
      if (!isDead && accessesLeft-- <= 0) throw new Error("the process is gone");
    },
  });
  const store = await openOn(disk, { pace: randomPace(random) });
  accessesLeft = below(random, 80);
  const isGone = () => accessesLeft <= 0;
  while (!isGone()) await appendSome(store, ledger, random, 3).catch(() => undefined);
  await store.close();
  isDead = true;
  await (await openOn(disk)).close();
  return { ledger, images };
}

/** How many cuts were made, and what they cost. */
export interface Tally {
  cuts: number;
  losses: Record<Loss, number>;
  /** The first seed that lost something, to run it again. */
  seed: number | undefined;
}

/** Cuts the power at least so many times, in runs of different seeds and while stores recover from earlier cuts. */
export async function cutPower(cuts: number, secures: boolean): Promise<Tally> {
  const tally: Tally = { cuts: 0, losses: { unreadable: 0, lost: 0, history: 0 }, seed: undefined };
  for (let seed = 1; tally.cuts < cuts; seed++) {
    const random = seededRandom(seed);
    const { ledger, images } = await runWithCuts(random, { steps: 12, cutEvery: 4, secures });
    if (secures) {
      const killed = await runKilled(random, 2);
      for (const image of killed.images) await count(tally, seed, image, killed.ledger);
    }
    const [first] = images;
    if (first !== undefined && secures) images.push(...(await recoverWithCuts(first, random, 4)));
    for (const image of images) await count(tally, seed, image, ledger);
  }
  return tally;
}

async function count(tally: Tally, seed: number, image: Image, ledger: Ledger): Promise<void> {
  const loss = await examine(image, ledger);
  tally.cuts += 1;
  if (loss === undefined) return;
  tally.losses[loss] += 1;
  tally.seed ??= seed;
}

/** What is wrong with a store after a cut: it cannot be read, it lost something, or its history is not exact. */
export type Loss = "unreadable" | "lost" | "history";

/** Opens an image and holds it against the ledger; undefined where all is well. */
export async function examine({ files, acknowledged }: Image, ledger: Ledger): Promise<Loss | undefined> {
  const disk = new CrashDisk({}, files);
  try {
    const state = await reopen(disk);
    if (state !== (await reopen(disk))) return "lost";
    const kept = [...ledger.states.keys()].filter((seq) => ledger.states[seq] === state);
    if (!kept.some((seq) => seq >= acknowledged)) return "lost";
    return kept.some((seq) => seq >= acknowledged && isHistoryExact(disk, ledger, seq))
      ? undefined
      : "history";
  } catch {
    return "unreadable";
  }
}

async function reopen(disk: CrashDisk): Promise<string> {
  const store = await openOn(disk);
  const state = printState(store.state);
  await store.close();
  return state;
}

function isHistoryExact(disk: CrashDisk, ledger: Ledger, kept: number): boolean {
  const lines = disk.contentOf("history.jsonl")?.toString().split("\n").slice(0, -1) ?? [];
  const seqs = lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
  const noted = ledger.drafts.flatMap(({ changes }, index) =>
    changes.every(({ kind }) => kind === "base") ? [] : [index + 1],
  );
  const expected = noted.filter((seq) => seq <= kept);
  return seqs.join() === expected.join();
}
