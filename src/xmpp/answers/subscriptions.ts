/**
 * Who may see the bot's presence: RFC 6121, sections 2 and 3, as the contact who is asked.
 *
 * Config admins, and people whom a kept room has on its lists, so that their clients show the bot. It never asks back,
 * and takes the leave away again when its ground is gone; a room that cannot say is no proof that it is. Whoever has the
 * leave already is judged by what is known: to ask all rooms about all of them, whenever one has told who is on its lists,
 * would keep the bot and its server busy for good. Addresses in rooms are nobody's own and get nothing.
 */
import { HatsError } from "../../core/errors.ts";
import type { BareJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import type { Clock } from "../../core/clock.ts";
import { isAffiliated } from "../../core/model.ts";
import { parseJid } from "../../stanza/jid.ts";
import { NS_ROSTER } from "../../stanza/namespaces.ts";
import { attribute, type Element, xml } from "../../stanza/xml.ts";
import { findSource, type RoomAddresses } from "./requester.ts";
import { type Requests, RequestTimeout } from "../requests.ts";
import type { Rooms } from "../muc/rooms.ts";
import type { Route } from "./iq-responder.ts";
import { sendInSession } from "../stream/send-in-session.ts";
import { type Stream, StreamDownError } from "../stream/stream.ts";

/** Everything it decides from. */
export interface SubscriptionSources {
  readonly stream: Stream;
  readonly requests: Pick<Requests, "request">;
  readonly rooms: RoomAddresses & Pick<Rooms, "askerAffiliation" | "lastKnownAffiliation" | "on" | "rooms">;
  readonly admins: ReadonlySet<BareJid>;
  readonly log: Log;
  readonly clock: Clock;
}

/* Rooms read their lists together, when the bot comes online: one look at everybody will do for all of them. */
const REVIEW_MS = 10_000;

/** Keeps subscriptions to the bot's presence as they should be. */
export class Subscriptions {
  readonly #sources: SubscriptionSources;
  /* Who sees the bot's presence, as the server's roster has it. */
  readonly #followers = new Set<BareJid>();
  /* What was pushed while the roster is read: it may stand behind the roster, and is heard before that is taken. */
  #pushed: Element[] | undefined;
  #callOff: (() => void) | undefined;

  constructor(sources: SubscriptionSources) {
    this.#sources = sources;
    const { stream, rooms } = sources;
    stream.on("online", () => this.#readRoster());
    stream.on("stanza", (stanza) => this.#receive(stanza));
    rooms.on("affiliation", ({ user, affiliation }) => {
      if (!isAffiliated(affiliation)) this.#review([user]);
    });
    rooms.on("listed", () => this.#reviewAllSoon());
  }

  /** The route of roster pushes (RFC 6121, section 2.1.6), which count only from the bot's own account. */
  get route(): Route {
    return { type: "set", name: "query", ns: NS_ROSTER, answer: (iq, query) => this.#push(iq, query) };
  }

  /** Looks at nobody any more. */
  close(): void {
    this.#callOff?.();
    this.#callOff = () => undefined;
  }

  async #readRoster(): Promise<void> {
    const own = parseJid(this.#sources.stream.address ?? "")?.bare;
    const pushed: Element[] = [];
    this.#pushed = pushed;
    const forget = (): void => {
      if (this.#pushed === pushed) this.#pushed = undefined;
    };
    const result = own === undefined ? undefined : await this.#askForRoster(own).finally(forget);
    if (result === undefined) return;
    this.#followers.clear();
    for (const query of [result.getChild("query", NS_ROSTER), ...pushed]) this.#takeItems(query);
    this.#review(this.#followers);
  }

  /* That no answer came is no failure, as where the bot was just stopped: the next session reads the roster anew. */
  async #askForRoster(own: string): Promise<Element | undefined> {
    try {
      return await this.#sources.requests.request(own, "get", xml("query", { xmlns: NS_ROSTER }));
    } catch (error) {
      if (error instanceof StreamDownError || error instanceof RequestTimeout) return undefined;
      throw error;
    }
  }

  #push(iq: Element, query: Element): undefined {
    const from = attribute(iq, "from");
    const own = parseJid(this.#sources.stream.address ?? "")?.bare;
    if (from !== undefined && parseJid(from)?.full !== own) throw new HatsError("forbidden");
    this.#pushed?.push(query);
    /* The leave was decided some time before: its ground may be gone. */
    this.#review(this.#takeItems(query));
  }

  /* Gives back whose items these are. */
  #takeItems(query: Element | undefined): BareJid[] {
    const users: BareJid[] = [];
    for (const item of query?.getChildren("item") ?? []) {
      const user = parseJid(attribute(item, "jid") ?? "")?.bare as BareJid | undefined;
      if (user === undefined) continue;
      users.push(user);
      const subscription = attribute(item, "subscription");
      if (subscription === "from" || subscription === "both") this.#followers.add(user);
      else this.#followers.delete(user);
    }
    return users;
  }

  #receive(stanza: Element): Promise<void> | undefined {
    if (stanza.name !== "presence" || attribute(stanza, "type") !== "subscribe") return undefined;
    const from = attribute(stanza, "from");
    if (from === undefined) return undefined;
    const requester = findSource(this.#sources.rooms, stanza)?.requester;
    return requester?.kind === "account" ? this.#decide(requester.jid) : this.#answer(from, "unsubscribed");
  }

  /* Where a room cannot say now, the question stays open: the server asks again when the bot next comes online. */
  async #decide(user: BareJid): Promise<void> {
    const may = await this.#mayFollow(user);
    if (may !== undefined) await this.#answer(user, may ? "subscribed" : "unsubscribed");
  }

  #reviewAllSoon(): void {
    this.#callOff ??= this.#sources.clock.after(REVIEW_MS, () => {
      this.#callOff = undefined;
      this.#review(this.#followers);
    });
  }

  #review(users: Iterable<BareJid>): void {
    for (const user of users) {
      if (!this.#followers.has(user) || !this.#hasNoGround(user)) continue;
      this.#withdraw(user).catch((error: unknown) => {
        this.#sources.log.warn({ err: error }, "a subscription could not be withdrawn");
      });
    }
  }

  async #withdraw(user: BareJid): Promise<void> {
    await this.#answer(user, "unsubscribed");
    this.#followers.delete(user);
  }

  /* Surely so: every room knows, and none of them knows of any. */
  #hasNoGround(user: BareJid): boolean {
    const { rooms, admins } = this.#sources;
    if (admins.has(user)) return false;
    return rooms.rooms().every((room) => {
      const affiliation = rooms.lastKnownAffiliation(room, user);
      return affiliation !== undefined && !isAffiliated(affiliation);
    });
  }

  /* Undefined where no room knows them, but some room could not be asked. */
  async #mayFollow(user: BareJid): Promise<boolean | undefined> {
    const { rooms, admins } = this.#sources;
    if (admins.has(user)) return true;
    const answers = await Promise.allSettled(rooms.rooms().map((room) => rooms.askerAffiliation(room, user)));
    if (answers.some((answer) => answer.status === "fulfilled" && isAffiliated(answer.value))) return true;
    return answers.every((answer) => answer.status === "fulfilled") ? false : undefined;
  }

  #answer(to: string, type: "subscribed" | "unsubscribed"): Promise<void> {
    return sendInSession(this.#sources.stream, xml("presence", { to, type }));
  }
}
