/**
 * What must hold once nothing happens any more: the room shows what the desk says.
 */
import { parseHats, parseOwnHats, type ShownHat } from "../../../src/stanza/hats.ts";
import { NS_MILLINER } from "../../../src/stanza/namespaces.ts";
import type { Element } from "../../../src/stanza/xml.ts";
import { nativeHats } from "./native-hats.ts";
import { type ChaosWorld, WEARERS } from "./world.ts";

/* The bot's longest wait, hurried, and a slow machine. */
const REST_TIMEOUT_MS = 120_000;
/* Time enough for the bot to see that something is strange, and to mend it. */
const LOOKS_BEFORE_COMING_ANEW = 6;

/** Lets everybody come in with their rights, and resolves when the room shows what the desk says of each. */
export async function comeToRest(world: ChaosWorld): Promise<void> {
  if (isEjabberd(world) && world.showing.dialect !== "own-presence") {
    world.switches += 1;
    await world.client("olga").configureRoom(world.room, { enable_hats: true });
  }
  await world.setAffiliation("hats", "owner");
  for (const name of WEARERS) {
    await world.setAffiliation(name, "member");
    if (world.person(name).nick === undefined) await world.enter(name, name);
  }
  const deadline = performance.now() + REST_TIMEOUT_MS;
  for (let looks = 1; ; looks++) {
    const seen = world.client("zed").received.length;
    const answer = await desiredHats(world);
    const desired = answer?.lines;
    const [observed, shown] = [await observedHats(world), shownHats(world)].map((lines) =>
      withoutTitlesOf(answer?.untitled, lines),
    ) as [string[], string[]];
    if (isSame(desired, observed) && isSame(desired, shown)) return;
    if (performance.now() > deadline) {
      const [list, shows] = [differences(desired, observed), differences(desired, shown)];
      throw new Error(`the room's own list beside the desk's: ${list}; what is shown beside it: ${shows}`);
    }
    await nextAfter(world, seen);
    if (looks % LOOKS_BEFORE_COMING_ANEW === 0 && world.showing.kind === "ejabberd-23")
      await vouchForRoom(world);
    if (looks % LOOKS_BEFORE_COMING_ANEW === 0 && isEjabberd(world)) await comeAnew(world, "zed");
  }
}

/*
 * COMPAT: ejabberd 23.01 and 26.07 show no hats in the presence that tells of another nick, nor of who came while hats
 * were switched off. The bot reminds the room of those it saw; those that happened while the bot was out are shown to
 * whoever comes in anew.
 */
async function comeAnew(world: ChaosWorld, name: string): Promise<void> {
  await world.leave(name);
  await world.enter(name, name);
}

/*
 * COMPAT: ejabberd 23.01 has no occupant-ids, so a bot whose rights ended while it was away cannot know that it is still the
 * same room, and waits for an admin's word. The desk refuses where there is nothing to be said.
 */
async function vouchForRoom(world: ChaosWorld): Promise<void> {
  await world.askDesk("manage-room", { archive: "restore" });
}

function isEjabberd({ showing }: ChaosWorld): boolean {
  return showing.kind.startsWith("ejabberd");
}

/* Something new that the watcher is shown, or at the latest a second later: the desk may have changed instead. */
async function nextAfter(world: ChaosWorld, seen: number): Promise<void> {
  const zed = world.client("zed");
  if (zed.received.length > seen) return;
  zed.forget();
  await zed.next(() => true, { timeout: 1_000 }).catch(() => undefined);
}

interface Desired {
  /** The active hats of every wearer, as `jid hat title`, sorted. */
  readonly lines: string[];
  /** The hats that have whatever title the room has for them. */
  readonly untitled: ReadonlySet<string>;
}

/* Undefined while the desk cannot say. */
async function desiredHats(world: ChaosWorld): Promise<Desired | undefined> {
  const [worn, catalogue] = [await world.deskRows("list-room-hats"), await world.deskRows("list-hats")];
  if (worn === undefined || catalogue === undefined) return undefined;
  const isOneTitle = world.showing.dialect === "xep-0317";
  const titles = new Map(isOneTitle ? catalogue.map(({ hat, title }) => [hat, title]) : []);
  const untitled = new Set([...titles].flatMap(([hat, title]) => (hat && hat === title ? [hat] : [])));
  const lines = worn
    .filter(({ active }) => active === "1")
    .map(({ user, hat, title }) => [user, hat, titles.get(hat) ?? title].join(" "));
  return { lines: withoutTitlesOf(untitled, lines).toSorted(), untitled };
}

function withoutTitlesOf(untitled: ReadonlySet<string> = new Set(), lines: readonly string[]): string[] {
  return lines.map((line) => {
    const [user, hat = ""] = line.split(" ");
    return untitled.has(hat) ? `${user} ${hat}` : line;
  });
}

/* The room's own list; where it has none, what everybody is shown is all there is. */
async function observedHats(world: ChaosWorld): Promise<string[]> {
  const native = nativeHats(world.showing.dialect, world.client("olga"), world.room);
  return native === undefined ? shownHats(world) : native.assigned();
}

/* What the watcher was last shown of each wearer. */
function shownHats(world: ChaosWorld): string[] {
  const { received } = world.client("zed");
  const nicks = WEARERS.map((name) => [name, world.person(name).nick] as const);
  const shown = nicks.flatMap(([name, nick]) => {
    const hats = world.showing.ns === NS_MILLINER ? ownHats(world, nick) : roomHats(world, nick);
    return hats.map(({ uri, title }) => `${world.jid(name)} ${uri} ${title}`);
  });
  return received.length === 0 ? [] : shown.toSorted();
}

function roomHats(world: ChaosWorld, nick: string | undefined): readonly ShownHat[] {
  const presence = lastPresence(world, `${world.room}/${nick}`);
  const ns = world.showing.ns as Parameters<typeof parseHats>[1];
  return presence === undefined ? [] : parseHats(presence, ns);
}

function ownHats(world: ChaosWorld, nick: string | undefined): readonly ShownHat[] {
  const presence = lastPresence(world, `${world.room}/hats`);
  const own = presence && parseOwnHats(presence);
  return own?.wearers.find((wearer) => wearer.nick === nick)?.hats ?? [];
}

function lastPresence(world: ChaosWorld, from: string): Element | undefined {
  return world
    .client("zed")
    .received.findLast((stanza) => stanza.name === "presence" && stanza.attrs["from"] === from);
}

/* In one line each: what is missing, and what is too much. */
function differences(
  desired: readonly string[] = ["no answer of the desk"],
  seen: readonly string[],
): string {
  const missing = desired.filter((line) => !seen.includes(line)).map((line) => `missing: ${line}`);
  const tooMuch = seen.filter((line) => !desired.includes(line)).map((line) => `too much: ${line}`);
  return [...missing, ...tooMuch].join("; ");
}

function isSame(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a !== undefined && b !== undefined && a.join("\n") === b.join("\n");
}
