/** A stream in memory with one scripted room behind it, and the bot's rooms over it. */
import type { ErrorType } from "../../src/core/errors.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { silentLog } from "../../src/core/log.ts";
import type { Affiliation } from "../../src/core/model.ts";
import {
  NS_DATA_FORM,
  NS_DISCO_INFO,
  NS_MUC,
  NS_MUC_ADMIN,
  NS_MUC_OWNER,
  NS_MUC_USER,
} from "../../src/stanza/namespaces.ts";
import { buildProtocolError } from "../../src/stanza/stanza-error.ts";
import { type Element, elements, xml } from "../../src/stanza/xml.ts";
import { Requests } from "../../src/xmpp/requests.ts";
import type { RoomMemory } from "../../src/xmpp/muc/room-memory.ts";
import { Rooms, type RoomsOptions } from "../../src/xmpp/muc/rooms.ts";
import { type Stream, StreamDownError, type StreamEvents } from "../../src/xmpp/stream/stream.ts";
import { Listeners } from "../../src/xmpp/listeners.ts";
import { ManualClock } from "./manual-clock.ts";
import { volatileMemory } from "./volatile-memory.ts";

export const TEAM = "team@rooms.example.org" as RoomJid;
export const BOT = "hats@example.org/milliner";

/** Makes a bare JID of a name. */
export function person(name: string): BareJid {
  return `${name}@example.org` as BareJid;
}

/** Somebody in the scripted room. */
export interface Actor {
  readonly nick: string;
  readonly jid?: string;
  readonly affiliation: Affiliation;
  readonly role?: string;
  readonly id?: string;
}

/** The presence that a room sends about an occupant. */
export function presenceOf(actor: Actor, statuses: readonly number[] = [], ...children: Element[]): Element {
  const { nick, jid, affiliation, role = "participant", id } = actor;
  return xml(
    "presence",
    { from: `${TEAM}/${nick}`, to: BOT },
    id !== undefined && xml("occupant-id", { xmlns: "urn:xmpp:occupant-id:0", id }),
    xml(
      "x",
      { xmlns: NS_MUC_USER },
      xml("item", { jid, affiliation, role }),
      statuses.map((code) => xml("status", { code })),
      children,
    ),
  );
}

/** The presence that a room sends when an occupant goes. */
export function departureOf(
  actor: Actor,
  statuses: readonly number[] = [],
  detail: { readonly newNick?: string; readonly child?: Element } = {},
): Element {
  const { nick, jid, affiliation, role = "none" } = actor;
  const item = xml("item", { jid, affiliation, role, nick: detail.newNick });
  const codes = statuses.map((code) => xml("status", { code }));
  const x = xml("x", { xmlns: NS_MUC_USER }, item, codes, detail.child);
  return xml("presence", { from: `${TEAM}/${nick}`, to: BOT, type: "unavailable" }, x);
}

/** The message by which a room tells of somebody who is not present, or of its configuration. */
export function noticeOf(
  items: Readonly<Record<string, Affiliation>>,
  statuses: readonly number[] = [],
): Element {
  const people = Object.entries(items).map(([jid, affiliation]) => xml("item", { jid, affiliation }));
  const codes = statuses.map((code) => xml("status", { code }));
  return xml("message", { from: TEAM, to: BOT }, xml("x", { xmlns: NS_MUC_USER }, people, codes));
}

/** What the scripted room is; a test changes it as it goes. */
export interface RoomScript {
  /** The condition of the error that disco#info gets instead of an answer. */
  missing?: string | undefined;
  features: string[];
  /** The condition of the error that entering gets, by nick. */
  refuses: Record<string, string>;
  others: Actor[];
  own: { affiliation: Affiliation; id?: string | undefined; statuses: number[] };
  /** Addresses by list; a list that is not there is forbidden. */
  lists: Partial<Record<string, string[]>>;
  /** Who is there, as its lists by role say; where that is not there, the bot may not ask for them. */
  here?: readonly Actor[];
  /** Lists that are answered with a result that holds no list. */
  hollow?: Set<string>;
  /** The error that every list gets instead of an answer: its type and condition. */
  listError?: readonly [type: ErrorType, condition: string] | undefined;
  /** The roles whose presence is shown, as owners are told; a room that has none has no such option. */
  shownRoles?: string[];
  /** Called with the name of a list before that list is answered. */
  onList?: (name: string) => void;
  /** Kinds of question that get no answer at all. */
  silent: Set<"disco" | "lists" | "join" | "ping">;
  /** The condition of the error that a ping through the own nick gets. */
  pingError?: string | undefined;
}

/** A room with an owner who is not there, in which the bot is an owner too. */
export function openRoom(): RoomScript {
  return {
    features: [NS_MUC, "muc_semianonymous", "urn:xmpp:occupant-id:0"],
    refuses: {},
    others: [],
    own: { affiliation: "owner", id: "own-1", statuses: [] },
    lists: { owner: [person("olga"), person("hats")], admin: [], member: [], outcast: [] },
    silent: new Set(),
  };
}

/** A stream that a test holds both ends of. */
export class MemoryStream implements Stream {
  readonly sent: Element[] = [];
  readonly #listeners = new Listeners<StreamEvents>((_event, error) => {
    throw error;
  });
  readonly #answer: (stanza: Element, stream: MemoryStream) => void;
  online = false;
  address: string | undefined;
  on = this.#listeners.add.bind(this.#listeners);
  off = this.#listeners.remove.bind(this.#listeners);

  constructor(answer: (stanza: Element, stream: MemoryStream) => void) {
    this.#answer = answer;
  }

  async send(stanza: Element): Promise<void> {
    if (!this.online) throw new StreamDownError();
    this.sent.push(stanza);
    queueMicrotask(() => this.#answer(stanza, this));
  }

  /** Lets a stanza come in. */
  deliver(stanza: Element): void {
    this.#listeners.tell("stanza", stanza);
  }

  goOnline(): void {
    this.online = true;
    this.address = BOT;
    this.#listeners.tell("online", BOT);
  }

  resume(): void {
    this.online = true;
    this.#listeners.tell("resumed");
  }

  goOffline(mayResume: boolean): void {
    this.online = false;
    this.#listeners.tell("offline", "test", mayResume);
  }
}

/** Everything a test of rooms needs. */
export interface Stage {
  readonly stream: MemoryStream;
  readonly clock: ManualClock;
  readonly room: RoomScript;
  readonly rooms: Rooms;
  /** What went out, one line a stanza, since it was asked last. */
  readonly outgoing: () => string[];
}

interface StageOptions {
  readonly room?: RoomScript;
  readonly memory?: RoomMemory;
  readonly archive?: RoomsOptions["archive"];
  readonly nick?: string;
}

/** Puts the bot before a scripted room; it is online and has done all it can do without further ado. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const room = options.room ?? openRoom();
  const clock = new ManualClock();
  const stream = new MemoryStream((stanza, on) => answer(room, stanza, on));
  const requests = new Requests(stream, { timeoutMs: 30_000, clock });
  const { archive = async () => undefined, memory = volatileMemory(), nick = "hats" } = options;
  const rooms = new Rooms({
    stream,
    requests,
    log: silentLog,
    clock,
    random: () => 0,
    rooms: [{ jid: TEAM, nick }],
    extras: () => [],
    memory,
    archive,
  });
  let taken = 0;
  stream.goOnline();
  await calm();
  return {
    stream,
    clock,
    room,
    rooms,
    outgoing() {
      const lines = stream.sent.slice(taken).map(String);
      taken = stream.sent.length;
      return lines;
    },
  };
}

/** Lets everything happen that needs no time to pass. */
export async function calm(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

/** Lets time pass in steps, so that what each step sets off can happen before the next. */
export async function passTime(clock: ManualClock, ms: number, stepMs = 2500): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await calm();
  }
}

function answer(room: RoomScript, stanza: Element, stream: MemoryStream): void {
  if (!String(stanza.attrs["to"]).startsWith(TEAM)) return;
  if (stanza.name === "iq") answerQuestion(room, stanza, stream);
  else if (stanza.name === "presence") answerPresence(room, stanza, stream);
}

function answerQuestion(room: RoomScript, iq: Element, stream: MemoryStream): void {
  const { id, to } = iq.attrs as { id: string; to: string };
  const [payload] = elements(iq);
  const result = (...children: Element[]): void =>
    stream.deliver(xml("iq", { type: "result", id, from: to }, children));
  const error = (condition: string, type: ErrorType = "cancel"): void =>
    stream.deliver(xml("iq", { type: "error", id, from: to }, buildProtocolError(type, condition)));
  const xmlns = payload?.getNS();
  if (xmlns === NS_DISCO_INFO) {
    if (room.silent.has("disco")) return;
    if (room.missing !== undefined) error(room.missing);
    else result(discoInfo(room.features));
  } else if (xmlns === NS_MUC_ADMIN) {
    if (room.silent.has("lists")) return;
    const role = payload?.getChild("item")?.attrs["role"];
    if (role !== undefined && room.here !== undefined) {
      result(roleResult(String(role), room.here));
      return;
    }
    const name = String(payload?.getChild("item")?.attrs["affiliation"]);
    room.onList?.(name);
    const list = room.lists[name];
    if (room.listError !== undefined) error(room.listError[1], room.listError[0]);
    else if (room.hollow?.has(name) === true) result();
    else if (list === undefined) error("forbidden");
    else result(listResult(name, list));
  } else if (xmlns === NS_MUC_OWNER) result(configuration(room));
  else if (to === `${TEAM}/hats` && !room.silent.has("ping")) {
    if (room.pingError === undefined) result();
    else error(room.pingError);
  }
}

function configuration({ shownRoles }: RoomScript): Element {
  const values = shownRoles?.map((role) => xml("value", {}, role));
  const field = values && xml("field", { var: "muc#roomconfig_presencebroadcast" }, values);
  return xml("query", { xmlns: NS_MUC_OWNER }, xml("x", { xmlns: NS_DATA_FORM, type: "form" }, field));
}

/* One by one: a call with a hundred thousand arguments is too much for the stack. */
function listResult(affiliation: string, list: readonly string[]): Element {
  const query = xml("query", { xmlns: NS_MUC_ADMIN });
  for (const jid of list) query.append(xml("item", { jid, affiliation }));
  return query;
}

function roleResult(wanted: string, here: readonly Actor[]): Element {
  const holders = here.filter(({ role = "participant" }) => role === wanted);
  const items = holders.map(({ nick, jid, affiliation }) =>
    xml("item", { nick, jid, affiliation, role: wanted }),
  );
  return xml("query", { xmlns: NS_MUC_ADMIN }, items);
}

function discoInfo(features: readonly string[]): Element {
  const known = features.map((feature) => xml("feature", { var: feature }));
  return xml(
    "query",
    { xmlns: NS_DISCO_INFO },
    xml("identity", { category: "conference", type: "text" }),
    known,
  );
}

function answerPresence(room: RoomScript, presence: Element, stream: MemoryStream): void {
  const to = String(presence.attrs["to"]);
  const nick = to.slice(to.indexOf("/") + 1);
  if (presence.getChild("x", NS_MUC) === undefined || room.silent.has("join")) return;
  const condition = room.refuses[nick];
  if (condition !== undefined) {
    stream.deliver(xml("presence", { type: "error", from: to }, buildProtocolError("cancel", condition)));
    return;
  }
  for (const other of room.others) stream.deliver(presenceOf(other));
  stream.deliver(ownPresence(room, nick));
}

/** The presence by which the room tells the bot about itself. */
export function ownPresence({ own }: RoomScript, nick = "hats"): Element {
  const { affiliation, id, statuses } = own;
  const actor = { nick, jid: BOT, affiliation, role: "moderator", ...(id === undefined ? {} : { id }) };
  return presenceOf(actor, [...statuses, 110]);
}
