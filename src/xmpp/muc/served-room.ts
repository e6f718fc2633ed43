/**
 * A room as room presence sees it: there while the bot is in and the room is served, and gone otherwise.
 *
 * A room that the bot is in but does not serve may be another one, which must not see what the bot's presence tells.
 */
import type { RoomJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import type { Affiliation } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import type { RoomLink, RoomLinkEvents, RoomLinkListener } from "../../presence/room-link.ts";
import type { Element } from "../../stanza/xml.ts";
import { Listeners } from "../listeners.ts";
import type { Requests } from "../requests.ts";
import { type Stream, StreamDownError } from "../stream/stream.ts";
import type { RoomVisit } from "./room-visit.ts";

export interface ServedRoomOptions {
  readonly room: RoomJid;
  readonly requests: Requests;
  readonly stream: Pick<Stream, "online">;
  readonly log: Log;
}

export class ServedRoom implements RoomLink {
  readonly room: RoomJid;
  readonly #requests: Requests;
  readonly #stream: Pick<Stream, "online">;
  readonly #listeners: Listeners<RoomLinkEvents>;
  /* How to give up what was asked of the room and not answered yet. */
  readonly #unanswered = new Set<(reason: Error) => void>();
  #visit: RoomVisit | undefined;
  #isSameRoom = false;
  #payload: Element | undefined;
  /* Whether the room may have another payload than this. */
  #isStale = false;

  constructor({ room, requests, stream, log }: ServedRoomOptions) {
    this.room = room;
    this.#requests = requests;
    this.#stream = stream;
    this.#listeners = new Listeners((event, error) =>
      log.error({ err: error, event }, "a listener of a room failed"),
    );
  }

  get isJoined(): boolean {
    return this.#visit !== undefined;
  }

  get isSameRoom(): boolean {
    return this.#isSameRoom;
  }

  get isInterrupted(): boolean {
    return !this.#stream.online;
  }

  get ownNick(): string {
    return this.#visit?.ownNick ?? "";
  }

  get ownAffiliation(): Affiliation {
    return this.#visit?.ownAffiliation ?? "none";
  }

  get isNonAnonymous(): boolean {
    return this.#visit?.traits.isNonAnonymous ?? false;
  }

  /** The language that the room says is spoken there; empty where it does not say. */
  get lang(): string {
    return this.#visit?.traits.lang ?? "";
  }

  /** What the bot's presence carries here besides what it carries everywhere. */
  get payload(): readonly Element[] {
    return this.#visit === undefined || this.#payload === undefined ? [] : [this.#payload];
  }

  /** The room is served from now on; `isSameRoom` where it surely is the one that was served before. */
  open(visit: RoomVisit, isSameRoom: boolean): void {
    this.#visit = visit;
    this.#isSameRoom = isSameRoom;
    const payload = this.#payload;
    this.tell("joined");
    if (payload !== undefined && payload === this.#payload) this.#update(visit).catch(() => undefined);
  }

  /** The session goes on after an interruption: whoever asked for a payload that could not be sent may be gone. */
  resumed(): void {
    if (this.#visit === undefined) return;
    if (this.#isStale) this.#update(this.#visit).catch(() => undefined);
    this.tell("resumed");
  }

  /** Another room has this address: what the bot's presence carried is not for its eyes. */
  forgetPayload(): void {
    this.#payload = undefined;
  }

  /** It is served no more; what was asked and not answered is given up. */
  close(): void {
    for (const reject of this.#unanswered) reject(new StreamDownError("the bot left the room"));
    this.#unanswered.clear();
    if (this.#visit === undefined) return;
    this.#visit = undefined;
    this.tell("left");
  }

  /** Tells whoever listens, while the room is served or as it ceases to be. */
  tell<Name extends keyof RoomLinkEvents>(name: Name, ...values: RoomLinkEvents[Name]): void {
    this.#listeners.tell(name, ...values);
  }

  occupants(): readonly Occupant[] {
    return Array.from(this.#visit?.occupants.all() ?? []);
  }

  /** Who has this nick now. */
  occupant(nick: string): Occupant | undefined {
    return this.#visit?.occupants.get(nick);
  }

  on<Name extends keyof RoomLinkEvents>(name: Name, listener: RoomLinkListener<Name>): void {
    this.#listeners.add(name, listener);
  }

  off<Name extends keyof RoomLinkEvents>(name: Name, listener: RoomLinkListener<Name>): void {
    this.#listeners.remove(name, listener);
  }

  request(type: "get" | "set", payload: Element): Promise<Element> {
    if (!this.isJoined) return Promise.reject(new StreamDownError("the bot is not in the room"));
    return new Promise((resolve, reject) => {
      this.#unanswered.add(reject);
      void this.#requests
        .request(this.room, type, payload)
        .then(resolve, reject)
        .finally(() => this.#unanswered.delete(reject));
    });
  }

  async setOwnPayload(payload: Element | undefined): Promise<void> {
    this.#payload = payload;
    if (this.#visit === undefined) throw new StreamDownError("the bot is not in the room");
    await this.#update(this.#visit);
  }

  async #update(visit: RoomVisit): Promise<void> {
    this.#isStale = true;
    await visit.update();
    this.#isStale = false;
  }
}
