/** What may happen to a room, its people, the server and the bot; each by chance, and each survivable. */
import { NS_HATS, NS_HATS_LEGACY, NS_MILLINER } from "../../../src/stanza/namespaces.ts";
import { xml } from "../../../src/stanza/xml.ts";
import type { Chance } from "./chance.ts";
import { nativeHats } from "./native-hats.ts";
import { ChaosWorld, HATS, WEARERS } from "./world.ts";

/** Something that may happen, and how often beside the others. */
export interface ChaosEvent {
  readonly name: string;
  readonly weight: number;
  /** Whether it can happen on this server at all. */
  readonly fits?: (world: ChaosWorld) => boolean;
  readonly happen: (world: ChaosWorld, chance: Chance) => Promise<void>;
}

const TITLES = ["Head", "Friend"];
const BOT_AFFILIATIONS = ["owner", "admin", "member", "none"] as const;

/** Everything that may happen. */
export const CHAOS_EVENTS: readonly ChaosEvent[] = [
  { name: "a hat is given", weight: 30, happen: give },
  { name: "a hat is taken", weight: 15, happen: take },
  { name: "all of somebody's hats are set", weight: 10, happen: set },
  { name: "a hat is called or coloured otherwise", weight: 6, happen: define },
  { name: "a hat is retired", weight: 2, happen: retire },
  { name: "a hat is given for a time", weight: 5, happen: giveForATime },
  { name: "a change is undone", weight: 6, happen: undo },
  { name: "somebody enters", weight: 12, happen: enter },
  { name: "somebody leaves", weight: 6, happen: leave },
  { name: "somebody takes another nick", weight: 6, happen: rename },
  { name: "somebody is banned", weight: 2, happen: (world, chance) => affiliate(world, chance, "outcast") },
  {
    name: "somebody's affiliation ends",
    weight: 2,
    happen: (world, chance) => affiliate(world, chance, "none"),
  },
  {
    name: "somebody becomes a member",
    weight: 6,
    happen: (world, chance) => affiliate(world, chance, "member"),
  },
  { name: "a hat is given past the desk", weight: 5, fits: hasRoomHats, happen: giveNatively },
  { name: "a hat is taken past the desk", weight: 5, fits: hasRoomHats, happen: takeNatively },
  { name: "a hat is called otherwise past the desk", weight: 2, fits: hasCatalogue, happen: defineNatively },
  { name: "a hat is destroyed past the desk", weight: 1, fits: hasCatalogue, happen: destroyNatively },
  { name: "somebody claims hats in their presence", weight: 5, happen: forge },
  { name: "the bot's affiliation is another one", weight: 0.6, happen: affiliateBot },
  { name: "the bot is kicked", weight: 0.2, happen: kickBot },
  { name: "the wire breaks", weight: 0.6, happen: async (world) => world.cutBotOff() },
  { name: "the bot is killed", weight: 0.3, happen: restartBot },
  { name: "the server is restarted", weight: 0.1, happen: (world) => world.restartServer() },
  { name: "the desk leaves the room and keeps it again", weight: 0.4, happen: leaveAndKeep },
  {
    name: "the room is destroyed and made anew",
    weight: 0.2,
    fits: knowsRooms,
    happen: (world) => world.remakeRoom(),
  },
  { name: "the room's hats are switched off and on", weight: 0.3, fits: hasSwitch, happen: switchHats },
];

/** The events that can happen on this world's server. */
export function fittingEvents(world: ChaosWorld): readonly ChaosEvent[] {
  return CHAOS_EVENTS.filter(({ fits }) => fits?.(world) ?? true);
}

async function give(world: ChaosWorld, chance: Chance): Promise<void> {
  const fields = { user: world.jid(chance.pick(WEARERS)), hat: chance.pick(HATS) };
  await world.tellDesk("add-user-hat", { ...fields, active: chance.next() < 0.8 ? "1" : "0" });
}

async function take(world: ChaosWorld, chance: Chance): Promise<void> {
  await world.tellDesk("remove-user-hat", { user: world.jid(chance.pick(WEARERS)), hat: chance.pick(HATS) });
}

async function set(world: ChaosWorld, chance: Chance): Promise<void> {
  const hats = HATS.filter(() => chance.next() < 0.5);
  await world.tellDesk("set-user-hats", {
    user: world.jid(chance.pick(WEARERS)),
    hats: hats.length === 0 ? [""] : hats,
  });
}

async function enter(world: ChaosWorld, chance: Chance): Promise<void> {
  const name = chance.pick([...WEARERS, "mallory"]);
  if (world.person(name).nick === undefined) await world.enter(name, name);
}

async function leave(world: ChaosWorld, chance: Chance): Promise<void> {
  await world.leave(chance.pick([...WEARERS, "mallory"]));
}

async function rename(world: ChaosWorld, chance: Chance): Promise<void> {
  const name = chance.pick(WEARERS);
  const { nick } = world.person(name);
  if (nick !== undefined) await world.enter(name, nick === name ? `${name}-two` : name);
}

async function affiliate(
  world: ChaosWorld,
  chance: Chance,
  affiliation: "member" | "none" | "outcast",
): Promise<void> {
  await world.setAffiliation(chance.pick(WEARERS), affiliation);
}

function hasRoomHats({ showing }: ChaosWorld): boolean {
  return showing.dialect !== "own-presence";
}

async function giveNatively(world: ChaosWorld, chance: Chance): Promise<void> {
  await past(world, chance, (native, jid, hat) => native.give(jid, hat, `Title of ${hat}`));
}

async function takeNatively(world: ChaosWorld, chance: Chance): Promise<void> {
  await past(world, chance, (native, jid, hat) => native.take(jid, hat));
}

/* A room whose hats are switched off refuses. */
async function past(
  world: ChaosWorld,
  chance: Chance,
  act: (native: NonNullable<ReturnType<typeof nativeHats>>, jid: string, hat: string) => Promise<unknown>,
): Promise<void> {
  const native = nativeHats(world.showing.dialect, world.client("olga"), world.room);
  const [user, hat] = [world.jid(chance.pick(WEARERS)), chance.pick(HATS)];
  if (native === undefined) return;
  world.native.push({ user, hat, at: new Date() });
  await act(native, user, hat).catch(() => undefined);
}

async function forge(world: ChaosWorld, chance: Chance): Promise<void> {
  const { client, nick } = world.person(chance.pick([...WEARERS, "mallory"]));
  if (nick === undefined) return;
  const [uri, victim] = [chance.pick(HATS), chance.pick(WEARERS)];
  const hat = (xmlns?: string) => xml("hat", { xmlns, uri, title: "Forged" });
  const claims = [
    xml("hats", { xmlns: NS_HATS }, hat()),
    xml("hats", { xmlns: NS_HATS_LEGACY }, hat()),
    xml("hats", { xmlns: NS_MILLINER }, xml("wearer", { nick: victim }, hat(NS_HATS))),
  ];
  await client.send(xml("presence", { to: `${world.room}/${nick}` }, claims));
}

async function affiliateBot(world: ChaosWorld, chance: Chance): Promise<void> {
  await world.setAffiliation("hats", chance.pick(BOT_AFFILIATIONS));
}

async function kickBot(world: ChaosWorld): Promise<void> {
  const item = xml("item", { nick: "hats", role: "none" });
  const query = xml("query", { xmlns: "http://jabber.org/protocol/muc#admin" }, item);
  await world.client("olga").request(xml("iq", { type: "set", to: world.room }, query));
}

async function restartBot(world: ChaosWorld): Promise<void> {
  await world.killBot();
  await world.startBot();
}

function hasSwitch({ showing }: ChaosWorld): boolean {
  return showing.kind.startsWith("ejabberd") && hasRoomHats({ showing } as ChaosWorld);
}

async function switchHats(world: ChaosWorld, chance: Chance): Promise<void> {
  world.switches += 1;
  await world.client("olga").configureRoom(world.room, { enable_hats: chance.next() < 0.4 });
}

async function define(world: ChaosWorld, chance: Chance): Promise<void> {
  const [hat, hue] = [chance.pick(HATS), chance.pick(["0", "120", "240"])];
  await world.tellDesk("define-hat", { hat, hue, title: `${chance.pick(TITLES)} of ${hat}` });
}

async function retire(world: ChaosWorld, chance: Chance): Promise<void> {
  await world.tellDesk("retire-hat", { hat: chance.pick(HATS) });
}

/* One of the last changes; the desk refuses where something newer stands on it. */
async function undo(world: ChaosWorld, chance: Chance): Promise<void> {
  const rows = (await world.deskRows("hat-history"))?.slice(0, 12) ?? [];
  if (rows.length > 0) await world.tellDesk("undo", { id: chance.pick(rows)["id"] ?? "" });
}

async function giveForATime(world: ChaosWorld, chance: Chance): Promise<void> {
  const fields = { user: world.jid(chance.pick(WEARERS)), hat: chance.pick(HATS) };
  await world.tellDesk("add-user-hat", { ...fields, expires: chance.pick(["PT1S", "PT2S", "PT4S"]) });
}

function hasCatalogue({ showing }: ChaosWorld): boolean {
  return showing.dialect === "xep-0317";
}

async function defineNatively(world: ChaosWorld, chance: Chance): Promise<void> {
  const native = nativeHats(world.showing.dialect, world.client("olga"), world.room);
  const hat = chance.pick(HATS);
  await native?.define?.(hat, `${chance.pick(TITLES)} of ${hat}`).catch(() => undefined);
}

async function destroyNatively(world: ChaosWorld, chance: Chance): Promise<void> {
  const native = nativeHats(world.showing.dialect, world.client("olga"), world.room);
  const hat = chance.pick(HATS);
  for (const name of WEARERS) world.native.push({ user: world.jid(name), hat, at: new Date() });
  await native?.destroy?.(hat).catch(() => undefined);
}

/* What happens in the room meanwhile the desk hears of when it is back. */
async function leaveAndKeep(world: ChaosWorld, chance: Chance): Promise<void> {
  await world.askDesk("leave-room", {});
  if (hasRoomHats(world)) await giveNatively(world, chance);
  await world.keepRoom();
}

/* COMPAT: ejabberd 23.01 has no occupant-ids: a room that was made anew is taken for the one before. */
function knowsRooms({ showing }: ChaosWorld): boolean {
  return showing.kind !== "ejabberd-23";
}
