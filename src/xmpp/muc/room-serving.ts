/**
 * Whether a room that the bot is in is served, and who hears what happens there while it is.
 *
 * The room that the desk knows is served. Another one of the same name is served bare, once what the desk has of the one
 * before is archived. One that may be another is suspended: the bot is in it, but neither commands nor room presence see
 * it, until a config admin says which it is. Leaves out entering, leaving and coming back (room.ts).
 */
import type { BackoffBounds } from "../../core/backoff.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import { type Element, toText, xml } from "../../stanza/xml.ts";
import { askRoom } from "./ask-room.ts";
import type { OccupantChange } from "./occupants.ts";
import { showsEverybody } from "./presence-broadcast.ts";
import type { RoomIdentity } from "./room-identity.ts";
import { isReplacement, type Replacement, type RoomMark, type SuspensionCode } from "./room-memory.ts";
import { RoomPeople } from "./room-people.ts";
import { Retry } from "../retry.ts";
import type { RoomState } from "./room-states.ts";
import type { RoomSurroundings } from "./room-surroundings.ts";
import type { RoomVisit, VisitHearer } from "./room-visit.ts";
import { ServedRoom } from "./served-room.ts";

/** Lists may be long; servers send them in one piece. */
const LIST_TIMEOUT_MS = 60_000;
/** A store that cannot be written mostly waits for somebody to make room on the disk. */
const ARCHIVING_AGAIN: BackoffBounds = { firstMs: 1_000, maxMs: 60_000 };
/** A room that is busy when the bot enters, as after an outage of its server. */
const READING_AGAIN: BackoffBounds = { firstMs: 5_000, maxMs: 5 * 60_000 };

/* More than anybody wears. */
const MOST_CHARACTERS = 32_768;

/** Who is told whether the room is served. */
export interface ServingHost {
  state(): RoomState;
  /** It is served, and its lists have been asked for. */
  read(): void;
  /** It may not be served. */
  doubted(code: SuspensionCode): void;
  /** It may be served after all. */
  settled(): void;
}

export interface RoomServingOptions {
  readonly room: RoomJid;
  readonly around: RoomSurroundings;
  readonly identity: RoomIdentity;
  /** The wait for the next attempt, to enter or to archive: there is one thing to wait for at a time. */
  readonly retry: Retry;
  readonly host: ServingHost;
}

export class RoomServing implements VisitHearer {
  /** What room presence sees of the room. */
  readonly link: ServedRoom;
  readonly people: RoomPeople;
  readonly #options: RoomServingOptions;
  readonly #readingAgain: Retry;
  /* What room presence has not been told: the room shows who is there before the bot is in. */
  readonly #arrived = new Map<string, readonly [Occupant, Element]>();
  #visit: RoomVisit | undefined;
  /* Counts the questions, since only the answer to the last one holds. */
  #whoIsShown = 0;

  constructor(options: RoomServingOptions) {
    const { room, around } = options;
    const { clock, log, observer, random, requests, stream } = around;
    this.#options = options;
    this.#readingAgain = new Retry(clock, random);
    this.link = new ServedRoom({ room, requests, stream, log });
    this.people = new RoomPeople({
      room,
      clock,
      observer,
      ask: (payload) => requests.request(room, "get", payload, { timeoutMs: LIST_TIMEOUT_MS }),
    });
  }

  /** The bot is in: whether it serves the room depends on which room it is. */
  meet(visit: RoomVisit): void {
    const { identity } = this.#options;
    this.#visit = visit;
    const recognition = identity.recognise(markOf(visit));
    if (recognition === "forgotten") {
      identity.doubt();
      this.#suspend("forgotten");
    } else if (isReplacement(recognition)) void this.#replace(visit, recognition);
    else this.#serve(visit, recognition === "same");
  }

  /**
   * Takes a config admin's word on a room that may be another one: it is the one that the desk knows, or not, and then
   * what the desk has is archived.
   *
   * @throws HatsError store-unwritable, outcome-unknown
   */
  async settleDoubt(isSameRoom: boolean): Promise<void> {
    const { host, identity } = this.#options;
    if (!identity.isDoubted) return;
    if (!isSameRoom) this.link.forgetPayload();
    await identity.settle(isSameRoom);
    if (host.state() === "suspended") this.#meetAgain();
  }

  /** The bot is out: nothing of the visit holds any more. */
  part(): void {
    const gone = this.link.occupants();
    this.#visit = undefined;
    this.#arrived.clear();
    this.#readingAgain.cancel();
    this.people.part();
    for (const { nick } of gone) this.#endOccupancy(nick);
    this.link.close();
  }

  present(occupant: Occupant, change: OccupantChange, presence: Element): void {
    if (!this.link.isJoined) {
      this.#arrived.set(occupant.nick, [occupant, hatsOf(presence)]);
      return;
    }
    if (change === "replaced") this.#endOccupancy(occupant.nick);
    this.link.tell("occupant", occupant, presence);
  }

  departed({ nick }: Occupant): void {
    this.#arrived.delete(nick);
    if (!this.link.isJoined) return;
    this.#endOccupancy(nick);
    this.link.tell("occupant-left", nick);
  }

  told(user: BareJid, affiliation: Affiliation, isChange: boolean): void {
    if (this.link.isJoined) this.people.tell(user, affiliation, isChange);
  }

  ownAffiliation(affiliation: Affiliation): void {
    if (!this.link.isJoined || this.#visit === undefined) return;
    this.#options.identity.keep(markOf(this.#visit));
    void this.#askWhoIsShown(this.#visit);
    this.link.tell("own-affiliation", affiliation);
    void this.#read(this.#visit, () => this.people.readAnew());
  }

  configured(): void {
    if (!this.link.isJoined || this.#visit === undefined) return;
    void this.#askWhoIsShown(this.#visit);
    this.link.tell("configuration");
  }

  /* Only owners are told: until then, and where the bot is none, the room may keep changes to itself. */
  async #askWhoIsShown(visit: RoomVisit): Promise<void> {
    this.people.rely(false);
    this.#whoIsShown += 1;
    const question = this.#whoIsShown;
    if (visit.ownAffiliation !== "owner") return;
    const { around, room } = this.#options;
    const isWhole = await showsEverybody(askRoom(around.requests, room)).catch(() => false);
    if (this.#visit === visit && this.#whoIsShown === question) this.people.rely(isWhole);
  }

  async #replace(visit: RoomVisit, why: Replacement): Promise<void> {
    this.link.forgetPayload();
    const isReplaced = await this.#options.identity.replace(why, markOf(visit));
    if (this.#visit !== visit) return;
    if (isReplaced) this.#serve(visit, false);
    else {
      this.#suspend("unarchived");
      this.#options.retry.plan(ARCHIVING_AGAIN, () => this.#meetAgain());
    }
  }

  #meetAgain(): void {
    if (this.#visit !== undefined) this.meet(this.#visit);
  }

  /* The lists are read before the room counts as ready; whether they could be read is another matter. */
  #serve(visit: RoomVisit, isSameRoom: boolean): void {
    const { host, identity, retry } = this.#options;
    retry.cancel();
    identity.keep(markOf(visit));
    if (host.state() === "suspended") host.settled();
    this.people.meet(visit.occupants, visit.ownUser, isSameRoom);
    this.link.open(visit, isSameRoom);
    for (const [occupant, presence] of this.#arrived.values()) this.link.tell("occupant", occupant, presence);
    this.#arrived.clear();
    void this.#askWhoIsShown(visit);
    void this.#read(visit, () => this.people.read());
  }

  /* Only complete lists prove who is no longer affiliated: a room that did not answer is asked until it does. */
  async #read(visit: RoomVisit, read: () => Promise<boolean>): Promise<void> {
    const { host } = this.#options;
    const isAnswered = await read();
    if (this.#visit !== visit) return;
    if (isAnswered) this.#readingAgain.reset();
    else this.#readingAgain.plan(READING_AGAIN, () => void this.#read(visit, () => this.people.read()));
    if (host.state() === "joining") host.read();
  }

  #suspend(code: SuspensionCode): void {
    if (this.#options.host.state() !== "suspended") this.#options.host.doubted(code);
  }

  /* Whoever has this nick from now on is not provably who had it. */
  #endOccupancy(nick: string): void {
    const { around, room } = this.#options;
    around.observer.occupancyEnded(room, nick);
  }
}

/* All that room presence reads of it; a presence may hold as much as a stanza does, and each of a room's is kept. */
function hatsOf(presence: Element): Element {
  const hats = xml("presence", {}, presence.getChildren("hats"));
  return toText(hats).length > MOST_CHARACTERS ? xml("presence") : hats;
}

/* What a visit tells of the room. */
function markOf({ ownId, ownAffiliation }: RoomVisit): RoomMark {
  return { ownId, ownAffiliation };
}
