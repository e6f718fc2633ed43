/**
 * What must hold once nothing happens any more: the room shows what the desk says.
 */
import { parseCommandResponse } from "../../../src/stanza/command.ts";
import { parseHats, parseOwnHats } from "../../../src/stanza/hats.ts";
import { NS_MILLINER } from "../../../src/stanza/namespaces.ts";
import type { Element } from "../../../src/stanza/xml.ts";
import { rowsOf } from "../desk-client.ts";
import { commandOf } from "../hat-room.ts";
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
    const [desired, observed, shown] = [
      await desiredHats(world),
      await observedHats(world),
      shownHats(world),
    ];
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

/** The active hats of every wearer, as `jid hat`, sorted; undefined while the desk cannot say. */
async function desiredHats(world: ChaosWorld): Promise<string[] | undefined> {
  const answer = await world.askDesk("list-room-hats", {});
  if (answer.attrs["type"] !== "result") return undefined;
  const response = parseCommandResponse(commandOf(answer));
  if (response === undefined) throw new Error(`no answer of the desk: ${String(answer)}`);
  return rowsOf(response)
    .filter(({ active }) => active === "1")
    .map(({ user, hat }) => `${user} ${hat}`)
    .toSorted();
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
    const uris = world.showing.ns === NS_MILLINER ? ownHats(world, nick) : roomHats(world, nick);
    return uris.map((uri) => `${world.jid(name)} ${uri}`);
  });
  return received.length === 0 ? [] : shown.toSorted();
}

function roomHats(world: ChaosWorld, nick: string | undefined): string[] {
  const presence = lastPresence(world, `${world.room}/${nick}`);
  const ns = world.showing.ns as Parameters<typeof parseHats>[1];
  return presence === undefined ? [] : parseHats(presence, ns).map(({ uri }) => uri);
}

function ownHats(world: ChaosWorld, nick: string | undefined): string[] {
  const presence = lastPresence(world, `${world.room}/hats`);
  const own = presence && parseOwnHats(presence);
  return own?.wearers.find((wearer) => wearer.nick === nick)?.hats.map(({ uri }) => uri) ?? [];
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
