/**
 * Sets the stage of a conversation: accounts, rooms, the bot, people at their clients and in their rooms, hats.
 *
 * Every play has accounts and rooms of its own, so that any number of them share a server. The rooms are made by the
 * bot's account before the bot starts, so that nobody owns a room but who is said to.
 */
import { xml, type Element } from "../../src/stanza/xml.ts";
import type { TestClient } from "../../src/testing/index.ts";
import { MAIN_ROOM, type Conversation, type Person } from "./conversation.ts";
import { HatsSeen, type Sight } from "./conversation-sight.ts";
import type { PlayedBot, World } from "./conversation-world.ts";

/** The nick of the bot in every room. */
export const BOT_NICK = "hats";

/** Somebody on stage. */
export interface Actor {
  readonly name: string;
  readonly client: TestClient;
  /** The nicks of this person by name of the room they are used in. */
  readonly nicks: Map<string, string>;
  readonly hats: HatsSeen;
  /** Stanzas before this one in `client.received` are no part of the conversation. */
  firstStanza: number;
  /** Stanzas that a step has taken. */
  readonly taken: Set<Element>;
}

/** Everything that is on stage. */
export interface Stage {
  readonly conversation: Conversation;
  readonly world: World;
  readonly actors: ReadonlyMap<string, Actor>;
  readonly bot: PlayedBot | undefined;
  /** What the placeholders stand for, but for what is captured. */
  readonly bindings: ReadonlyMap<string, string>;
  roomJid(name: string): string;
  /** Everybody leaves; rejects when something went wrong inside the bot. */
  clear(): Promise<void>;
}

/** Sets the stage; `serial` tells this play from all others on the same server. */
export async function setStage(conversation: Conversation, world: World, serial: string): Promise<Stage> {
  const plan = new Plan(conversation, world, serial);
  await Promise.all(plan.users.map((user) => world.register(user)));
  await makeRooms(plan, world);
  const bot = conversation.hasBot
    ? await world.startBot({
        user: plan.botUser,
        nick: BOT_NICK,
        rooms: plan.keptRooms,
        admins: plan.admins,
      })
    : undefined;
  const actors = new Map<string, Actor>();
  const stage: Stage = {
    conversation,
    world,
    actors,
    bot,
    bindings: plan.bindings(bot?.address),
    roomJid: (name) => plan.roomJid(name),
    async clear() {
      await Promise.all([...actors.values()].map(({ client }) => client.close()));
      await bot?.stop();
    },
  };
  try {
    for (const [name, person] of conversation.people)
      actors.set(name, await enter(stage, plan, name, person));
    if (bot !== undefined) await dress(stage, plan);
    for (const actor of actors.values()) await beginNow(stage, actor);
  } catch (error) {
    await stage.clear();
    throw error;
  }
  return stage;
}

/** Resolves when everything that was on its way to this person, from the bot or a room, has arrived. */
export async function roundTrip(stage: Stage, { client, nicks }: Actor): Promise<void> {
  const ping = (to: string): Promise<Element> =>
    client.request(xml("iq", { type: "get", to }, xml("ping", { xmlns: "urn:xmpp:ping" })));
  if (stage.bot !== undefined) await ping(stage.bot.address);
  for (const [room, nick] of nicks) await ping(`${stage.roomJid(room)}/${nick}`);
}

/** What arrived in the conversation, apart from answers to requests, and that no step took. */
export function untaken({ client, firstStanza, taken }: Actor): Element[] {
  return client.received
    .slice(firstStanza)
    .filter((stanza) => !taken.has(stanza) && !isAnswer(stanza) && !isConfigurationNotice(stanza));
}

/** Where somebody's hats are seen. */
export function sightOf(stage: Stage, whom: string, room: string): Sight {
  const nick = stage.actors.get(whom)?.nicks.get(room) ?? "";
  return { roomJid: stage.roomJid(room), nick, botNick: BOT_NICK };
}

/** Names and addresses of one play. */
class Plan {
  readonly botUser: string;
  /** A config admin who gives the hats that people have from the start. */
  readonly keeper: string;
  readonly conversation: Conversation;
  readonly #world: World;
  readonly #serial: string;

  constructor(conversation: Conversation, world: World, serial: string) {
    this.conversation = conversation;
    this.#world = world;
    this.#serial = serial;
    this.botUser = `hats-${serial}`;
    this.keeper = `keeper-${serial}`;
  }

  get users(): string[] {
    const people = [...this.conversation.people.values()].map((person) => this.userOf(person));
    return [...new Set([this.botUser, this.keeper, ...people])];
  }

  get keptRooms(): string[] {
    const kept = [...this.conversation.rooms].filter(([, { isKept }]) => isKept);
    return kept.map(([name]) => this.roomJid(name));
  }

  get admins(): string[] {
    const people = [...this.conversation.people.values()].filter(({ isConfigAdmin }) => isConfigAdmin);
    return [this.keeper, ...people.map((person) => this.userOf(person))].map((user) => this.bareJid(user));
  }

  userOf({ account }: Person): string {
    return `${account}-${this.#serial}`;
  }

  bareJid(user: string): string {
    return `${user}@${this.#world.domain}`;
  }

  roomJid(name: string): string {
    return `${name}-${this.#serial}@${this.#world.mucService}`;
  }

  bindings(botAddress = this.bareJid(this.botUser)): Map<string, string> {
    const { people, rooms, hats } = this.conversation;
    return new Map([
      ["domain", this.#world.domain],
      ["service", this.#world.mucService],
      ["bot", botAddress],
      ["bot.bare", this.bareJid(this.botUser)],
      ["room", this.roomJid(MAIN_ROOM)],
      ...[...rooms.keys()].map((name) => [`room.${name}`, this.roomJid(name)] as const),
      ...[...hats].map(([title, uri]) => [`hat:${title}`, uri] as const),
      ...[...people].flatMap(([name, person]) => {
        const jid = this.bareJid(this.userOf(person));
        return [[name, jid] as const, [`${name}.full`, `${jid}/${name}`] as const];
      }),
    ]);
  }
}

async function makeRooms(plan: Plan, world: World): Promise<void> {
  const { conversation } = plan;
  const maker = await world.connect(plan.botUser, "maker");
  for (const [name, part] of conversation.rooms) {
    const room = plan.roomJid(name);
    await maker.createRoom(room, BOT_NICK, {
      "muc#roomconfig_whois": part.isNonAnonymous ? "anyone" : "moderators",
      "muc#roomconfig_membersonly": part.isMembersOnly,
    });
    for (const person of conversation.people.values()) {
      const affiliation = person.places.get(name)?.affiliation ?? "none";
      if (affiliation !== "none")
        await maker.setAffiliation(room, plan.bareJid(plan.userOf(person)), affiliation);
    }
    const own = conversation.hasBot ? part.botAffiliation : "none";
    if (own !== "owner") await maker.setAffiliation(room, maker.bareJid, own);
    await maker.leave(room, BOT_NICK);
  }
  await maker.close();
}

async function enter(stage: Stage, plan: Plan, name: string, person: Person): Promise<Actor> {
  const client = await stage.world.connect(plan.userOf(person), name);
  const nicks = new Map<string, string>();
  for (const [room, { nick }] of person.places) {
    if (nick === undefined) continue;
    await client.join(stage.roomJid(room), nick);
    nicks.set(room, nick);
  }
  const taken = new Set<Element>();
  const hats = new HatsSeen(stage.world.dialect, client, (presence) => taken.add(presence));
  return { name, client, nicks, hats, firstStanza: 0, taken };
}

/** Gives people the hats they have from the start, and waits until all who are present see them. */
async function dress(stage: Stage, plan: Plan): Promise<void> {
  const { people, hats } = stage.conversation;
  const wearers = [...people].flatMap(([name, person]) =>
    [...person.places].map(([room, place]) => ({ name, person, room, ...place })),
  );
  const dressed = wearers.filter(({ wears }) => wears.length > 0);
  if (dressed.length === 0) return;
  const keeper = await stage.world.connect(plan.keeper, "keeper");
  for (const { person, room, wears } of dressed)
    for (const title of wears) {
      const values = { room: stage.roomJid(room), user: plan.bareJid(plan.userOf(person)), title };
      await keeper.demand(buildGift(stage, { ...values, hat: hats.get(title) ?? "" }));
    }
  await keeper.close();
  for (const { name, room, nick, wears } of dressed) {
    if (nick === undefined) continue;
    for (const observer of stage.actors.values())
      if (observer.nicks.has(room)) await observer.hats.waitFor(sightOf(stage, name, room), wears);
  }
}

function buildGift({ bot }: Stage, values: Readonly<Record<string, string>>): Element {
  const fields = Object.entries(values).map(([name, value]) =>
    xml("field", { var: name }, xml("value", {}, value)),
  );
  const form = xml("x", { xmlns: "jabber:x:data", type: "submit" }, ...fields);
  const attributes = { xmlns: "http://jabber.org/protocol/commands", node: "add-user-hat" };
  return xml("iq", { type: "set", to: bot?.address }, xml("command", attributes, form));
}

/** Whatever came to this person until now is no part of the conversation. */
async function beginNow(stage: Stage, actor: Actor): Promise<void> {
  await roundTrip(stage, actor);
  actor.client.forget();
  actor.firstStanza = actor.client.received.length;
}

function isAnswer({ name, attrs }: Element): boolean {
  return name === "iq" && (attrs["type"] === "result" || attrs["type"] === "error");
}

/* A room with hats tells everybody when one was made (XEP-0317, section 3.2); other rooms do not. */
function isConfigurationNotice(stanza: Element): boolean {
  const about = stanza.getChild("x", "http://jabber.org/protocol/muc#user");
  const codes = about?.getChildren("status").map(({ attrs }) => String(attrs["code"])) ?? [];
  return stanza.name === "message" && codes.includes("104");
}
